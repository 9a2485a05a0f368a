//! The items that need a decision, most disputed first.
//!
//! An item needs one when no current adjudication settles it, and its adjudications contradict each other, or not all
//! that people say of it now is the same. A labeler at odds with herself says each of her contradicting labels; an
//! abstention disputes nothing. How far an item is disputed is the share of pairs of labels that agree (the item's part
//! of percent agreement); of contradicting adjudications it is that of these, since no label counts beside them.

use std::cmp::Reverse;

use serde::Serialize;

use super::{Given, given};
use crate::ledger::{How, Judgement, Ledger, Outcome, State, resolve};
use crate::record::{Kind, LabelerKind, Policy};

/// Why an item needs a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Its labels differ; the policy may choose one all the same.
    Disagreement,
    /// Its labels differ, and several have the most votes or are the latest.
    Tie,
    /// Decisions contradict each other, or the only labels do that one labeler gave.
    Conflict,
}

impl Needs {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disagreement => "disagreement",
            Self::Tie => "tie",
            Self::Conflict => "conflict",
        }
    }
}

/// An item that needs a decision. It names nobody.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Disputed {
    /// The item.
    pub item: String,
    /// Its text, where the ledger has it.
    pub text: Option<String>,
    /// Why it needs one.
    pub needs: Needs,
    /// The label that the policy chooses until then. What a joint policy chooses is not told.
    pub label: Option<String>,
    /// The share of pairs of what was said that agree.
    pub agreement: f64,
    /// The labels given, most often given first.
    pub given: Vec<Given>,
    /// Decisions that contradict each other.
    pub decided: Vec<Given>,
}

/// What was found in a ledger, or a part of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Those most disputed, each with what it is sorted by.
    kept: Vec<(Key, Disputed)>,
    /// How many need a decision.
    pub disputed: usize,
    /// How many would need one and have it.
    pub settled: usize,
}

/// Agreement in parts per billion, then more labels before fewer; then by item.
type Key = (u64, Reverse<usize>);

impl Found {
    /// Finds the items of `task` that need a decision, of those of which `chosen` accepts a judgement by its number, and
    /// counts only the labels that it accepts. At most `most` are kept.
    pub fn of(
        ledger: &Ledger,
        task: &str,
        policy: Policy,
        chosen: impl Fn(usize) -> bool,
        most: usize,
    ) -> Self {
        let Some(task) = ledger.find_task(task) else { return Self::default() };
        let mut found = Self::default();
        for resolved in resolve(ledger, task, How::by(policy, 1)) {
            let run = ledger.of_item(task, resolved.item);
            let numbers: Vec<usize> = run.clone().filter(|number| chosen(*number)).collect();
            let said: Vec<&Judgement> = numbers
                .iter()
                .map(|number| &ledger.judgements()[*number])
                .filter(|judgement| is_vote(ledger, judgement))
                .collect();
            let decided: Vec<&Judgement> = ledger.judgements()[run]
                .iter()
                .filter(|one| one.kind == Kind::Adjudications && is_last(one))
                .collect();
            let settled = decided.iter().any(|one| one.state == State::Current);
            let differ = said.iter().any(|one| one.statement != said[0].statement);
            if numbers.is_empty() || !(differ || (!settled && !decided.is_empty())) {
                continue;
            }
            if settled {
                found.settled += 1;
                continue;
            }
            let item = ledger.item_name(resolved.item);
            found.disputed += 1;
            found.kept.push(disputed(ledger, item, resolved.outcome, &said, &decided));
            if found.kept.len() > most.saturating_mul(2).max(1024) {
                found.sort(most);
            }
        }
        found.sort(most);
        found
    }

    /// Returns what was found in several parts together; at most `most` items are kept.
    pub fn join(parts: Vec<Self>, most: usize) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.kept.extend(part.kept);
            all.disputed += part.disputed;
            all.settled += part.settled;
        }
        all.sort(most);
        all
    }

    fn sort(&mut self, most: usize) {
        self.kept.sort_unstable_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.item.cmp(&other.item)));
        self.kept.truncate(most);
    }

    /// Returns the items kept, most disputed first.
    pub fn items(self) -> Vec<Disputed> {
        self.kept.into_iter().map(|(_, disputed)| disputed).collect()
    }
}

/// Whether it counts, or would but for another that contradicts it.
fn is_last(judgement: &Judgement) -> bool {
    matches!(judgement.state, State::Current | State::Conflict)
}

/// Whether a person says something by it now.
fn is_vote(ledger: &Ledger, judgement: &Judgement) -> bool {
    judgement.kind == Kind::Labels
        && is_last(judgement)
        && judgement.statement.is_some()
        && ledger.labeler_kind(judgement) == LabelerKind::Human
}

