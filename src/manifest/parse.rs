//! A manifest's text read back: bounded, strict, and equal to what would be written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{FORMAT, Invalid, MAX_BYTES, check, emit};
use crate::base::{Digest, Timestamp, yaml};
use crate::record::{
    Cascade, Filter, GuidelineRef, GuidelineUse, Kind, LabelerKind, LabelerUse, Labelers, Manifest, Origin,
    RecordId, Revert, Shard, Source,
};

/// Why bytes are no manifest, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than any manifest.
    #[error("is {bytes} bytes; a manifest has at most {MAX_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// A byte or character that no manifest holds.
    #[error("line {line}, column {column}: {what}")]
    NotText {
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
        /// `not UTF-8`, or the character.
        what: String,
    },
    /// Made by a program that knows more than this one.
    #[error("format {format} was written by a newer hitl: upgrade")]
    Newer {
        /// The format it states.
        format: u64,
    },
    /// Not YAML, or other fields than a manifest's.
    #[error("line {line}, column {column}: {message}")]
    Yaml {
        /// From 1; 0 when the fault is the text as a whole.
        line: usize,
        /// In characters, from 1; 0 when the fault is the text as a whole.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A field that breaks a rule between fields.
    #[error("line {line}: {invalid}")]
    Rule {
        /// From 1.
        line: usize,
        /// The field and the rule.
        invalid: Invalid,
    },
    /// The right meaning in other bytes: edited, or written by something else.
    #[error("not written by hitl: differs at line {line}, column {column}")]
    NotOurs {
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
    },
}

impl Error {
    /// Returns line and column, from 1; 0 where the fault has none.
    pub fn place(&self) -> (usize, usize) {
        match self {
            Self::TooLong { .. } => (0, 0),
            Self::Newer { .. } => (1, 1),
            Self::NotText { line, column, .. }
            | Self::Yaml { line, column, .. }
            | Self::NotOurs { line, column } => (*line, *column),
            Self::Rule { line, .. } => (*line, 1),
        }
    }
}

/// Reads a manifest.
///
/// # Errors
/// Whatever keeps the bytes from being exactly what [`emit`] writes for the manifest they state.
pub fn parse(bytes: &[u8]) -> Result<Manifest, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooLong { bytes: bytes.len() });
    }
    let text = plain_text(bytes)?;
    if let Some(format) = newer_format(text) {
        return Err(Error::Newer { format });
    }
    let raw: RawManifest = yaml::from_str(text).map_err(|error| {
        let yaml::Error { line, column, message } = error;
        Error::Yaml { line, column, message }
    })?;
    let manifest = raw.into_manifest();
    check(&manifest).map_err(|invalid| Error::Rule { line: line_of(text, invalid.field), invalid })?;
    let ours = emit(&manifest);
    if ours == bytes {
        return Ok(manifest);
    }
    let same = ours.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    let (line, column) = place(bytes, same);
    Err(Error::NotOurs { line, column })
}

/// Returns line and column, in characters, of the byte at `offset`.
fn place(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = &bytes[..offset];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    (line, String::from_utf8_lossy(&before[start..]).chars().count() + 1)
}

fn plain_text(bytes: &[u8]) -> Result<&str, Error> {
    let refuse = |offset, what: String| {
        let (line, column) = place(bytes, offset);
        Err(Error::NotText { line, column, what })
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return refuse(error.valid_up_to(), "not UTF-8".to_owned()),
    };
    match text.char_indices().find(|(_, c)| *c != '\n' && (c.is_control() || *c == '\u{feff}')) {
        Some((offset, c)) => {
            refuse(offset, format!("the character U+{:04X}, which no manifest holds", c as u32))
        }
        None => Ok(text),
    }
}

/// Returns the number of the first line's `format: N` when it is beyond ours.
fn newer_format(text: &str) -> Option<u64> {
    let format = text.lines().next()?.strip_prefix("format: ")?.parse().ok()?;
    (format > u64::from(FORMAT)).then_some(format)
}

