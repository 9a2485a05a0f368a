//! What a revert does to states, resolved labels and agreement: the ledger before beside the ledger after.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Error;
use super::super::agreement::level_of;
use super::super::filter::FilterReport;
use super::super::tallies::{self, Sheets};
use super::plan::Plan;
use super::report::{Agreement, BuiltOn, CoveredRecord, ItemEffect, RevertReport, TaskEffect};
use crate::agreement::{self, TallySheet};
use crate::dataset::Dataset;
use crate::ledger::{Carrier, How, Ledger, Outcome, State, resolve};
use crate::record::{self, Kind, Origin, Policy, RecordId, Rows, TaskType, col};

/// Each task's policy and least number of labels.
type Policies = BTreeMap<String, (Policy, u32)>;

/// How many items and judgements a report names.
const SHOWN: usize = 10;
/// What a revert does to the items of a range.
pub(super) struct Effects {
    taken_back: usize,
    cascaded: usize,
    brought_back: usize,
    already_reverted: usize,
    /// Rows that come to be covered, by record number in the ledger after.
    covered: BTreeMap<u32, usize>,
    /// Items of the filter's list that are here.
    known_items: usize,
    /// Other reverts that hold what it would bring back.
    held_by: BTreeSet<RecordId>,
    built_on: BTreeMap<Origin, usize>,
    built_on_shown: Vec<BuiltOn>,
    tasks: BTreeMap<String, Task>,
}

/// What it does to the items of one task.
struct Task {
    /// Without agreement, which is measured over all items.
    effect: TaskEffect,
    before: TallySheet,
    after: TallySheet,
}

