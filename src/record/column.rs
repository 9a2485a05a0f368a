//! Columns: the values of one field over all rows of a batch, without an allocation a row.

use std::ops::{Index, Range};

use super::text::TextColumn;

/// Values of which any may be null; a column that is null throughout costs nothing a row.
#[derive(Clone, Debug)]
pub struct Cells<T> {
    /// Empty while all is null.
    values: Vec<Option<T>>,
    /// Rows while all is null.
    nulls: usize,
}

impl<T> Cells<T> {
    /// Appends a value.
    pub fn push(&mut self, value: Option<T>) {
        if value.is_none() && self.values.is_empty() {
            self.nulls += 1;
        } else {
            self.spelled_out().push(value);
        }
    }

    /// Appends nulls.
    pub fn push_nulls(&mut self, count: usize) {
        if self.values.is_empty() {
            self.nulls += count;
        } else {
            self.values.extend((0..count).map(|_| None));
        }
    }

    /// Sets the value of `row`.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn set(&mut self, row: usize, value: Option<T>) {
        if value.is_some() || !self.values.is_empty() {
            self.spelled_out()[row] = value;
        } else {
            assert!(row < self.nulls, "row {row} of {}", self.nulls);
        }
    }

    fn spelled_out(&mut self) -> &mut Vec<Option<T>> {
        let nulls = std::mem::take(&mut self.nulls);
        self.values.extend((0..nulls).map(|_| None));
        &mut self.values
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.values.len() + self.nulls
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every value is null, as far as that shows without looking at each.
    pub fn is_null_throughout(&self) -> bool {
        self.values.is_empty()
    }

    /// Iterates over the values of `range` in row order.
    pub fn range(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = &Option<T>> {
        range.map(|row| &self[row])
    }

    /// Iterates over the values in row order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Option<T>> {
        self.range(0..self.len())
    }

    /// Returns the values.
    pub fn into_vec(mut self) -> Vec<Option<T>> {
        self.spelled_out();
        self.values
    }
}

impl<T: Clone> Cells<T> {
    fn append(&mut self, other: &Self) {
        if self.values.is_empty() && other.values.is_empty() {
            self.nulls += other.nulls;
        } else {
            self.spelled_out().extend(other.iter().cloned());
        }
    }

    fn pick(&self, rows: impl ExactSizeIterator<Item = usize>) -> Self {
        if self.values.is_empty() {
            return Self { values: Vec::new(), nulls: rows.len() };
        }
        rows.map(|row| self.values[row].clone()).collect()
    }
}

impl<T> Default for Cells<T> {
    fn default() -> Self {
        Self { values: Vec::new(), nulls: 0 }
    }
}

impl<T> Index<usize> for Cells<T> {
    type Output = Option<T>;

    #[inline]
    fn index(&self, row: usize) -> &Option<T> {
        if self.values.is_empty() {
            assert!(row < self.nulls, "row {row} of {}", self.nulls);
            return &None;
        }
        &self.values[row]
    }
}

impl<T: PartialEq> PartialEq for Cells<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<T> From<Vec<Option<T>>> for Cells<T> {
    fn from(values: Vec<Option<T>>) -> Self {
        Self { values, nulls: 0 }
    }
}

impl<T> FromIterator<Option<T>> for Cells<T> {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(values: I) -> Self {
        let mut cells = Self::default();
        cells.extend(values);
        cells
    }
}

impl<T> Extend<Option<T>> for Cells<T> {
    fn extend<I: IntoIterator<Item = Option<T>>>(&mut self, values: I) {
        let values = values.into_iter();
        if !self.values.is_empty() {
            self.values.reserve(values.size_hint().0);
        }
        values.for_each(|value| self.push(value));
    }
}

/// One field's values over all rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// UTF-8 text.
    Text(TextColumn),
    /// Microseconds since the epoch, UTC.
    Time(Cells<i64>),
    /// Whole numbers.
    Int(Cells<i64>),
    /// Single-precision numbers, neither NaN nor −0.
    Float(Cells<f32>),
    /// Yes or no.
    Bool(Cells<bool>),
    /// Lists of text.
    Texts(Cells<Vec<String>>),
    /// Lists of single-precision numbers, neither NaN nor −0.
    Floats(Cells<Vec<f32>>),
}

