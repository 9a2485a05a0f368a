//! How alike tokens are: what may have become of what.
//!
//! In: tokens of both texts. Out: weights by which they are paired. Invariant: a weight is the same for texts in
//! NFC and in NFD.

use std::borrow::Cow;
use std::ops::Range;

use super::distance::more_similar_than;
use super::tokens::Tokens;
use super::words::{Letters, WordKind, push_normal};

/// The most tokens that are joined into one, or that one is split into.
const MOST_JOINED: usize = 4;

/// The likeness of equal words.
const EQUAL: u32 = 120;

/// The likeness of equal marks, which say less.
const EQUAL_MARK: u32 = 80;

/// The likeness of tokens that are equal but for letter case, white space or marks.
const SAME: u32 = 100;

/// The likeness of two words to one that nearly joins them (`inter tanmant`, `entertainment`): less than one kept word.
const JOINED: u32 = 115;

/// The least bytes of two words that may be nearly joined.
const NEAR_JOIN: usize = 6;

/// The likeness of two numbers, or of two marks.
const SAME_KIND: u32 = 70;

/// The likeness of words of one stem or a small distance.
const SIMILAR: u32 = 60;

/// A token to be compared.
pub(super) struct Normal<'a> {
    /// As it stands.
    token: &'a str,
    /// In NFC and lower case.
    lower: Cow<'a, str>,
    /// What it is.
    kind: WordKind,
}

impl<'a> Normal<'a> {
    /// Normalises the tokens of one side of a run.
    pub fn of(tokens: &Tokens<'a>, range: &Range<usize>) -> Vec<Self> {
        let one = |i: usize| {
            let token = tokens.token(i);
            let lower = if token.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
                Cow::Borrowed(token)
            } else {
                let mut lower = String::new();
                push_normal(token, Letters::Lower, &mut lower);
                Cow::Owned(lower)
            };
            Self { token, lower, kind: tokens.words[i].kind }
        };
        range.clone().map(one).collect()
    }

    /// Returns the likeness to another token, `None` when there is none to speak of.
    fn likeness(&self, other: &Self) -> Option<u32> {
        match (self.kind, other.kind) {
            (WordKind::Punctuation, WordKind::Punctuation) if self.token == other.token => Some(EQUAL_MARK),
            _ if self.token == other.token => Some(EQUAL),
            (WordKind::Word, WordKind::Word) if self.lower == other.lower => Some(SAME),
            (WordKind::Word, WordKind::Word) => similar(&self.lower, &other.lower).then_some(SIMILAR),
            (a, b) => (a == b).then_some(SAME_KIND),
        }
    }
}

/// Returns how the `i`-th and `j`-th token, and tokens before them, may end in a pair: tokens of either side, and their
/// likeness.
pub(super) fn steps(
    before: &[Normal],
    after: &[Normal],
) -> impl Iterator<Item = (usize, usize, u32)> + use<> {
    let (a, b) = (&before[before.len() - 1], &after[after.len() - 1]);
    let single = a.likeness(b).map(|worth| (1, 1, worth));
    let joined = joins(before, &b.lower).map(|(up, worth)| (up, 1, worth));
    let split = joins(after, &a.lower).map(|(left, worth)| (1, left, worth));
    single.into_iter().chain(joined).chain(split)
}

/// Tokens of more bytes are no words: they are alike when they are equal, for to measure them costs their length squared.
const LONGEST: usize = 256;

/// Returns whether two words have a stem in common or are a small distance apart.
fn similar(a: &str, b: &str) -> bool {
    if a.len().max(b.len()) > LONGEST {
        return a == b;
    }
    let stem = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    stem >= 4 || more_similar_than(a, b, 0.5)
}

/// Returns how many of the last tokens, two or more, make `whole` when joined, and their likeness to it.
fn joins(tokens: &[Normal], whole: &str) -> Option<(usize, u32)> {
    exact_joins(tokens, whole).map(|count| (count, SAME * count as u32)).or_else(|| {
        let [.., first, last] = tokens else { return None };
        let words = [first, last].iter().all(|token| token.kind == WordKind::Word && token.lower.len() > 1);
        let length = first.lower.len() + last.lower.len();
        let near =
            words && (NEAR_JOIN..=LONGEST).contains(&length) && length.abs_diff(whole.len()) * 4 < length;
        let joined = if near { format!("{}{}", first.lower, last.lower) } else { return None };
        more_similar_than(&joined, whole, 0.75).then_some((2, JOINED))
    })
}

/// Returns how many of the last tokens, two or more, make `whole` when joined, marks between them aside.
fn exact_joins(tokens: &[Normal], whole: &str) -> Option<usize> {
    let mut rest = whole;
    for (i, token) in tokens.iter().rev().take(MOST_JOINED).enumerate() {
        match rest.strip_suffix(&*token.lower) {
            Some(before) => rest = before,
            None if token.kind == WordKind::Punctuation && i > 0 => {}
            None => return None,
        }
        if rest.is_empty() {
            return (i > 0).then_some(i + 1);
        }
    }
    None
}
