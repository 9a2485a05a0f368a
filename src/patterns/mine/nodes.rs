//! Rules as the search meets them.

use std::cmp::Ordering;

use super::table::Table;

/// A rule of dense ids, and its table.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What is done.
    pub edit: u32,
    /// Its predicates, ascending: the preferred ones first.
    pub when: Vec<u32>,
    /// Its table.
    pub table: Table,
    /// ln of Fisher's p.
    pub log_p: f64,
}

impl Node {
    /// Orders by what is done, then least p first, then by preference.
    pub fn by_p(&self, other: &Self) -> Ordering {
        let ordered = self.edit.cmp(&other.edit).then(self.log_p.total_cmp(&other.log_p));
        ordered.then(self.when.len().cmp(&other.when.len())).then_with(|| self.when.cmp(&other.when))
    }

    /// Orders by predicates, then what is done.
    pub fn by_predicates(&self, other: &Self) -> Ordering {
        self.when.cmp(&other.when).then(self.edit.cmp(&other.edit))
    }
}

/// What one step of the search came to.
#[derive(Default)]
pub struct Step {
    /// Rules that may be returned.
    pub rules: Vec<Node>,
    /// Rules that may be made longer.
    pub longer: Vec<Node>,
}

impl Step {
    /// Returns what several steps came to, in a set order, nothing twice.
    pub fn together(steps: Vec<Self>, beam: usize) -> Self {
        let mut all = Self::default();
        for step in steps {
            all.rules.extend(step.rules);
            all.longer.extend(step.longer);
        }
        all.rules.sort_unstable_by(Node::by_p);
        all.rules.dedup_by(|a, b| a.by_p(b) == Ordering::Equal);
        all.keep_best(beam);
        all
    }

    /// Leaves of each edit the `beam` rules of least p to be made longer.
    pub fn keep_best(&mut self, beam: usize) {
        self.longer.sort_unstable_by(Node::by_p);
        self.longer.dedup_by(|a, b| a.by_p(b) == Ordering::Equal);
        let (mut edit, mut kept) = (u32::MAX, 0);
        self.longer.retain(|node| {
            kept = if node.edit == edit { kept + 1 } else { 1 };
            edit = node.edit;
            kept <= beam
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beam_keeps_the_least_p_of_each_edit_and_nothing_twice() {
        let node = |edit, one, log_p| Node { edit, when: vec![one], table: Table::default(), log_p };
        let longer =
            vec![node(1, 0, -1.0), node(0, 3, -2.0), node(0, 1, -5.0), node(0, 2, -2.0), node(0, 1, -5.0)];
        let mut step = Step { rules: Vec::new(), longer };
        step.keep_best(2);
        assert_eq!(step.longer, [node(0, 1, -5.0), node(0, 2, -2.0), node(1, 0, -1.0)]);
    }
}