impl Effects {
    /// Compares a part of the ledger before and after; a revert adds no judgement, so their numbers are the same.
    pub(super) fn of(before: &Ledger, after: &Ledger, plan: &Plan, policies: &Policies) -> Self {
        let live = |state: State| state != State::Reverted;
        let chosen = plan.chosen(before);
        let mut effects = Self {
            taken_back: 0,
            cascaded: 0,
            brought_back: 0,
            already_reverted: 0,
            covered: covered_rows(before, after),
            known_items: plan
                .filter
                .items
                .iter()
                .flatten()
                .filter(|item| before.find_item(item).is_some())
                .count(),
            held_by: BTreeSet::new(),
            built_on: BTreeMap::new(),
            built_on_shown: Vec::new(),
            tasks: BTreeMap::new(),
        };
        let mut taken = vec![false; before.judgements().len()];
        let mut touched: BTreeMap<u16, BTreeSet<u32>> = BTreeMap::new();
        for (index, (old, new)) in before.judgements().iter().zip(after.judgements()).enumerate() {
            if let Some(undone) = plan.undoes.filter(|_| chosen[index]) {
                let by = before.reverted_by(old).into_iter().map(|revert| before.records()[revert].id);
                effects.held_by.extend(by.filter(|id| *id != undone));
            }
            match (live(old.state), live(new.state)) {
                (true, false) => {
                    effects.taken_back += 1;
                    effects.cascaded += usize::from(!chosen[index] && plan.undoes.is_none());
                    taken[index] = true;
                }
                (false, true) => effects.brought_back += 1,
                (false, false) => {
                    effects.already_reverted += usize::from(chosen[index] && plan.undoes.is_none());
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
            *effects.built_on.entry(origin).or_insert(0) += 1;
            effects.built_on_shown.push(BuiltOn {
                task: after.task_name(judgement.task).to_owned(),
                item: after.item_name(judgement.item).to_owned(),
                labeler: after.labeler_name(judgement.labeler).to_owned(),
                origin,
                shown_by: after.labeler_name(after.judgements()[on].labeler).to_owned(),
            });
        }
        let (mut was, mut is) = (tallies::of(before), tallies::of(after));
        for task in 0..before.tasks() as u16 {
            let name = before.task_name(task).to_owned();
            let items = touched.get(&task).map_or(0, BTreeSet::len);
            let policy = policies.get(&name).map(|(policy, _)| *policy).unwrap_or_default();
            let effect = task_effect(before, after, (task, &name), items, policy);
            let (before, after) =
                (was.remove(&name).unwrap_or_default(), is.remove(&name).unwrap_or_default());
            effects.tasks.insert(name, Task { effect, before, after });
        }
        effects
    }
}

/// Whether the items that are touched are among those of `sheets`.
pub(super) fn are_among(parts: &[Effects], sheets: &Sheets) -> bool {
    let mut rest = sheets.clone();
    let mut tasks = parts.iter().flat_map(|part| &part.tasks);
    tasks.all(|(name, task)| match rest.get_mut(name) {
        Some(sheet) => sheet.take(&task.before).is_some(),
        None => task.before == TallySheet::default(),
    })
}

/// Returns what a revert does, given what it does to each part, and what the labels of the whole ledger come to before,
/// which [those touched are among](are_among);
/// `records` are those of the ledger, the revert's own left out.
pub(super) fn report(
    dataset: &Dataset,
    records: &Ledger,
    plan: &Plan,
    parts: Vec<Effects>,
    sheets: Sheets,
) -> Result<RevertReport, Error> {
    let none = Rows::empty(Kind::Reverts);
    let mut report = RevertReport::new(FilterReport::new(&plan.revert, plan.rows.as_ref().unwrap_or(&none)));
    report.undoes = plan.undoes.map(|id| id.to_string());
    let known: usize = parts.iter().map(|part| part.known_items).sum();
    report.unknown_items = plan.filter.items.as_ref().map_or(0, |items| items.len().saturating_sub(known));
    let mut covered: BTreeMap<u32, usize> = BTreeMap::new();
    let mut held_by = BTreeSet::new();
    let mut tasks: BTreeMap<String, Vec<Task>> = BTreeMap::new();
    for part in parts {
        report.taken_back += part.taken_back;
        report.cascaded += part.cascaded;
        report.brought_back += part.brought_back;
        report.already_reverted += part.already_reverted;
        part.covered.into_iter().for_each(|(record, rows)| *covered.entry(record).or_default() += rows);
        part.built_on
            .into_iter()
            .for_each(|(origin, count)| *report.built_on.entry(origin).or_default() += count);
        report.built_on_shown.extend(part.built_on_shown);
        part.tasks.into_iter().for_each(|(name, task)| tasks.entry(name).or_default().push(task));
        held_by.extend(part.held_by);
    }
    // By task, and by item within.
    report.built_on_shown.sort_by(|a, b| a.task.cmp(&b.task));
    report.built_on_shown.truncate(SHOWN);
    let number = |id: &RecordId| records.find_record(id);
    let mut held_by: Vec<RecordId> = held_by.into_iter().collect();
    held_by.sort_by_key(number);
    report.still_held_by = held_by.iter().map(ToString::to_string).collect();
    report.records =
        covered.into_iter().map(|(record, rows)| covered_record(records, record, rows)).collect();
    let declared = dataset.declared()?;
    for (name, parts) in tasks {
        let task = declared.iter().find(|task| task.name == name);
        let sheet = sheets.get(&name).cloned().unwrap_or_default();
        report.tasks.extend(merged(parts, sheet, task).filter(|effect| effect.items > 0));
    }
    Ok(report)
}

/// Returns what is done to a task, given what is done to it in each part, and what its labels come to before.
fn merged(
    parts: Vec<Task>,
    before: TallySheet,
    declared: Option<&crate::record::Task>,
) -> Option<TaskEffect> {
    let mut after = before.clone();
    let mut all: Option<TaskEffect> = None;
    for Task { effect, before: was, after: is } in parts {
        after.take(&was).expect("the caller has seen that they are among all");
        after.add(&is);
        match &mut all {
            None => all = Some(effect),
            Some(all) => {
                all.items += effect.items;
                all.changed += effect.changed;
                all.lost += effect.lost;
                all.unlabelled += effect.unlabelled;
                all.gained += effect.gained;
                all.shown.extend(effect.shown);
                all.shown.truncate(SHOWN);
            }
        }
    }
    let mut all = all.filter(|effect| effect.items > 0)?;
    (all.before, all.after) = (agreement_of(&before, declared), agreement_of(&after, declared));
    Some(all)
}

fn origin_of(ledger: &Ledger, judgement: usize) -> Origin {
    let carrier = ledger.attributes(&ledger.judgements()[judgement]);
    ledger.row_text(carrier, col::ORIGIN).and_then(|word| word.parse().ok()).unwrap_or(Origin::Unknown)
}

/// Returns how many rows of each record come to be covered, by its number in the ledger after.
fn covered_rows(before: &Ledger, after: &Ledger) -> BTreeMap<u32, usize> {
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
    covered
}

fn covered_record(records: &Ledger, number: u32, covered: usize) -> CoveredRecord {
    let record = &records.records()[number as usize];
    CoveredRecord {
        id: record.id.to_string(),
        kind: record.head.kind,
        task: record.head.task.as_deref().map(str::to_owned),
        message: record.manifest.message.clone(),
        rows: record.manifest.shard.map_or(0, |shard| shard.rows),
        covered,
    }
}

fn task_effect(
    before: &Ledger,
    after: &Ledger,
    (task, name): (u16, &str),
    items: usize,
    policy: Policy,
) -> TaskEffect {
    let none = Agreement { labels: 0, labelers: 0, krippendorff_alpha: None, percent_agreement: None };
    let mut effect = TaskEffect {
        task: name.to_owned(),
        items,
        joint: policy.is_joint().then_some(policy),
        changed: 0,
        lost: 0,
        unlabelled: 0,
        gained: 0,
        shown: Vec::new(),
        before: none,
        after: none,
    };
    if items == 0 {
        return effect;
    }
    let how = How::by(policy, 1);
    for (old, new) in resolve(before, task, how).into_iter().zip(resolve(after, task, how)) {
        if [old.outcome, new.outcome].contains(&Outcome::Unknown) {
            effect.unlabelled += usize::from(old.votes > 0 && new.outcome == Outcome::TooFew);
            continue;
        }
        let (was, is) = (old.outcome.label(), new.outcome.label());
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
            let item = before.item_name(old.item).to_owned();
            let owned = |label: Option<&str>| label.map(str::to_owned);
            effect.shown.push(ItemEffect { item, before: owned(was), after: owned(is) });
        }
    }
    effect
}

fn agreement_of(sheet: &TallySheet, declared: Option<&record::Task>) -> Agreement {
    let domain = declared.and_then(record::Task::domain);
    let tallies = sheet.tallies(domain);
    let level = level_of(declared.map_or(TaskType::Text, |task| task.kind));
    Agreement {
        labels: usize::try_from(sheet.labels()).unwrap_or(usize::MAX),
        labelers: sheet.labelers(),
        krippendorff_alpha: sheet.alpha(level, domain),
        percent_agreement: agreement::percent_agreement(&tallies, agreement::Average::Items)
            .ok()
            .map(|estimate| estimate.value),
    }
}
