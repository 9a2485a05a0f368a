//! One item: what the sides say of it, who is compared with whom, and how far the texts are apart.

use std::collections::BTreeMap;

use super::report::{Apart, ItemDiff, Version};
use super::sides::ItemSides;
use super::{Answer, Said};
use crate::edit;
use crate::record::Verdict;

/// Texts that take longer to compare than anybody waits are not measured when both have more code points than this
/// and they are no more alike than [`LIKENESS`].
const LONG: usize = 50_000;
/// See [`LONG`].
const LIKENESS: f64 = 0.95;

/// What a row comes to, to be compared: a label; or the text that comes of a correction, else its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Outcome<'a> {
    /// The label or text.
    pub text: Option<&'a str>,
    /// Of a correction of which no text comes.
    pub verdict: Option<Verdict>,
}

impl<'a> Outcome<'a> {
    fn of(said: &Said<'a>) -> Self {
        match said.answer {
            Answer::Label(label) => Self { text: label, verdict: None },
            Answer::Correction { verdict, original, corrected } => {
                let text = match verdict {
                    Verdict::Approved => corrected.or(original),
                    Verdict::Rejected => None,
                    Verdict::Corrected | Verdict::Suggested => corrected,
                };
                Self { text, verdict: if text.is_some() { None } else { Some(verdict) } }
            }
        }
    }
}

/// Returns the distance of two texts in code points; `None` where it was too much to ask.
pub(super) fn distance(one: &str, other: &str) -> Option<u64> {
    let long = |text: &str| text.len() > LONG && text.chars().nth(LONG).is_some();
    let measured = !(long(one) && long(other)) || edit::more_similar_than(one, other, LIKENESS);
    measured.then(|| edit::distance(one, other) as u64)
}

/// One item, compared.
pub(super) struct Compared<'a> {
    /// The distinct outcomes, sorted.
    pub outcomes: Vec<Outcome<'a>>,
    /// Which outcome each row of A has.
    pub a: Vec<usize>,
    /// Which outcome each row of B has.
    pub b: Vec<usize>,
    /// Which row of A is compared with which row of B.
    pub pairs: Vec<(usize, usize)>,
    /// How far the text of each of A's rows is from its original: `None` where either is missing, `Some(None)` where
    /// that was not measured.
    pub made_a: Vec<Option<Option<u64>>>,
    /// The same of B's rows.
    pub made_b: Vec<Option<Option<u64>>>,
    /// The distance of outcome `i` from outcome `j < i`, row by row; empty for labels.
    distances: Vec<Option<u64>>,
}

