//! Laws of joint policies: what they find depends on the votes of all items, and on nothing else.

use hitl::base::Digest;
use hitl::consensus::Model;
use hitl::ledger::{How, Ledger, Outcome, Settled, Verdicts, resolve};
use hitl::record::{Filter, Kind, Policy};
use hitl::snapshot::{Error, Overview, Rule, SettledBy, Snapshot, create, emit, parse, verify};
use hitl::table::Table;
use proptest::prelude::*;

use crate::history::{History, by, label_rows, play, steps};
use crate::snapshot::{in_pieces, made, rule, task, without};

const JOINT: [Policy; 5] =
    [Policy::Weighted, Policy::DawidSkene, Policy::OneCoin, Policy::Glad, Policy::Mace];

fn joint(policy: Policy, min_labels: u32) -> Rule {
    let mut rule = Rule::new(&task(), policy, min_labels, rule(policy).split);
    rule.policy.parameters = Model::of(policy).unwrap().parameters();
    rule
}

fn table(ledger: &Ledger) -> Table {
    let tables = ledger.find_task("tone").map(|tone| Table::from_ledger(ledger, tone, None));
    Table::join(&tables.into_iter().collect::<Vec<_>>(), Some(&task().classes))
}

fn verdicts(ledger: &Ledger, rule: &Rule) -> Verdicts {
    let model = Model::with_parameters(rule.policy.name, &rule.policy.parameters).unwrap();
    model.verdicts(&table(ledger)).unwrap()
}

fn frozen(ledger: &Ledger, policy: Policy) -> Snapshot {
    let rule = joint(policy, 1);
    let verdicts = verdicts(ledger, &rule);
    create(ledger, rule, &Overview::Verdicts(verdicts)).unwrap()
}

fn digests(ledger: &Ledger) -> Vec<Digest> {
    JOINT.iter().map(|policy| frozen(ledger, *policy).digest).collect()
}

/// Three labelers, of whom zoe always says otherwise; all agree on the last item.
fn history() -> History {
    let mut history = History::default();
    let items: Vec<String> = (0..12).map(|item| format!("i{item:02}")).collect();
    let mut said = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let (truth, other) = if number % 3 == 0 { ("yes", "no") } else { ("no", "yes") };
        said.push((item.as_str(), "ana", truth, Some(2)));
        said.push((item.as_str(), "bob", truth, Some(4)));
        said.push((item.as_str(), "zoe", other, Some(6)));
    }
    said.push(("last", "zoe", "yes", Some(8)));
    history.labels(&[], 10, &said);
    history
}

#[test]
fn an_item_is_held_against_what_its_labelers_say_elsewhere() {
    let ledger = history().ledger();
    let label = |policy| frozen(&ledger, policy).rows.last().map(|row| row.label.clone());
    // Who always says otherwise is believed by those who cannot say so, and seen through by who can.
    assert_eq!(label(Policy::Weighted).as_deref(), Some("yes"));
    assert_eq!(label(Policy::DawidSkene).as_deref(), Some("no"));
}

#[test]
fn adjudications_win_and_their_items_still_tell_how_good_labelers_are() {
    let mut history = history();
    let before = frozen(&history.ledger(), Policy::DawidSkene);
    let heads = history.heads();
    let rows = label_rows(Kind::Adjudications, &[("i01", "eve", "maybe", Some(20))]);
    history.rows(Kind::Adjudications, &heads, 30, rows);
    let after = frozen(&history.ledger(), Policy::DawidSkene);
    for (was, is) in before.rows.iter().zip(&after.rows) {
        match is.item.as_str() {
            "i01" => assert_eq!((is.label.as_str(), is.settled), ("maybe", SettledBy::Adjudication)),
            _ => assert_eq!(was, is),
        }
    }
    assert_ne!(before.digest, after.digest);
}

#[test]
fn items_with_too_few_labels_stay_without_one() {
    let ledger = history().ledger();
    let rule = joint(Policy::Mace, 2);
    let snapshot = create(&ledger, rule.clone(), &Overview::Verdicts(verdicts(&ledger, &rule))).unwrap();
    assert_eq!((snapshot.counts.resolved, snapshot.counts.too_few), (12, 1));
}

