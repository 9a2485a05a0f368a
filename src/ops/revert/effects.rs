//! What a revert does to states, resolved labels and agreement: the ledger before beside the ledger after.

use std::collections::{BTreeMap, BTreeSet};

use super::super::filter::FilterReport;
use super::plan::Plan;
use super::report::{Agreement, BuiltOn, CoveredRecord, ItemEffect, RevertReport, TaskEffect};
use crate::agreement;
use crate::dataset::Dataset;
use crate::ledger::{Carrier, Ledger, Outcome, State, resolve};
use crate::record::{Kind, Origin, RecordId, Rows, col};

/// How many items and judgements a report names.
const SHOWN: usize = 10;
/// Compares the ledger before and after; a revert adds no judgement, so their numbers are the same.
pub(super) fn effects(
    dataset: &Dataset,
    before: &Ledger,
    after: &Ledger,
    plan: &Plan,
    id: RecordId,
) -> RevertReport {
    let live = |state: State| state != State::Reverted;
    let mut report = RevertReport {
        schema: "hitl.revert/1",
        dry_run: true,
        record: None,
        commit: None,
        branch: None,
        swept_by: None,
        message: String::new(),
        filter: FilterReport::new(&plan.revert, plan.rows.as_ref().unwrap_or(&Rows::empty(Kind::Reverts))),
        undoes: plan.undoes.map(|id| id.to_string()),
        still_held_by: plan.still_held_by.iter().map(ToString::to_string).collect(),
        records: covered_records(before, after, id),
        unknown_items: plan.unknown_items,
        taken_back: 0,
        cascaded: 0,
        brought_back: 0,
        already_reverted: 0,
        tasks: Vec::new(),
        built_on: BTreeMap::new(),
        built_on_shown: Vec::new(),
    };
    let mut taken = vec![false; before.judgements().len()];
    let mut touched: BTreeMap<u16, BTreeSet<u32>> = BTreeMap::new();
    for (index, (old, new)) in before.judgements().iter().zip(after.judgements()).enumerate() {
        match (live(old.state), live(new.state)) {
            (true, false) => {
                report.taken_back += 1;
                report.cascaded += usize::from(!plan.chosen[index] && plan.undoes.is_none());
                taken[index] = true;
            }
            (false, true) => report.brought_back += 1,
            (false, false) => {
                report.already_reverted += usize::from(plan.chosen[index] && plan.undoes.is_none());
                continue;
            }
            (true, true) => continue,
        }
        touched.entry(old.task).or_default().insert(old.item);
    }
    for (built, on) in after.built_on(&taken) {
        let judgement = &after.judgements()[built];
        if !live(judgement.state) {
            continue;
        }
        let origin = origin_of(after, built);
        *report.built_on.entry(origin).or_insert(0) += 1;
        if report.built_on_shown.len() < SHOWN {
            report.built_on_shown.push(BuiltOn {
                task: after.task_name(judgement.task).to_owned(),
                item: after.item_name(judgement.item).to_owned(),
                labeler: after.labeler_name(judgement.labeler).to_owned(),
                origin,
                shown_by: after.labeler_name(after.judgements()[on].labeler).to_owned(),
            });
        }
    }
    let config = dataset.config().ok();
    for (task, items) in touched {
        let name = before.task_name(task);
        let declared = config.as_ref().and_then(|config| config.tasks.iter().find(|task| task.name == name));
        report.tasks.push(task_effect(before, after, task, &items, declared));
    }
    report
}

fn origin_of(ledger: &Ledger, judgement: usize) -> Origin {
    let carrier = ledger.attributes(&ledger.judgements()[judgement]);
    ledger.row_text(carrier, col::ORIGIN).and_then(|word| word.parse().ok()).unwrap_or(Origin::Unknown)
}

fn covered_records(before: &Ledger, after: &Ledger, id: RecordId) -> Vec<CoveredRecord> {
    let mut covered: BTreeMap<u32, usize> = BTreeMap::new();
    let record_of = |ledger: &Ledger, carrier: &Carrier| ledger.records()[carrier.record as usize].id;
    for (old, new) in before.judgements().iter().zip(after.judgements()) {
        for carrier in after.carriers(new).iter().filter(|carrier| carrier.reverted) {
            let id = record_of(after, carrier);
            let was = before.carriers(old).iter().any(|was| was.reverted && record_of(before, was) == id);
            if !was {
                *covered.entry(carrier.record).or_insert(0) += 1;
            }
        }
    }
    let describe = |(index, covered): (u32, usize)| {
        let record = &after.records()[index as usize];
        CoveredRecord {
            id: record.id.to_string(),
            kind: record.manifest.kind,
            task: record.manifest.task.clone(),
            message: record.manifest.message.clone(),
            rows: record.manifest.shard.map_or(0, |shard| shard.rows),
            covered,
        }
    };
    debug_assert!(after.find_record(&id).is_some());
    covered.into_iter().map(describe).collect()
}

fn task_effect(
    before: &Ledger,
    after: &Ledger,
    task: u16,
    items: &BTreeSet<u32>,
    declared: Option<&crate::record::Task>,
) -> TaskEffect {
    let policy = declared.map(|task| task.policy).unwrap_or_default();
    let label = |ledger: &Ledger, outcome: Outcome| match outcome {
        Outcome::Label(statement, _) => Some(ledger.statement_text(statement).to_owned()),
        _ => None,
    };
    let mut effect = TaskEffect {
        task: before.task_name(task).to_owned(),
        items: items.len(),
        changed: 0,
        lost: 0,
        unlabelled: 0,
        gained: 0,
        shown: Vec::new(),
        before: agreement_of(before, task, declared),
        after: agreement_of(after, task, declared),
    };
    for (old, new) in resolve(before, task, policy, 1).into_iter().zip(resolve(after, task, policy, 1)) {
        let (was, is) = (label(before, old.outcome), label(after, new.outcome));
        if was == is {
            continue;
        }
        match (&was, &is) {
            (Some(_), Some(_)) => effect.changed += 1,
            (Some(_), None) => {
                effect.lost += 1;
                effect.unlabelled += usize::from(new.votes == 0);
            }
            _ => effect.gained += 1,
        }
        if effect.shown.len() < SHOWN {
            effect.shown.push(ItemEffect {
                item: before.item_name(old.item).to_owned(),
                before: was,
                after: is,
            });
        }
    }
    effect
}

fn agreement_of(ledger: &Ledger, task: u16, declared: Option<&crate::record::Task>) -> Agreement {
    let domain = declared.map(|task| task.classes.as_slice()).filter(|classes| !classes.is_empty());
    let table = agreement::Table::from_ledger(ledger, task, domain);
    let tallies = agreement::Tallies::of(&table);
    Agreement {
        labels: table.labels(),
        labelers: table.labeler_names().len(),
        krippendorff_alpha: agreement::krippendorff_alpha(&tallies).ok().map(|estimate| estimate.value),
        percent_agreement: agreement::percent_agreement(&tallies, agreement::Average::Items)
            .ok()
            .map(|estimate| estimate.value),
    }
}
