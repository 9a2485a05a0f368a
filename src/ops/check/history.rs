//! Append-only: no commit of a change takes away, edits or moves what was there, merges included, and records come after
//! those they were made on top of.

use std::collections::BTreeMap;

use super::Change;
use super::range::Range;
use crate::base::{Digest, text};
use crate::check::{CheckName, Culprit, Finding, finding};
use crate::config::{Checks, Level};
use crate::dataset::{Dataset, GUIDELINES, LEDGER, SNAPSHOTS};
use crate::manifest::{self, Part, RecordPath};
use crate::ops::Error;
use crate::record::RecordId;
use crate::store::{CommitInfo, Oid, Step, TreeFile};

/// Files that are told one by one; of more, their number is.
const TOLD: usize = 50;

/// The mode of a plain file.
pub(super) const PLAIN: u32 = 0o100_644;

/// Something that a commit did to a file.
pub(in crate::ops) struct Deed {
    pub file: TreeFile,
    /// `edited` or `removed`.
    pub code: &'static str,
    /// Which of the steps.
    pub step: usize,
    pub is_merge: bool,
    /// The parent that had it.
    pub from: Oid,
}

/// Returns what the commits of a change did to files that were there.
pub(super) fn append_only(dataset: &Dataset, range: &Range, checks: &Checks) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let (check, level) = (CheckName::AppendOnly, checks.append_only);
    for folder in [LEDGER, GUIDELINES, SNAPSHOTS] {
        let deeds = deeds(dataset, &range.steps, folder)?;
        let more = deeds.len().saturating_sub(TOLD);
        for deed in deeds.into_values().take(TOLD) {
            findings.push(told(dataset, range, deed, level)?);
        }
        if more > 0 {
            let message = format!("{} in {folder}/ fared the same", text::count(more, "more file"));
            findings.push(finding(check, level, "more", None, message, "see the first ones"));
        }
    }
    Ok(findings)
}

/// Returns what was done to each file that was there, by path: by the first ordinary commit that did it, else the first
/// merge; a merge may only pass on what its other side did.
pub(in crate::ops) fn deeds(
    dataset: &Dataset,
    steps: &[Step],
    folder: &str,
) -> Result<BTreeMap<(String, Oid), Deed>, Error> {
    let store = dataset.store();
    let mut deeds: BTreeMap<(String, Oid), Deed> = BTreeMap::new();
    for (number, step) in steps.iter().enumerate() {
        let own = store.folder(&step.commit, folder)?;
        let is_merge = step.parents.len() > 1;
        for parent in &step.parents {
            let Some(theirs) = store.folder(parent, folder)? else { continue };
            for file in store.lacking(&theirs, own.as_ref(), folder)? {
                let key = (file.path.clone(), file.blob.clone());
                if deeds.get(&key).is_some_and(|known| is_merge || !known.is_merge) {
                    continue;
                }
                let code = match store.blob_at(&step.commit, &file.path)? {
                    Some(_) => "edited",
                    None => "removed",
                };
                deeds.insert(key, Deed { file, code, step: number, is_merge, from: parent.clone() });
            }
        }
    }
    Ok(deeds)
}

fn told(dataset: &Dataset, range: &Range, deed: Deed, level: Level) -> Result<Finding, Error> {
    let Deed { file, code, step, is_merge, from } = deed;
    let check = CheckName::AppendOnly;
    let store = dataset.store();
    let info = store.commit_info(&range.steps[step].commit)?;
    let now = store.file_at(&range.head, &file.path)?;
    let back = now.as_ref() == Some(&file);
    let mended = is_mended(dataset, &range.head, &file, now.as_ref())?;
    let path = file.path;
    let record = part_of(&path);
    let what = match &record {
        Some((id, what)) => format!("{what} of record {}", id.short()),
        None => path.clone(),
    };
    let by = if is_merge { "merge " } else { "" };
    let short = &info.id.0[..10];
    let restore = record.as_ref().map_or_else(
        || format!("`git checkout {} -- {path}` brings it back", &from.0[..10]),
        |(id, _)| {
            format!(
                "`hitl restore {}` brings it back; to take judgements back there is `hitl revert`",
                id.short()
            )
        },
    );
    let (code, level, message, remedy) = match (back, code) {
        _ if mended => (
            "mended",
            level.min(Level::Warning),
            format!("{what} was damaged, and {by}{short} mended it"),
            "look at what it says now".to_owned(),
        ),
        (true, _) => (
            "restored",
            level.min(Level::Warning),
            format!("{what} was {code} by {by}{short} and is back"),
            "squash the two commits, so that no edge of history lacks it".to_owned(),
        ),
        (false, "edited") => ("edited", level, format!("{what} was edited by {by}{short}"), restore),
        (false, _) => ("removed", level, format!("{what} was removed by {by}{short}"), restore),
    };
    let record = record.map(|(id, _)| id);
    let commit = Some(culprit(&info));
    Ok(Finding { path: Some(path), record, commit, ..finding(check, level, code, None, message, remedy) })
}

