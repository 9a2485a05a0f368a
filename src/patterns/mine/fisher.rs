//! Fisher's exact test, one-sided, in logarithms: tables of ten million and p far below the smallest number hold.
//!
//! Differences of log factorials lose as many digits as ln n! has before the point (eight at ten million), so that the
//! largest term is written by its deviance instead: Loader (2000), Fast and Accurate Computation of Binomial
//! Probabilities, which is what R's `dhyper` does. The tail is summed outward from that term by the ratio of neighbours.

use std::f64::consts::PI;

/// ln n! less Stirling's √(2πn) (n/e)ⁿ, for the n at which the series below is not exact; Loader (2000), table 1.
const STIRLING_ERRORS: [f64; 16] = [
    0.0,
    0.081_061_466_795_327_26,
    0.041_340_695_955_409_29,
    0.027_677_925_684_998_34,
    0.020_790_672_103_765_093,
    0.016_644_691_189_821_193,
    0.013_876_128_823_070_748,
    0.011_896_709_945_891_77,
    0.010_411_265_261_972_096,
    0.009_255_462_182_712_733,
    0.008_330_563_433_362_87,
    0.007_573_675_487_951_841,
    0.006_942_840_107_209_53,
    0.006_408_994_188_004_207,
    0.005_951_370_112_758_848,
    0.005_554_733_551_962_801,
];

/// Terms smaller than this share of the sum change no digit of it, nor do all that follow them together.
const NEGLIGIBLE: f64 = 1e-20;

/// Returns ln P(at least `hits` of `drawn`), of `total` things of which `marked` are marked, drawn without replacement:
/// Fisher's exact test, one-sided (greater), of the table whose first cell is `hits` and whose first row and column sum
/// to `drawn` and `marked`. 0 where there can be no fewer.
///
/// `hits` ≤ `drawn`, `marked` ≤ `total`.
pub fn log_upper_tail(hits: u64, drawn: u64, marked: u64, total: u64) -> f64 {
    let (least, most) = ((drawn + marked).saturating_sub(total), drawn.min(marked));
    if hits <= least {
        return 0.0;
    }
    let mode = (u128::from(drawn + 1) * u128::from(marked + 1) / u128::from(total + 2)) as u64;
    let largest = hits.max(mode);
    let up = |k: u64| {
        (drawn - k) as f64 / (k + 1) as f64 * ((marked - k) as f64 / (total + k + 1 - drawn - marked) as f64)
    };
    let mut sum = 1.0;
    let mut term = 1.0;
    for k in largest..most {
        term *= up(k);
        sum += term;
        if term < NEGLIGIBLE * sum {
            break;
        }
    }
    term = 1.0;
    for k in (hits..largest).rev() {
        term /= up(k);
        sum += term;
        if term < NEGLIGIBLE * sum {
            break;
        }
    }
    (log_hypergeometric(largest, drawn, marked, total) + sum.ln()).min(0.0)
}

/// Returns ln P(exactly `hits`), 0 < `marked`, `drawn` < `total`: as the binomial chances of both columns over that of
/// both together.
fn log_hypergeometric(hits: u64, drawn: u64, marked: u64, total: u64) -> f64 {
    if drawn == total || marked == total {
        return 0.0;
    }
    let (share, rest) = (drawn as f64 / total as f64, (total - drawn) as f64 / total as f64);
    log_binomial(hits, marked, share, rest) + log_binomial(drawn - hits, total - marked, share, rest)
        - log_binomial(drawn, total, share, rest)
}

/// Returns ln P(x of n), each with chance `share` = 1 − `rest`.
fn log_binomial(x: u64, n: u64, share: f64, rest: f64) -> f64 {
    let (of, all) = (x as f64, n as f64);
    match x {
        _ if n == 0 => 0.0,
        0 if share < 0.1 => -deviance(all, all * rest) - all * share,
        0 => all * rest.ln(),
        x if x == n && rest < 0.1 => -deviance(all, all * share) - all * rest,
        x if x == n => all * share.ln(),
        x => {
            let corrections = stirling_error(n) - stirling_error(x) - stirling_error(n - x);
            let deviances = deviance(of, all * share) + deviance(all - of, all * rest);
            corrections - deviances - 0.5 * ((2.0 * PI * of).ln() + (-of / all).ln_1p())
        }
    }
}

