//! `fsck`: every record against its id, every shard against its manifest, every snapshot against its records, the work
//! tree against history; for each fault the commit that introduced it and what to do.

mod signatures;

mod people;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::Serialize;

use super::{Error, snapshot};
use crate::base::Digest;
use crate::dataset::{At, Dataset, GUIDELINES, Guidelines, LEDGER, SNAPSHOTS, is_signature, wrong_root};
use crate::ledger::{Ledger, Loaded};
use crate::manifest::{self, Part, RecordPath};
use crate::record::{Kind, RecordId, col, guideline_key};
use crate::snapshot as lock;
use crate::store::{CommitInfo, Oid, Removed, WorkTreeState};

/// What `fsck` found.
#[derive(Clone, Debug, Serialize)]
pub struct FsckReport {
    /// `hitl.fsck/1`.
    pub schema: &'static str,
    /// The commit examined.
    pub commit: Option<String>,
    /// Records found sound.
    pub records: usize,
    /// Rows of them.
    pub rows: u64,
    /// Bytes of shards read.
    pub bytes: u64,
    /// Snapshots rebuilt and found equal.
    pub snapshots: usize,
    /// Signatures found good, of records and of snapshots.
    #[serde(skip_serializing_if = "is_zero")]
    pub signatures: usize,
    /// Whether history is cut here, so that the commit of a fault may be unknown.
    pub shallow: bool,
    /// All that is wrong, by path.
    pub faults: Vec<Finding>,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What is wrong, in one word: `manifest`, `shard`, `missing-parent`, `removed` …
    pub kind: String,
    /// The file; empty for a record that is absent.
    pub path: String,
    /// The record, when one is concerned.
    pub record: Option<String>,
    /// What is wrong.
    pub message: String,
    /// The commit that introduced it: id, author and first line.
    pub commit: Option<Culprit>,
    /// What to do.
    pub remedy: String,
}

/// The commit that introduced a fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Culprit {
    /// Its id.
    pub id: String,
    /// Its author.
    pub author: String,
    /// Its first line.
    pub subject: String,
}

impl From<&CommitInfo> for Culprit {
    fn from(commit: &CommitInfo) -> Self {
        Self { id: commit.id.0.clone(), author: commit.author.clone(), subject: commit.subject.clone() }
    }
}

