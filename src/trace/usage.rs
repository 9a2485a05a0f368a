//! What some rows touched, and what uses them: a labeler's, a batch's, those made under a guideline.
//!
//! Counted part by part of a ledger and added up; items are of one part each.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::ledger::{self, Carrier, How, Judgement, Ledger, Outcome, Settled, State, Verdicts};
use crate::record::{Filter, Kind, Policy, RecordId};

/// How many of some judgements are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct States {
    /// They count.
    pub current: u64,
    /// A later one counts instead.
    pub superseded: u64,
    /// Taken back.
    pub reverted: u64,
    /// Contradicted by another of their labeler.
    pub conflict: u64,
}

impl States {
    fn count(&mut self, state: State) {
        *match state {
            State::Current => &mut self.current,
            State::Superseded => &mut self.superseded,
            State::Reverted => &mut self.reverted,
            State::Conflict => &mut self.conflict,
        } += 1;
    }

    /// Returns how many there are.
    pub fn all(&self) -> u64 {
        self.current + self.superseded + self.reverted + self.conflict
    }
}

/// What is made of the labels, as a usage has to know it.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// How the labels of each task become one; majority where a task is absent.
    pub policies: &'a BTreeMap<String, (Policy, u32)>,
    /// What the joint policies among them found, by task.
    pub verdicts: &'a BTreeMap<String, Verdicts>,
}

/// What the chosen rows touched, and what uses them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Rows chosen.
    pub rows: u64,
    /// Items that have any.
    pub items: u64,
    /// What has become of their judgements.
    pub states: States,
    /// Resolved labels with a chosen judgement among those that say so: only these can change when it is gone.
    pub supports: u64,
    /// Of these, the ones that nobody else says, so that they do change.
    pub alone: u64,
    /// Rows chosen of each record.
    pub records: BTreeMap<RecordId, u64>,
    /// Judgements of others that were built on chosen ones, by their labeler.
    pub built: BTreeMap<String, States>,
    /// Chosen judgements that each revert took back.
    pub reverts: BTreeMap<RecordId, u64>,
}

impl Usage {
    /// Counts what of `ledger`, whole or a part, `filter` chooses.
    pub fn of(ledger: &Ledger, filter: &Filter, rules: Rules<'_>) -> Self {
        let mut usage = Self::default();
        let chosen = ledger.select(filter);
        if !chosen.contains(&true) {
            return usage;
        }
        let mut items = BTreeSet::new();
        let judgements = ledger.judgements().iter().zip(&chosen).filter(|(_, chosen)| **chosen);
        for (judgement, _) in judgements {
            items.insert(judgement.item);
            usage.states.count(judgement.state);
            usage.judgement(ledger, judgement, filter);
        }
        usage.items = items.len() as u64;
        for task in (0..ledger.tasks()).map(|number| number as u16) {
            if ledger.of_task(task).any(|number| chosen[number]) {
                usage.resolved(ledger, task, &chosen, rules);
            }
        }
        for (built, _) in ledger.built_on(&chosen) {
            let judgement = &ledger.judgements()[built];
            let labeler = ledger.labeler_name(judgement.labeler).to_owned();
            usage.built.entry(labeler).or_default().count(judgement.state);
        }
        usage
    }

    /// Counts the rows of one chosen judgement, and who took it back.
    fn judgement(&mut self, ledger: &Ledger, judgement: &Judgement, filter: &Filter) {
        let carriers = ledger.carriers(judgement);
        for carrier in carriers.iter().filter(|carrier| is_chosen(ledger, judgement, carrier, filter)) {
            self.rows += 1;
            *self.records.entry(ledger.records()[carrier.record as usize].id).or_default() += 1;
        }
        if carriers.iter().any(|carrier| carrier.reverted) {
            for revert in ledger.reverted_by(judgement) {
                *self.reverts.entry(ledger.records()[revert].id).or_default() += 1;
            }
        }
    }

    /// Counts the resolved labels of one task that chosen judgements are among.
    fn resolved(&mut self, ledger: &Ledger, task: u16, chosen: &[bool], rules: Rules<'_>) {
        let name = ledger.task_name(task);
        let (policy, min_labels) = rules.policies.get(name).copied().unwrap_or((Policy::Majority, 1));
        let how = How { policy, min_labels, verdicts: rules.verdicts.get(name) };
        for resolved in ledger::resolve(ledger, task, how) {
            let Outcome::Label(label, settled) = resolved.outcome else { continue };
            let say = say(ledger, task, resolved.item, label, settled);
            let of_chosen = say.iter().filter(|number| chosen[**number]).count();
            self.supports += u64::from(of_chosen > 0);
            self.alone += u64::from(of_chosen > 0 && of_chosen == say.len());
        }
    }

    /// Adds what another part of the same ledger comes to.
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.items += other.items;
        self.supports += other.supports;
        self.alone += other.alone;
        merge_states(&mut self.states, other.states);
        for (record, rows) in other.records {
            *self.records.entry(record).or_default() += rows;
        }
        for (labeler, states) in other.built {
            merge_states(self.built.entry(labeler).or_default(), states);
        }
        for (revert, judgements) in other.reverts {
            *self.reverts.entry(revert).or_default() += judgements;
        }
    }
}

fn merge_states(into: &mut States, other: States) {
    into.current += other.current;
    into.superseded += other.superseded;
    into.reverted += other.reverted;
    into.conflict += other.conflict;
}

