//! `restore`: brings back a record that plain Git removed or changed.

use serde::Serialize;

use super::Error;
use super::record_ref::MIN_PREFIX;
use super::status::removed;
use crate::dataset::{At, Dataset, LEDGER};
use crate::manifest;
use crate::record::RecordId;
use crate::store::{Change, CommitInfo, Oid, Removed};

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

/// Brings back, in one commit, the records whose ids begin with one of `given`: their files exactly as history last
/// held them whole. Their content decides, not their place: a record is what its id says.
///
/// # Errors
/// History holds no such record, or none of it is missing here.
pub fn restore(dataset: &Dataset, given: &[String]) -> Result<RestoreReport, Error> {
    let transaction = dataset.store().begin()?;
    let Some(commit) = dataset.commit(&At::default())? else {
        return Err(not_found("the branch has no commits yet"));
    };
    let gone = dataset.store().removed(&commit, LEDGER)?;
    let wanted = |file: &&Removed| {
        let id = manifest::record_of_path(&file.path).map(|named| named.id.to_string());
        id.is_some_and(|id| given.iter().any(|prefix| id.starts_with(prefix.as_str())))
    };
    let blobs: Vec<Oid> = gone.iter().filter(wanted).map(|file| file.blob.clone()).collect();
    dataset.store().ready(&blobs)?;
    let mut files = Vec::new();
    let mut records = Vec::new();
    for wanted in given {
        if wanted.len() < MIN_PREFIX {
            return Err(not_found(&format!("`{wanted}` is too short: {MIN_PREFIX} digits of an id or more")));
        }
        let matches = |path: &str| {
            let id = manifest::record_of_path(path)?.id;
            id.to_string().starts_with(wanted.as_str()).then_some(id)
        };
        let mut found: Vec<(RecordId, &Removed)> =
            gone.iter().filter_map(|file| Some((matches(&file.path)?, file))).collect();
        found.sort_by_key(|(id, _)| *id);
        let Some((id, _)) = found.first().copied() else {
            return Err(not_found(&format!("no removed record's id begins with {wanted}")));
        };
        if found.iter().any(|(other, _)| *other != id) {
            let candidates = found.iter().map(|(id, _)| *id).collect();
            return Err(Error::AmbiguousRecord { given: wanted.clone(), candidates });
        }
        for (_, file) in found.into_iter().filter(|(_, file)| is_worth_it(dataset, file)) {
            files.push((file.path.clone(), dataset.store().blob(&file.blob)?));
        }
        records.push(id);
    }
    records.sort();
    records.dedup();
    let ids: Vec<String> = records.iter().map(ToString::to_string).collect();
    let subject = format!("restore: {}", crate::base::text::count(records.len(), "record"));
    let trailers: String = ids.iter().map(|id| format!("\nHitl-Record: {id}")).collect();
    let paths = files.iter().map(|(path, _)| path.clone()).collect();
    // Whatever stands there is not what the record's name says: its place is the record's.
    let committed =
        transaction.commit_over(&Change { files, message: format!("{subject}\n{trailers}\n") })?;
    Ok(RestoreReport {
        schema: "hitl.restore/1",
        records: ids,
        files: paths,
        commit: Some(committed.commit.0),
        branch: committed.branch,
        swept_by: committed.swept_by,
    })
}

/// Whether a file is to be brought back: of signatures, those that are none were rightly removed.
fn is_worth_it(dataset: &Dataset, file: &Removed) -> bool {
    let signature = dataset.signature_at(&file.path, &file.blob);
    signature.ok().flatten().is_none_or(|signature| signature.is_good())
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
