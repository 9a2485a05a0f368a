//! What `commit` did, or would do.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dataset::Sealed;
use crate::record::{Kind, LabelerKind};
use crate::store::Committed;

/// What `commit` did, or would do.
#[derive(Clone, Debug, Serialize)]
pub struct CommitReport {
    /// `hitl.commit/1`.
    pub schema: &'static str,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// One entry a file.
    pub files: Vec<FilePlan>,
    /// The records written.
    pub records: Vec<RecordLine>,
    /// The commit that holds them.
    pub commit: Option<String>,
    /// The branch it is on.
    pub branch: Option<String>,
    /// Where somebody's own commit, made at the same moment, took the files along: that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept_by: Option<crate::store::CommitInfo>,
    /// The fingerprint of the key that signed what was written; none where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// The file that says who stands behind new pseudonyms, where some were made.
    pub pseudonyms: Option<std::path::PathBuf>,
}

/// What one file comes to.
#[derive(Clone, Debug, Serialize)]
pub struct FilePlan {
    /// Its name.
    pub file: String,
    /// What it was taken for.
    pub detected: String,
    /// What each column means, in file order.
    pub columns: Vec<ColumnPlan>,
    /// Its rows by task.
    pub batches: Vec<BatchPlan>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// What `--skip-bad` left out.
    pub refused: Option<RefusedPlan>,
}

/// What one column means.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnPlan {
    /// The column.
    pub column: String,
    /// The field it fills; none when it is not kept.
    pub meaning: Option<String>,
}

/// Rows left out by `--skip-bad`.
#[derive(Clone, Debug, Serialize)]
pub struct RefusedPlan {
    /// Rows.
    pub rows: usize,
    /// The first faults, as `line:column: message`.
    pub faults: Vec<String>,
    /// The file they are written to.
    pub to: String,
    /// That file's bytes.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// The rows of one task in one file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BatchPlan {
    /// The task; none for items.
    pub task: Option<String>,
    /// What the rows are.
    pub kind: Option<Kind>,
    /// Rows read.
    pub rows: usize,
    /// Rows that are added.
    pub new: usize,
    /// Of them, untimed rows that return to an earlier value, stored with the time of recording.
    pub returned: usize,
    /// Of them, known judgements recorded again with changed attributes.
    pub amended: usize,
    /// Rows that are in the ledger already.
    pub already_there: usize,
    /// Of them, rows whose attributes differ from the ledger's; `--amend` records them.
    pub attributes_differ: usize,
    /// Rows that were taken back, by the revert that did it.
    pub taken_back: Vec<TakenBack>,
    /// New rows per labeler.
    pub labelers: Vec<LabelerPlan>,
    /// New rows per guideline version; the empty name is without one.
    pub guidelines: BTreeMap<String, usize>,
    /// New rows per origin.
    pub origins: BTreeMap<String, usize>,
    /// New rows per label, none for abstentions; of corrections per verdict.
    pub labels: BTreeMap<String, usize>,
    /// New rows without a label.
    pub abstentions: usize,
}

/// Rows that a revert holds back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TakenBack {
    /// The revert's record.
    pub by: String,
    /// Its message.
    pub message: String,
    /// Rows.
    pub rows: usize,
}

/// One labeler's part in a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelerPlan {
    /// Who.
    pub id: String,
    /// Human, model or gold.
    pub kind: LabelerKind,
    /// New rows.
    pub rows: usize,
    /// Whether `labelers.yaml` or the ledger knows them.
    pub known: bool,
}

/// A record that was written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordLine {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// Its task.
    pub task: Option<String>,
    /// Its rows.
    pub rows: usize,
    /// Its manifest's path.
    pub path: String,
}

impl CommitReport {
    pub(in crate::ops) fn new(dry_run: bool) -> Self {
        Self {
            schema: "hitl.commit/1",
            dry_run,
            files: Vec::new(),
            records: Vec::new(),
            commit: None,
            branch: None,
            swept_by: None,
            signed_by: None,
            pseudonyms: None,
        }
    }

    pub(in crate::ops) fn committed(&mut self, sealed: &[Sealed], committed: &Committed) {
        let line = |sealed: &Sealed| RecordLine {
            id: sealed.record.id.to_string(),
            kind: sealed.record.manifest.kind,
            task: sealed.record.manifest.task.clone(),
            rows: sealed.record.manifest.shard.map_or(0, |shard| shard.rows as usize),
            path: sealed.path.clone(),
        };
        self.records = sealed.iter().map(line).collect();
        self.commit = Some(committed.commit.0.clone());
        self.branch.clone_from(&committed.branch);
        self.swept_by.clone_from(&committed.swept_by);
    }

    fn batches(&self) -> impl Iterator<Item = &BatchPlan> {
        self.files.iter().flat_map(|file| &file.batches)
    }

    /// Returns the rows that are added.
    pub fn new_rows(&self) -> usize {
        self.batches().map(|batch| batch.new).sum()
    }

    /// Returns the rows that reverts hold back.
    pub fn taken_back(&self) -> usize {
        self.batches().flat_map(|batch| &batch.taken_back).map(|taken| taken.rows).sum()
    }
}
