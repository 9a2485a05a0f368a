//! `trace`: the story of one item; why a snapshot holds it so; what used somebody's work.

mod made;
mod usage;
mod why;

use std::collections::{BTreeMap, BTreeSet};

use super::record_ref::which_task;
use super::{Error, standings, verdicts};
use crate::authority::Standing;
use crate::base::text;
use crate::config::Config;
use crate::dataset::{At, Dataset, Guidelines};
use crate::ledger::{Ledger, Verdicts};
use crate::record::{Kind, Policy, RecordId, Task};
use crate::snapshot::Rule;
use crate::store::{CommitInfo, Oid};
use crate::trace::{self, CommitRef, Context, GuidelineText, TraceReport};

pub use made::Frozen;
pub use usage::{Asked, Built, SnapshotPart, TakenBack, UseReport, UsedRecord, usage};
pub use why::{Bucket, LockPart, Weighed, Weight, WhyReport, why};

/// What `trace` is asked of an item.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The item.
    pub item: &'a str,
    /// Only this task.
    pub task: Option<&'a str>,
    /// Whether the signatures of the commits named are looked at too.
    pub signatures: bool,
    /// Which state.
    pub at: &'a At,
}

/// Tells the story of an item.
///
/// # Errors
/// The ledger has nothing of the item.
pub fn trace(dataset: &Dataset, options: &Options<'_>) -> Result<TraceReport, Error> {
    let Options { item, task, at, signatures } = *options;
    let view = dataset.view_of_items(at, &BTreeSet::from([item.to_owned()]))?;
    let records = view.ledger.records();
    let answered = |task: &str| records.iter().any(|record| record.head.task.as_deref() == Some(task));
    if let Some(task) = task.filter(|task| !answered(task)) {
        let declared = dataset.declared()?;
        let known: Vec<&str> = declared.iter().map(|task| task.name.as_str()).collect();
        which_task(&known, Some(task))?;
    }
    let told = Told::of(dataset, view.commit.as_ref(), &view.ledger, signatures)?;
    let (snapshots, unknown) = match &view.commit {
        Some(commit) => super::snapshot::holding(dataset, commit, &view.ledger, item)?,
        None => Default::default(),
    };
    let Config { tasks, accept, .. } = dataset.config_or_usual()?;
    let wanted = |name: &str| task.is_none_or(|task| task == name);
    let context = Context {
        commits: &told.commits,
        standings: &told.standings,
        guidelines: &told.guidelines,
        snapshots: &snapshots,
        unknown_snapshots: &unknown,
        policies: &policies_of(&tasks),
        verdicts: &joint(dataset, at, |name| wanted(name) && view.ledger.find_task(name).is_some(), &tasks)?,
        kinds: &tasks.iter().map(|task| (task.name.clone(), task.kind)).collect(),
        accept,
    };
    match trace::trace(&view.ledger, item, task, &context) {
        Some(report) => Ok(report),
        None => Err(not_found(&dataset.view(at)?.ledger, item, task)),
    }
}

/// What is known of the records that a trace tells of, beside the records themselves.
struct Told {
    commits: BTreeMap<RecordId, CommitRef>,
    standings: BTreeMap<RecordId, Standing>,
    guidelines: BTreeMap<String, GuidelineText>,
}

impl Told {
    /// Finds it for a ledger with the rows of one item; with `signatures`, also who signed the commits.
    fn of(dataset: &Dataset, commit: Option<&Oid>, ledger: &Ledger, signatures: bool) -> Result<Self, Error> {
        let ids = told_of(ledger);
        let commits = commits(dataset, commit, &ids, signatures)?;
        let standings = match commit {
            Some(commit) => standings::standings(dataset, commit, ledger.record_set(), &ids)?,
            None => BTreeMap::new(),
        };
        Ok(Self { commits, standings, guidelines: guidelines(ledger) })
    }
}

