//! `snapshot`: freeze what a model is trained on, prove it later, compare, export, take few-shot examples from it.

mod attest;
mod export;
mod few_shot;
mod files;
mod folder;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use super::authority::{self, LeftOut};
use super::record_ref::{answered_tasks, refuse_incomplete, which_task};
use super::signed::sign_snapshot;
use super::{Clock, Error, overview, stamp, verdicts};
use crate::base::text;
use crate::config::Config;
use crate::corrections::Example;
use crate::dataset::{At, Dataset, Parts, SNAPSHOTS};
use crate::ledger::Ledger;
use crate::record::{Kind, Policy, RecordId, check_slug};
use crate::snapshot::{self, Lock, Made, Overview, Piece, Rule, Snapshot, SnapshotDiff, Split, VerifyReport};
use crate::store::{Change, CommitInfo, Oid};

pub use attest::{AttestReport, Attested, attest, write_attestation};
pub use export::{ExportFormat, ExportOptions, ExportReport, export};
pub use few_shot::{FewShotOptions, FewShotReport, few_shot};

/// What `snapshot create` is asked.
#[derive(Clone, Debug)]
pub struct CreateOptions {
    /// The snapshot's name.
    pub name: String,
    /// Which state.
    pub at: At,
    /// The task, when there are several.
    pub task: Option<String>,
    /// What is frozen; when not given, labels where the task has any, else corrections.
    pub holds: Option<Holds>,
    /// How labels become one; the task's own policy when not given.
    pub policy: Option<Policy>,
    /// Items with fewer votes stay out.
    pub min_labels: u32,
    /// `train=0.8,val=0.1,test=0.1`.
    pub split: Option<String>,
    /// Decides which items fall into which part.
    pub seed: String,
    /// The format it is to be exported in, and the folder: nothing is frozen that plainly cannot be.
    pub export: Option<(ExportFormat, PathBuf)>,
    /// Whether what is written is left unsigned, where Git's configuration names an SSH key.
    pub unsigned: bool,
}

/// What a snapshot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// One label an item.
    Labels,
    /// The corrections that are to be learned from.
    Corrections,
}

/// What `snapshot create` did.
#[derive(Clone, Debug, Serialize)]
pub struct CreateReport {
    /// `hitl.snapshot-create/1`.
    pub schema: &'static str,
    /// The lock.
    #[serde(flatten)]
    pub lock: Lock,
    /// Records that do not count, as the lock names them, each with why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Whether the very same snapshot was there already: then nothing was written.
    pub already_there: bool,
    /// The commit that holds it.
    pub commit: Option<String>,
    /// The branch it is on.
    pub branch: Option<String>,
    /// Where somebody's own commit, made at the same moment, took the files along: that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept_by: Option<CommitInfo>,
    /// The fingerprint of the key that signed what was written; none where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
}

/// What `snapshot show` tells.
#[derive(Clone, Debug, Serialize)]
pub struct ShowReport {
    /// `hitl.snapshot-show/1`.
    pub schema: &'static str,
    /// The lock.
    #[serde(flatten)]
    pub lock: Lock,
}

/// What `snapshot list` tells.
#[derive(Clone, Debug, Serialize)]
pub struct ListReport {
    /// `hitl.snapshot-list/1`.
    pub schema: &'static str,
    /// By name.
    pub snapshots: Vec<Lock>,
}

/// Where the lock `name` lies.
pub(super) fn path_of(name: &str) -> String {
    format!("{SNAPSHOTS}/{name}.yaml")
}