/// Does the same with the values of a column, whatever they are.
macro_rules! each {
    ($column:expr, $values:ident => $do:expr) => {
        match $column {
            Column::Text($values) => $do,
            Column::Time($values) | Column::Int($values) => $do,
            Column::Float($values) => $do,
            Column::Bool($values) => $do,
            Column::Texts($values) => $do,
            Column::Floats($values) => $do,
        }
    };
}

impl Column {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        each!(self, values => values.len())
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the value of `row` is null.
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Text(values) => values.get(row).is_none(),
            Self::Time(values) | Self::Int(values) => values[row].is_none(),
            Self::Float(values) => values[row].is_none(),
            Self::Bool(values) => values[row].is_none(),
            Self::Texts(values) => values[row].is_none(),
            Self::Floats(values) => values[row].is_none(),
        }
    }

    /// Whether every value is null, as far as that shows without looking at each.
    pub fn is_null_throughout(&self) -> bool {
        each!(self, values => values.is_null_throughout())
    }

    /// Appends null.
    pub fn push_null(&mut self) {
        each!(self, values => values.push(None));
    }

    /// Appends nulls.
    pub fn push_nulls(&mut self, count: usize) {
        each!(self, values => values.push_nulls(count));
    }

    /// Appends all values of `other`.
    ///
    /// # Panics
    /// When `other` is of another type.
    pub fn append(&mut self, other: &Self) {
        match (self, other) {
            (Self::Text(mine), Self::Text(theirs)) => mine.append(theirs),
            (Self::Time(mine), Self::Time(theirs)) | (Self::Int(mine), Self::Int(theirs)) => {
                mine.append(theirs);
            }
            (Self::Float(mine), Self::Float(theirs)) => mine.append(theirs),
            (Self::Bool(mine), Self::Bool(theirs)) => mine.append(theirs),
            (Self::Texts(mine), Self::Texts(theirs)) => mine.append(theirs),
            (Self::Floats(mine), Self::Floats(theirs)) => mine.append(theirs),
            _ => panic!("columns of one type are appended"),
        }
    }

    /// Returns the column with only `rows`, in that order.
    pub fn take(&self, rows: &[u32]) -> Self {
        let picked = || rows.iter().map(|row| *row as usize);
        match self {
            Self::Text(values) => Self::Text(values.take(rows)),
            Self::Time(values) => Self::Time(values.pick(picked())),
            Self::Int(values) => Self::Int(values.pick(picked())),
            Self::Float(values) => Self::Float(values.pick(picked())),
            Self::Bool(values) => Self::Bool(values.pick(picked())),
            Self::Texts(values) => Self::Texts(values.pick(picked())),
            Self::Floats(values) => Self::Floats(values.pick(picked())),
        }
    }

    /// Returns the column with only the rows of `range`.
    pub fn slice(&self, range: Range<usize>) -> Self {
        match self {
            Self::Text(values) => Self::Text(values.slice(range)),
            Self::Time(values) => Self::Time(values.pick(range)),
            Self::Int(values) => Self::Int(values.pick(range)),
            Self::Float(values) => Self::Float(values.pick(range)),
            Self::Bool(values) => Self::Bool(values.pick(range)),
            Self::Texts(values) => Self::Texts(values.pick(range)),
            Self::Floats(values) => Self::Floats(values.pick(range)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_hold_what_was_pushed_also_after_nulls_alone() {
        for given in [vec![], vec![None; 3], vec![None, None, Some(7), None], vec![Some(1), None]] {
            let mut cells: Cells<i64> = given.iter().copied().collect();
            assert_eq!(cells, Cells::from(given.clone()));
            assert_eq!(cells.clone().into_vec(), given);
            let mut twice = cells.clone();
            twice.append(&cells);
            assert!(twice.iter().copied().eq(given.iter().chain(&given).copied()));
            for row in 0..given.len() {
                assert_eq!(cells[row], given[row]);
                cells.set(row, None);
                cells.set(row, Some(9));
            }
            assert!(cells.iter().all(|value| *value == Some(9)));
        }
    }

    #[test]
    fn columns_are_taken_and_cut() {
        for given in [vec![None; 4], vec![None, Some(0.5), None, Some(1.0)]] {
            let column = Column::Float(given.clone().into());
            assert_eq!(column.take(&[3, 1]), Column::Float(vec![given[3], given[1]].into()));
            assert_eq!(column.slice(1..3), Column::Float(given[1..3].to_vec().into()));
        }
    }
}
