//! Verdicts: what a joint policy found, item by item.
//!
//! A joint policy looks at the votes of all items at once, to learn how far to trust each labeler. Somebody who sees
//! them all (`consensus`) says what it came to; [`resolve`](super::resolve) takes it from here, part by part.

use crate::base::Texts;

/// What a joint policy found for every item with votes.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// In UTF-8 order.
    items: Texts,
    labels: Vec<String>,
    /// Positions in `labels`.
    found: Vec<Option<u32>>,
}

/// What was found for one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// This label.
    Label(&'a str),
    /// Several labels are equally probable.
    Tie,
}

impl Verdicts {
    /// Returns verdicts of no item yet, that will give some of `labels`.
    pub fn of(labels: Vec<String>) -> Self {
        Self { labels, ..Self::default() }
    }

    /// Adds what was found for `item`, which comes after all others in UTF-8 order: a position in the labels, or a tie.
    pub fn push(&mut self, item: &str, found: Option<u32>) {
        self.items.push(item);
        self.found.push(found);
    }

    /// Returns what was found for `item`; `None` if it had no votes.
    pub fn get(&self, item: &str) -> Option<Verdict<'_>> {
        let (mut low, mut high) = (0, self.items.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.items.get(middle) < item { low = middle + 1 } else { high = middle }
        }
        if low == self.items.len() || self.items.get(low) != item {
            return None;
        }
        Some(self.found[low].map_or(Verdict::Tie, |label| Verdict::Label(&self.labels[label as usize])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_has_its_own() {
        let mut verdicts = Verdicts::of(vec!["no".into(), "yes".into()]);
        for (item, found) in [("a", Some(1)), ("b", None), ("ä", Some(0))] {
            verdicts.push(item, found);
        }
        let expected = [Some(Verdict::Label("yes")), Some(Verdict::Tie), Some(Verdict::Label("no"))];
        assert_eq!(["a", "b", "ä"].map(|item| verdicts.get(item)), expected);
        assert_eq!(["", "ab", "z", "ö"].map(|item| verdicts.get(item)), [None; 4]);
    }
}