/// Freezes the resolved state of a task under a name, in a commit.
///
/// # Errors
/// The ledger is incomplete, the name is taken by another snapshot, or the request cannot be meant.
pub fn create(dataset: &Dataset, options: &CreateOptions, clock: Clock) -> Result<CreateReport, Error> {
    check_slug("snapshot", &options.name)?;
    let transaction = dataset.store().begin()?;
    let parts = dataset.parts(&options.at)?;
    refuse_incomplete(&parts.records)?;
    let inert = authority::inert(dataset, parts.commit.as_ref(), parts.records.record_set())?;
    let records = parts.records.record_set().clone();
    let parts = parts.without(&inert.keys().copied().collect());
    let rule = rule(dataset, &parts.records, options, !inert.is_empty())?;
    if let Some((format, _)) = &options.export {
        format.check(&options.name, &rule)?;
    }
    let pieces = pieces(&parts, &rule)?;
    let frozen = snapshot::assemble(&parts.records, rule, pieces)?;
    let stamped = stamp(dataset, clock.now, Vec::new())?;
    let made =
        Made { name: options.name.clone(), created_at: clock.now, actor: stamped.actor, tool: stamped.tool };
    let lock = frozen.lock(made, inert.keys().copied().collect());
    let left_out = authority::left_out(&records, &inert);
    if let Some((format, dir)) = &options.export {
        format.check_rows(&lock, lock.rows())?;
        folder::check(dir, &lock, &folder::paths(&lock, *format))?;
    }
    let head = dataset.commit(&At::default())?;
    if let Some(known) =
        head.as_ref().and_then(|head| read_lock(dataset, head, &options.name).transpose()).transpose()?
    {
        if known.digest != lock.digest || known.records_sha256 != lock.records_sha256 {
            return Err(Error::request(
                format!(
                    "snapshot `{}` is already there, with digest {}",
                    options.name,
                    known.digest.short(16)
                ),
                "a snapshot is never changed: choose another name",
            ));
        }
        return Ok(CreateReport {
            schema: "hitl.snapshot-create/1",
            lock: known,
            left_out,
            already_there: true,
            commit: None,
            branch: None,
            swept_by: None,
            signed_by: None,
        });
    }
    let message = format!(
        "snapshot: {} freezes {} of task {}\n\nHitl-Snapshot: {}\nHitl-Digest: {}\n",
        options.name,
        text::count(frozen.rows.len(), frozen.rule.noun()),
        lock.rule.task,
        options.name,
        lock.digest
    );
    let bytes = snapshot::emit(&lock).into_bytes();
    let mut files = Vec::new();
    let signed_by = sign_snapshot(dataset, options.unsigned, (&options.name, &bytes), &mut files)?;
    let made_by = (lock.made.actor.as_str(), clock.now);
    authority::allow_snapshot(dataset, &records, made_by, signed_by.as_deref())?;
    files.push((path_of(&options.name), bytes));
    let committed = transaction.commit(&Change { files, message })?;
    Ok(CreateReport {
        schema: "hitl.snapshot-create/1",
        lock,
        left_out,
        already_there: false,
        commit: Some(committed.commit.0),
        branch: committed.branch,
        swept_by: committed.swept_by,
        signed_by,
    })
}

/// Returns the rule that `options` ask for; `left_out` says whether records of the ledger do not count.
fn rule(dataset: &Dataset, ledger: &Ledger, options: &CreateOptions, left_out: bool) -> Result<Rule, Error> {
    let Config { tasks, accept, .. } = dataset.config()?;
    let answered = answered_tasks(ledger);
    let is_answered = |name: &str| answered.iter().any(|task| task == name);
    let labelled: Vec<&str> =
        tasks.iter().map(|task| task.name.as_str()).filter(|name| is_answered(name)).collect();
    let declared: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
    let known = if options.task.is_none() && !labelled.is_empty() { &labelled } else { &declared };
    let name = which_task(known, options.task.as_deref())?;
    let task = tasks.iter().find(|task| task.name == name).expect("it was found among these just above");
    if !is_answered(name) {
        return Err(Error::request(
            format!("task `{name}` has no labels to freeze"),
            match left_out {
                true => "`hitl status` says which records do not count, and why",
                false => "`hitl commit FILE` adds some",
            },
        ));
    }
    let split = options.split.as_deref().map(|text| Split::parse(text, &options.seed)).transpose();
    let split = split
        .map_err(|error| Error::request(error.to_string(), "write --split train=0.8,val=0.1,test=0.1"))?;
    let min_labels = options.min_labels.max(1);
    match options.holds.unwrap_or_else(|| holds(ledger, name)) {
        Holds::Labels => {
            let rule = Rule::new(task, options.policy.unwrap_or(task.policy), min_labels, split);
            Ok(verdicts::with_parameters(rule))
        }
        Holds::Corrections if options.policy.is_some() => Err(Error::request(
            "a policy makes one label of several; a snapshot of corrections holds each that is accepted",
            "leave out --policy; `corrections.accept` in hitl.yaml says which are",
        )),
        Holds::Corrections => Ok(Rule::of_corrections(task, &accept, min_labels, split)),
    }
}

