//! The search: every single predicate with every edit, then the best of each edit with one predicate more.
//!
//! The best have the least p, of any precision, so that two predicates that say little alone may say much together; what
//! is precise already is not made longer. Rules of one `when` are made longer together, for how far its predicates spread
//! with any other does not depend on the edit.

use rayon::prelude::*;

use super::Options;
use super::fisher::log_upper_tail;
use super::matching::Matching;
use super::nodes::{Node, Step};
use super::pairs::Pairs;
use super::population::{Population, Scoped, Spread};
use super::table::Table;
use super::tally::{Tallies, Tally};

/// What an edit has with a predicate: scores, see [`Population::score`].
type Scores = (u32, [i32; 2]);

/// So close to the level ln p counts as being at it, that no machine's last digit decides.
pub const ROUNDING: f64 = 1e-9;

/// A search of one population.
pub struct Search<'a> {
    population: &'a Population,
    options: &'a Options,
    tallies: Tallies,
    /// Of each edit, items that are a hit as a whole.
    hits: Vec<u32>,
    /// Of each edit, the predicates it occurs with in enough items.
    singles: Vec<Vec<Scores>>,
    pairs: Option<Pairs>,
    log_level: f64,
}

impl<'a> Search<'a> {
    pub fn new(population: &'a Population, options: &'a Options) -> Self {
        let tallies = Tallies::new(population.predicates());
        let edits = 0..population.edits() as u32;
        let hits = edits.clone().map(|edit| population.items_with(edit)[1]).collect();
        let least = options.min_support.max(1);
        let single = |edit| {
            tallies.with(|tally| {
                let score = |item, matched, made, of_item| population.score(item, matched, made, of_item);
                tally.count(population, population.scope(edit), score);
                tally.drain(least)
            })
        };
        let singles = edits.into_par_iter().map(single).collect();
        let pairs = (options.max_when > 1).then(|| Pairs::of(population)).flatten();
        Self { population, options, tallies, hits, singles, pairs, log_level: options.level.ln() + ROUNDING }
    }

    /// Returns every rule met that lifts precision over those with one predicate less, whatever its q.
    pub fn run(&self) -> Vec<Node> {
        let beam = self.options.beam;
        if self.options.max_when == 0 {
            return Vec::new();
        }
        let edits = (0..self.population.edits() as u32).into_par_iter();
        let steps: Vec<Step> = edits.map(|edit| self.single(edit)).collect();
        let Step { mut rules, mut longer } = Step::together(steps, beam);
        for length in 2..=self.options.max_when {
            longer.sort_unstable_by(Node::by_predicates);
            let groups: Vec<&[Node]> = longer.chunk_by(|a, b| a.when == b.when).collect();
            let steps =
                groups.into_par_iter().with_max_len(1).map(|nodes| self.extend(nodes, length)).collect();
            let step = Step::together(steps, beam);
            rules.extend(step.rules);
            longer = step.longer;
        }
        rules
    }

    /// Returns the rules of one predicate of an edit.
    fn single(&self, edit: u32) -> Step {
        let mut step = Step::default();
        for (predicate, scores) in &self.singles[edit as usize] {
            let table = self.population.table_of(
                self.population.spread_of(*predicate),
                *scores,
                self.hits[edit as usize],
            );
            self.sort_in(Node { edit, when: vec![*predicate], table, log_p: 0.0 }, None, &mut step);
        }
        step.keep_best(self.options.beam);
        step
    }

    /// Puts a rule where it belongs; `parent` is the one it was made of.
    fn sort_in(&self, mut node: Node, parent: Option<&Node>, step: &mut Step) {
        if !node.table.lifts() {
            return;
        }
        let precision = node.table.precision();
        let extends = node.when.len() < self.options.max_when && precision <= 1.0 - self.options.margin;
        let base_rate = node.table.base_rate();
        let above = parent.map_or(base_rate, |parent| parent.table.precision().max(base_rate));
        let serves = precision >= self.options.min_precision && precision >= above + self.options.margin;
        if !extends && !serves {
            return;
        }
        node.log_p = node.table.log_p();
        if serves && node.log_p <= self.log_level && self.improves(&node, parent) {
            step.rules.push(node.clone());
        }
        if extends {
            step.longer.push(node);
        }
    }

