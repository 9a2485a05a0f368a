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

use crate::ops::Error;
use crate::ops::check::history::part_of;
use crate::store::{IndexChange, Oid, TreeFile};

/// What is looked at.
const KEPT: [&str; 5] = [LEDGER, GUIDELINES, SNAPSHOTS, CONFIG_FILE, LABELERS_FILE];

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
    let mut news: Option<BTreeMap<String, TreeFile>> = None;
    let mut own: BTreeMap<&str, Option<TreeFile>> = BTreeMap::new();
    let against: Vec<Option<&Oid>> = match parents.as_slice() {
        [] => vec![None],
        some => some.iter().map(Some).collect(),
    };
    for (number, parent) in against.into_iter().enumerate() {
        let mut new = BTreeMap::new();
        for change in store.index_changes(index, parent, &KEPT)? {
            match [CONFIG_FILE, LABELERS_FILE].into_iter().find(|file| *file == change.path) {
                Some(file) => drop(own.insert(file, change.after)),
                None if change.before.is_some() => {
                    refused.push(taken(&change, if number == 0 { "HEAD" } else { "MERGE_HEAD" }))
                }
                None => new.extend(change.after.map(|file| (file.path.clone(), file))),
            }
        }
        if let Some(known) = &news {
            new.retain(|path, _| known.contains_key(path));
        }
        news = Some(new);
    }
    refused.extend(unsound(dataset, news.unwrap_or_default(), &parents)?);
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

/// Says which added files make no sound record.
fn unsound(
    dataset: &Dataset,
    news: BTreeMap<String, TreeFile>,
    parents: &[Oid],
) -> Result<Vec<Refused>, Error> {
    let prefix = format!("{LEDGER}/");
    let files: Vec<TreeFile> = news.into_values().filter(|file| file.path.starts_with(&prefix)).collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let told = dataset.faults_of_added(files, parents)?.into_iter().map(|fault| Refused {
        remedy: format!("git rm --cached {}; `hitl commit` writes records", shell_quoted(&fault.path)),
        message: format!("{}: {}", fault.path, fault.message),
        path: fault.path,
    });
    Ok(told.collect())
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
