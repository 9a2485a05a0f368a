//! Krippendorff's α over characters, nominal: every character of a document is a unit, and each labeler who labelled
//! the document gives it a class.
//!
//! The class of a character is the class of the span that covers it, the set of classes where several do, and one of
//! its own where none does. α = 1 − D_o/D_e, D_o = (1/n..) Σ_u Σ_c n_uc (m_u − n_uc)/(m_u − 1),
//! D_e = Σ_c n_c (n.. − n_c)/n..(n.. − 1), over documents with two labelers or more: Krippendorff (2011), Computing
//! Krippendorff's alpha-reliability. Characters alike to everybody are counted a stretch at a time.

use std::collections::BTreeMap;

use super::lists::{Group, Lists};
use super::spans::Span;
use crate::agreement::Undefined;

/// α over characters and what it is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CharAlpha {
    /// α.
    pub value: f64,
    /// D_o.
    pub observed_disagreement: f64,
    /// D_e.
    pub expected_disagreement: f64,
    /// How many characters two labelers or more gave a class.
    pub characters: u64,
}

/// A class of characters: the labels that cover them, none, one or several.
type Class = u64;

const UNMARKED: Class = 0;

#[derive(Default)]
struct Sums {
    /// Sets of several labels, numbered beyond all single ones.
    sets: BTreeMap<Vec<u32>, Class>,
    /// n_c.
    totals: BTreeMap<Class, u128>,
    /// For each number of labelers: the ordered pairs of labels of a character that differ.
    differing: BTreeMap<u32, u128>,
    characters: u64,
}

/// The stretches of one document, in which no labeler's class changes.
#[derive(Default)]
struct Stretches {
    /// Classes and how often each was given, class by class of every stretch.
    totals: Vec<(Class, u128)>,
    differing: u128,
    sorted: Vec<Class>,
}

impl Stretches {
    /// Counts `length` characters to which the labelers give `classes`.
    fn add(&mut self, classes: &[Class], length: u32) {
        if length == 0 {
            return;
        }
        // The sorted classes tell how many labelers gave which.
        self.sorted.clear();
        self.sorted.extend_from_slice(classes);
        self.sorted.sort_unstable();
        let mut alike = 0;
        for same in self.sorted.chunk_by(|a, b| a == b) {
            alike += (same.len() as u128).pow(2);
            self.totals.push((same[0], same.len() as u128 * u128::from(length)));
        }
        self.differing += ((classes.len() as u128).pow(2) - alike) * u128::from(length);
    }
}

/// Returns α over the characters of the documents. `length` gives the number of characters of a document, where its
/// text is known; else it ends with the last span. A span that goes beyond the text makes it longer.
///
/// # Errors
/// No document has two labelers, none of those that have is known to have a character, or all characters are of one
/// class.
pub fn char_alpha(labels: &Lists<Span>, length: impl Fn(u32) -> Option<u32>) -> Result<CharAlpha, Undefined> {
    let mut sums = Sums::default();
    for document in labels.shared_items() {
        sums.add(&document, length(document.item()));
    }
    let total: u128 = sums.totals.values().sum();
    if total == 0 {
        let shared = labels.shared_items().next().is_some();
        return Err(if shared { Undefined::NothingMarked } else { Undefined::NoItemWithTwoLabels });
    }
    let alike: u128 = sums.totals.values().map(|count| count * count).sum();
    let differing = total * total - alike;
    if differing == 0 {
        return Err(Undefined::ExpectedDisagreementIs0);
    }
    let expected_disagreement = differing as f64 / (total * (total - 1)) as f64;
    let observed: f64 =
        sums.differing.iter().map(|(labelers, pairs)| *pairs as f64 / f64::from(labelers - 1)).sum();
    let observed_disagreement = observed / total as f64;
    let value = 1.0 - observed_disagreement / expected_disagreement;
    Ok(CharAlpha { value, observed_disagreement, expected_disagreement, characters: sums.characters })
}

impl Sums {
    fn add(&mut self, document: &Group<'_, Span>, length: Option<u32>) {
        // Changes of a labeler's class: (where, labeler, the class from there on).
        let mut changes = Vec::new();
        for (labeler, (_, spans)) in document.labels().enumerate() {
            self.changes(spans, labeler, &mut changes);
        }
        changes.sort_unstable();
        let end = changes.last().map_or(0, |(at, _, _)| *at).max(length.unwrap_or(0));
        self.characters += u64::from(end);
        let (mut classes, mut stretches) = (vec![UNMARKED; document.len()], Stretches::default());
        let mut from = 0;
        for here in changes.chunk_by(|a, b| a.0 == b.0) {
            stretches.add(&classes, here[0].0 - from);
            from = here[0].0;
            here.iter().for_each(|(_, labeler, class)| classes[*labeler] = *class);
        }
        stretches.add(&classes, end - from);
        let labelers = u32::try_from(document.len()).expect("a table holds fewer than 2^32 labels");
        *self.differing.entry(labelers).or_insert(0) += stretches.differing;
        stretches.totals.sort_unstable();
        for same in stretches.totals.chunk_by(|a, b| a.0 == b.0) {
            *self.totals.entry(same[0].0).or_insert(0) += same.iter().map(|(_, count)| count).sum::<u128>();
        }
    }

