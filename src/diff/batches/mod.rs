//! Two sets of judgements side by side: two batches, or the corrections of two states.
//!
//! In: two [`Side`]s, each a list of judgements. Out: a [`BatchDiff`]: which items only one side judged, of which
//! both say the same and of which not; of labels a matrix from A's label to B's; of corrections how far each is from
//! its original and from the others.
//!
//! **Who is compared with whom.** On an item that both sides judged, a labeler who is on both sides with themself; those
//! on one side alone with those on the other side alone; and where the other side has nobody alone, with all there. An
//! item is alike when every such pair says the same. Two corrections say the same when the same text comes of them;
//! where none does (rejected, with nothing in its place), when their verdicts are the same. Who contradicts themself on
//! an item says nothing of it, and the sides are not the same unless the same do so in the same words on both.
//!
//! Laws: of a side and itself everything is alike; of the sides exchanged the report is [mirrored](BatchDiff::mirrored).

mod agreement;
mod apart;
mod item;
mod pairs;
mod report;
mod sides;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::base::Timestamp;
use crate::record::{Kind, RecordId, Verdict};
use agreement::Sums;
use item::Compared;
use sides::{Conflicts, conflicts, standing, together};

pub use report::{
    Apart, BatchDiff, ConflictDiff, CorrectionStats, ItemCounts, ItemDiff, ItemVersion, LabelerRows, Made,
    PairStats, PartDiff, SideReport,
};

use super::report::Transition;

/// What one row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer<'a> {
    /// A canonical label; `None` abstains.
    Label(Option<&'a str>),
    /// A correction.
    Correction {
        /// What is said of the original.
        verdict: Verdict,
        /// The text judged.
        original: Option<&'a str>,
        /// The text in its place.
        corrected: Option<&'a str>,
    },
}

/// One row: who said what of which item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said<'a> {
    /// The task.
    pub task: &'a str,
    /// Labels, corrections, adjudications or predictions.
    pub kind: Kind,
    /// The item.
    pub item: &'a str,
    /// Who.
    pub labeler: &'a str,
    /// When, where that is known.
    pub created_at: Option<Timestamp>,
    /// What.
    pub answer: Answer<'a>,
}

/// One set of judgements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side<'a> {
    /// What its user calls it.
    pub name: String,
    /// The records it is, where it is some.
    pub records: Vec<RecordId>,
    /// Its rows, in any order; of several of one labeler and item the last by time counts.
    pub said: Vec<Said<'a>>,
    /// Rows by which a labeler contradicts themself on an item. None of them stands, so that they are only compared with
    /// those of the other side.
    pub conflicts: Vec<Said<'a>>,
}

