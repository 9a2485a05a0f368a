//! Snapshots: a named, frozen, verifiable resolution of a ledger, what a model was trained on.
//!
//! In: a folded ledger and a [`Rule`] (label schema, policy, split). Out: a [`Snapshot`], one row a resolved item and
//! a digest, and the [`Lock`] that freezes it in a file. The digest depends on what would be trained on and on nothing
//! else: never on record ids, batches, order, names or times. `docs/snapshots.md` specifies the bytes.

mod accepted;
pub mod attestation;
mod closure;
mod diff;
mod digest;
mod examples;
mod export;
mod lock;
mod split;
mod verify;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Serialize, Serializer};

use crate::base::{Digest, Timestamp};
use crate::corrections::Agreements;
use crate::ledger::{How, Ledger, Outcome, Resolved, Settled, Verdicts, resolve};
use crate::record::{Acceptance, Policy, RecordId, Task};

pub use accepted::{agreements, learned};
pub use closure::{Closure, closure};
pub use diff::{Change, Move, SnapshotDiff, diff};
pub use digest::bucket_of;
pub use examples::examples;
pub use export::{Export, export};
pub use lock::{Lock, LockError, emit, parse};
pub use split::{Part, Split};
pub use verify::{Difference, VerifyReport, compare, verify};

/// The format of locks and digests.
pub const FORMAT: &str = "hitl.snapshot/1";

/// The version of the resolution algorithms; another one may resolve the same labels otherwise.
const ALGORITHM: u32 = 1;

/// Labels are counted one by one in a lock when there are at most this many.
const COUNTED_LABELS: usize = 100;

/// Why there is no snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Records are named as parents and absent: what they hold cannot be frozen.
    #[error("the ledger is incomplete: {} {} named as parents and absent: {}", .0.len(), if .0.len() == 1 { "record is" } else { "records are" }, ids(.0))]
    Incomplete(
        /// The absent records, sorted.
        Vec<RecordId>,
    ),
    /// The split is not one.
    #[error("not a split: {0}")]
    BadSplit(
        /// What is wrong.
        String,
    ),
    /// The lock names a resolution algorithm that this program does not have.
    #[error(
        "the lock was made by version {0} of the resolution algorithms; this program has version {ALGORITHM}"
    )]
    OtherAlgorithm(
        /// The lock's version.
        u32,
    ),
    /// The lock names parameters of its policy that this program does not know.
    #[error("the lock was made with parameters of policy `{}` that this program does not know", .0.as_str())]
    OtherParameters(
        /// The policy.
        Policy,
    ),
    /// The policy has to know something of all items first, and that was not given.
    #[error("policy `{}` looks at all items at once, and what it found was not given", .0.as_str())]
    NoOverview(
        /// The policy.
        Policy,
    ),
}

fn ids(ids: &[RecordId]) -> String {
    ids.iter().map(RecordId::short).collect::<Vec<_>>().join(", ")
}

/// How the current labels of an item become one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyUse {
    /// The policy.
    #[serde(serialize_with = "policy_word")]
    pub name: Policy,
    /// The version of its algorithm.
    pub version: u32,
    /// Items with fewer votes stay unresolved.
    pub min_labels: u32,
    /// What else its outcome depends on, as text: of joint policies alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

fn policy_word<S: Serializer>(policy: &Policy, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(policy.as_str())
}

/// All that decides, beside the judgements, what a snapshot holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The task.
    pub task: String,
    /// The task's label schema, canonical JSON.
    pub label_schema: String,
    /// How labels become one.
    pub policy: PolicyUse,
    /// How items are parted, if they are.
    pub split: Option<Split>,
}

impl Rule {
    /// Returns the rule for `task` under `policy`, without parameters.
    pub fn new(task: &Task, policy: Policy, min_labels: u32, split: Option<Split>) -> Self {
        let policy = PolicyUse { name: policy, version: ALGORITHM, min_labels, parameters: BTreeMap::new() };
        Self { task: task.name.clone(), label_schema: task.schema_json(), policy, split }
    }

    /// Returns the rule for the corrections of `task` that `accept` lets through.
    pub fn of_corrections(task: &Task, accept: &Acceptance, min_labels: u32, split: Option<Split>) -> Self {
        let mut rule = Self::new(task, Policy::Accepted, min_labels, split);
        rule.policy.parameters = accept.parameters();
        rule
    }

    /// Returns what one row is called.
    pub fn noun(&self) -> &'static str {
        match self.policy.name {
            Policy::Accepted => "correction",
            _ => "item",
        }
    }

    /// Returns the part that `item` falls into.
    fn part_of(&self, item: &str) -> Option<String> {
        self.split.as_ref().map(|split| split.parts[split.part_of(item)].name.clone())
    }

    /// Checks that this program has its algorithm.
    ///
    /// # Errors
    /// [`Error::OtherAlgorithm`].
    pub fn check_version(&self) -> Result<(), Error> {
        match self.policy.version {
            ALGORITHM => Ok(()),
            other => Err(Error::OtherAlgorithm(other)),
        }
    }
}

