//! Reverts that a trace tells of: those that hold, and those that covered a judgement and hold no longer.

use super::Context;
use super::report::Taken;
use crate::ledger::{Judgement, Ledger, Loaded};
use crate::record::{Kind, RecordId, col};

/// The ledger of one item as if no revert had ever been taken back: who covers a judgement in it covered it once.
pub(super) struct Dead {
    all_live: Option<Ledger>,
}

/// Returns that ledger for `item`; nothing when every revert holds.
pub(super) fn dead(ledger: &Ledger, item: &str) -> Dead {
    let records = ledger.records();
    let is_revert = |record: &Loaded| record.manifest.kind == Kind::Reverts;
    let any_dead =
        records.iter().enumerate().any(|(number, one)| is_revert(one) && !ledger.is_live_revert(number));
    if !any_dead {
        return Dead { all_live: None };
    }
    let mut reverts: Vec<RecordId> = records.iter().filter(|one| is_revert(one)).map(|one| one.id).collect();
    reverts.sort_unstable();
    let records = records.iter().map(|record| only_item(record, item, &reverts)).collect();
    Dead { all_live: Some(Ledger::fold(records)) }
}

/// Returns `record` with the rows of `item` alone; a revert of a revert becomes a join, which takes nothing back and
/// keeps its place among the records.
fn only_item(record: &Loaded, item: &str, reverts: &[RecordId]) -> Loaded {
    let kind = record.manifest.kind;
    let mut manifest = record.manifest.clone();
    let of_revert = |target: &RecordId| reverts.binary_search(target).is_ok();
    if manifest.revert.as_ref().is_some_and(|revert| revert.filter.records.iter().any(of_revert)) {
        manifest.kind = Kind::Joins;
        manifest.revert = None;
        return Loaded { id: record.id, manifest, rows: crate::record::Rows::empty(Kind::Joins) };
    }
    let rows = if kind == Kind::Reverts {
        record.rows.clone()
    } else {
        let is_item =
            |row: &u32| kind.is_judgement() && record.rows.text(*row as usize, col::ITEM) == Some(item);
        let keep: Vec<u32> = (0..record.rows.len() as u32).filter(is_item).collect();
        record.rows.take(&keep)
    };
    Loaded { id: record.id, manifest, rows }
}

impl Dead {
    /// Returns the reverts of `ledger` that covered `judgement` and hold no longer, by record number.
    pub(super) fn covering(&self, ledger: &Ledger, judgement: &Judgement) -> Vec<usize> {
        let Some(all_live) = &self.all_live else { return Vec::new() };
        let text = judgement.statement.map(|statement| ledger.statement_text(statement));
        let twin = all_live.find_judgement(
            judgement.kind,
            ledger.task_name(judgement.task),
            ledger.item_name(judgement.item),
            ledger.labeler_name(judgement.labeler),
            text,
            judgement.created_at,
        );
        let covering =
            twin.map(|twin| all_live.reverted_by(&all_live.judgements()[twin])).unwrap_or_default();
        covering
            .into_iter()
            .filter_map(|number| ledger.find_record(&all_live.records()[number].id))
            .filter(|number| !ledger.is_live_revert(*number))
            .collect()
    }
}

/// Returns what a revert says of itself.
pub(super) fn taken(ledger: &Ledger, record: usize, context: &Context<'_>) -> Taken {
    let Loaded { id, manifest, .. } = &ledger.records()[record];
    Taken {
        record: *id,
        actor: manifest.actor.clone(),
        recorded_at: manifest.recorded_at,
        message: manifest.message.clone(),
        commit: context.commits.get(id).cloned(),
    }
}
