//! What a change does to the judgements of the items it touches.
//!
//! In: the ledger before and after, both with at least the rows of every touched item, and which records are added. Out:
//! shares with the items behind them. Labels are those of human labelers unless said otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{LabelerRows, Said, Sample, Turned, When};
use crate::base::Timestamp;
use crate::ledger::{How, Judgement, Ledger, Outcome, State, resolve};
use crate::record::{Kind, LabelerKind, Origin, RecordId, Task, col};

/// Samples a finding shows.
const SAMPLES: usize = 3;
/// Labels a sample shows.
const LABELS: usize = 8;
/// Characters of an item's text that a sample shows.
const TEXT: usize = 200;

/// A change, as its rows show it.
pub struct Rows<'a> {
    /// The ledger before.
    pub before: &'a Ledger,
    /// The ledger after.
    pub after: &'a Ledger,
    /// The added records.
    pub added: &'a BTreeSet<RecordId>,
    /// What the change takes back and brings back, as the ledger after has it.
    turned: [Vec<&'a Judgement>; 2],
    /// By task, the items with something added, taken back or brought back.
    touched: BTreeMap<&'a str, BTreeSet<&'a str>>,
    texts: BTreeMap<&'a str, &'a str>,
}

/// So many of so many, and the items that are so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many are so.
    pub k: u64,
    /// Of how many.
    pub n: u64,
    /// The items behind it, in their order, each once.
    pub items: Vec<String>,
}

impl Share {
    fn count(&mut self, is_so: bool, item: &str) {
        self.n += 1;
        if is_so {
            self.k += 1;
            if self.items.last().is_none_or(|last| last != item) {
                self.items.push(item.to_owned());
            }
        }
    }

    /// Returns the share; none of nothing.
    pub fn value(&self) -> Option<f64> {
        (self.n > 0).then(|| self.k as f64 / self.n as f64)
    }
}

impl<'a> Rows<'a> {
    /// Looks at a change.
    pub fn new(before: &'a Ledger, after: &'a Ledger, added: &'a BTreeSet<RecordId>) -> Self {
        let taken_back = lives_in(after, before);
        let brought_back = lives_in(before, after).into_iter().filter_map(|one| same(before, one, after));
        let turned = [taken_back, brought_back.collect()];
        let texts = after.item_texts(col::TEXT);
        let mut rows = Self { before, after, added, turned, touched: BTreeMap::new(), texts };
        let all = after.judgements().iter().filter(|judgement| rows.is_added(judgement));
        let mut touched: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for judgement in all.chain(rows.turned.iter().flatten().copied()) {
            let items = touched.entry(after.task_name(judgement.task)).or_default();
            items.insert(after.item_name(judgement.item));
        }
        rows.touched = touched;
        rows
    }

    /// Returns the judgements that the change takes back, and those that it brings back.
    pub fn turned(&self) -> [Turned; 2] {
        [0, 1].map(|side| {
            let mut labelers: BTreeMap<&str, (LabelerKind, u64)> = BTreeMap::new();
            for judgement in &self.turned[side] {
                let (name, kind) =
                    (self.after.labeler_name(judgement.labeler), self.after.labeler_kind(judgement));
                labelers.entry(name).or_insert((kind, 0)).1 += 1;
            }
            let labelers = labelers.into_iter();
            Turned {
                judgements: self.turned[side].len() as u64,
                labelers: labelers
                    .map(|(id, (kind, rows))| LabelerRows { id: id.to_owned(), kind, rows })
                    .collect(),
            }
        })
    }

    /// Whether something of `item` is added, taken back or brought back in `task`.
    pub fn is_touched(&self, task: &str, item: &str) -> bool {
        self.touched.get(task).is_some_and(|items| items.contains(item))
    }

    /// Returns the tasks of which either state has a judgement among the rows read, by name.
    pub fn tasks(&self) -> Vec<String> {
        let names = |ledger: &Ledger| -> Vec<String> {
            (0..ledger.tasks()).map(|task| ledger.task_name(task as u16).to_owned()).collect()
        };
        let all: BTreeSet<String> = names(self.before).into_iter().chain(names(self.after)).collect();
        all.into_iter().collect()
    }

