//! Reading `checks` of `hitl.yaml`.

use super::super::fault::{Collector, suggestion};
use super::super::node::{Node, Value};
use super::super::read::{self, Fields};
use super::{AgreementRule, Bound, Checks, Level, Over, ShareRule};
use crate::record::{Task, TaskType};

const FIELDS: &[&str] = &[
    "integrity",
    "append_only",
    "complete",
    "authorisation",
    "conflicts",
    "agreement",
    "gold",
    "unresolved",
    "confirmed",
    "superseded_guideline",
    "balance",
    "lookalikes",
    "dated_ahead",
    "snapshots",
];
const RULE_FIELDS: &[&str] =
    &["task", "metric", "over", "floor", "bound", "max_drop", "min_overlap", "required", "level"];

/// The coefficients that a rule may name, the usual one first.
const METRICS: [&str; 5] =
    ["krippendorff_alpha", "fleiss_kappa", "gwet_ac1", "brennan_prediger", "percent_agreement"];

/// Reads `checks`; what it does not write keeps its default. `tasks` are those that rules may name.
pub(in crate::config) fn checks(node: &Node, tasks: &[Task], faults: &mut Collector<'_>) -> Checks {
    let mut checks = Checks::default();
    let Some(mut fields) = Fields::of(node, "a table of checks", faults) else { return checks };
    for (name, into, may_be_off) in [
        ("integrity", &mut checks.integrity, false),
        ("append_only", &mut checks.append_only, false),
        ("complete", &mut checks.complete, true),
        ("authorisation", &mut checks.authorisation, true),
        ("conflicts", &mut checks.conflicts, true),
        ("superseded_guideline", &mut checks.superseded_guideline, true),
        ("lookalikes", &mut checks.lookalikes, true),
        ("dated_ahead", &mut checks.dated_ahead, true),
        ("snapshots", &mut checks.snapshots, true),
    ] {
        let Some(node) = fields.take(name) else { continue };
        match level(node, faults) {
            Some(Level::Off) if !may_be_off => {
                let help =
                    "without it nobody can tell what else holds; `warning` lets a change pass".to_owned();
                faults.add(node.place, format!("`{name}` cannot be switched off"), Some(help));
            }
            given => *into = given.unwrap_or(*into),
        }
    }
    if let Some(node) = fields.take("agreement") {
        let rules = match &node.value {
            Value::List(rules) => rules.iter().collect(),
            _ => vec![node],
        };
        checks.agreement = rules.into_iter().filter_map(|rule| agreement(rule, tasks, faults)).collect();
    }
    for (name, share, least, at_least, into) in [
        ("gold", "min_accuracy", "min_items", 20, &mut checks.gold),
        ("unresolved", "max_share", "min_items", 20, &mut checks.unresolved),
        ("confirmed", "max_share", "min_rows", 50, &mut checks.confirmed),
        ("balance", "max_shift", "min_rows", 50, &mut checks.balance),
    ] {
        let Some(node) = fields.take(name) else { continue };
        *into = share_rule(node, name, [share, least], at_least, faults);
    }
    fields.refuse_rest(FIELDS, faults);
    checks
}

fn level(node: &Node, faults: &mut Collector<'_>) -> Option<Level> {
    let known = [("error", Level::Error), ("warning", Level::Warning), ("off", Level::Off)];
    choice(node, "level", &known, faults)
}

fn choice<T: Copy>(node: &Node, what: &str, known: &[(&str, T)], faults: &mut Collector<'_>) -> Option<T> {
    let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
    let find = |word: &str| known.iter().find(|(known, _)| *known == word).map(|(_, value)| *value);
    read::word(node, what, &words, find, faults)
}

