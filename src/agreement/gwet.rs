//! Gwet's AC1, and AC2 under weights: chance is labelers who guess where an item is hard.
//!
//! p_e = T_w/(q(q − 1)) Σ_k π_k(1 − π_k), T_w = Σ_k Σ_l w_kl, over the q classes of the domain, used or not. Gwet (2008),
//! British Journal of Mathematical and Statistical Psychology 61:29-48; (2014), Handbook of Inter-Rater Reliability, 4th
//! ed., ch. 5.

use super::{Estimate, Tallies, Undefined, Weights, weighted_agreement};

/// Returns AC1 under identity weights, else AC2.
///
/// # Errors
/// No item has two labels, or the domain has one class.
pub fn gwet_ac(tallies: &Tallies, weights: &Weights) -> Result<Estimate, Undefined> {
    let observed = weighted_agreement(tallies, weights)?.value;
    let scale = guessing(weights)?;
    let expected = scale * tallies.prevalence().iter().map(|share| share * (1.0 - share)).sum::<f64>();
    Ok(Estimate::beyond_chance(observed, expected))
}

/// Returns T_w/(q(q − 1)).
pub(super) fn guessing(weights: &Weights) -> Result<f64, Undefined> {
    match weights.classes() as f64 {
        q if q < 2.0 => Err(Undefined::SingleCategoryDomain),
        q if weights.total() >= q * q => Err(Undefined::ExpectedAgreementIs1),
        q => Ok(weights.total() / (q * (q - 1.0))),
    }
}
