//! What a file's rows must satisfy beyond their task's schema: the people and guidelines of this repository.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::super::guideline::near;
use super::super::{Error, record_ref};
use super::Scene;
use crate::base::{Timestamp, text};
use crate::config::Status;
use crate::dataset::{Dataset, GuidelineVersion};
use crate::ingest::{Fault, Refused, TaskRows};
use crate::record::{Rows, Task, col};

/// A row that may not be committed, with why.
pub(in crate::ops) struct RowFault {
    /// The row.
    pub row: usize,
    /// The number of the record it came from.
    pub record: u32,
    /// Why, and where.
    pub fault: Fault,
}

/// Refuses a task whose schema HEAD does not have: a record's schema must be in history with it.
pub(super) fn schema_committed(dataset: &Dataset, scene: &Scene<'_>, task: &Task) -> Result<(), Error> {
    let Some(commit) = &scene.view.commit else {
        return Err(Error::SchemaNotCommitted { task: task.name.clone(), differs: false });
    };
    let committed = dataset.config_at(commit)?;
    let known =
        committed.as_ref().and_then(|config| config.tasks.iter().find(|known| known.name == task.name));
    match known {
        Some(known) if known.schema_sha256() == task.schema_sha256() => Ok(()),
        known => Err(Error::SchemaNotCommitted { task: task.name.clone(), differs: known.is_some() }),
    }
}

/// Returns the declared task `name`.
pub(in crate::ops) fn task<'a>(scene: &'a Scene<'_>, name: &str) -> Result<&'a Task, Error> {
    let known: Vec<&str> = scene.tasks.iter().map(|task| task.name.as_str()).collect();
    record_ref::which_task(&known, Some(name))?;
    Ok(scene.tasks.iter().find(|task| task.name == name).expect("it was found among these just above"))
}

/// Returns what `labelers.yaml` has against the rows: labelers it does not list while it is closed, suspended and retired
/// ones, and ones listed for other tasks.
pub(super) fn people(scene: &Scene<'_>, batch: &TaskRows) -> Vec<RowFault> {
    let refuse = |labeler: &str| -> Option<(String, Option<String>)> {
        let Some(known) = scene.registry.labelers.get(labeler) else {
            if !scene.registry.closed {
                return None;
            }
            let near = text::did_you_mean(labeler, scene.registry.labelers.keys().map(String::as_str));
            let hint = near.map_or_else(
                || "add them to labelers.yaml, or set `closed: false` there".to_owned(),
                |near| {
                    format!("did you mean `{near}`? If so, add `{labeler}` to their aliases in labelers.yaml")
                },
            );
            return Some((
                format!("labeler `{labeler}` is not in labelers.yaml, which is closed"),
                Some(hint),
            ));
        };
        match known.status {
            Status::Active => {}
            Status::Suspended => {
                return Some((format!("labeler `{labeler}` is suspended in labelers.yaml"), None));
            }
            Status::Retired => {
                let hint = "labels of theirs from before go in while labelers.yaml says `status: active`";
                let fault = format!("labeler `{labeler}` is retired in labelers.yaml");
                return Some((fault, Some(hint.to_owned())));
            }
        }
        let task = batch
            .task
            .as_deref()
            .filter(|task| !known.tasks.is_empty() && !known.tasks.iter().any(|t| t == task))?;
        Some((format!("labeler `{labeler}` is not listed for task `{task}` in labelers.yaml"), None))
    };
    // Labelers are few, and rows may be many.
    let labelers = batch.rows.texts(col::LABELER).tally(0..batch.rows.len());
    let refused: BTreeMap<&str, _> =
        labelers.into_keys().flatten().filter_map(|labeler| Some((labeler, refuse(labeler)?))).collect();
    if refused.is_empty() {
        return Vec::new();
    }
    faults(batch, |rows, row| refused.get(rows.text(row, col::LABELER)?).cloned())
}

