//! The user's index: our paths are added to it, and nothing else in it changes.
//!
//! It must know our files before the branch does: were the branch moved first, a `git commit -a` in between would
//! take the new files for deleted ones, and delete them. The new index is made in the stage without a lock; git's own
//! `index.lock` is then made from it by link(2) and, if the index is still the one it was made from, renamed over it.
//! So git waits for two system calls at most, a process that dies leaves a lock only between them, and that lock can
//! be told from somebody else's: it holds what the file in the stage holds.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;

use super::journal::{Journal, Staged};
use super::lock::{PATIENCE, PAUSE, SHORT_PATIENCE};
use super::object::PER_CALL;
use super::program::{run, succeed};
use super::{Error, Store, durable};

/// The new index in the stage.
const STAGED: &str = "index";
/// Of the staged index's files, only ours are looked at.
const STAGING: [&str; 2] = ["-c", "core.preloadIndex=false"];
/// It is synced once, when it is done.
const UNSYNCED: [&str; 2] = ["-c", "core.fsync=none"];
/// It gets its checksum with its last change, where git (2.40 or later) knows to leave that out.
const UNHASHED: [&str; 2] = ["-c", "index.skipHash=true"];
/// How often the new index is made again because somebody changed the index meanwhile.
const TRIES: u32 = 40;

/// What is known of the index while a commit goes in.
#[derive(Debug, Default)]
pub(super) struct Entered {
    /// The bytes of the index that the one in the stage was made from, where that was not put in place yet.
    made_from: Option<Option<Vec<u8>>>,
    /// Device and inode of the index with our files that was put in place. The stage has the same file under another
    /// name, so no other one gets this number; and git never writes into an index, it puts another in its place.
    placed: Option<(u64, u64)>,
}

impl Store {
    /// Makes the index as it will be, in the stage, and refuses where that fails or somebody holds the lock.
    pub(super) fn rehearse_index(&self, journal: &Journal) -> Result<Entered, Error> {
        let lock = self.layout.git_dir.join("index.lock");
        for _ in 0..SHORT_PATIENCE {
            if !lock.exists() {
                let before = self.new_index(journal, self.is_hashed_last()?)?;
                // With a sparse index, git 2.47 breaks one whose files came after it.
                let usable = self.setting("core.sparsecheckout")? != Some(true);
                return Ok(Entered { made_from: usable.then_some(before), placed: None });
            }
            sleep(PAUSE);
        }
        Err(held(lock))
    }

    /// Adds the journal's files to the index.
    pub(super) fn enter_index(&self, journal: &Journal, entered: &mut Entered) -> Result<(), Error> {
        let (index, lock) = (self.layout.git_dir.join("index"), self.layout.git_dir.join("index.lock"));
        let new = self.stage_of(journal).join(STAGED);
        for _ in 0..TRIES {
            let before = match entered.made_from.take() {
                Some(before) => before,
                None => self.new_index(journal, self.is_hashed_last()?)?,
            };
            let before = self.refresh(journal, &new, before)?;
            durable::sync_file(&new)?;
            self.shared().try_for_each(|shared| durable::sync_file(&shared))?;
            let own = inode(&new);
            take(&new, &lock)?;
            let placed = match read(&index) {
                Ok(now) if now == before => {
                    fs::rename(&lock, &index).map(|()| true).map_err(Error::io(&index))
                }
                Ok(_) => Ok(false),
                Err(error) => Err(error),
            };
            match placed {
                Ok(true) => {
                    entered.placed = own;
                    return durable::sync_dir(&self.layout.git_dir);
                }
                Ok(false) => durable::remove(&lock)?,
                Err(error) => {
                    // Once more where it was the removal that failed: a lock that stays blocks everybody.
                    durable::remove(&lock).or_else(|_| durable::remove(&lock))?;
                    return Err(error);
                }
            }
        }
        Err(held(lock))
    }

    /// Makes sure that the index still has the journal's files. `git commit` reads the index before it locks it: one that
    /// read it before our files were in writes it back without them, and the next `git commit -a` would delete them.
    pub(super) fn keep_in_index(&self, journal: &Journal, entered: &mut Entered) -> Result<(), Error> {
        let (index, lock) = (self.layout.git_dir.join("index"), self.layout.git_dir.join("index.lock"));
        for _ in 0..TRIES {
            // Git moves the branch first and puts its index in place then. One that waits for an editor has moved
            // nothing, and its commit will be refused for ours.
            (0..SHORT_PATIENCE).take_while(|_| lock.exists()).for_each(|_| sleep(PAUSE));
            let as_placed = entered.placed.is_some() && inode(&index) == entered.placed;
            if as_placed || self.is_in_index(journal)? {
                return Ok(());
            }
            self.enter_index(journal, entered)?;
        }
        Err(held(lock))
    }

