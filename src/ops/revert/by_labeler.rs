//! Labelers taken back from a large ledger: what their manifests tell is enough, and no row is read.

use super::super::filter::FilterReport;
use super::Options;
use super::report::{CountedBy, CoveredRecord, RevertReport};
use crate::dataset::{RowsBy, View};
use crate::record::{Cascade, Filter, Kind, Revert, Rows};

/// In a ledger of more rows, what a revert of labelers does to labels and agreement is not worked out while it is
/// committed.
const WORKED_OUT: u64 = 100_000;

/// A revert of labelers, and how many rows of theirs each record has.
pub(super) struct ByLabeler {
    pub revert: Revert,
    rows: Vec<RowsBy>,
}

impl ByLabeler {
    /// Returns what `options` ask for, where the manifests tell all of it: labelers and nothing else are named, all are
    /// known, none is a model whose confirmations would go with it, and no revert holds any row of theirs yet.
    pub fn of(view: &View, options: &Options) -> Option<Self> {
        let filter = Filter { labelers: options.filter.labelers.clone(), ..Filter::default() };
        let plain = options.records.is_empty() && options.filter == filter && !filter.labelers.is_empty();
        if !plain || options.cascade.is_some_and(|cascade| cascade != Cascade::None) {
            return None;
        }
        let sums = view.labelers();
        let is_large = sums.values().map(|sum| sum.rows).sum::<u64>() > WORKED_OUT;
        let human = |labeler: &String| sums.get(labeler).is_some_and(|sum| sum.model_rows == 0);
        let ledger = &view.ledger;
        let elsewhere = |revert: usize| {
            let held = ledger.records()[revert].manifest.revert.as_ref().map(|revert| &revert.filter);
            held.is_some_and(|held| {
                !held.labelers.is_empty() && !held.labelers.iter().any(|one| filter.labelers.contains(one))
            })
        };
        let untouched = ledger.live_reverts().into_iter().all(elsewhere);
        if !is_large || !filter.labelers.iter().all(human) || !untouched {
            return None;
        }
        let rows = view.rows_by(&filter.labelers)?;
        let revert = Revert { filter, cascade: Cascade::None, concurrent: options.concurrent };
        Some(Self { revert, rows })
    }

    /// Returns what is told of it.
    pub fn report(&self, view: &View) -> RevertReport {
        let ledger = &view.ledger;
        let covered = |RowsBy { id, rows, all, message }: &RowsBy| {
            let head = &ledger.records()[ledger.find_record(id)?].head;
            Some(CoveredRecord {
                id: id.to_string(),
                kind: head.kind,
                task: head.task.as_deref().map(str::to_owned),
                message: message.clone(),
                rows: *all,
                covered: usize::try_from(*rows).unwrap_or(usize::MAX),
            })
        };
        let records: Vec<CoveredRecord> = self.rows.iter().filter_map(covered).collect();
        let mut report = RevertReport::new(FilterReport::new(&self.revert, &Rows::empty(Kind::Reverts)));
        (report.dry_run, report.counted_by) = (false, CountedBy::Manifests);
        report.taken_back = records.iter().map(|record| record.covered).sum();
        report.records = records;
        report
    }
}
