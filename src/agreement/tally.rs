//! Tallies: the distinct ways in which the labels of an item spread over the classes.
//!
//! In: a table. Out: every distinct vector r_i1 … r_iq with the number of items that have it, sorted by that vector.
//! Three labels over five classes have 35, whatever the number of items, and every coefficient that does not ask who
//! said what is a function of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::table::{Domain, Names, Table, settle_domain};

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
    shapes: Arc<Shapes>,
    /// For each tally, its items.
    items: Vec<u64>,
}

/// The vectors, without how many items have each: drawing items anew leaves them as they are.
#[derive(Debug, PartialEq, Eq)]
struct Shapes {
    counts: Vec<(u32, u32)>,
    /// For each tally: where its counts end, and its labels.
    ends: Vec<(u32, u32)>,
    classes: usize,
}

/// How many items are counted by one thread at a time.
const CHUNK: usize = 1 << 16;

impl Tallies {
    /// Counts `table`.
    pub fn of(table: &Table) -> Self {
        let chunks: Vec<usize> = (0..table.items()).step_by(CHUNK).collect();
        let counted: Vec<Vec<_>> = chunks
            .into_par_iter()
            .map(|start| {
                let mut counted = Counted::default();
                let mut sorted = Vec::new();
                for item in start..(start + CHUNK).min(table.items()) {
                    sorted.clear();
                    sorted.extend_from_slice(table.run(item).1);
                    sorted.sort_unstable();
                    counted.add(&sorted, 1);
                }
                counted.into_all().collect()
            })
            .collect();
        let mut all = Counted::default();
        counted.into_iter().flatten().for_each(|spread| all.keep(spread));
        Self::of_distinct(all.into_all().collect(), table.classes().len())
    }

    /// Returns the tallies of no item.
    pub(super) fn none(classes: usize) -> Self {
        Self::of_distinct(Vec::new(), classes)
    }

    /// Returns the tallies of `spreads`: the sorted numbers in `classes` of the labels of an item, and how many items
    /// are so; with the classes. Those that nothing has and `domain` does not declare are none.
    pub(super) fn of_spreads<'a>(
        classes: &[String],
        spreads: impl Iterator<Item = (&'a [u32], u64)> + Clone,
        domain: Option<&[String]>,
    ) -> (Self, Domain) {
        let mut used = vec![false; classes.len()];
        spreads.clone().flat_map(|(spread, _)| spread).for_each(|class| used[*class as usize] = true);
        let (codes, domain) = settle_domain(Names { texts: classes.to_vec(), used }, domain);
        let settled = spreads.map(|(spread, items)| {
            let mut spread: Box<[u32]> = spread.iter().map(|class| codes[*class as usize]).collect();
            spread.sort_unstable();
            (spread, items)
        });
        (Self::of_distinct(settled.collect(), domain.classes.len()), domain)
    }

    fn of_distinct(mut distinct: Vec<(Box<[u32]>, u64)>, classes: usize) -> Self {
        distinct.sort_unstable();
        let mut shapes = Shapes { counts: Vec::new(), ends: Vec::with_capacity(distinct.len()), classes };
        let mut spread = Vec::new();
        for (classes, _) in &distinct {
            spread_of(classes, &mut spread);
            shapes.counts.extend_from_slice(&spread);
            shapes.ends.push((narrow(shapes.counts.len()), narrow(classes.len())));
        }
        Self { shapes: Arc::new(shapes), items: distinct.into_iter().map(|(_, items)| items).collect() }
    }

    /// Returns the same tallies of other numbers of items, in the order of the tallies.
    pub(super) fn with_items(&self, items: Vec<u64>) -> Self {
        Self { shapes: Arc::clone(&self.shapes), items }
    }

    /// Returns the tallies with every class put in the place of another one, or left out.
    pub(super) fn recoded(&self, class: impl Fn(u32) -> Option<u32>) -> Self {
        let mut all = Counted::default();
        for tally in self.iter() {
            let of =
                |(old, count): &(u32, u32)| class(*old).map(|new| std::iter::repeat_n(new, *count as usize));
            let mut spread: Vec<u32> = tally.counts.iter().filter_map(of).flatten().collect();
            spread.sort_unstable();
            if !spread.is_empty() {
                all.add(&spread, tally.items);
            }
        }
        Self::of_distinct(all.into_all().collect(), self.classes())
    }

