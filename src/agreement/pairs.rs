//! Pairs: for every two labelers with items in common, who gave which class where the other gave which.
//!
//! In: a table. Out: one sparse contingency table a pair, sorted. Cells are counted in one flat array while it stays
//! below 32 MiB a thread, and by sorting otherwise; both give the same result. Pairs grow with the square of labelers an item:
//! where there are too many to list, counting stops early instead of filling the memory.

use std::ops::{ControlFlow, Range};

use rayon::prelude::*;

use crate::table::Table;

/// The most bytes the flat array of cells may take.
const DENSE_BYTES: u64 = 32 << 20;
/// Into how many pieces items are cut for the threads.
const DENSE_CHUNKS: usize = 64;
/// The most pairs that are listed: all pairs of 1,448 labelers.
pub const MAX_PAIRS: usize = 1 << 20;
/// The most distinct cells, 1 GiB while they are counted.
const MAX_CELLS: usize = 1 << 25;
/// How many cells are collected before they are sorted and added up.
const BATCH: usize = 1 << 22;

/// Classes in order, each with how often it was given.
pub type Marginal = Vec<(u32, u64)>;

/// What two labelers said of the items both labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contingency<'a> {
    /// The two labelers, in order.
    pub labelers: (u32, u32),
    /// Where both gave a class, in order: the first one's class, the second one's, on how many items.
    pub cells: &'a [(u32, u32, u32)],
}

impl Contingency<'_> {
    /// Returns the number of items both labelled.
    pub fn items(&self) -> u64 {
        self.cells.iter().map(|(_, _, items)| u64::from(*items)).sum()
    }

    /// Returns how often the first gave each class it gave, in class order, and the second each it gave.
    pub fn marginals(&self) -> (Marginal, Marginal) {
        let first = self.cells.chunk_by(|a, b| a.0 == b.0);
        let total = |cells: &[(u32, u32, u32)]| cells.iter().map(|cell| u64::from(cell.2)).sum();
        let first = first.map(|cells| (cells[0].0, total(cells))).collect();
        let mut second: Marginal =
            self.cells.iter().map(|(_, class, items)| (*class, u64::from(*items))).collect();
        second.sort_unstable();
        second.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            kept.1 += if same { later.1 } else { 0 };
            same
        });
        (first, second)
    }

    /// Returns the number of items on which they agree.
    pub fn agreeing(&self) -> u64 {
        self.cells.iter().filter(|(a, b, _)| a == b).map(|(_, _, items)| u64::from(*items)).sum()
    }
}

/// The contingency tables of all pairs with items in common, in labeler order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    cells: Vec<(u32, u32, u32)>,
    /// For each pair: its labelers, and where its cells end.
    ends: Vec<((u32, u32), usize)>,
}

impl Pairs {
    /// Counts `table`; `None` when more than 2^20 pairs have items in common, or they say too many different
    /// things to be held in memory.
    pub fn of(table: &Table) -> Option<Self> {
        let (labelers, classes) = (table.labeler_names().len() as u64, table.classes().len() as u64);
        let cells = (labelers * labelers.saturating_sub(1) / 2)
            .checked_mul(classes * classes)
            .filter(|cells| cells.saturating_mul(4) <= DENSE_BYTES);
        // A flat array far larger than the table would cost more to read than it saves.
        let worth = (8 * table.labels()).max(1 << 16);
        match cells.and_then(|cells| usize::try_from(cells).ok()).filter(|cells| *cells <= worth) {
            Some(cells) => Some(Self::dense(table, cells)).filter(|pairs| pairs.ends.len() <= MAX_PAIRS),
            None => Self::sorted(table, BATCH, MAX_PAIRS),
        }
    }

