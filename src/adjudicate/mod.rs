//! Adjudication: which items need a decision, and what a decision changes.
//!
//! In: a folded ledger, or the ledger before beside the ledger after. Out: serialisable reports. None of them names a
//! labeler: whoever decides is to look at the item and not at who said what.

mod disputed;
mod effect;
#[cfg(test)]
mod history;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::ledger::{Judgement, Ledger};

pub use disputed::{Disputed, Found, Needs};
pub use effect::{Decision, Earlier, State, earlier, effects};

/// A label and how often it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Given {
    /// The label; none where it was said that there is none.
    pub label: Option<String>,
    /// How often.
    pub count: usize,
}

/// Returns how often each thing was said, most often first, then in UTF-8 order; what one labeler says twice counts once.
fn given<'a>(ledger: &Ledger, said: impl Iterator<Item = &'a Judgement>) -> Vec<Given> {
    let said: BTreeSet<(u32, Option<u32>)> = said.map(|one| (one.labeler, one.statement)).collect();
    let mut counts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for (_, statement) in said {
        *counts.entry(statement.map(|statement| ledger.statement_text(statement))).or_default() += 1;
    }
    let given = |(label, count): (Option<&str>, usize)| Given { label: label.map(str::to_owned), count };
    let mut given: Vec<Given> = counts.into_iter().map(given).collect();
    given.sort_by_key(|given| std::cmp::Reverse(given.count));
    given
}
