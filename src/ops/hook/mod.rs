//! `hook`: what Git asks hitl before it commits, pushes or lets a push in.
//!
//! `install` puts a script of five lines where Git looks for hooks; the script runs `hitl hook run`, which asks one of
//! [`staged`], [`push`] and [`receive`]. All three only say what they found; nothing is changed.

mod install;
mod push;
mod receive;
mod staged;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::Clock;
use super::Error;
use super::check::{self, Options};
use crate::check::{CheckReport, Verdict};
use crate::dataset::{self, Dataset};
use crate::record::RecordId;
use crate::store::Oid;

pub use install::{
    Asked, FileReport, FilesReport, State, added_line, install, is_ours, script, status, uninstall,
};
pub use push::{push, pushed};
pub use receive::{receive, received};
pub use staged::{Refused, StagedReport, staged};

/// The hooks there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookName {
    /// Before a commit, in a work tree.
    PreCommit,
    /// Before a push, where it comes from.
    PrePush,
    /// Before a push is let in, where it goes to.
    PreReceive,
}

impl HookName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PreCommit, Self::PrePush, Self::PreReceive];

    /// Returns Git's name for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }
}

impl fmt::Display for HookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for HookName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|name| name.as_str() == text);
        found.ok_or_else(|| format!("no hook of hitl's: {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// What a push of several refs comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PushReport {
    /// `hitl.hook/1`.
    pub schema: &'static str,
    /// Which hook was asked.
    pub hook: HookName,
    /// The branches of the push, in its order; tags and other refs are nobody's business here.
    pub branches: Vec<BranchReport>,
    /// Where a push goes to: the branch that HEAD names, if there is none of that name, so that all are protected.
    pub headless: Option<String>,
}

impl PushReport {
    /// Whether a branch was refused, and with it the push.
    pub fn is_refused(&self) -> bool {
        self.branches.iter().any(|branch| branch.answer.is_refusal())
    }
}

/// What is said of one branch of a push.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BranchReport {
    /// The branch, by its short name.
    pub branch: String,
    /// What came of it.
    #[serde(flatten)]
    pub answer: Answer,
}

/// What came of one branch of a push.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// There was nothing to judge: the branch is deleted, and may be.
    Skipped,
    /// It was checked, and the report says whether it may pass.
    Checked {
        /// The report.
        report: Box<CheckReport>,
        /// Whether there was nothing to check it against, so that a maintainer must look.
        first: bool,
    },
    /// It is a protected branch, and would be deleted.
    Deleted,
    /// History was rewritten: what the branch was is not in what it will be.
    Rewritten {
        /// What it was.
        old: Oid,
        /// The records that would be lost.
        lost: Vec<RecordId>,
    },
    /// What the branch is now is not here, so that nothing can be said.
    Unknown {
        /// What the branch is.
        old: Oid,
        /// The remote that has it.
        remote: String,
    },
}

impl Answer {
    /// Whether the branch may not pass.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Skipped => false,
            Self::Checked { report, .. } => report.verdict == Verdict::Failed,
            Self::Deleted | Self::Rewritten { .. } | Self::Unknown { .. } => true,
        }
    }
}

/// Where branches are.
const BRANCHES: &str = "refs/heads/";

/// Whether an id is the one git writes where there is nothing.
fn is_none(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

/// Checks what a branch would become against `base`, or all of it against nothing.
fn checked(dataset: &Dataset, base: Option<&Oid>, head: &str, clock: Clock) -> Result<Answer, Error> {
    let options = Options { base: base.map(|base| base.0.clone()), head: head.to_owned(), now: clock.now };
    let report = check::check(dataset, &options)?;
    Ok(Answer::Checked { report: Box::new(report), first: base.is_none() })
}

/// Says that a branch would lose what it was; `None` where it would not.
fn rewritten(dataset: &Dataset, old: &Oid, new: &str) -> Result<Option<Answer>, Error> {
    let new = Oid(new.to_owned());
    if dataset.store().descends_from(&new, old)? {
        return Ok(None);
    }
    let dataset::Changed { base_only: lost, .. } = dataset.changed(old, &new)?;
    Ok(Some(Answer::Rewritten { old: old.clone(), lost }))
}
