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
mod resolve;
mod reverts;
mod table;

#[cfg(test)]
mod tests;

use crate::base::Timestamp;
use crate::record::{Kind, LabelerKind, Manifest, RecordId, Rows};
use ancestry::{Ancestry, Arranged};
use reverts::Cover;
use table::Table;

pub use plan::{Counts, Disposition, Plan, Wish, plan};
pub use resolve::{Outcome, Resolved, Settled, resolve, votes};

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
    /// Whether a live revert covers it.
    pub reverted: bool,
}

/// All records of a set, folded.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Ancestors first, then by id.
    records: Vec<Loaded>,
    /// Sorted by id: where each record stands.
    ids: Vec<(RecordId, u32)>,
    ancestry: Ancestry,
    heads: Vec<RecordId>,
    missing: Vec<Missing>,
    table: Table,
    /// By record: whether it is a revert that holds.
    live_reverts: Vec<bool>,
    /// What each live revert takes back, by record number.
    covers: Vec<Cover>,
    /// By record: the labelers its manifest lists, sorted by number.
    labeler_kinds: Vec<Vec<(u32, LabelerKind)>>,
}

impl Ledger {
    /// Folds `records`. Equal ids are one record.
    ///
    /// # Panics
    /// When the set holds more than 65,536 tasks, or 2^32 records, rows or names.
    pub fn fold(records: Vec<Loaded>) -> Self {
        let Arranged { records, ids, ancestry, heads, missing } = ancestry::arrange(records);
        let table = table::build(&records);
        let labeler_kinds = attributes::labeler_kinds(&records, &table.labelers);
        let mut ledger = Self {
            records,
            ids,
            ancestry,
            heads,
            missing,
            table,
            live_reverts: Vec::new(),
            covers: Vec::new(),
            labeler_kinds,
        };
        let (live, takes) = reverts::hold(&ledger.records, |id| ledger.find_record(id));
        ledger.live_reverts = live;
        reverts::cover(&mut ledger, &takes);
        order::settle(&mut ledger);
        ledger
    }

    /// Returns the ledger that the records of this one and `extra` come to.
    pub fn fold_with(&self, extra: Vec<Loaded>) -> Self {
        Self::fold(self.records.iter().cloned().chain(extra).collect())
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
