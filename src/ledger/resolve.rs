//! Resolved labels: the one label of an item under a policy.

use std::ops::Range;

use rayon::prelude::*;

use super::{Judgement, Ledger, State, Verdict, Verdicts};
use crate::base::Timestamp;
use crate::record::{Kind, LabelerKind, Policy};

/// What settled an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Settled {
    /// A current adjudication.
    Adjudication,
    /// The policy, over current human labels.
    Policy,
}

/// How the votes on items become labels.
#[derive(Clone, Copy, Debug)]
pub struct How<'a> {
    /// The policy.
    pub policy: Policy,
    /// Items with fewer votes, or none, stay without a label.
    pub min_labels: u32,
    /// What the policy found, if it is a joint one.
    pub verdicts: Option<&'a Verdicts>,
}

impl How<'_> {
    /// By a policy that looks at each item by itself; of a joint one nobody knows what it found.
    pub fn by(policy: Policy, min_labels: u32) -> Self {
        Self { policy, min_labels, verdicts: None }
    }
}

/// What an item comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome<'a> {
    /// It has a label, and what settled it.
    Label(&'a str, Settled),
    /// Several labels have the most votes, are the latest at one time, or are equally probable.
    Tie,
    /// The policy wants all to agree, and they do not.
    Disagreement,
    /// Adjudications contradict each other, or the only labels are in conflict.
    Conflict,
    /// Fewer labels than the least wanted, none at all among them; or an adjudication that says there is no label.
    TooFew,
    /// There are votes, and what the joint policy found was not given.
    Unknown,
}

impl<'a> Outcome<'a> {
    /// Returns the word for what gave the label, or for why there is none.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Label(_, Settled::Adjudication) => "adjudication",
            Self::Label(_, Settled::Policy) => "policy",
            Self::Tie => "tie",
            Self::Disagreement => "disagreement",
            Self::Conflict => "conflict",
            Self::TooFew => "too_few",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the label, if there is one.
    pub fn label(self) -> Option<&'a str> {
        match self {
            Self::Label(label, _) => Some(label),
            _ => None,
        }
    }
}

/// One item, resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved<'a> {
    /// The item's number.
    pub item: u32,
    /// What it comes to.
    pub outcome: Outcome<'a>,
    /// Current human labels that are no abstention: the votes.
    pub votes: u32,
    /// Current human abstentions.
    pub abstentions: u32,
    /// Labelers whose own judgements contradict each other; they have no vote.
    pub conflicts: u32,
}

/// Resolves every item of `task` that has a label or adjudication, whatever its state, in item order.
///
/// A current adjudication wins; one that abstains leaves the item without a label. Otherwise the policy decides over the
/// current labels of human labelers that are no abstentions, where there are at least `min_labels` of them (and at
/// least one); a joint policy has decided, over those of all items. A labeler whose own labels contradict each other has no vote; models and gold never have one.
pub fn resolve<'a>(ledger: &'a Ledger, task: u16, how: How<'a>) -> Vec<Resolved<'a>> {
    let items: Vec<(u32, Range<usize>)> = ledger.item_runs(task).collect();
    items
        .into_par_iter()
        .filter(|(_, run)| ledger.judgements()[run.clone()].iter().any(counts))
        .map_init(Vec::new, |votes, (item, run)| resolve_item(ledger, item, run, how, votes))
        .collect()
}

/// Returns the votes on one item: for each human labeler with a current label that is no abstention, its judgement
/// number.
pub fn votes(ledger: &Ledger, task: u16, item: u32) -> Vec<usize> {
    let mut votes = Vec::new();
    poll(ledger, ledger.of_item(task, item), &mut votes);
    votes.into_iter().map(|vote| vote.judgement).collect()
}

/// Whether a judgement makes its item one to resolve.
fn counts(judgement: &Judgement) -> bool {
    matches!(judgement.kind, Kind::Labels | Kind::Adjudications)
}

/// One labeler's vote.
struct Vote {
    judgement: usize,
    statement: u32,
    time: Option<Timestamp>,
}

fn resolve_item<'a>(
    ledger: &'a Ledger,
    item: u32,
    run: Range<usize>,
    how: How<'a>,
    votes: &mut Vec<Vote>,
) -> Resolved<'a> {
    let (abstentions, conflicts) = poll(ledger, run.clone(), votes);
    let outcome = match adjudicated(ledger, run) {
        Some(outcome) => outcome,
        None if votes.is_empty() && conflicts > 0 => Outcome::Conflict,
        None if votes.len() < how.min_labels.max(1) as usize => Outcome::TooFew,
        None => match how.verdicts {
            _ if !how.policy.is_joint() => decide(ledger, how.policy, votes),
            verdicts => found(verdicts.and_then(|verdicts| verdicts.get(ledger.item_name(item)))),
        },
    };
    Resolved { item, outcome, votes: votes.len() as u32, abstentions, conflicts }
}

