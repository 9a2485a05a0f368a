//! Kendall's W: how far all labelers of an item rank its ids alike; 0 not at all, 1 entirely.
//!
//! W = 12·S/(m²(n³ − n) − m·ΣT): m labelers, n ids, S the sum of squares of the ids' rank sums around their mean, ranks
//! tied having the mean of their ranks, T = Σ(t³ − t) over each labeler's groups of t tied ids. Kendall & Babington
//! Smith (1939), Annals of Mathematical Statistics 10:275-287; ties: Kendall (1970), Rank Correlation Methods, ch. 6.
//! The ids are those that all labelers of the item ranked. Exact but for one division.

use super::lists::{Group, Lists};
use super::rankings::Place;
use super::span_f1::Mean;
use crate::agreement::Undefined;

/// W of every item and the mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Concordance {
    /// Each item with two labelers or more, ascending, with its W or why it has none.
    pub items: Vec<(u32, Result<f64, Undefined>)>,
    /// The mean over the items that have one, each alike.
    pub mean: Result<Mean, Undefined>,
}

/// Returns Kendall's W of every item.
pub fn kendall_w(rankings: &Lists<Place>) -> Concordance {
    let items: Vec<_> = rankings.shared_items().map(|item| (item.item(), concordance(&item))).collect();
    let mean = Mean::of(items.iter().map(|(_, w)| *w), Undefined::NoItemWithTwoLabels);
    Concordance { items, mean }
}

fn concordance(item: &Group<'_, Place>) -> Result<f64, Undefined> {
    let labelers = item.len() as u128;
    let common = common_ids(item);
    let count = common.len() as u128;
    if count < 2 {
        return Err(Undefined::FewerThanTwoCommonIds);
    }
    let (mut sums, mut ties) = (vec![0u128; common.len()], 0);
    for (_, places) in item.labels() {
        ties += add_ranks(places, &common, &mut sums);
    }
    let sum: u128 = sums.iter().sum();
    // Sums are of doubled ranks: 4·n·S, and with it W = 3·(4·n·S)/(n·…).
    let squares = count * sums.iter().map(|sum| sum * sum).sum::<u128>() - sum * sum;
    let most = labelers * labelers * (count.pow(3) - count) - labelers * ties;
    if most == 0 { Err(Undefined::AllTied) } else { Ok((3 * squares) as f64 / (count * most) as f64) }
}

/// Returns the ids that every labeler ranked, ascending.
fn common_ids(item: &Group<'_, Place>) -> Vec<u32> {
    let mut labels = item.labels();
    let mut common: Vec<u32> =
        labels.next().into_iter().flat_map(|(_, places)| places).map(|place| place.id).collect();
    for (_, places) in labels {
        common.retain(|id| places.binary_search_by_key(id, |place| place.id).is_ok());
    }
    common
}

/// Adds to `sums` twice the rank that one labeler gives each of `ids`; returns Σ(t³ − t) over the ties.
fn add_ranks(places: &[Place], ids: &[u32], sums: &mut [u128]) -> u128 {
    let mut order: Vec<(u32, usize)> = Vec::with_capacity(ids.len());
    for place in places {
        order.extend(ids.binary_search(&place.id).map(|index| (place.place, index)).ok());
    }
    order.sort_unstable();
    let (mut before, mut ties) = (0, 0);
    for tied in order.chunk_by(|a, b| a.0 == b.0) {
        let size = tied.len() as u128;
        // Ranks before + 1 to before + size have twice the mean 2·before + size + 1.
        tied.iter().for_each(|(_, index)| sums[*index] += 2 * before + size + 1);
        (before, ties) = (before + size, ties + size.pow(3) - size);
    }
    ties
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn w(rankings: &[Vec<u32>]) -> Result<f64, Undefined> {
        let rows = (0..).zip(rankings).map(|(who, places)| {
            (0, who, (0..).zip(places).map(|(id, place)| Place { id, place: *place }).collect())
        });
        kendall_w(&Lists::of(rows).unwrap()).mean.map(|mean| mean.value)
    }

    /// By hand. Ranks 1 2 3, 1 3 2, 2 1 3: sums 4 6 8, S = 8, W = 96/(9·24). With a tie 1.5 1.5 3 beside 1 2 3:
    /// sums 2.5 3.5 6, S = 6.5, T = 6, W = 78/(4·24 − 12).
    #[test]
    fn worked_by_hand() {
        assert!((w(&[vec![0, 1, 2], vec![0, 2, 1], vec![1, 0, 2]]).unwrap() - 96.0 / 216.0).abs() < 1e-15);
        assert!((w(&[vec![0, 0, 1], vec![0, 1, 2]]).unwrap() - 78.0 / 84.0).abs() < 1e-15);
        assert_eq!(w(&[vec![0, 1, 2], vec![2, 1, 0]]), Ok(0.0));
        assert_eq!(w(&[vec![0, 0], vec![1, 1]]), Err(Undefined::AllTied));
        assert_eq!(w(&[vec![0], vec![0]]), Err(Undefined::FewerThanTwoCommonIds));
        assert_eq!(w(&[vec![0, 1]]), Err(Undefined::NoItemWithTwoLabels));
    }

    proptest! {
        /// Without ties the mean of Spearman's ρ over pairs is (m·W − 1)/(m − 1).
        #[test]
        fn w_is_the_mean_spearman(rankings in prop::collection::vec(Just((0..6u32).collect::<Vec<_>>()).prop_shuffle(), 2..6)) {
            let rho = |a: &Vec<u32>, b: &Vec<u32>| {
                let squares: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
                1.0 - 6.0 * squares / (216.0 - 6.0)
            };
            let pairs: Vec<f64> = rankings.iter().enumerate().flat_map(|(index, a)| rankings[index + 1..].iter().map(move |b| rho(a, b))).collect();
            let labelers = rankings.len() as f64;
            let expected = pairs.iter().sum::<f64>() / pairs.len() as f64;
            let value = w(&rankings).unwrap();
            prop_assert!(((labelers * value - 1.0) / (labelers - 1.0) - expected).abs() < 1e-12);
            prop_assert_eq!(w(&vec![rankings[0].clone(); 3]), Ok(1.0));
        }
    }
}
