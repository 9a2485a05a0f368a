//! The search for a drop at an unknown week.
//!
//! In: right and wrong answers by week. Out: the likeliest change point and a one-sided p-value. For a change after
//! week j, with a share t of the n answers before it, K wrong in all and c of them before,
//!
//!   z = (Kt − c) / √(t(1 − t) K(n − K)/(n − 1)),   and the statistic is   Σ_j w_j exp(b z − b²/2),
//!
//! w = (t(1 − t))⁴ and b = 5√(t(1 − t)): the likelihood ratio averaged over change points and a drop of local size 2.5
//! standard errors in the middle, which has the best weighted average power (Andrews & Ploberger (1994), Econometrica
//! 62:1383-1414). Weights and size were chosen by simulation: of drops from 95 to 85 % in the middle of 300 answers, at a
//! level of 5 %, the best unbiased test that knows the week finds 91 %, this one 87 % (`docs/statistics.md`).
//!
//! p comes from permuting answers over weeks, exact whatever n: (1 + exceeding)/(1 + drawn), and drawing stops early
//! where enough exceed (Besag & Clifford (1991), Biometrika 78:301-304).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Uniform};

/// Permutations drawn at most.
const DRAWS: u32 = 3_999;

/// Exceeding permutations after which no more are drawn: p is above 0.1 then.
const ENOUGH: u32 = 400;

/// The seed of all permutations.
const SEED: u64 = 0;

/// Their stream of that seed's random numbers; the low ones are for the samples of a bootstrap.
const STREAM: u64 = 1 << 63;

/// Twice the local size of the drop looked for: b at t = 1/2 is 2.5.
const SIZE: f64 = 5.0;

/// Sums this much apart, relatively, are the same but for the last bits of `exp`.
const SAME: f64 = 1e-9;

/// The judged answers of a week that has any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Week {
    /// The week, from 0.
    pub(super) index: u64,
    /// Right answers.
    pub(super) right: u64,
    /// Wrong answers.
    pub(super) wrong: u64,
}

/// What the search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// How many of the weeks lie before the change point, at least one and not all.
    pub(super) before: usize,
    /// The p-value.
    pub(super) p_value: f64,
}

/// Searches `weeks`, two or more in order, each with an answer.
pub(super) fn search(weeks: &[Week]) -> Found {
    let candidates = Candidates::of(weeks);
    let observed: Vec<u64> = weeks.iter().map(|week| week.wrong).collect();
    let mut best = (0, f64::NEG_INFINITY);
    for (index, log) in candidates.logs(&observed).enumerate() {
        if log > best.1 + SAME {
            best = (index, log);
        }
    }
    Found { before: best.0 + 1, p_value: p_value(weeks, &candidates, &observed, best.1) }
}

/// The logarithm of each candidate's term: `at_0` less `per_wrong` for every wrong answer before it.
struct Candidates(Vec<(f64, f64)>);

impl Candidates {
    fn of(weeks: &[Week]) -> Self {
        let n: u64 = weeks.iter().map(|week| week.right + week.wrong).sum();
        let wrong: u64 = weeks.iter().map(|week| week.wrong).sum();
        let spread = wrong as f64 * (n - wrong) as f64 / (n as f64 - 1.0);
        let mut before = 0;
        let term = |week: &Week| {
            before += week.right + week.wrong;
            let t = before as f64 / n as f64;
            let both_sides = t * (1.0 - t);
            let size = SIZE * both_sides.sqrt();
            // Without both right and wrong answers there is nothing to standardise: z is 0.
            let scale = if spread > 0.0 { 1.0 / (both_sides * spread).sqrt() } else { 0.0 };
            let weight = 4.0 * both_sides.ln() - size * size / 2.0;
            (weight + size * scale * wrong as f64 * t, size * scale)
        };
        Self(weeks[..weeks.len() - 1].iter().map(term).collect())
    }

    fn logs(&self, wrong: &[u64]) -> impl Iterator<Item = f64> {
        let mut before = 0;
        self.0.iter().zip(wrong).map(move |((at_0, per_wrong), wrong)| {
            before += wrong;
            at_0 - per_wrong * before as f64
        })
    }

    /// Returns the statistic in units of e^`unit`; infinite where it is far above.
    fn statistic(&self, wrong: &[u64], unit: f64) -> f64 {
        self.logs(wrong).map(|log| (log - unit).exp()).sum()
    }
}

fn p_value(weeks: &[Week], candidates: &Candidates, observed: &[u64], unit: f64) -> f64 {
    let threshold = candidates.statistic(observed, unit) * (1.0 - SAME);
    let mut urn = Urn::of(weeks);
    if urn.rare == 0 {
        return 1.0;
    }
    let mut exceeding = 0;
    for drawn in 1..=DRAWS {
        exceeding += u32::from(candidates.statistic(urn.draw(), unit) >= threshold);
        if exceeding == ENOUGH {
            return f64::from(ENOUGH) / f64::from(drawn);
        }
    }
    f64::from(1 + exceeding) / f64::from(1 + DRAWS)
}

