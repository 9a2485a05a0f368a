//! Who did what, and whether they may: by the `labelers.yaml` of the state that a change is added to, so that nobody
//! grants themself anything.

use std::collections::{BTreeMap, BTreeSet};

use super::history::culprit;
use super::{Change, Gate, frozen};
use crate::authority::{self, Deed, Law, Refusal, Signatures};
use crate::base::{Timestamp, text};
use crate::check::{CheckName, Finding, finding};
use crate::config::{Config, Labelers, Level};
use crate::dataset::{CONFIG_FILE, Dataset, LABELERS_FILE, LEDGER, is_signature, snapshot_of_signature};
use crate::ledger::RecordSet;
use crate::manifest::{Part, RecordPath, record_of_path};
use crate::ops::{Error, snapshot};
use crate::record::{RecordId, Signature};
use crate::snapshot as lock;
use crate::store::{CommitInfo, Oid, Step, TreeFile};

/// The state that something is added to, and what it says of people.
pub(in crate::ops) struct Bench<'a> {
    pub dataset: &'a Dataset,
    /// Its `labelers.yaml`.
    pub labelers: &'a Labelers,
    /// The last moment that it is evidence of.
    pub added_after: Timestamp,
    /// What says that it is later is evidence of nothing.
    pub known_by: Timestamp,
}

/// Somebody did what they may not.
pub(in crate::ops) struct Refused {
    pub path: String,
    pub record: Option<RecordId>,
    pub commit: Option<CommitInfo>,
    pub refusal: Refusal,
}

impl Bench<'_> {
    fn law<'l>(&'l self, signatures: &'l Signatures) -> Law<'l> {
        let Self { labelers, added_after, known_by, .. } = self;
        Law { labelers, signatures, added_after: Some(*added_after), known_by: Some(*known_by) }
    }

    /// Judges the records `added` of `set`.
    pub fn records(
        &self,
        set: &RecordSet,
        signatures: &Signatures,
        added: &BTreeSet<RecordId>,
    ) -> Vec<(RecordId, Refusal)> {
        let chosen = |number: usize| added.contains(&set.records()[number].id);
        let standings = authority::standings(set, &self.law(signatures), chosen);
        let refused = |(number, standing): (usize, authority::Standing)| {
            let id = set.records()[number].id;
            standing.refused.into_iter().map(move |refusal| (id, refusal))
        };
        standings.into_iter().flat_map(refused).collect()
    }

    /// Judges the commits that change the files of people.
    pub fn files(&self, steps: &[Step]) -> Result<Vec<Refused>, Error> {
        let store = self.dataset.store();
        let mut refused = Vec::new();
        for step in steps {
            for path in [LABELERS_FILE, CONFIG_FILE] {
                let Some(deed) = self.deed(step, path)? else { continue };
                let info = store.commit_info(&step.commit)?;
                let signed: Vec<Signature> = self.dataset.commit_signer(&step.commit)?.into_iter().collect();
                let none = Signatures::new();
                let law = self.law(&none);
                let standing = authority::standing_of_deed(deed, &info.author, info.time, &signed, &law);
                refused.extend(standing.refused.into_iter().map(|refusal| Refused {
                    path: path.to_owned(),
                    record: None,
                    commit: Some(info.clone()),
                    refusal,
                }));
            }
        }
        Ok(refused)
    }

    /// Returns what a commit did by changing a file of people itself, rather than by passing on what its parents say: a merge
    /// that holds what git makes of them, however it came about, changed nothing.
    fn deed(&self, step: &Step, path: &str) -> Result<Option<Deed>, Error> {
        let store = self.dataset.store();
        let now = store.file_at(&step.commit, path)?;
        let before =
            step.parents.iter().map(|parent| store.file_at(parent, path)).collect::<Result<Vec<_>, _>>()?;
        let untouched = match step.parents.as_slice() {
            [] => now.is_none(),
            [one, other] if before.iter().any(|file| *file != now) => {
                self.merged((one, other), &before, path)?.is_some_and(|merged| merged == now)
            }
            _ => before.iter().all(|file| *file == now),
        };
        if untouched {
            return Ok(None);
        }
        if path == LABELERS_FILE {
            return Ok(Some(Deed::Govern));
        }
        let rules = |commit: &Oid| {
            self.dataset.config_at(commit).map(|config| config.map(|Config { checks, .. }| checks))
        };
        let before = step.parents.first().map(rules).transpose()?.flatten();
        let same = now.is_some() && rules(&step.commit)? == before;
        Ok(Some(if same { Deed::Declare } else { Deed::Govern }))
    }

    /// Returns what a merge of two commits makes of a file that is `before` in them; `None` where they contradict each
    /// other.
    fn merged(
        &self,
        (one, other): (&Oid, &Oid),
        before: &[Option<TreeFile>],
        path: &str,
    ) -> Result<Option<Option<TreeFile>>, Error> {
        let store = self.dataset.store();
        let base = match store.merge_base(one, other)? {
            Some(base) => store.file_at(&base, path)?,
            None => None,
        };
        let (ours, theirs) = (before[0].clone(), before[1].clone());
        if ours == theirs || theirs == base {
            return Ok(Some(ours));
        }
        if ours == base {
            return Ok(Some(theirs));
        }
        let Some(TreeFile { mode, .. }) = ours else { return Ok(None) };
        let merged = store.merged_file(one, other, path)?;
        Ok(merged.map(|blob| Some(TreeFile { path: path.to_owned(), blob, mode })))
    }

    /// Judges the snapshots whose locks lie at `paths` of `head`.
    pub fn snapshots(&self, head: &Oid, paths: &[String]) -> Result<Vec<Refused>, Error> {
        let store = self.dataset.store();
        let mut refused = Vec::new();
        for path in paths {
            let Some(bytes) = store.file(head, path)? else { continue };
            let Ok(lock) = lock::parse(&bytes) else { continue };
            // A lock under another name is told by whoever looks at the files.
            if snapshot::path_of(&lock.made.name) != *path {
                continue;
            }
            let signatures = self.dataset.snapshot_signatures(head, &lock.made.name)?;
            let none = Signatures::new();
            let (actor, at) = (lock.made.actor.as_str(), lock.made.created_at);
            let standing =
                authority::standing_of_deed(Deed::Freeze, actor, at, &signatures, &self.law(&none));
            refused.extend(standing.refused.into_iter().map(|refusal| Refused {
                path: path.clone(),
                record: None,
                commit: None,
                refusal,
            }));
        }
        Ok(refused)
    }
}

