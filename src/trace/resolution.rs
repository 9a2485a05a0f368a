//! What an item comes to, and who made it so.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Context;
use super::report::{Resolution, Vote};
use crate::ledger::{self, How, Judgement, Ledger, Outcome, State};
use crate::record::{Kind, LabelerKind, Policy};

/// Returns what the item whose judgements in `task` are `run` comes to.
pub(super) fn resolution(ledger: &Ledger, task: u16, run: Range<usize>, context: &Context<'_>) -> Resolution {
    let (policy, min_labels) =
        context.policies.get(ledger.task_name(task)).copied().unwrap_or((Policy::Majority, 1));
    let judgements = &ledger.judgements()[run];
    let votes = judgements.first().map(|first| ledger::votes(ledger, task, first.item)).unwrap_or_default();
    let votes = votes.into_iter().map(|vote| &ledger.judgements()[vote]);
    let top = |one: &&Judgement| matches!(one.state, State::Current | State::Conflict);
    let adjudications = || judgements.iter().filter(|one| one.kind == Kind::Adjudications).filter(top);
    let verdicts = context.verdicts.get(ledger.task_name(task));
    let (label, why) = outcome(ledger, task, judgements, How { policy, min_labels, verdicts });
    let settled_nothing = adjudications().any(|one| one.statement.is_none() && one.state == State::Current);
    Resolution {
        label,
        why: if settled_nothing { "abstained" } else { why },
        policy: policy.as_str(),
        min_labels,
        votes: said(ledger, votes),
        abstained: people(ledger, judgements, |one| one.state == State::Current && one.statement.is_none()),
        in_conflict: people(ledger, judgements, |one| one.state == State::Conflict),
        adjudications: said(ledger, adjudications()),
    }
}

/// Returns the item's label, and what gave it one or none.
fn outcome(
    ledger: &Ledger,
    task: u16,
    judgements: &[Judgement],
    how: How<'_>,
) -> (Option<String>, &'static str) {
    let resolved = ledger::resolve(ledger, task, how);
    let item = judgements.first().map(|first| first.item);
    let outcome =
        resolved.iter().find(|one| Some(one.item) == item).map_or(Outcome::TooFew, |one| one.outcome);
    (outcome.label().map(str::to_owned), outcome.as_str())
}

/// Returns the humans with a label that `holds`, each once, in order.
fn people(ledger: &Ledger, judgements: &[Judgement], holds: impl Fn(&Judgement) -> bool) -> Vec<String> {
    let labels = judgements.iter().filter(|one| one.kind == Kind::Labels && holds(one));
    let humans = labels.filter(|one| ledger.labeler_kind(one) == LabelerKind::Human);
    let mut names: Vec<String> = humans.map(|one| ledger.labeler_name(one.labeler).to_owned()).collect();
    names.dedup();
    names
}

/// Returns who said what, most said first.
fn said<'a>(ledger: &Ledger, judgements: impl Iterator<Item = &'a Judgement>) -> Vec<Vote> {
    let mut votes: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for judgement in judgements {
        let Some(statement) = judgement.statement else { continue };
        votes.entry(statement).or_default().push(ledger.labeler_name(judgement.labeler).to_owned());
    }
    let vote = |(statement, labelers)| Vote { label: ledger.statement_text(statement).to_owned(), labelers };
    let mut votes: Vec<Vote> = votes.into_iter().map(vote).collect();
    votes.sort_by_key(|vote| std::cmp::Reverse(vote.labelers.len()));
    votes
}
