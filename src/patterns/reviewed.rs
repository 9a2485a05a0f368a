//! All reviews of a task: the pieces of a ledger put together, and every name given its number.

use rayon::prelude::*;

use super::change::Change;
use super::mine::{Lists, Reviews};
use super::names::{Runs, merge};
use super::piece::Piece;
use super::predicate::Predicate;
use crate::base::{Digest, Texts};
use crate::corrections::Agreements;
use crate::record::Acceptance;

/// Rows that one thread takes at a time.
const CHUNK: usize = 1 << 14;

/// Reviews of a task, and what their numbers mean.
#[derive(Clone, Debug, Default)]
pub struct Reviewed {
    /// The reviews.
    pub(super) reviews: Reviews,
    pub(super) predicates: Predicates,
    pub(super) changes: Vec<Change>,
    item_names: Texts,
    labeler_names: Vec<String>,
    originals: Texts,
    corrected: Texts,
    reasons: Texts,
    later: Vec<bool>,
    /// Reviews by labelers who were overruled too often to be learned from.
    pub(super) refused: u64,
}

/// One review, as it was.
pub(super) struct Seen<'a> {
    pub item: &'a str,
    pub labeler: &'a str,
    pub original: &'a str,
    pub corrected: &'a str,
    pub reason: &'a str,
    pub later: bool,
}

impl Reviewed {
    /// Puts the pieces of a ledger together, in the order of their items. The labelers whom `accept` refuses are left
    /// out; words and pairs of words that fewer than `least` reviews have are not told apart from others.
    pub fn join(pieces: Vec<Piece>, accept: &Acceptance, least: u32) -> Self {
        let mut agreements = Agreements::default();
        pieces.iter().for_each(|piece| agreements.add(piece.agreements.clone()));
        let (labeler_names, labelers) = merge(pieces.iter().map(|piece| piece.labeler_names.names()));
        let (facts, fact_places) = merge(pieces.iter().map(|piece| piece.fact_names.names()));
        let (words, word_places) = merge(pieces.iter().map(|piece| piece.word_names.names()));
        let (changes, change_places) = merge(pieces.iter().map(|piece| piece.change_names.names()));
        let refused: Vec<bool> =
            labeler_names.iter().map(|name| agreements.refuses(name, accept).is_some()).collect();
        let mut all = Self { changes, labeler_names, ..Self::default() };
        let (mut of_facts, mut of_words, mut of_changes) = (Runs::default(), Runs::default(), Vec::new());
        for (number, piece) in pieces.into_iter().enumerate() {
            let items = all.item_names.len() as u32;
            all.item_names.append(&piece.item_names);
            for row in 0..piece.items.len() {
                let labeler = labelers[number][piece.labelers[row] as usize];
                if refused[labeler as usize] {
                    all.refused += 1;
                    continue;
                }
                let move_to = |run: &[u32], places: &[u32], to: &mut Vec<u32>| {
                    to.extend(run.iter().map(|name| places[*name as usize]));
                };
                move_to(piece.facts.row(row), &fact_places[number], &mut of_facts.values);
                of_facts.end_row();
                move_to(piece.words.row(row), &word_places[number], &mut of_words.values);
                of_words.end_row();
                let mut done = Vec::new();
                move_to(piece.changes.row(row), &change_places[number], &mut done);
                of_changes.push(done);
                all.reviews.items.push(items + piece.items[row]);
                all.reviews.labelers.push(labeler);
                all.originals.push(piece.originals.get(row));
                all.corrected.push(piece.corrected.get(row));
                all.reasons.push(piece.reasons.get(row));
                all.later.push(piece.later[row]);
            }
        }
        all.predicates = Predicates::of(facts, words, &of_words, least);
        all.reviews.predicates = all.predicates.lists(&of_facts, &of_words);
        all.reviews.predicate_count = all.predicates.len();
        all.reviews.ranks =
            (0..all.predicates.len() as u32).map(|id| all.predicates.get(id).rank()).collect();
        all.reviews.edits = Lists::of(of_changes);
        all.reviews.edit_count = all.changes.len();
        let held_out: Vec<bool> =
            all.item_names.iter().collect::<Vec<_>>().par_iter().map(|item| is_held_out(item)).collect();
        all.reviews.held_out = all.reviews.items.iter().map(|item| held_out[*item as usize]).collect();
        all
    }

    /// Returns the number of reviews.
    pub fn len(&self) -> usize {
        self.reviews.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a review as it was.
    pub(super) fn seen(&self, row: usize) -> Seen<'_> {
        Seen {
            item: self.item_names.get(self.reviews.items[row] as usize),
            labeler: &self.labeler_names[self.reviews.labelers[row] as usize],
            original: self.originals.get(row),
            corrected: self.corrected.get(row),
            reason: self.reasons.get(row),
            later: self.later[row],
        }
    }

    /// Returns how many labelers reviewed.
    pub(super) fn labelers(&self) -> usize {
        let mut seen = vec![false; self.labeler_names.len()];
        self.reviews.labelers.iter().for_each(|labeler| seen[*labeler as usize] = true);
        seen.into_iter().filter(|seen| *seen).count()
    }
}

