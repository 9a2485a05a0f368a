//! Labelers: how much each one did, how well, and whether that changes over weeks or within sessions.
//!
//! In: every labeler's [`Answer`]s, and their [`Setting`]. Out: a [`LabelersReport`], one [`LabelerReport`] each, with flags that carry their
//! evidence and their caveat. One file a statistic, whose header names its source: [`wilson`] and [`newcombe`]
//! (`proportion`), the search for a drop over weeks (`change`, `drift`), sessions and the change within them
//! (`sessions`, `stratified`, `fatigue`).
//!
//! Invariant: no result depends on the order of answers or labelers or on threads. Counts are whole numbers; sums of
//! fractions run in the order of weeks, sessions or sorted tallies; permutations are drawn from a fixed seed and
//! compared with room for the last bits of `exp`. What has no value is [`NoValue`] and says why; nothing is clamped.

mod answer;
mod change;
mod drift;
mod fatigue;
mod flags;
mod measure;
mod notes;
mod outcome;
mod proportion;
mod quality;
mod report;
mod sessions;
#[cfg(test)]
mod simulated;
mod stratified;

pub use answer::{Answer, Guess, Labeler, Others, Setting};
pub use drift::{DRIFT_LEVEL, FEW_ANSWERS, FEW_WEEKS};
pub use fatigue::{FATIGUE_LEVEL, FEW_SESSIONS};
pub use measure::measure;
pub use proportion::{newcombe, wilson};
pub use quality::FEW_OF_CLASS;
pub use report::{
    Basis, ChangePoint, Counts, Difference, Drift, Fatigue, Flag, Known, LabelerReport, LabelersReport,
    MeanShare, MedianDurations, NoValue, Note, Proportion, Verdict, WorstClass,
};
pub use sessions::SESSION_GAP_MICROS;
