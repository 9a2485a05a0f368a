//! What is measured of the judgements that a change touches: agreement, gold, unresolved, confirmed, superseded, balance.

use std::collections::BTreeMap;

use super::Change;
use crate::agreement::{self, Changed, Level as Measured, TallySheet};
use crate::base::{Timestamp, text};
use crate::check::{
    self, Basis, CheckName, Coefficient, Finding, Judged, Outcome, Rows, ShareCheck, Shift, Status, finding,
    with_samples,
};
use crate::config::{AgreementRule, Checks, Level, Over};
use crate::dataset::{At, Guidelines};
use crate::ops::agreement::level_of;
use crate::ops::{Error, tallies};
use crate::record::{Task, TaskType};
use crate::table::Table;

/// What was judged, findings that no rule's share is behind, and why what was asked could not be measured.
#[derive(Default)]
pub(super) struct Measurements {
    pub judged: Vec<Judged>,
    pub findings: Vec<Finding>,
    pub unmeasured: Vec<Outcome>,
}

/// Measures what the rules ask for.
pub(super) fn measure(change: &Change<'_>, rows: &Rows<'_>, checks: &Checks) -> Result<Measurements, Error> {
    let mut found = Measurements::default();
    let guidelines = Guidelines::of(&change.records);
    for name in rows.tasks() {
        let undeclared = Task::new(&name, TaskType::Text, Vec::new());
        let task = change.config.task(&name).unwrap_or(&undeclared);
        conflicts(rows, &name, checks.conflicts, &mut found);
        shares(rows, task, checks, &mut found);
        superseded(rows, &name, &guidelines, checks.superseded_guideline, &mut found);
    }
    let sheets = sheets(change, checks)?;
    for name in rows.tasks() {
        let task = change.config.task(&name);
        for rule in checks.agreement.iter().filter(|rule| rule.level != Level::Off) {
            if rule.task.as_ref().is_none_or(|wanted| *wanted == name) {
                found.judged.extend(agreement(change, rows, &name, task, rule, sheets.get(&name))?);
            }
        }
        balance(rows, &name, checks, sheets.get(&name), &mut found);
    }
    Ok(found)
}

/// Returns what the labels of each task come to before, where some rule looks at all of them.
fn sheets(change: &Change<'_>, checks: &Checks) -> Result<BTreeMap<String, TallySheet>, Error> {
    let all = checks.agreement.iter().any(|rule| rule.over == Over::All && rule.level != Level::Off);
    if !all && checks.balance.is_none() {
        return Ok(BTreeMap::new());
    }
    let at = At { rev: Some(change.range.base.0.clone()), as_of: None };
    let view = change.dataset.view_of_records(&at)?;
    tallies::sheets(change.dataset, &view, &change.dataset.parts_of(&view)?)
}

fn conflicts(rows: &Rows<'_>, task: &str, level: Level, found: &mut Measurements) {
    let share = rows.conflicts(task);
    if share.k == 0 || level == Level::Off {
        return;
    }
    let items = text::count(share.items.len(), "item");
    let message =
        format!("{items} of {task}: who labelled them contradicts themself, and nothing says which is later");
    let remedy = "commit the one that is meant with a later created_at, adjudicate the items, or revert one of the batches";
    let told = finding(CheckName::Conflicts, level, "conflict", Some(task), message, remedy);
    found.findings.push(with_samples(told, rows.samples(task, &share.items)));
}

