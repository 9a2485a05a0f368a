//! What a revert can reach: the records it may find something in, and the rows its filter chooses there.
//!
//! The same rules as in `ledger`, asked of single records before anything is folded. An answer may hold more than the
//! fold finds, never less.

use std::collections::BTreeSet;

use crate::base::Timestamp;
use crate::ledger::{RecordSet, Segment};
use crate::record::{Filter, Kind, Labelers, Manifest, RecordId, Rows, col};

/// What some reverts can reach.
pub(super) struct Reach {
    /// A row that one of them chooses is reached, with its item.
    filters: Vec<Filter>,
    /// Items that are reached in any case.
    named: BTreeSet<String>,
}

impl Reach {
    /// Returns what the `reverts` of `set` can reach, and those that they take back.
    pub(super) fn of(set: &RecordSet, reverts: impl Iterator<Item = usize>) -> Self {
        let mut reach = Self { filters: Vec::new(), named: BTreeSet::new() };
        let (mut waiting, mut seen): (Vec<usize>, BTreeSet<usize>) = (reverts.collect(), BTreeSet::new());
        while let Some(number) = waiting.pop() {
            let record = &set.records()[number];
            let is_new = record.head.kind == Kind::Reverts && seen.insert(number);
            let Some(revert) = record.manifest.revert.as_ref().filter(|_| is_new) else { continue };
            waiting.extend(revert.filter.records.iter().filter_map(|id| set.find(id)));
            match &revert.filter.items {
                Some(items) => reach.named.extend(items.iter().cloned()),
                None if record.rows.is_empty() => reach.filters.push(revert.filter.clone()),
                None => add_items(&record.rows, &mut reach.named),
            }
        }
        reach
    }

    /// Returns the labelers by whom all rows are that are reached, where that is so.
    pub(super) fn labelers(&self) -> Option<BTreeSet<&str>> {
        let is_by_some = |filter: &Filter| !filter.labelers.is_empty();
        let all = self.named.is_empty() && self.filters.iter().all(is_by_some);
        let labelers = || self.filters.iter().flat_map(|filter| &filter.labelers).map(String::as_str);
        all.then(|| labelers().collect())
    }

    /// Returns what is reached of `segments`, each in item order: all rows of the items.
    pub(super) fn some(&self, set: &RecordSet, segments: Vec<Segment>) -> Vec<Segment> {
        let items = self.items(set, &segments);
        segments.iter().filter_map(|segment| segment.of_items(&items)).collect()
    }

    /// Returns the items of the rows that are reached of `segments`, sorted.
    pub(super) fn items<'s>(&self, set: &RecordSet, segments: &'s [Segment]) -> Vec<&'s str> {
        let mut items: Vec<&str> = segments.iter().flat_map(|segment| self.items_of(set, segment)).collect();
        items.sort_unstable();
        items.dedup();
        items
    }

    fn items_of<'s>(&self, set: &RecordSet, segment: &'s Segment) -> Vec<&'s str> {
        let rows = &segment.rows;
        let reached = |row: &usize| {
            let record = &set.records()[segment.place(*row).0 as usize];
            let chosen = |filter: &Filter| {
                filter.covers_record(&record.id, rows.kind(), &segment.task)
                    && chooses(filter, record.head.recorded_at, rows, *row)
            };
            self.filters.iter().any(chosen)
                || rows.text(*row, col::ITEM).is_some_and(|item| self.named.contains(item))
        };
        let mut items: Vec<&str> =
            (0..rows.len()).filter(reached).filter_map(|row| rows.text(row, col::ITEM)).collect();
        items.dedup();
        items
    }
}

/// Adds the items of all `rows`.
pub(super) fn add_items(rows: &Rows, items: &mut BTreeSet<String>) {
    for item in rows.texts(col::ITEM).iter().flatten() {
        if !items.contains(item) {
            items.insert(item.to_owned());
        }
    }
}

/// Whether `filter` may choose rows of a record, as far as its manifest tells. Times do not count here: those of rows
/// are free of the record's.
pub(super) fn may_choose(filter: &Filter, id: &RecordId, manifest: &Manifest) -> bool {
    let task = manifest.task.as_deref().unwrap_or_default();
    let labeler = match &manifest.labelers {
        Labelers::Listed(listed) => filter.labelers.iter().any(|labeler| listed.contains_key(labeler)),
        Labelers::InShard => true,
    };
    manifest.kind.is_judgement()
        && filter.covers_record(id, manifest.kind, task)
        && (filter.labelers.is_empty() || labeler)
        && (filter.origins.is_empty()
            || filter.origins.iter().any(|origin| manifest.origins.contains_key(origin)))
        && (filter.guidelines.is_empty()
            || manifest.guidelines.keys().any(|key| filter.guidelines.iter().any(|one| one.covers(key))))
}

/// Adds the items of the rows that `filter` chooses of a record that it [may choose](may_choose) rows of.
pub(super) fn add_chosen(filter: &Filter, manifest: &Manifest, rows: &Rows, items: &mut BTreeSet<String>) {
    for row in 0..rows.len() {
        let chosen = chooses(filter, manifest.recorded_at, rows, row);
        if let Some(item) = rows.text(row, col::ITEM).filter(|item| chosen && !items.contains(*item)) {
            items.insert(item.to_owned());
        }
    }
}

fn chooses(filter: &Filter, recorded_at: Timestamp, rows: &Rows, row: usize) -> bool {
    let labeler = rows.text(row, col::LABELER).unwrap_or_default();
    (filter.labelers.is_empty() || filter.labelers.iter().any(|one| one == labeler))
        && filter.covers_row(rows, row, recorded_at)
}