    /// Returns the added judgements of `task`, by number, in item order: those that were in no record before.
    fn added_of(&self, task: &str) -> impl Iterator<Item = &'a Judgement> {
        let run = self.after.find_task(task).map_or(0..0, |task| self.after.of_task(task));
        self.after.judgements()[run].iter().filter(|judgement| self.is_added(judgement))
    }

    fn is_added(&self, judgement: &Judgement) -> bool {
        let records = self.after.records();
        let carriers = self.after.carriers(judgement).iter();
        carriers.map(|carrier| records[carrier.record as usize].id).all(|id| self.added.contains(&id))
    }

    fn added_labels(&self, task: &str) -> impl Iterator<Item = &'a Judgement> {
        self.added_of(task)
            .filter(|one| one.kind == Kind::Labels && self.after.labeler_kind(one) == LabelerKind::Human)
    }

    fn item(&self, judgement: &Judgement) -> &'a str {
        self.after.item_name(judgement.item)
    }

    /// Returns of how many items something is added, taken back or brought back, over all tasks.
    pub fn items(&self) -> u64 {
        self.touched.values().flatten().collect::<BTreeSet<_>>().len() as u64
    }

    /// Returns the items of which the change makes a labeler, or two adjudications, contradict what was said, of all
    /// items with something added.
    pub fn conflicts(&self, task: &str) -> Share {
        let mut share = Share::default();
        for judgement in self.added_of(task) {
            share.count(judgement.state == State::Conflict, self.item(judgement));
        }
        share
    }

    /// Returns how many of the added labels that count are right on items with one gold label.
    pub fn gold(&self, task: &str) -> Share {
        let mut share = Share::default();
        let Some(number) = self.after.find_task(task) else { return share };
        for judgement in self.added_labels(task).filter(|one| one.state == State::Current) {
            let Some(gold) = self.gold_of(number, judgement.item) else { continue };
            if let Some(statement) = judgement.statement {
                share.count(statement == gold, self.item(judgement));
            }
        }
        // The items shown are those that are wrong.
        let right: BTreeSet<String> = share.items.drain(..).collect();
        let judged = self.added_labels(task).map(|one| self.item(one));
        let judged = judged.filter(|item| !right.contains(*item)).filter(|item| {
            let item = self.after.find_item(item);
            item.is_some_and(|item| self.gold_of(number, item).is_some())
        });
        share.items = judged.map(str::to_owned).collect();
        share.items.dedup();
        share
    }

    /// Returns the one gold label of an item.
    fn gold_of(&self, task: u16, item: u32) -> Option<u32> {
        let run = &self.after.judgements()[self.after.of_item(task, item)];
        let gold = run.iter().filter(|one| {
            one.kind == Kind::Labels
                && one.state == State::Current
                && self.after.labeler_kind(one) == LabelerKind::Gold
        });
        let said: BTreeSet<u32> = gold.filter_map(|one| one.statement).collect();
        said.first().copied().filter(|_| said.len() == 1)
    }

    /// Returns how many of the touched items with labels come to none, before and after; none under a policy that looks
    /// at all items at once.
    pub fn unresolved(&self, task: &Task) -> Option<[Share; 2]> {
        if task.policy.looks_at_all_items() {
            return None;
        }
        let of = |ledger: &Ledger| {
            let mut share = Share::default();
            let Some(number) = ledger.find_task(&task.name) else { return share };
            for one in resolve(ledger, number, How::by(task.policy, 1)) {
                let item = ledger.item_name(one.item);
                if one.votes + one.conflicts > 0 && self.is_touched(&task.name, item) {
                    share.count(!matches!(one.outcome, Outcome::Label(..)), item);
                }
            }
            share
        };
        Some([of(self.before), of(self.after)])
    }

    /// Returns how many of the added labels only confirm a guess that was shown: their origin says so, or they have none
    /// and say what was shown. `None` where nothing tells of any added label whether a guess was in sight.
    pub fn confirmed(&self, task: &str) -> Option<Share> {
        let (mut share, mut known) = (Share::default(), false);
        for judgement in self.added_labels(task) {
            let carrier = self.after.attributes(judgement);
            let text = |column| self.after.row_text(carrier, column);
            let origin = text(col::ORIGIN).filter(|origin| *origin != Origin::Unknown.as_str());
            let shown = text(col::SHOWN);
            known |= origin.is_some() || shown.is_some();
            let confirms = match (origin, shown) {
                (Some(origin), _) => origin == Origin::Confirmed.as_str(),
                (None, shown) => shown.is_some() && shown == text(col::LABEL),
            };
            share.count(confirms, self.item(judgement));
        }
        known.then_some(share)
    }

    /// Returns how many of the added labels under a guideline were made when `follower` says that another version had
    /// followed theirs.
    pub fn superseded(&self, task: &str, follower: impl Fn(&str, Timestamp) -> bool) -> Share {
        let mut share = Share::default();
        for judgement in self.added_of(task) {
            let carrier = self.after.attributes(judgement);
            let recorded = self.after.records()[carrier.record as usize].head.recorded_at;
            if let Some(key) = self.after.row_text(carrier, col::GUIDELINE) {
                let made = judgement.created_at.unwrap_or(recorded);
                share.count(follower(key, made), self.item(judgement));
            }
        }
        share
    }

    /// Returns how many added labels are of each class.
    pub fn classes(&self, task: &str) -> BTreeMap<&'a str, u64> {
        let mut counts = BTreeMap::new();
        for statement in self.added_labels(task).filter_map(|one| one.statement) {
            *counts.entry(self.after.statement_text(statement)).or_insert(0) += 1;
        }
        counts
    }

    /// Returns the first of `items` as a finding shows them, and how many more there are.
    pub fn samples(&self, task: &str, items: &[String]) -> (Vec<Sample>, u64) {
        let shown = items.iter().take(SAMPLES).map(|item| self.sample(task, item)).collect();
        (shown, items.len().saturating_sub(SAMPLES) as u64)
    }

    fn sample(&self, task: &str, item: &str) -> Sample {
        let text = self.texts.get(item).map(|text| text.chars().take(TEXT).collect());
        let mut labels = said(self.after, task, item, |one| match self.is_added(one) {
            true => When::Added,
            false => When::Before,
        });
        let now: BTreeSet<(String, Option<String>)> =
            labels.iter().map(|(_, said)| (said.labeler.clone(), said.label.clone())).collect();
        let gone = said(self.before, task, item, |one| match same(self.before, one, self.after) {
            Some(now) if now.state == State::Superseded => When::Replaced,
            _ => When::TakenBack,
        });
        labels.extend(
            gone.into_iter().filter(|(_, one)| !now.contains(&(one.labeler.clone(), one.label.clone()))),
        );
        labels.sort_by_key(|(kind, said)| match (said.when, kind) {
            (When::Added, _) => 0,
            (When::TakenBack | When::Replaced, _) => 1,
            (When::Before, LabelerKind::Gold) => 2,
            (When::Before, LabelerKind::Human | LabelerKind::Model) => 3,
        });
        let more = labels.len().saturating_sub(LABELS) as u64;
        let labels = labels.into_iter().take(LABELS).map(|(_, said)| said).collect();
        Sample { item: item.to_owned(), text, labels, more }
    }
}

