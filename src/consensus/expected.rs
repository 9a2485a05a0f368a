//! Expected counts: what an M step of EM needs to know of all items.
//!
//! In: a table, and a [`Source`] of posteriors: votes, or the error rates that labelers are held to have. Out:
//! Σ_i T_ik r_ijl and Σ_i T_ik, with the log-likelihood of the rates; on demand every item's T_i1 … T_iq too.
//!
//! One pass does the E step and gathers the counts: an item's posterior is used while it is at hand.

use std::ops::Range;

use super::chunks;
use super::numeric::LogProduct;
use super::rates::Rates;
use crate::table::Table;

/// Where posteriors come from.
pub(super) trait Source: Sync {
    /// Sets `chances`, one for each class, padded with zeros, to those of `item`, whose labels are `run`, but for a factor.
    /// Returns their sum, which lies between [`TINY`](super::numeric::TINY) and its inverse, and the power of 2^−500
    /// that all were divided by.
    fn chances(&self, item: usize, run: (&[u32], &[u32]), chances: &mut [f64]) -> (f64, i64);
}

/// Posteriors that are known already.
struct Known<'a> {
    /// n × q.
    posterior: &'a [f64],
    /// q.
    classes: usize,
}

impl Source for Known<'_> {
    #[inline(always)]
    fn chances(&self, item: usize, _: (&[u32], &[u32]), chances: &mut [f64]) -> (f64, i64) {
        let row = &self.posterior[item * self.classes..(item + 1) * self.classes];
        chances[..self.classes].copy_from_slice(row);
        (1.0, 0)
    }
}

/// Expected counts of all items or of a run of them.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    /// `[labeler][given][true]`, the last padded to [`Rates::width_of`] the classes.
    pub(super) counts: Vec<f64>,
    /// Σ_i T_ik, padded alike.
    pub(super) classes: Vec<f64>,
    /// Σ_i ln of the sum of the source's chances: for rates, of Σ_k p_k Π_j θ_j.
    pub(super) log_likelihood: f64,
}

impl Expected {
    /// Gathers the counts under the posteriors of `source`.
    pub(super) fn of(table: &Table, source: &impl Source) -> Self {
        let length = Self::length(table);
        let parts = chunks::map(table, length, |items| gather(table, items, source, &mut []));
        Self::sum(parts, table)
    }

    /// The same, and every item's posterior, n × q.
    pub(super) fn with_posterior(table: &Table, source: &impl Source) -> (Vec<f64>, Self) {
        let q = table.classes().len();
        let mut posterior = vec![0.0; table.items() * q];
        let rows = (&mut posterior[..], q);
        let parts = chunks::map_rows(table, Self::length(table), rows, |items, rows| {
            gather(table, items, source, rows)
        });
        (posterior, Self::sum(parts, table))
    }

    /// Gathers the counts under `posterior`, n × q.
    pub(super) fn under(table: &Table, posterior: &[f64]) -> Self {
        Self::of(table, &Known { posterior, classes: table.classes().len() })
    }

    /// Returns the mean of the items' posteriors.
    pub(super) fn priors(&self, table: &Table) -> Vec<f64> {
        self.classes[..table.classes().len()].iter().map(|sum| sum / table.items() as f64).collect()
    }

    fn empty(table: &Table) -> Self {
        let q = table.classes().len();
        let width = Rates::width_of(q);
        let counts = vec![0.0; table.labeler_names().len() * q * width];
        Self { counts, classes: vec![0.0; width], log_likelihood: 0.0 }
    }

    fn length(table: &Table) -> usize {
        let q = table.classes().len();
        chunks::length(table, table.labeler_names().len() * q * Rates::width_of(q))
    }

    fn sum(parts: Vec<Self>, table: &Table) -> Self {
        parts.into_iter().reduce(Self::plus).unwrap_or_else(|| Self::empty(table))
    }

    fn plus(mut self, other: Self) -> Self {
        let add = |to: &mut [f64], from: &[f64]| to.iter_mut().zip(from).for_each(|(a, b)| *a += b);
        add(&mut self.counts, &other.counts);
        add(&mut self.classes, &other.classes);
        self.log_likelihood += other.log_likelihood;
        self
    }
}

/// Gathers the counts of `items`, and their posteriors if `posterior` has room for them.
///
/// Few classes have code of their own, made by inlining a known width: without inner loops.
fn gather(table: &Table, items: Range<usize>, source: &impl Source, posterior: &mut [f64]) -> Expected {
    match Rates::width_of(table.classes().len()) {
        2 => gather_in(table, items, source, posterior, &mut [0.0; 2]),
        4 => gather_in(table, items, source, posterior, &mut [0.0; 4]),
        6 => gather_in(table, items, source, posterior, &mut [0.0; 6]),
        8 => gather_in(table, items, source, posterior, &mut [0.0; 8]),
        width => gather_in(table, items, source, posterior, &mut vec![0.0; width]),
    }
}

#[inline(always)]
fn gather_in(
    table: &Table,
    items: Range<usize>,
    source: &impl Source,
    posterior: &mut [f64],
    chances: &mut [f64],
) -> Expected {
    let (q, width) = (table.classes().len(), chances.len());
    let mut expected = Expected::empty(table);
    let Expected { counts, classes, .. } = &mut expected;
    let mut likelihood = LogProduct::ONE;
    let mut posterior = posterior.chunks_exact_mut(q);
    for item in items {
        let run = table.run(item);
        let (sum, shrunk) = source.chances(item, run, chances);
        likelihood.push(sum, shrunk);
        chances.iter_mut().for_each(|chance| *chance /= sum);
        for (labeler, class) in run.0.iter().zip(run.1) {
            let start = (*labeler as usize * q + *class as usize) * width;
            let row = &mut counts[start..start + width];
            row.iter_mut().zip(&*chances).for_each(|(count, chance)| *count += chance);
        }
        classes.iter_mut().zip(&*chances).for_each(|(class, chance)| *class += chance);
        if let Some(row) = posterior.next() {
            row.copy_from_slice(&chances[..q]);
        }
    }
    expected.log_likelihood = likelihood.ln();
    expected
}
