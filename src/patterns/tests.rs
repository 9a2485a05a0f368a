//! Small ledgers with a mistake in them, and whether it is found.

use std::collections::BTreeMap;

use super::*;
use crate::base::{Digest, Timestamp};
use crate::ledger::{Ledger, Loaded};
use crate::record::{
    Acceptance, Column, Filter, Kind, LabelerKind, LabelerUse, Labelers, Manifest, Origin, RecordId, Revert,
    Rows, TaskType, col,
};

fn id(number: u8) -> RecordId {
    RecordId(Digest([number; 32]))
}

fn record(number: u8, kind: Kind, rows: Rows) -> Loaded {
    let kind_of = |labeler: &str| if labeler == "bot" { LabelerKind::Model } else { LabelerKind::Human };
    let mut labelers = BTreeMap::new();
    for row in 0..rows.len() {
        let labeler = rows.text(row, col::LABELER).unwrap().to_owned();
        let kind = kind_of(&labeler);
        labelers.insert(labeler, LabelerUse { kind, rows: 1 });
    }
    let manifest = Manifest {
        task: kind.is_judgement().then(|| "t".to_owned()),
        parents: (number > 1).then(|| id(number - 1)).into_iter().collect(),
        labelers: Labelers::Listed(labelers),
        ..Manifest::new(kind, Timestamp::from_micros(i64::from(number) * 1_000_000).unwrap())
    };
    Loaded { id: id(number), manifest, rows }
}

/// Corrections of `items`: item, labeler, original, corrected; what is equal is approved.
fn batch(number: u8, given: &[(String, &str, String, String)]) -> Loaded {
    let mut rows = Rows::empty(Kind::Corrections);
    for (item, labeler, original, corrected) in given {
        let row = rows.push_judgement(item, labeler, Origin::Unknown);
        rows.set_text(row, col::ORIGINAL, original);
        rows.set_text(row, col::CORRECTED, corrected);
        rows.set_text(row, col::VERDICT, if original == corrected { "approved" } else { "corrected" });
    }
    record(number, Kind::Corrections, rows)
}

/// `count` texts, every third of which says `alot`, which two people mend in turns; the others are approved.
fn with_a_mistake(prefix: &str, count: usize) -> Vec<(String, &'static str, String, String)> {
    (0..count)
        .map(|n| {
            let labeler = if n % 2 == 0 { "ana" } else { "raj" };
            let (wrong, right) = if n % 3 == 0 { ("alot", "a lot") } else { ("much", "much") };
            let text = |word: &str| format!("They like number {n} very {word} indeed , they say .");
            (format!("{prefix}{n:03}"), labeler, text(wrong), text(right))
        })
        .collect()
}

fn reviewed(records: Vec<Loaded>, kind: TaskType, since: usize) -> Reviewed {
    let ledger = Ledger::fold(records);
    let accept = Acceptance { max_similarity: 1.0, ..Acceptance::default() };
    let wanted = Wanted { task: "t", kind, accept, chosen: &|_| true, is_later: &|record| record >= since };
    Reviewed::join(vec![Piece::of(&ledger, &wanted)], &accept, 3)
}

fn mined(records: Vec<Loaded>) -> PatternsReport {
    patterns("t", &reviewed(records, TaskType::Text, 99), &Options::default())
}

fn actions(report: &PatternsReport) -> Vec<(Status, &str)> {
    report.rules.iter().map(|rule| (rule.status, rule.action.as_str())).collect()
}

#[test]
fn a_mistake_that_two_people_mend_is_a_rule_with_its_counts() {
    let report = mined(vec![batch(1, &with_a_mistake("i", 120))]);
    assert_eq!(actions(&report), [(Status::Accepted, "write a lot")]);
    let rule = &report.rules[0];
    assert_eq!(rule.when, [Predicate::Word { value: "alot".into() }]);
    assert_eq!((rule.matches + rule.holdout_matches, rule.items + rule.holdout_items), (40, 40));
    assert_eq!((rule.labelers, rule.precision, rule.instead_of.as_deref()), (2, 1.0, Some("alot")));
    assert_eq!((report.reviews, report.corrections, report.items, report.labelers), (120, 40, 120, 2));
    let held_out = (0..120).filter(|n| is_held_out(&format!("i{n:03}"))).count();
    assert_eq!(report.held_out_items, held_out as u64);
    assert_eq!(rule.examples.len(), 3);
    assert!(rule.examples.iter().all(|one| one.original.contains("alot")));
}

