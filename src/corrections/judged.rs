//! What later verdicts and adjudications say of a correction, and so how far a labeler can be followed.
//!
//! Two people who correct one text differently do not judge each other. One judges the other when what she was given is
//! what the other wrote.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Correction, Reason};
use crate::ledger::{Ledger, State};
use crate::record::{Acceptance, Kind, Verdict, col};

/// From so many judged corrections on a labeler's agreement is known.
pub const FEWEST_JUDGED: u64 = 20;

/// What became of a correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upheld {
    /// Nobody judged it.
    Unjudged,
    /// Whoever judged it left it as it is.
    Yes,
    /// Somebody overruled it.
    No,
}

impl Upheld {
    fn and(self, upheld: bool) -> Self {
        match self {
            Self::No => Self::No,
            _ if upheld => Self::Yes,
            _ => Self::No,
        }
    }
}

/// Sets what the verdicts and the adjudication of one item say of each of its current corrections.
///
/// A verdict of another labeler is about a correction when its original is what the correction put in place (and it names
/// no other source), or when that was shown to her as this labeler's. It upholds it if it wants the same text. A
/// suggestion judges nothing. An adjudication upholds those that want its label.
pub(super) fn judge(ledger: &Ledger, run: Range<usize>, rows: &mut [Correction<'_>]) {
    let settled = settled(ledger, run);
    if settled.is_none() && rows.len() < 2 {
        return;
    }
    let by_text = written(rows);
    let mut found: Vec<(usize, bool)> = Vec::new();
    for verdict in rows.iter().filter(|row| row.verdict != Verdict::Suggested) {
        let wanted = verdict.wanted();
        let given = verdict.original.map(|text| (text, ledger.row_text(verdict.carrier, col::SOURCE)));
        let shown = ledger.row_text(verdict.carrier, col::SHOWN);
        let shown =
            shown.zip(ledger.row_text(verdict.carrier, col::SHOWN_BY)).map(|(text, by)| (text, Some(by)));
        for (text, by) in given.into_iter().chain(shown) {
            for number in by_text.get(text).into_iter().flatten() {
                let judged = &rows[*number];
                let whose = by.is_none_or(|by| by == ledger.labeler_name(judged.labeler));
                if whose && judged.labeler != verdict.labeler && !is_before(ledger, verdict, judged) {
                    found.push((*number, wanted == Some(text)));
                }
            }
        }
    }
    for (number, upheld) in found {
        rows[number].upheld = rows[number].upheld.and(upheld);
    }
    if let Some(settled) = settled {
        for row in rows.iter_mut() {
            row.upheld = row.upheld.and(row.wanted() == Some(settled));
        }
    }
}

/// Returns which rows put each text into another's place. Who approves writes nothing.
fn written<'a>(rows: &[Correction<'a>]) -> BTreeMap<&'a str, Vec<usize>> {
    let mut by_text: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        let writes = matches!(row.verdict, Verdict::Corrected | Verdict::Suggested);
        if let Some(text) = row.corrected.filter(|text| writes && row.original != Some(*text)) {
            by_text.entry(text).or_default().push(number);
        }
    }
    by_text
}

/// Whether both have a time, and the first has the earlier one.
fn is_before(ledger: &Ledger, a: &Correction<'_>, b: &Correction<'_>) -> bool {
    let time = |one: &Correction<'_>| ledger.judgements()[one.judgement].created_at;
    time(a).zip(time(b)).is_some_and(|(a, b)| a < b)
}

/// Returns the label of the current adjudication among the judgements `run` of one item.
pub fn settled(ledger: &Ledger, run: Range<usize>) -> Option<&str> {
    let stands = |number: &usize| {
        let one = &ledger.judgements()[*number];
        one.kind == Kind::Adjudications && one.state == State::Current
    };
    let adjudication = run.into_iter().find(stands)?;
    ledger.judgements()[adjudication].statement.map(|statement| ledger.statement_text(statement))
}

/// How far a labeler can be followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// Too few of their corrections were judged.
    Unknown,
    /// The share of the judged ones that was upheld.
    Known(f64),
}

/// How many of each labeler's corrections were judged, and how many upheld.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agreements {
    /// Judged, and of those upheld.
    of_labeler: BTreeMap<String, (u64, u64)>,
}

impl Agreements {
    /// Counts the corrections of a ledger, or of a part of it.
    pub fn of(ledger: &Ledger, rows: &[Correction<'_>]) -> Self {
        let mut counts = vec![(0, 0); ledger.labelers()];
        for row in rows {
            let (judged, upheld) = &mut counts[row.labeler as usize];
            *judged += u64::from(row.upheld != Upheld::Unjudged);
            *upheld += u64::from(row.upheld == Upheld::Yes);
        }
        let judged = (0..).zip(counts).filter(|(_, (judged, _))| *judged > 0);
        Self {
            of_labeler: judged
                .map(|(labeler, count)| (ledger.labeler_name(labeler).to_owned(), count))
                .collect(),
        }
    }

    /// Adds what another part counted.
    pub fn add(&mut self, other: Self) {
        for (labeler, (judged, upheld)) in other.of_labeler {
            let mine = self.of_labeler.entry(labeler).or_default();
            *mine = (mine.0 + judged, mine.1 + upheld);
        }
    }

    /// Returns how far `labeler` can be followed.
    pub fn standing(&self, labeler: &str) -> Standing {
        match self.of_labeler.get(labeler) {
            Some((judged, upheld)) if *judged >= FEWEST_JUDGED => {
                Standing::Known(*upheld as f64 / *judged as f64)
            }
            _ => Standing::Unknown,
        }
    }

    /// Returns how many corrections of `labeler` were judged, and how many of those upheld.
    pub fn counts(&self, labeler: &str) -> (u64, u64) {
        self.of_labeler.get(labeler).copied().unwrap_or_default()
    }

    /// Returns what speaks against a labeler's corrections, if anything; nothing does where too few were judged.
    pub fn refuses(&self, labeler: &str, accept: &Acceptance) -> Option<Reason> {
        match self.standing(labeler) {
            Standing::Known(share) if share < accept.min_labeler_agreement => Some(Reason::Labeler),
            _ => None,
        }
    }
}
