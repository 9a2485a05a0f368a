//! What changes nothing.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::brute::any_reviews;
use super::{Lists, Mined, Options, Reviews, Rule, Status, mine};

/// What lets much through.
fn loose() -> Options {
    Options { min_support: 2, min_labelers: 1, min_precision: 0.2, level: 1.0, ..Options::default() }
}

/// Returns the reviews with items added that have neither predicates nor edits.
fn with_blanks(reviews: &Reviews, blanks: u32) -> Reviews {
    let mut reviews = reviews.clone();
    for blank in 0..blanks {
        reviews.items.push(1000 + blank);
        reviews.labelers.push(blank % 3);
        reviews.held_out.push(false);
        for lists in [&mut reviews.predicates, &mut reviews.edits] {
            lists.starts.push(lists.values.len());
        }
    }
    reviews
}

fn by_name(mined: &Mined) -> BTreeMap<(u32, Vec<u32>), &Rule> {
    mined.rules.iter().map(|rule| ((rule.edit, rule.when.clone()), rule)).collect()
}

/// Returns the lists with every id renamed.
fn renamed(lists: &Lists, names: &[u32]) -> Lists {
    Lists::of(
        (0..lists.len()).map(|row| lists.row(row).iter().map(|id| names[*id as usize]).collect::<Vec<u32>>()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn other_items_without_anything_change_no_support(
        reviews in prop_oneof![any_reviews(1), any_reviews(3)],
        blanks in 1u32..40,
    ) {
        let (before, after) = (mine(&reviews, &loose()), mine(&with_blanks(&reviews, blanks), &loose()));
        prop_assert_eq!(after.items, before.items + u64::from(blanks));
        let after = by_name(&after);
        for (name, rule) in by_name(&before) {
            let Some(later) = after.get(&name) else { continue };
            let counts = |rule: &Rule| (rule.support, rule.matches, rule.rows, rule.corrections, rule.coverage);
            prop_assert_eq!(counts(rule), counts(later));
            prop_assert!(later.base_rate <= rule.base_rate);
        }
    }

    #[test]
    fn renamed_ids_change_nothing_but_ids(
        reviews in any_reviews(2),
        predicates in Just((0u32..6).collect::<Vec<_>>()).prop_shuffle(),
        edits in Just((0u32..3).collect::<Vec<_>>()).prop_shuffle(),
        ranks in Just((0u32..6).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let reviews = Reviews { ranks, ..reviews };
        let mut ranks = vec![0; 6];
        (0..6).for_each(|id| ranks[predicates[id] as usize] = reviews.ranks[id]);
        let other = Reviews {
            predicates: renamed(&reviews.predicates, &predicates),
            edits: renamed(&reviews.edits, &edits),
            ranks,
            ..reviews.clone()
        };
        let mut expected = mine(&reviews, &loose());
        for rule in &mut expected.rules {
            rule.edit = edits[rule.edit as usize];
            rule.when.iter_mut().for_each(|id| *id = predicates[*id as usize]);
            rule.when.sort_unstable();
        }
        expected.rules.sort_by_key(|rule| rule.edit);
        prop_assert_eq!(mine(&other, &loose()), expected);
    }

    #[test]
    fn threads_change_nothing(reviews in prop_oneof![any_reviews(1), any_reviews(3)], beam in 1usize..4) {
        let options = Options { beam, ..loose() };
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| mine(&reviews, &options))
        };
        prop_assert_eq!(with(1), with(3));
    }
}

#[test]
fn nothing_is_mined_of_nothing() {
    let mined = mine(&Reviews::default(), &Options::default());
    assert_eq!((mined.rules.len(), mined.tested, mined.items, mined.held_out_items), (0, 0, 0, 0));
}

/// Forty items, half with the predicate, which alone calls for the edit; `people` labelers, `held_out` items of four.
fn plain(people: u32, held_out: u32) -> Mined {
    let rows = 0u32..80;
    let of = |row: u32| if row.is_multiple_of(2) { vec![0] } else { vec![1] };
    let reviews = Reviews {
        items: rows.clone().collect(),
        labelers: rows.clone().map(|row| row / 2 % people).collect(),
        predicates: Lists::of(rows.clone().map(of)),
        edits: Lists::of(rows.clone().map(|row| if row.is_multiple_of(2) { vec![0] } else { vec![] })),
        ranks: vec![0, 1],
        predicate_count: 2,
        edit_count: 1,
        held_out: rows.map(|row| row / 2 % 4 < held_out).collect(),
    };
    mine(&reviews, &Options::default())
}

#[test]
fn a_rule_of_one_person_is_style_and_one_that_nothing_checks_a_candidate() {
    let status = |mined: Mined| mined.rules.iter().map(|rule| rule.status).collect::<Vec<_>>();
    assert_eq!(status(plain(1, 1)), [Status::Style]);
    assert_eq!(status(plain(2, 1)), [Status::Accepted]);
    assert_eq!(status(plain(2, 0)), [Status::Candidate]);
}

#[test]
fn q_allows_for_every_test_of_each_length() {
    let mined = plain(2, 0);
    // One edit × two predicates; no row has two of them.
    assert_eq!(mined.tested, 2);
    let rule = &mined.rules[0];
    assert!((rule.q / (rule.p * 3.0 * 2.0) - 1.0).abs() < 1e-12);
}

/// Predicate 1 is lacked by `lacking` items of twenty, predicate 0 by half.
#[test]
fn a_predicate_that_fewer_than_min_support_items_lack_takes_no_part() {
    let tested = |lacking: u32| {
        let rows = 0u32..20;
        let of =
            |row: u32| (row.is_multiple_of(2).then_some(0)).into_iter().chain((row >= lacking).then_some(1));
        let reviews = Reviews {
            items: rows.clone().collect(),
            labelers: vec![0; 20],
            predicates: Lists::of(rows.clone().map(of)),
            edits: Lists::of(rows.map(|row| (row < 5).then_some(0))),
            ranks: vec![0, 1],
            predicate_count: 2,
            edit_count: 1,
            held_out: vec![false; 20],
        };
        mine(&reviews, &Options { max_when: 1, ..Options::default() }).tested
    };
    assert_eq!([tested(2), tested(3)], [1, 2]);
}
