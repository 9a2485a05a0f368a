//! A correction by itself: all that a training set takes of it, whoever said it.

use crate::record::Verdict;

/// One thing that people say of an item and that is to be learned from.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The item.
    pub item: String,
    /// The part of the snapshot it falls into; none without a split.
    pub split: Option<String>,
    /// The text judged.
    pub original: Option<String>,
    /// The text in its place.
    pub corrected: Option<String>,
    /// What is said of the original.
    pub verdict: Verdict,
    /// Whether an adjudication settled its item.
    pub adjudicated: bool,
    /// How many say it; none where only an adjudication does.
    pub votes: u32,
    /// Who says it, sorted.
    pub labelers: Vec<String>,
    /// The reasons they gave, sorted, each once.
    pub reasons: Vec<String>,
    /// The categories they gave it, sorted, each once.
    pub categories: Vec<String>,
    /// How severe the first of them who says so finds it.
    pub severity: Option<String>,
    /// The model or person that wrote the original, by the first of them who says so.
    pub source: Option<String>,
    /// What the original is an answer to, by the first of them who says so.
    pub context: Option<serde_json::Value>,
    /// What it is an answer to where the context does not say.
    pub answers: Answers,
    /// The guideline versions it was made under, sorted, each once.
    pub guidelines: Vec<String>,
    /// The ids of the records it lies in, sorted, each once.
    pub records: Vec<String>,
}

/// What an original is an answer to where no context says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Answers {
    /// Nothing: it is a text, and itself what is to be mended.
    #[default]
    Itself,
    /// It is a label, of this text of its item; none where the ledger has no text.
    Text(Option<String>),
}

impl Example {
    /// Returns what the original should have been; `None` of a rejection, and where nothing is put in its place.
    pub fn wanted(&self) -> Option<&str> {
        let wanted = self.verdict.wanted(self.original.as_deref(), self.corrected.as_deref());
        wanted.filter(|text| !text.is_empty())
    }
}
