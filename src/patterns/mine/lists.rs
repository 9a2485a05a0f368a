//! Lists of ids, one after the other.

/// The distinct ids of each row in ascending order: those of row `i` are `values[starts[i]..starts[i + 1]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Where each row begins, and at last where the last one ends: one more than rows; of no row it may be empty.
    pub starts: Vec<usize>,
    /// The ids of all rows.
    pub values: Vec<u32>,
}

impl Lists {
    /// Returns lists of these rows, sorted and without doubles.
    pub fn of<R: IntoIterator<Item = u32>>(rows: impl IntoIterator<Item = R>) -> Self {
        let mut lists = Self { starts: vec![0], values: Vec::new() };
        for row in rows {
            let mut row: Vec<u32> = row.into_iter().collect();
            row.sort_unstable();
            row.dedup();
            lists.values.extend(row);
            lists.starts.push(lists.values.len());
        }
        lists
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Returns whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the ids of a row.
    pub fn row(&self, row: usize) -> &[u32] {
        &self.values[self.starts[row]..self.starts[row + 1]]
    }
}
