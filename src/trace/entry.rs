//! One judgement as a trace tells it.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::attribution::Attribution;
use super::report::{Carried, Correction, Entry, Guideline, Later, SourceFile, TaskTrace, Undone, When};
use super::reverts::{Dead, taken};
use crate::base::Digest;
use crate::corrections::{self, Reason};
use crate::ledger::{Carrier, Judgement, Ledger, Record, State};
use crate::record::{Column, Kind, Origin, RecordId, Rows, TaskType, col};

/// Returns the judgements of `run` in time order.
pub(super) fn entries(
    ledger: &Ledger,
    run: std::ops::Range<usize>,
    context: &Context<'_>,
    dead: &Dead,
) -> Vec<Entry> {
    let left_out = left_out(ledger, run.clone(), context);
    let mut entries: Vec<Entry> = run.map(|number| entry(ledger, number, context, dead, &left_out)).collect();
    entries.sort_by_key(|entry| entry.when);
    entries
}

/// Returns what speaks against learning from each current correction among `run`, judgements of one item.
fn left_out(
    ledger: &Ledger,
    run: std::ops::Range<usize>,
    context: &Context<'_>,
) -> BTreeMap<usize, Vec<Reason>> {
    let Some(first) = ledger.judgements().get(run.start) else { return BTreeMap::new() };
    let kind = context.kinds.get(ledger.task_name(first.task)).copied().unwrap_or(TaskType::Text);
    let rows = corrections::of_item(ledger, run, kind, &context.accept);
    rows.into_iter().map(|row| (row.judgement, row.reasons)).collect()
}

fn entry(
    ledger: &Ledger,
    number: usize,
    context: &Context<'_>,
    dead: &Dead,
    left_out: &BTreeMap<usize, Vec<Reason>>,
) -> Entry {
    let judgement = &ledger.judgements()[number];
    let carrier = ledger.attributes(judgement);
    let record = &ledger.records()[carrier.record as usize];
    let (rows, row) = ledger.row_of(carrier);
    let text = |column: usize| rows.text(row, column).map(str::to_owned);
    let guideline = |version: String| {
        let sha256 = record.manifest.guidelines.get(&version).map(|one| one.sha256);
        guideline(version, sha256, context)
    };
    let (when, when_is) = when(ledger, judgement);
    Entry {
        when,
        when_is,
        kind: judgement.kind,
        labeler: ledger.labeler_name(judgement.labeler).to_owned(),
        labeler_kind: ledger.labeler_kind(judgement),
        label: statement(ledger, judgement),
        correction: (judgement.kind == Kind::Corrections).then(|| Correction {
            verdict: text(col::VERDICT),
            original: text(col::ORIGINAL),
            corrected: text(col::CORRECTED),
            reason: text(col::REASON),
            source: text(col::SOURCE),
            left_out: left_out.get(&number).cloned(),
        }),
        guideline: text(col::GUIDELINE).map(guideline),
        origin: text(col::ORIGIN).and_then(|word| word.parse().ok()).unwrap_or(Origin::Unknown),
        shown: text(col::SHOWN),
        shown_by: text(col::SHOWN_BY),
        shown_in: shown_in(ledger, judgement, text(col::SHOWN), text(col::SHOWN_BY)),
        source_id: text(col::SOURCE_ID),
        confidence: confidence(rows, row),
        duration_ms: duration(rows, row),
        rationale: text(col::RATIONALE),
        error_type: (judgement.kind == Kind::Adjudications).then(|| text(col::ERROR_TYPE)).flatten(),
        guideline_gap: (judgement.kind == Kind::Adjudications).then(|| text(col::GUIDELINE_GAP)).flatten(),
        state: judgement.state,
        superseded_by: superseded_by(ledger, number),
        reverted_by: ledger
            .reverted_by(judgement)
            .into_iter()
            .map(|one| taken(ledger, one, context))
            .collect(),
        undone: undone(ledger, judgement, context, dead),
        carried: carried(ledger, judgement, carrier, context),
    }
}

/// Returns a guideline version with what the ledger holds of the text that is pinned.
fn guideline(version: String, sha256: Option<Digest>, context: &Context<'_>) -> Guideline {
    let held =
        context.guidelines.get(&version).filter(|text| sha256.is_none_or(|sha256| sha256 == text.sha256));
    Guideline {
        sha256: sha256.or(held.map(|text| text.sha256)),
        record: held.map(|text| text.record),
        first_line: held.map(|text| text.first_line.clone()),
        version,
    }
}

