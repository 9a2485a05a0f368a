//! Which tokens changed: a shortest edit script over interned tokens.
//!
//! In: two sequences of numbers, equal numbers being equal tokens. Out: the maximal runs that differ. The algorithm is
//! that of Myers (1986) with its linear-space refinement. Invariant: work is bounded by length × [`MOST_CHANGED`]; a
//! script that would take more is not looked for, and the result says so.

use std::ops::Range;

/// The most tokens, inserted and deleted, that a script is looked for; beyond, the middle counts as written anew.
pub(super) const MOST_CHANGED: usize = 4096;

/// Neighbouring tokens of which none is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The tokens deleted.
    pub before: Range<usize>,
    /// The tokens inserted.
    pub after: Range<usize>,
}

/// How one sequence becomes another.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// By these runs, in order, at least one token being kept between two of them.
    Runs(Vec<Run>),
    /// Everything between what they begin and end with alike is written anew.
    Rewrite(Run),
}

/// Returns how `before` becomes `after`.
pub(super) fn script(before: &[u32], after: &[u32]) -> Script {
    let whole = trimmed(before, after, Run { before: 0..before.len(), after: 0..after.len() });
    let (deleted, inserted) = (whole.before.len(), whole.after.len());
    let mut runs = Vec::new();
    if deleted == 0 || inserted == 0 {
        push(&mut runs, whole);
        return Script::Runs(runs);
    }
    // Half the script from either end, and one step for the odd one.
    let steps = (deleted + inserted).min(MOST_CHANGED).div_ceil(2) + 1;
    let mut search =
        Search { before, after, steps, forward: vec![0; 2 * steps + 2], backward: vec![0; 2 * steps + 2] };
    let mut open = vec![whole.clone()];
    while let Some(run) = open.pop() {
        let run = trimmed(before, after, run);
        if run.before.is_empty() || run.after.is_empty() {
            push(&mut runs, run);
            continue;
        }
        let Some((x, y)) = search.middle(&run) else { return Script::Rewrite(whole) };
        open.push(Run { before: x..run.before.end, after: y..run.after.end });
        open.push(Run { before: run.before.start..x, after: run.after.start..y });
    }
    Script::Runs(runs)
}

/// Returns `run` without the tokens it begins and ends with alike.
fn trimmed(before: &[u32], after: &[u32], run: Run) -> Run {
    let (a, b) = (&before[run.before.clone()], &after[run.after.clone()]);
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let end = a[start..].iter().rev().zip(b[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    Run {
        before: run.before.start + start..run.before.end - end,
        after: run.after.start + start..run.after.end - end,
    }
}

/// Appends a run, or lengthens the last one when no token is kept between them.
fn push(runs: &mut Vec<Run>, run: Run) {
    match runs.last_mut() {
        Some(last) if last.before.end == run.before.start && last.after.end == run.after.start => {
            last.before.end = run.before.end;
            last.after.end = run.after.end;
        }
        _ if run.before.is_empty() && run.after.is_empty() => {}
        _ => runs.push(run),
    }
}

/// The search for the middle of a shortest script from both of its ends.
struct Search<'a> {
    /// The tokens before.
    before: &'a [u32],
    /// The tokens after.
    after: &'a [u32],
    /// The most steps from either end.
    steps: usize,
    /// The furthest place in `before` on each diagonal, from the front.
    forward: Vec<usize>,
    /// The furthest distance from the end of `before` on each diagonal, from the back.
    backward: Vec<usize>,
}

impl Search<'_> {
    /// Returns a point on a shortest path through `run` that is neither of its corners; `None` when the path is too
    /// long. The run is trimmed and has tokens on both sides.
    fn middle(&mut self, run: &Run) -> Option<(usize, usize)> {
        let (n, m) = (run.before.len() as isize, run.after.len() as isize);
        let delta = n - m;
        let odd = delta & 1 != 0;
        let zero = self.steps as isize;
        self.forward[self.steps + 1] = 0;
        self.backward[self.steps + 1] = 0;
        let most = self.steps.min(((n + m) as usize).div_ceil(2) + 1) as isize;
        for step in 0..most {
            for k in diagonals(step, n, m) {
                let from = furthest(&self.forward, zero, k, (step, n, m));
                let to = self.slide(run, from, (from as isize - k) as usize);
                self.forward[(zero + k) as usize] = to;
                let met = odd && (k - delta).abs() < step;
                if met && to + self.backward[(zero + delta - k) as usize] >= n as usize {
                    return Some(place(run, from as isize, from as isize - k));
                }
            }
            for k in diagonals(step, n, m) {
                let from = furthest(&self.backward, zero, k, (step, n, m));
                let to = self.slide_back(run, from, (from as isize - k) as usize);
                self.backward[(zero + k) as usize] = to;
                let met = !odd && (k - delta).abs() <= step;
                if met && to + self.forward[(zero + delta - k) as usize] >= n as usize {
                    return Some(place(run, n - from as isize, m - (from as isize - k)));
                }
            }
        }
        None
    }

    /// Returns how far equal tokens lead on from (`x`, `y`).
    fn slide(&self, run: &Run, x: usize, y: usize) -> usize {
        let (a, b) = (&self.before[run.before.clone()], &self.after[run.after.clone()]);
        let (Some(a), Some(b)) = (a.get(x..), b.get(y..)) else { return x };
        x + a.iter().zip(b).take_while(|(a, b)| a == b).count()
    }

    /// Returns how far equal tokens lead back from (`x`, `y`), both counted from the end.
    fn slide_back(&self, run: &Run, x: usize, y: usize) -> usize {
        let (a, b) = (&self.before[run.before.clone()], &self.after[run.after.clone()]);
        let (Some(a), Some(b)) = (a.len().checked_sub(x), b.len().checked_sub(y)) else { return x };
        let (a, b) = (&self.before[run.before.clone()][..a], &self.after[run.after.clone()][..b]);
        x + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
    }
}

