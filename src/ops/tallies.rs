//! What the labels of every task come to, kept for each ledger and brought up to date by what changed.

use std::collections::BTreeMap;

use super::Error;
use crate::agreement::TallySheet;
use crate::dataset::{Dataset, Parts, View};
use crate::ledger::Ledger;
use crate::table::Table;

/// A sheet of more spreads is not kept: as good as every item is one of its own.
const KEPT: usize = 100_000;

/// The tally sheet of the current labels by people of each task.
pub type Sheets = BTreeMap<String, TallySheet>;

/// Returns the sheets of the ledger that `view` is of, and `parts` with it.
///
/// # Errors
/// The ledger could not be read.
pub fn sheets(dataset: &Dataset, view: &View, parts: &Parts<'_>) -> Result<Sheets, Error> {
    let notes = dataset.notes("tallies");
    let read = |note: Vec<u8>| serde_json::from_slice::<Sheets>(&note).ok();
    if let Some(sheets) = notes.get(view).and_then(read) {
        return Ok(sheets);
    }
    let grown = match notes.last() {
        // Of a tree that was pruned in part nothing can be said.
        Some((tree, note)) => match dataset.touched_since(&tree, view) {
            Ok(Some((before, after))) => read(note).and_then(|sheets| grown(sheets, &before, &after)),
            Ok(None) | Err(_) => None,
        },
        None => None,
    };
    let sheets = match grown {
        Some(sheets) => sheets,
        None => of_all(parts)?,
    };
    if sheets.values().map(TallySheet::spreads).sum::<usize>() <= KEPT
        && let Ok(note) = serde_json::to_vec(&sheets)
    {
        notes.keep(view, &note);
    }
    Ok(sheets)
}

/// Returns the sheets of all `parts`, whatever is kept.
///
/// # Errors
/// The ledger could not be read.
pub fn of_all(parts: &Parts<'_>) -> Result<Sheets, Error> {
    Ok(parts.map(None, of)?.into_iter().fold(Sheets::new(), added))
}

/// Returns the sheets of a ledger, or of a part of one.
pub fn of(ledger: &Ledger) -> Sheets {
    let sheet = |task: u16| TallySheet::of(&Table::from_ledger(ledger, task, None));
    (0..ledger.tasks() as u16).map(|task| (ledger.task_name(task).to_owned(), sheet(task))).collect()
}

/// Returns `sheets` with those of other items.
pub fn added(mut sheets: Sheets, other: Sheets) -> Sheets {
    for (task, sheet) in other {
        match sheets.get_mut(&task) {
            Some(all) => all.add(&sheet),
            None => drop(sheets.insert(task, sheet)),
        }
    }
    sheets
}

/// Returns `sheets` without the items of `before`, and with those of `after`; `None` where the former are not in them.
fn grown(mut sheets: Sheets, before: &Ledger, after: &Ledger) -> Option<Sheets> {
    for (task, sheet) in of(before) {
        sheets.get_mut(&task)?.take(&sheet)?;
    }
    Some(added(sheets, of(after)))
}
