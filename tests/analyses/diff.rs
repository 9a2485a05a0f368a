//! Laws and literals of `diff`.

use std::collections::BTreeSet;

use hitl::diff::{Options, Value, apply, diff, state};
use hitl::ledger::{Ledger, Loaded};
use hitl::record::col;
use proptest::prelude::*;

use crate::history::{History, by, of, play, steps};

fn ops(base: &Ledger, head: &Ledger) -> Vec<String> {
    let label = |value: &Value| match value {
        Value::None => "none".to_owned(),
        Value::Label { label } => label.clone(),
        Value::Abstained => "abstained".to_owned(),
        Value::Conflict { labels } => format!("{labels:?}"),
    };
    let report = diff(("a", base), ("b", head), &Options::default());
    let row = |row: &hitl::diff::Row| {
        let (op, cause) = (row.op.words(), row.cause.words());
        let op = if op == cause { op.to_owned() } else { format!("{op} ({cause})") };
        format!("{} {} {op}: {} > {}", row.item, row.labeler, label(&row.before), label(&row.after))
    };
    report.rows.iter().map(row).collect()
}

#[test]
fn each_op_is_told_from_the_others() {
    let mut history = History::default();
    let first = history.labels(&[], 10, &[("i1", "ana", "no", Some(1)), ("i2", "ana", "no", Some(1))]);
    let base = history.ledger();
    let second = history.labels(
        &[first],
        20,
        &[("i1", "ana", "yes", Some(2)), ("i2", "ana", "no", Some(2)), ("i3", "bob", "-", None)],
    );
    let head = history.ledger();
    assert_eq!(
        ops(&base, &head),
        [
            "i1 ana changed (superseded): no > yes",
            "i2 ana superseded: no > no",
            "i3 bob added: none > abstained"
        ]
    );
    let revert = history.revert(&[second], 30, of(second), false);
    let reverted = history.ledger();
    assert_eq!(
        ops(&head, &reverted),
        [
            "i1 ana changed (taken back): yes > no",
            "i2 ana taken back: no > no",
            "i3 bob taken back: abstained > none"
        ]
    );
    history.revert(&[revert], 40, of(revert), false);
    assert_eq!(ops(&head, &history.ledger()), [""; 0]);
    assert_eq!(
        ops(&reverted, &history.ledger()),
        [
            "i1 ana changed (superseded): no > yes",
            "i2 ana superseded: no > no",
            "i3 bob restored: none > abstained"
        ]
    );
    assert_eq!(ops(&head, &base)[2], "i3 bob removed: abstained > none");
}

#[test]
fn counts_are_exact_whatever_is_listed() {
    let mut history = History::default();
    let first = history.labels(&[], 10, &[("i1", "ana", "no", Some(1)), ("i1", "bob", "no", Some(1))]);
    let base = history.ledger();
    let second =
        history.labels(&[first], 20, &[("i1", "ana", "yes", Some(2)), ("i1", "eve", "yes", Some(3))]);
    let head = history.ledger();
    let report = diff(("main", &base), ("HEAD", &head), &Options { limit: Some(1), ..Options::default() });
    assert_eq!((report.rows.len(), report.rows_total), (1, 2));
    assert_eq!((report.counts.added, report.counts.changed), (1, 1));
    assert_eq!(report.records.head_only[0].id, second);
    let task = &report.tasks[0];
    assert_eq!((task.resolved.changed, task.items), (1, 1));
    let cells: Vec<(Option<&str>, Option<&str>, u64)> = task
        .transitions
        .iter()
        .map(|cell| (cell.before.as_deref(), cell.after.as_deref(), cell.count))
        .collect();
    assert_eq!(cells, [(None, Some("yes"), 1), (Some("no"), Some("yes"), 1)]);
    let only_eve = Options { filter: by("eve"), ..Options::default() };
    let report = diff(("main", &base), ("HEAD", &head), &only_eve);
    assert_eq!(report.rows.iter().map(|row| row.labeler.as_str()).collect::<Vec<_>>(), ["eve"]);
    assert_eq!(report.tasks[0].guidelines[0].guideline, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_diff_applied_is_the_other_state(one in steps(), two in steps(), keep in any::<prop::sample::Index>()) {
        let (one, two) = (play(&one), play(&two));
        let (a, b) = (one.ledger(), two.ledger());
        // Apart, and one the start of the other.
        let part = Ledger::fold(one.records[..keep.index(one.records.len() + 1)].to_vec());
        for (a, b) in [(&a, &b), (&b, &a), (&part, &a), (&a, &part)] {
            let report = diff(("a", a), ("b", b), &Options::default());
            prop_assert_eq!(apply(&report, state(a)), state(b));
            let listed: u64 = report.tasks.iter().map(|task| task.counts.total()).sum();
            prop_assert_eq!(listed, report.rows_total);
        }
    }

    #[test]
    fn nothing_differs_from_itself(steps in steps()) {
        let ledger = play(&steps).ledger();
        let report = diff(("a", &ledger), ("a", &ledger), &Options::default());
        prop_assert!(report.same && report.rows.is_empty() && report.tasks.is_empty());
    }

    #[test]
    fn the_touched_items_are_enough(one in steps(), more in steps()) {
        let mut history = play(&one);
        let base = history.records.clone();
        history.play_on(&more);
        let whole = |records: &[Loaded]| Ledger::fold(records.to_vec());
        let report = diff(("a", &whole(&base)), ("b", &whole(&history.records)), &Options::default());
        let touched: BTreeSet<&str> = report.rows.iter().map(|row| row.item.as_str()).collect();
        let part = |records: &[Loaded]| Ledger::fold(records.iter().map(|record| only(record, &touched)).collect());
        let restricted = diff(("a", &part(&base)), ("b", &part(&history.records)), &Options::default());
        prop_assert_eq!(restricted, report);
    }
}

/// Returns `record` with the rows of `items` alone.
fn only(record: &Loaded, items: &BTreeSet<&str>) -> Loaded {
    let mut record = record.clone();
    if record.manifest.kind.is_judgement() {
        let among = |row: &u32| items.contains(record.rows.text(*row as usize, col::ITEM).unwrap());
        let keep: Vec<u32> = (0..record.rows.len() as u32).filter(among).collect();
        record.rows = record.rows.take(&keep);
    }
    record
}
