//! `pre-commit`: what is staged, looked at before it is committed.
//!
//! Only what differs from HEAD (and, in a merge, from what it brings in) is read, so that a commit waits for nothing
//! else. How people agree and who may do what is for `check`, on a whole change.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::base::text::shell_quoted;
use crate::config::{Config, Faults, Labelers};
use crate::dataset::{At, CONFIG_FILE, Dataset, GUIDELINES, LABELERS_FILE, LEDGER, SNAPSHOTS};
use crate::manifest;
use crate::ops::Error;
use crate::ops::check::history::part_of;
use crate::record::RecordId;
use crate::store::{IndexChange, Oid, TreeFile};

/// What is looked at.
const KEPT: [&str; 5] = [LEDGER, GUIDELINES, SNAPSHOTS, CONFIG_FILE, LABELERS_FILE];

/// The mode of a file that is no program and no link.
const PLAIN: u32 = 0o100_644;

/// What is wrong with what is staged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StagedReport {
    /// `hitl.hook-commit/1`.
    pub schema: &'static str,
    /// What may not be committed, by path.
    pub refused: Vec<Refused>,
}

/// A staged file that may not be committed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Refused {
    /// From the repository's root.
    pub path: String,
    /// What is wrong, with the file or the record it is about.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// Looks at what `index`, or the work tree's own, holds beyond HEAD.
///
/// # Errors
/// Git could not say what is staged.
pub fn staged(dataset: &Dataset, index: Option<&Path>) -> Result<StagedReport, Error> {
    let store = dataset.store();
    let mut parents: Vec<Oid> = dataset.commit(&At::default())?.into_iter().collect();
    parents.extend(store.merge_heads()?);
    let mut refused = Vec::new();
    let mut edited: BTreeMap<String, Refused> = BTreeMap::new();
    let mut news: Option<BTreeMap<String, TreeFile>> = None;
    let mut mended: Vec<TreeFile> = Vec::new();
    let mut own: BTreeMap<&str, Option<TreeFile>> = BTreeMap::new();
    let against: Vec<Option<&Oid>> = match parents.as_slice() {
        [] => vec![None],
        some => some.iter().map(Some).collect(),
    };
    for (number, parent) in against.into_iter().enumerate() {
        let mut new = BTreeMap::new();
        let source = if number == 0 { "HEAD" } else { "MERGE_HEAD" };
        for change in store.index_changes(index, parent, &KEPT)? {
            if let Some(file) = [CONFIG_FILE, LABELERS_FILE].into_iter().find(|file| *file == change.path) {
                own.insert(file, change.after);
                continue;
            }
            match (&change.before, &change.after) {
                (None, _) => new.extend(change.after.map(|file| (file.path.clone(), file))),
                (Some(_), Some(after))
                    if after.mode == PLAIN && manifest::record_of_path(&after.path).is_some() =>
                {
                    edited.entry(change.path.clone()).or_insert_with(|| taken(&change, source));
                    mended.extend(change.after);
                }
                (Some(_), _) => refused.push(taken(&change, source)),
            }
        }
        if let Some(known) = &news {
            new.retain(|path, _| known.contains_key(path));
        }
        news = Some(new);
    }
    let files = news.unwrap_or_default().into_values().chain(mended).collect();
    refused.extend(unsound(dataset, files, edited, &parents)?);
    refused.extend(faults(dataset, &own, parents.first())?);
    refused.sort();
    // What two parents have is told once.
    refused.dedup_by(|one, other| one.path == other.path && one.message == other.message);
    Ok(StagedReport { schema: "hitl.hook-commit/1", refused })
}

/// Says that a file that is only ever added, and that `source` has, is removed or edited.
fn taken(change: &IndexChange, source: &str) -> Refused {
    let deed = if change.after.is_none() { "removed" } else { "edited" };
    let record = part_of(&change.path);
    let what = match &record {
        Some((id, what)) => format!("{what} of record {} is {deed}", id.short()),
        None => format!("{} is {deed}; a file here is only ever added", change.path),
    };
    let back = format!("git restore --source={source} --staged --worktree {}", shell_quoted(&change.path));
    let remedy = match record {
        Some((id, _)) => format!("{back}; to take judgements back: hitl revert {} -m \"why\"", id.short()),
        None => back,
    };
    Refused { path: change.path.clone(), message: what, remedy }
}

/// Says which added files make no sound record. A file of a record that is `edited` may be one that was damaged and is
/// mended: only one content is sound, that from which the record has its name.
fn unsound(
    dataset: &Dataset,
    mut files: Vec<TreeFile>,
    mut edited: BTreeMap<String, Refused>,
    parents: &[Oid],
) -> Result<Vec<Refused>, Error> {
    let prefix = format!("{LEDGER}/");
    files.retain(|file| file.path.starts_with(&prefix));
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let faults = dataset.faults_of_added(files, parents)?;
    let id = |path: &str| manifest::record_of_path(path).map(|named| named.id);
    edited.retain(|path, _| faults.iter().any(|fault| fault.record.is_some() && fault.record == id(path)));
    let is_told = |record: Option<RecordId>| edited.keys().any(|path| record.is_some() && id(path) == record);
    let others = faults.into_iter().filter(|fault| !is_told(fault.record)).map(|fault| Refused {
        remedy: format!("git rm --cached {}; `hitl commit` writes records", shell_quoted(&fault.path)),
        message: format!("{}: {}", fault.path, fault.message),
        path: fault.path,
    });
    let others: Vec<Refused> = others.collect();
    Ok(edited.into_values().chain(others).collect())
}

/// Says what is wrong with the files that people edit, where one is staged.
fn faults(
    dataset: &Dataset,
    own: &BTreeMap<&str, Option<TreeFile>>,
    head: Option<&Oid>,
) -> Result<Vec<Refused>, Error> {
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let store = dataset.store();
    let text = |name: &str| -> Result<Option<String>, Error> {
        let bytes = match (own.get(name), head) {
            (Some(staged), _) => staged.as_ref().map(|file| store.blob(&file.blob)).transpose()?,
            (None, Some(head)) => store.file(head, name)?,
            (None, None) => None,
        };
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    };
    let mut found = Vec::new();
    let config = match text(CONFIG_FILE)?.map(|text| Config::parse(&text)).transpose() {
        Ok(config) => config,
        Err(Faults(faults)) => {
            found.extend(faults);
            None
        }
    };
    if let Some(text) = text(LABELERS_FILE)?
        && let Err(Faults(faults)) = Labelers::parse(&text, config.as_ref())
    {
        found.extend(faults);
    }
    let told = found.into_iter().map(|fault| Refused {
        path: fault.file.to_owned(),
        message: fault.to_string(),
        remedy: format!("mend it, and `git add {}`", fault.file),
    });
    Ok(told.collect())
}