/// Judges who made what a change adds, and who changed who may do what.
pub(super) fn judge(change: &Change<'_>, level: Level, gate: &mut Gate) -> Result<(), Error> {
    if level == Level::Off {
        return Ok(());
    }
    let range = &change.range;
    let mut findings = late_signatures(change, level)?;
    let mut policy = Vec::new();
    let labelers = change.labelers_before.as_ref().filter(|labelers| authority::asks_anything(labelers));
    let passed = match labelers {
        Some(labelers) => {
            let (added_after, known_by) = (change.added_after, change.known_by());
            let bench = Bench { dataset: change.dataset, labelers, added_after, known_by };
            let added: BTreeSet<RecordId> = change.scan.records.iter().map(|record| record.id).collect();
            let signatures = change.dataset.signatures(&range.head, Some(&added))?;
            for (id, refusal) in bench.records(change.records.record_set(), &signatures, &added) {
                let path = change.path_of(&id).unwrap_or_default().to_owned();
                let commit = change.bringer(&id).cloned();
                let refused = Refused { path, record: Some(id), commit, refusal };
                findings.push(told(refused, CheckName::Authorisation, level));
            }
            let locks = change.snapshots.iter().filter(|file| frozen::is_lock(&file.path));
            let locks: Vec<String> = locks.map(|file| file.path.clone()).collect();
            let refused = bench.snapshots(&range.head, &locks)?;
            findings
                .extend(refused.into_iter().map(|refused| told(refused, CheckName::Authorisation, level)));
            let refused = bench.files(&range.steps)?;
            policy.extend(refused.into_iter().map(|refused| told(refused, CheckName::Policy, level)));
            format!("{} by those who may", text::count(added.len(), "record"))
        }
        None => {
            policy.extend(first_law(change)?);
            "labelers.yaml asks nothing of records yet".to_owned()
        }
    };
    policy.extend(taken_away(change, level)?);
    gate.found(CheckName::Authorisation, level, findings, &passed);
    gate.found(
        CheckName::Policy,
        level,
        policy,
        "roles and checks are as they were, or changed by those who may",
    );
    Ok(())
}

