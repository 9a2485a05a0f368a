//! `trace`: the story of one item.

use std::collections::{BTreeMap, BTreeSet};

use super::record_ref::which_task;
use super::{Error, verdicts};
use crate::base::text;
use crate::config::Config;
use crate::dataset::{At, Dataset};
use crate::ledger::{Ledger, Verdicts};
use crate::record::{Kind, Policy, RecordId, Task};
use crate::snapshot::Rule;
use crate::trace::{self, CommitRef, Context, TraceReport};

/// Tells the story of `item`.
///
/// # Errors
/// The ledger has nothing of the item.
pub fn trace(dataset: &Dataset, item: &str, task: Option<&str>, at: &At) -> Result<TraceReport, Error> {
    let view = dataset.view_of_items(at, &BTreeSet::from([item.to_owned()]))?;
    let records = view.ledger.records();
    let answered = |task: &str| records.iter().any(|record| record.head.task.as_deref() == Some(task));
    if let Some(task) = task.filter(|task| !answered(task)) {
        let declared = dataset.declared()?;
        let known: Vec<&str> = declared.iter().map(|task| task.name.as_str()).collect();
        which_task(&known, Some(task))?;
    }
    let named = dataset.commits(view.commit.as_ref(), told_of(&view.ledger))?;
    let commits = named.into_iter().map(|(id, commit)| {
        (id, CommitRef { id: commit.id.0, author: commit.author, time: commit.time, subject: commit.subject })
    });
    let commits: BTreeMap<_, _> = commits.collect();
    let (snapshots, unknown) = match &view.commit {
        Some(commit) => super::snapshot::holding(dataset, commit, &view.ledger, item)?,
        None => Default::default(),
    };
    let Config { tasks, accept, .. } = dataset.config_or_usual()?;
    let context = Context {
        commits: &commits,
        snapshots: &snapshots,
        unknown_snapshots: &unknown,
        policies: &policies_of(&tasks),
        verdicts: &joint(dataset, at, &view.ledger, task, &tasks)?,
        kinds: &tasks.iter().map(|task| (task.name.clone(), task.kind)).collect(),
        accept,
    };
    match trace::trace(&view.ledger, item, task, &context) {
        Some(report) => Ok(report),
        None => Err(not_found(&dataset.view(at)?.ledger, item, task)),
    }
}

/// Returns what the joint policies find that resolve the tasks of `some`, which holds one item's judgements, or `task`
/// alone. They look at the labels of all items.
fn joint(
    dataset: &Dataset,
    at: &At,
    some: &Ledger,
    task: Option<&str>,
    declared: &[Task],
) -> Result<BTreeMap<String, Verdicts>, Error> {
    let wanted = |name: &str| task.is_none_or(|task| task == name) && some.find_task(name).is_some();
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

/// Returns the records a trace tells of: those with rows of the item, and all reverts.
fn told_of(ledger: &Ledger) -> BTreeSet<RecordId> {
    let carriers = ledger.judgements().iter().flat_map(|judgement| ledger.carriers(judgement));
    let records = ledger.records();
    let reverts = records.iter().filter(|record| record.head.kind == Kind::Reverts);
    carriers
        .map(|carrier| records[carrier.record as usize].id)
        .chain(reverts.map(|record| record.id))
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