fn shares(rows: &Rows<'_>, task: &Task, checks: &Checks, found: &mut Measurements) {
    let name = task.name.as_str();
    let mut judged = Vec::new();
    let mut add = |one: Option<Judged>, items: &[String]| {
        let Some(mut one) = one else { return };
        one.finding = one.finding.map(|finding| with_samples(finding, rows.samples(name, items)));
        judged.push(one);
    };
    let gold = rows.gold(name);
    let what = ShareCheck {
        check: CheckName::Gold,
        metric: "gold_accuracy",
        words: "gold accuracy",
        over: Basis::AddedLabels,
        is_floor: true,
        remedy: "look at who is wrong on gold (`hitl labelers`), and whether the gold is right",
    };
    add(check::share(what, checks.gold.as_ref(), name, None, &gold), &gold.items);
    if let Some([before, after]) = rows.unresolved(task) {
        let what = ShareCheck {
            check: CheckName::Unresolved,
            metric: "unresolved",
            words: "unresolved",
            over: Basis::TouchedItems,
            is_floor: false,
            remedy: "settle them: `hitl adjudicate`, or have one more person label them",
        };
        add(check::share(what, checks.unresolved.as_ref(), name, Some(&before), &after), &after.items);
    }
    let what = ShareCheck {
        check: CheckName::Confirmed,
        metric: "confirmed",
        words: "confirmed guesses",
        over: Basis::AddedLabels,
        is_floor: false,
        remedy: "have some of them labelled without the guess in sight, and compare",
    };
    match (rows.confirmed(name), &checks.confirmed) {
        (Some(share), rule) if rule.is_some() || share.k > 0 => {
            add(check::share(what, rule.as_ref(), name, None, &share), &share.items);
        }
        (None, Some(rule)) if !rows.classes(name).is_empty() => {
            let why =
                format!("confirmed guesses of {name}: no origin and no guess is known of what is added");
            let outcome = Outcome::new(CheckName::Confirmed, rule.level, Status::NotMeasured, why);
            let metric = Some(what.metric.to_owned());
            found.unmeasured.push(Outcome {
                task: Some(name.to_owned()),
                metric,
                over: Some(what.over),
                ..outcome
            });
        }
        _ => {}
    }
    found.judged.extend(judged);
}

fn superseded(rows: &Rows<'_>, task: &str, guidelines: &Guidelines, level: Level, found: &mut Measurements) {
    let follower = |key: &str, made: Timestamp| {
        let name = key.split_once('@').map_or(key, |(name, _)| name);
        let in_force = guidelines.in_force(name, made).map(|version| version.in_force_from());
        let own = guidelines.get(key).map(|version| version.in_force_from());
        own.zip(in_force).is_some_and(|(own, in_force)| own < in_force)
    };
    let share = rows.superseded(task, follower);
    if share.k == 0 || level == Level::Off {
        return;
    }
    let message = format!(
        "{} of {} added judgements of {task} were made under a guideline version that another had followed by then",
        share.k, share.n
    );
    let remedy = "have them labelled again under the version in force, or commit them with the version they were really made under";
    let told = finding(CheckName::SupersededGuideline, level, "superseded", Some(task), message, remedy);
    found.findings.push(with_samples(told, rows.samples(task, &share.items)));
}

/// Measures one rule; none where the task's labels have no coefficient of the kind.
fn agreement(
    change: &Change<'_>,
    rows: &Rows<'_>,
    name: &str,
    task: Option<&Task>,
    rule: &AgreementRule,
    sheet: Option<&TallySheet>,
) -> Result<Option<Judged>, Error> {
    let level = level_of(task.map_or(TaskType::Text, |task| task.kind));
    if is_structured(level) {
        return Ok(None);
    }
    let domain = task.and_then(Task::domain);
    let table = |ledger: &crate::ledger::Ledger| match ledger.find_task(name) {
        Some(number) => Table::from_ledger(ledger, number, domain),
        None => Table::from_labels(std::iter::empty::<(&str, &str, &str)>(), domain),
    };
    let (before, after) = (table(rows.before), table(rows.after));
    if before.labels() + after.labels() == 0 {
        return Ok(None);
    }
    let all = after.domain().union(before.domain());
    let (before, after) = (before.under(&all), after.under(&all));
    let options = agreement::Options { level, ..agreement::Options::default() };
    let rev = &change.base_rev;
    let measured = match (rule.over, sheet) {
        (Over::Changed, _) => agreement::change(&before, &after, rev, true, &options)?,
        (Over::All, sheet) => {
            let mut rest = sheet.cloned().unwrap_or_default();
            // What was touched is taken out, and comes back item by item.
            if rest.take(&TallySheet::of(&before)).is_none() {
                rest = TallySheet::default();
            }
            agreement::change_beside(&before, &after, &rest, rev, &options)?
        }
    };
    let Some(metric) = measured.metrics.iter().find(|metric| metric.metric == rule.metric) else {
        return Ok(None);
    };
    let look = look(change, name, rule.over);
    let mut judged = check::agreement(rule, name, coefficient(metric, measured.items_with_two_labels), &look);
    let items = differing(rows, name);
    judged.finding = judged.finding.map(|finding| with_samples(finding, rows.samples(name, &items)));
    Ok(Some(judged))
}

