//! Who did what, and whether they might, by what the ledger said of them just before it came in.
//!
//! Along the first parents of history each commit, a merge with all it brings included, is judged as `check` judges a
//! change: by the `labelers.yaml` of the commit before.

use std::collections::{BTreeMap, BTreeSet};

use super::{Culprit, Finding, History};
use crate::authority::{self, Signatures};
use crate::base::Timestamp;
use crate::config::Labelers;
use crate::dataset::{CONFIG_FILE, Dataset, LABELERS_FILE, LEDGER, SNAPSHOTS};
use crate::ledger::RecordSet;
use crate::manifest::{self, Part};
use crate::ops::Error;
use crate::ops::check::people::{Bench, Refused};
use crate::record::RecordId;
use crate::store::{Oid, Step};

/// Returns what was done by those who might not, of the history of `commit`, whose records are `set`.
pub(super) fn refused(
    dataset: &Dataset,
    commit: &Oid,
    set: &RecordSet,
    history: &History,
) -> Result<Vec<Finding>, Error> {
    let signatures = dataset.signatures(commit, None)?;
    let mut walk = Walk {
        dataset,
        commit,
        set,
        signatures: &signatures,
        laws: BTreeMap::new(),
        law: None,
        latest: None,
    };
    let mut found = Vec::new();
    for step in dataset.store().main_line(commit, LABELERS_FILE)? {
        found.extend(walk.step(&step)?);
    }
    Ok(found.into_iter().map(|refused| told(refused, history)).collect())
}

struct Walk<'a> {
    dataset: &'a Dataset,
    commit: &'a Oid,
    set: &'a RecordSet,
    signatures: &'a Signatures,
    /// What each `labelers.yaml` says, by its blob; none where it cannot be read.
    laws: BTreeMap<Oid, Option<Labelers>>,
    /// The blob of the last one that could be read.
    law: Option<Oid>,
    /// The latest `recorded_at` so far.
    latest: Option<Timestamp>,
}

impl Walk<'_> {
    fn step(&mut self, step: &Step) -> Result<Vec<Refused>, Error> {
        let added = self.added(step, LEDGER)?;
        let records: BTreeSet<RecordId> = added.iter().filter_map(|path| record(path)).collect();
        let refused = match step.parents.first() {
            Some(before) => self.judged(step, before, &records)?,
            None => Vec::new(),
        };
        let times = records.iter().filter_map(|id| self.set.find(id));
        let times = times.map(|number| self.set.records()[number].head.recorded_at);
        // What is dated ahead of the commit that brought it is evidence of nothing.
        let brought = self.dataset.store().committed_by(&step.commit)?.plus_micros(Timestamp::DAY_MICROS);
        self.latest = times.filter(|time| *time <= brought).chain(self.latest).max();
        Ok(refused)
    }

    fn judged(
        &mut self,
        step: &Step,
        before: &Oid,
        records: &BTreeSet<RecordId>,
    ) -> Result<Vec<Refused>, Error> {
        let store = self.dataset.store();
        match store.blob_at(before, LABELERS_FILE)? {
            None => self.law = None,
            Some(blob) => {
                if !self.laws.contains_key(&blob) {
                    self.laws.insert(blob.clone(), self.dataset.labelers_at(before).ok().flatten());
                }
                if self.laws[&blob].is_some() {
                    self.law = Some(blob);
                }
            }
        }
        let law = self.law.as_ref().and_then(|blob| self.laws[blob].as_ref());
        let Some(labelers) = law.filter(|labelers| authority::asks_anything(labelers)) else {
            return Ok(Vec::new());
        };
        let (made, now) = (store.committed_by(before)?, store.committed_by(&step.commit)?);
        let added_after = self.latest.map_or(made, |latest| latest.max(made));
        let known_by = now.plus_micros(Timestamp::DAY_MICROS);
        let bench = Bench { dataset: self.dataset, labelers, added_after, known_by };
        let mut refused = Vec::new();
        if !records.is_empty() {
            let found = bench.records(self.set, self.signatures, records);
            refused.extend(found.into_iter().map(|(id, refusal)| Refused {
                path: self.path_of(&id),
                record: Some(id),
                commit: None,
                refusal,
            }));
        }
        let locks = self.added(step, SNAPSHOTS)?;
        if !locks.is_empty() {
            refused.extend(bench.snapshots(self.commit, &locks)?);
        }
        let mut same = true;
        for file in [LABELERS_FILE, CONFIG_FILE] {
            same &= store.blob_at(before, file)? == store.blob_at(&step.commit, file)?;
        }
        if !same {
            refused.extend(bench.files(&store.steps(Some(before), &step.commit)?)?);
        }
        Ok(refused)
    }

    fn path_of(&self, id: &RecordId) -> String {
        let head = self.set.find(id).map(|number| &self.set.records()[number].head);
        let path =
            head.map(|head| manifest::manifest_path(head.kind, head.task.as_deref(), head.recorded_at, *id));
        path.unwrap_or_default()
    }

    /// Returns the manifests or locks that a commit has and its first parent lacks.
    fn added(&self, step: &Step, folder: &str) -> Result<Vec<String>, Error> {
        let known: Vec<&Oid> = step.parents.first().into_iter().collect();
        let files = self.dataset.added_files(&step.commit, &known, folder)?;
        Ok(files.into_iter().map(|file| file.path).filter(|path| path.ends_with(".yaml")).collect())
    }
}

fn record(path: &str) -> Option<RecordId> {
    manifest::record_of_path(path).filter(|named| named.part == Part::Manifest).map(|named| named.id)
}

fn told(refused: Refused, history: &History) -> Finding {
    let Refused { path, record, commit, refusal } = refused;
    Finding {
        kind: refusal.code.to_owned(),
        commit: commit.as_ref().map(Culprit::from).or_else(|| history.culprit(&path)),
        path,
        record: record.map(|id| id.to_string()),
        message: refusal.message,
        remedy: refusal.remedy,
    }
}
