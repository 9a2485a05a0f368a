//! What the held-out items say.

use super::Reviews;
use super::names::Names;
use super::nodes::Node;
use super::population::Population;
use super::select::Kept;

/// The items held out, with what the rules speak of.
pub struct Check {
    population: Population,
    /// Of each predicate that is mined with, its place here.
    predicates: Vec<u32>,
    /// Of each edit, likewise.
    edits: Vec<u32>,
}

impl Check {
    pub fn of(reviews: &Reviews, names: &Names, kept: &[Kept]) -> Self {
        let predicates = kept.iter().flat_map(|kept| kept.node.when.iter().copied());
        let (used, predicates) = renumbered(predicates, &names.predicates);
        let (used_edits, edits) = renumbered(kept.iter().map(|kept| kept.node.edit), &names.edits);
        let names = Names::only(reviews, used, used_edits);
        Self { population: Population::of(reviews, &names, true), predicates, edits }
    }

    pub fn items(&self) -> u64 {
        u64::from(self.population.items())
    }

    /// Returns how many items match a rule that is kept, and how many of those made its edit.
    pub fn confirm(&self, node: &Node) -> [u64; 2] {
        let when: Vec<u32> = node.when.iter().map(|predicate| self.predicates[*predicate as usize]).collect();
        let rows = self.population.postings().of_all(&when);
        let hits = self.population.scores(self.edits[node.edit as usize], &rows)[0];
        [u64::from(self.population.spread(&rows).items), hits as u64]
    }
}

/// Returns the ids of those used, and of each of `ids` its place among them.
fn renumbered(used: impl Iterator<Item = u32>, ids: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut uses = vec![false; ids.len()];
    used.for_each(|place| uses[place as usize] = true);
    let mut kept = Vec::new();
    let place = |(id, uses): (&u32, bool)| {
        kept.extend(uses.then_some(*id));
        (kept.len() as u32).wrapping_sub(1)
    };
    let places = ids.iter().zip(uses).map(place).collect();
    (kept, places)
}