/// Compares two sides, listing at most `limit` items of each list of a part; counts are exact.
pub fn compare(a: &Side<'_>, b: &Side<'_>, limit: Option<usize>) -> BatchDiff {
    let (said_a, said_b) = (standing(&a.said), standing(&b.said));
    let (part_a, part_b) = (parts(&said_a), parts(&said_b));
    let (torn_a, torn_b) = (conflicts(&a.conflicts), conflicts(&b.conflicts));
    let torn = torn_a.keys().chain(torn_b.keys()).map(|(task, kind, ..)| (*task, *kind));
    let mut keys: Vec<(&str, Kind)> = part_a.keys().chain(part_b.keys()).copied().chain(torn).collect();
    keys.sort_unstable();
    keys.dedup();
    let none: &[Said<'_>] = &[];
    let limit = limit.unwrap_or(usize::MAX);
    let part = |(task, kind): (&str, Kind)| {
        let of = |parts: &BTreeMap<(&str, Kind), _>| parts.get(&(task, kind)).copied().unwrap_or(none);
        let mut part = part_diff(task, kind, of(&part_a), of(&part_b), limit);
        add_conflicts(&mut part, (&torn_a, &torn_b), limit);
        part
    };
    let parts: Vec<PartDiff> = keys.into_iter().map(part).collect();
    BatchDiff {
        schema: "hitl.batch-diff/1",
        same: parts.iter().all(PartDiff::is_same),
        a: side_report(a, &said_a, &torn_a),
        b: side_report(b, &said_b, &torn_b),
        parts,
    }
}

/// Adds who contradicts themself otherwise on the one side than on the other.
fn add_conflicts(part: &mut PartDiff, (a, b): (&Conflicts<'_>, &Conflicts<'_>), limit: usize) {
    let keys: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    let here = |key: &(&str, Kind, &str, &str)| (key.0, key.1) == (part.task.as_str(), part.kind);
    let differ: Vec<_> =
        keys.into_iter().filter(|key| here(key) && a.get(*key) != b.get(*key)).copied().collect();
    let says = |answers: Option<&BTreeSet<_>>| answers.map_or(0, |answers| answers.len() as u64);
    let one = |key: &(&str, Kind, &str, &str)| ConflictDiff {
        item: key.2.to_owned(),
        labeler: key.3.to_owned(),
        a: says(a.get(key)),
        b: says(b.get(key)),
    };
    part.conflicting = differ.iter().take(limit).map(one).collect();
    part.conflicts = differ.len() as u64;
}

/// Returns the rows of each task and kind, runs of `said`.
fn parts<'r, 'a>(said: &'r [Said<'a>]) -> BTreeMap<(&'a str, Kind), &'r [Said<'a>]> {
    let runs = said.chunk_by(|one, other| (one.task, one.kind) == (other.task, other.kind));
    runs.map(|run| ((run[0].task, run[0].kind), run)).collect()
}

fn side_report(side: &Side<'_>, said: &[Said<'_>], torn: &Conflicts<'_>) -> SideReport {
    let distinct = |mut names: Vec<&str>| {
        names.sort_unstable();
        names.dedup();
        names.len() as u64
    };
    let mut records = side.records.clone();
    records.sort_unstable();
    records.dedup();
    SideReport {
        name: side.name.clone(),
        records,
        rows: side.said.len() as u64,
        earlier: (side.said.len() - said.len()) as u64,
        conflicts: torn.len() as u64,
        items: distinct(said.iter().map(|one| one.item).collect()),
        labelers: distinct(said.iter().map(|one| one.labeler).collect()),
    }
}

fn part_diff(task: &str, kind: Kind, a: &[Said<'_>], b: &[Said<'_>], limit: usize) -> PartDiff {
    let items = together(a, b);
    let compared: Vec<Compared<'_>> = items.par_iter().map(Compared::of).collect();
    let mut part = PartDiff::new(task, kind, labelers(a, b));
    let mut cells: BTreeMap<(Option<&str>, Option<&str>), u64> = BTreeMap::new();
    let mut sums = Sums::default();
    for (sides, compared) in items.iter().zip(&compared) {
        match (sides.a.is_empty(), sides.b.is_empty()) {
            (_, true) => push(&mut part.only_a, limit, || sides.item.to_owned(), &mut part.items.only_a),
            (true, _) => push(&mut part.only_b, limit, || sides.item.to_owned(), &mut part.items.only_b),
            _ if compared.is_alike() => part.items.alike += 1,
            _ => push(&mut part.differing, limit, || compared.report(sides), &mut part.items.differently),
        }
        part.pairs += compared.pairs.count();
        part.pairs_alike += compared.pairs.alike();
        sums.add(compared, sides);
        if kind != Kind::Corrections {
            compared.cells(|cell, count| *cells.entry(cell).or_default() += count);
        }
    }
    part.items.both = part.items.alike + part.items.differently;
    part.transitions = cells
        .into_iter()
        .map(|((before, after), count)| Transition {
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            count,
        })
        .collect();
    part.corrections = (kind == Kind::Corrections).then(|| sums.report());
    part
}

/// Counts one more, and lists it while there is room.
fn push<T>(list: &mut Vec<T>, limit: usize, make: impl FnOnce() -> T, count: &mut u64) {
    *count += 1;
    if list.len() < limit {
        list.push(make());
    }
}

/// Returns how many rows each labeler has on either side, by name.
fn labelers(a: &[Said<'_>], b: &[Said<'_>]) -> Vec<LabelerRows> {
    let mut rows: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    a.iter().for_each(|one| rows.entry(one.labeler).or_default()[0] += 1);
    b.iter().for_each(|one| rows.entry(one.labeler).or_default()[1] += 1);
    rows.into_iter().map(|(labeler, [a, b])| LabelerRows { labeler: labeler.to_owned(), a, b }).collect()
}
