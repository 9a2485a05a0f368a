//! Many tests at once: the share of false discoveries.

/// Returns Benjamini and Hochberg's q of each of some p, all of them logarithms: the least, over all p that are no
/// smaller, of p × `tested` / rank, at most 1. `tested` counts every test there was, so that tests whose p is not here
/// count as if their p were 1.
///
/// Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57:289-300.
pub fn log_q(log_p: &[f64], log_tested: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..log_p.len()).collect();
    order.sort_unstable_by(|a, b| log_p[*a].total_cmp(&log_p[*b]).then(a.cmp(b)));
    let mut q = vec![0.0; log_p.len()];
    let mut least = 0.0f64;
    for (rank, place) in order.into_iter().enumerate().rev() {
        least = least.min(log_p[place] + log_tested - ((rank + 1) as f64).ln());
        q[place] = least;
    }
    q
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The fifteen p of Neuhaus et al. (1992) in Benjamini & Hochberg (1995), section 4.1: at .05 the first four are
    /// discoveries. The q are those of R's `p.adjust(p, "BH")`.
    #[test]
    fn the_published_example_has_four_discoveries() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ];
        let logs: Vec<f64> = p.iter().map(|p: &f64| p.ln()).collect();
        let q: Vec<f64> = log_q(&logs, 15f64.ln()).into_iter().map(f64::exp).collect();
        assert_eq!(q.iter().filter(|q| **q <= 0.05).count(), 4);
        let expected = [
            0.0015,
            0.003,
            0.0095,
            0.035_625,
            0.0603,
            0.063_857_142_857_142_86,
            0.063_857_142_857_142_86,
            0.0645,
            0.0765,
            0.486,
        ];
        for (found, expected) in q.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
        }
    }

    proptest! {
        #[test]
        fn tests_that_are_left_out_count_as_if_they_were_1(p in prop::collection::vec(0.0f64..1.0, 1..30), more in 0usize..30) {
            let mut logs: Vec<f64> = p.iter().map(|p| p.ln()).collect();
            let short = log_q(&logs, ((p.len() + more) as f64).ln());
            logs.resize(p.len() + more, 0.0);
            prop_assert_eq!(&log_q(&logs, (logs.len() as f64).ln())[..p.len()], &short[..]);
        }
    }
}
