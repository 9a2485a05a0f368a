//! A file the user names, read by whichever part knows its format.

use super::{Error, table};
use crate::base::Blocks;
use crate::ingest::{self, Import, Refused};
use crate::record::codes::LabelCodes;
use crate::shard;

/// A file to be read.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name as the user wrote it; `-` for standard input.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A file that is read in parts as far as that goes.
pub struct OpenInput {
    name: String,
    blocks: Box<dyn Blocks>,
}

impl OpenInput {
    /// Returns the file called `name` as the user wrote it, `-` being standard input.
    pub fn new(name: String, blocks: Box<dyn Blocks>) -> Self {
        Self { name, blocks }
    }

    /// Returns its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Reads all of it.
    pub(super) fn whole(&self) -> Result<Input, Error> {
        match self.blocks.whole() {
            Ok(bytes) => Ok(Input { name: self.name.clone(), bytes: bytes.into_owned() }),
            Err(source) => Err(Error::Io { verb: "read", path: self.name.clone(), source }),
        }
    }

    /// Reads it as labels in long form, as `asked` says; `None` where [`import`] is to read it.
    pub(super) fn label_codes(&self, asked: &ingest::Options<'_>) -> Option<LabelCodes> {
        let mut magic = [0; PARQUET.len()];
        self.blocks.read_at(0, &mut magic).ok()?;
        if magic != PARQUET {
            return ingest::label_codes(&*self.blocks, asked);
        }
        let bytes = self.blocks.whole().ok()?;
        let file = shard::LabelFile::open(&bytes)?;
        let names: Vec<&str> = file.columns().collect();
        let columns = ingest::label_columns(&names, asked)?;
        let places = shard::LabelPlaces {
            item: columns.item,
            labeler: columns.labeler,
            label: columns.label,
            created_at: columns.created_at,
            time: ingest::micros,
        };
        columns.canonical(file.read(places)?)
    }
}

/// How every Parquet file begins.
const PARQUET: [u8; 4] = *b"PAR1";

/// Reads `input` as `asked` says; `refuse` makes the error of a file with faults.
pub(super) fn import(
    input: &Input,
    asked: &ingest::Options<'_>,
    refuse: fn(String, Refused) -> Error,
) -> Result<Import, Error> {
    let file = || input.name.clone();
    let read = if input.bytes.starts_with(&PARQUET) {
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
