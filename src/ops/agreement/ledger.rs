//! Agreement in the ledger: of each task, of its parts, against one labeler, since a base.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Measures, level_of};
use crate::agreement::{
    self, AgainstReport, AgreementReport, Group, Level, NoSuchLabeler, Options, Panel, View, structured,
};
use crate::dataset::{At, Dataset, Parts};
use crate::ledger::Ledger;
use crate::ops::Error;
use crate::ops::record_ref::{answered_tasks, which_task};
use crate::record::{Filter, Kind, Task, TaskType, col};
use crate::table::{Beside, Table};

/// What parts the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// How the judgement came about: confirmed guesses agree with each other by themselves.
    Origin,
    /// The guideline version it was made under.
    Guideline,
    /// The week it was made in, Monday to Sunday, UTC.
    Week,
}

impl By {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Guideline => "guideline",
            Self::Week => "week",
        }
    }

    /// Returns what a judgement has in common with others of its part; `-` where it is not known.
    fn group(self, ledger: &Ledger, judgement: usize) -> Cow<'_, str> {
        let judgement = &ledger.judgements()[judgement];
        let text = |column| ledger.row_text(ledger.attributes(judgement), column).unwrap_or(UNKNOWN).into();
        match self {
            Self::Origin => text(col::ORIGIN),
            Self::Guideline => text(col::GUIDELINE),
            Self::Week => judgement.created_at.map_or(UNKNOWN.into(), |time| time.monday().date().into()),
        }
    }
}

const UNKNOWN: &str = "-";

/// The state to compare with.
#[derive(Clone, Debug)]
pub struct Base {
    /// The Git revision.
    pub rev: String,
    /// Whether only items whose labels differ are measured.
    pub changed: bool,
}

/// What is asked about the ledger.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which judgements count.
    pub filter: Filter,
    /// What to measure.
    pub measures: Measures,
    /// What parts the labels.
    pub by: Vec<By>,
    /// The state to compare with.
    pub base: Option<Base>,
}

/// Measures each wanted task of the ledger: the tasks of the filter, or all.
///
/// # Errors
/// The ledger could not be read, there is nothing to measure, or the labels are not of the level.
pub fn ledger(dataset: &Dataset, at: &At, asked: &Asked) -> Result<Vec<AgreementReport>, Error> {
    let parts = dataset.parts(at)?;
    let declared = dataset.declared()?;
    let before = match &asked.base {
        Some(base) => Some(dataset.parts(&At { rev: Some(base.rev.clone()), as_of: None })?),
        None => None,
    };
    let measure = |name: &String| {
        let task =
            Asking { dataset, at, name, declared: declared.iter().find(|task| task.name == *name), asked };
        task.measure(&parts, before.as_ref())
    };
    let mut reports: Vec<AgreementReport> =
        wanted(&parts, &asked.filter)?.iter().map(measure).collect::<Result<_, _>>()?;
    add_texts(dataset, at, &parts, &mut reports)?;
    Ok(reports)
}

/// Adds the text of the items that disagree most, where the ledger has it.
fn add_texts(
    dataset: &Dataset,
    at: &At,
    parts: &Parts<'_>,
    reports: &mut [AgreementReport],
) -> Result<(), Error> {
    if parts.records.records().iter().all(|record| record.head.kind != Kind::Items) {
        return Ok(());
    }
    let disputed = reports.iter().flat_map(|report| &report.disputed);
    let view = dataset.view_of_items(at, &disputed.map(|disputed| disputed.item.clone()).collect())?;
    let texts = view.ledger.item_texts(col::TEXT);
    for disputed in reports.iter_mut().flat_map(|report| &mut report.disputed) {
        disputed.text = texts.get(disputed.item.as_str()).map(|text| (*text).to_owned());
    }
    Ok(())
}

