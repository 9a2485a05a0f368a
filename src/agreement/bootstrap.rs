//! The bootstrap over items: the coefficient of many samples, each of as many items drawn with all their labels.
//!
//! Only how many items have each tally is drawn, not item by item: a thousand samples of a million labels are a
//! thousand draws of a few dozen numbers. Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 13
//! (percentiles). Each sample has a stream of random numbers of its own, so that threads change nothing.

use rand_chacha::ChaCha8Rng;
use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Binomial, Distribution};
use rayon::prelude::*;

use super::level::Distance;
use super::random::stream;
use super::{Estimate, Interval, Method, Tallies, Undefined};

/// How the bootstrap is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// How many samples.
    pub replicates: u32,
    /// Which random numbers: the same seed gives the same samples.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { replicates: 1000, seed: 0 }
    }
}

/// What the samples came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampled {
    /// The standard deviation over the samples.
    pub se: f64,
    /// Between which the wanted share of them lies.
    pub interval: Interval,
    /// Samples in which the coefficient has no value; they are left out.
    pub undefined: u32,
}

/// Returns what `coefficient` comes to in samples of the items of `tallies`; `None` where it has a value in fewer than
/// two of them.
pub fn bootstrap(
    tallies: &Tallies,
    options: Bootstrap,
    confidence: f64,
    coefficient: impl Fn(&Tallies) -> Result<Estimate, Undefined> + Sync,
) -> Option<Resampled> {
    let draw = Draw::of(tallies.iter().map(|tally| tally.items as f64).collect(), tallies.items());
    summarise(options, confidence, Method::ItemBootstrapPercentile, |rng| {
        let sample = tallies.with_items(draw.sample(rng));
        coefficient(&sample).ok().map(|estimate| estimate.value)
    })
}

/// Returns Krippendorff's own bootstrap of α, for comparison with KALPHA: as many single pairs as were observed are
/// drawn from the coincidences, and the expected disagreement is held. Pairs of one item are drawn as if they were
/// independent, so that it is about half as wide as it should be.
///
/// Hayes & Krippendorff (2007), Communication Methods and Measures 1:77-89.
pub fn krippendorff_bootstrap(
    tallies: &Tallies,
    distance: &Distance,
    estimate: &Estimate,
    options: Bootstrap,
    confidence: f64,
) -> Option<Resampled> {
    let totals: Vec<f64> = tallies.pairable().iter().map(|total| *total as f64).collect();
    let places = distance.places(&totals);
    let mut coincidences = std::collections::BTreeMap::<(u32, u32), f64>::new();
    let mut pairs = 0;
    for tally in tallies.paired() {
        pairs += tally.items * tally.pairs() / 2;
        let weight = tally.items as f64 / f64::from(tally.labels - 1);
        for (index, (c, n_c)) in tally.counts.iter().enumerate() {
            let alike = f64::from(n_c * (n_c - 1)) * weight;
            *coincidences.entry((*c, *c)).or_insert(0.0) += alike;
            for (k, n_k) in &tally.counts[index + 1..] {
                *coincidences.entry((*c, *k)).or_insert(0.0) += 2.0 * f64::from(n_c * n_k) * weight;
            }
        }
    }
    let apart: Vec<f64> = coincidences
        .keys()
        .map(|(c, k)| if c == k { 0.0 } else { distance.spread(&[(*c, 1.0), (*k, 1.0)], &places) / 2.0 })
        .collect();
    let expected = 1.0 - estimate.expected?;
    let draw = Draw::of(coincidences.into_values().collect(), pairs);
    summarise(options, confidence, Method::KrippendorffBootstrap, |rng| {
        let drawn: f64 =
            draw.sample(rng).iter().zip(&apart).map(|(times, apart)| *times as f64 * apart).sum();
        Some(1.0 - drawn / pairs as f64 / expected)
    })
}

