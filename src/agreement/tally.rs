//! Tallies: the distinct ways in which the labels of an item spread over the classes.
//!
//! In: a table. Out: every distinct vector r_i1 … r_iq with the number of items that have it, sorted by that vector.
//! Three labels over five classes have 35, whatever the number of items, and every coefficient that does not ask who
//! said what is a function of them.

use crate::table::{Names, Table, settle_domain};

/// One way in which an item's labels spread over the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally<'a> {
    /// The classes given, in order, each with how many labelers gave it.
    pub counts: &'a [(u32, u32)],
    /// r_i: how many labels the item has; the sum of the counts.
    pub labels: u32,
    /// How many items are so.
    pub items: u64,
}

impl Tally<'_> {
    /// Returns the ordered pairs of labels that agree: Σ_k r_ik(r_ik − 1).
    pub fn agreeing(&self) -> u64 {
        self.counts.iter().map(|(_, count)| u64::from(*count) * u64::from(count - 1)).sum()
    }

    /// Returns the ordered pairs of labels: r_i(r_i − 1).
    pub fn pairs(&self) -> u64 {
        u64::from(self.labels) * u64::from(self.labels - 1)
    }
}

/// All tallies of a table, in the order of their vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tallies {
    counts: Vec<(u32, u32)>,
    /// For each tally: where its counts end, its labels, its items.
    ends: Vec<(u32, u32, u64)>,
    classes: usize,
}

impl Tallies {
    /// Counts `table`.
    pub fn of(table: &Table) -> Self {
        #[expect(
            clippy::disallowed_types,
            reason = "only lookups happen; tallies are sorted before anybody sees them"
        )]
        let mut known = std::collections::HashMap::<Box<[u32]>, u64>::new();
        let mut sorted = Vec::new();
        for (_, classes) in table.runs() {
            sorted.clear();
            sorted.extend_from_slice(classes);
            sorted.sort_unstable();
            match known.get_mut(sorted.as_slice()) {
                Some(items) => *items += 1,
                None => {
                    known.insert(sorted.as_slice().into(), 1);
                }
            }
        }
        Self::of_distinct(known.into_iter().collect(), table.classes().len())
    }

    /// Returns the tallies of `spreads`: the sorted numbers in `classes` of the labels of an item, and how many items
    /// are so. Classes that nothing has and `domain` does not declare are none.
    pub(super) fn of_spreads<'a>(
        classes: &[String],
        spreads: impl Iterator<Item = (&'a [u32], u64)> + Clone,
        domain: Option<&[String]>,
    ) -> Self {
        let mut used = vec![false; classes.len()];
        spreads.clone().flat_map(|(spread, _)| spread).for_each(|class| used[*class as usize] = true);
        let (codes, domain) = settle_domain(Names { texts: classes.to_vec(), used }, domain);
        let settled = spreads.map(|(spread, items)| {
            let mut spread: Box<[u32]> = spread.iter().map(|class| codes[*class as usize]).collect();
            spread.sort_unstable();
            (spread, items)
        });
        Self::of_distinct(settled.collect(), domain.classes.len())
    }

    fn of_distinct(mut distinct: Vec<(Box<[u32]>, u64)>, classes: usize) -> Self {
        distinct.sort_unstable();
        let mut tallies = Self { counts: Vec::new(), ends: Vec::new(), classes };
        for (classes, items) in distinct {
            for same in classes.chunk_by(|a, b| a == b) {
                tallies.counts.push((same[0], narrow(same.len())));
            }
            tallies.ends.push((narrow(tallies.counts.len()), narrow(classes.len()), items));
        }
        tallies
    }

    /// Returns the number of classes of the domain, used or not: q.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Iterates over the tallies in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Tally<'_>> {
        (0..self.ends.len()).map(|index| {
            let start = if index == 0 { 0 } else { self.ends[index - 1].0 as usize };
            let (end, labels, items) = self.ends[index];
            Tally { counts: &self.counts[start..end as usize], labels, items }
        })
    }

    /// Iterates over the tallies of items with two labels or more: those in which labels can agree.
    pub fn paired(&self) -> impl Iterator<Item = Tally<'_>> {
        self.iter().filter(|tally| tally.labels >= 2)
    }

    /// Returns the number of items with two labels or more.
    pub fn paired_items(&self) -> u64 {
        self.paired().map(|tally| tally.items).sum()
    }

    /// Returns π_k for every class of the domain: the mean over all items, those with one label included, of the
    /// share of the item's labels that are k (Gwet 2014). Empty without items.
    pub fn prevalence(&self) -> Vec<f64> {
        let items: u64 = self.iter().map(|tally| tally.items).sum();
        let mut sums = std::collections::BTreeMap::<(u32, u32), u64>::new();
        for tally in self.iter() {
            for (class, count) in tally.counts {
                *sums.entry((*class, tally.labels)).or_insert(0) += tally.items * u64::from(*count);
            }
        }
        let mut shares = vec![0.0; self.classes];
        for ((class, labels), sum) in sums {
            shares[class as usize] += sum as f64 / f64::from(labels) / items as f64;
        }
        shares
    }

    /// Returns, in the order of items' numbers of labels m ≥ 2, (m, sum of `what` over the items with m labels).
    pub(super) fn by_labels(&self, what: impl Fn(&Tally<'_>) -> u64) -> Vec<(u32, u64)> {
        let mut sums = std::collections::BTreeMap::new();
        for tally in self.paired() {
            *sums.entry(tally.labels).or_insert(0) += tally.items * what(&tally);
        }
        sums.into_iter().collect()
    }
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).expect("a table holds fewer than 2^32 labels")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_spreads_are_one_tally_whoever_made_them() {
        let labels = [
            ("i1", "ana", "y"),
            ("i1", "raj", "x"),
            ("i2", "ana", "x"),
            ("i2", "raj", "y"),
            ("i3", "ana", "x"),
            ("i4", "eve", "x"),
        ];
        let tallies = Tallies::of(&Table::from_labels(labels, None));
        let all: Vec<_> = tallies.iter().collect();
        assert_eq!(
            all,
            [
                Tally { counts: &[(0, 1)], labels: 1, items: 2 },
                Tally { counts: &[(0, 1), (1, 1)], labels: 2, items: 2 },
            ]
        );
        assert_eq!((all[1].agreeing(), all[1].pairs(), tallies.paired_items()), (0, 2, 2));
    }
}
