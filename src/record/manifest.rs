//! A manifest: who added what, when, seeing what; the attribution of one record, readable in a pull request.

use std::collections::BTreeMap;

use super::filter::Filter;
use super::id::RecordId;
use super::kind::{Kind, LabelerKind, Origin};
use crate::base::{Digest, Timestamp};

/// One record's manifest. Its exact bytes, made by `crate::manifest`, are the record's identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// What the record adds.
    pub kind: Kind,
    /// The task its rows answer; none for items, guidelines, reverts and joins.
    pub task: Option<String>,
    /// Who committed it, as Git names them.
    pub actor: String,
    /// The committer's wall clock, as it was; orders nothing.
    pub recorded_at: Timestamp,
    /// The program that wrote it: `hitl 0.1.0`.
    pub tool: String,
    /// The record heads its author could see, sorted, at most [`Manifest::MAX_PARENTS`].
    pub parents: Vec<RecordId>,
    /// The file it was read from.
    pub source: Option<Source>,
    /// SHA-256 of the task's schema in canonical JSON.
    pub schema_sha256: Option<Digest>,
    /// Who judged, of which kind, and how many rows each.
    pub labelers: Labelers,
    /// The guideline versions its rows name: `name@version`.
    pub guidelines: BTreeMap<String, GuidelineUse>,
    /// Rows of each origin.
    pub origins: BTreeMap<Origin, u64>,
    /// Its Parquet file; none for a revert without an item list and for joins.
    pub shard: Option<Shard>,
    /// Merkle root over its canonical rows.
    pub rows_root: Option<Digest>,
    /// What a revert takes back; reverts alone have it.
    pub revert: Option<Revert>,
    /// Why, in the committer's words.
    pub message: String,
}

impl Manifest {
    /// A record names at most this many parents; more heads are joined first.
    pub const MAX_PARENTS: usize = 64;
    /// A record has at most this many rows; a larger import becomes several records of one commit.
    pub const MAX_ROWS: usize = 1_000_000;

    /// Returns the manifest of a record of `kind` about which nothing else is said yet.
    pub fn new(kind: Kind, recorded_at: Timestamp) -> Self {
        Self {
            kind,
            task: None,
            actor: String::new(),
            recorded_at,
            tool: String::new(),
            parents: Vec::new(),
            source: None,
            schema_sha256: None,
            labelers: Labelers::Listed(BTreeMap::new()),
            guidelines: BTreeMap::new(),
            origins: BTreeMap::new(),
            shard: None,
            rows_root: None,
            revert: None,
            message: String::new(),
        }
    }
}

/// Where a batch came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The file's name without its folder, or `-` for standard input.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
    /// The format it was read as: `csv, long form`.
    pub detected: String,
    /// Which column was read as which field.
    pub mapping: BTreeMap<String, String>,
    /// The flags that changed how it was read: `--labeler gold`.
    pub flags: Vec<String>,
}

/// The labelers of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Labelers {
    /// In the manifest.
    Listed(BTreeMap<String, LabelerUse>),
    /// So many that the table lies in the shard's metadata.
    InShard,
}

/// One labeler's part in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelerUse {
    /// Human, model or gold.
    pub kind: LabelerKind,
    /// Rows of theirs.
    pub rows: u64,
}

/// One guideline version's part in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuidelineUse {
    /// SHA-256 of the guideline's text: pins which text was meant.
    pub sha256: Digest,
    /// Rows made under it.
    pub rows: u64,
}

/// A record's Parquet file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
}

/// Whether taking a judgement back also takes those built on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cascade {
    /// No: they are judgements of their own.
    #[default]
    None,
    /// The ones that only confirmed it.
    Confirmed,
    /// Also the ones changed from it and switched after seeing it; adjudications never.
    All,
}

impl Cascade {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Confirmed => "confirmed",
            Self::All => "all",
        }
    }

    /// Whether a judgement of `origin` goes with the one it was built on.
    pub fn takes(self, origin: Origin) -> bool {
        match self {
            Self::None => false,
            Self::Confirmed => origin == Origin::Confirmed,
            Self::All => matches!(origin, Origin::Confirmed | Origin::Changed | Origin::Switched),
        }
    }
}

/// What a revert takes back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Revert {
    /// Which judgements; naming one revert alone takes that revert back.
    pub filter: Filter,
    /// Whether judgements built on them go too.
    pub cascade: Cascade,
    /// Whether matching judgements of records that do not descend from the revert are covered too.
    pub concurrent: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjudications_never_cascade() {
        assert!(!Cascade::All.takes(Origin::Adjudicated));
        assert!(Cascade::All.takes(Origin::Switched));
        assert!(!Cascade::Confirmed.takes(Origin::Changed));
        assert!(!Cascade::None.takes(Origin::Confirmed));
    }
}