    /// Returns whether every predicate of a rule lifts its precision: by the margin, and beyond chance.
    fn improves(&self, node: &Node, parent: Option<&Node>) -> bool {
        let Some(parent) = parent else { return true };
        let of_parent = |place: &usize| parent.when.binary_search(&node.when[*place]).is_err();
        // That of the parent is at hand; no other is counted where it fails already.
        let places =
            (0..node.when.len()).filter(of_parent).chain((0..node.when.len()).filter(|at| !of_parent(at)));
        places.into_iter().all(|place| {
            let mut short = node.when.clone();
            short.remove(place);
            let table = match of_parent(&place) {
                true => parent.table,
                false => self.table(node.edit, &short),
            };
            self.needs(node, &short, &table)
        })
    }

    /// Returns whether a rule says more than one with one predicate less.
    fn needs(&self, node: &Node, short: &[u32], table: &Table) -> bool {
        if node.table.precision() < table.precision() + self.options.margin {
            return false;
        }
        let within = match self.population.is_plain() {
            true => remainder(table, &node.table),
            false if least_log_p(table, &node.table) > self.log_level_of_lifting(node.edit) + ROUNDING => {
                return false;
            }
            false => {
                let [short, long] = [short, &node.when].map(|when| self.population.postings().of_all(when));
                self.population.table_within(node.edit, &short, &long, table.matches)
            }
        };
        within.log_p() <= self.log_level_of_lifting(node.edit)
    }

    /// Returns ln of the p that a further predicate must reach: the level shared out among all that are tried, for one in
    /// twenty of them would pass by chance.
    fn log_level_of_lifting(&self, edit: u32) -> f64 {
        self.log_level - (self.singles[edit as usize].len() as f64).ln()
    }

    /// Returns the table of any rule.
    fn table(&self, edit: u32, when: &[u32]) -> Table {
        let (population, singles) = (self.population, &self.singles[edit as usize]);
        if let [one] = when
            && let Ok(place) = singles.binary_search_by_key(one, |(predicate, _)| *predicate)
        {
            let spread = population.spread_of(*one);
            return population.table_of(spread, singles[place].1, self.hits[edit as usize]);
        }
        let rows = population.postings().of_all(when);
        let scores = population.scores(edit, &rows);
        population.table_of(population.spread(&rows), scores, self.hits[edit as usize])
    }

    /// Returns what rules of the same `when` come to with one predicate more.
    fn extend(&self, nodes: &[Node], length: usize) -> Step {
        let last = length == self.options.max_when;
        let rows = self.population.postings().of_all(&nodes[0].when);
        let scores: Vec<Vec<Scores>> = nodes.par_iter().map(|node| self.scores(node, &rows, last)).collect();
        let mut wanted: Vec<u32> = scores.iter().flatten().map(|(predicate, _)| *predicate).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let spreads = self.spreads(&nodes[0].when, &rows, &wanted);
        let extended = nodes.par_iter().zip(scores).map(|(node, scores)| {
            let mut step = Step::default();
            for (predicate, scores) in scores {
                let place = wanted.partition_point(|other| *other < predicate);
                let table = self.population.table_of(spreads[place], scores, self.hits[node.edit as usize]);
                let mut when = node.when.clone();
                when.insert(when.partition_point(|other| *other < predicate), predicate);
                self.sort_in(Node { edit: node.edit, when, table, log_p: 0.0 }, Some(node), &mut step);
            }
            step.keep_best(self.options.beam);
            step
        });
        Step::together(extended.collect(), self.options.beam)
    }

