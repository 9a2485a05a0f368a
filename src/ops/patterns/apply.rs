//! `patterns apply`: which rules fire on what nobody reviewed yet.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Asked;
use crate::dataset::{At, Dataset};
use crate::ingest::{self, PersonalIds};
use crate::ops::input::{self, Input};
use crate::ops::{Error, record_ref::which_task};
use crate::patterns::{self, Fired, PatternsReport, RuleReport, Status};
use crate::record::{Column, Kind, LabelerKind, Rows, Task, TaskType, col};

/// What rules are applied to.
#[derive(Clone, Debug)]
pub enum New {
    /// One text.
    Text(String),
    /// Files of items with their texts; of tasks of labels, of a model's predictions.
    Files(Vec<Input>),
}

/// One text or guess, and the rules that fire on it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Applied {
    /// The item; null for a text that was given by itself.
    pub item: Option<String>,
    /// The text or guess.
    pub original: String,
    /// The rules, those that more items bear out first.
    pub fired: Vec<Fired>,
}

/// What `patterns apply` tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AppliedReport {
    /// `hitl.patterns-apply/1`.
    pub schema: &'static str,
    /// The task.
    pub task: String,
    /// Accepted rules.
    pub rules: u64,
    /// Texts or guesses looked at.
    pub inputs: u64,
    /// Those on which a rule fires, in the order given.
    pub applied: Vec<Applied>,
}

/// Applies the accepted rules of one task to `new`.
///
/// # Errors
/// As [`patterns`](super::patterns()); the task is not clear; a file has faults.
pub fn apply(dataset: &Dataset, asked: &Asked, new: &New) -> Result<AppliedReport, Error> {
    let reports = super::patterns(dataset, asked)?;
    let known: Vec<&str> = reports.iter().map(|report| report.task.as_str()).collect();
    let name = which_task(&known, asked.filter.tasks.first().map(String::as_str))?;
    let report = reports.iter().find(|report| report.task == name).expect("it was found among these");
    let rules = accepted(report);
    let inputs = inputs(dataset, &asked.at, name, new)?;
    let fire = |(item, input): &(Option<String>, patterns::Input)| Applied {
        item: item.clone(),
        original: input.guess.clone().or_else(|| input.text.clone()).unwrap_or_default(),
        fired: patterns::fire(&rules, input),
    };
    Ok(AppliedReport {
        schema: "hitl.patterns-apply/1",
        task: name.to_owned(),
        rules: rules.len() as u64,
        inputs: inputs.len() as u64,
        applied: inputs.iter().map(fire).filter(|applied| !applied.fired.is_empty()).collect(),
    })
}

fn accepted(report: &PatternsReport) -> Vec<RuleReport> {
    report.rules.iter().filter(|rule| rule.status == Status::Accepted).cloned().collect()
}

fn inputs(
    dataset: &Dataset,
    at: &At,
    task: &str,
    new: &New,
) -> Result<Vec<(Option<String>, patterns::Input)>, Error> {
    let declared = dataset.declared()?;
    let kind = declared.iter().find(|known| known.name == task).map_or(TaskType::Text, |task| task.kind);
    let files = match new {
        New::Text(_) if kind != TaskType::Text => {
            return Err(Error::request(
                format!("task `{task}` is of labels: a text alone is no guess of a label"),
                "give a file of predictions: item,label",
            ));
        }
        New::Text(text) => {
            let input = patterns::Input { text: Some(text.clone()), ..Default::default() };
            return Ok(vec![(None, input)]);
        }
        New::Files(files) => files,
    };
    let mut inputs = Vec::new();
    for file in files {
        let kind = if kind == TaskType::Text { Kind::Items } else { Kind::Predictions };
        for rows in read(file, kind, task, &declared)? {
            let item = |row| rows.text(row, col::ITEM).map(str::to_owned);
            inputs.extend((0..rows.len()).map(|row| (item(row), of_row(&rows, row))));
        }
    }
    if kind != TaskType::Text {
        describe(dataset, at, &mut inputs)?;
    }
    Ok(inputs)
}

/// Adds what the ledger knows of the items: their texts and metadata.
fn describe(
    dataset: &Dataset,
    at: &At,
    inputs: &mut [(Option<String>, patterns::Input)],
) -> Result<(), Error> {
    let items = inputs.iter().filter_map(|(item, _)| item.clone()).collect();
    let view = dataset.view_of_items(at, &items)?;
    let [texts, metadata] = [col::TEXT, col::METADATA].map(|column| view.ledger.item_texts(column));
    for (item, input) in inputs.iter_mut().filter_map(|(item, input)| Some((item.as_deref()?, input))) {
        input.text = texts.get(item).map(|text| (*text).to_owned());
        input.metadata = metadata.get(item).map(|metadata| (*metadata).to_owned());
    }
    Ok(())
}

/// Who made guesses in a file that does not say.
const SOMEBODY: &str = "model";

fn read(file: &Input, kind: Kind, task: &str, tasks: &[Task]) -> Result<Vec<Rows>, Error> {
    let aliases = BTreeMap::new();
    let of_guesses = kind != Kind::Items;
    let asked = ingest::Options {
        kind,
        task: of_guesses.then_some(task),
        labeler: of_guesses.then_some(SOMEBODY),
        labeler_kind: of_guesses.then_some(LabelerKind::Model),
        personal_ids: PersonalIds::Allow,
        ..ingest::Options::new(&file.name, tasks, &aliases)
    };
    let refuse = |file, refused| Error::NotMeasured { file, refused };
    Ok(input::import(file, &asked, refuse)?.batches.into_iter().map(|batch| batch.rows).collect())
}

fn of_row(rows: &Rows, row: usize) -> patterns::Input {
    let text = |column| rows.text(row, column).map(str::to_owned);
    if rows.kind() == Kind::Items {
        let (text, metadata) = (text(col::TEXT), text(col::METADATA));
        return patterns::Input { text, metadata, ..Default::default() };
    }
    let confidence = match &rows.columns()[col::CONFIDENCE] {
        Column::Float(values) => values[row],
        _ => None,
    };
    patterns::Input {
        guess: text(col::LABEL),
        source: text(col::LABELER),
        guideline: text(col::GUIDELINE),
        confidence,
        ..Default::default()
    }
}
