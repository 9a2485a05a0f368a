//! A table that was no text: what the caller decoded from Parquet.

use serde_json::Value as Json;

use super::cell::{Cell, Entry, Record, Source};
use crate::base::Timestamp;

/// Columns of one length.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    names: Vec<String>,
    columns: Vec<Vec<Value>>,
    rows: usize,
}

/// One value of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// A moment.
    Time(Timestamp),
    /// A list or structure.
    Nested(Json),
}

impl Table {
    /// Returns a table of these columns; `None` when they are not of one length, or a name comes twice.
    pub fn new(columns: Vec<(String, Vec<Value>)>) -> Option<Self> {
        let rows = columns.first().map_or(0, |(_, values)| values.len());
        let (names, columns): (Vec<String>, Vec<Vec<Value>>) = columns.into_iter().unzip();
        let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
        let good = distinct.len() == names.len() && columns.iter().all(|values| values.len() == rows);
        good.then_some(Self { names, columns, rows })
    }
}

/// One row, its numbers and times written out.
struct Row<'t> {
    table: &'t Table,
    row: usize,
    written: Vec<String>,
}

impl Record for Row<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match self.table.columns.get(column).map(|values| &values[self.row]) {
            None => Cell::Absent,
            Some(Value::Null) => Cell::Null,
            Some(Value::Text(text)) if text.is_empty() => Cell::Null,
            Some(Value::Text(text)) => Cell::Text(text),
            Some(Value::Nested(value)) => Cell::Nested(value),
            Some(Value::Time(_)) => Cell::Text(&self.written[column]),
            Some(Value::Int(_) | Value::Float(_) | Value::Bool(_)) => Cell::Scalar(&self.written[column]),
        }
    }
}

impl Row<'_> {
    fn write(&mut self) {
        use std::fmt::Write as _;
        for (text, values) in self.written.iter_mut().zip(&self.table.columns) {
            text.clear();
            let written = match &values[self.row] {
                Value::Int(value) => write!(text, "{value}"),
                Value::Float(value) => write!(text, "{value}"),
                Value::Bool(value) => write!(text, "{value}"),
                Value::Time(value) => write!(text, "{value}"),
                Value::Null | Value::Text(_) | Value::Nested(_) => Ok(()),
            };
            written.expect("a String takes all that is written to it");
        }
    }
}

impl Source for Table {
    fn columns(&self) -> &[String] {
        &self.names
    }

    fn visit(&self, each: &mut dyn FnMut(Entry<'_>)) {
        let mut row = Row { table: self, row: 0, written: vec![String::new(); self.names.len()] };
        for at in 0..self.rows {
            row.row = at;
            row.write();
            each(Entry::Record(at, &row));
        }
    }

    fn place(&self, at: usize) -> (usize, usize) {
        (at + 1, 1)
    }

    fn cell_place(&self, record: usize, column: usize) -> (usize, usize) {
        (record + 1, column + 1)
    }

    fn extract(&self, records: &[usize]) -> (Vec<u8>, &'static str) {
        let mut out = Vec::new();
        for row in records {
            let cell = |values: &Vec<Value>| match &values[*row] {
                Value::Null => Json::Null,
                Value::Text(text) => text.as_str().into(),
                Value::Int(value) => (*value).into(),
                Value::Float(value) => (*value).into(),
                Value::Bool(value) => (*value).into(),
                Value::Time(value) => value.to_string().into(),
                Value::Nested(value) => value.clone(),
            };
            let object: serde_json::Map<String, Json> =
                self.names.iter().cloned().zip(self.columns.iter().map(cell)).collect();
            out.extend(Json::Object(object).to_string().into_bytes());
            out.push(b'\n');
        }
        (out, "jsonl")
    }
}