/// Who did what to which path, as far as history reaches.
struct History {
    introduced: BTreeMap<String, CommitInfo>,
    removed: BTreeMap<String, Removed>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl History {
    fn culprit(&self, path: &str) -> Option<Culprit> {
        let removed = self.removed.get(path).map(|file| &file.commit);
        removed.or_else(|| self.introduced.get(path)).map(Culprit::from)
    }
}

/// Examines the ledger, the snapshots and the work tree at `at`.
///
/// # Errors
/// Git could not read the tree or its history.
pub fn fsck(dataset: &Dataset, at: &At) -> Result<FsckReport, Error> {
    let store = dataset.store();
    let mut report = FsckReport {
        schema: "hitl.fsck/1",
        commit: None,
        records: 0,
        rows: 0,
        bytes: 0,
        snapshots: 0,
        signatures: 0,
        shallow: store.is_shallow(),
        faults: Vec::new(),
    };
    let Some(commit) = dataset.commit(at)? else { return Ok(report) };
    report.commit = Some(commit.0.clone());
    let history = history(dataset, &commit)?;
    let scan = dataset.scan(&commit)?;
    let of_record = scan.faults.iter().filter(|fault| !is_signature(&fault.path));
    let damaged: BTreeSet<RecordId> = of_record.filter_map(|fault| fault.record).collect();
    for fault in scan.faults {
        let remedy = match fault.record {
            Some(id) if is_signature(&fault.path) => signatures::stray_remedy(&fault.path, id, &history),
            Some(id) if history.removed.contains_key(&fault.path) => format!("hitl restore {}", id.short()),
            Some(id) => format!("fetch a sound copy of record {} from another clone", id.short()),
            None => format!("git rm {}", fault.path),
        };
        let kind = serde_json::to_value(fault.kind).ok().and_then(|word| word.as_str().map(str::to_owned));
        report.faults.push(Finding {
            kind: kind.unwrap_or_default(),
            commit: history.culprit(&fault.path),
            record: fault.record.map(|id| id.to_string()),
            path: fault.path,
            message: fault.message,
            remedy,
        });
    }
    let wrong: Vec<(&Loaded, Digest)> =
        scan.records.par_iter().filter_map(|record| Some((record, wrong_root(record)?))).collect();
    let path_of: BTreeMap<RecordId, &str> =
        scan.files.iter().map(|file| (file.id, file.path.as_str())).collect();
    for (record, root) in wrong {
        let path = path_of.get(&record.id).copied().unwrap_or_default();
        report.faults.push(Finding {
            kind: "rows-root".to_owned(),
            path: path.to_owned(),
            record: Some(record.id.to_string()),
            message: format!("its rows hash to {root}, which is not the rows_root of its manifest"),
            commit: history.culprit(path),
            remedy: "the record was made by a faulty program: revert it and commit its source again"
                .to_owned(),
        });
    }
    report.records = scan.records.len();
    report.rows =
        scan.records.iter().filter_map(|record| record.manifest.shard).map(|shard| shard.rows).sum();
    report.bytes =
        scan.records.iter().filter_map(|record| record.manifest.shard).map(|shard| shard.bytes).sum();
    let ledger = Ledger::fold(scan.records);
    removed(dataset, &ledger, &history, &commit, &mut report)?;
    references(&ledger, &damaged, &history, &path_of, &mut report);
    report.faults.extend(people::refused(dataset, &commit, ledger.record_set(), &history)?);
    guideline_files(dataset, &ledger, &commit, &mut report)?;
    signatures::signatures(dataset, &ledger, (&commit, &history), &mut report)?;
    snapshots(dataset, (&ledger, !damaged.is_empty()), &commit, &history, &mut report)?;
    if at.rev.is_none() {
        work_tree(dataset, &commit, &mut report)?;
    }
    report.faults.sort_by(|a, b| (&a.path, &a.kind, &a.record).cmp(&(&b.path, &b.kind, &b.record)));
    report.faults.dedup_by(|a, b| a.path == b.path && a.kind == b.kind && a.record == b.record);
    Ok(report)
}

fn history(dataset: &Dataset, commit: &Oid) -> Result<History, Error> {
    let mut history = History { introduced: BTreeMap::new(), removed: BTreeMap::new() };
    for folder in [LEDGER, SNAPSHOTS] {
        history.introduced.extend(dataset.store().introduced(commit, folder)?);
        let removed = dataset.store().removed(commit, folder)?;
        history.removed.extend(removed.into_iter().map(|file| (file.path.clone(), file)));
    }
    Ok(history)
}

/// Finds records that history held and the tree lacks: plain Git took them away.
fn removed(
    dataset: &Dataset,
    ledger: &Ledger,
    history: &History,
    commit: &Oid,
    report: &mut FsckReport,
) -> Result<(), Error> {
    let present: BTreeSet<String> =
        dataset.store().files(commit, LEDGER)?.into_iter().map(|file| file.path).collect();
    for (path, file) in &history.removed {
        let Some(RecordPath { id, part, .. }) = manifest::record_of_path(path) else { continue };
        if present.contains(path) || ledger.find_record(&id).is_some() || part != Part::Manifest {
            continue;
        }
        report.faults.push(Finding {
            kind: "removed".to_owned(),
            path: path.clone(),
            record: Some(id.to_string()),
            message: "the record was removed by plain Git; a ledger only grows".to_owned(),
            commit: Some(Culprit::from(&file.commit)),
            remedy: format!(
                "hitl restore {0}; to take its judgements back, then: hitl revert {0} -m \"why\"",
                id.short()
            ),
        });
    }
    Ok(())
}

/// Checks what records say of other records: parents, targets of reverts, guideline texts.
fn references(
    ledger: &Ledger,
    damaged: &BTreeSet<RecordId>,
    history: &History,
    path_of: &BTreeMap<RecordId, &str>,
    report: &mut FsckReport,
) {
    for missing in ledger.missing().iter().filter(|missing| !damaged.contains(&missing.id)) {
        let id = missing.id.to_string();
        if report.faults.iter().any(|fault| fault.kind == "removed" && fault.record.as_ref() == Some(&id)) {
            continue;
        }
        let needed: Vec<String> = missing.needed_by.iter().map(RecordId::short).collect();
        let removed = history
            .removed
            .iter()
            .find(|(path, _)| manifest::record_of_path(path).is_some_and(|named| named.id == missing.id));
        report.faults.push(Finding {
            kind: "missing-parent".to_owned(),
            path: removed.map(|(path, _)| path.clone()).unwrap_or_default(),
            record: Some(missing.id.to_string()),
            message: format!("named as a parent by {}, and not here", needed.join(", ")),
            commit: removed.map(|(_, file)| Culprit::from(&file.commit)),
            remedy: match removed {
                Some(_) => format!("hitl restore {}", missing.id.short()),
                None => "merge the branch it came from; a cherry-pick takes a record without its ancestors"
                    .to_owned(),
            },
        });
    }
    let texts = Guidelines::of(ledger).digests();
    for record in ledger.records() {
        let path = path_of.get(&record.id).copied().unwrap_or_default();
        let mut fault = |kind: &str, message: String, remedy: &str| {
            report.faults.push(Finding {
                kind: kind.to_owned(),
                path: path.to_owned(),
                record: Some(record.id.to_string()),
                message,
                commit: history.culprit(path),
                remedy: remedy.to_owned(),
            });
        };
        let targets = record.manifest.revert.iter().flat_map(|revert| &revert.filter.records);
        for target in
            targets.filter(|target| ledger.find_record(target).is_none() && !damaged.contains(target))
        {
            let message = format!("takes back record {}, which is not here", target.short());
            fault("missing-target", message, "merge the branch the target came from, or `hitl restore` it");
        }
        for (key, used) in &record.manifest.guidelines {
            match texts.get(key) {
                Some(text) if *text == used.sha256 => {}
                Some(_) => fault(
                    "guideline-text",
                    format!("was made under another text of {key}"),
                    "two branches used one version name; add the second text under a name of its own",
                ),
                None => fault(
                    "missing-guideline",
                    format!("names guideline {key}, which is not here"),
                    "merge the branch that added it, or `hitl restore` its record",
                ),
            }
        }
        if record.head.kind == Kind::Guidelines {
            for row in 0..record.rows.len() {
                let text = record.rows.text(row, col::GUIDELINE_TEXT).unwrap_or_default();
                let stated = record.rows.text(row, col::SHA256).unwrap_or_default();
                if stated != Digest::of(text.as_bytes()).to_string() {
                    fault(
                        "guideline-text",
                        "its sha256 is not that of its text".to_owned(),
                        "add the text under a new version",
                    );
                }
            }
        }
    }
}

/// Checks the Markdown files people read against the guideline records.
fn guideline_files(
    dataset: &Dataset,
    ledger: &Ledger,
    commit: &Oid,
    report: &mut FsckReport,
) -> Result<(), Error> {
    let known: BTreeMap<String, Digest> = Guidelines::of(ledger).digests();
    for file in dataset.store().files(commit, GUIDELINES)? {
        let inner = file.path.strip_prefix("guidelines/").and_then(|path| path.strip_suffix(".md"));
        let Some((name, version)) = inner.and_then(|path| path.split_once('/')) else { continue };
        let Some(wanted) = known.get(&guideline_key(name, version)) else { continue };
        let (message, remedy) = match dataset.store().blob(&file.blob) {
            Err(error) => (error.to_string(), "fetch a sound copy from another clone".to_owned()),
            Ok(bytes) if Digest::of(&bytes) != *wanted => (
                "is not the text of its record; a version is never changed".to_owned(),
                format!(
                    "hitl guideline show {name}@{version} > {0}; add changes with `hitl guideline add {name} FILE`",
                    file.path
                ),
            ),
            Ok(_) => continue,
        };
        report.faults.push(Finding {
            kind: "guideline-file".to_owned(),
            message,
            commit: None,
            record: None,
            remedy,
            path: file.path,
        });
    }
    Ok(())
}

/// Reads and rebuilds every snapshot.
fn snapshots(
    dataset: &Dataset,
    (ledger, is_damaged): (&Ledger, bool),
    commit: &Oid,
    history: &History,
    report: &mut FsckReport,
) -> Result<(), Error> {
    let files = dataset.store().files(commit, SNAPSHOTS)?;
    for file in files.into_iter().filter(|file| !file.path.ends_with(".sig")) {
        let found = match dataset.store().blob(&file.blob) {
            Ok(bytes) => lock::parse(&bytes).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let (kind, message, remedy) = match found {
            Err(message) => {
                let remedy = match history.removed.get(&file.path) {
                    Some(gone) => format!("git checkout {}^ -- {}", gone.commit.id.0, file.path),
                    None => format!("git rm {}", file.path),
                };
                ("snapshot-lock", message, remedy)
            }
            Ok(lock) if snapshot::path_of(&lock.made.name) != file.path => {
                let home = snapshot::path_of(&lock.made.name);
                ("snapshot-lock", format!("belongs at {home}"), format!("git mv {} {home}", file.path))
            }
            // What it was made from cannot be told while records are damaged.
            Ok(_) if is_damaged => continue,
            Ok(lock) => match snapshot::rebuilt_from(ledger, &lock) {
                Ok(verdict) if verdict.ok => {
                    report.snapshots += 1;
                    continue;
                }
                Ok(_) => (
                    "snapshot",
                    "does not rebuild to its digest".to_owned(),
                    format!("hitl snapshot verify {}", lock.made.name),
                ),
                Err(Error::Incomplete { missing }) => (
                    "snapshot",
                    format!(
                        "needs {}",
                        crate::base::text::plural(
                            missing.len(),
                            "record that is not here",
                            "records that are not here"
                        )
                    ),
                    format!(
                        "hitl restore {}",
                        missing.iter().map(RecordId::short).collect::<Vec<_>>().join(" ")
                    ),
                ),
                Err(error) => {
                    ("snapshot", error.to_string(), format!("hitl snapshot verify {}", lock.made.name))
                }
            },
        };
        report.faults.push(Finding {
            kind: kind.to_owned(),
            commit: history.culprit(&file.path),
            path: file.path,
            record: None,
            message,
            remedy,
        });
    }
    Ok(())
}

/// Compares the work tree's ledger and snapshots with the commit, byte for byte.
fn work_tree(dataset: &Dataset, commit: &Oid, report: &mut FsckReport) -> Result<(), Error> {
    for folder in [LEDGER, SNAPSHOTS] {
        let states = dataset.store().work_tree(commit, folder)?;
        let modified = states.iter().filter(|(_, state)| *state == WorkTreeState::Modified);
        let modified: Vec<&str> = modified.map(|(path, _)| path.as_str()).collect();
        let converted =
            if modified.is_empty() { BTreeMap::new() } else { dataset.store().converted(&modified)? };
        for (path, state) in states {
            let (message, remedy) = match (state, converted.get(&path)) {
                (WorkTreeState::Missing, _) => {
                    ("is not in the work tree".to_owned(), format!("git restore {path}"))
                }
                (WorkTreeState::Modified, Some(attribute)) => (
                    format!("differs in the work tree from what is committed: git converts it ({attribute})"),
                    format!(
                        "end .git/info/attributes with `/{folder}/** -text -filter -ident \
                         -working-tree-encoding`, then: rm -r {folder} && git restore {folder}"
                    ),
                ),
                (WorkTreeState::Modified, None) => (
                    "differs in the work tree from what is committed".to_owned(),
                    format!("git restore {path}"),
                ),
                (WorkTreeState::Untracked, _) => (
                    "lies in the work tree and is not committed".to_owned(),
                    format!("move it away: rm {path}"),
                ),
            };
            report.faults.push(Finding {
                kind: "work-tree".to_owned(),
                record: manifest::record_of_path(&path).map(|named| named.id.to_string()),
                path,
                message,
                commit: None,
                remedy,
            });
        }
    }
    Ok(())
}
