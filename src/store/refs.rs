//! Refs: moving a branch by compare-and-swap, and clearing the locks of a git that died doing so.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;

use super::index::Entered;
use super::journal::{Journal, Prepared};
use super::lock::PAUSE;
use super::object::identity_variables;
use super::program::{answer, run, words};
use super::{Error, Head, Oid, Store, durable};

/// How often a lock that might be a living git's is looked at before it counts as a dead one's.
const STILL: u32 = 40;
/// How often a ref that another git has locked is tried; every try runs git, so there are fewer and longer pauses.
const TRIES: u32 = 40;

/// Where branches are.
const BRANCHES: &str = "refs/heads/";
/// The file in the stage that says that git was told to move the ref.
const TOLD: &str = "told";

/// Returns the short name of a branch; in full where it would read like a full one.
pub(super) fn short(name: &str) -> &str {
    name.strip_prefix(BRANCHES).filter(|short| !short.starts_with("refs/")).unwrap_or(name)
}

/// Returns the full name of a branch.
pub(super) fn full(short: &str) -> String {
    if short.starts_with("refs/") { short.to_owned() } else { format!("{BRANCHES}{short}") }
}

/// What came of an attempt to move a ref.
enum Moved {
    Yes,
    /// Somebody moved it first.
    Lost,
    /// Somebody holds its lock.
    Locked,
}

impl Store {
    /// Returns what HEAD is, where its file and the branch's say so plainly. Git looks at these two first; packed and
    /// symbolic refs, branches without commits and reftables have no such file, and git is asked.
    pub(super) fn plain_head(&self) -> Option<Head> {
        let text = plain_line(&self.layout.git_dir.join("HEAD"))?;
        match text.strip_prefix("ref: ") {
            Some(name) => Some(Head::Branch(short(name).to_owned(), self.plain_branch(name)?)),
            None => self.plain_id(&text).map(Head::Detached),
        }
    }

    /// Returns the commit that the file of the branch `name` names.
    fn plain_branch(&self, name: &str) -> Option<Oid> {
        let is_name = |part: &str| !part.is_empty() && !part.starts_with('.');
        name.strip_prefix(BRANCHES)?.split('/').all(is_name).then_some(())?;
        self.plain_id(&plain_line(&self.layout.common_dir.join(name))?)
    }

    fn plain_id(&self, text: &str) -> Option<Oid> {
        let id = self.git_id(&Oid(text.to_owned())).ok().filter(|id| !id.is_zero())?;
        (id.to_string() == text).then(|| Oid(text.to_owned()))
    }

    /// Moves the journal's ref to a commit of its files on top of whatever the ref is by then, and returns the commit:
    /// ours, or the one that took the files along from the index before we came to it.
    /// Where it is the branch of this work tree, whose index is `present`, that must have the files whenever it moves.
    pub(super) fn move_ref(
        &self,
        journal: &mut Journal,
        present: Option<&mut Entered>,
    ) -> Result<Oid, Error> {
        let name = self.ref_name(journal)?;
        let (mut patience, mut present) = (TRIES, present);
        loop {
            let tip = self.ref_value(&name)?;
            if let Some(tip) = &tip
                && self.holds(tip, journal)?
            {
                self.sync_others(tip)?;
                self.sync_ref(&name)?;
                return self.carrier(tip, journal);
            }
            let parent = tip.clone().or_else(|| journal.base.clone().map(Oid));
            if let Some(parent) = &parent {
                self.sync_others(parent)?;
            }
            let prepared = self.announce(journal, parent)?;
            if let Some(entered) = present.as_deref_mut() {
                self.keep_in_index(journal, entered)?;
            }
            match self.swap(journal, &name, &prepared, tip.as_ref())? {
                Moved::Yes => {
                    self.sync_ref(&name)?;
                    self.note_synced(&prepared.commit);
                    return Ok(prepared.commit);
                }
                Moved::Lost => {}
                Moved::Locked if patience == 0 => {
                    let what = "another git command, or one that was killed,".to_owned();
                    return Err(Error::Busy { what, path: self.layout.common_dir.join(&name) });
                }
                Moved::Locked => {
                    patience -= 1;
                    sleep(PAUSE * 5);
                }
            }
        }
    }

    /// Makes the commit on top of `parent`, and journals that the ref is about to become it, unless that was done.
    fn announce(&self, journal: &mut Journal, parent: Option<Oid>) -> Result<Prepared, Error> {
        if let Some(ready) = journal.prepared.clone().filter(|prepared| prepared.parent == parent) {
            return Ok(ready);
        }
        let prepared = self.write_commit(journal, parent)?;
        journal.prepared = Some(prepared.clone());
        self.write_journal(journal)?;
        Ok(prepared)
    }

    /// Whether the commit the journal's process last tried to publish is in its ref's history.
    pub(super) fn is_published(&self, journal: &Journal) -> Result<bool, Error> {
        let Some(prepared) = &journal.prepared else { return Ok(false) };
        let Some(tip) = self.ref_value(&self.ref_name(journal)?)? else { return Ok(false) };
        let asked = self.git.try_run(["merge-base", "--is-ancestor", &prepared.commit.0, &tip.0])?;
        Ok(asked.status.success())
    }

