//! Fleiss' κ (multi-π; Scott's π for two labelers): chance is the labelers' common distribution of classes.
//!
//! κ = (p_a − p_e)/(1 − p_e), p_e = Σ_k Σ_l w_kl π_k π_l. Fleiss (1971), Psychological Bulletin 76:378-382; Scott
//! (1955), Public Opinion Quarterly 19:321-325. Items with different numbers of labels, and weights, as in Gwet (2014),
//! Handbook of Inter-Rater Reliability, 4th ed.: items with one label count in π_k and not in p_a. Standard error where
//! κ is 0: Fleiss, Nee & Landis (1979), Psychological Bulletin 86:974-977.

use super::{Contingency, Estimate, Tallies, Undefined, Weights, weighted_agreement};

/// Returns Fleiss' κ.
///
/// # Errors
/// No item has two labels, or all labels are one class.
pub fn fleiss_kappa(tallies: &Tallies, weights: &Weights) -> Result<Estimate, Undefined> {
    let observed = weighted_agreement(tallies, weights)?.value;
    let prevalence = tallies.prevalence();
    let used = (0u32..).zip(&prevalence).filter(|(_, share)| **share > 0.0).map(|(class, _)| class);
    if !weights.tell_apart(used.clone(), used) {
        return Err(Undefined::ExpectedAgreementIs1);
    }
    let expected =
        prevalence.iter().zip(weights.times(&prevalence)).map(|(share, other)| share * other).sum();
    Ok(Estimate::beyond_chance(observed, expected))
}

/// Returns Scott's π of a pair: Fleiss' κ over the items both labelled.
///
/// # Errors
/// The two have no items in common, or gave one and the same class throughout.
pub fn scott_pi(pair: &Contingency<'_>) -> Result<Estimate, Undefined> {
    let items = pair.items();
    if items == 0 {
        return Err(Undefined::NoCommonItems);
    }
    let (first, second) = pair.marginals();
    let mut both = std::collections::BTreeMap::<u32, u64>::new();
    for (class, labels) in first.into_iter().chain(second) {
        *both.entry(class).or_insert(0) += labels;
    }
    if both.len() < 2 {
        return Err(Undefined::ExpectedAgreementIs1);
    }
    // In whole numbers: (2n)² p_e = Σ_k (n_k+ + n_+k)².
    let alike: u128 = both.values().map(|labels| u128::from(*labels).pow(2)).sum();
    let expected = alike as f64 / (4 * u128::from(items) * u128::from(items)) as f64;
    Ok(Estimate::beyond_chance(pair.agreeing() as f64 / items as f64, expected))
}

/// Returns the standard error of Fleiss' κ if there were no agreement beyond chance; `None` where it is not known:
/// items have different numbers of labels, or all labels are one class.
pub fn fleiss_se_of_chance(tallies: &Tallies) -> Option<f64> {
    let mut labels = tallies.iter().map(|tally| tally.labels);
    let m = labels.next().filter(|first| *first >= 2 && labels.all(|other| other == *first))?;
    let (items, m) = (tallies.paired_items() as f64, f64::from(m));
    let prevalence = tallies.prevalence();
    let differing: f64 = prevalence.iter().map(|p| p * (1.0 - p)).sum();
    let skewed: f64 = prevalence.iter().map(|p| p * (1.0 - p) * (1.0 - 2.0 * p)).sum();
    let se = (2.0 / (items * m * (m - 1.0))).sqrt() / differing * (differing * differing - skewed).sqrt();
    se.is_finite().then_some(se)
}
