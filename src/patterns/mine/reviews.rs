//! What is mined.

use std::ops::Range;

use super::Lists;

/// Reviewed rows, all columns of one length. Rows of one item follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reviews {
    /// The item of each row, never descending; any numbers.
    pub items: Vec<u32>,
    /// Who reviewed each row; any numbers.
    pub labelers: Vec<u32>,
    /// The predicates that hold for each row, below `predicate_count`.
    pub predicates: Lists,
    /// The edits of each row, below `edit_count`; none where it was approved as it was.
    pub edits: Lists,
    /// Of each predicate: of two rules that say the same, the one of lower ranks is kept.
    pub ranks: Vec<u32>,
    /// How many predicates there are.
    pub predicate_count: usize,
    /// How many edits there are.
    pub edit_count: usize,
    /// Whether each row only serves to check what the others say; the same for all rows of an item.
    pub held_out: Vec<bool>,
}

impl Reviews {
    /// Returns the rows of each item held out, or of each that is not.
    pub(super) fn runs(&self, held_out: bool) -> impl Iterator<Item = Range<usize>> {
        let mut next = 0;
        std::iter::from_fn(move || {
            while next < self.items.len() {
                let start = next;
                while next < self.items.len() && self.items[next] == self.items[start] {
                    next += 1;
                }
                if self.held_out[start] == held_out {
                    return Some(start..next);
                }
            }
            None
        })
    }
}
