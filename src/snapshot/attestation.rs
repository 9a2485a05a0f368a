//! What is attested of a snapshot: an in-toto statement (<https://in-toto.io/Statement/v1>) about its lock.
//!
//! The statement says what the snapshot was made of in numbers and digests; nobody's id, and no text, is in it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Counts, Lock, PolicyUse};
use crate::base::{Digest, Timestamp, json};
use crate::record::RecordId;

/// The type of the statements.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The type of what they say.
pub const PREDICATE_TYPE: &str = "urn:hitl:snapshot:1";
/// The type of the bytes that are signed.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// What the manifests of a snapshot's records come to; records that did not count are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Made {
    /// The guideline versions its judgements name, `name@version`, and SHA-256 of their texts.
    pub guidelines: BTreeMap<String, Digest>,
    /// How many labelers of each kind judged.
    pub labelers: BTreeMap<String, u64>,
    /// Rows of each origin, whatever has become of them.
    pub origins: BTreeMap<String, u64>,
    /// How many of all its records a verified signature is on.
    pub signed: Signed,
}

/// How many records are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// With a verified signature.
    pub verified: u64,
    /// All that count.
    pub records: u64,
}

/// Returns the statement about the snapshot of `lock`, whose file lies at `path` and has the SHA-256 `file`: canonical JSON
/// (RFC 8785), so that one snapshot has one statement.
pub fn statement(lock: &Lock, (path, file): (&str, Digest), made: &Made) -> String {
    #[derive(Serialize)]
    struct Records<'a> {
        count: u64,
        sha256: Digest,
        heads: &'a [RecordId],
        inert: &'a [RecordId],
    }
    #[derive(Serialize)]
    struct By<'a> {
        created_at: Timestamp,
        tool: &'a str,
    }
    #[derive(Serialize)]
    struct Predicate<'a> {
        task: &'a str,
        label_schema_sha256: Digest,
        policy: &'a PolicyUse,
        counts: Counts,
        labels: &'a BTreeMap<String, u64>,
        splits: &'a BTreeMap<String, u64>,
        records: Records<'a>,
        #[serde(flatten)]
        of: &'a Made,
        made: By<'a>,
    }
    let predicate = Predicate {
        task: &lock.rule.task,
        label_schema_sha256: Digest::of(lock.rule.label_schema.as_bytes()),
        policy: &lock.rule.policy,
        counts: lock.counts,
        labels: &lock.labels,
        splits: &lock.splits,
        records: Records {
            count: lock.records,
            sha256: lock.records_sha256,
            heads: &lock.heads,
            inert: &lock.inert,
        },
        of: made,
        made: By { created_at: lock.made.created_at, tool: &lock.made.tool },
    };
    let predicate: Value =
        serde_json::to_value(predicate).expect("maps with names for keys, texts and numbers are JSON");
    json::canonical(&json!({
        "_type": STATEMENT_TYPE,
        "subject": [
            { "name": lock.made.name, "digest": { "sha256": lock.digest } },
            { "name": path, "digest": { "sha256": file } },
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }))
}

/// Returns the bytes that are signed for `payload`: DSSE's pre-authentication encoding
/// (<https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md>).
pub fn signed_bytes(payload: &str) -> Vec<u8> {
    let (kind, len) = (PAYLOAD_TYPE.len(), payload.len());
    format!("DSSEv1 {kind} {PAYLOAD_TYPE} {len} {payload}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of DSSE's protocol.md has another type; the shape is the same.
    #[test]
    fn lengths_are_of_bytes() {
        let signed = signed_bytes("{\"é\":1}");
        assert_eq!(signed, "DSSEv1 28 application/vnd.in-toto+json 8 {\"é\":1}".as_bytes());
    }
}
