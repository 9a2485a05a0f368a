//! What joint policies find: every vote of a task gathered, from all parts of its ledger, for `consensus` to look at.
//!
//! The votes are those of [`ledger::resolve`](crate::ledger::resolve): current labels by humans that are no abstentions,
//! those on adjudicated items and on items with fewer than the least number included, since they too tell how good a
//! labeler is. Classes are the declared ones, so that they depend on the rule and the labels alone.

use super::Error;
use crate::consensus::Model;
use crate::dataset::Parts;
use crate::ledger::{Ledger, Verdicts};
use crate::record::{Task, TaskType};
use crate::snapshot::{self, Rule};
use crate::table::Table;

/// Returns `rule` with the parameters its policy has in this program.
pub(super) fn with_parameters(mut rule: Rule) -> Rule {
    if let Some(model) = Model::of(rule.policy.name) {
        rule.policy.parameters = model.parameters();
    }
    rule
}

/// Returns what the policy of `rule` finds in a ledger; `None` if it looks at each item by itself.
///
/// # Errors
/// The rule wants an algorithm or parameters that this program lacks; there are too many classes.
pub(super) fn of_parts(parts: &Parts<'_>, rule: &Rule) -> Result<Option<Verdicts>, Error> {
    let Some(model) = model(rule)? else { return Ok(None) };
    let tables = parts.map(Some(&rule.task), |ledger| {
        Some(Table::from_ledger(ledger, ledger.find_task(&rule.task)?, None))
    })?;
    find(model, tables.into_iter().flatten().collect(), rule).map(Some)
}

/// The same of a ledger that was read whole.
pub(super) fn of_ledger(ledger: &Ledger, rule: &Rule) -> Result<Option<Verdicts>, Error> {
    let Some(model) = model(rule)? else { return Ok(None) };
    let table = ledger.find_task(&rule.task).map(|task| Table::from_ledger(ledger, task, None));
    find(model, table.into_iter().collect(), rule).map(Some)
}

/// The same of a task under its own policy.
pub(super) fn of_task(ledger: &Ledger, declared: Option<&Task>) -> Result<Option<Verdicts>, Error> {
    match declared.filter(|task| task.policy.is_joint()) {
        Some(task) => of_ledger(ledger, &with_parameters(Rule::new(task, task.policy, 1, None))),
        None => Ok(None),
    }
}

/// Returns the model of a joint policy with the parameters that `rule` gives.
fn model(rule: &Rule) -> Result<Option<Model>, Error> {
    rule.check_version()?;
    let policy = &rule.policy;
    if !policy.name.is_joint() {
        return Ok(None);
    }
    let unknown = || snapshot::Error::OtherParameters(policy.name);
    Ok(Some(Model::with_parameters(policy.name, &policy.parameters).ok_or_else(unknown)?))
}

fn find(model: Model, tables: Vec<Table>, rule: &Rule) -> Result<Verdicts, Error> {
    let classes = classes(&rule.label_schema);
    Ok(model.verdicts(&Table::join(&tables, classes.as_deref()))?)
}

/// Returns the classes that a label schema declares, where a label is one of them.
fn classes(schema: &str) -> Option<Vec<String>> {
    let schema: serde_json::Value = serde_json::from_str(schema).ok()?;
    let kind = schema["type"].as_str()?;
    let of_labels = [TaskType::Categorical, TaskType::Ordinal].iter().any(|known| known.as_str() == kind);
    let classes = schema["classes"].as_array().filter(|_| of_labels)?;
    classes.iter().map(|class| class.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_labels() {
        let of = |kind| classes(&Task::new("t", kind, vec!["b".into(), "a".into()]).schema_json());
        assert_eq!(of(TaskType::Ordinal), Some(vec!["b".to_owned(), "a".to_owned()]));
        // A set of classes is no class.
        assert_eq!(of(TaskType::Multilabel), None);
        assert_eq!(classes(r#"{"type":"text"}"#), None);
    }
}
