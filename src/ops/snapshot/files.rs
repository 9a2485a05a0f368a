//! Files that leave hitl together: written in full before the first gets its name.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::ops::{Error, readable_temporary};

/// Writes `files`, each a path in `dir` and its bytes. Everything is written under other names first, so that a full disk,
/// a folder that cannot be written, or a folder where a file is to lie leaves no file, and none that was there before is
/// touched. Renaming comes last, in the order given, file by file: should the file system refuse one then, or the process
/// be killed, those before it stand and the others do not. A folder that was not there before is removed again.
///
/// # Errors
/// A folder or file cannot be written.
pub(super) fn write(dir: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Error> {
    let was_there = dir.exists();
    let result = stage(dir, files).and_then(|staged| {
        refuse_folders(dir, files)?;
        for ((path, _), file) in files.iter().zip(staged) {
            let path = dir.join(path);
            file.persist(&path).map_err(|error| cannot_write(&path, error.error))?;
        }
        Ok(())
    });
    if result.is_err() && !was_there {
        // Whatever is left of it is the answer's less important part.
        let _ = std::fs::remove_dir_all(dir);
    }
    result
}

/// Refuses a folder in the place of a file, to which no file can be renamed.
fn refuse_folders(dir: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Error> {
    let is_folder = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.is_dir());
    match files.iter().map(|(path, _)| dir.join(path)).find(is_folder) {
        Some(path) => Err(cannot_write(&path, std::io::ErrorKind::IsADirectory.into())),
        None => Ok(()),
    }
}

/// Writes the bytes of all files beside where they will lie.
fn stage(dir: &Path, files: &[(String, Vec<u8>)]) -> Result<Vec<NamedTempFile>, Error> {
    let mut staged = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        let path = dir.join(path);
        let folder = path.parent().unwrap_or(dir);
        std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, error))?;
        let mut file = readable_temporary(folder).map_err(|error| cannot_write(&path, error))?;
        file.write_all(bytes).and_then(|()| file.flush()).map_err(|error| cannot_write(&path, error))?;
        staged.push(file);
    }
    Ok(staged)
}

fn cannot_write(path: &Path, source: std::io::Error) -> Error {
    Error::Io { verb: "write", path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_leaves_no_file() {
        let scratch = tempfile::tempdir().unwrap();
        let (old, new) = (scratch.path().join("old"), scratch.path().join("new"));
        std::fs::create_dir_all(&old).unwrap();
        std::fs::write(old.join("a"), "before").unwrap();
        std::fs::write(old.join("data"), "no folder").unwrap();
        let files = [("a".to_owned(), b"1".to_vec()), ("data/b".to_owned(), b"2".to_vec())];
        write(&old, &files).unwrap_err();
        assert_eq!(std::fs::read(old.join("a")).unwrap(), b"before");
        assert_eq!(std::fs::read_dir(&old).unwrap().count(), 2);
        let (first, folder) =
            (scratch.path().join("first"), ["a", "z"].map(|path| (path.to_owned(), vec![])));
        std::fs::create_dir_all(first.join("z")).unwrap();
        write(&first, &folder).unwrap_err();
        assert!(!first.join("a").exists(), "what comes before a folder in the way is not written");
        write(&new, &files).unwrap();
        assert_eq!(std::fs::read(new.join("data/b")).unwrap(), b"2");
        let (fresh, clash) =
            (scratch.path().join("fresh"), ["a", "a/b"].map(|path| (path.to_owned(), vec![])));
        write(&fresh, &clash).unwrap_err();
        assert!(!fresh.exists());
        let below_a_file = new.join("a/deeper");
        write(&below_a_file, &files).unwrap_err();
        assert_eq!(std::fs::read_dir(&new).unwrap().count(), 2);
    }
}
