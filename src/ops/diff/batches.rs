//! `diff A B`: two batches side by side; and the corrections of two states.

use super::super::{Error, resolve_record};
use super::{Options, named_side, sides, whole};
use crate::dataset::{At, Dataset};
use crate::diff::batches::{Answer, BatchDiff, Said, Side, compare};
use crate::ledger::{Judgement, Ledger, Loaded, State};
use crate::record::{Filter, Kind, RecordId, Rows, Verdict, col};

/// Compares what the records that `a` names say with what those that `b` names say.
///
/// # Errors
/// One of them names no record, a prefix of several, or records that judge nothing; or they could not be read.
pub fn batches(
    dataset: &Dataset,
    (a, b): (&str, &str),
    filter: &Filter,
    limit: Option<usize>,
) -> Result<BatchDiff, Error> {
    let (one, other) = (records(dataset, a)?, records(dataset, b)?);
    Ok(compare(&side(a, &one, filter), &side(b, &other, filter), limit))
}

/// Compares the current corrections of two states.
///
/// # Errors
/// A side is no revision and no snapshot, or a ledger could not be read.
pub fn corrections(dataset: &Dataset, options: &Options) -> Result<BatchDiff, Error> {
    let (base, head) = sides(options.range.as_deref());
    let before = whole(dataset, named_side(dataset, &base, options.range.is_none())?)?;
    let after = whole(dataset, named_side(dataset, &head, false)?)?;
    let (before, after) = (state(&base, &before, &options.filter), state(&head, &after, &options.filter));
    Ok(compare(&before, &after, options.limit))
}

/// Reads the records that `given` names: of HEAD's ledger, or of the ledger at the revision that it is.
fn records(dataset: &Dataset, given: &str) -> Result<Vec<Loaded>, Error> {
    let head = dataset.view_of_records(&At::default())?;
    let ids = resolve_record(dataset, &head, given)?;
    let here = ids.iter().all(|id| head.ledger.find_record(id).is_some());
    let at = if here { At::default() } else { At { rev: Some(given.to_owned()), as_of: None } };
    let read = dataset.records(&at, &ids)?;
    if read.iter().any(|record| record.manifest.kind.is_judgement()) {
        return Ok(read);
    }
    let kinds: Vec<&str> = read.iter().map(|record| record.manifest.kind.as_str()).collect();
    Err(Error::request(
        format!("`{given}` judges nothing: it holds {}", kinds.join(", ")),
        "`hitl log` lists batches of labels, corrections, adjudications and predictions",
    ))
}

/// Returns the rows of records that judge and that `filter` chooses.
fn side<'a>(name: &str, records: &'a [Loaded], filter: &Filter) -> Side<'a> {
    let judging = || records.iter().filter(|record| record.manifest.kind.is_judgement());
    Side {
        name: name.to_owned(),
        records: judging().map(|record| record.id).collect::<Vec<RecordId>>(),
        said: judging().flat_map(|record| rows(record, filter)).collect(),
        conflicts: Vec::new(),
    }
}

fn rows<'a>(record: &'a Loaded, filter: &Filter) -> impl Iterator<Item = Said<'a>> {
    let (manifest, rows) = (&record.manifest, &record.rows);
    let task = manifest.task.as_deref().unwrap_or_default();
    let covered = filter.covers_record(&record.id, manifest.kind, task);
    let chosen = move |row: &usize| {
        let text = |column| rows.text(*row, column).unwrap_or_default();
        filter.covers_row(rows, *row, manifest.recorded_at)
            && (filter.labelers.is_empty() || filter.labelers.iter().any(|id| id == text(col::LABELER)))
            && filter.items.as_ref().is_none_or(|items| items.contains(text(col::ITEM)))
    };
    let chosen: Vec<usize> = (0..rows.len()).filter(|row| covered && chosen(row)).collect();
    chosen.into_iter().map(move |row| said(task, rows, row))
}

fn said<'a>(task: &'a str, rows: &'a Rows, row: usize) -> Said<'a> {
    let text = |column| rows.text(row, column);
    let answer = match rows.kind() {
        Kind::Corrections => Answer::Correction {
            verdict: text(col::VERDICT).and_then(|word| word.parse().ok()).unwrap_or(Verdict::Corrected),
            original: text(col::ORIGINAL),
            corrected: text(col::CORRECTED),
        },
        _ => Answer::Label(text(col::LABEL)),
    };
    Said {
        task,
        kind: rows.kind(),
        item: text(col::ITEM).unwrap_or_default(),
        labeler: text(col::LABELER).unwrap_or_default(),
        created_at: rows.time(row, col::CREATED_AT),
        answer,
    }
}

/// Returns the current corrections of a ledger that `filter` chooses: those of models too, and whatever speaks against
/// learning from them, since a diff tells what changed.
fn state<'a>(name: &str, ledger: &'a Ledger, filter: &Filter) -> Side<'a> {
    let chosen = (!filter.is_empty()).then(|| ledger.select(filter));
    let chosen = |number: usize| chosen.as_ref().is_none_or(|chosen| chosen[number]);
    let corrections = || {
        let all = ledger.judgements().iter().enumerate();
        all.filter(|(number, one)| one.kind == Kind::Corrections && chosen(*number)).map(|(_, one)| one)
    };
    let said = |one: &Judgement| {
        let (rows, row) = ledger.row_of(ledger.attributes(one));
        said(ledger.task_name(one.task), rows, row)
    };
    let in_state = |state| corrections().filter(move |one| one.state == state).map(said).collect();
    Side {
        name: name.to_owned(),
        records: Vec::new(),
        said: in_state(State::Current),
        conflicts: in_state(State::Conflict),
    }
}
