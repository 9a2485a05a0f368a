//! EM: labels of unknown truth explained by error rates, the likeliest found by turns.
//!
//! Dempster, Laird & Rubin (1977), Journal of the Royal Statistical Society B 39:1-38. Every turn raises the
//! log-likelihood of the observed labels (with the logarithm of the rates' prior, where the method has one), or leaves
//! it: it is what the method stops on. Where that is not the highest of several peaks, nothing says so.

use serde::Serialize;

use super::expected::Expected;
use super::rates::Rates;
use crate::table::Table;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// The most turns.
    pub iterations: u32,
    /// Stop when a turn gains this share of the objective or less. 0 stops only where rounding ends the ascent.
    pub tolerance: f64,
}

impl Default for Stop {
    /// 10 000 turns, a gain of 10^−10.
    fn default() -> Self {
        Self { iterations: 10_000, tolerance: 1e-10 }
    }
}

/// How a fit ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fit {
    /// How often the parameters were improved.
    pub iterations: u32,
    /// ln P(labels | parameters), natural, without the prior of the parameters.
    pub log_likelihood: f64,
    /// The same with the logarithm of that prior, but for a constant: what no iteration lowers.
    pub objective: f64,
    /// Whether [`Stop::tolerance`] was reached.
    pub converged: bool,
}

/// What EM ends with: every item's posterior (n × q), the counts under it, and how it got there.
pub(super) struct Fitted {
    pub(super) found: (Vec<f64>, Expected),
    pub(super) fit: Fit,
}

/// Climbs from `rates`, whose log-prior is `log_prior`. `maximise` sets the rates to the likeliest ones under expected
/// counts and returns their log-prior.
pub(super) fn fit(
    table: &Table,
    rates: &mut Rates,
    mut log_prior: f64,
    stop: Stop,
    mut maximise: impl FnMut(&Expected, &mut Rates) -> f64,
) -> Fitted {
    let mut climb = Climb::new(stop);
    while climb.goes_on() {
        let expected = Expected::of(table, rates);
        if climb.reached(expected.log_likelihood + log_prior) {
            break;
        }
        log_prior = maximise(&expected, rates);
    }
    let found = Expected::with_posterior(table, rates);
    let fit = climb.fit(found.1.log_likelihood, log_prior);
    Fitted { found, fit }
}

/// The way up so far.
pub(super) struct Climb {
    stop: Stop,
    iterations: u32,
    objective: f64,
    converged: bool,
}

impl Climb {
    pub(super) fn new(stop: Stop) -> Self {
        Self { stop, iterations: 0, objective: f64::NEG_INFINITY, converged: false }
    }

    /// Whether the parameters may be improved once more.
    pub(super) fn goes_on(&self) -> bool {
        !self.converged && self.iterations < self.stop.iterations
    }

    /// Takes note of the height reached; returns whether it is the end. If not, one more improvement is counted.
    pub(super) fn reached(&mut self, objective: f64) -> bool {
        let gain = objective - self.objective;
        self.converged = gain <= self.stop.tolerance * objective.abs();
        self.iterations += u32::from(!self.converged);
        self.objective = objective;
        self.converged
    }

    pub(super) fn fit(&self, log_likelihood: f64, log_prior: f64) -> Fit {
        let objective = log_likelihood + log_prior;
        Fit { iterations: self.iterations, log_likelihood, objective, converged: self.converged }
    }
}
