//! How often `hitl labelers` flags a drop of 10 points over 300 gold items, and steady labelers: the table of
//! `docs/statistics.md`.
//!
//! ```text
//! cargo run --release --example labelers_power [RUNS]
//! ```
//!
//! A row is of `RUNS` simulated labelers, 4,000 unless told. `bound` is the power at the flag's level of the most
//! powerful unbiased test that knows the week (Fisher's exact test, randomised; Lehmann & Romano, Testing Statistical
//! Hypotheses, section 4.5), which no test that must look for the week can reach.
#![expect(clippy::print_stdout, reason = "it is a program")]

use hitl::labelers::{Answer, Counts, DRIFT_LEVEL, Drift, Labeler, Setting, Verdict, measure};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Bernoulli, Distribution};
use statrs::distribution::{Binomial, Discrete, Hypergeometric};

const DAY: i64 = 86_400_000_000;
/// 2026-01-05, a Monday.
const START: i64 = 20_458 * DAY;
const ITEMS: i64 = 300;
const DROP: f64 = 0.1;

/// One row: the share right before, weeks, and the last week before the drop.
#[derive(Clone, Copy)]
struct Row {
    base: f64,
    weeks: i64,
    drop_after: i64,
}

impl Row {
    fn labeler(self, run: u64) -> Vec<Answer> {
        let mut random = ChaCha8Rng::seed_from_u64(run);
        random.set_stream(self.base.to_bits() ^ (self.weeks << 8 ^ self.drop_after).unsigned_abs());
        let [before, after] =
            [self.base, self.base - DROP].map(|right| Bernoulli::new(right).expect("a share"));
        let answer = |item: i64| {
            let at = START + item * (7 * self.weeks * DAY / ITEMS);
            let right = if self.week(item) < self.drop_after { before } else { after };
            let given = u32::from(!right.sample(&mut random));
            Answer { at: Some(at), gold: Some(0), given, ..Answer::default() }
        };
        (0..ITEMS).map(answer).collect()
    }

    fn week(self, item: i64) -> i64 {
        item * self.weeks / ITEMS
    }

    /// Returns the power of the test that knows the week.
    fn bound(self) -> f64 {
        let before = (0..ITEMS).filter(|item| self.week(*item) < self.drop_after).count() as u64;
        let all = ITEMS.unsigned_abs();
        let wrong = |right: f64, n: u64| Binomial::new(1.0 - right, n).expect("a share");
        let (early, late) = (wrong(self.base, before), wrong(self.base - DROP, all - before));
        let mut power = 0.0;
        for total in 0..=all {
            let by_chance = Hypergeometric::new(all, total, all - before).expect("no more than there are");
            let mut left = DRIFT_LEVEL;
            for late_wrong in (total.saturating_sub(before)..=total.min(all - before)).rev() {
                let mass = by_chance.pmf(late_wrong);
                let rejects = if mass <= left { 1.0 } else { left / mass };
                power += rejects * late.pmf(late_wrong) * early.pmf(total - late_wrong);
                left -= rejects * mass;
                if left <= 0.0 {
                    break;
                }
            }
        }
        power
    }
}

fn main() {
    let runs: u64 = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(4_000);
    let classes = ["right", "wrong"].map(String::from);
    let setting = Setting { task: "", classes: &classes, guideline_changes: &[], counts: Counts::default() };
    println!("base  weeks  drop after  flagged  p<=0.05  bound");
    for base in [0.80_f64, 0.85, 0.90, 0.92, 0.95, 0.97, 0.98, 0.99] {
        for (weeks, drop_after) in [(12, 12), (12, 4), (12, 6), (12, 8), (8, 6), (10, 6), (24, 6)] {
            let row = Row { base, weeks, drop_after };
            let answers: Vec<_> = (0..runs).map(|run| row.labeler(run)).collect();
            let labelers: Vec<_> = answers.iter().map(|answers| Labeler { name: "", answers }).collect();
            let report = measure(&labelers, &setting);
            let share = |is: fn(&Drift) -> bool| {
                let drifts = report.labelers.iter().filter_map(|labeler| labeler.drift.value());
                drifts.filter(|drift| is(drift)).count() as f64 / runs as f64
            };
            let flagged = share(|drift| drift.verdict == Verdict::Drop);
            let at_5 = share(|drift| drift.p_value <= 0.05);
            let (planted, bound) = match drop_after == weeks {
                true => ("steady".to_owned(), "-".to_owned()),
                false => (drop_after.to_string(), format!("{:.3}", row.bound())),
            };
            println!("{base:.2}  {weeks:>5}  {planted:>10}  {flagged:>7.3}  {at_5:>7.3}  {bound:>5}");
        }
    }
}