fn disputed(
    ledger: &Ledger,
    item: &str,
    outcome: Outcome<'_>,
    said: &[&Judgement],
    decided: &[&Judgement],
) -> (Key, Disputed) {
    let (given, decided) = (given(ledger, said.iter().copied()), given(ledger, decided.iter().copied()));
    let counted = if decided.is_empty() { &given } else { &decided };
    let pairs = |count: usize| count as u64 * (count as u64).saturating_sub(1);
    let all: usize = counted.iter().map(|given| given.count).sum();
    let agreeing: u64 = counted.iter().map(|given| pairs(given.count)).sum();
    // What differs is at least two.
    let agreement = agreeing * 1_000_000_000 / pairs(all).max(1);
    let disputed = Disputed {
        item: item.to_owned(),
        text: None,
        needs: match outcome {
            Outcome::Conflict => Needs::Conflict,
            Outcome::Tie => Needs::Tie,
            _ => Needs::Disagreement,
        },
        label: outcome.label().map(str::to_owned),
        agreement: agreement as f64 / 1e9,
        given,
        decided,
    };
    ((agreement, Reverse(disputed.given.iter().map(|given| given.count).sum())), disputed)
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, Written, fold};
    use super::*;

    fn found(history: History<'_>, most: usize) -> Found {
        Found::of(&fold(history), "t", Policy::Majority, |_| true, most)
    }

    fn items(found: Found) -> Vec<String> {
        let told = |disputed: Disputed| {
            let given = disputed.given.iter().chain(&disputed.decided);
            let given: Vec<String> = given
                .map(|given| format!("{} {}", given.label.as_deref().unwrap_or("-"), given.count))
                .collect();
            format!("{} {}: {}", disputed.item, disputed.needs.as_str(), given.join(", "))
        };
        found.items().into_iter().map(told).collect()
    }

    const LABELS: Written<'_> = (
        Kind::Labels,
        &[],
        &[
            ("i1", "ana", "x"),
            ("i1", "raj", "y"),
            ("i2", "ana", "x"),
            ("i2", "eve", "x"),
            ("i2", "raj", "y"),
            ("i3", "ana", "x"),
            ("i3", "eve", "y"),
            ("i3", "raj", "z"),
            ("i4", "ana", "x"),
            ("i4", "raj", "x"),
            ("i5", "ana", "x"),
            ("i5", "raj", "-"),
            ("i6", "ana", "x"),
            ("i6", "bot", "y"),
            ("i0", "ana", "x"),
            ("i0", "raj", "y"),
        ],
    );

    #[test]
    fn least_agreement_first_then_most_labels_then_the_item() {
        let all =
            ["i3 tie: x 1, y 1, z 1", "i0 tie: x 1, y 1", "i1 tie: x 1, y 1", "i2 disagreement: x 2, y 1"];
        assert_eq!(items(found(&[LABELS], 9)), all);
        let two = found(&[LABELS], 2);
        assert_eq!((two.disputed, two.settled), (4, 0));
        assert_eq!(items(two), all[..2]);
        let third = &found(&[LABELS], 9).items()[3];
        assert!((third.agreement - 1.0 / 3.0).abs() < 1e-8);
        assert_eq!(third.label.as_deref(), Some("x"));
    }

    #[test]
    fn a_current_decision_settles_also_one_that_there_is_no_label() {
        let decided: &[_] = &[("i3", "eve", "x"), ("i0", "eve", "-"), ("i4", "eve", "y")];
        let found = found(&[LABELS, (Kind::Adjudications, &[1], decided)], 9);
        assert_eq!((found.disputed, found.settled), (2, 2), "nobody disputed i4");
        assert_eq!(items(found), ["i1 tie: x 1, y 1", "i2 disagreement: x 2, y 1"]);
    }

    #[test]
    fn decisions_and_labels_that_contradict_themselves_need_one() {
        let one: &[_] = &[("i4", "eve", "x")];
        let other: &[_] = &[("i4", "kim", "-")];
        let mine: &[_] = &[("i9", "ana", "x")];
        let again: &[_] = &[("i9", "ana", "y")];
        let history: History<'_> = &[
            LABELS,
            (Kind::Adjudications, &[1], one),
            (Kind::Adjudications, &[1], other),
            (Kind::Labels, &[1], mine),
            (Kind::Labels, &[1], again),
        ];
        let all = items(found(history, 9));
        assert_eq!(all[1], "i0 tie: x 1, y 1");
        assert!(all.contains(&"i4 conflict: x 2, - 1, x 1".to_owned()), "{all:?}");
        assert!(all.contains(&"i9 conflict: x 1, y 1".to_owned()), "{all:?}");
        assert_eq!(all.len(), 6);
    }

    #[test]
    fn parts_are_joined_to_the_whole_and_only_what_is_chosen_counts() {
        let ledger = fold(&[LABELS]);
        let part = |low: bool| {
            let keep = |number: usize| (ledger.item_name(ledger.judgements()[number].item) < "i2") == low;
            Found::of(&ledger, "t", Policy::Majority, keep, 2)
        };
        assert_eq!(Found::join(vec![part(true), part(false)], 2), found(&[LABELS], 2));
        let raj = ledger.find_labeler("raj");
        let without = |number: usize| Some(ledger.judgements()[number].labeler) != raj;
        assert_eq!(
            items(Found::of(&ledger, "t", Policy::Majority, without, 9)),
            ["i3 tie: x 1, y 1"],
            "what the policy makes of all labels is said all the same"
        );
    }
}
