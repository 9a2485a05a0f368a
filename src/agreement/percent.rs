//! Percent agreement: the share of pairs of labels of one item that agree. Not corrected for chance.
//!
//! p_a = (1/n2) Σ_i Σ_k r_ik(r*_ik − 1) / r_i(r_i − 1) over the n2 items with r_i ≥ 2 labels, r*_ik = Σ_l w_kl r_il.
//! Fleiss (1971), Psychological Bulletin 76:378-382; with missing labels and weights Gwet (2014), Handbook of
//! Inter-Rater Reliability, 4th ed.

use super::{Estimate, Tallies, Tally, Undefined, Weights};

/// How items with different numbers of labels weigh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Average {
    /// Each item alike.
    #[default]
    Items,
    /// Each label alike: 1 − D_o of Krippendorff's α.
    Labels,
    /// Each pair of labels alike.
    Pairs,
}

impl Average {
    /// Returns the word for it as a parameter; the first needs none.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Items => None,
            Self::Labels => Some("label_weighted"),
            Self::Pairs => Some("pair_weighted"),
        }
    }
}

/// Returns percent agreement, as a share.
///
/// # Errors
/// No item has two labels.
pub fn percent_agreement(tallies: &Tallies, average: Average) -> Result<Estimate, Undefined> {
    let items = tallies.paired_items();
    if items == 0 {
        return Err(Undefined::NoItemWithTwoLabels);
    }
    let agreeing = tallies.by_labels(|tally| tally.agreeing());
    let weighted = |weight: &dyn Fn(f64) -> f64| -> f64 {
        agreeing.iter().map(|(labels, pairs)| *pairs as f64 / weight(f64::from(*labels))).sum()
    };
    let total =
        |what: fn(&Tally<'_>) -> u64| tallies.by_labels(what).iter().map(|(_, sum)| sum).sum::<u64>() as f64;
    let value = match average {
        Average::Items => weighted(&|m| m * (m - 1.0)) / items as f64,
        Average::Labels => weighted(&|m| m - 1.0) / total(|tally| u64::from(tally.labels)),
        Average::Pairs => weighted(&|_| 1.0) / total(|tally| tally.pairs()),
    };
    Ok(Estimate::plain(value))
}

/// Returns the mean over items of how far their pairs of labels agree under `weights`.
///
/// # Errors
/// No item has two labels.
pub fn weighted_agreement(tallies: &Tallies, weights: &Weights) -> Result<Estimate, Undefined> {
    if weights.is_identity() {
        return percent_agreement(tallies, Average::Items);
    }
    let items = tallies.paired_items();
    if items == 0 {
        return Err(Undefined::NoItemWithTwoLabels);
    }
    let sum: f64 = tallies.paired().map(|tally| tally.items as f64 * agreement_within(&tally, weights)).sum();
    Ok(Estimate::plain(sum / items as f64))
}

/// Returns how far the pairs of labels of an item with such labels, two or more, agree.
pub(super) fn agreement_within(tally: &Tally<'_>, weights: &Weights) -> f64 {
    weights.agreeing(tally.counts) / tally.pairs() as f64
}
