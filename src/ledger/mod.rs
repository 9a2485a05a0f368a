//! The ledger: what a set of records means, as a pure function of that set.
//!
//! In: loaded records, in any order. Out: every judgement with its state, sorted so that the judgements of one item
//! are a run. Never commit order, branch topology, machine or thread count. The rules are those of
//! `docs/semantics.md`.

mod access;
mod ancestry;
mod attributes;
mod cascade;
mod choice;
mod graph;
mod names;
mod order;
mod plan;
mod records;
mod resolve;
mod reverts;
mod segment;
mod table;
mod verdicts;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::Timestamp;
use crate::record::{Kind, LabelerKind, Manifest, RecordId, Rows};
use ancestry::Ancestry;
use reverts::Cover;
use table::Table;

pub use ancestry::{Arranged, Node, Parents, arrange};
pub use plan::{Counts, Disposition, Plan, Wish, plan};
pub use records::{Head, LazyManifest, Manifests, Record, RecordSet};
pub use resolve::{How, Outcome, Resolved, Settled, resolve, votes};
pub use segment::{Places, Segment, labeler_kinds};
pub use verdicts::{Verdict, Verdicts};

/// A record read back and verified: the input of the fold.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// Its id.
    pub id: RecordId,
    /// Its manifest, with the labeler table filled in from the shard where it was kept there.
    pub manifest: Manifest,
    /// Its rows, in canonical order; of a kind without a shard, none.
    pub rows: Rows,
}

/// A parent that some record names and the set lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The absent record.
    pub id: RecordId,
    /// Who names it, sorted.
    pub needed_by: Vec<RecordId>,
}

/// What has become of a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Live, and no live judgement of its key comes after it.
    Current,
    /// Live, and one of several that contradict each other: none of them counts.
    Conflict,
    /// Live, and followed by a later live judgement of its key.
    Superseded,
    /// Taken back in every record that carries it.
    Reverted,
}

impl State {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Conflict => "conflict",
            Self::Superseded => "superseded",
            Self::Reverted => "reverted",
        }
    }
}

/// One judgement: the rows that agree in kind, task, item, labeler, statement and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Dense task number; see [`Ledger::task_name`].
    pub task: u16,
    /// Labels, corrections, adjudications or predictions.
    pub kind: Kind,
    /// What has become of it.
    pub state: State,
    /// Dense item number, in UTF-8 order of the ids; see [`Ledger::item_name`].
    pub item: u32,
    /// Dense labeler number, in UTF-8 order of the ids; see [`Ledger::labeler_name`].
    pub labeler: u32,
    /// Dense number of what is said (see [`Rows::statement`]); `None` abstains.
    pub statement: Option<u32>,
    /// The last change of the judgement, as the row gives it; `None` where the source had no time.
    pub created_at: Option<Timestamp>,
    /// Where [`Ledger::carriers`] begins and ends.
    carriers: (u32, u32),
}

/// A row that carries a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// Which of [`Ledger::records`].
    pub record: u32,
    /// Which row of it.
    pub row: u32,
    /// Which row of the ledger's segments, counted through all of them.
    at: u32,
    /// What the labeler is, as the record's manifest has it.
    pub labeler_kind: LabelerKind,
    /// Whether a live revert covers it.
    pub reverted: bool,
}

/// A set of records, and the judgements of all or of some of their rows, folded.
///
/// Whatever follows from single items follows from the rows of those items alone: a ledger over the rows of some items
/// says of them what the ledger over all rows says.
#[derive(Clone, Debug)]
pub struct Ledger {
    set: Arc<RecordSet>,
    segments: Vec<Segment>,
    table: Table,
    /// What each live revert takes back, by record number.
    covers: Vec<Cover>,
}

impl Ledger {
    /// Folds `records`. Equal ids are one record.
    ///
    /// # Panics
    /// When the set holds more than 65,536 tasks, or 2^32 records, rows or names.
    pub fn fold(records: Vec<Loaded>) -> Self {
        let (set, rows) = RecordSet::of(records);
        let segments = rows.into_iter().map(|(record, rows)| Segment::whole(&set, record, rows)).collect();
        Self::over(Arc::new(set), segments)
    }

    /// Folds the rows of `segments`, which name their records by their numbers in `set`.
    ///
    /// # Panics
    /// As [`Ledger::fold`].
    pub fn over(set: Arc<RecordSet>, segments: Vec<Segment>) -> Self {
        let table = table::build(&segments);
        let mut ledger = Self { set, segments, table, covers: Vec::new() };
        reverts::cover(&mut ledger);
        order::settle(&mut ledger);
        ledger
    }

    /// Returns the ledger of the same rows among the records of `set`: those of this ledger and others.
    ///
    /// Where the others come last, as records do that descend from all of them, no row is looked at again.
    pub fn among(&self, set: &Arc<RecordSet>) -> Self {
        let same = self.records().iter().zip(set.records()).all(|(old, new)| old.id == new.id);
        if !same {
            let moved = self.segments.iter().filter_map(|segment| segment.moved(&self.set, set));
            return Self::over(set.clone(), moved.collect());
        }
        let mut ledger = Self {
            set: set.clone(),
            segments: self.segments.clone(),
            table: self.table.clone(),
            covers: Vec::new(),
        };
        ledger.table.carriers.iter_mut().for_each(|carrier| carrier.reverted = false);
        reverts::cover(&mut ledger);
        order::settle(&mut ledger);
        ledger
    }

    /// Returns the ledger that the records of this one and `extra` come to.
    pub fn fold_with(&self, extra: Vec<Loaded>) -> Self {
        let (set, added) = self.set.with(extra);
        let mut segments: Vec<Segment> =
            self.segments.iter().filter_map(|segment| segment.moved(&self.set, &set)).collect();
        segments.extend(added.into_iter().map(|(record, rows)| Segment::whole(&set, record, rows)));
        segments.sort_by_key(|segment| segment.place(0));
        Self::over(Arc::new(set), segments)
    }

    /// Returns the ledger in which the records `inert` judge nothing and take nothing back, but keep their place among the
    /// others.
    pub fn without(self, inert: &BTreeSet<RecordId>) -> Self {
        if inert.is_empty() {
            return self;
        }
        let kept = |record: &Record| match inert.contains(&record.id) {
            true => record.emptied(),
            false => record.clone(),
        };
        self.with_records(|record| Some(kept(record)))
    }

    /// Returns the ledger of the records that `map` makes of this one's, each with the rows it had, unless it judges
    /// nothing any more; a record it makes nothing of is left out.
    pub fn with_records(&self, map: impl Fn(&Record) -> Option<Record>) -> Self {
        let set = RecordSet::new(self.records().iter().filter_map(map).collect());
        let segments = self.segments.iter().filter_map(|segment| segment.moved(&self.set, &set)).collect();
        Self::over(Arc::new(set), segments)
    }
}

/// Returns those of `carriers`, all of one judgement, whose record has no ancestor among the others'.
fn introducing<'a>(ancestry: &'a Ancestry, carriers: &'a [Carrier]) -> impl Iterator<Item = &'a Carrier> {
    // Ancestors come first, and an ancestor's ancestor is one too.
    carriers.iter().enumerate().filter_map(move |(index, carrier)| {
        let later = |other: &Carrier| ancestry.descends(carrier.record as usize, other.record as usize);
        (!carriers[..index].iter().any(later)).then_some(carrier)
    })
}