/// Returns the record that holds the guess somebody saw: of several that say the same, the first one made.
fn shown_in(
    ledger: &Ledger,
    judgement: &Judgement,
    shown: Option<String>,
    by: Option<String>,
) -> Option<RecordId> {
    let (shown, by) = (ledger.find_statement(&shown?)?, ledger.find_labeler(&by?)?);
    let of_item = &ledger.judgements()[ledger.of_item(judgement.task, judgement.item)];
    let is_it = |one: &&Judgement| {
        one.labeler == by && one.statement == Some(shown) && one.kind != Kind::Adjudications
    };
    let guesses = of_item.iter().filter(|one| *one != judgement).filter(is_it);
    let record = |one: &Judgement| ledger.attributes(one).record as usize;
    let first = guesses.map(record).min()?;
    // What was shown cannot lie in a record made on top of this one.
    let own = ledger.attributes(judgement).record as usize;
    (!ledger.descends(first, own)).then(|| ledger.records()[first].id)
}

fn statement(ledger: &Ledger, judgement: &Judgement) -> Option<String> {
    judgement.statement.map(|statement| ledger.statement_text(statement).to_owned())
}

/// Returns when a judgement was made, or when it was first recorded where its source had no time.
fn when(ledger: &Ledger, judgement: &Judgement) -> (crate::base::Timestamp, When) {
    if let Some(time) = judgement.created_at {
        return (time, When::CreatedAt);
    }
    let records = ledger.records();
    let carriers = ledger.carriers(judgement).iter();
    let recorded = carriers.map(|carrier| records[carrier.record as usize].head.recorded_at).min();
    let attributing = records[ledger.attributes(judgement).record as usize].head.recorded_at;
    (recorded.unwrap_or(attributing), When::RecordedAt)
}

fn confidence(rows: &Rows, row: usize) -> Option<f64> {
    let Column::Float(values) = &rows.columns()[col::CONFIDENCE] else { return None };
    // Through its shortest decimal, so that 0.9 is not told as 0.8999999761581421.
    values[row].and_then(|value| value.to_string().parse().ok())
}

fn duration(rows: &Rows, row: usize) -> Option<i64> {
    let Column::Int(values) = &rows.columns()[col::DURATION_MS] else { return None };
    values[row]
}

fn superseded_by(ledger: &Ledger, number: usize) -> Option<Later> {
    if ledger.judgements()[number].state != State::Superseded {
        return None;
    }
    let later = &ledger.judgements()[ledger.superseded_by(number)?];
    Some(Later {
        labeler: ledger.labeler_name(later.labeler).to_owned(),
        label: statement(ledger, later),
        created_at: later.created_at,
        record: ledger.records()[ledger.attributes(later).record as usize].id,
    })
}

fn undone(ledger: &Ledger, judgement: &Judgement, context: &Context<'_>, dead: &Dead) -> Vec<Undone> {
    let reverts = dead.covering(ledger, judgement);
    let undone = |record: usize| {
        let id = ledger.records()[record].id;
        let names = |other: &usize| {
            let revert = ledger.records()[*other].manifest.revert.as_ref();
            revert.is_some_and(|revert| revert.filter.records.contains(&id))
        };
        let by = ledger.live_reverts().into_iter().filter(names);
        Undone {
            revert: taken(ledger, record, context),
            taken_back_by: by.map(|one| taken(ledger, one, context)).collect(),
        }
    };
    reverts.into_iter().map(undone).collect()
}

/// Returns the rows that carry a judgement, the attributing one first.
fn carried(ledger: &Ledger, judgement: &Judgement, first: Carrier, context: &Context<'_>) -> Vec<Carried> {
    let mut carriers: Vec<&Carrier> = ledger.carriers(judgement).iter().collect();
    carriers.sort_by_key(|carrier| (**carrier != first, carrier.record, carrier.row));
    let carried = |carrier: &Carrier| {
        let Record { id, manifest, .. } = &ledger.records()[carrier.record as usize];
        let source = manifest.source.as_ref();
        let standing = context.standings.get(id);
        Carried {
            record: *id,
            row: carrier.row,
            reverted: carrier.reverted,
            actor: manifest.actor.clone(),
            standing: standing.cloned(),
            labelled: Attribution::of(ledger.labeler_name(judgement.labeler), manifest, standing),
            recorded_at: manifest.recorded_at,
            source: source.map(|source| SourceFile { file: source.file.clone(), sha256: source.sha256 }),
            commit: context.commits.get(id).cloned(),
        }
    };
    carriers.into_iter().map(carried).collect()
}

/// Returns how many of the records that `tasks` name have no commit.
pub(super) fn unreached(tasks: &[TaskTrace]) -> u64 {
    let entries = || tasks.iter().flat_map(|task| &task.entries);
    let carried = entries().flat_map(|entry| &entry.carried).map(|one| (one.record, one.commit.is_none()));
    let undone = entries().flat_map(|entry| &entry.undone);
    let undone = undone.flat_map(|one| one.taken_back_by.iter().chain([&one.revert]));
    let reverts = entries().flat_map(|entry| &entry.reverted_by).chain(undone);
    let reverts = reverts.map(|one| (one.record, one.commit.is_none()));
    let lost: BTreeSet<RecordId> =
        carried.chain(reverts).filter(|(_, lost)| *lost).map(|(id, _)| id).collect();
    lost.len() as u64
}
