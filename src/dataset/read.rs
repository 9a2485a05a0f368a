//! Reading a ledger back: every file checked against its name, its manifest and its digest before it is believed.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Dataset, Error, LEDGER};
use crate::base::Digest;
use crate::ledger::Loaded;
use crate::manifest::{self, Part};
use crate::record::{Labelers, Manifest, RecordId, Rows, rows_root};
use crate::shard::{self, Limits};
use crate::store::{Oid, TreeFile};

/// Where a record lies in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFile {
    /// The record.
    pub id: RecordId,
    /// Its manifest's path.
    pub path: String,
}

/// What is wrong with a file of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// A file that no record could have written there.
    Stray,
    /// A manifest whose bytes are not those its name was made from, or that is no manifest.
    Manifest,
    /// A manifest that lies where it does not belong.
    Misplaced,
    /// A file whose Git object is absent or damaged.
    Object,
    /// A record whose shard is absent.
    ShardMissing,
    /// A snapshot lock that is not as it was written.
    Lock,
    /// A shard that is not what its manifest says.
    Shard,
}

/// A damaged file of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The file, from the repository's root.
    pub path: String,
    /// The record it belongs to, when its name tells.
    pub record: Option<RecordId>,
    /// What is wrong.
    pub kind: FaultKind,
    /// What is wrong, in words.
    pub message: String,
}

/// All that one tree's ledger folder holds.
#[derive(Default)]
pub struct Scan {
    /// The sound records, by id.
    pub records: Vec<Loaded>,
    /// Where they lie, by id.
    pub files: Vec<RecordFile>,
    /// The damaged files, by path.
    pub faults: Vec<Fault>,
}

/// A record's files, as a tree lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: RecordId,
    pub(super) manifest: TreeFile,
    pub(super) shard: Option<TreeFile>,
    /// Where the tree was listed whole; none of what was kept or compared.
    pub(super) signatures: Vec<TreeFile>,
}

/// A record's two files, read but not yet parsed.
struct Raw {
    entry: Entry,
    manifest: Result<Vec<u8>, Fault>,
    shard: Option<Result<Vec<u8>, Fault>>,
}

impl Dataset {
    /// Reads every record of `commit`'s ledger and tells sound from damaged.
    ///
    /// # Errors
    /// Git could not list or read the tree.
    pub fn scan(&self, commit: &Oid) -> Result<Scan, Error> {
        let (entries, mut faults) = self.entries(commit)?;
        // Git's objects are read by one thread, and parsed by all.
        let raws: Vec<Raw> = entries
            .into_iter()
            .map(|entry| {
                let shard = entry.shard.as_ref().map(|file| self.bytes(&entry, file));
                Raw { manifest: self.bytes(&entry, &entry.manifest), shard, entry }
            })
            .collect();
        let decoded: Vec<Result<(RecordFile, Loaded), Fault>> = raws
            .into_par_iter()
            .map(|raw| {
                let file = RecordFile { id: raw.entry.id, path: raw.entry.manifest.path.clone() };
                let manifest = manifest(&raw.entry, &raw.manifest?)?;
                Ok((file, decode(&raw.entry, manifest, raw.shard.transpose()?)?))
            })
            .collect();
        let mut records = Vec::with_capacity(decoded.len());
        for result in decoded {
            match result {
                Ok(record) => records.push(record),
                Err(fault) => faults.push(fault),
            }
        }
        records.sort_by_key(|(file, _)| file.id);
        faults.sort_by(|a, b| a.path.cmp(&b.path));
        let (files, records) = records.into_iter().unzip();
        Ok(Scan { records, files, faults })
    }

    /// Lists the records of `commit`'s ledger by the paths of their manifests, and the files that belong to none.
    pub(super) fn entries(&self, commit: &Oid) -> Result<(Vec<Entry>, Vec<Fault>), Error> {
        Ok(entries(self.store().files(commit, LEDGER)?))
    }

    /// Reads one file of a record.
    pub(super) fn bytes(&self, entry: &Entry, file: &TreeFile) -> Result<Vec<u8>, Fault> {
        self.store().blob(&file.blob).map_err(|error| Fault {
            path: file.path.clone(),
            record: Some(entry.id),
            kind: FaultKind::Object,
            message: error.to_string(),
        })
    }
}

/// Whether `path` is that of a record's signature.
pub fn is_signature(path: &str) -> bool {
    manifest::record_of_path(path).is_some_and(|named| matches!(named.part, Part::Signature(_)))
}

/// Returns where the manifest lies that the signature at `path` is beside; `None` where that is no signature's path.
pub(super) fn signed_manifest(path: &str) -> Option<String> {
    match manifest::record_of_path(path)?.part {
        Part::Signature(key) => Some(signed_path(path, key)),
        Part::Manifest | Part::Shard => None,
    }
}