/// Whether an item only serves to check the rules that the others give: half of all, by their ids alone, so that an item
/// stays on its side whatever comes later.
pub fn is_held_out(item: &str) -> bool {
    Digest::tagged("hitl patterns held out 1", &[item.as_bytes()]).0[0] & 1 == 1
}

/// What the numbers of predicates mean: facts first, then words, then pairs of words.
#[derive(Clone, Debug, Default)]
pub(super) struct Predicates {
    facts: Vec<Predicate>,
    words: Vec<String>,
    /// The words that have numbers, ascending.
    kept: Vec<u32>,
    /// The pairs that have numbers, ascending: the first word's place in the upper half, the second's in the lower.
    pairs: Vec<u64>,
}

fn pair(words: &[u32]) -> u64 {
    u64::from(words[0]) << 32 | u64::from(words[1])
}

impl Predicates {
    fn of(facts: Vec<Predicate>, words: Vec<String>, of_words: &Runs, least: u32) -> Self {
        let least = least.max(1);
        let mut uses = vec![0u32; words.len()];
        of_words.values.iter().for_each(|word| uses[*word as usize] += 1);
        let is_kept = |word: &u32| uses[*word as usize] >= least;
        let kept = (0..words.len() as u32).filter(is_kept).collect();
        let mut pairs: Vec<u64> = (0..of_words.len())
            .into_par_iter()
            .fold(Vec::new, |mut pairs, row| {
                let both = |words: &&[u32]| words.iter().all(is_kept);
                pairs.extend(of_words.row(row).windows(2).filter(both).map(pair));
                pairs
            })
            .reduce(Vec::new, |mut all, more| {
                all.extend(more);
                all
            });
        pairs.par_sort_unstable();
        let often = pairs.chunk_by(|a, b| a == b).filter(|run| run.len() >= least as usize);
        let pairs = often.map(|run| run[0]).collect();
        Self { facts, words, kept, pairs }
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.facts.len() + self.kept.len() + self.pairs.len()
    }

    /// Returns what `id` means.
    pub fn get(&self, id: u32) -> Predicate {
        let id = id as usize;
        if let Some(fact) = self.facts.get(id) {
            return fact.clone();
        }
        let word = |place: u64| self.words[place as usize].as_str();
        match self.kept.get(id - self.facts.len()) {
            Some(place) => Predicate::Word { value: word(u64::from(*place)).to_owned() },
            None => {
                let pair = self.pairs[id - self.facts.len() - self.kept.len()];
                Predicate::Words {
                    value: format!("{} {}", word(pair >> 32), word(pair & u64::from(u32::MAX))),
                }
            }
        }
    }

    /// Returns the number of a predicate; none where no review has it, or too few do.
    pub fn find(&self, predicate: &Predicate) -> Option<u32> {
        let place = |word: &str| self.words.binary_search_by(|known| known.as_str().cmp(word)).ok();
        let at = match predicate {
            Predicate::Word { value } => {
                let kept = self.kept.binary_search(&(place(value)? as u32)).ok()?;
                self.facts.len() + kept
            }
            Predicate::Words { value } => {
                let (first, second) = value.split_once(' ')?;
                let pair = pair(&[place(first)? as u32, place(second)? as u32]);
                self.facts.len() + self.kept.len() + self.pairs.binary_search(&pair).ok()?
            }
            fact => self.facts.binary_search(fact).ok()?,
        };
        Some(at as u32)
    }

    /// Returns the predicates of each row.
    fn lists(&self, of_facts: &Runs, of_words: &Runs) -> Lists {
        let mut of_word = vec![None; self.words.len()];
        for (word, id) in self.kept.iter().zip(self.facts.len() as u32..) {
            of_word[*word as usize] = Some(id);
        }
        let first_pair = (self.facts.len() + self.kept.len()) as u32;
        let row = |row: usize, ids: &mut Vec<u32>| {
            ids.clear();
            ids.extend(of_facts.row(row));
            let words = of_words.row(row);
            ids.extend(words.iter().filter_map(|word| of_word[*word as usize]));
            let found = words.windows(2).filter_map(|words| self.pairs.binary_search(&pair(words)).ok());
            ids.extend(found.map(|place| first_pair + place as u32));
            ids.sort_unstable();
            ids.dedup();
        };
        let rows = of_facts.len();
        let chunks: Vec<(Vec<u32>, Vec<usize>)> = (0..rows.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let (mut values, mut lengths, mut ids) = (Vec::new(), Vec::new(), Vec::new());
                for number in chunk * CHUNK..rows.min((chunk + 1) * CHUNK) {
                    row(number, &mut ids);
                    values.extend_from_slice(&ids);
                    lengths.push(ids.len());
                }
                (values, lengths)
            })
            .collect();
        let mut lists = Lists { starts: vec![0], values: Vec::new() };
        for (values, lengths) in chunks {
            for length in lengths {
                lists.starts.push(lists.starts.last().copied().unwrap_or_default() + length);
            }
            lists.values.extend(values);
        }
        lists
    }
}
