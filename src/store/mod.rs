//! The store: paths and bytes ↔ Git. The only module that names `git2`.
//!
//! Reads come from the object database, never from the work tree ([`Store::work_tree`] alone looks there, to compare);
//! writes follow the commit protocol (`protocol`, `docs/commit-protocol.md`). libgit2 reads objects and nothing else;
//! refs, configuration, the index and every write go through the `git` program, which keeps them right in every kind
//! of repository.

mod configure;
mod durable;
mod error;
mod history;
mod hook_files;
mod hooks;
mod index;
mod index_changes;
mod journal;
mod lfs;
mod lock;
mod loose;
mod object;
mod open;
mod place;
mod program;
mod promised;
mod protocol;
mod range;
mod read;
mod refs;
mod signing;
mod worktree;

use std::cell::{Cell, OnceCell, RefCell};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

pub use configure::Configured;
pub use error::{Error, ErrorKind};
pub use hook_files::HookFile;
pub use index_changes::IndexChange;
pub use lfs::LfsPointer;
pub use open::Location;
pub use program::GitEnv;
pub use protocol::{Recovered, Transaction};
pub use range::Step;
pub use signing::CommitSignature;
pub use worktree::WorkTreeState;

/// A Git object id in hexadecimal, of whichever hash the repository uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Oid(pub String);

impl std::fmt::Display for Oid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What HEAD is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A branch without commits yet; its short name.
    Unborn(String),
    /// A branch; its short name and commit.
    Branch(String, Oid),
    /// A commit without a branch.
    Detached(Oid),
}

/// One file of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TreeFile {
    /// From the repository's root, `/`-separated.
    pub path: String,
    /// Its blob.
    pub blob: Oid,
    /// 0o100644 for a plain file.
    pub mode: u32,
}

/// Who Git says is committing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// `user.name` or its environment variable.
    pub name: String,
    /// `user.email` or its environment variable.
    pub email: String,
}

/// A commit as `trace` and `log` tell of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommitInfo {
    /// Its id.
    pub id: Oid,
    /// `Name <email>` of the author.
    pub author: String,
    /// The author's time.
    pub time: Timestamp,
    /// The first line of the message.
    pub subject: String,
}

/// A file that some commit took away or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// From the repository's root.
    pub path: String,
    /// The blob as it was before.
    pub blob: Oid,
    /// The commit that did it.
    pub commit: CommitInfo,
}

/// Files to commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Path from the repository's root and exact bytes. A path that exists with the same bytes is left alone.
    pub files: Vec<(String, Vec<u8>)>,
    /// The whole commit message, trailers included.
    pub message: String,
}

/// What came of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Committed {
    /// The new commit.
    pub commit: Oid,
    /// The branch it is on; `None` on a detached HEAD.
    pub branch: Option<String>,
    /// Where a commit that somebody else made at the same moment took the files along (`git commit -a` does, between
    /// our update of the index and of the branch): that commit, which `commit` then names.
    pub swept_by: Option<CommitInfo>,
}

/// A Git repository. Not shared between threads; [`Store::reopen`] gives each its own.
pub struct Store {
    layout: open::Layout,
    /// The object database, without refs or configuration.
    objects: git2::Repository,
    git: program::Git,
    config: OnceCell<read::Config>,
    hooks: OnceCell<PathBuf>,
    /// Author and committer, as they were when they were first asked for.
    idents: RefCell<Option<[read::Ident; 2]>>,
    met_cut: Cell<bool>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.layout.git_dir).finish()
    }
}

impl Store {
    /// Returns the work tree's root; of a bare repository, the repository itself.
    pub fn root(&self) -> &Path {
        self.layout.work_tree.as_deref().unwrap_or(&self.layout.git_dir)
    }

    /// Returns `.git/hitl`, under the common folder: what no commit, push or clone carries.
    pub fn private_dir(&self) -> PathBuf {
        self.layout.hitl()
    }

    /// Returns `.git/hitl/cache`, under the common folder.
    pub fn cache_dir(&self) -> PathBuf {
        self.layout.hitl().join("cache")
    }

    /// Returns the refusal to write where there is no work tree.
    pub fn bare(&self) -> Error {
        Error::BareRepository { git_dir: self.layout.git_dir.clone() }
    }

    /// Whether there is no work tree to commit from.
    pub fn is_bare(&self) -> bool {
        self.layout.work_tree.is_none()
    }
}
