//! Connected components, so that what cannot interact is solved apart.

/// Disjoint sets of the numbers 0..n.
pub(super) struct Components {
    parents: Vec<u32>,
}

impl Components {
    /// Returns `count` sets of one number each.
    pub fn new(count: usize) -> Self {
        Self { parents: (0..u32::try_from(count).expect("fewer than 2^32 nodes")).collect() }
    }

    /// Returns the number that stands for the set of `node`: its least.
    pub fn root(&mut self, mut node: u32) -> u32 {
        while self.parents[node as usize] != node {
            let parent = self.parents[node as usize];
            self.parents[node as usize] = self.parents[parent as usize];
            node = parent;
        }
        node
    }

    /// Makes one set of those of `a` and `b`.
    pub fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b) as usize] = a.min(b);
    }
}
