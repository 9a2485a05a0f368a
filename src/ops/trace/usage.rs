//! What a labeler, a batch, a guideline or a file touched, and what uses it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::made::{Frozen, Made};
use super::{commits, guidelines, joint, policies_of};
use crate::authority::Standing;
use crate::base::{Digest, Timestamp, text};
use crate::dataset::{At, Dataset, View};
use crate::ledger::Ledger;
use crate::ops::record_ref::answered_tasks;
use crate::ops::{Error, Input, check_tasks, resolve_record, snapshot as frozen, standings};
use crate::record::{Filter, GuidelineRef, Kind, RecordId};
use crate::store::Oid;
use crate::trace::{Called, CommitRef, Rules, States, Taken, Usage, verified};

/// Whose use is asked about.
#[derive(Clone, Debug)]
pub enum Asked {
    /// The rows of a labeler.
    Labeler(String),
    /// The rows of a record: an id prefix, a ledger path or a Git revision.
    Batch(String),
    /// The rows made under a guideline: `name` or `name@version`.
    Guideline(String),
    /// The rows of the records that were read from a file with these bytes.
    File(Input),
}

/// What some rows touched, and what uses them.
#[derive(Clone, Debug, Serialize)]
pub struct UseReport {
    /// `hitl.trace-use/1`.
    pub schema: &'static str,
    /// `labeler`, `batch`, `guideline` or `file`.
    pub asked: &'static str,
    /// What was asked about, as it was given.
    pub name: String,
    /// Of a file, SHA-256 of its bytes; of a guideline version, of its text.
    pub sha256: Option<Digest>,
    /// Only this task.
    pub task: Option<String>,
    /// Its rows.
    pub rows: u64,
    /// Items that have any.
    pub items: u64,
    /// What has become of its judgements.
    pub states: States,
    /// Resolved labels that it is among those that say so: only these can change when it is gone.
    pub supports: u64,
    /// Of these, the ones that nobody else says.
    pub alone: u64,
    /// The records that hold it, oldest first.
    pub records: Vec<UsedRecord>,
    /// Of a labeler, the other records that are in their name or that they signed, oldest first, with all their rows: of
    /// these, not all rows are theirs.
    pub recorded: Vec<UsedRecord>,
    /// Of a labeler, the snapshots that are in their name or that they signed.
    pub frozen: Vec<Frozen>,
    /// Judgements of others that were made with one of these in sight, by labeler.
    pub built_on: Vec<Built>,
    /// The reverts that took some of it back.
    pub reverts: Vec<TakenBack>,
    /// The snapshots that had it among their records, of its tasks.
    pub snapshots: Vec<SnapshotPart>,
    /// The snapshots of which that cannot be told here.
    pub unknown_snapshots: Vec<String>,
}

impl UseReport {
    /// Puts the names of labelers beside their ids, for people.
    pub fn call(&mut self, called: &Called) {
        if self.asked == "labeler" {
            called.name(&mut self.name);
        }
        for record in self.records.iter_mut().chain(&mut self.recorded) {
            called.made(&mut record.standing, &mut record.commit);
        }
        self.frozen.iter_mut().for_each(|frozen| called.standing(&mut frozen.standing));
        self.built_on.iter_mut().for_each(|built| called.name(&mut built.labeler));
        self.reverts.iter_mut().for_each(|taken| called.taken(&mut taken.revert));
    }
}

/// A record that holds what was asked about.
#[derive(Clone, Debug, Serialize)]
pub struct UsedRecord {
    /// The record.
    pub id: RecordId,
    /// What it adds.
    pub kind: Kind,
    /// Its task.
    pub task: Option<String>,
    /// Rows of it that were asked about, or among those `recorded` all.
    pub rows: u64,
    /// Who recorded it.
    pub actor: String,
    /// When.
    pub recorded_at: Timestamp,
    /// The file it was read from.
    pub source: Option<String>,
    /// Who signed it, and whether it counts; null where nobody asked.
    pub standing: Option<Standing>,
    /// The commit that brought it; null where history does not reach.
    pub commit: Option<CommitRef>,
}

/// What somebody made with a guess in sight that was asked about.
#[derive(Clone, Debug, Serialize)]
pub struct Built {
    /// Who.
    pub labeler: String,
    /// What has become of it.
    #[serde(flatten)]
    pub states: States,
}

/// A revert, and how much of what was asked about it took back.
#[derive(Clone, Debug, Serialize)]
pub struct TakenBack {
    /// Judgements.
    pub judgements: u64,
    /// The revert.
    #[serde(flatten)]
    pub revert: Taken,
}

/// A snapshot that had some of it among its records.
#[derive(Clone, Debug, Serialize)]
pub struct SnapshotPart {
    /// The snapshot.
    pub name: String,
    /// Its task.
    pub task: String,
    /// How many of the records it had.
    pub records: u64,
    /// How many rows of those were asked about.
    pub rows: u64,
}

