//! What `revert` does, or would do.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::filter::FilterReport;
use crate::record::{Kind, Origin, Policy};

/// What `revert` does, or would do.
#[derive(Clone, Debug, Serialize)]
pub struct RevertReport {
    /// `hitl.revert/1`.
    pub schema: &'static str,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The revert's record; its id is not yet what a later run will have.
    pub record: Option<String>,
    /// The commit that holds it.
    pub commit: Option<String>,
    /// The branch it is on.
    pub branch: Option<String>,
    /// Where somebody's own commit, made at the same moment, took the files along: that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept_by: Option<crate::store::CommitInfo>,
    /// The fingerprint of the key that signed what was written; none where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// Why.
    pub message: String,
    /// What it takes back.
    pub filter: FilterReport,
    /// The revert it takes back, for a revert of a revert.
    pub undoes: Option<String>,
    /// Other reverts that still hold some of what it would bring back.
    pub still_held_by: Vec<String>,
    /// What the counts are of.
    pub counted_by: CountedBy,
    /// The records it covers rows of.
    pub records: Vec<CoveredRecord>,
    /// Items of the item list that the ledger has nothing of.
    pub unknown_items: usize,
    /// Judgements whose state it changes from live to reverted.
    pub taken_back: usize,
    /// Of them, those taken only because they were built on others.
    pub cascaded: usize,
    /// Judgements it brings back.
    pub brought_back: usize,
    /// Matching judgements that were taken back before.
    pub already_reverted: usize,
    /// What it does to each task.
    pub tasks: Vec<TaskEffect>,
    /// Live judgements built on the ones taken back, which stay.
    pub built_on: BTreeMap<Origin, usize>,
    /// The first of them.
    pub built_on_shown: Vec<BuiltOn>,
}

/// What the counts of a revert are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CountedBy {
    /// Of judgements, every row looked at.
    Rows,
    /// Of rows, as the manifests list them. What it does to labels and agreement was not worked out.
    Manifests,
}

impl RevertReport {
    /// Returns the report of a revert of which nothing is known but its filter.
    pub(super) fn new(filter: FilterReport) -> Self {
        Self {
            schema: "hitl.revert/1",
            dry_run: true,
            record: None,
            commit: None,
            branch: None,
            swept_by: None,
            signed_by: None,
            message: String::new(),
            filter,
            undoes: None,
            still_held_by: Vec::new(),
            counted_by: CountedBy::Rows,
            records: Vec::new(),
            unknown_items: 0,
            taken_back: 0,
            cascaded: 0,
            brought_back: 0,
            already_reverted: 0,
            tasks: Vec::new(),
            built_on: BTreeMap::new(),
            built_on_shown: Vec::new(),
        }
    }
}

/// A record and how much of it is covered.
#[derive(Clone, Debug, Serialize)]
pub struct CoveredRecord {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// Its task.
    pub task: Option<String>,
    /// Its message.
    pub message: String,
    /// Its rows.
    pub rows: u64,
    /// Of them, covered by this revert and not before.
    pub covered: usize,
}

/// What a revert does to one task.
#[derive(Clone, Debug, Serialize)]
pub struct TaskEffect {
    /// The task.
    pub task: String,
    /// Items a judgement of which is taken back or brought back.
    pub items: usize,
    /// The policy, where it is a joint one: what it finds depends on all items, which a revert does not look at. Then only
    /// adjudicated items and those left without any label are counted below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joint: Option<Policy>,
    /// Items that come to another label.
    pub changed: usize,
    /// Items that come to no label any more.
    pub lost: usize,
    /// Of them, items left without any human label.
    pub unlabelled: usize,
    /// Items that come to a label now and did not before.
    pub gained: usize,
    /// The first items whose resolved label changes.
    pub shown: Vec<ItemEffect>,
    /// Agreement before.
    pub before: Agreement,
    /// Agreement after.
    pub after: Agreement,
}

/// One item's resolved label, before and after.
#[derive(Clone, Debug, Serialize)]
pub struct ItemEffect {
    /// The item.
    pub item: String,
    /// Its label before; none when unresolved.
    pub before: Option<String>,
    /// Its label after; none when unresolved.
    pub after: Option<String>,
}

/// A task's agreement in brief.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Agreement {
    /// Human labels it is measured on.
    pub labels: usize,
    /// Labelers.
    pub labelers: usize,
    /// Krippendorff's α, nominal; none where it is undefined.
    pub krippendorff_alpha: Option<f64>,
    /// Percent agreement, as a share; none where it is undefined.
    pub percent_agreement: Option<f64>,
}

/// A live judgement built on one that is taken back.
#[derive(Clone, Debug, Serialize)]
pub struct BuiltOn {
    /// Its task.
    pub task: String,
    /// Its item.
    pub item: String,
    /// Who made it.
    pub labeler: String,
    /// Confirmed, changed, switched …
    pub origin: Origin,
    /// Whose judgement it was built on.
    pub shown_by: String,
}
