//! Chunks: the items split into runs of one length, for threads to share.
//!
//! Invariant: where the runs begin depends on the table alone, and what they yield comes back in their order. So sums
//! over items have the same bits whatever the number of threads.

use std::ops::Range;

use rayon::prelude::*;

use crate::table::Table;

/// The fewest items worth handing to a thread.
const FEWEST: usize = 4096;
/// The most runs, save for the rounding: more do not spread the work better.
const MOST: usize = 64;

/// Returns the length of the runs of `table`, when each yields `cells` numbers that must be added up in the end.
pub(super) fn length(table: &Table, cells: usize) -> usize {
    FEWEST.max(table.items().div_ceil(MOST)).max(cells / 4)
}

/// Returns what `work` makes of every run of `length` items, in order.
pub(super) fn map<R: Send>(table: &Table, length: usize, work: impl Fn(Range<usize>) -> R + Sync) -> Vec<R> {
    let items = table.items();
    let runs = items.div_ceil(length);
    let work = |run: usize| work(run * length..items.min((run + 1) * length));
    // One run is done here and now: waking a thread takes longer than many a table.
    if runs == 1 { vec![work(0)] } else { (0..runs).into_par_iter().map(work).collect() }
}

/// The same, when each item also has `per_item` numbers in `rows` for `work` to write.
pub(super) fn map_rows<R: Send, T: Send>(
    table: &Table,
    length: usize,
    (rows, per_item): (&mut [T], usize),
    work: impl Fn(Range<usize>, &mut [T]) -> R + Sync,
) -> Vec<R> {
    let items = table.items();
    rows.par_chunks_mut(length * per_item)
        .enumerate()
        .map(|(run, rows)| work(run * length..items.min((run + 1) * length), rows))
        .collect()
}
