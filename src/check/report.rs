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

impl Verdict {
    /// Returns the word for it, as every format for machines has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoChanges => "no_changes",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }
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
    /// Items it touches: something is added to them, taken back or brought back.
    pub items: u64,
    /// Who judged, by id.
    pub labelers: Vec<LabelerRows>,
    /// Judgements that counted before and are taken back after.
    pub taken_back: Turned,
    /// Judgements that were taken back before and are not after.
    pub brought_back: Turned,
    /// Records that are there where the two part and not in head, which nothing but a mistake explains.
    pub removed: u64,
    /// The records, by kind and task.
    pub batches: Vec<AddedBatch>,
    /// Guideline versions, `name@version`.
    pub guidelines: Vec<String>,
    /// Snapshots, by name.
    pub snapshots: Vec<String>,
    /// Files of people that differ from base: `hitl.yaml`, `labelers.yaml`.
    pub files: Vec<String>,
}

/// Judgements that a change takes back or brings back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Turned {
    /// How many.
    pub judgements: u64,
    /// Whose, by id; `rows` counts judgements.
    pub labelers: Vec<LabelerRows>,
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

/// What a value is measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Items whose labels the change makes others.
    ChangedItems,
    /// All items of the task.
    AllItems,
    /// The labels that the change adds.
    AddedLabels,
    /// Items to which something is added, or of which something is taken back or brought back.
    TouchedItems,
}

impl Basis {
    /// Returns the word for it, as JSON has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChangedItems => "changed_items",
            Self::AllItems => "all_items",
            Self::AddedLabels => "added_labels",
            Self::TouchedItems => "touched_items",
        }
    }

    /// Returns what people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::ChangedItems => "changed items",
            Self::AllItems => "all items",
            Self::AddedLabels => "added labels",
            Self::TouchedItems => "touched items",
        }
    }
}

/// One value before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// Which check measured it.
    pub check: CheckName,
    /// Its task.
    pub task: Option<String>,
    /// What: `krippendorff_alpha`, `gold_accuracy`, `unresolved`, `confirmed`, `class_shift` …
    pub metric: String,
    /// On what.
    pub over: Basis,
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
    /// In one line: `12 records are sound`, `Krippendorff's α of tone on changed items is 0.739`.
    pub message: String,
    /// The task, of a rule that is held against each.
    pub task: Option<String>,
    /// What the rule measures, as [`Measure::metric`] names it.
    pub metric: Option<String>,
    /// On what.
    pub over: Option<Basis>,
}

impl Outcome {
    /// Returns what came of a check that measures no task.
    pub fn new(check: CheckName, level: Level, status: Status, message: impl Into<String>) -> Self {
        Self { check, level, status, message: message.into(), task: None, metric: None, over: None }
    }

    /// Returns what came of a rule over what `measure` measured.
    pub fn of(measure: &Measure, level: Level, status: Status, message: impl Into<String>) -> Self {
        let (task, metric) = (measure.task.clone(), Some(measure.metric.clone()));
        Self { task, metric, over: Some(measure.over), ..Self::new(measure.check, level, status, message) }
    }
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
    /// What is said of it, side by side, at most eight: what the change adds or takes back and gold first.
    pub labels: Vec<Said>,
    /// Labels beyond those.
    pub more: u64,
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
    /// The change brings a later one of the same labeler.
    Replaced,
}
