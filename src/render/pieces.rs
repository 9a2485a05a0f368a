//! How one text became another, as pieces to show: what is equal, deleted and inserted, in reading order, with long
//! stretches left out and how much was.
//!
//! In: two texts of any size. Out: at most [`MOST`] changed pieces and few characters around them. What is left out is
//! cut between words where words are short, and never inside one that the diff kept whole.

use crate::edit::{SpanKind, spans, words};

/// Texts of so many bytes together are shown whole.
const WHOLE: usize = 800;
/// Equal characters shown before and after a change.
const AROUND: usize = 60;
/// An equal stretch is cut where more than this would be left out.
const WORTH_IT: usize = 40;
/// Characters shown at the beginning and at the end of a long change.
const OF_CHANGE: usize = 160;
/// Changed pieces that are shown.
pub(super) const MOST: usize = 60;

/// A piece of an inline diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text.
    Text(SpanKind, &'a str),
    /// So many characters that are not shown.
    Left(SpanKind, usize),
}

impl Piece<'_> {
    /// Returns what became of it.
    pub fn kind(&self) -> SpanKind {
        match self {
            Self::Text(kind, _) | Self::Left(kind, _) => *kind,
        }
    }

    /// Returns it in words: its text as `escape` has it, or how much is not shown.
    pub fn words(&self, escape: impl Fn(&str) -> String) -> String {
        match self {
            Self::Text(_, text) => escape(text),
            Self::Left(_, count) => format!("… {} …", crate::base::text::count(*count, "character")),
        }
    }
}

/// Returns the pieces that stand in one mark: neighbours of one kind.
pub(super) fn marks<'r, 'a>(pieces: &'r [Piece<'a>]) -> impl Iterator<Item = (SpanKind, &'r [Piece<'a>])> {
    pieces.chunk_by(|one, other| one.kind() == other.kind()).map(|run| (run[0].kind(), run))
}

/// Returns the pieces of the change from `original` to `corrected`.
pub(super) fn pieces<'a>(original: &'a str, corrected: &'a str) -> Vec<Piece<'a>> {
    let spans = spans(original, corrected);
    if original.len() + corrected.len() <= WHOLE {
        return spans.into_iter().map(|span| Piece::Text(span.kind, span.text)).collect();
    }
    if let [span] = &spans[..]
        && span.kind == SpanKind::Equal
    {
        return unchanged(original);
    }
    let mut pieces = Vec::new();
    let (last, mut changed) = (spans.len().saturating_sub(1), 0);
    for (place, span) in spans.iter().enumerate() {
        if changed == MOST {
            let rest = spans[place..].iter().map(|span| span.text.chars().count()).sum();
            pieces.push(Piece::Left(SpanKind::Equal, rest));
            break;
        }
        let (head, tail) = match span.kind {
            SpanKind::Equal => (if place == 0 { 0 } else { AROUND }, if place == last { 0 } else { AROUND }),
            _ => (OF_CHANGE, OF_CHANGE),
        };
        changed += usize::from(span.kind != SpanKind::Equal);
        shortened(span.kind, span.text, head, tail, &mut pieces);
    }
    pieces
}

/// Returns a text that did not change, shortened in its middle.
pub(super) fn unchanged(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    match text.len() <= WHOLE {
        true => pieces.push(Piece::Text(SpanKind::Equal, text)),
        false => shortened(SpanKind::Equal, text, OF_CHANGE, OF_CHANGE, &mut pieces),
    }
    pieces
}

/// Appends `text`, or its first `head` and last `tail` characters where that leaves out enough to be worth it.
fn shortened<'a>(kind: SpanKind, text: &'a str, head: usize, tail: usize, pieces: &mut Vec<Piece<'a>>) {
    let characters = text.chars().count();
    if characters <= head + tail + WORTH_IT {
        pieces.push(Piece::Text(kind, text));
        return;
    }
    let (start, end) = (beginning(text, head), ending(text, tail));
    if start > 0 {
        pieces.push(Piece::Text(kind, &text[..start]));
    }
    pieces.push(Piece::Left(kind, text[start..end].chars().count()));
    if end < text.len() {
        pieces.push(Piece::Text(kind, &text[end..]));
    }
}

/// Returns where the first words of at most `characters` end.
fn beginning(text: &str, characters: usize) -> usize {
    let reach = text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
    // A little more is split, so that the last word of the window is seen whole.
    let window = text[reach..].char_indices().nth(AROUND).map_or(text.len(), |(at, _)| reach + at);
    let ends = words(&text[..window]).into_iter().map(|word| word.range.end);
    ends.take_while(|end| *end <= reach).last().unwrap_or(if characters == 0 { 0 } else { reach })
}

