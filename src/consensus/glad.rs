//! GLAD: labelers differ in ability and items in difficulty.
//!
//! P(l_ij = true class) = σ(α_j β_i), β_i = e^{b_i}; the other classes share the rest evenly; all classes are equally
//! probable beforehand, and α_j and b_i have the prior N(1, 1). Whitehill, Ruvolo, Wu, Bergsma & Movellan (2009), Whose
//! vote should count more, Advances in Neural Information Processing Systems 22:2035-2043.
//!
//! The authors climb by gradient in the M step; here each half of it is climbed by itself. ln σ(x) is bounded from below
//! by a parabola that touches it at the present x: ln σ(ξ) + (x − ξ)/2 − λ(ξ)(x² − ξ²), λ(ξ) = tanh(ξ/2)/4ξ (Jaakkola &
//! Jordan 2000, Statistics and Computing 10:25-37). Under it the best α_j is a quotient of two sums, and the best b_i the
//! maximum of a function of one variable; neither can lower the objective. Each pass over the items does the E step,
//! improves b_i, and gathers the sums for α.

use std::ops::Range;

use rayon::prelude::*;

use super::em::{Climb, Stop};
use super::expected::Expected;
use super::numeric::{LogProduct, exp, ln};
use super::rates::check;
use super::{Consensus, Extra, Method, TieRule, Unfit, chunks};
use crate::table::Table;

/// Settings of GLAD.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Glad {
    /// When to stop.
    pub stop: Stop,
    /// What to do with ties.
    pub ties: TieRule,
}

/// What one pass over the items, or a run of them, yields.
struct Pass {
    log_likelihood: f64,
    /// −½ Σ (b_i − 1)², of the b before they are improved.
    log_prior: f64,
    /// For each labeler Σ_i (t_ij − ½) β_i and Σ_i 2 λ_ij β_i², of the improved b: t_ij is how probably he is right.
    ability: Vec<[f64; 2]>,
}

impl Glad {
    /// Returns the consensus of `table`; [`Extra::Glad`] has abilities and difficulties.
    ///
    /// # Errors
    /// There are no labels, or too many classes to hold.
    pub fn fit(&self, table: &Table) -> Result<Consensus, Unfit> {
        check(table)?;
        let mut ability = vec![1.0; table.labeler_names().len()];
        let mut easiness = vec![1.0; table.items()];
        let mut climb = Climb::new(self.stop);
        let mut posterior = vec![0.0; table.items() * table.classes().len()];
        let fit = loop {
            let before = easiness.clone();
            let pass = pass(table, &ability, &mut easiness, &mut posterior);
            let log_prior = pass.log_prior - 0.5 * ability.iter().map(|a| (a - 1.0) * (a - 1.0)).sum::<f64>();
            if !climb.goes_on() || climb.reached(pass.log_likelihood + log_prior) {
                easiness = before;
                break climb.fit(pass.log_likelihood, log_prior);
            }
            for (ability, [linear, square]) in ability.iter_mut().zip(&pass.ability) {
                *ability = (1.0 + linear) / (1.0 + square);
            }
        };
        let difficulty = easiness.iter().map(|b| exp(-b)).collect();
        let expected = Expected::under(table, &posterior);
        let how = (Method::Glad, Extra::Glad { ability, difficulty });
        Ok(Consensus::new(how, table, (posterior, expected), Some(fit), self.ties))
    }
}

/// Sets `posterior` to that under the parameters, and improves `easiness`, b.
fn pass(table: &Table, ability: &[f64], easiness: &mut [f64], posterior: &mut [f64]) -> Pass {
    let (items, q) = (table.items(), table.classes().len());
    let length = chunks::length(table, ability.len());
    let runs = easiness.par_chunks_mut(length).zip(posterior.par_chunks_mut(length * q)).enumerate();
    let parts: Vec<Pass> = runs
        .map(|(run, (easiness, posterior))| {
            let run = run * length..items.min((run + 1) * length);
            pass_run(table, run, ability, easiness, posterior)
        })
        .collect();
    let mut sum = Pass { log_likelihood: 0.0, log_prior: 0.0, ability: vec![[0.0; 2]; ability.len()] };
    for part in parts {
        sum.log_likelihood += part.log_likelihood;
        sum.log_prior += part.log_prior;
        for (sum, part) in sum.ability.iter_mut().zip(&part.ability) {
            (0..2).for_each(|which| sum[which] += part[which]);
        }
    }
    sum
}

