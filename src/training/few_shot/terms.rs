//! Words and pairs of neighbouring words of the texts that are asked about, numbered; and which of them another text has.
#![expect(clippy::disallowed_types, reason = "only lookups happen; numbers follow reading order")]

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::edit::{self, WordKind};

/// The number of a word or a pair.
pub(super) type Term = u32;

/// A word that no input has.
const UNKNOWN: u32 = u32::MAX;

/// Before the first word of a text, and after its last.
const EDGE: u32 = u32::MAX - 1;

/// The words and pairs of words of all inputs, each with a number.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    words: HashMap<String, Term>,
    pairs: HashMap<(Term, Term), Term>,
    /// Whether each term is a pair.
    is_pair: Vec<bool>,
}

/// One term of a text, at a place of it.
pub(super) struct Found {
    pub term: Term,
    /// The tokens it spans, one or two, counted from 1: 0 lies before the first one.
    pub tokens: Range<usize>,
}

/// A token in lower case, and its bytes in the text.
pub(super) type Token<'a> = (Range<usize>, Cow<'a, str>);

/// Returns the tokens of a text but for white space.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let words = edit::words(text).into_iter().filter(|word| word.kind != WordKind::Space);
    words.map(|word| (word.range.clone(), lower(&text[word.range]))).collect()
}

fn lower(token: &str) -> Cow<'_, str> {
    let is_lower = token.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { token.into() } else { token.to_lowercase().into() }
}

impl Vocabulary {
    /// Numbers the terms of an input.
    pub fn learn(&mut self, text: &str) {
        let mut last = EDGE;
        for (_, token) in tokens(text) {
            let next = self.is_pair.len() as Term;
            let word = *self.words.entry(token.into_owned()).or_insert(next);
            if word == next {
                self.is_pair.push(false);
            }
            self.learn_pair(last, word);
            last = word;
        }
        self.learn_pair(last, EDGE);
    }

    fn learn_pair(&mut self, left: Term, right: Term) {
        let next = self.is_pair.len() as Term;
        if *self.pairs.entry((left, right)).or_insert(next) == next {
            self.is_pair.push(true);
        }
    }

    /// Returns how many terms there are.
    pub fn len(&self) -> usize {
        self.is_pair.len()
    }

    /// Whether a term is a pair of words.
    pub fn is_pair(&self, term: Term) -> bool {
        self.is_pair[term as usize]
    }

    /// Returns the terms of a text that are known, in reading order, a word before the pair that ends with it.
    pub fn find(&self, tokens: &[Token<'_>]) -> Vec<Found> {
        let mut found = Vec::with_capacity(2 * tokens.len());
        let mut last = EDGE;
        let known = |token: &str| self.words.get(token).copied().unwrap_or(UNKNOWN);
        let words = tokens.iter().map(|(_, token)| known(token));
        let pair = |left, right| match left == UNKNOWN || right == UNKNOWN {
            true => None,
            false => self.pairs.get(&(left, right)),
        };
        for (place, word) in words.chain([EDGE]).enumerate() {
            if word < EDGE {
                found.push(Found { term: word, tokens: place + 1..place + 2 });
            }
            if let Some(pair) = pair(last, word) {
                found.push(Found { term: *pair, tokens: place..place + 2 });
            }
            last = word;
        }
        found
    }
}
