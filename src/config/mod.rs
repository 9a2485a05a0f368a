//! Configuration: the text of `hitl.yaml` and `labelers.yaml` ↔ what it declares.
//!
//! In: text that people edit. Out: tasks and labelers, or every fault of the file in one go, each with line, column,
//! the offending line and what may have been meant. The invariant is that whatever is returned obeys the rules of
//! `record`: task names are slugs, classes differ by more than case, aliases name one labeler.

mod checks;
mod fault;
mod initial;
mod labelers;
mod node;
mod read;
mod tasks;
#[cfg(test)]
mod tests;

pub use checks::{AgreementRule, Bound, Checks, Level, Over, ShareRule};
pub use fault::{Fault, Faults, Place};
pub use initial::{emit_initial, emit_initial_labelers};
pub use labelers::{
    Key, LABELERS_FILE, Labeler, Labelers, Role, SignedAfter, Status, edit_labelers, labeler_block,
};
pub use tasks::{CONFIG_FILE, Config};
