//! The records of a ledger, arranged: what each is, who descends from whom, and which reverts hold.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::ancestry::{Ancestry, Arranged, Node, arrange};
use super::{Loaded, Missing, reverts};
use crate::base::Timestamp;
use crate::record::{Kind, Manifest, RecordId, Rows};

/// What the fold asks of every record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What it adds.
    pub kind: Kind,
    /// Its task, for judgements.
    pub task: Option<Arc<str>>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The records it was made on top of.
    pub parents: Arc<[RecordId]>,
}

impl Head {
    /// Returns the head of a record with this manifest.
    pub fn of(manifest: &Manifest) -> Self {
        Self {
            kind: manifest.kind,
            task: manifest.task.as_deref().map(Arc::from),
            recorded_at: manifest.recorded_at,
            parents: manifest.parents.as_slice().into(),
        }
    }
}

/// Where manifests are that were not needed yet.
pub trait Manifests: Send + Sync {
    /// Returns one of them, or unwinds with its own error where none is to be had.
    fn manifest(&self, number: u32) -> Manifest;
}

/// A manifest, read when it is first looked at.
#[derive(Clone)]
pub struct LazyManifest {
    read: OnceLock<Arc<Manifest>>,
    from: Option<(Arc<dyn Manifests>, u32)>,
}

impl LazyManifest {
    /// Returns the manifest that `from` has under `number`, not yet read.
    pub fn later(from: Arc<dyn Manifests>, number: u32) -> Self {
        Self { read: OnceLock::new(), from: Some((from, number)) }
    }
}

impl From<Manifest> for LazyManifest {
    fn from(manifest: Manifest) -> Self {
        Self { read: OnceLock::from(Arc::new(manifest)), from: None }
    }
}

impl Deref for LazyManifest {
    type Target = Manifest;

    fn deref(&self) -> &Manifest {
        self.read.get_or_init(|| {
            let (from, number) = self.from.as_ref().expect("a manifest is there or can be read");
            Arc::new(from.manifest(*number))
        })
    }
}

impl fmt::Debug for LazyManifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// One record of a ledger.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// What the fold asks of it.
    pub head: Head,
    /// Its manifest, with the labeler table filled in from the shard where it was kept there.
    pub manifest: LazyManifest,
    /// Its rows where they judge nothing: items, guideline versions, the items of a revert. Judgements lie in the
    /// ledger's segments ([`super::Ledger::row_of`]).
    pub rows: Arc<Rows>,
}

impl Record {
    /// Returns the record as one that keeps its place among the others and does nothing else: a join.
    pub fn emptied(&self) -> Self {
        let head = Head { kind: Kind::Joins, task: None, ..self.head.clone() };
        let manifest = Manifest {
            actor: self.manifest.actor.clone(),
            parents: self.manifest.parents.clone(),
            ..Manifest::new(Kind::Joins, self.head.recorded_at)
        };
        Self { id: self.id, head, manifest: manifest.into(), rows: Arc::new(Rows::empty(Kind::Joins)) }
    }
}

impl Node for Record {
    fn id(&self) -> RecordId {
        self.id
    }

    fn parents(&self) -> &[RecordId] {
        &self.head.parents
    }
}

/// All records of a ledger, arranged.
#[derive(Clone, Debug, Default)]
pub struct RecordSet {
    pub(super) arranged: Arranged<Record>,
    pub(super) ancestry: Ancestry,
    /// Sorted.
    pub(super) heads: Vec<RecordId>,
    /// Sorted.
    pub(super) missing: Vec<Missing>,
    /// By record: whether it is a revert that holds.
    pub(super) live_reverts: Vec<bool>,
    /// The live reverts that take back judgements: those that name reverts take back these alone.
    pub(super) taking: Vec<usize>,
}

impl RecordSet {
    /// Arranges `records`. Equal ids are one record.
    pub fn new(records: Vec<Record>) -> Self {
        Self::of_arranged(arrange(records))
    }

    /// Returns the set of records that were arranged before.
    pub fn of_arranged(arranged: Arranged<Record>) -> Self {
        let (ancestry, heads, missing) = (arranged.ancestry(), arranged.heads(), arranged.missing());
        let mut set = Self { arranged, ancestry, heads, missing, ..Self::default() };
        (set.live_reverts, set.taking) = reverts::hold(&set);
        set
    }

    /// Arranges `records`, and returns the rows of those that judge by their numbers.
    pub(super) fn of(records: Vec<Loaded>) -> (Self, Vec<(u32, Rows)>) {
        Self::default().with(records)
    }

    /// Arranges the records of this set and `extra`, and returns the rows of those of `extra` that are new and judge.
    pub(super) fn with(&self, extra: Vec<Loaded>) -> (Self, Vec<(u32, Rows)>) {
        let mut records = self.arranged.records.clone();
        let mut rows: Vec<(RecordId, Rows)> = Vec::new();
        for Loaded { id, manifest, rows: mut own } in extra {
            if self.find(&id).is_some() {
                continue;
            }
            if manifest.kind.is_judgement() {
                let kind = own.kind();
                rows.push((id, std::mem::replace(&mut own, Rows::empty(kind))));
            }
            let head = Head::of(&manifest);
            records.push(Record { id, head, manifest: manifest.into(), rows: Arc::new(own) });
        }
        let set = Self::new(records);
        let number = |id: &RecordId| set.find(id).expect("the record was just put in") as u32;
        let mut rows: Vec<(u32, Rows)> = rows.into_iter().map(|(id, rows)| (number(&id), rows)).collect();
        rows.sort_by_key(|(record, _)| *record);
        rows.dedup_by_key(|(record, _)| *record);
        (set, rows)
    }

    /// Returns the set of these records and `extra`, which judge nothing.
    pub fn and(&self, extra: Vec<Loaded>) -> Self {
        self.with(extra).0
    }

    /// Returns the records, ancestors first, then by id. Positions in it are record numbers.
    pub fn records(&self) -> &[Record] {
        &self.arranged.records
    }

    /// Returns the numbers of the parents of record `number` that are there, sorted.
    pub fn parents(&self, number: usize) -> &[u32] {
        self.arranged.parents.of(number)
    }

    /// Returns the records, arranged.
    pub fn arranged(&self) -> &Arranged<Record> {
        &self.arranged
    }

    /// Whether record `later` has record `earlier` among its ancestors; a record is no ancestor of itself.
    pub fn descends(&self, later: usize, earlier: usize) -> bool {
        self.ancestry.descends(later, earlier)
    }

    /// Gives the record `number`, which judges nothing, these rows.
    pub fn describe(&mut self, number: u32, rows: Rows) {
        self.arranged.records[number as usize].rows = Arc::new(rows);
    }

    /// Returns the number of the record `id`.
    pub fn find(&self, id: &RecordId) -> Option<usize> {
        self.arranged.find(id)
    }
}