#[test]
fn the_same_rule_has_the_same_id_whatever_else_was_reviewed() {
    let few = mined(vec![batch(1, &with_a_mistake("i", 120))]);
    let more = mined(vec![batch(1, &with_a_mistake("i", 120)), batch(2, &with_a_mistake("j", 90))]);
    assert_eq!(few.rules[0].id, more.rules[0].id);
    assert_ne!(few.rules[0].items, more.rules[0].items);
}

#[test]
fn what_one_person_does_is_style() {
    let rows: Vec<_> = with_a_mistake("i", 120).into_iter().map(|row| (row.0, "ana", row.2, row.3)).collect();
    assert_eq!(actions(&mined(vec![batch(1, &rows)])), [(Status::Style, "write a lot")]);
}

#[test]
fn what_is_taken_back_or_not_to_be_learned_or_not_accepted_is_in_no_rule() {
    let all = batch(1, &with_a_mistake("i", 120));
    let mut revert = record(2, Kind::Reverts, Rows::empty(Kind::Reverts));
    let filter = Filter { labelers: vec!["ana".into(), "raj".into()], ..Filter::default() };
    revert.manifest.revert = Some(Revert { filter, ..Revert::default() });
    assert!(reviewed(vec![all.clone(), revert], TaskType::Text, 99).is_empty());
    let mut columns = all.rows.columns().to_vec();
    columns[col::SHOULD_LEARN] = Column::Bool(vec![Some(false); all.rows.len()].into());
    let kept = Loaded { rows: Rows::from_columns(Kind::Corrections, columns).unwrap(), ..all.clone() };
    assert!(reviewed(vec![kept], TaskType::Text, 99).is_empty());
    let ledger = Ledger::fold(vec![all]);
    let accept = Acceptance::default();
    let wanted = Wanted { task: "t", kind: TaskType::Text, accept, chosen: &|_| true, is_later: &|_| false };
    let strict = Reviewed::join(vec![Piece::of(&ledger, &wanted)], &accept, 3);
    assert_eq!(strict.len(), 80, "`alot` and `a lot` are too similar, approvals are not");
}

#[test]
fn reviews_in_pieces_are_the_same_reviews() {
    let rows = with_a_mistake("i", 120);
    let accept = Acceptance { max_similarity: 1.0, ..Acceptance::default() };
    let wanted = Wanted { task: "t", kind: TaskType::Text, accept, chosen: &|_| true, is_later: &|_| false };
    let piece = |rows: &[_]| Piece::of(&Ledger::fold(vec![batch(1, rows)]), &wanted);
    let pieces = vec![piece(&rows[..50]), piece(&rows[50..51]), piece(&rows[51..])];
    let parted = patterns("t", &Reviewed::join(pieces, &accept, 3), &Options::default());
    assert_eq!(parted, mined(vec![batch(1, &rows)]));
}

