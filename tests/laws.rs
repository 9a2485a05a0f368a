//! The laws of the ledger, over random histories, against a slow model of the rules.

mod laws {
    pub mod history;
    pub mod model;
}

use std::collections::{BTreeMap, BTreeSet};

use hitl::base::Timestamp;
use hitl::ledger::{Disposition, Ledger, Loaded, State, Wish, plan};
use hitl::record::{Cascade, Filter, Kind, RecordId, canonical_row, col};
use laws::history::{self, LABELERS, RowSpec};
use laws::model::{Fact, Identity, Model};
use proptest::prelude::*;
use proptest::sample::Index;

fn identity(ledger: &Ledger, number: usize) -> Identity {
    let judgement = &ledger.judgements()[number];
    Identity {
        kind: judgement.kind,
        task: ledger.task_name(judgement.task).to_owned(),
        item: ledger.item_name(judgement.item).to_owned(),
        labeler: ledger.labeler_name(judgement.labeler).to_owned(),
        statement: judgement.statement.map(|statement| ledger.statement_text(statement).to_owned()),
        created_at: judgement.created_at.map(Timestamp::micros),
    }
}

fn states(ledger: &Ledger) -> BTreeMap<Identity, State> {
    (0..ledger.judgements().len())
        .map(|number| (identity(ledger, number), ledger.judgements()[number].state))
        .collect()
}

fn fold(records: &[Loaded]) -> BTreeMap<Identity, State> {
    states(&Ledger::fold(records.to_vec()))
}

/// Everything a ledger tells, by name and by number.
fn told(ledger: &Ledger) -> String {
    let judgements: Vec<_> = (0..ledger.judgements().len())
        .map(|number| {
            let judgement = ledger.judgements()[number];
            let (attributes, reverted_by) = (ledger.attributes(&judgement), ledger.reverted_by(&judgement));
            (judgement, ledger.carriers(&judgement), attributes, reverted_by, ledger.superseded_by(number))
        })
        .collect();
    format!("{:?} {:?} {:?} {judgements:?}", ledger.heads(), ledger.missing(), ledger.records())
}

/// Compares a judgement of the ledger with what the model says of it.
fn agrees(ledger: &Ledger, number: usize, fact: &Fact) -> Result<(), TestCaseError> {
    let judgement = &ledger.judgements()[number];
    let id = |record: usize| ledger.records()[record].id;
    prop_assert_eq!(judgement.state, fact.state);
    let reverted_by: BTreeSet<RecordId> = ledger.reverted_by(judgement).into_iter().map(id).collect();
    prop_assert_eq!(&reverted_by, &fact.reverted_by);
    let carriers = ledger.carriers(judgement).iter();
    let carriers: BTreeMap<_, _> =
        carriers.map(|c| ((id(c.record as usize), c.row as usize), c.reverted)).collect();
    prop_assert_eq!(&carriers, &fact.carriers);
    let (carrier, mut bytes) = (ledger.attributes(judgement), Vec::new());
    let (rows, row) = ledger.row_of(carrier);
    canonical_row(rows, row, &mut bytes);
    prop_assert_eq!(&bytes, &fact.attributes);
    match ledger.superseded_by(number) {
        Some(by) => {
            prop_assert!(matches!(ledger.judgements()[by].state, State::Current | State::Conflict));
            prop_assert!(fact.after.contains(&identity(ledger, by)));
        }
        None => prop_assert!(fact.state != State::Superseded),
    }
    Ok(())
}

/// Whether a plan adds the row, or gives no reason why not.
fn adds(disposition: &Disposition) -> bool {
    match disposition {
        Disposition::AlreadyThere { .. } => false,
        Disposition::TakenBack { by } => by.is_empty(),
        _ => true,
    }
}

fn matches_the_model(records: &[Loaded]) -> Result<(), TestCaseError> {
    let ledger = Ledger::fold(records.to_vec());
    let model = Model::new(records);
    let facts = model.facts();
    prop_assert_eq!(ledger.judgements().len(), facts.len());
    for number in 0..facts.len() {
        agrees(&ledger, number, &facts[&identity(&ledger, number)])?;
    }
    for (number, record) in ledger.records().iter().enumerate() {
        prop_assert_eq!(ledger.is_live_revert(number), model.is_live_revert(record.id));
    }
    for chosen in 0..facts.len() {
        let only: Vec<bool> = (0..facts.len()).map(|number| number == chosen).collect();
        let pairs = ledger.built_on(&only);
        let built: BTreeSet<Identity> = pairs.iter().map(|(built, _)| identity(&ledger, *built)).collect();
        let on = identity(&ledger, chosen);
        let expected = facts.iter().filter(|(_, fact)| fact.built_on.contains(&on));
        prop_assert_eq!(built, expected.map(|(who, _)| who.clone()).collect());
    }
    Ok(())
}

