//! `status`: what is in the ledger, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::authority::{self, LeftOut as Inert};
use super::{Error, verdicts};
use crate::corrections::{Agreements, Corrections, Reason, Standing};
use crate::dataset::{At, Dataset, Guidelines, LEDGER, SNAPSHOTS};
use crate::ledger::{How, Ledger, Outcome, State, resolve};
use crate::manifest::{self, Part};
use crate::record::{Acceptance, Filter, Kind, LabelerKind, Policy, RecordId, Task, TaskType, Verdict, col};
use crate::store::{Head, WorkTreeState};

/// What `status` tells.
#[derive(Clone, Debug, Serialize)]
pub struct StatusReport {
    /// `hitl.status/1`.
    pub schema: &'static str,
    /// The commit looked at.
    pub commit: Option<String>,
    /// The branch HEAD is on, when HEAD was looked at and is on one.
    pub branch: Option<String>,
    /// Records of each kind.
    pub records: BTreeMap<Kind, usize>,
    /// One entry a task, by name.
    pub tasks: Vec<TaskStatus>,
    /// Declared tasks without a judgement.
    pub empty_tasks: Vec<String>,
    /// Guideline versions.
    pub guidelines: usize,
    /// Items with a text or address in the ledger.
    pub described_items: usize,
    /// Snapshot locks.
    pub snapshots: usize,
    /// Records that others name as parents and the tree lacks.
    pub missing: Vec<MissingRecord>,
    /// Record files that history holds and the tree lacks or holds changed.
    pub removed: Vec<RemovedRecord>,
    /// Ledger files of the work tree that differ from the commit.
    pub work_tree: Vec<WorkTreeFile>,
    /// Records that do not count for a new snapshot, by the commit's `labelers.yaml`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inert: Vec<Inert>,
    /// Why it is not known which records count, where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inert_unknown: Option<String>,
    /// Faults of the work tree's `hitl.yaml` and `labelers.yaml`: `commit` would refuse.
    pub config_faults: Vec<String>,
    /// Tasks that the work tree's `hitl.yaml` declares otherwise than the commit's: `commit` would refuse them.
    pub uncommitted_tasks: Vec<String>,
    /// What Git is in the middle of.
    pub in_progress: Option<&'static str>,
    /// Whether history is cut here.
    pub shallow: bool,
}

/// One task's state.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TaskStatus {
    /// The task.
    pub task: String,
    /// Its policy.
    pub policy: Policy,
    /// Items with a live judgement.
    pub items: usize,
    /// Labelers with a live judgement, by kind.
    pub labelers: BTreeMap<LabelerKind, usize>,
    /// Judgements of all kinds and states.
    pub judgements: usize,
    /// Of them: live and last of their key.
    pub current: usize,
    /// Of them: live and followed by a later one.
    pub superseded: usize,
    /// Of them: live and contradicted.
    pub conflicts: usize,
    /// Of them: taken back.
    pub reverted: usize,
    /// Items that come to one label.
    pub resolved: usize,
    /// Items with human labels that do not.
    pub unresolved: usize,
    /// Items with current labels of two human labelers or more.
    pub overlap: usize,
    /// Which of its corrections are learned from; none where it has no corrections by people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrections: Option<CorrectionsStatus>,
}

/// Which corrections of a task are learned from.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CorrectionsStatus {
    /// What is asked of them.
    pub accept: BTreeMap<String, String>,
    /// Current corrections by people, those in conflict left out.
    pub current: usize,
    /// Of them, with each verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Of them, those that are learned from.
    pub accepted: usize,
    /// Why the others are not, with how many and the first few; one that has several reasons is counted under each.
    pub left_out: Vec<LeftOut>,
    /// How far each labeler can be followed, by id.
    pub labelers: Vec<Followed>,
}

/// Corrections that one thing speaks against.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOut {
    /// What.
    pub reason: Reason,
    /// How many.
    pub corrections: usize,
    /// The first of them.
    pub examples: Vec<LeftOutCorrection>,
}

/// One correction that is not learned from.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOutCorrection {
    /// The item.
    pub item: String,
    /// Who corrected it.
    pub labeler: String,
}

/// How far one labeler can be followed.
#[derive(Clone, Debug, Serialize)]
pub struct Followed {
    /// Who.
    pub labeler: String,
    /// Their corrections that a later verdict or an adjudication judged.
    pub judged: u64,
    /// Of them, those that were upheld.
    pub upheld: u64,
    /// The share; null where too few were judged, which passes.
    pub agreement: Option<f64>,
}

/// At most so many examples a reason.
const EXAMPLES: usize = 3;

/// A parent that is absent.
#[derive(Clone, Debug, Serialize)]
pub struct MissingRecord {
    /// The absent record.
    pub record: String,
    /// Who names it.
    pub needed_by: Vec<String>,
}

/// A record file that was in history and is gone or changed.
#[derive(Clone, Debug, Serialize)]
pub struct RemovedRecord {
    /// The record.
    pub record: String,
    /// The file.
    pub path: String,
    /// The commit that did it.
    pub commit: String,
    /// Its author.
    pub author: String,
    /// Its first line.
    pub subject: String,
}

