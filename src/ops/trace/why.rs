//! Why a snapshot holds what it holds of an item.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Options, Told, joint, not_found, policies_of};
use crate::authority::Standing;
use crate::base::{Digest, Timestamp};
use crate::config::Config;
use crate::dataset::Dataset;
use crate::ledger::{Ledger, State, Verdicts};
use crate::ops::{Error, snapshot as frozen, standings};
use crate::record::{Acceptance, Kind, LabelerKind, Policy, RecordId, TaskType};
use crate::snapshot::{Lock, Made, Overview, PolicyUse, bucket_of};
use crate::store::Oid;
use crate::trace::{self, Called, Context, Entry, ItemText, Resolution, SnapshotUse, TaskTrace};

/// Why a snapshot holds what it holds of an item, step by step.
#[derive(Clone, Debug, Serialize)]
pub struct WhyReport {
    /// `hitl.trace-snapshot/1`.
    pub schema: &'static str,
    /// The snapshot.
    pub snapshot: String,
    /// The item.
    pub item: String,
    /// The snapshot's task.
    pub task: String,
    /// What the item is, where the ledger has that.
    pub text: Option<ItemText>,
    /// What the lock pins.
    pub lock: LockPart,
    /// What the snapshot holds of the item: one label, of corrections each that is learned from; nothing where it came to
    /// none.
    pub held: Vec<SnapshotUse>,
    /// Every judgement of the item that the ledger has today: those that counted then, and then the others, each in time order.
    pub judgements: Vec<Weighed>,
    /// What the item came to then; null where the records of the snapshot have no judgement of it.
    pub resolved: Option<Resolution>,
    /// Where its row went into the digest.
    pub bucket: Bucket,
    /// What it comes to today, by today's `hitl.yaml`.
    pub today: Option<Resolution>,
    /// Whether that is the same label; null of corrections, which are each by themselves.
    pub same: Option<bool>,
}

impl WhyReport {
    /// Puts the names of labelers beside their ids, for people.
    pub fn call(&mut self, called: &Called) {
        called.standing(&mut self.lock.standing);
        self.judgements.iter_mut().for_each(|one| called.entry(&mut one.entry));
        self.resolved.iter_mut().chain(&mut self.today).for_each(|resolved| called.resolution(resolved));
    }
}

/// What a lock pins.
#[derive(Clone, Debug, Serialize)]
pub struct LockPart {
    /// The digest of what would be trained on.
    pub digest: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: String,
    /// Who signed it.
    pub standing: Standing,
    /// How labels become one.
    pub policy: PolicyUse,
    /// How many records it was made from.
    pub records: u64,
    /// SHA-256 over their ids.
    pub records_sha256: Digest,
    /// Their heads: these and their ancestors are all of them.
    pub heads: Vec<RecordId>,
    /// Those among them that did not count.
    pub inert: Vec<RecordId>,
}

/// A judgement, and whether it counted when the snapshot was made.
#[derive(Clone, Debug, Serialize)]
pub struct Weighed {
    /// Whether the label was made of it.
    pub counted: bool,
    /// As what, or why not.
    pub why: Weight,
    /// The judgement, as it stood then; one that was not there then as it stands today.
    #[serde(flatten)]
    pub entry: Entry,
}

/// As what a judgement counted when a snapshot was made, or why it did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The policy made the label of it and others.
    Vote,
    /// It decided.
    Adjudication,
    /// A correction that is learned from.
    Accepted,
    /// An adjudication decided.
    Overruled,
    /// A later one of its labeler took its place.
    Superseded,
    /// Taken back.
    Reverted,
    /// Contradicted by another of its labeler.
    Conflict,
    /// An abstention.
    Abstention,
    /// Models, gold, predictions and corrections have no vote.
    NoVote,
    /// Its record did not count.
    Inert,
    /// Its record is none of the snapshot's.
    Later,
}

impl Weight {
    /// Whether the label was made of it.
    pub fn counted(self) -> bool {
        matches!(self, Self::Vote | Self::Adjudication | Self::Accepted)
    }
}

/// The part of a digest that an item's row goes into.
#[derive(Clone, Debug, Serialize)]
pub struct Bucket {
    /// The first byte of the SHA-256 of the item's id, two hexadecimal digits.
    pub bucket: String,
    /// The first digits of that bucket's digest, as the lock has them.
    pub digest: String,
}

/// Tells why the snapshot `name` holds what it holds of an item; its task is the snapshot's.
///
/// # Errors
/// There is no such snapshot, it cannot be rebuilt here, or the ledger has nothing of the item in its task.
pub fn why(dataset: &Dataset, name: &str, options: &Options<'_>) -> Result<WhyReport, Error> {
    let Options { item, at, signatures, .. } = *options;
    let (commit, lock) = frozen::find(dataset, name, at)?;
    let view = dataset.view_of_items(at, &BTreeSet::from([item.to_owned()]))?;
    let Config { tasks, accept, .. } = dataset.config_or_usual()?;
    let scene = Scene {
        told: Told::of(dataset, Some(&commit), &view.ledger, signatures)?,
        kinds: tasks.iter().map(|task| (task.name.clone(), task.kind)).collect(),
        task: &lock.rule.task,
        item,
        accept,
    };
    let verdicts = joint(dataset, at, |name| name == scene.task, &tasks)?;
    let Some((text, Some(today))) = scene.trace(&view.ledger, &policies_of(&tasks), &verdicts) else {
        return Err(not_found(&dataset.view(at)?.ledger, item, Some(scene.task)));
    };
    let then = frozen::ledger_from(&view.ledger, &lock)?;
    let overview = frozen::overview_of(dataset, &commit, &lock)?;
    let held = frozen::held(&then, &lock, &overview, item)?;
    let verdicts = match overview {
        Overview::Verdicts(verdicts) => BTreeMap::from([(scene.task.to_owned(), verdicts)]),
        Overview::Nothing | Overview::Agreements(_) => BTreeMap::new(),
    };
    let policy = (lock.rule.policy.name, lock.rule.policy.min_labels);
    let policies = BTreeMap::from([(scene.task.to_owned(), policy)]);
    let then = scene.trace(&then, &policies, &verdicts).and_then(|(_, then)| then);
    let is_label = lock.rule.policy.name != Policy::Accepted;
    let same = is_label.then(|| held.first().map(|one| &one.label) == today.resolved.label.as_ref());
    let known = frozen::closure_of(&view.ledger, &lock)?;
    Ok(WhyReport {
        schema: "hitl.trace-snapshot/1",
        snapshot: lock.made.name.clone(),
        item: item.to_owned(),
        task: scene.task.to_owned(),
        text,
        lock: lock_part(dataset, &commit, &lock)?,
        resolved: then.as_ref().map(|then| then.resolved.clone()),
        judgements: weighed(then, &held, today.entries, &known),
        held,
        bucket: bucket(&lock, item),
        today: is_label.then_some(today.resolved),
        same,
    })
}

