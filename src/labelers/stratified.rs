//! The change of a share between two halves, within strata: what differs between strata does not count.
//!
//! In: for every session the right answers of both halves. Out:
//! - the Mantel-Haenszel difference Σ (a n₀ − b n₁)/N / Σ n₀ n₁/N, a of n₁ right late and b of n₀ early, with Sato's
//!   variance, consistent both for few large strata and for many small ones. Sato (1989), Biometrics 45:1323-1324
//!   (his P and Q);
//! - the exact one-sided p-value of more wrong answers late, given each stratum's margins: the number of late wrong ones
//!   is a sum of independent hypergeometric ones. Gart (1970), Biometrika 57:471-475.

use super::report::Difference;
use crate::base::proportion::Z_95;

/// Probabilities below this add nothing to a p-value that anybody reads, and are dropped at both ends.
const NEGLIGIBLE: f64 = 1e-18;

/// One session: right answers and answers of both halves, neither empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stratum {
    /// Right answers in the first half, and all.
    pub(super) early: (u64, u64),
    /// Right answers in the second half, and all.
    pub(super) late: (u64, u64),
}

/// Returns late minus early, within strata; `strata` are not empty.
pub(super) fn difference(strata: &[Stratum]) -> Difference {
    let (mut above, mut below, mut sato_p, mut sato_q) = (0.0, 0.0, 0.0, 0.0);
    for stratum in strata {
        let [a, n1, b, n0] =
            [stratum.late.0, stratum.late.1, stratum.early.0, stratum.early.1].map(|n| n as f64);
        let n = n0 + n1;
        above += (a * n0 - b * n1) / n;
        below += n0 * n1 / n;
        sato_p += (n1 * n1 * b - n0 * n0 * a + n0 * n1 * (n0 - n1) / 2.0) / (n * n);
        sato_q += (a * (n0 - b) + b * (n1 - a)) / (2.0 * n);
    }
    let change = above / below;
    let variance = (change * sato_p + sato_q) / (below * below);
    let half = Z_95 * variance.sqrt();
    Difference { change, interval: (variance > 0.0).then_some([change - half, change + half]) }
}

/// Returns the probability of as many wrong answers late as there are, or more, were halves alike.
pub(super) fn p_value(strata: &[Stratum]) -> f64 {
    let mut observed = 0;
    let mut sum = Masses { least: 0, masses: vec![1.0] };
    for stratum in strata {
        let wrong = |(right, n): (u64, u64)| n - right;
        observed += wrong(stratum.late);
        let drawn = wrong(stratum.late) + wrong(stratum.early);
        sum = sum.plus(&Masses::hypergeometric(stratum.late.1, stratum.early.1, drawn));
    }
    let skipped = usize::try_from(observed.saturating_sub(sum.least)).unwrap_or(usize::MAX);
    // From the far end, where terms are small. All of them may add up to a little more than 1, by rounding alone.
    sum.masses.iter().skip(skipped).rev().sum::<f64>().min(1.0)
}

/// The distribution of a whole number: probabilities of `least`, `least` + 1 and so on.
struct Masses {
    least: u64,
    masses: Vec<f64>,
}

impl Masses {
    /// Returns that of the late ones among `drawn` of `late` + `early`.
    fn hypergeometric(late: u64, early: u64, drawn: u64) -> Self {
        let least = drawn.saturating_sub(early);
        let most = drawn.min(late);
        // From x to x + 1 the mass grows by (late − x)(drawn − x) / (x + 1)(early − drawn + x + 1). It starts at its
        // largest, so that nothing overflows.
        let step = |x: u64| {
            (late - x) as f64 * (drawn - x) as f64 / ((x + 1) as f64 * (early + x + 1 - drawn) as f64)
        };
        let mode = (least..most).find(|x| step(*x) < 1.0).unwrap_or(most);
        let up = (mode..most).scan(1.0, |mass, x| {
            *mass *= step(x);
            Some(*mass)
        });
        let down = (least..mode).rev().scan(1.0, |mass, x| {
            *mass /= step(x);
            Some(*mass)
        });
        let mut masses: Vec<f64> = down.collect();
        masses.reverse();
        masses.push(1.0);
        masses.extend(up);
        let total: f64 = masses.iter().sum();
        for mass in &mut masses {
            *mass /= total;
        }
        Self { least, masses }
    }

