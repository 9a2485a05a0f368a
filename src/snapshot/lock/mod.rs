//! Locks: what lies in `snapshots/<name>.yaml`.
//!
//! One lock has exactly one text. Reading checks the last line (SHA-256 of all bytes before it), then the structure,
//! then that writing it again gives the same bytes: a flipped bit anywhere is found.

mod read;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use super::{Counts, FORMAT, Made, Rule};
use crate::base::{Digest, Timestamp, text};
use crate::record::{Policy, RecordId};

pub use read::{LockError, parse};

/// Of each bucket's digest, this many hexadecimal digits are listed.
pub(crate) const BUCKET_DIGITS: usize = 8;
/// Buckets listed on one line.
const BUCKETS_A_LINE: usize = 16;

/// The contents of a lock.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    /// Name, time, actor, tool.
    pub made: Made,
    /// The heads of the records it was made from, sorted.
    pub heads: Vec<RecordId>,
    /// How many records these and their ancestors are.
    pub records: u64,
    /// [`super::records_sha256`] of them.
    pub records_sha256: Digest,
    /// Those of them that did not count: what they judge and take back is left out. Sorted.
    pub inert: Vec<RecordId>,
    /// Task, label schema, policy, split.
    pub rule: Rule,
    /// What became of the items.
    pub counts: Counts,
    /// Rows of each label; empty when there are more than 100 labels. Of corrections, rows of each verdict.
    pub labels: BTreeMap<String, u64>,
    /// Rows of each split.
    pub splits: BTreeMap<String, u64>,
    /// The first 8 hexadecimal digits of each bucket's digest.
    pub buckets: Vec<String>,
    /// The snapshot's digest.
    pub digest: Digest,
}

impl Lock {
    /// Returns how many rows it froze: one a resolved item, or of corrections those of each verdict.
    pub fn rows(&self) -> u64 {
        match self.rule.policy.name {
            Policy::Accepted => self.labels.values().sum(),
            _ => self.counts.resolved,
        }
    }
}

/// Returns the exact text of a lock.
pub fn emit(lock: &Lock) -> String {
    let mut out = body(lock);
    let hash = Digest::of(out.as_bytes());
    push(&mut out, format_args!("lock_sha256: \"{hash}\""));
    out
}

/// Appends one line.
fn push(out: &mut String, line: std::fmt::Arguments<'_>) {
    out.write_fmt(line).expect("writing to a String cannot fail");
    out.push('\n');
}

fn body(lock: &Lock) -> String {
    let mut out = String::new();
    push(&mut out, format_args!("format: \"{FORMAT}\""));
    push(&mut out, format_args!("name: {}", quoted(&lock.made.name)));
    push(&mut out, format_args!("task: {}", quoted(&lock.rule.task)));
    push(&mut out, format_args!("created_at: \"{}\"", lock.made.created_at));
    push(&mut out, format_args!("actor: {}", quoted(&lock.made.actor)));
    push(&mut out, format_args!("tool: {}", quoted(&lock.made.tool)));
    push(&mut out, format_args!("digest: \"{}\"", lock.digest));
    counts(&mut out, lock);
    let policy = &lock.rule.policy;
    push(&mut out, format_args!("policy:"));
    push(&mut out, format_args!("  name: \"{}\"", policy.name.as_str()));
    push(&mut out, format_args!("  version: {}", policy.version));
    push(&mut out, format_args!("  min_labels: {}", policy.min_labels));
    if !policy.parameters.is_empty() {
        push(&mut out, format_args!("  parameters:"));
    }
    for (name, value) in &policy.parameters {
        push(&mut out, format_args!("    {}: {}", quoted(name), quoted(value)));
    }
    push(&mut out, format_args!("label_schema: {}", quoted(&lock.rule.label_schema)));
    if let Some(split) = &lock.rule.split {
        push(&mut out, format_args!("split:"));
        push(&mut out, format_args!("  seed: {}", quoted(&split.seed)));
        push(&mut out, format_args!("  parts:"));
        for part in &split.parts {
            push(&mut out, format_args!("    - name: {}", quoted(&part.name)));
            push(&mut out, format_args!("      weight: \"{}\"", part.weight));
        }
    }
    push(&mut out, format_args!("records:"));
    push(&mut out, format_args!("  count: {}", lock.records));
    push(&mut out, format_args!("  sha256: \"{}\"", lock.records_sha256));
    list(&mut out, "  heads", lock.heads.iter().map(|head| format!("    - \"{head}\"")));
    if !lock.inert.is_empty() {
        list(&mut out, "  inert", lock.inert.iter().map(|record| format!("    - \"{record}\"")));
    }
    let lines = lock.buckets.chunks(BUCKETS_A_LINE);
    list(&mut out, "buckets", lines.map(|line| format!("  - \"{}\"", line.concat())));
    out
}

fn counts(out: &mut String, lock: &Lock) {
    push(out, format_args!("counts:"));
    for (name, count) in lock.counts.in_order() {
        push(out, format_args!("  {name}: {count}"));
    }
    for (name, counts) in [("labels", &lock.labels), ("splits", &lock.splits)] {
        if !counts.is_empty() {
            push(out, format_args!("  {name}:"));
        }
        for (key, count) in counts {
            push(out, format_args!("    {}: {count}", quoted(key)));
        }
    }
}

fn list(out: &mut String, name: &str, lines: impl ExactSizeIterator<Item = String>) {
    if lines.len() == 0 {
        push(out, format_args!("{name}: []"));
        return;
    }
    push(out, format_args!("{name}:"));
    lines.for_each(|line| push(out, format_args!("{line}")));
}

/// Returns `text` double-quoted: `"`, `\` and hidden characters escaped, everything else as it is.
fn quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if text::is_hidden(c) => {
                let code = c as u32;
                let written = if code > 0xffff { format!("\\U{code:08x}") } else { format!("\\u{code:04x}") };
                out.push_str(&written);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

impl Serialize for Lock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Records<'a> {
            count: u64,
            sha256: Digest,
            heads: &'a [RecordId],
            #[serde(skip_serializing_if = "<[RecordId]>::is_empty")]
            inert: &'a [RecordId],
        }
        #[derive(Serialize)]
        struct Flat<'a> {
            schema: &'a str,
            name: &'a str,
            created_at: Timestamp,
            actor: &'a str,
            tool: &'a str,
            digest: Digest,
            counts: Counts,
            labels: &'a BTreeMap<String, u64>,
            splits: &'a BTreeMap<String, u64>,
            #[serde(flatten)]
            rule: &'a Rule,
            records: Records<'a>,
            buckets: &'a [String],
        }
        let Made { name, created_at, actor, tool } = &self.made;
        let records = Records {
            count: self.records,
            sha256: self.records_sha256,
            heads: &self.heads,
            inert: &self.inert,
        };
        Flat {
            schema: FORMAT,
            name,
            created_at: *created_at,
            actor,
            tool,
            digest: self.digest,
            counts: self.counts,
            labels: &self.labels,
            splits: &self.splits,
            rule: &self.rule,
            records,
            buckets: &self.buckets,
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests;