/// Returns the diagonals within `n` × `m` that `step` edits can end on, the highest first.
fn diagonals(step: isize, n: isize, m: isize) -> impl Iterator<Item = isize> {
    // Those of one step have its parity; further out they lie wholly outside.
    let (low, high) =
        (-step + 2 * ((step - m).max(0) + 1).div_euclid(2), step - 2 * ((step - n).max(0) + 1).div_euclid(2));
    (0..=(high - low).div_euclid(2)).map(move |i| high - 2 * i)
}

/// Returns where the path of `step` edits on diagonal `k` of `n` × `m` starts to slide.
fn furthest(places: &[usize], zero: isize, k: isize, (step, n, m): (isize, isize, isize)) -> usize {
    let place = |k: isize| places[(zero + k) as usize];
    let only_above = k == -step || k == -m;
    let only_below = k == step || k == n;
    if only_above || !only_below && place(k - 1) < place(k + 1) { place(k + 1) } else { place(k - 1) + 1 }
}

/// Returns a place in `run` as one in the whole sequences.
fn place(run: &Run, x: isize, y: isize) -> (usize, usize) {
    (run.before.start + x as usize, run.after.start + y as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The length of a shortest script: deletions and insertions by the textbook recurrence.
    fn shortest(a: &[u32], b: &[u32]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut diagonal = std::mem::replace(&mut row[0], i + 1);
            for (j, y) in b.iter().enumerate() {
                let best = if x == y { diagonal } else { row[j].min(row[j + 1]) + 1 };
                diagonal = std::mem::replace(&mut row[j + 1], best);
            }
        }
        row[b.len()]
    }

    #[test]
    fn a_script_over_the_cap_is_a_rewrite_of_the_middle() {
        let before: Vec<u32> = (0..10_000).collect();
        let mut after: Vec<u32> = (20_000..30_000).collect();
        (after[0], after[9_999]) = (0, 9_999);
        let run = Run { before: 1..9_999, after: 1..9_999 };
        assert_eq!(script(&before, &after), Script::Rewrite(run));
        assert!(matches!(script(&before[..2_000], &after[..2_000]), Script::Runs(_)));
        let shuffled: Vec<u32> = (0..10_000).map(|i| i * 7_919 % 10_000).collect();
        assert!(matches!(script(&before, &shuffled), Script::Rewrite(_)));
        assert!(matches!(script(&before, &[]), Script::Runs(_)));
    }

    proptest! {
        #[test]
        fn scripts_are_shortest_and_keep_equal_tokens(
            a in prop::collection::vec(0..5u32, 0..40),
            b in prop::collection::vec(0..5u32, 0..40),
        ) {
            let Script::Runs(runs) = script(&a, &b) else { panic!("short texts are never rewritten") };
            let (mut i, mut j, mut changed) = (0, 0, 0);
            for run in &runs {
                prop_assert_eq!(&a[i..run.before.start], &b[j..run.after.start]);
                prop_assert!(i < run.before.start || i == 0);
                (i, j) = (run.before.end, run.after.end);
                changed += run.before.len() + run.after.len();
            }
            prop_assert_eq!(&a[i..], &b[j..]);
            prop_assert_eq!(changed, shortest(&a, &b));
        }
    }
}
