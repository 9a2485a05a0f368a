//! `hitl.yaml`: tasks, their label schemas and policies.

use std::collections::BTreeMap;

use super::checks::{Checks, checks};
use super::fault::{Collector, Faults};
use super::node::{self, Node};
use super::read::{self, Fields};
use crate::base::text;
use crate::record::{Acceptance, Policy, Task, TaskType, check_slug};

/// The file's name, at the repository's root.
pub const CONFIG_FILE: &str = "hitl.yaml";

const FIELDS: &[&str] = &["format", "tasks", "corrections", "checks"];
const ACCEPT_FIELDS: &[&str] = &["max_similarity", "min_length", "min_labeler_agreement"];
const TASK_FIELDS: &[&str] =
    &["type", "classes", "min", "max", "question", "require_guideline", "require_rationale", "policy"];
const TYPES: &[TaskType] = &[
    TaskType::Categorical,
    TaskType::Multilabel,
    TaskType::Ordinal,
    TaskType::Rating,
    TaskType::Numeric,
    TaskType::Span,
    TaskType::Box,
    TaskType::Preference,
    TaskType::Ranking,
    TaskType::Text,
];

/// `hitl.yaml`, read and checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The tasks, in the file's order.
    pub tasks: Vec<Task>,
    /// Which corrections are learned from.
    pub accept: Acceptance,
    /// What a change of the ledger must pass.
    pub checks: Checks,
}

impl Config {
    /// Reads the text of `hitl.yaml`.
    ///
    /// # Errors
    /// Every fault of the file, placed; a text that is no YAML has one.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        let mut faults = Collector::new(CONFIG_FILE, text);
        let mut config = Self::default();
        match node::parse(text) {
            Ok(root) => config.read(&root, &mut faults),
            Err(error) => faults.yaml(error),
        }
        faults.finish(config)
    }

    /// Returns the task called `name`.
    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.name == name)
    }

    fn read(&mut self, root: &Node, faults: &mut Collector<'_>) {
        let Some(mut fields) = Fields::of(root, "a table of fields", faults) else { return };
        read::format(&mut fields, true, faults);
        let (tasks, asked) = (fields.take("tasks"), fields.take("checks"));
        if let Some(corrections) = fields.take("corrections") {
            self.accept = accept(corrections, faults).unwrap_or_default();
        }
        fields.refuse_rest(FIELDS, faults);
        let tasks = tasks.and_then(|tasks| Fields::of(tasks, "a table of tasks", faults));
        for (key, value) in tasks.map(Fields::entries).unwrap_or_default() {
            let name = key.scalar().unwrap_or_default();
            if let Err(error) = check_slug("task", name) {
                faults.add(key.place, error.to_string(), None);
            }
            self.tasks.extend(task(name, key, value, faults));
        }
        if let Some(asked) = asked {
            self.checks = checks(asked, &self.tasks, faults);
        }
    }
}

/// Reads `accept`, the only field of `corrections`.
fn accept(corrections: &Node, faults: &mut Collector<'_>) -> Option<Acceptance> {
    let mut fields = Fields::of(corrections, "a table with `accept`", faults)?;
    let node = fields.take("accept");
    fields.refuse_rest(&["accept"], faults);
    let mut fields = Fields::of(node?, "what is accepted", faults)?;
    let mut accept = Acceptance::default();
    for (name, share) in [
        ("max_similarity", &mut accept.max_similarity),
        ("min_labeler_agreement", &mut accept.min_labeler_agreement),
    ] {
        let Some(node) = fields.take(name) else { continue };
        match read::number(node, name, faults) {
            Some(given) if !(0.0..=1.0).contains(&given) => {
                faults.add(node.place, format!("`{name}` is a share from 0 to 1, not {given}"), None);
            }
            given => *share = given.unwrap_or(*share),
        }
    }
    if let Some(node) = fields.take("min_length") {
        match read::number(node, "min_length", faults) {
            Some(given) if given.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&given) => {
                faults.add(node.place, format!("`min_length` is a number of characters, not {given}"), None);
            }
            given => accept.min_length = given.map_or(accept.min_length, |given| given as u32),
        }
    }
    fields.refuse_rest(ACCEPT_FIELDS, faults);
    Some(accept)
}

