//! The work tree: what may be written where, and writing it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use rayon::prelude::*;

use super::journal::{Journal, Staged};
use super::open::Layout;
use super::{Error, Store, durable};

/// Refuses a path that leaves the work tree or that git would not keep everywhere.
pub(super) fn check_path(path: &str) -> Result<(), Error> {
    let refuse = |why| Err(Error::BadPath { path: path.to_owned(), why });
    if path.is_empty() || path.starts_with('/') || path.ends_with('/') {
        return refuse("it must name a file from the repository's root");
    }
    if path.chars().any(|c| c.is_control() || c == '\\' || c == ':') {
        return refuse("it holds a control character, a backslash or a colon");
    }
    for name in path.split('/') {
        if matches!(name, "" | "." | "..") {
            return refuse("it has an empty, `.` or `..` part");
        }
        if name.eq_ignore_ascii_case(".git")
            || name.eq_ignore_ascii_case("git~1")
            || name.ends_with(['.', ' '])
        {
            return refuse("git keeps no such name");
        }
    }
    Ok(())
}

/// What a plain file that is not the wanted one is called.
pub(super) const OTHER_BYTES: &str = "a file with other bytes";

/// What lies at a path of the work tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// A plain file with exactly these bytes.
    Same,
    /// Something else, and what.
    Other(&'static str),
}

/// Returns what lies at `path`, and refuses folders on the way that are none, symbolic links above all.
pub(super) fn look(root: &Path, path: &str, bytes: &[u8]) -> Result<Found, Error> {
    let mut here = root.to_path_buf();
    for (end, _) in path.match_indices('/') {
        here.push(path[..end].rsplit('/').next().unwrap_or_default());
        let taken = |what| Err(Error::PathTaken { path: path[..end].to_owned(), what });
        match fs::symlink_metadata(&here) {
            Ok(meta) if meta.is_dir() => {}
            Ok(meta) if meta.is_symlink() => {
                return taken("a symbolic link, which hitl does not write through");
            }
            Ok(_) => return taken("a file where a folder must be"),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(Error::Io { path: here, source: error }),
        }
    }
    let file = root.join(path);
    match fs::symlink_metadata(&file) {
        Ok(meta) if meta.is_file() => {
            let same =
                meta.len() == bytes.len() as u64 && fs::read(&file).map_err(Error::io(&file))? == bytes;
            Ok(if same { Found::Same } else { Found::Other(OTHER_BYTES) })
        }
        Ok(meta) if meta.is_dir() => Ok(Found::Other("a folder")),
        Ok(meta) if meta.is_symlink() => Ok(Found::Other("a symbolic link")),
        Ok(_) => Ok(Found::Other("no plain file")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) => Err(Error::Io { path: file, source: error }),
    }
}

impl Store {
    /// Puts every file of the journal into the work tree, unless something lies there by now: that is somebody's, and
    /// the commit does not need the copy.
    pub(super) fn place_files(&self, journal: &Journal) -> Result<(), Error> {
        let (root, stage, layout) = (self.root(), self.stage_of(journal), &self.layout);
        let place = |(position, file): (usize, &Staged)| -> Result<(), Error> {
            let bytes = staged(layout, &stage, position, file)?;
            let wanted = match look(root, &file.path, &bytes)? {
                Found::Nothing => true,
                Found::Same => false,
                Found::Other(OTHER_BYTES) => is_as_planned(layout, root, file)?,
                Found::Other(what) => journal.replace && what != "a folder",
            };
            if !wanted {
                return Ok(());
            }
            let path = root.join(&file.path);
            let folder = path.parent().unwrap_or(root);
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
            durable::place(&stage.join(format!("work-tree-{position}")), &path, &bytes)
        };
        // Side by side: a disk syncs many files in little more time than one.
        journal.files.par_iter().enumerate().try_for_each(place)?;
        durable::sync_dirs_of(root, journal.files.iter().map(|file| Path::new(&file.path)))
    }

    /// Returns a staged file's bytes, which are what the journal says or an error.
    pub(super) fn staged(&self, journal: &Journal, position: usize) -> Result<Vec<u8>, Error> {
        staged(&self.layout, &self.stage_of(journal), position, &journal.files[position])
    }
}

fn staged(layout: &Layout, stage: &Path, position: usize, file: &Staged) -> Result<Vec<u8>, Error> {
    let path = stage.join(position.to_string());
    let bytes = fs::read(&path).map_err(Error::io(&path))?;
    if layout.blob_id(&bytes) == file.blob {
        return Ok(bytes);
    }
    let why = "its bytes are not the ones the journal names".to_owned();
    Err(Error::Damaged { what: path.display().to_string(), why })
}

/// Whether the file at its path is still the one that the commit was to replace: what was edited since stays.
fn is_as_planned(layout: &Layout, root: &Path, file: &Staged) -> Result<bool, Error> {
    let Some(over) = &file.over else { return Ok(false) };
    let path = root.join(&file.path);
    Ok(layout.blob_id(&fs::read(&path).map_err(Error::io(&path))?) == *over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_work_tree_are_refused() {
        for path in ["ledger/a.yaml", "hitl.yaml", ".gitattributes", "a/.gitx/b", "ä/b"] {
            assert!(check_path(path).is_ok(), "{path}");
        }
        for path in [
            "",
            "/a",
            "a/",
            "a//b",
            "../a",
            "a/../b",
            "./a",
            ".git/config",
            "a/.GIT/b",
            "a\\b",
            "a\nb",
            "c:a",
            "a./b",
        ] {
            assert!(matches!(check_path(path), Err(Error::BadPath { .. })), "{path}");
        }
    }

    #[test]
    fn nothing_is_written_through_a_symlink() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("real")).unwrap();
        fs::write(dir.path().join("real/f"), "x").unwrap();
        std::os::unix::fs::symlink("real", dir.path().join("link")).unwrap();
        std::os::unix::fs::symlink("f", dir.path().join("real/l")).unwrap();
        let look = |path, bytes: &str| look(dir.path(), path, bytes.as_bytes());
        assert_eq!(look("real/f", "x").unwrap(), Found::Same);
        assert_eq!(look("real/f", "y").unwrap(), Found::Other(OTHER_BYTES));
        assert_eq!(look("real/n/m", "x").unwrap(), Found::Nothing);
        assert_eq!(look("real/l", "x").unwrap(), Found::Other("a symbolic link"));
        assert_eq!(look("real", "x").unwrap(), Found::Other("a folder"));
        assert!(matches!(look("link/f", "x"), Err(Error::PathTaken { path, .. }) if path == "link"));
        assert!(matches!(look("real/f/g", "x"), Err(Error::PathTaken { .. })));
    }
}
