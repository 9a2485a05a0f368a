//! `adjudicate`: records a decision on an item, or many from a file, and lists the items that need one.
//!
//! A decision is an adjudication: its own kind of record, which wins over labels whoever made them. It goes the way of
//! `commit`: planned against the ledger, checked against people and guidelines, sealed, and written by one commit.

mod list;
mod report;

use std::collections::BTreeMap;

use super::commit::{self, CommitReport, FilePlan, Personal, Scene, seal_all};
use super::record_ref::which_task;
use super::signed::sign_records;
use super::{Clock, Error, Input};
use crate::adjudicate;
use crate::base::{Timestamp, text};
use crate::config::Labelers;
use crate::dataset::{Dataset, Draft, Sealed, seal};
use crate::ingest::{self, Import, TaskRows};
use crate::record::{ErrorType, Kind, LabelerKind, Origin, Policy, Rows, check_item, col};
use crate::store::{Change, Transaction};

pub use list::{Asked, ListReport, TaskList, form, list};
pub use report::AdjudicateReport;

/// What is decided.
#[derive(Clone, Debug)]
pub enum Decided {
    /// One item.
    One {
        /// The item.
        item: String,
        /// Its label; none where there is no right one.
        label: Option<String>,
        /// What went wrong before.
        error_type: Option<ErrorType>,
        /// What the guideline does not say.
        guideline_gap: Option<String>,
    },
    /// The rows of a file.
    File(Input),
}

/// What `adjudicate` is asked to record.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is decided.
    pub decided: Decided,
    /// The task.
    pub task: Option<String>,
    /// Who decides; whom Git's identity is an alias of when not given.
    pub labeler: Option<String>,
    /// The guideline: NAME for the version in force, or NAME@VERSION.
    pub guideline: Option<String>,
    /// Why.
    pub message: Option<String>,
    /// Whether rows of a file that were taken back are recorded again.
    pub again: bool,
    /// Whether another reason, guideline, error type … of a decision that stands is recorded.
    pub amend: bool,
    /// Whether what is written is left unsigned, where Git's configuration names an SSH key.
    pub unsigned: bool,
    /// Whether to show what would happen and write nothing.
    pub dry_run: bool,
}

/// Records decisions, or tells what that would do.
///
/// # Errors
/// The label is none of the task, the ledger has nothing of the item, nobody is said to decide, no reason is given, a
/// file has faults (then all of them are told), or Git refuses the commit. Nothing is written then.
pub fn adjudicate(dataset: &Dataset, options: &Options, clock: Clock) -> Result<AdjudicateReport, Error> {
    let said = options.message.as_ref().is_some_and(|why| !why.trim().is_empty());
    let one = matches!(options.decided, Decided::One { .. });
    if one && !said {
        return Err(Error::request("a decision says why", "add -m \"why it is so\""));
    }
    let transaction = if options.dry_run { None } else { Some(dataset.store().begin()?) };
    let committing = committing(dataset, options)?;
    let scene = Scene::of(dataset, &committing, clock)?;
    let (plan, drafts) = match &options.decided {
        Decided::File(input) => {
            commit::one_file(dataset, &scene, input, &mut BTreeMap::new()).map_err(not_decided)?
        }
        Decided::One { .. } => one_decision(dataset, &scene, options)?,
    };
    let stamped = super::stamp_or_blank(dataset, clock.now, options.dry_run)?;
    let sealed = match drafts.is_empty() {
        true => Vec::new(),
        false => seal_all(&drafts, scene.heads(), &stamped, seal)?,
    };
    let mut report = AdjudicateReport::new(options.dry_run, one, plan);
    tell_effects(dataset, &scene, options, &drafts, &sealed, &mut report)?;
    match transaction {
        Some(transaction) if !sealed.is_empty() => {
            write((dataset, &scene), transaction, report, options, &drafts, sealed)
        }
        _ => Ok(report),
    }
}

