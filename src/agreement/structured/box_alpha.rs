//! α over boxes: agreement on sets of boxes against what boxes of any items would have in common.
//!
//! The label of an item is a set of boxes. Two labels are d = 1 − 2·Σ IoU/(n_a + n_b) apart, Σ IoU over the best
//! one-to-one matching (`boxes`); two empty sets 0, an empty and another 1. α = 1 − D_o/D_e in the form of Krippendorff
//! (2004), Content Analysis, 2nd ed., ch. 11, for labels that are compared by a distance:
//! D_o = (1/n..) Σ_u Σ_{pairs of labels of u} 2·d/(m_u − 1) over items with m_u ≥ 2 labels, n.. in all;
//! D_e = the mean of d over pairs of those labels by different labelers, on whatever items.
//! D_e differs from Krippendorff's in that two labels of one labeler are never compared.
//!
//! Where there are more than [`MOST_PAIRS`] pairs of labels, D_e is the mean over as many drawn at random with replacement
//! from a seed, and the result says so.

use super::boxes::item_iou;
use super::lists::Lists;
use super::region::BoundingBox;
use crate::agreement::Undefined;
use crate::agreement::random::{below, stream};

/// No more pairs of labels than this are compared for D_e.
pub const MOST_PAIRS: u64 = 200_000;

/// α over boxes and what it is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxAlpha {
    /// α.
    pub value: f64,
    /// D_o.
    pub observed_disagreement: f64,
    /// D_e.
    pub expected_disagreement: f64,
    /// How many items two labelers or more labelled.
    pub items: u64,
    /// How many pairs of labels D_e rests on.
    pub expected_pairs: u64,
    /// Whether those were drawn at random, because there are too many.
    pub sampled: bool,
}

/// A label that can be paired: who gave it, and the boxes.
type Label<'a> = (u32, &'a [BoundingBox]);

/// Returns α over sets of boxes; `label` says whether the class of boxes matters, `seed` is what random pairs start
/// from where there are too many pairs.
///
/// # Errors
/// No item has two labels, or all labels are alike.
pub fn box_alpha(labels: &Lists<BoundingBox>, label: bool, seed: u64) -> Result<BoxAlpha, Undefined> {
    let (mut all, mut observed, mut items) = (Vec::<Label<'_>>::new(), 0.0, 0);
    for item in labels.shared_items() {
        let distances: f64 = item.pairs().map(|(one, other)| distance(one.1, other.1, label)).sum();
        observed += 2.0 * distances / (item.len() - 1) as f64;
        items += 1;
        all.extend(item.labels());
    }
    if all.is_empty() {
        return Err(Undefined::NoItemWithTwoLabels);
    }
    let (expected_disagreement, expected_pairs, sampled) = expected(&all, label, seed);
    if expected_disagreement == 0.0 {
        return Err(Undefined::ExpectedDisagreementIs0);
    }
    let observed_disagreement = observed / all.len() as f64;
    let value = 1.0 - observed_disagreement / expected_disagreement;
    Ok(BoxAlpha { value, observed_disagreement, expected_disagreement, items, expected_pairs, sampled })
}

/// Returns how far two sets of boxes are apart.
fn distance(first: &[BoundingBox], second: &[BoundingBox], label: bool) -> f64 {
    item_iou(first, second, label).mean().map_or(0.0, |mean| 1.0 - mean)
}

/// Returns D_e, how many pairs it rests on, and whether they were drawn.
fn expected(all: &[Label<'_>], label: bool, seed: u64) -> (f64, u64, bool) {
    let count = all.len() as u64;
    let (mut sum, mut pairs) = (0.0, 0u64);
    if count * (count - 1) / 2 <= MOST_PAIRS {
        for (index, one) in all.iter().enumerate() {
            for other in all[index + 1..].iter().filter(|other| other.0 != one.0) {
                sum += distance(one.1, other.1, label);
                pairs += 1;
            }
        }
        return (sum / pairs as f64, pairs, false);
    }
    let mut random = stream(seed, 0);
    // No labeler has more than half of the labels, as every item has one of another: every second draw is good.
    while pairs < MOST_PAIRS {
        let [one, other] = [(); 2].map(|()| all[below(count, &mut random) as usize]);
        if one.0 != other.0 {
            sum += distance(one.1, other.1, label);
            pairs += 1;
        }
    }
    (sum / pairs as f64, pairs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64) -> Vec<BoundingBox> {
        vec![BoundingBox::new(0, x, 0.0, 2.0, 2.0).unwrap()]
    }

    /// Two items. On the first both mark the same square, on the second squares one apart (IoU 1/3). D_o = (0+0 + 2/3+2/3)/4
    /// = 1/3. Pairs by different labelers: 0, 2/3 within items, 1 and 1 across: D_e = 2/3.
    #[test]
    fn worked_by_hand() {
        let rows = [
            (0, 0, square(0.0)),
            (0, 1, square(0.0)),
            (1, 0, square(10.0)),
            (1, 1, square(11.0)),
            (2, 0, square(4.0)),
        ];
        let alpha = box_alpha(&Lists::of(rows).unwrap(), true, 0).unwrap();
        assert!((alpha.observed_disagreement - 1.0 / 3.0).abs() < 1e-15);
        assert!((alpha.expected_disagreement - 2.0 / 3.0).abs() < 1e-15);
        assert!((alpha.value - 0.5).abs() < 1e-15);
        assert_eq!((alpha.items, alpha.expected_pairs, alpha.sampled), (2, 4, false));
    }

    #[test]
    fn without_variation_there_is_no_alpha() {
        let same = Lists::of([(0, 0, square(1.0)), (0, 1, square(1.0))]).unwrap();
        assert_eq!(box_alpha(&same, true, 0), Err(Undefined::ExpectedDisagreementIs0));
        let empty = Lists::of([(0, 0, vec![]), (0, 1, vec![])]).unwrap();
        assert_eq!(box_alpha(&empty, true, 0), Err(Undefined::ExpectedDisagreementIs0));
        assert_eq!(
            box_alpha(&Lists::of([(0, 0, square(1.0))]).unwrap(), true, 0),
            Err(Undefined::NoItemWithTwoLabels)
        );
        let half = Lists::of([(0, 0, square(1.0)), (0, 1, vec![])]).unwrap();
        assert_eq!(box_alpha(&half, true, 0).unwrap().value, 0.0);
    }

    /// Two kinds of items in equal number: D_e is 1/2, whether all pairs are compared or some.
    #[test]
    fn drawn_pairs_come_near_all_pairs() {
        let rows = (0..400).flat_map(|item| [0, 1].map(|who| (item, who, square(f64::from(item % 2) * 9.0))));
        let alpha = box_alpha(&Lists::of(rows).unwrap(), true, 7).unwrap();
        assert!(alpha.sampled && alpha.expected_pairs == MOST_PAIRS && alpha.value == 1.0);
        assert!((alpha.expected_disagreement - 0.5).abs() < 0.01);
    }
}
