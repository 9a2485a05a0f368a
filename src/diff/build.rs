//! Counting the rows of a diff and putting its report together.

use std::collections::{BTreeMap, BTreeSet};

use super::Options;
use super::report::{
    Counts, DiffReport, GuidelineCounts, LabelerCounts, RecordBrief, Records, Resolutions, Row, TaskDiff,
    Transition, Value,
};
use crate::ledger::{How, Ledger, resolve};
use crate::record::{Kind, Policy};

/// Counts `rows` and puts the report together.
pub(super) fn report(
    base: (&str, &Ledger),
    head: (&str, &Ledger),
    rows: Vec<Row>,
    options: &Options,
) -> DiffReport {
    let mut counts = Counts::default();
    rows.iter().for_each(|row| counts.add(row.op));
    let mut tasks: BTreeSet<String> = rows.iter().map(|row| row.task.clone()).collect();
    if options.filter.is_empty() {
        // A policy looks at more than rows tell: a labeler's kind may change and nothing else.
        for ledger in [base.1, head.1] {
            tasks.extend((0..ledger.tasks()).map(|task| ledger.task_name(task as u16).to_owned()));
        }
    }
    let tasks = tasks.into_iter().map(|task| task_diff(task, base.1, head.1, &rows, options));
    let tasks: Vec<TaskDiff> =
        tasks.filter(|task| task.counts.total() > 0 || !task.resolved.transitions.is_empty()).collect();
    let rows_total = rows.len() as u64;
    let mut rows = rows;
    rows.truncate(options.limit.unwrap_or(usize::MAX));
    DiffReport {
        schema: "hitl.diff/1",
        base: base.0.to_owned(),
        head: head.0.to_owned(),
        same: rows_total == 0,
        records: Records { base_only: only(base.1, head.1), head_only: only(head.1, base.1) },
        counts,
        tasks,
        rows,
        rows_total,
    }
}

/// Returns the records of `one` that `other` lacks.
fn only(one: &Ledger, other: &Ledger) -> Vec<RecordBrief> {
    let lacking = one.record_set().arranged().lacking(other.record_set().arranged());
    let absent = one.records().iter().zip(lacking).filter(|(_, lacking)| *lacking);
    absent
        .map(|(record, _)| RecordBrief {
            id: record.id,
            kind: record.head.kind,
            task: record.head.task.as_deref().map(str::to_owned),
            rows: record.manifest.shard.map_or(0, |shard| shard.rows),
            message: record.manifest.message.clone(),
        })
        .collect()
}

fn task_diff(task: String, base: &Ledger, head: &Ledger, rows: &[Row], options: &Options) -> TaskDiff {
    let (start, end) =
        (rows.partition_point(|row| row.task < task), rows.partition_point(|row| row.task <= task));
    let rows = &rows[start..end];
    let mut counts = Counts::default();
    let mut items: BTreeSet<&str> = BTreeSet::new();
    let mut labelers: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut guidelines: BTreeMap<Option<&str>, Counts> = BTreeMap::new();
    let mut moves: Moves<'_> = BTreeMap::new();
    for row in rows {
        counts.add(row.op);
        items.insert(&row.item);
        labelers.entry(&row.labeler).or_default().add(row.op);
        guidelines.entry(row.guideline.as_deref()).or_default().add(row.op);
        let cell = (label(&row.before), label(&row.after));
        if row.kind == Kind::Labels && cell.0 != cell.1 {
            *moves.entry(cell).or_default() += 1;
        }
    }
    let (policy, min_labels) = options.policies.get(&task).copied().unwrap_or((Policy::Majority, 1));
    let touched = (!options.filter.is_empty()).then_some(&items);
    TaskDiff {
        counts,
        items: items.len() as u64,
        labelers: labelers
            .into_iter()
            .map(|(labeler, counts)| LabelerCounts { labeler: labeler.to_owned(), counts })
            .collect(),
        guidelines: guidelines
            .into_iter()
            .map(|(guideline, counts)| GuidelineCounts { guideline: guideline.map(str::to_owned), counts })
            .collect(),
        transitions: transitions(moves),
        resolved: resolutions(&task, base, head, (policy, min_labels), touched),
        task,
    }
}

/// Counts by (before, after).
type Moves<'a> = BTreeMap<(Option<&'a str>, Option<&'a str>), u64>;

fn transitions(moves: Moves<'_>) -> Vec<Transition> {
    let cell = |((before, after), count): ((Option<&str>, Option<&str>), u64)| Transition {
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
        count,
    };
    moves.into_iter().map(cell).collect()
}

fn label(value: &Value) -> Option<&str> {
    match value {
        Value::Label { label } => Some(label),
        _ => None,
    }
}

fn resolutions(
    task: &str,
    base: &Ledger,
    head: &Ledger,
    (policy, min_labels): (Policy, u32),
    touched: Option<&BTreeSet<&str>>,
) -> Resolutions {
    let mut report = Resolutions {
        policy: policy.as_str(),
        min_labels,
        joint: policy.is_joint(),
        changed: 0,
        became_resolved: 0,
        became_unresolved: 0,
        transitions: Vec::new(),
    };
    if report.joint {
        return report;
    }
    let before = resolved(base, task, policy, min_labels);
    let after = resolved(head, task, policy, min_labels);
    let items: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let mut moves: Moves<'_> = BTreeMap::new();
    for item in items.into_iter().filter(|item| touched.is_none_or(|touched| touched.contains(item))) {
        let cell = (before.get(item).copied(), after.get(item).copied());
        match cell {
            (Some(was), Some(is)) if was != is => report.changed += 1,
            (None, Some(_)) => report.became_resolved += 1,
            (Some(_), None) => report.became_unresolved += 1,
            _ => continue,
        }
        *moves.entry(cell).or_default() += 1;
    }
    report.transitions = transitions(moves);
    report
}

/// Returns the resolved label of each item that has one.
fn resolved<'a>(
    ledger: &'a Ledger,
    task: &str,
    policy: Policy,
    min_labels: u32,
) -> BTreeMap<&'a str, &'a str> {
    let resolved = ledger
        .find_task(task)
        .map(|task| resolve(ledger, task, How::by(policy, min_labels)))
        .unwrap_or_default();
    resolved.iter().filter_map(|one| Some((ledger.item_name(one.item), one.outcome.label()?))).collect()
}
