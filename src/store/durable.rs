//! Files that survive a power cut: every write here is on the disk when the function returns.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::Error;

/// Puts `bytes` into the new or emptied file `path`; its folder's entry is the caller's to sync.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(Error::io(path))
}

/// Puts `bytes` at `path` as a whole or not at all.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let temporary = path.with_extension("tmp");
    write(&temporary, bytes)?;
    fs::rename(&temporary, path).map_err(Error::io(path))?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Puts a copy of `bytes` at `path`, written at `temporary` first; across file systems, beside `path`.
pub(super) fn place(temporary: &Path, path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write(temporary, bytes)?;
    match fs::rename(temporary, path) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let mut beside = path.as_os_str().to_owned();
            beside.push(".hitl-tmp");
            write(Path::new(&beside), bytes)?;
            fs::rename(&beside, path).map_err(Error::io(path))
        }
        done => done.map_err(Error::io(path)),
    }
}

/// Syncs what `path` holds, if it is there.
pub(super) fn sync_file(path: &Path) -> Result<(), Error> {
    match File::open(path) {
        Ok(file) => file.sync_all().map_err(Error::io(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::Io { path: path.to_path_buf(), source: error }),
    }
}

/// Syncs the entries of a folder, if it is there.
pub(super) fn sync_dir(path: &Path) -> Result<(), Error> {
    sync_file(path)
}

/// Syncs a folder and all in it.
pub(super) fn sync_all(path: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(path).map_err(Error::io(path))? {
        let entry = entry.map_err(Error::io(path))?.path();
        match entry.symlink_metadata().map_err(Error::io(&entry))? {
            meta if meta.is_dir() => sync_all(&entry)?,
            meta if meta.is_file() => sync_file(&entry)?,
            _ => {}
        }
    }
    sync_dir(path)
}

/// Makes a folder, unless it is there, and syncs that it is.
pub(super) fn create_dir(path: &Path) -> Result<(), Error> {
    match fs::create_dir(path) {
        Ok(()) => path.parent().map_or(Ok(()), sync_dir),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::Io { path: path.to_path_buf(), source: error }),
    }
}

/// Syncs each folder between `root` and the files at `paths`, `root` included.
pub(super) fn sync_dirs_of<'p>(root: &Path, paths: impl Iterator<Item = &'p Path>) -> Result<(), Error> {
    let dirs: BTreeSet<&Path> = paths.flat_map(|path| path.ancestors().skip(1)).collect();
    dirs.into_iter().rev().try_for_each(|dir| sync_dir(&root.join(dir)))
}

/// Removes a file that may be gone already.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(path)(error)),
        _ => Ok(()),
    }
}

/// Removes a folder and all in it; it may be gone already.
pub(super) fn remove_all(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(path)(error)),
        _ => Ok(()),
    }
}
