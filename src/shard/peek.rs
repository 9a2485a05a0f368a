//! A shard that no manifest vouches for, looked into: part by part, so that a large one is never in memory as rows.
//!
//! What a diff shows of it. The same guards stand before the decoder, and the rows obey the same rules of values; only
//! whether they are some record's is not known.

use std::sync::Arc;

use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use parquet::column::page::Page;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;

use super::decode::{append, batches, labelers, metadata, of_one_length, shape};
use super::guard::{self, Whose, damaged, guarded};
use super::values::{self, Budget};
use super::{Error, Limits};
use crate::record::{Kind, Rows};

/// Rows of one part: few enough that a part of long texts stays small, and many enough that setting one up does not
/// show.
const PART: usize = 512;

/// The rows of a shard, part by part in the order they lie in; nothing follows the first error.
pub struct ShardRows {
    kind: Kind,
    batches: ParquetRecordBatchReader,
    budget: Budget,
    limits: Limits,
    rows: u64,
    ended: bool,
}

impl ShardRows {
    /// Looks into a file's bytes, which must be a shard within `limits`.
    ///
    /// # Errors
    /// It is a Git LFS pointer, no Parquet, no shard, contradicts itself, or is larger than is read.
    pub fn open(bytes: Vec<u8>, limits: Limits) -> Result<Self, Error> {
        guard::not_a_pointer(&bytes)?;
        guard::at_most("bytes", bytes.len() as u64, limits.file_bytes)?;
        guarded(|| Self::read(bytes, Page::buffer, limits))
    }

    /// Reads the footer; `B` is the Parquet crate's own buffer type, which inference names for us.
    fn read<B>(bytes: Vec<u8>, _same_as: fn(&Page) -> &B, limits: Limits) -> Result<Self, Error>
    where
        B: From<Vec<u8>> + AsRef<[u8]> + Clone + ChunkReader + 'static,
    {
        let bytes = B::from(bytes);
        let file = metadata(bytes.clone())?;
        let kind = kind(&file)?;
        let width = shape(&file, kind)?;
        labelers(&file, kind)?;
        guard::footer(bytes.as_ref(), &file, &limits, Whose::Ours)?;
        let batches = batches(bytes, Arc::clone(&file), (kind, width), PART)?;
        Ok(Self { kind, batches, budget: Budget::new(&limits), limits, rows: 0, ended: false })
    }

    fn part(&mut self, batch: &RecordBatch) -> Result<Rows, Error> {
        let before = self.rows;
        self.rows = guard::at_most("rows", before + batch.num_rows() as u64, self.limits.rows)?;
        let mut columns = Rows::empty(self.kind).columns().to_vec();
        append(&mut columns, batch, &mut self.budget)?;
        let rows = of_one_length(self.kind, columns)?;
        values::check(&rows, 0..rows.len(), &self.limits).map_err(|error| match error {
            Error::Value { row, column, message } => Error::Value { row: before + row, column, message },
            Error::Order { row } => Error::Order { row: before + row },
            other => other,
        })?;
        Ok(rows)
    }
}

impl Iterator for ShardRows {
    type Item = Result<Rows, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = guarded(|| {
            let batch = self.batches.next().transpose().map_err(damaged)?;
            batch.map(|batch| self.part(&batch)).transpose()
        });
        self.ended = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

/// Returns the kind that a shard's own metadata states.
fn kind(file: &ParquetMetaData) -> Result<Kind, Error> {
    let entries = file.file_metadata().key_value_metadata().map_or(&[][..], Vec::as_slice);
    let stated =
        entries.iter().find(|entry| entry.key == "hitl.kind").and_then(|entry| entry.value.as_deref());
    let kind = stated.and_then(|word| word.parse().ok());
    kind.ok_or_else(|| Error::Shape("its metadata names no kind of record".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Origin, col};
    use crate::shard::encode;

    fn rows(count: usize) -> Rows {
        let mut rows = Rows::empty(Kind::Labels);
        for number in 0..count {
            let row = rows.push_judgement(&format!("item-{number:06}"), "ana", Origin::Fresh);
            rows.set_text(row, col::LABEL, if number % 3 == 0 { "yes" } else { "no" });
        }
        rows
    }

    #[test]
    fn parts_come_to_the_rows_that_were_written() {
        for count in [1, PART, 3 * PART + 7] {
            let written = rows(count);
            let bytes = encode(&written, None).unwrap();
            let mut read = Rows::empty(Kind::Labels);
            for part in ShardRows::open(bytes, Limits::SHARD).unwrap() {
                let part = part.unwrap();
                assert!(part.len() <= PART);
                read.append(&part);
            }
            assert_eq!(read, written);
        }
    }

    #[test]
    fn whatever_is_cut_or_changed_ends_in_one_error_or_none_and_never_goes_on() {
        let bytes = encode(&rows(2 * PART), None).unwrap();
        for cut in (0..bytes.len()).step_by(97) {
            assert!(ShardRows::open(bytes[..cut].to_vec(), Limits::SHARD).is_err(), "{cut}");
        }
        for at in (0..bytes.len()).step_by(13) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x41;
            let Ok(parts) = ShardRows::open(changed, Limits::SHARD) else { continue };
            let parts: Vec<_> = parts.take(10).collect();
            let errors = parts.iter().filter(|part| part.is_err()).count();
            assert!(errors == 0 || errors == 1 && parts.last().is_some_and(Result::is_err), "{at}");
        }
    }

    #[test]
    fn a_pointer_and_another_programs_file_are_named() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
        assert_eq!(ShardRows::open(pointer.to_vec(), Limits::SHARD).err(), Some(Error::LfsPointer));
        assert!(matches!(ShardRows::open(Vec::new(), Limits::SHARD).err(), Some(Error::Damaged(_))));
    }
}
