//! Which examples, and in what order.
//!
//! An example gains by every term of the input that it has. For one that it changed by a wording w,
//!
//! ```text
//! gain = kind · ( √( n(term, w) / (n(term) + 6) ) + 0.01 · idf(term) / length )
//! ```
//!
//! where n(term) counts the people who met the term, n(term, w) those of them who changed it by w, kind is 1 for a word
//! and ½ for a pair of words, and idf and the norm of the length are those of BM25 (Robertson and Zaragoza, *The
//! Probabilistic Relevance Framework*, 2009) with b = 0.75; each term counts once. One that it left as it is gains by the
//! second summand alone. The share is how often people who met the term made this very edit: a misspelling nearly always,
//! an article now and then. Examples are taken one after another; the terms of one that was taken count 0.3 of what they
//! did, so that the next one shows something else.

use std::collections::BTreeMap;
use std::ops::Range;

use super::index::{Index, Posting};
use super::terms::{Term, Token, tokens};
use super::{Ask, Shot, shot};
use crate::corrections::Example;

/// Added to the count of examples with a term, so that one of one is less than 50 of 60.
const PRIOR: f64 = 6.0;
/// What a pair of words counts beside a word.
const PAIR: f64 = 0.5;
/// What likeness counts beside the change.
const LIKENESS: f64 = 0.01;
/// How far the length of an example is taken into account.
const LENGTH: f64 = 0.75;
/// What a term still counts once an example with it was taken.
const AGAIN: f64 = 0.3;
/// Examples that are looked at closely, at least.
const POOL: usize = 128;
/// Changed terms that an example names.
const NAMED: usize = 5;

/// An example's gain by one term of the input.
struct Gain {
    example: u32,
    /// The place of the term among those of the input.
    place: u32,
    is_change: bool,
    amount: f64,
}

/// Returns the examples for `ask` in the order they are taken, and how many were passed over because `has_room` said no.
pub(super) fn choose<'a>(
    index: &'a Index<'a>,
    ask: &Ask<'a>,
    mut has_room: impl FnMut(&Shot) -> bool,
) -> (Vec<Shot>, usize) {
    let query = Query::new(index, ask);
    let mut candidates = query.candidates(ask.examples);
    let mut weights = vec![1.0; query.terms.len()];
    let (mut chosen, mut passed_over) = (Vec::new(), 0);
    while chosen.len() < ask.examples {
        let scores = candidates.iter().map(|(_, gains)| score(gains, &weights));
        let best = scores.enumerate().filter(|(_, score)| *score > 0.0);
        // Of equal ones the first: candidates stand in the order of the examples.
        let Some((place, score)) = best.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) else { break };
        let (example, gains) = candidates.remove(place);
        let shot = shot(&index.examples[example as usize], query.names(&gains), score);
        if has_room(&shot) {
            chosen.push(shot);
            gains.iter().for_each(|gain| weights[gain.place as usize] *= AGAIN);
        } else {
            passed_over += 1;
        }
    }
    (chosen, passed_over)
}

fn score(gains: &[Gain], weights: &[f64]) -> f64 {
    gains.iter().map(|gain| gain.amount * weights[gain.place as usize]).sum()
}

/// An input, asked of an index.
struct Query<'a> {
    index: &'a Index<'a>,
    /// The tokens of the input, which may be long: they are found once, whoever asks for them.
    words: Vec<Token<'a>>,
    /// Where each term of the input stands first, in tokens counted from 1.
    spans: BTreeMap<Term, Range<usize>>,
    /// The terms of the input, each once, ascending.
    terms: Vec<Term>,
    /// Whether each example is left out, of the counts too.
    left_out: Vec<bool>,
}

impl<'a> Query<'a> {
    fn new(index: &'a Index<'a>, ask: &Ask<'a>) -> Self {
        let words = tokens(ask.input);
        let mut spans = BTreeMap::new();
        for found in index.vocabulary.find(&words) {
            spans.entry(found.term).or_insert(found.tokens);
        }
        let terms = spans.keys().copied().collect();
        let is_out = |example: &Example| {
            ask.without.is_some_and(|item| {
                example.item == item || example.original.as_deref().map(str::trim) == Some(ask.input.trim())
            })
        };
        Self { index, words, spans, terms, left_out: index.examples.iter().map(is_out).collect() }
    }