/// Returns what a task has: corrections where nobody labelled anything.
fn holds(ledger: &Ledger, task: &str) -> Holds {
    let has = |kind| {
        ledger.records().iter().any(|one| one.head.kind == kind && one.head.task.as_deref() == Some(task))
    };
    if has(Kind::Corrections) && !has(Kind::Labels) { Holds::Corrections } else { Holds::Labels }
}

/// Resolves the task of `rule`, part by part.
fn pieces(parts: &Parts<'_>, rule: &Rule) -> Result<Vec<Piece>, Error> {
    let overview = overview::of_parts(parts, rule)?;
    let pieces = parts.map(Some(&rule.task), |ledger| Piece::of(ledger, rule, &overview))?;
    Ok(pieces.into_iter().collect::<Result<_, _>>()?)
}

/// Lists the snapshots of `at`.
///
/// # Errors
/// A lock is damaged.
pub fn list(dataset: &Dataset, at: &At) -> Result<ListReport, Error> {
    let Some(commit) = dataset.commit(at)? else {
        return Ok(ListReport { schema: "hitl.snapshot-list/1", snapshots: Vec::new() });
    };
    let locks = locks(dataset, &commit)?;
    Ok(ListReport { schema: "hitl.snapshot-list/1", snapshots: locks })
}

/// Shows one lock.
///
/// # Errors
/// There is none of this name, or it is damaged.
pub fn show(dataset: &Dataset, name: &str, at: &At) -> Result<ShowReport, Error> {
    let (_, lock) = find(dataset, name, at)?;
    Ok(ShowReport { schema: "hitl.snapshot-show/1", lock })
}

/// Rebuilds a snapshot from its lock's heads and compares.
///
/// # Errors
/// There is no such lock, it is damaged, or records it needs are absent.
pub fn verify(dataset: &Dataset, name: &str, at: &At) -> Result<VerifyReport, Error> {
    let (commit, lock) = find(dataset, name, at)?;
    // What is kept between runs proves nothing: every file is read.
    Ok(verified(&lock, &ledger_of(dataset, &commit, &lock)?)?.0)
}

/// Compares what two snapshots hold.
///
/// # Errors
/// As [`verify`].
pub fn diff(
    dataset: &Dataset,
    base: &str,
    head: &str,
    limit: Option<usize>,
    at: &At,
) -> Result<SnapshotDiff, Error> {
    let (commit, base_lock) = find(dataset, base, at)?;
    let (_, head_lock) = find(dataset, head, at)?;
    let base_snapshot = rebuild(dataset, &commit, &base_lock)?;
    let head_snapshot = rebuild(dataset, &commit, &head_lock)?;
    Ok(snapshot::diff((base, &base_snapshot.rows), (head, &head_snapshot.rows), limit))
}

/// Returns the locks of `commit`, by name.
pub(super) fn locks(dataset: &Dataset, commit: &Oid) -> Result<Vec<Lock>, Error> {
    let mut locks = Vec::new();
    for name in names(dataset, commit)? {
        locks.extend(read_lock(dataset, commit, &name)?);
    }
    Ok(locks)
}

/// Returns the names of the locks of `commit`, sorted.
pub(super) fn names(dataset: &Dataset, commit: &Oid) -> Result<Vec<String>, Error> {
    let files = dataset.store().files(commit, SNAPSHOTS)?;
    let name = |path: &str| Some(path.strip_prefix("snapshots/")?.strip_suffix(".yaml")?.to_owned());
    Ok(files.iter().filter_map(|file| name(&file.path)).collect())
}

