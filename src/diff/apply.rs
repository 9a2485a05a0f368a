//! The state of a ledger as a plain map, and a diff as the change of it.

use std::collections::BTreeMap;

use super::report::{DiffReport, Value};
use crate::ledger::{Judgement, Ledger};
use crate::record::Kind;

/// Whose judgement of what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The task.
    pub task: String,
    /// The item.
    pub item: String,
    /// Labels, corrections, adjudications or predictions.
    pub kind: Kind,
    /// The labeler; none for adjudications, which all share one key.
    pub labeler: Option<String>,
}

/// Returns what each key of a ledger comes to; keys without a live judgement are absent.
pub fn state(ledger: &Ledger) -> BTreeMap<Key, Value> {
    let mut keys: BTreeMap<Key, Vec<&Judgement>> = BTreeMap::new();
    for judgement in ledger.judgements() {
        let named = judgement.kind != Kind::Adjudications;
        let key = Key {
            task: ledger.task_name(judgement.task).to_owned(),
            item: ledger.item_name(judgement.item).to_owned(),
            kind: judgement.kind,
            labeler: named.then(|| ledger.labeler_name(judgement.labeler).to_owned()),
        };
        keys.entry(key).or_default().push(judgement);
    }
    let value = |judgements: Vec<&Judgement>| Value::of(ledger, judgements.into_iter());
    keys.into_iter()
        .map(|(key, judgements)| (key, value(judgements)))
        .filter(|(_, value)| *value != Value::None)
        .collect()
}

/// Returns the state after `report`, given the state before: `apply(diff(a, b), state(a)) = state(b)`, for a report
/// without filter and limit.
pub fn apply(report: &DiffReport, mut state: BTreeMap<Key, Value>) -> BTreeMap<Key, Value> {
    for row in &report.rows {
        let labeler = (row.kind != Kind::Adjudications).then(|| row.labeler.clone());
        let key = Key { task: row.task.clone(), item: row.item.clone(), kind: row.kind, labeler };
        match &row.after {
            Value::None => state.remove(&key),
            value => state.insert(key, value.clone()),
        };
    }
    state
}