/// Measures every human labeler of one task against `labeler`, a model, a gold standard or one of them.
///
/// # Errors
/// The ledger could not be read, several tasks are there and none is named, or the labeler has no labels in it.
pub fn against(
    dataset: &Dataset,
    at: &At,
    asked: &Asked,
    labeler: &str,
) -> Result<Vec<AgainstReport>, Error> {
    let known = dataset.view_of_records(at)?.labelers();
    if !known.contains_key(labeler) {
        return Err(NoSuchLabeler::among(labeler, known.keys().map(String::as_str)).into());
    }
    let parts = dataset.parts(at)?;
    let declared = dataset.declared()?;
    let measure = |name: &String| {
        let task =
            Asking { dataset, at, name, declared: declared.iter().find(|task| task.name == *name), asked };
        let table = task.tables(&parts, Beside::Labeler(labeler))?.0;
        Ok(agreement::against(&table, Some(name), labeler, asked.measures.confidence)?)
    };
    let tasks = wanted(&parts, &asked.filter)?;
    let reports: Vec<Result<AgainstReport, Error>> = tasks.iter().map(measure).collect();
    // Of several tasks those are meant in which the labeler is.
    let absent = |report: &Result<AgainstReport, Error>| matches!(report, Err(Error::Against(_)));
    match reports.iter().all(absent) {
        true => reports.into_iter().collect(),
        false => reports.into_iter().filter(|report| !absent(report)).collect(),
    }
}

/// Returns the tasks of `filter`, or all that have answers.
fn wanted(parts: &Parts<'_>, filter: &Filter) -> Result<Vec<String>, Error> {
    let tasks = answered_tasks(&parts.records);
    let known: Vec<&str> = tasks.iter().map(String::as_str).collect();
    let wanted: Vec<String> = if filter.tasks.is_empty() {
        tasks.clone()
    } else {
        let find = |name: &String| which_task(&known, Some(name)).map(str::to_owned);
        filter.tasks.iter().map(find).collect::<Result<_, _>>()?
    };
    match wanted.is_empty() {
        false => Ok(wanted),
        true => Err(Error::Nothing {
            message: "there are no labels to measure".to_owned(),
            hint: Some(
                "`hitl commit FILE` adds some; `hitl agreement FILE` measures a file as it is".to_owned(),
            ),
        }),
    }
}

/// One task, and what is asked of it.
struct Asking<'a> {
    dataset: &'a Dataset,
    at: &'a At,
    name: &'a str,
    declared: Option<&'a Task>,
    asked: &'a Asked,
}

/// The tables of the parts of the labels, by what parts them: one for every part of the ledger that is read.
type Grouped = BTreeMap<(By, String), Vec<Arc<Table>>>;

