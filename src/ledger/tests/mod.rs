//! Small ledgers, written out, and what they come to.

mod plan;

use std::collections::BTreeMap;

use super::*;
use crate::base::Digest;
use crate::record::{Cascade, Filter, LabelerUse, Labelers, Origin, Policy, Revert, col};

/// One judgement of a test's batch.
#[derive(Clone)]
struct Row {
    item: &'static str,
    labeler: &'static str,
    label: Option<&'static str>,
    at: Option<i64>,
    origin: Origin,
    shown: Option<(&'static str, &'static str)>,
    guideline: Option<&'static str>,
}

fn row(item: &'static str, labeler: &'static str, label: &'static str) -> Row {
    Row { item, labeler, label: Some(label), at: None, origin: Origin::Fresh, shown: None, guideline: None }
}

fn at(micros: i64, row: Row) -> Row {
    Row { at: Some(micros), ..row }
}

fn guess(origin: Origin, shown: (&'static str, &'static str), row: Row) -> Row {
    Row { origin, shown: Some(shown), ..row }
}

fn id(number: u8) -> RecordId {
    RecordId(Digest([number; 32]))
}

fn record(number: u8, parents: &[u8], kind: Kind, rows: &[Row]) -> Loaded {
    let mut table = Rows::empty(kind);
    let mut labelers = BTreeMap::new();
    for row in rows {
        let n = table.push_judgement(row.item, row.labeler, row.origin);
        row.label.iter().for_each(|label| table.set_text(n, col::LABEL, label));
        row.guideline.iter().for_each(|key| table.set_text(n, col::GUIDELINE, key));
        table.set_time(n, col::CREATED_AT, row.at.and_then(Timestamp::from_micros));
        if let Some((guess, whose)) = row.shown {
            table.set_text(n, col::SHOWN, guess);
            table.set_text(n, col::SHOWN_BY, whose);
        }
        let kind = match row.labeler {
            "bot" => LabelerKind::Model,
            "gold" => LabelerKind::Gold,
            _ => LabelerKind::Human,
        };
        labelers.insert(row.labeler.to_owned(), LabelerUse { kind, rows: 1 });
    }
    let manifest = Manifest {
        task: kind.is_judgement().then(|| "t".to_owned()),
        parents: parents.iter().map(|parent| id(*parent)).collect(),
        labelers: Labelers::Listed(labelers),
        ..Manifest::new(kind, Timestamp::from_micros(i64::from(number) * 1_000_000).unwrap())
    };
    Loaded { id: id(number), manifest, rows: table }
}

fn labels(number: u8, parents: &[u8], rows: &[Row]) -> Loaded {
    record(number, parents, Kind::Labels, rows)
}

fn revert(number: u8, parents: &[u8], revert: Revert) -> Loaded {
    let mut record = record(number, parents, Kind::Reverts, &[]);
    record.manifest.revert = Some(revert);
    record
}

fn of_records(records: &[u8]) -> Revert {
    let records = records.iter().map(|record| id(*record)).collect();
    Revert { filter: Filter { records, ..Filter::default() }, ..Revert::default() }
}

fn of_labeler(labeler: &str) -> Revert {
    Revert { filter: Filter { labelers: vec![labeler.into()], ..Filter::default() }, ..Revert::default() }
}

/// Writes every judgement as `item labeler label state`.
fn states(records: &[Loaded]) -> Vec<String> {
    let ledger = Ledger::fold(records.to_vec());
    let reversed = Ledger::fold(records.iter().rev().cloned().collect());
    assert_eq!(written(&ledger), written(&reversed));
    written(&ledger)
}

fn written(ledger: &Ledger) -> Vec<String> {
    let write = |judgement: &Judgement| {
        let label = judgement.statement.map_or("-", |statement| ledger.statement_text(statement));
        let (item, labeler) = (ledger.item_name(judgement.item), ledger.labeler_name(judgement.labeler));
        format!("{item} {labeler} {label} {:?}", judgement.state)
    };
    ledger.judgements().iter().map(write).collect()
}

#[test]
fn an_empty_set_is_an_empty_ledger() {
    let ledger = Ledger::fold(Vec::new());
    assert_eq!((ledger.judgements().len(), ledger.heads(), ledger.tasks()), (0, Vec::new(), 0));
}