    /// Returns the tallies with so many items of sorted lists of classes more, or fewer; of no label at all, none.
    pub(super) fn changed(&self, changes: BTreeMap<Vec<u32>, i64>) -> Self {
        let expanded = |tally: Tally<'_>| -> (Vec<u32>, i64) {
            let each = |(class, count): &(u32, u32)| std::iter::repeat_n(*class, *count as usize);
            (tally.counts.iter().flat_map(each).collect(), tally.items as i64)
        };
        let mut all: BTreeMap<Vec<u32>, i64> = self.iter().map(expanded).collect();
        for (spread, items) in changes {
            *all.entry(spread).or_insert(0) += items;
        }
        let left = all.into_iter().filter(|(spread, items)| *items > 0 && !spread.is_empty());
        Self::of_distinct(left.map(|(spread, items)| (spread.into(), items as u64)).collect(), self.classes())
    }

    /// Returns the number of distinct tallies.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns the number of classes of the domain, used or not: q.
    pub fn classes(&self) -> usize {
        self.shapes.classes
    }

    /// Returns the number of items.
    pub fn items(&self) -> u64 {
        self.items.iter().sum()
    }

    /// Returns how many labels each class has on items with two labels or more: those that can be paired.
    pub fn pairable(&self) -> Vec<u64> {
        let mut totals = vec![0u64; self.classes()];
        for tally in self.paired() {
            for (class, count) in tally.counts {
                totals[*class as usize] += tally.items * u64::from(*count);
            }
        }
        totals
    }

    /// Iterates over the tallies in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Tally<'_>> {
        let shapes = &self.shapes;
        (0..self.len()).map(|index| {
            let start = if index == 0 { 0 } else { shapes.ends[index - 1].0 as usize };
            let (end, labels) = shapes.ends[index];
            Tally { counts: &shapes.counts[start..end as usize], labels, items: self.items[index] }
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
        let items = self.items();
        let mut sums = BTreeMap::<(u32, u32), u64>::new();
        for tally in self.iter() {
            for (class, count) in tally.counts {
                *sums.entry((*class, tally.labels)).or_insert(0) += tally.items * u64::from(*count);
            }
        }
        let mut shares = vec![0.0; self.classes()];
        for ((class, labels), sum) in sums {
            shares[class as usize] += sum as f64 / f64::from(labels) / items as f64;
        }
        shares
    }

    /// Returns, in the order of items' numbers of labels m ≥ 2, (m, sum of `what` over the items with m labels).
    pub(super) fn by_labels(&self, what: impl Fn(&Tally<'_>) -> u64) -> Vec<(u32, u64)> {
        let mut sums = BTreeMap::new();
        for tally in self.paired() {
            *sums.entry(tally.labels).or_insert(0) += tally.items * what(&tally);
        }
        sums.into_iter().collect()
    }
}

/// Distinct sorted lists of classes, each with how many items have it.
#[derive(Default)]
struct Counted {
    #[expect(
        clippy::disallowed_types,
        reason = "only lookups happen; tallies are sorted before anybody sees them"
    )]
    known: std::collections::HashMap<Box<[u32]>, u64>,
    /// The lists met lately, by a quick hash: nearly all items have one of a few.
    recent: Vec<(Box<[u32]>, u64)>,
}

/// Two to this many lists are remembered as met lately.
const RECENT_BITS: u32 = 10;

impl Counted {
    fn add(&mut self, spread: &[u32], items: u64) {
        if self.recent.is_empty() {
            self.recent.resize_with(1 << RECENT_BITS, Default::default);
        }
        let mix = |hash: u64, class: &u32| {
            (hash ^ u64::from(*class)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        };
        let slot = (spread.iter().fold(spread.len() as u64, mix) >> (64 - RECENT_BITS)) as usize;
        let place = &mut self.recent[slot];
        if *place.0 == *spread {
            place.1 += items;
            return;
        }
        let before = std::mem::replace(place, (spread.into(), items));
        self.keep(before);
    }

    fn keep(&mut self, (spread, items): (Box<[u32]>, u64)) {
        if items > 0 {
            *self.known.entry(spread).or_insert(0) += items;
        }
    }

    /// Returns every list, in no order.
    fn into_all(mut self) -> impl Iterator<Item = (Box<[u32]>, u64)> {
        for lately in std::mem::take(&mut self.recent) {
            self.keep(lately);
        }
        self.known.into_iter()
    }
}

/// Puts the distinct classes of `classes` into `counts`, in order, each with how often it occurs.
pub(super) fn spread_of(classes: &[u32], counts: &mut Vec<(u32, u32)>) {
    counts.clear();
    counts.extend(classes.iter().map(|class| (*class, 1)));
    counts.sort_unstable();
    counts.dedup_by(|later, first| {
        let same = later.0 == first.0;
        first.1 += u32::from(same);
        same
    });
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
