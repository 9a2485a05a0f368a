//! When two spans match, and how many of two lists do.
//!
//! Exact and overlapping spans match one to one. Duplicates are a multiset: two equal spans of one labeler match two of
//! the other. Overlapping spans are matched so that as many as possible are (a maximum matching), not greedily.

use super::assignment::maximum_matching;
use super::counts::Counts;
use super::spans::Span;

/// How far two spans must coincide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Both ends are the same.
    Exact,
    /// They share a character.
    Any,
    /// Characters are counted in place of spans: each once a class, however many spans cover it.
    Characters,
}

/// When two spans match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// How far they must coincide.
    pub overlap: Overlap,
    /// Whether their class must be the same.
    pub label: bool,
}

impl Match {
    /// Both ends and the class are the same.
    pub const EXACT: Self = Self { overlap: Overlap::Exact, label: true };

    /// Returns the word for how far two spans coincide.
    pub fn overlap_str(self) -> &'static str {
        Self { label: false, ..self }.as_str()
    }

    /// Returns the word for it as a parameter.
    pub fn as_str(self) -> &'static str {
        match (self.overlap, self.label) {
            (Overlap::Exact, true) => "exact+label",
            (Overlap::Exact, false) => "exact",
            (Overlap::Any, true) => "overlap+label",
            (Overlap::Any, false) => "overlap",
            (Overlap::Characters, true) => "character+label",
            (Overlap::Characters, false) => "character",
        }
    }
}

/// Counts the matches of two lists of one class, each sorted.
pub(super) fn count(first: &[Span], second: &[Span], overlap: Overlap) -> Counts {
    if overlap == Overlap::Characters {
        let (first, second) = (union(first), union(second));
        let length = |stretches: &[(u32, u32)]| stretches.iter().map(|(from, to)| u64::from(to - from)).sum();
        return Counts {
            matched: common_length(&first, &second),
            first: length(&first),
            second: length(&second),
        };
    }
    let matched = if overlap == Overlap::Exact { equal(first, second) } else { overlapping(first, second) };
    Counts { matched, first: first.len() as u64, second: second.len() as u64 }
}

fn equal(first: &[Span], second: &[Span]) -> u64 {
    let (mut matched, mut a, mut b) = (0, 0, 0);
    while let (Some(one), Some(other)) = (first.get(a), second.get(b)) {
        let order = one.cmp(other);
        matched += u64::from(order.is_eq());
        a += usize::from(order.is_le());
        b += usize::from(order.is_ge());
    }
    matched
}

fn overlapping(first: &[Span], second: &[Span]) -> u64 {
    let neighbours: Vec<Vec<u32>> = first
        .iter()
        .map(|one| {
            // The second list is sorted by start: what starts after the end of `one` cannot meet it.
            let until = second.partition_point(|other| other.start < one.end);
            (0..).zip(&second[..until]).filter(|(_, other)| one.start < other.end).map(|(at, _)| at).collect()
        })
        .collect();
    maximum_matching(&neighbours, second.len())
}

/// Returns the stretches that `spans`, sorted, cover.
fn union(spans: &[Span]) -> Vec<(u32, u32)> {
    let mut stretches: Vec<(u32, u32)> = Vec::with_capacity(spans.len());
    for span in spans {
        match stretches.last_mut() {
            Some((_, end)) if *end >= span.start => *end = span.end.max(*end),
            _ => stretches.push((span.start, span.end)),
        }
    }
    stretches
}

fn common_length(first: &[(u32, u32)], second: &[(u32, u32)]) -> u64 {
    let (mut length, mut a, mut b) = (0, 0, 0);
    while let (Some(one), Some(other)) = (first.get(a), second.get(b)) {
        let (from, to) = (one.0.max(other.0), one.1.min(other.1));
        length += u64::from(to.saturating_sub(from));
        if one.1 <= other.1 {
            a += 1;
        } else {
            b += 1;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(ends: &[(u32, u32)]) -> Vec<Span> {
        ends.iter().map(|(start, end)| Span { label: 0, start: *start, end: *end }).collect()
    }

    #[test]
    fn duplicates_are_a_multiset() {
        let (one, two, three) =
            (spans(&[(0, 2)]), spans(&[(0, 2), (0, 2)]), spans(&[(0, 2), (0, 2), (0, 2)]));
        assert_eq!(count(&two, &three, Overlap::Exact), Counts { matched: 2, first: 2, second: 3 });
        assert_eq!(count(&one, &two, Overlap::Any).matched, 1);
        assert_eq!(count(&two, &three, Overlap::Characters), Counts { matched: 2, first: 2, second: 2 });
    }

    /// A long span meets both short ones; whoever takes the first greedily leaves its rival with none.
    #[test]
    fn overlapping_spans_match_one_to_one_as_many_as_can() {
        let (first, second) = (spans(&[(0, 10), (0, 2)]), spans(&[(0, 3), (5, 8)]));
        let mut first_sorted = first.clone();
        first_sorted.sort();
        assert_eq!(count(&first_sorted, &second, Overlap::Any).matched, 2);
        assert_eq!(count(&second, &first_sorted, Overlap::Any).matched, 2);
        assert_eq!(count(&spans(&[(0, 10)]), &second, Overlap::Any).matched, 1);
        assert_eq!(count(&spans(&[(0, 5)]), &spans(&[(5, 9)]), Overlap::Any).matched, 0);
    }

    #[test]
    fn characters_count_once() {
        let (first, second) = (spans(&[(0, 4), (2, 6), (8, 9)]), spans(&[(3, 5), (5, 10)]));
        let counts = Counts { matched: 4, first: 7, second: 7 };
        assert_eq!(count(&first, &second, Overlap::Characters), counts);
        // A span inside another adds nothing, and takes nothing away.
        assert_eq!(count(&spans(&[(0, 6), (2, 4), (5, 7)]), &second, Overlap::Characters).first, 7);
    }
}
