//! The commit protocol: a change goes in whole or not at all, and once acknowledged it stays.
//!
//! In: files and a message. Out: a commit on top of HEAD that adds exactly these files. Invariant: everything that can
//! refuse does so before the journal is written; from then on whoever comes next finishes it (`docs/commit-protocol.md`
//! says why each step stands where it stands).

use std::fs;

use rayon::prelude::*;

use super::index::Entered;
use super::journal::{Journal, Prepared, Staged};
use super::lock::Lock;
use super::place::{Found, OTHER_BYTES, check_path, look};
use super::refs::{full, short};
use super::{Change, CommitInfo, Committed, Error, Head, Oid, Store, durable};

/// The right to commit: while it lives, no other hitl process writes to this repository.
#[derive(Debug)]
pub struct Transaction<'s> {
    store: &'s Store,
    lock: Lock,
    head: Head,
    recovered: Option<Recovered>,
    /// Whether the commit is signed where it can be, whatever Git's configuration says.
    sign: bool,
}

/// A commit that a process journalled and did not live to finish, finished now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The commit that holds it.
    pub commit: Oid,
    /// The branch it is on; `None` on a detached HEAD.
    pub branch: Option<String>,
    /// The first line of its message.
    pub subject: String,
    /// Its files.
    pub paths: Vec<String>,
}

impl Store {
    /// Takes the lock, finishes what a dead process left behind, and returns the right to commit.
    ///
    /// Waits up to ten seconds for another hitl process. What the caller reads at [`Transaction::head`] stays current
    /// but for plain git, and the commit is put on top of what that did.
    pub fn begin(&self) -> Result<Transaction<'_>, Error> {
        if self.is_bare() {
            return Err(Error::BareRepository { git_dir: self.layout.git_dir.clone() });
        }
        if let Some(operation) = self.operation_in_progress()? {
            return Err(Error::InProgress(operation));
        }
        let lock = self.lock()?;
        let recovered = self.recover_locked()?;
        self.idents.take();
        Ok(Transaction { store: self, lock, head: self.head()?, recovered, sign: false })
    }

    /// Commits exactly these files on top of HEAD by the commit protocol.
    pub fn commit(&self, change: &Change) -> Result<Committed, Error> {
        self.begin()?.commit(change)
    }

    /// Finishes, or clears away, what a dead process left behind, and returns the commit it finished.
    ///
    /// Touches nothing when there is nothing, waits for nobody (what a living process is doing is not interrupted),
    /// and leaves everything as it is while a merge, rebase or the like is under way.
    pub fn recover(&self) -> Result<Option<Recovered>, Error> {
        if !self.anything_left() {
            return Ok(None);
        }
        match self.try_lock()? {
            Some(_lock) => self.recover_locked(),
            None => Ok(None),
        }
    }

    fn recover_locked(&self) -> Result<Option<Recovered>, Error> {
        if self.is_configuring() {
            self.release_config()?;
        }
        let Some(mut journal) = self.read_journal()? else {
            self.clear_stage()?;
            return Ok(None);
        };
        let here = self.work_tree_of(&journal)?;
        // A rebase would not get its branch back if it moved meanwhile.
        if let Some(operation) = here.operation_in_progress()? {
            return Err(Error::InProgress(operation));
        }
        here.release_index(&journal)?;
        here.release_ref(&journal)?;
        let published = journal.prepared.clone().filter(|_| here.is_published(&journal).unwrap_or(false));
        let commit = match published {
            Some(prepared) => {
                here.drop_journal()?;
                prepared.commit
            }
            None => {
                // Git may have pruned objects that nothing referred to. Making the commit again gives the same one,
                // but for a signature.
                let usable = |prepared: &Prepared| here.holds(&prepared.commit, &journal).unwrap_or(false);
                let kept = journal.prepared.clone().filter(|prepared| journal.sign && usable(prepared));
                journal.prepared = kept;
                here.finish(&mut journal, Entered::default()).map_err(unfinished)?
            }
        };
        Ok(Some(Recovered {
            commit,
            branch: journal.branch.as_deref().map(|branch| short(branch).to_owned()),
            subject: journal.subject().to_owned(),
            paths: journal.files.into_iter().map(|file| file.path).collect(),
        }))
    }

    /// Returns whose commit holds the journal's files, when it is not the one that was made for them.
    fn swept_by(&self, commit: &Oid, journal: &Journal) -> Result<Option<CommitInfo>, Error> {
        if journal.prepared.as_ref().is_some_and(|prepared| prepared.commit == *commit) {
            return Ok(None);
        }
        self.commit_info(commit).map(Some)
    }

    /// Opens the work tree the journal is for, which need not be the one we are in; where it is gone, ours.
    fn work_tree_of(&self, journal: &Journal) -> Result<Store, Error> {
        if self.layout.place() != journal.place {
            let listed = self.git.run("listing the work trees", ["worktree", "list", "--porcelain", "-z"])?;
            let paths = listed.split(|byte| *byte == 0).filter_map(|line| line.strip_prefix(b"worktree "));
            for path in paths.map(super::program::path) {
                let found = Self::discover_with(&path, self.git.env.clone());
                let ours = |store: &Store| {
                    store.layout.common_dir == self.layout.common_dir && store.layout.place() == journal.place
                };
                if let Some(store) = found.ok().filter(ours) {
                    return Ok(store);
                }
            }
        }
        self.reopen()
    }

    /// Steps 5 to 11: does what the journal says. Every step may have been done before.
    fn finish(&self, journal: &mut Journal, mut entered: Entered) -> Result<Oid, Error> {
        let head = match self.head()? {
            Head::Unborn(branch) | Head::Branch(branch, _) => Some(full(&branch)),
            Head::Detached(_) => None,
        };
        // After a crash the work tree may be gone, or on another branch, where the files do not belong.
        let present = !self.is_bare() && self.layout.place() == journal.place && head == journal.branch;
        if present {
            self.place_files(journal)?;
        }
        self.keep_blobs(journal)?;
        if present {
            self.enter_index(journal, &mut entered)?;
        }
        let commit = self.move_ref(journal, present.then_some(&mut entered))?;
        if present {
            self.keep_in_index(journal, &mut entered)?;
        }
        self.drop_journal()?;
        Ok(commit)
    }
}

