//! The digest of a snapshot: one number for what a model would be trained on.
//!
//! In: the rule (schema, policy, split), the counts and the rows. Out: 256 bucket digests and the digest over them.
//! Buckets are independent, so they can be computed in parallel and compared one by one. `docs/snapshots.md` has the
//! exact bytes.

use rayon::prelude::*;

use super::{Counts, Row, Rule};
use crate::base::{Digest, cbor};

/// How many buckets there are: one for each first byte of SHA-256(item id).
pub(crate) const BUCKETS: usize = 256;

/// Returns the bucket of an item: the first byte of the SHA-256 of its id.
pub fn bucket_of(item: &str) -> usize {
    usize::from(Digest::of(item.as_bytes()).0[0])
}

/// Returns the canonical rows of each bucket. `rows` are in UTF-8 order of the items.
pub(crate) fn canonical_rows(rows: &[Row]) -> Vec<Vec<u8>> {
    let mut bytes = vec![Vec::new(); BUCKETS];
    rows.iter().for_each(|row| canonical(row, &mut bytes[bucket_of(&row.item)]));
    bytes
}

/// Returns the digest of each bucket over its canonical rows, which lie in `pieces` one after the other.
pub(crate) fn buckets(pieces: &[&[Vec<u8>]]) -> Vec<Digest> {
    let digest = |bucket: usize| {
        let bytes: Vec<&[u8]> = pieces.iter().map(|piece| piece[bucket].as_slice()).collect();
        Digest::tagged("hitl snapshot bucket 1", &bytes)
    };
    (0..BUCKETS).into_par_iter().map(digest).collect()
}

/// Returns the digest over format, rule, counts and buckets.
pub(crate) fn digest(rule: &Rule, counts: &Counts, buckets: &[Digest]) -> Digest {
    let head = head(rule, counts);
    let mut parts: Vec<&[u8]> = vec![&head];
    parts.extend(buckets.iter().map(|bucket| &bucket.0[..]));
    Digest::tagged("hitl snapshot 1", &parts)
}

/// Appends one canonical row: the CBOR array [item, label, split, settled, votes, abstentions, conflicts].
fn canonical(row: &Row, out: &mut Vec<u8>) {
    cbor::array(out, 7);
    cbor::text(out, &row.item);
    cbor::text(out, &row.label);
    match &row.split {
        Some(split) => cbor::text(out, split),
        None => cbor::null(out),
    }
    cbor::text(out, row.settled.as_str());
    [row.votes, row.abstentions, row.conflicts].iter().for_each(|count| cbor::int(out, i64::from(*count)));
}

/// Returns the CBOR array [format, schema, [policy, version, min_labels], split, counts]; a policy with parameters has
/// them for its fourth part, [[name, value], …].
fn head(rule: &Rule, counts: &Counts) -> Vec<u8> {
    let mut out = Vec::new();
    cbor::array(&mut out, 5);
    cbor::text(&mut out, super::FORMAT);
    cbor::text(&mut out, &rule.label_schema);
    let parameters = &rule.policy.parameters;
    cbor::array(&mut out, if parameters.is_empty() { 3 } else { 4 });
    cbor::text(&mut out, rule.policy.name.as_str());
    cbor::int(&mut out, i64::from(rule.policy.version));
    cbor::int(&mut out, i64::from(rule.policy.min_labels));
    if !parameters.is_empty() {
        cbor::array(&mut out, parameters.len());
    }
    for (name, value) in parameters {
        cbor::array(&mut out, 2);
        cbor::text(&mut out, name);
        cbor::text(&mut out, value);
    }
    match &rule.split {
        Some(split) => {
            cbor::array(&mut out, 2);
            cbor::text(&mut out, &split.seed);
            cbor::array(&mut out, split.parts.len());
            for part in &split.parts {
                cbor::array(&mut out, 2);
                cbor::text(&mut out, &part.name);
                cbor::text(&mut out, &part.weight);
            }
        }
        None => cbor::null(&mut out),
    }
    let counts = counts.in_order();
    cbor::array(&mut out, counts.len());
    counts.iter().for_each(|(_, count)| cbor::int(&mut out, *count as i64));
    out
}
