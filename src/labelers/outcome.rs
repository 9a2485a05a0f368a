//! Outcomes: timed answers that can be judged right or wrong, on one basis throughout.
//!
//! On gold, right is the true class. By the others, right is the class that at least half of them gave; without a
//! declared truth that is agreement, and a labeler whose others change seems to change.

use super::answer::Answer;
use super::report::{Basis, NoValue};
use crate::base::Timestamp;

/// A timed answer.
pub(super) struct Timed<'a> {
    /// When, in microseconds; between the years 1 and 9999, so that differences never overflow.
    pub(super) at: i64,
    /// What.
    pub(super) answer: &'a Answer,
}

/// Returns the answers with a usable time, by time.
pub(super) fn timed(answers: &[Answer]) -> Vec<Timed<'_>> {
    let usable = |answer: &Answer| answer.at.filter(|at| Timestamp::from_micros(*at).is_some());
    let mut timed: Vec<_> =
        answers.iter().filter_map(|answer| usable(answer).map(|at| Timed { at, answer })).collect();
    timed.sort_unstable_by_key(|timed| timed.at);
    timed
}

/// Returns whether `answer` is right on `basis`; `None` where there is nothing to judge it by.
pub(super) fn right(answer: &Answer, basis: Basis) -> Option<bool> {
    match basis {
        Basis::Gold => answer.gold.map(|gold| gold == answer.given),
        Basis::Others => {
            let others = answer.others.filter(|others| others.count() > 0)?;
            Some(others.agree >= others.disagree)
        }
    }
}

/// Returns what `test` finds on gold or, where gold does not suffice, by the others.
///
/// # Errors
/// Neither suffices: the reason of the one with more timed answers, gold first.
pub(super) fn on_either<T>(
    timed: &[Timed<'_>],
    test: impl Fn(Basis) -> Result<T, NoValue>,
) -> Result<T, NoValue> {
    let judged = |basis| timed.iter().filter(|timed| right(timed.answer, basis).is_some()).count();
    test(Basis::Gold).or_else(|on_gold| {
        let others = judged(Basis::Others);
        if timed.is_empty() {
            return Err(NoValue::NoTimes);
        }
        if others == 0 && judged(Basis::Gold) == 0 {
            return Err(NoValue::NothingToJudgeBy);
        }
        test(Basis::Others)
            .map_err(|by_others| if others > judged(Basis::Gold) { by_others } else { on_gold })
    })
}

#[cfg(test)]
mod tests {
    use super::super::answer::Others;
    use super::*;

    #[test]
    fn half_of_the_others_is_enough_and_no_others_are_no_judge() {
        let by = |agree, disagree| {
            let others = Some(Others { agree, disagree, majority: None });
            right(&Answer { others, ..Answer::default() }, Basis::Others)
        };
        assert_eq!([by(1, 1), by(1, 2), by(0, 0)], [Some(true), Some(false), None]);
        assert_eq!(right(&Answer::default(), Basis::Gold), None);
    }
}
