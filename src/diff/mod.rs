//! What changed between two ledgers.
//!
//! In: two folded ledgers, `base` and `head`. Out: a [`DiffReport`], one [`Row`] for each key (kind, task, item,
//! labeler; adjudications have no labeler in their key) whose judgements differ, with the transition matrices. Laws:
//! `diff(a, a)` is empty; [`apply`] of `diff(a, b)` to the [`state`] of `a` is the state of `b`.
//!
//! The work follows the two ledgers it is given, not the repository: a caller who knows which items the records that
//! one side lacks touch may hand in both ledgers with the rows of these items alone, and gets the same report. Each
//! restricted ledger needs every record (manifest and parents, so that ancestry holds), every row of the touched items
//! whatever its record, and the touched items of the item lists of reverts. A batch touches the items of its rows; a revert those of
//! the rows that its filter matches in its ancestors and, with `concurrent`, in every record that does not descend from
//! it; a revert of a revert those of its target.

mod apply;
pub mod batches;
mod build;
mod compare;
mod ranks;
mod report;

use std::collections::BTreeMap;

use crate::ledger::Ledger;
use crate::record::{Filter, Policy};

pub use apply::{Key, apply, state};
pub use report::{
    Counts, DiffReport, GuidelineCounts, LabelerCounts, Op, RecordBrief, Records, Resolutions, Row, Standing,
    TaskDiff, Transition, Value,
};

/// What to compare and how much of it to list.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only keys with a judgement that this chooses in either ledger.
    pub filter: Filter,
    /// At most this many rows are listed; counts are exact. [`apply`] needs all.
    pub limit: Option<usize>,
    /// How the labels of each task become one, and the least number of them; majority of one where a task is absent.
    pub policies: BTreeMap<String, (Policy, u32)>,
}

/// Compares `base` with `head`, each with the name its user gave it.
pub fn diff(base: (&str, &Ledger), head: (&str, &Ledger), options: &Options) -> DiffReport {
    let rows = compare::rows(base.1, head.1, &options.filter);
    build::report(base, head, rows, options)
}
