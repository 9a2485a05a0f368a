//! The user's index: our paths are added to it, and nothing else in it changes.
//!
//! It must know our files before the branch does: were the branch moved first, a `git commit -a` in between would
//! take the new files for deleted ones, and delete them. The lock is git's own `index.lock`, made by link(2) from a
//! file whose text only hitl writes, so that one left behind by a dead process can be told from somebody else's.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread::sleep;

use super::journal::Journal;
use super::lock::{PATIENCE, PAUSE, SHORT_PATIENCE};
use super::program::{run, succeed};
use super::{Error, Store, durable};

const TOKEN: &str =
    "hitl is adding its files to the index. If no hitl is running, `hitl status` removes this lock.\n";

impl Store {
    /// Tries the whole index update on a copy, and refuses where it would fail or somebody holds the lock.
    pub(super) fn rehearse_index(&self, journal: &Journal) -> Result<(), Error> {
        let lock = self.layout.git_dir.join("index.lock");
        for _ in 0..SHORT_PATIENCE {
            if !lock.exists() {
                return self.new_index(journal, "index-rehearsal").map(drop);
            }
            sleep(PAUSE);
        }
        Err(held(lock))
    }

    /// Adds the journal's files to the index.
    pub(super) fn enter_index(&self, journal: &Journal) -> Result<(), Error> {
        let token = self.layout.hitl().join("token");
        if fs::read(&token).ok().as_deref() != Some(TOKEN.as_bytes()) {
            durable::replace(&token, TOKEN.as_bytes())?;
        }
        let lock = self.layout.git_dir.join("index.lock");
        take(&token, &lock)?;
        let entered = self.new_index(journal, "index").and_then(|new| {
            self.refresh(journal, &new)?;
            let index = self.layout.git_dir.join("index");
            fs::rename(&new, &index).map_err(Error::io(&index))?;
            durable::sync_dir(&self.layout.git_dir)
        });
        durable::remove(&lock)?;
        entered
    }

    /// Removes an `index.lock` that a dead hitl left behind; anybody else's stays.
    pub(super) fn release_index(&self, journal: &Journal) -> Result<(), Error> {
        let lock = self.layout.common_dir.join(&journal.place).join("index.lock");
        match fs::read(&lock) {
            Ok(text) if text == TOKEN.as_bytes() => durable::remove(&lock),
            _ => Ok(()),
        }
    }

    /// Makes the index as it will be, in the stage, and returns where.
    fn new_index(&self, journal: &Journal, name: &str) -> Result<PathBuf, Error> {
        let copy = self.stage_of(journal).join(name);
        durable::remove(&copy)?;
        durable::remove(&copy.with_extension("lock"))?;
        match fs::copy(self.layout.git_dir.join("index"), &copy) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::Io { path: copy, source: error });
            }
            _ => {}
        }
        let entries: String =
            journal.files.iter().map(|file| format!("100644 {}\t{}\0", file.blob, file.path)).collect();
        let mut command = self.git.command(["update-index", "-z", "--add", "--index-info"]);
        command.env("GIT_INDEX_FILE", &copy);
        succeed("adding to the index", run(command, Some(entries.as_bytes()))?)?;
        Ok(copy)
    }

    /// Lets the index know size and time of our files, so that plumbing that compares only those sees no change. What
    /// git cannot refresh it compares by bytes, so a failure is none.
    fn refresh(&self, journal: &Journal, copy: &Path) -> Result<(), Error> {
        let paths: String = journal.files.iter().map(|file| format!("{}\0", file.path)).collect();
        let args =
            ["--literal-pathspecs", "add", "--refresh", "--pathspec-from-file=-", "--pathspec-file-nul"];
        let mut command = self.git.command(args);
        command.env("GIT_INDEX_FILE", copy);
        run(command, Some(paths.as_bytes())).map(drop)
    }
}

/// Takes the index lock, waiting for whoever holds it.
fn take(token: &Path, lock: &Path) -> Result<(), Error> {
    for _ in 0..PATIENCE {
        match fs::hard_link(token, lock) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => sleep(PAUSE),
            Err(error) => return Err(Error::Io { path: lock.to_path_buf(), source: error }),
        }
    }
    Err(held(lock.to_path_buf()))
}

fn held(path: PathBuf) -> Error {
    let what = "another git command, or one that was killed,".to_owned();
    Error::Busy { what, path }
}
