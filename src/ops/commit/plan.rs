//! From an import to drafts: what is new, what is there, what was taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Error;
use super::super::input::Input;
use super::check::{self, RowFault};
use super::decide;
use super::{BatchPlan, ColumnPlan, FilePlan, LabelerPlan, RefusedPlan, Scene, TakenBack, source};
use crate::base::Digest;
use crate::dataset::{Dataset, Draft};
use crate::ingest::{self, Import, TaskRows};
use crate::ledger::{self, Disposition, Ledger, Wish};
use crate::record::{Kind, LabelerKind, RecordId, Rows, canonical_row, col};

/// Faults of refused rows that a report lists.
const FAULTS_SHOWN: usize = 20;

/// Plans one file, or rows that come from none: what the report says of it, the drafts of its records, and the rows that
/// this repository refuses.
pub(in crate::ops) fn plan(
    dataset: &Dataset,
    scene: &Scene<'_>,
    from: Option<(&Input, Digest)>,
    import: Import,
) -> Result<(FilePlan, Vec<Draft>, Vec<RowFault>), Error> {
    let source = from.map(|(input, sha256)| source(scene, input, sha256, &import));
    let kinds = labeler_kinds(scene, &import)?;
    let committed_before = source.as_ref().is_some_and(|source| scene.has_source(source.sha256));
    let ledger = scene.ledger_of(dataset, &import)?;
    let mut file = FilePlan {
        file: from.map_or_else(|| "the command line".to_owned(), |(input, _)| input.name.clone()),
        detected: import.detected.clone(),
        columns: import
            .columns
            .iter()
            .map(|used| ColumnPlan { column: used.column.clone(), meaning: used.meaning.clone() })
            .collect(),
        batches: Vec::new(),
        notes: import.notes.iter().map(ToString::to_string).collect(),
        refused: from.and_then(|(input, _)| refused_plan(input, &import)),
    };
    let mut drafts = Vec::new();
    let mut faults = Vec::new();
    for batch in import.batches {
        let kind = batch.rows.kind();
        let planned = if kind.is_judgement() {
            judgements(dataset, (scene, &ledger), batch, &kinds, committed_before)?
        } else {
            items(&ledger, batch)
        };
        faults.extend(planned.faults);
        file.notes.extend(planned.notes);
        let task = planned.plan.task.clone();
        let schema = task.as_deref().map(|name| check::task(scene, name)).transpose()?;
        file.batches.push(planned.plan);
        drafts.push(Draft {
            task,
            rows: Some(planned.rows),
            source: source.clone(),
            schema_sha256: schema.map(crate::record::Task::schema_sha256),
            labeler_kinds: kinds.clone(),
            guideline_texts: scene.guidelines.digests(),
            ..Draft::new(kind, scene.options.message.clone().unwrap_or_default())
        });
    }
    Ok((file, drafts, faults))
}

/// A batch, planned.
struct Planned {
    plan: BatchPlan,
    rows: Rows,
    faults: Vec<RowFault>,
    notes: Vec<String>,
}

/// Returns the kind of each labeler: `labelers.yaml` decides, else the file or the command line.
fn labeler_kinds(scene: &Scene<'_>, import: &Import) -> Result<BTreeMap<String, LabelerKind>, Error> {
    let mut kinds = BTreeMap::new();
    for (id, kind) in &import.labelers {
        let declared = scene.registry.labelers.get(id).map(|known| known.kind);
        if let (Some(declared), Some(given)) = (declared, scene.options.labeler_kind)
            && declared != given
        {
            return Err(Error::request(
                format!("labelers.yaml says {id} is {declared}, --labeler-kind says {given}"),
                "change one of them",
            ));
        }
        kinds.insert(id.clone(), declared.unwrap_or(*kind));
    }
    Ok(kinds)
}