/// What a rule has to know of all items before it resolves any.
#[derive(Clone, Debug, Default)]
pub enum Overview {
    /// Nothing: each item is resolved by itself.
    #[default]
    Nothing,
    /// What a joint policy found.
    Verdicts(Verdicts),
    /// How many of each labeler's corrections were upheld.
    Agreements(Agreements),
}

/// What settled an item, as rows and exports say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SettledBy {
    /// A current adjudication.
    Adjudication,
    /// The policy.
    Policy,
}

impl SettledBy {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adjudication => "adjudication",
            Self::Policy => "policy",
        }
    }
}

/// One resolved item; of corrections, one of those to be learned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The item.
    pub item: String,
    /// Its resolved label; of a correction what it says (see [`crate::record::correction_statement`]).
    pub label: String,
    /// The part it falls into; none without a split.
    pub split: Option<String>,
    /// What settled it.
    pub settled: SettledBy,
    /// Current human labels that are no abstention; of a correction, the labelers who say it.
    pub votes: u32,
    /// Current human abstentions.
    pub abstentions: u32,
    /// Labelers whose own labels contradict each other.
    pub conflicts: u32,
}

/// What became of the items that have something to resolve: a current human label, abstention, adjudication or a
/// conflict of them. Items whose labels are all taken back are as if they had never been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All of them: the sum of those below but `adjudicated`.
    pub items: u64,
    /// With a label: the rows.
    pub resolved: u64,
    /// Of the resolved, those an adjudication settled.
    pub adjudicated: u64,
    /// Several labels have the most votes, are the latest at one time, or are equally probable.
    pub ties: u64,
    /// Not unanimous where the policy wants it.
    pub disagreements: u64,
    /// Adjudications contradict each other, or the only labels are in conflict.
    pub conflicts: u64,
    /// Fewer votes than the rule wants; of corrections, fewer that are to be learned from.
    pub too_few: u64,
}

impl Counts {
    /// Returns the counts with their names, in the order of locks and digests.
    pub fn in_order(&self) -> [(&'static str, u64); 7] {
        [
            ("items", self.items),
            ("resolved", self.resolved),
            ("adjudicated", self.adjudicated),
            ("ties", self.ties),
            ("disagreements", self.disagreements),
            ("conflicts", self.conflicts),
            ("too_few", self.too_few),
        ]
    }

    fn merge(&mut self, other: &Self) {
        self.items += other.items;
        self.resolved += other.resolved;
        self.adjudicated += other.adjudicated;
        self.ties += other.ties;
        self.disagreements += other.disagreements;
        self.conflicts += other.conflicts;
        self.too_few += other.too_few;
    }

    fn add(&mut self, resolved: &Resolved<'_>) {
        let (votes, others) = (resolved.votes, resolved.abstentions + resolved.conflicts);
        let slot = match resolved.outcome {
            Outcome::TooFew if votes + others == 0 => return,
            Outcome::Label(_, settled) => {
                self.adjudicated += u64::from(settled == Settled::Adjudication);
                &mut self.resolved
            }
            Outcome::Tie => &mut self.ties,
            Outcome::Disagreement => &mut self.disagreements,
            Outcome::Conflict => &mut self.conflicts,
            // No piece is made of such.
            Outcome::Unknown => return,
            Outcome::TooFew => &mut self.too_few,
        };
        *slot += 1;
        self.items += 1;
    }
}

/// A ledger resolved under a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What decided.
    pub rule: Rule,
    /// The resolved items, in UTF-8 order of their ids; the corrections of one item in that of what they say.
    pub rows: Vec<Row>,
    /// What became of all items.
    pub counts: Counts,
    /// The digest of each of the 256 buckets.
    pub buckets: Vec<Digest>,
    /// The digest.
    pub digest: Digest,
    /// The heads of the records it was made from, sorted.
    pub heads: Vec<RecordId>,
    /// How many records these and their ancestors are.
    pub records: u64,
    /// [`records_sha256`] of them.
    pub records_sha256: Digest,
}

/// What a lock says of its own making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The snapshot's name.
    pub name: String,
    /// When.
    pub created_at: Timestamp,
    /// By whom, as Git names them.
    pub actor: String,
    /// The program: `hitl 0.1.0`.
    pub tool: String,
}

/// Resolves `rule.task` of `ledger`; `overview` is what the rule has to know of all of it.
///
/// # Errors
/// [`Error::Incomplete`]: what absent records hold cannot be frozen. [`Error::NoOverview`].
pub fn create(ledger: &Ledger, rule: Rule, overview: &Overview) -> Result<Snapshot, Error> {
    let piece = Piece::of(ledger, &rule, overview)?;
    assemble(ledger, rule, vec![piece])
}

/// The items of a range, resolved: what a part of a ledger contributes to a snapshot.
#[derive(Clone, Debug)]
pub struct Piece {
    rows: Vec<Row>,
    counts: Counts,
    /// The canonical rows of each bucket.
    buckets: Vec<Vec<u8>>,
}