#[test]
fn a_later_record_supersedes_and_a_revert_brings_back() {
    let mut records = vec![labels(1, &[], &[row("x", "ana", "A")]), labels(2, &[1], &[row("x", "ana", "B")])];
    assert_eq!(states(&records), ["x ana A Superseded", "x ana B Current"]);
    records.push(revert(3, &[2], of_records(&[2])));
    assert_eq!(states(&records), ["x ana A Current", "x ana B Reverted"]);
    records.push(revert(4, &[3], of_records(&[3])));
    assert_eq!(states(&records), ["x ana A Superseded", "x ana B Current"]);
    records.push(revert(5, &[4], of_records(&[4])));
    assert_eq!(states(&records), ["x ana A Current", "x ana B Reverted"]);
}

#[test]
fn a_revert_in_the_middle_brings_nothing_stale_back() {
    let (a, b, c) = (row("x", "ana", "A"), row("x", "ana", "B"), at(1, row("x", "ana", "C")));
    // A and C are ordered only by way of B: C's record stands aside from A's.
    let records = [
        labels(1, &[], &[a]),
        labels(2, &[1], std::slice::from_ref(&b)),
        labels(3, &[], &[b]),
        labels(4, &[3], &[c]),
        revert(5, &[2, 4], of_records(&[2, 3])),
    ];
    assert_eq!(states(&records), ["x ana A Superseded", "x ana B Reverted", "x ana C Current"]);
}

#[test]
fn what_was_said_side_by_side_is_a_conflict_unless_it_is_the_same() {
    let first = labels(1, &[], &[row("x", "ana", "A")]);
    let records = [first.clone(), labels(2, &[], &[row("x", "ana", "B")])];
    assert_eq!(states(&records), ["x ana A Conflict", "x ana B Conflict"]);
    let settled = [records.to_vec(), vec![labels(3, &[1, 2], &[row("x", "ana", "C")])]].concat();
    assert_eq!(states(&settled), ["x ana A Superseded", "x ana B Superseded", "x ana C Current"]);
    let same = [first, labels(2, &[], &[at(5, row("x", "ana", "A"))])];
    assert_eq!(states(&same), ["x ana A Current", "x ana A Current"]);
}

#[test]
fn a_circle_is_a_conflict() {
    let records = [
        labels(1, &[], &[at(10, row("x", "ana", "A"))]),
        labels(2, &[1], &[row("x", "ana", "B")]),
        labels(3, &[2], &[at(5, row("x", "ana", "C"))]),
    ];
    assert_eq!(states(&records), ["x ana B Conflict", "x ana C Conflict", "x ana A Conflict"]);
}

#[test]
fn times_order_before_records_do_and_reach_a_day_past_recording() {
    let late = Timestamp::DAY_MICROS * 400;
    let records = [
        labels(1, &[], &[at(late, row("x", "ana", "A")), at(20, row("y", "ana", "A"))]),
        labels(
            2,
            &[1],
            &[at(Timestamp::DAY_MICROS + 1_500_000, row("x", "ana", "B")), at(10, row("y", "ana", "B"))],
        ),
    ];
    let expected = ["x ana B Current", "x ana A Superseded", "y ana B Superseded", "y ana A Current"];
    assert_eq!(states(&records), expected);
}

#[test]
fn a_revert_covers_what_it_saw_and_equal_rows_beside_it_but_nothing_after() {
    let bob = [at(1, row("x", "bob", "A"))];
    let base = [labels(1, &[], &bob), revert(2, &[1], of_labeler("bob"))];
    assert_eq!(states(&base), ["x bob A Reverted"]);
    let beside =
        [base.to_vec(), vec![labels(3, &[], &[bob[0].clone(), at(2, row("y", "bob", "A"))])]].concat();
    assert_eq!(states(&beside), ["x bob A Reverted", "y bob A Current"]);
    let after = [beside.clone(), vec![labels(4, &[2], &bob)]].concat();
    assert_eq!(states(&after), ["x bob A Current", "y bob A Current"]);
    let concurrent = Revert { concurrent: true, ..of_labeler("bob") };
    let all = [vec![beside[0].clone(), revert(2, &[1], concurrent)], vec![beside[2].clone()]].concat();
    assert_eq!(states(&all), ["x bob A Reverted", "y bob A Reverted"]);
}

