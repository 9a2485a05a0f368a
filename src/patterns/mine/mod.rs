//! Rules WHEN up to three predicates ⇒ edit, mined from reviews.
//!
//! In: [`Reviews`], rows of dense ids (which predicates hold for a reviewed row, which edits it got). Out: [`Mined`], the
//! rules that hold beyond chance, each with its table, its p and q, and what the held-out items say of it.
//!
//! The unit is the item, for rows of one item are not independent. A rule's 2 × 2 table sets the items with rows that
//! match against the items with rows that do not; an item is a hit of a side when at least half of its rows on that side
//! made the edit. With one row an item it is the plain table. p is Fisher's, one-sided; q is Benjamini and Hochberg's over
//! the whole space that was searched ([`Mined::tested`]), not over the rules that were met on the way.
//!
//! Invariant: the outcome is the same for any number of threads, and renaming ids changes ids alone. Every sum is of whole
//! numbers, and ties go by rank, then id.

#[cfg(test)]
mod brute;
mod check;
mod describe;
mod discoveries;
mod fisher;
#[cfg(test)]
mod laws;
mod lists;
mod matching;
mod names;
mod nodes;
mod options;
mod pairs;
#[cfg(test)]
mod planted;
mod population;
mod postings;
mod reviews;
mod rules;
mod search;
mod select;
mod space;
mod table;
mod tally;

pub use lists::Lists;
pub use options::Options;
pub use reviews::Reviews;
pub use rules::{Mined, Rule, Status, Why};

use check::Check;
use names::Names;
use population::Population;
use search::Search;
use space::Space;

/// Mines `reviews`.
///
/// Items held out take no part but in `holdout_matches`, `holdout_support`, `holdout_precision` and `status`. Rules are
/// returned in order of edit, then p, then length.
pub fn mine(reviews: &Reviews, options: &Options) -> Mined {
    let names = Names::of(reviews, options.min_support);
    let population = Population::of(reviews, &names, false);
    let space = Space::of(&population, options);
    let found = Search::new(&population, options).run();
    let (kept, redundant) = select::select(&population, found, &space, options);
    let check = Check::of(reviews, &names, &kept);
    let rules = describe::describe(reviews, &population, &names, &check, kept, options);
    Mined {
        rules,
        tested: space.tested(),
        items: u64::from(population.items()),
        rows: population.rows() as u64,
        held_out_items: check.items(),
        redundant,
    }
}