/// What stays the same of an item's story then and today.
struct Scene<'a> {
    told: Told,
    kinds: BTreeMap<String, TaskType>,
    task: &'a str,
    item: &'a str,
    accept: Acceptance,
}

impl Scene<'_> {
    /// Returns what the item is, and its story in the task as `ledger` has it.
    fn trace(
        &self,
        ledger: &Ledger,
        policies: &BTreeMap<String, (Policy, u32)>,
        verdicts: &BTreeMap<String, Verdicts>,
    ) -> Option<(Option<ItemText>, Option<TaskTrace>)> {
        let context = Context {
            commits: &self.told.commits,
            standings: &self.told.standings,
            guidelines: &self.told.guidelines,
            snapshots: &[],
            unknown_snapshots: &[],
            policies,
            verdicts,
            kinds: &self.kinds,
            accept: self.accept,
        };
        let report = trace::trace(ledger, self.item, Some(self.task), &context)?;
        Some((report.text, report.tasks.into_iter().next()))
    }
}

fn lock_part(dataset: &Dataset, commit: &Oid, lock: &Lock) -> Result<LockPart, Error> {
    let Made { name, created_at, actor, .. } = &lock.made;
    Ok(LockPart {
        digest: lock.digest,
        created_at: *created_at,
        actor: actor.clone(),
        standing: standings::of_snapshot(dataset, commit, name, actor, *created_at)?,
        policy: lock.rule.policy.clone(),
        records: lock.records,
        records_sha256: lock.records_sha256,
        heads: lock.heads.clone(),
        inert: lock.inert.clone(),
    })
}

/// Returns every judgement of today's, as it stood `then` where it was there; `known` are the snapshot's records.
fn weighed(
    then: Option<TaskTrace>,
    held: &[SnapshotUse],
    today: Vec<Entry>,
    known: &BTreeSet<RecordId>,
) -> Vec<Weighed> {
    let decided = then.as_ref().is_some_and(|then| {
        let adjudications = &then.resolved.adjudications;
        !adjudications.is_empty() || then.resolved.why == "abstained"
    });
    let then = then.map(|then| then.entries).unwrap_or_default();
    let is_there = |entry: &Entry| then.iter().any(|one| is_same(one, entry));
    let absent = today.iter().filter(|entry| !is_there(entry)).map(|entry| {
        let is_known = entry.carried.iter().any(|carried| known.contains(&carried.record));
        let why = if is_known { Weight::Inert } else { Weight::Later };
        Weighed { counted: why.counted(), why, entry: entry.clone() }
    });
    let absent: Vec<Weighed> = absent.collect();
    let counted = |entry: Entry| {
        let why = role(&entry, decided, held);
        Weighed { counted: why.counted(), why, entry }
    };
    let mut all: Vec<Weighed> = then.into_iter().map(counted).chain(absent).collect();
    all.sort_by_key(|one| (!one.counted, one.entry.when));
    all
}

/// Whether two entries are one judgement.
fn is_same(one: &Entry, other: &Entry) -> bool {
    let rows = |entry: &Entry| -> BTreeSet<(RecordId, u32)> {
        entry.carried.iter().map(|carried| (carried.record, carried.row)).collect()
    };
    !rows(one).is_disjoint(&rows(other))
}

/// Returns what part a judgement had in what the item came to.
fn role(entry: &Entry, decided: bool, held: &[SnapshotUse]) -> Weight {
    let is_accepted = || held.iter().any(|one| Some(&one.label) == entry.label.as_ref());
    match (entry.state, entry.kind) {
        (State::Superseded, _) => Weight::Superseded,
        (State::Reverted, _) => Weight::Reverted,
        (State::Conflict, _) => Weight::Conflict,
        (State::Current, Kind::Corrections) if is_accepted() => Weight::Accepted,
        (State::Current, Kind::Adjudications) => Weight::Adjudication,
        (State::Current, Kind::Labels) if entry.labeler_kind == LabelerKind::Human => {
            match (decided, &entry.label) {
                (true, _) => Weight::Overruled,
                (false, None) => Weight::Abstention,
                (false, Some(_)) => Weight::Vote,
            }
        }
        (State::Current, _) => Weight::NoVote,
    }
}

fn bucket(lock: &Lock, item: &str) -> Bucket {
    let bucket = bucket_of(item);
    let digest = lock.buckets.get(bucket).cloned().unwrap_or_default();
    Bucket { bucket: format!("{bucket:02x}"), digest }
}
