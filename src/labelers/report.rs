//! The report: every labeler's numbers, or the reason there are none, and the flags. Shares and changes are fractions
//! of 1, intervals 95 %. Fields are only ever added.

use serde::Serialize;

use crate::base::Timestamp;

/// A value, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Known<T> {
    /// The value.
    Value(T),
    /// Why there is none.
    Missing(NoValue),
}

impl<T> Known<T> {
    /// Returns the value, where there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing(_) => None,
        }
    }

    /// Returns the value to change it, where there is one.
    pub(super) fn value_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing(_) => None,
        }
    }
}

impl<T> From<Result<T, NoValue>> for Known<T> {
    fn from(result: Result<T, NoValue>) -> Self {
        result.map_or_else(Self::Missing, Self::Value)
    }
}

/// Why something has no value. In JSON `{"reason": "too_few_answers", "found": 12, "needed": 30}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NoValue {
    /// No answer has a usable time.
    NoTimes,
    /// No answer has a duration.
    NoDurations,
    /// No answer is on a gold item.
    NoGold,
    /// No answer is on an item that others labelled.
    NoOthers,
    /// No answer is on a gold item or on one that others labelled with a majority.
    NothingToJudgeBy,
    /// No guess was shown.
    NoGuessShown,
    /// No wrong guess was shown on a gold item.
    NoWrongGuessOnGold,
    /// Too few answers with something to judge them by.
    TooFewAnswers {
        /// How many there are.
        found: u64,
        /// How many it takes.
        needed: u64,
    },
    /// Too few weeks with such answers.
    TooFewWeeks {
        /// How many there are.
        found: u64,
        /// How many it takes.
        needed: u64,
    },
    /// Too few sessions with such answers in both halves.
    TooFewSessions {
        /// How many there are.
        found: u64,
        /// How many it takes.
        needed: u64,
    },
}

/// What answers are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The true class of gold items.
    Gold,
    /// The other labelers.
    Others,
}

/// A share of whole numbers, with Wilson's interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Proportion {
    /// k/n.
    pub share: f64,
    /// How many are so.
    pub k: u64,
    /// Of how many.
    pub n: u64,
    /// The interval.
    pub interval: [f64; 2],
}

/// A mean of fractions, each answer's alike.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeanShare {
    /// The mean.
    pub share: f64,
    /// Over how many answers.
    pub n: u64,
    /// The interval.
    pub interval: [f64; 2],
}

/// A change of a share: later minus earlier, so that a drop is negative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The change.
    pub change: f64,
    /// The interval; null where the standard error is 0, which is no real one.
    pub interval: Option<[f64; 2]>,
}

/// The class that a labeler gets right least often.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorstClass {
    /// The class.
    pub class: String,
    /// Whether truth is gold or the majority of the others.
    pub basis: Basis,
    /// Of the answers on items of the class, those that gave it.
    pub recall: Proportion,
    /// How many classes had enough answers to be compared.
    pub classes: u64,
}

/// What a test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A drop that chance explains badly: p is at most the level.
    Drop,
    /// No evidence of a drop, which is no evidence that there is none: see the interval.
    NoDrop,
}

/// Where over the weeks a drop is likeliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ChangePoint {
    /// The last week before it; week 1 begins at midnight UTC of the labeler's first day.
    pub after_week: u64,
    /// When the first week after it that has answers begins.
    pub from: Timestamp,
}

/// Change over weeks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// What answers were judged by.
    pub basis: Basis,
    /// How many timed answers had something to judge them by.
    pub answers: u64,
    /// In how many weeks.
    pub weeks: u64,
    /// The likeliest change point, be there a change or not.
    pub change_point: ChangePoint,
    /// The share right before it.
    pub before: Proportion,
    /// The share right after it.
    pub after: Proportion,
    /// After minus before. Conditional on the change point, which was chosen on the same answers.
    pub change: Difference,
    /// One-sided permutation p-value of a drop, the choice of the change point allowed for.
    pub p_value: f64,
    /// The same by Holm's method over all labelers tested.
    pub p_holm: f64,
    /// The level of the flag: [`DRIFT_LEVEL`](super::DRIFT_LEVEL).
    pub level: f64,
    /// p against the level.
    pub verdict: Verdict,
}