/// Whether what a file was before was damage that is gone now: bytes that are not those of its record, or a file that no
/// record writes.
fn is_mended(dataset: &Dataset, head: &Oid, was: &TreeFile, now: Option<&TreeFile>) -> Result<bool, Error> {
    let Some(RecordPath { id, part, .. }) = manifest::record_of_path(&was.path) else {
        return Ok(was.path.starts_with(LEDGER) && now.is_none());
    };
    let Some(now) = now else { return Ok(false) };
    let store = dataset.store();
    let wanted = match part {
        Part::Signature(_) => return Ok(false),
        Part::Manifest => None,
        Part::Shard => {
            let beside = format!("{}.yaml", was.path.strip_suffix(".parquet").unwrap_or(&was.path));
            let manifest = store.file(head, &beside)?.and_then(|bytes| manifest::parse(&bytes).ok());
            let Some(shard) = manifest.and_then(|manifest| manifest.shard) else { return Ok(false) };
            Some(shard.sha256)
        }
    };
    let sound = |file: &TreeFile| -> Result<bool, Error> {
        let bytes = store.blob(&file.blob)?;
        Ok(match wanted {
            Some(sha256) => Digest::of(&bytes) == sha256,
            None => RecordId::of(&bytes) == id,
        })
    };
    Ok(now.mode == PLAIN && !sound(was)? && sound(now)?)
}

/// Returns the commit as findings name it.
pub(super) fn culprit(info: &CommitInfo) -> Culprit {
    Culprit { id: info.id.0.clone(), author: info.author.clone(), subject: info.subject.clone() }
}

/// Returns the record that a file of the ledger belongs to, and what of it the file is.
pub(in crate::ops) fn part_of(path: &str) -> Option<(RecordId, &'static str)> {
    let RecordPath { id, part, .. } = manifest::record_of_path(path)?;
    let what = match part {
        Part::Manifest => "the manifest",
        Part::Shard => "the shard",
        Part::Signature(_) => "a signature",
    };
    Some((id, what))
}

/// Returns the commit that brings each file of the ledger, by path: the first one in which it is.
pub(super) fn brought(dataset: &Dataset, range: &Range) -> Result<BTreeMap<String, CommitInfo>, Error> {
    let store = dataset.store();
    let mut brought = BTreeMap::new();
    for step in &range.steps {
        let added = store.added_by(step, LEDGER)?;
        if added.is_empty() {
            continue;
        }
        let info = store.commit_info(&step.commit)?;
        for path in added {
            brought.entry(path).or_insert_with(|| info.clone());
        }
    }
    Ok(brought)
}

/// Returns the added records that some commit holds without one of those, also added, that they were made on top of: history
/// was put in another order.
pub(super) fn order(change: &Change<'_>, level: Level) -> Result<Vec<Finding>, Error> {
    let store = change.dataset.store();
    let mut findings = Vec::new();
    for record in &change.scan.records {
        let (Some(path), Some(info)) = (change.path_of(&record.id), change.bringer(&record.id)) else {
            continue;
        };
        for parent in &record.manifest.parents {
            let Some(theirs) = change.path_of(parent) else { continue };
            if store.blob_at(&info.id, theirs)?.is_some() {
                continue;
            }
            let message = format!(
                "record {} was committed before {}, which it was made on top of: history was put in another order",
                record.id.short(),
                parent.short()
            );
            let remedy = "keep records in the order they were made in: merge, rather than rebase by hand";
            findings.push(Finding {
                path: Some(path.to_owned()),
                record: Some(record.id),
                commit: Some(culprit(info)),
                ..finding(CheckName::AppendOnly, level, "reordered", None, message, remedy)
            });
        }
    }
    Ok(findings)
}