impl Transaction<'_> {
    /// Returns what HEAD is.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Returns the commit of a dead process that was finished first.
    pub fn recovered(&self) -> Option<&Recovered> {
        self.recovered.as_ref()
    }

    /// Has the commit signed where `user.signingKey` names an SSH key, also where `commit.gpgSign` does not say so.
    #[must_use]
    pub fn signed(self) -> Self {
        Self { sign: true, ..self }
    }

    /// Commits exactly these files on top of HEAD. Where other bytes lie at one of the paths, it refuses.
    pub fn commit(self, change: &Change) -> Result<Committed, Error> {
        self.run(change, false)
    }

    /// Commits exactly these files on top of HEAD, in place of what lies at their paths: what `restore` needs.
    pub fn commit_over(self, change: &Change) -> Result<Committed, Error> {
        self.run(change, true)
    }

    fn run(self, change: &Change, replace: bool) -> Result<Committed, Error> {
        let store = self.store;
        let tip = self.unmoved_head()?;
        let mut journal = store.plan(change, tip.as_ref(), replace)?;
        journal.sign |= self.sign && store.signing_key()?.is_some();
        journal.branch = match &self.head {
            Head::Unborn(branch) | Head::Branch(branch, _) => Some(full(branch)),
            Head::Detached(_) => None,
        };
        let ready = store.stage(&journal, change).and_then(|()| store.rehearse(&mut journal, tip));
        let entered = match ready.and_then(|entered| store.write_journal(&journal).map(|()| entered)) {
            Ok(entered) => entered,
            Err(error) => return Err(store.withdraw(error)),
        };
        let commit = store.finish(&mut journal, entered).map_err(unfinished)?;
        drop(self.lock);
        store.run_afterwards();
        // The commit is made: not to know whose it is does not undo it.
        let swept_by = store.swept_by(&commit, &journal).unwrap_or_default();
        Ok(Committed {
            commit,
            branch: journal.branch.as_deref().map(|branch| short(branch).to_owned()),
            swept_by,
        })
    }

    /// Returns HEAD's commit as it is now, after making sure that HEAD is still on the branch it was on.
    fn unmoved_head(&self) -> Result<Option<Oid>, Error> {
        let name = |head: &Head| match head {
            Head::Unborn(branch) | Head::Branch(branch, _) => format!("branch {branch}"),
            Head::Detached(_) => "a detached commit".to_owned(),
        };
        let now = self.store.head()?;
        if name(&now) != name(&self.head) {
            return Err(Error::HeadMoved { from: name(&self.head), to: name(&now) });
        }
        Ok(match now {
            Head::Unborn(_) => None,
            Head::Branch(_, commit) | Head::Detached(commit) => Some(commit),
        })
    }
}

