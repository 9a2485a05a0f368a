//! Consensus in the ledger, of each task.

use std::collections::{BTreeMap, BTreeSet};

use super::predictions::{Predictions, predictions};
use super::{AgainstGold, How};
use crate::consensus::report::{About, Gold};
use crate::consensus::{ConsensusReport, Method, report};
use crate::dataset::{At, Dataset, Parts};
use crate::ledger::{Ledger, State};
use crate::ops::Error;
use crate::ops::record_ref::{answered_tasks, which_task};
use crate::record::{Filter, Kind, LabelerKind, Task, col};
use crate::table::{Beside, Table};

/// What is asked about the ledger.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which judgements vote. Gold and predictions are taken whatever it says.
    pub filter: Filter,
    /// How it is found.
    pub how: How,
    /// Whose labels are held to be true.
    pub gold: AgainstGold,
    /// The model whose predictions CROWDLAB weighs; the only one there is when none is given.
    pub predictions: Option<String>,
}

/// Finds the consensus of each wanted task of the ledger: the tasks of the filter, or all.
///
/// # Errors
/// The ledger could not be read, or there are no labels, no gold labels that were asked for, or no predictions.
pub fn ledger(dataset: &Dataset, at: &At, asked: &Asked) -> Result<Vec<ConsensusReport>, Error> {
    let parts = dataset.parts(at)?;
    let declared = dataset.declared()?;
    let find = |name: &String| {
        let declared = declared.iter().find(|task| task.name == *name);
        find(&parts, name, declared, asked)
    };
    let mut reports: Vec<ConsensusReport> =
        wanted(&parts, &asked.filter)?.iter().map(find).collect::<Result<_, _>>()?;
    add_texts(dataset, at, &parts, &mut reports)?;
    Ok(reports)
}

/// Returns the tasks of the filter, or all that have answers.
fn wanted(parts: &Parts<'_>, filter: &Filter) -> Result<Vec<String>, Error> {
    let tasks = answered_tasks(&parts.records);
    if tasks.is_empty() {
        return Err(Error::Unfit(crate::consensus::Unfit::NoLabels));
    }
    let known: Vec<&str> = tasks.iter().map(String::as_str).collect();
    match filter.tasks.is_empty() {
        true => Ok(tasks),
        false => {
            let find = |name: &String| which_task(&known, Some(name)).map(str::to_owned);
            filter.tasks.iter().map(find).collect()
        }
    }
}

fn find(
    parts: &Parts<'_>,
    name: &str,
    declared: Option<&Task>,
    asked: &Asked,
) -> Result<ConsensusReport, Error> {
    let gold_labeler = match &asked.gold {
        AgainstGold::Labeler(labeler) => Some(labeler.as_str()),
        _ => None,
    };
    let weighs_model = asked.how.method == Method::Crowdlab;
    let read = parts.map(Some(name), |ledger| {
        let task = ledger.find_task(name)?;
        let model = weighs_model.then(|| predictions(ledger, task, asked.predictions.as_deref()));
        Some((votes(ledger, task, gold_labeler, &asked.filter), gold(ledger, task, gold_labeler), model))
    })?;
    let (mut tables, mut known, mut models) = (Vec::new(), Gold::default(), Predictions::default());
    let mut labelers = BTreeSet::new();
    for (table, gold, model) in read.into_iter().flatten() {
        tables.push(table);
        labelers.extend(gold.labelers);
        known.labels.extend(gold.labels);
        model.into_iter().for_each(|model| models.append(model));
    }
    known.labelers = labelers.into_iter().collect();
    if known.labels.is_empty() && asked.gold != AgainstGold::IfThere {
        return Err(no_gold(name, gold_labeler));
    }
    let table = Table::join(&tables, declared.and_then(Task::domain));
    let (model, scores) = match weighs_model {
        true => models.of_one(name, &table, asked.predictions.as_deref())?,
        false => Default::default(),
    };
    let found = asked.how.find(&table, || scores)?;
    let about = About {
        task: Some(name.to_owned()),
        parameters: asked.how.model()?.map(|model| model.parameters()).unwrap_or_default(),
        ties: asked.how.ties,
        model: weighs_model.then_some(model),
        gold: (!known.labels.is_empty()).then_some(known),
        listed: asked.how.listed,
    };
    Ok(report(table, found, about)?)
}

/// Returns the labels that vote: of humans, but for a labeler who is held to be right.
fn votes(ledger: &Ledger, task: u16, gold: Option<&str>, filter: &Filter) -> Table {
    let chosen = (!filter.is_empty()).then(|| ledger.select(filter));
    let gold = gold.and_then(|gold| ledger.find_labeler(gold));
    let keep = |judgement: usize| {
        gold != Some(ledger.judgements()[judgement].labeler)
            && chosen.as_ref().is_none_or(|chosen| chosen[judgement])
    };
    Table::from_ledger_where(ledger, task, None, Beside::Nobody, keep)
}

/// Returns the current labels of `labeler`, or of all of kind gold.
fn gold(ledger: &Ledger, task: u16, labeler: Option<&str>) -> Gold {
    let (mut labels, mut labelers) = (BTreeMap::<String, Option<String>>::new(), BTreeSet::new());
    for judgement in &ledger.judgements()[ledger.of_task(task)] {
        let who = ledger.labeler_name(judgement.labeler);
        let is_gold = judgement.kind == Kind::Labels
            && judgement.state == State::Current
            && match labeler {
                Some(labeler) => who == labeler,
                None => ledger.labeler_kind(judgement) == LabelerKind::Gold,
            };
        let Some(statement) = judgement.statement.filter(|_| is_gold) else { continue };
        labelers.insert(who.to_owned());
        let label = Some(ledger.statement_text(statement).to_owned());
        labels
            .entry(ledger.item_name(judgement.item).to_owned())
            .and_modify(|known| *known = known.take().filter(|known| Some(known) == label.as_ref()))
            .or_insert_with(|| label.clone());
    }
    Gold { labelers: labelers.into_iter().collect(), labels }
}

fn no_gold(task: &str, labeler: Option<&str>) -> Error {
    match labeler {
        Some(labeler) => Error::NotFound {
            message: format!("`{labeler}` has no label of task `{task}` that counts"),
            hint: Some("`hitl status` lists who has".to_owned()),
        },
        None => Error::NotFound {
            message: format!("task `{task}` has no gold labels"),
            hint: Some(
                "`hitl commit FILE --labeler gold --labeler-kind gold` adds them; --against-gold LABELER takes somebody's"
                    .to_owned(),
            ),
        },
    }
}

/// Adds the text of the items to look at first, where the ledger has it.
fn add_texts(
    dataset: &Dataset,
    at: &At,
    parts: &Parts<'_>,
    reports: &mut [ConsensusReport],
) -> Result<(), Error> {
    if parts.records.records().iter().all(|record| record.head.kind != Kind::Items) {
        return Ok(());
    }
    let unsure = reports.iter().flat_map(|report| &report.unsure);
    let view = dataset.view_of_items(at, &unsure.map(|unsure| unsure.item.clone()).collect())?;
    let texts = view.ledger.item_texts(col::TEXT);
    for unsure in reports.iter_mut().flat_map(|report| &mut report.unsure) {
        unsure.text = texts.get(unsure.item.as_str()).map(|text| (*text).to_owned());
    }
    Ok(())
}
