//! MACE: on each item a labeler either knows the class, or answers by habit whatever it is.
//!
//! P(j says l | true class k) = c_j 1[l = k] + (1 − c_j) ξ_jl, with competence c_j and habit ξ_j. EM with s/q labels
//! added to each expected count (known, not known, each class by habit), from several random starts, of which the one
//! with the highest objective counts. Hovy, Berg-Kirkpatrick, Vaswani & Hovy
//! (2013), Learning whom to trust with MACE, Proceedings of NAACL-HLT, pp. 1120-1130; s is that of their program.
//!
//! Beyond the paper, where all classes are equally probable, p_k is the mean of the posteriors, as in Dawid–Skene: with
//! one class in nine (D_Product) even classes make it right on 83 % of the items, and estimated ones on 94 %.
//!
//! The expected confusion counts are all the M step needs: among labels l on items of class l, the share
//! c/(c + (1 − c) ξ_l) was known; all other labels were habit. The starts are drawn in the order of the table's labelers
//! and classes, so renaming them can lead to another peak.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::dawid_skene::check_smoothing;
use super::em::{self, Fitted, Stop};
use super::numeric::{ln, uniform};
use super::rates::{Rates, check};
use super::{Consensus, Extra, Method, TieRule, Unfit};
use crate::table::Table;

/// Settings of MACE.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mace {
    /// s: s/q labels are added to each expected count. 0 adds none.
    pub smoothing: f64,
    /// How many random starts; at least one is made.
    pub restarts: u32,
    /// What the starts are drawn from.
    pub seed: u64,
    /// When to stop each.
    pub stop: Stop,
    /// What to do with ties.
    pub ties: TieRule,
}

impl Default for Mace {
    /// The authors': a hundredth of a label, 10 starts, 50 turns each. Ties undecided.
    fn default() -> Self {
        let stop = Stop { iterations: 50, ..Stop::default() };
        Self { smoothing: 0.01, restarts: 10, seed: 0, stop, ties: TieRule::default() }
    }
}

/// What a labeler does.
#[derive(Clone)]
struct Habit {
    /// c_j.
    competence: f64,
    /// ξ_j, times 1 − c_j.
    spam: Vec<f64>,
}

impl Mace {
    /// Returns the consensus of `table`; [`Extra::Competence`] has every labeler's c_j.
    ///
    /// # Errors
    /// There are no labels, or too many classes to hold, or the smoothing is not 0 nor a number from 1e-9 up.
    pub fn fit(&self, table: &Table) -> Result<Consensus, Unfit> {
        check(table)?;
        check_smoothing(self.smoothing)?;
        let mut best = self.climb(table, 0);
        for start in 1..self.restarts {
            let next = self.climb(table, start);
            if next.0.fit.objective > best.0.fit.objective {
                best = next;
            }
        }
        let (fitted, habits) = best;
        let competence = habits.into_iter().map(|habit| habit.competence).collect();
        let how = (Method::Mace, Extra::Competence(competence));
        Ok(Consensus::new(how, table, fitted.found, Some(fitted.fit), self.ties))
    }

    /// Climbs from a start of its own stream of random numbers.
    fn climb(&self, table: &Table, start: u32) -> (Fitted, Vec<Habit>) {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(u64::from(start));
        let q = table.classes().len();
        let mut habits: Vec<Habit> =
            table.labeler_names().iter().map(|_| Habit::random(q, &mut random)).collect();
        let mut rates = Rates::even(table);
        let log_prior = set(&mut rates, &habits, self.smoothing);
        let fitted = em::fit(table, &mut rates, log_prior, self.stop, |expected, rates| {
            let counts = expected.counts.chunks_exact(q * rates.width());
            habits.iter_mut().zip(counts).for_each(|(habit, counts)| habit.maximise(counts, self.smoothing));
            rates.prior[..q].copy_from_slice(&expected.priors(table));
            set(rates, &habits, self.smoothing)
        });
        (fitted, habits)
    }
}

impl Habit {
    /// Draws competence near a half and a habit near even, as the authors' program does.
    fn random(q: usize, random: &mut ChaCha8Rng) -> Self {
        let mut draw = || 1.0 + uniform(random);
        let (known, not_known) = (draw(), draw());
        let mut spam: Vec<f64> = (0..q).map(|_| draw()).collect();
        let scale = not_known / (known + not_known) / spam.iter().sum::<f64>();
        spam.iter_mut().for_each(|rate| *rate *= scale);
        Self { competence: known / (known + not_known), spam }
    }

    /// Sets the likeliest under the expected counts of one labeler, `[given][true]`.
    fn maximise(&mut self, counts: &[f64], smoothing: f64) {
        let q = self.spam.len();
        let each = smoothing / q as f64;
        let width = counts.len() / q;
        let mut known = each;
        let mut by_habit: f64 = 0.0;
        for (given, (row, spam)) in counts.chunks_exact(width).zip(&mut self.spam).enumerate() {
            let right = self.competence + *spam;
            let share = if right > 0.0 { self.competence / right } else { 0.0 };
            known += row[given] * share;
            let others: f64 =
                row.iter().enumerate().filter(|(class, _)| *class != given).map(|(_, n)| n).sum();
            *spam = others + row[given] * (1.0 - share) + each;
            by_habit += *spam - each;
        }
        let not_known = by_habit + each;
        let scale = not_known / (known + not_known) / (by_habit + smoothing);
        self.competence = known / (known + not_known);
        // Who is never caught by habit has none: 0/0 without smoothing.
        self.spam.iter_mut().for_each(|rate| *rate = if not_known > 0.0 { *rate * scale } else { 0.0 });
    }
}

/// Sets `rates` to those of `habits`, and returns the logarithm of their prior.
fn set(rates: &mut Rates, habits: &[Habit], smoothing: f64) -> f64 {
    let width = rates.width();
    let mut log_prior = 0.0;
    for (rows, habit) in rates.rows.chunks_exact_mut(habits[0].spam.len() * width).zip(habits) {
        let q = habit.spam.len();
        for (given, (row, spam)) in rows.chunks_exact_mut(width).zip(&habit.spam).enumerate() {
            row[..q].fill(*spam);
            row[given] += habit.competence;
        }
        if smoothing > 0.0 {
            let not_known: f64 = habit.spam.iter().sum();
            let habits: f64 = habit.spam.iter().map(|rate| ln(rate / not_known)).sum();
            log_prior += smoothing / q as f64 * (ln(habit.competence) + ln(not_known) + habits);
        }
    }
    log_prior
}
