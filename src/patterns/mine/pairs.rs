//! How many rows have both of two predicates, of all pairs at once.

use rayon::prelude::*;

use super::population::Population;

/// More predicates than this have too many pairs to be worth it.
const MOST: usize = 2048;

/// Of every two predicates, the rows that have both.
pub struct Pairs {
    counts: Vec<u32>,
    predicates: usize,
}

impl Pairs {
    /// Counts them; `None` where there are more pairs than predicates in all the rows, or an item has two rows.
    pub fn of(population: &Population) -> Option<Self> {
        let predicates = population.predicates();
        let pairs = predicates * predicates;
        if !population.is_plain() || predicates > MOST || pairs > population.rows() * population.width() {
            return None;
        }
        let rows = 0..population.rows() as u32;
        // As few parts as keep the threads busy, for each has a table of its own; sums are of whole numbers.
        let part = population.rows().div_ceil(2 * rayon::current_num_threads());
        let count = |mut counts: Vec<u32>, row: u32| {
            let of_row = population.predicates_of(row);
            for a in of_row {
                let counts = &mut counts[*a as usize * predicates..][..predicates];
                of_row.iter().for_each(|b| counts[*b as usize] += 1);
            }
            counts
        };
        let parts = rows.into_par_iter().with_min_len(part).fold(|| vec![0; pairs], count);
        let counts = parts.reduce(Vec::new, |mut sum, part| {
            if sum.is_empty() {
                return part;
            }
            sum.iter_mut().zip(part).for_each(|(sum, count)| *sum += count);
            sum
        });
        Some(Self { counts, predicates })
    }

    /// Returns how many rows have both.
    pub fn get(&self, a: u32, b: u32) -> usize {
        self.counts[a as usize * self.predicates + b as usize] as usize
    }
}
