//! What stands between outside bytes and the Parquet crate: digests, the footer's claims, page headers, panics.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use parquet::basic::{Compression, Encoding, Type as PhysicalType};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

use super::{Error, Limits, page};
use crate::base::Digest;
use crate::record::Shard;

/// A shard has at most this many row groups: one per 64 Ki rows, with room for other ways of writing it.
const MAX_GROUPS: u64 = 1024;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Keeps panics that decoding catches from being printed; every other panic is reported as before.
///
/// The binary calls it once at its start. Calling it again changes nothing.
pub fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                before(info);
            }
        }));
    });
}

/// Runs `decode`; a panic in it is an error like any other.
pub(super) fn guarded<T>(decode: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(decode));
    GUARDED.set(outer);
    result.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(Error::Damaged(format!("the decoder gave up: {}", one_line(text))))
    })
}

/// Returns the start of a message of another crate, fit for one line.
pub(super) fn one_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect()
}

/// What those crates put before a message, one in another, and tells people nothing.
const PREFIXES: &[&str] = &["Parquet argument error: ", "Parquet error: ", "External: ", "Arrow: ", "EOF: "];

/// Returns an error of the Parquet or Arrow crate as ours.
pub(super) fn damaged(error: impl std::fmt::Display) -> Error {
    let text = error.to_string();
    let mut text = text.as_str();
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        text = rest;
    }
    Error::Damaged(one_line(text))
}

/// Refuses what Git LFS left in the content's place.
pub(super) fn not_a_pointer(bytes: &[u8]) -> Result<(), Error> {
    let pointer = bytes.starts_with(b"version https://git-lfs.github.com/spec/") && bytes.len() <= 1024;
    if pointer { Err(Error::LfsPointer) } else { Ok(()) }
}

/// Checks length and SHA-256, before anything reads the bytes.
pub(super) fn identity(bytes: &[u8], expected: &Shard) -> Result<(), Error> {
    let actual = bytes.len() as u64;
    not_a_pointer(bytes)?;
    if actual != expected.bytes {
        return Err(Error::Length { expected: expected.bytes, actual });
    }
    let digest = Digest::of(bytes);
    if digest == expected.sha256 {
        Ok(())
    } else {
        Err(Error::Digest { expected: expected.sha256, actual: digest })
    }
}

/// Returns `value` if it is at most `most`.
pub(super) fn at_most(what: impl Into<String>, value: u64, most: u64) -> Result<u64, Error> {
    if value <= most { Ok(value) } else { Err(Error::Limit { what: what.into(), value, most }) }
}

/// Whose file it is, which decides how much is believed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// A shard: every number must agree with every other.
    Ours,
    /// Anybody's: whatever is within the limits.
    Foreign,
}

/// Checks the footer against the file and the limits, and every page header against the footer.
pub(super) fn footer(
    bytes: &[u8],
    file: &ParquetMetaData,
    limits: &Limits,
    whose: Whose,
) -> Result<(), Error> {
    at_most("bytes", bytes.len() as u64, limits.file_bytes)?;
    let rows = claim("rows", file.file_metadata().num_rows())?;
    at_most("rows", rows, limits.rows)?;
    if whose == Whose::Ours {
        at_most("row groups", file.num_row_groups() as u64, MAX_GROUPS)?;
    }
    let (mut sum, mut cost) = (0_u64, 0_u64);
    for group in file.row_groups() {
        sum = sum.saturating_add(claim("rows of a row group", group.num_rows())?);
        cost = cost.saturating_add(row_group(bytes, group, limits, whose)?);
        at_most("bytes once decoded", cost, limits.decoded_bytes)?;
    }
    if sum != rows {
        return Err(Error::Damaged(format!("its row groups have {sum} rows, its footer says {rows}")));
    }
    Ok(())
}

/// Returns a count of the footer, which is signed there.
fn claim(what: &str, value: i64) -> Result<u64, Error> {
    u64::try_from(value).map_err(|_| Error::Damaged(format!("{what}: {value}")))
}

