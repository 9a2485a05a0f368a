//! What decisions change: the ledger before beside the ledger after.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Given, given};
use crate::base::Timestamp;
use crate::ledger::{self, How, Judgement, Ledger, resolve};
use crate::record::{Kind, Policy, RecordId};

/// What an item comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State {
    /// Its label; none when unresolved.
    pub label: Option<String>,
    /// `adjudication` or `policy`; of an unresolved item `tie`, `disagreement`, `conflict`, `too_few`, or `no_label` when
    /// a decision says that it has none. `unknown` when a joint policy decides, which looks at all items.
    pub why: &'static str,
}

/// A decision that stood before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Earlier {
    /// What it said; none where there is no right label.
    pub label: Option<String>,
    /// When, by its own clock.
    pub created_at: Option<Timestamp>,
    /// The record that holds it.
    pub record: RecordId,
}

/// What one decision changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The item.
    pub item: String,
    /// What was decided; none where there is no right label.
    pub decided: Option<String>,
    /// Whether that is what the item comes to: no other decision contradicts it or is later.
    pub settles: bool,
    /// Current human labels, most often given first.
    pub given: Vec<Given>,
    /// What the item came to before.
    pub before: State,
    /// What it comes to now.
    pub after: State,
    /// The decisions that stood before and do no longer.
    pub supersedes: Vec<Earlier>,
}

impl Decision {
    /// Whether the item comes to another label, or to one or none where it was otherwise; as far as that is known.
    pub fn changes_label(&self) -> bool {
        !self.is_unknown() && self.before.label != self.after.label
    }

    /// Whether a joint policy decided before or decides now, so that only all items together tell what.
    pub fn is_unknown(&self) -> bool {
        [&self.before, &self.after].iter().any(|state| state.why == "unknown")
    }
}

/// Returns the decisions on `item` in `task` that stand, or contradict each other.
pub fn earlier(ledger: &Ledger, task: &str, item: &str) -> Vec<Earlier> {
    let standing = standing(ledger, task, item);
    standing.into_iter().map(|judgement| told_of(ledger, judgement)).collect()
}

/// Returns what the decisions in `task` change; each is an item and what was decided.
pub fn effects<'a>(
    before: &Ledger,
    after: &Ledger,
    (task, policy): (&str, Policy),
    decisions: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> Vec<Decision> {
    let (was, is) = (states(before, task, policy), states(after, task, policy));
    let nothing = || State { label: None, why: "too_few" };
    let decision = |(item, decided): (&'a str, Option<&'a str>)| {
        let stands: Vec<Identity<'_>> =
            standing(after, task, item).into_iter().map(|one| identity(after, one)).collect();
        let superseded = |one: &&Judgement| !stands.contains(&identity(before, one));
        let votes = after.find_task(task).zip(after.find_item(item));
        let votes = votes.map(|(task, item)| ledger::votes(after, task, item)).unwrap_or_default();
        let now = is.get(item).cloned().unwrap_or_else(nothing);
        Decision {
            item: item.to_owned(),
            decided: decided.map(str::to_owned),
            settles: matches!(now.why, "adjudication" | "no_label") && now.label.as_deref() == decided,
            given: given(after, votes.iter().map(|vote| &after.judgements()[*vote])),
            before: was.get(item).cloned().unwrap_or_else(nothing),
            after: now,
            supersedes: standing(before, task, item)
                .into_iter()
                .filter(superseded)
                .map(|one| told_of(before, one))
                .collect(),
        }
    };
    decisions.into_iter().map(decision).collect()
}

fn states<'l>(ledger: &'l Ledger, task: &str, policy: Policy) -> BTreeMap<&'l str, State> {
    let Some(number) = ledger.find_task(task) else { return BTreeMap::new() };
    let state = |resolved: ledger::Resolved<'l>| {
        let item = ledger.item_name(resolved.item);
        let label = resolved.outcome.label().map(str::to_owned);
        let why = resolved.outcome.as_str();
        let settled = why == "too_few" && !standing(ledger, task, item).is_empty();
        (item, State { label, why: if settled { "no_label" } else { why } })
    };
    resolve(ledger, number, How::by(policy, 1)).into_iter().map(state).collect()
}