impl Piece {
    /// Resolves `rule.task` of a part of a ledger; `overview` is what the rule has to know of all of it.
    ///
    /// # Errors
    /// [`Error::NoOverview`]: what the policy found is not given, or says nothing of an item that no adjudication
    /// settles. [`Error::OtherParameters`].
    pub fn of(ledger: &Ledger, rule: &Rule, overview: &Overview) -> Result<Self, Error> {
        let (rows, counts) = match (rule.policy.name, overview) {
            (Policy::Accepted, Overview::Agreements(agreements)) => accepted::rows(ledger, rule, agreements)?,
            (Policy::Accepted, _) => return Err(Error::NoOverview(Policy::Accepted)),
            (_, Overview::Verdicts(verdicts)) => rows(ledger, rule, Some(verdicts))?,
            (_, _) => rows(ledger, rule, None)?,
        };
        let buckets = digest::canonical_rows(&rows);
        Ok(Self { rows, counts, buckets })
    }
}

/// Returns the snapshot that the pieces of a ledger come to, in the order of their items; `records` are its records.
///
/// # Errors
/// [`Error::Incomplete`]: what absent records hold cannot be frozen.
pub fn assemble(records: &Ledger, rule: Rule, pieces: Vec<Piece>) -> Result<Snapshot, Error> {
    if !records.missing().is_empty() {
        return Err(Error::Incomplete(records.missing().iter().map(|missing| missing.id).collect()));
    }
    let mut counts = Counts::default();
    pieces.iter().for_each(|piece| counts.merge(&piece.counts));
    let bytes: Vec<&[Vec<u8>]> = pieces.iter().map(|piece| piece.buckets.as_slice()).collect();
    let buckets = digest::buckets(&bytes);
    let digest = digest::digest(&rule, &counts, &buckets);
    let ids: Vec<RecordId> = records.records().iter().map(|record| record.id).collect();
    Ok(Snapshot {
        rows: pieces.into_iter().flat_map(|piece| piece.rows).collect(),
        counts,
        buckets,
        digest,
        heads: records.heads(),
        records: ids.len() as u64,
        records_sha256: records_sha256(ids),
        rule,
    })
}

fn rows(ledger: &Ledger, rule: &Rule, verdicts: Option<&Verdicts>) -> Result<(Vec<Row>, Counts), Error> {
    let PolicyUse { name: policy, min_labels, .. } = rule.policy;
    let how = How { policy, min_labels, verdicts };
    let resolved = ledger.find_task(&rule.task).map(|task| resolve(ledger, task, how)).unwrap_or_default();
    if resolved.iter().any(|resolved| resolved.outcome == Outcome::Unknown) {
        return Err(Error::NoOverview(policy));
    }
    let mut counts = Counts::default();
    resolved.iter().for_each(|resolved| counts.add(resolved));
    Ok((resolved.par_iter().filter_map(|resolved| row(ledger, rule, resolved)).collect(), counts))
}

fn row(ledger: &Ledger, rule: &Rule, resolved: &Resolved<'_>) -> Option<Row> {
    let Outcome::Label(label, settled) = resolved.outcome else { return None };
    let item = ledger.item_name(resolved.item);
    Some(Row {
        item: item.to_owned(),
        label: label.to_owned(),
        split: rule.part_of(item),
        settled: match settled {
            Settled::Adjudication => SettledBy::Adjudication,
            Settled::Policy => SettledBy::Policy,
        },
        votes: resolved.votes,
        abstentions: resolved.abstentions,
        conflicts: resolved.conflicts,
    })
}

/// Returns SHA-256 over `hitl record set 1`, NUL and the 32 bytes of each id, sorted.
pub fn records_sha256(mut ids: Vec<RecordId>) -> Digest {
    ids.sort_unstable();
    ids.dedup();
    let parts: Vec<&[u8]> = ids.iter().map(|id| &id.0.0[..]).collect();
    Digest::tagged("hitl record set 1", &parts)
}

impl Snapshot {
    /// Returns the lock that freezes it. `inert` are those of its records that were emptied before
    /// ([`Ledger::without`]), sorted.
    pub fn lock(&self, made: Made, inert: Vec<RecordId>) -> Lock {
        let mut labels = BTreeMap::new();
        let mut splits: BTreeMap<String, u64> = BTreeMap::new();
        for part in self.rule.split.iter().flat_map(|split| &split.parts) {
            splits.insert(part.name.clone(), 0);
        }
        for row in &self.rows {
            if let Some(split) = &row.split {
                *splits.entry(split.clone()).or_default() += 1;
            }
            let counted = match self.rule.policy.name {
                Policy::Accepted => accepted::verdict_of(&row.label).as_str().to_owned(),
                _ => row.label.clone(),
            };
            *labels.entry(counted).or_default() += 1;
        }
        if labels.len() > COUNTED_LABELS {
            labels.clear();
        }
        Lock {
            made,
            heads: self.heads.clone(),
            records: self.records,
            records_sha256: self.records_sha256,
            inert,
            rule: self.rule.clone(),
            counts: self.counts,
            labels,
            splits,
            buckets: self.buckets.iter().map(|bucket| bucket.short(lock::BUCKET_DIGITS)).collect(),
            digest: self.digest,
        }
    }
}
