//! Canonical rows: the bytes that digests are taken over, whatever Parquet does.
//!
//! A row is a CBOR array (RFC 8949 §4.2, deterministic) of its fields in schema order: text as text, times and whole
//! numbers as integers, floats in their shortest form, lists as arrays, null as null; without the fields that came later
//! than the kind, where all of these are null ([`Rows::width`]). Rows are sorted by the UTF-8
//! bytes of item, then labeler, then `created_at` (null first), then their own bytes; kinds without these columns by
//! their own bytes after their first column.

use std::cmp::Ordering;
use std::ops::Range;

use rayon::prelude::*;

use super::column::Column;
use super::rows::{Rows, col, first_columns};
use crate::base::{Digest, cbor, digest};

/// Rows in one leaf of the Merkle tree.
const CHUNK: usize = 1024;

/// From this many rows on, work is split over threads.
const MANY: usize = 1 << 14;

/// Appends the canonical bytes of `row` to `out`.
pub fn canonical_row(rows: &Rows, row: usize, out: &mut Vec<u8>) {
    let width = rows.width(row..row + 1);
    cbor::array(out, width);
    rows.columns()[..width].iter().for_each(|column| canonical_cell(column, row, out));
}

#[inline]
fn canonical_cell(column: &Column, row: usize, out: &mut Vec<u8>) {
    match column {
        Column::Text(values) => match values.get(row) {
            Some(text) => cbor::text(out, text),
            None => cbor::null(out),
        },
        Column::Time(values) | Column::Int(values) => match values[row] {
            Some(value) => cbor::int(out, value),
            None => cbor::null(out),
        },
        Column::Float(values) => match values[row] {
            Some(value) => cbor::float(out, f64::from(value)),
            None => cbor::null(out),
        },
        Column::Bool(values) => match values[row] {
            Some(value) => cbor::bool(out, value),
            None => cbor::null(out),
        },
        Column::Texts(values) => match &values[row] {
            Some(list) => {
                cbor::array(out, list.len());
                list.iter().for_each(|text| cbor::text(out, text));
            }
            None => cbor::null(out),
        },
        Column::Floats(values) => match &values[row] {
            Some(list) => {
                cbor::array(out, list.len());
                list.iter().for_each(|value| cbor::float(out, f64::from(*value)));
            }
            None => cbor::null(out),
        },
    }
}

/// The canonical bytes of rows, all in one pass: what stands in every row, and words, are encoded once.
struct Canonical<'a> {
    /// The rows, where they are of more than one width and are encoded one by one.
    uneven: Option<&'a Rows>,
    /// What a row begins with.
    head: Vec<u8>,
    cells: Vec<(Cell<'a>, Vec<u8>)>,
}

