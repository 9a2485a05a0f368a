//! Agreement on boxes: mean IoU and F1 of pairs of labelers.
//!
//! The boxes of two labelers on an item are matched one to one so that Σ IoU is highest (an assignment, not greedily);
//! boxes of different classes are not matched where the class matters. Mean IoU is over all boxes of both: each box has
//! the IoU with its partner, and 0 without one, 2·Σ IoU/(n_a + n_b). F1 at t counts as matched the most pairs, one to
//! one, with IoU ≥ t: 2·TP/(n_a + n_b). Both are added up over the items both labelled; where neither marked anything,
//! nothing is added. IoU: Everingham et al. (2010), International Journal of Computer Vision 88:303-338.

use std::collections::BTreeMap;

use super::assignment::{heaviest_matching, maximum_matching};
use super::counts::{ClassCounts, Counts, by_class};
use super::lists::Lists;
use super::region::BoundingBox;
use super::span_f1::Mean;
use crate::agreement::Undefined;

/// The IoU of matched boxes and how many boxes there are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IouSum {
    /// Σ IoU over matched pairs.
    pub sum: f64,
    /// The boxes of both labelers.
    pub boxes: u64,
}

impl IouSum {
    /// Returns 2·Σ IoU over the number of boxes.
    ///
    /// # Errors
    /// There are no boxes.
    pub fn mean(&self) -> Result<f64, Undefined> {
        if self.boxes == 0 { Err(Undefined::NothingMarked) } else { Ok(2.0 * self.sum / self.boxes as f64) }
    }

    fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.boxes += other.boxes;
    }
}

/// How two labelers agree on the items both labelled.
#[derive(Clone, Debug, PartialEq)]
pub struct PairBoxes {
    /// The two labelers, ascending.
    pub pair: (u32, u32),
    /// How many items both labelled.
    pub items: u64,
    /// Their IoU.
    pub iou: IouSum,
    /// Their counts at the threshold.
    pub total: Counts,
    /// The IoU of each class; empty where the class does not matter.
    pub class_iou: BTreeMap<u32, IouSum>,
    /// The counts of each class; empty where the class does not matter.
    pub classes: ClassCounts,
}

/// Agreement on boxes of all pairs of labelers with an item in common.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxAgreement {
    /// The pairs, ascending.
    pub pairs: Vec<PairBoxes>,
}

#[derive(Default)]
struct Sums {
    items: u64,
    iou: BTreeMap<u32, IouSum>,
    classes: ClassCounts,
}

/// Returns the agreement of all pairs of labelers; `label` says whether the class of boxes matters, `threshold` is t of
/// F1, 0.5 by custom.
pub fn box_agreement(labels: &Lists<BoundingBox>, label: bool, threshold: f64) -> BoxAgreement {
    let mut pairs = BTreeMap::<(u32, u32), Sums>::new();
    for item in labels.shared_items() {
        for ((a, first), (b, second)) in item.pairs() {
            let sums = pairs.entry((a, b)).or_default();
            sums.items += 1;
            with_classes(first, second, label, |class, first, second| {
                sums.iou.entry(class).or_default().add(matched_iou(first, second));
                let matched = matched_at(first, second, threshold);
                let counts = Counts { matched, first: first.len() as u64, second: second.len() as u64 };
                sums.classes.add(class, counts);
            });
        }
    }
    let of_pair = |(pair, sums): ((u32, u32), Sums)| {
        let mut iou = IouSum::default();
        sums.iou.values().for_each(|sum| iou.add(*sum));
        let total = sums.classes.total();
        let (class_iou, classes) = if label { (sums.iou, sums.classes) } else { Default::default() };
        PairBoxes { pair, items: sums.items, iou, total, class_iou, classes }
    };
    BoxAgreement { pairs: pairs.into_iter().map(of_pair).collect() }
}

impl BoxAgreement {
    /// Returns the mean over pairs of their mean IoU, each pair alike.
    ///
    /// # Errors
    /// No two labelers have an item in common, or none of those who do marked anything.
    pub fn mean_iou(&self) -> Result<Mean, Undefined> {
        Mean::of(self.pairs.iter().map(|pair| pair.iou.mean()), Undefined::NoCommonItems)
    }

    /// Returns the mean over pairs of their F1, each pair alike.
    ///
    /// # Errors
    /// As [`BoxAgreement::mean_iou`].
    pub fn mean_f1(&self) -> Result<Mean, Undefined> {
        Mean::of(self.pairs.iter().map(|pair| pair.total.f1()), Undefined::NoCommonItems)
    }
}

/// Returns the IoU of two labelers on one item.
pub(super) fn item_iou(first: &[BoundingBox], second: &[BoundingBox], label: bool) -> IouSum {
    let mut sum = IouSum::default();
    with_classes(first, second, label, |_, first, second| sum.add(matched_iou(first, second)));
    sum
}

fn with_classes(
    first: &[BoundingBox],
    second: &[BoundingBox],
    label: bool,
    mut each: impl FnMut(u32, &[BoundingBox], &[BoundingBox]),
) {
    if label {
        by_class(first, second, BoundingBox::label, each);
        return;
    }
    let unlabelled = |boxes: &[BoundingBox]| {
        let mut boxes: Vec<BoundingBox> = boxes.iter().copied().map(BoundingBox::unlabelled).collect();
        boxes.sort_unstable();
        boxes
    };
    let (first, second) = (unlabelled(first), unlabelled(second));
    if !(first.is_empty() && second.is_empty()) {
        each(0, &first, &second);
    }
}

