//! Answers: what one labeler said, and what there is to judge it by. Classes are whole numbers, the same for all.

use super::report::Counts;
use crate::base::Timestamp;

/// What the other labelers say of the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Others {
    /// How many gave the class that this labeler gave.
    pub agree: u32,
    /// How many gave another.
    pub disagree: u32,
    /// The class that more of them gave than any other; `None` on a tie.
    pub majority: Option<u32>,
}

impl Others {
    /// Returns how many others there are.
    pub fn count(self) -> u64 {
        u64::from(self.agree) + u64::from(self.disagree)
    }
}

/// A guess that the labeler saw before answering, or after and in time to change the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The class it named; `None` where the source lost it.
    pub shown: Option<u32>,
    /// Whether the labeler took it over (origin `confirmed`).
    pub accepted: bool,
}

/// One current label of one labeler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// When, in microseconds since the Unix epoch, UTC. Without it, or outside the years 1 to 9999, the answer has no
    /// part in weeks and sessions.
    pub at: Option<i64>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// The class given.
    pub given: u32,
    /// The true class, where it is known.
    pub gold: Option<u32>,
    /// What the others say, where there are any.
    pub others: Option<Others>,
    /// The guess shown, where one was.
    pub guess: Option<Guess>,
}

/// What the answers to be measured have in common.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The task.
    pub task: &'a str,
    /// The names of its classes; every class in answers is a position in it.
    pub classes: &'a [String],
    /// When versions of its guideline came into force: caveats name those near a drop.
    pub guideline_changes: &'a [Timestamp],
    /// What there was beside the answers; labels are counted by measuring.
    pub counts: Counts,
}

/// A labeler and their answers, in any order.
#[derive(Clone, Copy, Debug)]
pub struct Labeler<'a> {
    /// Who.
    pub name: &'a str,
    /// What they said.
    pub answers: &'a [Answer],
}
