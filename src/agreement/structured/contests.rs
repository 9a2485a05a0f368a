//! Contests: comparisons of two contestants, counted, and whether strengths follow from them.
//!
//! A tie is half a win for each. Everything is counted in half wins, so that sums are whole.

use std::collections::BTreeMap;

use crate::agreement::Undefined;

/// How a comparison ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The first is better.
    A,
    /// The second is better.
    B,
    /// Neither is.
    Tie,
}

impl Outcome {
    /// Returns what a label of a preference task says.
    pub fn of(label: &str) -> Option<Self> {
        match label {
            "a" => Some(Self::A),
            "b" => Some(Self::B),
            "tie" => Some(Self::Tie),
            _ => None,
        }
    }
}

/// Comparisons of two contestants that ended alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contest {
    /// The first contestant.
    pub a: u32,
    /// The second.
    pub b: u32,
    /// How they ended.
    pub outcome: Outcome,
    /// How many there were.
    pub count: u64,
}

/// All contests, contestants numbered 0..n in the order of their own numbers.
pub(super) struct Tournament {
    /// The contestants, ascending.
    pub contestants: Vec<u32>,
    /// For each the half wins.
    pub half_wins: Vec<u64>,
    /// For each its opponents, ascending, each with the number of comparisons.
    pub opponents: Vec<Vec<(usize, u64)>>,
    /// For each those it has half a win over.
    beaten: Vec<Vec<usize>>,
}

impl Tournament {
    /// Counts `contests`. A contest with oneself says nothing and is left out.
    pub fn of(contests: &[Contest]) -> Self {
        let mut half_wins = BTreeMap::<(u32, u32), u64>::new();
        for contest in contests.iter().filter(|contest| contest.a != contest.b && contest.count > 0) {
            let (first, second) = match contest.outcome {
                Outcome::A => (2, 0),
                Outcome::B => (0, 2),
                Outcome::Tie => (1, 1),
            };
            *half_wins.entry((contest.a, contest.b)).or_insert(0) += first * contest.count;
            *half_wins.entry((contest.b, contest.a)).or_insert(0) += second * contest.count;
        }
        let mut contestants: Vec<u32> = half_wins.keys().map(|(winner, _)| *winner).collect();
        contestants.dedup();
        let count = contestants.len();
        let mut this = Self {
            contestants,
            half_wins: vec![0; count],
            opponents: vec![vec![]; count],
            beaten: vec![vec![]; count],
        };
        let place = |who| this.contestants.partition_point(|known| *known < who);
        for ((winner, loser), wins) in &half_wins {
            let (a, b) = (place(*winner), place(*loser));
            let back = half_wins.get(&(*loser, *winner)).copied().unwrap_or(0);
            this.half_wins[a] += wins;
            this.opponents[a].push((b, (wins + back) / 2));
            if *wins > 0 {
                this.beaten[a].push(b);
            }
        }
        this
    }

    /// Checks that every contestant has won over every other, directly or through others: only then are there strengths
    /// (Ford 1957, American Mathematical Monthly 64:28-33).
    pub fn check(&self) -> Result<(), Undefined> {
        let count = self.contestants.len();
        if count == 0 {
            return Err(Undefined::NoComparisons);
        }
        let either = self.opponents.iter().map(|opponents| opponents.iter().map(|(who, _)| *who).collect());
        if reached(&either.collect::<Vec<Vec<usize>>>()) < count {
            return Err(Undefined::ComparisonsDisconnected);
        }
        let mut lost_to = vec![Vec::new(); count];
        for (winner, beaten) in self.beaten.iter().enumerate() {
            beaten.iter().for_each(|loser| lost_to[*loser].push(winner));
        }
        if reached(&self.beaten) < count || reached(&lost_to) < count {
            return Err(Undefined::UnboundedStrength);
        }
        Ok(())
    }
}

/// Returns how many are reached from the first.
fn reached(next: &[Vec<usize>]) -> usize {
    let mut seen = vec![false; next.len()];
    let (mut stack, mut count) = (vec![0], 0);
    while let Some(at) = stack.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            count += 1;
            stack.extend(&next[at]);
        }
    }
    count
}
