//! Key by key: what stood in base, what stands in head, and what moved it.

use super::ranks::{Identity, Ranks};
use super::report::{Op, Row, Standing, Value};
use crate::ledger::{Judgement, Ledger, State};
use crate::record::{Filter, Kind, col};

/// One judgement of one side.
#[derive(Clone, Copy)]
struct Entry<'a> {
    identity: Identity,
    judgement: &'a Judgement,
    /// Its number in its ledger.
    number: usize,
}

/// One ledger and what the filter chooses of it.
struct Side<'a> {
    ledger: &'a Ledger,
    entries: Vec<Entry<'a>>,
    chosen: Option<Vec<bool>>,
}

impl<'a> Side<'a> {
    fn new(ledger: &'a Ledger, ranks: &Ranks, of_head: bool, filter: &Filter) -> Self {
        let mut entries: Vec<Entry<'a>> = ledger
            .judgements()
            .iter()
            .enumerate()
            .map(|(number, judgement)| Entry {
                identity: ranks.identity(judgement, of_head),
                judgement,
                number,
            })
            .collect();
        // Nearly sorted already: only adjudications share a key over labelers.
        entries.sort_by_key(|entry| entry.identity);
        let chosen = (!filter.is_empty()).then(|| ledger.select(filter));
        Self { ledger, entries, chosen }
    }

    fn chooses(&self, entry: &Entry<'_>) -> bool {
        self.chosen.as_ref().is_none_or(|chosen| chosen[entry.number])
    }
}

/// Returns one row for each key that differs and that `filter` chooses, sorted by task, item, kind, labeler.
pub(super) fn rows(base: &Ledger, head: &Ledger, filter: &Filter) -> Vec<Row> {
    let ranks = Ranks::new(base, head);
    let base = Side::new(base, &ranks, false, filter);
    let head = Side::new(head, &ranks, true, filter);
    let (mut rows, mut i, mut j) = (Vec::new(), 0, 0);
    while i < base.entries.len() || j < head.entries.len() {
        let first = match (base.entries.get(i), head.entries.get(j)) {
            (Some(a), Some(b)) => a.identity.min(b.identity),
            (Some(one), None) | (None, Some(one)) => one.identity,
            (None, None) => break,
        };
        let run = |entries: &[Entry<'_>], from: usize| {
            from + entries[from..].iter().take_while(|entry| entry.identity.same_key(&first)).count()
        };
        let (end_i, end_j) = (run(&base.entries, i), run(&head.entries, j));
        rows.extend(key_row(&base, &base.entries[i..end_i], &head, &head.entries[j..end_j]));
        (i, j) = (end_i, end_j);
    }
    rows
}

/// Returns the row of one key, if its judgements differ and the filter chooses one that does.
fn key_row(base: &Side<'_>, before: &[Entry<'_>], head: &Side<'_>, after: &[Entry<'_>]) -> Option<Row> {
    let moves = moves(base, before, head, after);
    if moves.is_empty() || !moves.iter().any(|one| one.chosen) {
        return None;
    }
    let (was, is) = (value(base.ledger, before), value(head.ledger, after));
    let cause = cause(&moves, &was, &is)?;
    let op = if was != is && was != Value::None && is != Value::None { Op::Changed } else { cause };
    let (standing_before, standing_after) = (standing(before), standing(after));
    // A move has a live judgement on one side, and where one is live one stands.
    let head_entry = standing_after.map(|entry| (head.ledger, entry));
    let (ledger, entry) = head_entry.or(standing_before.map(|entry| (base.ledger, entry)))?;
    Some(Row {
        op,
        cause,
        task: ledger.task_name(entry.judgement.task).to_owned(),
        item: ledger.item_name(entry.judgement.item).to_owned(),
        kind: entry.judgement.kind,
        labeler: ledger.labeler_name(entry.judgement.labeler).to_owned(),
        guideline: guideline(ledger, entry.judgement),
        before: was,
        after: is,
        base: standing_before.map(|entry| standing_report(base.ledger, entry.judgement)),
        head: standing_after.map(|entry| standing_report(head.ledger, entry.judgement)),
    })
}

