//! Integrity: every added record is what it says, its labels are labels of its task, and what it names is there.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Change;
use super::history::culprit;
use crate::base::{Digest, Timestamp, text};
use crate::check::{CheckName, Finding, finding};
use crate::config::{self, Config, Level};
use crate::dataset::{Fault, FaultKind, GUIDELINES, Guidelines, wrong_root};
use crate::ingest;
use crate::ledger::{Ledger, Loaded};
use crate::ops::Error;
use crate::record::{Kind, RawLabel, RecordId, Task, TaskType, col, guideline_key};

/// Labels of a record that are none of its task and are told.
const TOLD: usize = 3;

/// Returns what is wrong with the added files themselves.
pub(super) fn integrity(change: &Change<'_>, level: Level) -> Result<Vec<Finding>, Error> {
    let mut findings: Vec<Finding> = change.scan.faults.iter().map(|fault| damaged(fault, level)).collect();
    let texts = Guidelines::of(&change.records).digests();
    let (known, tasks) = (&change.records, &change.config);
    let of = |record: &Loaded| of_record(record, known, tasks, &texts, level);
    let each: Vec<Vec<Finding>> = change.scan.records.par_iter().map(of).collect();
    for (record, found) in change.scan.records.iter().zip(each) {
        let path = change.path_of(&record.id).map(str::to_owned);
        findings.extend(found.into_iter().map(|finding| Finding { path: path.clone(), ..finding }));
    }
    findings.extend(guideline_texts(change, &texts, level)?);
    Ok(findings)
}

/// Returns what is wrong with a file that people edit.
pub(super) fn unreadable(fault: &config::Fault, level: Level) -> Finding {
    let message = fault.to_string();
    let remedy = format!("mend {}", fault.file);
    let finding = finding(CheckName::Integrity, level, "config", None, message, remedy);
    Finding { path: Some(fault.file.to_owned()), ..finding }
}

fn damaged(fault: &Fault, level: Level) -> Finding {
    let code = match fault.kind {
        FaultKind::Stray => "stray",
        FaultKind::Manifest => "manifest",
        FaultKind::Misplaced => "misplaced",
        FaultKind::Object => "object",
        FaultKind::ShardMissing => "shard_missing",
        FaultKind::Lock => "lock",
        FaultKind::Shard => "shard",
    };
    let remedy = match fault.record {
        Some(_) => {
            "take the record out of the branch, and commit its source again with `hitl commit`".to_owned()
        }
        None => format!("`git rm {}`", text::shell_quoted(&fault.path)),
    };
    Finding {
        path: Some(fault.path.clone()),
        record: fault.record,
        ..finding(CheckName::Integrity, level, code, None, fault.message.clone(), remedy)
    }
}

fn of_record(
    record: &Loaded,
    known: &Ledger,
    tasks: &Config,
    texts: &BTreeMap<String, Digest>,
    level: Level,
) -> Vec<Finding> {
    let task = record.manifest.task.as_deref();
    let mut found = Vec::new();
    let mut add = |code, message: String, remedy: &str| {
        let finding = finding(CheckName::Integrity, level, code, task, message, remedy);
        found.push(Finding { record: Some(record.id), ..finding });
    };
    let again = "take the record out of the branch, and commit its source again";
    if let Some(root) = wrong_root(record) {
        add("rows_root", format!("its rows hash to {root}, not to the rows_root of its manifest"), again);
    }
    for (key, used) in &record.manifest.guidelines {
        match texts.get(key) {
            Some(text) if *text == used.sha256 => {}
            Some(_) => add(
                "guideline_text",
                format!("was made under another text of {key}"),
                "two branches used one version name; add the second text under a name of its own",
            ),
            None => add(
                "missing_guideline",
                format!("names guideline {key}, which is not here"),
                "merge the branch that added it",
            ),
        }
    }
    let targets = record.manifest.revert.iter().flat_map(|revert| &revert.filter.records);
    for target in targets.filter(|target| known.find_record(target).is_none()) {
        let message = format!("takes back record {}, which is not here", target.short());
        add("missing_target", message, "merge the branch the target came from");
    }
    if let Some(name) = task {
        match tasks.task(name) {
            None => {
                let message = format!("judges task `{name}`, which hitl.yaml does not declare");
                add("unknown_task", message, "declare the task in hitl.yaml, in this change or before it");
            }
            Some(task) => {
                if let Some(message) = wrong_labels(record, task) {
                    add(
                        "schema",
                        message,
                        "mend the labels or the task's schema, and commit the source again",
                    );
                }
            }
        }
    }
    found
}

/// Returns what is said of labels that are none of `task`.
fn wrong_labels(record: &Loaded, task: &Task) -> Option<String> {
    if !matches!(record.manifest.kind, Kind::Labels | Kind::Adjudications | Kind::Predictions) {
        return None;
    }
    let said = record.rows.texts(col::LABEL).tally(0..record.rows.len());
    let is_wrong = |label: &str| !is_label(task, label);
    let wrong: Vec<(&str, usize)> = said
        .into_iter()
        .filter_map(|(label, rows)| Some((label?, rows)))
        .filter(|(label, _)| is_wrong(label))
        .collect();
    let rows: usize = wrong.iter().map(|(_, rows)| rows).sum();
    let first: Vec<String> = wrong
        .iter()
        .take(TOLD)
        .map(|(label, _)| format!("`{}`", label.chars().take(40).collect::<String>()))
        .collect();
    (rows > 0).then(|| {
        format!(
            "{} no label of task `{}`: {}",
            text::plural(rows, "row has", "rows have"),
            task.name,
            first.join(", ")
        )
    })
}