/// A ledger file of the work tree that is not as committed.
#[derive(Clone, Debug, Serialize)]
pub struct WorkTreeFile {
    /// The file.
    pub path: String,
    /// `missing`, `modified` or `untracked`.
    pub state: WorkTreeState,
}

/// Tells the state of the ledger at `at`, of the judgements that `filter` chooses.
///
/// # Errors
/// The ledger could not be read.
pub fn status(dataset: &Dataset, at: &At, filter: &Filter) -> Result<StatusReport, Error> {
    let view = dataset.view(at)?;
    let store = dataset.store();
    let ledger = &view.ledger;
    let config = dataset.config().ok();
    let declared = |name: &str| config.as_ref().and_then(|config| config.task(name));
    let accept = config.as_ref().map(|config| config.accept).unwrap_or_default();
    let mut records = BTreeMap::new();
    for record in ledger.records() {
        *records.entry(record.head.kind).or_insert(0) += 1;
    }
    let chosen = ledger.select(filter);
    let tasks: Vec<TaskStatus> = (0..ledger.tasks() as u16)
        .map(|task| TaskStatus {
            corrections: corrections_status(ledger, task, declared(ledger.task_name(task)), accept, &chosen),
            ..task_status(ledger, task, declared(ledger.task_name(task)), &chosen)
        })
        .filter(|task| task.judgements > 0)
        .collect();
    let names = config.iter().flat_map(|config| &config.tasks).map(|task| task.name.clone());
    let empty_tasks = names.filter(|name| ledger.find_task(name).is_none()).collect();
    let missing = ledger.missing().iter().map(|missing| MissingRecord {
        record: missing.id.to_string(),
        needed_by: missing.needed_by.iter().map(ToString::to_string).collect(),
    });
    let mut report = StatusReport {
        schema: "hitl.status/1",
        commit: view.commit.as_ref().map(|commit| commit.0.clone()),
        branch: match store.head()? {
            Head::Branch(branch, _) | Head::Unborn(branch) if at.rev.is_none() => Some(branch),
            _ => None,
        },
        records,
        tasks,
        empty_tasks,
        guidelines: Guidelines::of(ledger).all().len(),
        described_items: described_items(ledger),
        snapshots: 0,
        missing: missing.collect(),
        removed: Vec::new(),
        work_tree: Vec::new(),
        inert: Vec::new(),
        inert_unknown: None,
        config_faults: Vec::new(),
        uncommitted_tasks: Vec::new(),
        in_progress: store.operation_in_progress()?,
        shallow: store.is_shallow(),
    };
    if at.rev.is_none() && at.as_of.is_none() {
        report.config_faults = config_faults(dataset);
        if let Some(config) = &config {
            report.uncommitted_tasks = uncommitted_tasks(dataset, view.commit.as_ref(), config)?;
        }
    }
    match authority::inert(dataset, view.commit.as_ref(), ledger.record_set()) {
        Ok(inert) => report.inert = authority::left_out(ledger.record_set(), &inert),
        Err(error) => report.inert_unknown = Some(error.to_string()),
    }
    if let Some(commit) = &view.commit {
        let locks = store.files(commit, SNAPSHOTS)?;
        report.snapshots = locks.iter().filter(|file| !file.path.ends_with(".sig")).count();
        report.removed = removed(dataset, commit)?;
        if at.rev.is_none() {
            let files = store.work_tree(commit, LEDGER)?;
            report.work_tree = files.into_iter().map(|(path, state)| WorkTreeFile { path, state }).collect();
        }
    }
    Ok(report)
}

fn config_faults(dataset: &Dataset) -> Vec<String> {
    let faults = match dataset.config() {
        Ok(config) => dataset.labelers(&config).err(),
        Err(error) => Some(error),
    };
    match faults {
        None => Vec::new(),
        Some(crate::dataset::Error::Config(faults)) => faults.0.iter().map(ToString::to_string).collect(),
        Some(error) => vec![error.to_string()],
    }
}

fn uncommitted_tasks(
    dataset: &Dataset,
    commit: Option<&crate::store::Oid>,
    config: &crate::config::Config,
) -> Result<Vec<String>, Error> {
    let committed = commit.map(|commit| dataset.config_at(commit)).transpose()?.flatten();
    let known = |task: &&crate::record::Task| {
        let known = committed.as_ref().and_then(|config| config.tasks.iter().find(|it| it.name == task.name));
        known.is_some_and(|known| known.schema_sha256() == task.schema_sha256())
    };
    Ok(config.tasks.iter().filter(|task| !known(task)).map(|task| task.name.clone()).collect())
}

/// Counts the items that item records describe.
fn described_items(ledger: &Ledger) -> usize {
    let records = ledger.records().iter().filter(|record| record.head.kind == Kind::Items);
    records.flat_map(|record| record.rows.texts(col::ITEM).iter().flatten()).collect::<BTreeSet<_>>().len()
}

