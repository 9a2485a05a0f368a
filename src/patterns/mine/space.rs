//! How many rules there are to be met: what q allows for.

use super::Options;
use super::population::Population;

/// The tests of each length of rule.
pub struct Space {
    tests: Vec<f64>,
}

impl Space {
    /// Counts the tests, see [`Mined::tested`](super::Mined::tested).
    pub fn of(population: &Population, options: &Options) -> Self {
        let least = f64::from(options.min_support.max(1));
        let widths = widths(population);
        let tests = |length: usize| {
            let there_are = subsets(population.predicates(), length);
            let rows_have: f64 =
                (0..).zip(&widths).map(|(width, rows)| *rows as f64 * subsets(width, length)).sum();
            population.edits() as f64 * there_are.min((rows_have / least).floor())
        };
        Self { tests: (1..=options.max_when).map(tests).collect() }
    }

    /// Returns the tests of all lengths.
    pub fn tested(&self) -> u64 {
        self.tests.iter().sum::<f64>() as u64
    }

    /// Returns ln of what p of a rule of such a length counts times.
    pub fn log_weight(&self, length: usize) -> f64 {
        (self.tests.len() as f64 * self.tests[length - 1]).ln()
    }
}

/// Returns how many rows have so many predicates.
fn widths(population: &Population) -> Vec<u64> {
    let mut widths = Vec::new();
    for row in 0..population.rows() as u32 {
        let width = population.predicates_of(row).len();
        widths.resize(widths.len().max(width + 1), 0);
        widths[width] += 1;
    }
    widths
}

/// Returns how many sets of `length` there are of so many things.
fn subsets(things: usize, length: usize) -> f64 {
    (0..length).fold(1.0, |sets, taken| sets * things.saturating_sub(taken) as f64 / (taken + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_counted_once() {
        assert_eq!([0, 1, 2, 3, 4].map(|length| subsets(3, length)), [1.0, 3.0, 3.0, 1.0, 0.0]);
        assert_eq!(subsets(70, 3), 54_740.0);
    }
}
