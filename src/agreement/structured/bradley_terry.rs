//! Bradley–Terry strengths: P(i is better than j) = π_i/(π_i + π_j).
//!
//! Bradley & Terry (1952), Biometrika 39:324-345. Fitted by the MM algorithm, π_i ← W_i/Σ_j N_ij/(π_i + π_j), W_i wins
//! and N_ij comparisons: Hunter (2004), Annals of Statistics 32:384-406. A tie counts half a win for each (not
//! Davidson's model, which has a parameter for it): the strengths are as they would be had half the ties gone either
//! way, and Σ_j N_ij π_i/(π_i + π_j) = W_i holds.
//!
//! Standard errors are those of log π from the Fisher information, with Σ log π fixed: the diagonal of (I + J/n)⁻¹ − J/n,
//! I_ii = Σ_j N_ij p_ij p_ji, I_ij = −N_ij p_ij p_ji, J all ones.

use super::contests::{Contest, Tournament};
use crate::agreement::Undefined;

/// Beyond this number of contestants no standard errors are computed: they take time and room of its third and second
/// power.
pub const MOST_WITH_ERRORS: usize = 400;

/// After so many steps that still change strengths, there are none.
const MOST_STEPS: usize = 200_000;

/// Steps that change no strength by more than this share are the last.
const TOLERANCE: f64 = 1e-13;

/// Strengths of contestants.
#[derive(Clone, Debug, PartialEq)]
pub struct Strengths {
    /// The contestants, ascending.
    pub contestants: Vec<u32>,
    /// The strength of each; together 1.
    pub strengths: Vec<f64>,
    /// How many comparisons each was in.
    pub comparisons: Vec<u64>,
    /// Covariances of the logarithms of the strengths, row by row; none for too many contestants.
    covariances: Option<Vec<f64>>,
}

impl Strengths {
    /// Returns the probability that the contestant at place `a` is better than the one at place `b`.
    pub fn probability(&self, a: usize, b: usize) -> f64 {
        self.strengths[a] / (self.strengths[a] + self.strengths[b])
    }

    /// Returns the standard error of the logarithm of a strength, the mean of all logarithms being fixed.
    pub fn log_error(&self, at: usize) -> Option<f64> {
        Some(self.covariance(at, at)?.sqrt())
    }

    /// Returns the standard error of the difference of two strengths' logarithms.
    pub fn log_difference_error(&self, a: usize, b: usize) -> Option<f64> {
        let variance = self.covariance(a, a)? + self.covariance(b, b)? - 2.0 * self.covariance(a, b)?;
        Some(variance.max(0.0).sqrt())
    }

    fn covariance(&self, a: usize, b: usize) -> Option<f64> {
        self.covariances.as_ref().map(|all| all[a * self.strengths.len() + b])
    }
}

/// Returns the strengths that follow from `contests`.
///
/// # Errors
/// Nobody was compared, the contestants fall into groups never compared, some never lost to the others, or the
/// strengths do not settle.
pub fn bradley_terry(contests: &[Contest]) -> Result<Strengths, Undefined> {
    let tournament = Tournament::of(contests);
    tournament.check()?;
    let strengths = fit(&tournament)?;
    let covariances = (strengths.len() <= MOST_WITH_ERRORS).then(|| covariances(&tournament, &strengths));
    let comparisons =
        tournament.opponents.iter().map(|all| all.iter().map(|(_, count)| count).sum()).collect();
    Ok(Strengths { contestants: tournament.contestants, strengths, comparisons, covariances })
}

fn fit(tournament: &Tournament) -> Result<Vec<f64>, Undefined> {
    let count = tournament.contestants.len();
    let mut strengths = vec![1.0 / count as f64; count];
    for _ in 0..MOST_STEPS {
        let step = |at: usize| {
            let sum: f64 = tournament.opponents[at]
                .iter()
                .map(|(other, comparisons)| *comparisons as f64 / (strengths[at] + strengths[*other]))
                .sum();
            tournament.half_wins[at] as f64 / 2.0 / sum
        };
        let mut next: Vec<f64> = (0..count).map(step).collect();
        let total: f64 = next.iter().sum();
        next.iter_mut().for_each(|strength| *strength /= total);
        let settled = next.iter().zip(&strengths).all(|(new, old)| (new - old).abs() <= TOLERANCE * new);
        strengths = next;
        if settled {
            return Ok(strengths);
        }
    }
    Err(Undefined::NotConverged)
}

/// Returns the covariances of log π.
fn covariances(tournament: &Tournament, strengths: &[f64]) -> Vec<f64> {
    let count = strengths.len();
    let share = 1.0 / count as f64;
    let mut matrix = vec![share; count * count];
    for (at, opponents) in tournament.opponents.iter().enumerate() {
        for (other, comparisons) in opponents {
            let sum = strengths[at] + strengths[*other];
            let information = *comparisons as f64 * (strengths[at] / sum) * (strengths[*other] / sum);
            matrix[at * count + at] += information;
            matrix[at * count + other] -= information;
        }
    }
    invert(&mut matrix, count);
    matrix.iter_mut().for_each(|cell| *cell -= share);
    matrix
}

