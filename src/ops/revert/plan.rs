//! From what the user asked to the revert that does it.

use std::collections::BTreeMap;

use super::super::record_ref::answered_tasks;
use super::super::{Error, resolve_record};
use super::Options;
use crate::base::text;
use crate::dataset::{Dataset, Parts, View};
use crate::ledger::{Ledger, State};
use crate::record::{Cascade, Filter, Kind, LabelerKind, RecordId, Revert, Rows, col};

/// At most this many items are named in the manifest; more lie in a shard beside it.
const ITEMS_IN_MANIFEST: usize = 100;
/// A revert worked out from what the user asked.
pub(super) struct Plan {
    pub revert: Revert,
    pub rows: Option<Rows>,
    pub undoes: Option<RecordId>,
    /// What the revert's filter says, items and all.
    pub filter: Filter,
}

impl Plan {
    /// Returns, for each judgement of a part of the ledger, whether it is meant.
    pub fn chosen(&self, ledger: &Ledger) -> Vec<bool> {
        let Some(undone) = self.undoes.and_then(|undone| ledger.find_record(&undone)) else {
            return ledger.select(&self.filter);
        };
        ledger.judgements().iter().map(|judgement| ledger.reverted_by(judgement).contains(&undone)).collect()
    }
}

/// Returns the trailers of the commit of a revert.
pub(super) fn trailers(revert: &Revert) -> Vec<(&'static str, String)> {
    let filter = &revert.filter;
    let records = filter.records.iter().map(|id| ("Hitl-Reverts", id.to_string()));
    let labelers = filter.labelers.iter().map(|labeler| ("Labeler", labeler.clone()));
    let guidelines = filter.guidelines.iter().map(|guideline| ("Guideline", guideline.0.clone()));
    records.chain(labelers).chain(guidelines).collect()
}

pub(super) fn plan(
    dataset: &Dataset,
    view: &View,
    parts: &Parts<'_>,
    options: &Options,
) -> Result<Plan, Error> {
    let ledger = &view.ledger;
    let mut filter = options.filter.clone();
    check_names(view, &filter)?;
    for given in &options.records {
        let mut named = resolve_record(dataset, view, given)?;
        // A commit may bring items, guidelines or joins along: what is meant are the judgements.
        if named.iter().any(|id| takes_back(ledger, id)) {
            named.retain(|id| takes_back(ledger, id));
        }
        filter.records.extend(named);
    }
    filter.records.sort();
    filter.records.dedup();
    if filter.is_empty() {
        return Err(Error::request(
            "nothing says what to take back",
            "name a RECORD (see `hitl log`) or use --labeler, --guideline, --task, --since, --until, --items-from",
        ));
    }
    let kind_of = |id: &RecordId| ledger.find_record(id).map(|index| ledger.records()[index].head.kind);
    let reverts: Vec<RecordId> =
        filter.records.iter().copied().filter(|id| kind_of(id) == Some(Kind::Reverts)).collect();
    if let Some(undone) = reverts.first().copied() {
        return plan_undo(ledger, filter, undone, options);
    }
    if let Some(id) = filter.records.iter().find(|id| kind_of(id).is_some_and(|kind| !kind.is_judgement())) {
        let kind = kind_of(id).expect("found just above");
        return Err(Error::request(
            format!("record {} holds {kind}, which are never taken back", id.short()),
            "labels, corrections, adjudications and predictions are, and reverts by naming them",
        ));
    }
    let cascade = match options.cascade {
        Some(cascade) => cascade,
        None if takes_models(view, parts, &filter)? => Cascade::Confirmed,
        None => Cascade::None,
    };
    let all = filter.clone();
    let mut rows = None;
    if let Some(items) = filter.items.take() {
        if items.len() > ITEMS_IN_MANIFEST {
            let mut list = Rows::empty(Kind::Reverts);
            for item in &items {
                let row = list.push_nulls();
                list.set_text(row, col::ITEM, item);
            }
            rows = Some(list);
        } else {
            filter.items = Some(items);
        }
    }
    let revert = Revert { filter, cascade, concurrent: options.concurrent };
    Ok(Plan { revert, rows, undoes: None, filter: all })
}

/// Whether some live judgement that `filter` chooses is a model's.
fn takes_models(view: &View, parts: &Parts<'_>, filter: &Filter) -> Result<bool, Error> {
    let named = |labeler: &String| filter.labelers.is_empty() || filter.labelers.contains(labeler);
    if !view.labelers().iter().any(|(labeler, sum)| sum.model_rows > 0 && named(labeler)) {
        return Ok(false);
    }
    let any = parts.map(None, |ledger| {
        let chosen = ledger.select(filter);
        ledger.judgements().iter().zip(chosen).any(|(judgement, chosen)| {
            chosen
                && judgement.state != State::Reverted
                && ledger.labeler_kind(judgement) == LabelerKind::Model
        })
    })?;
    Ok(any.contains(&true))
}

/// Whether a record is of a kind that a revert may name.
fn takes_back(ledger: &Ledger, id: &RecordId) -> bool {
    ledger.find_record(id).is_some_and(|index| {
        let kind = ledger.records()[index].head.kind;
        kind.is_judgement() || kind == Kind::Reverts
    })
}

/// Works out a revert of the revert `undone`.
fn plan_undo(ledger: &Ledger, filter: Filter, undone: RecordId, options: &Options) -> Result<Plan, Error> {
    if options.concurrent || options.cascade.is_some() {
        return Err(Error::request(
            format!(
                "record {} is a revert: taking it back has no --cascade and no --concurrent",
                undone.short()
            ),
            format!("hitl revert {} -m \"why\"", undone.short()),
        ));
    }

    if filter != (Filter { records: vec![undone], ..Filter::default() }) {
        return Err(Error::request(
            format!("record {} is a revert: it is taken back alone and whole", undone.short()),
            format!("hitl revert {} -m \"why\", without other records or filters", undone.short()),
        ));
    }
    let index = ledger.find_record(&undone).expect("its kind was just looked up");
    if !ledger.is_live_revert(index) {
        return Err(Error::Nothing {
            message: format!("revert {} is already taken back", undone.short()),
            hint: Some("`hitl log` shows by which record".to_owned()),
        });
    }
    let revert = Revert { filter: filter.clone(), ..Revert::default() };
    Ok(Plan { revert, rows: None, undoes: Some(undone), filter })
}

/// Refuses labelers, guidelines and tasks that nothing in the ledger has.
fn check_names(view: &View, filter: &Filter) -> Result<(), Error> {
    let ledger = &view.ledger;
    let labelers = if filter.labelers.is_empty() { BTreeMap::new() } else { view.labelers() };
    for labeler in &filter.labelers {
        if !labelers.contains_key(labeler) {
            let known = labelers.keys().map(String::as_str);
            return Err(unknown("no judgement is by labeler", labeler, known));
        }
    }
    let tasks = answered_tasks(ledger);
    for task in &filter.tasks {
        if !tasks.contains(task) {
            return Err(unknown("no judgement is of task", task, tasks.iter().map(String::as_str)));
        }
    }
    for guideline in &filter.guidelines {
        let known = || ledger.records().iter().flat_map(|record| record.manifest.guidelines.keys());
        if !known().any(|key| guideline.covers(key)) {
            return Err(unknown(
                "no judgement was made under guideline",
                &guideline.0,
                known().map(String::as_str),
            ));
        }
    }
    Ok(())
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let near = text::did_you_mean(name, known).map(|near| format!("did you mean `{near}`?"));
    Error::Request { message: format!("{what} `{name}`"), hint: near }
}