/// Returns ln n! − ln(√(2πn) (n/e)ⁿ); 0 for 0.
fn stirling_error(n: u64) -> f64 {
    if let Some(error) = STIRLING_ERRORS.get(n as usize) {
        return *error;
    }
    let inverse = 1.0 / n as f64;
    let square = inverse * inverse;
    let series = 1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0);
    inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * series))
}

/// Returns x ln(x / mean) + mean − x, by its series where the two are close.
fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() - difference;
    }
    let relative = difference / (x + mean);
    let mut sum = difference * relative;
    let mut power = 2.0 * x * relative;
    for j in (3..).step_by(2) {
        power *= relative * relative;
        let next = sum + power / f64::from(j);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `scipy.stats.fisher_exact(…, alternative="greater")`, scipy 1.17.1, of a, b, c, d; all but the last two digits
    /// agree with sums of whole binomial coefficients. The first is Fisher's tea (1935).
    #[test]
    fn p_is_that_of_scipy() {
        let published = [
            ([3, 1, 1, 3], 0.242_857_142_857_142_86),
            ([11, 3, 1, 9], 0.001_379_728_092_610_041_8),
            ([10, 2, 3, 15], 0.000_465_180_943_362_905),
            ([8, 2, 1, 5], 0.024_475_524_475_524_476),
            ([2, 10, 15, 3], 0.999_984_519_018_686_1),
            ([1, 9, 11, 3], 0.999_966_348_095_302_2),
            ([3, 0, 0, 997], 6.018_042_090_186_379e-9),
            ([24, 6, 250, 4720], 8.891_617_900_786_85e-26),
            ([60, 40, 400, 9500], 3.385_875_561_169_44e-55),
            ([0, 10, 12, 0], 1.0),
        ];
        for ([a, b, c, d], expected) in published {
            let found = log_upper_tail(a, a + b, a + c, a + b + c + d).exp();
            assert!((found / expected - 1.0).abs() < 1e-10, "{a} {b} {c} {d}: {found:e} for {expected:e}");
        }
    }

    /// By sums of the series in sixty digits (mpmath).
    #[test]
    fn tables_of_millions_and_p_below_the_smallest_number_keep_ten_digits() {
        let exact = [
            ([300, 1_000, 200_000, 10_000_000], -580.628_134_568_826_7),
            ([50_000, 100_000, 300_000, 10_000_000], -111_589.028_195_829_57),
            ([20_100, 100_000, 2_000_000, 10_000_000], -1.539_401_173_210_816_2),
            ([1_400, 1_500, 1_700, 10_000], -2_896.006_299_862_528),
        ];
        for ([hits, drawn, marked, total], expected) in exact {
            let found = log_upper_tail(hits, drawn, marked, total);
            assert!((found - expected).abs() < 1e-10 * expected.abs().max(1.0), "{found} for {expected}");
        }
    }

    fn binomial(n: u64, k: u64) -> f64 {
        (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64)
    }

    proptest! {
        #[test]
        fn p_is_the_sum_of_the_chances_of_as_many_or_more(drawn in 0u64..40, marked in 0u64..40, spare in 0u64..40, hits in 0u64..40) {
            let total = drawn.max(marked) + spare;
            let hits = hits.min(drawn).min(marked);
            let chance = |k: u64| match drawn - k <= total - marked {
                true => binomial(marked, k) * binomial(total - marked, drawn - k) / binomial(total, drawn),
                false => 0.0,
            };
            let expected: f64 = (hits..=drawn.min(marked)).map(chance).sum();
            let found = log_upper_tail(hits, drawn, marked, total).exp();
            prop_assert!((found / expected - 1.0).abs() < 1e-10, "{} for {}", found, expected);
        }
    }
}
