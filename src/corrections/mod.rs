//! The corrections of a task: what each person last said of an item, and whether it is to be learned from.
//!
//! In: a folded ledger, or a part of it, a task and an [`Acceptance`]. Out: [`Corrections`], the current corrections by
//! people in the order of the items, each with what speaks against learning from it. Nothing is dropped: whoever learns
//! asks for those that nothing speaks against. What depends on more than one item, how many of a labeler's corrections
//! were upheld, is counted apart ([`Agreements`]), and the parts of a ledger add up.

mod example;
mod judged;

#[cfg(test)]
mod tests;

use std::ops::Range;

use rayon::prelude::*;

use crate::edit;
use crate::ledger::{Carrier, Judgement, Ledger, State};
use crate::record::{Acceptance, Column, Kind, LabelerKind, TaskType, Verdict, col};

pub use example::{Answers, Example};
pub use judged::{Agreements, FEWEST_JUDGED, Standing, Upheld, settled};

/// Why a correction is not learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It changes too little: the texts are more similar than `max_similarity`.
    TooSimilar,
    /// It has fewer characters than `min_length`.
    TooShort,
    /// A later verdict, or an adjudication, says otherwise.
    Overruled,
    /// It is a suggestion that nobody approved.
    Suggested,
    /// Its labeler says that it is not to be learned from.
    NotToLearn,
    /// Too small a share of its labeler's corrections was upheld.
    Labeler,
}

impl Reason {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 6] =
        [Self::TooSimilar, Self::TooShort, Self::Overruled, Self::Suggested, Self::NotToLearn, Self::Labeler];

    /// Returns the words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::TooSimilar => "changes too little",
            Self::TooShort => "too short",
            Self::Overruled => "overruled",
            Self::Suggested => "a suggestion nobody approved",
            Self::NotToLearn => "not to be learned",
            Self::Labeler => "its labeler is overruled too often",
        }
    }
}

/// One labeler's current correction of one item.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction<'a> {
    /// Its number among the ledger's judgements.
    pub judgement: usize,
    /// The item's number in the ledger.
    pub item: u32,
    /// The labeler's number in the ledger.
    pub labeler: u32,
    /// The row that gives its attributes.
    pub carrier: Carrier,
    /// The text judged.
    pub original: Option<&'a str>,
    /// The text in its place.
    pub corrected: Option<&'a str>,
    /// What is said of the original.
    pub verdict: Verdict,
    /// What later verdicts and adjudications say of it.
    pub upheld: Upheld,
    /// What speaks against learning from it, but for what becomes of its labeler's others; sorted.
    pub reasons: Vec<Reason>,
}

impl<'a> Correction<'a> {
    /// Returns what the original should have been: the corrected text, or of an approval the original itself.
    pub fn wanted(&self) -> Option<&'a str> {
        self.verdict.wanted(self.original, self.corrected)
    }
}

/// The current corrections of a task.
#[derive(Clone, Debug)]
pub struct Corrections<'a> {
    /// The ledger they lie in.
    pub ledger: &'a Ledger,
    /// In the order of the items, then of the labelers.
    pub rows: Vec<Correction<'a>>,
    /// The items with a labeler who contradicts herself, so that nothing she says of it counts: once for each such
    /// labeler, in order.
    pub conflicts: Vec<u32>,
}