/// Median durations in the halves of sessions, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MedianDurations {
    /// First halves.
    pub early_ms: f64,
    /// Second halves.
    pub late_ms: f64,
}

/// Change within sessions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fatigue {
    /// What answers were judged by.
    pub basis: Basis,
    /// Sessions with judged answers in both halves: the others do not count here.
    pub sessions: u64,
    /// The share right in their first halves, by time.
    pub early: Proportion,
    /// The share right in their second halves.
    pub late: Proportion,
    /// Late minus early, within sessions (Mantel-Haenszel).
    pub change: Difference,
    /// Exact one-sided p-value of a drop, given each session's number of wrong answers.
    pub p_value: f64,
    /// The level of the flag: [`FATIGUE_LEVEL`](super::FATIGUE_LEVEL).
    pub level: f64,
    /// p against the level.
    pub verdict: Verdict,
    /// How long answers took in the halves of all sessions.
    pub durations: Known<MedianDurations>,
}

/// Something a labeler's reviewer should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flag {
    /// One word for programs: `drift`, `fatigue` or `low_catch_rate`.
    pub code: &'static str,
    /// One sentence: the numbers.
    pub evidence: String,
    /// A few more: what else may explain them.
    pub caveat: String,
}

/// One labeler.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelerReport {
    /// Who.
    pub labeler: String,
    /// How many labels.
    pub labels: u64,
    /// How many of them have no usable time, and so no part in weeks, sessions, drift and fatigue.
    pub untimed: u64,
    /// When the first one was given.
    pub first: Option<Timestamp>,
    /// When the last one was.
    pub last: Option<Timestamp>,
    /// Weeks with a label.
    pub active_weeks: u64,
    /// Sessions: runs of labels without a gap of 30 minutes.
    pub sessions: u64,
    /// The median duration, in milliseconds.
    pub median_duration_ms: Known<f64>,
    /// The mean over answers of the share of others who agree.
    pub agreement: Known<MeanShare>,
    /// Right answers on gold items.
    pub accuracy: Known<Proportion>,
    /// The class of the lowest recall.
    pub worst_class: Known<WorstClass>,
    /// Guesses confirmed, of those shown.
    pub confirmed: Known<Proportion>,
    /// Wrong guesses on gold items not taken over, of those shown.
    pub caught: Known<Proportion>,
    /// Change over weeks.
    pub drift: Known<Drift>,
    /// Change within sessions.
    pub fatigue: Known<Fatigue>,
    /// What to look at.
    pub flags: Vec<Flag>,
}

/// How much there was to measure by, and what was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Items with a label by one of the labelers.
    pub items: u64,
    /// Labels by the labelers.
    pub labels: u64,
    /// Of the items, those with one gold class.
    pub gold_items: u64,
    /// Those whose gold contradicts itself: they have no gold here.
    pub contradicting_gold: u64,
    /// Items that a labeler skipped, counted once for each who did.
    pub abstentions: u64,
    /// Items on which a labeler's own labels contradict each other, likewise.
    pub conflicts: u64,
}

/// Something a reader of the numbers should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// One word for programs.
    pub code: &'static str,
    /// One sentence for people.
    pub text: String,
}

/// All labelers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelersReport {
    /// `hitl.labelers/1`.
    pub schema: &'static str,
    /// The task.
    pub task: String,
    /// How much there was to measure by.
    pub counts: Counts,
    /// How many labelers had enough answers to be tested for drift.
    pub tested_for_drift: u64,
    /// How many for fatigue.
    pub tested_for_fatigue: u64,
    /// Each labeler, in the order of names.
    pub labelers: Vec<LabelerReport>,
    /// What a reader should know.
    pub notes: Vec<Note>,
}