fn task(name: &str, key: &Node, node: &Node, faults: &mut Collector<'_>) -> Option<Task> {
    let mut fields = Fields::of(node, "a task's fields", faults)?;
    let types: Vec<&str> = TYPES.iter().map(|kind| kind.as_str()).collect();
    let policies: Vec<&str> = Policy::ALL.iter().map(|policy| policy.as_str()).collect();
    let kind = match fields.take("type") {
        Some(node) => {
            let known = |word: &str| TYPES.iter().copied().find(|kind| kind.as_str() == word);
            read::word(node, "task type", &types, known, faults)
        }
        None => {
            let help = Some(format!("one of {}", types.join(", ")));
            faults.add(key.place, format!("task `{name}` has no `type`"), help);
            None
        }
    };
    let mut task = Task::new(name, kind.unwrap_or(TaskType::Text), Vec::new());
    let given = fields.take("classes");
    if let Some(node) = given {
        task.classes = classes(node, faults);
    }
    let range = (fields.take("min"), fields.take("max"));
    task.min = range.0.and_then(|node| read::number(node, "min", faults));
    task.max = range.1.and_then(|node| read::number(node, "max", faults));
    task.question = fields.take("question").and_then(|node| read::scalar(node, "question", faults));
    for (name, flag) in [
        ("require_guideline", &mut task.require_guideline),
        ("require_rationale", &mut task.require_rationale),
    ] {
        *flag = fields.take(name).and_then(|node| read::boolean(node, name, faults)).unwrap_or_default();
    }
    if let Some(node) = fields.take("policy") {
        let known = |word: &str| Policy::ALL.iter().copied().find(|policy| policy.as_str() == word);
        task.policy = read::word(node, "policy", &policies, known, faults).unwrap_or_default();
    }
    fields.refuse_rest(TASK_FIELDS, faults);
    if let Some(kind) = kind {
        fits(kind, key, given, range, faults);
    }
    if let (Some(min), Some(max), Some(node)) = (task.min, task.max, range.1)
        && min > max
    {
        faults.add(node.place, format!("`max` {max} is below `min` {min}"), None);
    }
    Some(task)
}

/// Checks that classes and range stand where the type has them, and only there.
fn fits(
    kind: TaskType,
    key: &Node,
    classes: Option<&Node>,
    (min, max): (Option<&Node>, Option<&Node>),
    faults: &mut Collector<'_>,
) {
    let word = kind.as_str();
    if kind.has_classes() && classes.is_none() {
        let help = Some("write `classes: [first, second]`".to_owned());
        faults.add(key.place, format!("task `{}` is {word} and has no `classes`", key.source), help);
    }
    let marked = matches!(kind, TaskType::Span | TaskType::Box);
    if let Some(node) = classes.filter(|_| !kind.has_classes() && !marked) {
        faults.add(node.place, format!("a task of type {word} has no classes"), None);
    }
    let ranged = matches!(kind, TaskType::Rating | TaskType::Numeric);
    for node in [min, max].into_iter().flatten().filter(|_| !ranged) {
        faults.add(node.place, format!("a task of type {word} has no range"), None);
    }
}

/// Reads classes, in NFC; refuses empty and repeated ones, and those that people cannot tell apart.
fn classes(node: &Node, faults: &mut Collector<'_>) -> Vec<String> {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut classes = Vec::new();
    let listed = read::list(node, "classes", faults);
    if listed.is_empty() && matches!(&node.value, node::Value::List(items) if items.is_empty()) {
        faults.add(node.place, "`classes` is empty", None);
    }
    for (class, item) in listed {
        let folded = text::nfc(&class.trim().to_lowercase()).into_owned();
        let before = seen.insert(folded.clone(), class.clone());
        if folded.is_empty() {
            faults.add(item.place, "a class without a name", None);
        } else if class.trim() != class || class.chars().any(text::is_hidden) {
            faults.add(
                item.place,
                format!("class {class:?} holds white space at its ends or hidden characters"),
                None,
            );
        } else if let Some(before) = before {
            let message = match before == class {
                true => format!("class `{class}` is listed twice"),
                false => format!("classes `{before}` and `{class}` differ in case alone"),
            };
            faults.add(item.place, message, None);
        }
        classes.push(class);
    }
    classes
}