#[test]
fn corrections_and_labels_of_one_task_are_all_reviews_in_any_pieces() {
    let rows = with_a_mistake("i", 30);
    let mut labels = Rows::empty(Kind::Labels);
    for n in 0..40 {
        let row = labels.push_judgement(&format!("i{n:03}"), "eve", Origin::Changed);
        labels.set_text(row, col::LABEL, "they say so");
        labels.set_text(row, col::SHOWN, "they say it");
        labels.set_text(row, col::SHOWN_BY, "bot");
    }
    let whole = reviewed(vec![batch(1, &rows), record(2, Kind::Labels, labels.clone())], TaskType::Text, 99);
    assert_eq!(whole.len(), 70);
    let accept = Acceptance { max_similarity: 1.0, ..Acceptance::default() };
    let wanted = Wanted { task: "t", kind: TaskType::Text, accept, chosen: &|_| true, is_later: &|_| false };
    let part = |from: usize, to: usize| {
        let some: Vec<u32> = (from as u32..to as u32).collect();
        let corrections = batch(1, &rows[from.min(30)..to.min(30)]);
        Piece::of(&Ledger::fold(vec![corrections, record(2, Kind::Labels, labels.take(&some))]), &wanted)
    };
    let pieces = Reviewed::join(vec![part(0, 10), part(10, 35), part(35, 40)], &accept, 3);
    let mine = |reviewed: &Reviewed| patterns("t", reviewed, &Options::default());
    assert_eq!(mine(&pieces), mine(&whole));
}

#[test]
fn a_label_that_a_guess_attracts_is_a_rule_on_the_guess_and_what_is_known_of_the_item() {
    let (mut guesses, mut labels, mut items) =
        (Rows::empty(Kind::Predictions), Rows::empty(Kind::Labels), Rows::empty(Kind::Items));
    for n in 0..300 {
        let item = format!("i{n:03}");
        let email = n % 3 == 0;
        let guess = if n % 2 == 0 { "neutral" } else { "positive" };
        let row = guesses.push_judgement(&item, "bot", Origin::Fresh);
        guesses.set_text(row, col::LABEL, guess);
        guesses.set_float(row, col::CONFIDENCE, Some(0.65));
        let row = labels.push_judgement(&item, if n % 4 < 2 { "ana" } else { "raj" }, Origin::Fresh);
        labels.set_text(row, col::LABEL, if email && guess == "neutral" { "negative" } else { guess });
        let row = items.push_nulls();
        items.set_text(row, col::ITEM, &item);
        items.set_text(
            row,
            col::METADATA,
            if email { r#"{"channel":"email"}"# } else { r#"{"channel":"chat"}"# },
        );
    }
    let mut described = record(3, Kind::Items, Rows::empty(Kind::Items));
    described.rows = items;
    let records = vec![record(1, Kind::Predictions, guesses), record(2, Kind::Labels, labels), described];
    let report = patterns("t", &reviewed(records, TaskType::Categorical, 99), &Options::default());
    assert_eq!(actions(&report), [(Status::Accepted, "answer negative")]);
    let rule = &report.rules[0];
    let expected = [
        Predicate::Guess { value: "neutral".into() },
        Predicate::Field { name: "channel".into(), value: "email".into() },
    ];
    assert_eq!(rule.when, expected);
    assert_eq!((rule.instead_of.as_deref(), rule.precision), (Some("neutral"), 1.0));
    let input = Input {
        guess: Some("neutral".into()),
        metadata: Some(r#"{"channel":"email"}"#.into()),
        ..Input::default()
    };
    assert_eq!(fire(&report.rules, &input)[0].result.as_deref(), Some("negative"));
}

#[test]
fn rules_are_gained_and_the_same_mistake_is_counted_when_it_is_made_again() {
    let before = mined(vec![batch(1, &with_a_mistake("i", 120))]);
    let records = vec![batch(1, &with_a_mistake("i", 120)), batch(2, &with_a_mistake("j", 60))];
    let all = reviewed(records, TaskType::Text, 1);
    let after = patterns("t", &all, &Options::default());
    let found = since("main", &before, &after, &all);
    let same = &found.same_mistake;
    assert_eq!((same.items, same.matching, same.repeated), (60, 20, 20));
    assert_eq!(same.rules.len(), 1);
    assert_eq!((found.gained.len(), found.lost.len(), found.strengthened.len()), (0, 0, 1));
    let nothing = mined(vec![batch(1, &with_a_mistake("i", 5))]);
    assert_eq!(since("main", &nothing, &after, &all).gained.len(), 1);
    assert_eq!(since("main", &after, &nothing, &all).lost.len(), 1);
}
