//! Who is compared with whom on one item, counted and never listed: thousands on either side are millions of pairs.

use super::Said;
use super::report::Apart;
use super::sides::ItemSides;

/// The pairs of one item, by outcome.
pub(super) struct Pairs {
    /// Outcomes of labelers on both sides, A's and B's.
    own: Vec<(usize, usize)>,
    /// Rows of A and B with each outcome, each of A's compared with each of B's; empty where there are none.
    crossed: [Vec<u64>; 2],
}

impl Pairs {
    /// Returns the pairs of two sides whose rows, sorted by labeler, have the outcomes `a` and `b`, out of `outcomes`.
    pub fn of(sides: &ItemSides<'_, '_>, (a, b): (&[usize], &[usize]), outcomes: usize) -> Self {
        let place =
            |side: &[Said<'_>], labeler: &str| side.binary_search_by(|one| one.labeler.cmp(labeler)).ok();
        let both = |i: usize| Some((a[i], b[place(sides.b, sides.a[i].labeler)?]));
        let own: Vec<(usize, usize)> = (0..a.len()).filter_map(both).collect();
        // Whether the rows of a side that has somebody alone are those alone, or all.
        let (some_a, some_b) = (a.len() > own.len(), b.len() > own.len());
        let counts = |one: &[Said<'_>], places: &[usize], other: &[Said<'_>], alone: bool| {
            let mut counts = vec![0; outcomes];
            let taken = |row: &Said<'_>| !alone || place(other, row.labeler).is_none();
            one.iter().zip(places).filter(|(row, _)| taken(row)).for_each(|(_, place)| counts[*place] += 1);
            counts
        };
        let crossed = match some_a || some_b {
            true => [counts(sides.a, a, sides.b, some_a), counts(sides.b, b, sides.a, some_b)],
            false => [Vec::new(), Vec::new()],
        };
        Self { own, crossed }
    }

    /// Returns how many there are.
    pub fn count(&self) -> u64 {
        let [a, b] = &self.crossed;
        self.own.len() as u64 + a.iter().sum::<u64>() * b.iter().sum::<u64>()
    }

    /// Returns how many say the same.
    pub fn alike(&self) -> u64 {
        self.alike_where(|_| true)
    }

    /// Returns how many have the same outcome, one that `chosen` chooses.
    pub fn alike_where(&self, chosen: impl Fn(usize) -> bool) -> u64 {
        let own = self.own.iter().filter(|(one, other)| one == other && chosen(*one)).count() as u64;
        let [a, b] = &self.crossed;
        let crossed = a.iter().zip(b).enumerate().filter(|(place, _)| chosen(*place));
        own + crossed.map(|(_, (one, other))| one * other).sum::<u64>()
    }

    /// Gives the outcomes of A and B with how many pairs of rows have them, some in several parts.
    pub fn each(&self, mut each: impl FnMut(usize, usize, u64)) {
        self.own.iter().for_each(|(one, other)| each(*one, *other, 1));
        let [a, b] = self.crossed.each_ref().map(|side| {
            side.iter().copied().enumerate().filter(|(_, count)| *count > 0).collect::<Vec<(usize, u64)>>()
        });
        for (one, rows) in a {
            b.iter().for_each(|(other, others)| each(one, *other, rows * others));
        }
    }

    /// Returns for each of `apart`, in any order, how many pairs of rows are so far apart, with the distance.
    pub fn distances<'r>(
        &'r self,
        apart: impl Iterator<Item = Apart> + 'r,
    ) -> impl Iterator<Item = (u64, u64)> + 'r {
        let mut own: Vec<(usize, usize)> =
            self.own.iter().map(|(one, other)| (*one.min(other), *one.max(other))).collect();
        own.sort_unstable();
        apart.map(move |Apart { one, other, distance }| {
            let from = own.partition_point(|pair| *pair < (one, other));
            let to = own.partition_point(|pair| *pair <= (one, other));
            let [a, b] = &self.crossed;
            let crossed = if a.is_empty() { 0 } else { a[one] * b[other] + a[other] * b[one] };
            ((to - from) as u64 + crossed, distance)
        })
    }
}
