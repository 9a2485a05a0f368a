//! A file the user names, read by whichever part knows its format.

use super::{Error, table};
use crate::ingest::{self, Import, Refused};
use crate::shard;

/// A file to be read.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name as the user wrote it; `-` for standard input.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// How every Parquet file begins.
const PARQUET: &[u8] = b"PAR1";

/// Reads `input` as `asked` says; `refuse` makes the error of a file with faults.
pub(super) fn import(
    input: &Input,
    asked: &ingest::Options<'_>,
    refuse: fn(String, Refused) -> Error,
) -> Result<Import, Error> {
    let file = || input.name.clone();
    let read = if input.bytes.starts_with(PARQUET) {
        let read = shard::read_foreign(&input.bytes).map_err(|error| Error::Shard { file: file(), error })?;
        ingest::read_table(&table::foreign(read), asked)
    } else {
        ingest::read(&input.bytes, asked)
    };
    read.map_err(|error| match error {
        ingest::Error::Request(error) => Error::Ingest { file: file(), error },
        ingest::Error::Data(refused) => refuse(file(), refused),
    })
}
