//! The report of a check, as JSON has it (`docs/check.schema.json`). Fields are only ever added.

use serde::Serialize;

use crate::config::Level;
use crate::record::{Kind, LabelerKind, RecordId};

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// `hitl.check/1`.
    pub schema: &'static str,
    /// Whether the change may be merged.
    pub verdict: Verdict,
    /// Why, in one line: `3 of 14 checks failed: append_only, agreement`.
    pub reason: String,
    /// What it would be merged into.
    pub base: Side,
    /// What would be merged.
    pub head: Side,
    /// Where the two part; none where they have nothing in common.
    pub merge_base: Option<String>,
    /// Whether base has no `hitl.yaml`, so that head was judged by its own, and a maintainer must look.
    pub bootstrap: bool,
    /// What the change adds.
    pub added: Added,
    /// What was measured before and after, most telling first.
    pub measures: Vec<Measure>,
    /// Every check that was run, or could not be, in a fixed order.
    pub checks: Vec<Outcome>,
    /// All that was found: errors first, then by check, then as it lies in the ledger.
    pub findings: Vec<Finding>,
}

/// Whether a change may be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing of what hitl keeps differs.
    NoChanges,
    /// No check failed; warnings there may be.
    Passed,
    /// A check failed.
    Failed,
}

/// One of the two states compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// As it was asked for.
    pub rev: String,
    /// The commit.
    pub commit: String,
}

/// What a change adds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Added {
    /// Records of all kinds.
    pub records: u64,
    /// Rows of judgements.
    pub rows: u64,
    /// Items they judge.
    pub items: u64,
    /// Who judged, by id.
    pub labelers: Vec<LabelerRows>,
    /// The records, by kind and task.
    pub batches: Vec<AddedBatch>,
    /// Guideline versions, `name@version`.
    pub guidelines: Vec<String>,
    /// Snapshots, by name.
    pub snapshots: Vec<String>,
    /// Files of people that differ from base: `hitl.yaml`, `labelers.yaml`.
    pub files: Vec<String>,
}

/// A labeler's part in a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelerRows {
    /// The labeler.
    pub id: String,
    /// Human, model or gold.
    pub kind: LabelerKind,
    /// Rows of theirs.
    pub rows: u64,
}

/// Added records of one kind and task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddedBatch {
    /// Their kind.
    pub kind: Kind,
    /// Their task, of judgements.
    pub task: Option<String>,
    /// How many.
    pub records: u64,
    /// Their rows.
    pub rows: u64,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// A coefficient, at most 1.
    Coefficient,
    /// A share of 1.
    Share,
}

/// One value before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// Which check measured it.
    pub check: CheckName,
    /// Its task.
    pub task: Option<String>,
    /// What: `krippendorff_alpha`, `gold accuracy`, `unresolved` …
    pub metric: String,
    /// On what: `changed items`, `all items`, `added labels`.
    pub over: &'static str,
    /// What the values are.
    pub scale: Scale,
    /// Before; none where there is none.
    pub before: Option<f64>,
    /// After.
    pub after: Option<f64>,
    /// After − before.
    pub delta: Option<f64>,
    /// 95 % interval of the value after.
    pub interval: Option<[f64; 2]>,
    /// 95 % interval of the difference.
    pub delta_interval: Option<[f64; 2]>,
    /// On how many items or rows it rests, after: of agreement, items with two labels or more.
    pub overlap: u64,
    /// What the rule asks, in words: `low end ≥ 0.667`; none where nothing is asked.
    pub wanted: Option<String>,
    /// Whether that holds; none where nothing is asked, or too little overlaps.
    pub holds: Option<bool>,
}

/// The checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// Every added record is what it says.
    Integrity,
    /// No file of the ledger is removed, edited or moved.
    AppendOnly,
    /// No record is named as a parent and absent.
    Complete,
    /// Everybody did only what they may.
    Authorisation,
    /// Who may do what, and what is checked, is changed by those who may.
    Policy,
    /// No labeler contradicts themself.
    Conflicts,
    /// Agreement.
    Agreement,
    /// Accuracy on gold.
    Gold,
    /// Items that come to no label.
    Unresolved,
    /// Labels that only confirm a guess.
    Confirmed,
    /// Labels under a version another had followed.
    SupersededGuideline,
    /// How far the classes' shares move.
    Balance,
    /// Labelers that people cannot tell apart.
    Lookalikes,
    /// Records dated ahead.
    DatedAhead,
    /// Snapshots rebuild.
    Snapshots,
}

impl CheckName {
    /// Returns the word for it, which is its name in `hitl.yaml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integrity => "integrity",
            Self::AppendOnly => "append_only",
            Self::Complete => "complete",
            Self::Authorisation => "authorisation",
            Self::Policy => "policy",
            Self::Conflicts => "conflicts",
            Self::Agreement => "agreement",
            Self::Gold => "gold",
            Self::Unresolved => "unresolved",
            Self::Confirmed => "confirmed",
            Self::SupersededGuideline => "superseded_guideline",
            Self::Balance => "balance",
            Self::Lookalikes => "lookalikes",
            Self::DatedAhead => "dated_ahead",
            Self::Snapshots => "snapshots",
        }
    }
}

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The check.
    pub check: CheckName,
    /// How much it weighs.
    pub level: Level,
    /// What came of it.
    pub status: Status,
    /// In one line: `12 records, 3 signatures`, `agreement of tone fell by 0.12`.
    pub message: String,
}

/// What came of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing was found.
    Passed,
    /// Something was found, and it is an error.
    Failed,
    /// Something was found, and it is a warning.
    Warned,
    /// There was nothing to measure, or too little.
    NotMeasured,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Which check found it.
    pub check: CheckName,
    /// Error or warning.
    pub level: Level,
    /// What it is, in one word that never changes: `removed`, `unsigned`, `floor`.
    pub code: &'static str,
    /// What, in one sentence.
    pub message: String,
    /// The file it lies in, from the repository's root.
    pub path: Option<String>,
    /// The record.
    pub record: Option<RecordId>,
    /// The commit that did it.
    pub commit: Option<Culprit>,
    /// The task.
    pub task: Option<String>,
    /// The first items it is about, at most three.
    pub samples: Vec<Sample>,
    /// Items it is about beyond those.
    pub more: u64,
    /// What to do.
    pub remedy: String,
}

/// The commit that did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Culprit {
    /// Its id.
    pub id: String,
    /// `Name <email>` of its author, as it claims.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
}

/// An item, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The item.
    pub item: String,
    /// Its text, where the ledger has it, cut after 200 characters.
    pub text: Option<String>,
    /// What is said of it, side by side.
    pub labels: Vec<Said>,
}

/// What one labeler says of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Who.
    pub labeler: String,
    /// What; none abstains.
    pub label: Option<String>,
    /// Whether the change brings it.
    pub when: When,
}

/// Whether a change brings a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// It was there.
    Before,
    /// The change brings it.
    Added,
    /// The change takes it back.
    TakenBack,
}
