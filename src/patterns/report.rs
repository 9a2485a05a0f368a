//! What is told of patterns.

use serde::Serialize;

use super::change::{Change, Told};
use super::mine::{Options, Status, Why};
use super::predicate::Predicate;
use crate::base::{Digest, json};

/// A review that bears a rule out, or speaks against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The item.
    pub item: String,
    /// Who reviewed it.
    pub labeler: String,
    /// What was reviewed.
    pub original: String,
    /// What was put in its place; null where it was rejected.
    pub corrected: Option<String>,
    /// Why, in the reviewer's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// WHEN some predicates hold, INSTEAD OF something, DO something.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleReport {
    /// Twelve hexadecimal digits of a digest over `when` and `change`: the same rule has the same id anywhere.
    pub id: String,
    /// How far it may be trusted.
    pub status: Status,
    /// Of a candidate, why it is no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// What must hold, sorted; none of them is known from the correction.
    pub when: Vec<Predicate>,
    /// What stands there: the words or the label; null where nothing does, or any words.
    pub instead_of: Option<String>,
    /// What to do.
    #[serde(rename = "do")]
    pub action: String,
    /// Why: the counts in a sentence.
    pub reason: String,
    /// The wording of a command of the user's own, where one was asked; the numbers are never its.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phrase: Option<String>,
    /// The change as data.
    pub change: Told,
    /// Items that match.
    pub matches: u64,
    /// Of those, items at least half of whose matching reviews made the change.
    pub items: u64,
    /// Reviews that match and made it.
    pub support: u64,
    /// People who made it on matching reviews.
    pub labelers: u64,
    /// `items` ÷ `matches`.
    pub precision: f64,
    /// The lower end of Wilson's 95 % interval of it.
    pub precision_low: f64,
    /// Its upper end.
    pub precision_high: f64,
    /// `items` ÷ all items with the change.
    pub coverage: f64,
    /// The share of hits among the items that match and those that do not.
    pub base_rate: f64,
    /// `precision` ÷ `base_rate`.
    pub lift: f64,
    /// The share of items that match × (`precision` − `base_rate`).
    pub weighted_relative_accuracy: f64,
    /// Fisher's exact p, one-sided.
    pub p: f64,
    /// Benjamini and Hochberg's q over all that was searched.
    pub q: f64,
    /// Held-out items that match.
    pub holdout_matches: u64,
    /// Of those, items with the change.
    pub holdout_items: u64,
    /// Their share; null where none matches.
    pub holdout_precision: Option<f64>,
    /// Up to three reviews that made the change.
    pub examples: Vec<Example>,
    /// Up to three that match and did not.
    pub counterexamples: Vec<Example>,
}

impl RuleReport {
    /// Returns it as a sentence to be told to a model or a person.
    pub fn sentence(&self) -> String {
        let when: Vec<String> = self
            .when
            .iter()
            .map(|predicate| match predicate.phrase() {
                (phrase, Some(value)) => format!("{phrase} “{value}”"),
                (phrase, None) => phrase,
            })
            .collect();
        let instead = match &self.instead_of {
            Some(text) if self.change.becomes.is_some() => format!(" instead of “{text}”"),
            _ => String::new(),
        };
        format!("When {}: {}{instead}.", when.join(" and "), self.action)
    }
}

/// How many rules there are of each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the statuses")]
pub struct Counts {
    pub accepted: u64,
    pub candidate: u64,
    pub style: u64,
}

/// What a rule had to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Thresholds {
    /// Items that bear it out, mined and held out alike.
    pub min_support: u32,
    /// People who made the change.
    pub min_labelers: u32,
    /// The least share of matching items with the change.
    pub min_precision: f64,
    /// By how much a further predicate must lift the precision.
    pub margin: f64,
    /// The share of false discoveries that is put up with.
    pub level: f64,
    /// Predicates, at most.
    pub max_when: usize,
}

impl From<&Options> for Thresholds {
    fn from(options: &Options) -> Self {
        let Options { min_support, min_labelers, min_precision, margin, level, max_when, .. } = *options;
        Self { min_support, min_labelers, min_precision, margin, level, max_when }
    }
}

/// The patterns of a task's corrections.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatternsReport {
    /// `hitl.patterns/1`.
    pub schema: &'static str,
    /// The task.
    pub task: String,
    /// Reviews: corrections, approvals and rejections, or labels where a guess is known.
    pub reviews: u64,
    /// Of those, the ones that changed something.
    pub corrections: u64,
    /// Items reviewed.
    pub items: u64,
    /// Of those, the ones rules are only checked on.
    pub held_out_items: u64,
    /// People who reviewed.
    pub labelers: u64,
    /// Reviews left out because their labelers were overruled too often.
    pub refused: u64,
    /// What a rule had to be.
    pub thresholds: Thresholds,
    /// Tests that q allows for.
    pub tested: u64,
    /// Rules left out because better ones say the same.
    pub redundant: u64,
    /// How many rules there are.
    pub counts: Counts,
    /// Accepted ones first, then candidates, then styles; those that more items bear out first.
    pub rules: Vec<RuleReport>,
    /// What became of the rules since a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<super::Since>,
}

/// Returns the id of a rule.
pub(super) fn id(when: &[Predicate], change: &Change) -> String {
    let value = serde_json::json!({ "change": change.told(), "when": when });
    Digest::tagged("hitl rule 1", &[json::canonical(&value).as_bytes()]).short(12)
}
