//! What a revert can reach: the records it may find something in, and the rows its filter chooses there.
//!
//! The same rules as in `ledger`, asked of single records before anything is folded. An answer may hold more than the
//! fold finds, never less.

use std::collections::BTreeSet;

use crate::record::{Filter, Labelers, Manifest, RecordId, Rows, col};

/// Whether `filter` may choose rows of a record, as far as its manifest tells. Times do not count here: those of rows
/// are free of the record's.
pub(super) fn may_choose(filter: &Filter, id: &RecordId, manifest: &Manifest) -> bool {
    let task = manifest.task.as_deref().unwrap_or_default();
    let labeler = match &manifest.labelers {
        Labelers::Listed(listed) => filter.labelers.iter().any(|labeler| listed.contains_key(labeler)),
        Labelers::InShard => true,
    };
    manifest.kind.is_judgement()
        && (filter.records.is_empty() || filter.records.contains(id))
        && (filter.kinds.is_empty() || filter.kinds.contains(&manifest.kind))
        && (filter.tasks.is_empty() || filter.tasks.iter().any(|name| name == task))
        && (filter.labelers.is_empty() || labeler)
        && (filter.origins.is_empty()
            || filter.origins.iter().any(|origin| manifest.origins.contains_key(origin)))
        && (filter.guidelines.is_empty()
            || manifest.guidelines.keys().any(|key| filter.guidelines.iter().any(|one| one.covers(key))))
}

/// Adds the items of the rows that `filter` chooses of a record that it [may choose](may_choose) rows of.
pub(super) fn add_chosen(filter: &Filter, manifest: &Manifest, rows: &Rows, items: &mut BTreeSet<String>) {
    for row in 0..rows.len() {
        let chosen = chooses(filter, manifest, rows, row);
        if let Some(item) = rows.text(row, col::ITEM).filter(|item| chosen && !items.contains(*item)) {
            items.insert(item.to_owned());
        }
    }
}

fn chooses(filter: &Filter, manifest: &Manifest, rows: &Rows, row: usize) -> bool {
    let text = |column| rows.text(row, column).unwrap_or_default();
    (filter.labelers.is_empty() || filter.labelers.iter().any(|labeler| labeler == text(col::LABELER)))
        && filter.covers_time(rows.time(row, col::CREATED_AT), manifest.recorded_at)
        && (filter.origins.is_empty()
            || filter.origins.iter().any(|origin| origin.as_str() == text(col::ORIGIN)))
        && (filter.guidelines.is_empty()
            || filter.guidelines.iter().any(|guideline| guideline.covers(text(col::GUIDELINE))))
}
