//! How many rows of each record are taken back, kept in `.git/hitl/cache/reverted/<tree id>`.

use std::collections::BTreeMap;

use super::kept::pack::{self, Reader};
use super::{At, Dataset, Error, LEDGER, kept};
use crate::ledger::{Ledger, Record, RecordSet};
use crate::record::{Cascade, Filter, Kind, Labelers, RecordId, Revert};

/// The first bytes of a kept file: what it is, and the version of its layout.
const MAGIC: &[u8] = b"hitl reverted 1\n";
/// Files kept.
const KEPT: usize = 4;

/// For every record of a ledger, the rows that are taken back.
type Counts = BTreeMap<RecordId, u64>;

impl Dataset {
    /// Returns how many rows of each record of the ledger at `at` are taken back; `records` are these records.
    ///
    /// # Errors
    /// The ledger could not be read.
    pub fn reverted_rows(&self, at: &At, records: &Ledger) -> Result<Counts, Error> {
        let set = records.record_set();
        if records.live_reverts().is_empty() {
            return Ok(Counts::new());
        }
        let Some(commit) = self.commit(at)? else { return Ok(Counts::new()) };
        let folder = self.store().cache_dir().join("reverted");
        let tree = self.store().folder(&commit, LEDGER)?.filter(|_| at.as_of.is_none());
        let Some(path) = tree.map(|tree| folder.join(tree.0)) else { return self.count_reverted(at) };
        if let Some(counts) = kept::read(&path, MAGIC).and_then(|body| read(&body)) {
            return Ok(counts);
        }
        let last = kept::newest_first(&folder);
        let last = last.first().and_then(|path| read(&kept::read(path, MAGIC)?)).unwrap_or_default();
        let counts = match grown(last, set) {
            Some(counts) => counts,
            None => self.count_reverted(at)?,
        };
        let all =
            set.records().iter().map(|record| (record.id, counts.get(&record.id).copied().unwrap_or(0)));
        kept::write(&path, MAGIC, &[&write(&all.collect())]);
        kept::keep_newest(&folder, KEPT);
        Ok(counts)
    }

    fn count_reverted(&self, at: &At) -> Result<Counts, Error> {
        let mut counts = Counts::new();
        for part in self.parts(at)?.map(None, Ledger::reverted_rows)? {
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
fn grown(last: Counts, set: &RecordSet) -> Option<Counts> {
    let records = set.records();
    let (known, new): (Vec<usize>, Vec<usize>) =
        (0..records.len()).partition(|number| last.contains_key(&records[*number].id));
    if known.len() < last.len() {
        return None;
    }
    let mut counts = last;
    let mut reverts: Vec<usize> =
        known.into_iter().filter(|number| records[*number].head.kind == Kind::Reverts).collect();
    for number in new {
        let record = &records[number];
        let saw_every_revert = || reverts.iter().all(|revert| set.descends(number, *revert));
        if record.head.kind.is_judgement() && !saw_every_revert() {
            return None;
        }
        if record.head.kind == Kind::Reverts {
            let labelers = labelers_of(record)?;
            for other in &reverts {
                if labelers_of(&records[*other])?.iter().any(|labeler| labelers.contains(labeler)) {
                    return None;
                }
            }
            for (other, covered) in records.iter().enumerate() {
                let Labelers::Listed(listed) = &covered.manifest.labelers else { return None };
                let rows: u64 = labelers.iter().filter_map(|id| listed.get(id)).map(|used| used.rows).sum();
                if rows > 0 && !set.descends(number, other) {
                    return None;
                }
                *counts.entry(covered.id).or_default() += rows;
            }
            reverts.push(number);
        }
        counts.entry(record.id).or_default();
    }
    Some(counts)
}

/// Returns the labelers of a revert that takes back all rows of some labelers, and no others.
fn labelers_of(record: &Record) -> Option<&[String]> {
    let Revert { filter, cascade, concurrent } = record.manifest.revert.as_ref()?;
    let plain = Filter { labelers: filter.labelers.clone(), ..Filter::default() };
    let is_plain = !filter.labelers.is_empty() && *filter == plain;
    (is_plain && *cascade == Cascade::None && !concurrent).then_some(&filter.labelers)
}

fn write(counts: &Counts) -> Vec<u8> {
    let mut out = Vec::new();
    pack::uint(&mut out, counts.len() as u64);
    for (id, rows) in counts {
        out.extend_from_slice(&id.0.0);
        pack::uint(&mut out, *rows);
    }
    out
}

fn read(body: &[u8]) -> Option<Counts> {
    let mut reader = Reader::new(body);
    let counts = (0..reader.len()?)
        .map(|_| Some((RecordId(reader.digest()?), reader.uint()?)))
        .collect::<Option<_>>()?;
    reader.is_done().then_some(counts)
}
