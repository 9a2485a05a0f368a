//! Krippendorff's α: chance is drawing two of the labels that can be paired, without putting back.
//!
//! α = 1 − D_o/D_e with D_o = (1/n..) Σ_u Σ_c Σ_k n_uc n_uk δ²_ck/(m_u − 1) and
//! D_e = Σ_c Σ_k n_c n_k δ²_ck / n..(n.. − 1), over units with m_u ≥ 2 labels only. Krippendorff (2011), Computing
//! Krippendorff's alpha-reliability; (2004), Content Analysis, 2nd ed., ch. 11. The standard error is Gwet's (2014),
//! Handbook of Inter-Rater Reliability, 4th ed., as irrCAC computes it.

use super::level::Distance;
use super::{Estimate, Tallies, Undefined, Weights};

/// Returns Krippendorff's α for labels that differ by `distance`.
///
/// # Errors
/// No item has two labels, all labels that can be paired are one class, or there are too many classes.
pub fn krippendorff_alpha(tallies: &Tallies, distance: &Distance) -> Result<Estimate, Undefined> {
    distance.check(tallies.classes())?;
    let totals = tallies.pairable();
    // Exact in 128 bits: n..² of ten billion labels is 10^20.
    let labels: u128 = totals.iter().map(|total| u128::from(*total)).sum();
    if labels == 0 {
        return Err(Undefined::NoItemWithTwoLabels);
    }
    let alike: u128 = totals.iter().map(|total| u128::from(*total).pow(2)).sum();
    let drawn = (labels * (labels - 1)) as f64;
    if let Distance::Nominal = distance {
        let differing = tallies.by_labels(|tally| tally.pairs() - tally.agreeing());
        let observed: f64 = differing.iter().map(|(m, pairs)| *pairs as f64 / f64::from(m - 1)).sum();
        return alpha(observed / labels as f64, (labels * labels - alike) as f64 / drawn);
    }
    let of_all: Vec<f64> = totals.iter().map(|total| *total as f64).collect();
    let places = distance.places(&of_all);
    // In floating point what is all one value may differ by a hair.
    let used: Vec<usize> = (0..totals.len()).filter(|class| totals[*class] > 0).collect();
    if used.windows(2).all(|two| !places.is_empty() && places[two[0]] == places[two[1]]) {
        return Err(Undefined::ExpectedDisagreementIs0);
    }
    let mut counts = Vec::new();
    let mut observed = 0.0;
    for tally in tallies.paired() {
        counts.clear();
        counts.extend(tally.counts.iter().map(|(class, count)| (*class, f64::from(*count))));
        observed +=
            tally.items as f64 * distance.sum_over_pairs(&counts, &places) / f64::from(tally.labels - 1);
    }
    counts.clear();
    counts.extend((0u32..).zip(of_all).filter(|(_, total)| *total > 0.0));
    alpha(observed / labels as f64, distance.sum_over_pairs(&counts, &places) / drawn)
}

fn alpha(observed: f64, expected: f64) -> Result<Estimate, Undefined> {
    if expected <= 0.0 {
        return Err(Undefined::ExpectedDisagreementIs0);
    }
    Ok(Estimate {
        value: 1.0 - observed / expected,
        observed: 1.0 - observed,
        expected: Some(1.0 - expected),
    })
}

/// Returns the standard error of α for labels that agree by `weights`: identity for nominal ones, quadratic for
/// interval ones. `None` where α has no value, or fewer than two items have two labels.
pub fn krippendorff_se(tallies: &Tallies, weights: &Weights) -> Option<f64> {
    let items = tallies.paired_items();
    if items < 2 {
        return None;
    }
    let labels: u64 = tallies.pairable().iter().sum();
    let (n, mean_labels) = (items as f64, labels as f64 / items as f64);
    let shares: Vec<f64> = tallies.pairable().iter().map(|total| *total as f64 / n / mean_labels).collect();
    let by_weight = weights.times(&shares);
    let expected: f64 = shares.iter().zip(&by_weight).map(|(a, b)| a * b).sum();
    let within = |tally: &super::Tally<'_>| {
        weights.agreeing(tally.counts) / (mean_labels * (f64::from(tally.labels) - 1.0))
    };
    let paired: f64 = tallies.paired().map(|tally| tally.items as f64 * within(&tally)).sum::<f64>() / n;
    let smallest = 1.0 / labels as f64;
    let observed = (1.0 - smallest) * paired + smallest;
    if expected >= 1.0 {
        return None;
    }
    let alpha = (paired - expected) / (1.0 - expected);
    let squares = tallies.paired().map(|tally| {
        let more = (f64::from(tally.labels) - mean_labels) / mean_labels;
        let agreed = within(&tally) - observed * more;
        let chance = tally.counts.iter().map(|(class, count)| f64::from(*count) * by_weight[*class as usize]);
        let chance = chance.sum::<f64>() / mean_labels - expected * more;
        let of_item = (agreed - expected - 2.0 * (1.0 - alpha) * (chance - expected)) / (1.0 - expected);
        tally.items as f64 * (of_item - alpha).powi(2)
    });
    Some((squares.sum::<f64>() / (n * (n - 1.0))).sqrt())
}