/// Inverts a symmetric positive definite matrix in place: Gauss–Jordan, which needs no pivots for such.
fn invert(matrix: &mut [f64], count: usize) {
    for pivot in 0..count {
        let scale = 1.0 / matrix[pivot * count + pivot];
        let row: Vec<f64> = matrix[pivot * count..][..count].to_vec();
        for at in (0..count).filter(|at| *at != pivot) {
            let factor = matrix[at * count + pivot] * scale;
            for (column, value) in row.iter().enumerate().filter(|(column, _)| *column != pivot) {
                matrix[at * count + column] -= factor * value;
            }
            matrix[at * count + pivot] = -factor;
        }
        for (column, value) in row.iter().enumerate() {
            matrix[pivot * count + column] = if column == pivot { scale } else { value * scale };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::contests::Outcome;
    use super::*;

    fn contest(a: u32, b: u32, outcome: Outcome, count: u64) -> Contest {
        Contest { a, b, outcome, count }
    }

    /// Agresti (2002), Categorical Data Analysis, table 10.10: wins of the American League East 1987. Estimates
    /// and errors against Baltimore as R's BradleyTerry2 prints them, confirmed by Newton's method in numpy.
    #[test]
    fn baseball_1987() {
        // Milwaukee, Detroit, Toronto, New York, Boston, Cleveland, Baltimore.
        const WINS: [[u64; 7]; 7] = [
            [0, 7, 9, 7, 7, 9, 11],
            [6, 0, 7, 5, 11, 9, 9],
            [4, 6, 0, 7, 7, 8, 12],
            [6, 8, 6, 0, 6, 7, 10],
            [6, 2, 6, 7, 0, 7, 12],
            [4, 4, 5, 6, 6, 0, 6],
            [2, 4, 1, 3, 1, 7, 0],
        ];
        let cells = (0..7u32).flat_map(|a| (0..7u32).map(move |b| (a, b)));
        let contests: Vec<Contest> =
            cells.map(|(a, b)| contest(a, b, Outcome::A, WINS[a as usize][b as usize])).collect();
        let fit = bradley_terry(&contests).unwrap();
        let expected = [
            (1.5814, 0.3433),
            (1.4364, 0.3396),
            (1.2945, 0.3367),
            (1.2476, 0.3359),
            (1.1077, 0.3339),
            (0.6839, 0.3319),
        ];
        for (team, (ability, error)) in expected.into_iter().enumerate() {
            let log = (fit.strengths[team] / fit.strengths[6]).ln();
            assert!((log - ability).abs() < 6e-5, "{team}: {log}");
            assert!((fit.log_difference_error(team, 6).unwrap() - error).abs() < 6e-5, "{team}");
        }
        assert_eq!(fit.comparisons, [78; 7]);
    }

    /// Two contestants: π_a/π_b = wins/losses, and the variance of its logarithm is 1/(N p q).
    #[test]
    fn two_contestants_by_hand() {
        let contests = [
            contest(5, 3, Outcome::A, 2),
            contest(3, 5, Outcome::A, 1),
            contest(3, 5, Outcome::Tie, 2),
            contest(3, 3, Outcome::A, 9),
        ];
        let fit = bradley_terry(&contests).unwrap();
        assert_eq!((fit.contestants.as_slice(), fit.comparisons.as_slice()), (&[3, 5][..], &[5, 5][..]));
        assert!((fit.probability(1, 0) - 0.6).abs() < 1e-12);
        let error = fit.log_difference_error(0, 1).unwrap();
        assert!((error - (1.0f64 / (5.0 * 0.24)).sqrt()).abs() < 1e-9);
        assert!((fit.log_error(0).unwrap() - error / 2.0).abs() < 1e-9);
    }

    #[test]
    fn what_has_no_strength_says_why() {
        assert_eq!(bradley_terry(&[]), Err(Undefined::NoComparisons));
        assert_eq!(bradley_terry(&[contest(1, 1, Outcome::A, 3)]), Err(Undefined::NoComparisons));
        let always = [contest(0, 1, Outcome::A, 3), contest(1, 2, Outcome::Tie, 1)];
        assert_eq!(bradley_terry(&always), Err(Undefined::UnboundedStrength));
        let apart = [contest(0, 1, Outcome::Tie, 3), contest(2, 3, Outcome::Tie, 1)];
        assert_eq!(bradley_terry(&apart), Err(Undefined::ComparisonsDisconnected));
    }

    proptest! {
        /// Expected wins are wins, and neither the order of contests nor who stands first matters.
        #[test]
        fn expected_wins_are_wins(counts in prop::collection::vec((0..5u32, 0..5u32, 0..3u8, 1..9u64), 1..40)) {
            let outcome = |outcome| [Outcome::A, Outcome::B, Outcome::Tie][usize::from(outcome)];
            let contests: Vec<Contest> = counts.iter().map(|(a, b, how, count)| contest(*a, *b, outcome(*how), *count)).collect();
            let turned: Vec<Contest> = counts.iter().rev().map(|(a, b, how, count)| contest(*b, *a, outcome([1, 0, 2][usize::from(*how)]), *count)).collect();
            let fit = bradley_terry(&contests);
            prop_assert_eq!(&fit, &bradley_terry(&turned));
            let Ok(fit) = fit else { return Ok(()) };
            let tournament = Tournament::of(&contests);
            for (at, opponents) in tournament.opponents.iter().enumerate() {
                let expected: f64 = opponents.iter().map(|(other, count)| *count as f64 * fit.probability(at, *other)).sum();
                prop_assert!((expected - tournament.half_wins[at] as f64 / 2.0).abs() < 1e-6);
            }
        }
    }
}
