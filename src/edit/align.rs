//! What became of what: a run of changed tokens split into its smallest meaningful parts.
//!
//! In: the tokens of both texts and a run in which few or none are kept. Out: [`Part`]s in order that
//! cover what changed in it. Tokens that are alike (equal, or but for letter case, of one stem, a small distance apart,
//! two words joined into one) are paired by the alignment of greatest total likeness (Needleman and Wunsch 1970);
//! between pairs, what is on both sides is one replacement, and marks at its ends stand by themselves. Invariant: no
//! deletion stands next to an insertion.

use std::ops::Range;

use super::likeness::{Normal, steps};
use super::script::Run;
use super::tokens::Tokens;
use super::words::WordKind;

/// The most pairs of tokens of one run that are compared; a larger run is one replacement.
const MOST_PAIRS: usize = 1 << 14;

/// Tokens deleted, inserted (the other side being empty) or replaced, at either text's place.
pub(super) type Part = Run;

/// Returns `runs`, those with a single kept token between them joined, for the alignment to judge whether to keep it.
pub(super) fn joined(runs: Vec<Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        match joined.last_mut() {
            Some(last)
                if run.before.start == last.before.end + 1
                    && (run.before.end - last.before.start) * (run.after.end - last.after.start)
                        <= MOST_PAIRS =>
            {
                last.before.end = run.before.end;
                last.after.end = run.after.end;
            }
            _ => joined.push(run),
        }
    }
    joined
}

/// Appends the parts of `run` to `parts`.
pub(super) fn split(before: &Tokens, after: &Tokens, run: &Run, parts: &mut Vec<Part>) {
    let (rows, columns) = (run.before.len(), run.after.len());
    let pairs = if rows * columns > MOST_PAIRS || rows * columns < 2 {
        Vec::new()
    } else {
        pairs(before, after, run)
    };
    let (mut i, mut j) = (run.before.start, run.after.start);
    let first = parts.len();
    for pair in pairs {
        split_rest(before, after, i..pair.before.start, j..pair.after.start, parts);
        (i, j) = (pair.before.end, pair.after.end);
        let single = pair.before.len() == 1 && pair.after.len() == 1;
        if !single || before.token(pair.before.start) != after.token(pair.after.start) {
            parts.push(pair);
        }
    }
    split_rest(before, after, i..run.before.end, j..run.after.end, parts);
    merge(parts, first);
}

/// Joins deletions with insertions that stand next to them, from part `first` on.
fn merge(parts: &mut Vec<Part>, first: usize) {
    let one_sided = |part: &Part| (part.after.is_empty(), part.before.is_empty());
    let mut kept = first;
    for i in first..parts.len() {
        let part = parts[i].clone();
        let adjoins =
            |last: &Part| last.before.end == part.before.start && last.after.end == part.after.start;
        let joins = kept > first
            && adjoins(&parts[kept - 1])
            && matches!(
                (one_sided(&parts[kept - 1]), one_sided(&part)),
                ((true, _), (_, true)) | ((_, true), (true, _))
            );
        if joins {
            parts[kept - 1].before.end = part.before.end;
            parts[kept - 1].after.end = part.after.end;
        } else {
            parts[kept] = part;
            kept += 1;
        }
    }
    parts.truncate(kept);
}

/// Appends what has no like on the other side: marks at the ends by themselves, the rest as one part.
fn split_rest(before: &Tokens, after: &Tokens, a: Range<usize>, b: Range<usize>, parts: &mut Vec<Part>) {
    let marks = WordKind::Punctuation;
    let plain = a.is_empty() && b.is_empty() || before.all(&a, marks) || after.all(&b, marks);
    let one_sided = a.is_empty() != b.is_empty();
    if plain && !(one_sided && !(before.all(&a, marks) && after.all(&b, marks))) {
        return push(a, b, parts);
    }
    let leading = |tokens: &Tokens, range: &Range<usize>| {
        tokens.words[range.clone()].iter().take_while(|word| word.kind == marks).count()
    };
    let trailing = |tokens: &Tokens, range: &Range<usize>| {
        tokens.words[range.clone()].iter().rev().take_while(|word| word.kind == marks).count()
    };
    let (first_a, first_b) = (a.start + leading(before, &a), b.start + leading(after, &b));
    let (last_a, last_b) = (a.end - trailing(before, &a), b.end - trailing(after, &b));
    push(a.start..first_a, b.start..first_b, parts);
    push(first_a..last_a, first_b..last_b, parts);
    push(last_a..a.end, last_b..b.end, parts);
}

/// Appends a part that is not empty.
fn push(before: Range<usize>, after: Range<usize>, parts: &mut Vec<Part>) {
    if !before.is_empty() || !after.is_empty() {
        parts.push(Part { before, after });
    }
}

/// Returns the pairs of like tokens of the best alignment, in order.
fn pairs(before: &Tokens, after: &Tokens, run: &Run) -> Vec<Part> {
    let table = Table::of(before, after, run);
    let mut pairs = Vec::new();
    let (mut i, mut j) = (run.before.len(), run.after.len());
    while i > 0 && j > 0 {
        let (up, left) = table.moves[i * table.width + j];
        if up > 0 && left > 0 {
            let start = (run.before.start, run.after.start);
            let (a, b) = (i - usize::from(up), j - usize::from(left));
            pairs.push(Part { before: start.0 + a..start.0 + i, after: start.1 + b..start.1 + j });
        }
        i -= usize::from(up);
        j -= usize::from(left);
    }
    pairs.reverse();
    pairs
}

/// The best alignments of all beginnings of a run.
struct Table {
    /// One more than the tokens after.
    width: usize,
    /// How many tokens of either side the last step of the best alignment takes, row by row.
    moves: Vec<(u8, u8)>,
}

impl Table {
    /// Fills the table of a run.
    fn of(before: &Tokens, after: &Tokens, run: &Run) -> Self {
        let (before, after) = (Normal::of(before, &run.before), Normal::of(after, &run.after));
        let (height, width) = (run.before.len() + 1, run.after.len() + 1);
        let mut best = vec![0u32; height * width];
        let mut moves = vec![(0, 1); height * width];
        for i in 1..height {
            for j in 1..width {
                let at = i * width + j;
                let mut found = (best[at - width], (1, 0));
                if best[at - 1] > found.0 {
                    found = (best[at - 1], (0, 1));
                }
                for (up, left, worth) in steps(&before[..i], &after[..j]) {
                    let total = best[at - up * width - left] + worth;
                    if total > found.0 {
                        found = (total, (up as u8, left as u8));
                    }
                }
                (best[at], moves[at]) = found;
            }
        }
        Self { width, moves }
    }
}
