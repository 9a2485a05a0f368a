//! Shards: rows ↔ Parquet bytes. The only module that names `arrow` and `parquet`.
//!
//! In: [`Rows`] in canonical order; out: the same bytes on every machine; and back, from bytes nobody vouches for. What
//! [`encode`] accepts is what [`decode`] accepts: the same rules of values and limits run on both ways. Decoding checks
//! length and SHA-256 first, then the footer and every page header, and only then lets the decoder near the bytes,
//! batch by batch, up to its first error, inside `catch_unwind`.
//!
//! Tables that are no shards go the same two ways: [`read_foreign`] takes any flat Parquet file, [`write_table`] makes
//! an export.

mod decode;
mod encode;
mod foreign;
mod guard;
mod labels;
mod page;
mod peek;
mod schema;
mod table;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;

use crate::base::Digest;
use crate::record::{LabelerUse, Manifest, Rows, rows_root};

pub use decode::{Decoded, decode};
pub use encode::{encode, encode_part};
pub use foreign::{ForeignCell, ForeignTable, read_foreign};
pub use guard::quiet_panics;
pub use labels::{LabelFile, LabelPlaces};
pub use peek::ShardRows;
pub use table::{Table, TableColumn, TableFormat, TableValues, write_table};

/// Labeler id → kind and rows, where the manifest has no room for it.
pub type LabelerTable = BTreeMap<String, LabelerUse>;

/// What decoding may cost at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes of all values once decoded.
    pub decoded_bytes: u64,
    /// Bytes of one text.
    pub cell_bytes: u64,
}

impl Limits {
    /// What every shard keeps to.
    pub const SHARD: Self = Self {
        file_bytes: 256 << 20,
        rows: Manifest::MAX_ROWS as u64,
        decoded_bytes: 1 << 30,
        cell_bytes: 1 << 20,
    };

    /// What a file that somebody imports keeps to.
    pub const FOREIGN: Self =
        Self { file_bytes: 1 << 30, rows: 20_000_000, decoded_bytes: 2 << 30, cell_bytes: 16 << 20 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::SHARD
    }
}

/// Why rows are no shard, or bytes no rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Git LFS keeps the content elsewhere.
    #[error("is a Git LFS pointer, not the shard itself; run `git lfs pull`")]
    LfsPointer,
    /// Truncated, or grown.
    #[error("is {actual} bytes long; its manifest says {expected}")]
    Length {
        /// What the manifest says.
        expected: u64,
        /// What is there.
        actual: u64,
    },
    /// Other bytes than the manifest's.
    #[error("has SHA-256 {actual}; its manifest says {expected}")]
    Digest {
        /// What the manifest says.
        expected: Digest,
        /// What is there.
        actual: Digest,
    },
    /// More than is read or written.
    #[error("{what}: {value}; at most {most}")]
    Limit {
        /// What there is too much of.
        what: String,
        /// How much there is.
        value: u64,
        /// How much may be.
        most: u64,
    },
    /// Readable, and of another shape than its kind's.
    #[error("not a shard of this kind: {0}")]
    Shape(String),
    /// No Parquet, or Parquet that contradicts itself.
    #[error("damaged Parquet: {0}")]
    Damaged(String),
    /// A value that no row may have.
    #[error("row {row}, column `{column}`: {message}")]
    Value {
        /// From 1.
        row: u64,
        /// The column's name.
        column: String,
        /// What is wrong with the value.
        message: String,
    },
    /// Rows out of canonical order.
    #[error("row {row} comes before row {} in canonical order", row - 1)]
    Order {
        /// From 1.
        row: u64,
    },
    /// Other rows than the manifest's.
    #[error("its rows have the root {actual}; its manifest says {expected}")]
    Root {
        /// What the manifest says.
        expected: Digest,
        /// What the rows come to.
        actual: Digest,
    },
}

/// Checks that `rows` are the ones whose root a manifest states.
///
/// # Errors
/// [`Error::Root`].
pub fn verify_root(rows: &Rows, expected: Digest) -> Result<(), Error> {
    let actual = rows_root(rows);
    if actual == expected { Ok(()) } else { Err(Error::Root { expected, actual }) }
}
