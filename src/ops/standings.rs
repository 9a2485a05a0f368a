//! Who signed records, and whether these count: the one place where the verbs ask.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use crate::authority::{Signer, Standing};
use crate::base::Timestamp;
use crate::dataset::Dataset;
use crate::ledger::RecordSet;
use crate::record::RecordId;
use crate::snapshot::Lock;
use crate::store::{CommitInfo, Oid};

/// Returns what is known of the making of those records of `set`, all records of `commit`, that `ids` names, by the
/// `labelers.yaml` of `commit`.
///
/// # Errors
/// That file has faults, or a signature could not be checked.
pub(super) fn standings(
    _dataset: &Dataset,
    _commit: &Oid,
    _set: &RecordSet,
    _ids: &BTreeSet<RecordId>,
) -> Result<BTreeMap<RecordId, Standing>, Error> {
    Ok(BTreeMap::new())
}

/// Returns who signed a commit, by the keys of the `labelers.yaml` of `at`; none where nobody did.
///
/// # Errors
/// As [`standings`].
pub(super) fn commit_signer(
    _dataset: &Dataset,
    _at: &Oid,
    _commit: &CommitInfo,
) -> Result<Option<Signer>, Error> {
    Ok(None)
}

/// Returns what is known of the making of a snapshot's lock; `None` where nobody asked.
///
/// # Errors
/// As [`standings`].
pub(super) fn of_snapshot(
    _dataset: &Dataset,
    _commit: &Oid,
    _name: &str,
    _actor: &str,
    _created_at: Timestamp,
) -> Result<Option<Standing>, Error> {
    Ok(None)
}

/// Returns the records of `lock` that did not count.
pub(super) fn inert_of(_lock: &Lock) -> Vec<RecordId> {
    Vec::new()
}
