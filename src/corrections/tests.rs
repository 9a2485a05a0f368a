//! Small ledgers of corrections, written out, and which of them are learned from.

use std::collections::BTreeMap;

use super::*;
use crate::base::{Digest, Timestamp};
use crate::ledger::Loaded;
use crate::record::{Filter, LabelerUse, Labelers, Manifest, Origin, RecordId, Revert, Rows};

/// Item, labeler, original, corrected, verdict.
type Given = (&'static str, &'static str, &'static str, &'static str, Verdict);

const LONG: &str = "a text of some length";
const BETTER: &str = "another text of some length";
const BEST: &str = "yet another, of no great length";

fn id(number: u8) -> RecordId {
    RecordId(Digest([number; 32]))
}

fn record(number: u8, kind: Kind, rows: Rows, labelers: &[&str]) -> Loaded {
    let kind_of = |labeler: &str| if labeler == "bot" { LabelerKind::Model } else { LabelerKind::Human };
    let uses = labelers.iter().map(|id| ((*id).to_owned(), LabelerUse { kind: kind_of(id), rows: 1 }));
    let manifest = Manifest {
        task: Some("t".to_owned()),
        parents: (number > 1).then(|| id(number - 1)).into_iter().collect(),
        labelers: Labelers::Listed(uses.collect::<BTreeMap<_, _>>()),
        ..Manifest::new(kind, Timestamp::from_micros(i64::from(number) * 1_000_000).unwrap())
    };
    Loaded { id: id(number), manifest, rows }
}

fn batch(number: u8, given: &[Given]) -> Loaded {
    let mut rows = Rows::empty(Kind::Corrections);
    for (item, labeler, original, corrected, verdict) in given {
        let row = rows.push_judgement(item, labeler, Origin::Unknown);
        rows.set_text(row, col::ORIGINAL, original);
        if *verdict != Verdict::Rejected {
            rows.set_text(row, col::CORRECTED, corrected);
        }
        rows.set_text(row, col::VERDICT, verdict.as_str());
    }
    let labelers: Vec<&str> = given.iter().map(|row| row.1).collect();
    record(number, Kind::Corrections, rows, &labelers)
}

fn adjudication(number: u8, item: &str, label: &str) -> Loaded {
    let mut rows = Rows::empty(Kind::Adjudications);
    let row = rows.push_judgement(item, "jo", Origin::Adjudicated);
    rows.set_text(row, col::LABEL, label);
    record(number, Kind::Adjudications, rows, &["jo"])
}

/// Writes every correction as `item labeler reasons`.
fn told(records: Vec<Loaded>, kind: TaskType) -> Vec<String> {
    let ledger = Ledger::fold(records);
    let Some(task) = ledger.find_task("t") else { return Vec::new() };
    let corrections = Corrections::of(&ledger, task, kind, &Acceptance::default());
    let told = corrections.rows.iter().map(|row| {
        let (item, labeler) = (ledger.item_name(row.item), ledger.labeler_name(row.labeler));
        format!("{item} {labeler} {:?}", row.reasons)
    });
    told.collect()
}

#[test]
fn a_text_must_change_enough_and_be_long_enough_and_a_label_need_not() {
    let rows: &[Given] = &[
        ("a", "ana", LONG, BETTER, Verdict::Corrected),
        ("b", "ana", "teh cat sat on the mat there", "the cat sat on the mat there", Verdict::Corrected),
        (
            "c",
            "ana",
            "one two three four five six seven",
            "one two three four five six sevens",
            Verdict::Corrected,
        ),
        ("d", "ana", "never", "nine char", Verdict::Corrected),
        ("e", "ana", LONG, LONG, Verdict::Approved),
        ("f", "ana", LONG, "", Verdict::Rejected),
    ];
    let expected = ["a ana []", "b ana []", "c ana [TooSimilar]", "d ana [TooShort]", "e ana []", "f ana []"];
    assert_eq!(told(vec![batch(1, rows)], TaskType::Text), expected);
    let labels =
        told(vec![batch(1, &[("a", "ana", "pos", "neg", Verdict::Corrected)])], TaskType::Categorical);
    assert_eq!(labels, ["a ana []"]);
}

#[test]
fn who_corrects_the_same_text_judges_nobody_and_who_corrects_the_correction_does() {
    let first = batch(
        1,
        &[("a", "ana", LONG, BETTER, Verdict::Corrected), ("a", "raj", LONG, BEST, Verdict::Corrected)],
    );
    assert_eq!(told(vec![first.clone()], TaskType::Text), ["a ana []", "a raj []"]);
    let second = batch(2, &[("a", "eve", BETTER, BEST, Verdict::Corrected)]);
    let both = told(vec![first.clone(), second.clone()], TaskType::Text);
    assert_eq!(both, ["a ana [Overruled]", "a eve []", "a raj []"]);
    let mut taken_back = record(3, Kind::Reverts, Rows::empty(Kind::Reverts), &[]);
    taken_back.manifest.task = None;
    let filter = Filter { labelers: vec!["eve".into()], ..Filter::default() };
    taken_back.manifest.revert = Some(Revert { filter, ..Revert::default() });
    let reverted = told(vec![first, second, taken_back], TaskType::Text);
    assert_eq!(reverted, ["a ana []", "a raj []"]);
}

