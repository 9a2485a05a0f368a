//! Set packing: of groups of units, each with what it saves, the disjoint ones that save most.
//!
//! Exact, by branch and bound on every connected component alone. Units get prices such that no group saves more than
//! the prices of its units add up to (`prices`): the sum of all prices is the most that can be saved, and every choice
//! lowers it by its slack, the price of its units less what it saves. Units are settled in order, the choice with the
//! least slack first; what cannot beat the best found so far is not gone into.

use std::collections::BTreeMap;

use super::components::Components;
use super::prices::{greedy, prices};
use crate::agreement::Undefined;

/// Beyond this number of choices looked at in one component the search gives up.
pub const MOST_CHOICES: u64 = 500_000;

/// Differences below this are none: they come from rounding.
const EPSILON: f64 = 1e-11;

/// Groups of units and what each saves.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    members: Vec<u32>,
    ends: Vec<usize>,
    savings: Vec<f64>,
}

impl Candidates {
    /// Adds a group.
    pub fn push(&mut self, members: &[u32], saving: f64) {
        self.members.extend_from_slice(members);
        self.ends.push(self.members.len());
        self.savings.push(saving);
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the units of a group.
    pub fn members(&self, index: usize) -> &[u32] {
        let from = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.members[from..self.ends[index]]
    }

    /// Returns what a group saves.
    pub fn saving(&self, index: usize) -> f64 {
        self.savings[index]
    }
}

/// Returns the numbers of the groups, ascending, that save most; there are `units` units.
pub(super) fn best_packing(units: usize, candidates: &Candidates) -> Result<Vec<usize>, Undefined> {
    let mut components = Components::new(units);
    for index in 0..candidates.len() {
        let members = candidates.members(index);
        members.windows(2).for_each(|two| components.join(two[0], two[1]));
    }
    let mut parts: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for index in 0..candidates.len() {
        parts.entry(components.root(candidates.members(index)[0])).or_default().push(index);
    }
    let mut chosen = Vec::new();
    for part in parts.values() {
        chosen.extend(best_of_component(candidates, part)?);
    }
    chosen.sort_unstable();
    Ok(chosen)
}

fn best_of_component(all: &Candidates, part: &[usize]) -> Result<Vec<usize>, Undefined> {
    if let [only] = part {
        return Ok(vec![*only]);
    }
    let mut units: Vec<u32> = part.iter().flat_map(|index| all.members(*index)).copied().collect();
    units.sort_unstable();
    units.dedup();
    let mut local = Candidates::default();
    let mut members = Vec::new();
    for index in part {
        members.clear();
        members.extend(
            all.members(*index).iter().map(|unit| units.partition_point(|known| known < unit) as u32),
        );
        members.sort_unstable();
        local.push(&members, all.saving(*index));
    }
    let start = greedy(units.len(), &local);
    let prices = prices(units.len(), &local, start.iter().map(|index| local.saving(*index)).sum());
    let mut search = Search::new(units.len(), &local, &prices, start);
    search.settle(0, prices.iter().sum());
    if search.choices > MOST_CHOICES {
        return Err(Undefined::TooManyUnits);
    }
    Ok(search.best.into_iter().map(|index| part[index]).collect())
}

struct Search<'a> {
    candidates: &'a Candidates,
    /// For every unit the ways of settling it: a group of which it is the first, or alone (`None`); with their slack.
    ways: Vec<Vec<(f64, Option<usize>)>>,
    settled: Vec<bool>,
    chosen: Vec<usize>,
    best: Vec<usize>,
    most: f64,
    choices: u64,
}

impl<'a> Search<'a> {
    fn new(units: usize, candidates: &'a Candidates, prices: &[f64], start: Vec<usize>) -> Self {
        let mut ways: Vec<Vec<(f64, Option<usize>)>> =
            prices.iter().map(|price| vec![(*price, None)]).collect();
        for index in 0..candidates.len() {
            let members = candidates.members(index);
            let price: f64 = members.iter().map(|unit| prices[*unit as usize]).sum();
            ways[members[0] as usize].push((price - candidates.saving(index), Some(index)));
        }
        ways.iter_mut().for_each(|ways| ways.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))));
        let most = start.iter().map(|index| candidates.saving(*index)).sum();
        Self {
            candidates,
            ways,
            settled: vec![false; units],
            chosen: Vec::new(),
            best: start,
            most,
            choices: 0,
        }
    }

    /// Settles the units from `unit` on; `bound` is the most that can be saved with what is settled already.
    fn settle(&mut self, unit: usize, bound: f64) {
        let Some(unit) = (unit..self.settled.len()).find(|unit| !self.settled[*unit]) else {
            let saved = self.chosen.iter().map(|index| self.candidates.saving(*index)).sum();
            if saved > self.most {
                (self.most, self.best) = (saved, self.chosen.clone());
            }
            return;
        };
        let candidates = self.candidates;
        for at in 0..self.ways[unit].len() {
            let (slack, way) = self.ways[unit][at];
            self.choices += 1;
            if bound - slack <= self.most + EPSILON || self.choices > MOST_CHOICES {
                return;
            }
            let Some(group) = way else {
                self.settled[unit] = true;
                self.settle(unit + 1, bound - slack);
                self.settled[unit] = false;
                continue;
            };
            let members = candidates.members(group);
            if members.iter().any(|member| self.settled[*member as usize]) {
                continue;
            }
            members.iter().for_each(|member| self.settled[*member as usize] = true);
            self.chosen.push(group);
            self.settle(unit + 1, bound - slack);
            self.chosen.pop();
            members.iter().for_each(|member| self.settled[*member as usize] = false);
        }
    }
}