/// Reads the lock `name`; `None` when the tree has none.
pub(super) fn read_lock(dataset: &Dataset, commit: &Oid, name: &str) -> Result<Option<Lock>, Error> {
    let path = path_of(name);
    let Some(bytes) = dataset.store().file(commit, &path)? else { return Ok(None) };
    snapshot::parse(&bytes).map(Some).map_err(|error| {
        let fault = crate::dataset::Fault {
            path,
            record: None,
            kind: crate::dataset::FaultKind::Lock,
            message: error.to_string(),
        };
        crate::dataset::Error::Damaged { faults: vec![fault] }.into()
    })
}

/// Finds the lock `name` at `at`.
pub(super) fn find(dataset: &Dataset, name: &str, at: &At) -> Result<(Oid, Lock), Error> {
    let unknown = |near: Option<String>| Error::UnknownSnapshot { name: name.to_owned(), near };
    let Some(commit) = dataset.commit(at)? else { return Err(unknown(None)) };
    if let Some(lock) = read_lock(dataset, &commit, name)? {
        return Ok((commit, lock));
    }
    let names: Vec<String> = locks(dataset, &commit)?.into_iter().map(|lock| lock.made.name).collect();
    Err(unknown(text::did_you_mean(name, names.iter().map(String::as_str)).map(str::to_owned)))
}

/// Returns the ledger that `lock` was made from, out of `commit`'s records.
pub(super) fn ledger_of(dataset: &Dataset, commit: &Oid, lock: &Lock) -> Result<Ledger, Error> {
    let view = dataset.view_at(Some(commit.clone()), None)?;
    ledger_from(&view.ledger, lock)
}

/// Returns the ledger that `lock` was made from, out of the records of `all`; what was inert then is so for ever.
pub(super) fn ledger_from(all: &Ledger, lock: &Lock) -> Result<Ledger, Error> {
    let keep = closure_of(all, lock)?;
    let kept = all.with_records(|record| keep.contains(&record.id).then(|| record.clone()));
    Ok(kept.without(&lock.inert.iter().copied().collect()))
}

/// Returns the records that `lock` was made from, all of them in `all`.
pub(super) fn closure_of(all: &Ledger, lock: &Lock) -> Result<BTreeSet<RecordId>, Error> {
    let parents = |id: &RecordId| all.find_record(id).map(|index| all.records()[index].head.parents.to_vec());
    let closure = snapshot::closure(&lock.heads, parents);
    if !closure.missing.is_empty() {
        return Err(Error::Incomplete { missing: closure.missing.into_iter().collect() });
    }
    Ok(closure.records)
}

/// Rebuilds a lock from the records of `all`.
pub(super) fn rebuilt_from(all: &Ledger, lock: &Lock) -> Result<VerifyReport, Error> {
    Ok(verified(lock, &ledger_from(all, lock)?)?.0)
}

/// Rebuilds a lock from its own ledger.
fn verified(lock: &Lock, ledger: &Ledger) -> Result<(VerifyReport, Snapshot), Error> {
    let overview = overview::of_ledger(ledger, &lock.rule)?;
    Ok(snapshot::verify(lock, ledger, &overview)?)
}

/// A snapshot as it was frozen, with the ledger it was made from.
struct Rebuilt {
    lock: Lock,
    ledger: Ledger,
    overview: Overview,
    snapshot: Snapshot,
}

impl Rebuilt {
    /// Rebuilds the snapshot `name`.
    ///
    /// # Errors
    /// As [`verify`]; it does not come out as it was frozen.
    fn new(dataset: &Dataset, name: &str, at: &At) -> Result<Self, Error> {
        let (commit, lock) = find(dataset, name, at)?;
        let ledger = ledger_of(dataset, &commit, &lock)?;
        let overview = overview::of_ledger(&ledger, &lock.rule)?;
        let (report, snapshot) = snapshot::verify(&lock, &ledger, &overview)?;
        if !report.ok {
            return Err(Error::NotFound {
                message: format!("snapshot `{name}` does not rebuild to its digest; nothing was written"),
                hint: Some(format!("`hitl snapshot verify {name}` shows the differences")),
            });
        }
        Ok(Self { lock, ledger, overview, snapshot })
    }

