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
#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Digest;
    use crate::ledger::Loaded;
    use crate::record::{LabelerUse, Labelers, Manifest, RecordId, Rows};

    /// One record, recorded on a Monday: its number, its parents', its kind, and its rows (item, labeler, label, day of
    /// January 2024 or none). Labelers called `bot` are models, and what they say is fresh; eve confirms.
    fn record(number: u8, parents: &[u8], kind: Kind, given: &[(&str, &str, &str, Option<u32>)]) -> Loaded {
        let id = |number: u8| RecordId(Digest([number; 32]));
        let (mut rows, mut labelers) = (Rows::empty(kind), BTreeMap::new());
        for (item, labeler, label, day) in given {
            let origin = if *labeler == "eve" { Origin::Confirmed } else { Origin::Fresh };
            let row = rows.push_judgement(item, labeler, origin);
            if *label != "-" {
                rows.set_text(row, col::LABEL, label);
            }
            rows.set_time(row, col::CREATED_AT, day.map(january));
            let kind = if *labeler == "bot" { LabelerKind::Model } else { LabelerKind::Human };
            labelers.insert((*labeler).to_owned(), LabelerUse { kind, rows: 1 });
        }
        let manifest = Manifest {
            task: kind.is_judgement().then(|| "t".to_owned()),
            parents: parents.iter().map(|parent| id(*parent)).collect(),
            labelers: Labelers::Listed(labelers),
            ..Manifest::new(kind, january(29))
        };
        Loaded { id: id(number), manifest, rows }
    }

    fn january(day: u32) -> Timestamp {
        format!("2024-01-{day:02}T12:00:00Z").parse().unwrap()
    }

    fn counts(records: Vec<Loaded>) -> Counts {
        let ledger = Ledger::fold(records);
        let task = ledger.find_task("t").unwrap();
        let table = Table::from_ledger(&ledger, task, None);
        Counts::of(&ledger, task, &WeekOf::of(&ledger, task), &table, true)
    }

    /// The 1st, 8th and 15th are Mondays.
    const LABELS: [(&str, &str, &str, Option<u32>); 8] = [
        ("i1", "ana", "x", Some(2)),
        ("i1", "raj", "y", Some(3)),
        ("i1", "bot", "z", Some(3)),
        ("i2", "ana", "x", Some(3)),
        ("i2", "eve", "x", Some(16)),
        ("i2", "raj", "x", Some(16)),
        ("i3", "ana", "-", Some(16)),
        ("i3", "raj", "y", None),
    ];

    #[test]
    fn weeks_follow_each_other_and_what_has_no_time_is_of_when_it_was_recorded() {
        let (earlier, weeks) = counts(vec![record(1, &[], Kind::Labels, &LABELS)]).weeks();
        let told: Vec<_> = weeks
            .iter()
            .map(|(_, week)| {
                (week.monday.as_str(), week.volume.labels, week.volume.items, week.volume.labelers)
            })
            .collect();
        assert_eq!(earlier, None);
        assert_eq!(
            told,
            [
                ("2024-01-01", 3, 2, 2),
                ("2024-01-08", 0, 0, 0),
                ("2024-01-15", 3, 2, 3),
                ("2024-01-22", 0, 0, 0),
                ("2024-01-29", 1, 1, 1),
            ],
            "a model is nobody"
        );
    }

    #[test]
    fn only_the_latest_weeks_are_told_one_by_one() {
        let mut old = record(2, &[1], Kind::Labels, &[("i9", "kim", "x", None), ("i9", "raj", "y", None)]);
        for (row, time) in [(0, "0001-01-01"), (1, "2022-02-08")] {
            old.rows.set_time(row, col::CREATED_AT, Some(time.parse().unwrap()));
        }
        let (earlier, weeks) = counts(vec![record(1, &[], Kind::Labels, &LABELS), old]).weeks();
        assert_eq!(earlier, Some(Volume { labels: 1, items: 1, labelers: 1 }));
        assert_eq!((weeks.len(), weeks[0].1.monday.as_str()), (WEEKS, "2022-02-07"));
    }

    #[test]
    fn what_labelers_revise_and_adjudications_make_of_it_is_counted() {
        let counts = counts(vec![
            record(1, &[], Kind::Labels, &LABELS),
            record(2, &[1], Kind::Labels, &[("i1", "ana", "y", Some(20)), ("i3", "raj", "y", Some(20))]),
            record(
                3,
                &[2],
                Kind::Adjudications,
                &[("i1", "kim", "y", Some(21)), ("i2", "kim", "-", Some(21))],
            ),
        ]);
        let cell = |before: &str, after: Option<&str>, count| Transition {
            before: Some(before.to_owned()),
            after: after.map(str::to_owned),
            count,
        };
        let [revised, adjudicated] = counts.transitions_of_all();
        assert_eq!(revised.cells, [cell("x", Some("y"), 1)], "the same again is no change");
        assert_eq!(adjudicated.cells, [cell("x", None, 3), cell("y", Some("y"), 2)]);
        assert_eq!(counts.disagreeing(), 0);
    }

    #[test]
    fn labelers_are_compared_on_what_now_holds() {
        let counts = counts(vec![record(1, &[], Kind::Labels, &LABELS)]);
        let (labelers, left_out) = counts.labelers();
        let told: Vec<_> = labelers
            .iter()
            .map(|it| (it.labeler.as_str(), it.labels, it.items, it.confirmed, it.agreeing, it.compared))
            .collect();
        assert_eq!(left_out, 0);
        assert_eq!(told, [("ana", 3, 3, 0, 2, 3), ("raj", 3, 3, 0, 2, 3), ("eve", 1, 1, 1, 2, 2)]);
        assert_eq!(counts.disagreeing(), 1);
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let part = |items: &[&str]| {
            let rows: Vec<_> = LABELS.into_iter().filter(|(item, ..)| items.contains(item)).collect();
            counts(vec![record(1, &[], Kind::Labels, &rows)])
        };
        let mut all = part(&["i1"]);
        all.add(part(&["i2", "i3"]));
        assert_eq!(all, part(&["i1", "i2", "i3"]));
    }
}
