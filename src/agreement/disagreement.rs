//! The items that labelers disagree on most, with what each said.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;

use crate::table::Table;

/// One labeler's label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Who.
    pub labeler: String,
    /// What.
    pub label: String,
}

/// An item that labelers disagree on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Disputed {
    /// The item.
    pub item: String,
    /// Its text, where the ledger has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The share of pairs of labels that agree.
    pub agreement: f64,
    /// What each labeler said, in labeler order.
    pub labels: Vec<Said>,
}

/// How disputed an item is, most first: its agreement in parts per billion, more labels, its id and place.
type Rank<'a> = (u64, Reverse<usize>, &'a str, usize);

/// How many items one thread looks at at a time.
const CHUNK: usize = 1 << 16;

/// Returns at most `most` items on which not all labels agree: least agreement first, at one agreement those with more
/// labels, then by item.
pub fn most_disputed(table: &Table, most: usize) -> Vec<Disputed> {
    let chunks: Vec<usize> = (0..table.items()).step_by(CHUNK).collect();
    let worst = |start: usize| worst_of(table, start..(start + CHUNK).min(table.items()), most);
    let mut worst: Vec<Rank<'_>> = chunks.into_par_iter().flat_map_iter(worst).collect();
    worst.sort_unstable();
    worst.truncate(most);
    let of = |(agreement, _, name, item): Rank<'_>| {
        let (labelers, classes) = table.run(item);
        let said = labelers.iter().zip(classes).map(|(labeler, class)| Said {
            labeler: table.labeler_names()[*labeler as usize].clone(),
            label: table.classes()[*class as usize].clone(),
        });
        Disputed {
            item: name.to_owned(),
            text: None,
            agreement: agreement as f64 / 1e9,
            labels: said.collect(),
        }
    };
    worst.into_iter().map(of).collect()
}

/// Returns the most disputed of some items.
fn worst_of(table: &Table, items: Range<usize>, most: usize) -> Vec<Rank<'_>> {
    // The worst are kept, the best of them on top of the heap.
    let mut worst: BinaryHeap<Rank<'_>> = BinaryHeap::with_capacity(most + 1);
    let mut sorted = Vec::new();
    for item in items {
        let (_, classes) = table.run(item);
        if classes.len() < 2 || classes.windows(2).all(|two| two[0] == two[1]) {
            continue;
        }
        sorted.clear();
        sorted.extend_from_slice(classes);
        sorted.sort_unstable();
        let agreeing: u64 = sorted.chunk_by(|a, b| a == b).map(|same| pairs(same.len())).sum();
        let key = (agreeing * 1_000_000_000 / pairs(classes.len()), Reverse(classes.len()));
        let full = worst.len() == most;
        // Most items are less disputed than those already kept, which their agreement alone tells.
        if full && worst.peek().is_none_or(|(agreement, labels, ..)| (*agreement, *labels) < key) {
            continue;
        }
        worst.push((key.0, key.1, table.item_name(item), item));
        if full {
            worst.pop();
        }
    }
    worst.into_vec()
}

fn pairs(labels: usize) -> u64 {
    labels as u64 * (labels as u64 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_agreement_first_then_most_labels() {
        let labels = [
            ("i1", "ana", "x"),
            ("i1", "raj", "y"),
            ("i2", "ana", "x"),
            ("i2", "eve", "x"),
            ("i2", "raj", "y"),
            ("i3", "ana", "x"),
            ("i3", "eve", "y"),
            ("i3", "raj", "z"),
            ("i4", "ana", "x"),
            ("i4", "raj", "x"),
            ("i0", "ana", "x"),
            ("i0", "raj", "y"),
        ];
        let table = Table::from_labels(labels, None);
        let items = |most| most_disputed(&table, most).into_iter().map(|item| item.item).collect::<Vec<_>>();
        assert_eq!(items(9), ["i3", "i0", "i1", "i2"]);
        assert_eq!(items(2), ["i3", "i0"]);
        let third = &most_disputed(&table, 9)[3];
        assert!((third.agreement - 1.0 / 3.0).abs() < 1e-8);
        assert_eq!(third.labels[1], Said { labeler: "eve".into(), label: "x".into() });
    }
}