    fn is_in_index(&self, journal: &Journal) -> Result<bool, Error> {
        let staged = |files: &[Staged]| {
            let args = ["--literal-pathspecs", "ls-files", "--stage", "-z", "--"].into_iter();
            let paths = files.iter().map(|file| file.path.as_str());
            self.git.run("reading the index", args.chain(paths))
        };
        for files in journal.files.chunks(PER_CALL) {
            let listed = staged(files)?;
            let entries: BTreeSet<&[u8]> = listed.split(|byte| *byte == 0).collect();
            let wanted = |file: &Staged| format!("100644 {} 0\t{}", file.blob, file.path);
            if !files.iter().all(|file| entries.contains(wanted(file).as_bytes())) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes an `index.lock` that a dead hitl left behind; anybody else's stays.
    pub(super) fn release_index(&self, journal: &Journal) -> Result<(), Error> {
        let lock = self.layout.common_dir.join(&journal.place).join("index.lock");
        let ours = read(&self.stage_of(journal).join(STAGED))?;
        if ours.is_some() && read(&lock)? == ours { durable::remove(&lock) } else { Ok(()) }
    }

    /// Makes the index as it will be, in the stage, with a checksum or so far without; returns the bytes of the index it
    /// was made from.
    fn new_index(&self, journal: &Journal, unhashed: bool) -> Result<Option<Vec<u8>>, Error> {
        let copy = self.stage_of(journal).join(STAGED);
        durable::remove(&copy)?;
        durable::remove(&copy.with_extension("lock"))?;
        let before = read(&self.layout.git_dir.join("index"))?;
        if let Some(bytes) = &before {
            fs::write(&copy, bytes).map_err(Error::io(&copy))?;
        }
        let entries: String =
            journal.files.iter().map(|file| format!("100644 {}\t{}\0", file.blob, file.path)).collect();
        let options: &[&str] = if unhashed { &UNHASHED } else { &[] };
        let args = ["update-index", "-z", "--add", "--index-info"];
        let mut command = self.staging(options.iter().chain(&args))?;
        command.env("GIT_INDEX_FILE", &copy);
        succeed("adding to the index", run(command, Some(entries.as_bytes()))?)?;
        Ok(before)
    }

    /// Returns a command that works on the staged index.
    fn staging<'a>(&self, args: impl Iterator<Item = &'a &'a str>) -> Result<Command, Error> {
        // A split index refers to a file that only git syncs.
        let unsynced: &[&str] = if self.is_split()? { &[] } else { &UNSYNCED };
        Ok(self.git.command(STAGING.iter().chain(unsynced).chain(args)))
    }

    /// Whether the staged index may go without a checksum until its last change: not where the user wants it so for
    /// good, nor in a split index, of which git takes such a one for empty.
    fn is_hashed_last(&self) -> Result<bool, Error> {
        let wanted = self.setting("index.skiphash")?.or(self.setting("feature.manyfiles")?);
        Ok(wanted != Some(true) && !self.is_split()?)
    }

    fn is_split(&self) -> Result<bool, Error> {
        Ok(self.setting("core.splitindex")? == Some(true) || self.shared().next().is_some())
    }

    /// Lists the files that a split index may refer to.
    fn shared(&self) -> impl Iterator<Item = PathBuf> {
        let entries = fs::read_dir(&self.layout.git_dir).into_iter().flatten().flatten();
        let shared =
            entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"sharedindex."));
        shared.map(|entry| entry.path())
    }

    /// Lets the new index, made from `before`, know size and time of our files, so that plumbing that compares only
    /// those sees no change. What git cannot refresh it compares by bytes, so a failure is none.
    fn refresh(
        &self,
        journal: &Journal,
        new: &Path,
        before: Option<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let paths: String = journal.files.iter().map(|file| format!("{}\0", file.path)).collect();
        let args =
            ["--literal-pathspecs", "add", "--refresh", "--pathspec-from-file=-", "--pathspec-file-nul"];
        let mut command = self.staging(args.iter())?;
        command.env("GIT_INDEX_FILE", new);
        run(command, Some(paths.as_bytes()))?;
        // One that was not refreshed, and so not written, is made again with its checksum.
        if self.is_hashed_last()? && is_unhashed(new).map_err(Error::io(new))? {
            return self.new_index(journal, false);
        }
        Ok(before)
    }
}

/// Returns device and inode of a file, where it is there.
fn inode(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))
}

/// Whether an index has no checksum.
fn is_unhashed(index: &Path) -> std::io::Result<bool> {
    let mut file = File::open(index)?;
    let mut checksum = [0; 20];
    file.seek(SeekFrom::End(-(checksum.len() as i64)))?;
    file.read_exact(&mut checksum)?;
    Ok(checksum == [0; 20])
}

/// Returns the bytes of an index, `None` where there is none yet.
fn read(index: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(index) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::Io { path: index.to_path_buf(), source: error }),
    }
}

/// Takes the index lock by linking the new index to it, waiting for whoever holds it.
fn take(new: &Path, lock: &Path) -> Result<(), Error> {
    for _ in 0..PATIENCE {
        match fs::hard_link(new, lock) {
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
