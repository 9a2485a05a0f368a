//! What values a row may have; the same rules for rows to be written and rows just read.

use super::{Error, Limits};
use crate::base::Timestamp;
use crate::record::{
    Change, Column, Field, Kind, Origin, Rows, Verdict, canonical_row, check_item, check_labeler, col, schema,
};

/// Checks sizes, nulls, words, ranges and order of `rows`.
pub(super) fn check(rows: &Rows, limits: &Limits) -> Result<(), Error> {
    if rows.len() as u64 > limits.rows {
        return Err(Error::Limit { what: "rows".into(), value: rows.len() as u64, most: limits.rows });
    }
    let mut budget = Budget::new(limits);
    for (field, column) in schema(rows.kind()).iter().zip(rows.columns()) {
        for row in 0..rows.len() {
            value(rows.kind(), field, column, row, &mut budget).map_err(|fault| match fault {
                Fault::Limit(error) => error,
                Fault::Value(message) => {
                    Error::Value { row: row as u64 + 1, column: field.name.into(), message }
                }
            })?;
        }
    }
    order(rows)
}

/// What is wrong with one value.
enum Fault {
    Limit(Error),
    Value(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Limit(error)
    }
}

/// The bytes that may still be decoded.
pub(super) struct Budget {
    limits: Limits,
    left: u64,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { limits: *limits, left: limits.decoded_bytes }
    }

    /// Takes the bytes of one text.
    pub(super) fn text(&mut self, bytes: usize) -> Result<(), Error> {
        let (value, most) = (bytes as u64, self.limits.cell_bytes);
        if value > most {
            return Err(Error::Limit { what: "bytes of one text".into(), value, most });
        }
        self.take(value)
    }

    /// Takes `bytes` of any values.
    pub(super) fn take(&mut self, bytes: u64) -> Result<(), Error> {
        let most = self.limits.decoded_bytes;
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => {
                let value = (most - self.left).saturating_add(bytes);
                return Err(Error::Limit { what: "bytes once decoded".into(), value, most });
            }
        }
        Ok(())
    }
}

fn value(kind: Kind, field: &Field, column: &Column, row: usize, budget: &mut Budget) -> Result<(), Fault> {
    if column.is_null(row) {
        return if field.nullable { Ok(()) } else { Err(Fault::Value("is null, and may not be".into())) };
    }
    match column {
        Column::Text(values) => {
            let text = values.get(row).unwrap_or_default();
            budget.text(text.len())?;
            word(kind, field.name, text).map_err(Fault::Value)
        }
        Column::Time(values) => match values[row].and_then(Timestamp::from_micros) {
            Some(_) => Ok(()),
            None => Err(Fault::Value("lies outside the years 1 to 9999".into())),
        },
        Column::Float(values) => {
            let unit = field.name == "confidence";
            float(values[row].unwrap_or_default(), unit).map_err(Fault::Value)
        }
        Column::Int(values) if field.name == "duration_ms" && values[row].is_some_and(|value| value < 0) => {
            Err(Fault::Value("is negative".into()))
        }
        Column::Int(_) | Column::Bool(_) => Ok(()),
        Column::Texts(values) => {
            values[row].iter().flatten().try_for_each(|text| Ok(budget.text(text.len())?))
        }
        Column::Floats(values) => values[row].iter().flatten().try_for_each(|value| {
            budget.take(4)?;
            float(*value, false).map_err(Fault::Value)
        }),
    }
}

fn float(value: f32, unit: bool) -> Result<(), String> {
    if value.is_nan() || (value == 0.0 && value.is_sign_negative()) {
        return Err("is NaN or -0, which have no canonical bytes".into());
    }
    if unit && !(0.0..=1.0).contains(&value) { Err(format!("{value} is not within 0 to 1")) } else { Ok(()) }
}

/// Checks ids and the words of closed vocabularies.
fn word(kind: Kind, name: &str, text: &str) -> Result<(), String> {
    match name {
        "item" => check_item(text).map_err(|error| error.to_string()),
        "labeler" => check_labeler(text).map_err(|error| error.to_string()),
        "origin" => text.parse::<Origin>().map(drop).map_err(|error| error.to_string()),
        "verdict" => text.parse::<Verdict>().map(drop).map_err(|error| error.to_string()),
        "change" if kind == Kind::Guidelines => {
            text.parse::<Change>().map(drop).map_err(|error| error.to_string())
        }
        _ => Ok(()),
    }
}

/// Checks that rows stand as `record::sort` leaves them.
fn order(rows: &Rows) -> Result<(), Error> {
    if rows.columns().is_empty() {
        return Ok(());
    }
    let judged = rows.kind().is_judgement();
    let key = |row: usize| {
        let (labeler, time) = if judged {
            (rows.text(row, col::LABELER), rows.time(row, col::CREATED_AT))
        } else {
            (None, None)
        };
        (rows.text(row, col::ITEM), labeler, time)
    };
    let bytes = |row: usize| {
        let mut out = Vec::new();
        canonical_row(rows, row, &mut out);
        out
    };
    for row in 1..rows.len() {
        if key(row - 1).cmp(&key(row)).then_with(|| bytes(row - 1).cmp(&bytes(row))).is_gt() {
            return Err(Error::Order { row: row as u64 + 1 });
        }
    }
    Ok(())
}
