//! What an edit says, apart from where: two edits of different texts with one wording are the same correction.
//!
//! In: an edit and its two texts. Out: its [`Wording`]. Invariant: the wording is the same whether the texts are in NFC
//! or NFD, and has no white space at its ends but for edits of white space alone.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::edits::{Edit, EditKind};
use super::words::{Letters, WordKind, is_punctuation, push_normal, words};

/// The kind of an edit and the normalised words on either side of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wording {
    /// The kind of the edit.
    pub kind: EditKind,
    /// What stood there; empty for insertions and rewrites.
    pub instead_of: String,
    /// What stands there now; empty for deletions and rewrites.
    pub becomes: String,
}

/// Returns the wording of `edit`, which lies in `original` and `corrected`.
///
/// Tokens are in NFC and lower case with one blank for white space between them. A change of letter case keeps its
/// letters, punctuation shows only the marks, a move shows the moved words on both sides, and a rewrite shows nothing.
/// White space alone shows as it is, together with the mark that both texts have after it, or else before it: `" ."`
/// becomes `"."`.
pub fn wording(edit: &Edit, original: &str, corrected: &str) -> Wording {
    let (before, after) = (&original[edit.before.clone()], &corrected[edit.after.clone()]);
    let both = |say: &dyn Fn(&str) -> String| (say(before), say(after));
    let (instead_of, becomes) = match edit.kind {
        EditKind::Rewrite => (String::new(), String::new()),
        EditKind::Punctuation => both(&marks),
        EditKind::Case => both(&|text| normal(text, Letters::Kept)),
        EditKind::Whitespace if is_blank(before) && is_blank(after) => {
            with_mark((original, &edit.before), (corrected, &edit.after))
        }
        _ => both(&|text| normal(text, Letters::Lower)),
    };
    Wording { kind: edit.kind, instead_of, becomes }
}

/// Returns whether a text is white space alone.
fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// Returns the tokens of `text` in NFC, one blank for white space between them.
fn normal(text: &str, letters: Letters) -> String {
    let text = text.trim();
    let mut normal = String::with_capacity(text.len());
    for word in words(text) {
        match word.kind {
            WordKind::Space => normal.push(' '),
            _ => push_normal(&text[word.range], letters, &mut normal),
        }
    }
    normal
}

/// Returns the marks of `text`, one blank where white space parts them.
fn marks(text: &str) -> String {
    let mut marks = String::new();
    let mut parted = false;
    for word in words(text) {
        match word.kind {
            WordKind::Space => parted = !marks.is_empty(),
            WordKind::Punctuation => {
                if std::mem::take(&mut parted) {
                    marks.push(' ');
                }
                push_normal(&text[word.range], Letters::Kept, &mut marks);
            }
            _ => {}
        }
    }
    marks
}

/// Returns white space of two texts with the mark that both have after it or, when there is none, before it.
fn with_mark(
    (original, before): (&str, &Range<usize>),
    (corrected, after): (&str, &Range<usize>),
) -> (String, String) {
    let mark = |a: Option<char>, b: Option<char>| a.filter(|&c| a == b && is_punctuation(c));
    let next = mark(original[before.end..].chars().next(), corrected[after.end..].chars().next());
    let last =
        mark(original[..before.start].chars().next_back(), corrected[..after.start].chars().next_back());
    let last = last.filter(|_| next.is_none());
    let say = |space: &str| last.into_iter().chain(space.chars()).chain(next).nfc().collect();
    (say(&original[before.clone()]), say(&corrected[after.clone()]))
}