/// Tells what touched and uses the rows of what is asked about, of `task` alone or of all.
///
/// # Errors
/// Nothing of the kind is in the ledger.
pub fn usage(dataset: &Dataset, asked: &Asked, task: Option<&str>, at: &At) -> Result<UseReport, Error> {
    check_tasks(dataset, at, &task.map(str::to_owned).into_iter().collect::<Vec<_>>())?;
    let view = dataset.view_of_records(at)?;
    let mut subject = subject(dataset, &view, asked, task)?;
    subject.filter.tasks.extend(task.map(str::to_owned));
    let tasks = dataset.declared()?;
    let answered = answered_tasks(&view.ledger);
    let policies = policies_of(&tasks);
    let verdicts = joint(dataset, at, |name| answered.iter().any(|task| task == name), &tasks)?;
    let rules = Rules { policies: &policies, verdicts: &verdicts };
    let mut usage = Usage::default();
    for part in dataset.parts(at)?.map(task, |ledger| Usage::of(ledger, &subject.filter, rules))? {
        usage.add(part);
    }
    let named: Vec<RecordId> =
        subject.filter.records.iter().copied().filter(|id| !usage.records.contains_key(id)).collect();
    usage.records.extend(named.into_iter().map(|id| (id, 0)));
    let Made { claimed, signed, frozen } = subject.made;
    let ids = [&usage.records, &usage.reverts, &claimed, &signed].into_iter().flat_map(BTreeMap::keys);
    let told = Records::of(dataset, &view, &ids.copied().collect())?;
    let is_by = |id: &RecordId| {
        let standing = told.standings.get(id);
        standing.is_some_and(|standing| verified(standing).any(|signer| signer == subject.name))
    };
    let mut recorded = claimed;
    recorded.extend(signed.into_iter().filter(|(id, _)| is_by(id)));
    recorded.retain(|id, rows| usage.records.get(id) != Some(rows));
    let (snapshots, unknown_snapshots) = match &view.commit {
        Some(commit) => used_by(dataset, commit, &view.ledger, &usage.records)?,
        None => Default::default(),
    };
    let built_on = usage.built.into_iter().map(|(labeler, states)| Built { labeler, states }).collect();
    let taken = |(id, judgements)| Some(TakenBack { judgements, revert: told.taken(&view.ledger, id)? });
    Ok(UseReport {
        schema: "hitl.trace-use/1",
        asked: subject.asked,
        name: subject.name,
        sha256: subject.sha256,
        task: task.map(str::to_owned),
        rows: usage.rows,
        items: usage.items,
        states: usage.states,
        supports: usage.supports,
        alone: usage.alone,
        built_on,
        reverts: usage.reverts.into_iter().filter_map(taken).collect(),
        records: told.used(&view.ledger, &usage.records),
        recorded: told.used(&view.ledger, &recorded),
        frozen,
        snapshots,
        unknown_snapshots,
    })
}

/// What was asked about, found in the ledger.
struct Subject {
    asked: &'static str,
    name: String,
    sha256: Option<Digest>,
    filter: Filter,
    /// Of a labeler.
    made: Made,
}

impl Subject {
    fn new(asked: &'static str, name: impl Into<String>, filter: Filter) -> Self {
        Self { asked, name: name.into(), sha256: None, filter, made: Made::default() }
    }
}

fn subject(dataset: &Dataset, view: &View, asked: &Asked, task: Option<&str>) -> Result<Subject, Error> {
    match asked {
        Asked::Labeler(name) => labeler(dataset, view, name, task),
        Asked::Batch(given) => {
            let records = resolve_record(dataset, view, given)?;
            let name = match records.as_slice() {
                [only] => only.to_string(),
                _ => given.clone(),
            };
            Ok(Subject::new("batch", name, Filter { records, ..Filter::default() }))
        }
        Asked::Guideline(name) => guideline(view, name),
        Asked::File(input) => file(view, input),
    }
}

/// Finds a labeler's rows, and what else they made.
fn labeler(dataset: &Dataset, view: &View, name: &str, task: Option<&str>) -> Result<Subject, Error> {
    let known = view.labelers();
    let made = Made::by(dataset, view, name, task)?;
    if !known.contains_key(name) && made.is_empty() {
        let near = text::did_you_mean(name, known.keys().map(String::as_str));
        return Err(Error::NotFound {
            message: format!("nobody called `{name}` labelled, recorded, signed or froze anything here"),
            hint: near.map(|near| format!("did you mean `{near}`?")),
        });
    }
    let filter = Filter { labelers: vec![name.to_owned()], ..Filter::default() };
    Ok(Subject { made, ..Subject::new("labeler", name, filter) })
}

