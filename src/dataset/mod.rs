//! The dataset: ledger files in a Git repository, read back verified and written by the commit protocol.
//!
//! Joins the floor below: `store` finds and commits bytes, `manifest` and `shard` read and write them, `ledger` folds
//! what they say. Everything above asks a [`Dataset`] for a [`View`] and hands it [`Draft`]s.

mod added;
mod catalog;
mod draft;
mod guidelines;
mod history;
mod index;
mod kept;
mod notes;
mod reach;
mod read;
mod reverted;
mod rows;
mod signatures;
mod touched;
mod view;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use crate::base::Timestamp;
use crate::config::{self, Config, Labelers};
use crate::ledger::Ledger;
use crate::record::{RecordId, Task};
use crate::store::{self, Head, Oid, Store};
use crate::{manifest, shard, signing};

pub use crate::config::{CONFIG_FILE, LABELERS_FILE};
pub use catalog::{LabelerSum, RowsBy};
pub use draft::{Draft, Sealed, Stamp, join, labeler_uses, seal, seal_to_write};
pub use guidelines::{GuidelineVersion, Guidelines};
pub use notes::Notes;
pub use read::{Fault, FaultKind, RecordFile, Scan, is_signature, wrong_root};
pub use reverted::RevertedRows;
pub use signatures::{MAX_SIGNATURES, SignatureFile, snapshot_of_signature, snapshot_signature_path};
pub use touched::Changed;
pub use view::{Parts, View};

/// The folder all records lie in.
pub const LEDGER: &str = "ledger";
/// The folder snapshot locks lie in.
pub const SNAPSHOTS: &str = "snapshots";

/// The folder guideline texts lie in.
pub const GUIDELINES: &str = "guidelines";

