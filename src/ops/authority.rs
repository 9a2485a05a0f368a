//! Who may do what, as the verbs ask it: of what lies in a ledger, and of what is about to be added.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Error;
use crate::authority::{self, Law, Refusal};
use crate::dataset::Dataset;
use crate::ledger::RecordSet;
use crate::record::{Kind, RecordId};
use crate::store::Oid;

/// A record that does not count for a new snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The record.
    pub record: RecordId,
    /// What it would add.
    pub kind: Kind,
    /// Its task, of judgements.
    pub task: Option<String>,
    /// Who made it, as it claims.
    pub actor: String,
    /// Why it does not count.
    pub refused: Vec<Refusal>,
}

/// Returns those of `records`, the ledger at `commit`, that do not count by the `labelers.yaml` committed there, each with
/// why. Where that asks nothing of records, no signature is looked at.
///
/// # Errors
/// `labelers.yaml` has faults, or signatures could not be checked.
pub(super) fn inert(
    dataset: &Dataset,
    commit: Option<&Oid>,
    records: &RecordSet,
) -> Result<BTreeMap<RecordId, Vec<Refusal>>, Error> {
    let Some(commit) = commit else { return Ok(BTreeMap::new()) };
    let labelers = dataset.labelers_at(commit)?.filter(authority::asks_anything);
    let Some(labelers) = labelers else { return Ok(BTreeMap::new()) };
    let signatures = dataset.signatures(commit, None)?;
    let law = Law { labelers: &labelers, signatures: &signatures, added_after: None };
    Ok(authority::inert(records, &law))
}

/// Tells of the records `inert` of a set.
pub(super) fn left_out(records: &RecordSet, inert: &BTreeMap<RecordId, Vec<Refusal>>) -> Vec<LeftOut> {
    let told = inert.iter().filter_map(|(id, refused)| {
        let record = &records.records()[records.find(id)?];
        Some(LeftOut {
            record: *id,
            kind: record.head.kind,
            task: record.head.task.as_deref().map(str::to_owned),
            actor: record.manifest.actor.clone(),
            refused: refused.clone(),
        })
    });
    told.collect()
}