/// Returns the record files that history before `commit` held and its tree lacks or changed.
pub(super) fn removed(dataset: &Dataset, commit: &crate::store::Oid) -> Result<Vec<RemovedRecord>, Error> {
    let mut removed = Vec::new();
    for file in dataset.store().removed(commit, LEDGER)? {
        let named = manifest::record_of_path(&file.path).filter(|named| named.part == Part::Manifest);
        let Some(id) = named.map(|named| named.id) else { continue };
        // What stands there whole took the place of a damaged one.
        let now = dataset.store().file(commit, &file.path)?;
        if now.is_some_and(|bytes| RecordId::of(&bytes) == id) {
            continue;
        }
        removed.push(RemovedRecord {
            record: id.to_string(),
            path: file.path,
            commit: file.commit.id.0,
            author: file.commit.author,
            subject: file.commit.subject,
        });
    }
    Ok(removed)
}

/// Tells which of the chosen corrections of a task are learned from. How far a labeler can be followed is told of all.
fn corrections_status(
    ledger: &Ledger,
    task: u16,
    declared: Option<&Task>,
    accept: Acceptance,
    chosen: &[bool],
) -> Option<CorrectionsStatus> {
    let kind = declared.map_or(TaskType::Text, |task| task.kind);
    let mut corrections = Corrections::of(ledger, task, kind, &accept);
    let agreements = Agreements::of(ledger, &corrections.rows);
    corrections.rows.retain(|row| chosen[row.judgement]);
    if corrections.rows.is_empty() {
        return None;
    }
    let mut status = CorrectionsStatus {
        accept: accept.parameters(),
        current: corrections.rows.len(),
        ..CorrectionsStatus::default()
    };
    let mut left_out: BTreeMap<Reason, LeftOut> = BTreeMap::new();
    let mut labelers = BTreeSet::new();
    for row in &corrections.rows {
        *status.verdicts.entry(row.verdict).or_default() += 1;
        let labeler = ledger.labeler_name(row.labeler);
        labelers.insert(labeler);
        let mut reasons = row.reasons.iter().copied().chain(agreements.refuses(labeler, &accept)).peekable();
        status.accepted += usize::from(reasons.peek().is_none());
        for reason in reasons {
            let all = left_out.entry(reason).or_insert_with(|| LeftOut {
                reason,
                corrections: 0,
                examples: Vec::new(),
            });
            all.corrections += 1;
            if all.examples.len() < EXAMPLES {
                let item = ledger.item_name(row.item).to_owned();
                all.examples.push(LeftOutCorrection { item, labeler: labeler.to_owned() });
            }
        }
    }
    status.left_out = left_out.into_values().collect();
    status.labelers = labelers.into_iter().map(|labeler| followed(&agreements, labeler)).collect();
    Some(status)
}

fn followed(agreements: &Agreements, labeler: &str) -> Followed {
    let (judged, upheld) = agreements.counts(labeler);
    let agreement = match agreements.standing(labeler) {
        Standing::Known(share) => Some(share),
        Standing::Unknown => None,
    };
    Followed { labeler: labeler.to_owned(), judged, upheld, agreement }
}

fn task_status(ledger: &Ledger, task: u16, declared: Option<&Task>, chosen: &[bool]) -> TaskStatus {
    let policy = declared.map(|task| task.policy).unwrap_or_default();
    let mut status = TaskStatus { task: ledger.task_name(task).to_owned(), policy, ..TaskStatus::default() };
    let mut labelers: BTreeMap<u32, LabelerKind> = BTreeMap::new();
    for (_, run) in ledger.item_runs(task) {
        let mut live = false;
        let mut current = 0;
        for index in run.filter(|index| chosen[*index]) {
            let judgement = &ledger.judgements()[index];
            status.judgements += 1;
            match judgement.state {
                State::Current => status.current += 1,
                State::Superseded => status.superseded += 1,
                State::Conflict => status.conflicts += 1,
                State::Reverted => {
                    status.reverted += 1;
                    continue;
                }
            }
            live = true;
            labelers.insert(judgement.labeler, ledger.labeler_kind(judgement));
            let human = ledger.labeler_kind(judgement) == LabelerKind::Human;
            current +=
                usize::from(human && judgement.kind == Kind::Labels && judgement.state == State::Current);
        }
        status.items += usize::from(live);
        status.overlap += usize::from(current > 1);
    }
    for kind in labelers.into_values() {
        *status.labelers.entry(kind).or_insert(0) += 1;
    }
    // A joint policy that finds nothing, for there are too many classes, leaves items unresolved.
    let verdicts = verdicts::of_task(ledger, declared).unwrap_or_default();
    let how = How { verdicts: verdicts.as_ref(), ..How::by(policy, 1) };
    for item in resolve(ledger, task, how) {
        match item.outcome {
            Outcome::Label(..) => status.resolved += 1,
            Outcome::TooFew if item.votes == 0 && item.conflicts == 0 => {}
            _ => status.unresolved += 1,
        }
    }
    status
}
