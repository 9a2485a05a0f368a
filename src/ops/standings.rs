//! Who signed records, and whether these count: the one place where the verbs that look ask.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use crate::authority::{self, Deed, Law, Signatures, Signer, Standing, Worth};
use crate::base::{Timestamp, ssh};
use crate::config::Labelers;
use crate::dataset::Dataset;
use crate::ledger::RecordSet;
use crate::manifest;
use crate::record::{RecordId, Signature};
use crate::store::{CommitInfo, Oid};

/// More records than this have their signatures found by a walk through the whole tree.
const ONE_BY_ONE: usize = 256;

/// Returns the labelers that `commit` declares; nobody where it has no `labelers.yaml`.
///
/// # Errors
/// That file has faults.
pub(super) fn declared(dataset: &Dataset, commit: &Oid) -> Result<Labelers, Error> {
    Ok(dataset.labelers_at(commit)?.unwrap_or_default())
}

/// Returns what is known of the making of those records of `set`, all records of `commit`, that `ids` names, by the
/// `labelers.yaml` of `commit`.
///
/// # Errors
/// That file has faults, or a signature could not be checked.
pub(super) fn standings(
    dataset: &Dataset,
    commit: &Oid,
    set: &RecordSet,
    ids: &BTreeSet<RecordId>,
) -> Result<BTreeMap<RecordId, Standing>, Error> {
    let labelers = declared(dataset, commit)?;
    let keys = || labelers.labelers.values().flat_map(|labeler| &labeler.keys);
    // Who vouches for what a key signed that somebody else may have had, may be anywhere.
    let signatures = match keys().any(|key| key.compromised_since.is_some()) {
        true => dataset.signatures(commit, None)?,
        false if ids.len() > ONE_BY_ONE => dataset.signatures(commit, Some(ids))?,
        false => dataset.signatures_beside(commit, &paths(set, ids))?,
    };
    let known_by = Some(dataset.store().committed_by(commit)?);
    let law = Law { labelers: &labelers, signatures: &signatures, added_after: None, known_by };
    let chosen = |number: usize| ids.contains(&set.records()[number].id);
    let known = authority::standings(set, &law, chosen);
    Ok(known.into_iter().map(|(number, standing)| (set.records()[number].id, standing)).collect())
}

fn paths(set: &RecordSet, ids: &BTreeSet<RecordId>) -> Vec<String> {
    let heads = ids.iter().filter_map(|id| Some((id, &set.records()[set.find(id)?].head)));
    let path = |(id, head): (&RecordId, &crate::ledger::Head)| {
        manifest::manifest_path(head.kind, head.task.as_deref(), head.recorded_at, *id)
    };
    heads.map(path).collect()
}

/// Returns what is known of the making of the snapshot `name` of `commit`.
///
/// # Errors
/// As [`standings`].
pub(super) fn of_snapshot(
    dataset: &Dataset,
    commit: &Oid,
    name: &str,
    actor: &str,
    created_at: Timestamp,
) -> Result<Standing, Error> {
    let labelers = declared(dataset, commit)?;
    let signatures = dataset.snapshot_signatures(commit, name)?;
    Ok(of_deed(&labelers, Deed::Freeze, actor, created_at, &signatures))
}

/// Returns what is known of a deed that is no record.
pub(super) fn of_deed(
    labelers: &Labelers,
    deed: Deed,
    actor: &str,
    at: Timestamp,
    signatures: &[Signature],
) -> Standing {
    let law = Law { labelers, signatures: &Signatures::new(), added_after: None, known_by: None };
    authority::standing_of_deed(deed, actor, at, signatures, &law)
}

/// Returns who signed a commit, by the keys of `labelers`; none where nobody did. It is advice: git lets anybody write any
/// author's name.
///
/// # Errors
/// The commit could not be read, or its signature not be checked.
pub(super) fn commit_signer(
    dataset: &Dataset,
    labelers: &Labelers,
    commit: &CommitInfo,
) -> Result<Option<Signer>, Error> {
    let Some(signature) = dataset.commit_signer(&commit.id)? else { return Ok(None) };
    let owner = labelers.by_key(signature.fingerprint);
    let worth = match owner {
        _ if !signature.is_good() => Worth::Bad,
        None => Worth::UnknownKey,
        Some((.., key)) if key.valid_from.is_some_and(|from| commit.time < from) => Worth::NotYetValid,
        Some((.., key)) if key.valid_until.is_some_and(|until| commit.time >= until) => Worth::Ended,
        Some((.., key)) if key.compromised_since.is_some() => Worth::Compromised,
        Some(_) => Worth::Verified,
    };
    let labeler = owner.map(|(id, ..)| id.to_owned());
    Ok(Some(Signer { labeler, fingerprint: ssh::openssh(signature.fingerprint), worth }))
}
