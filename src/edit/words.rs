//! Texts as tokens: words, numbers, marks and white space by the word boundaries of Unicode (UAX 29).
//!
//! In: a text. Out: its tokens, each a byte range with a kind. Invariant: every byte is in exactly one token, no two
//! neighbours are both white space, and every range lies on character boundaries.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

/// One token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it lies, in bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: WordKind,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WordKind {
    /// A word, a single ideograph, a symbol or an emoji.
    Word,
    /// Digits, with the marks between them: `3`, `1,000.50`, `½`.
    Number,
    /// Marks of the general category P, and the backtick, which plain text uses as a quotation mark.
    Punctuation,
    /// A run of white space, line ends among it.
    Space,
}

/// Splits `text` at the word boundaries of UAX 29, a run of white space being one token.
///
/// Ideographs come out one by one; `can't` and `3,000` are one token each; an empty text has none.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::with_capacity(text.len() / 3);
    push_words(text, 0, &mut words);
    words
}

/// Appends the tokens of `text` to `words`, their ranges moved up by `offset` bytes.
pub(super) fn push_words(text: &str, offset: usize, words: &mut Vec<Word>) {
    let mut push = |start: usize, token: &str| {
        let (start, end) = (offset + start, offset + start + token.len());
        let kind = kind(token);
        match words.last_mut() {
            Some(last) if kind == WordKind::Space && last.kind == WordKind::Space => last.range.end = end,
            _ => words.push(Word { range: start..end, kind }),
        }
    };
    if !text.is_ascii() {
        return text.split_word_bound_indices().for_each(|(start, token)| push(start, token));
    }
    let mut start = 0;
    while start < text.len() {
        let end = end_of_ascii(text.as_bytes(), start);
        push(start, &text[start..end]);
        start = end;
    }
}

/// Returns where the token of ASCII that begins at `start` ends: UAX 29 where there is nothing else, which most texts
/// are, without its tables.
fn end_of_ascii(text: &[u8], start: usize) -> usize {
    let joins = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if !joins(&text[start]) {
        return start + 1;
    }
    let mut end = start + 1;
    loop {
        match text[end..] {
            [next, ..] if joins(&next) => end += 1,
            [b'\'' | b'.' | b':', next, ..]
                if text[end - 1].is_ascii_alphabetic() && next.is_ascii_alphabetic() =>
            {
                end += 2;
            }
            [b'\'' | b'.' | b',' | b';', next, ..]
                if text[end - 1].is_ascii_digit() && next.is_ascii_digit() =>
            {
                end += 2;
            }
            _ => return end,
        }
    }
}

/// Returns what a token of UAX 29 is.
fn kind(token: &str) -> WordKind {
    if token.chars().all(char::is_whitespace) {
        WordKind::Space
    } else if token.starts_with(is_punctuation) && !token.contains(char::is_alphanumeric) {
        WordKind::Punctuation
    } else if token.contains(char::is_numeric) && token.chars().all(|c| c.is_numeric() || is_punctuation(c)) {
        WordKind::Number
    } else {
        WordKind::Word
    }
}

/// Returns whether `c` is a punctuation mark.
pub(super) fn is_punctuation(c: char) -> bool {
    match c {
        // U+1FEF is canonically the backtick.
        '`' | '\u{1fef}' => true,
        '$' | '+' | '<' | '=' | '>' | '^' | '|' | '~' => false,
        _ if c.is_ascii() => c.is_ascii_punctuation(),
        _ => c.general_category_group() == GeneralCategoryGroup::Punctuation,
    }
}

/// Appends `token` to `out` in NFC, and in lower case where `lower` is asked for.
pub(super) fn push_normal(token: &str, case: Letters, out: &mut String) {
    let lower = case == Letters::Lower;
    if token.is_ascii() {
        let start = out.len();
        out.push_str(token);
        if lower {
            out[start..].make_ascii_lowercase();
        }
    } else if !lower {
        out.extend(token.nfc());
    } else if is_nfc(token) {
        // Lower-casing can leave NFC behind (a mark below after `İ`), hence the second pass.
        out.extend(token.to_lowercase().nfc());
    } else {
        out.extend(token.nfc().collect::<String>().to_lowercase().nfc());
    }
}

/// Whether letters keep their case when a token is normalised.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// They do.
    Kept,
    /// They become lower case.
    Lower,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kinds(text: &str) -> Vec<(&str, WordKind)> {
        words(text).into_iter().map(|word| (&text[word.range], word.kind)).collect()
    }

    #[test]
    fn tokens_are_words_numbers_marks_and_runs_of_white_space() {
        use WordKind::{Number, Punctuation, Space, Word};
        assert_eq!(
            kinds("I can't pay $3,000.50 — \r\n\tno!"),
            [
                ("I", Word),
                (" ", Space),
                ("can't", Word),
                (" ", Space),
                ("pay", Word),
                (" ", Space),
                ("$", Word),
                ("3,000.50", Number),
                (" ", Space),
                ("—", Punctuation),
                (" \r\n\t", Space),
                ("no", Word),
                ("!", Punctuation),
            ]
        );
        assert_eq!(kinds("冰箱。"), [("冰", Word), ("箱", Word), ("。", Punctuation)]);
        assert_eq!(kinds("👩‍👩‍👧e\u{301}"), [("👩‍👩‍👧", Word), ("e\u{301}", Word)]);
        assert_eq!(kinds("1\u{fe0f}\u{20e3}"), [("1\u{fe0f}\u{20e3}", Word)]);
        assert_eq!(kinds(""), []);
    }

    proptest! {
        #[test]
        fn ascii_is_split_as_unicode_splits_it(text in "([a-c0-2_'.:,; ]|[\\x00-\\x7f]){0,24}") {
            let mut start = 0;
            for (expected, token) in text.split_word_bound_indices() {
                prop_assert_eq!(start, expected);
                // White space is put together afterwards.
                let blank = token.bytes().all(|byte| byte.is_ascii_whitespace());
                let end = if blank { start + token.len() } else { end_of_ascii(text.as_bytes(), start) };
                prop_assert_eq!(&text[start..end], token);
                start = end;
            }
            prop_assert_eq!(start, text.len());
        }

        #[test]
        fn every_byte_is_in_one_token(text in "(\\PC|[ \n\t])*") {
            let words = words(&text);
            prop_assert_eq!(words.iter().map(|word| &text[word.range.clone()]).collect::<String>(), &*text);
            prop_assert!(words.iter().all(|word| !word.range.is_empty()));
            prop_assert!(!words.windows(2).any(|pair| pair.iter().all(|word| word.kind == WordKind::Space)));
        }
    }
}
