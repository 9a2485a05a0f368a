//! The same by counting every conjunction from the rows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::fisher::log_upper_tail;
use super::names::Names;
use super::population::Population;
use super::search::{ROUNDING, Search};
use super::table::Table;
use super::{Lists, Options, Reviews, Rule, Status, Why, mine};
use crate::base::proportion::wilson;

/// A row: its predicates, its edits, who reviewed it.
type Row = (Vec<u32>, Vec<u32>, u32);

fn reviews(items: Vec<(Vec<Row>, bool)>, ranks: Vec<u32>) -> Reviews {
    let rows: Vec<(u32, Row, bool)> = (0..)
        .zip(items)
        .flat_map(|(item, (rows, held_out))| rows.into_iter().map(move |row| (item, row, held_out)))
        .collect();
    Reviews {
        items: rows.iter().map(|(item, ..)| *item).collect(),
        labelers: rows.iter().map(|(_, row, _)| row.2).collect(),
        predicates: Lists::of(rows.iter().map(|(_, row, _)| row.0.clone())),
        edits: Lists::of(rows.iter().map(|(_, row, _)| row.1.clone())),
        predicate_count: ranks.len(),
        ranks,
        edit_count: 3,
        held_out: rows.iter().map(|(.., held_out)| *held_out).collect(),
    }
}

/// Up to sixty items of up to `rows` rows, six predicates; the first two call for the first edit more often than not.
pub fn any_reviews(rows: usize) -> impl Strategy<Value = Reviews> {
    let row = (prop::collection::vec(0u32..6, 0..5), prop::collection::vec(0u32..3, 0..2), 0u32..3, 0u32..10);
    let row = row.prop_map(|(predicates, mut edits, labeler, called): (Vec<u32>, Vec<u32>, u32, u32)| {
        if predicates.contains(&0) && predicates.contains(&1) && called < 8 {
            edits.push(0);
        }
        (predicates, edits, labeler)
    });
    let item = (prop::collection::vec(row, 1..=rows), prop::bool::weighted(0.3));
    (prop::collection::vec(item, 1..60), prop::collection::vec(0u32..4, 6))
        .prop_map(|(items, ranks)| reviews(items, ranks))
}

fn any_options() -> impl Strategy<Value = Options> {
    let numbers = (1u32..4, 1u32..3, prop::sample::select(vec![0.1, 0.5]));
    (
        numbers,
        prop::sample::select(vec![0.0, 0.05, 0.3]),
        prop::sample::select(vec![0.2, 1.0, 6.0]),
        1usize..4,
    )
        .prop_map(|((min_support, min_labelers, min_precision), margin, level, max_when)| Options {
            min_support,
            min_labelers,
            min_precision,
            margin,
            max_when,
            level,
            beam: 1000,
        })
}

/// Rows of each item, held out or not, of which `of` holds.
fn runs(reviews: &Reviews, held_out: bool, of: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let mut runs = BTreeMap::<u32, Vec<usize>>::new();
    let rows = (0..reviews.items.len()).filter(|row| reviews.held_out[*row] == held_out && of(*row));
    rows.for_each(|row| runs.entry(reviews.items[row]).or_default().push(row));
    runs.into_values().collect()
}

fn holds(reviews: &Reviews, when: &[u32], row: usize) -> bool {
    when.iter().all(|predicate| reviews.predicates.row(row).contains(predicate))
}

fn made(reviews: &Reviews, edit: u32, row: usize) -> bool {
    reviews.edits.row(row).contains(&edit)
}

/// Returns items, and of them those of whose rows at least half made the edit.
fn count(reviews: &Reviews, edit: u32, runs: &[Vec<usize>]) -> [u32; 2] {
    let hit = |rows: &&Vec<usize>| {
        let makers = rows.iter().filter(|row| made(reviews, edit, **row)).count();
        makers > 0 && 2 * makers >= rows.len()
    };
    [runs.len() as u32, runs.iter().filter(hit).count() as u32]
}

/// Returns the table of `when` among the mined rows that match `among`.
fn table(reviews: &Reviews, edit: u32, when: &[u32], among: &[u32]) -> Table {
    let side = |matches: bool| {
        let of = |row| holds(reviews, among, row) && holds(reviews, when, row) == matches;
        count(reviews, edit, &runs(reviews, false, of))
    };
    let ([matches, hits], [others, other_hits]) = (side(true), side(false));
    Table { hits, matches, other_hits, others }
}

