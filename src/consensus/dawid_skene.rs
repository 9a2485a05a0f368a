//! Dawid–Skene: every labeler has error rates of his own, for each true class, and they are estimated with the truth.
//!
//! P(labels of i | true class k) = Π_j Π_l θ_j[k,l]^r_ijl; T_ik ∝ p_k times that; p_k = mean_i T_ik and
//! θ_j[k,l] = Σ_i T_ik r_ijl / Σ_i T_ik r_ij+ by turns, from T = shares of votes. Dawid & Skene (1979), Maximum
//! likelihood estimation of observer error-rates using the EM algorithm, Applied Statistics 28:20-28, eqs 2.3-2.5.
//!
//! A labeler has q(q − 1) rates, and few labels to estimate them from. So the prior of every θ_j[k,·] is the Dirichlet
//! distribution with density ∝ Π_l θ^(s/q): s more labels, spread over the classes. With s = 0 it is the method of 1979.
//!
//! Without smoothing, the rates of a labeler who has met no item that may be of class k are 0/0, and zeros would rule k
//! out for his items for ever, on no evidence. So s = 0 is the limit of s going to 0: 10^−300 stands for it, which is
//! nothing beside any count. With few labels a labeler EM then lingers on plateaus, where only rates near 0 grow: such a
//! fit needs a tolerance of 10^−13 or less. With s = 0.01 none were met.

use super::em::{self, Stop};
use super::expected::Expected;
use super::numeric::ln;
use super::rates::{Rates, check};
use super::votes::Votes;
use super::{Consensus, Extra, Method, TieRule, Unfit};
use crate::table::Table;

/// Settings of the Dawid–Skene method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DawidSkene {
    /// s: the labels added to each labeler's for each true class. 0 adds none.
    pub smoothing: f64,
    /// When to stop.
    pub stop: Stop,
    /// What to do with ties.
    pub ties: TieRule,
}

impl Default for DawidSkene {
    /// A hundredth of a label; 10 000 turns; ties undecided.
    fn default() -> Self {
        Self { smoothing: 0.01, stop: Stop::default(), ties: TieRule::default() }
    }
}

impl DawidSkene {
    /// Returns the consensus of `table`.
    ///
    /// # Errors
    /// There are no labels, or too many classes to hold, or the smoothing is not 0 nor a number from 1e-9 up.
    pub fn fit(&self, table: &Table) -> Result<Consensus, Unfit> {
        check(table)?;
        check_smoothing(self.smoothing)?;
        let mut rates = Rates::even(table);
        let votes = Expected::of(table, &Votes::ALIKE);
        let maximise = |expected: &Expected, rates: &mut Rates| self.maximise(table, expected, rates);
        let log_prior = maximise(&votes, &mut rates);
        let fitted = em::fit(table, &mut rates, log_prior, self.stop, maximise);
        Ok(Consensus::new(
            (Method::DawidSkene, Extra::None),
            table,
            fitted.found,
            Some(fitted.fit),
            self.ties,
        ))
    }

    fn maximise(&self, table: &Table, expected: &Expected, rates: &mut Rates) -> f64 {
        let (q, width) = (table.classes().len(), rates.width());
        let each = (self.smoothing / q as f64).max(VANISHING);
        let mut totals = vec![0.0; width];
        let mut log_prior = 0.0;
        rates.prior[..q].copy_from_slice(&expected.priors(table));
        for (rates, counts) in
            rates.rows.chunks_exact_mut(q * width).zip(expected.counts.chunks_exact(q * width))
        {
            totals.fill(each * q as f64);
            for row in counts.chunks_exact(width) {
                totals.iter_mut().zip(row).for_each(|(total, count)| *total += count);
            }
            for (rates, counts) in rates.chunks_exact_mut(width).zip(counts.chunks_exact(width)) {
                for class in 0..q {
                    rates[class] = (counts[class] + each) / totals[class];
                    if self.smoothing > 0.0 {
                        log_prior += each * ln(rates[class]);
                    }
                }
            }
        }
        log_prior
    }
}

/// What a count is raised by if nothing is.
const VANISHING: f64 = 1e-300;
/// Less would be lost to rounding.
const LEAST_SMOOTHING: f64 = 1e-9;

pub(super) fn check_smoothing(smoothing: f64) -> Result<(), Unfit> {
    if smoothing == 0.0 || smoothing.is_finite() && smoothing >= LEAST_SMOOTHING {
        Ok(())
    } else {
        Err(Unfit::BadSmoothing)
    }
}
