//! Maps of people, kept in files that no commit, push or clone carries: who stands behind a pseudonym, what a labeler is
//! called.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::Error;
use crate::dataset::Dataset;

/// Returns the file of addresses and the pseudonyms that stand for them.
pub(super) fn pseudonyms(dataset: &Dataset) -> PathBuf {
    dataset.store().private_dir().join("pseudonyms.json")
}

/// Reads a map; an empty one where there is no file.
pub(super) fn load(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    let read = || match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    };
    read().map_err(|source| Error::Io { verb: "read", path: path.display().to_string(), source })
}

/// Writes a map as a whole or not at all; nobody but the user may read it.
pub(super) fn save(path: &Path, map: &BTreeMap<String, String>) -> Result<(), Error> {
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(path);
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, map)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|source| Error::Io { verb: "write", path: path.display().to_string(), source })
}
