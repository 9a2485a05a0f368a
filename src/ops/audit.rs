//! `audit`: every act on the ledger in the order of its commits, who did it, and on whose word.
//!
//! Read are commits, manifests, locks and the files that people edit; no rows of judgements.

mod records;
mod report;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use super::check::history;
use super::{Error, standings};
use crate::authority::{self, Deed, Signer, Standing};
use crate::base::{Digest, ssh, text};
use crate::config::{Config, Labelers};
use crate::dataset::{
    At, CONFIG_FILE, Dataset, GUIDELINES, LABELERS_FILE, LEDGER, SNAPSHOTS, snapshot_of_signature,
};
use crate::ledger::RecordSet;
use crate::manifest::{self, Part};
use crate::record::{Manifest, RecordId, Rows};
use crate::snapshot;
use crate::store::{CommitInfo, Oid, Step};
use crate::trace::Called;

pub use report::{Act, AuditReport, Counts, Kind};

/// What `audit` is asked.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// A Git revision: only what came after it. From the beginning where none is named.
    pub since: Option<&'a str>,
    /// A Git revision: the last commit that is looked at; HEAD where none is named.
    pub until: Option<&'a str>,
    /// What labelers are called, of a report for people.
    pub called: &'a Called,
}

/// Tells every act in the commits that `until` has and `since` lacks.
///
/// # Errors
/// A revision is unknown, history is cut off before `since`, or a file of the ledger is damaged.
pub fn audit(dataset: &Dataset, options: &Options<'_>) -> Result<AuditReport, Error> {
    let store = dataset.store();
    let at = At { rev: options.until.map(str::to_owned), as_of: None };
    let since = options.since.map(|since| store.resolve(since)).transpose()?;
    let mut report = AuditReport {
        schema: "hitl.audit/1",
        since: since.as_ref().map(|since| since.0.clone()),
        until: None,
        cut: false,
        counts: Counts::default(),
        acts: Vec::new(),
    };
    let Some(until) = dataset.commit(&at)? else { return Ok(report) };
    report.until = Some(until.0.clone());
    let steps = store.steps(since.as_ref(), &until)?;
    report.cut = store.is_shallow() && steps.iter().any(|step| store.is_cut_at(&step.commit));
    if since.is_some() && report.cut {
        return Err(Error::HistoryCut);
    }
    let view = dataset.view_of_records(&At { rev: Some(until.0.clone()), as_of: None })?;
    let set = view.ledger.record_set();
    let labelers = standings::declared(dataset, &until)?;
    let auditor = Auditor { dataset, labelers, until, set, called: options.called };
    report.acts = auditor.acts(&steps)?;
    for act in &mut report.acts {
        options.called.standing(&mut act.standing);
        let counts = &mut report.counts;
        counts.acts += 1;
        *match act.word() {
            "refused" => &mut counts.refused,
            "signed" => &mut counts.signed,
            _ => &mut counts.claimed,
        } += 1;
    }
    Ok(report)
}

/// Looks at commits one after the other.
struct Auditor<'a> {
    dataset: &'a Dataset,
    until: Oid,
    /// Those of the last commit.
    labelers: Labelers,
    /// The records of the last commit.
    set: &'a RecordSet,
    called: &'a Called,
}

/// One record that a commit brought.
struct Brought {
    manifest: Manifest,
    standing: Standing,
    what: String,
    rows: Option<u64>,
}

