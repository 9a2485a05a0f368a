//! The picture of a ledger, task by task.
//!
//! The ledger is read part by part, twice: who is busiest is known only after all of it was counted, and only those are
//! put beside each other. Of the labels of a part nothing is kept but counts; labels that are lists (spans, boxes,
//! rankings) are kept, since nothing smaller says how far they agree.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::agreement::level_of;
use super::record_ref::answered_tasks;
use crate::agreement::{
    self, Bootstrap, Contingency, Level, Options, Pairs, Panel, TallySheet, Weights, cohen_kappa,
};
use crate::base::Timestamp;
use crate::dataset::{At, Dataset, Parts};
use crate::ledger::Ledger;
use crate::record::{Kind, Task, TaskType, col};
use crate::survey::{Counts, DISPUTED, Disputed, GRID, Grid, Pair, Said, Survey, TaskSurvey, Value, WeekOf};
use crate::table::{Beside, Table};

/// Characters of a text or a label that are shown.
const TEXT: usize = 200;

/// Returns the beginning of a text.
fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Surveys the ledger at `at`: of `tasks`, or of all.
///
/// # Errors
/// The ledger could not be read.
pub fn survey(dataset: &Dataset, at: &At, tasks: Option<&BTreeSet<String>>) -> Result<Survey, Error> {
    survey_parts(dataset, &dataset.parts(at)?, &dataset.declared()?, tasks)
}

/// Surveys the ledger that `parts` are of, whose tasks are `declared`.
///
/// # Errors
/// As [`survey`].
pub fn survey_parts(
    dataset: &Dataset,
    parts: &Parts<'_>,
    declared: &[Task],
    tasks: Option<&BTreeSet<String>>,
) -> Result<Survey, Error> {
    let mut names = answered_tasks(&parts.records);
    names.retain(|name| tasks.is_none_or(|tasks| tasks.contains(name)));
    let of_task = |name: &String| {
        let declared = declared.iter().find(|task| task.name == *name);
        Asking { name, declared, level: level_of(declared.map_or(TaskType::Text, |task| task.kind)) }
            .survey(parts)
    };
    let mut survey =
        Survey { schema: "hitl.survey/1", tasks: names.iter().map(of_task).collect::<Result<_, _>>()? };
    add_texts(dataset, parts, &mut survey)?;
    Ok(survey)
}

/// Adds the texts of disputed items, where the ledger has them.
fn add_texts(dataset: &Dataset, parts: &Parts<'_>, survey: &mut Survey) -> Result<(), Error> {
    let Some(commit) = &parts.commit else { return Ok(()) };
    if parts.records.records().iter().all(|record| record.head.kind != Kind::Items) {
        return Ok(());
    }
    let disputed = survey.tasks.iter().flat_map(|task| &task.disputed);
    let at = At { rev: Some(commit.0.clone()), as_of: None };
    let view = dataset.view_of_items(&at, &disputed.map(|disputed| disputed.item.clone()).collect())?;
    let texts = view.ledger.item_texts(col::TEXT);
    for disputed in survey.tasks.iter_mut().flat_map(|task| &mut task.disputed) {
        disputed.text = texts.get(disputed.item.as_str()).map(|text| cut(text));
    }
    Ok(())
}

/// The labels of one week, as far as they have to be kept.
enum Labels {
    Counted(TallySheet),
    Lists(Vec<Table>),
}

/// What one part of the ledger comes to.
struct Part {
    counts: Counts,
    weeks: BTreeMap<Timestamp, Labels>,
    disputed: Vec<agreement::Disputed>,
}

/// One task.
struct Asking<'a> {
    name: &'a str,
    declared: Option<&'a Task>,
    level: Level,
}

