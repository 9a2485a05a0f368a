//! Sealing: a draft becomes a record's exact bytes.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

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
    seal_keeping(draft, stamp, true)
}

/// Seals `draft` as [`seal`] does, for whoever only writes the files: the records come without their rows.
///
/// # Errors
/// As [`seal`].
pub fn seal_to_write(draft: &Draft, stamp: &Stamp) -> Result<Vec<Sealed>, Error> {
    seal_keeping(draft, stamp, false)
}

fn seal_keeping(draft: &Draft, stamp: &Stamp, keep: bool) -> Result<Vec<Sealed>, Error> {
    let Some(rows) = &draft.rows else { return Ok(vec![seal_one(draft, None, stamp, keep)?]) };
    let sorted = record::canonical_order(rows).map(|order| rows.take(&order));
    let rows = sorted.as_ref().unwrap_or(rows);
    let parts: Vec<Range<usize>> = (0..rows.len().max(1))
        .step_by(Manifest::MAX_ROWS)
        .map(|start| start..rows.len().min(start + Manifest::MAX_ROWS))
        .collect();
    let sealed: Vec<Result<Sealed, Error>> = match parts.as_slice() {
        [part] => vec![seal_one(draft, Some((rows, part.clone())), stamp, keep)],
        _ => {
            let one = |part| seal_one(draft, Some((rows, part)), stamp, keep);
            parts.into_par_iter().with_max_len(1).map(one).collect()
        }
    };
    sealed.into_iter().collect()
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
        let joined = seal_one(&Draft::new(Kind::Joins, "join record heads"), None, &stamp, true)?;
        heads = rest;
        heads.push(joined.record.id);
        heads.sort();
        joins.push(joined);
    }
    Ok((joins, heads))
}

/// The rows of one record: some of all there are, in canonical order.
type Part<'a> = (&'a Rows, Range<usize>);

fn seal_one(draft: &Draft, part: Option<Part<'_>>, stamp: &Stamp, keep: bool) -> Result<Sealed, Error> {
    let judged = part.as_ref().filter(|(rows, _)| rows.kind().is_judgement());
    let labelers = judged.map(|part| labeler_uses_of(part, &draft.labeler_kinds)).unwrap_or_default();
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
        guidelines: judged.map(|part| guideline_uses(part, &draft.guideline_texts)).unwrap_or_default(),
        origins: judged.map(origins).unwrap_or_default(),
        shard: None,
        rows_root: None,
        revert: draft.revert.clone(),
        message: draft.message.clone(),
    };
    let in_shard = !manifest::fits(&manifest);
    let mut bytes = None;
    if let Some((rows, range)) = &part {
        let (encoded, root) = rayon::join(
            || shard::encode_part(rows, range.clone(), in_shard.then_some(&labelers)),
            || record::rows_root_of(rows, range.clone()),
        );
        let encoded = encoded?;
        let size = encoded.len() as u64;
        manifest.shard = Some(Shard { sha256: Digest::of(&encoded), bytes: size, rows: range.len() as u64 });
        manifest.rows_root = Some(root);
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
    let rows =
        part.filter(|_| keep).map_or_else(|| Rows::empty(draft.kind), |(rows, range)| rows.slice(range));
    Ok(Sealed { record: Loaded { id, manifest, rows }, path, files })
}

/// Counts the rows of each value of the text column `column`; null is not counted.
pub(super) fn tally(rows: &Rows, column: usize) -> BTreeMap<&str, u64> {
    tally_of(&(rows, 0..rows.len()), column)
}

fn tally_of<'a>((rows, range): &Part<'a>, column: usize) -> BTreeMap<&'a str, u64> {
    let counts = rows.texts(column).tally(range.clone());
    counts.into_iter().filter_map(|(value, rows)| value.map(|value| (value, rows as u64))).collect()
}

/// Returns each labeler of `rows` with kind (human unless `kinds` says otherwise) and number of rows.
pub fn labeler_uses(rows: &Rows, kinds: &BTreeMap<String, LabelerKind>) -> BTreeMap<String, LabelerUse> {
    labeler_uses_of(&(rows, 0..rows.len()), kinds)
}

fn labeler_uses_of(part: &Part<'_>, kinds: &BTreeMap<String, LabelerKind>) -> BTreeMap<String, LabelerUse> {
    let used = |(id, rows): (&str, u64)| {
        let kind = kinds.get(id).copied().unwrap_or(LabelerKind::Human);
        (id.to_owned(), LabelerUse { kind, rows })
    };
    tally_of(part, col::LABELER).into_iter().map(used).collect()
}

fn guideline_uses(part: &Part<'_>, texts: &BTreeMap<String, Digest>) -> BTreeMap<String, GuidelineUse> {
    tally_of(part, col::GUIDELINE)
        .into_iter()
        .filter_map(|(key, rows)| {
            texts.get(key).map(|sha256| (key.to_owned(), GuidelineUse { sha256: *sha256, rows }))
        })
        .collect()
}

fn origins(part: &Part<'_>) -> BTreeMap<Origin, u64> {
    tally_of(part, col::ORIGIN)
        .into_iter()
        .filter_map(|(word, rows)| word.parse().ok().map(|origin| (origin, rows)))
        .collect()
}