    /// Calls `with` for each gain of each example that can be shown, term by term.
    fn gains(&self, mut with: impl FnMut(Gain)) {
        let index = self.index;
        let all = self.left_out.iter().filter(|out| !**out).count() as f64;
        for (place, term) in (0..).zip(&self.terms) {
            let postings = &index.postings[*term as usize];
            let counted = || postings.list.iter().filter(|posting| !self.left_out[posting.example as usize]);
            let mut by_wording = vec![0_u64; postings.wordings as usize + 1];
            for posting in counted() {
                by_wording[posting.wording as usize] += u64::from(index.voices[posting.example as usize]);
            }
            let n = by_wording.iter().sum::<u64>() as f64;
            // What was left as it is has no share.
            let share = |wording: usize| if wording == 0 { 0.0 } else { by_wording[wording] as f64 };
            let shares: Vec<f64> =
                (0..by_wording.len()).map(|wording| (share(wording) / (n + PRIOR)).sqrt()).collect();
            let having = counted().count() as f64;
            let idf = rounded((1.0 + (all - having + 0.5) / (having + 0.5)).ln());
            let kind = if index.vocabulary.is_pair(*term) { PAIR } else { 1.0 };
            for Posting { example, wording } in counted().copied() {
                if index.shows[example as usize] {
                    let length = f64::from(index.lengths[example as usize]) / index.mean_length;
                    let likeness = LIKENESS * idf / (1.0 - LENGTH + LENGTH * length);
                    let amount = kind * (shares[wording as usize] + likeness);
                    with(Gain { example, place, is_change: wording != 0, amount });
                }
            }
        }
    }

    /// Returns the best example of each of the best items, in the order of the examples, with its gains.
    fn candidates(&self, examples: usize) -> Vec<(u32, Vec<Gain>)> {
        let mut scores = vec![0.0; self.index.examples.len()];
        self.gains(|gain| scores[gain.example as usize] += gain.amount);
        let mut best: Vec<u32> = Vec::new();
        for places in &self.index.items {
            let one = places.clone().max_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(b.cmp(a)));
            best.extend(one.filter(|one| scores[*one] > 0.0).map(|one| one as u32));
        }
        best.sort_by(|a, b| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b)));
        best.truncate(POOL.max(examples.saturating_mul(4)));
        best.sort_unstable();
        let mut candidates: Vec<(u32, Vec<Gain>)> = best.iter().map(|one| (*one, Vec::new())).collect();
        let mut seats: Vec<Option<usize>> = vec![None; scores.len()];
        (0..).zip(&best).for_each(|(seat, one)| seats[*one as usize] = Some(seat));
        self.gains(|gain| {
            if let Some(seat) = seats[gain.example as usize] {
                candidates[seat].1.push(gain);
            }
        });
        candidates
    }

    /// Returns the changed terms among `gains` as the input has them, those that gained most first: words, and pairs
    /// between whose words something was inserted.
    fn names(&self, gains: &[Gain]) -> Vec<String> {
        let mut changed: Vec<&Gain> = gains.iter().filter(|gain| gain.is_change).collect();
        changed.sort_by(|a, b| b.amount.total_cmp(&a.amount).then(a.place.cmp(&b.place)));
        let span = |gain: &&Gain| self.spans[&self.terms[gain.place as usize]].clone();
        let spans: Vec<Range<usize>> = changed.iter().map(span).collect();
        let is_word = |place: usize| spans.contains(&(place..place + 1));
        let told = spans.iter().filter(|span| span.len() == 1 || !(span.start..span.end).any(is_word));
        let text = |span: &Range<usize>| {
            let inside = &self.words[span.start.max(1) - 1..(span.end - 1).min(self.words.len())];
            inside.iter().map(|(_, word)| &**word).collect::<Vec<_>>().join(" ")
        };
        told.map(text).filter(|text| !text.is_empty()).take(NAMED).collect()
    }
}

/// Returns a logarithm without the last digits, in which libraries differ.
fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}
