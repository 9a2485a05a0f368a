//! Brennan and Prediger's coefficient: chance is every class of the domain alike.
//!
//! p_e = T_w/q², T_w = Σ_k Σ_l w_kl; 1/q without weights. It is Bennett's S, Randolph's free-marginal κ, Guilford's G, and
//! of two classes the prevalence-adjusted bias-adjusted κ. Bennett, Alpert & Goldstein (1954), Public Opinion Quarterly
//! 18:303-308; Brennan & Prediger (1981), Educational and Psychological Measurement 41:687-699; Gwet (2014).

use super::{Estimate, Tallies, Undefined, Weights, weighted_agreement};

/// Returns the coefficient.
///
/// # Errors
/// No item has two labels, or the domain has one class.
pub fn brennan_prediger(tallies: &Tallies, weights: &Weights) -> Result<Estimate, Undefined> {
    let observed = weighted_agreement(tallies, weights)?.value;
    if weights.classes() < 2 {
        return Err(Undefined::SingleCategoryDomain);
    }
    let classes = weights.classes() as f64;
    if weights.total() >= classes * classes {
        return Err(Undefined::ExpectedAgreementIs1);
    }
    Ok(Estimate::beyond_chance(observed, weights.total() / (classes * classes)))
}