    /// Iterates over the pairs in labeler order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Contingency<'_>> {
        (0..self.ends.len()).map(|index| {
            let start = if index == 0 { 0 } else { self.ends[index - 1].1 };
            let (labelers, end) = self.ends[index];
            Contingency { labelers, cells: &self.cells[start..end] }
        })
    }

    fn dense(table: &Table, cells: usize) -> Self {
        let (classes, labelers) = (table.classes().len(), table.labeler_names().len());
        let chunks: Vec<usize> =
            (0..table.items()).step_by(table.items().div_ceil(DENSE_CHUNKS).max(1)).collect();
        let chunk = chunks.get(1).copied().unwrap_or(table.items());
        // Whole numbers add up to the same whatever thread counted what.
        let counts = chunks
            .into_par_iter()
            .fold(
                || vec![0u32; cells],
                |mut counts, start| {
                    let _: ControlFlow<()> =
                        each_pair(table, start..(start + chunk).min(table.items()), |(a, b), (k, l)| {
                            let pair = b as usize * (b as usize).saturating_sub(1) / 2 + a as usize;
                            counts[(pair * classes + k as usize) * classes + l as usize] += 1;
                            ControlFlow::Continue(())
                        });
                    counts
                },
            )
            .reduce_with(|mut all, other| {
                all.iter_mut().zip(other).for_each(|(all, other)| *all += other);
                all
            })
            .unwrap_or_default();
        let mut pairs = Self::default();
        for a in 0..if counts.is_empty() { 0 } else { labelers } {
            for b in a + 1..labelers {
                let base = (b * (b - 1) / 2 + a) * classes * classes;
                for (cell, count) in counts[base..base + classes * classes].iter().enumerate() {
                    pairs.push((a, b), (cell / classes, cell % classes), *count);
                }
            }
        }
        pairs
    }

    fn sorted(table: &Table, batch: usize, most: usize) -> Option<Self> {
        let mut totals: Vec<(u128, u32)> = Vec::new();
        let mut keys: Vec<u128> = Vec::new();
        let counted = each_pair(table, 0..table.items(), |(a, b), (k, l)| {
            keys.push(u128::from(a) << 96 | u128::from(b) << 64 | u128::from(k) << 32 | u128::from(l));
            if keys.len() >= batch {
                totals = add_up(&totals, &mut keys);
                if is_too_many(&totals, most) {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        });
        totals = add_up(&totals, &mut keys);
        if counted.is_break() || is_too_many(&totals, most) {
            return None;
        }
        let mut pairs = Self { cells: Vec::new(), ends: Vec::new() };
        for (key, count) in totals {
            let part = |shift: u32| (key >> shift) as u32 as usize;
            pairs.push((part(96), part(64)), (part(32), part(0)), count);
        }
        Some(pairs)
    }

    fn push(&mut self, (a, b): (usize, usize), (k, l): (usize, usize), count: u32) {
        if count == 0 {
            return;
        }
        let labelers = (a as u32, b as u32);
        self.cells.push((k as u32, l as u32, count));
        match self.ends.last_mut() {
            Some((last, end)) if *last == labelers => *end += 1,
            _ => self.ends.push((labelers, self.cells.len())),
        }
    }
}

/// Calls `visit` with every two labels of one of `items`, the labelers in order and what each said, until it breaks off.
fn each_pair(
    table: &Table,
    items: Range<usize>,
    mut visit: impl FnMut((u32, u32), (u32, u32)) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for (labelers, classes) in items.map(|item| table.run(item)) {
        for second in 1..labelers.len() {
            for first in 0..second {
                visit((labelers[first], labelers[second]), (classes[first], classes[second]))?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// Whether sorted `totals` are of more than `most` pairs, or too many in themselves.
fn is_too_many(totals: &[(u128, u32)], most: usize) -> bool {
    totals.len() > MAX_CELLS
        || totals.len() > most && totals.chunk_by(|a, b| a.0 >> 64 == b.0 >> 64).count() > most
}

/// Adds the sorted runs of `keys` to `totals`, which are sorted, and empties `keys`.
fn add_up(totals: &[(u128, u32)], keys: &mut Vec<u128>) -> Vec<(u128, u32)> {
    keys.sort_unstable();
    let mut out = Vec::with_capacity(totals.len());
    let mut old = totals.iter().copied().peekable();
    for run in keys.chunk_by(|a, b| a == b) {
        out.extend(std::iter::from_fn(|| old.next_if(|(key, _)| *key < run[0])));
        let before = old.next_if(|(key, _)| *key == run[0]).map_or(0, |(_, count)| count);
        out.push((run[0], before + run.len() as u32));
    }
    out.extend(old);
    keys.clear();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_array_and_sorting_count_alike() {
        let mut labels = Vec::new();
        for item in 0..60usize {
            for labeler in 0..7 {
                if (item * 5 + labeler * 3) % 4 != 0 {
                    labels.push((
                        format!("i{item}"),
                        format!("l{labeler}"),
                        format!("c{}", (item * labeler) % 5),
                    ));
                }
            }
        }
        let table = Table::from_labels(labels, None);
        let dense = Pairs::dense(&table, 21 * 25);
        assert_eq!(Some(&dense), Pairs::sorted(&table, BATCH, 21).as_ref());
        assert_eq!(Some(&dense), Pairs::sorted(&table, 3, 21).as_ref(), "in many small batches");
        assert_eq!(
            (Pairs::sorted(&table, BATCH, 20), Pairs::sorted(&table, 3, 20)),
            (None, None),
            "one too many"
        );
        let visits: u64 = dense.iter().map(|pair| pair.items()).sum();
        let expected: usize =
            table.runs().map(|(labelers, _)| labelers.len() * (labelers.len() - 1) / 2).sum();
        assert_eq!(visits, expected as u64);
    }

    #[test]
    fn labelers_without_common_items_are_no_pair() {
        let table = Table::from_labels([("i1", "ana", "x"), ("i2", "raj", "x"), ("i2", "eve", "y")], None);
        let pairs = Pairs::of(&table).unwrap();
        let all: Vec<_> = pairs.iter().collect();
        assert_eq!(all, [Contingency { labelers: (1, 2), cells: &[(1, 0, 1)] }]);
    }
}
