//! Reading a lock: its hash first, then its structure, then that it would be written the same again.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{BUCKET_DIGITS, Lock, emit};
use crate::base::{Digest, Timestamp, yaml};
use crate::record::{Policy, RecordId};
use crate::snapshot::{Counts, FORMAT, Made, PolicyUse, Rule, Split, digest};

/// Why bytes are no lock.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// No UTF-8.
    #[error("the lock is not UTF-8 text")]
    NotText,
    /// The last line is not the lock's own hash.
    #[error("the lock does not end with its `lock_sha256` line")]
    NoSelfHash,
    /// The lines before the last one are not those that were hashed.
    #[error(
        "the lock was changed after it was written: its lines hash to {found}, its last line says {stated}"
    )]
    SelfHash {
        /// What the last line says.
        stated: Digest,
        /// What its other lines hash to.
        found: Digest,
    },
    /// Not the structure of a lock.
    #[error("line {line}, column {column}: {message}")]
    Structure {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A value that no lock holds.
    #[error("{what}: {message}")]
    Value {
        /// The field.
        what: &'static str,
        /// What is wrong.
        message: String,
    },
    /// The same contents would be written otherwise.
    #[error("line {line} is not as hitl writes it")]
    NotCanonical {
        /// The first line that differs, from 1.
        line: usize,
    },
}

/// Reads a lock.
///
/// # Errors
/// The bytes are not, bit for bit, what [`emit`] wrote.
pub fn parse(bytes: &[u8]) -> Result<Lock, LockError> {
    let text = std::str::from_utf8(bytes).map_err(|_| LockError::NotText)?;
    let (body, stated) = self_hash(text).ok_or(LockError::NoSelfHash)?;
    let found = Digest::of(body.as_bytes());
    if found != stated {
        return Err(LockError::SelfHash { stated, found });
    }
    let file: File = yaml::from_str(body).map_err(|error| LockError::Structure {
        line: error.line,
        column: error.column,
        message: error.message,
    })?;
    let lock = file.lock()?;
    let again = emit(&lock);
    if again != text {
        let same = again.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
        return Err(LockError::NotCanonical { line: same + 1 });
    }
    Ok(lock)
}

/// Parts the lines that are hashed from the hash in the last line.
fn self_hash(text: &str) -> Option<(&str, Digest)> {
    let lines = text.strip_suffix('\n')?;
    let start = lines.rfind('\n')? + 1;
    let hash = lines[start..].strip_prefix("lock_sha256: \"")?.strip_suffix('"')?;
    Some((&text[..start], hash.parse().ok()?))
}

/// A lock as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    name: String,
    task: String,
    created_at: Timestamp,
    actor: String,
    tool: String,
    digest: Digest,
    counts: FileCounts,
    policy: FilePolicy,
    label_schema: String,
    split: Option<FileSplit>,
    records: FileRecords,
    buckets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCounts {
    items: u64,
    resolved: u64,
    adjudicated: u64,
    ties: u64,
    disagreements: u64,
    conflicts: u64,
    too_few: u64,
    #[serde(default)]
    labels: BTreeMap<String, u64>,
    #[serde(default)]
    splits: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePolicy {
    name: Policy,
    version: u32,
    min_labels: u32,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSplit {
    seed: String,
    parts: Vec<FilePart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePart {
    name: String,
    weight: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRecords {
    count: u64,
    sha256: Digest,
    heads: Vec<RecordId>,
    #[serde(default)]
    inert: Vec<RecordId>,
}

impl File {
    fn lock(self) -> Result<Lock, LockError> {
        if self.format != FORMAT {
            let message = format!("`{}`; this program reads {FORMAT}", self.format);
            return Err(LockError::Value { what: "format", message });
        }
        if !self.records.inert.is_sorted_by(|a, b| a < b) {
            let message = "each stands there once, in order".to_owned();
            return Err(LockError::Value { what: "records.inert", message });
        }
        let split = self.split.map(FileSplit::split).transpose()?;
        let FileCounts {
            items,
            resolved,
            adjudicated,
            ties,
            disagreements,
            conflicts,
            too_few,
            labels,
            splits,
        } = self.counts;
        let FilePolicy { name, version, min_labels, parameters } = self.policy;
        Ok(Lock {
            made: Made { name: self.name, created_at: self.created_at, actor: self.actor, tool: self.tool },
            heads: self.records.heads,
            records: self.records.count,
            records_sha256: self.records.sha256,
            inert: self.records.inert,
            rule: Rule {
                task: self.task,
                label_schema: self.label_schema,
                policy: PolicyUse { name, version, min_labels, parameters },
                split,
            },
            counts: Counts { items, resolved, adjudicated, ties, disagreements, conflicts, too_few },
            labels,
            splits,
            buckets: buckets(&self.buckets)?,
            digest: self.digest,
        })
    }
}

impl FileSplit {
    fn split(self) -> Result<Split, LockError> {
        let parts: Vec<(&str, &str)> =
            self.parts.iter().map(|part| (part.name.as_str(), part.weight.as_str())).collect();
        Split::new(&parts, &self.seed)
            .map_err(|error| LockError::Value { what: "split", message: error.to_string() })
    }
}

/// Cuts the lines of buckets into single ones.
fn buckets(lines: &[String]) -> Result<Vec<String>, LockError> {
    let all = lines.concat();
    if all.len() != digest::BUCKETS * BUCKET_DIGITS || !all.is_ascii() {
        let message = format!("256 times {BUCKET_DIGITS} hexadecimal digits are wanted");
        return Err(LockError::Value { what: "buckets", message });
    }
    Ok((0..all.len())
        .step_by(BUCKET_DIGITS)
        .map(|start| all[start..start + BUCKET_DIGITS].to_owned())
        .collect())
}
