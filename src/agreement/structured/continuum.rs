//! The best alignment: the units of a document put together across labelers so that the disorder is lowest.
//!
//! A unitary alignment takes one unit or none of every labeler; its disorder is the mean dissimilarity over pairs of
//! labelers, where a pair without two units counts Δ_∅. An alignment has every unit once; its disorder is the sum over
//! its unitary alignments divided by the mean number of units of a labeler. Mathet, Widlöcher & Métivier (2015),
//! Computational Linguistics 41:437-479, sections 4.3 and 5.1.
//!
//! A unit alone costs Δ_∅, whatever the number of labelers: a unitary alignment of k units is worth making where it
//! saves something against k·Δ_∅. The best alignment is the set of disjoint ones that save most. With two labelers that
//! is an assignment; with more, a search (`packing`), which gives up beyond [`MOST_UNITS`] or its own
//! bounds and says so. Equal spans of one labeler are so many units.

use super::assignment::heaviest_matching;
use super::dissimilarity::{Dissimilarity, Unit};
use super::groups::{Node, worthwhile_groups};
use super::packing::best_packing;
use super::spans::Span;
use crate::agreement::Undefined;

/// Beyond this number of units of all labelers no alignment is sought.
pub const MOST_UNITS: usize = 2_000;

/// The units of one document, labeler by labeler; each labeler's in the order of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Continuum {
    labelers: Vec<Vec<Unit>>,
}

/// An alignment.
#[derive(Clone, Debug, PartialEq)]
pub struct Alignment {
    /// The unitary alignments: of every labeler the place of the unit in the order of the text, or none.
    pub groups: Vec<Vec<Option<usize>>>,
    /// Its disorder.
    pub disorder: f64,
}

impl Continuum {
    /// Returns the continuum of labelers' spans. One who marked nothing is a labeler too.
    pub fn of<'a>(labelers: impl IntoIterator<Item = &'a [Span]>) -> Self {
        Self::of_units(labelers.into_iter().map(|spans| spans.iter().copied().map(Unit::from).collect()))
    }

    pub(super) fn of_units(labelers: impl Iterator<Item = Vec<Unit>>) -> Self {
        let sorted = |mut units: Vec<Unit>| {
            units.sort_by(Unit::order);
            units
        };
        Self { labelers: labelers.map(sorted).collect() }
    }

    /// Returns each labeler's units.
    pub fn labelers(&self) -> &[Vec<Unit>] {
        &self.labelers
    }

    /// Returns the number of units of all labelers.
    pub fn units(&self) -> usize {
        self.labelers.iter().map(Vec::len).sum()
    }
}

/// Returns the best alignment of `continuum`.
///
/// # Errors
/// There are fewer than two labelers, nobody marked anything, or the alignment would take too long to find.
pub fn best_alignment(continuum: &Continuum, weights: &Dissimilarity) -> Result<Alignment, Undefined> {
    let units = continuum.units();
    match continuum.labelers.len() {
        0 | 1 => return Err(Undefined::NoItemWithTwoLabels),
        _ if units == 0 => return Err(Undefined::NothingMarked),
        _ if units > MOST_UNITS => return Err(Undefined::TooManyUnits),
        _ => {}
    }
    let joined = if let [first, second] = continuum.labelers.as_slice() {
        two(first, second, weights)
    } else {
        many(continuum, weights)?
    };
    Ok(finish(continuum, joined, weights))
}

/// Returns the groups of two units of the best alignment of two labelers.
fn two(first: &[Unit], second: &[Unit], weights: &Dissimilarity) -> Vec<Vec<Option<usize>>> {
    let saving = |a: &Unit, b: &Unit| 2.0 * weights.delta_empty - weights.between(a, b);
    let edges: Vec<(u32, u32, f64)> = (0..)
        .zip(first)
        .flat_map(|(a, one)| (0..).zip(second).map(move |(b, other)| (a, b, saving(one, other))))
        .filter(|(_, _, saving)| *saving > 0.0)
        .collect();
    let pairs = heaviest_matching(first.len(), second.len(), &edges);
    pairs.into_iter().map(|(a, b)| vec![Some(a as usize), Some(b as usize)]).collect()
}

