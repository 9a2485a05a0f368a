//! The story of one item: every judgement of it, what became of each and why, and what the item comes to.
//!
//! In: a folded ledger, an item, and what only the outside knows (commits, snapshots, policies). Out: a
//! [`TraceReport`]. What cannot be known, because history does not reach or the source had no time, is said so and
//! never guessed.

mod attribution;
mod called;
mod entry;
mod report;
mod resolution;
mod reverts;
mod usage;

use std::collections::BTreeMap;

use crate::authority::Standing;
use crate::base::Digest;
use crate::ledger::{Ledger, Verdicts};
use crate::record::{Acceptance, Kind, Policy, RecordId, TaskType, col};

pub use attribution::{Attribution, verified};
pub use called::Called;
pub use report::{
    Carried, CommitRef, Correction, Entry, Guideline, ItemText, Later, Resolution, SnapshotUse, SourceFile,
    Taken, TaskTrace, TraceReport, Undone, Vote, When,
};
pub use usage::{Rules, States, Usage};

/// What a trace tells that the ledger does not know.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The commit that brought each record, as far as history reaches.
    pub commits: &'a BTreeMap<RecordId, CommitRef>,
    /// Who signed each record, and whether it counts.
    pub standings: &'a BTreeMap<RecordId, Standing>,
    /// The texts of the guideline versions, by `name@version`.
    pub guidelines: &'a BTreeMap<String, GuidelineText>,
    /// The snapshots that hold the item.
    pub snapshots: &'a [SnapshotUse],
    /// The snapshots that cannot be rebuilt here.
    pub unknown_snapshots: &'a [String],
    /// How the labels of each task become one, and the least number of them; majority of one where a task is absent.
    pub policies: &'a BTreeMap<String, (Policy, u32)>,
    /// What the joint policies among them found, by task.
    pub verdicts: &'a BTreeMap<String, Verdicts>,
    /// The type of each task; free text where a task is absent.
    pub kinds: &'a BTreeMap<String, TaskType>,
    /// Which corrections are learned from.
    pub accept: Acceptance,
}

/// What the ledger holds of one guideline version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuidelineText {
    /// The record that holds it.
    pub record: RecordId,
    /// SHA-256 of the text.
    pub sha256: Digest,
    /// The first line of the text that says something.
    pub first_line: String,
}

/// Tells the story of `item`, in `task` alone or in every task; `None` when the ledger has nothing of it.
pub fn trace(ledger: &Ledger, item: &str, task: Option<&str>, context: &Context<'_>) -> Option<TraceReport> {
    let text = item_text(ledger, item);
    let covering = reverts::dead(ledger);
    let mut tasks = Vec::new();
    for number in (0..ledger.tasks()).map(|number| number as u16) {
        let name = ledger.task_name(number);
        if task.is_some_and(|task| task != name) {
            continue;
        }
        let run = ledger.find_item(item).map_or(0..0, |item| ledger.of_item(number, item));
        if !run.is_empty() {
            let entries = entry::entries(ledger, run.clone(), context, &covering);
            let resolved = resolution::resolution(ledger, number, run, context);
            tasks.push(TaskTrace { task: name.to_owned(), resolved, entries });
        }
    }
    if tasks.is_empty() && text.is_none() {
        return None;
    }
    let snapshots = context.snapshots.iter();
    let snapshots = snapshots.filter(|one| task.is_none_or(|task| task == one.task)).cloned().collect();
    let unreached = entry::unreached(&tasks);
    Some(TraceReport {
        schema: "hitl.trace/1",
        item: item.to_owned(),
        text,
        tasks,
        snapshots,
        unknown_snapshots: context.unknown_snapshots.to_vec(),
        unreached,
    })
}

/// Returns the text and address of an item: of the last record, ancestors first, that gives any.
fn item_text(ledger: &Ledger, item: &str) -> Option<ItemText> {
    let records = ledger.records().iter().rev().filter(|record| record.head.kind == Kind::Items);
    for record in records {
        let found = (0..record.rows.len()).rev().find(|row| record.rows.text(*row, col::ITEM) == Some(item));
        if let Some(row) = found {
            let text = |column: usize| record.rows.text(row, column).map(str::to_owned);
            return Some(ItemText { text: text(col::TEXT), uri: text(col::TEXT + 1), record: record.id });
        }
    }
    None
}
