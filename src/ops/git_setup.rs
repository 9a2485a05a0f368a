//! `git-setup`: what Git itself shows of shards, in this clone.
//!
//! `.gitattributes` names a diff driver, `hitl`, and travels with the repository; what the driver runs is configuration
//! of each clone, which Git for good reasons takes from no repository.
//!
//! `diff.hitl.cachetextconv` is left alone: Git would keep the text of every shard it has shown in commits under
//! `refs/notes/textconv/hitl`, which `git log --all` and a mirroring push then carry along, and it would go on showing
//! what it kept when a Git LFS object has arrived since. A shard is read faster than its text would be.

use serde::Serialize;

use super::Error;
use crate::store::{Configured, Store};

/// What a diff driver runs.
pub const TEXTCONV: &str = "diff.hitl.textconv";
/// A shard's path, to ask attributes for.
const A_SHARD: &str = "ledger/labels/_/0000-00/00/shard.parquet";

/// What Git is to run.
#[derive(Clone, Debug)]
pub struct Driver {
    /// The command line that shows a shard.
    pub command: String,
    /// Whether a command line is one of hitl's whose program is gone, so that it is nobody's.
    pub is_lost: fn(&str) -> bool,
}

/// What `git-setup` did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetupReport {
    /// `hitl.git-setup/1`.
    pub schema: &'static str,
    /// The setting.
    pub key: &'static str,
    /// What hitl sets it to.
    pub value: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Whether attributes send shards to this driver.
    pub attributes: bool,
    /// Whether the repository is bare: it has no `.gitattributes` to read.
    pub bare: bool,
}

/// What came of the setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It was set in this repository.
    Set,
    /// It was so already.
    Unchanged,
    /// Somebody set it to something else, and it was left as it is.
    Kept {
        /// What it is.
        found: String,
    },
    /// Git's configuration could not be read or written; only `init` goes on.
    Failed {
        /// Git's own words.
        error: String,
    },
}

/// Lets Git show the rows of shards in `store` by running `driver` on them.
///
/// # Errors
/// Git's configuration cannot be read or written.
pub fn git_setup(store: &Store, driver: &Driver) -> Result<SetupReport, Error> {
    let outcome = match store.configure(TEXTCONV, &driver.command, driver.is_lost)? {
        Configured::Set => Outcome::Set,
        Configured::Same => Outcome::Unchanged,
        Configured::Other(found) => Outcome::Kept { found },
    };
    let attributes = store.attribute(A_SHARD, "diff")?.as_deref() == Some("hitl");
    Ok(report(store, driver, outcome, attributes))
}

/// Does the same for `init`, which it must not stop.
pub(super) fn after_init(store: &Store, driver: &Driver) -> SetupReport {
    let failed = |error: Error| report(store, driver, Outcome::Failed { error: error.to_string() }, true);
    git_setup(store, driver).unwrap_or_else(failed)
}

fn report(store: &Store, driver: &Driver, outcome: Outcome, attributes: bool) -> SetupReport {
    SetupReport {
        schema: "hitl.git-setup/1",
        key: TEXTCONV,
        value: driver.command.clone(),
        outcome,
        attributes,
        bare: store.is_bare(),
    }
}
