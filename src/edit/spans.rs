//! Two texts as one line of runs that are equal, deleted or inserted, in reading order.
//!
//! In: two texts. Out: their [`Span`]s. Invariant: the equal and deleted ones make up the original, the equal and
//! inserted ones the corrected text; none is empty and no two neighbours are of one kind.

use std::ops::Range;

use super::edits::edits;

/// What became of a run of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanKind {
    /// It is in both texts.
    Equal,
    /// It is in the original alone.
    Delete,
    /// It is in the corrected text alone.
    Insert,
}

/// A run of an inline diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// What became of it.
    pub kind: SpanKind,
    /// Its text, a part of the original or, where inserted, of the corrected text.
    pub text: &'a str,
}

/// Returns the inline diff of two texts, by the edits between them; none between two empty texts.
///
/// A move shows as a deletion and an insertion.
pub fn spans<'a>(original: &'a str, corrected: &'a str) -> Vec<Span<'a>> {
    let edits = edits(original, corrected);
    let deleted = edits.iter().map(|edit| edit.before.clone()).filter(|range| !range.is_empty());
    let mut inserted: Vec<_> =
        edits.iter().map(|edit| edit.after.clone()).filter(|range| !range.is_empty()).collect();
    inserted.sort_unstable_by_key(|range| range.start);
    let (mut deleted, mut inserted) = (deleted.peekable(), inserted.into_iter().peekable());
    let mut runs = Vec::with_capacity(2 * edits.len() + 1);
    let (mut i, mut j) = (0, 0);
    while i < original.len() || j < corrected.len() {
        if let Some(range) = deleted.next_if(|range| range.start == i) {
            i = range.end;
            push(&mut runs, SpanKind::Delete, range);
        } else if let Some(range) = inserted.next_if(|range| range.start == j) {
            j = range.end;
            push(&mut runs, SpanKind::Insert, range);
        } else {
            // What both keep is as long in one text as in the other.
            let until = deleted.peek().map_or(original.len(), |range| range.start) - i;
            let length = until.min(inserted.peek().map_or(corrected.len(), |range| range.start) - j);
            push(&mut runs, SpanKind::Equal, i..i + length);
            (i, j) = (i + length, j + length);
        }
    }
    let text = |kind, range| if kind == SpanKind::Insert { &corrected[range] } else { &original[range] };
    runs.into_iter().map(|(kind, range)| Span { kind, text: text(kind, range) }).collect()
}

/// Appends a run, or lengthens the last one of its kind.
fn push(runs: &mut Vec<(SpanKind, Range<usize>)>, kind: SpanKind, range: Range<usize>) {
    match runs.last_mut() {
        Some((last, until)) if *last == kind => until.end = range.end,
        _ => runs.push((kind, range)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_in_reading_order() {
        use SpanKind::{Delete, Equal, Insert};
        let runs = |a, b| spans(a, b).into_iter().map(|span| (span.kind, span.text)).collect::<Vec<_>>();
        assert_eq!(
            runs("He go to school.", "He went to the school."),
            [
                (Equal, "He "),
                (Delete, "go"),
                (Insert, "went"),
                (Equal, " to "),
                (Insert, "the "),
                (Equal, "school.")
            ]
        );
        assert_eq!(
            runs("often he sings", "he sings often"),
            [(Delete, "often "), (Equal, "he sings"), (Insert, " often")]
        );
        assert_eq!(runs("", ""), []);
        assert_eq!(runs("", "a"), [(Insert, "a")]);
        assert_eq!(runs("冰", "冰"), [(Equal, "冰")]);
    }
}
