//! Conger's κ ("exact" Fleiss' κ): chance is each labeler's own distribution of classes.
//!
//! p_e = mean over pairs of labelers g ≠ h of Σ_k Σ_l w_kl p_gk p_hl, p_gk from all labels of g, also on items nobody
//! else labelled. Conger (1980), Psychological Bulletin 88:322-328; Davies & Fleiss (1982), Biometrics 38:1047-1051;
//! weights, missing labels and the standard error as in Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed.

use super::percent::agreement_within;
use super::tally::spread_of;
use super::{Estimate, Tallies, Tally, Undefined, Weights, weighted_agreement};
use crate::table::Table;

/// How often each labeler gave each class.
pub struct Marginals {
    /// In labeler order, then class order: how many labels. Empty where the table would be too large.
    counts: Vec<u64>,
    totals: Vec<u64>,
    classes: usize,
}

/// More labelers × classes than this have no table.
const MOST_CELLS: usize = 1 << 24;

impl Marginals {
    /// Counts `table`.
    ///
    /// # Errors
    /// There are too many classes for so many labelers.
    pub fn of(table: &Table) -> Result<Self, Undefined> {
        let (labelers, classes) = (table.labeler_names().len(), table.classes().len());
        if labelers.saturating_mul(classes) > MOST_CELLS {
            return Err(Undefined::TooManyClasses);
        }
        let (mut counts, mut totals) = (vec![0; labelers * classes], vec![0; labelers]);
        for (labelers, given) in table.runs() {
            for (labeler, class) in labelers.iter().zip(given) {
                counts[*labeler as usize * classes + *class as usize] += 1;
                totals[*labeler as usize] += 1;
            }
        }
        Ok(Self { counts, totals, classes })
    }

    /// Returns the shares p_gk of labeler `g`.
    fn shares(&self, g: usize) -> Vec<f64> {
        let of = &self.counts[g * self.classes..(g + 1) * self.classes];
        of.iter().map(|count| *count as f64 / self.totals[g] as f64).collect()
    }

    fn labelers(&self) -> usize {
        self.totals.len()
    }
}

/// Returns Conger's κ.
///
/// # Errors
/// No item has two labels, or everybody gave one and the same class throughout.
pub fn conger_kappa(
    tallies: &Tallies,
    marginals: &Marginals,
    weights: &Weights,
) -> Result<Estimate, Undefined> {
    let observed = weighted_agreement(tallies, weights)?.value;
    let labelers = marginals.labelers() as f64;
    let (mut sums, mut own) = (vec![0.0; marginals.classes], 0.0);
    for g in 0..marginals.labelers() {
        let shares = marginals.shares(g);
        own += shares.iter().zip(weights.times(&shares)).map(|(a, b)| a * b).sum::<f64>();
        sums.iter_mut().zip(&shares).for_each(|(sum, share)| *sum += share);
    }
    let used = (0u32..).zip(&sums).filter(|(_, sum)| **sum > 0.0).map(|(class, _)| class);
    if !weights.tell_apart(used.clone(), used) {
        return Err(Undefined::ExpectedAgreementIs1);
    }
    let all: f64 = sums.iter().zip(weights.times(&sums)).map(|(a, b)| a * b).sum();
    Ok(Estimate::beyond_chance(observed, (all - own) / (labelers * (labelers - 1.0))))
}

/// Returns the standard error of Conger's κ; `None` for fewer than two items.
pub fn conger_se(
    table: &Table,
    tallies: &Tallies,
    marginals: &Marginals,
    weights: &Weights,
    estimate: &Estimate,
) -> Option<f64> {
    let (items, paired) = (table.items() as f64, tallies.paired_items() as f64);
    if table.items() < 2 {
        return None;
    }
    let (labelers, expected) = (marginals.labelers(), estimate.expected?);
    let shares: Vec<Vec<f64>> = (0..labelers).map(|g| marginals.shares(g)).collect();
    let sums: Vec<f64> =
        (0..marginals.classes).map(|k| shares.iter().map(|shares| shares[k]).sum()).collect();
    // What a label of class k by g adds to chance: how often the others would have given what agrees with it.
    let others: Vec<Vec<f64>> = shares
        .iter()
        .map(|own| weights.times(&sums.iter().zip(own).map(|(all, own)| all - own).collect::<Vec<_>>()))
        .collect();
    let usual: Vec<f64> = shares
        .iter()
        .zip(&others)
        .map(|(own, other)| own.iter().zip(other).map(|(a, b)| a * b).sum())
        .collect();
    let all_usual: f64 = usual.iter().sum();
    let ordered_pairs = (labelers * (labelers - 1)) as f64;
    let mut squares = Vec::with_capacity(table.items());
    let mut counts = Vec::new();
    for (by, given) in table.runs() {
        let more = by.iter().zip(given).map(|(g, k)| {
            let g = *g as usize;
            items / marginals.totals[g] as f64 * (others[g][*k as usize] - usual[g])
        });
        let chance = (all_usual + more.sum::<f64>()) / ordered_pairs;
        spread_of(given, &mut counts);
        let tally = Tally { counts: &counts, labels: given.len() as u32, items: 1 };
        let agreed = match tally.labels {
            1 => 0.0,
            _ => items / paired * (agreement_within(&tally, weights) - expected) / (1.0 - expected),
        };
        let by_chance = 2.0 * (1.0 - estimate.value) * (chance - expected) / (1.0 - expected);
        squares.push((agreed - by_chance - estimate.value).powi(2));
    }
    // Summed in an order of their own: that of items is that of rows.
    squares.sort_unstable_by(f64::total_cmp);
    Some((squares.iter().sum::<f64>() / (items * (items - 1.0))).sqrt())
}
