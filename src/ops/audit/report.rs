//! The report of an audit, as JSON has it.

use serde::Serialize;

use crate::authority::Standing;
use crate::base::Timestamp;
use crate::trace::verified;

/// Every act in some commits, oldest first.
#[derive(Clone, Debug, Serialize)]
pub struct AuditReport {
    /// `hitl.audit/1`.
    pub schema: &'static str,
    /// The commit after which it begins; null where it begins with the first.
    pub since: Option<String>,
    /// The last commit; its `labelers.yaml` says whose keys are whose.
    pub until: Option<String>,
    /// Whether history is cut off in this clone, so that what came before is not told.
    pub cut: bool,
    /// How many acts there are, and on whose word.
    pub counts: Counts,
    /// The acts, parents of commits before their children.
    pub acts: Vec<Act>,
}

/// How many acts there are, and on whose word; each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All of them.
    pub acts: u64,
    /// With a verified signature, and nothing against them.
    pub signed: u64,
    /// On the word of whoever did them.
    pub claimed: u64,
    /// That do not count, or that nobody may do: files of the ledger removed or edited.
    pub refused: u64,
}

/// One act.
#[derive(Clone, Debug, Serialize)]
pub struct Act {
    /// When it was committed, by the author's clock.
    pub time: Timestamp,
    /// The commit.
    pub commit: String,
    /// What it is.
    pub act: Kind,
    /// The record's id, the snapshot's name, or the file's path.
    pub subject: String,
    /// Its task.
    pub task: Option<String>,
    /// Its rows; of a revert those it covers, where the manifests tell. Null where there are none or nobody can tell
    /// without reading rows.
    pub rows: Option<u64>,
    /// Who did it, as it says itself: of a record its actor, else the commit's author.
    pub actor: String,
    /// Who signed it, and whether it counts.
    pub standing: Standing,
    /// What was done, in words.
    pub what: String,
    /// Why, in their words.
    pub message: String,
}

impl Act {
    /// Whether it does not count, or is nothing anybody may do.
    pub fn is_refused(&self) -> bool {
        !self.standing.refused.is_empty() || matches!(self.act, Kind::Removed | Kind::Edited)
    }

    /// Returns `signed`, `claimed` or `refused`.
    pub fn word(&self) -> &'static str {
        match (self.is_refused(), verified(&self.standing).next()) {
            (true, _) => "refused",
            (false, Some(_)) => "signed",
            (false, None) => "claimed",
        }
    }
}

/// What an act is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Labels were recorded.
    Labels,
    /// Corrections were recorded.
    Corrections,
    /// Items were settled.
    Adjudications,
    /// A model's labels were recorded.
    Predictions,
    /// Items were described.
    Items,
    /// A guideline version was added.
    Guideline,
    /// Judgements, or a revert, were taken back.
    Revert,
    /// Heads were made one.
    Join,
    /// A snapshot was frozen.
    Snapshot,
    /// Somebody signed what was there already.
    Signature,
    /// `labelers.yaml` was changed: who there is, who may do what, which keys are whose.
    People,
    /// Tasks of `hitl.yaml` were changed.
    Tasks,
    /// What is checked was changed.
    Checks,
    /// A file was removed that is only ever added.
    Removed,
    /// A file was edited that never changes.
    Edited,
    /// A file was put where it is none of hitl's.
    Stray,
}

impl Kind {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Corrections => "corrections",
            Self::Adjudications => "adjudications",
            Self::Predictions => "predictions",
            Self::Items => "items",
            Self::Guideline => "guideline",
            Self::Revert => "revert",
            Self::Join => "join",
            Self::Snapshot => "snapshot",
            Self::Signature => "signature",
            Self::People => "people",
            Self::Tasks => "tasks",
            Self::Checks => "checks",
            Self::Removed => "removed",
            Self::Edited => "edited",
            Self::Stray => "stray",
        }
    }
}

impl From<crate::record::Kind> for Kind {
    fn from(kind: crate::record::Kind) -> Self {
        match kind {
            crate::record::Kind::Labels => Self::Labels,
            crate::record::Kind::Corrections => Self::Corrections,
            crate::record::Kind::Adjudications => Self::Adjudications,
            crate::record::Kind::Predictions => Self::Predictions,
            crate::record::Kind::Items => Self::Items,
            crate::record::Kind::Guidelines => Self::Guideline,
            crate::record::Kind::Reverts => Self::Revert,
            crate::record::Kind::Joins => Self::Join,
        }
    }
}
