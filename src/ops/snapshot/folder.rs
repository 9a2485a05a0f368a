//! The folder of an export: what one writes there, and whether it may.
//!
//! Training programs read whatever a folder holds. So an export goes into one that holds no other: rows that were taken
//! back since, left there by an older export, would be learned from all the same. Nothing is ever removed.

use std::collections::BTreeSet;
use std::path::Path;

use super::ExportFormat;
use crate::ops::Error;
use crate::ops::table::TableFormat;
use crate::snapshot::{self, Lock};
use crate::training;

/// The lock beside the files.
pub(super) const LOCK: &str = "snapshot.yaml";

/// Returns the parts of a snapshot, one without a name where it has no split.
pub(super) fn parts(lock: &Lock) -> Vec<Option<&str>> {
    match &lock.rule.split {
        Some(split) => split.parts.iter().map(|part| Some(part.name.as_str())).collect(),
        None => vec![None],
    }
}

/// Checks that `dir` may take an export of `lock` in the files `own`: it holds none, or one of the same snapshot of which
/// each file is replaced.
///
/// # Errors
/// Its lock is of another snapshot or is damaged; without a lock, a file is there that would be replaced; or a file of
/// this snapshot that would stay beside them. The folder cannot be read.
pub(super) fn check(dir: &Path, lock: &Lock, own: &BTreeSet<String>) -> Result<(), Error> {
    let is_known = is_known(dir, lock)?;
    let tables = [TableFormat::Parquet, TableFormat::Csv, TableFormat::Jsonl, TableFormat::Arrow];
    let others = tables
        .map(ExportFormat::Table)
        .into_iter()
        .chain([ExportFormat::HuggingFace, ExportFormat::Training(training::Format::Sft)]);
    // A card alone is nothing that is trained on.
    let mut wrong: BTreeSet<String> =
        others.flat_map(|other| paths(lock, other)).filter(|path| !path.ends_with(".md")).collect();
    match is_known {
        true => wrong.retain(|path| !own.contains(path)),
        false => wrong.extend(own.iter().cloned()),
    }
    match wrong.iter().map(|path| dir.join(path)).find(|path| path.symlink_metadata().is_ok()) {
        Some(path) => Err(refused(format!("{} is there, and not of this export", path.display()))),
        None => Ok(()),
    }
}

/// Whether `dir` has the lock of the same snapshot.
///
/// # Errors
/// It has another one.
fn is_known(dir: &Path, lock: &Lock) -> Result<bool, Error> {
    let path = dir.join(LOCK);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if is_absent(&error) => return Ok(false),
        Err(source) => return Err(Error::Io { verb: "read", path: path.display().to_string(), source }),
    };
    let there =
        snapshot::parse(&bytes).map_err(|error| refused(format!("{} is there: {error}", path.display())))?;
    if there.digest == lock.digest && there.made.name == lock.made.name {
        return Ok(true);
    }
    let (whose, digest) = (there.made.name, there.digest.short(16));
    Err(refused(format!("{} holds an export of snapshot `{whose}`, digest {digest}", dir.display())))
}

/// Returns the paths that an export of `lock` may write, beside its lock.
pub(super) fn paths(lock: &Lock, format: ExportFormat) -> BTreeSet<String> {
    let names = parts(lock).into_iter().map(|part| part.unwrap_or(&lock.made.name));
    match format {
        ExportFormat::Table(format) => names.map(|name| format!("{name}.{}", format.extension())).collect(),
        ExportFormat::HuggingFace => {
            names.map(|name| format!("data/{name}.parquet")).chain(["README.md".to_owned()]).collect()
        }
        ExportFormat::Training(_) => {
            names.flat_map(|name| [format!("{name}.jsonl"), format!("{name}.items")]).collect()
        }
    }
}

fn refused(message: String) -> Error {
    Error::request(message, "export into another folder, or remove what that one holds")
}

/// Whether nothing is there; a file in the place of a folder holds nothing either.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}