impl Asking<'_> {
    fn survey(&self, parts: &Parts<'_>) -> Result<TaskSurvey, Error> {
        let read = parts.map(Some(self.name), |ledger| self.part(ledger))?;
        let all = read.into_iter().flatten().reduce(Part::and);
        let Part { counts, weeks: mut labels, disputed } = all.unwrap_or_else(Part::empty);
        let (earlier, weeks) = counts.weeks();
        let measured = |(monday, mut week): (Timestamp, crate::survey::Week)| {
            week.agreement = labels.remove(&monday).and_then(|labels| self.value(labels));
            week
        };
        let weeks = weeks.into_iter().map(measured).collect();
        let (labelers, labelers_left_out) = counts.labelers();
        let busiest: BTreeSet<&str> =
            labelers.iter().take(GRID).map(|labeler| labeler.labeler.as_str()).collect();
        let pairs = self.pairs(parts, &busiest)?;
        let [revised, adjudicated] = counts.transitions_of_all();
        Ok(TaskSurvey {
            task: self.name.to_owned(),
            volume: counts.volume(),
            earlier,
            weeks,
            metric: self.metric(),
            grid: Grid {
                left_out: counts.volume().labelers - busiest.len() as u64,
                labelers: busiest.into_iter().map(str::to_owned).collect(),
                pairs,
            },
            labelers,
            labelers_left_out,
            revised,
            adjudicated,
            disagreeing: counts.disagreeing(),
            disputed: disputed.into_iter().map(disputed_item).collect(),
        })
    }

    /// The coefficient that weeks are measured by.
    fn metric(&self) -> &'static str {
        if self.level == Level::Ranking { "kendall_tau" } else { "krippendorff_alpha" }
    }

    /// Whether labels are classes, of which many are the same.
    fn has_classes(&self) -> bool {
        let kind = self.declared.map_or(TaskType::Text, |task| task.kind);
        match kind {
            TaskType::Categorical | TaskType::Ordinal | TaskType::Preference | TaskType::Multilabel => true,
            TaskType::Rating
            | TaskType::Numeric
            | TaskType::Text
            | TaskType::Span
            | TaskType::Box
            | TaskType::Ranking => false,
        }
    }

    fn part(&self, ledger: &Ledger) -> Option<Part> {
        let task = ledger.find_task(self.name)?;
        let table = Table::from_ledger(ledger, task, None);
        let weeks = WeekOf::of(ledger, task);
        let of_week = |monday: Timestamp| {
            let made = |judgement: usize| weeks.monday(judgement) == Some(monday);
            let table = Table::from_ledger_where(ledger, task, None, Beside::Nobody, made);
            let labels = match self.level.is_structured() {
                true => Labels::Lists(vec![table]),
                false => Labels::Counted(TallySheet::of(&table)),
            };
            (monday, labels)
        };
        Some(Part {
            weeks: weeks.latest().into_iter().map(of_week).collect(),
            counts: Counts::of(ledger, task, &weeks, &table, self.has_classes()),
            disputed: agreement::most_disputed(&table, DISPUTED),
        })
    }

    /// Measures the labels of one week.
    fn value(&self, labels: Labels) -> Option<Value> {
        match labels {
            Labels::Counted(sheet) => {
                let domain = self.declared.and_then(Task::domain);
                let alpha = sheet.alpha_between(self.level, domain, Bootstrap::default())?;
                let interval = alpha.interval.map(|interval| [interval.low, interval.high]);
                Some(Value { value: alpha.value, interval, items: alpha.items })
            }
            Labels::Lists(tables) => {
                let options = Options {
                    level: self.level,
                    panel: Panel::Only(vec![self.metric().to_owned()]),
                    ..Options::default()
                };
                let table = Table::join(&tables, None);
                // Lists that cannot be read have no value.
                let group = agreement::measure_group(String::new(), &table, &options).ok()?;
                let of_all = group.metrics.iter().find(|metric| metric.params.pair.is_none())?;
                Some(Value {
                    value: of_all.value?,
                    interval: None,
                    items: group.counts.items_with_two_labels,
                })
            }
        }
    }

    /// Puts every two of `labelers` beside each other.
    fn pairs(&self, parts: &Parts<'_>, labelers: &BTreeSet<&str>) -> Result<Vec<Pair>, Error> {
        let read = parts.map(Some(self.name), |ledger| {
            let task = ledger.find_task(self.name)?;
            let among =
                |number: usize| labelers.contains(ledger.labeler_name(ledger.judgements()[number].labeler));
            let table = Table::from_ledger_where(ledger, task, None, Beside::Nobody, among);
            Some(self.beside(&table))
        })?;
        let mut all = Cells::new();
        for (pair, cells) in read.into_iter().flatten().flatten() {
            let of_pair = all.entry(pair).or_default();
            cells.into_iter().for_each(|(cell, items)| *of_pair.entry(cell).or_insert(0) += items);
        }
        Ok(all.into_iter().map(|((a, b), cells)| self.pair(a, b, &cells)).collect())
    }

    /// Returns what every two labelers of a table say. Of labels that are no classes, whether they are the same.
    fn beside(&self, table: &Table) -> Cells {
        let name = |labeler: u32| table.labeler_names()[labeler as usize].clone();
        let class = |class: u32| table.classes()[class as usize].clone();
        let mut all = Cells::new();
        for pair in Pairs::of(table).unwrap_or_default().iter() {
            let of_pair = all.entry((name(pair.labelers.0), name(pair.labelers.1))).or_default();
            for (a, b, items) in pair.cells {
                let cell = match self.has_classes() {
                    true => (class(*a), class(*b)),
                    false => (String::new(), if a == b { "" } else { "other" }.to_owned()),
                };
                *of_pair.entry(cell).or_insert(0) += items;
            }
        }
        all
    }

    fn pair(&self, a: String, b: String, cells: &BTreeMap<(String, String), u32>) -> Pair {
        let classes: BTreeSet<&String> = cells.keys().flat_map(|(a, b)| [a, b]).collect();
        let codes: BTreeMap<&String, u32> = classes.into_iter().zip(0..).collect();
        let cells: Vec<(u32, u32, u32)> =
            cells.iter().map(|((a, b), items)| (codes[a], codes[b], *items)).collect();
        let table = Contingency { labelers: (0, 1), cells: &cells };
        let kappa = self.has_classes().then(|| cohen_kappa(&table, &Weights::identity(codes.len())).ok());
        Pair {
            items: table.items(),
            agreeing: table.agreeing(),
            kappa: kappa.flatten().map(|estimate| estimate.value),
            a,
            b,
        }
    }
}

