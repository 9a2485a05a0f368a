//! Span F1: how many of the spans that two labelers marked are the same.
//!
//! F1 = 2·TP/(n_a + n_b), the counts added up over the documents both labelled (micro average). It is the same
//! whichever labeler comes first, and what κ goes to as the number of places where neither marked anything grows:
//! Hripcsak & Rothschild (2005), Journal of the American Medical Informatics Association 12:296-298. A document in
//! which both marked nothing adds 0 to both sums; where that is all there is, F1 is undefined.

use std::collections::BTreeMap;

use super::counts::{ClassCounts, Counts, by_class};
use super::lists::Lists;
use super::span_match::{Match, count};
use super::spans::Span;
use crate::agreement::Undefined;

/// What two labelers have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairF1 {
    /// The two labelers, ascending.
    pub pair: (u32, u32),
    /// How many documents both labelled.
    pub documents: u64,
    /// The counts over all classes.
    pub total: Counts,
    /// The counts of each class; empty where the class does not matter.
    pub classes: ClassCounts,
}

/// Span F1 of all pairs of labelers with a document in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanF1 {
    /// The pairs, ascending.
    pub pairs: Vec<PairF1>,
    /// How many (document, pair) have F1 = 2·matched/marked, keyed by (2·matched, marked).
    documents: BTreeMap<(u64, u64), u64>,
}

/// A mean over those that have a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// How many have a value.
    pub defined: u64,
    /// How many there are.
    pub of: u64,
}

impl Mean {
    /// Returns the mean of `values`, summed in their order; `none` where none has a value.
    pub(super) fn of(
        values: impl Iterator<Item = Result<f64, Undefined>>,
        none: Undefined,
    ) -> Result<Self, Undefined> {
        let (mut sum, mut defined, mut of, mut why) = (0.0, 0u64, 0u64, none);
        for value in values {
            of += 1;
            match value {
                Ok(value) => (sum, defined) = (sum + value, defined + 1),
                Err(reason) => why = reason,
            }
        }
        if defined == 0 { Err(why) } else { Ok(Self { value: sum / defined as f64, defined, of }) }
    }
}

/// Returns span F1 of all pairs of labelers.
pub fn span_f1(labels: &Lists<Span>, matching: Match) -> SpanF1 {
    let mut pairs = BTreeMap::<(u32, u32), (u64, ClassCounts)>::new();
    let mut documents = BTreeMap::new();
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for document in labels.shared_items() {
        for ((a, first), (b, second)) in document.pairs() {
            let (seen, classes) = pairs.entry((a, b)).or_default();
            *seen += 1;
            let (first, second) = if matching.label {
                (first, second)
            } else {
                (unlabelled(first, &mut one), unlabelled(second, &mut other))
            };
            let mut sum = Counts::default();
            by_class(
                first,
                second,
                |span| span.label,
                |class, first, second| {
                    let counts = count(first, second, matching.overlap);
                    sum += counts;
                    classes.add(class, counts);
                },
            );
            *documents.entry((2 * sum.matched, sum.first + sum.second)).or_insert(0) += 1;
        }
    }
    let pairs = pairs.into_iter().map(|(pair, (documents, classes))| {
        let total = classes.total();
        let classes = if matching.label { classes } else { ClassCounts::default() };
        PairF1 { pair, documents, total, classes }
    });
    SpanF1 { pairs: pairs.collect(), documents }
}

/// Puts `spans` into `copy` as if all were of one class.
fn unlabelled<'a>(spans: &[Span], copy: &'a mut Vec<Span>) -> &'a [Span] {
    copy.clear();
    copy.extend(spans.iter().map(|span| Span { label: 0, ..*span }));
    copy.sort_unstable();
    copy
}

impl SpanF1 {
    /// Returns the mean of the pairs' F1, each pair alike (`span_f1.mean_pairwise`).
    ///
    /// # Errors
    /// No two labelers have a document in common, or none of those who do marked anything.
    pub fn mean_pairwise(&self) -> Result<Mean, Undefined> {
        Mean::of(self.pairs.iter().map(|pair| pair.total.f1()), Undefined::NoCommonItems)
    }

    /// Returns the mean of F1 over all documents and pairs, each alike; those in which both marked nothing have none.
    ///
    /// # Errors
    /// As [`SpanF1::mean_pairwise`].
    pub fn mean_documents(&self) -> Result<Mean, Undefined> {
        let of: u64 = self.documents.values().sum();
        let marked = || self.documents.iter().filter(|((_, marked), _)| *marked > 0);
        let defined: u64 = marked().map(|(_, documents)| documents).sum();
        if defined == 0 {
            return Err(if of == 0 { Undefined::NoCommonItems } else { Undefined::NothingMarked });
        }
        let share = |((matched, marked), documents): (&(u64, u64), &u64)| {
            *documents as f64 * (*matched as f64 / *marked as f64)
        };
        Ok(Mean { value: marked().map(share).sum::<f64>() / defined as f64, defined, of })
    }

