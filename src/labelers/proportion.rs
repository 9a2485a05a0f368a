//! Intervals of a share and of the difference of two, 95 %.
//!
//! - Share k/n: Wilson's score interval, (2np + z² ∓ z√(z² + 4npq)) / 2(n + z²). Wilson (1927), Journal of the American
//!   Statistical Association 22:209-212; recommended by Newcombe (1998), Statistics in Medicine 17:857-872.
//! - Mean of fractions: the same with the effective n at which a share of that size would vary as the fractions do.
//!   Franco, Little, Louis & Slud (2019), Journal of Survey Statistics and Methodology 7:334-364.
//! - Difference of two independent shares: Newcombe's hybrid score interval, method 10 of Newcombe (1998), Statistics in
//!   Medicine 17:873-890.

use super::report::{Difference, MeanShare, NoValue, Proportion};
use crate::base::proportion;

/// Returns k of n with Wilson's interval; both ends lie in [0, 1], and 0 of n starts at 0.
///
/// # Errors
/// `nothing`, when n is 0.
pub fn wilson(k: u64, n: u64, nothing: NoValue) -> Result<Proportion, NoValue> {
    if n == 0 {
        return Err(nothing);
    }
    let share = k as f64 / n as f64;
    Ok(Proportion {
        share,
        k,
        n,
        interval: proportion::wilson(share, (n - k) as f64 / n as f64, n as f64, proportion::Z_95),
    })
}

/// Returns the mean of `fractions` (part, whole, how many answers are so), in their order.
///
/// # Errors
/// `nothing`, when there are none.
pub(super) fn mean_share(
    fractions: impl Iterator<Item = (u64, u64, u64)> + Clone,
    nothing: NoValue,
) -> Result<MeanShare, NoValue> {
    let n: u64 = fractions.clone().map(|(_, _, answers)| answers).sum();
    if n == 0 {
        return Err(nothing);
    }
    let mean = |of: &dyn Fn(f64) -> f64| {
        let terms = fractions.clone().map(|(part, whole, n)| n as f64 * of(part as f64 / whole as f64));
        terms.sum::<f64>() / n as f64
    };
    let share = mean(&|fraction| fraction);
    let rest = mean(&|fraction| 1.0 - fraction);
    let variance = mean(&|fraction| (fraction - share) * (fraction - share));
    // Fractions that are all alike say nothing of how they vary: n itself then.
    let effective = if variance > 0.0 { share * rest / variance * n as f64 } else { n as f64 };
    Ok(MeanShare { share, n, interval: proportion::wilson(share, rest, effective, proportion::Z_95) })
}

/// Returns `after` − `before` with Newcombe's interval.
pub fn newcombe(before: &Proportion, after: &Proportion) -> Difference {
    let change = after.share - before.share;
    let distance = |a: f64, b: f64| (a * a + b * b).sqrt();
    let low = distance(after.share - after.interval[0], before.interval[1] - before.share);
    let high = distance(after.interval[1] - after.share, before.share - before.interval[0]);
    Difference { change, interval: Some([change - low, change + high]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(k: u64, n: u64) -> Proportion {
        wilson(k, n, NoValue::NoGold).unwrap()
    }

    #[track_caller]
    fn close(interval: [f64; 2], expected: [f64; 2], tolerance: f64) {
        let off = (interval[0] - expected[0]).abs().max((interval[1] - expected[1]).abs());
        assert!(off <= tolerance, "{interval:?} is not {expected:?}");
    }

    /// Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3.
    #[test]
    fn wilson_as_published() {
        for (k, n, expected) in [
            (81, 263, [0.2553, 0.3662]),
            (15, 148, [0.0624, 0.1605]),
            (0, 20, [0.0, 0.1611]),
            (1, 29, [0.0061, 0.1718]),
        ] {
            close(of(k, n).interval, expected, 5e-5);
        }
        assert_eq!((of(0, 20).interval[0], of(20, 20).interval[1]), (0.0, 1.0));
        assert_eq!(wilson(0, 0, NoValue::NoGold), Err(NoValue::NoGold));
    }

    /// Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10.
    #[test]
    fn newcombe_as_published() {
        for ((k1, n1), (k2, n2), expected) in [
            ((56, 70), (48, 80), [0.0524, 0.3339]),
            ((9, 10), (3, 10), [0.1705, 0.8090]),
            ((6, 7), (2, 7), [0.0582, 0.8062]),
            ((5, 56), (0, 29), [-0.0381, 0.1926]),
            ((0, 10), (0, 20), [-0.1611, 0.2775]),
            ((0, 10), (0, 10), [-0.2775, 0.2775]),
            ((10, 10), (0, 20), [0.6791, 1.0]),
            ((10, 10), (0, 10), [0.6075, 1.0]),
        ] {
            close(newcombe(&of(k2, n2), &of(k1, n1)).interval.unwrap(), expected, 5e-5);
        }
    }

    /// Whole fractions are a share; halves vary less, and n counts for more.
    #[test]
    fn a_mean_of_whole_fractions_is_a_share() {
        let whole = mean_share([(0, 1, 30), (3, 3, 70)].into_iter(), NoValue::NoOthers).unwrap();
        close(whole.interval, of(70, 100).interval, 1e-12);
        // Mean 1/2, variance (50·0 + 50·(1/4)² ·2…): fractions 1/4 and 3/4 vary by 1/16, so 100 count as 400.
        let halves = mean_share([(1, 4, 50), (3, 4, 50)].into_iter(), NoValue::NoOthers).unwrap();
        close(halves.interval, of(200, 400).interval, 1e-12);
        let same = mean_share([(1, 1, 20)].into_iter(), NoValue::NoOthers).unwrap();
        close(same.interval, of(20, 20).interval, 0.0);
        assert_eq!(mean_share(std::iter::empty(), NoValue::NoOthers), Err(NoValue::NoOthers));
    }
}
