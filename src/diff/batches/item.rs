//! One item: what the sides say of it, who is compared with whom, and how far the texts are apart.

use super::apart::{Distances, Known};
use super::pairs::Pairs;
use super::report::{ItemDiff, ItemVersion};
use super::sides::ItemSides;
use super::{Answer, Said};
use crate::record::Verdict;

/// Distances between versions of one item that are told.
const APART: usize = 6;

/// What a row comes to, to be compared: a label; or the text that comes of a correction, else its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Outcome<'a> {
    /// The label or text.
    pub text: Option<&'a str>,
    /// Of a correction of which no text comes.
    pub verdict: Option<Verdict>,
}

impl<'a> Outcome<'a> {
    /// Returns what `said` comes to.
    pub fn of(said: &Said<'a>) -> Self {
        match said.answer {
            Answer::Label(label) => Self { text: label, verdict: None },
            Answer::Correction { verdict, original, corrected } => {
                let text = verdict.wanted(original, corrected);
                Self { text, verdict: if text.is_some() { None } else { Some(verdict) } }
            }
        }
    }
}

/// One item, compared.
pub(super) struct Compared<'a> {
    /// The distinct outcomes, sorted.
    pub outcomes: Vec<Outcome<'a>>,
    /// Which outcome each row of A has.
    pub a: Vec<usize>,
    /// Which outcome each row of B has.
    pub b: Vec<usize>,
    /// Which rows of A are compared with which rows of B.
    pub pairs: Pairs,
    /// How far the text of each of A's rows is from its original: `None` where either is missing, `Some(None)` where
    /// that was not measured.
    pub made_a: Vec<Option<Option<u64>>>,
    /// The same of B's rows.
    pub made_b: Vec<Option<Option<u64>>>,
    /// How far outcomes are apart; nothing of labels.
    pub distances: Distances,
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
        let mut known = Known::default();
        let distances = if text { Distances::of(&outcomes, &mut known) } else { Distances::default() };
        let mut of = |rows: &[Said<'a>], places: &[usize]| -> Vec<Option<Option<u64>>> {
            rows.iter()
                .zip(places)
                .map(|(row, place)| Some(known.distance(original(row)?, outcomes[*place].text?)))
                .collect()
        };
        let (made_a, made_b) = (of(sides.a, &a), of(sides.b, &b));
        Self { pairs: Pairs::of(sides, (&a, &b), outcomes.len()), a, b, made_a, made_b, distances, outcomes }
    }

    /// Whether every pair says the same.
    pub fn is_alike(&self) -> bool {
        self.pairs.alike() == self.pairs.count()
    }

    /// Gives each cell of the matrix, A's label and B's, with how many pairs are in it.
    pub fn cells(&self, mut each: impl FnMut((Option<&'a str>, Option<&'a str>), u64)) {
        let text = |place: usize| self.outcomes[place].text;
        self.pairs.each(|one, other, count| each((text(one), text(other)), count));
    }

    /// Returns the item as the report has it.
    pub fn report(&self, sides: &ItemSides<'_, 'a>) -> ItemDiff {
        let originals = originals(sides);
        let shared = originals.first().copied().flatten().filter(|_| originals.len() == 1);
        let by_outcome = |rows: &[Said<'a>], places: &[usize], made: &[Option<Option<u64>>]| {
            let mut sorted = vec![Vec::new(); self.outcomes.len()];
            for ((row, place), made) in rows.iter().zip(places).zip(made) {
                sorted[*place].push((*row, made.flatten()));
            }
            sorted
        };
        let a = by_outcome(sides.a, &self.a, &self.made_a);
        let b = by_outcome(sides.b, &self.b, &self.made_b);
        let said = self.outcomes.iter().zip(a.iter().zip(&b));
        let versions: Vec<ItemVersion> =
            said.map(|(outcome, (a, b))| version(outcome.text, (a, b), shared.is_some())).collect();
        // What did not change is as far from the others as they are from the original.
        let changed = |place: usize| versions[place].distance != Some(0);
        let told = || self.distances.iter().filter(|one| changed(one.one) && changed(one.other));
        ItemDiff {
            item: sides.item.to_owned(),
            original: shared.map(str::to_owned),
            apart: told().take(APART).collect(),
            apart_more: told().count().saturating_sub(APART) as u64,
            versions,
        }
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

fn version(says: Option<&str>, (a, b): (&Measured<'_>, &Measured<'_>), shared: bool) -> ItemVersion {
    let rows = || a.iter().chain(b);
    let verdict = |row: &Said<'_>| match row.answer {
        Answer::Correction { verdict, .. } => Some(verdict),
        Answer::Label(_) => None,
    };
    // Of several originals the first by text, so that it does not matter which side a row is on.
    let own = rows().filter_map(|(row, made)| Some((original(row)?, *made))).min();
    let names = |rows: &Measured<'_>| rows.iter().map(|(row, _)| row.labeler.to_owned()).collect();
    ItemVersion {
        says: says.map(str::to_owned),
        verdict: rows().filter_map(|(row, _)| verdict(row)).min(),
        original: own.filter(|_| !shared).map(|(original, _)| original.to_owned()),
        distance: own.and_then(|(_, made)| made),
        a: names(a),
        b: names(b),
    }
}
