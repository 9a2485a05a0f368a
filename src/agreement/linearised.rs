//! Standard errors by linearisation over items: what each item adds to a coefficient, and how that varies.
//!
//! κ*_i = κ_i − 2(1 − κ)(p_e,i − p_e)/(1 − p_e), κ_i = (n/n2)(p_a,i − p_e)/(1 − p_e), where items with fewer than two
//! labels have κ_i = 0; Var = Σ(κ*_i − κ)²/n(n − 1). Gwet (2008), British Journal of Mathematical and Statistical
//! Psychology 61:29-48, and (2014), Handbook of Inter-Rater Reliability, 4th ed. Labelers are taken as given: another
//! panel would vary more.

use super::gwet::guessing;
use super::percent::agreement_within;
use super::{Estimate, Tallies, Tally, Weights};

/// Returns the standard error of `estimate`, a coefficient of `tallies` whose chance on one item is `chance`. `None`
/// for fewer than two items.
fn linearised(
    tallies: &Tallies,
    weights: &Weights,
    estimate: &Estimate,
    chance: impl Fn(&Tally<'_>) -> f64,
) -> Option<f64> {
    let (items, paired) = (tallies.items(), tallies.paired_items() as f64);
    if items < 2 {
        return None;
    }
    let (n, expected) = (items as f64, estimate.expected.unwrap_or(0.0));
    let squares = tallies.iter().map(|tally| {
        let agreed = match tally.labels {
            0 | 1 => 0.0,
            _ => n / paired * (agreement_within(&tally, weights) - expected) / (1.0 - expected),
        };
        let by_chance = 2.0 * (1.0 - estimate.value) * (chance(&tally) - expected) / (1.0 - expected);
        tally.items as f64 * (agreed - by_chance - estimate.value).powi(2)
    });
    Some((squares.sum::<f64>() / (n * (n - 1.0))).sqrt())
}

/// Returns the standard error of percent agreement under `weights`.
pub fn percent_se(tallies: &Tallies, weights: &Weights, estimate: &Estimate) -> Option<f64> {
    linearised(tallies, weights, estimate, |_| 0.0)
}

/// Returns the standard error of Fleiss' κ.
pub fn fleiss_se(tallies: &Tallies, weights: &Weights, estimate: &Estimate) -> Option<f64> {
    let by_weight = weights.times(&tallies.prevalence());
    linearised(tallies, weights, estimate, |tally| share_weighted(tally, |class| by_weight[class]))
}

/// Returns the standard error of AC1 or AC2.
pub fn gwet_se(tallies: &Tallies, weights: &Weights, estimate: &Estimate) -> Option<f64> {
    let (prevalence, scale) = (tallies.prevalence(), guessing(weights).ok()?);
    linearised(tallies, weights, estimate, |tally| {
        scale * share_weighted(tally, |class| 1.0 - prevalence[class])
    })
}

/// Returns the standard error of Brennan and Prediger's coefficient, whose chance does not vary.
pub fn brennan_prediger_se(tallies: &Tallies, weights: &Weights, estimate: &Estimate) -> Option<f64> {
    linearised(tallies, weights, estimate, |_| estimate.expected.unwrap_or(0.0))
}

/// Returns Σ_k x_k r_ik/r_i.
fn share_weighted(tally: &Tally<'_>, x: impl Fn(usize) -> f64) -> f64 {
    let sum: f64 = tally.counts.iter().map(|(class, count)| f64::from(*count) * x(*class as usize)).sum();
    sum / f64::from(tally.labels)
}