/// Returns the command that shows more of the agreement of a task.
fn look(change: &Change<'_>, task: &str, over: Over) -> String {
    let task = text::shell_quoted(task);
    let base = match change.range.merge_base {
        Some(_) => format!(" --base {}", text::shell_quoted(&change.base_rev)),
        None => String::new(),
    };
    let changed = if over == Over::Changed && !base.is_empty() { " --changed" } else { "" };
    format!("hitl agreement --task {task}{base}{changed}")
}

/// Labels that are lists of marks have coefficients of their own, which `hitl agreement` tells.
fn is_structured(level: Measured) -> bool {
    level.is_structured() || level == Measured::Set
}

fn coefficient(metric: &Changed, [overlap_before, overlap]: [u64; 2]) -> Coefficient {
    Coefficient {
        before: metric.before,
        after: metric.after,
        delta: metric.delta,
        interval: metric.after_interval,
        delta_interval: metric.ci_low.zip(metric.ci_high).map(|(low, high)| [low, high]),
        overlap_before,
        overlap,
    }
}

/// Returns the touched items on which the labels that count differ.
fn differing(rows: &Rows<'_>, task: &str) -> Vec<String> {
    let Some(number) = rows.after.find_task(task) else { return Vec::new() };
    let table = Table::from_ledger(rows.after, number, None);
    let differs = |item: &usize| table.run(*item).1.windows(2).any(|pair| pair[0] != pair[1]);
    let differing = (0..table.items()).filter(differs).map(|item| table.item_name(item));
    differing.filter(|item| rows.is_touched(task, item)).map(str::to_owned).collect()
}

/// Compares the classes of what is added with those of what was there: half the sum of the differences of their shares.
fn balance(
    rows: &Rows<'_>,
    task: &str,
    checks: &Checks,
    sheet: Option<&TallySheet>,
    found: &mut Measurements,
) {
    let (Some(rule), Some(sheet)) = (&checks.balance, sheet) else { return };
    let (before, added) = (sheet.classes(), rows.classes(task));
    let (all_before, all_added) = (before.values().sum::<u64>(), added.values().sum::<u64>());
    if all_before == 0 || all_added == 0 {
        return;
    }
    let part = |counts: &BTreeMap<&str, u64>, class: &str, all: u64| {
        counts.get(class).copied().unwrap_or(0) as f64 / all as f64
    };
    let mut classes: Vec<&str> = before.keys().chain(added.keys()).copied().collect();
    classes.sort_unstable();
    classes.dedup();
    let shares = |class: &str| [part(&before, class, all_before), part(&added, class, all_added)];
    let grew = |class: &str| {
        let [before, added] = shares(class);
        added - before
    };
    let distance = classes.iter().map(|class| grew(class).abs()).sum::<f64>() / 2.0;
    let grown = classes.iter().copied().max_by(|a, b| grew(a).total_cmp(&grew(b))).unwrap_or_default();
    let shift = Shift { distance, grown, shares: shares(grown), rows: all_added };
    found.judged.push(check::shift(rule, task, shift));
}