/// Returns the groups of two units or more of the best alignment of three labelers or more.
fn many(continuum: &Continuum, weights: &Dissimilarity) -> Result<Vec<Vec<Option<usize>>>, Undefined> {
    let labelers = continuum.labelers.len();
    let mut nodes: Vec<Node> = Vec::with_capacity(continuum.units());
    for (labeler, units) in continuum.labelers.iter().enumerate() {
        nodes.extend(units.iter().enumerate().map(|(place, unit)| Node { labeler, place, unit: *unit }));
    }
    // In the order of the text whoever marked it: what lies near is settled together.
    nodes.sort_by(|a, b| a.unit.order(&b.unit).then((a.labeler, a.place).cmp(&(b.labeler, b.place))));
    let candidates = worthwhile_groups(&nodes, labelers, weights)?;
    let chosen = best_packing(nodes.len(), &candidates)?;
    let group = |index: usize| {
        let mut group = vec![None; labelers];
        for node in candidates.members(index).iter().map(|member| &nodes[*member as usize]) {
            group[node.labeler] = Some(node.place);
        }
        group
    };
    Ok(chosen.into_iter().map(group).collect())
}

/// Returns the alignment of `groups` and all other units alone.
fn finish(continuum: &Continuum, mut groups: Vec<Vec<Option<usize>>>, weights: &Dissimilarity) -> Alignment {
    let labelers = continuum.labelers.len();
    let mut alone: Vec<Vec<bool>> = continuum.labelers.iter().map(|units| vec![true; units.len()]).collect();
    for group in &groups {
        for (labeler, place) in group.iter().enumerate() {
            place.iter().for_each(|place| alone[labeler][*place] = false);
        }
    }
    for (labeler, alone) in alone.iter().enumerate() {
        for place in (0..alone.len()).filter(|place| alone[*place]) {
            let mut group = vec![None; labelers];
            group[labeler] = Some(place);
            groups.push(group);
        }
    }
    groups.sort_by_key(|group| group.iter().map(|place| place.unwrap_or(usize::MAX)).collect::<Vec<_>>());
    let sum: f64 = groups.iter().map(|group| unitary_disorder(continuum, group, weights)).sum();
    Alignment { groups, disorder: sum * labelers as f64 / continuum.units() as f64 }
}

