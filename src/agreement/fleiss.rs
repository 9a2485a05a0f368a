//! Fleiss' κ (multi-π; Scott's π for two labelers): chance is the labelers' common distribution of classes.
//!
//! κ = (p_a − p_e)/(1 − p_e), p_e = Σ_k π_k². Fleiss (1971), Psychological Bulletin 76:378-382; Scott (1955), Public
//! Opinion Quarterly 19:321-325. Items with different numbers of labels as in Gwet (2014), Handbook of Inter-Rater
//! Reliability, 4th ed.: items with one label count in π_k and not in p_a.

use super::{Average, Estimate, Tallies, Undefined, percent_agreement};

/// Returns Fleiss' κ.
///
/// # Errors
/// No item has two labels, or all labels are one class.
pub fn fleiss_kappa(tallies: &Tallies) -> Result<Estimate, Undefined> {
    let observed = percent_agreement(tallies, Average::Items)?.value;
    let prevalence = tallies.prevalence();
    if prevalence.iter().filter(|share| **share > 0.0).count() < 2 {
        return Err(Undefined::ExpectedAgreementIs1);
    }
    let expected: f64 = prevalence.iter().map(|share| share * share).sum();
    Ok(Estimate { value: (observed - expected) / (1.0 - expected), observed, expected: Some(expected) })
}