/// How one judgement moved.
struct Move {
    op: Op,
    chosen: bool,
}

/// Returns how the judgements of a key moved. A judgement that no live one stood for before or after has not.
fn moves(base: &Side<'_>, before: &[Entry<'_>], head: &Side<'_>, after: &[Entry<'_>]) -> Vec<Move> {
    let mut moves = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < before.len() || j < after.len() {
        let order = match (before.get(i), after.get(j)) {
            (Some(a), Some(b)) => a.identity.cmp(&b.identity),
            (Some(_), None) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        };
        let (mut was, mut is, mut chosen) = (None, None, false);
        if order.is_le() {
            was = Some(before[i].judgement.state);
            chosen |= base.chooses(&before[i]);
            i += 1;
        }
        if order.is_ge() {
            is = Some(after[j].judgement.state);
            chosen |= head.chooses(&after[j]);
            j += 1;
        }
        moves.extend(move_of(was, is).map(|op| Move { op, chosen }));
    }
    moves
}

fn move_of(was: Option<State>, is: Option<State>) -> Option<Op> {
    let live = |state: State| state != State::Reverted;
    let stands = |state: State| matches!(state, State::Current | State::Conflict);
    match (was, is) {
        (None, Some(is)) if live(is) => Some(Op::Added),
        (Some(was), None) if live(was) => Some(Op::Removed),
        (Some(was), Some(State::Reverted)) if live(was) => Some(Op::TakenBack),
        (Some(State::Reverted), Some(is)) if live(is) => Some(Op::Restored),
        (Some(was), Some(State::Superseded)) if stands(was) => Some(Op::Superseded),
        (Some(State::Superseded), Some(is)) if stands(is) => Some(Op::Restored),
        (Some(State::Current), Some(State::Conflict)) | (Some(State::Conflict), Some(State::Current)) => {
            Some(Op::Changed)
        }
        _ => None,
    }
}

/// Returns the move that explains how the key got from `was` to `is`.
///
/// A key that gains a value gained it by what was added or restored; one that loses it, by what was taken back or
/// removed. Else a later judgement explains more than what it superseded, and a taking back more than the older
/// judgement it laid bare.
fn cause(moves: &[Move], was: &Value, is: &Value) -> Option<Op> {
    let order: [Op; 6] = match (was, is) {
        (Value::None, _) => {
            [Op::Added, Op::Restored, Op::Superseded, Op::TakenBack, Op::Removed, Op::Changed]
        }
        (_, Value::None) => {
            [Op::TakenBack, Op::Removed, Op::Superseded, Op::Restored, Op::Added, Op::Changed]
        }
        _ if was == is => [Op::Superseded, Op::TakenBack, Op::Removed, Op::Restored, Op::Added, Op::Changed],
        _ => [Op::Superseded, Op::TakenBack, Op::Removed, Op::Added, Op::Restored, Op::Changed],
    };
    order.into_iter().find(|op| moves.iter().any(|one| one.op == *op))
}

/// Returns what the key comes to.
fn value(ledger: &Ledger, entries: &[Entry<'_>]) -> Value {
    Value::of(ledger, entries.iter().map(|entry| entry.judgement))
}

/// Returns the judgement that stands for the key: the last current one, or one in conflict.
fn standing<'a, 'b>(entries: &'b [Entry<'a>]) -> Option<&'b Entry<'a>> {
    let of = |state: State| entries.iter().rev().find(move |entry| entry.judgement.state == state);
    of(State::Current).or_else(|| of(State::Conflict))
}

fn standing_report(ledger: &Ledger, judgement: &Judgement) -> Standing {
    let carrier = ledger.attributes(judgement);
    let record = &ledger.records()[carrier.record as usize];
    Standing {
        labeler: (judgement.kind == Kind::Adjudications)
            .then(|| ledger.labeler_name(judgement.labeler).to_owned()),
        record: record.id,
        created_at: judgement.created_at,
        recorded_at: record.head.recorded_at,
    }
}

fn guideline(ledger: &Ledger, judgement: &Judgement) -> Option<String> {
    ledger.row_text(ledger.attributes(judgement), col::GUIDELINE).map(str::to_owned)
}
