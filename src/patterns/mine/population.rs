//! The rows that are counted, by dense ids of what takes part.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::matching::{Matching, gallop};
use super::names::{NONE, Names};
use super::postings::Postings;
use super::table::Table;
use super::{Lists, Reviews};

/// An edit of so many times as many rows as others are searched for them.
const SEARCH: usize = 8;

/// A row of an item with an edit.
#[derive(Clone, Copy)]
pub struct Scoped {
    /// The row.
    pub row: u32,
    /// Whether it made the edit.
    pub made: bool,
    /// How many rows of its item did.
    pub of_item: u32,
}

/// How far something spreads: items with rows that match, and items all of whose rows do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Items with rows that match.
    pub items: u32,
    /// Items without any that does not.
    pub throughout: u32,
}

impl Spread {
    /// Returns the spread of rows that are items of their own.
    pub fn of_rows(rows: usize) -> Self {
        Self { items: rows as u32, throughout: rows as u32 }
    }
}

/// Rows of items, numbered from 0 anew.
pub struct Population {
    /// Where each row is in the reviews.
    originals: Vec<u32>,
    item_of: Vec<u32>,
    /// Where the rows of each item begin, and at last where they end.
    runs: Vec<u32>,
    predicates: Lists,
    postings: Postings,
    spreads: Vec<Spread>,
    /// The rows of each edit.
    edits: Lists,
}

impl Population {
    /// Returns the rows of `reviews` that are held out or those that are not.
    pub fn of(reviews: &Reviews, names: &Names, held_out: bool) -> Self {
        let (mut originals, mut item_of, mut runs) = (Vec::new(), Vec::new(), vec![0]);
        for (item, run) in (0..).zip(reviews.runs(held_out)) {
            item_of.extend(run.clone().map(|_| item));
            originals.extend(run.map(|row| row as u32));
            runs.push(originals.len() as u32);
        }
        let predicates = translated(&reviews.predicates, &originals, &names.dense_predicates);
        let postings = Postings::of(&predicates, names.predicates.len());
        let edits = inverted(&translated(&reviews.edits, &originals, &names.dense_edits), names.edits.len());
        let mut population =
            Self { originals, item_of, runs, predicates, postings, spreads: Vec::new(), edits };
        let ids = 0..names.predicates.len() as u32;
        population.spreads =
            ids.into_par_iter().map(|id| population.spread(&population.postings.of_one(id))).collect();
        population
    }

    pub fn items(&self) -> u32 {
        self.runs.len() as u32 - 1
    }

    pub fn rows(&self) -> usize {
        self.originals.len()
    }

    pub fn edits(&self) -> usize {
        self.edits.len()
    }

    pub fn predicates(&self) -> usize {
        self.spreads.len()
    }

    /// Returns whether no item has two rows.
    pub fn is_plain(&self) -> bool {
        self.rows() == self.items() as usize
    }

    pub fn original(&self, row: u32) -> u32 {
        self.originals[row as usize]
    }

    pub fn item_of(&self, row: u32) -> u32 {
        self.item_of[row as usize]
    }

    /// Returns the rows of an item.
    pub fn run(&self, item: u32) -> Range<u32> {
        self.runs[item as usize]..self.runs[item as usize + 1]
    }

    /// Returns the predicates of a row, in no order.
    pub fn predicates_of(&self, row: u32) -> &[u32] {
        self.predicates.row(row as usize)
    }

    /// Returns predicates per row, rounded up.
    pub fn width(&self) -> usize {
        self.predicates.values.len().div_ceil(self.rows().max(1))
    }

    pub fn postings(&self) -> &Postings {
        &self.postings
    }

    /// Returns the rows with an edit.
    pub fn rows_with(&self, edit: u32) -> &[u32] {
        self.edits.row(edit as usize)
    }

    pub fn spread_of(&self, predicate: u32) -> Spread {
        self.spreads[predicate as usize]
    }

