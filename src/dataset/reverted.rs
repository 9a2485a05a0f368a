//! How many rows of each record are taken back, kept in `.git/hitl/cache/reverted/<tree id>`.

use std::collections::BTreeMap;

use super::kept::pack::{self, Reader};
use super::{At, Dataset, Error, LEDGER, RowsBy, View, kept};
use crate::base::Timestamp;
use crate::ledger::{Ledger, Record, RecordSet};
use crate::record::{Cascade, Filter, Kind, RecordId, Revert};
use crate::store::Oid;

/// The first bytes of a kept file: what it is, and the version of its layout.
const MAGIC: &[u8] = b"hitl reverted 1\n";
/// Files kept.
const KEPT: usize = 4;

/// How many rows of each record are taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevertedRows {
    /// By id; records of which none are may be here or not.
    counts: Vec<(RecordId, u64)>,
}

impl RevertedRows {
    /// Returns how many rows of a record are taken back.
    pub fn of(&self, record: &RecordId) -> u64 {
        self.counts.binary_search_by_key(record, |(id, _)| *id).map_or(0, |at| self.counts[at].1)
    }
}

impl From<BTreeMap<RecordId, u64>> for RevertedRows {
    fn from(counts: BTreeMap<RecordId, u64>) -> Self {
        Self { counts: counts.into_iter().collect() }
    }
}

impl Dataset {
    /// Returns how many rows of each record of the ledger at `at` are taken back; `view` is of the records of that
    /// ledger.
    ///
    /// # Errors
    /// The ledger could not be read.
    pub fn reverted_rows(&self, at: &At, view: &View) -> Result<RevertedRows, Error> {
        let set = view.ledger.record_set();
        let Some(commit) = view.commit.as_ref().filter(|_| !view.ledger.live_reverts().is_empty()) else {
            return Ok(RevertedRows::default());
        };
        let folder = self.store().cache_dir().join("reverted");
        let tree = self.store().folder(commit, LEDGER)?.filter(|_| at.as_of.is_none());
        let Some(path) = tree.map(|tree| folder.join(tree.0)) else {
            return Ok(self.count_reverted(commit, at.as_of)?.into());
        };
        if let Some(counts) = kept::read(&path, MAGIC).and_then(|body| read(&body)) {
            return Ok(RevertedRows { counts });
        }
        let last = kept::newest_first(&folder);
        let last = last.first().and_then(|path| read(&kept::read(path, MAGIC)?)).unwrap_or_default();
        let counts = match grown(&last, set, &|labelers| view.rows_by(labelers)) {
            Some(counts) => counts,
            None => {
                let counts = self.count_reverted(commit, None)?;
                let count = |id: RecordId| (id, counts.get(&id).copied().unwrap_or(0));
                set.arranged().sorted().map(|(id, _)| count(id)).collect()
            }
        };
        kept::write(&path, MAGIC, &[&write(&counts)]);
        kept::keep_newest(&folder, KEPT);
        Ok(RevertedRows { counts })
    }

    fn count_reverted(
        &self,
        commit: &Oid,
        as_of: Option<Timestamp>,
    ) -> Result<BTreeMap<RecordId, u64>, Error> {
        let mut counts = BTreeMap::new();
        for part in self.parts_at(Some(commit.clone()), as_of)?.map(None, Ledger::reverted_rows)? {
            for (record, rows) in part {
                *counts.entry(record).or_default() += rows;
            }
        }
        Ok(counts)
    }
}

/// Returns the counts for `set`, given those of fewer records, where what came since makes it plain: batches made by
/// people who saw every revert, and reverts of labelers, each by somebody who saw everything before and of whom no other
/// revert takes a row.
fn grown(
    last: &[(RecordId, u64)],
    set: &RecordSet,
    rows_by: &dyn Fn(&[String]) -> Option<Vec<RowsBy>>,
) -> Option<Vec<(RecordId, u64)>> {
    let records = set.records();
    let mut counts: Vec<Option<u64>> = vec![None; records.len()];
    for (id, rows) in last {
        counts[set.find(id)?] = Some(*rows);
    }
    let is_revert = |number: &usize| records[*number].head.kind == Kind::Reverts;
    let (known, new): (Vec<usize>, Vec<usize>) =
        (0..records.len()).partition(|number| counts[*number].is_some());
    let mut reverts: Vec<usize> = known.into_iter().filter(is_revert).collect();
    for number in new {
        let record = &records[number];
        if record.head.kind.is_judgement() && !reverts.iter().all(|revert| set.descends(number, *revert)) {
            return None;
        }
        if is_revert(&number) {
            let labelers = labelers_of(record)?;
            for other in &reverts {
                if labelers_of(&records[*other])?.iter().any(|labeler| labelers.contains(labeler)) {
                    return None;
                }
            }
            for RowsBy { id, rows, .. } in rows_by(labelers)? {
                let covered = set.find(&id)?;
                if !set.descends(number, covered) {
                    return None;
                }
                *counts[covered].get_or_insert_default() += rows;
            }
            reverts.push(number);
        }
        counts[number].get_or_insert_default();
    }
    Some(set.arranged().sorted().map(|(id, number)| (id, counts[number as usize].unwrap_or(0))).collect())
}

/// Returns the labelers of a revert that takes back all rows of some labelers, and no others.
fn labelers_of(record: &Record) -> Option<&[String]> {
    let Revert { filter, cascade, concurrent } = record.manifest.revert.as_ref()?;
    let plain = Filter { labelers: filter.labelers.clone(), ..Filter::default() };
    let is_plain = !filter.labelers.is_empty() && *filter == plain;
    (is_plain && *cascade == Cascade::None && !concurrent).then_some(&filter.labelers)
}

fn write(counts: &[(RecordId, u64)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(counts.len() * 36);
    pack::uint(&mut out, counts.len() as u64);
    for (id, rows) in counts {
        out.extend_from_slice(&id.0.0);
        pack::uint(&mut out, *rows);
    }
    out
}

fn read(body: &[u8]) -> Option<Vec<(RecordId, u64)>> {
    let mut reader = Reader::new(body);
    let count = reader.len().filter(|count| *count <= body.len())?;
    let mut counts = Vec::with_capacity(count);
    for _ in 0..count {
        counts.push((RecordId(reader.digest()?), reader.uint()?));
    }
    (reader.is_done() && counts.is_sorted_by_key(|(id, _)| *id)).then_some(counts)
}
