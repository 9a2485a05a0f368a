//! Votes: an item's posterior as the shares of its labels, every label one vote or a labeler's weight.

use super::expected::Source;

/// The labels as votes.
pub(super) struct Votes<'a> {
    /// The weight of every labeler's vote; none: all weigh 1. An item whose votes all weigh nothing counts them alike.
    pub(super) weights: Option<&'a [f64]>,
}

impl Votes<'_> {
    /// Every label is one vote.
    pub(super) const ALIKE: Self = Self { weights: None };
}

impl Source for Votes<'_> {
    #[inline(always)]
    fn chances(&self, _: usize, (labelers, given): (&[u32], &[u32]), chances: &mut [f64]) -> (f64, i64) {
        chances.fill(0.0);
        let mut votes = 0.0;
        if let Some(weights) = self.weights {
            for (labeler, class) in labelers.iter().zip(given) {
                let weight = weights[*labeler as usize];
                chances[*class as usize] += weight;
                votes += weight;
            }
        }
        if votes == 0.0 {
            given.iter().for_each(|class| chances[*class as usize] += 1.0);
            votes = given.len() as f64;
        }
        (votes, 0)
    }
}