fn matched_iou(first: &[BoundingBox], second: &[BoundingBox]) -> IouSum {
    let edges: Vec<(u32, u32, f64)> = (0..)
        .zip(first)
        .flat_map(|(a, one)| (0..).zip(second).map(move |(b, other)| (a, b, one.iou(other))))
        .filter(|edge| edge.2 > 0.0)
        .collect();
    let pairs = heaviest_matching(first.len(), second.len(), &edges);
    let sum = pairs.iter().map(|(a, b)| first[*a as usize].iou(&second[*b as usize])).sum();
    IouSum { sum, boxes: (first.len() + second.len()) as u64 }
}

fn matched_at(first: &[BoundingBox], second: &[BoundingBox], threshold: f64) -> u64 {
    let of_one = |one: &BoundingBox| {
        let with = (0..).zip(second).filter(|(_, other)| one.iou(other) >= threshold);
        with.map(|(at, _)| at).collect()
    };
    maximum_matching(&first.iter().map(of_one).collect::<Vec<Vec<u32>>>(), second.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn square(label: u32, x: f64) -> BoundingBox {
        BoundingBox::new(label, x, 0.0, 2.0, 2.0).unwrap()
    }

    /// Squares at 0 and 1 against 1 and 9: the greedy pair is (1, 1), and it is best as well: 0 has 1/3 with 1 alone.
    /// Unmatched boxes have 0: 2·1/4.
    #[test]
    fn unmatched_boxes_count_0() {
        let rows =
            [(0, 0, vec![square(0, 0.0), square(0, 1.0)]), (0, 1, vec![square(0, 1.0), square(1, 9.0)])];
        let agreement = box_agreement(&Lists::of(rows).unwrap(), true, 0.5);
        let pair = &agreement.pairs[0];
        assert_eq!((pair.iou.mean(), pair.total), (Ok(0.5), Counts { matched: 1, first: 2, second: 2 }));
        assert_eq!(pair.class_iou[&0].mean(), Ok(2.0 / 3.0));
        assert_eq!(pair.class_iou[&1].mean(), Ok(0.0));
        assert_eq!(
            pair.classes.iter().map(|(class, counts)| (class, counts.f1())).collect::<Vec<_>>(),
            [(0, Ok(2.0 / 3.0)), (1, Ok(0.0))]
        );
    }

    /// 0..10 and 3..13 against 1..11 and −2..8: the best pair has 9/11 and leaves one of 5/15; the other two have 8/12 each.
    #[test]
    fn matching_is_optimal_not_greedy() {
        let bar = |x: f64| BoundingBox::new(0, x, 0.0, 10.0, 1.0).unwrap();
        let sum = matched_iou(&[bar(0.0), bar(3.0)], &[bar(-2.0), bar(1.0)]);
        assert!((sum.sum - 4.0 / 3.0).abs() < 1e-12);
        assert_eq!(matched_at(&[bar(0.0), bar(3.0)], &[bar(-2.0), bar(1.0)], 0.5), 2);
    }

    #[test]
    fn nothing_marked_is_undefined() {
        let agreement = box_agreement(&Lists::of([(0, 0, vec![]), (0, 1, vec![])]).unwrap(), false, 0.5);
        assert_eq!(
            (agreement.mean_iou(), agreement.mean_f1()),
            (Err(Undefined::NothingMarked), Err(Undefined::NothingMarked))
        );
        let agreement = box_agreement(&Lists::of([(0, 0, vec![square(0, 1.0)])]).unwrap(), false, 0.5);
        assert_eq!(agreement.mean_iou(), Err(Undefined::NoCommonItems));
    }

    fn boxes() -> impl Strategy<Value = Vec<BoundingBox>> {
        let one = (0..2u32, 0..8u32, 0..8u32, 1..5u32, 1..5u32);
        let one = one.prop_map(|(label, x, y, width, height)| {
            BoundingBox::new(label, x.into(), y.into(), width.into(), height.into()).unwrap()
        });
        prop::collection::vec(one, 0..6)
    }

    proptest! {
        #[test]
        fn equal_boxes_agree_and_labelers_have_no_order(first in boxes(), second in boxes(), label: bool) {
            let of = |one: &Vec<BoundingBox>, other: &Vec<BoundingBox>| {
                box_agreement(&Lists::of([(0, 0, one.clone()), (0, 1, other.clone())]).unwrap(), label, 0.5).pairs.remove(0)
            };
            let (one, other) = (of(&first, &second), of(&second, &first));
            prop_assert_eq!(one.total.f1(), other.total.f1());
            prop_assert!(one.iou.mean().map_or(true, |mean| (mean - other.iou.mean().unwrap()).abs() < 1e-12));
            prop_assert!(one.iou.mean().map_or(true, |mean| (0.0..=1.0).contains(&mean)));
            let same = of(&first, &first);
            prop_assert_eq!(same.total.matched, first.len() as u64);
            prop_assert!(first.is_empty() || same.iou.mean() == Ok(1.0));
        }
    }
}
