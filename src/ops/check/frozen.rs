//! Snapshots of a change: added ones rebuild, and old ones have all they were made of.

use super::Change;
use super::history::PLAIN;
use crate::authority;
use crate::base::text;
use crate::check::{CheckName, Finding, finding};
use crate::config::{self, Level};
use crate::dataset::snapshot_of_signature;
use crate::ops::{Error, snapshot};
use crate::record::RecordId;
use crate::snapshot as lock;

/// Returns what is wrong with the added files of the folder themselves.
pub(super) fn files(change: &Change<'_>, level: Level) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let dataset = change.dataset;
    for file in &change.snapshots {
        let quoted = text::shell_quoted(&file.path).into_owned();
        let found =
            if file.mode != PLAIN || !(is_lock(&file.path) || snapshot_of_signature(&file.path).is_some()) {
                Some(("stray", "no snapshot writes a file here".to_owned(), format!("`git rm {quoted}`")))
            } else if is_lock(&file.path) {
                match lock::parse(&dataset.store().blob(&file.blob)?) {
                    Err(error) => {
                        let remedy = "make the snapshot again with `hitl snapshot create`".to_owned();
                        Some(("lock", error.to_string(), remedy))
                    }
                    Ok(lock) if snapshot::path_of(&lock.made.name) != file.path => {
                        let home = snapshot::path_of(&lock.made.name);
                        Some(("misplaced", format!("belongs at {home}"), format!("`git mv {quoted} {home}`")))
                    }
                    Ok(_) => None,
                }
            } else {
                None
            };
        if let Some((code, message, remedy)) = found {
            let message = format!("{}: {message}", file.path);
            let told = finding(CheckName::Integrity, level, code, None, message, remedy);
            findings.push(Finding { path: Some(file.path.clone()), ..told });
        }
    }
    Ok(findings)
}

/// Returns which of the added snapshots do not rebuild, or take in what may not count.
pub(super) fn snapshots(change: &Change<'_>, level: Level) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let dataset = change.dataset;
    for file in change.snapshots.iter().filter(|file| is_lock(&file.path)) {
        // One that cannot be read is told of with the files.
        let Ok(lock) = lock::parse(&dataset.store().blob(&file.blob)?) else { continue };
        let mut add = |level, check, (code, message, remedy): Told| {
            let message = format!("snapshot {}: {message}", lock.made.name);
            let told = finding(check, level, code, None, message, remedy);
            findings.push(Finding { path: Some(file.path.clone()), ..told });
        };
        if let Some(told) = rebuilds(change, &lock)? {
            add(level, CheckName::Snapshots, told);
        }
        if let Some(told) = takes_in(change, &lock)? {
            add(level, CheckName::Snapshots, told);
        }
    }
    Ok(findings)
}

/// A code, a sentence, and what to do.
type Told = (&'static str, String, String);

/// Returns what is said of a lock that leaves out other records than those which do not count, by what is merged or by what
/// it is merged into.
fn takes_in(change: &Change<'_>, lock: &lock::Lock) -> Result<Option<Told>, Error> {
    let dataset = change.dataset;
    let parents = |id: &RecordId| {
        change.records.find_record(id).map(|number| change.records.records()[number].head.parents.to_vec())
    };
    let closure = lock::closure(&lock.heads, parents).records;
    let signatures = dataset.signatures(&change.range.united, Some(&closure))?;
    let left_out = |labelers: &config::Labelers| -> Vec<RecordId> {
        let law = authority::Law {
            labelers,
            signatures: &signatures,
            added_after: None,
            known_by: Some(change.known_by()),
        };
        let inert = authority::inert(change.records.record_set(), &law);
        inert.into_keys().filter(|id| closure.contains(id)).collect()
    };
    let after = dataset.labelers_at(&change.range.united)?;
    let mut laws = change.labelers_before.iter().chain(&after).peekable();
    if laws.peek().is_none() || laws.any(|labelers| left_out(labelers) == lock.inert) {
        return Ok(None);
    }
    let message = "takes in records that do not count, or leaves out some that do".to_owned();
    Ok(Some(("inert", message, "freeze it again on a commit that has base's labelers.yaml".to_owned())))
}

/// Whether a file of the folder is a lock, rather than a signature of one.
pub(super) fn is_lock(path: &str) -> bool {
    path.ends_with(".yaml")
}

fn rebuilds(change: &Change<'_>, lock: &lock::Lock) -> Result<Option<(&'static str, String, String)>, Error> {
    let verify = format!("`hitl snapshot verify {}` shows what differs", lock.made.name);
    Ok(match snapshot::rebuilt_at(change.dataset, &change.range.united, lock) {
        Ok(report) if report.ok => None,
        Ok(_) => Some(("does_not_rebuild", "does not rebuild to its digest".to_owned(), verify)),
        Err(Error::Incomplete { missing }) => {
            let ids: Vec<String> = missing.iter().map(RecordId::short).collect();
            let message = format!("needs records that are not here: {}", ids.join(", "));
            Some(("incomplete", message, "merge the branch they came from".to_owned()))
        }
        Err(Error::Snapshot(error)) => Some(("lock", error.to_string(), verify)),
        Err(error) => return Err(error),
    })
}

/// Returns the names of the added snapshots.
pub(super) fn names(change: &Change<'_>) -> Vec<String> {
    let name = |path: &str| Some(path.strip_prefix("snapshots/")?.strip_suffix(".yaml")?.to_owned());
    change.snapshots.iter().filter_map(|file| name(&file.path)).collect()
}
