//! `snapshot attest`: what a snapshot was made of, as an in-toto statement in a signed envelope (DSSE).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::{closure_of, files, find, ledger_from, path_of, verified};
use crate::base::{Digest, ssh, text};
use crate::config::{Labelers, Role};
use crate::dataset::{At, Dataset, LABELERS_FILE};
use crate::ledger::Ledger;
use crate::ops::{Error, standings};
use crate::record::{self, Purpose, RecordId};
use crate::signing;
use crate::snapshot::Lock;
use crate::snapshot::attestation::{self, Made, PAYLOAD_TYPE, Signed};
use crate::store::Oid;

/// What `snapshot attest` made.
#[derive(Clone, Debug)]
pub struct Attested {
    /// The snapshot.
    pub name: String,
    /// Its digest.
    pub digest: Digest,
    /// The key that signed; none of a bare statement.
    pub signed_by: Option<String>,
    /// What whoever trusts the signature has to know, where the key is none that freezes snapshots here.
    pub note: Option<String>,
    /// The document: one line of JSON and a line feed.
    pub document: String,
}

/// What is told of an attestation that went into a file.
#[derive(Clone, Debug, Serialize)]
pub struct AttestReport {
    /// `hitl.snapshot-attest/1`.
    pub schema: &'static str,
    /// The snapshot.
    pub name: String,
    /// Its digest.
    pub digest: Digest,
    /// The key that signed; null of a bare statement.
    pub signed_by: Option<String>,
    /// What whoever trusts the signature has to know, where the key is none that freezes snapshots here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The file.
    pub file: String,
}

#[derive(Serialize)]
struct Envelope {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: &'static str,
    signatures: [EnvelopeSignature; 1],
}

#[derive(Serialize)]
struct EnvelopeSignature {
    keyid: String,
    sig: String,
}

/// Rebuilds the snapshot `name` and attests it: a statement in an envelope signed with the SSH key that Git's
/// `user.signingKey` names, or with `bare` the statement alone.
///
/// # Errors
/// There is no such snapshot, it does not rebuild to its digest, or there is no key to sign with.
pub fn attest(dataset: &Dataset, name: &str, bare: bool, at: &At) -> Result<Attested, Error> {
    let key = dataset.store().signing_key()?;
    if key.is_none() && !bare {
        return Err(Error::request(
            "there is no SSH key to sign with",
            "git config user.signingKey ~/.ssh/id_ed25519.pub; or --statement for the statement alone",
        ));
    }
    let (commit, lock) = find(dataset, name, at)?;
    let whole = dataset.view_at(Some(commit.clone()), None)?.ledger;
    if !verified(&lock, &ledger_from(&whole, &lock)?)?.0.ok {
        return Err(Error::NotRebuilt { name: name.to_owned() });
    }
    let path = path_of(name);
    let bytes = dataset.store().file(&commit, &path)?.unwrap_or_default();
    let made = made(dataset, &commit, &whole, &lock)?;
    let statement = attestation::statement(&lock, (&path, Digest::of(&bytes)), &made);
    let (document, signed_by, note) = match key.filter(|_| !bare) {
        None => (statement, None, None),
        Some(key) => {
            let messages = [attestation::signed_bytes(&statement)];
            let signed = signing::sign(&key, Purpose::Attestation, &messages);
            let signed = signed.map_err(crate::dataset::Error::from)?;
            let by = ssh::openssh(signed.by);
            let note = note(&standings::declared(dataset, &commit)?, signed.by);
            (envelope(&statement, &by, &signed.signatures.concat()), Some(by), note)
        }
    };
    Ok(Attested { name: name.to_owned(), digest: lock.digest, signed_by, note, document: document + "\n" })
}

/// Returns what speaks against trusting a signature by `key`. Anybody may attest: who did is for the reader to judge.
fn note(labelers: &Labelers, key: Digest) -> Option<String> {
    let Some((id, labeler, _)) = labelers.by_key(key) else {
        let key = ssh::openssh(key);
        return Some(format!(
            "{LABELERS_FILE} gives {key} to nobody: only who knows the key can tell who attests this"
        ));
    };
    let freezes = |role: &Role| matches!(role, Role::Validator | Role::Maintainer);
    let have_roles = labelers.labelers.values().any(|labeler| !labeler.roles.is_empty());
    let may_not = have_roles && !labeler.roles.iter().any(freezes);
    may_not.then(|| format!("the key is that of {id}, who may not freeze snapshots here"))
}

fn envelope(statement: &str, by: &str, signature: &[u8]) -> String {
    let signature = EnvelopeSignature { keyid: by.to_owned(), sig: text::base64(signature) };
    let envelope = Envelope {
        payload: text::base64(statement.as_bytes()),
        payload_type: PAYLOAD_TYPE,
        signatures: [signature],
    };
    serde_json::to_string(&envelope).expect("texts are JSON")
}

/// Returns what the manifests of the records of `lock` come to.
fn made(dataset: &Dataset, commit: &Oid, whole: &Ledger, lock: &Lock) -> Result<Made, Error> {
    let inert: BTreeSet<RecordId> = lock.inert.iter().copied().collect();
    let counting: BTreeSet<RecordId> = closure_of(whole, lock)?.difference(&inert).copied().collect();
    let standings = standings::standings(dataset, commit, whole.record_set(), &counting)?;
    let is_verified = |id: &RecordId| {
        standings.get(id).is_some_and(|standing| crate::trace::verified(standing).next().is_some())
    };
    let signed = Signed {
        verified: counting.iter().filter(|id| is_verified(id)).count() as u64,
        records: counting.len() as u64,
    };
    let mut made = Made { signed, ..Made::default() };
    let mut labelers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for record in whole.records().iter().filter(|record| counting.contains(&record.id)) {
        let manifest = &*record.manifest;
        if manifest.task.as_ref() != Some(&lock.rule.task) {
            continue;
        }
        for (key, used) in &manifest.guidelines {
            made.guidelines.insert(key.clone(), used.sha256);
        }
        for (origin, rows) in &manifest.origins {
            *made.origins.entry(origin.as_str().to_owned()).or_default() += rows;
        }
        if let record::Labelers::Listed(listed) = &manifest.labelers {
            for (id, used) in listed {
                labelers.entry(used.kind.as_str()).or_default().insert(id);
            }
        }
    }
    let counted = labelers.into_iter().map(|(kind, ids)| (kind.to_owned(), ids.len() as u64));
    made.labelers = counted.collect();
    Ok(made)
}

/// Writes an attestation to the file `path`, whole or not at all.
///
/// # Errors
/// The file cannot be written.
pub fn write_attestation(attested: &Attested, path: &Path) -> Result<AttestReport, Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    files::write(folder.unwrap_or(Path::new(".")), &[(file, attested.document.clone().into_bytes())])?;
    Ok(AttestReport {
        schema: "hitl.snapshot-attest/1",
        name: attested.name.clone(),
        digest: attested.digest,
        signed_by: attested.signed_by.clone(),
        note: attested.note.clone(),
        file: path.display().to_string(),
    })
}