impl<'a> Compared<'a> {
    /// Compares what the sides say.
    pub fn of(sides: &ItemSides<'_, 'a>) -> Self {
        let of = |side: &[Said<'a>]| side.iter().map(Outcome::of).collect::<Vec<_>>();
        let (a, b) = (of(sides.a), of(sides.b));
        let mut outcomes: Vec<Outcome<'a>> = a.iter().chain(&b).copied().collect();
        outcomes.sort_unstable();
        outcomes.dedup();
        let place = |one: &Outcome<'a>| outcomes.partition_point(|other| other < one);
        let places = |side: &[Outcome<'a>]| side.iter().map(place).collect::<Vec<_>>();
        let (a, b) = (places(&a), places(&b));
        let text = sides.a.iter().chain(sides.b).any(|one| matches!(one.answer, Answer::Correction { .. }));
        let mut measured = Distances::default();
        let distances = if text { measured.of_all(&outcomes) } else { Vec::new() };
        let mut of = |rows: &[Said<'a>], places: &[usize]| -> Vec<Option<Option<u64>>> {
            rows.iter()
                .zip(places)
                .map(|(row, place)| Some(measured.of(original(row)?, outcomes[*place].text?)))
                .collect()
        };
        let (made_a, made_b) = (of(sides.a, &a), of(sides.b, &b));
        Self { a, b, pairs: pairs(sides.a, sides.b), made_a, made_b, distances, outcomes }
    }

    /// Whether every pair says the same.
    pub fn is_alike(&self) -> bool {
        self.pairs.iter().all(|(i, j)| self.a[*i] == self.b[*j])
    }

    /// Returns how many pairs say the same.
    pub fn pairs_alike(&self) -> u64 {
        self.pairs.iter().filter(|(i, j)| self.a[*i] == self.b[*j]).count() as u64
    }

    /// Returns the distance of two outcomes, 0 of one from itself; `None` where a text is missing or it was not measured.
    pub fn distance(&self, one: usize, other: usize) -> Option<u64> {
        let (low, high) = (one.min(other), one.max(other));
        match low == high {
            true => self.outcomes[low].text.map(|_| 0),
            false => self.distances.get(high * (high - 1) / 2 + low).copied().flatten(),
        }
    }

    /// Iterates over the cells of the matrix: A's label and B's of each pair.
    pub fn cells(&self) -> impl Iterator<Item = (Option<&'a str>, Option<&'a str>)> {
        self.pairs.iter().map(|(i, j)| (self.outcomes[self.a[*i]].text, self.outcomes[self.b[*j]].text))
    }

    /// Returns the item as the report has it.
    pub fn report(&self, sides: &ItemSides<'_, 'a>) -> ItemDiff {
        let originals = originals(sides);
        let shared = originals.first().copied().flatten().filter(|_| originals.len() == 1);
        let version = |place: usize| {
            let of = |rows: &[Said<'a>], places: &[usize], made: &[Option<Option<u64>>]| {
                let rows = rows.iter().zip(places).zip(made).filter(|((_, at), _)| **at == place);
                rows.map(|((row, _), made)| (*row, made.flatten())).collect::<Vec<_>>()
            };
            let (a, b) = (of(sides.a, &self.a, &self.made_a), of(sides.b, &self.b, &self.made_b));
            version(self.outcomes[place].text, (&a, &b), shared.is_some())
        };
        let places = 0..self.outcomes.len();
        let apart = places.clone().flat_map(|other| (0..other).map(move |one| (one, other)));
        let apart =
            apart.filter_map(|(one, other)| Some(Apart { one, other, distance: self.distance(one, other)? }));
        ItemDiff {
            item: sides.item.to_owned(),
            original: shared.map(str::to_owned),
            apart: apart.collect(),
            versions: places.map(version).collect(),
        }
    }
}

/// Distances that were measured: rows of one item mostly have one original, and one of them often leaves it as it is.
#[derive(Default)]
struct Distances<'a>(BTreeMap<(&'a str, &'a str), Option<u64>>);

impl<'a> Distances<'a> {
    /// Returns the distance of two texts, measured once.
    fn of(&mut self, one: &'a str, other: &'a str) -> Option<u64> {
        *self.0.entry((one.min(other), one.max(other))).or_insert_with(|| distance(one, other))
    }

    /// Returns the distances of all pairs of outcomes, `None` where one has no text.
    fn of_all(&mut self, outcomes: &[Outcome<'a>]) -> Vec<Option<u64>> {
        let below = (0..outcomes.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        below.map(|(i, j)| self.of(outcomes[j].text?, outcomes[i].text?)).collect()
    }
}

/// Returns the distinct originals that rows of corrections give, sorted.
fn originals<'a>(sides: &ItemSides<'_, 'a>) -> Vec<Option<&'a str>> {
    let rows = sides.a.iter().chain(sides.b);
    let mut originals: Vec<Option<&str>> = rows.filter_map(|row| original(row).map(Some)).collect();
    originals.sort_unstable();
    originals.dedup();
    originals
}

/// Returns the text that a correction judges.
pub(super) fn original<'a>(said: &Said<'a>) -> Option<&'a str> {
    match said.answer {
        Answer::Correction { original, .. } => original,
        Answer::Label(_) => None,
    }
}

/// Rows with how far each is from its original.
type Measured<'a> = [(Said<'a>, Option<u64>)];

fn version(says: Option<&str>, (a, b): (&Measured<'_>, &Measured<'_>), shared: bool) -> Version {
    let rows = || a.iter().chain(b);
    let verdict = |row: &Said<'_>| match row.answer {
        Answer::Correction { verdict, .. } => Some(verdict),
        Answer::Label(_) => None,
    };
    // Of several originals the first by text, so that it does not matter which side a row is on.
    let own = rows().filter_map(|(row, made)| Some((original(row)?, *made))).min();
    let names = |rows: &Measured<'_>| rows.iter().map(|(row, _)| row.labeler.to_owned()).collect();
    Version {
        says: says.map(str::to_owned),
        verdict: rows().filter_map(|(row, _)| verdict(row)).min(),
        original: own.filter(|_| !shared).map(|(original, _)| original.to_owned()),
        distance: own.and_then(|(_, made)| made),
        a: names(a),
        b: names(b),
    }
}

/// Returns who is compared with whom: rows of `a` and `b`, each by labeler.
fn pairs(a: &[Said<'_>], b: &[Said<'_>]) -> Vec<(usize, usize)> {
    let place = |side: &[Said<'_>], labeler: &str| side.binary_search_by(|one| one.labeler.cmp(labeler)).ok();
    let mut pairs: Vec<(usize, usize)> =
        (0..a.len()).filter_map(|i| Some((i, place(b, a[i].labeler)?))).collect();
    let alone = |one: &[Said<'_>], other: &[Said<'_>]| {
        (0..one.len()).filter(|i| place(other, one[*i].labeler).is_none()).collect::<Vec<_>>()
    };
    let (alone_a, alone_b) = (alone(a, b), alone(b, a));
    let (with_a, with_b) = match (alone_a.is_empty(), alone_b.is_empty()) {
        (true, true) => return pairs,
        (false, true) => (alone_a, (0..b.len()).collect()),
        (true, false) => ((0..a.len()).collect(), alone_b),
        (false, false) => (alone_a, alone_b),
    };
    pairs.extend(with_a.iter().flat_map(|i| with_b.iter().map(move |j| (*i, *j))));
    pairs
}
