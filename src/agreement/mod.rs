//! Agreement: how far labelers say the same of the same items.
//!
//! In: a [`Table`], from a ledger or from the rows of a file. Out: an [`AgreementReport`]. The table is reduced once to
//! [`Tallies`] (distinct vectors of labels per class, with how many items have each) and to [`Pairs`] (one contingency
//! table for every two labelers with items in common); every coefficient is a function of these two, one file each,
//! whose header names its source. Definitions and conventions: `docs/statistics.md`.
//!
//! Invariant: no result depends on the order of rows, down to the last bit. Sums run over whole numbers or in the
//! sorted order of tallies. What has no value is [`Undefined`] and says why; it is never NaN, and nothing is clamped.

mod cohen;
mod fleiss;
mod krippendorff;
mod labelers;
mod light;
mod measure;
mod pairs;
mod percent;
mod report;
mod scale;
mod sheet;
mod tally;
#[cfg(test)]
mod worked;

pub use cohen::cohen_kappa;
pub use fleiss::fleiss_kappa;
pub use krippendorff::krippendorff_alpha;
pub use light::light_kappa;
pub use measure::{FEW_ITEMS, measure};
pub use pairs::{Contingency, Pairs};
pub use percent::{Average, percent_agreement};
pub use report::{
    AgreementReport, Counts, Estimate, LabelerAgreement, Level, Metric, Note, Params, Reading, Undefined,
    Unit,
};
pub use scale::Scale;
pub use sheet::TallySheet;
pub use tally::{Tallies, Tally};