impl Store {
    /// Checks all that can be checked by looking, and returns what is to be done.
    fn plan(&self, change: &Change, tip: Option<&Oid>, replace: bool) -> Result<Journal, Error> {
        let Some(root) = &self.layout.work_tree else {
            return Err(Error::BareRepository { git_dir: self.layout.git_dir.clone() });
        };
        let (layout, mut files) = (&self.layout, Vec::new());
        let blobs: Vec<Oid> = change.files.par_iter().map(|(_, bytes)| layout.blob_id(bytes)).collect();
        for ((path, bytes), blob) in change.files.iter().zip(blobs) {
            check_path(path)?;
            let committed = match tip {
                Some(tip) => self.blob_at(tip, path)?,
                None => None,
            };
            if committed.as_ref() != Some(&blob) {
                let there = look(root, path, bytes)?;
                refuse_taken(path, &there, committed.is_some(), replace)?;
                let over = match there {
                    Found::Other(OTHER_BYTES) => {
                        let file = root.join(path);
                        Some(self.blob_id(&fs::read(&file).map_err(Error::io(&file))?))
                    }
                    _ => None,
                };
                files.push(Staged { path: path.clone(), blob, over });
            }
        }
        let Some(first) = files.first() else { return Err(Error::NothingToCommit) };
        let transaction = first.blob.0[..16].to_owned();
        let mut journal = Journal::new(transaction, self.layout.place(), self.idents()?);
        journal.files = files;
        journal.base = tip.map(|tip| tip.0.clone());
        journal.replace = replace;
        journal.message = format!("{}\n", change.message.trim_end());
        journal.sign = self.setting("commit.gpgsign")? == Some(true);
        Ok(journal)
    }

    /// Step 3: puts the bytes where recovery finds them.
    fn stage(&self, journal: &Journal, change: &Change) -> Result<(), Error> {
        let stage = self.stage_of(journal);
        fs::create_dir_all(&stage).map_err(Error::io(&stage))?;
        let write = |(position, file): (usize, &Staged)| {
            let bytes = change.files.iter().find(|(path, _)| *path == file.path).map(|(_, bytes)| &**bytes);
            durable::write(&stage.join(position.to_string()), bytes.unwrap_or_default())
        };
        journal.files.par_iter().enumerate().try_for_each(write)?;
        durable::sync_dir(&stage)?;
        durable::sync_dir(&self.stage_dir())
    }

    /// Takes back what was staged, and the journal where only syncing it failed; returns why. A stage that cannot be
    /// removed now is cleared by the next command; a journal that cannot is finished by it.
    fn withdraw(&self, error: Error) -> Error {
        match self.drop_journal() {
            Err(_) if self.is_journalled() => unfinished(error),
            _ => error,
        }
    }

    /// Asks everything that may say no: the tree, the index, the hooks, the object folder, the signing key. Objects
    /// that nothing refers to are no change, so the commit itself is made here, and used if the branch stays.
    fn rehearse(&self, journal: &mut Journal, tip: Option<Oid>) -> Result<Entered, Error> {
        self.new_trees(journal, tip.as_ref())?;
        let entered = self.rehearse_index(journal)?;
        self.run_commit_hooks(journal, tip.as_ref())?;
        self.write_blobs(journal)?;
        journal.prepared = Some(self.write_commit(journal, tip)?);
        Ok(entered)
    }
}

/// Refuses to write where something else lies. The work tree decides: a file that the user changed to just these bytes
/// may be committed, whatever HEAD holds.
fn refuse_taken(path: &str, there: &Found, committed: bool, replace: bool) -> Result<(), Error> {
    let taken = |what| Err(Error::PathTaken { path: path.to_owned(), what });
    match there {
        Found::Same => Ok(()),
        Found::Other(what) if !replace || *what == "a folder" => taken(what),
        Found::Nothing if committed && !replace => taken("a file that HEAD holds with other bytes"),
        Found::Nothing | Found::Other(_) => Ok(()),
    }
}

fn unfinished(cause: Error) -> Error {
    Error::Unfinished { cause: Box::new(cause) }
}
