//! Laws of snapshots: what the digest depends on, and what it does not.

use hitl::base::Digest;
use hitl::ledger::{Ledger, Loaded};
use hitl::record::{Cascade, Filter, Kind, Labelers, Policy, RecordId, Task, TaskType, col};
use hitl::snapshot::{Error, Made, Overview, Rule, Split, closure, create, emit, export, parse, verify};
use proptest::prelude::*;

use crate::history::{History, at, by, label_rows, of, play, steps};

pub fn task() -> Task {
    Task::new("tone", TaskType::Categorical, ["no", "yes", "maybe"].map(str::to_owned).to_vec())
}

pub fn rule(policy: Policy) -> Rule {
    Rule::new(&task(), policy, 1, Some(Split::parse("train=0.5,test=0.5", "7").unwrap()))
}

fn digest(ledger: &Ledger) -> Digest {
    create(ledger, rule(Policy::Majority), &Overview::Nothing).unwrap().digest
}

pub fn made() -> Made {
    Made {
        name: "v1".into(),
        created_at: at(0),
        actor: "Ana <ana@example.org>".into(),
        tool: "hitl 0.1.0".into(),
    }
}

/// Returns `record` in pieces of one row each, all with its parents.
pub fn in_pieces(record: &Loaded) -> Vec<Loaded> {
    (0..record.rows.len() as u32)
        .map(|row| Loaded {
            id: RecordId::of(format!("{} {row}", record.id).as_bytes()),
            manifest: record.manifest.clone(),
            rows: record.rows.take(&[row]),
        })
        .collect()
}

/// Returns the records without the labels of `labeler`.
pub fn without(records: &[Loaded], labeler: &str) -> Vec<Loaded> {
    let strip = |record: &Loaded| {
        let mut record = record.clone();
        if record.manifest.kind == Kind::Labels {
            let other = |row: &u32| record.rows.text(*row as usize, col::LABELER) != Some(labeler);
            let keep: Vec<u32> = (0..record.rows.len() as u32).filter(other).collect();
            record.rows = record.rows.take(&keep);
            if let Labelers::Listed(labelers) = &mut record.manifest.labelers {
                labelers.remove(labeler);
            }
        }
        record
    };
    records.iter().map(strip).collect()
}

#[test]
fn batches_do_not_matter() {
    let said = [("i1", "ana", "no", Some(1)), ("i1", "bob", "yes", Some(1)), ("i2", "ana", "yes", None)];
    let mut one = History::default();
    one.labels(&[], 10, &said);
    let pieces = Ledger::fold(in_pieces(&one.records[0]));
    assert_eq!(digest(&one.ledger()), digest(&pieces));
    let mut other = History::default();
    other.labels(&[], 10, &[said[0], said[1], ("i2", "ana", "no", None)]);
    assert_ne!(digest(&one.ledger()), digest(&other.ledger()));
}

#[test]
fn the_rule_is_part_of_the_digest() {
    let mut history = History::default();
    history.labels(&[], 10, &[("i1", "ana", "no", Some(1)), ("i2", "ana", "no", Some(1))]);
    let ledger = history.ledger();
    let base = rule(Policy::Majority);
    let others = [
        Rule { split: None, ..base.clone() },
        Rule { split: Some(Split::parse("train=0.5,test=0.5", "8").unwrap()), ..base.clone() },
        Rule { label_schema: "{}".into(), ..base.clone() },
        rule(Policy::Unanimous),
        Rule::new(&task(), Policy::Majority, 0, base.split.clone()),
    ];
    let first = digest(&ledger);
    for other in others {
        assert_ne!(create(&ledger, other.clone(), &Overview::Nothing).unwrap().digest, first, "{other:?}");
    }
    let renamed = Rule { task: "tone".into(), ..base };
    assert_eq!(create(&ledger, renamed, &Overview::Nothing).unwrap().digest, first);
}

#[test]
fn what_is_missing_is_named() {
    let mut history = History::default();
    let absent = RecordId::of(b"absent");
    history.labels(&[absent], 10, &[("i1", "ana", "no", Some(1))]);
    assert_eq!(
        create(&history.ledger(), rule(Policy::Majority), &Overview::Nothing),
        Err(Error::Incomplete(vec![absent]))
    );
}