#[test]
fn what_is_left_out_keeps_its_place_and_says_nothing() {
    let records = [
        labels(1, &[], &[row("x", "ana", "A"), row("y", "bob", "A")]),
        labels(2, &[1], &[row("x", "ana", "B")]),
        revert(3, &[2], of_labeler("bob")),
        labels(4, &[3], &[row("x", "ana", "C")]),
    ];
    let ledger = Ledger::fold(records.to_vec());
    let without = |numbers: &[u8]| {
        let ledger = ledger.clone().without(&numbers.iter().map(|number| id(*number)).collect());
        assert_eq!((ledger.records().len(), ledger.heads()), (4, vec![id(4)]));
        written(&ledger)
    };
    assert_eq!(without(&[]), written(&ledger));
    assert_eq!(
        without(&[3]),
        ["x ana A Superseded", "x ana B Superseded", "x ana C Current", "y bob A Current"]
    );
    assert_eq!(without(&[2, 4]), ["x ana A Current", "y bob A Reverted"]);
    // By way of what is left out, what came before it still did.
    assert_eq!(without(&[2, 3]), ["x ana A Superseded", "x ana C Current", "y bob A Current"]);
}

#[test]
fn the_items_of_a_revert_may_lie_in_its_shard() {
    let mut back = revert(2, &[1], Revert::default());
    let item = back.rows.push_nulls();
    back.rows.set_text(item, col::ITEM, "y");
    let records = [labels(1, &[], &[row("x", "ana", "A"), row("y", "ana", "A")]), back];
    assert_eq!(states(&records), ["x ana A Current", "y ana A Reverted"]);
}

#[test]
fn a_cascade_takes_confirmations_along_but_no_decisions() {
    let records = |cascade, concurrent| {
        let of_bot = of_labeler("bot");
        [
            record(1, &[], Kind::Predictions, &[row("x", "bot", "A")]),
            labels(2, &[1], &[guess(Origin::Confirmed, ("A", "bot"), row("x", "ana", "A"))]),
            labels(3, &[2], &[guess(Origin::Changed, ("A", "ana"), row("x", "raj", "B"))]),
            record(
                4,
                &[3],
                Kind::Adjudications,
                &[guess(Origin::Changed, ("B", "raj"), row("x", "eve", "C"))],
            ),
            revert(5, &[4], Revert { cascade, concurrent, ..of_bot }),
            labels(6, &[], &[guess(Origin::Confirmed, ("A", "bot"), row("x", "zoe", "A"))]),
        ]
    };
    let state = |cascade, concurrent| {
        let mut states = states(&records(cascade, concurrent));
        states.iter_mut().for_each(|state| state.drain(..2).for_each(drop));
        states.join(", ")
    };
    let none = "ana A Current, raj B Current, zoe A Current, eve C Current, bot A Reverted";
    assert_eq!(state(Cascade::None, false), none);
    let confirmed = "ana A Reverted, raj B Current, zoe A Current, eve C Current, bot A Reverted";
    assert_eq!(state(Cascade::Confirmed, false), confirmed);
    let all = "ana A Reverted, raj B Reverted, zoe A Reverted, eve C Current, bot A Reverted";
    assert_eq!(state(Cascade::All, true), all);
}

#[test]
fn what_rests_on_another_live_guess_stays() {
    let records = [
        record(1, &[], Kind::Predictions, &[at(1, row("x", "bot", "A"))]),
        record(2, &[1], Kind::Predictions, &[at(2, row("x", "bot", "A"))]),
        labels(3, &[2], &[guess(Origin::Confirmed, ("A", "bot"), row("x", "ana", "A"))]),
        revert(4, &[3], Revert { cascade: Cascade::Confirmed, ..of_records(&[1]) }),
    ];
    assert_eq!(states(&records), ["x ana A Current", "x bot A Reverted", "x bot A Current"]);
    let ledger = Ledger::fold(records.to_vec());
    assert_eq!(ledger.built_on(&[false, true, true]), [(0, 1)]);
    assert_eq!(ledger.built_on(&[false, false, true]), [(0, 2)]);
}