/// Returns the judgements of `one` that are taken back there, and live in `other`.
fn lives_in<'l>(one: &'l Ledger, other: &Ledger) -> Vec<&'l Judgement> {
    let is_live = |judgement: &&Judgement| {
        same(one, judgement, other).is_some_and(|same| same.state != State::Reverted)
    };
    one.judgements().iter().filter(|judgement| judgement.state == State::Reverted).filter(is_live).collect()
}

/// Returns the judgement of `other` that is the same as `judgement` of `one`.
fn same<'l>(one: &Ledger, judgement: &Judgement, other: &'l Ledger) -> Option<&'l Judgement> {
    let number = other.find_judgement(
        judgement.kind,
        one.task_name(judgement.task),
        one.item_name(judgement.item),
        one.labeler_name(judgement.labeler),
        judgement.statement.map(|statement| one.statement_text(statement)),
        judgement.created_at,
    )?;
    Some(&other.judgements()[number])
}

/// Returns what counts of an item, or contradicts what else its labeler says, and what each labeler is.
fn said(
    ledger: &Ledger,
    task: &str,
    item: &str,
    when: impl Fn(&Judgement) -> When,
) -> Vec<(LabelerKind, Said)> {
    let run =
        ledger.find_task(task).zip(ledger.find_item(item)).map(|(task, item)| ledger.of_item(task, item));
    let judgements = &ledger.judgements()[run.unwrap_or(0..0)];
    let counts = |one: &&Judgement| {
        matches!(one.state, State::Current | State::Conflict)
            && matches!(one.kind, Kind::Labels | Kind::Adjudications)
    };
    let said = |one: &Judgement| {
        let said = Said {
            labeler: ledger.labeler_name(one.labeler).to_owned(),
            label: one.statement.map(|statement| ledger.statement_text(statement).to_owned()),
            when: when(one),
        };
        (ledger.labeler_kind(one), said)
    };
    judgements.iter().filter(counts).map(said).collect()
}