/// Pairs the files of a ledger into records, by the paths of their manifests, and finds those that belong to none.
pub(super) fn entries(files: Vec<TreeFile>) -> (Vec<Entry>, Vec<Fault>) {
    let mut shards: BTreeMap<String, TreeFile> = BTreeMap::new();
    let mut signatures: BTreeMap<String, Vec<TreeFile>> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut entries = Vec::new();
    for file in files {
        let is_plain = file.mode & 0o170_000 == 0o100_000;
        match manifest::record_of_path(&file.path).map(|named| (named.id, named.part)) {
            Some((id, Part::Manifest)) if is_plain => {
                entries.push(Entry { id, manifest: file, shard: None, signatures: Vec::new() });
            }
            Some((_, Part::Shard)) if is_plain => {
                shards.insert(file.path.clone(), file);
            }
            Some((_, Part::Signature(key))) if file.mode == 0o100_644 => {
                signatures.entry(signed_path(&file.path, key)).or_default().push(file);
            }
            _ => faults.push(Fault {
                message: "no record writes a file here".to_owned(),
                path: file.path,
                record: None,
                kind: FaultKind::Stray,
            }),
        }
    }
    for entry in &mut entries {
        entry.shard = shards.remove(&shard_path(&entry.manifest.path));
        entry.signatures = signatures.remove(&entry.manifest.path).unwrap_or_default();
    }
    let alone = |file: TreeFile, message: &str| Fault {
        record: manifest::record_of_path(&file.path).map(|named| named.id),
        message: message.to_owned(),
        path: file.path,
        kind: FaultKind::Stray,
    };
    faults.extend(shards.into_values().map(|file| alone(file, "a shard without its manifest")));
    faults
        .extend(signatures.into_values().flatten().map(|file| alone(file, "a signature without its record")));
    (entries, faults)
}

/// Parses one record's manifest, and checks that it lies where it belongs with a shard beside it where it names one.
pub(super) fn manifest(entry: &Entry, bytes: &[u8]) -> Result<Manifest, Fault> {
    let (id, file) = (entry.id, &entry.manifest);
    let fault = |path: &str, kind, message: String| -> Result<Manifest, Fault> {
        Err(Fault { path: path.to_owned(), record: Some(id), kind, message })
    };
    let found = RecordId::of(bytes);
    if found != id {
        let message = format!("its bytes make record {}, not {}", found.short(), id.short());
        return fault(&file.path, FaultKind::Manifest, message);
    }
    let manifest = match manifest::parse(bytes) {
        Ok(manifest) => manifest,
        Err(error) => return fault(&file.path, FaultKind::Manifest, error.to_string()),
    };
    let home = manifest::manifest_path(manifest.kind, manifest.task.as_deref(), manifest.recorded_at, id);
    if home != file.path {
        return fault(&file.path, FaultKind::Misplaced, format!("belongs at {home}"));
    }
    match (&manifest.shard, &entry.shard) {
        (Some(_), None) => {
            fault(&shard_path(&file.path), FaultKind::ShardMissing, "its rows are not here".to_owned())
        }
        (None, Some(shard)) => fault(&shard.path, FaultKind::Stray, "its manifest names no shard".to_owned()),
        _ => Ok(manifest),
    }
}

/// Returns the path of the manifest that a signature by `key` lies beside.
fn signed_path(signature_path: &str, key: Digest) -> String {
    let ending = format!("{key}.sig");
    format!("{}yaml", signature_path.strip_suffix(&ending).unwrap_or(signature_path))
}

/// Returns the path of the shard beside a manifest.
fn shard_path(manifest_path: &str) -> String {
    format!("{}parquet", manifest_path.strip_suffix("yaml").unwrap_or(manifest_path))
}

/// Decodes a record's shard, where it has one, and checks it against the manifest.
pub(super) fn decode(entry: &Entry, mut manifest: Manifest, shard: Option<Vec<u8>>) -> Result<Loaded, Fault> {
    let id = entry.id;
    let Some(bytes) = shard else {
        let rows = Rows::empty(manifest.kind);
        return Ok(Loaded { id, manifest, rows });
    };
    let fault = |message: String| Fault {
        path: shard_path(&entry.manifest.path),
        record: Some(id),
        kind: FaultKind::Shard,
        message,
    };
    let expected = manifest.shard.expect("a manifest with a shard was paired with it");
    let decoded = shard::decode(&bytes, manifest.kind, &expected, &Limits::SHARD)
        .map_err(|error| fault(error.to_string()))?;
    if let Some(labelers) = decoded.labelers {
        manifest.labelers = Labelers::Listed(labelers);
    }
    check_counts(&manifest, &decoded.rows).map_err(fault)?;
    Ok(Loaded { id, manifest, rows: decoded.rows })
}

/// Checks the manifest's labeler, guideline and origin counts against the rows.
fn check_counts(manifest: &Manifest, rows: &Rows) -> Result<(), String> {
    if !manifest.kind.is_judgement() {
        return Ok(());
    }
    let Labelers::Listed(listed) = &manifest.labelers else {
        return Err("its labeler table is in neither manifest nor shard".to_owned());
    };
    let counted = super::draft::tally(rows, crate::record::col::LABELER);
    let told: BTreeMap<&str, u64> = listed.iter().map(|(id, used)| (id.as_str(), used.rows)).collect();
    if counted != told {
        return Err("its rows per labeler are not those of its manifest".to_owned());
    }
    let counted = super::draft::tally(rows, crate::record::col::GUIDELINE);
    let told: BTreeMap<&str, u64> =
        manifest.guidelines.iter().map(|(key, used)| (key.as_str(), used.rows)).collect();
    if counted != told {
        return Err("its rows per guideline are not those of its manifest".to_owned());
    }
    let counted = super::draft::tally(rows, crate::record::col::ORIGIN);
    let told: BTreeMap<&str, u64> =
        manifest.origins.iter().map(|(origin, n)| (origin.as_str(), *n)).collect();
    if counted != told {
        return Err("its rows per origin are not those of its manifest".to_owned());
    }
    Ok(())
}

/// Recomputes the canonical root of `record` and returns it when it is not the manifest's.
pub fn wrong_root(record: &Loaded) -> Option<Digest> {
    let root = rows_root(&record.rows);
    let empty = record.manifest.shard.is_none();
    (!empty && record.manifest.rows_root != Some(root)).then_some(root)
}
