//! Snapshots of corrections: a row for each thing that people say of an item and that is to be learned from.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Counts, Error, Row, Rule, SettledBy};
use crate::base::text::nfc;
use crate::corrections::{Agreements, Correction, Corrections, Reason, settled};
use crate::ledger::Ledger;
use crate::record::{Acceptance, TaskType, Verdict, correction_statement};

/// Returns the corrections of `rule.task` that are learned from, in the order of the items; `agreements` are those of all
/// of its items.
///
/// # Errors
/// [`Error::OtherParameters`]: the rule has parameters that this program does not know.
pub fn learned<'a>(
    ledger: &'a Ledger,
    rule: &Rule,
    agreements: &Agreements,
) -> Result<Corrections<'a>, Error> {
    let (mut corrections, accept) = current(ledger, rule)?;
    corrections.rows.retain(|row| is_learned(ledger, row, agreements, &accept));
    Ok(corrections)
}

/// Returns how many of each labeler's corrections were upheld, in a ledger or a part of it.
///
/// # Errors
/// As [`learned`].
pub fn agreements(ledger: &Ledger, rule: &Rule) -> Result<Agreements, Error> {
    Ok(Agreements::of(ledger, &current(ledger, rule)?.0.rows))
}

/// Returns all current corrections of the rule's task, and what it accepts.
fn current<'a>(ledger: &'a Ledger, rule: &Rule) -> Result<(Corrections<'a>, Acceptance), Error> {
    let accept = rule.accept()?;
    let corrections = match ledger.find_task(&rule.task) {
        Some(task) => Corrections::of(ledger, task, rule.task_type(), &accept),
        None => Corrections { ledger, rows: Vec::new(), conflicts: Vec::new() },
    };
    Ok((corrections, accept))
}

fn is_learned(ledger: &Ledger, row: &Correction<'_>, agreements: &Agreements, accept: &Acceptance) -> bool {
    row.reasons.is_empty() && agreements.refuses(ledger.labeler_name(row.labeler), accept).is_none()
}

/// Returns the rows of a part of a ledger, and what became of its items.
///
/// # Errors
/// As [`learned`].
pub(super) fn rows(
    ledger: &Ledger,
    rule: &Rule,
    agreements: &Agreements,
) -> Result<(Vec<Row>, Counts), Error> {
    let (corrections, accept) = current(ledger, rule)?;
    let items: Vec<&[Correction<'_>]> = corrections.by_item().collect();
    let conflicts_of = |item: u32| {
        let after = corrections.conflicts.partition_point(|one| *one <= item);
        after - corrections.conflicts.partition_point(|one| *one < item)
    };
    let resolved: Vec<Vec<Row>> = items
        .par_iter()
        .map(|of_item| {
            let learned = of_item.iter().filter(|row| is_learned(ledger, row, agreements, &accept));
            item_rows(ledger, rule, of_item, &learned.collect::<Vec<_>>(), conflicts_of(of_item[0].item))
        })
        .collect();
    let mut counts = Counts::default();
    for rows in &resolved {
        counts.resolved += u64::from(!rows.is_empty());
        counts.too_few += u64::from(rows.is_empty());
        counts.adjudicated += u64::from(rows.iter().any(|row| row.settled == SettledBy::Adjudication));
    }
    let mut conflicting = corrections.conflicts.clone();
    conflicting.dedup();
    conflicting.retain(|item| items.binary_search_by_key(item, |of_item| of_item[0].item).is_err());
    counts.conflicts = conflicting.len() as u64;
    counts.items = counts.resolved + counts.too_few + counts.conflicts;
    Ok((resolved.into_iter().flatten().collect(), counts))
}

/// Returns the rows of one item: each thing said by those who are learned from; and what an adjudication says, whoever
/// else did, unless somebody says that the item is not to be learned from.
fn item_rows(
    ledger: &Ledger,
    rule: &Rule,
    all: &[Correction<'_>],
    learned: &[&Correction<'_>],
    conflicts: usize,
) -> Vec<Row> {
    let first = &ledger.judgements()[all[0].judgement];
    let settled = settled(ledger, ledger.of_item(first.task, first.item));
    let mut said: BTreeMap<String, u32> = BTreeMap::new();
    for row in learned {
        let says = correction_statement(row.original, row.corrected, Some(row.verdict.as_str()));
        *said.entry(says).or_default() += 1;
    }
    if learned.len() < rule.policy.min_labels.max(1) as usize {
        said.clear();
    }
    let holds = |text| !said.is_empty() && learned.iter().any(|row| row.wanted().map(nfc) == Some(nfc(text)));
    let secret = all.iter().any(|row| row.reasons.contains(&Reason::NotToLearn));
    if let (Some(text), Some(original)) = (settled, only_original(all))
        && !secret
        && !holds(text)
    {
        let verdict = if text == original { Verdict::Approved } else { Verdict::Corrected };
        said.insert(correction_statement(Some(original), Some(text), Some(verdict.as_str())), 0);
    }
    let item = ledger.item_name(first.item);
    let row = |(label, votes)| Row {
        item: item.to_owned(),
        label,
        split: rule.part_of(item),
        settled: if settled.is_some() { SettledBy::Adjudication } else { SettledBy::Policy },
        votes,
        abstentions: 0,
        conflicts: conflicts as u32,
    };
    said.into_iter().map(row).collect()
}

/// Returns the verdict of a row, of which `label` is what it says.
pub(super) fn verdict_of(label: &str) -> Verdict {
    let says: Option<serde_json::Value> = serde_json::from_str(label).ok();
    let verdict = says.and_then(|says| says["verdict"].as_str()?.parse().ok());
    verdict.expect("rows say what `correction_statement` wrote")
}

/// Returns the text that all were given, if it is one.
fn only_original<'a>(rows: &[Correction<'a>]) -> Option<&'a str> {
    let original = rows.first()?.original?;
    rows.iter().all(|row| row.original == Some(original)).then_some(original)
}

impl Rule {
    /// Returns which corrections it lets through.
    ///
    /// # Errors
    /// [`Error::OtherParameters`]: it says so in a way that this program does not know, or is of labels.
    pub fn accept(&self) -> Result<Acceptance, Error> {
        Acceptance::with_parameters(&self.policy.parameters).ok_or(Error::OtherParameters(self.policy.name))
    }

    /// Returns the type of its task; where the schema does not say, that of free text.
    pub fn task_type(&self) -> TaskType {
        let schema: Option<serde_json::Value> = serde_json::from_str(&self.label_schema).ok();
        let kind = schema.and_then(|schema| serde_json::from_value(schema["type"].clone()).ok());
        kind.unwrap_or(TaskType::Text)
    }
}
