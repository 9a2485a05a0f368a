//! Detached signatures: what is signed, and what a check of one found.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use super::RecordId;
use crate::base::{Digest, ssh};

/// What a signature is made for. One made for another purpose never stands in for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// A record: its id is signed.
    Record,
    /// A snapshot: the SHA-256 of its lock's bytes is signed.
    Snapshot,
    /// A statement about a snapshot.
    Attestation,
    /// A Git commit, as `git commit -S` signs it.
    Commit,
}

impl Purpose {
    /// Returns the namespace of `ssh-keygen -Y`.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::Record => "hitl-record",
            Self::Snapshot => "hitl-snapshot",
            Self::Attestation => "hitl-attestation",
            Self::Commit => "git",
        }
    }
}

/// Returns the bytes that are signed for a record.
pub fn signed_record(id: RecordId) -> Vec<u8> {
    format!("hitl record 1\n{id}\n").into_bytes()
}

/// Returns the bytes that are signed for the snapshot lock of these bytes.
pub fn signed_snapshot(lock: &[u8]) -> Vec<u8> {
    format!("hitl snapshot 1\n{}\n", Digest::of(lock)).into_bytes()
}

/// A key to sign with, as Git's configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Where it is.
    pub key: KeyAt,
    /// What signs with it, where that is not `ssh-keygen`.
    pub program: Option<PathBuf>,
}

/// Where a key to sign with is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyAt {
    /// In a file: the private key, or the public one of a key that the agent has.
    File(PathBuf),
    /// With the agent; this is its public key, `ssh-ed25519 AAAA…`.
    Agent(String),
}

impl fmt::Display for KeyAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Agent(text) => f.write_str(text),
        }
    }
}

/// One signature file, checked against what it is to sign and against nothing else: whose key it is, and whether that
/// was good for it then, is `authority`'s to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// SHA-256 of the public key that its file name says.
    #[serde(serialize_with = "as_openssh")]
    pub fingerprint: Digest,
    /// Why it is no signature of that key over this; none where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl Signature {
    /// Whether that key signed just this.
    pub fn is_good(&self) -> bool {
        self.fault.is_none()
    }
}

fn as_openssh<S: Serializer>(fingerprint: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&ssh::openssh(*fingerprint))
}
