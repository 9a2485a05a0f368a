//! The numbers of a rule, counted from its rows.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::check::Check;
use super::names::Names;
use super::nodes::Node;
use super::population::Population;
use super::select::Kept;
use super::table::interval;
use super::{Options, Reviews, Rule, Status, Why};

/// How many rows stand for a rule.
const EXAMPLES: usize = 3;

/// Returns the rules in the order of `kept`.
pub fn describe(
    reviews: &Reviews,
    population: &Population,
    names: &Names,
    check: &Check,
    kept: Vec<Kept>,
    options: &Options,
) -> Vec<Rule> {
    let of = |kept: Kept| {
        let rows = Rows::of(reviews, population, &kept.node);
        let held_out = check.confirm(&kept.node);
        let mut rule = numbers(population, names, &kept, rows, held_out);
        (rule.status, rule.why) = judge(&rule, check.items(), options);
        rule
    };
    kept.into_par_iter().map(of).collect()
}

fn numbers(
    population: &Population,
    names: &Names,
    kept: &Kept,
    rows: Rows,
    [holdout_matches, holdout_support]: [u64; 2],
) -> Rule {
    let Kept { node: Node { edit, when, table, log_p }, log_q } = kept;
    let mut when: Vec<u32> = when.iter().map(|predicate| names.predicates[*predicate as usize]).collect();
    when.sort_unstable();
    let (precision, base_rate) = (table.precision(), table.base_rate());
    let [precision_low, precision_high] = table.interval();
    Rule {
        when,
        edit: names.edits[*edit as usize],
        status: Status::Candidate,
        why: None,
        matches: u64::from(table.matches),
        support: u64::from(table.hits),
        rows: rows.rows,
        corrections: rows.corrections,
        labelers: rows.labelers.len() as u64,
        coverage: f64::from(table.hits) / f64::from(population.items_with(*edit)[0]),
        precision,
        precision_low,
        precision_high,
        base_rate,
        lift: precision / base_rate,
        weighted_relative_accuracy: f64::from(table.matches) / table.total() * (precision - base_rate),
        p: log_p.exp().max(f64::MIN_POSITIVE),
        q: log_q.exp().max(f64::MIN_POSITIVE),
        holdout_matches,
        holdout_support,
        holdout_precision: (holdout_matches > 0).then(|| holdout_support as f64 / holdout_matches as f64),
        examples: rows.examples.rows(),
        counterexamples: rows.counterexamples.rows(),
    }
}

/// Returns how far a rule that is beyond chance may be trusted.
fn judge(rule: &Rule, held_out_items: u64, options: &Options) -> (Status, Option<Why>) {
    let few = rule.holdout_matches < u64::from(options.min_support.max(1));
    let reaches = interval(rule.holdout_support, rule.holdout_matches)[1] >= rule.precision_low;
    let confirmed =
        rule.holdout_precision.is_some_and(|precision| precision >= options.min_precision) && reaches;
    match rule {
        rule if rule.labelers < u64::from(options.min_labelers) => (Status::Style, None),
        _ if held_out_items == 0 => (Status::Candidate, Some(Why::NothingHeldOut)),
        _ if few => (Status::Candidate, Some(Why::FewHeldOut)),
        _ if !confirmed => (Status::Candidate, Some(Why::NotConfirmed)),
        _ => (Status::Accepted, None),
    }
}

/// The rows that match a rule.
#[derive(Default)]
struct Rows {
    rows: u64,
    corrections: u64,
    labelers: BTreeSet<u32>,
    examples: Examples,
    counterexamples: Examples,
}

impl Rows {
    fn of(reviews: &Reviews, population: &Population, node: &Node) -> Self {
        let mut rows = Self::default();
        let mut made = population.rows_with(node.edit).iter().peekable();
        population.postings().of_all(&node.when).for_each(|row| {
            while made.next_if(|next| **next < row).is_some() {}
            let (item, original) = (population.item_of(row), population.original(row));
            let labeler = reviews.labelers[original as usize];
            rows.rows += 1;
            if made.next_if_eq(&&row).is_some() {
                rows.corrections += 1;
                rows.labelers.insert(labeler);
                rows.examples.offer(Example { row: original, item, labeler });
            } else {
                rows.counterexamples.offer(Example { row: original, item, labeler });
            }
        });
        rows
    }
}

/// A row that may stand for a rule.
#[derive(Clone, Copy)]
struct Example {
    row: u32,
    item: u32,
    labeler: u32,
}

/// The first rows of distinct items and labelers, and the first of distinct items to fill up with.
#[derive(Default)]
struct Examples {
    first: Vec<Example>,
    spare: Vec<Example>,
}

impl Examples {
    fn offer(&mut self, row: Example) {
        if self.first.len() == EXAMPLES {
            return;
        }
        if self.first.iter().all(|chosen| chosen.item != row.item && chosen.labeler != row.labeler) {
            self.first.push(row);
        }
        // As many as that are left when those of the items of the first are taken away.
        if self.spare.len() < 2 * EXAMPLES && self.spare.iter().all(|spare| spare.item != row.item) {
            self.spare.push(row);
        }
    }

    fn rows(mut self) -> Vec<u32> {
        for spare in self.spare {
            if self.first.len() < EXAMPLES && self.first.iter().all(|chosen| chosen.item != spare.item) {
                self.first.push(spare);
            }
        }
        let mut rows: Vec<u32> = self.first.iter().map(|example| example.row).collect();
        rows.sort_unstable();
        rows
    }
}
