//! Whether a lock still says what its records say.

use serde::Serialize;

use super::{Error, Lock, Overview, Piece, Snapshot, assemble};
use crate::base::Digest;
use crate::ledger::Ledger;
use crate::record::RecordId;

/// One thing that a lock says and its records do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What: `digest`, `counts.ties` …
    pub what: String,
    /// As the lock has it.
    pub lock: String,
    /// As it comes out of the records.
    pub rebuilt: String,
}

/// What came of rebuilding a snapshot from its lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// `hitl.snapshot-verify/1`.
    pub schema: &'static str,
    /// The snapshot.
    pub name: String,
    /// Whether the same thing was rebuilt.
    pub ok: bool,
    /// The lock's digest.
    pub digest: Digest,
    /// The digest of what was rebuilt.
    pub rebuilt_digest: Digest,
    /// Resolved items, rebuilt.
    pub resolved: u64,
    /// Records, rebuilt from.
    pub records: u64,
    /// Everything in which the two differ.
    pub differences: Vec<Difference>,
    /// The buckets that differ, two hexadecimal digits each; an item's bucket is the first byte of the SHA-256 of its
    /// id.
    pub buckets: Vec<String>,
}

/// Rebuilds the snapshot of `lock` from `ledger` (the lock's heads and their ancestors, see [`super::closure`], without
/// what is inert, see [`Ledger::without`]) and compares. `overview` is what the lock's rule has to know of all of it.
///
/// # Errors
/// The records are not all there, or the lock wants an algorithm this program lacks, or an overview that is not given.
pub fn verify(lock: &Lock, ledger: &Ledger, overview: &Overview) -> Result<(VerifyReport, Snapshot), Error> {
    lock.rule.check_version()?;
    let piece = Piece::of(ledger, &lock.rule, overview)?;
    compare(lock, ledger, vec![piece])
}

/// Compares the snapshot of `lock` with what the pieces of its ledger come to, made under the lock's rule; `records` are
/// the lock's heads and their ancestors.
///
/// # Errors
/// As [`verify`].
pub fn compare(lock: &Lock, records: &Ledger, pieces: Vec<Piece>) -> Result<(VerifyReport, Snapshot), Error> {
    lock.rule.check_version()?;
    let absent: Vec<RecordId> =
        lock.heads.iter().copied().filter(|head| records.find_record(head).is_none()).collect();
    if !absent.is_empty() {
        return Err(Error::Incomplete(absent));
    }
    let snapshot = assemble(records, lock.rule.clone(), pieces)?;
    let inert = lock.inert.iter().copied().filter(|record| records.find_record(record).is_some());
    let rebuilt = snapshot.lock(lock.made.clone(), inert.collect());
    let differences = differences(lock, &rebuilt);
    let buckets = lock.buckets.iter().zip(&rebuilt.buckets).enumerate();
    let report = VerifyReport {
        schema: "hitl.snapshot-verify/1",
        name: lock.made.name.clone(),
        ok: differences.is_empty(),
        digest: lock.digest,
        rebuilt_digest: rebuilt.digest,
        resolved: rebuilt.counts.resolved,
        records: rebuilt.records,
        buckets: buckets.filter(|(_, (a, b))| a != b).map(|(bucket, _)| format!("{bucket:02x}")).collect(),
        differences,
    };
    Ok((report, snapshot))
}

fn differences(lock: &Lock, rebuilt: &Lock) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut compare = |what: &str, lock: String, rebuilt: String| {
        if lock != rebuilt {
            found.push(Difference { what: what.to_owned(), lock, rebuilt });
        }
    };
    compare("digest", lock.digest.to_string(), rebuilt.digest.to_string());
    compare("records.count", lock.records.to_string(), rebuilt.records.to_string());
    compare("records.inert", lock.inert.len().to_string(), rebuilt.inert.len().to_string());
    compare("records.sha256", lock.records_sha256.to_string(), rebuilt.records_sha256.to_string());
    for ((name, lock), (_, rebuilt)) in lock.counts.in_order().into_iter().zip(rebuilt.counts.in_order()) {
        compare(&format!("counts.{name}"), lock.to_string(), rebuilt.to_string());
    }
    for (what, lock, rebuilt) in
        [("counts.labels", &lock.labels, &rebuilt.labels), ("counts.splits", &lock.splits, &rebuilt.splits)]
    {
        let keys: std::collections::BTreeSet<&String> = lock.keys().chain(rebuilt.keys()).collect();
        for key in keys {
            let count = |map: &std::collections::BTreeMap<String, u64>| {
                map.get(key).copied().unwrap_or(0).to_string()
            };
            compare(&format!("{what}.{key}"), count(lock), count(rebuilt));
        }
    }
    let differing = lock.buckets.iter().zip(&rebuilt.buckets).filter(|(a, b)| a != b).count();
    if differing > 0 {
        found.push(Difference {
            what: "buckets".to_owned(),
            lock: "256".to_owned(),
            rebuilt: format!("{differing} of them otherwise"),
        });
    }
    found
}
