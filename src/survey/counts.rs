//! What is counted of one part of a ledger, so that parts add up.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::report::{LabelerSurvey, Transition, Transitions, Volume, Week};
use super::{LABELERS, TRANSITIONS, WEEKS};
use crate::base::Timestamp;
use crate::ledger::{Judgement, Ledger, State};
use crate::record::{Kind, LabelerKind, Origin, col};
use crate::table::Table;

/// The week of every judgement of a task that is counted: live labels and corrections by people.
pub struct WeekOf {
    start: usize,
    mondays: Vec<Option<Timestamp>>,
}

impl WeekOf {
    /// Finds the weeks of `task`: by when a judgement was made, at most a day after it was recorded; by when it was
    /// recorded where nothing else is known.
    pub fn of(ledger: &Ledger, task: u16) -> Self {
        let run = ledger.of_task(task);
        let week = |judgement: &Judgement| is_counted(ledger, judgement).then(|| monday(ledger, judgement));
        Self { start: run.start, mondays: ledger.judgements()[run].iter().map(week).collect() }
    }

    /// Returns the Monday of a judgement's week; `None` where it is not counted.
    pub fn monday(&self, judgement: usize) -> Option<Timestamp> {
        self.mondays[judgement - self.start]
    }

    /// Returns the Mondays there are of the latest [`WEEKS`] weeks; no later part of a ledger moves these back.
    pub fn latest(&self) -> BTreeSet<Timestamp> {
        let last = self.mondays.iter().flatten().max();
        let first = last.map(|last| first_of(*last));
        self.mondays.iter().flatten().filter(|monday| Some(**monday) >= first).copied().collect()
    }
}

fn first_of(last: Timestamp) -> Timestamp {
    last.plus_micros(-(WEEKS as i64 - 1) * 7 * Timestamp::DAY_MICROS)
}

fn is_counted(ledger: &Ledger, judgement: &Judgement) -> bool {
    matches!(judgement.kind, Kind::Labels | Kind::Corrections)
        && judgement.state != State::Reverted
        && ledger.labeler_kind(judgement) == LabelerKind::Human
}

fn monday(ledger: &Ledger, judgement: &Judgement) -> Timestamp {
    let recorded =
        |carrier: &crate::ledger::Carrier| ledger.records()[carrier.record as usize].head.recorded_at;
    let made =
        ledger.ordering_time(judgement).or_else(|| ledger.carriers(judgement).iter().map(recorded).min());
    made.expect("some row carries every judgement").monday()
}

/// A label before and one after.
type Cell = (Option<String>, Option<String>);

/// What one part of a ledger says of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    weeks: BTreeMap<Timestamp, Made>,
    labelers: BTreeMap<String, LabelerSurvey>,
    labels: u64,
    items: u64,
    disagreeing: u64,
    revised: BTreeMap<Cell, u64>,
    adjudicated: BTreeMap<Cell, u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Made {
    labels: u64,
    items: u64,
    labelers: BTreeSet<String>,
}

impl Counts {
    /// Counts `task`, whose current labels by people are `table`. What labels became is counted where labels are
    /// `classes`; other labels hardly ever become the same.
    pub fn of(ledger: &Ledger, task: u16, weeks: &WeekOf, table: &Table, classes: bool) -> Self {
        let mut counts = Self::default();
        for (_, run) in ledger.item_runs(task) {
            counts.item(ledger, weeks, run.clone());
            if classes {
                counts.transitions(ledger, run);
            }
        }
        counts.agreement(table);
        counts
    }

    fn item(&mut self, ledger: &Ledger, weeks: &WeekOf, run: Range<usize>) {
        let (mut of_weeks, mut of_labelers) = (BTreeSet::new(), BTreeSet::new());
        for number in run {
            let Some(monday) = weeks.monday(number) else { continue };
            let judgement = &ledger.judgements()[number];
            let name = ledger.labeler_name(judgement.labeler);
            let made = self.weeks.entry(monday).or_default();
            made.labels += 1;
            made.items += u64::from(of_weeks.insert(monday));
            if !made.labelers.contains(name) {
                made.labelers.insert(name.to_owned());
            }
            let confirmed = ledger.row_text(ledger.attributes(judgement), col::ORIGIN)
                == Some(Origin::Confirmed.as_str());
            let labeler = self.labeler(name);
            labeler.labels += 1;
            labeler.items += u64::from(of_labelers.insert(judgement.labeler));
            labeler.confirmed += u64::from(confirmed);
            self.labels += 1;
        }
        self.items += u64::from(!of_weeks.is_empty());
    }

    fn labeler(&mut self, name: &str) -> &mut LabelerSurvey {
        if !self.labelers.contains_key(name) {
            let labeler = LabelerSurvey { labeler: name.to_owned(), ..LabelerSurvey::default() };
            self.labelers.insert(name.to_owned(), labeler);
        }
        self.labelers.get_mut(name).expect("it was put there")
    }