    /// Returns the distribution of the sum of two independent numbers, without negligible ends.
    fn plus(&self, other: &Self) -> Self {
        let mut masses = vec![0.0; self.masses.len() + other.masses.len() - 1];
        for (start, a) in self.masses.iter().enumerate() {
            for (sum, b) in masses[start..].iter_mut().zip(&other.masses) {
                *sum += a * b;
            }
        }
        let counts = |mass: &f64| *mass >= NEGLIGIBLE;
        let first = masses.iter().position(counts).unwrap_or(0);
        let end = masses.iter().rposition(counts).map_or(masses.len(), |last| last + 1);
        Self { least: self.least + other.least + first as u64, masses: masses[first..end].to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stratum(early: (u64, u64), late: (u64, u64)) -> Stratum {
        Stratum { early, late }
    }

    #[track_caller]
    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-12, "{value} is not {expected}");
    }

    /// One stratum of equal halves: p₁ − p₀ with variance p₁q₁/n + p₀q₀/n.
    #[test]
    fn one_stratum_is_the_plain_difference() {
        let difference = difference(&[stratum((45, 50), (40, 50))]);
        close(difference.change, -0.1);
        let half = Z_95 * (0.8 * 0.2 / 50.0 + 0.9 * 0.1 / 50.0_f64).sqrt();
        let [low, high] = difference.interval.unwrap();
        close(low, -0.1 - half);
        close(high, -0.1 + half);
    }

    /// By hand: strata 1/2 → 0/2 and 3/4 → 1/2. Above: (0·2 − 1·2)/4 + (1·4 − 3·2)/6 = −5/6; below: 1 + 4/3 = 7/3.
    /// P: (4 + 0)/16 + (4·3 − 16·1 + 8·2/2)/36 = 1/4 + 1/9 = 13/36; Q: 1·2/8 + (1·1 + 3·1)/12 = 7/12.
    #[test]
    fn two_strata_by_hand() {
        let difference = difference(&[stratum((1, 2), (0, 2)), stratum((3, 4), (1, 2))]);
        close(difference.change, -5.0 / 14.0);
        let variance = (-5.0 / 14.0 * 13.0 / 36.0 + 7.0 / 12.0) / (49.0 / 9.0);
        close(difference.interval.unwrap()[1], -5.0 / 14.0 + Z_95 * f64::sqrt(variance));
    }

    /// A day on which everything is hard says nothing of the halves; without variance there is no interval.
    #[test]
    fn strata_without_both_kinds_say_nothing() {
        let mixed = stratum((45, 50), (40, 50));
        close(p_value(&[mixed, stratum((0, 9), (0, 2)), stratum((7, 7), (9, 9))]), p_value(&[mixed]));
        assert_eq!(difference(&[stratum((9, 9), (9, 9))]).interval, None);
        close(p_value(&[stratum((9, 9), (9, 9))]), 1.0);
    }

    /// Fisher's tea: 3 or 4 of 4 late ones wrong, 17 of 70 ways. Two such strata: 3 + 3 or more, by hand.
    #[test]
    fn the_p_value_is_exact() {
        let tea = stratum((3, 4), (1, 4));
        close(p_value(&[tea]), 17.0 / 70.0);
        // Ways 1, 16, 36, 16, 1: sums of 6, 7, 8 are 2·36·1 + 16·16, 2·16·1 and 1.
        close(p_value(&[tea, tea]), (72.0 + 256.0 + 32.0 + 1.0) / 4_900.0);
        close(p_value(&[stratum((1, 4), (3, 4))]), 69.0 / 70.0);
        assert!(p_value(&[stratum((400_000, 500_000), (400_000, 500_000))]) > 0.5);
    }
}