fn judgements(
    dataset: &Dataset,
    (scene, ledger): (&Scene<'_>, &Ledger),
    batch: TaskRows,
    kinds: &BTreeMap<String, LabelerKind>,
    committed_before: bool,
) -> Result<Planned, Error> {
    let options = scene.options;
    let name = batch.task.clone().unwrap_or_default();
    let task = check::task(scene, &name)?;
    check::schema_committed(dataset, scene, task)?;
    let kind = batch.rows.kind();
    let wish = Wish { same_file: committed_before, again: options.again, amend: options.amend };
    let planned = ledger::plan(ledger, &name, &batch.rows, wish);
    let mut plan =
        BatchPlan { task: Some(name), kind: Some(kind), rows: batch.rows.len(), ..BatchPlan::default() };
    let mut held: BTreeMap<RecordId, usize> = BTreeMap::new();
    for (_, disposition) in planned.others() {
        match disposition {
            Disposition::New | Disposition::Repeated => {}
            Disposition::NewReturned => plan.returned += 1,
            Disposition::Amended { .. } => plan.amended += 1,
            Disposition::AlreadyThere { changed } => {
                plan.already_there += 1;
                plan.attributes_differ += usize::from(*changed);
            }
            Disposition::TakenBack { by } => {
                let by = by.first().expect("what is taken back is so by a revert");
                *held.entry(*by).or_insert(0) += 1;
            }
        }
    }
    plan.taken_back = held.into_iter().map(|(by, rows)| taken_back(ledger, by, rows)).collect();
    let mut fresh = match planned.added() {
        None => batch,
        Some(chosen) => {
            let of_chosen = |values: &[u32]| chosen.iter().map(|row| values[*row as usize]).collect();
            let (lines, records) = (of_chosen(&batch.lines), of_chosen(&batch.records));
            TaskRows { task: batch.task, rows: planned.to_add(&batch.rows, scene.now), lines, records }
        }
    };
    if options.deciding.is_some() {
        decide::now(&mut fresh.rows, &planned, scene.now);
    }
    check::fill_guideline(scene, &mut fresh.rows)?;
    let mut faults = check::people(scene, &fresh);
    faults.extend(check::guidelines(scene, task, &fresh));
    faults.extend(check::too_late(scene, &fresh));
    if options.deciding.is_some() {
        faults.extend(decide::faults(dataset, scene, ledger, &fresh)?);
    }
    faults.sort_by_key(|fault| fault.row);
    count(scene, &mut plan, &fresh.rows, kinds);
    let notes = look_alikes(scene, &plan);
    Ok(Planned { plan, rows: fresh.rows, faults, notes })
}

/// Returns a note for each new labeler that reads like one the ledger or `labelers.yaml` has; those within one file
/// have their note already.
fn look_alikes(scene: &Scene<'_>, plan: &BatchPlan) -> Vec<String> {
    let new: BTreeSet<&str> =
        plan.labelers.iter().filter(|one| !one.known).map(|one| one.id.as_str()).collect();
    let known =
        scene.labelers.iter().map(String::as_str).chain(scene.registry.labelers.keys().map(String::as_str));
    let known: BTreeSet<&str> = known.collect();
    let groups = ingest::look_alikes(known.iter().chain(&new).copied());
    let note = |group: Vec<String>| {
        let (old, new): (Vec<_>, Vec<_>) =
            group.iter().map(String::as_str).partition(|id| known.contains(id));
        let (old, new) = (old.first()?, new.first()?);
        Some(format!(
            "labeler {new:?} ({}) reads like {old:?}, whom the ledger knows; if they are one person, give aliases in labelers.yaml",
            new.escape_default()
        ))
    };
    groups.into_iter().filter_map(note).collect()
}

fn taken_back(ledger: &Ledger, by: RecordId, rows: usize) -> TakenBack {
    let message = ledger.find_record(&by).map(|index| ledger.records()[index].manifest.message.clone());
    TakenBack { by: by.to_string(), message: message.unwrap_or_default(), rows }
}

/// Counts the new rows by labeler, guideline, origin, and label or verdict.
fn count(scene: &Scene<'_>, plan: &mut BatchPlan, rows: &Rows, kinds: &BTreeMap<String, LabelerKind>) {
    plan.new = rows.len();
    let tally = |column: usize| rows.texts(column).tally(0..rows.len());
    let named = |column: usize| {
        tally(column).into_iter().map(|(value, rows)| (value.unwrap_or_default().to_owned(), rows)).collect()
    };
    plan.guidelines = named(col::GUIDELINE);
    plan.origins = named(col::ORIGIN);
    let mut statement = |said: Option<&str>, rows: usize| match said {
        Some(label) => *plan.labels.entry(label.to_owned()).or_insert(0) += rows,
        None => plan.abstentions += rows,
    };
    // Hardly two corrections say the same.
    let said = if rows.kind() == Kind::Corrections { col::VERDICT } else { col::LABEL };
    tally(said).into_iter().for_each(|(said, rows)| statement(said, rows));
    plan.labelers = tally(col::LABELER)
        .into_iter()
        .map(|(id, rows)| (id.unwrap_or_default(), rows))
        .map(|(id, rows)| LabelerPlan {
            known: scene.registry.labelers.contains_key(id) || scene.labelers.contains(id),
            kind: kinds.get(id).copied().unwrap_or(LabelerKind::Human),
            id: id.to_owned(),
            rows,
        })
        .collect();
}

/// Plans items: a row is new unless the last record of the item says the same.
fn items(ledger: &Ledger, batch: TaskRows) -> Planned {
    let bytes = |rows: &Rows, row: usize| {
        let mut out = Vec::new();
        canonical_row(rows, row, &mut out);
        out
    };
    let mut last: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for record in ledger.records().iter().filter(|record| record.head.kind == Kind::Items) {
        for row in 0..record.rows.len() {
            let item = record.rows.text(row, col::ITEM).unwrap_or_default();
            last.insert(item.to_owned(), bytes(&record.rows, row));
        }
    }
    let known = |row: usize| {
        let item = batch.rows.text(row, col::ITEM).unwrap_or_default();
        last.get(item).is_some_and(|said| *said == bytes(&batch.rows, row))
    };
    let new: Vec<u32> = (0..batch.rows.len()).filter(|row| !known(*row)).map(|row| row as u32).collect();
    let plan = BatchPlan {
        kind: Some(batch.rows.kind()),
        rows: batch.rows.len(),
        new: new.len(),
        already_there: batch.rows.len() - new.len(),
        ..BatchPlan::default()
    };
    Planned { plan, rows: batch.rows.take(&new), faults: Vec::new(), notes: Vec::new() }
}

/// Returns what the report says of rows that `--skip-bad` left out.
fn refused_plan(input: &Input, import: &Import) -> Option<RefusedPlan> {
    let refused = import.refused.as_ref()?;
    let stem = std::path::Path::new(if input.name == "-" { "stdin" } else { &input.name }).with_extension("");
    Some(RefusedPlan {
        rows: refused.records,
        faults: refused.faults.iter().take(FAULTS_SHOWN).map(ToString::to_string).collect(),
        to: format!("{}.refused.{}", stem.display(), refused.extension),
        bytes: refused.file.clone(),
    })
}