/// Why a dataset could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Git could not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// `hitl.yaml` or `labelers.yaml` has faults.
    #[error(transparent)]
    Config(#[from] config::Faults),
    /// The repository has no `hitl.yaml`.
    #[error("{CONFIG_FILE} is not here")]
    NotInitialised,
    /// Files of the ledger do not hold what they should.
    #[error("{} in the ledger", crate::base::text::count(faults.len(), "damaged file"))]
    Damaged {
        /// All of them, by path.
        faults: Vec<Fault>,
    },
    /// A file of the work tree could not be read.
    #[error("cannot read {path}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A record could not be sealed.
    #[error(transparent)]
    Shard(#[from] shard::Error),
    /// Something could not be signed, or a signature not be checked.
    #[error(transparent)]
    Signing(#[from] signing::Error),
    /// A manifest would be over its size limit even without its labeler table.
    #[error("the record's manifest would be {bytes} bytes; at most {} are written", manifest::MAX_BYTES)]
    ManifestTooLong {
        /// Its size.
        bytes: usize,
    },
}

/// Which state of the ledger is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// A Git revision; HEAD when none is named.
    pub rev: Option<String>,
    /// Only records recorded up to this moment.
    pub as_of: Option<Timestamp>,
}

/// A Git repository with a ledger in it.
pub struct Dataset {
    store: Store,
    absent: RefCell<BTreeSet<RecordId>>,
}

impl Dataset {
    /// Opens the repository that `dir` lies in.
    ///
    /// # Errors
    /// There is none, or Git refuses it.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        Ok(Self { store: Store::discover(dir)?, absent: RefCell::default() })
    }

    /// Returns the dataset in a repository that is open already.
    pub fn over(store: Store) -> Self {
        Self { store, absent: RefCell::default() }
    }

    /// Returns the repository.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the commit that `at` names; `None` for HEAD on a branch without commits.
    ///
    /// # Errors
    /// The revision is unknown.
    pub fn commit(&self, at: &At) -> Result<Option<Oid>, Error> {
        match &at.rev {
            Some(rev) => Ok(Some(self.store.resolve(rev)?)),
            None => Ok(match self.store.head()? {
                Head::Unborn(_) => None,
                Head::Branch(_, commit) | Head::Detached(commit) => Some(commit),
            }),
        }
    }

    /// Remembers what `ledger` lacks.
    fn note_absent(&self, ledger: &Ledger) {
        self.absent.borrow_mut().extend(ledger.missing().iter().map(|missing| missing.id));
    }

    /// Returns the records that the views so far lack: named as parents, and not there. Whoever shows what was looked
    /// at warns of them.
    pub fn absent(&self) -> Vec<RecordId> {
        self.absent.borrow().iter().copied().collect()
    }

    /// Returns the tasks that the work tree's `hitl.yaml` declares.
    ///
    /// # Errors
    /// The file is absent, or has faults: then all of them.
    pub fn config(&self) -> Result<Config, Error> {
        let text = self.work_file(CONFIG_FILE)?.ok_or(Error::NotInitialised)?;
        Ok(Config::parse(&text)?)
    }

    /// Returns the tasks that `commit`'s `hitl.yaml` declares; `None` where it has no readable one.
    ///
    /// # Errors
    /// Git could not read it.
    pub fn config_at(&self, commit: &Oid) -> Result<Option<Config>, Error> {
        let bytes = self.store.file(commit, CONFIG_FILE)?;
        Ok(bytes.and_then(|bytes| Config::parse(&String::from_utf8_lossy(&bytes)).ok()))
    }

    /// Returns what `commit`'s `hitl.yaml` declares; `None` where it has none.
    ///
    /// # Errors
    /// The file has faults: then all of them.
    pub fn config_of(&self, commit: &Oid) -> Result<Option<Config>, Error> {
        let bytes = self.store.file(commit, CONFIG_FILE)?;
        Ok(bytes.map(|bytes| Config::parse(&String::from_utf8_lossy(&bytes))).transpose()?)
    }

    /// Returns the labelers that `commit`'s `labelers.yaml` declares; `None` where it has none.
    ///
    /// # Errors
    /// The file has faults: then all of them. Git could not read it.
    pub fn labelers_at(&self, commit: &Oid) -> Result<Option<Labelers>, Error> {
        let bytes = self.store.file(commit, LABELERS_FILE)?;
        let read = |bytes: Vec<u8>| Labelers::parse(&String::from_utf8_lossy(&bytes), None);
        Ok(bytes.map(read).transpose()?)
    }

    /// Returns the labelers that the work tree's `labelers.yaml` declares for the tasks of `config`; an open, empty list
    /// where the file is absent.
    ///
    /// # Errors
    /// The file has faults: then all of them.
    pub fn labelers(&self, config: &Config) -> Result<Labelers, Error> {
        match self.work_file(LABELERS_FILE)? {
            Some(text) => Ok(Labelers::parse(&text, Some(config))?),
            None => Ok(Labelers::default()),
        }
    }

    /// Returns a text file of the root as the user has it, `None` when it is absent.
    fn work_file(&self, name: &str) -> Result<Option<String>, Error> {
        let not_text = |_| {
            let why = "it is not UTF-8 text (a working-tree-encoding attribute makes such files)";
            std::io::Error::new(std::io::ErrorKind::InvalidData, why)
        };
        let text = self.store.own_file(name)?.map(|bytes| String::from_utf8(bytes).map_err(not_text));
        text.transpose().map_err(|source| Error::Io { path: name.to_owned(), source })
    }

    /// Returns what the work tree's `hitl.yaml` declares; no task and what is usual where the file is absent.
    ///
    /// # Errors
    /// The file has faults: then all of them.
    pub fn config_or_usual(&self) -> Result<Config, Error> {
        match self.config() {
            Err(Error::NotInitialised) => Ok(Config::default()),
            config => config,
        }
    }

    /// Returns the tasks that the work tree's `hitl.yaml` declares; none where the file is absent.
    ///
    /// # Errors
    /// The file has faults: then all of them.
    pub fn declared(&self) -> Result<Vec<Task>, Error> {
        Ok(self.config_or_usual()?.tasks)
    }
}