#[test]
fn nothing_is_made_up_where_nobody_looked_at_all_items() {
    let ledger = history().ledger();
    let rule = joint(Policy::Glad, 1);
    assert_eq!(create(&ledger, rule.clone(), &Overview::Nothing), Err(Error::NoOverview(Policy::Glad)));
    assert_eq!(
        create(&ledger, rule, &Overview::Verdicts(Verdicts::default())),
        Err(Error::NoOverview(Policy::Glad))
    );
}

#[test]
fn parameters_are_part_of_lock_and_digest() {
    let ledger = history().ledger();
    let rule = joint(Policy::DawidSkene, 1);
    let first = frozen(&ledger, Policy::DawidSkene);
    let lock = first.lock(made(), Vec::new());
    assert_eq!(parse(emit(&lock).as_bytes()).unwrap(), lock);
    assert!(verify(&lock, &ledger, &Overview::Verdicts(verdicts(&ledger, &lock.rule))).unwrap().0.ok);
    let mut other = rule;
    other.policy.parameters.insert("smoothing".into(), "0.02".into());
    let second = create(&ledger, other.clone(), &Overview::Verdicts(verdicts(&ledger, &other))).unwrap();
    assert_eq!(first.rows, second.rows);
    assert_ne!(first.digest, second.digest);
    other.policy.version = 2;
    assert!(matches!(other.check_version(), Err(Error::OtherAlgorithm(2))));
}

#[test]
fn threads_do_not_matter() {
    let ledger = history().ledger();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| digests(&ledger))
    };
    let one = with(1);
    assert!(one == with(2) && one == with(3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_vote_is_an_entry_of_the_table_and_no_other(steps in steps()) {
        let ledger = play(&steps).ledger();
        let how = How::by(Policy::Majority, 1);
        let resolved = ledger.find_task("tone").map(|tone| resolve(&ledger, tone, how)).unwrap_or_default();
        let votes: u32 = resolved.iter().map(|one| one.votes).sum();
        prop_assert_eq!(table(&ledger).labels(), votes as usize);
    }

    #[test]
    fn order_and_batches_do_not_matter(steps in steps(), seed in any::<u64>()) {
        let history = play(&steps);
        let mut shuffled = history.records.clone();
        shuffled.sort_by_key(|record| Digest::of(format!("{seed} {}", record.id).as_bytes()));
        let first = digests(&history.ledger());
        prop_assert_eq!(&first, &digests(&Ledger::fold(shuffled)));
    }

    #[test]
    fn one_batch_or_many_is_one_digest(steps in steps()) {
        let history = play(&steps);
        if let Some(batch) = history.records.iter().find(|record| record.manifest.kind == Kind::Labels) {
            let mut batch = batch.clone();
            batch.manifest.parents.clear();
            let (one, pieces) = (Ledger::fold(in_pieces(&batch)), Ledger::fold(vec![batch]));
            prop_assert_eq!(digests(&one), digests(&pieces));
        }
    }

    #[test]
    fn a_labeler_reverted_was_never_there(steps in steps(), labeler in 0..3_usize) {
        let labeler = ["ana", "bob", "eve"][labeler];
        let mut history = play(&steps);
        let never = Ledger::fold(without(&history.records, labeler));
        history.revert(&history.heads(), 500, Filter { kinds: vec![Kind::Labels], ..by(labeler) }, false);
        prop_assert_eq!(digests(&history.ledger()), digests(&never));
    }

    #[test]
    fn every_item_with_votes_has_a_verdict(steps in steps()) {
        let ledger = play(&steps).ledger();
        let verdicts = verdicts(&ledger, &joint(Policy::DawidSkene, 1));
        let how = How { verdicts: Some(&verdicts), ..How::by(Policy::DawidSkene, 1) };
        let tone = ledger.find_task("tone");
        for one in tone.map(|tone| resolve(&ledger, tone, how)).unwrap_or_default() {
            let by_policy = matches!(one.outcome, Outcome::Label(_, Settled::Policy) | Outcome::Tie);
            prop_assert!(one.outcome != Outcome::Unknown && (!by_policy || one.votes > 0));
        }
    }
}
