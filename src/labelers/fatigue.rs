//! Fatigue: whether a labeler gets worse within sessions.
//!
//! In: timed answers. Out: the share right in the second halves of sessions against the first, within sessions, so that
//! a bad day is not taken for tiredness. Interval and p-value are those of `stratified`.

use super::outcome::{Timed, on_either, right};
use super::proportion::wilson;
use super::quality::median;
use super::report::{Basis, Fatigue, MedianDurations, NoValue, Proportion, Verdict};
use super::sessions::{halves, sessions};
use super::stratified::{Stratum, difference, p_value};

/// The share of untiring labelers that is flagged. Small, so that with [`DRIFT_LEVEL`](super::DRIFT_LEVEL) no more than
/// 5 % of steady labelers have a flag.
pub const FATIGUE_LEVEL: f64 = 0.01;

/// Sessions with judged answers in both halves that it takes.
pub const FEW_SESSIONS: u64 = 3;

/// Judged answers that it takes in such sessions.
const FEW_ANSWERS: u64 = 30;

/// Returns the fatigue over `timed`, which are in order of time.
///
/// # Errors
/// Neither gold items nor the others give enough answers in enough sessions.
pub(super) fn fatigue(timed: &[Timed<'_>]) -> Result<Fatigue, NoValue> {
    on_either(timed, |basis| fatigue_on(timed, basis))
}

fn fatigue_on(timed: &[Timed<'_>], basis: Basis) -> Result<Fatigue, NoValue> {
    let strata: Vec<Stratum> = sessions(timed)
        .map(halves)
        .map(|(early, late)| Stratum { early: judge(early, basis), late: judge(late, basis) })
        .filter(|stratum| stratum.early.1 > 0 && stratum.late.1 > 0)
        .collect();
    let (early, late) = (pooled(&strata, |stratum| stratum.early)?, pooled(&strata, |stratum| stratum.late)?);
    if early.n + late.n < FEW_ANSWERS {
        return Err(NoValue::TooFewAnswers { found: early.n + late.n, needed: FEW_ANSWERS });
    }
    let found = strata.len() as u64;
    if found < FEW_SESSIONS {
        return Err(NoValue::TooFewSessions { found, needed: FEW_SESSIONS });
    }
    let change = difference(&strata);
    let p_value = p_value(&strata);
    Ok(Fatigue {
        basis,
        sessions: found,
        early,
        late,
        change,
        p_value,
        level: FATIGUE_LEVEL,
        verdict: if p_value <= FATIGUE_LEVEL { Verdict::Drop } else { Verdict::NoDrop },
        durations: durations(timed).into(),
    })
}

/// Counts right answers and judged ones.
fn judge(half: &[Timed<'_>], basis: Basis) -> (u64, u64) {
    let judged = half.iter().filter_map(|timed| right(timed.answer, basis));
    judged.fold((0, 0), |(k, n), right| (k + u64::from(right), n + 1))
}

fn pooled(strata: &[Stratum], half: impl Fn(&Stratum) -> (u64, u64)) -> Result<Proportion, NoValue> {
    let (k, n) = strata.iter().map(half).fold((0, 0), |sum, (k, n)| (sum.0 + k, sum.1 + n));
    wilson(k, n, NoValue::TooFewSessions { found: 0, needed: FEW_SESSIONS })
}

fn durations(timed: &[Timed<'_>]) -> Result<MedianDurations, NoValue> {
    let of = |late: bool| {
        let halves = sessions(timed).map(halves).map(|both| if late { both.1 } else { both.0 });
        median(halves.flatten().filter_map(|timed| timed.answer.duration_ms).collect())
    };
    Ok(MedianDurations { early_ms: of(false)?, late_ms: of(true)? })
}
