//! The rows of a snapshot of corrections with what the ledger knows of those who say them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::accepted::learned;
use super::{Error, Overview, Row, SettledBy, Snapshot};
use crate::corrections::{Answers, Correction, Corrections, Example};
use crate::ledger::{Carrier, Ledger, State};
use crate::record::{Kind, TaskType, col, correction_statement};

/// Returns an example for each row of `snapshot`, a snapshot of corrections made from `ledger`, in its order; `overview`
/// is what its rule has to know of all items.
///
/// Only those who are learned from are asked: what anybody else said of the item is not looked at. A row that nobody but
/// an adjudication says has the adjudication's labeler, rationale as its reason, guideline and record. In a task of labels
/// what a label is an answer to is the item's text, and a correction without context is given it for one.
///
/// # Errors
/// [`Error::NoOverview`] of a snapshot of labels too. [`Error::OtherParameters`].
pub fn examples(ledger: &Ledger, snapshot: &Snapshot, overview: &Overview) -> Result<Vec<Example>, Error> {
    let Overview::Agreements(agreements) = overview else {
        return Err(Error::NoOverview(snapshot.rule.policy.name));
    };
    let corrections = learned(ledger, &snapshot.rule, agreements)?;
    let mut saying: BTreeMap<(&str, String), Vec<&Correction<'_>>> = BTreeMap::new();
    for one in &corrections.rows {
        let says = correction_statement(one.original, one.corrected, Some(one.verdict.as_str()));
        saying.entry((ledger.item_name(one.item), says)).or_default().push(one);
    }
    let texts = match snapshot.rule.task_type() {
        TaskType::Text => None,
        _ => Some(ledger.item_texts(col::TEXT)),
    };
    let example = |row: &Row| {
        let mut example = said(row);
        match saying.get(&(row.item.as_str(), row.label.clone())) {
            Some(by) => attribute(&mut example, &corrections, by),
            None => decided(&mut example, ledger, &snapshot.rule.task),
        }
        if let Some(texts) = &texts {
            let text = texts.get(row.item.as_str()).map(|text| (*text).to_owned());
            example.context = example.context.or_else(|| text.as_deref().map(Value::from));
            example.answers = Answers::Text(text);
        }
        example
    };
    Ok(snapshot.rows.iter().map(example).collect())
}

/// Returns what a row itself says.
fn said(row: &Row) -> Example {
    let says: Value = serde_json::from_str(&row.label).unwrap_or_default();
    let text = |field: &str| says[field].as_str().map(str::to_owned);
    Example {
        item: row.item.clone(),
        split: row.split.clone(),
        original: text("original"),
        corrected: text("corrected"),
        verdict: super::accepted::verdict_of(&row.label),
        adjudicated: row.settled == SettledBy::Adjudication,
        votes: row.votes,
        labelers: Vec::new(),
        reasons: Vec::new(),
        categories: Vec::new(),
        severity: None,
        source: None,
        context: None,
        answers: Answers::Itself,
        guidelines: Vec::new(),
        records: Vec::new(),
    }
}

/// Adds what those who say it told beside it.
fn attribute(example: &mut Example, corrections: &Corrections<'_>, by: &[&Correction<'_>]) {
    let ledger = corrections.ledger;
    let mut by = by.to_vec();
    by.sort_by_key(|one| ledger.labeler_name(one.labeler));
    let all = |column| sorted(by.iter().filter_map(|one| corrections.text(one, column)));
    let first = |column| by.iter().find_map(|one| corrections.text(one, column));
    example.labelers = by.iter().map(|one| ledger.labeler_name(one.labeler).to_owned()).collect();
    example.reasons = all(col::REASON);
    example.categories = sorted(by.iter().flat_map(|one| corrections.categories(one)).map(String::as_str));
    example.severity = first(col::SEVERITY).map(str::to_owned);
    example.source = first(col::SOURCE).map(str::to_owned);
    example.context =
        first(col::CONTEXT).map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)));
    example.guidelines = all(col::GUIDELINE);
    let records: Vec<String> = by.iter().map(|one| record(ledger, one.carrier)).collect();
    example.records = sorted(records.iter().map(String::as_str));
}

/// Adds what the adjudication told that says it.
fn decided(example: &mut Example, ledger: &Ledger, task: &str) {
    let Some((task, item)) = ledger.find_task(task).zip(ledger.find_item(&example.item)) else { return };
    let judgements = &ledger.judgements()[ledger.of_item(task, item)];
    let mut decisions = judgements.iter().filter(|one| one.kind == Kind::Adjudications);
    let Some(decision) = decisions.find(|one| one.state == State::Current) else { return };
    let carrier = ledger.attributes(decision);
    let text = |column| sorted(ledger.row_text(carrier, column).into_iter());
    example.labelers = vec![ledger.labeler_name(decision.labeler).to_owned()];
    example.reasons = text(col::RATIONALE);
    example.guidelines = text(col::GUIDELINE);
    example.records = vec![record(ledger, carrier)];
}

fn record(ledger: &Ledger, carrier: Carrier) -> String {
    ledger.records()[carrier.record as usize].id.to_string()
}

fn sorted<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    texts.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
}
