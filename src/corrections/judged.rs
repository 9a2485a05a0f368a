//! What later verdicts and adjudications say of a correction, and so how far a labeler can be followed.
//!
//! Two people who correct one text differently do not judge each other. One judges the other when what she was given is
//! what the other wrote.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::{Correction, Reason};
use crate::base::text::nfc;
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
/// no other source), or when that was shown to her as this labeler's, unless it was made before. It upholds it if it wants
/// the same text. A suggestion judges nothing. An adjudication upholds those that want its label, and who rejected
/// another text. Texts are compared in NFC.
pub(super) fn judge(ledger: &Ledger, run: Range<usize>, rows: &mut [Correction<'_>]) {
    let settled = settled(ledger, run);
    if settled.is_none() && rows.len() < 2 {
        return;
    }
    let about = about(ledger, rows);
    let judged: Vec<Upheld> = rows.iter().map(|row| verdict_on(ledger, rows, row, &about)).collect();
    for (row, judged) in rows.iter_mut().zip(judged) {
        row.upheld = match settled {
            Some(settled) => judged.and(agrees(row, settled)),
            None => judged,
        };
    }
}

/// A verdict on what somebody put in place.
struct About<'a> {
    /// Its number among the rows.
    verdict: usize,
    /// Whose it is; anybody's who put that very text in place when it does not say.
    whose: Option<&'a str>,
}

/// Of each text that was judged: the verdicts that overrule it, and those that uphold it.
type Verdicts<'a> = BTreeMap<Cow<'a, str>, [Vec<About<'a>>; 2]>;

fn about<'a>(ledger: &'a Ledger, rows: &[Correction<'a>]) -> Verdicts<'a> {
    let mut about = Verdicts::new();
    for (verdict, row) in rows.iter().enumerate().filter(|(_, row)| row.verdict != Verdict::Suggested) {
        let text = |column| ledger.row_text(row.carrier, column);
        let given = row.original.map(|original| (original, text(col::SOURCE)));
        let shown = text(col::SHOWN).zip(text(col::SHOWN_BY)).map(|(shown, by)| (shown, Some(by)));
        for (judged, whose) in given.into_iter().chain(shown) {
            let judged = nfc(judged);
            let upholds = row.wanted().is_some_and(|wanted| nfc(wanted) == judged);
            about.entry(judged).or_default()[usize::from(upholds)].push(About { verdict, whose });
        }
    }
    about
}

/// Returns what the verdicts of others say of `row`. The first that applies decides, so that many people on one item cost
/// no more than few.
fn verdict_on(
    ledger: &Ledger,
    rows: &[Correction<'_>],
    row: &Correction<'_>,
    about: &Verdicts<'_>,
) -> Upheld {
    let writes = matches!(row.verdict, Verdict::Corrected | Verdict::Suggested);
    let Some(text) = row.corrected.filter(|text| writes && row.original != Some(*text)) else {
        return Upheld::Unjudged;
    };
    let Some([overruling, upholding]) = about.get(&nfc(text)) else { return Upheld::Unjudged };
    let applies = |about: &About<'_>| {
        let verdict = &rows[about.verdict];
        about.whose.is_none_or(|whose| whose == ledger.labeler_name(row.labeler))
            && verdict.labeler != row.labeler
            && !is_before(ledger, verdict, row)
    };
    match (overruling.iter().any(applies), upholding.iter().any(applies)) {
        (true, _) => Upheld::No,
        (_, true) => Upheld::Yes,
        _ => Upheld::Unjudged,
    }
}

/// Whether a decision is what the row wants; of a rejection, whether it is another text than the one rejected.
fn agrees(row: &Correction<'_>, settled: &str) -> bool {
    match row.verdict {
        Verdict::Rejected => row.original.is_none_or(|original| nfc(original) != settled),
        _ => row.wanted().is_some_and(|wanted| nfc(wanted) == settled),
    }
}

/// Whether the first comes before the second: by time, or where one of them has none because the second's record
/// descends from the first's.
fn is_before(ledger: &Ledger, a: &Correction<'_>, b: &Correction<'_>) -> bool {
    let time = |one: &Correction<'_>| ledger.judgements()[one.judgement].created_at;
    match time(a).zip(time(b)) {
        Some((a, b)) => a < b,
        None => ledger.descends(b.carrier.record as usize, a.carrier.record as usize),
    }
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
