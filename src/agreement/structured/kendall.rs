//! Kendall's τ-b of rankings: how much more often two labelers order two ids alike than otherwise.
//!
//! τ-b = (P − Q)/√((n₀ − n₁)(n₀ − n₂)): P pairs of ids ordered alike and Q otherwise, n₀ = n(n−1)/2, n₁ and n₂ the pairs
//! tied by the one and by the other. Kendall (1945), Biometrika 33:239-251. The ids compared are those that both
//! ranked. A pair of labelers has the mean over its items; the overall value is the mean over pairs, each alike.

use std::collections::BTreeMap;

use super::lists::Lists;
use super::rankings::Place;
use super::span_f1::Mean;
use crate::agreement::Undefined;

/// How two labelers agree on the items both ranked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairTau {
    /// The two labelers, ascending.
    pub pair: (u32, u32),
    /// The mean of τ-b over their items, each alike.
    pub tau: Result<Mean, Undefined>,
}

/// τ-b of all pairs of labelers with an item in common.
#[derive(Clone, Debug, PartialEq)]
pub struct KendallTau {
    /// The pairs, ascending.
    pub pairs: Vec<PairTau>,
    /// The mean over pairs.
    pub mean: Result<Mean, Undefined>,
}

/// Returns τ-b of all pairs of labelers.
pub fn kendall_tau(rankings: &Lists<Place>) -> KendallTau {
    let mut pairs = BTreeMap::<(u32, u32), Vec<Result<f64, Undefined>>>::new();
    for item in rankings.shared_items() {
        for ((a, first), (b, second)) in item.pairs() {
            pairs.entry((a, b)).or_default().push(tau_b(&common_places(first, second)));
        }
    }
    let of_pair = |(pair, taus): ((u32, u32), Vec<Result<f64, Undefined>>)| PairTau {
        pair,
        tau: Mean::of(taus.into_iter(), Undefined::NoCommonItems),
    };
    let pairs: Vec<PairTau> = pairs.into_iter().map(of_pair).collect();
    let means = pairs.iter().map(|pair| pair.tau.map(|mean| mean.value));
    let mean = Mean::of(means, Undefined::NoCommonItems);
    KendallTau { pairs, mean }
}

/// Returns the places of the ids that both lists, sorted by id, have.
fn common_places(first: &[Place], second: &[Place]) -> Vec<(u32, u32)> {
    let mut second = second.iter().peekable();
    let of_both = first.iter().filter_map(|one| {
        while second.next_if(|other| other.id < one.id).is_some() {}
        second.next_if(|other| other.id == one.id).map(|other| (one.place, other.place))
    });
    of_both.collect()
}

/// Returns τ-b of pairs of places.
fn tau_b(places: &[(u32, u32)]) -> Result<f64, Undefined> {
    if places.len() < 2 {
        return Err(Undefined::FewerThanTwoCommonIds);
    }
    let (mut difference, mut by_first, mut by_second) = (0i64, 0u64, 0u64);
    for (index, one) in places.iter().enumerate() {
        for other in &places[index + 1..] {
            let (a, b) = (one.0.cmp(&other.0) as i64, one.1.cmp(&other.1) as i64);
            difference += a * b;
            by_first += u64::from(a != 0);
            by_second += u64::from(b != 0);
        }
    }
    if by_first == 0 || by_second == 0 {
        return Err(Undefined::AllTied);
    }
    // One root for both where they are equal, so that equal rankings have exactly 1.
    let scale =
        if by_first == by_second { by_first as f64 } else { (by_first as f64 * by_second as f64).sqrt() };
    Ok(difference as f64 / scale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranking(ids: &[u32]) -> Vec<Place> {
        (0..).zip(ids).map(|(place, id)| Place { id: *id, place }).collect()
    }

    /// The example of `scipy.stats.kendalltau`: x = 12 2 1 12 2, y = 1 4 7 1 0.
    #[test]
    fn ties_are_corrected_for() {
        let places = [(12, 1), (2, 4), (1, 7), (12, 1), (2, 0)];
        assert!((tau_b(&places).unwrap() + 0.471_404_520_791_031_73).abs() < 1e-15);
        assert_eq!(tau_b(&[(0, 0), (0, 1)]), Err(Undefined::AllTied));
    }

    #[test]
    fn only_ids_of_both_count() {
        // Of a b c both have all; d and e are ranked by one. One of three pairs is turned: (2 − 1)/3.
        let rows = [
            (0, 0, ranking(&[0, 3, 1, 2])),
            (0, 1, ranking(&[1, 0, 2, 4])),
            (1, 0, ranking(&[0, 1])),
            (1, 1, ranking(&[1])),
        ];
        let tau = kendall_tau(&Lists::of(rows).unwrap());
        assert_eq!(tau.pairs[0].tau, Ok(Mean { value: 1.0 / 3.0, defined: 1, of: 2 }));
        assert_eq!(tau.mean, Ok(Mean { value: 1.0 / 3.0, defined: 1, of: 1 }));
        let nobody = kendall_tau(&Lists::of([(0, 0, ranking(&[0, 1]))]).unwrap());
        assert_eq!(nobody.mean, Err(Undefined::NoCommonItems));
    }

    proptest! {
        #[test]
        fn tau_is_symmetric_and_turns_its_sign(ids in Just((0..7u32).collect::<Vec<_>>()).prop_shuffle(), places in prop::collection::vec(0..4u32, 7)) {
            let other: Vec<Place> = (0..).zip(&places).map(|(id, place)| Place { id, place: *place }).collect();
            let mean = |one: &[u32], other: &[Place], turned: bool| {
                let rows = [(0, u32::from(turned), ranking(one)), (0, u32::from(!turned), other.to_vec())];
                kendall_tau(&Lists::of(rows).unwrap()).mean.map(|mean| mean.value)
            };
            let reversed: Vec<u32> = ids.iter().rev().copied().collect();
            let value = mean(&ids, &other, false);
            prop_assert_eq!(value, mean(&ids, &other, true));
            prop_assert_eq!(value.map(|value| -value), mean(&reversed, &other, false));
            prop_assert_eq!(mean(&ids, &ranking(&ids), false), Ok(1.0));
            prop_assert!(value.is_err() || value.unwrap().abs() <= 1.0);
        }
    }
}