/// Whether `filter` chooses this very row of a judgement, not only another row that carries it.
fn is_chosen(ledger: &Ledger, judgement: &Judgement, carrier: &Carrier, filter: &Filter) -> bool {
    let record = &ledger.records()[carrier.record as usize];
    let (rows, row) = ledger.row_of(*carrier);
    filter.covers_record(&record.id, judgement.kind, ledger.task_name(judgement.task))
        && filter.covers_row(rows, row, record.head.recorded_at)
}

/// Returns the judgements that say the resolved label of an item: the adjudications that settled it, else the votes.
fn say(ledger: &Ledger, task: u16, item: u32, label: &str, settled: Settled) -> Vec<usize> {
    let says = |number: &usize| {
        let statement = ledger.judgements()[*number].statement;
        statement.is_some_and(|statement| ledger.statement_text(statement) == label)
    };
    match settled {
        Settled::Policy => ledger::votes(ledger, task, item).into_iter().filter(says).collect(),
        Settled::Adjudication => ledger
            .of_item(task, item)
            .filter(|number| {
                let one = &ledger.judgements()[*number];
                one.kind == Kind::Adjudications && one.state == State::Current
            })
            .filter(says)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Digest, Timestamp};
    use crate::ledger::Loaded;
    use crate::record::{LabelerKind, LabelerUse, Labelers, Manifest, Origin, Revert, Rows, col};

    fn id(number: u8) -> RecordId {
        RecordId(Digest([number; 32]))
    }

    /// A batch of `item labeler label [shown]`, on top of the record before.
    fn batch(number: u8, rows: &[&str]) -> Loaded {
        let mut table = Rows::empty(Kind::Labels);
        let mut labelers = BTreeMap::new();
        for row in rows {
            let words: Vec<&str> = row.split(' ').collect();
            let n = table.push_judgement(words[0], words[1], Origin::Fresh);
            table.set_text(n, col::LABEL, words[2]);
            if let Some(by) = words.get(3) {
                table.set_text(n, col::SHOWN, words[2]);
                table.set_text(n, col::SHOWN_BY, by);
            }
            labelers.insert(words[1].to_owned(), LabelerUse { kind: LabelerKind::Human, rows: 1 });
        }
        let manifest = Manifest {
            task: Some("t".into()),
            labelers: Labelers::Listed(labelers),
            ..manifest(Kind::Labels, number)
        };
        Loaded { id: id(number), manifest, rows: table }
    }

    fn manifest(kind: Kind, number: u8) -> Manifest {
        let at = Timestamp::from_micros(i64::from(number) * 1_000_000).unwrap();
        Manifest {
            parents: (number > 1).then(|| id(number - 1)).into_iter().collect(),
            ..Manifest::new(kind, at)
        }
    }

    fn revert(number: u8, labeler: &str) -> Loaded {
        let filter = Filter { labelers: vec![labeler.into()], ..Filter::default() };
        let revert = Some(Revert { filter, ..Revert::default() });
        let manifest = Manifest { revert, ..manifest(Kind::Reverts, number) };
        Loaded { id: id(number), manifest, rows: Rows::empty(Kind::Reverts) }
    }

    fn usage(records: Vec<Loaded>, filter: &Filter) -> Usage {
        let (policies, verdicts) = (BTreeMap::new(), BTreeMap::new());
        Usage::of(&Ledger::fold(records), filter, Rules { policies: &policies, verdicts: &verdicts })
    }

    fn of(labeler: &str) -> Filter {
        Filter { labelers: vec![labeler.into()], ..Filter::default() }
    }

    #[test]
    fn what_a_labeler_says_alone_and_with_others_is_told_apart() {
        let records = || {
            vec![
                batch(1, &["i1 ana yes", "i1 bob yes", "i2 ana no", "i3 ana yes", "i3 bob no"]),
                batch(2, &["i2 ana yes", "i2 cyd yes ana"]),
            ]
        };
        let ana = usage(records(), &of("ana"));
        // i1 rests on ana among others; i2 too, now that cyd says it; i3 is a tie.
        assert_eq!((ana.rows, ana.items, ana.supports, ana.alone), (4, 3, 2, 0));
        assert_eq!(ana.states, States { current: 3, superseded: 1, ..States::default() });
        assert_eq!(ana.records, [(id(1), 3), (id(2), 1)].into());
        assert_eq!(ana.built["cyd"], States { current: 1, ..States::default() });
        assert_eq!(usage(records(), &Filter { records: vec![id(2)], ..Filter::default() }).alone, 1);
        assert_eq!(usage(records(), &of("eve")), Usage::default());
    }

    #[test]
    fn what_is_taken_back_supports_nothing_and_names_its_revert() {
        let records = vec![batch(1, &["i1 ana yes", "i1 bob no"]), revert(2, "bob")];
        let bob = usage(records.clone(), &of("bob"));
        assert_eq!((bob.supports, bob.states.reverted), (0, 1));
        assert_eq!(bob.reverts, [(id(2), 1)].into());
        let ana = usage(records, &of("ana"));
        assert_eq!((ana.supports, ana.alone, ana.reverts.len()), (1, 1, 0));
    }

    #[test]
    fn parts_add_up() {
        let all = || batch(1, &["i1 ana yes", "i1 bob yes", "i2 ana no"]);
        let mut sum = usage(vec![batch(1, &["i1 ana yes", "i1 bob yes"])], &of("ana"));
        sum.add(usage(vec![batch(1, &["i2 ana no"])], &of("ana")));
        assert_eq!(sum, usage(vec![all()], &of("ana")));
    }
}
