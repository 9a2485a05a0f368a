//! Names: classes and ids as numbers, in the end in the order of the names.

use std::collections::BTreeMap;

/// Names as they are met, each with a number.
#[derive(Clone, Debug, Default)]
pub struct Names {
    numbers: BTreeMap<String, u32>,
}

/// A thing that bears a name's number.
pub trait Named {
    /// Returns the number.
    fn name_mut(&mut self) -> &mut u32;
}

impl Names {
    /// Returns the number of `name`: for a new one the next.
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let next = u32::try_from(self.numbers.len()).expect("a table holds fewer than 2^32 names");
        self.numbers.insert(name.to_owned(), next);
        next
    }

    /// Returns the names in UTF-8 order, and for every number given so far the place of its name in that order.
    pub fn settle(self) -> (Vec<String>, Vec<u32>) {
        let mut places = vec![0; self.numbers.len()];
        for (place, number) in (0..).zip(self.numbers.values()) {
            places[*number as usize] = place;
        }
        (self.numbers.into_keys().collect(), places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_in_order() {
        let mut names = Names::default();
        assert_eq!(["b", "a", "b", "c"].map(|name| names.number(name)), [0, 1, 0, 2]);
        assert_eq!(names.settle(), (vec!["a".into(), "b".into(), "c".into()], vec![1, 0, 2]));
    }
}
