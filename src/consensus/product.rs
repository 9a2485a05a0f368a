//! Products of many probabilities, side by side, none of which may be lost to underflow.
//!
//! Each class carries an exponent of its own, so the outcome is what logarithms would give, without taking any.

use super::numeric::{HUGE, TINY};

/// Sets `chances` to `prior` times all `rows`, class by class, but for a common power of 2^−500, which is returned with
/// the sum of the chances: (Σ, e) stands for Σ · 2^(−500 e), and the sum is not below [`TINY`].
///
/// If the product is 0 for every class, which rates fitted to the same items never bring about, the prior stands.
pub(super) fn product<'a>(
    prior: &[f64],
    rows: impl Iterator<Item = &'a [f64]>,
    chances: &mut [f64],
) -> (f64, i64) {
    let mut shrunk = vec![0; chances.len()];
    for ((chance, shrunk), prior) in chances.iter_mut().zip(&mut shrunk).zip(prior) {
        *chance = lift(*prior, shrunk);
    }
    for row in rows {
        for ((chance, shrunk), rate) in chances.iter_mut().zip(&mut shrunk).zip(row) {
            *chance *= lift(*rate, shrunk);
            *chance = lift(*chance, shrunk);
        }
    }
    let shrinkage =
        chances.iter().zip(&shrunk).filter(|(chance, _)| **chance > 0.0).map(|(_, shrunk)| *shrunk);
    let Some(least) = shrinkage.min() else {
        chances.copy_from_slice(prior);
        return (prior.iter().sum(), 0);
    };
    for (chance, shrunk) in chances.iter_mut().zip(&shrunk) {
        *chance *= match shrunk - least {
            0 => 1.0,
            1 => TINY,
            // 2^−500 of the greatest or less: nothing beside it.
            _ => 0.0,
        };
    }
    (chances.iter().sum(), least)
}

/// Returns `factor`, times 2^500 as long as it is too small to be multiplied with another such.
fn lift(mut factor: f64, shrunk: &mut i64) -> f64 {
    while factor < TINY && factor > 0.0 {
        factor *= HUGE;
        *shrunk += 1;
    }
    factor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consensus::numeric::ln;

    #[test]
    fn a_class_that_is_nearly_impossible_beats_one_that_is_impossible() {
        // The second class is at 1e-600 when the first, so far certain, turns out impossible.
        let rows = [[1.0, 1e-300], [1.0, 1e-300], [0.0, 0.5]];
        let mut chances = [0.0; 2];
        let (sum, shrunk) = product(&[0.5, 0.5], rows.iter().map(|row| &row[..]), &mut chances);
        assert!(chances[0] == 0.0 && chances[1] == sum);
        let log = ln(sum) - 500.0 * std::f64::consts::LN_2 * shrunk as f64;
        assert!((log - (ln(0.25) - 600.0 * ln(10.0))).abs() < 1e-9);
    }

    #[test]
    fn what_is_far_less_probable_keeps_its_odds() {
        let mut chances = [0.0; 2];
        let (sum, shrunk) = product(&[0.5, 0.5], [[1.0, 1e-160]].iter().map(|row| &row[..]), &mut chances);
        assert_eq!((sum, shrunk), (0.5, 0));
        assert!((chances[1] / 5e-161 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn thousands_of_labels_leave_the_odds_as_they_are() {
        let rows = vec![[0.3, 0.3]; 5000];
        let mut chances = [0.0; 2];
        let (sum, _) = product(&[0.25, 0.75], rows.iter().map(|row| &row[..]), &mut chances);
        assert!((chances[0] / sum - 0.25).abs() < 1e-12);
    }
}