/// Checks one row group; returns what decoding it costs at least, in bytes.
fn row_group(bytes: &[u8], group: &RowGroupMetaData, limits: &Limits, whose: Whose) -> Result<u64, Error> {
    let rows = claim("rows of a row group", group.num_rows())?;
    let mut cost = 0_u64;
    for column in group.columns() {
        let name = column.column_path().string();
        let placed = |error: Error| match error {
            Error::Damaged(what) => Error::Damaged(format!("column `{name}`: {what}")),
            Error::Limit { what, value, most } => {
                Error::Limit { what: format!("column `{name}`: {what}"), value, most }
            }
            other => other,
        };
        cost = cost.saturating_add(chunk(bytes, column, rows, limits, whose).map_err(placed)?);
    }
    Ok(cost)
}

fn chunk(
    bytes: &[u8],
    column: &ColumnChunkMetaData,
    rows: u64,
    limits: &Limits,
    whose: Whose,
) -> Result<u64, Error> {
    if column.file_path().is_some() {
        return Err(Error::Damaged("its data lies in another file".into()));
    }
    let start =
        claim("offset", column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset()))?;
    let length = claim("compressed size", column.compressed_size())?;
    let uncompressed = at_most(
        "bytes once decompressed",
        claim("uncompressed size", column.uncompressed_size())?,
        limits.decoded_bytes,
    )?;
    let values = claim("values", column.num_values())?;
    let range =
        usize::try_from(start).ok().zip(start.checked_add(length).and_then(|end| usize::try_from(end).ok()));
    let chunk = range.and_then(|(start, end)| bytes.get(start..end));
    let chunk = chunk.ok_or_else(|| Error::Damaged("lies outside the file".into()))?;
    let claims = page::walk(chunk, whose == Whose::Ours).map_err(Error::Damaged)?;
    at_most("bytes once decompressed", claims.uncompressed, limits.decoded_bytes)?;
    if column.column_descr().max_rep_level() == 0 && (values != rows || claims.values != rows) {
        return Err(Error::Damaged(format!("{} values for {rows} rows", claims.values)));
    }
    match whose {
        Whose::Ours => ours(column, &claims, uncompressed, values)?,
        Whose::Foreign => foreign(column, &claims)?,
    }
    // In memory a text takes 16 bytes beside its own, and an element of a list 4 bytes of levels.
    let width = if column.column_type() == PhysicalType::BYTE_ARRAY { 16 } else { 4 };
    let width = if column.column_descr().max_rep_level() > 0 { width + 4 } else { width };
    Ok(claims.values.saturating_mul(width).max(claims.uncompressed))
}

fn ours(
    column: &ColumnChunkMetaData,
    claims: &page::Claims,
    uncompressed: u64,
    values: u64,
) -> Result<(), Error> {
    if !matches!(column.compression(), Compression::ZSTD(_) | Compression::UNCOMPRESSED) {
        return Err(Error::Damaged(format!("compressed by {}", column.compression())));
    }
    let known = [Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY];
    if let Some(encoding) = column.encodings().find(|encoding| !known.contains(encoding)) {
        return Err(Error::Damaged(format!("encoded as {encoding}")));
    }
    if (claims.uncompressed, claims.values) != (uncompressed, values) {
        let (pages, held) = (claims.uncompressed, claims.values);
        let what = format!("{held} values in {pages} bytes, its footer says {values} in {uncompressed}");
        return Err(Error::Damaged(what));
    }
    Ok(())
}

/// A gzip page is decompressed until it ends, whatever its header claims; gzip makes at most 1,032 bytes of one.
const MAX_GZIP_PAGE: u64 = 4 << 20;

fn foreign(column: &ColumnChunkMetaData, claims: &page::Claims) -> Result<(), Error> {
    if matches!(column.compression(), Compression::GZIP(_)) {
        at_most("bytes of one gzip page", claims.largest_compressed, MAX_GZIP_PAGE)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_of_one_line() {
        quiet_panics();
        let error = guarded::<()>(|| panic!("index {} out of range\nmore", 7)).unwrap_err();
        assert_eq!(error.to_string(), "damaged Parquet: the decoder gave up: index 7 out of range");
        assert_eq!(guarded(|| Ok(3)), Ok(3));
        assert!(!GUARDED.get());
    }

    #[test]
    fn messages_of_other_crates_lose_their_prefixes() {
        let error = damaged("Parquet argument error: External: Data corruption detected\nat 7");
        assert_eq!(error, Error::Damaged("Data corruption detected".into()));
    }
}
