//! Why a verb could not be done.

use crate::agreement;
use crate::authority::Refusal;
use crate::consensus;
use crate::dataset;
use crate::ingest;
use crate::record::{InvalidName, RecordId};
use crate::{shard, snapshot, store};

/// Why a verb could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The ledger could not be read or written.
    #[error(transparent)]
    Dataset(#[from] dataset::Error),
    /// Git could not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A file to be read is not what the request says.
    #[error("{file}: {error}")]
    Ingest {
        /// The file.
        file: String,
        /// What is wrong with the request.
        error: ingest::RequestError,
    },
    /// A file's rows have faults, and none of it was taken.
    #[error("{file} has {}: nothing was committed", crate::base::text::count(refused.total, "fault"))]
    Refused {
        /// The file.
        file: String,
        /// Its faults.
        refused: ingest::Refused,
    },
    /// A file of decisions has faults, and none of them was recorded.
    #[error("{file} has {}: nothing was decided", crate::base::text::count(refused.total, "fault"))]
    NotDecided {
        /// The file.
        file: String,
        /// Its faults.
        refused: ingest::Refused,
    },
    /// A file's rows have faults, and none of it was read as labels.
    #[error("{file} has {}: nothing was measured", crate::base::text::count(refused.total, "fault"))]
    NotMeasured {
        /// The file.
        file: String,
        /// Its faults.
        refused: ingest::Refused,
    },
    /// Labels are not of the level they should be measured at.
    #[error("{0}: nothing was measured")]
    Level(#[from] agreement::LevelError),
    /// Weights that were given are none for the classes.
    #[error("{file}: {reason}: nothing was measured")]
    Weights {
        /// The file.
        file: String,
        /// What is wrong with them.
        reason: String,
    },
    /// Nobody of the name has labels to be measured against.
    #[error(transparent)]
    Against(#[from] agreement::NoSuchLabeler),
    /// The labels have no consensus by the method.
    #[error("there is no consensus: {0}")]
    Unfit(#[from] consensus::Unfit),
    /// A foreign Parquet file could not be read, or an export could not be written.
    #[error("{file}: {error}")]
    Shard {
        /// The file.
        file: String,
        /// Why.
        error: shard::Error,
    },
    /// A name breaks its rule.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A snapshot lock or its specification is wrong.
    #[error(transparent)]
    Snapshot(#[from] snapshot::Error),
    /// A file of the user's could not be read or written.
    #[error("cannot {verb} {path}: {source}")]
    Io {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// No task of this name.
    #[error("there is no task `{name}`{}", near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?")))]
    UnknownTask {
        /// The name as given.
        name: String,
        /// The task most likely meant.
        near: Option<String>,
        /// All of them.
        known: Vec<String>,
    },
    /// Several tasks, and none was named.
    #[error("several tasks are here: {}", known.join(", "))]
    WhichTask {
        /// All of them.
        known: Vec<String>,
    },
    /// The work tree's schema of a task is not the one HEAD has.
    #[error("task `{task}` in {} is not committed: HEAD {}", dataset::CONFIG_FILE, if *differs { "has another schema" } else { "does not have it" })]
    SchemaNotCommitted {
        /// The task.
        task: String,
        /// Whether HEAD has the task with another schema, rather than not at all.
        differs: bool,
    },
    /// A guideline or version that is not in the ledger.
    #[error("there is no guideline `{key}`{}", near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?")))]
    UnknownGuideline {
        /// As given.
        key: String,
        /// The one most likely meant.
        near: Option<String>,
    },
    /// A guideline version exists with another text.
    #[error("guideline {key} is already in the ledger with another text")]
    GuidelineTaken {
        /// `name@version`.
        key: String,
    },
    /// A record reference that names nothing.
    #[error("`{given}` is no record: {why}")]
    UnknownRecord {
        /// As given.
        given: String,
        /// What was tried.
        why: String,
    },
    /// A record id prefix that several records share.
    #[error("`{given}` is ambiguous: {} records begin with it", candidates.len())]
    AmbiguousRecord {
        /// As given.
        given: String,
        /// The records.
        candidates: Vec<RecordId>,
    },
    /// A snapshot name that is not there.
    #[error("there is no snapshot `{name}`{}", near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?")))]
    UnknownSnapshot {
        /// As given.
        name: String,
        /// The one most likely meant.
        near: Option<String>,
    },
    /// A snapshot that its records do not come to.
    #[error("snapshot `{name}` does not rebuild to its digest: nothing was attested")]
    NotRebuilt {
        /// The snapshot.
        name: String,
    },
    /// History is cut off in a shallow clone, so that nobody can say what a change is.
    #[error(
        "history is cut off in this shallow clone before base and head meet: what was changed cannot be told"
    )]
    HistoryCut,
    /// The ledger lacks records that others name.
    #[error("the ledger is incomplete: {}", crate::base::text::plural(missing.len(), "record is missing", "records are missing"))]
    Incomplete {
        /// The absent records.
        missing: Vec<RecordId>,
    },
    /// The request cannot be meant: two options that contradict each other, an option without the one it needs.
    #[error("{message}")]
    Request {
        /// What is wrong.
        message: String,
        /// What to do instead.
        hint: Option<String>,
    },
    /// Whoever asks may not do it.
    #[error("refused: {}", refused.iter().map(|refusal| refusal.message.as_str()).collect::<Vec<_>>().join("; "))]
    NotAllowed {
        /// Everything that speaks against it.
        refused: Vec<Refusal>,
    },
    /// Arguments that cannot be meant: all of them at once.
    #[error("{message}: {}", crate::base::text::count(faults.len(), "fault"))]
    Arguments {
        /// What was not done.
        message: String,
        /// What is wrong with each.
        faults: Vec<ArgumentFault>,
    },
    /// It ran, and there is nothing to do.
    #[error("{message}")]
    Nothing {
        /// Why.
        message: String,
        /// What to do instead.
        hint: Option<String>,
    },
    /// What was asked about is not in the data.
    #[error("{message}")]
    NotFound {
        /// What.
        message: String,
        /// What to do instead.
        hint: Option<String>,
    },
}

/// What is wrong with one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentFault {
    /// As it was given: `--task tome`.
    pub argument: String,
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
}

impl ArgumentFault {
    /// Returns the fault of the value `given` to `option`.
    pub fn new(option: &str, given: &str, message: impl Into<String>, help: Option<String>) -> Self {
        let given = crate::base::text::shell_quoted(given);
        Self { argument: format!("{option} {given}"), message: message.into(), help }
    }
}

impl Error {
    /// Returns a request error.
    pub fn request(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Request { message: message.into(), hint: Some(hint.into()) }
    }
}