    /// Returns all rows of the items with an edit, ascending.
    pub fn scope(&self, edit: u32) -> impl Iterator<Item = Scoped> {
        let runs = self.rows_with(edit).chunk_by(|a, b| self.item_of(*a) == self.item_of(*b));
        runs.flat_map(|made| {
            let scoped =
                |row| Scoped { row, made: made.binary_search(&row).is_ok(), of_item: made.len() as u32 };
            self.run(self.item_of(made[0])).map(scoped)
        })
    }

    /// Returns the rows among `matching` of the items with an edit, ascending.
    pub fn scope_within(&self, edit: u32, matching: &Matching) -> Vec<Scoped> {
        let mut rows = Vec::new();
        if self.is_plain() {
            let made = Matching::List(Cow::Borrowed(self.rows_with(edit)));
            made.for_each_common(matching, |row| rows.push(Scoped { row, made: true, of_item: 1 }));
        } else if let Matching::List(few) = matching
            && few.len() * SEARCH < self.rows_with(edit).len()
        {
            self.scope_of_few(edit, few, &mut rows);
        } else {
            let mut cursor = matching.cursor();
            rows.extend(self.scope(edit).filter(|scoped| cursor.holds(scoped.row)));
        }
        rows
    }

    /// Appends those of `few` rows whose items have an edit: the edit's rows, of which there are many more, are searched.
    fn scope_of_few(&self, edit: u32, few: &[u32], rows: &mut Vec<Scoped>) {
        let mut left = self.rows_with(edit);
        for of_item in few.chunk_by(|a, b| self.item_of(*a) == self.item_of(*b)) {
            let run = self.run(self.item_of(of_item[0]));
            left = &left[gallop(left, run.start)..];
            let made = &left[..gallop(left, run.end)];
            if !made.is_empty() {
                let scoped = |row: &u32| Scoped {
                    row: *row,
                    made: made.binary_search(row).is_ok(),
                    of_item: made.len() as u32,
                };
                rows.extend(of_item.iter().map(scoped));
            }
        }
    }

    /// Returns how far `rows` spread.
    pub fn spread(&self, rows: &Matching) -> Spread {
        if self.is_plain() {
            return Spread::of_rows(rows.count());
        }
        let (mut spread, mut item, mut met) = (Spread::default(), NONE, 0);
        rows.for_each(|row| {
            if self.item_of(row) != item {
                (item, met) = (self.item_of(row), 0);
                spread.items += 1;
            }
            met += 1;
            spread.throughout += u32::from(met == self.run(item).len());
        });
        spread
    }

    /// Returns what an item adds to the hits of what matches, and to those of what does not beyond its being a hit as a
    /// whole: of its rows `matched` match, `made` of which made the edit, as `of_item` of all of them did.
    pub fn score(&self, item: u32, matched: u32, made: u32, of_item: u32) -> [i32; 2] {
        let rows = self.run(item).len() as u32;
        let hit = |made: u32, of: u32| i32::from(is_hit(made, of));
        [hit(made, matched), hit(of_item - made, rows - matched) - hit(of_item, rows)]
    }

    /// Returns items with the edit, and of them those of whose rows at least half made it.
    pub fn items_with(&self, edit: u32) -> [u32; 2] {
        let runs = self.rows_with(edit).chunk_by(|a, b| self.item_of(*a) == self.item_of(*b));
        runs.fold([0, 0], |[items, hits], made| {
            let rows = self.run(self.item_of(made[0])).len();
            [items + 1, hits + u32::from(2 * made.len() >= rows)]
        })
    }

    /// Returns the table of a rule whose predicates spread so far and whose items add up to `scores`; `hits` items are a
    /// hit as a whole.
    pub fn table_of(&self, spread: Spread, scores: [i32; 2], hits: u32) -> Table {
        Table {
            hits: scores[0] as u32,
            matches: spread.items,
            other_hits: hits.wrapping_add_signed(scores[1]),
            others: self.items() - spread.throughout,
        }
    }