fn log_p(table: &Table) -> f64 {
    let [a, b, c, d] = [table.hits, table.matches, table.other_hits, table.others].map(u64::from);
    log_upper_tail(a, b, a + c, b + d)
}

fn shorter(when: &[u32]) -> impl Iterator<Item = Vec<u32>> {
    (0..when.len()).map(|place| {
        let mut shorter = when.to_vec();
        shorter.remove(place);
        shorter
    })
}

/// What a rule must be, written out.
struct Brute<'a> {
    reviews: &'a Reviews,
    options: &'a Options,
    predicates: Vec<u32>,
}

impl Brute<'_> {
    fn extends(&self, edit: u32, when: &[u32]) -> bool {
        let table = table(self.reviews, edit, when, &[]);
        table.hits >= self.options.min_support
            && table.lifts()
            && table.precision() <= 1.0 - self.options.margin
            && self.is_met(edit, when)
    }

    fn is_met(&self, edit: u32, when: &[u32]) -> bool {
        when.len() == 1 || shorter(when).any(|shorter| self.extends(edit, &shorter))
    }

    fn lifts(&self, edit: u32, when: &[u32], short: &[u32]) -> bool {
        let with = |when: &[u32]| table(self.reviews, edit, when, &[]);
        let tried =
            self.predicates.iter().filter(|one| with(&[**one]).hits >= self.options.min_support).count();
        let within = table(self.reviews, edit, when, short);
        with(when).precision() >= with(short).precision() + self.options.margin
            && log_p(&within) <= (self.options.level / tried as f64).ln() + ROUNDING
    }

    fn is_rule(&self, edit: u32, when: &[u32]) -> bool {
        let table = table(self.reviews, edit, when, &[]);
        table.hits >= self.options.min_support
            && table.lifts()
            && table.precision() >= self.options.min_precision
            && table.precision() >= table.base_rate() + self.options.margin
            && log_p(&table) <= self.options.level.ln() + ROUNDING
            && (when.len() == 1 || shorter(when).all(|short| self.lifts(edit, when, &short)))
            && self.is_met(edit, when)
    }

    fn rules(&self, edits: &[u32]) -> BTreeSet<(u32, Vec<u32>)> {
        let mut rules = BTreeSet::new();
        for set in 1u32..1 << self.reviews.predicate_count {
            let when: Vec<u32> = (0..6).filter(|bit| set >> bit & 1 == 1).collect();
            let mined =
                when.len() <= self.options.max_when && when.iter().all(|one| self.predicates.contains(one));
            let of = edits.iter().filter(|edit| mined && self.is_rule(**edit, &when));
            rules.extend(of.map(|edit| (*edit, when.clone())));
        }
        rules
    }
}