/// Returns the disorder of one unitary alignment.
fn unitary_disorder(continuum: &Continuum, group: &[Option<usize>], weights: &Dissimilarity) -> f64 {
    let unit = |labeler: usize| group[labeler].map(|place| &continuum.labelers[labeler][place]);
    let (mut sum, mut pairs) = (0.0, 0u32);
    for first in 0..group.len() {
        for second in first + 1..group.len() {
            pairs += 1;
            sum += match (unit(first), unit(second)) {
                (Some(one), Some(other)) => weights.between(one, other),
                _ => weights.delta_empty,
            };
        }
    }
    sum / f64::from(pairs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lowest sum of disorders over all alignments: the first free unit goes with each choice of the others.
    fn brute(continuum: &Continuum, used: &mut Vec<Vec<bool>>, weights: &Dissimilarity) -> f64 {
        let free = |used: &[Vec<bool>], labeler: usize| {
            (0..used[labeler].len()).find(|place| !used[labeler][*place])
        };
        let Some((labeler, place)) = (0..used.len()).find_map(|who| Some((who, free(used, who)?))) else {
            return 0.0;
        };
        let mut group = vec![None; used.len()];
        group[labeler] = Some(place);
        choose(continuum, used, weights, &mut group, labeler + 1)
    }

    fn choose(
        continuum: &Continuum,
        used: &mut Vec<Vec<bool>>,
        weights: &Dissimilarity,
        group: &mut Vec<Option<usize>>,
        labeler: usize,
    ) -> f64 {
        if labeler == group.len() {
            let mark = |used: &mut Vec<Vec<bool>>, value| {
                group
                    .iter()
                    .enumerate()
                    .for_each(|(who, place)| place.iter().for_each(|place| used[who][*place] = value));
            };
            mark(used, true);
            let total = unitary_disorder(continuum, group, weights) + brute(continuum, used, weights);
            mark(used, false);
            return total;
        }
        let mut best = choose(continuum, used, weights, group, labeler + 1);
        for place in 0..used[labeler].len() {
            if !used[labeler][place] {
                group[labeler] = Some(place);
                best = best.min(choose(continuum, used, weights, group, labeler + 1));
                group[labeler] = None;
            }
        }
        best
    }

    fn labelers(counts: std::ops::Range<usize>, units: usize) -> impl Strategy<Value = Vec<Vec<Span>>> {
        let one = (0..2u32, 0..25u32, 1..8u32);
        let one = one.prop_map(|(label, start, length)| Span { label, start, end: start + length });
        prop::collection::vec(prop::collection::vec(one, 0..units), counts)
    }

    fn check(labelers: &[Vec<Span>], weights: Dissimilarity) -> Result<(), TestCaseError> {
        let continuum = Continuum::of(labelers.iter().map(Vec::as_slice));
        let found = best_alignment(&continuum, &weights);
        if continuum.units() == 0 {
            prop_assert_eq!(found, Err(Undefined::NothingMarked));
            return Ok(());
        }
        let found = found.unwrap();
        let mut used: Vec<Vec<bool>> = labelers.iter().map(|spans| vec![false; spans.len()]).collect();
        let lowest =
            brute(&continuum, &mut used, &weights) * labelers.len() as f64 / continuum.units() as f64;
        prop_assert!((found.disorder - lowest).abs() < 1e-9, "{} is not {}", found.disorder, lowest);
        for (labeler, spans) in labelers.iter().enumerate() {
            let mut places: Vec<usize> = found.groups.iter().filter_map(|group| group[labeler]).collect();
            places.sort_unstable();
            prop_assert_eq!(places, (0..spans.len()).collect::<Vec<_>>());
        }
        let turned = Continuum::of(labelers.iter().rev().map(Vec::as_slice));
        prop_assert!((best_alignment(&turned, &weights).unwrap().disorder - lowest).abs() < 1e-9);
        Ok(())
    }

    proptest! {
        #[test]
        fn two_labelers_are_aligned_best(labelers in labelers(2..3, 6), alpha in 0.2..4.0, beta in 0.2..4.0) {
            check(&labelers, Dissimilarity { alpha, beta, delta_empty: 1.0 })?;
        }

        #[test]
        fn three_labelers_are_aligned_best(labelers in labelers(3..4, 5), alpha in 0.2..4.0, beta in 0.2..4.0) {
            check(&labelers, Dissimilarity { alpha, beta, delta_empty: 0.7 })?;
        }

        #[test]
        fn four_labelers_are_aligned_best(labelers in labelers(4..5, 3)) {
            check(&labelers, Dissimilarity::default())?;
        }
    }

    #[test]
    fn what_would_take_too_long_says_so() {
        let same = |count: u32| (0..count).map(|_| Span { label: 0, start: 0, end: 9 }).collect::<Vec<_>>();
        let crowd: Vec<Vec<Span>> = (0..20).map(|_| same(3)).collect();
        let continuum = Continuum::of(crowd.iter().map(Vec::as_slice));
        assert_eq!(best_alignment(&continuum, &Dissimilarity::default()), Err(Undefined::TooManyUnits));
        let long = [same(1_500), same(1_500)];
        let continuum = Continuum::of(long.iter().map(Vec::as_slice));
        assert_eq!(best_alignment(&continuum, &Dissimilarity::default()), Err(Undefined::TooManyUnits));
        let alone = Continuum::of([same(3).as_slice()]);
        assert_eq!(best_alignment(&alone, &Dissimilarity::default()), Err(Undefined::NoItemWithTwoLabels));
    }
}
