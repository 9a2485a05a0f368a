//! Who may do what, as the verbs ask it: of what lies in a ledger, and of what is about to be added.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Error;
use crate::authority::{self, Deed, Law, Refusal, Signatures};
use crate::base::{Timestamp, ssh};
use crate::config::Labelers;
use crate::dataset::{Dataset, Sealed};
use crate::ledger::{Loaded, RecordSet};
use crate::record::{Kind, RecordId, Rows, Signature};
use crate::store::{Head, Oid};

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
    let known_by = Some(dataset.store().committed_by(commit)?);
    let law = Law { labelers: &labelers, signatures: &signatures, added_after: None, known_by };
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

/// Refuses records that are about to be added to `records`, signed by the key of this fingerprint, where the work tree's
/// `labelers.yaml` does: what is added in spite of it would not count.
///
/// # Errors
/// [`Error::NotAllowed`]; `labelers.yaml` has faults.
pub(super) fn allow_records(
    dataset: &Dataset,
    records: &RecordSet,
    sealed: &[Sealed],
    signed_by: Option<&str>,
) -> Result<(), Error> {
    let Some(labelers) = asking(dataset)? else { return Ok(()) };
    let new: BTreeSet<RecordId> = sealed.iter().map(|sealed| sealed.record.id).collect();
    let signatures = new.iter().map(|id| (*id, by(signed_by))).collect();
    let bare = |sealed: &Sealed| {
        let Loaded { id, manifest, .. } = &sealed.record;
        Loaded { id: *id, manifest: manifest.clone(), rows: Rows::empty(manifest.kind) }
    };
    let all = records.and(sealed.iter().map(bare).collect());
    let now = sealed.iter().map(|sealed| sealed.record.manifest.recorded_at).max();
    let known_by = now.map(|now| known_by(dataset, now)).transpose()?;
    let added_after = known_by.and_then(|known_by| latest(records, known_by)).or(now);
    let law = Law { labelers: &labelers, signatures: &signatures, added_after, known_by };
    let told = authority::standings(&all, &law, |number| new.contains(&all.records()[number].id));
    refuse(dataset, told.into_iter().flat_map(|(_, standing)| standing.refused))
}

/// Refuses to freeze a snapshot of `records` at `now`, signed by the key of this fingerprint, as [`allow_records`] does.
///
/// # Errors
/// As [`allow_records`].
pub(super) fn allow_snapshot(
    dataset: &Dataset,
    records: &RecordSet,
    (actor, now): (&str, Timestamp),
    signed_by: Option<&str>,
) -> Result<(), Error> {
    let Some(labelers) = asking(dataset)? else { return Ok(()) };
    let known_by = known_by(dataset, now)?;
    let added_after = latest(records, known_by).or(Some(now));
    let law =
        Law { labelers: &labelers, signatures: &Signatures::new(), added_after, known_by: Some(known_by) };
    refuse(dataset, authority::standing_of_deed(Deed::Freeze, actor, now, &by(signed_by), &law).refused)
}

/// Returns the work tree's `labelers.yaml` where it asks anything.
fn asking(dataset: &Dataset) -> Result<Option<Labelers>, Error> {
    let labelers = dataset.labelers(&dataset.config_or_usual()?)?;
    Ok(Some(labelers).filter(authority::asks_anything))
}

/// Returns the signature that was just made with the key of this fingerprint.
fn by(signed_by: Option<&str>) -> Vec<Signature> {
    let fingerprint = signed_by.and_then(ssh::from_openssh);
    fingerprint.map(|fingerprint| Signature { fingerprint, fault: None }).into_iter().collect()
}

/// Returns the latest time in `records`, at most `known_by`: a record that is dated ahead ends no key before its time.
fn latest(records: &RecordSet, known_by: Timestamp) -> Option<Timestamp> {
    let times = records.records().iter().map(|record| record.head.recorded_at);
    times.max().map(|latest| latest.min(known_by))
}

/// Returns when the records of HEAD were there, by the clock or, where that is behind, by HEAD's commit.
fn known_by(dataset: &Dataset, now: Timestamp) -> Result<Timestamp, Error> {
    Ok(match dataset.store().head()? {
        Head::Unborn(_) => now,
        Head::Branch(_, commit) | Head::Detached(commit) => now.max(dataset.store().committed_by(&commit)?),
    })
}

/// Tells each thing once, however many records it is true of; why nothing is signed comes before that it is not.
fn refuse(dataset: &Dataset, refused: impl IntoIterator<Item = Refusal>) -> Result<(), Error> {
    let mut told: Vec<Refusal> = Vec::new();
    for refusal in refused {
        if refusal.code == "unsigned" && told.iter().all(|told| told.code != "unsigned") {
            told.extend(dataset.store().unusable_signing_key()?.map(no_key));
        }
        if !told.contains(&refusal) {
            told.push(refusal);
        }
    }
    if told.is_empty() { Ok(()) } else { Err(Error::NotAllowed { refused: told }) }
}

/// Says that what `user.signingKey` names signs nothing here.
fn no_key(named: String) -> Refusal {
    Refusal {
        code: "unsigned",
        message: format!("nothing was signed: user.signingKey is `{named}`, and no SSH key is found there"),
        remedy: "name a key whose file and .pub are there: `git config user.signingKey ~/.ssh/id_ed25519`, and `git config \
                 gpg.format ssh`"
            .to_owned(),
    }
}
