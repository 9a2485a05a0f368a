//! How far the different texts of one item are apart.
//!
//! In: the outcomes of an item. Out: distances of pairs of them, in a fixed order. What one item may cost is bounded: of
//! more pairs than that one of every two, three … is measured, whoever is on which side.

use std::collections::BTreeMap;

use super::item::Outcome;
use super::report::Apart;
use crate::edit;

/// Texts that take longer to compare than anybody waits are not measured when both have more code points than this
/// and they are no more alike than [`LIKENESS`].
const LONG: usize = 50_000;
/// See [`LONG`].
const LIKENESS: f64 = 0.95;
/// Pairs of texts of one item that are measured at most.
const PAIRS: u64 = 100_000;
/// Steps of a machine word that measuring one item takes at most, but for its last pair: half a second or so.
const STEPS: u64 = 1 << 28;

/// Returns the distance of two texts in code points; `None` where it was too much to ask.
pub(super) fn distance(one: &str, other: &str) -> Option<u64> {
    let long = |text: &str| text.len() > LONG && text.chars().nth(LONG).is_some();
    let measured = !(long(one) && long(other)) || edit::more_similar_than(one, other, LIKENESS);
    measured.then(|| edit::distance(one, other) as u64)
}

/// Distances that were measured: rows of one item mostly have one original, and one of them often leaves it as it is.
#[derive(Default)]
pub(super) struct Known<'a>(BTreeMap<(&'a str, &'a str), Option<u64>>);

impl<'a> Known<'a> {
    /// Returns the distance of two texts, measured once.
    pub fn distance(&mut self, one: &'a str, other: &'a str) -> Option<u64> {
        *self.0.entry((one.min(other), one.max(other))).or_insert_with(|| distance(one, other))
    }
}

/// Distances of outcomes of one item.
#[derive(Default)]
pub(super) struct Distances {
    measured: Vec<Apart>,
    /// One of so many pairs was measured: 1 is all.
    pub stride: u64,
}

impl Distances {
    /// Measures the outcomes that have a text, as far as the bounds go.
    pub fn of<'a>(outcomes: &[Outcome<'a>], known: &mut Known<'a>) -> Self {
        let texts = outcomes.iter().enumerate().filter_map(|(place, outcome)| Some((place, outcome.text?)));
        let texts: Vec<(usize, &'a str)> = texts.collect();
        let stride = stride(texts.iter().map(|(_, text)| text.len() as u64));
        let (mut measured, mut steps, mut later, mut first) = (Vec::new(), 0, 1, 0);
        for pair in (0..).map(|block| chosen(block, stride)) {
            // A text has as many pairs with those before it as there are such.
            while later < texts.len() && pair >= first + later as u64 {
                (first, later) = (first + later as u64, later + 1);
            }
            if later >= texts.len() || steps >= STEPS {
                break;
            }
            let ((one, text), (other, next)) = (texts[(pair - first) as usize], texts[later]);
            steps += self::steps(text.len() as u64, next.len() as u64);
            measured.extend(known.distance(text, next).map(|distance| Apart { one, other, distance }));
        }
        Self { measured, stride }
    }

    /// Iterates over what was measured: pairs of outcomes, the lesser first.
    pub fn iter(&self) -> impl Iterator<Item = Apart> {
        self.measured.iter().copied()
    }
}

/// Returns which pair of a block of `stride` is measured: another one of each, since texts in order often repeat
/// themselves.
fn chosen(block: u64, stride: u64) -> u64 {
    block.saturating_mul(stride).saturating_add((block.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % stride)
}

/// Returns how many steps measuring two texts takes at most.
fn steps(one: u64, other: u64) -> u64 {
    one.saturating_mul(other) / u64::from(u64::BITS)
}

/// Returns of how many pairs of texts of these lengths one can be measured: 1 where all can.
pub(super) fn stride(lengths: impl Iterator<Item = u64>) -> u64 {
    let (count, sum, squares) = lengths.fold((0_u128, 0_u128, 0_u128), |(count, sum, squares), length| {
        let length = u128::from(length);
        (count + 1, sum + length, squares + length * length)
    });
    let all = (sum * sum - squares) / 2 / u128::from(u64::BITS);
    let pairs = count * count.saturating_sub(1) / 2;
    let needed = all.div_ceil(u128::from(STEPS)).max(pairs.div_ceil(u128::from(PAIRS))).max(1);
    u64::try_from(needed).unwrap_or(u64::MAX).min(u64::try_from(pairs).unwrap_or(u64::MAX)).max(1)
}