#[test]
fn verify_says_what_differs() {
    let mut history = History::default();
    let first = history.labels(&[], 10, &[("i1", "ana", "no", Some(1)), ("i2", "ana", "no", Some(1))]);
    let ledger = history.ledger();
    let lock = create(&ledger, rule(Policy::Majority), &Overview::Nothing).unwrap().lock(made(), Vec::new());
    assert!(verify(&lock, &ledger, &Overview::Nothing).unwrap().0.ok);
    assert_eq!(parse(emit(&lock).as_bytes()).unwrap(), lock);
    history.labels(&[first], 20, &[("i1", "ana", "yes", Some(2))]);
    let (report, _) = verify(&lock, &history.ledger(), &Overview::Nothing).unwrap();
    let what: Vec<&str> = report.differences.iter().map(|one| one.what.as_str()).collect();
    let expected =
        ["digest", "records.count", "records.sha256", "counts.labels.no", "counts.labels.yes", "buckets"];
    assert_eq!(what, expected);
    assert_eq!(report.buckets, [format!("{:02x}", hitl::snapshot::bucket_of("i1"))]);
    let empty = Ledger::fold(vec![]);
    assert_eq!(verify(&lock, &empty, &Overview::Nothing).unwrap_err(), Error::Incomplete(vec![first]));
}

#[test]
fn an_export_lists_the_votes_behind_each_label() {
    let mut history = History::default();
    let said = [
        ("i1", "ana", "no", Some(1)),
        ("i1", "bob", "yes", Some(2)),
        ("i1", "eve", "-", None),
        ("i1", "model-1", "no", None),
    ];
    let first = history.labels(&[], 10, &said);
    let rows = label_rows(Kind::Adjudications, &[("i1", "eve", "no", Some(5))]);
    history.rows(Kind::Adjudications, &[first], 20, rows);
    let ledger = history.ledger();
    let table = export(&ledger, &create(&ledger, rule(Policy::Majority), &Overview::Nothing).unwrap());
    assert_eq!(table.label, ["no"]);
    assert_eq!(table.adjudicator, [Some("eve".to_owned())]);
    assert_eq!(table.votes, [2]);
    assert_eq!(table.labelers, [["ana", "bob"]]);
    assert_eq!(table.labels, [["no", "yes"]]);
    assert_eq!(table.guidelines, [["", "tone@2"]]);
    assert_eq!(table.records, [[first.to_string(), first.to_string()]]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn order_and_duplicates_do_not_matter(steps in steps(), seed in any::<u64>()) {
        let history = play(&steps);
        let mut shuffled = history.records.clone();
        shuffled.extend(history.records.iter().take(2).cloned());
        shuffled.sort_by_key(|record| Digest::of(format!("{seed} {}", record.id).as_bytes()));
        prop_assert_eq!(digest(&history.ledger()), digest(&Ledger::fold(shuffled)));
    }

    #[test]
    fn reverting_a_revert_is_as_if_neither_were(
        steps in steps(),
        labeler in 0..4_usize,
        cascade in 0..3_usize,
        concurrent in any::<bool>(),
    ) {
        let mut history = play(&steps);
        let before = digest(&history.ledger());
        let (heads, labeler) = (history.heads(), ["ana", "bob", "eve", "model-1"][labeler]);
        let cascade = [Cascade::None, Cascade::Confirmed, Cascade::All][cascade];
        let revert = history.cascading(&heads, 500, by(labeler), concurrent, cascade);
        history.revert(&[revert], 501, of(revert), false);
        prop_assert_eq!(digest(&history.ledger()), before);
    }

    #[test]
    fn a_snapshot_is_rebuilt_whatever_came_later(one in steps(), more in steps()) {
        let mut history = play(&one);
        let lock = create(&history.ledger(), rule(Policy::Majority), &Overview::Nothing).unwrap().lock(made(), Vec::new());
        history.play_on(&more);
        let parents = |id: &RecordId| {
            history.records.iter().find(|record| record.id == *id).map(|record| record.manifest.parents.clone())
        };
        let closure = closure(&lock.heads, parents);
        prop_assert!(closure.missing.is_empty());
        let records = history.records.iter().filter(|record| closure.records.contains(&record.id)).cloned();
        let (report, _) = verify(&lock, &Ledger::fold(records.collect()), &Overview::Nothing).unwrap();
        prop_assert!(report.ok, "{:?}", report);
    }

    // Labels alone: adjudications of one item share one key, and a reverted one may still order two of others.
    #[test]
    fn a_labeler_reverted_was_never_there(steps in steps(), labeler in 0..3_usize) {
        let labeler = ["ana", "bob", "eve"][labeler];
        let mut history = play(&steps);
        let never = Ledger::fold(without(&history.records, labeler));
        history.revert(&history.heads(), 500, Filter { kinds: vec![Kind::Labels], ..by(labeler) }, false);
        prop_assert_eq!(digest(&history.ledger()), digest(&never));
    }
}
