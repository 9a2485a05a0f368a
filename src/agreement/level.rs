//! Levels of measurement: how far apart two labels are.
//!
//! Krippendorff's δ² functions (2011), Computing Krippendorff's alpha-reliability, p. 6-8. Sets: Jaccard, and MASI of
//! Passonneau (2006), Measuring agreement on set-valued items, LREC: 1 − J·M with M = 1 for equal sets, 2/3 where one
//! holds the other, 1/3 where they overlap, 0 where they share nothing. Two empty sets are equal.

use serde::Serialize;

use super::Undefined;
use super::weights::Matrix;

/// The level of measurement: which labels count as nearer to each other than others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Any two different labels disagree alike.
    #[default]
    Nominal,
    /// Labels have an order: the more labels lie between two, the more they disagree.
    Ordinal,
    /// Labels are numbers whose differences mean something.
    Interval,
    /// Labels are numbers with a zero that means nothing is there.
    Ratio,
    /// Labels are sets of classes.
    Set,
    /// Labels are marked stretches of a text.
    Span,
    /// Labels are boxes of an image.
    Box,
    /// Labels are orders of several.
    Ranking,
}

impl Level {
    /// Whether its labels are lists of things, each of which may agree.
    pub fn is_structured(self) -> bool {
        matches!(self, Self::Span | Self::Box | Self::Ranking)
    }

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nominal => "nominal",
            Self::Ordinal => "ordinal",
            Self::Interval => "interval",
            Self::Ratio => "ratio",
            Self::Set => "set",
            Self::Span => "span",
            Self::Box => "box",
            Self::Ranking => "ranking",
        }
    }
}

/// How the difference of two sets is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SetDistance {
    /// 1 − |A∩B| / |A∪B|.
    Jaccard,
    /// Jaccard's similarity times how the two sets lie to each other.
    Masi,
}

/// More classes than this are not compared each with each.
const MOST_CLASSES: usize = 20_000;

/// The squared difference δ² of any two classes, by their numbers.
#[derive(Clone, Debug)]
pub enum Distance {
    /// 1 for any two.
    Nominal,
    /// (Σ_{g=c..k} n_g − (n_c + n_k)/2)², which depends on how often each class between them was given. Holds every
    /// class's place in the order.
    Ordinal(Vec<u32>),
    /// (c − k)², of the classes' values.
    Interval(Vec<f64>),
    /// ((c − k)/(c + k))², 0 where c + k is.
    Ratio(Vec<f64>),
    /// Of sets, each the sorted numbers of what is in it.
    Sets(SetDistance, Vec<Vec<u32>>),
    /// As given.
    Custom(Matrix),
}

impl Distance {
    /// Returns the sum over the ordered pairs of `counts`, distinct classes with how often each was given, of
    /// δ²(c, k) n_c n_k. `places` are the classes' values where δ² is a square of a difference.
    pub(super) fn spread(&self, counts: &[(u32, f64)], places: &[f64]) -> f64 {
        match self {
            Self::Nominal => {
                let total: f64 = counts.iter().map(|(_, count)| count).sum();
                total * total - counts.iter().map(|(_, count)| count * count).sum::<f64>()
            }
            // Σ_c Σ_k n_c n_k (x_c − x_k)² = 2 n Σ n_c (x_c − x̄)²: one pass instead of all pairs.
            Self::Ordinal(_) | Self::Interval(_) => {
                let total: f64 = counts.iter().map(|(_, count)| count).sum();
                let mean =
                    counts.iter().map(|(class, count)| count * places[*class as usize]).sum::<f64>() / total;
                let squares =
                    counts.iter().map(|(class, count)| count * (places[*class as usize] - mean).powi(2));
                2.0 * total * squares.sum::<f64>()
            }
            Self::Ratio(_) | Self::Sets(..) | Self::Custom(_) => {
                let mut sum = 0.0;
                for (index, (c, n_c)) in counts.iter().enumerate() {
                    for (k, n_k) in &counts[index + 1..] {
                        sum += n_c * n_k * (self.between(*c, *k) + self.between(*k, *c));
                    }
                }
                sum
            }
        }
    }