/// A column, after which some bytes follow that are the same in every row.
enum Cell<'a> {
    Words { codes: &'a [u16], bytes: Vec<u8>, ends: Vec<usize> },
    Any(&'a Column),
}

impl<'a> Canonical<'a> {
    fn of(rows: &'a Rows) -> Self {
        let (mut head, mut cells): (_, Vec<(Cell<'a>, Vec<u8>)>) = (Vec::new(), Vec::new());
        let width = rows.width(0..rows.len());
        if width > first_columns(rows.kind()) {
            return Self { uneven: Some(rows), head, cells };
        }
        cbor::array(&mut head, width);
        for column in &rows.columns()[..width] {
            if column.is_null_throughout() {
                cbor::null(cells.last_mut().map_or(&mut head, |(_, after)| after));
                continue;
            }
            let coded = if let Column::Text(values) = column { values.coded() } else { None };
            let cell = coded.map_or(Cell::Any(column), |coded| {
                let (mut bytes, mut ends) = (Vec::new(), Vec::new());
                for text in coded.texts() {
                    cbor::text(&mut bytes, text);
                    ends.push(bytes.len());
                }
                // Null comes last.
                cbor::null(&mut bytes);
                ends.push(bytes.len());
                Cell::Words { codes: coded.codes, bytes, ends }
            });
            cells.push((cell, Vec::new()));
        }
        Self { uneven: None, head, cells }
    }

    fn row(&self, row: usize, out: &mut Vec<u8>) {
        if let Some(rows) = self.uneven {
            return canonical_row(rows, row, out);
        }
        out.extend_from_slice(&self.head);
        for (cell, after) in &self.cells {
            match cell {
                Cell::Words { codes, bytes, ends } => {
                    let word = usize::from(codes[row]).min(ends.len() - 1);
                    let start = if word == 0 { 0 } else { ends[word - 1] };
                    out.extend_from_slice(&bytes[start..ends[word]]);
                }
                Cell::Any(column) => canonical_cell(column, row, out),
            }
            out.extend_from_slice(after);
        }
    }
}

fn bytes_of(rows: &Rows, row: usize) -> Vec<u8> {
    let mut out = Vec::new();
    canonical_row(rows, row, &mut out);
    out
}

/// Compares two rows by their keys: item, labeler and `created_at` of judgements, the first column of other kinds.
pub fn compare_keys(rows: &Rows, a: usize, b: usize) -> Ordering {
    let first = rows.texts(col::ITEM).compare(a, b);
    if !rows.kind().is_judgement() {
        return first;
    }
    let time = |row| rows.time(row, col::CREATED_AT);
    first.then_with(|| rows.texts(col::LABELER).compare(a, b)).then_with(|| time(a).cmp(&time(b)))
}

/// Returns the rows in the order of their keys, those of one key as they stand; `None` when they stand in that order
/// already and no two have one key.
pub fn key_order(rows: &Rows) -> Option<Vec<u32>> {
    if rows.columns().is_empty() || rows.len() < 2 {
        return None;
    }
    let pairs = 0..rows.len() - 1;
    let ascends = |row: usize| compare_keys(rows, row, row + 1).is_lt();
    // Threads are not worth their start for few rows.
    let look = || {
        if rows.len() < MANY { pairs.into_iter().all(ascends) } else { pairs.into_par_iter().all(ascends) }
    };
    if rows.ascending(look) { None } else { Some(sorted_by_key(rows)) }
}

fn sorted_by_key(rows: &Rows) -> Vec<u32> {
    let items = rows.texts(col::ITEM);
    let shared = items.common_prefix().len();
    // Eight bytes beside each row settle most comparisons without a look at the texts.
    let prefix = |row: u32| {
        let text = items.get(row as usize).unwrap_or_default().as_bytes().get(shared..).unwrap_or_default();
        let mut start = [0; 8];
        start[..text.len().min(8)].copy_from_slice(&text[..text.len().min(8)]);
        (u64::from_be_bytes(start), row)
    };
    let compare = |a: &(u64, u32), b: &(u64, u32)| {
        let keys = || compare_keys(rows, a.1 as usize, b.1 as usize);
        a.0.cmp(&b.0).then_with(keys).then(a.1.cmp(&b.1))
    };
    let mut order: Vec<(u64, u32)>;
    if rows.len() < MANY {
        order = (0..rows.len() as u32).map(prefix).collect();
        order.sort_unstable_by(compare);
    } else {
        order = (0..rows.len() as u32).into_par_iter().map(prefix).collect();
        order.par_sort_unstable_by(compare);
    }
    order.into_iter().map(|(_, row)| row).collect()
}

/// Returns the rows in canonical order; `None` when they stand in it.
pub fn canonical_order(rows: &Rows) -> Option<Vec<u32>> {
    let mut order = key_order(rows)?;
    let same_key = |a: &u32, b: &u32| compare_keys(rows, *a as usize, *b as usize).is_eq();
    for same in order.chunk_by_mut(same_key).filter(|same| same.len() > 1) {
        same.sort_by_cached_key(|row| bytes_of(rows, *row as usize));
    }
    let stands = order.iter().enumerate().all(|(place, row)| place == *row as usize);
    (!stands).then_some(order)
}

/// Returns `rows` in canonical order.
pub fn sort(rows: &Rows) -> Rows {
    match canonical_order(rows) {
        Some(order) => rows.take(&order),
        None => rows.clone(),
    }
}

/// Returns the first of the rows of `range` that comes before the row above it in canonical order.
pub fn out_of_order(rows: &Rows, range: Range<usize>) -> Option<usize> {
    if rows.columns().is_empty() || rows.is_known_to_ascend() {
        return None;
    }
    let before = |row: &usize| {
        let (above, row) = (*row - 1, *row);
        let bytes = || bytes_of(rows, above).cmp(&bytes_of(rows, row));
        compare_keys(rows, above, row).then_with(bytes).is_gt()
    };
    (range.start + 1..range.end).find(before)
}

/// Returns the Merkle root (RFC 6962) over the rows of `range` as they stand, 1,024 canonical rows to a leaf.
///
/// Rows are to be in canonical order; whether they are, [`sort`] tells.
pub fn rows_root_of(rows: &Rows, range: Range<usize>) -> Digest {
    let canonical = Canonical::of(rows);
    let leaf = |bytes: &mut Vec<u8>, chunk: usize| {
        let start = range.start + chunk * CHUNK;
        bytes.clear();
        (start..range.end.min(start + CHUNK)).for_each(|row| canonical.row(row, bytes));
        digest::leaf(bytes)
    };
    let chunks = 0..range.len().div_ceil(CHUNK);
    let leaves: Vec<Digest> = if range.len() < MANY {
        let mut bytes = Vec::new();
        chunks.map(|chunk| leaf(&mut bytes, chunk)).collect()
    } else {
        chunks.into_par_iter().map_init(Vec::new, leaf).collect()
    };
    digest::merkle_root(&leaves)
}

/// Returns the Merkle root over all `rows`, as [`rows_root_of`] does.
pub fn rows_root(rows: &Rows) -> Digest {
    rows_root_of(rows, 0..rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::record::{Kind, Origin};

    fn rows(given: &[(String, &str, Option<i64>, &str)]) -> Rows {
        let mut rows = Rows::empty(Kind::Labels);
        for (item, labeler, time, label) in given {
            let row = rows.push_judgement(item, labeler, Origin::Fresh);
            rows.set_time(row, col::CREATED_AT, time.and_then(Timestamp::from_micros));
            rows.set_text(row, col::LABEL, label);
        }
        rows
    }

    /// The order as the format states it, with nothing taken as a short cut.
    fn plainly_sorted(rows: &Rows) -> Vec<u32> {
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by_cached_key(|row| {
            let row = *row as usize;
            let text = |column| rows.text(row, column).map(str::to_owned);
            (text(col::ITEM), text(col::LABELER), rows.time(row, col::CREATED_AT), bytes_of(rows, row))
        });
        order
    }

    /// An adjudication that says nothing of an error has the bytes it had before it could.
    #[test]
    fn columns_that_came_later_change_no_older_row() {
        let decided = |kind: Kind| {
            let mut rows = Rows::empty(kind);
            for item in ["i1", "i2"] {
                let row = rows.push_judgement(item, "ana", Origin::Adjudicated);
                rows.set_text(row, col::LABEL, "x");
            }
            rows
        };
        let (labels, mut decisions) = (decided(Kind::Labels), decided(Kind::Adjudications));
        assert_eq!(rows_root(&decisions), rows_root(&labels));
        let before = bytes_of(&decisions, 1);
        assert_eq!(before, bytes_of(&labels, 1));
        decisions.set_text(1, col::GUIDELINE_GAP, "irony");
        let after = bytes_of(&decisions, 1);
        assert_eq!((after[0], after[after.len() - 7]), (0x8e, 0xf6), "both columns, the error type null");
        assert_eq!(bytes_of(&decisions, 0), bytes_of(&labels, 0), "whatever the row beside it says");
        let leaf = [bytes_of(&decisions, 0), after].concat();
        assert_eq!(rows_root(&decisions), digest::leaf(&leaf));
    }

    #[test]
    fn canonical_order_is_that_of_the_format_for_few_rows_and_for_many() {
        for count in [1, 7, 400, MANY + 1000] {
            let given: Vec<_> = (0..count)
                .map(|n| {
                    let mixed = n.wrapping_mul(2_654_435_761) % 100_003;
                    let item = match mixed % 3 {
                        0 => format!("item-{}", mixed % 500),
                        1 => format!("item-{mixed:08}\u{e9}"),
                        _ => format!("item-{:012}", mixed % 5000),
                    };
                    let labeler = ["raj", "ana", "\u{e9}va"][mixed % 2 + n % 2];
                    (item, labeler, (n % 3 > 0).then_some((mixed % 4) as i64), ["b", "a"][n % 2])
                })
                .collect();
            let rows = rows(&given);
            let order = plainly_sorted(&rows);
            let sorted = sort(&rows);
            assert_eq!(sorted, rows.take(&order));
            assert_eq!(canonical_order(&sorted), None, "sorted rows are seen to be so");
            assert_eq!(out_of_order(&sorted, 0..count), None);
            let fell = (1..count).find(|row| order[*row] < order[row - 1]);
            assert_eq!(out_of_order(&rows, 0..count).is_some(), fell.is_some());
        }
    }

    #[test]
    fn rows_that_change_are_looked_at_again() {
        let given = |item: &str| (item.to_owned(), "ana", None, "a");
        let ascending = rows(&[given("a"), given("b"), given("c")]);
        assert_eq!(key_order(&ascending), None);
        let mut more = ascending.clone();
        more.push_judgement("b", "ana", Origin::Fresh);
        assert!(key_order(&more).is_some());
        let mut last = ascending.clone();
        last.set_text(2, col::ITEM, "a");
        assert!(key_order(&last).is_some());
        let mut twice = ascending.clone();
        twice.append(&ascending);
        assert!(out_of_order(&twice, 0..6).is_some());
        let mut replaced = ascending.clone();
        replaced.set_texts(col::ITEM, ["c", "b", "a"].map(Some).into_iter().collect());
        assert!(out_of_order(&replaced, 0..3).is_some());
        let mut same = rows(&[given("a"), ("a".into(), "raj", None, "a")]);
        assert_eq!(key_order(&same), None);
        same.set_texts(col::LABELER, ["raj", "ana"].map(Some).into_iter().collect());
        assert!(key_order(&same).is_some());
        let mut timed = rows(&[("a".into(), "ana", Some(1), "a"), ("a".into(), "ana", Some(2), "a")]);
        assert_eq!(key_order(&timed), None);
        timed.set_time(0, col::CREATED_AT, Timestamp::from_micros(3));
        assert!(key_order(&timed).is_some());
        assert_eq!(key_order(&ascending.slice(1..3)), None);
    }

    #[test]
    fn a_part_has_the_root_of_its_rows_alone() {
        let count = 3 * CHUNK + 7;
        let given: Vec<_> = (0..count).map(|n| (format!("{n:06}"), "ana", None, "a")).collect();
        let rows = rows(&given);
        let part = CHUNK + 5..count - 3;
        assert_eq!(rows_root_of(&rows, part.clone()), rows_root(&rows.slice(part)));
        let many: Vec<_> = (0..MANY + 3).map(|n| (format!("{n:06}"), "ana", None, "a")).collect();
        let leaves: Vec<Digest> = (0..(MANY + 3).div_ceil(CHUNK))
            .map(|chunk| {
                let mut bytes = Vec::new();
                let all = self::rows(&many);
                (chunk * CHUNK..all.len().min((chunk + 1) * CHUNK))
                    .for_each(|row| canonical_row(&all, row, &mut bytes));
                digest::leaf(&bytes)
            })
            .collect();
        assert_eq!(rows_root(&self::rows(&many)), digest::merkle_root(&leaves));
    }
}
