//! Training sets: the corrections of a snapshot as the rows that training programs read, as examples for a prompt, and
//! the card that goes with them.
//!
//! In: [`Example`]s, in the order of their items. Out: [`rows`] of a [`Format`], each with the item it comes from and a
//! count of what has no row, and why; [`few_shot`] examples for one input; a dataset [`card`]. Nothing is looked up:
//! what is not among the examples is in no training set.
//!
//! [`Example`]: crate::corrections::Example

pub mod card;
pub mod few_shot;
mod prompt;
mod rows;

pub use rows::{Format, LeftOut, Row, Rows, rows};