impl<'a> Corrections<'a> {
    /// Returns the current corrections of `task` by human labelers. Those of a task of labels (`kind` is not
    /// [`TaskType::Text`]) are held to no length and no similarity: a label is as short as it is.
    pub fn of(ledger: &'a Ledger, task: u16, kind: TaskType, accept: &Acceptance) -> Self {
        let items: Vec<(u32, Range<usize>)> = ledger.item_runs(task).collect();
        let of_items: Vec<(Vec<Correction<'a>>, Vec<u32>)> = items
            .into_par_iter()
            .filter(|(_, run)| {
                ledger.judgements()[run.clone()].iter().any(|one| one.kind == Kind::Corrections)
            })
            .map(|(_, run)| with_reasons(ledger, run, kind, accept))
            .collect();
        let (rows, conflicts): (Vec<_>, Vec<_>) = of_items.into_iter().unzip();
        Self { ledger, rows: rows.into_iter().flatten().collect(), conflicts: conflicts.concat() }
    }

    /// Iterates over the corrections of each item.
    pub fn by_item(&self) -> impl Iterator<Item = &[Correction<'a>]> {
        self.rows.chunk_by(|a, b| a.item == b.item)
    }

    /// Returns the text at `column` of a correction's row; `None` is null.
    pub fn text(&self, correction: &Correction<'_>, column: usize) -> Option<&'a str> {
        self.ledger.row_text(correction.carrier, column)
    }

    /// Returns the categories its labeler gave a correction.
    pub fn categories(&self, correction: &Correction<'_>) -> &'a [String] {
        let (rows, row) = self.ledger.row_of(correction.carrier);
        match &rows.columns()[col::CATEGORIES] {
            Column::Texts(lists) => lists[row].as_deref().unwrap_or_default(),
            _ => &[],
        }
    }
}

/// Returns the current corrections by human labelers among the judgements `run` of one item.
pub fn of_item<'a>(
    ledger: &'a Ledger,
    run: Range<usize>,
    kind: TaskType,
    accept: &Acceptance,
) -> Vec<Correction<'a>> {
    with_reasons(ledger, run, kind, accept).0
}

fn with_reasons<'a>(
    ledger: &'a Ledger,
    run: Range<usize>,
    kind: TaskType,
    accept: &Acceptance,
) -> (Vec<Correction<'a>>, Vec<u32>) {
    let (mut rows, conflicts) = current(ledger, run.clone());
    judged::judge(ledger, run, &mut rows);
    rows.iter_mut().for_each(|row| row.reasons = reasons(ledger, row, kind, accept));
    (rows, conflicts)
}

/// Returns each human labeler's current correction of one item, and the item once for each who contradicts herself.
fn current(ledger: &Ledger, run: Range<usize>) -> (Vec<Correction<'_>>, Vec<u32>) {
    let (mut rows, mut conflicts): (Vec<Correction<'_>>, Vec<u32>) = (Vec::new(), Vec::new());
    let mut conflicting = None;
    for judgement in run {
        let one = &ledger.judgements()[judgement];
        if one.kind != Kind::Corrections || !matches!(one.state, State::Current | State::Conflict) {
            continue;
        }
        let carrier = ledger.attributes(one);
        if carrier.labeler_kind != LabelerKind::Human {
            continue;
        }
        if one.state == State::Conflict {
            if conflicting.replace(one.labeler) != Some(one.labeler) {
                conflicts.push(one.item);
            }
            continue;
        }
        // Several current ones of a labeler say the same.
        if rows.last().is_none_or(|last| last.labeler != one.labeler) {
            rows.extend(correction(ledger, judgement, one, carrier));
        }
    }
    (rows, conflicts)
}

fn correction<'a>(
    ledger: &'a Ledger,
    judgement: usize,
    one: &Judgement,
    carrier: Carrier,
) -> Option<Correction<'a>> {
    Some(Correction {
        judgement,
        item: one.item,
        labeler: one.labeler,
        carrier,
        original: ledger.row_text(carrier, col::ORIGINAL),
        corrected: ledger.row_text(carrier, col::CORRECTED),
        // The column is never null, and its words are checked when the shard is read.
        verdict: ledger.row_text(carrier, col::VERDICT)?.parse().ok()?,
        upheld: Upheld::Unjudged,
        reasons: Vec::new(),
    })
}

fn reasons(ledger: &Ledger, row: &Correction<'_>, kind: TaskType, accept: &Acceptance) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let writes = matches!(row.verdict, Verdict::Corrected | Verdict::Suggested);
    if let Some(corrected) = row.corrected.filter(|_| writes && kind == TaskType::Text) {
        let similar = |original| edit::more_similar_than(original, corrected, accept.max_similarity);
        if row.original.is_some_and(similar) {
            reasons.push(Reason::TooSimilar);
        }
        if corrected.chars().count() < accept.min_length as usize {
            reasons.push(Reason::TooShort);
        }
    }
    match row.upheld {
        Upheld::No => reasons.push(Reason::Overruled),
        Upheld::Unjudged if row.verdict == Verdict::Suggested => reasons.push(Reason::Suggested),
        _ => {}
    }
    let (rows, at) = ledger.row_of(row.carrier);
    if let Column::Bool(values) = &rows.columns()[col::SHOULD_LEARN]
        && values[at] == Some(false)
    {
        reasons.push(Reason::NotToLearn);
    }
    reasons
}
