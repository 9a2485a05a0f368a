//! Reviews of a ledger, or of a part of it, as what held before and what was done.

use std::collections::BTreeMap;
use std::ops::Range;

use super::change::{Change, changes};
use super::names::{Names, Runs};
use super::predicate::Predicate;
use super::tokens::each_token;
use crate::base::Texts;
use crate::corrections::{Agreements, Correction, Corrections};
use crate::ledger::{Judgement, Ledger, State};
use crate::record::{Acceptance, Column, Kind, LabelerKind, TaskType, Verdict, col};

/// Which reviews of a task count.
pub struct Wanted<'a> {
    /// The task.
    pub task: &'a str,
    /// Its type.
    pub kind: TaskType,
    /// Which corrections are learned from.
    pub accept: Acceptance,
    /// Which judgements, by number.
    pub chosen: &'a dyn Fn(usize) -> bool,
    /// Which records came later than what rules are to be held against.
    pub is_later: &'a dyn Fn(usize) -> bool,
}

/// Reviews, all columns of one length, in the order of the items; names have numbers of this piece's own.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// The item of each review, a place in `item_names`.
    pub(super) items: Vec<u32>,
    pub(super) item_names: Texts,
    /// The labeler of each, a number of `labeler_names`.
    pub(super) labelers: Vec<u32>,
    pub(super) labeler_names: Names,
    /// What is known of each beside its words.
    pub(super) facts: Runs,
    pub(super) fact_names: Names<Predicate>,
    /// The words of each, in order.
    pub(super) words: Runs,
    pub(super) word_names: Names,
    /// What was done.
    pub(super) changes: Runs,
    pub(super) change_names: Names<Change>,
    /// What was reviewed: a text or a guess.
    pub(super) originals: Texts,
    /// What was put in its place; empty where it was rejected.
    pub(super) corrected: Texts,
    /// Why, in the reviewer's words; empty where they gave no reason.
    pub(super) reasons: Texts,
    /// Whether each came later.
    pub(super) later: Vec<bool>,
    /// How many of each labeler's corrections were upheld, in this piece.
    pub(super) agreements: Agreements,
}

/// One review, to be put into a piece.
struct Review<'a> {
    item: &'a str,
    labeler: &'a str,
    /// The text that words are taken from.
    text: Option<&'a str>,
    original: &'a str,
    corrected: &'a str,
    reason: &'a str,
    later: bool,
    facts: Vec<Predicate>,
    changes: Vec<Change>,
}

impl Piece {
    /// Returns the reviews of `wanted` in a ledger: of each item the corrections, then the labels where a guess is known.
    ///
    /// Corrections and approvals are reviews. A suggestion nobody approved, one that is overruled, and whatever else is
    /// not accepted or not to be learned, is none. A person's label is a review of the guess she was shown, else of each
    /// model's current guess of the item.
    pub fn of(ledger: &Ledger, wanted: &Wanted<'_>) -> Self {
        let Some(task) = ledger.find_task(wanted.task) else { return Self::default() };
        let corrections = Corrections::of(ledger, task, wanted.kind, &wanted.accept);
        let known = Known::of(ledger);
        let mut piece = Self { agreements: Agreements::of(ledger, &corrections.rows), ..Self::default() };
        let mut of_items = corrections.by_item().peekable();
        for (item, run) in ledger.item_runs(task) {
            let corrected = of_items.next_if(|rows| rows[0].item == item).unwrap_or_default();
            let learned = |row: &&Correction<'_>| row.reasons.is_empty() && (wanted.chosen)(row.judgement);
            for row in corrected.iter().filter(learned) {
                piece.push(&correction(&corrections, row, wanted, &known));
            }
            piece.push_labels(ledger, item, run, wanted, &known);
        }
        piece
    }

    fn push_labels(
        &mut self,
        ledger: &Ledger,
        item: u32,
        run: Range<usize>,
        wanted: &Wanted<'_>,
        known: &Known<'_>,
    ) {
        let judgements = &ledger.judgements()[run.clone()];
        let guesses: Vec<Guess<'_>> = judgements.iter().filter_map(|one| guess(ledger, one)).collect();
        let mut last = None;
        for (one, number) in judgements.iter().zip(run) {
            let label = one.kind == Kind::Labels && one.state == State::Current;
            let Some(statement) = one.statement.filter(|_| label && (wanted.chosen)(number)) else {
                continue;
            };
            let carrier = ledger.attributes(one);
            // Several current labels of a labeler say the same.
            if carrier.labeler_kind != LabelerKind::Human || last.replace(one.labeler) == Some(one.labeler) {
                continue;
            }
            let text = |column| ledger.row_text(carrier, column);
            let shown = text(col::SHOWN).map(|shown| Guess {
                text: shown,
                by: text(col::SHOWN_BY),
                confidence: None,
            });
            let label = ledger.statement_text(statement);
            for guess in shown.as_ref().map_or(guesses.as_slice(), std::slice::from_ref) {
                let item = ledger.item_name(item);
                let mut facts = known.facts(item);
                facts.extend(guess.facts());
                facts.push(Predicate::Labeler { value: ledger.labeler_name(one.labeler).to_owned() });
                facts.extend(
                    text(col::GUIDELINE).map(|value| Predicate::Guideline { value: value.to_owned() }),
                );
                self.push(&Review {
                    item,
                    labeler: ledger.labeler_name(one.labeler),
                    text: known.texts.get(item).copied(),
                    original: guess.text,
                    corrected: label,
                    reason: text(col::RATIONALE).unwrap_or_default(),
                    later: is_later(ledger, one, wanted),
                    facts,
                    changes: changes_of(wanted.kind, guess.text, label),
                });
            }
        }
    }