/// Returns what samples come to; `value` is that of one, by its own random numbers.
pub(super) fn summarise(
    options: Bootstrap,
    confidence: f64,
    method: Method,
    value: impl Fn(&mut ChaCha8Rng) -> Option<f64> + Sync,
) -> Option<Resampled> {
    let values: Vec<Option<f64>> = (0..options.replicates)
        .into_par_iter()
        .map(|replicate| value(&mut stream(options.seed, u64::from(replicate))))
        .collect();
    let undefined = values.iter().filter(|value| value.is_none()).count() as u32;
    let mut values: Vec<f64> = values.into_iter().flatten().collect();
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    values.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    let interval = Interval { low: percentile(&values, tail), high: percentile(&values, 1.0 - tail), method };
    Some(Resampled { se: (squares / (values.len() - 1) as f64).sqrt(), interval, undefined })
}

/// Returns the value below which `share` of the sorted `values` lie, between two of them in proportion.
fn percentile(values: &[f64], share: f64) -> f64 {
    let place = share * (values.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(values.len() - 1);
    values[below] + (values[above] - values[below]) * (place - below as f64)
}

/// Draws how often each of several things comes, in so many draws.
pub(super) enum Draw {
    /// Each thing in turn takes its binomial share of the draws that are left.
    ByThing {
        weights: Vec<f64>,
        /// The weight of each thing and all after it.
        left: Vec<f64>,
        draws: u64,
    },
    /// One draw after the other.
    ByDraw { things: usize, alias: WeightedAliasIndex<f64>, draws: u64 },
}

/// A binomial draw costs as much as so many plain ones.
const BINOMIAL_COST: u64 = 8;

impl Draw {
    /// Returns how to draw things with such weights so many times.
    pub(super) fn of(weights: Vec<f64>, draws: u64) -> Self {
        if draws < BINOMIAL_COST * weights.len() as u64
            && let Ok(alias) = WeightedAliasIndex::new(weights.clone())
        {
            return Self::ByDraw { things: weights.len(), alias, draws };
        }
        Self::by_thing(weights, draws)
    }

    fn by_thing(weights: Vec<f64>, draws: u64) -> Self {
        let mut left = weights.clone();
        for index in (1..left.len()).rev() {
            left[index - 1] += left[index];
        }
        Self::ByThing { weights, left, draws }
    }

    /// Returns how often each thing came.
    pub(super) fn sample(&self, rng: &mut ChaCha8Rng) -> Vec<u64> {
        match self {
            Self::ByDraw { things, alias, draws } => {
                let mut taken = vec![0; *things];
                (0..*draws).for_each(|_| taken[alias.sample(rng)] += 1);
                taken
            }
            Self::ByThing { weights, left, draws } => {
                let mut draws = *draws;
                let mut take = |index: usize| {
                    let share = (weights[index] / left[index]).min(1.0);
                    let taken = match share {
                        _ if draws == 0 => 0,
                        all if all >= 1.0 || index + 1 == weights.len() => draws,
                        share => Binomial::new(draws, share).map_or(0, |binomial| binomial.sample(rng)),
                    };
                    draws -= taken;
                    taken
                };
                (0..weights.len()).map(&mut take).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_drawing_have_the_same_mean_and_spread() {
        let weights = vec![5.0, 0.0, 20.0, 75.0];
        let alias = WeightedAliasIndex::new(weights.clone()).unwrap();
        for draw in [Draw::by_thing(weights, 100), Draw::ByDraw { things: 4, alias, draws: 100 }] {
            let mut rng = stream(7, 0);
            let samples: Vec<Vec<u64>> = (0..4000).map(|_| draw.sample(&mut rng)).collect();
            assert!(samples.iter().all(|sample| sample.iter().sum::<u64>() == 100 && sample[1] == 0));
            for (index, share) in [(0, 0.05), (2, 0.2), (3, 0.75)] {
                let values = || samples.iter().map(|sample| sample[index] as f64);
                let mean = values().sum::<f64>() / 4000.0;
                let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / 3999.0;
                assert!((mean - 100.0 * share).abs() < 0.3, "{index}: mean {mean}");
                assert!(
                    (variance / (100.0 * share * (1.0 - share)) - 1.0).abs() < 0.1,
                    "{index}: {variance}"
                );
            }
        }
    }

    #[test]
    fn percentiles_lie_between_values() {
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 0.5), 2.0);
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(percentile(&[1.0], 0.975), 1.0);
    }
}
