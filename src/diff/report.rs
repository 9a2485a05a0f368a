//! The report of a diff: what is counted, and how JSON has it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::base::Timestamp;
use crate::ledger::{Judgement, Ledger, State};
use crate::record::{Kind, RecordId};

/// What happened to a key, or to one of its judgements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// A judgement that base does not have.
    Added,
    /// What the key comes to went from one thing to another.
    Changed,
    /// A later judgement stands that says the same.
    Superseded,
    /// Live in base, reverted in head.
    TakenBack,
    /// Reverted in base, live in head; or superseded in base and standing in head.
    Restored,
    /// Head lacks its record.
    Removed,
}

impl Op {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 6] =
        [Self::Added, Self::Changed, Self::Superseded, Self::TakenBack, Self::Restored, Self::Removed];

    /// Returns the words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Superseded => "superseded",
            Self::TakenBack => "taken back",
            Self::Restored => "restored",
            Self::Removed => "removed",
        }
    }
}

/// What a key comes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Value {
    /// No live judgement.
    None,
    /// One label (of a correction: verdict, original and corrected text).
    Label {
        /// The label.
        label: String,
    },
    /// An abstention.
    Abstained,
    /// Live judgements that contradict each other.
    Conflict {
        /// What they say, sorted; null abstains.
        labels: Vec<Option<String>>,
    },
}

impl Value {
    /// Returns what the judgements of one key come to.
    pub(super) fn of<'a>(ledger: &Ledger, judgements: impl Iterator<Item = &'a Judgement>) -> Self {
        let (mut labels, mut conflict) = (BTreeSet::new(), false);
        for judgement in judgements.filter(|one| matches!(one.state, State::Current | State::Conflict)) {
            conflict |= judgement.state == State::Conflict;
            labels.insert(judgement.statement.map(|statement| ledger.statement_text(statement).to_owned()));
        }
        if conflict || labels.len() > 1 {
            return Self::Conflict { labels: labels.into_iter().collect() };
        }
        match labels.pop_first() {
            None => Self::None,
            Some(None) => Self::Abstained,
            Some(Some(label)) => Self::Label { label },
        }
    }
}

/// The judgement that stands for a key on one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Who made it, where the key does not say: adjudications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labeler: Option<String>,
    /// The record that gives it its attributes.
    pub record: RecordId,
    /// When it was made; null when the source had no time.
    pub created_at: Option<Timestamp>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// One key that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What happened. `changed` when both sides have a value and they differ.
    pub op: Op,
    /// What made it happen: for `changed` a later judgement (`superseded`, `added`), or one `taken_back`.
    pub cause: Op,
    /// The task.
    pub task: String,
    /// The item.
    pub item: String,
    /// Labels, corrections, adjudications or predictions.
    pub kind: Kind,
    /// The labeler; of an adjudication, who made the one that stands.
    pub labeler: String,
    /// The guideline version of the judgement that stands in head, else in base.
    pub guideline: Option<String>,
    /// What the key comes to in base.
    pub before: Value,
    /// What it comes to in head.
    pub after: Value,
    /// The judgement that stands in base.
    pub base: Option<Standing>,
    /// The judgement that stands in head.
    pub head: Option<Standing>,
}

/// How many rows there are of each op.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the ops")]
pub struct Counts {
    pub added: u64,
    pub changed: u64,
    pub superseded: u64,
    pub taken_back: u64,
    pub restored: u64,
    pub removed: u64,
}

impl Counts {
    pub(super) fn add(&mut self, op: Op) {
        *match op {
            Op::Added => &mut self.added,
            Op::Changed => &mut self.changed,
            Op::Superseded => &mut self.superseded,
            Op::TakenBack => &mut self.taken_back,
            Op::Restored => &mut self.restored,
            Op::Removed => &mut self.removed,
        } += 1;
    }

    /// Returns the count of one op.
    pub fn get(&self, op: Op) -> u64 {
        match op {
            Op::Added => self.added,
            Op::Changed => self.changed,
            Op::Superseded => self.superseded,
            Op::TakenBack => self.taken_back,
            Op::Restored => self.restored,
            Op::Removed => self.removed,
        }
    }

    /// Returns all rows.
    pub fn total(&self) -> u64 {
        Op::ALL.iter().map(|op| self.get(*op)).sum()
    }
}

/// One labeler's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelerCounts {
    /// Who.
    pub labeler: String,
    /// Rows of theirs.
    #[serde(flatten)]
    pub counts: Counts,
}

/// One guideline version's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GuidelineCounts {
    /// `name@version`; null where none was given.
    pub guideline: Option<String>,
    /// Rows under it.
    #[serde(flatten)]
    pub counts: Counts,
}

/// One cell of a transition matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// From; null is no label.
    pub before: Option<String>,
    /// To; null is no label.
    pub after: Option<String>,
    /// How many.
    pub count: u64,
}

/// What became of the resolved labels of a task's items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resolutions {
    /// The policy they were resolved under.
    pub policy: &'static str,
    /// The least number of labels.
    pub min_labels: u32,
    /// Whether the policy is a joint one. What it finds depends on all items, which a diff does not look at: then nothing is
    /// counted here, and snapshots of both sides tell.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub joint: bool,
    /// Items with another label.
    pub changed: u64,
    /// Items that had none and have one.
    pub became_resolved: u64,
    /// Items that had one and have none.
    pub became_unresolved: u64,
    /// The changed cells of the matrix over items; null is unresolved.
    pub transitions: Vec<Transition>,
}

/// What changed in one task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskDiff {
    /// The task.
    pub task: String,
    /// Rows.
    pub counts: Counts,
    /// Items with a row.
    pub items: u64,
    /// Per labeler, by name.
    pub labelers: Vec<LabelerCounts>,
    /// Per guideline version, by name.
    pub guidelines: Vec<GuidelineCounts>,
    /// The transition matrix over what each labeler says of each item (kind `labels`): changed cells, by label. Null
    /// is no label, or none that counts: abstained, in conflict.
    pub transitions: Vec<Transition>,
    /// What the items resolve to; with a filter, the items with a row alone.
    pub resolved: Resolutions,
}

/// A record that one side lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordBrief {
    /// Its id.
    pub id: RecordId,
    /// What it adds.
    pub kind: Kind,
    /// Its task.
    pub task: Option<String>,
    /// Its rows.
    pub rows: u64,
    /// Why, in its committer's words.
    pub message: String,
}

/// Records that one side lacks, ancestors first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Records {
    /// In base alone.
    pub base_only: Vec<RecordBrief>,
    /// In head alone.
    pub head_only: Vec<RecordBrief>,
}

/// What changed between two ledgers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiffReport {
    /// `hitl.diff/1`.
    pub schema: &'static str,
    /// What base was called.
    pub base: String,
    /// What head was called.
    pub head: String,
    /// Whether no key differs.
    pub same: bool,
    /// Records that one side lacks; a filter leaves them alone.
    pub records: Records,
    /// Rows, over all tasks.
    pub counts: Counts,
    /// Task by task.
    pub tasks: Vec<TaskDiff>,
    /// The keys that differ, by task, item, kind and labeler; at most as many as asked for.
    pub rows: Vec<Row>,
    /// How many there are in all.
    pub rows_total: u64,
}
