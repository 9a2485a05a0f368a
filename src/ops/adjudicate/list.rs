//! The items that need a decision, and a form to decide them in.

use serde::Serialize;

use super::super::Error;
use super::super::record_ref::{answered_tasks, which_task};
use crate::adjudicate::{Disputed, Found, Given};
use crate::dataset::{At, Dataset, Parts};
use crate::record::{Filter, Kind, Policy, col};
use crate::shard::{Table, TableColumn, TableValues};

/// What is asked of the list.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which items: those with a judgement it chooses; of the labels those count that it chooses.
    pub filter: Filter,
    /// How many items of each task are listed.
    pub limit: usize,
}

/// The items that need a decision. It names nobody.
#[derive(Clone, Debug, Serialize)]
pub struct ListReport {
    /// `hitl.adjudicate-list/1`.
    pub schema: &'static str,
    /// Task by task.
    pub tasks: Vec<TaskList>,
}

/// Those of one task.
#[derive(Clone, Debug, Serialize)]
pub struct TaskList {
    /// The task.
    pub task: String,
    /// How its labels become one until somebody decides.
    pub policy: Policy,
    /// What labelers are asked.
    pub question: Option<String>,
    /// How many items need a decision.
    pub disputed: usize,
    /// How many of them are not listed.
    pub left: usize,
    /// How many items are disputed and decided.
    pub settled: usize,
    /// The most disputed ones first.
    pub items: Vec<Disputed>,
}

/// Lists the items that need a decision: of the filter's tasks, or of all.
///
/// # Errors
/// The ledger could not be read, or a task is unknown.
pub fn list(dataset: &Dataset, at: &At, asked: &Asked) -> Result<ListReport, Error> {
    let parts = dataset.parts(at)?;
    let declared = dataset.declared()?;
    let answered = answered_tasks(&parts.records);
    let known: Vec<&str> = answered.iter().map(String::as_str).collect();
    let is_declared = |name: &String| declared.iter().any(|task| task.name == *name);
    let tasks: Vec<String> = match asked.filter.tasks.is_empty() {
        true => answered.clone(),
        false => {
            // A task that is declared and has no labels yet has nothing disputed.
            let find = |name: &String| match is_declared(name) {
                true => Ok(name.clone()),
                false => which_task(&known, Some(name)).map(str::to_owned),
            };
            asked.filter.tasks.iter().map(find).collect::<Result<_, _>>()?
        }
    };
    let mut report = ListReport { schema: "hitl.adjudicate-list/1", tasks: Vec::new() };
    for name in tasks {
        let task = declared.iter().find(|task| task.name == name);
        let policy = task.map_or(Policy::default(), |task| task.policy);
        let found = found(&parts, &name, policy, asked)?;
        let (disputed, settled) = (found.disputed, found.settled);
        let items = found.items();
        let question = task.and_then(|task| task.question.clone());
        let left = disputed - items.len();
        report.tasks.push(TaskList { task: name, policy, question, disputed, left, settled, items });
    }
    add_texts(dataset, at, &parts, &mut report)?;
    Ok(report)
}

fn found(parts: &Parts<'_>, task: &str, policy: Policy, asked: &Asked) -> Result<Found, Error> {
    let filter = &asked.filter;
    let found = parts.map(Some(task), |ledger| {
        let chosen = (!filter.is_empty()).then(|| ledger.select(filter));
        let keep = |judgement: usize| chosen.as_ref().is_none_or(|chosen| chosen[judgement]);
        Found::of(ledger, task, policy, keep, asked.limit)
    })?;
    Ok(Found::join(found, asked.limit))
}

/// Adds the text of the items listed, where the ledger has it.
fn add_texts(dataset: &Dataset, at: &At, parts: &Parts<'_>, report: &mut ListReport) -> Result<(), Error> {
    if parts.records.records().iter().all(|record| record.head.kind != Kind::Items) {
        return Ok(());
    }
    let items = report.tasks.iter().flat_map(|task| &task.items);
    let view = dataset.view_of_items(at, &items.map(|disputed| disputed.item.clone()).collect())?;
    let texts = view.ledger.item_texts(col::TEXT);
    for disputed in report.tasks.iter_mut().flat_map(|task| &mut task.items) {
        disputed.text = texts.get(disputed.item.as_str()).map(|text| (*text).to_owned());
    }
    Ok(())
}

/// Returns a form for the one task of `report`: what is disputed, with empty columns for `adjudicate --from` to read.
///
/// # Errors
/// There are several tasks.
pub fn form(report: &ListReport) -> Result<(&TaskList, Table), Error> {
    let known: Vec<&str> = report.tasks.iter().map(|task| task.task.as_str()).collect();
    let name = which_task(&known, None)?;
    let task = report.tasks.iter().find(|task| task.task == name).expect("it was found among these");
    let text =
        |of: &dyn Fn(&Disputed) -> Option<String>| TableValues::Text(task.items.iter().map(of).collect());
    let empty = || text(&|_| None);
    let columns = vec![
        column("item", text(&|disputed| Some(disputed.item.clone()))),
        column("text", text(&|disputed| disputed.text.clone())),
        column("given", text(&|disputed| Some(said(&disputed.given)))),
        column("label", empty()),
        column("reason", empty()),
        column("error_type", empty()),
        column("guideline_gap", empty()),
    ];
    Ok((task, Table { columns, metadata: Vec::new() }))
}

/// Returns `positive 3, negative 2`.
fn said(given: &[Given]) -> String {
    let one = |given: &Given| format!("{} {}", given.label.as_deref().unwrap_or("(none)"), given.count);
    given.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn column(name: &str, values: TableValues) -> TableColumn {
    TableColumn { name: name.to_owned(), values }
}
