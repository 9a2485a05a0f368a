//! Traces of small histories.

use std::collections::BTreeMap;

use hitl::ledger::State;
use hitl::record::{Kind, RecordId, Rows, col};
use hitl::trace::{CommitRef, Context, SnapshotUse, TraceReport, When, trace};

use proptest::prelude::*;

use crate::history::{History, at, by, label_rows, of, play, steps};

fn commit(record: RecordId) -> (RecordId, CommitRef) {
    let id = format!("{}ab", record.short());
    (
        record,
        CommitRef {
            id,
            author: "Ana Lopez <ana@example.org>".into(),
            time: at(50),
            subject: "hitl: commit".into(),
            signed: None,
            signer: None,
        },
    )
}

fn told(history: &History, known: &[RecordId]) -> TraceReport {
    let commits: BTreeMap<RecordId, CommitRef> = known.iter().copied().map(commit).collect();
    let snapshots = [SnapshotUse { name: "v1".into(), task: "tone".into(), label: "no".into(), split: None }];
    let context = Context {
        commits: &commits,
        standings: &BTreeMap::new(),
        guidelines: &BTreeMap::new(),
        snapshots: &snapshots,
        unknown_snapshots: &[],
        policies: &BTreeMap::new(),
        verdicts: &BTreeMap::new(),
        kinds: &BTreeMap::new(),
        accept: Default::default(),
    };
    trace(&history.ledger(), "i1", None, &context).unwrap()
}

/// Ana re-answers, bob is taken back, eve was taken back and restored; an adjudication settles it.
#[test]
fn every_turn_of_an_item_is_told() {
    let mut history = History::default();
    let mut items = Rows::empty(Kind::Items);
    let row = items.push_nulls();
    items.set_text(row, col::ITEM, "i1");
    items.set_text(row, col::TEXT, "Thanks a lot.");
    let zero = history.rows(Kind::Items, &[], 0, items);
    let said = [
        ("i1", "ana", "no", Some(2)),
        ("i1", "ana", "yes", Some(5)),
        ("i1", "bob", "yes", Some(3)),
        ("i1", "eve", "no", None),
        ("i2", "eve", "no", Some(1)),
    ];
    let first = history.labels(&[zero], 10, &said);
    let bob = history.revert(&[first], 20, by("bob"), false);
    let eve = history.revert(&[bob], 30, by("eve"), false);
    let back = history.revert(&[eve], 40, of(eve), false);
    let rows = label_rows(Kind::Adjudications, &[("i1", "raj", "no", Some(60))]);
    history.rows(Kind::Adjudications, &[back], 70, rows);
    let report = told(&history, &[first, bob]);

    assert_eq!(report.text.as_ref().unwrap().text.as_deref(), Some("Thanks a lot."));
    assert_eq!(report.unreached, 3, "the reverts of eve and the adjudication");
    let task = &report.tasks[0];
    let lines: Vec<String> = task
        .entries
        .iter()
        .map(|entry| {
            let label = entry.label.as_deref().unwrap_or("-");
            format!("{} {} {label} {:?} {:?}", entry.when.minute(), entry.labeler, entry.when_is, entry.state)
        })
        .collect();
    assert_eq!(
        lines,
        [
            "2026-01-01 00:02 ana no CreatedAt Superseded",
            "2026-01-01 00:03 bob yes CreatedAt Reverted",
            "2026-01-01 00:05 ana yes CreatedAt Current",
            "2026-01-01 00:10 eve no RecordedAt Current",
            "2026-01-01 01:00 raj no CreatedAt Current",
        ]
    );
    let [ana, taken, _, restored, _] = &task.entries[..] else { panic!("five judgements") };
    assert_eq!(ana.superseded_by.as_ref().unwrap().label.as_deref(), Some("yes"));
    assert_eq!(ana.guideline.as_ref().unwrap().version, "tone@2");
    assert!(ana.guideline.as_ref().unwrap().sha256.is_some());
    assert_eq!((taken.reverted_by[0].record, taken.reverted_by[0].message.as_str()), (bob, "careless"));
    assert_eq!(taken.state, State::Reverted);
    assert_eq!(restored.when_is, When::RecordedAt);
    assert_eq!(restored.undone[0].revert.record, eve);
    assert_eq!(restored.undone[0].taken_back_by[0].record, back);
    assert!(ana.undone.is_empty());
    assert_eq!(ana.carried[0].source.as_ref().unwrap().file, "week1.csv");
    assert_eq!((task.resolved.label.as_deref(), task.resolved.why), (Some("no"), "adjudication"));
    assert_eq!(task.resolved.votes.len(), 2);
}

#[test]
fn what_the_ledger_does_not_know_has_no_trace() {
    let mut history = History::default();
    history.labels(&[], 10, &[("i1", "ana", "no", Some(1))]);
    let context = Context {
        commits: &BTreeMap::new(),
        standings: &BTreeMap::new(),
        guidelines: &BTreeMap::new(),
        snapshots: &[],
        unknown_snapshots: &[],
        policies: &BTreeMap::new(),
        verdicts: &BTreeMap::new(),
        kinds: &BTreeMap::new(),
        accept: Default::default(),
    };
    assert!(trace(&history.ledger(), "i9", None, &context).is_none());
    assert!(trace(&history.ledger(), "i1", Some("other"), &context).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever happened: all judgements are there, in time order, and each state has its reason.
    #[test]
    fn every_state_has_its_reason(steps in steps()) {
        let ledger = play(&steps).ledger();
        let context = Context { commits: &BTreeMap::new(), standings: &BTreeMap::new(), guidelines: &BTreeMap::new(), snapshots: &[], unknown_snapshots: &[], policies: &BTreeMap::new(), verdicts: &BTreeMap::new() , kinds: &BTreeMap::new(), accept: Default::default() };
        let items = ["i1", "i2", "i3", "\u{fc}4"];
        let reports: Vec<TraceReport> =
            items.iter().filter_map(|item| trace(&ledger, item, None, &context)).collect();
        let entries = || reports.iter().flat_map(|report| &report.tasks).flat_map(|task| &task.entries);
        prop_assert_eq!(entries().count(), ledger.judgements().len());
        for report in reports.iter().flat_map(|report| &report.tasks) {
            prop_assert!(report.entries.is_sorted_by_key(|entry| entry.when));
        }
        for entry in entries() {
            prop_assert_eq!(entry.state == State::Superseded, entry.superseded_by.is_some());
            if entry.state == State::Reverted {
                prop_assert!(!entry.reverted_by.is_empty());
            }
            for undone in &entry.undone {
                let number = ledger.find_record(&undone.revert.record).unwrap();
                prop_assert!(!ledger.is_live_revert(number));
                prop_assert!(!undone.taken_back_by.is_empty());
            }
        }
    }
}