fn pass_run(
    table: &Table,
    items: Range<usize>,
    ability: &[f64],
    easiness: &mut [f64],
    posterior: &mut [f64],
) -> Pass {
    let q = table.classes().len();
    let mut sums = vec![[0.0; 2]; ability.len()];
    let mut likelihood = Likelihood::new(q);
    let mut log_prior = 0.0;
    for ((item, b), chances) in items.zip(easiness).zip(posterior.chunks_exact_mut(q)) {
        let (labelers, given) = table.run(item);
        let labels = || labelers.iter().zip(given).map(|(who, class)| (*who as usize, *class as usize));
        let beta = exp(*b);
        chances.fill(0.0);
        let mut curvature = 0.0;
        for (labeler, class) in labels() {
            let x = ability[labeler] * beta;
            let tail = likelihood.push(x);
            chances[class] += x + likelihood.log_others;
            curvature += lambda(x, tail) * ability[labeler] * ability[labeler];
        }
        likelihood.normalise(chances);
        log_prior -= 0.5 * (*b - 1.0) * (*b - 1.0);
        let pull: f64 = labels().map(|(labeler, class)| (chances[class] - 0.5) * ability[labeler]).sum();
        *b = improve(*b, pull, curvature);
        let beta = exp(*b);
        for (labeler, class) in labels() {
            let x = ability[labeler] * beta;
            sums[labeler][0] += (chances[class] - 0.5) * beta;
            sums[labeler][1] += 2.0 * lambda(x, exp(-x.abs())) * beta * beta;
        }
    }
    Pass { log_likelihood: likelihood.ln(), log_prior, ability: sums }
}

/// ln P(labels), gathered. Against the case that all err, a right label adds x + ln(q − 1) to its class.
struct Likelihood {
    /// ln(q − 1); 0 with one class, where nobody can err.
    log_others: f64,
    /// −ln q.
    log_prior: f64,
    linear: f64,
    sums: LogProduct,
    softplus: LogProduct,
}

impl Likelihood {
    fn new(q: usize) -> Self {
        let log_others = if q > 1 { ln((q - 1) as f64) } else { 0.0 };
        let (sums, softplus) = (LogProduct::ONE, LogProduct::ONE);
        Self { log_others, log_prior: -ln(q as f64), linear: 0.0, sums, softplus }
    }

    /// Takes in a label as an error: ln((1 − σ(x))/(q − 1)). Returns e^−|x|.
    fn push(&mut self, x: f64) -> f64 {
        let tail = exp(-x.abs());
        self.softplus.push(1.0 + tail, 0);
        self.linear -= x.max(0.0) + self.log_others;
        tail
    }

    /// Turns an item's sums by class into its posterior, and takes in their logarithm.
    fn normalise(&mut self, sums: &mut [f64]) {
        let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        sums.iter_mut().for_each(|sum| *sum = exp(*sum - most));
        let total: f64 = sums.iter().sum();
        sums.iter_mut().for_each(|chance| *chance /= total);
        self.sums.push(total, 0);
        self.linear += most + self.log_prior;
    }

    fn ln(&self) -> f64 {
        self.linear + self.sums.ln() - self.softplus.ln()
    }
}

/// Returns λ(x) = tanh(x/2)/4x; `tail` is e^−|x|.
fn lambda(x: f64, tail: f64) -> f64 {
    if x.abs() < 1e-4 { 0.125 } else { (1.0 - tail) / (1.0 + tail) / (4.0 * x.abs()) }
}

/// Steps so small go up, as the slope says: whether heights that equal but for rounding agree decides nothing.
const SMALL: f64 = 1e-6;

/// Returns a b that is not below `start` in A e^b − B e^2b − ½(b − 1)², by two steps of Newton's method; A is `pull`,
/// B is `curvature`.
fn improve(start: f64, pull: f64, curvature: f64) -> f64 {
    let terms = |b: f64| {
        let beta = exp(b);
        (pull * beta, curvature * beta * beta)
    };
    let height = |b: f64, (first, second): (f64, f64)| first - second - 0.5 * (b - 1.0) * (b - 1.0);
    let (mut at, mut here) = (start, terms(start));
    for _ in 0..2 {
        let slope = here.0 - 2.0 * here.1 - (at - 1.0);
        let bend = (1.0 + 4.0 * here.1 - here.0).max(1.0);
        let mut step = (slope / bend).clamp(-2.0, 2.0);
        // Half the step until it does not go down.
        loop {
            let there = terms(at + step);
            if step.abs() < SMALL || height(at + step, there) >= height(at, here) {
                (at, here) = (at + step, there);
                break;
            }
            step *= 0.5;
        }
    }
    at
}
