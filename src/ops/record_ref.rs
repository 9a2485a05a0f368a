//! What a user may write for a record: an id prefix, a ledger path, or a Git revision (what that commit added).

use std::collections::BTreeSet;

use super::Error;
use crate::dataset::{At, Dataset, View};
use crate::ledger::Ledger;
use crate::manifest::{self, Part, RecordPath};
use crate::record::RecordId;
use crate::store;

/// The fewest hexadecimal digits that name a record.
pub(super) const MIN_PREFIX: usize = 6;

/// Returns the records of `view` that `given` names: one for an id prefix of 6 digits or more or a ledger path; for a
/// Git revision, all that its commit added.
///
/// # Errors
/// It names nothing, or a prefix of several records.
pub fn resolve_record(dataset: &Dataset, view: &View, given: &str) -> Result<Vec<RecordId>, Error> {
    if let Some(RecordPath { id, .. }) = manifest::record_of_path(given) {
        return match view.ledger.find_record(&id) {
            Some(_) => Ok(vec![id]),
            None => Err(unknown(given, "no record of this path is in the ledger")),
        };
    }
    let lower = given.to_ascii_lowercase();
    if lower.len() >= MIN_PREFIX && lower.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let matches: Vec<RecordId> = view
            .ledger
            .records()
            .iter()
            .map(|record| record.id)
            .filter(|id| id.to_string().starts_with(&lower))
            .collect();
        match matches.len() {
            0 => {}
            1 => return Ok(matches),
            _ => return Err(Error::AmbiguousRecord { given: given.to_owned(), candidates: matches }),
        }
    }
    added_by(dataset, given)
}

/// Returns the records that the commit `rev` added to its first parent's ledger.
fn added_by(dataset: &Dataset, rev: &str) -> Result<Vec<RecordId>, Error> {
    let why =
        format!("no record id begins with it ({MIN_PREFIX} digits or more), and Git has no such revision");
    let commit = match dataset.store().resolve(rev) {
        Ok(commit) => commit,
        Err(cut @ store::Error::UnknownRevision { cut: true, .. }) => return Err(cut.into()),
        Err(_) => return Err(unknown(rev, &why)),
    };
    let ids = |commit| -> Result<BTreeSet<RecordId>, Error> {
        let files = dataset.store().files(commit, crate::dataset::LEDGER)?;
        let named = files.iter().filter_map(|file| manifest::record_of_path(&file.path));
        // Who signs a record later does not add it.
        Ok(named.filter(|named| !matches!(named.part, Part::Signature(_))).map(|named| named.id).collect())
    };
    if dataset.store().is_cut_at(&commit) {
        return Err(Error::request(
            format!("history is cut at `{rev}`, so what it added cannot be told"),
            "name the record by its id (`hitl log`), or first: git fetch --unshallow",
        ));
    }
    let mut added = ids(&commit)?;
    if let Ok(parent) = dataset.store().resolve(&format!("{}^", commit.0)) {
        let before = ids(&parent)?;
        added.retain(|id| !before.contains(id));
    }
    if added.is_empty() {
        return Err(unknown(rev, "that commit added no record"));
    }
    Ok(added.into_iter().collect())
}

fn unknown(given: &str, why: &str) -> Error {
    Error::UnknownRecord { given: given.to_owned(), why: why.to_owned() }
}

/// Refuses tasks that neither `hitl.yaml` nor the ledger at `at` knows.
///
/// # Errors
/// One of them is unknown, or the ledger could not be read.
pub fn check_tasks(dataset: &Dataset, at: &At, names: &[String]) -> Result<(), Error> {
    let declared = dataset.declared()?;
    let mut known: Vec<String> = declared.into_iter().map(|task| task.name).collect();
    if names.iter().all(|name| known.contains(name)) {
        return Ok(());
    }
    known.extend(answered_tasks(&dataset.view_of_records(at)?.ledger));
    known.sort_unstable();
    known.dedup();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    names.iter().try_for_each(|name| which_task(&known, Some(name)).map(|_| ()))
}

/// Returns the task meant by `--task`, or the only one there is.
///
/// # Errors
/// The name is unknown, or none was given and there are several.
pub(super) fn which_task<'a>(known: &[&'a str], wanted: Option<&str>) -> Result<&'a str, Error> {
    match (wanted, known) {
        (Some(name), _) => {
            known.iter().find(|task| **task == name).copied().ok_or_else(|| Error::UnknownTask {
                name: name.to_owned(),
                near: crate::base::text::did_you_mean(name, known.iter().copied()).map(str::to_owned),
                known: known.iter().map(|task| (*task).to_owned()).collect(),
            })
        }
        (None, [only]) => Ok(only),
        (None, []) => Err(Error::request(
            "there is no task yet",
            "declare one in hitl.yaml: hitl init --task NAME --type categorical --classes a,b,c",
        )),
        (None, _) => Err(Error::WhichTask { known: known.iter().map(|task| (*task).to_owned()).collect() }),
    }
}

/// Returns the tasks that records of `ledger` answer, sorted.
pub(super) fn answered_tasks(ledger: &Ledger) -> Vec<String> {
    let judging = ledger.records().iter().filter(|record| record.head.kind.is_judgement());
    let tasks: BTreeSet<&str> = judging.filter_map(|record| record.head.task.as_deref()).collect();
    tasks.into_iter().map(str::to_owned).collect()
}

/// Refuses an incomplete ledger.
pub(super) fn refuse_incomplete(ledger: &Ledger) -> Result<(), Error> {
    let missing: Vec<RecordId> = ledger.missing().iter().map(|missing| missing.id).collect();
    if missing.is_empty() { Ok(()) } else { Err(Error::Incomplete { missing }) }
}