    /// Returns its corrections.
    ///
    /// # Errors
    /// It holds labels.
    fn examples(&self) -> Result<Vec<Example>, Error> {
        Ok(snapshot::examples(&self.ledger, &self.snapshot, &self.overview)?)
    }
}

/// Rebuilds what a lock froze.
fn rebuild(dataset: &Dataset, commit: &Oid, lock: &Lock) -> Result<Snapshot, Error> {
    Ok(compared(dataset, commit, lock)?.1)
}

/// Rebuilds a lock from `commit`'s records, part by part, and compares.
pub(super) fn rebuilt_at(dataset: &Dataset, commit: &Oid, lock: &Lock) -> Result<VerifyReport, Error> {
    Ok(compared(dataset, commit, lock)?.0)
}

fn compared(dataset: &Dataset, commit: &Oid, lock: &Lock) -> Result<(VerifyReport, Snapshot), Error> {
    let parts = parts_of(dataset, commit, lock)?;
    Ok(snapshot::compare(lock, &parts.records, pieces(&parts, &lock.rule)?)?)
}

/// Returns the ledger that `lock` was made from, out of `commit`'s records, in parts.
fn parts_of<'a>(dataset: &'a Dataset, commit: &Oid, lock: &Lock) -> Result<Parts<'a>, Error> {
    let parts = dataset.parts(&At { rev: Some(commit.0.clone()), as_of: None })?;
    let keep = closure_of(&parts.records, lock)?;
    Ok(parts.only(&keep).without(&lock.inert.iter().copied().collect()))
}

/// Returns, for each snapshot of `commit` that holds `item`, with which label and in which part. `all` is the ledger
/// of the commit, or what it has of the item. Snapshots that cannot be rebuilt here are named second.
pub(super) fn holding(
    dataset: &Dataset,
    commit: &Oid,
    all: &Ledger,
    item: &str,
) -> Result<(Vec<crate::trace::SnapshotUse>, Vec<String>), Error> {
    let (mut uses, mut unknown) = (Vec::new(), Vec::new());
    for name in names(dataset, commit)? {
        let found = read_lock(dataset, commit, &name).ok().flatten().and_then(|lock| {
            let ledger = ledger_from(all, &lock).ok()?;
            held(&ledger, &lock, &overview_of(dataset, commit, &lock).ok()?, item).ok()
        });
        match found {
            Some(found) => uses.extend(found),
            None => unknown.push(name),
        }
    }
    Ok((uses, unknown))
}

/// Returns what the rule of `lock` has to know of all items of its ledger, out of `commit`'s records.
pub(super) fn overview_of(dataset: &Dataset, commit: &Oid, lock: &Lock) -> Result<Overview, Error> {
    match lock.rule.policy.name.looks_at_all_items() {
        true => overview::of_parts(&parts_of(dataset, commit, lock)?, &lock.rule),
        false => Ok(Overview::Nothing),
    }
}

/// Returns what the snapshot of `lock` holds of `item`; `ledger` is its own, or what that has of the item.
pub(super) fn held(
    ledger: &Ledger,
    lock: &Lock,
    overview: &Overview,
    item: &str,
) -> Result<Vec<crate::trace::SnapshotUse>, Error> {
    let rebuilt = snapshot::create(ledger, lock.rule.clone(), overview)?;
    let first = rebuilt.rows.partition_point(|row| row.item.as_str() < item);
    let of_item = rebuilt.rows[first..].iter().take_while(|row| row.item == item);
    let uses = of_item.map(|row| crate::trace::SnapshotUse {
        name: lock.made.name.clone(),
        task: lock.rule.task.clone(),
        label: row.label.clone(),
        split: row.split.clone(),
    });
    Ok(uses.collect())
}
