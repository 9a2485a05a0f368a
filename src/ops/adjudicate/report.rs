//! What `adjudicate` recorded, or would record.

use serde::Serialize;

use super::super::commit::CommitReport;
use crate::adjudicate::{Decision, Earlier};
use crate::base::text;
use crate::record::Policy;

/// What `adjudicate` recorded, or would record.
#[derive(Clone, Debug, Serialize)]
pub struct AdjudicateReport {
    /// `hitl.adjudicate/1`, the plan, the records and the commit, as `commit` tells them.
    #[serde(flatten)]
    pub commit: CommitReport,
    /// Whether it is one decision of the command line.
    #[serde(skip)]
    pub one: bool,
    /// The task.
    pub task: String,
    /// How its labels become one where nobody decides.
    pub policy: Policy,
    /// What each new decision changes, by item.
    pub decisions: Vec<Decision>,
    /// Where nothing is new: the decision that stands.
    pub stands: Vec<Earlier>,
}

impl AdjudicateReport {
    /// Returns the body of the Git commit's message.
    pub(super) fn summary(&self) -> String {
        // An item may hold no line break, a label may.
        let line = |text: &str| text.replace(text::is_hidden, "\u{fffd}");
        match &self.decisions[..] {
            [one] => match &one.decided {
                Some(label) => format!("Decides {} of {}: {}.", self.task, line(&one.item), line(label)),
                None => format!("Decides {} of {}: no label.", self.task, line(&one.item)),
            },
            several => format!("Decides {} of {}.", self.task, text::count(several.len(), "item")),
        }
    }

    /// Returns how many decisions supersede an earlier one.
    pub fn superseding(&self) -> usize {
        self.decisions.iter().filter(|decision| !decision.supersedes.is_empty()).count()
    }

    /// Returns whether what was given differs in reason, guideline or other attributes from a decision that stands.
    pub fn attributes_differ(&self) -> bool {
        self.commit.files.iter().flat_map(|file| &file.batches).any(|batch| batch.attributes_differ > 0)
    }
}
