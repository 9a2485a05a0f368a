//! Confusion: how often each labeler gives which class, by what the true class is held to be.
//!
//! n_jkl = Σ_i T_ik r_ijl, where T_ik is the probability that k is the true class of item i and r_ijl how often labeler
//! j gave it l (Dawid & Skene 1979, Applied Statistics 28:20-28, eq. 2.3).

use super::expected::Expected;
use super::rates::Rates;

/// Every labeler's expected counts of (true class, given class).
#[derive(Clone, Debug, PartialEq)]
pub struct Confusion {
    classes: usize,
    /// `[labeler][true][given]`.
    counts: Vec<f64>,
}

impl Confusion {
    pub(super) fn of(expected: &Expected, classes: usize) -> Self {
        Self { classes, counts: by_true_class(&expected.counts, classes) }
    }

    /// Returns how many labels `given` the labeler is expected to have given to items of class `true_class`.
    pub fn count(&self, labeler: usize, true_class: usize, given: usize) -> f64 {
        self.row(labeler, true_class)[given]
    }

    /// Returns how many labels the labeler is expected to have given to items of class `true_class`.
    pub fn total(&self, labeler: usize, true_class: usize) -> f64 {
        self.row(labeler, true_class).iter().sum()
    }

    /// Returns the share of `given` among the labels the labeler gave to items of class `true_class`: θ_j(k, l), not
    /// smoothed. `None` if the labeler met no such item.
    pub fn rate(&self, labeler: usize, true_class: usize, given: usize) -> Option<f64> {
        let total = self.total(labeler, true_class);
        (total > 0.0).then(|| self.count(labeler, true_class, given) / total)
    }

    fn row(&self, labeler: usize, true_class: usize) -> &[f64] {
        let start = (labeler * self.classes + true_class) * self.classes;
        &self.counts[start..start + self.classes]
    }
}

/// Returns `cells`, `[labeler][given][true]` and padded, as `[labeler][true][given]`.
fn by_true_class(cells: &[f64], classes: usize) -> Vec<f64> {
    let width = Rates::width_of(classes);
    let mut turned = Vec::with_capacity(cells.len() / width * classes);
    for labeler in cells.chunks_exact(classes * width) {
        for true_class in 0..classes {
            turned.extend((0..classes).map(|given| labeler[given * width + true_class]));
        }
    }
    turned
}
