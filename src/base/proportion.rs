//! The interval of a share.

/// The point of the normal distribution that leaves 2.5 % above it: intervals of 95 % reach so many standard errors.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// Returns Wilson's score interval of a share of `n`, `rest` being one minus it and `z` the point of the normal
/// distribution: (2np + z² ∓ z√(z² + 4npq)) / 2(n + z²). Both ends lie in [0, 1], and 0 of n starts at 0.
///
/// Wilson (1927), Journal of the American Statistical Association 22:209-212. `n` need be no whole number.
pub fn wilson(share: f64, rest: f64, n: f64, z: f64) -> [f64; 2] {
    let root = z * (z * z + 4.0 * n * share * rest).sqrt();
    // The upper end is the lower end of the rest, from the other side: n of n ends at 1 exactly.
    let low = |share: f64| (2.0 * n * share + z * z - root) / (2.0 * (n + z * z));
    [low(share), 1.0 - low(rest)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 81 of 263 and 0 of 20, Newcombe (1998), table I, method 3.
    #[test]
    fn published_intervals() {
        let of = |k: f64, n: f64| wilson(k / n, (n - k) / n, n, Z_95);
        for (found, expected) in [(of(81.0, 263.0), [0.2553, 0.3662]), (of(0.0, 20.0), [0.0, 0.1611])] {
            assert!((0..2).all(|end| (found[end] - expected[end]).abs() < 5e-5), "{found:?}");
        }
        assert_eq!(of(20.0, 20.0)[1], 1.0);
    }
}