/// Returns what the current adjudications of an item come to; `None` where there are none.
fn adjudicated(ledger: &Ledger, item: Range<usize>) -> Option<Outcome<'_>> {
    let mut adjudications =
        ledger.judgements()[item].iter().filter(|judgement| judgement.kind == Kind::Adjudications);
    let top = adjudications.find(|judgement| matches!(judgement.state, State::Current | State::Conflict))?;
    Some(match (top.state, top.statement) {
        (State::Conflict, _) => Outcome::Conflict,
        (_, Some(statement)) => Outcome::Label(ledger.statement_text(statement), Settled::Adjudication),
        (_, None) => Outcome::TooFew,
    })
}

/// Puts the votes on an item into `votes`, by labeler, and returns how many human labelers abstain and how many
/// contradict themselves.
fn poll(ledger: &Ledger, run: Range<usize>, votes: &mut Vec<Vote>) -> (u32, u32) {
    votes.clear();
    let (mut abstentions, mut conflicts) = (0, 0);
    let mut start = run.start;
    let labels = ledger.judgements()[run].iter().take_while(|judgement| judgement.kind == Kind::Labels);
    let count = labels.count();
    for of_labeler in ledger.judgements()[start..start + count].chunk_by(|a, b| a.labeler == b.labeler) {
        let first = start;
        start += of_labeler.len();
        let mut top = (first..start)
            .filter(|number| matches!(ledger.judgements()[*number].state, State::Current | State::Conflict))
            .filter(|number| ledger.labeler_kind(&ledger.judgements()[*number]) == LabelerKind::Human);
        // Several current ones say the same: the latest of them stands for the labeler.
        let time = |number: &usize| ledger.ordering_time(&ledger.judgements()[*number]);
        let Some(mut judgement) = top.next() else { continue };
        for other in top {
            judgement = if time(&other) > time(&judgement) { other } else { judgement };
        }
        match (ledger.judgements()[judgement].state, ledger.judgements()[judgement].statement) {
            (State::Conflict, _) => conflicts += 1,
            (_, Some(statement)) => votes.push(Vote { judgement, statement, time: time(&judgement) }),
            (_, None) => abstentions += 1,
        }
    }
    (abstentions, conflicts)
}

/// Returns what `votes`, at least one, come to.
fn decide<'a>(ledger: &'a Ledger, policy: Policy, votes: &mut [Vote]) -> Outcome<'a> {
    let settled = |statement| Outcome::Label(ledger.statement_text(statement), Settled::Policy);
    votes.sort_unstable_by_key(|vote| (vote.statement, vote.judgement));
    let mut groups = votes.chunk_by(|a, b| a.statement == b.statement);
    let (Some(first), several) = (groups.next(), groups.next().is_some()) else { return Outcome::TooFew };
    if !several {
        return settled(first[0].statement);
    }
    match policy {
        Policy::Unanimous => Outcome::Disagreement,
        Policy::Majority => {
            let sizes = || votes.chunk_by(|a, b| a.statement == b.statement);
            let most = sizes().map(<[Vote]>::len).max().unwrap_or(0);
            let mut top = sizes().filter(|group| group.len() == most);
            match (top.next(), top.next()) {
                (Some(group), None) => settled(group[0].statement),
                _ => Outcome::Tie,
            }
        }
        Policy::Latest => {
            let latest = votes.iter().map(|vote| vote.time).max().flatten();
            let all_timed = votes.iter().all(|vote| vote.time.is_some());
            let mut last = votes.iter().filter(|vote| vote.time == latest).map(|vote| vote.statement);
            match last.next() {
                Some(statement) if all_timed && last.all(|other| other == statement) => settled(statement),
                _ => Outcome::Tie,
            }
        }
        // One that looks at all items does not decide here.
        _ => Outcome::Unknown,
    }
}

/// Returns what a joint policy's verdict on an item with votes comes to.
fn found(verdict: Option<Verdict<'_>>) -> Outcome<'_> {
    match verdict {
        Some(Verdict::Label(label)) => Outcome::Label(label, Settled::Policy),
        Some(Verdict::Tie) => Outcome::Tie,
        None => Outcome::Unknown,
    }
}
