//! What a revert's filter says, as reports tell it.

use serde::Serialize;

use crate::base::Timestamp;
use crate::record::{Kind, Origin, Revert, Rows};

/// A revert's filter, field by field; empty fields say nothing.
#[derive(Clone, Debug, Serialize)]
pub struct FilterReport {
    /// Records named.
    pub records: Vec<String>,
    /// Labelers named.
    pub labelers: Vec<String>,
    /// Guidelines named.
    pub guidelines: Vec<String>,
    /// Kinds named.
    pub kinds: Vec<Kind>,
    /// Tasks named.
    pub tasks: Vec<String>,
    /// Origins named.
    pub origins: Vec<Origin>,
    /// How many items are named; none when items do not matter.
    pub items: Option<usize>,
    /// Start of the window.
    pub since: Option<Timestamp>,
    /// End of the window.
    pub until: Option<Timestamp>,
    /// Whether what was built on them goes too.
    pub cascade: &'static str,
    /// Whether it reaches records that do not descend from it.
    pub concurrent: bool,
}

impl FilterReport {
    /// Describes `revert`, whose item list may lie in `rows`.
    pub(super) fn new(revert: &Revert, rows: &Rows) -> Self {
        let filter = &revert.filter;
        let listed = filter.items.as_ref().map(|items| items.len());
        Self {
            records: filter.records.iter().map(ToString::to_string).collect(),
            labelers: filter.labelers.clone(),
            guidelines: filter.guidelines.iter().map(|guideline| guideline.0.clone()).collect(),
            kinds: filter.kinds.clone(),
            tasks: filter.tasks.clone(),
            origins: filter.origins.clone(),
            items: listed.filter(|count| *count > 0).or((!rows.is_empty()).then_some(rows.len())).or(listed),
            since: filter.since,
            until: filter.until,
            cascade: revert.cascade.as_str(),
            concurrent: revert.concurrent,
        }
    }

    /// Returns what it takes back in words, as plain text with names from data: `by bob, under tone@1`.
    pub fn words(&self) -> String {
        let list = |what: &str, names: Vec<String>| {
            (!names.is_empty()).then(|| format!("{what} {}", names.join(" or ")))
        };
        let short = |id: &String| id.chars().take(10).collect::<String>();
        let words = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let parts = [
            list("in record", self.records.iter().map(short).collect()),
            list("by", self.labelers.clone()),
            list("under", self.guidelines.clone()),
            list("of kind", words(self.kinds.iter().map(|kind| kind.as_str()).collect())),
            list("of task", self.tasks.clone()),
            list("of origin", words(self.origins.iter().map(|origin| origin.as_str()).collect())),
            self.items.map(|items| format!("of {}", crate::base::text::count(items, "item"))),
            self.since.map(|since| format!("since {since}")),
            self.until.map(|until| format!("before {until}")),
            (self.cascade != "none").then(|| format!("with what was built on it ({})", self.cascade)),
            self.concurrent.then(|| "also on branches merged later".to_owned()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
