//! `diff`: what changed between two states of the ledger.

mod batches;

use super::trace::policies;
use super::{Error, snapshot};
use crate::dataset::{At, Dataset};
use crate::diff::{self, DiffReport};
use crate::ledger::Ledger;
use crate::record::Filter;
use crate::snapshot::Lock;
use crate::store::{self, Oid};

pub use batches::{batches, corrections};

/// What `diff` is asked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `A..B`, `A..`, `..B` or `A`; each side a Git revision or a snapshot. A missing side is HEAD; nothing at all is
    /// the last commit.
    pub range: Option<String>,
    /// Only keys with a judgement that this chooses.
    pub filter: Filter,
    /// At most this many rows are listed.
    pub limit: Option<usize>,
}

/// Compares two states.
///
/// # Errors
/// A side is no revision and no snapshot, or a ledger could not be read.
pub fn diff(dataset: &Dataset, options: &Options) -> Result<DiffReport, Error> {
    let (base, head) = sides(options.range.as_deref());
    let base_side = named_side(dataset, &base, options.range.is_none())?;
    let (base_ledger, head_ledger) = ledgers(dataset, base_side, side(dataset, &head)?)?;
    let asked =
        diff::Options { filter: options.filter.clone(), limit: options.limit, policies: policies(dataset)? };
    Ok(diff::diff((&base, &base_ledger), (&head, &head_ledger), &asked))
}

/// Returns base and head as the range names them.
fn sides(range: Option<&str>) -> (String, String) {
    let or_head = |side: &str| if side.is_empty() { "HEAD".to_owned() } else { side.to_owned() };
    match range {
        None => ("HEAD^".to_owned(), "HEAD".to_owned()),
        Some(range) => match range.split_once("..") {
            Some((base, head)) => (or_head(base), or_head(head)),
            None => (or_head(range), "HEAD".to_owned()),
        },
    }
}

/// Finds what a side names; `HEAD^` where nothing was named is nothing at the first commit.
fn named_side(dataset: &Dataset, name: &str, unnamed: bool) -> Result<Side, Error> {
    match side(dataset, name) {
        // The first commit has nothing before it.
        Err(_) if unnamed && dataset.commit(&At::default())?.is_some() => Ok(Side::Nothing),
        found => found,
    }
}

/// What a side of the range is.
enum Side {
    Nothing,
    Commit(Oid),
    Snapshot(Oid, Box<Lock>),
}

/// Returns the ledgers of both sides. Of two commits, what differs between them alone is read: a diff looks at items
/// one by one, and every policy resolves an item from its own judgements.
fn ledgers(dataset: &Dataset, base: Side, head: Side) -> Result<(Ledger, Ledger), Error> {
    match (base, head) {
        (Side::Commit(base), Side::Commit(head)) => Ok(dataset.touched_ledgers(&base, &head)?),
        (base, head) => Ok((whole(dataset, base)?, whole(dataset, head)?)),
    }
}

/// Finds the revision, or the snapshot of HEAD, that a side names.
fn side(dataset: &Dataset, name: &str) -> Result<Side, Error> {
    match dataset.store().resolve(name) {
        Ok(commit) => Ok(Side::Commit(commit)),
        Err(unknown @ store::Error::UnknownRevision { .. }) => {
            match snapshot::find(dataset, name, &At::default()) {
                Ok((commit, lock)) => Ok(Side::Snapshot(commit, Box::new(lock))),
                Err(Error::UnknownSnapshot { near: Some(near), .. }) => Err(Error::NotFound {
                    message: format!("`{name}` is no Git revision and no snapshot"),
                    hint: Some(format!("did you mean the snapshot `{near}`?")),
                }),
                Err(Error::UnknownSnapshot { .. }) => Err(unknown.into()),
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn whole(dataset: &Dataset, side: Side) -> Result<Ledger, Error> {
    match side {
        Side::Nothing => Ok(dataset.view_at(None, None)?.ledger),
        Side::Commit(commit) => Ok(dataset.view_at(Some(commit), None)?.ledger),
        Side::Snapshot(commit, lock) => snapshot::ledger_of(dataset, &commit, &lock),
    }
}