#[test]
fn a_suggestion_waits_for_a_verdict() {
    let suggested = batch(1, &[("a", "ana", LONG, BETTER, Verdict::Suggested)]);
    assert_eq!(told(vec![suggested.clone()], TaskType::Text), ["a ana [Suggested]"]);
    let approved = batch(2, &[("a", "raj", BETTER, BETTER, Verdict::Approved)]);
    assert_eq!(told(vec![suggested.clone(), approved], TaskType::Text), ["a ana []", "a raj []"]);
    let rejected = batch(2, &[("a", "raj", BETTER, "", Verdict::Rejected)]);
    assert_eq!(told(vec![suggested, rejected], TaskType::Text), ["a ana [Overruled]", "a raj []"]);
}

#[test]
fn a_verdict_names_whom_it_is_about_and_a_guess_that_was_shown_is_judged() {
    let two = batch(
        1,
        &[("a", "ana", LONG, BETTER, Verdict::Corrected), ("a", "raj", LONG, BETTER, Verdict::Corrected)],
    );
    let mut rows = Rows::empty(Kind::Corrections);
    let row = rows.push_judgement("a", "eve", Origin::Unknown);
    rows.set_text(row, col::ORIGINAL, BETTER);
    rows.set_text(row, col::VERDICT, "rejected");
    rows.set_text(row, col::SOURCE, "ana");
    let named = record(2, Kind::Corrections, rows, &["eve"]);
    assert_eq!(told(vec![two.clone(), named], TaskType::Text), ["a ana [Overruled]", "a eve []", "a raj []"]);
    let mut rows = Rows::empty(Kind::Corrections);
    let row = rows.push_judgement("a", "eve", Origin::Changed);
    rows.set_text(row, col::ORIGINAL, LONG);
    rows.set_text(row, col::CORRECTED, BEST);
    rows.set_text(row, col::SHOWN, BETTER);
    rows.set_text(row, col::SHOWN_BY, "raj");
    rows.set_text(row, col::VERDICT, "corrected");
    let shown = record(2, Kind::Corrections, rows, &["eve"]);
    assert_eq!(told(vec![two, shown], TaskType::Text), ["a ana []", "a eve []", "a raj [Overruled]"]);
}

#[test]
fn an_adjudication_upholds_what_it_says_and_overrules_the_rest() {
    let rows: &[Given] =
        &[("a", "ana", LONG, BETTER, Verdict::Corrected), ("a", "raj", LONG, BEST, Verdict::Corrected)];
    let settled = told(vec![batch(1, rows), adjudication(2, "a", BEST)], TaskType::Text);
    assert_eq!(settled, ["a ana [Overruled]", "a raj []"]);
}

#[test]
fn who_rejects_what_is_decided_against_is_upheld_and_texts_are_compared_in_one_form() {
    let rows: &[Given] = &[
        ("a", "ana", LONG, "", Verdict::Rejected),
        ("a", "raj", LONG, "un cafe\u{301} pour la route", Verdict::Corrected),
    ];
    let settled = told(vec![batch(1, rows), adjudication(2, "a", "un café pour la route")], TaskType::Text);
    assert_eq!(settled, ["a ana []", "a raj []"]);
    let kept = told(vec![batch(1, rows), adjudication(2, "a", LONG)], TaskType::Text);
    assert_eq!(kept, ["a ana [Overruled]", "a raj [Overruled]"]);
}

#[test]
fn what_was_said_before_judges_nothing_that_comes_after() {
    let verdict = batch(1, &[("a", "eve", BETTER, "", Verdict::Rejected)]);
    let written = batch(2, &[("a", "ana", LONG, BETTER, Verdict::Corrected)]);
    assert_eq!(told(vec![verdict, written], TaskType::Text), ["a ana []", "a eve []"]);
}

#[test]
fn models_correct_nobody_and_who_contradicts_herself_says_nothing() {
    let rows: &[Given] = &[
        ("a", "bot", LONG, BETTER, Verdict::Corrected),
        ("a", "ana", LONG, BETTER, Verdict::Corrected),
        ("a", "ana", LONG, BEST, Verdict::Corrected),
    ];
    assert!(told(vec![batch(1, rows)], TaskType::Text).is_empty());
}

/// `judged` corrections of ana's, of which `upheld` were.
fn of_ana(judged: u64, upheld: u64) -> Agreements {
    const ITEMS: [&str; 24] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
        "u", "v", "w", "x",
    ];
    let items = &ITEMS[..judged as usize];
    let first: Vec<Given> =
        items.iter().map(|item| (*item, "ana", LONG, BETTER, Verdict::Corrected)).collect();
    let verdict = |at: usize| if (at as u64) < upheld { Verdict::Approved } else { Verdict::Rejected };
    let second: Vec<Given> =
        items.iter().enumerate().map(|(at, item)| (*item, "eve", BETTER, BETTER, verdict(at))).collect();
    let ledger = Ledger::fold(vec![batch(1, &first), batch(2, &second)]);
    let corrections = Corrections::of(&ledger, 0, TaskType::Text, &Acceptance::default());
    Agreements::of(&ledger, &corrections.rows)
}

#[test]
fn a_labeler_is_followed_while_most_of_what_was_judged_was_upheld() {
    let accept = Acceptance::default();
    assert_eq!(of_ana(20, 14).standing("ana"), Standing::Known(0.7));
    assert_eq!(of_ana(20, 14).refuses("ana", &accept), None);
    assert_eq!(of_ana(20, 13).refuses("ana", &accept), Some(Reason::Labeler));
    assert_eq!(of_ana(19, 0).standing("ana"), Standing::Unknown);
    assert_eq!(of_ana(19, 0).refuses("ana", &accept), None);
    let mut parts = of_ana(12, 0);
    parts.add(of_ana(8, 8));
    assert_eq!((parts.standing("ana"), parts.counts("ana")), (Standing::Known(0.4), (20, 8)));
    assert_eq!(parts.standing("eve"), Standing::Unknown);
}
