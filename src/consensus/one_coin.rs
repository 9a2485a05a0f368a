//! One coin: every labeler is right with one probability, whatever the true class, and errs evenly.
//!
//! θ_j[k,k] = a_j and θ_j[k,l] = (1 − a_j)/(q − 1): Dawid–Skene with one rate a labeler, for those with few labels. In
//! this form with EM: Zhang, Chen, Zhou & Jordan (2016), Spectral methods meet EM, Journal of Machine Learning Research
//! 17(102):1-44, §2. a_j = Σ_i T_i,l_ij / labels of j. With smoothing s, s labels are added, spread over the classes:
//! s/q of them right.

use super::dawid_skene::check_smoothing;
use super::em::{self, Stop};
use super::expected::Expected;
use super::numeric::ln;
use super::rates::{Rates, check};
use super::votes::Votes;
use super::{Consensus, Extra, Method, TieRule, Unfit};
use crate::table::Table;

/// Settings of the one-coin method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCoin {
    /// s: the labels added to each labeler's. 0 adds none.
    pub smoothing: f64,
    /// When to stop.
    pub stop: Stop,
    /// What to do with ties.
    pub ties: TieRule,
}

impl Default for OneCoin {
    /// A hundredth of a label; 10 000 turns; ties undecided.
    fn default() -> Self {
        Self { smoothing: 0.01, stop: Stop::default(), ties: TieRule::default() }
    }
}

impl OneCoin {
    /// Returns the consensus of `table`; [`Extra::Competence`] has every labeler's a_j.
    ///
    /// # Errors
    /// There are no labels, or too many classes to hold, or the smoothing is not 0 nor a number from 1e-9 up.
    pub fn fit(&self, table: &Table) -> Result<Consensus, Unfit> {
        check(table)?;
        check_smoothing(self.smoothing)?;
        let mut rates = Rates::even(table);
        let mut right = Vec::new();
        let votes = Expected::of(table, &Votes::ALIKE);
        let mut maximise = |expected: &Expected, rates: &mut Rates| {
            let log_prior;
            (right, log_prior) = self.maximise(table, expected, rates);
            log_prior
        };
        let log_prior = maximise(&votes, &mut rates);
        let fitted = em::fit(table, &mut rates, log_prior, self.stop, maximise);
        let how = (Method::OneCoin, Extra::Competence(right));
        Ok(Consensus::new(how, table, fitted.found, Some(fitted.fit), self.ties))
    }

    fn maximise(&self, table: &Table, expected: &Expected, rates: &mut Rates) -> (Vec<f64>, f64) {
        let (q, width) = (table.classes().len(), rates.width());
        let (s, each) = (self.smoothing, self.smoothing / q as f64);
        let mut log_prior = 0.0;
        rates.prior[..q].copy_from_slice(&expected.priors(table));
        let labelers = rates.rows.chunks_exact_mut(q * width).zip(expected.counts.chunks_exact(q * width));
        let right = labelers.map(|(rates, counts)| {
            let labels: f64 = counts.iter().sum();
            let right: f64 = (0..q).map(|class| counts[class * (width + 1)]).sum();
            // What is wrong is counted, not taken from 1: all but certain labelers keep their odds.
            let wrong: f64 =
                counts.iter().enumerate().filter(|(at, _)| at / width != at % width).map(|(_, n)| n).sum();
            let (right, wrong) = ((right + each) / (labels + s), (wrong + s - each) / (labels + s));
            for (given, row) in rates.chunks_exact_mut(width).enumerate() {
                for (class, rate) in row[..q].iter_mut().enumerate() {
                    *rate = if class == given { right } else { wrong / (q - 1) as f64 };
                }
            }
            if s > 0.0 && q > 1 {
                log_prior += each * ln(right) + (s - each) * ln(wrong);
            }
            right
        });
        (right.collect(), log_prior)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Votes: i1 ⅔ x, ⅓ y; i2 z. ana is right by ⅔ + 1 of 2, raj by ⅔ of 1, eve by ⅓ of 1.
    #[test]
    fn errors_are_spread_evenly_over_the_other_classes() {
        let labels = [("i1", "ana", "x"), ("i1", "raj", "x"), ("i1", "eve", "y"), ("i2", "ana", "z")];
        let table = Table::from_labels(labels, None);
        let one_coin = OneCoin { smoothing: 0.0, ..OneCoin::default() };
        let mut rates = Rates::even(&table);
        let (right, log_prior) = one_coin.maximise(&table, &Expected::of(&table, &Votes::ALIKE), &mut rates);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-15, "{a} {b}");
        right.iter().zip([5.0 / 6.0, 1.0 / 3.0, 2.0 / 3.0]).for_each(|(a, b)| close(*a, b));
        close(log_prior, 0.0);
        // ana says x: the class is x, or with 1/6 · ½ each of the others.
        rates.rows[..4].iter().zip([5.0 / 6.0, 1.0 / 12.0, 1.0 / 12.0, 0.0]).for_each(|(a, b)| close(*a, b));
        rates.prior.iter().zip([1.0 / 3.0, 1.0 / 6.0, 0.5, 0.0]).for_each(|(a, b)| close(*a, b));
    }
}