fn guideline(view: &View, name: &str) -> Result<Subject, Error> {
    let known = guidelines(&view.ledger);
    let reference = GuidelineRef(name.to_owned());
    if !known.keys().any(|key| reference.covers(key)) {
        let near = text::did_you_mean(name, known.keys().map(String::as_str)).map(str::to_owned);
        return Err(Error::UnknownGuideline { key: name.to_owned(), near });
    }
    let sha256 = known.get(name).map(|text| text.sha256);
    let filter = Filter { guidelines: vec![reference], ..Filter::default() };
    Ok(Subject { sha256, ..Subject::new("guideline", name, filter) })
}

/// Finds the records that were read from a file with the bytes of `input`, whatever it is called.
fn file(view: &View, input: &Input) -> Result<Subject, Error> {
    let sha256 = Digest::of(&input.bytes);
    let mut records = Vec::new();
    if view.has_source(sha256) {
        let of_file = |source: &crate::record::Source| source.sha256 == sha256;
        let found =
            view.ledger.records().iter().filter(|one| one.manifest.source.as_ref().is_some_and(of_file));
        records.extend(found.map(|record| record.id));
    }
    if records.is_empty() {
        return Err(Error::Nothing {
            message: format!("no record was read from a file with the bytes of {}", input.name),
            hint: Some(format!(
                "its SHA-256 is {sha256}; `hitl commit --dry-run FILE` tells what of its rows is new"
            )),
        });
    }
    let filter = Filter { records, ..Filter::default() };
    Ok(Subject { sha256: Some(sha256), ..Subject::new("file", &input.name, filter) })
}

/// What is known of some records beside themselves.
struct Records {
    standings: BTreeMap<RecordId, Standing>,
    commits: BTreeMap<RecordId, CommitRef>,
}

impl Records {
    fn of(dataset: &Dataset, view: &View, ids: &BTreeSet<RecordId>) -> Result<Self, Error> {
        let standings = match &view.commit {
            Some(commit) => standings::standings(dataset, commit, view.ledger.record_set(), ids)?,
            None => BTreeMap::new(),
        };
        Ok(Self { standings, commits: commits(dataset, view.commit.as_ref(), ids, false)? })
    }

    fn taken(&self, ledger: &Ledger, id: RecordId) -> Option<Taken> {
        let manifest = &ledger.records()[ledger.find_record(&id)?].manifest;
        Some(Taken {
            record: id,
            actor: manifest.actor.clone(),
            recorded_at: manifest.recorded_at,
            message: manifest.message.clone(),
            standing: self.standings.get(&id).cloned(),
            commit: self.commits.get(&id).cloned(),
        })
    }

    /// Returns the records with `rows`, in the order of the ledger: ancestors first.
    fn used(&self, ledger: &Ledger, rows: &BTreeMap<RecordId, u64>) -> Vec<UsedRecord> {
        let used = ledger.records().iter().filter_map(|record| Some((record, *rows.get(&record.id)?)));
        let told = |(record, rows): (&crate::ledger::Record, u64)| UsedRecord {
            id: record.id,
            kind: record.manifest.kind,
            task: record.manifest.task.clone(),
            rows,
            actor: record.manifest.actor.clone(),
            recorded_at: record.manifest.recorded_at,
            source: record.manifest.source.as_ref().map(|source| source.file.clone()),
            standing: self.standings.get(&record.id).cloned(),
            commit: self.commits.get(&record.id).cloned(),
        };
        used.map(told).collect()
    }
}

/// Returns the snapshots of `commit` that had some of the records `rows` for their task, and those that cannot be told.
fn used_by(
    dataset: &Dataset,
    commit: &Oid,
    records: &Ledger,
    rows: &BTreeMap<RecordId, u64>,
) -> Result<(Vec<SnapshotPart>, Vec<String>), Error> {
    let (mut uses, mut unknown) = (Vec::new(), Vec::new());
    for name in frozen::names(dataset, commit)? {
        let known = frozen::read_lock(dataset, commit, &name).ok().flatten();
        let known = known.and_then(|lock| Some((frozen::closure_of(records, &lock).ok()?, lock)));
        let Some((closure, lock)) = known else {
            unknown.push(name);
            continue;
        };
        let task = lock.rule.task.as_str();
        let is_of_task = |id: &RecordId| {
            let found = records.find_record(id).map(|number| &records.records()[number].head);
            found.is_some_and(|head| head.task.as_deref() == Some(task))
        };
        let had = rows.iter().filter(|(id, rows)| {
            **rows > 0 && closure.contains(id) && !lock.inert.contains(id) && is_of_task(id)
        });
        let (records, rows) = had.fold((0, 0), |(all, sum), (_, rows)| (all + 1, sum + rows));
        if records > 0 {
            uses.push(SnapshotPart { name, task: task.to_owned(), records, rows });
        }
    }
    Ok((uses, unknown))
}