/// Reads a rule for agreement.
fn agreement(node: &Node, tasks: &[Task], faults: &mut Collector<'_>) -> Option<AgreementRule> {
    let mut fields = Fields::of(node, "a rule for agreement", faults)?;
    let place = fields.place();
    let mut rule = AgreementRule {
        task: None,
        metric: METRICS[0].to_owned(),
        over: Over::default(),
        floor: None,
        bound: Bound::default(),
        max_drop: None,
        min_overlap: 20,
        required: false,
        level: Level::Error,
    };
    if let Some(node) = fields.take("task") {
        rule.task = read::scalar(node, "task", faults);
        if let Some(name) = &rule.task {
            task_of_rule(name, node, tasks, faults);
        }
    }
    if let Some(node) = fields.take("metric") {
        let known = METRICS.map(|metric| (metric, metric));
        rule.metric = choice(node, "metric", &known, faults).unwrap_or(METRICS[0]).to_owned();
    }
    if let Some(node) = fields.take("over") {
        let known = [("changed", Over::Changed), ("all", Over::All)];
        rule.over = choice(node, "word for `over`", &known, faults).unwrap_or_default();
    }
    if let Some(node) = fields.take("bound") {
        let known = [("low", Bound::Low), ("value", Bound::Value)];
        rule.bound = choice(node, "word for `bound`", &known, faults).unwrap_or_default();
    }
    let (floor, drop) = (fields.take("floor"), fields.take("max_drop"));
    if floor.is_none() && drop.is_none() {
        let help = "write `floor: 0.667`, or `max_drop: 0.05`".to_owned();
        faults.add(place, "a rule for agreement that asks nothing", Some(help));
    }
    rule.floor = floor.and_then(|node| within(node, "floor", [-1.0, 1.0], faults));
    rule.max_drop = drop.and_then(|node| within(node, "max_drop", [0.0, 2.0], faults));
    if let Some(node) = fields.take("min_overlap") {
        rule.min_overlap = count(node, "min_overlap", faults).unwrap_or(rule.min_overlap);
    }
    if let Some(node) = fields.take("required") {
        rule.required = read::boolean(node, "required", faults).unwrap_or_default();
    }
    if let Some(node) = fields.take("level") {
        rule.level = level(node, faults).unwrap_or(rule.level);
    }
    fields.refuse_rest(RULE_FIELDS, faults);
    Some(rule)
}

/// Checks that there is a task of the name, and that its labels have coefficients of the kind that rules name.
fn task_of_rule(name: &str, node: &Node, tasks: &[Task], faults: &mut Collector<'_>) {
    let Some(task) = tasks.iter().find(|task| task.name == name) else {
        let known: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
        faults.add(node.place, format!("`{name}` is no task of this file"), suggestion(name, &known));
        return;
    };
    match task.kind {
        TaskType::Multilabel | TaskType::Span | TaskType::Box | TaskType::Ranking => {
            let message = format!(
                "labels of task `{name}` are lists: `hitl agreement` has coefficients of their own, and no rule names them"
            );
            let help = "leave the rule out: without `task`, a rule passes over such tasks".to_owned();
            faults.add(node.place, message, Some(help));
        }
        TaskType::Categorical
        | TaskType::Ordinal
        | TaskType::Rating
        | TaskType::Numeric
        | TaskType::Preference
        | TaskType::Text => {}
    }
}

/// Reads a rule for a share: the share and the number it is judged on have the names `share` and `least`.
fn share_rule(
    node: &Node,
    name: &str,
    [share, least]: [&str; 2],
    at_least: u64,
    faults: &mut Collector<'_>,
) -> Option<ShareRule> {
    let mut fields = Fields::of(node, &format!("a table with `{share}`"), faults)?;
    let (place, given) = (fields.place(), fields.take(share));
    if given.is_none() {
        let help = format!("write `{name}: {{{share}: 0.8}}`");
        faults.add(place, format!("`{name}` without `{share}`"), Some(help));
    }
    let rule = ShareRule {
        share: given.and_then(|node| within(node, share, [0.0, 1.0], faults)).unwrap_or_default(),
        at_least: fields.take(least).and_then(|node| count(node, least, faults)).unwrap_or(at_least),
        level: fields.take("level").and_then(|node| level(node, faults)).unwrap_or(Level::Error),
    };
    fields.refuse_rest(&[share, least, "level"], faults);
    Some(rule)
}

fn within(node: &Node, name: &str, [low, high]: [f64; 2], faults: &mut Collector<'_>) -> Option<f64> {
    let given = read::number(node, name, faults)?;
    if (low..=high).contains(&given) {
        return Some(given);
    }
    faults.add(node.place, format!("`{name}` is from {low} to {high}, not {given}"), None);
    None
}

fn count(node: &Node, name: &str, faults: &mut Collector<'_>) -> Option<u64> {
    let given = read::number(node, name, faults)?;
    if given.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&given) {
        return Some(given as u64);
    }
    faults.add(node.place, format!("`{name}` is a whole number from 1 on, not {given}"), None);
    None
}
