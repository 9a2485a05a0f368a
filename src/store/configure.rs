//! Git's configuration of one repository: set where nobody has set it.
//!
//! The file is git's and blocks plain git while it is locked, so a lock that a killed process left would stay. Git
//! therefore edits a copy in our own folder; the copy, synced, becomes the lock by `link(2)`, which proves that it is ours,
//! and then the file. Recovery removes a lock that is the copy, and the copy.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;

use super::lock::PAUSE;
use super::{Error, Store, durable};

/// How often a configuration that another git has locked is tried.
const TRIES: u32 = 20;

/// What came of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Configured {
    /// It was set.
    Set,
    /// It had this value.
    Same,
    /// Somebody gave it another value, here or for all repositories, and it was left as it is.
    Other(String),
}

impl Store {
    /// Sets `key` to `value` in this repository alone, for all its work trees, unless it has a value that is not `ours`:
    /// one that was set here for a program that is gone.
    ///
    /// # Errors
    /// Git's configuration cannot be read or written.
    pub fn configure(
        &self,
        key: &str,
        value: &str,
        ours: impl Fn(&str) -> bool,
    ) -> Result<Configured, Error> {
        match self.config()?.get(key) {
            Some(Some(found)) if found == value => Ok(Configured::Same),
            Some(found) if !found.as_deref().is_some_and(&ours) => {
                Ok(Configured::Other(found.clone().unwrap_or_default()))
            }
            _ => {
                let _lock = self.lock()?;
                let set = self.set(key, value);
                let cleared = self.release_config();
                set.and(cleared).map(|()| Configured::Set)
            }
        }
    }

    /// Returns the path that `key` is set to, `~` being the user's home; `None` where it is not set.
    ///
    /// # Errors
    /// Git cannot be asked.
    pub fn path_setting(&self, key: &str) -> Result<Option<PathBuf>, Error> {
        if !self.config()?.contains_key(key) {
            return Ok(None);
        }
        let said = self.git.run(&format!("reading {key}"), ["config", "--type=path", "--get", key])?;
        Ok(Some(super::program::path(said.strip_suffix(b"\n").unwrap_or(&said))))
    }

    /// Returns the value that Git's attributes give `attribute` of `path`, from the repository's root; `None` where
    /// they give none.
    ///
    /// # Errors
    /// Git cannot be asked.
    pub fn attribute(&self, path: &str, attribute: &str) -> Result<Option<String>, Error> {
        let said = self.git.run("reading attributes", ["check-attr", "-z", attribute, "--", path])?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let value = said.split('\0').nth(2).filter(|value| *value != "unspecified");
        Ok(value.map(str::to_owned))
    }

    /// Where git edits a copy.
    fn config_copy(&self) -> PathBuf {
        self.layout.hitl().join("config")
    }

    /// Returns the file that git reads, whatever links lead to it.
    fn config_file(&self) -> Result<PathBuf, Error> {
        let path = self.layout.common_dir.join("config");
        fs::canonicalize(&path).map_err(Error::io(&path))
    }

    fn set(&self, key: &str, value: &str) -> Result<(), Error> {
        let (file, copy) = (self.config_file()?, self.config_copy());
        for _ in 0..TRIES {
            // A copy that became the file is the file: it is never written to.
            self.release_config()?;
            let before = fs::read(&file).map_err(Error::io(&file))?;
            let mode = fs::metadata(&file).map_err(Error::io(&file))?.permissions();
            durable::write(&copy, &before)?;
            let args = ["config".as_ref(), "--file".as_ref(), copy.as_os_str(), "--replace-all".as_ref()];
            self.git
                .run(&format!("setting {key}"), args.into_iter().chain([key.as_ref(), value.as_ref()]))?;
            fs::set_permissions(&copy, mode).map_err(Error::io(&copy))?;
            durable::sync_file(&copy)?;
            if fs::hard_link(&copy, locked(&file)).is_ok() {
                if fs::read(&file).is_ok_and(|now| now == before) {
                    fs::rename(locked(&file), &file).map_err(Error::io(&file))?;
                    return file.parent().map_or(Ok(()), durable::sync_dir);
                }
                durable::remove(&locked(&file))?;
            }
            sleep(PAUSE);
        }
        let what = "another git command, or one that was killed,".to_owned();
        Err(Error::Busy { what, path: locked(&file) })
    }

    /// Whether a process died over a setting, or is in the middle of one.
    pub(super) fn is_configuring(&self) -> bool {
        self.config_copy().exists()
    }

    /// Removes the copy, what git left beside it, and a lock that is the copy.
    pub(super) fn release_config(&self) -> Result<(), Error> {
        let copy = self.config_copy();
        let same = |path: &Path| {
            let node = |path: &Path| fs::symlink_metadata(path).map(|meta| (meta.dev(), meta.ino())).ok();
            node(path).is_some() && node(path) == node(&copy)
        };
        if let Ok(file) = self.config_file()
            && same(&locked(&file))
        {
            durable::remove(&locked(&file))?;
        }
        durable::remove(&locked(&copy))?;
        durable::remove(&copy)
    }
}

/// Returns where git locks a file.
fn locked(path: &Path) -> PathBuf {
    path.with_added_extension("lock")
}
