//! Rules put into noise are found, and noise has none.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Lists, Options, Reviews, Status, mine};

fn chance(share: f64, rng: &mut ChaCha8Rng) -> bool {
    f64::from(rng.next_u32()) < share * 4_294_967_296.0
}

const PREDICATES: u32 = 60;

/// How often predicates hold by noise, so that `length` of them hold together for one item in thirty.
fn share(length: u32) -> f64 {
    (1.0 / 30.0f64).powf(1.0 / f64::from(length))
}

/// Items of one row, a quarter held out. The first `length` predicates call for edit 0 in four of five; otherwise each of
/// four edits has one item in 25.
fn planted(seed: u64, length: u32) -> Reviews {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let rows = 2400;
    let mut predicates = Vec::new();
    let mut edits = Vec::new();
    for _ in 0..rows {
        let noise = |id: u32| if id < length { share(length) } else { 0.02 + 0.3 * f64::from(id) / 60.0 };
        let row: Vec<u32> = (0..PREDICATES).filter(|id| chance(noise(*id), &mut rng)).collect();
        let called = (0..length).all(|id| row.contains(&id)) && chance(0.8, &mut rng);
        let mut made: Vec<u32> = (0..4).filter(|_| chance(0.04, &mut rng)).collect();
        made.extend(called.then_some(0));
        predicates.push(row);
        edits.push(made);
    }
    Reviews {
        items: (0..rows).collect(),
        labelers: (0..rows).map(|row| row % 5).collect(),
        predicates: Lists::of(predicates),
        edits: Lists::of(edits),
        ranks: (0..PREDICATES).collect(),
        predicate_count: PREDICATES as usize,
        edit_count: 4,
        held_out: (0..rows).map(|row| row % 4 == 3).collect(),
    }
}

/// Returns the reviews with the edits of other items.
fn shuffled(reviews: Reviews, seed: u64) -> Reviews {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed);
    let mut rows: Vec<Vec<u32>> =
        (0..reviews.edits.len()).map(|row| reviews.edits.row(row).to_vec()).collect();
    for last in (1..rows.len()).rev() {
        rows.swap(last, ((u64::from(rng.next_u32()) * (last as u64 + 1)) >> 32) as usize);
    }
    Reviews { edits: Lists::of(rows), ..reviews }
}

/// What came of some runs.
#[derive(Debug, Default)]
struct Outcome {
    runs: u32,
    /// Runs in which exactly the planted rule is returned among others.
    found: u32,
    /// Runs in which it is accepted.
    accepted: u32,
    /// Rules returned that are not it.
    others: u32,
    /// Runs with any rule accepted that is not it.
    false_accepted: u32,
    /// Runs with any rule returned that is not it.
    false_returned: u32,
}

fn run(seeds: std::ops::Range<u64>, length: u32, of: impl Fn(Reviews, u64) -> Reviews) -> Outcome {
    let mut outcome = Outcome::default();
    for seed in seeds {
        let mined = mine(&of(planted(seed, length), seed), &Options::default());
        let when: Vec<u32> = (0..length).collect();
        let (own, others): (Vec<_>, Vec<_>) =
            mined.rules.iter().partition(|rule| rule.edit == 0 && rule.when == when);
        let accepted = |rules: &[&super::Rule]| rules.iter().any(|rule| rule.status == Status::Accepted);
        outcome.runs += 1;
        outcome.found += u32::from(!own.is_empty());
        outcome.accepted += u32::from(accepted(&own));
        outcome.others += others.len() as u32;
        outcome.false_accepted += u32::from(accepted(&others));
        outcome.false_returned += u32::from(!others.is_empty());
    }
    outcome
}

#[test]
fn planted_rules_of_one_two_and_three_predicates_are_found() {
    for length in 1..=3 {
        let outcome = run(0..8, length, |reviews, _| reviews);
        assert_eq!(outcome.found, outcome.runs, "{length}: {outcome:?}");
        assert!(outcome.accepted + 1 >= outcome.runs, "{length}: {outcome:?}");
    }
}

#[test]
fn shuffled_edits_have_no_rules() {
    for length in 1..=3 {
        let outcome = run(0..8, length, shuffled);
        assert_eq!((outcome.others, outcome.false_accepted), (0, 0), "{length}: {outcome:?}");
    }
}

/// Run with `cargo test --release -- --ignored`.
#[test]
#[ignore = "two thousand runs"]
fn planted_rules_are_found_and_shuffled_edits_have_none_over_many_seeds() {
    for length in 1..=3 {
        let found = run(0..300, length, |reviews, _| reviews);
        assert!(f64::from(found.found) >= 0.95 * f64::from(found.runs), "{length}: {found:?}");
        assert!(f64::from(found.accepted) >= 0.95 * f64::from(found.runs), "{length}: {found:?}");
        assert!(f64::from(found.false_returned) <= 0.1 * f64::from(found.runs), "{length}: {found:?}");
        let none = run(0..300, length, shuffled);
        assert!(f64::from(none.false_returned) <= 0.05 * f64::from(none.runs), "{length}: {none:?}");
        assert!(f64::from(none.false_accepted) <= 0.05 * f64::from(none.runs), "{length}: {none:?}");
    }
}
