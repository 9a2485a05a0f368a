//! Signing what is about to be committed: one place for all who write records and snapshots.

use super::Error;
use crate::base::ssh;
use crate::dataset::{Dataset, Sealed, snapshot_signature_path};
use crate::manifest;
use crate::record::{Purpose, signed_record, signed_snapshot};
use crate::signing::{self, Signed};

/// Files to be committed, by path.
type Files = Vec<(String, Vec<u8>)>;

/// Adds to `files` a signature of each record of `sealed` by the SSH key that Git's `user.signingKey` names, and returns
/// that key's fingerprint as OpenSSH writes it. Without such a key, or `unsigned`, nothing is signed.
///
/// # Errors
/// The key signs nothing, or the program that does so cannot be run.
pub(super) fn sign_records(
    dataset: &Dataset,
    unsigned: bool,
    sealed: &[Sealed],
    files: &mut Files,
) -> Result<Option<String>, Error> {
    let messages = sealed.iter().map(|sealed| signed_record(sealed.record.id)).collect();
    let Some(Signed { by, signatures }) = sign(dataset, unsigned, Purpose::Record, messages)? else {
        return Ok(None);
    };
    for (sealed, signature) in sealed.iter().zip(signatures) {
        let made = &sealed.record.manifest;
        let (task, at) = (made.task.as_deref(), made.recorded_at);
        files.push((manifest::signature_path(made.kind, task, at, sealed.record.id, by), signature));
    }
    Ok(Some(ssh::openssh(by)))
}

/// Adds to `files` a signature of the snapshot `name`, whose lock has these bytes, as [`sign_records`] does.
///
/// # Errors
/// As [`sign_records`].
pub(super) fn sign_snapshot(
    dataset: &Dataset,
    unsigned: bool,
    (name, lock): (&str, &[u8]),
    files: &mut Files,
) -> Result<Option<String>, Error> {
    let messages = vec![signed_snapshot(lock)];
    let Some(Signed { by, signatures }) = sign(dataset, unsigned, Purpose::Snapshot, messages)? else {
        return Ok(None);
    };
    let path = snapshot_signature_path(name, by);
    files.extend(signatures.into_iter().map(|signature| (path.clone(), signature)));
    Ok(Some(ssh::openssh(by)))
}

fn sign(
    dataset: &Dataset,
    unsigned: bool,
    purpose: Purpose,
    messages: Vec<Vec<u8>>,
) -> Result<Option<Signed>, Error> {
    if unsigned || messages.is_empty() {
        return Ok(None);
    }
    let Some(key) = dataset.store().signing_key()? else { return Ok(None) };
    let signed = signing::sign(&key, purpose, &messages).map_err(crate::dataset::Error::from)?;
    Ok(Some(signed))
}
