//! `patterns`: what people change again and again.

mod apply;

use std::collections::BTreeSet;

use super::Error;
use super::record_ref::{answered_tasks, which_task};
use crate::config::Config;
use crate::dataset::{At, Dataset, Parts};
use crate::ledger::Ledger;
use crate::patterns::{self, Fired, Options, PatternsReport, Piece, Reviewed, RuleReport, Status, Wanted};
use crate::record::{Filter, Kind, RecordId, TaskType};
use crate::snapshot::Rule;

pub use apply::{Applied, AppliedReport, New, apply};

/// What is asked of patterns.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which state.
    pub at: At,
    /// Which judgements count; its tasks are those that are mined.
    pub filter: Filter,
    /// What a rule must be.
    pub options: Options,
    /// The Git revision to compare with.
    pub base: Option<String>,
}

/// Mines each wanted task: those of the filter, or all that have reviews.
///
/// # Errors
/// The ledger could not be read, a task is unknown, or there is nothing to mine.
pub fn patterns(dataset: &Dataset, asked: &Asked) -> Result<Vec<PatternsReport>, Error> {
    let now = State::of(dataset, &asked.at)?;
    let then = match &asked.base {
        Some(base) => Some(State::of(dataset, &At { rev: Some(base.clone()), as_of: None })?),
        None => None,
    };
    let answered = answered_tasks(now.records());
    let known: Vec<&str> = answered.iter().map(String::as_str).collect();
    let wanted: Vec<&str> = match asked.filter.tasks.as_slice() {
        [] => known.clone(),
        tasks => tasks.iter().map(|name| which_task(&known, Some(name))).collect::<Result<_, _>>()?,
    };
    let config = dataset.config_or_usual()?;
    let mut reports = Vec::new();
    for task in wanted {
        let asking = Asking { task, config: &config, asked };
        let since = then.as_ref().map(State::ids);
        let reviewed = asking.reviewed(&now, since.as_ref())?;
        if reviewed.is_empty() {
            continue;
        }
        let mut report = patterns::patterns(task, &reviewed, &asked.options);
        if let (Some(base), Some(then)) = (&asked.base, &then) {
            let before = patterns::patterns(task, &asking.reviewed(then, None)?, &asked.options);
            report.since = Some(patterns::since(base, &before, &report, &reviewed));
        }
        reports.push(report);
    }
    if reports.is_empty() {
        return Err(Error::Nothing {
            message: "there is nothing to learn from: no correction, and no label where a machine's guess is known"
                .to_owned(),
            hint: Some(
                "`hitl commit FILE --kind corrections` adds some; `hitl status` says which are not learned from"
                    .to_owned(),
            ),
        });
    }
    Ok(reports)
}

/// Returns the accepted rules of what `rule` freezes of `ledger` that fire on `text`, as sentences. Only what the snapshot
/// would learn from counts, by its own thresholds; with the number of a part of its split, only what lies in that part.
///
/// # Errors
/// The rule has parameters that this program does not know.
pub(super) fn firing(
    ledger: &Ledger,
    rule: &Rule,
    part: Option<usize>,
    text: &str,
) -> Result<Vec<String>, Error> {
    let accept = rule.accept()?;
    let (kind, options) = (rule.task_type(), Options::default());
    let part = rule.split.as_ref().zip(part);
    let is_chosen = |judgement: usize| {
        let item = ledger.item_name(ledger.judgements()[judgement].item);
        part.is_none_or(|(split, part)| split.part_of(item) == part)
    };
    let wanted = Wanted { task: &rule.task, kind, accept, chosen: &is_chosen, is_later: &|_| false };
    let reviewed = Reviewed::join(vec![Piece::of(ledger, &wanted)], &accept, options.min_support);
    let report = patterns::patterns(&rule.task, &reviewed, &options);
    let input = patterns::Input { text: Some(text.to_owned()), ..Default::default() };
    let accepted: Vec<RuleReport> =
        report.rules.into_iter().filter(|rule| rule.status == Status::Accepted).collect();
    let fired = patterns::fire(&accepted, &input);
    let sentence = |fired: &Fired| accepted.iter().find(|rule| rule.id == fired.id).map(RuleReport::sentence);
    Ok(fired.iter().filter_map(sentence).collect())
}

/// What is asked of one task.
struct Asking<'a> {
    task: &'a str,
    config: &'a Config,
    asked: &'a Asked,
}

impl Asking<'_> {
    /// Returns the reviews of the task, marked whether their record is none of `since`.
    fn reviewed(&self, state: &State<'_>, since: Option<&BTreeSet<RecordId>>) -> Result<Reviewed, Error> {
        let kind = self.config.task(self.task).map_or(TaskType::Text, |task| task.kind);
        let accept = self.config.accept;
        let filter = Filter { tasks: Vec::new(), ..self.asked.filter.clone() };
        let pieces = state.map(self.task, |ledger| {
            let chosen = (!filter.is_empty()).then(|| ledger.select(&filter));
            let is_chosen = |judgement: usize| chosen.as_ref().is_none_or(|chosen| chosen[judgement]);
            let is_later =
                |record: usize| since.is_some_and(|since| !since.contains(&ledger.records()[record].id));
            Piece::of(
                ledger,
                &Wanted { task: self.task, kind, accept, chosen: &is_chosen, is_later: &is_later },
            )
        })?;
        Ok(Reviewed::join(pieces, &accept, self.asked.options.min_support))
    }
}

/// A ledger that is gone through item by item.
enum State<'a> {
    /// In parts.
    Parts(Box<Parts<'a>>),
    /// Whole, with what item records say of items.
    Whole(Box<Ledger>),
}

impl<'a> State<'a> {
    fn of(dataset: &'a Dataset, at: &At) -> Result<Self, Error> {
        let parts = dataset.parts(at)?;
        let described = parts.records.records().iter().any(|record| record.head.kind == Kind::Items);
        Ok(match described {
            true => Self::Whole(Box::new(dataset.view(at)?.ledger)),
            false => Self::Parts(Box::new(parts)),
        })
    }

    fn records(&self) -> &Ledger {
        match self {
            Self::Parts(parts) => &parts.records,
            Self::Whole(ledger) => ledger,
        }
    }

    fn ids(&self) -> BTreeSet<RecordId> {
        self.records().records().iter().map(|record| record.id).collect()
    }

    fn map<T: Send>(&self, task: &str, each: impl Fn(&Ledger) -> T + Sync) -> Result<Vec<T>, Error> {
        Ok(match self {
            Self::Parts(parts) => parts.map(Some(task), each)?,
            Self::Whole(ledger) => vec![each(ledger)],
        })
    }
}
