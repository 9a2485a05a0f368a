//! Inline diffs: deletions in `[-…-]`, insertions in `{+…+}`, as `git diff --word-diff` has them, so that they are seen
//! without colour too.

use super::{Style, Tone, readable};
use crate::edit::SpanKind;
use crate::render::pieces::{Piece, marks, pieces, unchanged};

/// Returns the change from `original` to `corrected` on one line.
pub(super) fn inline(original: &str, corrected: &str, style: &Style) -> String {
    painted(&pieces(original, corrected), style)
}

/// Returns a text as it is, on one line, shortened where it is long.
pub(super) fn as_it_is(text: &str, style: &Style) -> String {
    painted(&unchanged(text), style)
}

/// Returns pieces on one line, what was deleted and inserted marked.
pub(super) fn painted(pieces: &[Piece<'_>], style: &Style) -> String {
    let one = |(kind, run): (SpanKind, &[Piece<'_>])| {
        let words = |piece: &Piece<'_>| piece.words(|text| readable(text).into_owned());
        let text: String = run.iter().map(words).collect();
        match kind {
            SpanKind::Delete => style.paint(Tone::Bad, &format!("[-{text}-]")),
            SpanKind::Insert => style.paint(Tone::Good, &format!("{{+{text}+}}")),
            SpanKind::Equal => text,
        }
    };
    // A blank that both texts end in says nothing.
    marks(pieces).map(one).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_marked_with_and_without_colour() {
        let plain = inline("I has a cat", "I have a cat", &Style::PLAIN);
        assert_eq!(plain, "I [-has-]{+have+} a cat");
        let colored = inline("I has a cat", "I have a cat", &Style { color: true, width: 80 });
        assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
        assert!(colored.contains("\u{1b}[31m[-has-]\u{1b}[0m"));
    }

    #[test]
    fn texts_stay_on_their_line_and_steer_nothing() {
        let said = inline("one\n\u{202e}two", "one\n\u{1b}[2J\u{202e}two", &Style::PLAIN);
        assert!(!said.contains(['\n', '\u{1b}', '\u{202e}']), "{said}");
        assert!(as_it_is(&"long ".repeat(1000), &Style::PLAIN).contains("characters …"));
    }
}
