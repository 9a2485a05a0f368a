//! The files of hooks: written whole or not at all, and only over our own.

use std::fs::{self, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::{Error, Store, durable};

/// What lies where git looks for a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookFile {
    /// Nothing.
    Absent,
    /// A file, and what it holds; bytes that are no text are replaced.
    Text(String),
    /// A link, a folder or the like.
    Other,
}

impl Store {
    /// Returns where git looks for a hook, whether it is there or not.
    pub fn hook_path(&self, name: &str) -> Result<PathBuf, Error> {
        Ok(self.hooks_folder()?.join(name))
    }

    /// Returns what lies there.
    pub fn hook_file(&self, name: &str) -> Result<HookFile, Error> {
        let path = self.hook_path(name)?;
        match fs::symlink_metadata(&path) {
            // Of a folder that is none, `/dev/null` say, nothing is found either.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(HookFile::Absent)
            }
            Err(error) => Err(Error::Io { path, source: error }),
            Ok(meta) if meta.is_file() => {
                let bytes = fs::read(&path).map_err(Error::io(&path))?;
                Ok(HookFile::Text(String::from_utf8_lossy(&bytes).into_owned()))
            }
            Ok(_) => Ok(HookFile::Other),
        }
    }

    /// Puts an executable `text` there, as a whole; over what is there only where that is ours to `replace`.
    pub fn place_hook(&self, name: &str, text: &str, replace: bool) -> Result<(), Error> {
        let path = self.hook_path(name)?;
        let folder = self.hooks_folder()?;
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
        let placed = || -> std::io::Result<()> {
            let runnable = Permissions::from_mode(0o777);
            let mut file =
                tempfile::Builder::new().prefix(".hitl-").permissions(runnable).tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            let persisted = if replace { file.persist(&path) } else { file.persist_noclobber(&path) };
            persisted.map(drop).map_err(|error| error.error)
        };
        placed().map_err(Error::io(&path))?;
        durable::sync_dir(folder)
    }

    /// Takes the file away.
    pub fn remove_hook(&self, name: &str) -> Result<(), Error> {
        durable::remove(&self.hook_path(name)?)?;
        durable::sync_dir(self.hooks_folder()?)
    }
}
