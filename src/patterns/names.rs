//! Names and the numbers they get, in the order they came; and lists of such numbers.

#[expect(
    clippy::disallowed_types,
    reason = "only looked up; the names are listed in the order they came"
)]
use std::collections::HashMap;
use std::hash::Hash;

/// Names, each with its number.
#[derive(Clone, Debug)]
#[expect(clippy::disallowed_types, reason = "only looked up; the names are listed in the order they came")]
pub(super) struct Names<T = String> {
    numbers: HashMap<T, u32>,
    names: Vec<T>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { numbers: Default::default(), names: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash + Ord> Names<T> {
    /// Returns the number of `name`, a new one if it is new.
    pub fn number<Q>(&mut self, name: &Q) -> u32
    where
        T: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = T> + ?Sized,
    {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }

    /// Returns the names in the order of their numbers.
    pub fn names(&self) -> &[T] {
        &self.names
    }
}

/// Lists of numbers, one after the other, in any order and with doubles.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    /// The numbers of all lists.
    pub values: Vec<u32>,
    ends: Vec<usize>,
}

impl Runs {
    /// Ends a list: what was pushed since the last one is its numbers.
    pub fn end_row(&mut self) {
        self.ends.push(self.values.len());
    }

    /// Returns how many lists there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the numbers of a list.
    pub fn row(&self, row: usize) -> &[u32] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.values[start..self.ends[row]]
    }
}

/// Returns all names of several lists, sorted and each once, and for each list the place of each of its names there.
pub(super) fn merge<'a, T: Clone + Ord + 'a>(
    lists: impl Iterator<Item = &'a [T]> + Clone,
) -> (Vec<T>, Vec<Vec<u32>>) {
    let mut all: Vec<&T> = lists.clone().flatten().collect();
    all.sort_unstable();
    all.dedup();
    let place = |name: &T| all.binary_search(&name).expect("it is one of them") as u32;
    let places = lists.map(|list| list.iter().map(place).collect()).collect();
    (all.into_iter().cloned().collect(), places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_merged_in_order() {
        let (mut a, mut b) = (Names::<String>::default(), Names::<String>::default());
        assert_eq!(["y", "x", "y"].map(|name| a.number(name)), [0, 1, 0]);
        assert_eq!(["z", "x"].map(|name| b.number(name)), [0, 1]);
        let (all, places) = merge([a.names(), b.names()].into_iter());
        assert_eq!(all, ["x", "y", "z"]);
        assert_eq!(places, [vec![1, 0], vec![2, 0]]);
    }
}
