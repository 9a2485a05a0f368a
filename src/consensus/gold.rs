//! Gold: how often a consensus is right, where the truth is known.

use super::{Choice, Consensus};

/// How often a consensus is right. Shares are of the items whose class is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GoldAccuracy {
    /// Items whose class is known.
    pub items: u64,
    /// Those among them that are undecided.
    pub tied: u64,
    /// The share right, when an undecided item counts 1/(number of its candidates) if the truth is one of them: what
    /// drawing lots would give on average.
    pub expected: f64,
    /// The share right if every undecided item went wrong.
    pub lowest: f64,
    /// The share right if every undecided item with the truth among its candidates went right.
    pub highest: f64,
}

/// Compares `consensus` with `gold`: for every item, its class as a position in the table's classes, or `None` where it
/// is not known. A position beyond them is a class that no consensus can be. `None` if no class is known.
pub fn accuracy(consensus: &Consensus, gold: &[Option<u32>]) -> Option<GoldAccuracy> {
    let (mut items, mut tied, mut right, mut possible) = (0u64, 0u64, 0u64, 0u64);
    // Undecided items that may be right, by their number of candidates: whole numbers until the end.
    let mut drawn = std::collections::BTreeMap::<usize, u64>::new();
    for (item, choice) in consensus.choices.iter().enumerate() {
        let Some(truth) = gold.get(item).copied().flatten() else { continue };
        items += 1;
        match choice {
            Choice::Class(class) => right += u64::from(*class == truth),
            Choice::Tied => {
                tied += 1;
                if consensus.candidates(item).any(|class| class == truth) {
                    possible += 1;
                    *drawn.entry(consensus.candidates(item).count()).or_insert(0) += 1;
                }
            }
        }
    }
    let by_lot: f64 = drawn.iter().map(|(candidates, items)| *items as f64 / *candidates as f64).sum();
    let share = |sum: f64| sum / items as f64;
    (items > 0).then(|| GoldAccuracy {
        items,
        tied,
        expected: share(right as f64 + by_lot),
        lowest: share(right as f64),
        highest: share((right + possible) as f64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consensus::{TieRule, majority};
    use crate::table::Table;

    #[test]
    fn an_undecided_item_is_right_by_lot() {
        let labels = [
            ("i1", "ana", "x"),
            ("i2", "ana", "x"),
            ("i2", "raj", "y"),
            ("i3", "ana", "x"),
            ("i3", "raj", "y"),
            ("i4", "eve", "z"),
        ];
        let table = Table::from_labels(labels, None);
        let found = majority(&table, TieRule::Undecided).unwrap();
        let measured = accuracy(&found, &[Some(0), Some(1), Some(2), None]).unwrap();
        let [one, half] = [1.0 / 3.0, 1.5 / 3.0];
        let expected = GoldAccuracy { items: 3, tied: 2, expected: half, lowest: one, highest: 2.0 / 3.0 };
        assert_eq!(measured, expected);
        assert_eq!(accuracy(&found, &[None; 4]), None);
        let found = majority(&table, TieRule::FirstClass).unwrap();
        assert_eq!(accuracy(&found, &[Some(0), Some(1), Some(9)]).unwrap().expected, one);
    }
}
