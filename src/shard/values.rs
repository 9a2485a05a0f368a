//! What values a row may have; the same rules for rows to be written and rows just read.

use std::ops::Range;

use super::{Error, Limits};
use crate::base::Timestamp;
use crate::record::{
    Change, Coded, Column, ErrorType, Field, Kind, Origin, Rows, Verdict, check_item, check_labeler,
    out_of_order, schema,
};

/// Checks sizes, nulls, words, ranges and order of the rows of `part`.
pub(super) fn check(rows: &Rows, part: Range<usize>, limits: &Limits) -> Result<(), Error> {
    if part.len() as u64 > limits.rows {
        return Err(Error::Limit { what: "rows".into(), value: part.len() as u64, most: limits.rows });
    }
    let mut budget = Budget::new(limits);
    let number = |row: usize| (row - part.start) as u64 + 1;
    for (field, column) in schema(rows.kind()).iter().zip(rows.columns()) {
        if good_throughout(rows.kind(), field, column, part.clone(), &mut budget) {
            continue;
        }
        for row in part.clone() {
            value(rows.kind(), field, column, row, &mut budget).map_err(|fault| match fault {
                Fault::Limit(error) => error,
                Fault::Value(message) => {
                    Error::Value { row: number(row), column: field.name.into(), message }
                }
            })?;
        }
    }
    match out_of_order(rows, part.clone()) {
        Some(row) => Err(Error::Order { row: number(row) }),
        None => Ok(()),
    }
}

/// Whether a column is seen to be good by a look at each distinct value; then its bytes are taken from the budget.
fn good_throughout(
    kind: Kind,
    field: &Field,
    column: &Column,
    part: Range<usize>,
    budget: &mut Budget,
) -> bool {
    if column.is_null_throughout() {
        return field.nullable || part.is_empty();
    }
    let Column::Text(values) = column else { return false };
    let Some(coded) = values.coded() else { return false };
    let good =
        |text: &str| text.len() as u64 <= budget.limits.cell_bytes && word(kind, field.name, text).is_ok();
    let no_null = field.nullable || !coded.codes[part.clone()].contains(&Coded::NULL);
    no_null && coded.texts().all(good) && budget.take(values.text_bytes(part) as u64).is_ok()
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
        "error_type" => text.parse::<ErrorType>().map(drop).map_err(|error| error.to_string()),
        "change" if kind == Kind::Guidelines => {
            text.parse::<Change>().map(drop).map_err(|error| error.to_string())
        }
        _ => Ok(()),
    }
}
