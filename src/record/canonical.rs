//! Canonical rows: the bytes that digests are taken over, whatever Parquet does.
//!
//! A row is a CBOR array (RFC 8949 §4.2, deterministic) of its fields in schema order: text as text, times and whole
//! numbers as integers, floats in their shortest form, lists as arrays, null as null. Rows are sorted by the UTF-8
//! bytes of item, then labeler, then `created_at` (null first), then their own bytes; kinds without these columns by
//! their own bytes after their first column.

use super::column::Column;
use super::rows::{Rows, col};
use crate::base::{Digest, cbor, digest};

/// Rows in one leaf of the Merkle tree.
const CHUNK: usize = 1024;

/// Appends the canonical bytes of `row` to `out`.
pub fn canonical_row(rows: &Rows, row: usize, out: &mut Vec<u8>) {
    cbor::array(out, rows.columns().len());
    for column in rows.columns() {
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
}

/// Returns `rows` in canonical order.
pub fn sort(rows: &Rows) -> Rows {
    let bytes: Vec<Vec<u8>> = (0..rows.len())
        .map(|row| {
            let mut out = Vec::new();
            canonical_row(rows, row, &mut out);
            out
        })
        .collect();
    let judged = rows.kind().is_judgement();
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    order.sort_by(|a, b| {
        let key = |row: u32| {
            let row = row as usize;
            let first = if rows.columns().is_empty() { None } else { rows.text(row, col::ITEM) };
            let second = if judged { rows.text(row, col::LABELER) } else { None };
            let third = if judged { rows.time(row, col::CREATED_AT) } else { None };
            (first, second, third)
        };
        key(*a).cmp(&key(*b)).then_with(|| bytes[*a as usize].cmp(&bytes[*b as usize]))
    });
    rows.take(&order)
}

/// Returns the Merkle root (RFC 6962) over `rows` as they stand, 1,024 canonical rows to a leaf.
///
/// Rows are to be in canonical order; whether they are, [`sort`] tells.
pub fn rows_root(rows: &Rows) -> Digest {
    let mut leaves = Vec::with_capacity(rows.len().div_ceil(CHUNK));
    let mut bytes = Vec::new();
    for start in (0..rows.len()).step_by(CHUNK) {
        bytes.clear();
        for row in start..rows.len().min(start + CHUNK) {
            canonical_row(rows, row, &mut bytes);
        }
        leaves.push(digest::leaf(&bytes));
    }
    digest::merkle_root(&leaves)
}