/// Deals the wrong answers, or the right ones where these are fewer, over the places that answers have in weeks.
struct Urn {
    random: ChaCha8Rng,
    /// The week of each place.
    places: Vec<u32>,
    /// Any of them.
    any: Uniform<u32>,
    taken: Vec<bool>,
    drawn: Vec<usize>,
    rare: u64,
    /// Answers by week; empty where wrong answers are the rarer kind.
    totals: Vec<u64>,
    wrong: Vec<u64>,
}

impl Urn {
    fn of(weeks: &[Week]) -> Self {
        let totals: Vec<u64> = weeks.iter().map(|week| week.right + week.wrong).collect();
        let places: Vec<u32> =
            (0..).zip(&totals).flat_map(|(week, total)| (0..*total).map(move |_| week)).collect();
        let wrong: u64 = weeks.iter().map(|week| week.wrong).sum();
        let right = places.len() as u64 - wrong;
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        random.set_stream(STREAM);
        let end = u32::try_from(places.len()).expect("a labeler gives fewer than 2^32 answers");
        Self {
            random,
            any: Uniform::new(0, end).expect("every week has an answer"),
            taken: vec![false; places.len()],
            drawn: Vec::new(),
            rare: wrong.min(right),
            wrong: vec![0; weeks.len()],
            totals: if right < wrong { totals } else { Vec::new() },
            places,
        }
    }

    /// Returns the wrong answers by week of the next permutation.
    fn draw(&mut self) -> &[u64] {
        self.wrong.fill(0);
        self.drawn.drain(..).for_each(|place| self.taken[place] = false);
        // At most half of the places are taken, so that two tries are enough on average.
        while (self.drawn.len() as u64) < self.rare {
            let place = self.any.sample(&mut self.random) as usize;
            if !std::mem::replace(&mut self.taken[place], true) {
                self.drawn.push(place);
                self.wrong[self.places[place] as usize] += 1;
            }
        }
        for (rare, total) in self.wrong.iter_mut().zip(&self.totals) {
            *rare = total - *rare;
        }
        &self.wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weeks(counts: &[(u64, u64)]) -> Vec<Week> {
        (0..)
            .zip(counts)
            .map(|(index, (right, wrong))| Week { index, right: *right, wrong: *wrong })
            .collect()
    }

    /// Two weeks of 4, wrong 1 and 3: of the 70 ways to place 4 wrong, 17 put 3 or 4 into the second (Fisher's tea).
    #[test]
    fn two_weeks_are_fishers_exact_test() {
        let found = search(&weeks(&[(3, 1), (1, 3)]));
        assert_eq!(found.before, 1);
        // Drawing stops at 400 of some 1,650 draws: the standard error is about 0.01.
        assert!((found.p_value - 17.0 / 70.0).abs() < 0.03, "{}", found.p_value);
    }

    /// Right and wrong answers exchange their parts when time runs backwards, and the p-value stays near.
    #[test]
    fn rare_right_answers_are_dealt_like_rare_wrong_ones() {
        let drop = search(&weeks(&[(20, 1), (19, 2), (15, 6), (16, 5)]));
        let mirror = search(&weeks(&[(5, 16), (6, 15), (2, 19), (1, 20)]));
        assert_eq!((drop.before, mirror.before), (2, 2));
        assert!((drop.p_value - mirror.p_value).abs() < 0.02, "{drop:?} {mirror:?}");
    }

    #[test]
    fn a_step_is_found_where_it_is_and_a_rise_is_none() {
        let counts: Vec<_> = (0..12).map(|week| if week < 5 { (25, 0) } else { (19, 6) }).collect();
        let found = search(&weeks(&counts));
        assert_eq!((found.before, found.p_value), (5, 1.0 / 4_000.0));
        let risen: Vec<_> = counts.iter().rev().copied().collect();
        assert!(search(&weeks(&risen)).p_value > 0.9);
    }

    #[test]
    fn without_a_wrong_or_without_a_right_answer_p_is_1() {
        for counts in [[(9, 0); 4], [(0, 9); 4]] {
            assert_eq!(search(&weeks(&counts)), Found { before: 2, p_value: 1.0 });
        }
    }

    #[test]
    fn very_many_answers_neither_overflow_nor_vanish() {
        let found = search(&weeks(&[(3_000, 0), (3_000, 0), (1_000, 2_000), (1_000, 2_000)]));
        assert_eq!((found.before, found.p_value), (2, 1.0 / 4_000.0));
    }
}