/// For every two labelers: on how many items the first says this and the second that.
type Cells = BTreeMap<(String, String), BTreeMap<(String, String), u32>>;

impl Part {
    fn empty() -> Self {
        Self { counts: Counts::default(), weeks: BTreeMap::new(), disputed: Vec::new() }
    }

    /// Returns what the two come to, this one of items before those of `other`.
    fn and(mut self, other: Self) -> Self {
        self.counts.add(other.counts);
        for (monday, labels) in other.weeks {
            match (self.weeks.get_mut(&monday), labels) {
                (Some(Labels::Counted(all)), Labels::Counted(sheet)) => all.add(&sheet),
                (Some(Labels::Lists(all)), Labels::Lists(tables)) => all.extend(tables),
                (_, labels) => drop(self.weeks.insert(monday, labels)),
            }
        }
        self.disputed.extend(other.disputed);
        // Stable: of items alike in this, those of earlier parts come first, which is by id.
        self.disputed.sort_by(|a, b| {
            a.agreement.total_cmp(&b.agreement).then(Reverse(a.labels.len()).cmp(&Reverse(b.labels.len())))
        });
        self.disputed.truncate(DISPUTED);
        self
    }
}

fn disputed_item(disputed: agreement::Disputed) -> Disputed {
    let said = |said: agreement::Said| Said { labeler: said.labeler, label: cut(&said.label) };
    Disputed {
        item: disputed.item,
        text: None,
        agreement: disputed.agreement,
        labels: disputed.labels.into_iter().map(said).collect(),
    }
}