#[test]
fn attributes_come_from_the_last_live_carrier() {
    let under = |guideline| Row { guideline: Some(guideline), ..row("x", "ana", "A") };
    let mut records = vec![
        labels(1, &[], &[under("g@1")]),
        labels(2, &[1], &[under("g@2")]),
        labels(3, &[], &[under("g@3")]),
    ];
    let record_of = |records: &[Loaded]| {
        let ledger = Ledger::fold(records.to_vec());
        let carrier = ledger.attributes(&ledger.judgements()[0]);
        (ledger.records()[carrier.record as usize].id, ledger.carriers(&ledger.judgements()[0]).len())
    };
    assert_eq!(record_of(&records), (id(2), 3));
    let guideline =
        Filter { guidelines: vec![crate::record::GuidelineRef("g@2".into())], ..Filter::default() };
    records.push(revert(4, &[2], Revert { filter: guideline, ..Revert::default() }));
    // A judgement is taken back whole: what the revert did not see of it goes too.
    assert_eq!(states(&records), ["x ana A Reverted"]);
    records.push(labels(5, &[4], &[under("g@9")]));
    assert_eq!(record_of(&records), (id(5), 4));
}

#[test]
fn missing_parents_are_listed_and_the_rest_is_folded() {
    let ledger = Ledger::fold(vec![labels(2, &[1], &[row("x", "ana", "A")]), labels(3, &[1, 2], &[])]);
    assert_eq!(ledger.missing(), [Missing { id: id(1), needed_by: vec![id(2), id(3)] }]);
    assert_eq!((ledger.heads(), ledger.judgements().len()), (vec![id(3)], 1));
}

#[test]
fn judgements_are_found_by_name() {
    let ledger = Ledger::fold(vec![
        labels(1, &[], &[at(3, row("x", "ana", "A")), row("x", "raj", "B"), row("y", "ana", "A")]),
        labels(2, &[1], &[at(4, row("x", "ana", "B"))]),
    ]);
    assert_eq!(ledger.current_of("t", Kind::Labels, "x", "ana"), Some(1));
    assert_eq!(ledger.current_of("t", Kind::Labels, "x", "eve"), None);
    let find = |label, micros| {
        ledger.find_judgement(Kind::Labels, "t", "x", "ana", label, Timestamp::from_micros(micros))
    };
    assert_eq!((find(Some("A"), 3), find(Some("B"), 3), find(None, 3)), (Some(0), None, None));
    assert_eq!((ledger.superseded_by(0), ledger.superseded_by(1)), (Some(1), None));
    let runs: Vec<_> =
        ledger.item_runs(0).map(|(item, run)| (ledger.item_name(item).to_owned(), run)).collect();
    assert_eq!(runs, [("x".to_owned(), 0..3), ("y".to_owned(), 3..4)]);
    assert_eq!(ledger.of_row(1, 0), Some(1));
}

/// Folds `records`, resolves task `t` and writes each item's outcome.
fn resolved(records: &[Loaded], policy: Policy, min: u32) -> Vec<String> {
    let ledger = Ledger::fold(records.to_vec());
    let write = |resolved: &Resolved<'_>| match resolved.outcome {
        Outcome::Label(label, settled) => format!("{label} {settled:?}"),
        other => format!("{other:?}"),
    };
    resolve(&ledger, 0, How::by(policy, min)).iter().map(write).collect()
}

#[test]
fn policies_decide_over_current_human_labels() {
    let one = |label| at(1, row("x", "ana", label));
    let votes = |said: [&'static str; 3], times: [i64; 3]| {
        let names = ["ana", "raj", "zoe"];
        let rows: Vec<Row> = (0..3).map(|i| at(times[i], row("x", names[i], said[i]))).collect();
        [labels(1, &[], &rows)]
    };
    assert_eq!(resolved(&votes(["A", "B", "A"], [1, 2, 3]), Policy::Majority, 1), ["A Policy"]);
    assert_eq!(resolved(&votes(["A", "B", "C"], [1, 2, 3]), Policy::Majority, 1), ["Tie"]);
    assert_eq!(resolved(&votes(["A", "B", "A"], [1, 2, 3]), Policy::Unanimous, 1), ["Disagreement"]);
    assert_eq!(resolved(&votes(["A", "A", "A"], [1, 2, 3]), Policy::Unanimous, 4), ["TooFew"]);
    assert_eq!(resolved(&votes(["A", "B", "A"], [1, 3, 2]), Policy::Latest, 1), ["B Policy"]);
    assert_eq!(resolved(&votes(["A", "B", "A"], [3, 3, 2]), Policy::Latest, 1), ["Tie"]);
    let untimed = [labels(1, &[], &[one("A"), row("x", "raj", "B")])];
    assert_eq!(resolved(&untimed, Policy::Latest, 1), ["Tie"]);
    let machines = [labels(1, &[], &[one("A"), row("x", "bot", "B"), row("x", "gold", "B")])];
    assert_eq!(resolved(&machines, Policy::Unanimous, 1), ["A Policy"]);
}