/// Whether `label` is the canonical form of a label of `task`.
fn is_label(task: &Task, label: &str) -> bool {
    let raw = match serde_json::from_str(label) {
        Ok(value)
            if matches!(
                task.kind,
                TaskType::Multilabel | TaskType::Span | TaskType::Box | TaskType::Ranking
            ) =>
        {
            match value {
                serde_json::Value::Array(values) if values.iter().all(serde_json::Value::is_string) => {
                    RawLabel::List(
                        values.iter().filter_map(|value| Some(value.as_str()?.to_owned().into())).collect(),
                    )
                }
                value => RawLabel::Json(value),
            }
        }
        Ok(_) | Err(_) => RawLabel::Text(label.into()),
    };
    task.canonical_label(&raw).is_ok_and(|canonical| canonical.as_deref() == Some(label))
}

/// Checks added guideline files against the records of their texts.
fn guideline_texts(
    change: &Change<'_>,
    texts: &BTreeMap<String, Digest>,
    level: Level,
) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let store = change.dataset.store();
    for file in change.dataset.added_files(&change.range.head, &change.range.known(), GUIDELINES)? {
        let inner = file.path.strip_prefix("guidelines/").and_then(|path| path.strip_suffix(".md"));
        let Some((name, version)) = inner.and_then(|path| path.split_once('/')) else { continue };
        let Some(wanted) = texts.get(&guideline_key(name, version)) else { continue };
        if Digest::of(&store.blob(&file.blob)?) != *wanted {
            let message = format!("{} is not the text of its record; a version is never changed", file.path);
            let remedy = format!(
                "`hitl guideline show {name}@{version}` prints the text it has; add changes as a version of their own"
            );
            let finding = finding(CheckName::Integrity, level, "guideline_file", None, message, remedy);
            findings.push(Finding { path: Some(file.path), ..finding });
        }
    }
    Ok(findings)
}

/// Returns the records that others name as parents and neither side has.
pub(super) fn complete(change: &Change<'_>, level: Level) -> Vec<Finding> {
    let damaged: Vec<RecordId> = change.scan.faults.iter().filter_map(|fault| fault.record).collect();
    let missing = change.records.missing().iter().filter(|missing| !damaged.contains(&missing.id));
    let told = |missing: &crate::ledger::Missing| {
        let needed: Vec<String> = missing.needed_by.iter().map(RecordId::short).collect();
        let message = format!(
            "record {} is named as a parent by {}, and not here",
            missing.id.short(),
            needed.join(", ")
        );
        let remedy = format!(
            "merge the branch it came from, or `hitl restore {}` where history holds it; a cherry-pick takes a record without its ancestors",
            missing.id.short()
        );
        Finding {
            record: Some(missing.id),
            ..finding(CheckName::Complete, level, "missing_parent", None, message, remedy)
        }
    };
    missing.map(told).collect()
}

/// Returns the added records, and rows of them, that are dated more than a day ahead of the commit that brings them.
pub(super) fn dated_ahead(change: &Change<'_>, level: Level) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for record in &change.scan.records {
        let manifest = &record.manifest;
        let path = change.path_of(&record.id).map(str::to_owned);
        let brought = change.bringer(&record.id);
        let mut add = |message: String| {
            let remedy = "set the clock of the machine it was made on, and commit the source again";
            findings.push(Finding {
                path: path.clone(),
                record: Some(record.id),
                commit: brought.map(culprit),
                ..finding(
                    CheckName::DatedAhead,
                    level,
                    "dated_ahead",
                    manifest.task.as_deref(),
                    message,
                    remedy,
                )
            });
        };
        let day = Timestamp::DAY_MICROS;
        let (at, now) = (manifest.recorded_at, change.now);
        let id = record.id.short();
        if let Some(commit) = brought.filter(|commit| at > commit.time.plus_micros(day)) {
            add(format!("record {id} says it was made at {at}, its commit at {}", commit.time));
        } else if at > now.plus_micros(day) {
            add(format!("record {id} says it was made at {at}, and it is {now} now"));
        }
        if manifest.kind.is_judgement() {
            let latest =
                (0..record.rows.len()).filter_map(|row| record.rows.time(row, col::CREATED_AT)).max();
            if let Some(latest) = latest.filter(|latest| *latest > manifest.recorded_at.plus_micros(day)) {
                add(format!(
                    "record {} holds a row made at {latest}, after it was recorded",
                    record.id.short()
                ));
            }
        }
    }
    Ok(findings)
}

/// Returns the added labelers whose ids people would take for somebody else's.
pub(super) fn lookalikes(change: &Change<'_>, level: Level) -> Vec<Finding> {
    let [before, after] = &change.labelers;
    let groups = ingest::look_alikes(after.iter().map(String::as_str));
    let new = |group: &Vec<String>| group.iter().any(|id| !before.contains(id));
    let told = |group: Vec<String>| {
        let names: Vec<String> = group.iter().map(|id| format!("`{}`", spelled(id))).collect();
        let message = format!("labelers {} read alike", names.join(" and "));
        let remedy = "if they are one person, make one an alias of the other in labelers.yaml; if not, rename the new one";
        finding(CheckName::Lookalikes, level, "lookalike", None, message, remedy)
    };
    groups.into_iter().filter(new).map(told).collect()
}

/// Returns an id with every character beyond ASCII written out: shown as they are, the two would look the same.
fn spelled(id: &str) -> String {
    let spelled = |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    id.chars().map(spelled).collect()
}