    /// Adds to `changes` where the class of characters changes for one labeler.
    fn changes(&mut self, spans: &[Span], labeler: usize, changes: &mut Vec<(u32, usize, Class)>) {
        let mut ends: Vec<(u32, bool, u32)> = spans
            .iter()
            .flat_map(|span| [(span.start, true, span.label), (span.end, false, span.label)])
            .collect();
        ends.sort_unstable();
        let mut open: Vec<(u32, u32)> = Vec::new();
        for here in ends.chunk_by(|a, b| a.0 == b.0) {
            for (_, opens, label) in here {
                let place = open.binary_search_by_key(label, |(known, _)| *known);
                match (place, opens) {
                    (Ok(index), true) => open[index].1 += 1,
                    (Err(index), true) => open.insert(index, (*label, 1)),
                    (Ok(index), false) if open[index].1 > 1 => open[index].1 -= 1,
                    (Ok(index), false) => drop(open.remove(index)),
                    // A span that ends was opened before: it is not empty.
                    (Err(_), false) => {}
                }
            }
            let class = match open.as_slice() {
                [] => UNMARKED,
                [(label, _)] => u64::from(*label) + 1,
                several => {
                    let set = several.iter().map(|(label, _)| *label).collect();
                    let next = (1 << 33) + self.sets.len() as u64;
                    *self.sets.entry(set).or_insert(next)
                }
            };
            changes.push((here[0].0, labeler, class));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        let one = (0..3u32, 0..12u32, 1..6u32);
        let one = one.prop_map(|(label, start, length)| Span { label, start, end: start + length });
        prop::collection::vec(one, 0..6)
    }

    /// α character by character, from all pairs of labels.
    fn by_definition(documents: &[Vec<Vec<Span>>], length: u32) -> Option<f64> {
        let mut labels = Vec::new();
        let (mut observed, mut total) = (0.0, 0.0);
        for document in documents.iter().filter(|document| document.len() >= 2) {
            let last = document.iter().flatten().map(|span| span.end).max().unwrap_or(0);
            for at in 0..last.max(length) {
                let class = |spans: &Vec<Span>| -> std::collections::BTreeSet<u32> {
                    spans
                        .iter()
                        .filter(|span| (span.start..span.end).contains(&at))
                        .map(|span| span.label)
                        .collect()
                };
                let classes: Vec<_> = document.iter().map(class).collect();
                let differing = classes.iter().flat_map(|a| classes.iter().filter(move |b| a != *b)).count();
                observed += differing as f64 / (classes.len() - 1) as f64;
                total += classes.len() as f64;
                labels.extend(classes);
            }
        }
        let expected = labels.iter().flat_map(|a| labels.iter().filter(move |b| a != *b)).count() as f64;
        (expected > 0.0).then(|| 1.0 - (observed / total) / (expected / (total * (total - 1.0))))
    }

    proptest! {
        #[test]
        fn stretches_are_characters(documents in prop::collection::vec(prop::collection::vec(spans(), 1..4), 1..4), length in 0..15u32) {
            let rows = (0..).zip(&documents).flat_map(|(item, document)| (0..).zip(document).map(move |(who, spans)| (item, who, spans.clone())));
            let alpha = char_alpha(&Lists::of(rows).unwrap(), |_| Some(length)).ok().map(|alpha| alpha.value);
            let expected = by_definition(&documents, length);
            prop_assert_eq!(alpha.is_some(), expected.is_some());
            prop_assert!(alpha.zip(expected).is_none_or(|(a, b)| (a - b).abs() < 1e-9), "{:?} {:?}", alpha, expected);
        }
    }

    #[test]
    fn without_variation_there_is_no_alpha() {
        let all = |end| vec![Span { label: 0, start: 0, end }];
        let lists = Lists::of([(0, 0, all(5)), (0, 1, all(5))]).unwrap();
        assert_eq!(char_alpha(&lists, |_| None), Err(Undefined::ExpectedDisagreementIs0));
        assert_eq!(char_alpha(&lists, |_| Some(9)).unwrap().value, 1.0);
        let nothing = Lists::of([(0, 0, vec![]), (0, 1, vec![])]).unwrap();
        assert_eq!(char_alpha(&nothing, |_| None), Err(Undefined::NothingMarked));
        let alone = Lists::of([(0, 0, all(5)), (1, 1, all(5))]).unwrap();
        assert_eq!(char_alpha(&alone, |_| None), Err(Undefined::NoItemWithTwoLabels));
        assert_eq!(char_alpha(&nothing, |_| Some(4)), Err(Undefined::ExpectedDisagreementIs0));
        // The last offset there is does not overflow.
        let huge = Lists::of([(0, 0, all(u32::MAX)), (0, 1, vec![])]).unwrap();
        assert!(char_alpha(&huge, |_| None).unwrap().value < 0.0);
    }
}
