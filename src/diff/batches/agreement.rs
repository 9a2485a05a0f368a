//! How far the corrections of one item agree, summed over items in whole numbers.

use super::Said;
use super::item::Compared;
use super::report::{CorrectionStats, Made, PairStats};
use super::sides::ItemSides;

/// Sums over the items of one part.
#[derive(Default)]
pub(super) struct Sums {
    made: [MadeSum; 2],
    within: [PairSum; 2],
    between: PairSum,
    together: PairSum,
}

impl Sums {
    /// Adds one item.
    pub fn add(&mut self, compared: &Compared<'_>, sides: &ItemSides<'_, '_>) {
        let [made_a, made_b] = &mut self.made;
        made_a.add(sides.a, &compared.made_a);
        made_b.add(sides.b, &compared.made_b);
        let count = |sum: &mut PairSum, rows: &mut dyn Iterator<Item = usize>| {
            let mut counts = vec![0; compared.outcomes.len()];
            rows.for_each(|place| counts[place] += 1);
            sum.add_counts(&counts, compared);
        };
        let [within_a, within_b] = &mut self.within;
        count(within_a, &mut compared.a.iter().copied());
        count(within_b, &mut compared.b.iter().copied());
        // Who says the same on both sides says it once.
        let anew = |j: &usize| {
            let known = sides.a.binary_search_by(|one| one.labeler.cmp(sides.b[*j].labeler));
            known.map_or(true, |i| compared.a[i] != compared.b[*j])
        };
        let more = (0..sides.b.len()).filter(anew).map(|j| compared.b[j]);
        count(&mut self.together, &mut compared.a.iter().copied().chain(more));
        self.between.add_pairs(compared);
    }

    /// Returns the means.
    pub fn report(&self) -> CorrectionStats {
        let [a, b] = &self.made;
        let [within_a, within_b] = &self.within;
        CorrectionStats {
            a: a.report(),
            b: b.report(),
            within_a: within_a.report(),
            within_b: within_b.report(),
            between: self.between.report(),
            together: self.together.report(),
        }
    }
}

/// Returns `sum / count`, `None` of nothing.
fn mean(sum: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / count as f64)
}

/// Sums over rows.
#[derive(Default)]
struct MadeSum {
    rows: u64,
    changed: u64,
    measured: u64,
    distance: u64,
}

impl MadeSum {
    fn add(&mut self, rows: &[Said<'_>], distances: &[Option<Option<u64>>]) {
        self.rows += rows.len() as u64;
        for distance in distances.iter().flatten() {
            // What is not measured is far from it.
            self.changed += u64::from(*distance != Some(0));
            self.measured += u64::from(distance.is_some());
            self.distance += distance.unwrap_or_default();
        }
    }

    fn report(&self) -> Made {
        Made { rows: self.rows, changed: self.changed, mean_distance: mean(self.distance, self.measured) }
    }
}

/// Sums over pairs of rows of one item.
#[derive(Default)]
struct PairSum {
    items: u64,
    some_equal: u64,
    all_equal: u64,
    pairs: u64,
    equal: u64,
    measured: u64,
    /// Pairs that those measured stand for.
    weight: u64,
    /// Their distances, summed.
    distance: u64,
}

impl PairSum {
    /// Adds the pairs of one item, by how many rows have each outcome.
    fn add_counts(&mut self, counts: &[u64], compared: &Compared<'_>) {
        let rows: u64 = counts.iter().sum();
        let same = |count: &u64| count * count.saturating_sub(1) / 2;
        let equal = counts.iter().map(same).sum();
        let texts = counts.iter().zip(&compared.outcomes).filter(|(_, outcome)| outcome.text.is_some());
        self.add_equal(rows * rows.saturating_sub(1) / 2, equal, texts.map(|(count, _)| same(count)).sum());
        for one in compared.distances.iter() {
            self.add_apart(counts[one.one] * counts[one.other], one.distance, compared.distances.stride);
        }
    }

    /// Adds the pairs of rows that were compared across the sides.
    fn add_pairs(&mut self, compared: &Compared<'_>) {
        let texts = compared.pairs.alike_where(|place| compared.outcomes[place].text.is_some());
        self.add_equal(compared.pairs.count(), compared.pairs.alike(), texts);
        for (pairs, distance) in compared.pairs.distances(compared.distances.iter()) {
            self.add_apart(pairs, distance, compared.distances.stride);
        }
    }

    /// Adds the pairs of one item, `equal` of them equal, `texts` of these by a text.
    fn add_equal(&mut self, pairs: u64, equal: u64, texts: u64) {
        self.items += u64::from(pairs > 0);
        self.some_equal += u64::from(equal > 0);
        self.all_equal += u64::from(equal > 0 && equal == pairs);
        self.pairs += pairs;
        self.equal += equal;
        self.measured += texts;
        self.weight += texts;
    }

    /// Adds that so many pairs are so far apart, each of which stands for `stride`.
    fn add_apart(&mut self, pairs: u64, distance: u64, stride: u64) {
        self.measured += pairs;
        self.weight += pairs * stride;
        self.distance += pairs * stride * distance;
    }

    fn report(&self) -> PairStats {
        PairStats {
            items: self.items,
            items_some_equal: self.some_equal,
            items_all_equal: self.all_equal,
            pairs: self.pairs,
            equal: self.equal,
            share_equal: mean(self.equal, self.pairs),
            measured: self.measured,
            mean_distance: mean(self.distance, self.weight),
        }
    }
}
