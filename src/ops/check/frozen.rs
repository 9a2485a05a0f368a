//! Snapshots of a change: added ones rebuild, and old ones have all they were made of.

use super::Change;
use crate::base::text;
use crate::check::{CheckName, Finding, finding};
use crate::config::Level;
use crate::dataset::SNAPSHOTS;
use crate::ops::{Error, snapshot};
use crate::record::RecordId;
use crate::snapshot as lock;

/// Returns what is wrong with the snapshots of a change.
pub(super) fn snapshots(change: &Change<'_>, level: Level) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let dataset = change.dataset;
    let added = dataset.added_files(&change.range.head, &change.range.known(), SNAPSHOTS)?;
    for file in added.iter().filter(|file| is_lock(&file.path)) {
        let found = match lock::parse(&dataset.store().blob(&file.blob)?) {
            Err(error) => Some((
                "lock",
                error.to_string(),
                "make the snapshot again with `hitl snapshot create`".to_owned(),
            )),
            Ok(lock) if snapshot::path_of(&lock.made.name) != file.path => {
                let home = snapshot::path_of(&lock.made.name);
                Some((
                    "misplaced",
                    format!("belongs at {home}"),
                    format!("git mv {} {home}", text::shell_quoted(&file.path)),
                ))
            }
            Ok(lock) => rebuilds(change, &lock)?,
        };
        if let Some((code, message, remedy)) = found {
            let message = format!("snapshot {}: {message}", file.path);
            let told = finding(CheckName::Snapshots, level, code, None, message, remedy);
            findings.push(Finding { path: Some(file.path.clone()), ..told });
        }
    }
    Ok(findings)
}

/// Whether a file of the folder is a lock, rather than a signature of one.
fn is_lock(path: &str) -> bool {
    path.ends_with(".yaml")
}

fn rebuilds(change: &Change<'_>, lock: &lock::Lock) -> Result<Option<(&'static str, String, String)>, Error> {
    let verify = format!("hitl snapshot verify {}", lock.made.name);
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
pub(super) fn names(change: &Change<'_>) -> Result<Vec<String>, Error> {
    let added = change.dataset.added_files(&change.range.head, &change.range.known(), SNAPSHOTS)?;
    let name = |path: &str| Some(path.strip_prefix("snapshots/")?.strip_suffix(".yaml")?.to_owned());
    Ok(added.iter().filter_map(|file| name(&file.path)).collect())
}