    /// Returns the classes' values where δ² is a square of a difference: for ordinal classes the middle of each one's
    /// ranks among all labels, `totals` of each; nothing for other levels.
    pub(super) fn places(&self, totals: &[f64]) -> Vec<f64> {
        match self {
            Self::Ordinal(order) => {
                let mut by_place: Vec<u32> = (0..order.len() as u32).collect();
                by_place.sort_unstable_by_key(|class| order[*class as usize]);
                let mut places = vec![0.0; order.len()];
                let mut below = 0.0;
                for class in by_place {
                    let count = totals[class as usize];
                    places[class as usize] = below + count / 2.0;
                    below += count;
                }
                places
            }
            Self::Interval(values) => values.clone(),
            Self::Nominal | Self::Ratio(_) | Self::Sets(..) | Self::Custom(_) => Vec::new(),
        }
    }

    /// Returns δ² of two classes of a level whose δ² depends on them alone.
    pub(super) fn between(&self, c: u32, k: u32) -> f64 {
        match self {
            Self::Nominal | Self::Ordinal(_) => f64::from(u8::from(c != k)),
            Self::Interval(values) => (values[c as usize] - values[k as usize]).powi(2),
            Self::Ratio(values) => {
                let (c, k) = (values[c as usize], values[k as usize]);
                if c + k == 0.0 { 0.0 } else { ((c - k) / (c + k)).powi(2) }
            }
            Self::Sets(distance, sets) => set_distance(*distance, &sets[c as usize], &sets[k as usize]),
            Self::Custom(matrix) => matrix.at(c, k),
        }
    }

    /// Whether so many classes can be compared each with each.
    ///
    /// # Errors
    /// They are too many, and δ² has no shorter form.
    pub(super) fn check(&self, classes: usize) -> Result<(), Undefined> {
        let each_with_each = matches!(self, Self::Ratio(_) | Self::Sets(..) | Self::Custom(_));
        if each_with_each && classes > MOST_CLASSES { Err(Undefined::TooManyClasses) } else { Ok(()) }
    }
}

fn set_distance(distance: SetDistance, a: &[u32], b: &[u32]) -> f64 {
    let (mut shared, mut at) = (0usize, 0);
    for member in a {
        while at < b.len() && b[at] < *member {
            at += 1;
        }
        shared += usize::from(b.get(at) == Some(member));
    }
    let either = a.len() + b.len() - shared;
    if either == 0 {
        return 0.0;
    }
    let jaccard = shared as f64 / either as f64;
    match distance {
        SetDistance::Jaccard => 1.0 - jaccard,
        SetDistance::Masi => {
            let lie = match shared {
                0 => 0.0,
                all if all == either => 1.0,
                one if one == a.len() || one == b.len() => 2.0 / 3.0,
                _ => 1.0 / 3.0,
            };
            1.0 - jaccard * lie
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_differ_as_published() {
        let masi = |a: &[u32], b: &[u32]| set_distance(SetDistance::Masi, a, b);
        assert_eq!(
            (masi(&[], &[]), masi(&[], &[1]), masi(&[1, 2], &[1, 2]), masi(&[1], &[2])),
            (0.0, 1.0, 0.0, 1.0)
        );
        // Passonneau (2006): a part counts 2/3, an overlap 1/3.
        assert!((masi(&[1], &[1, 2]) - (1.0 - 0.5 * 2.0 / 3.0)).abs() < 1e-15);
        assert!((masi(&[1, 2], &[2, 3]) - (1.0 - 1.0 / 9.0)).abs() < 1e-15);
        assert!((set_distance(SetDistance::Jaccard, &[1, 2], &[2, 3]) - 2.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn the_short_form_of_squares_is_the_sum_over_pairs() {
        let values = vec![1.0, 4.0, -2.5];
        let (counts, interval) = ([(0, 3.0), (1, 2.0), (2, 5.0)], Distance::Interval(values.clone()));
        let mut pairs = 0.0;
        for (c, n_c) in counts {
            for (k, n_k) in counts {
                pairs += n_c * n_k * interval.between(c, k);
            }
        }
        assert!((interval.spread(&counts, &values) - pairs).abs() < 1e-9);
    }
}
