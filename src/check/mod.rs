//! The gate: what a change of the ledger must pass before it is merged.
//!
//! In: what was measured of the ledger before and after a change, and the rules of `hitl.yaml`. Out: a [`CheckReport`]:
//! a verdict with its reason, every finding with evidence and what to do. Nothing here reads a file.

mod group;
mod judge;
mod report;
mod rows;

pub use group::grouped;
pub use judge::{
    Coefficient, Judged, ShareCheck, Shift, agreement, finding, share, shift, status, with_samples,
};
pub use report::{
    Added, AddedBatch, Basis, CheckName, CheckReport, Culprit, Finding, LabelerRows, Measure, Outcome, Said,
    Sample, Scale, Side, Status, Turned, Verdict, When,
};
pub use rows::{Rows, Share};
