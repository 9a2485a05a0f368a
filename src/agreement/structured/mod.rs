//! Agreement on labels with a structure: spans of a text, boxes of an image, rankings, preferences.
//!
//! In: canonical labels of a ledger, read by [`parse_spans`], [`parse_boxes`] and [`parse_ranking`] and put by item and
//! labeler into [`Lists`]; contests counted between two contestants. Out: numbers with what they rest on, one file a
//! measure, whose header names its source. Items, labelers, classes and ids are numbers here; their names are kept by
//! the caller, who numbers them in the order of their names, so that no result depends on the order of rows.
//!
//! Invariant: what has no value is [`Undefined`](crate::agreement::Undefined) and says why; it is never NaN, and nothing is clamped. Sums run over
//! whole numbers, or in the order of items and labelers. Random numbers come from a seed by operations that every
//! machine does alike.

mod assignment;
mod box_alpha;
mod boxes;
mod bradley_terry;
mod char_alpha;
mod components;
mod concordance;
mod contests;
mod continuum;
mod counts;
mod dissimilarity;
mod gamma;
mod groups;
mod kendall;
mod lists;
mod measure;
mod names;
#[cfg(test)]
mod oracles;
mod packing;
mod parse;
mod prices;
mod rankings;
mod region;
mod sampler;
mod span_f1;
mod span_match;
mod spans;
mod strengths;

pub use box_alpha::{BoxAlpha, box_alpha};
pub use boxes::{BoxAgreement, IouSum, PairBoxes, box_agreement};
pub use bradley_terry::{Strengths, bradley_terry};
pub use char_alpha::{CharAlpha, char_alpha};
pub use concordance::{Concordance, kendall_w};
pub use contests::{Contest, Outcome};
pub use continuum::{Alignment, Continuum, best_alignment};
pub use counts::{ClassCounts, Counts};
pub use dissimilarity::{Dissimilarity, Unit};
pub use gamma::{Gamma, GammaOptions, GammaReport, gamma, gamma_of_documents};
pub use kendall::{KendallTau, PairTau, kendall_tau};
pub use lists::{DuplicateKey, Group, Lists};
pub(super) use measure::measure;
pub use names::{Named, Names};
pub use parse::ParseError;
pub use rankings::{Place, parse_ranking};
pub use region::{BoundingBox, parse_boxes};
pub use span_f1::{Mean, PairF1, SpanF1, span_f1};
pub use span_match::{Match, Overlap};
pub use spans::{Span, parse_spans};
pub use strengths::{Strength, strengths};