/// Returns where the last words of at most `characters` begin.
fn ending(text: &str, characters: usize) -> usize {
    let back = |from: usize, count: usize| {
        text[..from].char_indices().rev().take(count).last().map_or(from, |(at, _)| at)
    };
    let reach = back(text.len(), characters);
    let window = back(reach, AROUND);
    let mut starts = words(&text[window..]).into_iter().map(|word| window + word.range.start);
    starts.find(|start| *start >= reach).unwrap_or(reach)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The characters of both texts that pieces stand for.
    fn counted(pieces: &[Piece<'_>]) -> usize {
        let of = |piece: &Piece<'_>| match piece {
            Piece::Text(_, text) => text.chars().count(),
            Piece::Left(_, count) => *count,
        };
        pieces.iter().map(of).sum()
    }

    #[test]
    fn short_texts_are_whole() {
        let pieces = pieces("I has a cat .", "I have a cat .");
        assert_eq!(pieces.first(), Some(&Piece::Text(SpanKind::Equal, "I ")));
        assert!(!pieces.iter().any(|piece| matches!(piece, Piece::Left(..))));
    }

    #[test]
    fn long_texts_are_shown_around_their_changes() {
        let original = "some words that stay ".repeat(5000);
        let corrected = format!("{}CHANGED {}", &original[..21 * 2000], &original[21 * 2000..]);
        let pieces = pieces(&original, &corrected);
        assert_eq!(pieces.len(), 5, "{pieces:?}");
        assert!(matches!(pieces[0], Piece::Left(SpanKind::Equal, 41_940..=42_000)), "{pieces:?}");
        assert_eq!(pieces[2], Piece::Text(SpanKind::Insert, "CHANGED "));
        let Piece::Text(_, before) = pieces[1] else { panic!("{pieces:?}") };
        assert!(before.starts_with("some ") || before.starts_with(' ') || before.len() <= AROUND);
        assert_eq!(counted(&pieces), corrected.chars().count());
    }

    #[test]
    fn a_line_of_a_hundred_thousand_changed_words_is_a_few_pieces() {
        let original: String = (0..100_000).map(|i| format!("word{i} ")).collect();
        let corrected: String = (0..100_000)
            .map(|i| if i % 2 == 0 { format!("word{i} ") } else { format!("other{i} ") })
            .collect();
        let pieces = pieces(&original, &corrected);
        assert!(pieces.len() <= 3 * MOST, "{}", pieces.len());
        let shown: usize =
            pieces.iter().map(|piece| if let Piece::Text(_, text) = piece { text.len() } else { 0 }).sum();
        assert!(shown < 40_000, "{shown}");
    }

    #[test]
    fn of_many_changes_the_first_are_shown() {
        let word = |i: usize, other: &str| {
            if i.is_multiple_of(2) { format!("word{i} ") } else { format!("{other}{i} ") }
        };
        let text = |other: &str| (0..1000).map(|i| word(i, other)).collect::<String>();
        let (original, corrected) = (text("old"), text("new"));
        let pieces = pieces(&original, &corrected);
        let changed = pieces.iter().filter(|piece| piece.kind() != SpanKind::Equal).count();
        assert_eq!(changed, MOST);
        assert!(matches!(pieces.last(), Some(Piece::Left(SpanKind::Equal, 5000..))), "{:?}", pieces.last());
    }

    #[test]
    fn equal_and_empty_texts_have_no_change() {
        assert_eq!(pieces("", ""), []);
        assert_eq!(pieces("same", "same"), [Piece::Text(SpanKind::Equal, "same")]);
        let long = "x".repeat(1 << 20);
        assert_eq!(counted(&unchanged(&long)), 1 << 20);
        assert_eq!(counted(&pieces(&long, "")), 1 << 20);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_but_what_is_said_to_be_left_out(
            head in "\\PC{0,40}", long in "[a-z日é\u{301}👩\u{200d}👧 ]{0,30}", tail in "\\PC{0,40}", count in 0..60usize,
        ) {
            let original = format!("{head}{}{tail}", long.repeat(count));
            let corrected = format!("{tail}{}{head}", long.repeat(count));
            let pieces = pieces(&original, &corrected);
            let equal_and = |kind: SpanKind| {
                let chosen: Vec<_> = pieces.iter().copied().filter(|piece| {
                    let of = match piece { Piece::Text(of, _) | Piece::Left(of, _) => *of };
                    of == SpanKind::Equal || of == kind
                }).collect();
                counted(&chosen)
            };
            prop_assert_eq!(equal_and(SpanKind::Delete), original.chars().count());
            prop_assert_eq!(equal_and(SpanKind::Insert), corrected.chars().count());
        }
    }
}
