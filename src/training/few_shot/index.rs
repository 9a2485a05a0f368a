//! Which examples have which terms of the inputs, and which of them they changed, and how.
#![expect(clippy::disallowed_types, reason = "only lookups happen; numbers follow the order of the examples")]

use std::collections::HashMap;
use std::ops::Range;

use rayon::prelude::*;

use super::terms::{Term, Token, Vocabulary, tokens};
use crate::corrections::Example;
use crate::edit::{self, Edit, EditKind, Wording};
use crate::record::Verdict;

/// An example that has a term.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting {
    /// Which example.
    pub example: u32,
    /// The number, among those of its term, of the wording by which it changed it; 0 where it left it as it is.
    pub wording: u32,
}

/// The examples that have a term.
#[derive(Clone, Debug, Default)]
pub(super) struct Postings {
    /// In the order of the examples.
    pub list: Vec<Posting>,
    /// How many wordings they changed it by.
    pub wordings: u32,
}

/// The examples that have words of some inputs.
#[derive(Clone, Debug)]
pub struct Index<'a> {
    pub(super) examples: &'a [Example],
    pub(super) vocabulary: Vocabulary,
    /// Which examples are of one item.
    pub(super) items: Vec<Range<usize>>,
    /// By term.
    pub(super) postings: Vec<Postings>,
    /// Whether each example shows a change.
    pub(super) shows: Vec<bool>,
    /// How many people say each example, at least one.
    pub(super) voices: Vec<u32>,
    /// The tokens of each example's texts.
    pub(super) lengths: Vec<u32>,
    /// The mean of these, at least one.
    pub(super) mean_length: f64,
}

/// What one example has of the vocabulary.
struct Entry {
    /// Each term once, ascending, with the number of the wording that changed it.
    terms: Vec<(Term, Option<u32>)>,
    wordings: Vec<Wording>,
    length: u32,
}

impl<'a> Index<'a> {
    /// Indexes `examples`, which come item by item, by the words of `inputs`. Approvals are indexed too: they say where
    /// a word was right.
    pub fn new(examples: &'a [Example], inputs: &[&str]) -> Self {
        let mut vocabulary = Vocabulary::default();
        inputs.iter().for_each(|input| vocabulary.learn(input));
        let entries: Vec<Entry> =
            examples.par_iter().map(|example| Entry::of(example, &vocabulary)).collect();
        let mut postings = vec![Postings::default(); vocabulary.len()];
        let mut numbers: HashMap<(Term, &Wording), u32> = HashMap::new();
        for (example, entry) in (0..).zip(&entries) {
            for (term, wording) in &entry.terms {
                let of_term = &mut postings[*term as usize];
                let wording = wording.map_or(0, |wording| {
                    *numbers.entry((*term, &entry.wordings[wording as usize])).or_insert_with(|| {
                        of_term.wordings += 1;
                        of_term.wordings
                    })
                });
                of_term.list.push(Posting { example, wording });
            }
        }
        let lengths: Vec<u32> = entries.iter().map(|entry| entry.length).collect();
        let all: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
        let mean_length = (all as f64 / lengths.len().max(1) as f64).max(1.0);
        let ends = examples.chunk_by(|a, b| a.item == b.item).scan(0, |end, of_item| {
            *end += of_item.len();
            Some(*end - of_item.len()..*end)
        });
        let items = ends.collect();
        let voices = examples.iter().map(|example| example.votes.max(1)).collect();
        let shows = examples.iter().map(shows_change).collect();
        Self { examples, vocabulary, items, postings, shows, voices, lengths, mean_length }
    }
}

impl Entry {
    fn of(example: &Example, vocabulary: &Vocabulary) -> Self {
        let original = example.original.as_deref().unwrap_or_default();
        let words = tokens(original);
        let mut entry = Self { terms: Vec::new(), wordings: Vec::new(), length: words.len() as u32 };
        let found = vocabulary.find(&words);
        if !found.is_empty() {
            let corrected = example.wanted().unwrap_or(original);
            let changes = changes(original, corrected, &words);
            let mut numbers = vec![None; changes.len()];
            for one in found {
                let next = changes.partition_point(|(_, at)| at.end <= one.tokens.start);
                let change = changes.get(next).filter(|(_, at)| touches(at, &one.tokens)).map(|_| next);
                let wording = change.map(|change| {
                    *numbers[change].get_or_insert_with(|| {
                        entry.wordings.push(edit::wording(&changes[change].0, original, corrected));
                        entry.wordings.len() as u32 - 1
                    })
                });
                entry.terms.push((one.term, wording));
            }
        }
        if let Some(asked) = super::super::prompt::question(example) {
            for turn in asked {
                let words = tokens(&turn.content);
                entry.length = entry.length.saturating_add(words.len() as u32);
                entry.terms.extend(vocabulary.find(&words).iter().map(|one| (one.term, None)));
            }
        }
        // A change counts before a place where the term stands as it was.
        entry.terms.sort_by_key(|(term, wording)| (*term, wording.is_none(), *wording));
        entry.terms.dedup_by_key(|(term, _)| *term);
        entry
    }
}

/// Returns the edits between two texts, each with the words of the original that it changed, counted from 1; an insertion
/// has none, in front of the one it names. A text that was written anew tells nothing about its words.
fn changes(original: &str, corrected: &str, words: &[Token<'_>]) -> Vec<(Edit, Range<usize>)> {
    let edits = edit::edits(original, corrected).into_iter().filter(|edit| edit.kind != EditKind::Rewrite);
    let with_words = edits.map(|edit| {
        let from = words.partition_point(|(range, _)| range.end <= edit.before.start);
        let to = words.partition_point(|(range, _)| range.start < edit.before.end).max(from);
        (edit, from + 1..to + 1)
    });
    with_words.collect()
}

/// Whether an edit of the words `changed` changes a term that spans `term`: a word that is among them, a pair of which
/// one is or between whose words something was inserted.
fn touches(changed: &Range<usize>, term: &Range<usize>) -> bool {
    if changed.is_empty() {
        return term.start < changed.start && changed.start < term.end;
    }
    changed.start < term.end && term.start < changed.end
}

/// Whether an example shows a change: of more than outer white space, which a pack does not show.
fn shows_change(example: &Example) -> bool {
    let original = example.original.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let wanted = example.wanted().map(str::trim);
    let changes = original.zip(wanted).is_some_and(|(original, wanted)| original != wanted);
    changes && matches!(example.verdict, Verdict::Corrected | Verdict::Suggested)
}
