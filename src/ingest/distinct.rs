//! Rows of one file that say the same, or contradict each other at one time.

use std::collections::BTreeSet;

use crate::base::Timestamp;
use crate::record::{Kind, Rows, canonical_row, col, compare_keys, key_order};

/// Two rows that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clash {
    pub first: usize,
    pub second: usize,
}

/// What was found among the rows of one batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Rows that only repeat another one.
    pub repeated: Vec<usize>,
    /// Rows that contradict another one.
    pub clashes: Vec<Clash>,
}

/// Compares all rows that are not `bad`; what makes two compete are item, labeler and time, the item alone in items. Of
/// rows that say the same, the one with the smallest canonical bytes stays: the ledger would choose it too.
pub(super) fn find(rows: &Rows, bad: &BTreeSet<u32>) -> Found {
    let mut found = Found::default();
    let Some(mut order) = key_order(rows) else { return found };
    order.retain(|row| !bad.contains(row));
    let same_key = |a: &u32, b: &u32| compare_keys(rows, *a as usize, *b as usize).is_eq();
    for group in order.chunk_by(same_key).filter(|group| group.len() > 1) {
        compare(rows, group, &mut found);
    }
    found.repeated.sort_unstable();
    found.clashes.sort_unstable_by_key(|clash| (clash.second, clash.first));
    found
}

fn compare(rows: &Rows, group: &[u32], found: &mut Found) {
    let canonical = |row: usize| {
        let mut out = Vec::new();
        canonical_row(rows, row, &mut out);
        out
    };
    let same = |a: usize, b: usize| match rows.kind() {
        Kind::Items => canonical(a) == canonical(b),
        _ => rows.statement(a) == rows.statement(b),
    };
    let mut said: Vec<usize> = Vec::new();
    for row in group.iter().map(|row| *row as usize) {
        match said.iter_mut().find(|other| same(**other, row)) {
            None => said.push(row),
            Some(other) if canonical(row) < canonical(*other) => {
                found.repeated.push(std::mem::replace(other, row))
            }
            Some(_) => found.repeated.push(row),
        }
    }
    let first = said[0];
    found.clashes.extend(said[1..].iter().map(|second| Clash { first, second: *second }));
}

/// Says what two rows disagree about, with the place of the first.
pub(super) fn describe(rows: &Rows, clash: Clash, line: usize) -> (String, &'static str) {
    let item = rows.text(clash.second, col::ITEM).unwrap_or("");
    if rows.kind() == Kind::Items {
        return (format!("item `{item}` is described otherwise in line {line}"), "keep one of the rows");
    }
    let said = |row: usize| match (rows.kind(), rows.statement(row)) {
        (Kind::Corrections, _) => "another correction".to_owned(),
        (_, Some(label)) => format!("`{}`", label.chars().take(60).collect::<String>()),
        (_, None) => "nothing".to_owned(),
    };
    let labeler = rows.text(clash.second, col::LABELER).unwrap_or("");
    let (first, second) = (said(clash.first), said(clash.second));
    let (when, hint) = match rows.time(clash.second, col::CREATED_AT) {
        Some(time) => (at(time), "keep one of the rows, or give them different times"),
        None => {
            (", and no time tells which is later".to_owned(), "keep one of the rows, or give each its time")
        }
    };
    (format!("`{labeler}` says {second} about item `{item}`, but {first} in line {line}{when}"), hint)
}

fn at(time: Timestamp) -> String {
    format!(", both at {time}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Origin;

    #[test]
    fn repeats_are_dropped_and_clashes_named() {
        let mut rows = Rows::empty(Kind::Labels);
        for (item, label, time, note) in [
            (1, "a", 5, "z"),
            (1, "a", 5, "b"),
            (1, "b", 6, ""),
            (2, "a", 5, ""),
            (2, "b", 5, ""),
            (2, "b", 5, ""),
        ] {
            let row = rows.push_judgement(&item.to_string(), "ana", Origin::Unknown);
            rows.set_text(row, col::LABEL, label);
            rows.set_text(row, col::RATIONALE, note);
            rows.set_time(row, col::CREATED_AT, Timestamp::from_micros(time));
        }
        let found = find(&rows, &BTreeSet::new());
        assert_eq!(found, Found { repeated: vec![0, 5], clashes: vec![Clash { first: 3, second: 4 }] });
        assert_eq!(find(&rows, &BTreeSet::from([3])).clashes, []);
    }
}
