//! Signatures: each against what it lies beside, and those that plain Git took away.

use std::collections::BTreeSet;

use super::{Culprit, Finding, FsckReport, History};
use crate::dataset::{Dataset, SNAPSHOTS, SignatureFile, snapshot_of_signature};
use crate::ledger::Ledger;
use crate::manifest::{self, Part, RecordPath};
use crate::ops::Error;
use crate::record::{RecordId, Signature};
use crate::store::Oid;

/// Checks every signature of `commit`, and finds those of `ledger`'s records that are gone.
///
/// # Errors
/// There is a signature, and no `ssh-keygen` to check it with.
pub(super) fn signatures(
    dataset: &Dataset,
    ledger: &Ledger,
    (commit, history): (&Oid, &History),
    report: &mut FsckReport,
) -> Result<(), Error> {
    let files = dataset.signature_files(commit)?;
    let known: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    report.signatures = files.iter().filter(|file| file.signature.is_good()).count();
    let bad = files.iter().filter_map(|file| Some((file, file.signature.fault.as_ref()?)));
    report.faults.extend(bad.map(|(file, fault)| finding(file, fault, history)));
    for file in dataset.store().files(commit, SNAPSHOTS)? {
        if !file.path.ends_with(".sig") || known.contains(file.path.as_str()) {
            continue;
        }
        let message = match snapshot_of_signature(&file.path) {
            Some(_) => "a signature without its snapshot",
            None => "no snapshot has a signature of this name",
        };
        report.faults.push(Finding {
            kind: "stray".to_owned(),
            message: message.to_owned(),
            commit: history.culprit(&file.path),
            record: None,
            remedy: format!("git rm {}", file.path),
            path: file.path,
        });
    }
    removed(dataset, ledger, &known, history, report)
}

fn finding(file: &SignatureFile, fault: &str, history: &History) -> Finding {
    let remedy = match file.record {
        Some(id) if history.removed.contains_key(&file.path) => format!("hitl restore {}", id.short()),
        _ => format!("git rm {}", file.path),
    };
    let what = if file.record.is_some() { "record" } else { "snapshot" };
    Finding {
        kind: "signature".to_owned(),
        path: file.path.clone(),
        record: file.record.map(|id| id.to_string()),
        message: format!("does not sign this {what}: {fault}"),
        commit: history.culprit(&file.path),
        remedy,
    }
}

/// Finds good signatures that history held and the tree lacks. One that was no good is better gone.
fn removed(
    dataset: &Dataset,
    ledger: &Ledger,
    known: &BTreeSet<&str>,
    history: &History,
    report: &mut FsckReport,
) -> Result<(), Error> {
    for (path, file) in &history.removed {
        let Some(RecordPath { id, part: Part::Signature(_), .. }) = manifest::record_of_path(path) else {
            continue;
        };
        if known.contains(path.as_str()) || ledger.find_record(&id).is_none() {
            continue;
        }
        if dataset.signature_at(path, &file.blob)?.as_ref().is_some_and(Signature::is_good) {
            report.faults.push(Finding {
                kind: "removed".to_owned(),
                path: path.clone(),
                record: Some(id.to_string()),
                message: "a signature of the record was removed by plain Git; signatures are only added"
                    .to_owned(),
                commit: Some(Culprit::from(&file.commit)),
                remedy: format!("hitl restore {}", id.short()),
            });
        }
    }
    Ok(())
}

/// Returns what to do about a signature that lies alone.
pub(super) fn stray_remedy(path: &str, id: RecordId, history: &History) -> String {
    let is_of_record = |gone: &String| {
        manifest::record_of_path(gone).is_some_and(|gone| gone.id == id && gone.part == Part::Manifest)
    };
    match history.removed.keys().any(is_of_record) {
        true => format!("hitl restore {}", id.short()),
        false => format!("merge the branch that its record came from, or: git rm {path}"),
    }
}
