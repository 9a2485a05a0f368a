//! Drift: whether a labeler gets worse over weeks.
//!
//! In: timed answers. Out: the change at the likeliest week, with Newcombe's interval, and the verdict of the test in
//! `change`. A week is seven days from midnight UTC of the labeler's first day, so that week 1 is a whole one.

use super::change::{Week, search};
use super::outcome::{Timed, on_either, right};
use super::proportion::{newcombe, wilson};
use super::report::{Basis, ChangePoint, Drift, NoValue, Proportion, Verdict};
use crate::base::Timestamp;

/// The share of steady labelers that is flagged. Below 5 % so that a count over 200 of them stays below it as well.
pub const DRIFT_LEVEL: f64 = 0.035;

/// Judged answers it takes: with fewer no drop of a believable size is found.
pub const FEW_ANSWERS: u64 = 30;

/// Weeks with judged answers it takes.
pub const FEW_WEEKS: u64 = 4;

/// The weeks of one labeler.
pub(super) struct Calendar {
    /// The first day, in days since the epoch.
    first_day: i64,
}

impl Calendar {
    /// Returns the weeks that begin on the day of `first`, in microseconds.
    pub(super) fn from(first: i64) -> Self {
        Self { first_day: first.div_euclid(Timestamp::DAY_MICROS) }
    }

    /// Returns the week of `at`, from 0; `at` is no earlier than the first.
    pub(super) fn week(&self, at: i64) -> u64 {
        ((at.div_euclid(Timestamp::DAY_MICROS) - self.first_day) / 7).unsigned_abs()
    }

    /// Returns when week `index`, one with an answer, begins.
    fn start(&self, index: u64) -> Timestamp {
        let micros = (self.first_day + 7 * index.cast_signed()) * Timestamp::DAY_MICROS;
        Timestamp::from_micros(micros).expect("a week begins between the first day and an answer")
    }
}

/// Returns the drift over `timed`, which are in order of time.
///
/// # Errors
/// Neither gold items nor the others give enough answers in enough weeks.
pub(super) fn drift(timed: &[Timed<'_>]) -> Result<Drift, NoValue> {
    on_either(timed, |basis| drift_on(timed, basis))
}

fn drift_on(timed: &[Timed<'_>], basis: Basis) -> Result<Drift, NoValue> {
    let calendar = Calendar::from(timed.first().ok_or(NoValue::NoTimes)?.at);
    let weeks = weeks(timed, basis, &calendar);
    let answers = total(&weeks, |week| week.right + week.wrong);
    if answers < FEW_ANSWERS {
        return Err(NoValue::TooFewAnswers { found: answers, needed: FEW_ANSWERS });
    }
    let found = weeks.len() as u64;
    if found < FEW_WEEKS {
        return Err(NoValue::TooFewWeeks { found, needed: FEW_WEEKS });
    }
    let found = search(&weeks);
    let (earlier, later) = weeks.split_at(found.before);
    let (before, after) = (share(earlier)?, share(later)?);
    let change_point = ChangePoint {
        after_week: earlier[earlier.len() - 1].index + 1,
        from: calendar.start(later[0].index),
    };
    let change = newcombe(&before, &after);
    // The test looks at drops alone, but averages over weeks: at the likeliest one there must be a drop as well.
    let dropped = found.p_value <= DRIFT_LEVEL && change.change < 0.0;
    Ok(Drift {
        basis,
        answers,
        weeks: weeks.len() as u64,
        change_point,
        before,
        after,
        change,
        p_value: found.p_value,
        p_holm: found.p_value,
        level: DRIFT_LEVEL,
        verdict: if dropped { Verdict::Drop } else { Verdict::NoDrop },
    })
}

fn weeks(timed: &[Timed<'_>], basis: Basis, calendar: &Calendar) -> Vec<Week> {
    let mut weeks: Vec<Week> = Vec::new();
    for (at, right) in timed.iter().filter_map(|timed| Some((timed.at, right(timed.answer, basis)?))) {
        let index = calendar.week(at);
        if weeks.last().is_none_or(|week| week.index != index) {
            weeks.push(Week { index, right: 0, wrong: 0 });
        }
        if let Some(week) = weeks.last_mut() {
            week.right += u64::from(right);
            week.wrong += u64::from(!right);
        }
    }
    weeks
}

fn total(weeks: &[Week], what: impl Fn(&Week) -> u64) -> u64 {
    weeks.iter().map(what).sum()
}

fn share(weeks: &[Week]) -> Result<Proportion, NoValue> {
    let nothing = NoValue::TooFewAnswers { found: 0, needed: 1 };
    wilson(total(weeks, |week| week.right), total(weeks, |week| week.right + week.wrong), nothing)
}

/// Sets every drift's p-value by Holm's method over all of them. Holm (1979), Scandinavian Journal of Statistics
/// 6:65-70.
pub(super) fn holm(mut drifts: Vec<&mut Drift>) {
    drifts.sort_by(|a, b| a.p_value.total_cmp(&b.p_value));
    let mut largest = 0.0_f64;
    let left = (1..=drifts.len()).rev();
    for (drift, left) in drifts.into_iter().zip(left) {
        largest = largest.max(drift.p_value * left as f64).min(1.0);
        drift.p_holm = largest;
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::Answer;
    use super::super::outcome::timed;
    use super::*;

    /// Holm's: 3·0.01, then 2·0.012 but no less than the one before, then 0.9.
    #[test]
    fn holm_by_hand() {
        let week =
            |day: i64| Answer { at: Some(day * Timestamp::DAY_MICROS), gold: Some(0), ..Answer::default() };
        let answers: Vec<Answer> = (0..40).map(week).collect();
        let none = drift(&timed(&answers)).unwrap();
        let mut drifts = [0.9, 0.01, 0.012].map(|p_value| Drift { p_value, ..none });
        holm(drifts.iter_mut().collect());
        assert_eq!(drifts.map(|drift| drift.p_holm), [0.9, 0.03, 0.03]);
        assert_eq!((none.p_value, none.verdict), (1.0, Verdict::NoDrop));
    }
}