/// Returns the commit that brought each of `ids`, as people cite it.
fn commits(
    dataset: &Dataset,
    commit: Option<&Oid>,
    ids: &BTreeSet<RecordId>,
    signatures: bool,
) -> Result<BTreeMap<RecordId, CommitRef>, Error> {
    let (mut commits, mut known) = (BTreeMap::new(), BTreeMap::new());
    let labelers = match commit.filter(|_| signatures) {
        Some(commit) => Some(standings::declared(dataset, commit)?),
        None => None,
    };
    for (id, info) in dataset.commits(commit, ids.iter().copied())? {
        if let Some(labelers) = labelers.as_ref().filter(|_| !known.contains_key(&info.id)) {
            let signed = dataset.store().commit_signature(&info.id)?.is_some();
            known.insert(info.id.clone(), (signed, standings::commit_signer(dataset, labelers, &info)?));
        }
        let (signed, signer) = known.get(&info.id).cloned().unzip();
        let CommitInfo { id: commit, author, time, subject } = info;
        let signer = signer.flatten();
        commits.insert(id, CommitRef { id: commit.0, author, time, subject, signed, signer });
    }
    Ok(commits)
}

/// Returns what the ledger holds of each guideline version.
fn guidelines(ledger: &Ledger) -> BTreeMap<String, GuidelineText> {
    let told = Guidelines::of(ledger);
    let text = |version: &crate::dataset::GuidelineVersion| {
        let lines = version.text.lines().map(|line| line.trim_start_matches('#').trim());
        let first_line = lines.into_iter().find(|line| !line.is_empty()).unwrap_or_default().to_owned();
        (version.key(), GuidelineText { record: version.record, sha256: version.sha256, first_line })
    };
    told.all().iter().map(text).collect()
}

/// Returns what the joint policies of `declared` tasks that are `wanted` find. They look at the labels of all items.
fn joint(
    dataset: &Dataset,
    at: &At,
    wanted: impl Fn(&str) -> bool,
    declared: &[Task],
) -> Result<BTreeMap<String, Verdicts>, Error> {
    let mut found = BTreeMap::new();
    for task in declared.iter().filter(|task| task.policy.is_joint() && wanted(&task.name)) {
        // Of labels with too many classes nothing can be told, and the trace says so.
        if let Ok(Some(verdicts)) = verdicts::of_parts(
            &dataset.parts(at)?,
            &verdicts::with_parameters(Rule::new(task, task.policy, 1, None)),
        ) {
            found.insert(task.name.clone(), verdicts);
        }
    }
    Ok(found)
}

/// Returns the records a trace tells of: those with rows of the item, the reverts that took some back or hold no longer,
/// and those that name reverts.
fn told_of(ledger: &Ledger) -> BTreeSet<RecordId> {
    let carriers = ledger.judgements().iter().flat_map(|judgement| ledger.carriers(judgement));
    let records = ledger.records();
    let covering: BTreeSet<usize> =
        ledger.judgements().iter().flat_map(|judgement| ledger.reverted_by(judgement)).collect();
    let is_told = |number: &usize| {
        let revert = records[*number].manifest.revert.as_ref();
        covering.contains(number)
            || !ledger.is_live_revert(*number)
            || revert.is_some_and(|revert| !revert.filter.records.is_empty())
    };
    let reverts = (0..records.len()).filter(|number| records[*number].head.kind == Kind::Reverts);
    carriers
        .map(|carrier| carrier.record as usize)
        .chain(reverts.filter(is_told))
        .map(|number| records[number].id)
        .collect()
}

fn not_found(ledger: &Ledger, item: &str, task: Option<&str>) -> Error {
    let near = text::did_you_mean(item, (0..ledger.items() as u32).map(|item| ledger.item_name(item)));
    let message = match task {
        Some(task) => format!("task `{task}` has nothing of item `{item}`"),
        None => format!("the ledger has nothing of item `{item}`"),
    };
    Error::NotFound { message, hint: near.map(|near| format!("did you mean `{near}`?")) }
}

/// Returns each declared task's policy and least number of labels.
///
/// # Errors
/// `hitl.yaml` has faults.
pub(super) fn policies(dataset: &Dataset) -> Result<BTreeMap<String, (Policy, u32)>, Error> {
    Ok(policies_of(&dataset.declared()?))
}

fn policies_of(tasks: &[Task]) -> BTreeMap<String, (Policy, u32)> {
    tasks.iter().map(|task| (task.name.clone(), (task.policy, 1))).collect()
}