impl Auditor<'_> {
    fn acts(&self, steps: &[Step]) -> Result<Vec<Act>, Error> {
        let store = self.dataset.store();
        let mut added = Vec::with_capacity(steps.len());
        let mut ids = BTreeSet::new();
        for step in steps {
            let paths = [store.added_by(step, LEDGER)?, store.added_by(step, SNAPSHOTS)?];
            ids.extend(paths[0].iter().filter_map(|path| Some(manifest::record_of_path(path)?.id)));
            added.push(paths);
        }
        let standings = standings::standings(self.dataset, &self.until, self.set, &ids)?;
        let mut broken: BTreeMap<usize, Vec<history::Deed>> = BTreeMap::new();
        for folder in [LEDGER, GUIDELINES, SNAPSHOTS] {
            for deed in history::deeds(self.dataset, steps, folder)?.into_values() {
                broken.entry(deed.step).or_default().push(deed);
            }
        }
        let mut acts = Vec::new();
        for (number, (step, [ledger, snapshots])) in steps.iter().zip(&added).enumerate() {
            let broken = broken.remove(&number).unwrap_or_default();
            let rules = self.changed_rules(step)?;
            if ledger.is_empty() && snapshots.is_empty() && broken.is_empty() && rules.is_empty() {
                continue;
            }
            let info = store.commit_info(&step.commit)?;
            let edited: BTreeSet<&str> = broken.iter().map(|deed| deed.file.path.as_str()).collect();
            let is_new = |path: &&String| !edited.contains(path.as_str());
            let ledger: Vec<&String> = ledger.iter().filter(is_new).collect();
            acts.extend(self.rules(&info, rules)?);
            acts.extend(self.records(&info, &ledger, &standings)?);
            for path in snapshots.iter().filter(is_new) {
                acts.extend(self.snapshot(&info, path)?);
            }
            for deed in broken {
                acts.push(self.broken(&info, deed)?);
            }
        }
        Ok(acts)
    }

    /// Returns an act of the author of a commit.
    fn act(&self, info: &CommitInfo, act: Kind, subject: &str, what: String) -> Act {
        Act {
            time: info.time,
            commit: info.id.0.clone(),
            act,
            subject: subject.to_owned(),
            task: None,
            rows: None,
            actor: info.author.clone(),
            standing: self.claimed(&info.author),
            what,
            message: info.subject.clone(),
        }
    }

    /// Returns the standing of what nobody signed.
    fn claimed(&self, actor: &str) -> Standing {
        let claimed_by = self.labelers.called(actor).map(str::to_owned);
        Standing { claimed_by, ..Standing::default() }
    }

    /// Tells what a commit added to the ledger: records, ancestors first, signatures of old ones, and what is neither.
    fn records(
        &self,
        info: &CommitInfo,
        paths: &[&String],
        standings: &BTreeMap<RecordId, Standing>,
    ) -> Result<Vec<Act>, Error> {
        let mut manifests: Vec<(usize, RecordId, &str)> = Vec::new();
        let mut acts = Vec::new();
        for path in paths {
            match manifest::record_of_path(path) {
                Some(named) if named.part == Part::Manifest => {
                    manifests.push((self.set.find(&named.id).unwrap_or(usize::MAX), named.id, path.as_str()));
                }
                Some(_) => {}
                None => {
                    let what = format!("{path} is no file of hitl's");
                    acts.push(self.act(info, Kind::Stray, path, what));
                }
            }
        }
        manifests.sort_unstable();
        let new: BTreeSet<RecordId> = manifests.iter().map(|(_, id, _)| *id).collect();
        for (_, id, path) in manifests {
            acts.push(self.record(info, id, path, standings)?);
        }
        for path in paths {
            let Some(named) = manifest::record_of_path(path).filter(|named| !new.contains(&named.id)) else {
                continue;
            };
            if let Part::Signature(key) = named.part {
                let what = format!("record {} signed{}", named.id.short(), self.whose(key));
                let mut act = self.act(info, Kind::Signature, &named.id.to_string(), what);
                act.standing.signers = made_by(standings.get(&named.id), key);
                acts.push(act);
            }
        }
        Ok(acts)
    }

    /// Returns whose key this is, with a space before it.
    fn whose(&self, key: Digest) -> String {
        let owner = self.labelers.by_key(key);
        let owner = owner.map_or_else(|| "an undeclared key".to_owned(), |(id, ..)| self.called.of(id));
        format!(" by {owner}, {}", ssh::openssh(key))
    }

    fn record(
        &self,
        info: &CommitInfo,
        id: RecordId,
        path: &str,
        standings: &BTreeMap<RecordId, Standing>,
    ) -> Result<Act, Error> {
        let Some(Brought { manifest, standing, what, rows }) = self.brought(info, id, path, standings)?
        else {
            return Ok(self.act(info, Kind::Stray, path, format!("{path} is no manifest that can be read")));
        };
        Ok(Act {
            task: manifest.task,
            rows,
            actor: manifest.actor,
            standing,
            message: manifest.message,
            ..self.act(info, manifest.kind.into(), &id.to_string(), what)
        })
    }

    /// Reads a record's manifest: that of the last commit, else, where it was removed since, of the one that brought it.
    fn brought(
        &self,
        info: &CommitInfo,
        id: RecordId,
        path: &str,
        standings: &BTreeMap<RecordId, Standing>,
    ) -> Result<Option<Brought>, Error> {
        let is_revert = |id: &RecordId| {
            let found = self.set.find(id).map(|number| self.set.records()[number].head.kind);
            found == Some(crate::record::Kind::Reverts)
        };
        let rows = |manifest: &Manifest| manifest.shard.map(|shard| shard.rows);
        if let Some(number) = self.set.find(&id) {
            let record = &self.set.records()[number];
            let manifest = (*record.manifest).clone();
            let standing = standings.get(&id).cloned().unwrap_or_default();
            let mut what = records::words(&manifest, &record.rows, is_revert, self.called);
            let rows = match record.head.kind {
                crate::record::Kind::Reverts => records::covered(self.set, number),
                _ => rows(&manifest),
            };
            if let (Some(rows), crate::record::Kind::Reverts) = (rows, record.head.kind) {
                what += &format!(" ({})", text::count(usize::try_from(rows).unwrap_or(usize::MAX), "row"));
            }
            return Ok(Some(Brought { manifest, standing, what, rows }));
        }
        let bytes = self.dataset.store().file(&info.id, path)?;
        let manifest = bytes.and_then(|bytes| manifest::parse(&bytes).ok());
        Ok(manifest.map(|manifest| Brought {
            standing: self.claimed(&manifest.actor),
            what: records::words(&manifest, &Rows::empty(manifest.kind), is_revert, self.called),
            rows: rows(&manifest).filter(|_| manifest.kind != crate::record::Kind::Reverts),
            manifest,
        }))
    }

    fn snapshot(&self, info: &CommitInfo, path: &str) -> Result<Option<Act>, Error> {
        let store = self.dataset.store();
        if let Some((name, key)) = snapshot_of_signature(path) {
            // One that came with its lock is part of that act.
            let lock = super::snapshot::path_of(name);
            let before = store.parents(&info.id)?;
            let was_there = before.first().map(|parent| store.blob_at(parent, &lock)).transpose()?.flatten();
            if was_there.is_none() {
                return Ok(None);
            }
            let what = format!("snapshot {name} signed{}", self.whose(key));
            let mut act = self.act(info, Kind::Signature, name, what);
            let signatures = self.dataset.snapshot_signatures(&self.until, name)?;
            let standing =
                standings::of_deed(&self.labelers, Deed::Freeze, &info.author, info.time, &signatures);
            act.standing.signers = made_by(Some(&standing), key);
            return Ok(Some(act));
        }
        let Some(bytes) = store.file(&info.id, path)? else { return Ok(None) };
        let Ok(lock) = snapshot::parse(&bytes) else {
            let what = format!("{path} is no lock that can be read");
            return Ok(Some(self.act(info, Kind::Stray, path, what)));
        };
        let is_there = store.blob_at(&self.until, path)?.is_some();
        let of = if is_there { &self.until } else { &info.id };
        let (name, actor) = (&lock.made.name, &lock.made.actor);
        let signatures = self.dataset.snapshot_signatures(of, name)?;
        let standing =
            standings::of_deed(&self.labelers, Deed::Freeze, actor, lock.made.created_at, &signatures);
        let rows = usize::try_from(lock.rows()).unwrap_or(usize::MAX);
        let what = format!(
            "{name} freezes {}, digest {}",
            text::count(rows, lock.rule.noun()),
            lock.digest.short(16)
        );
        Ok(Some(Act {
            task: Some(lock.rule.task.clone()),
            rows: Some(lock.rows()),
            actor: actor.clone(),
            standing,
            ..self.act(info, Kind::Snapshot, name, what)
        }))
    }

    /// Tells of a file that was removed or edited, though it is only ever added.
    fn broken(&self, info: &CommitInfo, deed: history::Deed) -> Result<Act, Error> {
        let path = &deed.file.path;
        let store = self.dataset.store();
        let is_back = store.blob_at(&self.until, path)?.as_ref() == Some(&deed.file.blob);
        let named = manifest::record_of_path(path).map(|named| {
            let part = match named.part {
                Part::Manifest => "the manifest",
                Part::Shard => "the shard",
                Part::Signature(_) => "a signature",
            };
            format!("{part} of record {}", named.id.short())
        });
        let named = named.unwrap_or_else(|| path.clone());
        let by = if deed.is_merge { " by a merge" } else { "" };
        let back = if is_back { ", and back by now" } else { "" };
        let act = if deed.code == "edited" { Kind::Edited } else { Kind::Removed };
        let mut act = self.act(info, act, path, format!("{named} {}{by}{back}", deed.code));
        act.standing.signers =
            standings::commit_signer(self.dataset, &self.labelers, info)?.into_iter().collect();
        Ok(act)
    }

    /// Returns which files that people edit a commit changed itself, rather than by passing on what a parent says.
    fn changed_rules(&self, step: &Step) -> Result<Vec<(&'static str, Option<Oid>)>, Error> {
        let store = self.dataset.store();
        let mut changed = Vec::new();
        for path in [CONFIG_FILE, LABELERS_FILE] {
            let now = store.blob_at(&step.commit, path)?;
            let mut is_old = now.is_none() && step.parents.is_empty();
            for parent in &step.parents {
                is_old |= store.blob_at(parent, path)? == now;
            }
            if !is_old {
                changed.push((path, step.parents.first().cloned()));
            }
        }
        Ok(changed)
    }

    /// Tells what a commit changed of the files that people edit. It is judged by what they said before.
    fn rules(&self, info: &CommitInfo, changed: Vec<(&'static str, Option<Oid>)>) -> Result<Vec<Act>, Error> {
        let mut acts = Vec::new();
        for (path, parent) in changed {
            let texts = [parent.as_ref(), Some(&info.id)].map(|commit| self.text(commit, path));
            let [before, after] = texts;
            let (before, after) = (before?, after?);
            let told = match path {
                LABELERS_FILE => people(&before, &after, self.called),
                _ => config(&before, &after),
            };
            for (kind, what) in told {
                let mut act = self.act(info, kind, path, what);
                let deed = if kind == Kind::Tasks { Deed::Declare } else { Deed::Govern };
                act.standing = self.of_rules(info, parent.as_ref(), deed)?;
                acts.push(act);
            }
        }
        Ok(acts)
    }

    fn text(&self, commit: Option<&Oid>, path: &str) -> Result<Option<String>, Error> {
        let bytes = commit.map(|commit| self.dataset.store().file(commit, path)).transpose()?.flatten();
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Returns the standing of a change of rules: by the rules before it, so that nobody grants themself anything; where
    /// these asked nothing, nothing speaks against it.
    fn of_rules(&self, info: &CommitInfo, parent: Option<&Oid>, deed: Deed) -> Result<Standing, Error> {
        let signed: Vec<_> = self.dataset.commit_signer(&info.id)?.into_iter().collect();
        let before = parent.map(|parent| self.dataset.labelers_at(parent)).and_then(Result::ok).flatten();
        let judged =
            |labelers: &Labelers| standings::of_deed(labelers, deed, &info.author, info.time, &signed);
        Ok(match before.filter(authority::asks_anything) {
            Some(before) => judged(&before),
            None => Standing { refused: Vec::new(), ..judged(&self.labelers) },
        })
    }
}

/// Returns what the signature by the key of this fingerprint is worth.
fn made_by(standing: Option<&Standing>, key: Digest) -> Vec<Signer> {
    let fingerprint = ssh::openssh(key);
    let signers = standing.into_iter().flat_map(|standing| &standing.signers);
    signers.filter(|signer| signer.fingerprint == fingerprint).cloned().collect()
}

/// Returns what is told of a change of `labelers.yaml`.
fn people(before: &Option<String>, after: &Option<String>, called: &Called) -> Vec<(Kind, String)> {
    let parse = |text: &Option<String>| match text {
        Some(text) => Labelers::parse(text, None).ok(),
        None => Some(Labelers::default()),
    };
    let what = match (parse(before), parse(after)) {
        (_, None) => format!("{LABELERS_FILE} has faults now"),
        (before, Some(after)) => rules::people(&before.unwrap_or_default(), &after, called).join("; "),
    };
    let what = match (what.is_empty(), before) {
        (true, None) => "nobody declared yet".to_owned(),
        (true, Some(_)) => format!("{LABELERS_FILE} edited, and nothing of what it says"),
        (false, _) => what,
    };
    vec![(Kind::People, what)]
}

/// Returns what is told of a change of `hitl.yaml`.
fn config(before: &Option<String>, after: &Option<String>) -> Vec<(Kind, String)> {
    let parse = |text: &Option<String>| match text {
        Some(text) => Config::parse(text).ok(),
        None => Some(Config::default()),
    };
    let Some(after) = parse(after) else {
        return vec![(Kind::Tasks, format!("{CONFIG_FILE} has faults now"))];
    };
    let before = parse(before).unwrap_or_default();
    let mut told = Vec::new();
    let tasks = rules::tasks(&before, &after);
    if !tasks.is_empty() {
        told.push((Kind::Tasks, tasks.join("; ")));
    }
    let checks = rules::checks(&before.checks, &after.checks);
    if !checks.is_empty() {
        told.push((Kind::Checks, checks.join("; ")));
    }
    if told.is_empty() {
        told.push((Kind::Tasks, format!("{CONFIG_FILE} edited, and nothing of what it says")));
    }
    told
}