impl Asking<'_> {
    fn measure(&self, parts: &Parts<'_>, before: Option<&Parts<'_>>) -> Result<AgreementReport, Error> {
        let (table, groups) = self.tables(parts, Beside::Nobody)?;
        let level = level_of(self.declared.map_or(TaskType::Text, |task| task.kind));
        let options = self.asked.measures.options(level, table.classes())?;
        let mut report = self.whole(&table, &options)?;
        for by in self.by() {
            let of = || groups.iter().filter(|((other, _), _)| *other == by);
            // One part is the whole, which is told already; unless the parts were asked for.
            if of().count() > 1 || self.asked.by.contains(&by) {
                let group = |((_, group), tables): (&(By, String), &Vec<Arc<Table>>)| {
                    let part = Table::join(tables, self.domain()).under(table.domain());
                    agreement::measure_group(group.clone(), &part, &options)
                };
                let groups: Vec<Group> = of().map(group).collect::<Result<_, _>>()?;
                report.views.push(View { by: by.as_str(), groups });
            }
        }
        if let (Some(before), Some(base)) = (before, &self.asked.base) {
            if options.level.is_structured() {
                let what = format!(
                    "--base compares labels that are one class each, and those of `{}` are lists",
                    self.name
                );
                return Err(Error::request(what, "measure each state with --at"));
            }
            let earlier = self.tables(before, Beside::Nobody)?.0;
            let domain = table.domain().union(earlier.domain());
            let (earlier, table) = (earlier.under(&domain), table.under(&domain));
            let options = self.asked.measures.options(level, &domain.classes)?;
            report.change = Some(agreement::change(&earlier, &table, &base.rev, base.changed, &options)?);
        }
        Ok(report)
    }

    /// Measures all labels, with what the items themselves say where that matters.
    fn whole(&self, table: &Table, options: &Options) -> Result<AgreementReport, Error> {
        let kind = self.declared.map_or(TaskType::Text, |task| task.kind);
        if options.level != Level::Span && kind != TaskType::Preference {
            return Ok(agreement::measure(table, Some(self.name), options)?);
        }
        let view = self.dataset.view(self.at)?;
        if options.level == Level::Span {
            let texts = view.ledger.item_texts(col::TEXT);
            let length = |item: usize| {
                texts.get(table.item_name(item)).and_then(|text| text.chars().count().try_into().ok())
            };
            return Ok(agreement::measure_structured(table, Some(self.name), options, &length)?);
        }
        let known = view.ledger.item_texts(col::METADATA);
        let contestants = |item: usize| contestants(known.get(table.item_name(item))?);
        let mut report = agreement::measure(table, Some(self.name), options)?;
        report.strengths = structured::strengths(table, contestants).ok();
        Ok(report)
    }

    /// What parts the labels: what was asked for, and how judgements came about, unless other metrics alone are wanted.
    fn by(&self) -> Vec<By> {
        let mut by = self.asked.by.clone();
        by.extend(matches!(self.asked.measures.panel, Panel::Usual | Panel::All).then_some(By::Origin));
        by.sort_unstable();
        by.dedup();
        by
    }

    fn domain(&self) -> Option<&[String]> {
        self.declared.and_then(Task::domain)
    }

    /// Returns the table of the whole task, and those of its parts.
    fn tables(&self, parts: &Parts<'_>, beside: Beside<'_>) -> Result<(Table, Grouped), Error> {
        let filter = &self.asked.filter;
        let by = if beside == Beside::Nobody { self.by() } else { Vec::new() };
        let read = parts.map(Some(self.name), |ledger| {
            let task = ledger.find_task(self.name)?;
            let chosen = (!filter.is_empty()).then(|| ledger.select(filter));
            let keep = |judgement: usize| chosen.as_ref().is_none_or(|chosen| chosen[judgement]);
            let whole = Arc::new(Table::from_ledger_where(ledger, task, None, beside, keep));
            let grouped: Grouped =
                by.iter().flat_map(|by| grouped(ledger, task, *by, &whole, keep)).collect();
            Some((whole, grouped))
        })?;
        let (mut whole, mut groups) = (Vec::new(), Grouped::new());
        for (table, grouped) in read.into_iter().flatten() {
            whole.push(table);
            grouped.into_iter().for_each(|(group, table)| groups.entry(group).or_default().extend(table));
        }
        Ok((Table::join(&whole, self.domain()), groups))
    }
}

/// What items of preference tasks call the two they compare: `a` is the first, `b` the second.
const CONTESTANTS: [(&str, &str); 3] = [("option_a", "option_b"), ("model_a", "model_b"), ("a", "b")];

/// Returns the two that an item compares, where its metadata names them.
fn contestants(metadata: &str) -> Option<(String, String)> {
    let metadata: serde_json::Value = serde_json::from_str(metadata).ok()?;
    let name = |key: &str| metadata.get(key)?.as_str().map(str::to_owned);
    CONTESTANTS.iter().find_map(|(a, b)| Some((name(a)?, name(b)?)))
}

/// Returns the table of each part of a task, of whose judgements `whole` is the table.
fn grouped(ledger: &Ledger, task: u16, by: By, whole: &Arc<Table>, keep: impl Fn(usize) -> bool) -> Grouped {
    let run = ledger.of_task(task);
    let mut names = BTreeMap::<String, u32>::new();
    let mut group = |judgement: usize| {
        let name = by.group(ledger, judgement);
        if let Some(group) = names.get(name.as_ref()) {
            return *group;
        }
        let next = names.len() as u32;
        names.insert(name.into_owned(), next);
        next
    };
    let groups: Vec<u32> = run.clone().map(&mut group).collect();
    let several = names.len() > 1;
    let table = |group: u32| {
        let keep = |judgement: usize| groups[judgement - run.start] == group && keep(judgement);
        match several {
            true => Arc::new(Table::from_ledger_where(ledger, task, None, Beside::Nobody, keep)),
            false => Arc::clone(whole),
        }
    };
    let tables = names.into_iter().map(|(name, group)| ((by, name), table(group)));
    tables.filter(|(_, table)| table.labels() > 0).map(|(group, table)| (group, vec![table])).collect()
}
