//! Sealing: a draft becomes a record's exact bytes.

use std::collections::BTreeMap;

use super::{Error, LEDGER};
use crate::base::{Digest, Timestamp};
use crate::ledger::Loaded;
use crate::record::{
    self, GuidelineUse, Kind, LabelerKind, LabelerUse, Labelers, Manifest, Origin, RecordId, Revert, Rows,
    Shard, Source, col,
};
use crate::{manifest, shard};

/// What a record is to hold.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its kind.
    pub kind: Kind,
    /// Its task, for judgements.
    pub task: Option<String>,
    /// Its rows, in any order; none for joins and for reverts without an item list.
    pub rows: Option<Rows>,
    /// The file they were read from.
    pub source: Option<Source>,
    /// Digest of the task's schema.
    pub schema_sha256: Option<Digest>,
    /// The kind of each labeler who is not human.
    pub labeler_kinds: BTreeMap<String, LabelerKind>,
    /// SHA-256 of the text of each guideline version that rows name.
    pub guideline_texts: BTreeMap<String, Digest>,
    /// What it takes back.
    pub revert: Option<Revert>,
    /// Why.
    pub message: String,
}

impl Draft {
    /// Returns a draft of `kind` that holds nothing yet.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            task: None,
            rows: None,
            source: None,
            schema_sha256: None,
            labeler_kinds: BTreeMap::new(),
            guideline_texts: BTreeMap::new(),
            revert: None,
            message: message.into(),
        }
    }
}

/// Who seals, when, with what, seeing what.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// `Name <email>`, as Git has it.
    pub actor: String,
    /// The wall clock.
    pub recorded_at: Timestamp,
    /// `hitl 0.1.0`.
    pub tool: String,
    /// The heads of the ledger seen.
    pub parents: Vec<RecordId>,
}

/// A record ready to be committed.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The record as reading it back gives it.
    pub record: Loaded,
    /// Its manifest's path.
    pub path: String,
    /// Its files: path and bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Seals `draft`: one record, or several where it has more than a million rows.
///
/// # Errors
/// The manifest would be over its size limit.
pub fn seal(draft: &Draft, stamp: &Stamp) -> Result<Vec<Sealed>, Error> {
    let Some(rows) = &draft.rows else { return Ok(vec![seal_one(draft, None, stamp)?]) };
    let sorted = record::sort(rows);
    let all: Vec<u32> = (0..sorted.len() as u32).collect();
    if all.len() <= Manifest::MAX_ROWS {
        return Ok(vec![seal_one(draft, Some(sorted), stamp)?]);
    }
    all.chunks(Manifest::MAX_ROWS).map(|part| seal_one(draft, Some(sorted.take(part)), stamp)).collect()
}

/// Returns the join records that make `heads` few enough to be parents, oldest first, and the heads to name.
///
/// # Errors
/// As [`seal`].
pub fn join(mut heads: Vec<RecordId>, stamp: &Stamp) -> Result<(Vec<Sealed>, Vec<RecordId>), Error> {
    let mut joins = Vec::new();
    while heads.len() > Manifest::MAX_PARENTS {
        let rest = heads.split_off(Manifest::MAX_PARENTS);
        let stamp = Stamp { parents: heads, ..stamp.clone() };
        let joined = seal_one(&Draft::new(Kind::Joins, "join record heads"), None, &stamp)?;
        heads = rest;
        heads.push(joined.record.id);
        heads.sort();
        joins.push(joined);
    }
    Ok((joins, heads))
}

fn seal_one(draft: &Draft, rows: Option<Rows>, stamp: &Stamp) -> Result<Sealed, Error> {
    let judged = rows.as_ref().filter(|rows| rows.kind().is_judgement());
    let labelers = judged.map(|rows| labeler_uses(rows, &draft.labeler_kinds)).unwrap_or_default();
    let mut manifest = Manifest {
        kind: draft.kind,
        task: draft.task.clone(),
        actor: stamp.actor.clone(),
        recorded_at: stamp.recorded_at,
        tool: stamp.tool.clone(),
        parents: stamp.parents.clone(),
        source: draft.source.clone(),
        schema_sha256: draft.schema_sha256,
        labelers: Labelers::Listed(labelers.clone()),
        guidelines: judged.map(|rows| guideline_uses(rows, &draft.guideline_texts)).unwrap_or_default(),
        origins: judged.map(origins).unwrap_or_default(),
        shard: None,
        rows_root: None,
        revert: draft.revert.clone(),
        message: draft.message.clone(),
    };
    let in_shard = !manifest::fits(&manifest);
    let mut bytes = None;
    if let Some(rows) = &rows {
        let encoded = shard::encode(rows, in_shard.then_some(&labelers))?;
        let size = encoded.len() as u64;
        manifest.shard = Some(Shard { sha256: Digest::of(&encoded), bytes: size, rows: rows.len() as u64 });
        manifest.rows_root = Some(record::rows_root(rows));
        bytes = Some(encoded);
    }
    let told = if in_shard {
        Manifest { labelers: Labelers::InShard, ..manifest.clone() }
    } else {
        manifest.clone()
    };
    let text = manifest::emit(&told);
    if text.len() > manifest::MAX_BYTES {
        return Err(Error::ManifestTooLong { bytes: text.len() });
    }
    let id = RecordId::of(&text);
    let path = manifest::manifest_path(draft.kind, draft.task.as_deref(), stamp.recorded_at, id);
    debug_assert!(path.starts_with(LEDGER));
    let mut files = Vec::with_capacity(2);
    if let Some(bytes) = bytes {
        let path = manifest::shard_path(draft.kind, draft.task.as_deref(), stamp.recorded_at, id);
        files.push((path, bytes));
    }
    files.push((path.clone(), text));
    let rows = rows.unwrap_or_else(|| Rows::empty(draft.kind));
    Ok(Sealed { record: Loaded { id, manifest, rows }, path, files })
}

/// Counts the rows of each value of the text column `column`; null is not counted.
pub(super) fn tally(rows: &Rows, column: usize) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for value in rows.texts(column).iter().flatten() {
        *counts.entry(value).or_insert(0) += 1;
    }
    counts
}

/// Returns each labeler of `rows` with kind (human unless `kinds` says otherwise) and number of rows.
pub fn labeler_uses(rows: &Rows, kinds: &BTreeMap<String, LabelerKind>) -> BTreeMap<String, LabelerUse> {
    let used = |(id, rows): (&str, u64)| {
        let kind = kinds.get(id).copied().unwrap_or(LabelerKind::Human);
        (id.to_owned(), LabelerUse { kind, rows })
    };
    tally(rows, col::LABELER).into_iter().map(used).collect()
}

fn guideline_uses(rows: &Rows, texts: &BTreeMap<String, Digest>) -> BTreeMap<String, GuidelineUse> {
    tally(rows, col::GUIDELINE)
        .into_iter()
        .filter_map(|(key, rows)| {
            texts.get(key).map(|sha256| (key.to_owned(), GuidelineUse { sha256: *sha256, rows }))
        })
        .collect()
}

fn origins(rows: &Rows) -> BTreeMap<Origin, u64> {
    tally(rows, col::ORIGIN)
        .into_iter()
        .filter_map(|(word, rows)| word.parse().ok().map(|origin| (origin, rows)))
        .collect()
}