    /// Counts what labelers replaced, and what an adjudication made of what they say.
    fn transitions(&mut self, ledger: &Ledger, run: Range<usize>) {
        let judgements = &ledger.judgements()[run];
        let text = |statement: Option<u32>| statement.map(|it| ledger.statement_text(it).to_owned());
        let mut decisions = judgements
            .iter()
            .filter(|judgement| judgement.kind == Kind::Adjudications && judgement.state == State::Current);
        let decision = decisions.next();
        let labels = judgements.iter().filter(|judgement| judgement.kind == Kind::Labels);
        let labels: Vec<&Judgement> = labels.filter(|judgement| is_counted(ledger, judgement)).collect();
        for of_labeler in labels.chunk_by(|a, b| a.labeler == b.labeler) {
            let current = of_labeler.iter().rfind(|judgement| judgement.state == State::Current);
            let Some(current) = current else { continue };
            let before = of_labeler.iter().rfind(|judgement| {
                judgement.state == State::Superseded && judgement.statement != current.statement
            });
            if let Some(before) = before {
                let cell = (text(before.statement), text(current.statement));
                *self.revised.entry(cell).or_insert(0) += 1;
            }
            if let Some(decision) = decision {
                let cell = (text(current.statement), text(decision.statement));
                *self.adjudicated.entry(cell).or_insert(0) += 1;
            }
        }
    }

    /// Counts how often labels of one item are the same.
    fn agreement(&mut self, table: &Table) {
        let mut of = vec![(0u64, 0u64); table.labeler_names().len()];
        for (labelers, classes) in table.runs() {
            self.disagreeing += u64::from(classes.iter().any(|class| *class != classes[0]));
            let mut spread: Vec<u32> = classes.to_vec();
            spread.sort_unstable();
            for (labeler, class) in labelers.iter().zip(classes) {
                let same = spread.partition_point(|it| it <= class) - spread.partition_point(|it| it < class);
                let (compared, agreeing) = &mut of[*labeler as usize];
                *compared += classes.len() as u64 - 1;
                *agreeing += same as u64 - 1;
            }
        }
        for (name, (compared, agreeing)) in table.labeler_names().iter().zip(of) {
            let labeler = self.labeler(name);
            labeler.compared += compared;
            labeler.agreeing += agreeing;
        }
    }

    /// Adds what another part says, of other items.
    pub fn add(&mut self, other: Self) {
        for (monday, made) in other.weeks {
            let all = self.weeks.entry(monday).or_default();
            all.labels += made.labels;
            all.items += made.items;
            all.labelers.extend(made.labelers);
        }
        for (name, of_part) in other.labelers {
            let labeler = self.labeler(&name);
            labeler.labels += of_part.labels;
            labeler.items += of_part.items;
            labeler.confirmed += of_part.confirmed;
            labeler.compared += of_part.compared;
            labeler.agreeing += of_part.agreeing;
        }
        self.labels += other.labels;
        self.items += other.items;
        self.disagreeing += other.disagreeing;
        for (all, part) in [(&mut self.revised, other.revised), (&mut self.adjudicated, other.adjudicated)] {
            part.into_iter().for_each(|(cell, count)| *all.entry(cell).or_insert(0) += count);
        }
    }

    /// Returns how much was done.
    pub fn volume(&self) -> Volume {
        Volume { labels: self.labels, items: self.items, labelers: self.labelers.len() as u64 }
    }

    /// Returns the number of items on which not all current labels are the same.
    pub fn disagreeing(&self) -> u64 {
        self.disagreeing
    }

    /// Returns the latest weeks with their Mondays, none left out between them, and what was made before.
    ///
    /// An item that was labelled in several weeks before is counted in each of them.
    pub fn weeks(&self) -> (Option<Volume>, Vec<(Timestamp, Week)>) {
        let Some((last, _)) = self.weeks.last_key_value() else { return (None, Vec::new()) };
        let first = first_of(*last);
        let (mut earlier, mut labelers) = (Volume::default(), BTreeSet::new());
        for (_, made) in self.weeks.range(..first) {
            earlier.labels += made.labels;
            earlier.items += made.items;
            labelers.extend(&made.labelers);
        }
        earlier.labelers = labelers.len() as u64;
        let begin = self.weeks.range(first..).next().map_or(*last, |(monday, _)| *monday);
        let next = |monday: &Timestamp| Some(monday.plus_micros(7 * Timestamp::DAY_MICROS));
        let mondays =
            std::iter::successors(Some(begin), next).take_while(|monday| monday <= last).take(WEEKS);
        let week = |monday: Timestamp| {
            let volume = self.weeks.get(&monday).map_or_else(Volume::default, |made| Volume {
                labels: made.labels,
                items: made.items,
                labelers: made.labelers.len() as u64,
            });
            (monday, Week { monday: monday.date(), volume, agreement: None })
        };
        (Some(earlier).filter(|earlier| earlier.labels > 0), mondays.map(week).collect())
    }

    /// Returns the busiest labelers, and how many are left out.
    pub fn labelers(&self) -> (Vec<LabelerSurvey>, u64) {
        let mut all: Vec<&LabelerSurvey> = self.labelers.values().collect();
        all.sort_by_key(|labeler| Reverse(labeler.labels));
        let left_out = all.len().saturating_sub(LABELERS) as u64;
        (all.into_iter().take(LABELERS).cloned().collect(), left_out)
    }

    /// Returns what labelers put in the place of their own labels, and what adjudications made of labels.
    pub fn transitions_of_all(&self) -> [Transitions; 2] {
        [&self.revised, &self.adjudicated].map(|cells| {
            let mut all: Vec<(&Cell, u64)> = cells.iter().map(|(cell, count)| (cell, *count)).collect();
            all.sort_by_key(|(_, count)| Reverse(*count));
            let left_out = all.iter().skip(TRANSITIONS).map(|(_, count)| count).sum();
            let cell = |((before, after), count): (&Cell, u64)| Transition {
                before: before.clone(),
                after: after.clone(),
                count,
            };
            Transitions { cells: all.into_iter().take(TRANSITIONS).map(cell).collect(), left_out }
        })
    }
}