/// Returns the adjudications of an item that are current or in conflict.
fn standing<'l>(ledger: &'l Ledger, task: &str, item: &str) -> Vec<&'l Judgement> {
    let Some((task, item)) = ledger.find_task(task).zip(ledger.find_item(item)) else { return Vec::new() };
    let of_item = ledger.judgements()[ledger.of_item(task, item)].iter();
    let stands = |one: &&Judgement| {
        one.kind == Kind::Adjudications
            && matches!(one.state, ledger::State::Current | ledger::State::Conflict)
    };
    of_item.filter(stands).collect()
}

/// What makes an adjudication of an item the one it is, in every ledger.
type Identity<'l> = (&'l str, Option<&'l str>, Option<Timestamp>);

fn identity<'l>(ledger: &'l Ledger, judgement: &Judgement) -> Identity<'l> {
    let said = judgement.statement.map(|statement| ledger.statement_text(statement));
    (ledger.labeler_name(judgement.labeler), said, judgement.created_at)
}

fn told_of(ledger: &Ledger, judgement: &Judgement) -> Earlier {
    Earlier {
        label: judgement.statement.map(|statement| ledger.statement_text(statement).to_owned()),
        created_at: judgement.created_at,
        record: ledger.records()[ledger.attributes(judgement).record as usize].id,
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, fold};
    use super::*;

    const LABELS: &[(&str, &str, &str)] = &[("i1", "ana", "x"), ("i1", "raj", "y"), ("i2", "ana", "x")];

    fn effect(history: History<'_>, item: &str) -> Decision {
        let (before, after) = (fold(&history[..history.len() - 1]), fold(history));
        let said = history.last().unwrap().2.iter().find(|row| row.0 == item).map(|row| row.2);
        let decided = said.filter(|label| *label != "-");
        let mut all = effects(&before, &after, ("t", Policy::Majority), [(item, decided)]);
        all.remove(0)
    }

    fn state(label: Option<&str>, why: &'static str) -> State {
        State { label: label.map(str::to_owned), why }
    }

    #[test]
    fn a_decision_breaks_a_tie_and_overrules_a_majority() {
        let decided: &[_] = &[("i1", "eve", "y"), ("i2", "eve", "z"), ("i3", "eve", "z")];
        let history: History<'_> = &[(Kind::Labels, &[], LABELS), (Kind::Adjudications, &[1], decided)];
        let one = effect(history, "i1");
        assert_eq!((one.before, one.after), (state(None, "tie"), state(Some("y"), "adjudication")));
        assert_eq!((one.given.len(), one.supersedes.len(), one.settles), (2, 0, true));
        let two = effect(history, "i2");
        assert!(two.changes_label());
        assert_eq!((two.before, two.after), (state(Some("x"), "policy"), state(Some("z"), "adjudication")));
        assert_eq!(effect(history, "i3").before, state(None, "too_few"));
    }

    #[test]
    fn a_later_decision_supersedes_and_may_say_that_there_is_no_label() {
        let (one, other): (&[_], &[_]) = (&[("i1", "eve", "y")], &[("i1", "kim", "-")]);
        let history: History<'_> = &[
            (Kind::Labels, &[], LABELS),
            (Kind::Adjudications, &[1], one),
            (Kind::Adjudications, &[2], other),
        ];
        let decision = effect(history, "i1");
        assert_eq!((&decision.after, decision.settles), (&state(None, "no_label"), true));
        assert_eq!(decision.supersedes.len(), 1);
        assert_eq!(decision.supersedes[0].label.as_deref(), Some("y"));
        assert_eq!(earlier(&fold(history), "t", "i1")[0].label, None);
        let beside: History<'_> = &[
            (Kind::Labels, &[], LABELS),
            (Kind::Adjudications, &[1], one),
            (Kind::Adjudications, &[1], other),
        ];
        let decision = effect(beside, "i1");
        assert_eq!((&decision.after, decision.settles), (&state(None, "conflict"), false));
        assert_eq!(decision.supersedes, [], "it still stands, in conflict");
        assert_eq!(earlier(&fold(beside), "t", "i1").len(), 2);
    }
}
