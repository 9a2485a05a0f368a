//! The tokens of a text that edits are told of: words, numbers and marks, and the white space in front of each.
//!
//! In: a part of a text. Out: its tokens without white space, which lies in the gaps between them. Invariant:
//! tokens and gaps make up the part.

use std::ops::Range;

use super::words::{Letters, Word, WordKind, push_normal, push_words};

/// The tokens of a part of one text, white space left out.
pub(super) struct Tokens<'a> {
    /// The whole text.
    pub text: &'a str,
    /// The part that is split, in bytes.
    pub part: Range<usize>,
    /// The tokens.
    pub words: Vec<Word>,
}

impl<'a> Tokens<'a> {
    /// Splits `part` of `text`.
    pub fn of(text: &'a str, part: Range<usize>) -> Self {
        let mut words = Vec::with_capacity(part.len() / 3);
        push_words(&text[part.clone()], part.start, &mut words);
        words.retain(|word| word.kind != WordKind::Space);
        join_endings(text, &mut words);
        Self { text, part, words }
    }

    /// Returns the wording of token `i`.
    pub fn token(&self, i: usize) -> &'a str {
        &self.text[self.words[i].range.clone()]
    }

    /// Returns where the white space in front of token `i`, or of the end, lies.
    pub fn gap(&self, i: usize) -> Range<usize> {
        let start = i.checked_sub(1).map_or(self.part.start, |i| self.words[i].range.end);
        start..self.words.get(i).map_or(self.part.end, |word| word.range.start)
    }

    /// Returns the bytes from the first to the last of `tokens`, which is not empty.
    pub fn bytes(&self, tokens: &Range<usize>) -> Range<usize> {
        self.words[tokens.start].range.start..self.words[tokens.end - 1].range.end
    }

    /// Returns whether all `tokens` are of `kind`.
    pub fn all(&self, tokens: &Range<usize>, kind: WordKind) -> bool {
        self.words[tokens.clone()].iter().all(|word| word.kind == kind)
    }

    /// Returns `tokens` in NFC and lower case with a blank between each two.
    pub fn worded(&self, tokens: &Range<usize>) -> String {
        let mut worded = String::new();
        for i in tokens.clone() {
            if i > tokens.start {
                worded.push(' ');
            }
            push_normal(self.token(i), Letters::Lower, &mut worded);
        }
        worded
    }

    /// Returns `tokens` one after the other without white space, in NFC, those of kind `without` left out.
    pub fn joined(&self, tokens: &Range<usize>, without: WordKind, letters: Letters) -> String {
        let mut joined = String::new();
        for i in tokens.clone().filter(|&i| self.words[i].kind != without) {
            push_normal(self.token(i), letters, &mut joined);
        }
        joined
    }
}

/// What an apostrophe that stands apart from its word (`it 's`) begins.
const ENDINGS: [&str; 7] = ["s", "t", "m", "d", "re", "ve", "ll"];

/// Joins apostrophes with the endings that follow them, so that `'s` is one word.
fn join_endings(text: &str, words: &mut Vec<Word>) {
    let is_ending = |mark: &Word, ending: &Word| {
        mark.range.end == ending.range.start
            && matches!(&text[mark.range.clone()], "'" | "’")
            && ENDINGS.iter().any(|known| text[ending.range.clone()].eq_ignore_ascii_case(known))
    };
    words.dedup_by(|next, last| {
        let joins = is_ending(last, next);
        if joins {
            *last = Word { range: last.range.start..next.range.end, kind: WordKind::Word };
        }
        joins
    });
}