proptest! {
    // `PROPTEST_CASES` asks for more.
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 4096, max_global_rejects: u32::MAX, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_is_what_the_rules_say(history in history::history()) {
        matches_the_model(&history.records)?;
    }

    #[test]
    fn cascades_run_as_the_rules_say(history in history::cascades()) {
        matches_the_model(&history.records)?;
    }

    /// Union is commutative, associative and idempotent: any order, any repeats, any parts.
    #[test]
    fn order_and_repeats_never_matter(
        history in history::history(),
        order in prop::collection::vec(any::<Index>(), 24),
        part in any::<Index>(),
    ) {
        prop_assume!(!history.records.is_empty());
        let full = told(&Ledger::fold(history.records.clone()));
        let mut shuffled = history.records.clone();
        for (place, index) in order.iter().enumerate().take(shuffled.len()) {
            let other = index.index(history.records.len());
            shuffled.swap(place, other);
        }
        shuffled.extend(shuffled.iter().take(part.index(shuffled.len())).cloned().collect::<Vec<_>>());
        prop_assert_eq!(&told(&Ledger::fold(shuffled.clone())), &full);
        let (first, rest) = shuffled.split_at(part.index(shuffled.len()));
        prop_assert_eq!(&told(&Ledger::fold(first.to_vec()).fold_with(rest.to_vec())), &full);
    }

    #[test]
    fn a_revert_reverted_was_never_made(
        history in history::history(),
        spec in history::revert(),
        replica in prop::option::of(0..3usize),
    ) {
        let mut records = history.records.clone();
        let revert = history.revert(history.heads(replica), &spec);
        records.push(revert.clone());
        records.push(history::back(records.len(), vec![revert.id], revert.id));
        prop_assert_eq!(fold(&records), fold(&history.records));
    }

    #[test]
    fn taking_back_what_is_not_current_changes_no_current_one(history in history::history(), spec in history::revert()) {
        let before = Ledger::fold(history.records.clone());
        let mut revert = history.revert(history.heads(None), &spec);
        revert.manifest.revert.as_mut().unwrap().cascade = Cascade::None;
        // Keep only items none of whose current judgements the filter chooses.
        let filter = Filter { items: None, ..revert.manifest.revert.as_ref().unwrap().filter.clone() };
        let chosen = before.select(&filter);
        let standing = |state: State| matches!(state, State::Current | State::Conflict);
        let touched = (0..chosen.len()).filter(|number| chosen[*number] && standing(before.judgements()[*number].state));
        let touched: BTreeSet<&str> = touched.map(|number| before.item_name(before.judgements()[number].item)).collect();
        let all = (0..before.items() as u32).map(|item| before.item_name(item));
        let items = all.filter(|item| !touched.contains(item)).map(str::to_owned).collect();
        let mut records = history.records.clone();
        let filter = Filter { items: Some(items), ..filter };
        revert.rows = revert.rows.take(&[]);
        revert.manifest.revert.as_mut().unwrap().filter = filter;
        records.push(revert);
        let top = |states: BTreeMap<Identity, State>| states.into_iter().filter(|(_, state)| standing(*state)).collect::<Vec<_>>();
        prop_assert_eq!(top(fold(&records)), top(states(&before)));
    }

    #[test]
    fn a_labeler_reverted_was_never_there(mut history in history::history(), labeler in 0..4usize) {
        // What a cascade took stays taken, so none may have run before.
        for record in &mut history.records {
            record.manifest.revert.iter_mut().for_each(|revert| revert.cascade = Cascade::None);
        }
        let filter = Filter { labelers: vec![LABELERS[labeler].into()], ..Filter::default() };
        let mut with = history.records.clone();
        with.push(history::take_back(with.len(), history.heads(None), filter));
        let mut without = history.records.clone();
        for record in without.iter_mut().filter(|record| record.manifest.kind.is_judgement()) {
            let others: Vec<u32> = (0..record.rows.len() as u32)
                .filter(|row| record.rows.text(*row as usize, col::LABELER) != Some(LABELERS[labeler]))
                .collect();
            record.rows = record.rows.take(&others);
        }
        // An adjudication's key is not its maker's alone: hers still stand between those of others.
        let kept = |who: &Identity| who.labeler != LABELERS[labeler] && who.kind != Kind::Adjudications;
        let (mut with, mut without) = (fold(&with), fold(&without));
        prop_assert!(with.iter().all(|(who, state)| who.labeler != LABELERS[labeler] || *state == State::Reverted));
        with.retain(|who, _| kept(who));
        without.retain(|who, _| kept(who));
        prop_assert_eq!(with, without);
    }

    #[test]
    fn a_duplicate_import_adds_no_state(mut history in history::history(), which in any::<Index>()) {
        // A window on untimed rows reads when they were recorded, which differs for the duplicate.
        for record in &mut history.records {
            record.manifest.revert.iter_mut().filter(|revert| revert.concurrent).for_each(|revert| {
                (revert.filter.since, revert.filter.until) = (None, None);
            });
        }
        let batches: Vec<&Loaded> = history.records.iter().filter(|record| record.manifest.kind.is_judgement()).collect();
        prop_assume!(!batches.is_empty());
        let original = batches[which.index(batches.len())];
        let expected = fold(&history.records);
        // Beside every revert that was not seen.
        let mut records = history.records.clone();
        records.push(history::again(records.len(), vec![original.id], original));
        prop_assert_eq!(&fold(&records), &expected);
        // After everything, of rows that are live.
        let ledger = Ledger::fold(history.records.clone());
        let number = ledger.find_record(&original.id).unwrap();
        let live: Vec<u32> = (0..original.rows.len() as u32)
            .filter(|row| ledger.is_live(ledger.of_row(number, *row as usize).unwrap()))
            .collect();
        let mut records = history.records.clone();
        let mut copy = history::again(records.len(), history.heads(None), original);
        copy.rows = original.rows.take(&live);
        records.push(copy);
        prop_assert_eq!(&fold(&records), &expected);
    }

    #[test]
    fn joins_change_nothing(history in history::history(), replica in prop::option::of(0..3usize)) {
        let mut records = history.records.clone();
        records.push(history::join(records.len(), history.heads(replica)));
        prop_assert_eq!(fold(&records), fold(&history.records));
    }

    #[test]
    fn an_old_file_adds_nothing_whatever_came_since(
        history in history::history(),
        old in prop::collection::vec(history::row(), 1..4),
        new in prop::collection::vec(history::row(), 1..4),
        spec in prop::option::of(history::revert()),
    ) {
        let (old, new) = (history::table(Kind::Labels, &old), history::table(Kind::Labels, &new));
        let (mut history, wish) = (history, Wish::default());
        for (rows, days) in [(&old, 8), (&new, 9)] {
            let late = Timestamp::from_micros(days * Timestamp::DAY_MICROS).unwrap();
            let added = plan(&Ledger::fold(history.records.clone()), "t", rows, wish).to_add(rows, late);
            let (number, heads) = (history.records.len(), history.heads(None));
            let mut record = history::with_rows(number, heads, Kind::Labels, "t", added);
            record.manifest.recorded_at = late;
            history.records.push(record);
        }
        if let Some(spec) = spec {
            history.records.push(history.revert(history.heads(None), &spec));
        }
        let again = plan(&Ledger::fold(history.records), "t", &old, Wish { same_file: true, ..wish });
        prop_assert_eq!((0..old.len()).map(|row| again.of(row)).find(|row| adds(row)), None);
    }

    #[test]
    fn a_file_planned_twice_adds_nothing(
        mut history in history::history(),
        kind in prop::sample::select(vec![Kind::Labels, Kind::Predictions, Kind::Corrections, Kind::Adjudications]),
        mut specs in prop::collection::vec(history::row(), 1..8),
        again in any::<bool>(),
        amend in any::<bool>(),
    ) {
        // What is added again may bring back, out of a cascade's reach, what was built on it.
        for record in history.records.iter_mut().filter(|_| again) {
            record.manifest.revert.iter_mut().for_each(|revert| revert.cascade = Cascade::None);
        }
        let mut known = BTreeSet::new();
        // One row a key: a file that contradicts itself is a conflict that the next reading settles.
        let key = |spec: &RowSpec| (spec.item, if kind == Kind::Adjudications { 0 } else { spec.labeler });
        specs.retain(|spec| known.insert(key(spec)));
        let rows = history::table(kind, &specs);
        let wish = Wish { same_file: false, again, amend };
        let first = plan(&Ledger::fold(history.records.clone()), "t", &rows, wish);
        let late = Timestamp::from_micros(9 * Timestamp::DAY_MICROS).unwrap();
        let mut records = history.records.clone();
        let mut record = history::with_rows(records.len(), history.heads(None), kind, "t", first.to_add(&rows, late));
        record.manifest.recorded_at = late;
        records.push(record);
        let ledger = Ledger::fold(records);
        for (same_file, again) in [(true, false), (true, again), (false, again)] {
            let second = plan(&ledger, "t", &rows, Wish { same_file, again, amend });
            prop_assert_eq!((0..rows.len()).map(|row| second.of(row)).find(|row| adds(row)), None);
        }
        // And what an untimed row says, its labeler now says.
        for (row, disposition) in (0..rows.len()).map(|row| (row, first.of(row))) {
            let taken = matches!(disposition, Disposition::TakenBack { .. });
            if taken || rows.time(row, col::CREATED_AT).is_some() || kind == Kind::Adjudications {
                continue;
            }
            let (item, labeler) = (rows.text(row, col::ITEM).unwrap(), rows.text(row, col::LABELER).unwrap());
            let current = ledger.current_of("t", kind, item, labeler).map(|number| identity(&ledger, number).statement);
            prop_assert_eq!(current, Some(rows.statement(row).map(Into::into)));
        }
    }
}
