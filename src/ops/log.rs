//! `log`: the records, newest first.

use std::collections::{BTreeMap, BinaryHeap};

use serde::Serialize;

use super::Error;
use super::filter::FilterReport;
use crate::base::Timestamp;
use crate::dataset::{At, Dataset};
use crate::ledger::{Ledger, Record};
use crate::record::{Filter, Kind, LabelerKind, Labelers};
use crate::store::CommitInfo;

/// What `log` tells.
#[derive(Clone, Debug, Serialize)]
pub struct LogReport {
    /// `hitl.log/1`.
    pub schema: &'static str,
    /// Newest first: descendants before ancestors, then by the time recorded.
    pub entries: Vec<LogEntry>,
    /// Matching records that were not listed.
    pub more: usize,
}

/// One record.
#[derive(Clone, Debug, Serialize)]
pub struct LogEntry {
    /// Its id.
    pub id: String,
    /// What it added.
    pub kind: Kind,
    /// Its task.
    pub task: Option<String>,
    /// Who committed it.
    pub actor: String,
    /// When.
    pub recorded_at: Timestamp,
    /// Why.
    pub message: String,
    /// Its rows.
    pub rows: u64,
    /// Of the judgements it carries, how many are taken back.
    pub reverted: usize,
    /// Its labelers, with kind and rows.
    pub labelers: BTreeMap<String, LabelerPart>,
    /// Its guideline versions and rows under each.
    pub guidelines: BTreeMap<String, u64>,
    /// The file it was read from.
    pub source: Option<String>,
    /// For a revert: what it takes back.
    pub revert: Option<FilterReport>,
    /// For a revert: whether it holds.
    pub live: Option<bool>,
    /// The commit that brought it; none where history does not reach.
    pub commit: Option<String>,
    /// That commit's author.
    pub commit_author: Option<String>,
}

/// A labeler's part in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LabelerPart {
    /// Human, model or gold.
    pub kind: LabelerKind,
    /// Rows.
    pub rows: u64,
}

/// Lists the records with a row that `filter` chooses (all, when it says nothing), at most `limit`.
///
/// # Errors
/// The ledger could not be read.
pub fn log(dataset: &Dataset, at: &At, filter: &Filter, limit: Option<usize>) -> Result<LogReport, Error> {
    // Which records a filter chooses, their rows say.
    let view = if filter.is_empty() { dataset.view_of_records(at)? } else { dataset.view(at)? };
    let ledger = &view.ledger;
    let wanted = matching_records(ledger, filter);
    let reverted = match filter.is_empty() {
        true => dataset.reverted_rows(at, &view)?,
        false => ledger.reverted_rows().into(),
    };
    let order: Vec<usize> = newest_first(ledger).into_iter().filter(|index| wanted[*index]).collect();
    let shown = limit.unwrap_or(order.len()).min(order.len());
    let ids = order[..shown].iter().map(|index| ledger.records()[*index].id);
    let commits = dataset.commits(view.commit.as_ref(), ids)?;
    let entries = order[..shown]
        .iter()
        .map(|index| {
            let record = &ledger.records()[*index];
            let live = (record.head.kind == Kind::Reverts).then(|| ledger.is_live_revert(*index));
            let reverted = reverted.of(&record.id);
            entry(record, reverted as usize, live, commits.get(&record.id))
        })
        .collect();
    Ok(LogReport { schema: "hitl.log/1", entries, more: order.len() - shown })
}

/// Returns all records, each before those it descends from; where that leaves a choice, the one recorded last first.
fn newest_first(ledger: &Ledger) -> Vec<usize> {
    let (records, set) = (ledger.records(), ledger.record_set());
    let parents = |index: usize| set.parents(index).iter().map(|parent| *parent as usize);
    let mut children = vec![0_usize; records.len()];
    for parent in (0..records.len()).flat_map(parents) {
        children[parent] += 1;
    }
    let time = |index: usize| (records[index].head.recorded_at, index);
    let mut ready: BinaryHeap<_> =
        (0..records.len()).filter(|index| children[*index] == 0).map(time).collect();
    let mut order = Vec::with_capacity(records.len());
    while let Some((_, index)) = ready.pop() {
        order.push(index);
        for parent in parents(index) {
            children[parent] -= 1;
            if children[parent] == 0 {
                ready.push(time(parent));
            }
        }
    }
    order
}

/// Returns, for each record, whether it carries a judgement that `filter` chooses; for records without judgements,
/// whether the filter's records, kinds and window allow it.
fn matching_records(ledger: &Ledger, filter: &Filter) -> Vec<bool> {
    if filter.is_empty() {
        return vec![true; ledger.records().len()];
    }
    let mut wanted: Vec<bool> = ledger
        .records()
        .iter()
        .map(|record| {
            let rows_decide = record.head.kind.is_judgement()
                || !filter.labelers.is_empty()
                || !filter.guidelines.is_empty()
                || !filter.origins.is_empty()
                || !filter.tasks.is_empty()
                || filter.items.is_some();
            !rows_decide
                && (filter.records.is_empty() || filter.records.contains(&record.id))
                && (filter.kinds.is_empty() || filter.kinds.contains(&record.head.kind))
                && filter.covers_time(None, record.head.recorded_at)
        })
        .collect();
    for (judgement, _) in ledger.judgements().iter().zip(ledger.select(filter)).filter(|(_, chosen)| *chosen)
    {
        for carrier in ledger.carriers(judgement) {
            wanted[carrier.record as usize] = true;
        }
    }
    wanted
}

/// Returns what is told of one record.
pub(super) fn entry(
    record: &Record,
    reverted: usize,
    live: Option<bool>,
    commit: Option<&CommitInfo>,
) -> LogEntry {
    let manifest = &record.manifest;
    let labelers = match &manifest.labelers {
        Labelers::Listed(listed) => listed
            .iter()
            .map(|(id, used)| (id.clone(), LabelerPart { kind: used.kind, rows: used.rows }))
            .collect(),
        Labelers::InShard => BTreeMap::new(),
    };
    LogEntry {
        id: record.id.to_string(),
        kind: manifest.kind,
        task: manifest.task.clone(),
        actor: manifest.actor.clone(),
        recorded_at: manifest.recorded_at,
        message: manifest.message.clone(),
        rows: manifest.shard.map_or(0, |shard| shard.rows),
        reverted,
        labelers,
        guidelines: manifest.guidelines.iter().map(|(key, used)| (key.clone(), used.rows)).collect(),
        source: manifest.source.as_ref().map(|source| source.file.clone()),
        revert: manifest.revert.as_ref().map(|revert| FilterReport::new(revert, &record.rows)),
        live,
        commit: commit.map(|commit| commit.id.0.clone()),
        commit_author: commit.map(|commit| commit.author.clone()),
    }
}