/// Returns what is wrong with the numbers of a rule, all of them counted anew.
fn fault(reviews: &Reviews, options: &Options, rule: &Rule) -> Result<(), TestCaseError> {
    let table = table(reviews, rule.edit, &rule.when, &[]);
    prop_assert_eq!((rule.matches, rule.support), (u64::from(table.matches), u64::from(table.hits)));
    let rows: Vec<usize> =
        runs(reviews, false, |row| holds(reviews, &rule.when, row)).into_iter().flatten().collect();
    let (with, without): (Vec<usize>, Vec<usize>) =
        rows.iter().partition(|row| made(reviews, rule.edit, **row));
    let labelers: BTreeSet<u32> = with.iter().map(|row| reviews.labelers[*row]).collect();
    let counted = (rows.len() as u64, with.len() as u64, labelers.len() as u64);
    prop_assert_eq!((rule.rows, rule.corrections, rule.labelers), counted);
    let items = runs(reviews, false, |row| made(reviews, rule.edit, row)).len();
    prop_assert_eq!(rule.coverage, f64::from(table.hits) / items as f64);
    prop_assert!((rule.p.ln() - log_p(&table)).abs() < 1e-9);
    prop_assert!(rule.q >= rule.p * (1.0 - 1e-9) && rule.q <= options.level * (1.0 + 1e-9));
    let held_out = runs(reviews, true, |row| holds(reviews, &rule.when, row));
    let [matches, hits] = count(reviews, rule.edit, &held_out).map(u64::from);
    prop_assert_eq!((rule.holdout_matches, rule.holdout_support), (matches, hits));
    let enough = matches >= u64::from(options.min_support);
    let (n, share) = (matches as f64, hits as f64 / matches as f64);
    let high = wilson(share, 1.0 - share, n, 1.959_963_984_540_054)[1];
    let confirmed = enough && share >= options.min_precision && high >= rule.precision_low;
    let expected = match (labelers.len() < options.min_labelers as usize, confirmed, enough) {
        (true, ..) => (Status::Style, None),
        (_, true, _) => (Status::Accepted, None),
        _ if reviews.held_out.iter().all(|held_out| !held_out) => {
            (Status::Candidate, Some(Why::NothingHeldOut))
        }
        (.., false) => (Status::Candidate, Some(Why::FewHeldOut)),
        _ => (Status::Candidate, Some(Why::NotConfirmed)),
    };
    prop_assert_eq!((rule.status, rule.why), expected);
    for (examples, rows) in [(&rule.examples, with), (&rule.counterexamples, without)] {
        let items: BTreeSet<u32> = rows.iter().map(|row| reviews.items[*row]).collect();
        let people: BTreeSet<u32> = rows.iter().map(|row| reviews.labelers[*row]).collect();
        prop_assert!(examples.iter().all(|row| rows.contains(&(*row as usize))));
        let distinct: BTreeSet<u32> = examples.iter().map(|row| reviews.items[*row as usize]).collect();
        prop_assert_eq!((examples.len(), distinct.len()), (items.len().min(3), items.len().min(3)));
        let shown: BTreeSet<u32> = examples.iter().map(|row| reviews.labelers[*row as usize]).collect();
        let plain = reviews.items.windows(2).all(|pair| pair[0] != pair[1]);
        prop_assert!(!plain || shown.len() == people.len().min(3));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_search_meets_exactly_the_rules_that_counting_everything_finds(
        reviews in prop_oneof![any_reviews(1), any_reviews(3)],
        options in any_options(),
    ) {
        let names = Names::of(&reviews, options.min_support);
        let population = Population::of(&reviews, &names, false);
        let found = Search::new(&population, &options).run();
        for node in &found {
            let mut when: Vec<u32> = node.when.iter().map(|place| names.predicates[*place as usize]).collect();
            when.sort_unstable();
            let expected = table(&reviews, names.edits[node.edit as usize], &when, &[]);
            prop_assert_eq!(node.table, expected);
            prop_assert!((node.log_p - log_p(&expected)).abs() < 1e-12);
        }
        let met: BTreeSet<(u32, Vec<u32>)> = found.iter().map(|node| {
            let when: BTreeSet<u32> = node.when.iter().map(|place| names.predicates[*place as usize]).collect();
            (names.edits[node.edit as usize], when.into_iter().collect())
        }).collect();
        prop_assert_eq!(met.len(), found.len());
        let brute = Brute { reviews: &reviews, options: &options, predicates: names.predicates.clone() };
        prop_assert_eq!(met, brute.rules(&names.edits));
    }

    #[test]
    fn the_table_within_a_shorter_rule_is_that_of_its_rows(
        reviews in any_reviews(3),
        when in prop::collection::btree_set(0u32..6, 1..4),
        edit in 0u32..3,
    ) {
        let names = Names::only(&reviews, (0..6).collect(), (0..3).collect());
        let population = Population::of(&reviews, &names, false);
        let when: Vec<u32> = when.into_iter().collect();
        let rows = |when: &[u32]| population.postings().of_all(when);
        for short in shorter(&when) {
            let items = population.spread(&rows(&short)).items;
            let found = population.table_within(edit, &rows(&short), &rows(&when), items);
            prop_assert_eq!(found, table(&reviews, edit, &when, &short));
        }
    }

    #[test]
    fn every_number_of_a_rule_is_that_of_its_rows(
        reviews in prop_oneof![any_reviews(1), any_reviews(3)],
        options in any_options(),
    ) {
        for rule in mine(&reviews, &options).rules {
            fault(&reviews, &options, &rule)?;
        }
    }
}