fn told(refused: Refused, check: CheckName, level: Level) -> Finding {
    let Refused { path, record, commit, refusal } = refused;
    let message = match (&record, &commit) {
        (Some(id), _) => format!("record {}: {}", id.short(), refusal.message),
        (None, Some(commit)) => format!("{path} changed by {}: {}", &commit.id.0[..10], refusal.message),
        (None, None) => format!("{path}: {}", refusal.message),
    };
    Finding {
        path: Some(path),
        record,
        commit: commit.as_ref().map(culprit),
        ..finding(check, level, refusal.code, None, message, refusal.remedy)
    }
}

/// Says that a change takes away a file of people: what comes next would be judged by its own.
fn taken_away(change: &Change<'_>, level: Level) -> Result<Vec<Finding>, Error> {
    let (range, store) = (&change.range, change.dataset.store());
    let mut findings = Vec::new();
    for file in [CONFIG_FILE, LABELERS_FILE] {
        if store.blob_at(&range.base, file)?.is_some() && store.blob_at(&range.united, file)?.is_none() {
            let message = format!("{file} is removed, and with it what it asks");
            let remedy = format!("`git checkout {} -- {file}` brings it back", &range.base.0[..10]);
            let finding = finding(CheckName::Policy, level, "removed", None, message, remedy);
            findings.push(Finding { path: Some(file.to_owned()), ..finding });
        }
    }
    Ok(findings)
}

/// Says that a change makes rules where there were none: nobody can be asked whether that may be.
fn first_law(change: &Change<'_>) -> Result<Option<Finding>, Error> {
    let (range, store) = (&change.range, change.dataset.store());
    let asks = match change.dataset.labelers_at(&range.united) {
        Ok(labelers) => labelers.as_ref().is_some_and(authority::asks_anything),
        // Its faults are told by whoever reads the files of people.
        Err(_) => false,
    };
    let is_new = store.blob_at(&range.base, CONFIG_FILE)?.is_none();
    let message = match (is_new, asks) {
        (false, false) => return Ok(None),
        (true, _) => "base has no hitl.yaml: what this change brings was judged by its own",
        (false, true) => "labelers.yaml begins to say who may do what",
    };
    let remedy = "have a maintainer review hitl.yaml and labelers.yaml before this is merged";
    let path = if is_new { CONFIG_FILE } else { LABELERS_FILE };
    let finding = finding(CheckName::Policy, Level::Warning, "review", None, message, remedy);
    Ok(Some(Finding { path: Some(path.to_owned()), ..finding }))
}

/// Returns what is wrong with signatures that a change adds to records which were there, or to snapshots. All that lie
/// beside one thing are looked at together: how many may is for none of them to say.
fn late_signatures(change: &Change<'_>, level: Level) -> Result<Vec<Finding>, Error> {
    let (head, known) = (&change.range.head, change.range.known());
    let bad = |path: String, record: Option<RecordId>, message: String| {
        let remedy = format!("`git rm {}`", text::shell_quoted(&path));
        let finding = finding(CheckName::Authorisation, level, "bad_signature", None, message, remedy);
        Finding { path: Some(path), record, ..finding }
    };
    let mut findings = Vec::new();
    let mut late = change.dataset.added_files(head, &known, LEDGER)?;
    late.retain(|file| is_signature(&file.path));
    let late: Vec<String> = late.into_iter().map(|file| file.path).collect();
    let signatures = change.dataset.signatures_beside(head, &late)?;
    for path in late {
        let Some(RecordPath { id, part: Part::Signature(key), .. }) = record_of_path(&path) else { continue };
        // Those of a record that is new are told with it.
        if change.path_of(&id).is_some() {
            continue;
        }
        let of_key = signatures.get(&id).into_iter().flatten().find(|signature| signature.fingerprint == key);
        if let Some(fault) = of_key.and_then(|signature| signature.fault.as_ref()) {
            findings.push(bad(path, Some(id), format!("record {}: {fault}", id.short())));
        }
    }
    let mut signed: BTreeMap<String, Vec<Signature>> = BTreeMap::new();
    for TreeFile { path, .. } in &change.snapshots {
        let Some((name, key)) = snapshot_of_signature(path) else { continue };
        if !signed.contains_key(name) {
            signed.insert(name.to_owned(), change.dataset.snapshot_signatures(head, name)?);
        }
        if !signed[name].iter().any(|one| one.fingerprint == key && one.is_good()) {
            let message = format!("snapshot {name}: a signature that is none of its lock");
            findings.push(bad(path.clone(), None, message));
        }
    }
    Ok(findings)
}