fn line_of(text: &str, field: &str) -> usize {
    let starts = |line: &str| line.strip_prefix(field).is_some_and(|rest| rest.starts_with(':'));
    text.lines().position(starts).map_or(1, |index| index + 1)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    #[serde(rename = "format")]
    _format: u32,
    kind: Kind,
    task: Option<String>,
    actor: String,
    recorded_at: Timestamp,
    tool: String,
    parents: Vec<RecordId>,
    source: Option<RawSource>,
    schema_sha256: Option<Digest>,
    labelers: InShardOr<BTreeMap<String, RawLabeler>>,
    guidelines: BTreeMap<String, RawGuideline>,
    origins: BTreeMap<Origin, u64>,
    shard: Option<RawShard>,
    rows_root: Option<Digest>,
    filter: Option<RawFilter>,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSource {
    file: String,
    sha256: Digest,
    bytes: u64,
    detected: String,
    mapping: BTreeMap<String, String>,
    flags: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLabeler {
    kind: LabelerKind,
    rows: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGuideline {
    sha256: Digest,
    rows: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawShard {
    sha256: Digest,
    bytes: u64,
    rows: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawCascade {
    None,
    Confirmed,
    All,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFilter {
    records: Vec<RecordId>,
    labelers: Vec<String>,
    guidelines: Vec<GuidelineRef>,
    kinds: Vec<Kind>,
    tasks: Vec<String>,
    items: InShardOr<BTreeSet<String>>,
    origins: Vec<Origin>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    cascade: RawCascade,
    concurrent: bool,
}

impl RawManifest {
    fn into_manifest(self) -> Manifest {
        let labelers = match self.labelers {
            InShardOr::Here(table) => Labelers::Listed(
                table
                    .into_iter()
                    .map(|(id, RawLabeler { kind, rows })| (id, LabelerUse { kind, rows }))
                    .collect(),
            ),
            InShardOr::Null => Labelers::Listed(BTreeMap::new()),
            InShardOr::InShard => Labelers::InShard,
        };
        let guidelines = self
            .guidelines
            .into_iter()
            .map(|(key, RawGuideline { sha256, rows })| (key, GuidelineUse { sha256, rows }))
            .collect();
        Manifest {
            kind: self.kind,
            task: self.task,
            actor: self.actor,
            recorded_at: self.recorded_at,
            tool: self.tool,
            parents: self.parents,
            source: self.source.map(|RawSource { file, sha256, bytes, detected, mapping, flags }| Source {
                file,
                sha256,
                bytes,
                detected,
                mapping,
                flags,
            }),
            schema_sha256: self.schema_sha256,
            labelers,
            guidelines,
            origins: self.origins,
            shard: self.shard.map(|RawShard { sha256, bytes, rows }| Shard { sha256, bytes, rows }),
            rows_root: self.rows_root,
            revert: self.filter.map(RawFilter::into_revert),
            message: self.message,
        }
    }
}

impl RawFilter {
    fn into_revert(self) -> Revert {
        let items = match self.items {
            InShardOr::Here(items) => Some(items),
            InShardOr::Null | InShardOr::InShard => None,
        };
        let cascade = match self.cascade {
            RawCascade::None => Cascade::None,
            RawCascade::Confirmed => Cascade::Confirmed,
            RawCascade::All => Cascade::All,
        };
        let Self { records, labelers, guidelines, kinds, tasks, origins, since, until, concurrent, .. } =
            self;
        let filter = Filter { records, labelers, guidelines, kinds, tasks, origins, items, since, until };
        Revert { filter, cascade, concurrent }
    }
}

/// A map or list that stands here, or nothing, or the word that it lies in the shard.
enum InShardOr<T> {
    Here(T),
    Null,
    InShard,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for InShardOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = InShardOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table, or `in_shard`")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(InShardOr::Null)
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Self::Value, E> {
                if word == "in_shard" {
                    return Ok(InShardOr::InShard);
                }
                Err(E::invalid_value(de::Unexpected::Str(word), &self))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map)).map(InShardOr::Here)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                T::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(InShardOr::Here)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}
