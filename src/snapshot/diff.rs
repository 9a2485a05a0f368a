//! What changed between two snapshots: items, labels and splits.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use super::Row;

/// An item that one snapshot has otherwise than the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `added`, `removed`, `label` or `split`; a row whose label changed is `label` whatever its split does.
    pub op: &'static str,
    /// The item.
    pub item: String,
    /// Its label before; none when it was added.
    pub label_before: Option<String>,
    /// Its label after; none when it was removed.
    pub label_after: Option<String>,
    /// Its split before.
    pub split_before: Option<String>,
    /// Its split after.
    pub split_after: Option<String>,
}

/// How many items went from one label to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The label before; none for added items.
    pub before: Option<String>,
    /// The label after; none for removed items.
    pub after: Option<String>,
    /// How many.
    pub items: u64,
}

/// What changed between two snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SnapshotDiff {
    /// `hitl.snapshot-diff/1`.
    pub schema: &'static str,
    /// The first snapshot's name.
    pub base: String,
    /// The second snapshot's name.
    pub head: String,
    /// Whether the two hold the same rows.
    pub same: bool,
    /// Items in the second alone.
    pub added: u64,
    /// Items in the first alone.
    pub removed: u64,
    /// Items in both with another label.
    pub label_changed: u64,
    /// Items in both with another split, whatever their label.
    pub split_changed: u64,
    /// Items in both with the same label and split.
    pub unchanged: u64,
    /// The transition matrix: resolved labels, changed cells alone, largest first.
    pub transitions: Vec<Move>,
    /// The changed items in order, at most as many as asked for.
    pub rows: Vec<Change>,
    /// How many there are in all.
    pub rows_total: u64,
}

/// Compares two snapshots, each a name and rows in item order. At most `limit` rows are listed; counts are exact.
pub fn diff(base: (&str, &[Row]), head: (&str, &[Row]), limit: Option<usize>) -> SnapshotDiff {
    let mut report = SnapshotDiff {
        schema: "hitl.snapshot-diff/1",
        base: base.0.to_owned(),
        head: head.0.to_owned(),
        same: true,
        added: 0,
        removed: 0,
        label_changed: 0,
        split_changed: 0,
        unchanged: 0,
        transitions: Vec::new(),
        rows: Vec::new(),
        rows_total: 0,
    };
    let mut moves: BTreeMap<(Option<String>, Option<String>), u64> = BTreeMap::new();
    for (before, after) in pairs(base.1, head.1) {
        let Some(change) = report.count(before, after) else { continue };
        if change.label_before != change.label_after {
            *moves.entry((change.label_before.clone(), change.label_after.clone())).or_default() += 1;
        }
        report.rows_total += 1;
        if limit.is_none_or(|limit| report.rows.len() < limit) {
            report.rows.push(change);
        }
    }
    report.same = report.rows_total == 0;
    report.transitions =
        moves.into_iter().map(|((before, after), items)| Move { before, after, items }).collect();
    report.transitions.sort_by_key(|cell| std::cmp::Reverse(cell.items));
    report
}

impl SnapshotDiff {
    /// Counts one item, and returns its change if there is one.
    fn count(&mut self, before: Option<&Row>, after: Option<&Row>) -> Option<Change> {
        let op = match (before, after) {
            (None, _) => {
                self.added += 1;
                "added"
            }
            (_, None) => {
                self.removed += 1;
                "removed"
            }
            (Some(before), Some(after)) => {
                let (label, split) = (before.label != after.label, before.split != after.split);
                self.label_changed += u64::from(label);
                self.split_changed += u64::from(split);
                match (label, split) {
                    (true, _) => "label",
                    (false, true) => "split",
                    (false, false) => {
                        self.unchanged += 1;
                        return None;
                    }
                }
            }
        };
        let item = before.or(after).map(|row| row.item.clone()).unwrap_or_default();
        let label = |row: Option<&Row>| row.map(|row| row.label.clone());
        let split = |row: Option<&Row>| row.and_then(|row| row.split.clone());
        Some(Change {
            op,
            item,
            label_before: label(before),
            label_after: label(after),
            split_before: split(before),
            split_after: split(after),
        })
    }
}

/// A row beside its counterpart.
type Pair<'a> = (Option<&'a Row>, Option<&'a Row>);

/// Returns the rows of both, side by side, in item order. Where an item has several rows, those that say the same are one
/// pair.
fn pairs<'a>(base: &'a [Row], head: &'a [Row]) -> Vec<Pair<'a>> {
    let items = |rows: &'a [Row]| rows.chunk_by(|a, b| a.item == b.item).collect::<Vec<_>>();
    let of_items = merge(items(base), items(head), |before, after| before[0].item.cmp(&after[0].item));
    let mut pairs = Vec::with_capacity(base.len().max(head.len()));
    for (before, after) in of_items {
        match (before.unwrap_or_default(), after.unwrap_or_default()) {
            ([before], [after]) => pairs.push((Some(before), Some(after))),
            (before, after) => {
                let (before, after) = (before.iter().collect(), after.iter().collect());
                pairs.extend(merge(before, after, |before: &&Row, after| before.label.cmp(&after.label)));
            }
        }
    }
    pairs
}

/// Merges two sorted lists; what `order` finds equal is one pair.
fn merge<T>(base: Vec<T>, head: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> Vec<(Option<T>, Option<T>)> {
    let mut pairs = Vec::with_capacity(base.len().max(head.len()));
    let (mut base, mut head) = (base.into_iter().peekable(), head.into_iter().peekable());
    loop {
        let order = match (base.peek(), head.peek()) {
            (None, None) => return pairs,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => order(before, after),
        };
        pairs.push(match order {
            Ordering::Less => (base.next(), None),
            Ordering::Equal => (base.next(), head.next()),
            Ordering::Greater => (None, head.next()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::SettledBy;

    fn row(item: &str, label: &str, split: &str) -> Row {
        Row {
            item: item.into(),
            label: label.into(),
            split: Some(split.into()),
            settled: SettledBy::Policy,
            votes: 1,
            abstentions: 0,
            conflicts: 0,
        }
    }

    #[test]
    fn each_change_is_named_and_counted_once() {
        let base =
            [row("a", "x", "train"), row("b", "x", "train"), row("c", "y", "train"), row("d", "y", "test")];
        let head =
            [row("a", "x", "train"), row("b", "y", "test"), row("d", "y", "train"), row("e", "x", "train")];
        let report = diff(("v1", &base), ("v2", &head), Some(3));
        let ops: Vec<(&str, &str)> = report.rows.iter().map(|row| (row.op, row.item.as_str())).collect();
        assert_eq!(ops, [("label", "b"), ("removed", "c"), ("split", "d")]);
        assert_eq!((report.rows_total, report.added, report.removed), (4, 1, 1));
        assert_eq!((report.label_changed, report.split_changed, report.unchanged), (1, 2, 1));
        assert_eq!(report.transitions.len(), 3);
        assert!(diff(("v1", &base), ("v1", &base), None).same);
    }

    #[test]
    fn rows_of_one_item_are_paired_by_what_they_say() {
        let base = [row("a", "x", "train"), row("a", "y", "train"), row("b", "x", "train")];
        let head = [row("a", "y", "train"), row("a", "z", "train"), row("b", "w", "train")];
        let report = diff(("v1", &base), ("v2", &head), None);
        let ops: Vec<(&str, &str)> = report.rows.iter().map(|row| (row.op, row.item.as_str())).collect();
        assert_eq!(ops, [("removed", "a"), ("added", "a"), ("label", "b")]);
        assert_eq!(report.unchanged, 1);
    }
}