/// Returns the options under which `commit` plans the decisions.
fn committing(dataset: &Dataset, options: &Options) -> Result<commit::Options, Error> {
    let (inputs, one) = match &options.decided {
        Decided::File(input) => (vec![input.clone()], false),
        Decided::One { .. } => (Vec::new(), true),
    };
    let registry = dataset.labelers(&dataset.config()?)?;
    let labeler = match &options.labeler {
        Some(given) => Some(labeler(given, &registry)?),
        None => None,
    };
    let decider = match &labeler {
        Some(labeler) => labeler.clone(),
        None => decider(dataset, &registry, one)?.unwrap_or_default(),
    };
    Ok(commit::Options {
        kind: Kind::Adjudications,
        task: options.task.clone(),
        labeler,
        guideline: options.guideline.clone(),
        origin: Some(Origin::Adjudicated),
        deciding: Some(decider),
        personal: Personal::Refuse,
        // Said now, it counts, whatever was taken back before.
        again: options.again || one,
        amend: options.amend,
        message: options.message.clone(),
        dry_run: options.dry_run,
        ..commit::Options::new(inputs)
    })
}

/// Returns the id of the labeler that somebody typed.
fn labeler(given: &str, registry: &Labelers) -> Result<String, Error> {
    ingest::resolve_labeler(given, &registry.aliases()).map_err(|(message, personal)| Error::Request {
        message,
        hint: personal.then(|| "give it an alias in labelers.yaml, and decide under the id there".to_owned()),
    })
}

/// Returns the labeler whom Git's identity is an alias of.
///
/// # Errors
/// There is none, and one is `needed`.
fn decider(dataset: &Dataset, registry: &Labelers, needed: bool) -> Result<Option<String>, Error> {
    let identity = dataset.store().identity();
    let actor = identity.as_ref().ok().map(|one| format!("{} <{}>", one.name, one.email));
    let found = actor.and_then(|actor| registry.called(&actor).map(str::to_owned));
    match (found, identity) {
        (None, identity) if needed => Err(Error::request(
            "nobody is said to decide",
            match identity {
                Ok(one) => format!(
                    "name yourself by --labeler ID; with `{}` among the aliases of ID in labelers.yaml it is the default",
                    one.email
                ),
                Err(_) => "name yourself by --labeler ID".to_owned(),
            },
        )),
        (found, _) => Ok(found),
    }
}

/// Words the refusal of a file of decisions.
fn not_decided(error: Error) -> Error {
    match error {
        Error::Refused { file, refused } => Error::NotDecided { file, refused },
        Error::Ingest { error: ingest::RequestError::NoLabeler { .. }, file } => Error::request(
            format!("{file}: nobody is said to decide"),
            "name who does by --labeler ID, or in a column `labeler`",
        ),
        other => other,
    }
}

/// Plans the one decision of the command line.
fn one_decision(
    dataset: &Dataset,
    scene: &Scene<'_>,
    options: &Options,
) -> Result<(FilePlan, Vec<Draft>), Error> {
    let Decided::One { item, label, error_type, guideline_gap } = &options.decided else {
        unreachable!("the caller has looked")
    };
    let known: Vec<&str> = scene.tasks().iter().map(|task| task.name.as_str()).collect();
    let task = commit::task(scene, which_task(&known, options.task.as_deref())?)?;
    let item = text::nfc(item).into_owned();
    check_item(&item)?;
    let label = label.as_ref().filter(|label| !label.trim().is_empty());
    let label = label.map(|label| ingest::read_label(task, label)).transpose();
    let label = label.map_err(|error| Error::Request { message: error.to_string(), hint: None })?.flatten();
    let labeler = scene.decider();
    let mut rows = Rows::empty(Kind::Adjudications);
    let row = rows.push_judgement(&item, labeler, Origin::Adjudicated);
    let texts = [
        (col::RATIONALE, options.message.as_deref()),
        (col::LABEL, label.as_deref()),
        (col::ERROR_TYPE, error_type.map(ErrorType::as_str)),
        (col::GUIDELINE_GAP, guideline_gap.as_deref().filter(|note| !note.trim().is_empty())),
    ];
    for (column, value) in texts {
        value.into_iter().for_each(|value| rows.set_text(row, column, value));
    }
    let batch = TaskRows { task: Some(task.name.clone()), rows, lines: vec![1], records: vec![0] };
    let import = Import {
        detected: "one decision".to_owned(),
        columns: Vec::new(),
        batches: vec![batch],
        labelers: BTreeMap::from([(labeler.to_owned(), LabelerKind::Human)]),
        pseudonyms: BTreeMap::new(),
        records: 1,
        repeated: 0,
        notes: Vec::new(),
        refused: None,
    };
    let (plan, mut drafts, faults) = commit::plan::plan(dataset, scene, None, import)?;
    if let Some(fault) = faults.into_iter().next() {
        return Err(Error::Request { message: fault.fault.message, hint: fault.fault.hint });
    }
    drafts.retain(|draft| draft.rows.as_ref().is_some_and(|rows| !rows.is_empty()));
    Ok((plan, drafts))
}