#[test]
fn conflicts_and_abstentions_have_no_vote_and_adjudications_win() {
    let skip = Row { label: None, ..row("x", "raj", "") };
    let mut records =
        vec![labels(1, &[], &[row("x", "ana", "A"), skip]), labels(2, &[], &[row("x", "ana", "B")])];
    let ledger = Ledger::fold(records.clone());
    let expected = Resolved { item: 0, outcome: Outcome::Conflict, votes: 0, abstentions: 1, conflicts: 1 };
    assert_eq!(resolve(&ledger, 0, How::by(Policy::Majority, 1)), [expected]);
    records.push(record(3, &[2], Kind::Adjudications, &[row("x", "eve", "C")]));
    assert_eq!(resolved(&records, Policy::Majority, 1), ["C Adjudication"]);
    records.push(record(4, &[2], Kind::Adjudications, &[row("x", "zoe", "A")]));
    assert_eq!(resolved(&records, Policy::Majority, 1), ["Conflict"]);
    records.push(record(5, &[3, 4], Kind::Adjudications, &[Row { label: None, ..row("x", "zoe", "") }]));
    assert_eq!(resolved(&records, Policy::Majority, 1), ["TooFew"]);
    let none = [labels(1, &[], &[row("x", "ana", "A")]), revert(2, &[1], of_labeler("ana"))];
    assert_eq!(resolved(&none, Policy::Majority, 1), ["TooFew"]);
}

/// What a joint policy found wins over agreeing votes, and never over an adjudication, too few votes, or none; where it
/// is not given nothing is made up.
#[test]
fn a_joint_policy_has_decided_over_all_items() {
    let said =
        |item: &'static str, who: &[&'static str]| who.iter().map(move |who| row(item, who, "A")).collect();
    let rows: Vec<Vec<Row>> = vec![
        said("u", &["ana", "raj"]),
        said("v", &["ana", "raj"]),
        said("x", &["ana", "raj"]),
        said("y", &["ana"]),
    ];
    let mut records =
        vec![labels(1, &[], &rows.concat()), record(2, &[1], Kind::Adjudications, &[row("v", "eve", "C")])];
    let mut verdicts = Verdicts::of(vec!["A".into(), "never said".into()]);
    ["u", "v", "x", "y"]
        .iter()
        .zip([Some(1), Some(1), None, Some(0)])
        .for_each(|(item, found)| verdicts.push(item, found));
    let outcomes = |records: &[Loaded], verdicts: Option<&Verdicts>| {
        let ledger = Ledger::fold(records.to_vec());
        let how = How { verdicts, ..How::by(Policy::Glad, 2) };
        resolve(&ledger, 0, how).iter().map(|one| format!("{:?}", one.outcome)).collect::<Vec<_>>()
    };
    let adjudicated = r#"Label("C", Adjudication)"#;
    let found = [r#"Label("never said", Policy)"#, adjudicated, "Tie", "TooFew"];
    assert_eq!(outcomes(&records, Some(&verdicts)), found);
    assert_eq!(outcomes(&records, None), ["Unknown", adjudicated, "Unknown", "TooFew"]);
    records.push(revert(3, &[2], of_labeler("raj")));
    assert_eq!(outcomes(&records, Some(&verdicts)), ["TooFew", adjudicated, "TooFew", "TooFew"]);
}

#[test]
fn reverts_are_named_where_they_cover() {
    let records = [
        labels(1, &[], &[row("x", "ana", "A")]),
        revert(2, &[1], of_labeler("ana")),
        revert(3, &[1], of_records(&[1])),
        revert(4, &[3], of_records(&[3])),
    ];
    let ledger = Ledger::fold(records.to_vec());
    let by: Vec<RecordId> = ledger
        .reverted_by(&ledger.judgements()[0])
        .into_iter()
        .map(|record| ledger.records()[record].id)
        .collect();
    assert_eq!(by, [id(2)]);
    let live: Vec<RecordId> =
        ledger.live_reverts().into_iter().map(|record| ledger.records()[record].id).collect();
    assert_eq!(live, [id(2), id(4)]);
    let chosen = ledger.select(&Filter { labelers: vec!["ana".into()], ..Filter::default() });
    assert_eq!(chosen, [true]);
}
