//! Error rates: the probability of each label a labeler can give, by the true class of the item.
//!
//! As a source of posteriors: T_ik ∝ p_k Π_j θ_j[k, l_ij]. Probabilities are multiplied, not their logarithms added;
//! [`product`] takes over where the product of many labels would underflow.

use super::Unfit;
use super::expected::Source;
use super::numeric::TINY;
use super::product::product;
use crate::table::Table;

/// p_k and θ_j[k,l] = P(labeler j says l | the true class is k).
#[derive(Clone, Debug)]
pub(super) struct Rates {
    /// p_k, padded with zeros to an even number of classes.
    pub(super) prior: Vec<f64>,
    /// θ as `[labeler][given][true]`, the last padded alike: what one label says of every class lies side by side.
    pub(super) rows: Vec<f64>,
    classes: usize,
}

impl Rates {
    /// Rates of `table` that make nothing likelier than anything else.
    pub(super) fn even(table: &Table) -> Self {
        let classes = table.classes().len();
        let width = Self::width_of(classes);
        let mut prior = vec![1.0 / classes as f64; classes];
        prior.resize(width, 0.0);
        let rows = prior.repeat(table.labeler_names().len() * classes);
        Self { prior, rows, classes }
    }

    /// Returns how many numbers a row has.
    pub(super) fn width(&self) -> usize {
        self.prior.len()
    }

    /// Returns how many numbers a row of `classes` has: pairs of them are multiplied at once.
    pub(super) fn width_of(classes: usize) -> usize {
        classes.next_multiple_of(2)
    }
}

impl Source for Rates {
    #[inline(always)]
    fn chances(&self, _: usize, (labelers, given): (&[u32], &[u32]), chances: &mut [f64]) -> (f64, i64) {
        let width = chances.len();
        let rows = || {
            labelers.iter().zip(given).map(|(labeler, class)| {
                let start = (*labeler as usize * self.classes + *class as usize) * width;
                &self.rows[start..start + width]
            })
        };
        chances.copy_from_slice(&self.prior);
        for row in rows() {
            chances.iter_mut().zip(row).for_each(|(chance, rate)| *chance *= rate);
        }
        let sum: f64 = chances.iter().sum();
        if sum < TINY { product(&self.prior, rows(), chances) } else { (sum, 0) }
    }
}

/// The most numbers that posteriors may fill: 8 GiB.
const MOST_POSTERIORS: usize = 1 << 30;
/// The most numbers that all error rates may fill, which are held several times over: 512 MiB each.
const MOST_RATES: usize = 1 << 26;

/// Checks that `table` has labels, and that what is to be said of them fits in memory.
pub(super) fn check(table: &Table) -> Result<(), Unfit> {
    if table.labels() == 0 {
        return Err(Unfit::NoLabels);
    }
    let (items, labelers, classes) = (table.items(), table.labeler_names().len(), table.classes().len());
    let rates = labelers.saturating_mul(classes).saturating_mul(Rates::width_of(classes));
    if items.saturating_mul(classes) > MOST_POSTERIORS || rates > MOST_RATES {
        return Err(Unfit::TooManyClasses { items, labelers, classes });
    }
    Ok(())
}
