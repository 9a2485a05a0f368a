//! The report of a trace, as JSON has it.

use serde::Serialize;

use super::attribution::Attribution;
use crate::authority::{Signer, Standing};
use crate::base::{Digest, Timestamp};
use crate::corrections::Reason;
use crate::ledger::State;
use crate::record::{Kind, LabelerKind, Origin, RecordId};

/// A Git commit, as people cite it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommitRef {
    /// Its id.
    pub id: String,
    /// `Name <email>` of its author.
    pub author: String,
    /// The author's time.
    pub time: Timestamp,
    /// The first line of its message.
    pub subject: String,
    /// Whether it is signed, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<bool>,
    /// Who signed it, where that was asked and an SSH key did: advice alone, nothing is judged by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<Signer>,
}

/// A snapshot that holds the item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SnapshotUse {
    /// The snapshot.
    pub name: String,
    /// Its task.
    pub task: String,
    /// The item's label in it.
    pub label: String,
    /// The part it falls into.
    pub split: Option<String>,
}

/// What the item is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemText {
    /// The text judged.
    pub text: Option<String>,
    /// Its address.
    pub uri: Option<String>,
    /// The record that says so.
    pub record: RecordId,
}

/// Everything about one item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TraceReport {
    /// `hitl.trace/1`.
    pub schema: &'static str,
    /// The item.
    pub item: String,
    /// What it is, where the ledger has that.
    pub text: Option<ItemText>,
    /// Task by task.
    pub tasks: Vec<TaskTrace>,
    /// The snapshots that hold it.
    pub snapshots: Vec<SnapshotUse>,
    /// The snapshots that cannot be rebuilt here, so that nobody can say whether they hold it.
    pub unknown_snapshots: Vec<String>,
    /// How many records named here history does not reach: their commits cannot be shown.
    pub unreached: u64,
}

/// One task's part of the story.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskTrace {
    /// The task.
    pub task: String,
    /// What the item comes to.
    pub resolved: Resolution,
    /// Every judgement, in time order.
    pub entries: Vec<Entry>,
}

/// What an item comes to, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resolution {
    /// Its label; null when unresolved.
    pub label: Option<String>,
    /// `adjudication` or `policy`; of an unresolved item `tie`, `disagreement`, `conflict`, `too_few`, or `abstained`
    /// when an adjudication says that it has no label. `unknown` when what a joint policy finds could not be told.
    pub why: &'static str,
    /// The policy.
    pub policy: &'static str,
    /// The least number of votes it wants.
    pub min_labels: u32,
    /// Current human labels: who said what, most said first.
    pub votes: Vec<Vote>,
    /// Humans whose current judgement is no label.
    pub abstained: Vec<String>,
    /// Humans whose own labels contradict each other; they have no vote.
    pub in_conflict: Vec<String>,
    /// Adjudications that stand, or contradict each other.
    pub adjudications: Vec<Vote>,
}

/// One label and who gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Vote {
    /// The label.
    pub label: String,
    /// Who.
    pub labelers: Vec<String>,
}

/// Which clock a time is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The judgement's own.
    CreatedAt,
    /// The source had no time: when its first record was made.
    RecordedAt,
}

/// One judgement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// When.
    pub when: Timestamp,
    /// By which clock.
    pub when_is: When,
    /// Labels, corrections, adjudications or predictions.
    pub kind: Kind,
    /// Who.
    pub labeler: String,
    /// Human, model or gold.
    pub labeler_kind: LabelerKind,
    /// What they said; null abstains. Of a correction: the canonical JSON of its three parts.
    pub label: Option<String>,
    /// What a correction says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correction: Option<Correction>,
    /// The text they judged by.
    pub guideline: Option<Guideline>,
    /// How it came about.
    pub origin: Origin,
    /// The guess they saw.
    pub shown: Option<String>,
    /// Whose guess.
    pub shown_by: Option<String>,
    /// The record that holds that guess; null where the ledger has none.
    pub shown_in: Option<RecordId>,
    /// The annotation tool's own id.
    pub source_id: Option<String>,
    /// How sure they were, 0 to 1.
    pub confidence: Option<f64>,
    /// How long it took.
    pub duration_ms: Option<i64>,
    /// Why, in their words.
    pub rationale: Option<String>,
    /// Of an adjudication: what went wrong before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// Of an adjudication: what the guideline does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guideline_gap: Option<String>,
    /// What has become of it.
    pub state: State,
    /// The judgement that counts instead.
    pub superseded_by: Option<Later>,
    /// The live reverts that took it back.
    pub reverted_by: Vec<Taken>,
    /// Reverts that covered it and were taken back themselves.
    pub undone: Vec<Undone>,
    /// Every row that carries it; the attributes above are of the first.
    pub carried: Vec<Carried>,
}

/// A correction's parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// Corrected, approved, rejected or suggested.
    pub verdict: Option<String>,
    /// The text judged.
    pub original: Option<String>,
    /// The text in its place.
    pub corrected: Option<String>,
    /// Why, in their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The model or person that wrote the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What speaks against learning from it, nothing where it is learned from; null where it does not count. That its
    /// labeler is overruled too often follows from other items, and is not told here.
    pub left_out: Option<Vec<Reason>>,
}

/// A guideline version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Guideline {
    /// `name@version`.
    pub version: String,
    /// SHA-256 of its text, as the record's manifest pins it.
    pub sha256: Option<Digest>,
    /// The record that holds this very text; null where the ledger has none.
    pub record: Option<RecordId>,
    /// The first line of the text that says something.
    pub first_line: Option<String>,
}

/// A later judgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Later {
    /// Who.
    pub labeler: String,
    /// What they said.
    pub label: Option<String>,
    /// When, by its own clock.
    pub created_at: Option<Timestamp>,
    /// Where it lies.
    pub record: RecordId,
}

/// A revert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// The revert's record.
    pub record: RecordId,
    /// Who reverted.
    pub actor: String,
    /// When.
    pub recorded_at: Timestamp,
    /// Why, in their words.
    pub message: String,
    /// Who signed it, and whether it counts; null where nobody asked.
    pub standing: Option<Standing>,
    /// The commit that brought it; null where history does not reach.
    pub commit: Option<CommitRef>,
}

/// A revert that holds no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The revert.
    pub revert: Taken,
    /// The live reverts that took it back.
    pub taken_back_by: Vec<Taken>,
}

/// A row that carries a judgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// Its record.
    pub record: RecordId,
    /// Which row, from 0.
    pub row: u32,
    /// Whether a live revert covers it.
    pub reverted: bool,
    /// Who committed the record.
    pub actor: String,
    /// Who signed the record, and whether it counts; null where nobody asked.
    pub standing: Option<Standing>,
    /// On whose word the row is its labeler's.
    pub labelled: Attribution,
    /// When.
    pub recorded_at: Timestamp,
    /// The file it was read from.
    pub source: Option<SourceFile>,
    /// The commit that brought it; null where history does not reach.
    pub commit: Option<CommitRef>,
}

/// The file a record was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceFile {
    /// Its name.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}
