//! What a file comes to.

use std::collections::BTreeMap;
use std::fmt;

use super::error::{Fault, ticked};
use crate::base::text::{count, plural};
use crate::record::{LabelerKind, Rows};

/// What a file comes to: its rows, and what was made of it.
#[derive(Clone, Debug)]
pub struct Import {
    /// What the file was taken for: `CSV, long form`.
    pub detected: String,
    /// What each column means, in the order of the file.
    pub columns: Vec<ColumnUse>,
    /// The rows, by task; one batch without a task for items.
    pub batches: Vec<TaskRows>,
    /// The kind of every labeler that has rows. The file cannot know better than `labelers.yaml` does.
    pub labelers: BTreeMap<String, LabelerKind>,
    /// Addresses that were replaced, with their pseudonyms: to be kept outside history.
    pub pseudonyms: BTreeMap<String, String>,
    /// Records the file holds, faulty ones included.
    pub records: usize,
    /// Rows that only repeat another one of the file, and were dropped.
    pub repeated: usize,
    /// What a reader should know, though nothing is wrong.
    pub notes: Vec<Note>,
    /// With `skip_bad`: what was left out.
    pub refused: Option<RefusedRows>,
}

/// The rows of one task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskRows {
    /// The task; none for items.
    pub task: Option<String>,
    /// Its rows, in the order of the file.
    pub rows: Rows,
    /// The line (in a table: the row) each came from.
    pub lines: Vec<u32>,
    /// The number in the file of the record each came from, for [`super::Options::refuse`].
    pub records: Vec<u32>,
}

/// What one column means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnUse {
    /// The column, as the file names it.
    pub column: String,
    /// The field it fills, or `label of task NAME`; `None` when it is not kept.
    pub meaning: Option<String>,
}

/// What was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRows {
    /// The faults in the order of the file, at most [`super::Refused::KEPT`] of them.
    pub faults: Vec<Fault>,
    /// How many faults there are.
    pub total: usize,
    /// Records left out.
    pub records: usize,
    /// These records as a file of their own, to be corrected and committed.
    pub file: Vec<u8>,
    /// The ending such a file should have: `csv`, `tsv` or `jsonl`.
    pub extension: &'static str,
}

/// What a reader should know, though nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Labelers that read alike.
    LookAlikes(Vec<String>),
    /// Labelers whose id begins or ends with white space.
    OuterSpace(Vec<String>),
    /// Item ids that begin or end with white space: how many rows, and the first.
    ItemSpace(usize, String),
    /// Item ids that look like numbers a spreadsheet rounded: how many rows, and the first.
    RoundedIds(usize, String),
    /// Rows without a label, kept as abstentions.
    Abstentions(usize),
    /// Decisions that there is no right label.
    NoLabel(usize),
    /// Rows of a form of decisions that nobody has filled in, left out.
    Undecided(usize),
    /// Label Studio annotations that were cancelled, kept as abstentions.
    Cancelled(usize),
    /// Label Studio annotations that say nothing about the task and were not kept.
    Unanswered(usize),
    /// Label Studio annotations marked as ground truth, kept as what their labeler said.
    GroundTruth(usize),
    /// Rows that only repeat another one and were dropped.
    Repeated(usize),
    /// Labelers named by an e-mail address, kept as they are.
    Personal(Vec<String>),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LookAlikes(ids) => {
                write!(
                    f,
                    "labelers {} read alike; if they are one person, give aliases in labelers.yaml",
                    debugged(ids)
                )
            }
            Self::OuterSpace(ids) => {
                write!(
                    f,
                    "{} with white space around the id: {}",
                    plural(ids.len(), "labeler", "labelers"),
                    debugged(ids)
                )
            }
            Self::ItemSpace(rows, first) => {
                write!(f, "{} with white space around the item id, first {first:?}", count(*rows, "row"))
            }
            Self::RoundedIds(rows, first) => write!(
                f,
                "{} with an item id like `{first}`: a spreadsheet may have rounded them; export the ids as text",
                count(*rows, "row")
            ),
            Self::Abstentions(rows) => {
                write!(f, "{} without a label, kept as abstentions", count(*rows, "row"))
            }
            Self::NoLabel(rows) => {
                write!(f, "{} without a label: decided to have none", count(*rows, "row"))
            }
            Self::Undecided(rows) => {
                write!(f, "{} without label and reason left out: not decided yet", count(*rows, "row"))
            }
            Self::Cancelled(n) => write!(f, "{} cancelled, kept as abstentions", count(*n, "annotation")),
            Self::Unanswered(n) => write!(f, "{} without an answer, not kept", count(*n, "annotation")),
            Self::GroundTruth(n) => {
                write!(f, "{} marked as ground truth, kept as their labelers' own", count(*n, "annotation"))
            }
            Self::Repeated(rows) => write!(f, "{} repeating another one, dropped", count(*rows, "row")),
            Self::Personal(ids) => {
                write!(
                    f,
                    "{} kept as e-mail addresses: {}",
                    plural(ids.len(), "labeler", "labelers"),
                    ticked(ids)
                )
            }
        }
    }
}

/// Returns ids with what is hidden in them shown: `"bob "`, `"\u{410}lice"`.
fn debugged(ids: &[String]) -> String {
    let shown = |id: &String| {
        let escaped: String = id
            .chars()
            .map(|c| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() })
            .collect();
        if escaped == *id { format!("{id:?}") } else { format!("{id:?} ({escaped})") }
    };
    ids.iter().map(shown).collect::<Vec<_>>().join(", ")
}