/// Returns what is wrong with guidelines and rationales: versions the ledger does not have, rows older than the
/// version they name, and what the task requires and rows lack. `guideline` is what the command line gives to rows
/// that name none.
pub(super) fn guidelines(scene: &Scene<'_>, task: &Task, batch: &TaskRows) -> Vec<RowFault> {
    let silent = batch.rows.columns()[col::GUIDELINE].is_null_throughout();
    if silent && !task.require_guideline && !task.require_rationale {
        return Vec::new();
    }
    let known: BTreeSet<String> = scene.guidelines.all().iter().map(GuidelineVersion::key).collect();
    faults(batch, |rows, row| {
        if let Some(key) = rows.text(row, col::GUIDELINE) {
            if !known.contains(key) {
                let near = near(&scene.guidelines, key);
                let hint = near.map_or_else(
                    || "`hitl guideline add NAME FILE --version V` adds it".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                return Some((format!("guideline `{key}` is not in the ledger"), Some(hint)));
            }
            if let Some(fault) = too_old(scene, key, rows.time(row, col::CREATED_AT)) {
                return Some(fault);
            }
        } else if task.require_guideline {
            let hint = "name it in a column `guideline`, or give --guideline NAME".to_owned();
            return Some((format!("task `{}` requires a guideline", task.name), Some(hint)));
        }
        let blank = rows.text(row, col::RATIONALE).is_none_or(|why| why.trim().is_empty());
        (task.require_rationale && blank)
            .then(|| (format!("task `{}` requires a rationale", task.name), None))
    })
}

fn too_old(scene: &Scene<'_>, key: &str, created_at: Option<Timestamp>) -> Option<(String, Option<String>)> {
    let version = scene.guidelines.get(key)?;
    let created_at = created_at.filter(|time| *time < version.in_force_from())?;
    let from = version.in_force_from();
    let hint = match scene.guidelines.in_force(&version.name, created_at) {
        Some(older) => format!(
            "{} was in force then; --guideline {} finds the right one by itself",
            older.key(),
            version.name
        ),
        None => format!(
            "no version of `{}` was in force then; `hitl guideline add --effective DATE` says from when one is",
            version.name
        ),
    };
    Some((format!("judged at {created_at}, before guideline {key} came into force at {from}"), Some(hint)))
}

/// Gives rows without a guideline the one that the command line names: a version as it is, or for a name alone the
/// version in force when each row was made.
pub(super) fn fill_guideline(scene: &Scene<'_>, rows: &mut Rows) -> Result<(), Error> {
    let Some(wanted) = &scene.options.guideline else { return Ok(()) };
    let named = scene.guidelines.get(wanted);
    if named.is_none() && scene.guidelines.newest(wanted).is_none() {
        return Err(Error::UnknownGuideline { key: wanted.clone(), near: near(&scene.guidelines, wanted) });
    }
    let fill = |row: usize| -> Option<String> {
        if let Some(given) = rows.text(row, col::GUIDELINE) {
            return Some(given.to_owned());
        }
        if named.is_some() {
            return Some(wanted.clone());
        }
        let time = rows.time(row, col::CREATED_AT).unwrap_or(scene.now);
        // Before the first version there was none to follow: the first is named, and `guidelines` says it is too young.
        let version =
            scene.guidelines.in_force(wanted, time).or_else(|| scene.guidelines.named(wanted).next());
        version.map(GuidelineVersion::key)
    };
    let filled = (0..rows.len()).map(fill).collect();
    rows.set_texts(col::GUIDELINE, filled);
    Ok(())
}

/// Returns a fault for each row that `refuse` refuses.
pub(super) fn faults(
    batch: &TaskRows,
    refuse: impl Fn(&Rows, usize) -> Option<(String, Option<String>)> + Sync,
) -> Vec<RowFault> {
    let fault = |row: usize| {
        let (message, hint) = refuse(&batch.rows, row)?;
        let (line, record) = (batch.lines[row] as usize, batch.records[row]);
        Some(RowFault { row, record, fault: Fault { line, column: 1, message, hint } })
    };
    (0..batch.rows.len()).into_par_iter().filter_map(fault).collect()
}

/// Returns the rows that claim to be made more than a day after now: a clock is wrong somewhere.
pub(super) fn too_late(scene: &Scene<'_>, batch: &TaskRows) -> Vec<RowFault> {
    if batch.rows.columns()[col::CREATED_AT].is_null_throughout() {
        return Vec::new();
    }
    let limit = scene.now.plus_micros(Timestamp::DAY_MICROS);
    faults(batch, |rows, row| {
        let time = rows.time(row, col::CREATED_AT).filter(|time| *time > limit)?;
        let hint = "check the clock that wrote it, and the time's offset".to_owned();
        Some((format!("judged at {time}, more than a day from now"), Some(hint)))
    })
}

/// Returns the refusal of a file for `faults`.
pub(super) fn refused(file: &str, faults: Vec<RowFault>) -> Error {
    let total = faults.len();
    let faults = faults.into_iter().map(|fault| fault.fault).take(Refused::KEPT).collect();
    Error::Refused { file: file.to_owned(), refused: Refused { faults, total, whole: false } }
}
