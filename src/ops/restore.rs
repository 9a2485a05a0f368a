//! `restore`: brings back a record that plain Git removed or changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Error;
use super::record_ref::MIN_PREFIX;
use super::status::removed;
use crate::base::{Digest, text};
use crate::dataset::{At, Dataset, LEDGER};
use crate::manifest::{self, Part};
use crate::record::{Manifest, RecordId};
use crate::store::{Change, CommitInfo, LfsPointer, Oid, Removed};

/// What `restore` did.
#[derive(Clone, Debug, Serialize)]
pub struct RestoreReport {
    /// `hitl.restore/1`.
    pub schema: &'static str,
    /// The records brought back.
    pub records: Vec<String>,
    /// The files written.
    pub files: Vec<String>,
    /// The commit that holds them; none when nothing was missing.
    pub commit: Option<String>,
    /// The branch it is on.
    pub branch: Option<String>,
    /// Where somebody's own commit, made at the same moment, took the files along: that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept_by: Option<CommitInfo>,
}

/// Brings back, in one commit, the records whose ids begin with one of `given`: their files exactly as history held them
/// whole. Their content decides, not their place: a record is what its id says.
///
/// # Errors
/// History holds no such record, none of it is missing here, or history holds it only damaged.
pub fn restore(dataset: &Dataset, given: &[String]) -> Result<RestoreReport, Error> {
    let transaction = dataset.store().begin()?;
    let Some(commit) = dataset.commit(&At::default())? else {
        return Err(not_found("the branch has no commits yet"));
    };
    let gone = dataset.store().removed(&commit, LEDGER)?;
    let chosen = given.iter().map(|prefix| find(&gone, prefix)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let blobs: Vec<Oid> = chosen.values().flatten().map(|file| file.blob.clone()).collect();
    dataset.store().ready(&blobs)?;
    let mut files = Vec::new();
    let mut records = Vec::new();
    for (id, gone) in &chosen {
        let missing = Lost { dataset, commit: &commit, id: *id, gone }.files()?;
        if !missing.is_empty() {
            records.push(id.to_string());
        }
        files.extend(missing);
    }
    if files.is_empty() {
        return Err(not_found("nothing of it is missing: what history holds besides is damaged"));
    }
    let subject = format!("restore: {}", text::count(records.len(), "record"));
    let trailers: String = records.iter().map(|id| format!("\nHitl-Record: {id}")).collect();
    let paths = files.iter().map(|(path, _)| path.clone()).collect();
    // Whatever stands there is not what the record's name says: its place is the record's.
    let committed =
        transaction.commit_over(&Change { files, message: format!("{subject}\n{trailers}\n") })?;
    Ok(RestoreReport {
        schema: "hitl.restore/1",
        records,
        files: paths,
        commit: Some(committed.commit.0),
        branch: committed.branch,
        swept_by: committed.swept_by,
    })
}

/// Finds the one record among the files of `gone` whose id begins with `prefix`, and its files.
fn find<'a>(gone: &'a [Removed], prefix: &str) -> Result<(RecordId, Vec<&'a Removed>), Error> {
    if prefix.len() < MIN_PREFIX {
        return Err(not_found(&format!("`{prefix}` is too short: {MIN_PREFIX} digits of an id or more")));
    }
    let mut found: BTreeMap<RecordId, Vec<&Removed>> = BTreeMap::new();
    for file in gone {
        let named = manifest::record_of_path(&file.path);
        if let Some(named) = named.filter(|named| named.id.to_string().starts_with(prefix)) {
            found.entry(named.id).or_default().push(file);
        }
    }
    match (found.len(), found.pop_first()) {
        (1, Some(only)) => Ok(only),
        (_, None) => Err(not_found(&format!("no removed record's id begins with {prefix}"))),
        (_, Some((first, _))) => {
            let candidates = std::iter::once(first).chain(found.into_keys()).collect();
            Err(Error::AmbiguousRecord { given: prefix.to_owned(), candidates })
        }
    }
}

/// A record, and what history held of its files and `commit` does not.
struct Lost<'a> {
    dataset: &'a Dataset,
    commit: &'a Oid,
    id: RecordId,
    gone: &'a [&'a Removed],
}