    /// Returns what a rule's edit has, where the rule matches, with every further predicate it occurs with in enough
    /// items; of rules that are not made longer again only what might improve them.
    fn scores(&self, node: &Node, matching: &Matching, last: bool) -> Vec<Scores> {
        let population = self.population;
        let mut scores = self.tallies.with(|tally| {
            let rows = population.scope_within(node.edit, matching).into_iter();
            let score = |item, matched, made, of_item| population.score(item, matched, made, of_item);
            tally.count(population, rows, score);
            tally.drain(self.options.min_support.max(1))
        });
        scores.retain(|(predicate, scores)| {
            let hopeless = last && self.is_hopeless(node.edit, &node.table, scores[0] as u32);
            !hopeless && !node.when.contains(predicate)
        });
        scores
    }

    /// Returns whether so many hits could not improve a rule beyond chance even if nothing else matched.
    ///
    /// With several rows an item this is [`least_log_p`] of as many matches as hits.
    fn is_hopeless(&self, edit: u32, short: &Table, hits: u32) -> bool {
        let twice = if self.population.is_plain() { 0 } else { hits };
        // What matches further may have hits that the rule has not: where most of an item's rows match no further.
        let all = short.hits.max(hits);
        let step = |hit| f64::from(all - hit) / f64::from(short.matches + twice - hit);
        // The product of these is Fisher's p of the table without misses.
        let p: f64 = (0..hits).map(step).product();
        p.ln() > self.log_level_of_lifting(edit) + ROUNDING
    }

    /// Returns how far `rows`, those of `when`, spread with each of `wanted`: predicate by predicate, or all in one go over its rows,
    /// whichever is less to do.
    fn spreads(&self, when: &[u32], rows: &Matching, wanted: &[u32]) -> Vec<Spread> {
        if let ([one], Some(pairs)) = (when, &self.pairs) {
            return wanted.iter().map(|other| Spread::of_rows(pairs.get(*one, *other))).collect();
        }
        let postings = self.population.postings();
        let at_once = 2 * rows.count() * self.population.width();
        let mut one_by_one = 0;
        for predicate in wanted {
            one_by_one += rows.steps(&postings.of_one(*predicate));
            if one_by_one > at_once {
                return self.tallies.with(|tally| self.spreads_at_once(rows, wanted, tally));
            }
        }
        let plain = self.population.is_plain();
        let spread = |predicate: &u32| match plain {
            true => Spread::of_rows(rows.count_common(&postings.of_one(*predicate))),
            false => self.population.spread(&rows.and(&postings.of_one(*predicate))),
        };
        wanted.par_iter().with_min_len(8).map(spread).collect()
    }

    fn spreads_at_once(&self, rows: &Matching, wanted: &[u32], tally: &mut Tally) -> Vec<Spread> {
        let mut listed = Vec::with_capacity(rows.count());
        rows.for_each(|row| listed.push(row));
        let scoped = listed.into_iter().map(|row| Scoped { row, made: false, of_item: 0 });
        tally.count(self.population, scoped, |item, matched, _, _| {
            [1, i32::from(matched as usize == self.population.run(item).len())]
        });
        let spread = |predicate: &u32| {
            let [items, throughout] = tally.get(*predicate).map(|count| count as u32);
            Spread { items, throughout }
        };
        let spreads = wanted.iter().map(spread).collect();
        tally.clear();
        spreads
    }
}

/// Returns what ln of Fisher's p of a rule against the rest of a shorter one is at least, with several rows an item.
///
/// An item that is a hit of the shorter one is a hit of the rule, of the rest, or of both: the rest has at least the other
/// hits. It has at most as many items as the shorter one. p falls with fewer hits in all and with more items.
fn least_log_p(short: &Table, long: &Table) -> f64 {
    let [hits, matches, all_hits, items] =
        [long.hits, long.matches, short.hits.max(long.hits), short.matches + long.matches].map(u64::from);
    log_upper_tail(hits, matches, all_hits, items)
}

/// Returns the table of a rule against the rest of a shorter one; one row an item.
fn remainder(short: &Table, long: &Table) -> Table {
    let (other_hits, others) = (short.hits - long.hits, short.matches - long.matches);
    Table { hits: long.hits, matches: long.matches, other_hits, others }
}
