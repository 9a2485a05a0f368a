//! What comes of mining.

/// How far a rule may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Beyond chance, and the held-out items bear it out.
    Accepted,
    /// Beyond chance among the mined items; the held-out ones do not say so, see [`Why`].
    Candidate,
    /// Beyond chance, but of too few people: how they write rather than what is right.
    Style,
}

/// Why a candidate is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// No item was held out.
    NothingHeldOut,
    /// Fewer than `min_support` of the items held out match.
    FewHeldOut,
    /// The precision of those held out is below `min_precision`, or so low that its interval ends below `precision_low`.
    NotConfirmed,
}

/// WHEN all of some predicates hold ⇒ edit. Items and rows are those not held out unless it is said.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its predicates, ascending.
    pub when: Vec<u32>,
    /// What is done.
    pub edit: u32,
    /// How far it may be trusted.
    pub status: Status,
    /// Of a candidate, why it is no more.
    pub why: Option<Why>,
    /// Items with rows that match.
    pub matches: u64,
    /// Of those, items of whose matching rows at least half made the edit.
    pub support: u64,
    /// Rows that match.
    pub rows: u64,
    /// Of those, rows that made the edit.
    pub corrections: u64,
    /// Labelers who made it on matching rows.
    pub labelers: u64,
    /// `support` / items of which any row made the edit.
    pub coverage: f64,
    /// `support` / `matches`.
    pub precision: f64,
    /// Wilson's 95 % interval of it.
    pub precision_low: f64,
    /// Its upper end.
    pub precision_high: f64,
    /// The share of hits in the whole table, both sides together: with one row an item, of all items.
    pub base_rate: f64,
    /// `precision` / `base_rate`.
    pub lift: f64,
    /// The share of the table that matches × (`precision` − `base_rate`): weighted relative accuracy, Lavrač, Flach &
    /// Zupan (1999).
    pub weighted_relative_accuracy: f64,
    /// Fisher's p, one-sided; the smallest normal number stands for all that are smaller.
    pub p: f64,
    /// Benjamini and Hochberg's q, see [`Mined::tested`]; likewise.
    pub q: f64,
    /// Held-out items with rows that match.
    pub holdout_matches: u64,
    /// Of those, items of whose matching rows at least half made the edit.
    pub holdout_support: u64,
    /// Their share; none where none matches.
    pub holdout_precision: Option<f64>,
    /// Up to three rows that match and made the edit, of distinct items, and of different labelers as far as there are.
    pub examples: Vec<u32>,
    /// Up to three rows that match and did not make it, likewise.
    pub counterexamples: Vec<u32>,
}

/// The rules of reviews. All have q ≤ `level` and precision ≥ `min_precision`: what did not reach them is not here.
#[derive(Clone, Debug, PartialEq)]
pub struct Mined {
    /// In order of edit, then p, then length.
    pub rules: Vec<Rule>,
    /// Tests that q allows for: not the rules that the search met, nor those that occur with the edit, but all that it
    /// could have met. That is, the sum over lengths up to `max_when` of edits × sets of so many predicates, of edits and
    /// predicates of at least `min_support` mined items (and predicates that at least as many lack). Of the sets, only
    /// those count that hold for `min_support` items, or what bounds their number from above: the sets of so many
    /// predicates there are, or those that rows have, added up over rows and divided by `min_support`. None of these
    /// choices looks at a set together with an edit.
    ///
    /// Each length has the same share of `level`, that short rules need not pay for the many long ones: p of a rule
    /// counts × `max_when` × tests of its length (Webb 2008, Machine Learning 71:307-323). Ranks are those among rules
    /// that may be returned; all others count as if their p were 1.
    pub tested: u64,
    /// Items mined.
    pub items: u64,
    /// Their rows.
    pub rows: u64,
    /// Items held out.
    pub held_out_items: u64,
    /// Rules left out because better ones of the same edit cover all but fewer than `min_support` of their support.
    pub redundant: u64,
}