    fn push(&mut self, review: &Review<'_>) {
        if self.item_names.is_empty() || self.item_names.get(self.item_names.len() - 1) != review.item {
            self.item_names.push(review.item);
        }
        self.items.push(self.item_names.len() as u32 - 1);
        self.labelers.push(self.labeler_names.number(review.labeler));
        let before = self.words.values.len();
        let mut word = |word: &str| self.words.values.push(self.word_names.number(word));
        let ends = review.text.map(|text| each_token(text, &mut word)).unwrap_or_default();
        let length = self.words.values.len() - before;
        self.words.end_row();
        let bin = review.text.map(|_| Predicate::Length { value: Predicate::length_bin(length).to_owned() });
        let facts = review.facts.iter().chain(&ends).chain(&bin);
        self.facts.values.extend(facts.map(|fact| self.fact_names.number(fact)));
        self.facts.end_row();
        self.changes.values.extend(review.changes.iter().map(|change| self.change_names.number(change)));
        self.changes.end_row();
        self.originals.push(review.original);
        self.corrected.push(review.corrected);
        self.reasons.push(review.reason);
        self.later.push(review.later);
    }
}

fn correction<'a>(
    corrections: &Corrections<'a>,
    row: &Correction<'a>,
    wanted: &Wanted<'_>,
    known: &Known<'a>,
) -> Review<'a> {
    let ledger = corrections.ledger;
    let (item, labeler) = (ledger.item_name(row.item), ledger.labeler_name(row.labeler));
    let text = |column| ledger.row_text(row.carrier, column);
    let fact = |column, fact: fn(String) -> Predicate| text(column).map(|value| fact(value.to_owned()));
    let mut facts = known.facts(item);
    facts.push(Predicate::Labeler { value: labeler.to_owned() });
    facts.extend(fact(col::SOURCE, |value| Predicate::Source { value }));
    facts.extend(fact(col::GUIDELINE, |value| Predicate::Guideline { value }));
    facts.extend(text(col::CONTEXT).iter().flat_map(|context| Predicate::fields("context", context)));
    let original = row.original.unwrap_or_default();
    let free = wanted.kind == TaskType::Text;
    if !free {
        facts.push(Predicate::Guess { value: original.to_owned() });
    }
    let changes = match (row.verdict, row.corrected) {
        (Verdict::Approved, _) => Vec::new(),
        (Verdict::Rejected, _) | (_, None) => vec![Change::Reject],
        (_, Some(corrected)) => changes_of(wanted.kind, original, corrected),
    };
    Review {
        item,
        labeler,
        text: if free { row.original } else { known.texts.get(item).copied() },
        original,
        corrected: row.wanted().unwrap_or_default(),
        reason: text(col::REASON).unwrap_or_default(),
        later: is_later(ledger, &ledger.judgements()[row.judgement], wanted),
        facts,
        changes,
    }
}

/// Returns what was done to a text, or to the label of a task of labels.
fn changes_of(kind: TaskType, from: &str, to: &str) -> Vec<Change> {
    match kind {
        TaskType::Text => changes(from, to),
        _ if from == to => Vec::new(),
        _ => vec![Change::Label { from: from.to_owned(), to: to.to_owned() }],
    }
}

/// Whether all records that carry a judgement are later ones: one said again is no review since.
fn is_later(ledger: &Ledger, one: &Judgement, wanted: &Wanted<'_>) -> bool {
    ledger.carriers(one).iter().all(|carrier| (wanted.is_later)(carrier.record as usize))
}

/// A machine's guess.
struct Guess<'a> {
    text: &'a str,
    by: Option<&'a str>,
    confidence: Option<f32>,
}

impl Guess<'_> {
    fn facts(&self) -> impl Iterator<Item = Predicate> {
        let confidence = self.confidence.map(Predicate::confidence_bin);
        [
            Some(Predicate::Guess { value: self.text.to_owned() }),
            self.by.map(|by| Predicate::Source { value: by.to_owned() }),
            confidence.map(|bin| Predicate::Confidence { value: bin.to_owned() }),
        ]
        .into_iter()
        .flatten()
    }
}

/// Returns what a model currently says.
fn guess<'a>(ledger: &'a Ledger, one: &Judgement) -> Option<Guess<'a>> {
    let says = matches!(one.kind, Kind::Predictions | Kind::Labels) && one.state == State::Current;
    let statement = one.statement.filter(|_| says)?;
    let carrier = ledger.attributes(one);
    if carrier.labeler_kind != LabelerKind::Model {
        return None;
    }
    let (rows, row) = ledger.row_of(carrier);
    let confidence = match &rows.columns()[col::CONFIDENCE] {
        Column::Float(values) => values[row],
        _ => None,
    };
    let by = Some(ledger.labeler_name(one.labeler));
    Some(Guess { text: ledger.statement_text(statement), by, confidence })
}

/// What item records say of items.
struct Known<'a> {
    texts: BTreeMap<&'a str, &'a str>,
    metadata: BTreeMap<&'a str, &'a str>,
}

impl<'a> Known<'a> {
    fn of(ledger: &'a Ledger) -> Self {
        Self { texts: ledger.item_texts(col::TEXT), metadata: ledger.item_texts(col::METADATA) }
    }

    fn facts(&self, item: &str) -> Vec<Predicate> {
        self.metadata.get(item).map_or_else(Vec::new, |metadata| Predicate::fields("", metadata))
    }
}
