//! The journal: what a commit is going to do, written before it begins to, so that whoever comes next can finish it.
//!
//! `<common dir>/hitl/journal.json` is there from the point of no return until the branch has moved; the bytes lie
//! beside it in `stage/<transaction>/`. It is replaced as a whole and synced.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::read::Ident;
use super::{Error, Oid, Store, durable};

const FORMAT: u32 = 1;

/// A commit under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    pub format: u32,
    /// Names its folder under `stage/`.
    pub transaction: String,
    /// The work tree it is for, as the folder of its HEAD below the common one: empty, or `worktrees/<name>`. Never
    /// an absolute path, which in a copied repository would name the original.
    pub place: PathBuf,
    /// The ref to move; `None` moves a detached HEAD.
    pub branch: Option<String>,
    /// What the ref was.
    pub base: Option<String>,
    pub files: Vec<Staged>,
    /// Whether other bytes at these paths are to be replaced.
    pub replace: bool,
    pub message: String,
    pub author: Ident,
    pub committer: Ident,
    pub sign: bool,
    /// A commit object made for the ref at `parent`. Git may have been told to move the ref to it.
    pub prepared: Option<Prepared>,
}

/// A file of the commit; its bytes are staged under its position.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Staged {
    pub path: String,
    pub blob: Oid,
    /// The blob id of the other bytes that lie there and are to be replaced.
    #[serde(default)]
    pub over: Option<Oid>,
}

/// A commit object and the ref's value it was made for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Prepared {
    pub parent: Option<Oid>,
    pub commit: Oid,
}

impl Journal {
    pub fn new(transaction: String, place: PathBuf, idents: [Ident; 2]) -> Self {
        let [author, committer] = idents;
        Self {
            format: FORMAT,
            transaction,
            place,
            branch: None,
            base: None,
            files: Vec::new(),
            replace: false,
            message: String::new(),
            author,
            committer,
            sign: false,
            prepared: None,
        }
    }

    /// Returns the first line of the message.
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

impl Store {
    fn journal_path(&self) -> PathBuf {
        self.layout.hitl().join("journal.json")
    }

    pub(super) fn stage_dir(&self) -> PathBuf {
        self.layout.hitl().join("stage")
    }

    /// Returns where the bytes of a transaction lie.
    pub(super) fn stage_of(&self, journal: &Journal) -> PathBuf {
        self.stage_dir().join(&journal.transaction)
    }

    /// Whether a process died over a commit or a setting, or is in the middle of one.
    pub(super) fn anything_left(&self) -> bool {
        self.stage_dir().exists() || self.is_journalled() || self.is_configuring()
    }

    /// Whether there is a journal.
    pub(super) fn is_journalled(&self) -> bool {
        self.journal_path().exists()
    }

    pub(super) fn write_journal(&self, journal: &Journal) -> Result<(), Error> {
        let bytes = serde_json::to_vec_pretty(journal).map_err(|error| Error::Git {
            context: "writing the journal".to_owned(),
            message: error.to_string(),
        })?;
        durable::replace(&self.journal_path(), &bytes)
    }

    pub(super) fn read_journal(&self) -> Result<Option<Journal>, Error> {
        let path = self.journal_path();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::Io { path, source: error }),
        };
        let damaged = |why| Error::Damaged { what: path.display().to_string(), why };
        let journal: Journal = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if journal.format != FORMAT {
            return Err(damaged(format!("its format is {}, this hitl knows {FORMAT}", journal.format)));
        }
        Ok(Some(journal))
    }

    /// Forgets the journal, then what was staged. A stage that stays behind without a journal is no fault: the next
    /// command clears it.
    pub(super) fn drop_journal(&self) -> Result<(), Error> {
        durable::remove(&self.journal_path())?;
        durable::sync_dir(&self.layout.hitl())?;
        let _ = self.clear_stage();
        Ok(())
    }

    /// Removes what was staged and never journalled.
    pub(super) fn clear_stage(&self) -> Result<(), Error> {
        durable::remove(&self.journal_path().with_extension("tmp"))?;
        durable::remove_all(&self.stage_dir())
    }
}
