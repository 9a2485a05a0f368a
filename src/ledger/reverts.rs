//! Rule 2: which reverts hold, and which carriers each covers.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::choice::Choice;
use super::{Ledger, Record, RecordSet, cascade};
use crate::record::{Cascade, Filter, Kind, Revert, col};

/// What one live revert covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cover {
    /// The revert's record number.
    pub(super) revert: u32,
    /// The judgements it takes back, directly or by cascade, sorted. Their carriers are covered, save those that
    /// descend from the revert.
    pub(super) judgements: Vec<u32>,
}

/// Returns, for each record, whether it is a revert that holds; and those of them that take back judgements: a revert
/// that names reverts takes back these alone.
pub(super) fn hold(set: &RecordSet) -> (Vec<bool>, Vec<usize>) {
    let records = set.records();
    let is_revert: Vec<bool> = records
        .iter()
        .map(|record| record.head.kind == Kind::Reverts && record.manifest.revert.is_some())
        .collect();
    let reverts: Vec<usize> = (0..records.len()).filter(|number| is_revert[*number]).collect();
    let mut names: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut named_by = vec![0usize; records.len()];
    for number in &reverts {
        let Some(revert) = &records[*number].manifest.revert else { continue };
        let found = revert.filter.records.iter().filter_map(|id| set.find(id));
        let mut found: Vec<usize> = found.filter(|named| is_revert[*named]).collect();
        found.sort_unstable();
        found.dedup();
        found.iter().for_each(|named| named_by[*named] += 1);
        names.insert(*number, found);
    }
    // Ids are hashes, so naming is free of circles and every revert is decided once all that name it are.
    let mut live = is_revert;
    let mut decided: Vec<usize> = reverts.iter().copied().filter(|number| named_by[*number] == 0).collect();
    while let Some(number) = decided.pop() {
        for named in &names[&number] {
            live[*named] &= !live[number];
            named_by[*named] -= 1;
            if named_by[*named] == 0 {
                decided.push(*named);
            }
        }
    }
    let taking = names.iter().filter(|(number, names)| live[**number] && names.is_empty());
    let taking = taking.map(|(number, _)| *number).collect();
    (live, taking)
}

/// Marks the carriers that live reverts cover, and notes which revert covers what.
pub(super) fn cover(ledger: &mut Ledger) {
    let set = ledger.set.clone();
    let covers: Vec<Cover> = set
        .taking
        .par_iter()
        .map(|number| Cover { revert: *number as u32, judgements: direct(ledger, *number) })
        .collect();
    for cover in &covers {
        for judgement in &cover.judgements {
            mark(ledger, cover.revert as usize, *judgement as usize);
        }
    }
    ledger.covers = covers;
    let cascades =
        |number: &usize| revert(ledger, *number).is_some_and(|revert| revert.cascade != Cascade::None);
    if set.taking.iter().any(cascades) {
        cascade::spread(ledger);
    }
}

pub(super) fn revert(ledger: &Ledger, number: usize) -> Option<&Revert> {
    ledger.records()[number].manifest.revert.as_ref()
}

/// Whether `revert` looks for judgements in `record`: an ancestor of it, or with `concurrent` whatever does not
/// descend from it.
pub(super) fn looks_in(ledger: &Ledger, revert: usize, concurrent: bool, record: usize) -> bool {
    if concurrent { !ledger.descends(record, revert) } else { ledger.descends(revert, record) }
}

/// Covers every carrier of `judgement` whose record does not descend from `revert`.
pub(super) fn mark(ledger: &mut Ledger, revert: usize, judgement: usize) {
    let (start, end) = ledger.table.judgements[judgement].carriers;
    for carrier in &mut ledger.table.carriers[start as usize..end as usize] {
        carrier.reverted |= !ledger.set.ancestry.descends(carrier.record as usize, revert);
    }
}

/// Returns the judgements that the filter of revert `number` chooses in the records it looks in, sorted.
fn direct(ledger: &Ledger, number: usize) -> Vec<u32> {
    let Some(revert) = revert(ledger, number) else { return Vec::new() };
    let filter = with_items(&ledger.records()[number], &revert.filter);
    let choice = Choice::new(ledger, &filter);
    let mut chosen: Vec<u32> =
        choice.rows(|record| looks_in(ledger, number, revert.concurrent, record)).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// Returns the revert's filter, its items read from its shard where they lie there.
fn with_items<'a>(record: &Record, filter: &'a Filter) -> std::borrow::Cow<'a, Filter> {
    let in_shard = record.manifest.shard.is_some() || !record.rows.is_empty();
    if filter.items.is_some() || !in_shard || record.rows.kind() != Kind::Reverts {
        return std::borrow::Cow::Borrowed(filter);
    }
    let items = record.rows.texts(col::ITEM).iter().flatten().map(str::to_owned).collect();
    std::borrow::Cow::Owned(Filter { items: Some(items), ..filter.clone() })
}
