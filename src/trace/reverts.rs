//! Reverts that a trace tells of: those that hold, and those that covered a judgement and hold no longer.

use super::Context;
use super::report::Taken;
use crate::ledger::{Judgement, Ledger, Record};
use crate::record::{Kind, RecordId};

/// The ledger as if no revert had ever been taken back: who covers a judgement in it covered it once.
pub(super) struct Dead {
    all_live: Option<Ledger>,
}

/// Returns that ledger; nothing when every revert holds.
pub(super) fn dead(ledger: &Ledger) -> Dead {
    let records = ledger.records();
    let is_revert = |record: &Record| record.head.kind == Kind::Reverts;
    let any_dead =
        records.iter().enumerate().any(|(number, one)| is_revert(one) && !ledger.is_live_revert(number));
    if !any_dead {
        return Dead { all_live: None };
    }
    let mut reverts: Vec<RecordId> = records.iter().filter(|one| is_revert(one)).map(|one| one.id).collect();
    reverts.sort_unstable();
    Dead { all_live: Some(ledger.with_records(|record| Some(all_live(record, &reverts)))) }
}

/// Returns `record`; a revert of a revert becomes a join, which takes nothing back and keeps its place among the
/// records.
fn all_live(record: &Record, reverts: &[RecordId]) -> Record {
    let of_revert = |target: &RecordId| reverts.binary_search(target).is_ok();
    if record.head.kind != Kind::Reverts {
        return record.clone();
    }
    let mut named = record.manifest.revert.iter().flat_map(|revert| &revert.filter.records);
    if !named.any(of_revert) {
        return record.clone();
    }
    record.emptied()
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
    let Record { id, manifest, .. } = &ledger.records()[record];
    Taken {
        record: *id,
        actor: manifest.actor.clone(),
        recorded_at: manifest.recorded_at,
        message: manifest.message.clone(),
        standing: context.standings.get(id).cloned(),
        commit: context.commits.get(id).cloned(),
    }
}
