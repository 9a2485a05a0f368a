//! The rows of each predicate: a list, or bits where that is smaller.

use std::borrow::Cow;

use super::Lists;
use super::matching::Matching;

/// Where the rows of a predicate are.
#[derive(Clone, Copy)]
enum Place {
    List { start: usize, end: usize },
    Bits { start: usize },
}

/// The rows of each predicate.
pub struct Postings {
    places: Vec<Place>,
    lists: Vec<u32>,
    bits: Vec<u64>,
    /// Words of 64 rows.
    words: usize,
    rows: usize,
}

impl Postings {
    /// Returns the rows of each of `count` predicates.
    pub fn of(predicates: &Lists, count: usize) -> Self {
        let rows = predicates.len();
        let words = rows.div_ceil(64);
        let mut sizes = vec![0usize; count];
        predicates.values.iter().for_each(|predicate| sizes[*predicate as usize] += 1);
        let (mut listed, mut set) = (0, 0);
        // Bits are the smaller ones once more than one row in 32 has the predicate.
        let place = |size: &usize| match *size > 2 * words {
            true => {
                set += words;
                Place::Bits { start: set - words }
            }
            false => {
                listed += size;
                Place::List { start: listed - size, end: listed - size }
            }
        };
        let places: Vec<Place> = sizes.iter().map(place).collect();
        let mut postings = Self { places, lists: vec![0; listed], bits: vec![0; set], words, rows };
        (0..rows).for_each(|row| postings.add(row, predicates.row(row)));
        postings
    }

    fn add(&mut self, row: usize, predicates: &[u32]) {
        for predicate in predicates {
            match &mut self.places[*predicate as usize] {
                Place::Bits { start } => self.bits[*start + row / 64] |= 1 << (row % 64),
                Place::List { end, .. } => {
                    self.lists[*end] = row as u32;
                    *end += 1;
                }
            }
        }
    }

    /// Returns the rows of a predicate.
    pub fn of_one(&self, predicate: u32) -> Matching<'_> {
        match self.places[predicate as usize] {
            Place::List { start, end } => Matching::List(Cow::Borrowed(&self.lists[start..end])),
            Place::Bits { start } => Matching::Bits(Cow::Borrowed(&self.bits[start..start + self.words])),
        }
    }

    /// Returns the rows for which all of `when` hold: all there are for none.
    pub fn of_all(&self, when: &[u32]) -> Matching<'_> {
        let mut all = when.iter().map(|predicate| self.of_one(*predicate));
        let Some(first) = all.next() else {
            return Matching::List(Cow::Owned((0..self.rows as u32).collect()));
        };
        all.fold(first, |met, next| met.and(&next))
    }
}