/// Adds to `report` what the decisions change.
fn tell_effects(
    dataset: &Dataset,
    scene: &Scene<'_>,
    options: &Options,
    drafts: &[Draft],
    sealed: &[Sealed],
    report: &mut AdjudicateReport,
) -> Result<(), Error> {
    let task = report.commit.files.iter().flat_map(|file| &file.batches).find_map(|batch| batch.task.clone());
    let task = task.unwrap_or_default();
    let mut decided = latest(drafts);
    if let (true, Decided::One { item, .. }) = (decided.is_empty(), &options.decided) {
        decided.insert(text::nfc(item).into_owned(), (None, None));
    }
    report.policy = super::trace::policies(dataset)?.get(&task).map_or(Policy::default(), |known| known.0);
    let before = dataset.ledger_of_items(&scene.view, &decided.keys().cloned().collect())?;
    if sealed.is_empty() {
        let standing = |item: &String| adjudicate::earlier(&before, &task, item);
        report.stands = if report.one { decided.keys().flat_map(standing).collect() } else { Vec::new() };
    } else {
        let after = before.fold_with(sealed.iter().map(|sealed| sealed.record.clone()).collect());
        let decided = decided.iter().map(|(item, (_, label))| (item.as_str(), label.as_deref()));
        report.decisions = adjudicate::effects(&before, &after, (&task, report.policy), decided);
    }
    report.task = task;
    Ok(())
}

/// Returns each item that `drafts` decide, with the latest decision on it and its time.
fn latest(drafts: &[Draft]) -> BTreeMap<String, (Option<Timestamp>, Option<String>)> {
    let mut decided = BTreeMap::new();
    for rows in drafts.iter().filter_map(|draft| draft.rows.as_ref()) {
        for row in 0..rows.len() {
            let item = rows.text(row, col::ITEM).unwrap_or_default().to_owned();
            let this = (rows.time(row, col::CREATED_AT), rows.text(row, col::LABEL).map(str::to_owned));
            let known = decided.entry(item).or_insert_with(|| this.clone());
            if known.0 < this.0 {
                *known = this;
            }
        }
    }
    decided
}

/// Commits the decisions, and says so in their report.
fn write(
    (dataset, scene): (&Dataset, &Scene<'_>),
    transaction: Transaction<'_>,
    mut report: AdjudicateReport,
    options: &Options,
    drafts: &[Draft],
    mut sealed: Vec<Sealed>,
) -> Result<AdjudicateReport, Error> {
    let mut files = sealed.iter_mut().flat_map(|sealed| std::mem::take(&mut sealed.files)).collect();
    report.commit.signed_by = sign_records(dataset, options.unsigned, &sealed, &mut files)?;
    scene.allow(dataset, &sealed, report.commit.signed_by.as_deref())?;
    let subject = options.message.clone().unwrap_or_else(|| subject(&report));
    let body = report.summary();
    let message = commit::message(&subject, Some(&body), &sealed, &commit::trailers(drafts));
    let committed = transaction.commit(&Change { files, message })?;
    report.commit.committed(&sealed, &committed);
    Ok(report)
}

fn subject(report: &AdjudicateReport) -> String {
    let count = text::count(report.decisions.len(), "decision");
    format!("adjudicate: {count} on {}", report.task)
}

impl AdjudicateReport {
    fn new(dry_run: bool, one: bool, plan: FilePlan) -> Self {
        let mut commit = CommitReport::new(dry_run);
        commit.schema = "hitl.adjudicate/1";
        commit.files = vec![plan];
        Self {
            commit,
            one,
            task: String::new(),
            policy: Policy::default(),
            decisions: Vec::new(),
            stands: Vec::new(),
        }
    }
}
