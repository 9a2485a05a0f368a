//! Agreement: how far labelers say the same of the same items.
//!
//! In: a [`Table`](crate::table::Table). Out: an [`AgreementReport`]. The table is reduced once to [`Tallies`] (distinct
//! vectors of labels per class, with how many items have each) and to [`Pairs`] (one contingency table for every two
//! labelers with items in common); every coefficient is a function of these two, one file each, whose header names its
//! source. What labels that differ have in common is [`Weights`] for κ and its kin, a [`Distance`] for α. Definitions and
//! conventions: `docs/statistics.md`.
//!
//! Invariant: no result depends on the order of rows or the number of threads, down to the last bit. Sums run over whole
//! numbers or in the sorted order of tallies. What has no value is [`Undefined`] and says why; it is never NaN, and
//! nothing is clamped.

mod against;
mod bootstrap;
mod brennan_prediger;
mod change;
mod coefficients;
mod cohen;
mod confusion;
mod conger;
mod diagnosis;
mod disagreement;
mod estimate;
mod fleiss;
mod gwet;
mod influence;
mod krippendorff;
mod labelers;
#[cfg(test)]
mod laws;
mod level;
mod light;
mod linearised;
mod measure;
mod notes;
mod options;
mod pairs;
mod per_class;
mod percent;
mod random;
mod report;
mod scale;
mod scheme;
mod sheet;
pub mod structured;
mod tally;
mod two_labelers;
mod weights;
#[cfg(test)]
mod worked;

pub use against::{Against, AgainstClass, AgainstReport, NoSuchLabeler, against};
pub use bootstrap::{Bootstrap, Resampled, bootstrap, krippendorff_bootstrap};
pub use brennan_prediger::brennan_prediger;
pub use change::{Change, Changed, change, change_beside};
pub use cohen::{CohenErrors, cohen_errors, cohen_kappa};
pub use confusion::{Confusion, confusions};
pub use conger::{Marginals, conger_kappa, conger_se};
pub use diagnosis::{Culprit, Diagnosis};
pub use disagreement::{Disputed, Said, most_disputed};
pub use estimate::{Estimate, Interval, Method, Undefined};
pub use fleiss::{fleiss_kappa, fleiss_se_of_chance, scott_pi};
pub use gwet::gwet_ac;
pub use influence::alpha_without_each;
pub use krippendorff::{krippendorff_alpha, krippendorff_se};
pub use level::{Distance, Level, SetDistance};
pub use light::light_kappa;
pub use linearised::{brennan_prediger_se, fleiss_se, gwet_se, percent_se};
pub use measure::{FEW_ITEMS, measure, measure_group, measure_structured};
pub use options::{METRICS, Options, Panel};
pub use pairs::{Contingency, Marginal, Pairs};
pub use per_class::{OfClass, cohen_of_class, per_class};
pub use percent::{Average, percent_agreement, weighted_agreement};
pub use report::{
    AgreementReport, Counts, Group, LabelerAgreement, Metric, Note, Params, Planned, Reading, View,
};
pub use scale::Scale;
pub use scheme::{LevelError, Scheme};
pub use sheet::{SheetAlpha, TallySheet};
pub use tally::{Tallies, Tally};
pub use two_labelers::{kappa_max, prevalence_and_bias};
pub use weights::{Matrix, MatrixError, Weighting, Weights};
