//! From what the user asked to the revert that does it.

use std::collections::BTreeSet;

use super::super::{Error, resolve_record};
use super::Options;
use crate::base::text;
use crate::dataset::{Dataset, View};
use crate::ledger::{Ledger, State};
use crate::record::{Cascade, Filter, Kind, LabelerKind, RecordId, Revert, Rows, col};

/// At most this many items are named in the manifest; more lie in a shard beside it.
const ITEMS_IN_MANIFEST: usize = 100;
/// A revert worked out from what the user asked.
pub(super) struct Plan {
    pub revert: Revert,
    pub rows: Option<Rows>,
    pub undoes: Option<RecordId>,
    pub still_held_by: Vec<RecordId>,
    pub chosen: Vec<bool>,
    pub unknown_items: usize,
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
    ledger: &Ledger,
    options: &Options,
) -> Result<Plan, Error> {
    let mut filter = options.filter.clone();
    check_names(ledger, &filter)?;
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
    let chosen = ledger.select(&filter);
    let models = ledger.judgements().iter().zip(&chosen).any(|(judgement, chosen)| {
        *chosen && judgement.state != State::Reverted && ledger.labeler_kind(judgement) == LabelerKind::Model
    });
    let cascade = options.cascade.unwrap_or(if models { Cascade::Confirmed } else { Cascade::None });
    let unknown_items = filter.items.iter().flatten().filter(|item| ledger.find_item(item).is_none()).count();
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
    Ok(Plan { revert, rows, undoes: None, still_held_by: Vec::new(), chosen, unknown_items })
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
    let mut others = BTreeSet::new();
    let mut chosen = vec![false; ledger.judgements().len()];
    for (judgement, chosen) in ledger.judgements().iter().zip(&mut chosen) {
        let by = ledger.reverted_by(judgement);
        if by.contains(&index) {
            *chosen = true;
            others.extend(by.into_iter().filter(|other| *other != index));
        }
    }
    let revert = Revert { filter, ..Revert::default() };
    let still_held_by = others.into_iter().map(|other| ledger.records()[other].id).collect();
    Ok(Plan { revert, rows: None, undoes: Some(undone), still_held_by, chosen, unknown_items: 0 })
}

/// Refuses labelers, guidelines and tasks that nothing in the ledger has.
fn check_names(ledger: &Ledger, filter: &Filter) -> Result<(), Error> {
    for labeler in &filter.labelers {
        if ledger.find_labeler(labeler).is_none() {
            let known = (0..ledger.labelers() as u32).map(|labeler| ledger.labeler_name(labeler));
            return Err(unknown("no judgement is by labeler", labeler, known));
        }
    }
    for task in &filter.tasks {
        if ledger.find_task(task).is_none() {
            return Err(unknown(
                "no judgement is of task",
                task,
                (0..ledger.tasks() as u16).map(|task| ledger.task_name(task)),
            ));
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
