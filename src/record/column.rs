//! Columns: the values of one field over all rows of a batch, without an allocation a row.

/// Nullable text, end to end in one buffer.
#[derive(Clone, Debug, Default)]
pub struct TextColumn {
    data: String,
    ends: Vec<u32>,
    /// Empty while no value is null.
    nulls: Vec<bool>,
}

impl TextColumn {
    /// Appends a value.
    ///
    /// # Panics
    /// When the column passes 4 GiB of text: a batch holds at most a million rows and readers bound each value.
    pub fn push(&mut self, value: Option<&str>) {
        match value {
            Some(text) => self.data.push_str(text),
            None if self.nulls.is_empty() => self.nulls = vec![false; self.ends.len()],
            None => {}
        }
        if !self.nulls.is_empty() || value.is_none() {
            self.nulls.push(value.is_none());
        }
        self.ends.push(u32::try_from(self.data.len()).expect("a batch holds less than 4 GiB of text"));
    }

    /// Puts `value` in the place of the last one.
    ///
    /// # Panics
    /// When the column is empty.
    pub fn replace_last(&mut self, value: &str) {
        self.ends.pop().expect("a column with a last value");
        self.data.truncate(self.ends.last().copied().unwrap_or(0) as usize);
        self.nulls.pop();
        self.push(Some(value));
    }

    /// Returns the value of `row`; `None` is null.
    pub fn get(&self, row: usize) -> Option<&str> {
        if self.nulls.get(row).copied().unwrap_or(false) {
            return None;
        }
        let start = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        Some(&self.data[start..self.ends[row] as usize])
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Iterates over the values in row order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        (0..self.len()).map(|row| self.get(row))
    }
}

impl PartialEq for TextColumn {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<S: AsRef<str>> FromIterator<Option<S>> for TextColumn {
    fn from_iter<I: IntoIterator<Item = Option<S>>>(values: I) -> Self {
        let mut column = Self::default();
        for value in values {
            column.push(value.as_ref().map(AsRef::as_ref));
        }
        column
    }
}

/// One field's values over all rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// UTF-8 text.
    Text(TextColumn),
    /// Microseconds since the epoch, UTC.
    Time(Vec<Option<i64>>),
    /// Whole numbers.
    Int(Vec<Option<i64>>),
    /// Single-precision numbers, neither NaN nor −0.
    Float(Vec<Option<f32>>),
    /// Yes or no.
    Bool(Vec<Option<bool>>),
    /// Lists of text.
    Texts(Vec<Option<Vec<String>>>),
    /// Lists of single-precision numbers, neither NaN nor −0.
    Floats(Vec<Option<Vec<f32>>>),
}

impl Column {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Time(values) | Self::Int(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Floats(values) => values.len(),
        }
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

    /// Appends null.
    pub fn push_null(&mut self) {
        match self {
            Self::Text(values) => values.push(None),
            Self::Time(values) | Self::Int(values) => values.push(None),
            Self::Float(values) => values.push(None),
            Self::Bool(values) => values.push(None),
            Self::Texts(values) => values.push(None),
            Self::Floats(values) => values.push(None),
        }
    }

    /// Returns the column with only `rows`, in that order.
    pub fn take(&self, rows: &[u32]) -> Self {
        fn pick<T: Clone>(values: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|row| values[*row as usize].clone()).collect()
        }
        match self {
            Self::Text(values) => Self::Text(rows.iter().map(|row| values.get(*row as usize)).collect()),
            Self::Time(values) => Self::Time(pick(values, rows)),
            Self::Int(values) => Self::Int(pick(values, rows)),
            Self::Float(values) => Self::Float(pick(values, rows)),
            Self::Bool(values) => Self::Bool(pick(values, rows)),
            Self::Texts(values) => Self::Texts(pick(values, rows)),
            Self::Floats(values) => Self::Floats(pick(values, rows)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_and_empty_texts_are_told_apart() {
        let values = [Some("a"), Some(""), None, Some("bc"), None];
        let column: TextColumn = values.into_iter().collect();
        assert_eq!(column.iter().collect::<Vec<_>>(), values);
        let first_null: TextColumn = [None, Some("a")].into_iter().collect();
        assert_eq!(first_null.iter().collect::<Vec<_>>(), [None, Some("a")]);
    }
}
