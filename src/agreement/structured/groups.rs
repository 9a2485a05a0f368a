//! The unitary alignments worth making, for three labelers or more.
//!
//! Of n labelers with C = n(n−1)/2 pairs, k units joined save C·k·Δ_∅ − (Σd + (C − k(k−1)/2)·Δ_∅) against k units
//! alone. What saves nothing is left out, as in section 5.1.1 of Mathet, Widlöcher & Métivier (2015). So is what would
//! be no worse with one unit u set apart: that is so where Σ_v d(u,v) ≥ Δ_∅·(C + k − 1). No sum of a part of the group
//! may exceed this with k = n, which is what keeps the search near.

use super::dissimilarity::{Dissimilarity, Unit};
use super::packing::Candidates;
use crate::agreement::Undefined;

/// Beyond this number of groups looked at the search gives up.
pub const MOST_GROUPS: usize = 400_000;

/// A unit and whose it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// The labeler.
    pub labeler: usize,
    /// Its place among the labeler's units.
    pub place: usize,
    /// The unit.
    pub unit: Unit,
}

struct Search {
    /// For every node the later ones of other labelers it may go with, and how unlike they are.
    near: Vec<Vec<(u32, f64)>>,
    labeler: Vec<usize>,
    delta: f64,
    /// C.
    pairs: f64,
    /// Δ_∅·(C + n − 1).
    most: f64,
    looked: usize,
    found: Candidates,
}

/// Returns the groups of two units or more, of different labelers, that save something, with what they save.
pub(super) fn worthwhile_groups(
    nodes: &[Node],
    labelers: usize,
    weights: &Dissimilarity,
) -> Result<Candidates, Undefined> {
    let pairs = (labelers * (labelers - 1) / 2) as f64;
    let most = weights.delta_empty * (pairs + labelers as f64 - 1.0);
    let near = nodes.iter().enumerate().map(|(index, node)| {
        let later =
            (index as u32 + 1..).zip(&nodes[index + 1..]).filter(|(_, other)| other.labeler != node.labeler);
        later
            .map(|(at, other)| (at, weights.between(&node.unit, &other.unit)))
            .filter(|(_, d)| *d < most)
            .collect()
    });
    let mut search = Search {
        near: near.collect(),
        labeler: nodes.iter().map(|node| node.labeler).collect(),
        delta: weights.delta_empty,
        pairs,
        most,
        looked: 0,
        found: Candidates::default(),
    };
    for node in 0..nodes.len() as u32 {
        search.extend(&mut vec![node], &mut vec![0.0])?;
    }
    Ok(search.found)
}

impl Search {
    /// Adds every group that begins with `members`; `sums` are their Σ_v d(u,v).
    fn extend(&mut self, members: &mut Vec<u32>, sums: &mut Vec<f64>) -> Result<(), Undefined> {
        let Some(last) = members.last().copied() else { return Ok(()) };
        for at in 0..self.near[last as usize].len() {
            let (next, _) = self.near[last as usize][at];
            let Some(distances) = self.distances(members, next) else { continue };
            self.looked += 1;
            if self.looked > MOST_GROUPS {
                return Err(Undefined::TooManyUnits);
            }
            let (own, before): (f64, Vec<f64>) = (distances.iter().sum(), sums.clone());
            sums.iter_mut().zip(&distances).for_each(|(sum, d)| *sum += d);
            members.push(next);
            sums.push(own);
            if sums.iter().all(|sum| *sum < self.most) {
                self.keep(members, sums);
                self.extend(members, sums)?;
            }
            members.pop();
            *sums = before;
        }
        Ok(())
    }

    /// Returns how unlike `next` is to each of `members`, where it may go with all of them.
    fn distances(&self, members: &[u32], next: u32) -> Option<Vec<f64>> {
        let labeler = self.labeler[next as usize];
        members
            .iter()
            .map(|member| {
                let near = &self.near[*member as usize];
                let at = near.binary_search_by_key(&next, |(at, _)| *at).ok()?;
                (self.labeler[*member as usize] != labeler).then_some(near[at].1)
            })
            .collect()
    }

    fn keep(&mut self, members: &[u32], sums: &[f64]) {
        let size = members.len() as f64;
        let apart = self.delta * (self.pairs + size - 1.0);
        let budget = self.delta * ((size - 1.0) * self.pairs + size * (size - 1.0) / 2.0);
        let saving = (budget - sums.iter().sum::<f64>() / 2.0) / self.pairs;
        if saving > 0.0 && sums.iter().all(|sum| *sum < apart) {
            self.found.push(members, saving);
        }
    }
}
