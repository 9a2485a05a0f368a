//! The picture of one ledger, task by task: who labelled how much and when, how far they agree, what labels replaced,
//! and where people disagree.
//!
//! In: a ledger, or parts of one. Out: a [`Survey`]. Parts are counted and forgotten: [`Counts`] of parts add up to those of
//! the whole, and none of them holds an item. What agreement comes to is put in by whoever asks for it.

mod counts;
mod report;

pub use counts::{Counts, WeekOf};
pub use report::{
    Disputed, Grid, LabelerSurvey, Pair, Said, Survey, TaskSurvey, Transition, Transitions, Value, Volume,
    Week,
};

/// The most weeks that are told one by one: two years, the latest.
pub const WEEKS: usize = 104;
/// The most labelers that are put beside each other, the busiest.
pub const GRID: usize = 24;
/// The most items that are listed, the most disputed.
pub const DISPUTED: usize = 200;
/// The most labelers that are listed, the busiest.
pub const LABELERS: usize = 100;
/// The most transitions of a kind that are listed, the commonest.
pub const TRANSITIONS: usize = 200;
