//! Random continua that resemble one: the statistical sampler of pygamma-agreement (`StatisticalContinuumSampler`).
//!
//! Drawn are, from normal distributions with the mean and standard deviation found, a labeler's number of units (cut to
//! a whole number, without its sign), the gap before each unit and its length (without its sign, never 0); the class is
//! drawn as often as it occurs. Gaps are those between the neighbouring units of one labeler, the one before the first
//! where that is not at 0, and one of 0. A labeler may get no unit, but some labeler gets one.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

use super::continuum::Continuum;
use super::dissimilarity::Unit;
use super::spans::Span;
use crate::agreement::random::below;

/// A mean and a standard deviation (of the whole population).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spread {
    mean: f64,
    deviation: f64,
}

impl Spread {
    /// Returns those of `values`, from exact sums.
    fn of(values: impl Iterator<Item = i64>) -> Self {
        let (mut count, mut sum, mut squares) = (0i128, 0i128, 0i128);
        for value in values.map(i128::from) {
            (count, sum, squares) = (count + 1, sum + value, squares + value * value);
        }
        let (count, mean) = (count.max(1), sum as f64 / count.max(1) as f64);
        let variance = (count * squares - sum * sum) as f64 / (count as f64 * count as f64);
        Self { mean, deviation: variance.sqrt() }
    }

    fn draw(self, random: &mut ChaCha8Rng) -> f64 {
        Normal::new(self.mean, self.deviation).map_or(self.mean, |normal| normal.sample(random))
    }
}

/// What the sampled continua have in common with the one they are sampled from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sampler {
    labelers: usize,
    units: Spread,
    gap: Spread,
    length: Spread,
    /// Each class with how many units are of it or of one before it.
    classes: Vec<(u32, u64)>,
}

impl Sampler {
    /// Returns the sampler for labelers' spans, of which there is one at least.
    pub fn of(labelers: &[&[Span]]) -> Self {
        let sorted = labelers.iter().map(|spans| {
            let mut spans = spans.to_vec();
            spans.sort_unstable_by_key(|span| (span.start, span.end, span.label));
            spans
        });
        let labelers: Vec<Vec<Span>> = sorted.collect();
        let mut gaps = vec![0];
        for spans in &labelers {
            gaps.extend(spans.first().map(|span| i64::from(span.start)).filter(|start| *start > 0));
            gaps.extend(spans.windows(2).map(|two| i64::from(two[1].start) - i64::from(two[0].end)));
        }
        let mut labels: Vec<u32> = labelers.iter().flatten().map(|span| span.label).collect();
        labels.sort_unstable();
        let mut until = 0;
        let classes = labels.chunk_by(|a, b| a == b).map(|same| {
            until += same.len() as u64;
            (same[0], until)
        });
        Self {
            classes: classes.collect(),
            units: Spread::of(labelers.iter().map(|spans| spans.len() as i64)),
            gap: Spread::of(gaps.into_iter()),
            length: Spread::of(labelers.iter().flatten().map(|span| i64::from(span.length()))),
            labelers: labelers.len(),
        }
    }

    /// Draws a continuum.
    pub fn draw(&self, random: &mut ChaCha8Rng) -> Continuum {
        let mut none = true;
        let labelers: Vec<Vec<Unit>> = (0..self.labelers)
            .map(|_| {
                let drawn = self.units.draw(random).trunc().abs() as usize;
                let count = if none { drawn.max(1) } else { drawn };
                none = false;
                let mut end = 0.0;
                (0..count).map(|_| self.unit(&mut end, random)).collect()
            })
            .collect();
        Continuum::of_units(labelers.into_iter())
    }

    /// Draws the unit after `end`, and moves `end` to its end.
    fn unit(&self, end: &mut f64, random: &mut ChaCha8Rng) -> Unit {
        let start = *end + self.gap.draw(random);
        loop {
            let length = self.length.draw(random).abs();
            // One so short that it is lost against where it stands has no length.
            if start + length > start {
                *end = start + length;
                return Unit { start, end: *end, label: self.class(random) };
            }
        }
    }

    fn class(&self, random: &mut ChaCha8Rng) -> u32 {
        let drawn = below(self.classes.last().map_or(1, |(_, until)| *until), random);
        self.classes
            .get(self.classes.partition_point(|(_, until)| *until <= drawn))
            .map_or(0, |(class, _)| *class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::random::stream;

    /// The first continuum of the oracles: 2 labelers, 3 units each, gaps 1 1 2 1 1 and 0, lengths 4.
    #[test]
    fn statistics_are_those_of_the_continuum() {
        let spans = |shift: u32| {
            [(1, 5, 0), (6, 10, 1), (11, 15, 0)].map(|(start, end, label)| Span {
                label,
                start: start + shift,
                end: end + shift,
            })
        };
        let (one, two) = (spans(0), spans(1));
        let sampler = Sampler::of(&[&one, &two]);
        assert_eq!(sampler.units, Spread { mean: 3.0, deviation: 0.0 });
        assert_eq!(sampler.length, Spread { mean: 4.0, deviation: 0.0 });
        // Σ = 1+1+1 + 2+1+1 + 0 = 7 over 7, Σ² = 9: variance 9/7 − 1.
        assert_eq!(sampler.gap, Spread { mean: 1.0, deviation: (14.0f64 / 49.0).sqrt() });
        assert_eq!(sampler.classes, [(0, 4), (1, 6)]);
        let drawn = sampler.draw(&mut stream(1, 2));
        assert_eq!(drawn.labelers().iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
        assert!(drawn.labelers().iter().flatten().all(|unit| (unit.end - unit.start - 4.0).abs() < 1e-9));
        assert_eq!(drawn, sampler.draw(&mut stream(1, 2)));
        assert_ne!(drawn, sampler.draw(&mut stream(1, 3)));
    }

    /// Of five labelers one marked one span: most draws would be empty.
    #[test]
    fn some_labeler_gets_a_unit() {
        let one = [Span { label: 0, start: 3, end: 5 }];
        let sampler = Sampler::of(&[&[], &one, &[], &[], &[]]);
        let counts: Vec<usize> =
            (0..100).map(|number| sampler.draw(&mut stream(0, number)).units()).collect();
        assert_eq!(counts.iter().min(), Some(&1));
        assert!(counts.iter().sum::<usize>() < 200);
    }
}
