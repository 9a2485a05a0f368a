//! Inline diffs, as GitHub and GitLab show them.

use super::escape_text;
use crate::edit::SpanKind;
use crate::render::pieces::{self, Piece, marks};

/// Returns the change from `original` to `corrected` on one line.
pub(super) fn inline(original: &str, corrected: &str) -> String {
    marked(&pieces::pieces(original, corrected))
}

/// Returns a text that did not change, shortened where it is long.
pub(super) fn unchanged(text: &str) -> String {
    marked(&pieces::unchanged(text))
}

/// Returns pieces with what was deleted and inserted marked.
pub(super) fn marked(pieces: &[Piece<'_>]) -> String {
    marks(pieces).map(mark).collect()
}

fn mark((kind, run): (SpanKind, &[Piece<'_>])) -> String {
    let text: String = run.iter().map(|piece| piece.words(escape_text)).collect();
    match kind {
        SpanKind::Equal => text,
        SpanKind::Delete => format!("<del>{text}</del>"),
        SpanKind::Insert => format!("<ins>{text}</ins>"),
    }
}
