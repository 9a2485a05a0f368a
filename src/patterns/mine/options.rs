//! What is asked of rules.

/// What a rule must be to be returned, and how far is searched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Items that must bear a rule out, mined and held out alike; also the least of items with a predicate, or with an
    /// edit, for it to take part. 0 counts as 1.
    pub min_support: u32,
    /// Labelers who must have made the edit, for otherwise it is their style.
    pub min_labelers: u32,
    /// The least share of matching items with the edit.
    pub min_precision: f64,
    /// By how much a predicate must lift the precision of the rule without it.
    pub margin: f64,
    /// Predicates of a rule, at most.
    pub max_when: usize,
    /// The share of false discoveries that is put up with.
    pub level: f64,
    /// Of each edit and length, how many rules are made longer.
    pub beam: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            min_support: 3,
            min_labelers: 2,
            min_precision: 0.5,
            margin: 0.05,
            max_when: 3,
            level: 0.05,
            beam: 8,
        }
    }
}