    /// Whether `commit`'s tree has all the journal's files with their bytes.
    pub(super) fn holds(&self, commit: &Oid, journal: &Journal) -> Result<bool, Error> {
        for file in &journal.files {
            if self.blob_at(commit, &file.path)?.as_ref() != Some(&file.blob) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the commit that brought the journal's files to `tip`: it holds them, and none of its parents does.
    fn carrier(&self, tip: &Oid, journal: &Journal) -> Result<Oid, Error> {
        let mut commit = tip.clone();
        'back: loop {
            for parent in self.parents(&commit)? {
                // A shallow clone lacks parents by design.
                if self.holds(&parent, journal).unwrap_or(false) {
                    commit = parent;
                    continue 'back;
                }
            }
            return Ok(commit);
        }
    }

    /// Removes ref locks that a git started for this journal left behind when it was killed.
    ///
    /// One that names our commit is ours. An empty one may be, once git was told to move the ref: it made it and died
    /// before it wrote. A living git holds such a lock for a moment only, so one that stays as it is for two seconds is a dead one's.
    pub(super) fn release_ref(&self, journal: &Journal) -> Result<(), Error> {
        let Some(prepared) = &journal.prepared else { return Ok(()) };
        let git_dir = self.layout.common_dir.join(&journal.place);
        let mut locks = vec![git_dir.join("HEAD.lock"), self.layout.common_dir.join("HEAD.lock")];
        let name = self.ref_name(journal)?;
        locks.push(self.layout.common_dir.join(format!("{name}.lock")));
        // Of the list of tables, and of tables that were being made one.
        for folder in [self.layout.common_dir.join("reftable"), git_dir.join("reftable")] {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            locks.extend(
                entries.map(|entry| entry.path()).filter(|path| path.extension() == Some("lock".as_ref())),
            );
        }
        let told = self.stage_of(journal).join(TOLD).exists();
        for lock in locks {
            let Ok(text) = fs::read(&lock) else { continue };
            let ours = text.trim_ascii_end() == prepared.commit.0.as_bytes();
            if ours || told && stays(&lock, &text) {
                durable::remove(&lock)?;
            }
        }
        Ok(())
    }

    /// Returns the ref to move. A detached HEAD that has been attached since, or whose work tree is gone, is not there
    /// any more: the commit is then kept under a ref of its own.
    fn ref_name(&self, journal: &Journal) -> Result<String, Error> {
        if let Some(branch) = &journal.branch {
            return Ok(branch.clone());
        }
        let gone = self.layout.place() != journal.place;
        if gone || self.git.try_run(["symbolic-ref", "--quiet", "HEAD"])?.status.success() {
            return Ok(format!("refs/hitl/recovered/{}", journal.transaction));
        }
        Ok("HEAD".to_owned())
    }

    fn ref_value(&self, name: &str) -> Result<Option<Oid>, Error> {
        let plain = match name {
            "HEAD" => self.plain_head().and_then(|head| match head {
                Head::Branch(_, commit) | Head::Detached(commit) => Some(commit),
                Head::Unborn(_) => None,
            }),
            branch => self.plain_branch(branch),
        };
        if let Some(commit) = plain
            && self.find_commit(self.git_id(&commit)?).is_ok()
        {
            return Ok(Some(commit));
        }
        let output = self.git.try_run(["rev-parse", "--quiet", "--verify", &format!("{name}^{{commit}}")])?;
        Ok(answer(&format!("reading {name}"), output)?.map(Oid))
    }

    fn swap(
        &self,
        journal: &Journal,
        name: &str,
        prepared: &Prepared,
        tip: Option<&Oid>,
    ) -> Result<Moved, Error> {
        let none = "0".repeat(prepared.commit.0.len());
        let old = tip.map_or(none.as_str(), |tip| tip.0.as_str());
        let reason = format!("hitl: {}", journal.subject());
        // Not synced: it is on the disk before the lock that git makes after it.
        let told = self.stage_of(journal).join(TOLD);
        fs::write(&told, "").map_err(Error::io(&told))?;
        let mut command =
            self.git.command(["update-ref", "--no-deref", "-m", &reason, name, &prepared.commit.0, old]);
        command.envs(identity_variables(&journal.author, &journal.committer));
        let output = run(command, None)?;
        if output.status.success() {
            // Git only warns of a lock that it could not remove, and would be blocked by it ever after.
            if !output.stderr.is_empty() {
                self.release_ref(journal)?;
            }
            return Ok(Moved::Yes);
        }
        if self.ref_value(name)?.as_ref() != tip {
            return Ok(Moved::Lost);
        }
        let message = words(&output.stderr);
        if message.contains(".lock") || message.contains("lock ref") || message.contains("exists") {
            return Ok(Moved::Locked);
        }
        Err(Error::Git { context: format!("moving {name}"), message })
    }

    /// Syncs a ref and every folder above it; git syncs the file but not that it is there.
    fn sync_ref(&self, name: &str) -> Result<(), Error> {
        if !self.has_plain_refs()? {
            durable::sync_dir(&self.layout.git_dir.join("reftable"))?;
            return durable::sync_dir(&self.layout.common_dir.join("reftable"));
        }
        let root = if name == "HEAD" { &self.layout.git_dir } else { &self.layout.common_dir };
        durable::sync_file(&root.join(name))?;
        durable::sync_dirs_of(root, std::iter::once(Path::new(name)))
    }
}

/// Returns the one line of a file that is no symbolic link.
fn plain_line(path: &Path) -> Option<String> {
    fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    fs::read_to_string(path).ok()?.strip_suffix('\n').map(str::to_owned)
}

/// Whether a lock stays exactly as it is for two seconds.
fn stays(lock: &PathBuf, text: &[u8]) -> bool {
    let before = fs::metadata(lock).and_then(|meta| meta.modified()).ok();
    (0..STILL).all(|_| {
        sleep(PAUSE);
        fs::read(lock).is_ok_and(|now| now == text)
            && fs::metadata(lock).and_then(|meta| meta.modified()).ok() == before
    })
}