    /// Returns the scores of an edit and of all items with rows among `matching`, added up.
    pub fn scores(&self, edit: u32, matching: &Matching) -> [i32; 2] {
        let mut sums = [0, 0];
        self.hits(edit, matching, |_, score| (0..2).for_each(|side| sums[side] += score[side]));
        sums
    }

    /// Calls `each` with every item that has both the edit and rows among `matching`, and with its score.
    pub fn hits(&self, edit: u32, matching: &Matching, mut each: impl FnMut(u32, [i32; 2])) {
        let mut rows = self.scope_within(edit, matching).into_iter().peekable();
        while let Some(first) = rows.next() {
            let item = self.item_of(first.row);
            let (mut matched, mut made) = (1, u32::from(first.made));
            while let Some(next) = rows.next_if(|next| self.item_of(next.row) == item) {
                matched += 1;
                made += u32::from(next.made);
            }
            each(item, self.score(item, matched, made, first.of_item));
        }
    }

    /// Returns the table, among rows of `short`, of those of `long`, all of which are there too, against the rest.
    /// `items` have rows of `short`.
    pub fn table_within(&self, edit: u32, short: &Matching, long: &Matching, items: u32) -> Table {
        let Spread { items: matches, throughout } = self.spread_within(short, long);
        let mut table = Table { hits: 0, matches, other_hits: 0, others: items - throughout };
        let mut in_long = long.cursor();
        let mut rows = self.scope_within(edit, short).into_iter().peekable();
        while let Some(first) = rows.next() {
            let item = self.item_of(first.row);
            let mut sides = [[0, 0]; 2];
            let mut next = Some(first);
            while let Some(scoped) = next {
                let side = &mut sides[usize::from(in_long.holds(scoped.row))];
                *side = [side[0] + 1, side[1] + u32::from(scoped.made)];
                next = rows.next_if(|next| self.item_of(next.row) == item);
            }
            let [other_hit, hit] = sides.map(|[rows, made]| u32::from(is_hit(made, rows)));
            table.hits += hit;
            table.other_hits += other_hit;
        }
        table
    }

    /// Returns how far `long` spreads among `short`: items with rows of it, and items all of whose rows of `short` are
    /// rows of it.
    fn spread_within(&self, short: &Matching, long: &Matching) -> Spread {
        let (mut spread, mut item, mut left) = (Spread::default(), NONE, 0);
        let mut cursor = short.cursor();
        long.for_each(|row| {
            if self.item_of(row) != item {
                item = self.item_of(row);
                left = self.run(item).filter(|row| cursor.holds(*row)).count();
                spread.items += 1;
            }
            left -= 1;
            spread.throughout += u32::from(left == 0);
        });
        spread
    }
}

/// Returns whether at least half of some rows made the edit.
fn is_hit(made: u32, rows: u32) -> bool {
    made > 0 && 2 * made >= rows
}

/// Returns the lists of `rows` with dense ids, those without one left out.
fn translated(lists: &Lists, rows: &[u32], dense: &[u32]) -> Lists {
    let known =
        |row: &u32| lists.row(*row as usize).iter().map(|id| dense[*id as usize]).filter(|id| *id != NONE);
    let mut starts = Vec::with_capacity(rows.len() + 1);
    starts.push(0);
    starts.extend(rows.iter().scan(0, |end, row| {
        *end += known(row).count();
        Some(*end)
    }));
    let mut values = Vec::with_capacity(starts[rows.len()]);
    rows.iter().for_each(|row| values.extend(known(row)));
    Lists { starts, values }
}

/// Returns the rows of each id.
fn inverted(lists: &Lists, count: usize) -> Lists {
    let mut starts = vec![0; count + 1];
    lists.values.iter().for_each(|id| starts[*id as usize + 1] += 1);
    (0..count).for_each(|id| starts[id + 1] += starts[id]);
    let mut next = starts.clone();
    let mut values = vec![0; lists.values.len()];
    for row in 0..lists.len() {
        for id in lists.row(row) {
            values[next[*id as usize]] = row as u32;
            next[*id as usize] += 1;
        }
    }
    Lists { starts, values }
}