impl Lost<'_> {
    /// Returns its files that `commit` lacks or has damaged, as they have to be.
    fn files(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let manifest = self.manifest()?;
        let shard = manifest.as_ref().and_then(|manifest| manifest.shard);
        let paths: BTreeSet<&str> = self.gone.iter().map(|file| file.path.as_str()).collect();
        let mut files = Vec::new();
        for path in paths {
            let found = match manifest::record_of_path(path).map(|named| named.part) {
                Some(Part::Manifest) => self.whole(path, |bytes, _| Ok(self.is_named(bytes)))?,
                Some(Part::Shard) => self.whole(path, |bytes, _| {
                    let sha256 = LfsPointer::parse(bytes).map_or_else(|| Digest::of(bytes), |one| one.sha256);
                    Ok(shard.is_some_and(|shard| shard.sha256 == sha256))
                })?,
                // Those that are none were rightly removed.
                Some(Part::Signature(_)) => match self.whole(path, |_, blob| self.is_good(path, blob))? {
                    Found::Damaged => Found::There,
                    found => found,
                },
                None => Found::There,
            };
            match found {
                Found::There => {}
                Found::Lost(bytes) => files.push((path.to_owned(), bytes)),
                Found::Damaged => return Err(Error::NotFound {
                    message: format!("{path} is damaged wherever history here holds it"),
                    hint: Some("a clone made before may hold it whole: `git fetch` from there, and merge what brings it back".to_owned()),
                }),
            }
        }
        Ok(files)
    }

    /// Returns the record's manifest, the one that its id names.
    fn manifest(&self) -> Result<Option<Manifest>, Error> {
        let paths: BTreeSet<String> =
            self.gone.iter().filter_map(|file| manifest_beside(&file.path)).collect();
        for path in paths {
            let bytes = match self.whole(&path, |bytes, _| Ok(self.is_named(bytes)))? {
                Found::There => self.dataset.store().file(self.commit, &path)?,
                Found::Lost(bytes) => Some(bytes),
                Found::Damaged => None,
            };
            if let Some(manifest) = bytes.and_then(|bytes| manifest::parse(&bytes).ok()) {
                return Ok(Some(manifest));
            }
        }
        Ok(None)
    }

    /// Finds the file at `path` that `is_whole`: there, or else in history.
    fn whole(
        &self,
        path: &str,
        is_whole: impl Fn(&[u8], &Oid) -> Result<bool, Error>,
    ) -> Result<Found, Error> {
        let store = self.dataset.store();
        if let Some(now) = store.blob_at(self.commit, path)?
            && is_whole(&store.blob(&now)?, &now)?
        {
            return Ok(Found::There);
        }
        for file in self.gone.iter().filter(|file| file.path == path) {
            let bytes = store.blob(&file.blob)?;
            if is_whole(&bytes, &file.blob)? {
                return Ok(Found::Lost(bytes));
            }
        }
        Ok(Found::Damaged)
    }

    fn is_named(&self, manifest: &[u8]) -> bool {
        RecordId::of(manifest) == self.id
    }

    fn is_good(&self, path: &str, blob: &Oid) -> Result<bool, Error> {
        Ok(self.dataset.signature_at(path, blob)?.is_none_or(|signature| signature.is_good()))
    }
}

/// Where a file of a record is found whole.
enum Found {
    /// Where it belongs.
    There,
    /// In history alone.
    Lost(Vec<u8>),
    /// Nowhere.
    Damaged,
}

/// Returns where the manifest of the record lies that has a file at `path`.
fn manifest_beside(path: &str) -> Option<String> {
    let (folder, _) = path.rsplit_once('/')?;
    Some(format!("{folder}/{}.yaml", manifest::record_of_path(path)?.id))
}

/// Brings back all records that history before HEAD held and HEAD lacks.
///
/// # Errors
/// History could not be read, or Git refuses the commit.
pub fn restore_all(dataset: &Dataset) -> Result<RestoreReport, Error> {
    let commit = dataset.commit(&At::default())?;
    let gone = commit.map(|commit| removed(dataset, &commit)).transpose()?.unwrap_or_default();
    let ids: Vec<String> = gone.into_iter().map(|removed| removed.record).collect();
    if ids.is_empty() && dataset.store().met_cut() {
        return Err(Error::NotFound {
            message: "what was removed cannot be told: history is cut off in this shallow clone".to_owned(),
            hint: Some("`git fetch --unshallow` brings the rest".to_owned()),
        });
    }
    if ids.is_empty() {
        let schema = "hitl.restore/1";
        return Ok(RestoreReport {
            schema,
            records: Vec::new(),
            files: Vec::new(),
            commit: None,
            branch: None,
            swept_by: None,
        });
    }
    restore(dataset, &ids)
}

fn not_found(why: &str) -> Error {
    Error::NotFound {
        message: why.to_owned(),
        hint: Some("`hitl status` lists the records that can be restored; a shallow clone needs `git fetch --unshallow` first".to_owned()),
    }
}
