//! Why the store could not do it.

use std::path::{Path, PathBuf};

use super::Oid;

/// Why the store could not do it. [`Error::kind`] tells what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No repository here or above.
    #[error("{} is not inside a Git repository; `hitl init` makes one", dir.display())]
    NotARepository {
        /// Where the search began.
        dir: PathBuf,
    },
    /// The repository belongs to somebody else, and git refuses to trust it.
    #[error("{advice}")]
    Untrusted {
        /// Git's own words, with the `safe.directory` command.
        advice: String,
    },
    /// There is no work tree to commit from.
    #[error("{} has no work tree, so nothing can be committed in it", git_dir.display())]
    BareRepository {
        /// The repository.
        git_dir: PathBuf,
    },
    /// The `git` program cannot be run.
    #[error("the `git` program cannot be run: {0}")]
    NoGit(std::io::Error),
    /// Git does not know who is committing.
    #[error("git does not know who you are: {detail}")]
    NoIdentity {
        /// Git's own words.
        detail: String,
        /// The commands that settle it.
        commands: [&'static str; 2],
    },
    /// A merge, rebase or the like is under way.
    #[error("a {0} is under way in this work tree; finish or abort it first")]
    InProgress(&'static str),
    /// Somebody else holds a lock.
    #[error("{what} holds {}", path.display())]
    Busy {
        /// Who.
        what: String,
        /// The lock.
        path: PathBuf,
    },
    /// HEAD was switched while the change was being made.
    #[error("HEAD was switched from {from} to {to} meanwhile; nothing was changed")]
    HeadMoved {
        /// What HEAD was.
        from: String,
        /// What it is.
        to: String,
    },
    /// A hook said no.
    #[error("the {hook} hook refused the commit; nothing was changed")]
    HookRefused {
        /// Which.
        hook: &'static str,
        /// What it printed.
        output: String,
    },
    /// The `pre-commit` hook wanted other bytes than the ones to commit.
    #[error(
        "the pre-commit hook changed {path}, which is committed as it is or not at all; nothing was committed"
    )]
    HookChanged {
        /// From the repository's root.
        path: String,
    },
    /// The commit was to be signed and could not be.
    #[error("the commit could not be signed; nothing was changed: {output}")]
    SigningFailed {
        /// What the signing program printed.
        output: String,
    },
    /// Everything is in HEAD already.
    #[error("nothing to commit: HEAD holds all of it already")]
    NothingToCommit,
    /// No commit goes by this name.
    #[error("`{rev}` names no commit{}", match (candidates.len(), cut) { (0, true) => " of this shallow clone", (0, false) => "", _ => ": it is ambiguous" })]
    UnknownRevision {
        /// What was asked for.
        rev: String,
        /// The objects an ambiguous prefix could mean.
        candidates: Vec<String>,
        /// Whether history is cut off, so that it may name a commit that is not here.
        cut: bool,
    },
    /// An object the repository should hold is absent.
    #[error("object {id} is missing from the repository{}", if *promised { "; its remote has it: `git fetch --refetch --no-filter`" } else { "" })]
    MissingObject {
        /// Which.
        id: Oid,
        /// Whether this is a partial clone, whose remote promised to keep the object.
        promised: bool,
    },
    /// Objects that a remote keeps for this partial clone could not be fetched.
    #[error("{} of this partial clone could not be fetched; {said}", crate::base::text::count(*objects, "object"))]
    PromiseBroken {
        /// How many.
        objects: usize,
        /// The remote and what git said.
        said: String,
    },
    /// Something else is in the way.
    #[error("{path} is in the way: {what}")]
    PathTaken {
        /// Where, from the repository's root.
        path: String,
        /// What lies there.
        what: &'static str,
    },
    /// A path that no commit of hitl may write.
    #[error("`{path}` is no path hitl may write: {why}")]
    BadPath {
        /// The path.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An object or the journal is not what its name or checksum says.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// What.
        what: String,
        /// How it shows.
        why: String,
    },
    /// The commit is staged and journalled, and could not be finished now; recovery will finish it.
    #[error(
        "the commit is safe in the journal but not finished yet, the next hitl command finishes it: {cause}"
    )]
    Unfinished {
        /// What stopped it.
        #[source]
        cause: Box<Error>,
    },
    /// Git failed.
    #[error("{context}: {message}")]
    Git {
        /// What was being done.
        context: String,
        /// Git's own words.
        message: String,
    },
    /// The file system failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// How.
        source: std::io::Error,
    },
}

/// What the caller can do about an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The answer is no: there is nothing to do.
    Nothing,
    /// The request was wrong.
    Request,
    /// The data or the repository is damaged, incomplete, or refuses.
    Repository,
    /// Someone else was there first, or something refused: try again.
    Retry,
}

impl Error {
    /// Returns what the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NothingToCommit => ErrorKind::Nothing,
            Self::NotARepository { .. }
            | Self::Untrusted { .. }
            | Self::BareRepository { .. }
            | Self::NoIdentity { .. }
            | Self::UnknownRevision { .. }
            | Self::BadPath { .. } => ErrorKind::Request,
            Self::MissingObject { .. }
            | Self::PromiseBroken { .. }
            | Self::PathTaken { .. }
            | Self::Damaged { .. }
            | Self::Git { .. }
            | Self::Io { .. } => ErrorKind::Repository,
            Self::NoGit(error) if error.kind() == std::io::ErrorKind::NotFound => ErrorKind::Request,
            Self::NoGit(_) => ErrorKind::Repository,
            Self::Unfinished { cause } => match cause.kind() {
                ErrorKind::Repository => ErrorKind::Repository,
                _ => ErrorKind::Retry,
            },
            Self::InProgress(_)
            | Self::Busy { .. }
            | Self::HeadMoved { .. }
            | Self::HookRefused { .. }
            | Self::HookChanged { .. }
            | Self::SigningFailed { .. } => ErrorKind::Retry,
        }
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }
}
