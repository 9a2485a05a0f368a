//! Options that several commands share.

use std::path::PathBuf;

use clap::Args;

use hitl::base::Timestamp;
use hitl::dataset::At;
use hitl::record::{Filter, GuidelineRef, Kind, Origin};

use super::context::Context;
use super::error::Failure;

/// The one filter set.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Which rows (repeat for or; different ones are and)")]
pub struct FilterArgs {
    /// Only this task
    #[arg(long, value_name = "TASK")]
    pub task: Vec<String>,
    /// Only this labeler
    #[arg(long, value_name = "ID")]
    pub labeler: Vec<String>,
    /// Only rows made under this guideline: NAME for all versions, or NAME@VERSION
    #[arg(long, value_name = "NAME[@V]")]
    pub guideline: Vec<String>,
    /// Only this origin: fresh, confirmed, changed, switched, adjudicated, unknown
    #[arg(long, value_name = "ORIGIN")]
    pub origin: Vec<Origin>,
    /// Only rows of this record: an id prefix, a ledger path or a Git revision
    #[arg(long, value_name = "RECORD")]
    pub batch: Vec<String>,
    /// Only this kind: labels, corrections, adjudications, predictions
    #[arg(long, value_name = "KIND")]
    pub kind: Vec<Kind>,
    /// Only judgements made at or after this moment, UTC
    #[arg(long, value_name = "TIME")]
    pub since: Option<Timestamp>,
    /// Only judgements made before this moment, UTC
    #[arg(long, value_name = "TIME")]
    pub until: Option<Timestamp>,
    /// Only the items listed in FILE, one id a line (- for standard input)
    #[arg(long, value_name = "FILE")]
    pub items_from: Option<PathBuf>,
}

impl FilterArgs {
    /// Returns the filter, records aside, which need a ledger to be looked up in.
    pub fn filter(&self, context: &Context) -> Result<Filter, Failure> {
        let items = match &self.items_from {
            Some(path) => {
                let text = context.read_text(path)?;
                let ids = text.lines().map(str::trim).filter(|line| !line.is_empty());
                Some(ids.map(|id| hitl::base::text::nfc(id).into_owned()).collect())
            }
            None => None,
        };
        if self.since.zip(self.until).is_some_and(|(since, until)| since >= until) {
            return Err(Failure::request("--since is not before --until, so nothing lies between them"));
        }
        Ok(Filter {
            records: Vec::new(),
            labelers: self.labeler.clone(),
            guidelines: self.guideline.iter().cloned().map(GuidelineRef).collect(),
            kinds: self.kind.clone(),
            tasks: self.task.clone(),
            origins: self.origin.clone(),
            items,
            since: self.since,
            until: self.until,
        })
    }

    /// Whether it lets every row through.
    pub fn is_empty(&self) -> bool {
        let lists = [&self.task, &self.labeler, &self.guideline, &self.batch];
        lists.iter().all(|list| list.is_empty())
            && self.origin.is_empty()
            && self.kind.is_empty()
            && self.since.is_none()
            && self.until.is_none()
            && self.items_from.is_none()
    }

    /// Returns the filter with `--batch` looked up in the ledger at `at`.
    pub fn filter_at(&self, context: &Context, at: &At) -> Result<Filter, Failure> {
        let mut filter = self.filter(context)?;
        if !self.task.is_empty() {
            hitl::ops::check_tasks(&context.dataset()?, at, &self.task)?;
        }
        if !self.batch.is_empty() {
            let dataset = context.dataset()?;
            let view = dataset.view(at)?;
            for given in &self.batch {
                filter.records.extend(hitl::ops::resolve_record(&dataset, &view, given)?);
            }
        }
        Ok(filter)
    }
}

/// Which state of the ledger.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Which state")]
pub struct AtArgs {
    /// The ledger as this Git revision has it [default: HEAD]
    #[arg(long, value_name = "REV")]
    pub at: Option<String>,
    /// The ledger with the records recorded up to this moment, UTC
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
}

impl AtArgs {
    /// Returns the state meant.
    pub fn at(&self) -> At {
        At { rev: self.at.clone(), as_of: self.as_of }
    }
}