    /// Returns the counts of all pairs together: their F1 is the pooled one.
    pub fn pooled(&self) -> Counts {
        self.pairs.iter().map(|pair| pair.total).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::span_match::Overlap;
    use super::*;

    const ALL: [Overlap; 3] = [Overlap::Exact, Overlap::Any, Overlap::Characters];

    fn span(label: u32, start: u32, end: u32) -> Span {
        Span { label, start, end }
    }

    #[test]
    fn nothing_marked_is_no_agreement_and_no_disagreement() {
        let empty = span_f1(&Lists::of([(0, 0, vec![]), (0, 1, vec![])]).unwrap(), Match::EXACT);
        assert_eq!(empty.mean_pairwise(), Err(Undefined::NothingMarked));
        assert_eq!(empty.mean_documents(), Err(Undefined::NothingMarked));
        assert_eq!((empty.pairs[0].documents, empty.pairs[0].total), (1, Counts::default()));
        let rows = [(0, 0, vec![]), (0, 1, vec![]), (1, 0, vec![span(0, 0, 2)]), (1, 1, vec![span(0, 0, 2)])];
        let one = span_f1(&Lists::of(rows).unwrap(), Match::EXACT);
        assert_eq!(one.mean_pairwise(), Ok(Mean { value: 1.0, defined: 1, of: 1 }));
        assert_eq!(one.mean_documents(), Ok(Mean { value: 1.0, defined: 1, of: 2 }));
        let apart = Lists::of([(0, 0, vec![span(0, 0, 2)]), (1, 1, vec![])]).unwrap();
        assert_eq!(span_f1(&apart, Match::EXACT).mean_pairwise(), Err(Undefined::NoCommonItems));
    }

    #[test]
    fn precision_and_recall_are_of_the_second() {
        let counts = Counts { matched: 1, first: 2, second: 4 };
        assert_eq!((counts.precision(), counts.recall()), (Ok(0.25), Ok(0.5)));
        let none = Counts { matched: 0, first: 2, second: 0 };
        assert_eq!((none.f1(), none.precision()), (Ok(0.0), Err(Undefined::NothingMarked)));
    }

    /// Up to 4 labelers and 4 documents.
    fn rows() -> impl Strategy<Value = Vec<(u32, u32, Vec<Span>)>> {
        let spans = || {
            let one = (0..3u32, 0..12u32, 1..6u32);
            prop::collection::vec(
                one.prop_map(|(label, start, length)| span(label, start, start + length)),
                0..6,
            )
        };
        prop::collection::btree_map((0..4u32, 0..4u32), spans(), 0..16)
            .prop_map(|rows| rows.into_iter().map(|((item, who), spans)| (item, who, spans)).collect())
    }

    proptest! {
        #[test]
        fn neither_rows_nor_labelers_have_an_order(rows in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())), label: bool) {
            let (rows, shuffled) = rows;
            let swapped = rows.iter().map(|(item, who, spans)| (*item, 3 - who, spans.clone()));
            for overlap in ALL {
                let matching = Match { overlap, label };
                let before = span_f1(&Lists::of(rows.clone()).unwrap(), matching);
                prop_assert_eq!(&before, &span_f1(&Lists::of(shuffled.clone()).unwrap(), matching));
                let after = span_f1(&Lists::of(swapped.clone()).unwrap(), matching);
                for pair in &before.pairs {
                    let other = after.pairs.iter().find(|other| other.pair == (3 - pair.pair.1, 3 - pair.pair.0)).unwrap();
                    prop_assert_eq!(pair.total.f1(), other.total.f1());
                    prop_assert_eq!(pair.total.precision(), other.total.recall());
                }
                prop_assert_eq!(before.mean_documents(), after.mean_documents());
            }
        }

        #[test]
        fn equal_labels_have_f1_1_and_stricter_matching_never_more(rows in rows(), label: bool) {
            let of = |rows: Vec<_>, overlap, label| span_f1(&Lists::of(rows).unwrap(), Match { overlap, label });
            let twins = rows.iter().flat_map(|(item, who, spans)| [(*item, *who, spans.clone()), (*item, who + 4, spans.clone())]);
            for overlap in ALL {
                let twins = of(twins.clone().collect(), overlap, label);
                for pair in twins.pairs.iter().filter(|pair| pair.pair.1 == pair.pair.0 + 4) {
                    prop_assert!(pair.total.f1().is_err() || pair.total.f1() == Ok(1.0));
                }
                let (with, without) = (of(rows.clone(), overlap, true), of(rows.clone(), overlap, false));
                if overlap != Overlap::Characters {
                    for (with, without) in with.pairs.iter().zip(&without.pairs) {
                        prop_assert!(with.total.matched <= without.total.matched);
                    }
                }
            }
            let (exact, any) = (of(rows.clone(), Overlap::Exact, label), of(rows, Overlap::Any, label));
            for (exact, any) in exact.pairs.iter().zip(&any.pairs) {
                prop_assert!(exact.total.matched <= any.total.matched);
                prop_assert!(any.total.matched <= any.total.first.min(any.total.second));
            }
        }
    }
}
