//! One cell → one value of a field's type, under the field's own rule.

use std::borrow::Cow;
use std::str::FromStr;

use serde_json::Value;

use super::cell::Cell;
use crate::base::{Timestamp, json, text};
use crate::record::{Column, ErrorType, Field, FieldType, Origin, Verdict, check_slug, check_version};

/// Why a cell is no value of its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub message: String,
    pub hint: Option<String>,
}

impl Trouble {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A value on its way into a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Staged<'r> {
    Null,
    Text(Cow<'r, str>),
    Time(i64),
    Int(i64),
    Float(f32),
    Bool(bool),
    Texts(Vec<String>),
    Floats(Vec<f32>),
}

impl Staged<'_> {
    /// Appends the value to a column of its type.
    pub fn push(&self, column: &mut Column) {
        match (column, self) {
            (Column::Text(values), Self::Text(text)) => values.push(Some(text)),
            (Column::Time(values), Self::Time(value)) | (Column::Int(values), Self::Int(value)) => {
                values.push(Some(*value));
            }
            (Column::Float(values), Self::Float(value)) => values.push(Some(*value)),
            (Column::Bool(values), Self::Bool(value)) => values.push(Some(*value)),
            (Column::Texts(values), Self::Texts(value)) => values.push(Some(value.clone())),
            (Column::Floats(values), Self::Floats(value)) => values.push(Some(value.clone())),
            (column, _) => column.push_null(),
        }
    }
}

/// Reads a cell as a value of `field`.
pub(super) fn read<'r>(field: &Field, cell: Cell<'r>) -> Result<Staged<'r>, Trouble> {
    let given = match cell {
        Cell::Absent | Cell::Null => return Ok(Staged::Null),
        Cell::Nested(value) => return nested(field, value),
        Cell::Text(text) | Cell::Scalar(text) => text,
    };
    match field.kind {
        FieldType::Time => Ok(Staged::Time(time(given)?.micros())),
        FieldType::Int => whole(field, given).map(Staged::Int),
        FieldType::Float => float(field, given).map(Staged::Float),
        FieldType::Bool => boolean(field, given).map(Staged::Bool),
        FieldType::Text | FieldType::Word => word(field, given),
        FieldType::Texts => match serde_json::from_str(given) {
            Ok(value @ Value::Array(_)) => nested(field, &value),
            _ => Ok(Staged::Texts(vec![plain(given)?.to_owned()])),
        },
        FieldType::Floats => match serde_json::from_str(given) {
            Ok(value @ Value::Array(_)) => nested(field, &value),
            _ => Err(Trouble::new(format!("{} wants a list of numbers", field.name))),
        },
    }
}

fn plain(given: &str) -> Result<&str, Trouble> {
    if given.contains('\0') { Err(Trouble::new("a NUL character")) } else { Ok(given) }
}

fn word<'r>(field: &Field, given: &'r str) -> Result<Staged<'r>, Trouble> {
    let given = plain(given)?;
    let closed = |known: Result<&'static str, crate::record::UnknownWord>| {
        known.map(|word| Staged::Text(word.into())).map_err(|error| Trouble::new(error.to_string()))
    };
    match field.name {
        "origin" => closed(Origin::from_str(given).map(Origin::as_str)),
        "verdict" => closed(Verdict::from_str(given).map(Verdict::as_str)),
        "error_type" => closed(ErrorType::from_str(given).map(ErrorType::as_str)),
        "guideline" => guideline(given),
        "scores" | "context" | "metadata" => match serde_json::from_str(given) {
            Ok(value @ Value::Object(_)) => Ok(Staged::Text(json::canonical(&value).into())),
            _ => Err(Trouble::new(format!("{} wants a JSON object", field.name))),
        },
        "sha256" if given.parse::<crate::base::Digest>().is_err() => Err(Trouble::new(format!(
            "`{}` is not a SHA-256 digest: 64 lowercase hexadecimal digits",
            start(given)
        ))),
        _ => Ok(Staged::Text(given.into())),
    }
}

fn guideline(given: &str) -> Result<Staged<'_>, Trouble> {
    let good = given.split_once('@').is_some_and(|(name, version)| {
        check_slug("guideline", name).is_ok() && check_version(version).is_ok()
    });
    if good {
        return Ok(Staged::Text(given.into()));
    }
    let message = format!("`{}` is no guideline version: write NAME@VERSION", start(given));
    Err(Trouble::new(message).hinted("ignore the column with --map guideline=- and give --guideline"))
}

fn nested<'r>(field: &Field, value: &Value) -> Result<Staged<'r>, Trouble> {
    let shape = if value.is_array() { "a list" } else { "an object" };
    match (field.kind, value) {
        (FieldType::Texts, Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().filter(|text| !text.contains('\0')).map(str::to_owned))
            .collect::<Option<_>>()
            .map(Staged::Texts)
            .ok_or_else(|| Trouble::new(format!("{} wants a list of texts", field.name))),
        (FieldType::Floats, Value::Array(items)) => items
            .iter()
            .map(|item| item.as_f64().map(|number| number as f32).filter(|number| number.is_finite()))
            // Adding zero makes −0 a 0.
            .map(|number| number.map(|number| number + 0.0))
            .collect::<Option<_>>()
            .map(Staged::Floats)
            .ok_or_else(|| Trouble::new(format!("{} wants a list of numbers", field.name))),
        (_, Value::Object(_)) if matches!(field.name, "scores" | "context" | "metadata") => {
            Ok(Staged::Text(json::canonical(value).into()))
        }
        _ => Err(Trouble::new(format!("{shape} where {} wants one value", field.name))),
    }
}

fn start(given: &str) -> String {
    const MOST: usize = 60;
    let mut out: String = given.chars().take(MOST).collect();
    if out.len() < given.len() {
        out.push('…');
    }
    out
}

fn number(field: &Field, given: &str) -> Result<f64, Trouble> {
    let parsed = given.trim().parse().ok().filter(|number: &f64| number.is_finite());
    parsed.ok_or_else(|| Trouble::new(format!("`{}` is not a number, as {} wants", start(given), field.name)))
}

fn whole(field: &Field, given: &str) -> Result<i64, Trouble> {
    if let Ok(value) = given.trim().parse::<i64>() {
        if value < 0 {
            return Err(Trouble::new(format!("{value} is less than none, as {} cannot be", field.name)));
        }
        return Ok(value);
    }
    milliseconds(field, number(field, given)?)
}

/// Rounds a length of time given as a fraction.
fn milliseconds(field: &Field, value: f64) -> Result<i64, Trouble> {
    if (0.0..9e15).contains(&value) {
        return Ok(value.round() as i64);
    }
    Err(Trouble::new(format!("{value} is out of range for {}", field.name)))
}

/// Reads a length of time in seconds as milliseconds.
pub(super) fn seconds<'r>(field: &Field, cell: Cell<'_>) -> Result<Staged<'r>, Trouble> {
    match cell {
        Cell::Absent | Cell::Null => Ok(Staged::Null),
        Cell::Nested(_) => Err(Trouble::new("a structure where a length of time is wanted")),
        Cell::Text(given) | Cell::Scalar(given) => {
            milliseconds(field, number(field, given)? * 1000.0).map(Staged::Int)
        }
    }
}

fn float(field: &Field, given: &str) -> Result<f32, Trouble> {
    let value = number(field, given)?;
    if field.name == "confidence" && !(0.0..=1.0).contains(&value) {
        return Err(Trouble::new(format!("the confidence {value} is outside 0 to 1")));
    }
    // Adding zero makes −0 a 0.
    Ok(value as f32 + 0.0)
}

fn boolean(field: &Field, given: &str) -> Result<bool, Trouble> {
    match given.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(Trouble::new(format!(
            "`{}` is neither true nor false, as {} wants",
            start(given),
            field.name
        ))),
    }
}

/// Reads a time as people and tools write it: RFC 3339, with a space, a date alone, or Unix time. A number tells its
/// unit by its size: from 10^8 on seconds, from 10^11 milliseconds, from 10^14 microseconds, from 10^17 nanoseconds.
pub(super) fn time(given: &str) -> Result<Timestamp, Trouble> {
    let given = given.trim();
    let bad = || Trouble::new(crate::base::time::NotATime(start(given)).to_string());
    let number = given.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !number || given.is_empty() {
        return given.parse().map_err(|_| match slashed(given) {
            true => bad().hinted("day and month cannot be told apart; write year first"),
            false => bad(),
        });
    }
    let (whole, fraction) = given.split_once('.').unwrap_or((given, ""));
    let (whole, fraction) = match (whole.parse::<i64>(), format!("0.{fraction}0").parse::<f64>()) {
        (Ok(whole), Ok(fraction)) => (whole, fraction),
        _ => return Err(bad()),
    };
    let micros = match whole {
        100_000_000..100_000_000_000 => whole * 1_000_000 + (fraction * 1e6).round() as i64,
        100_000_000_000..100_000_000_000_000 => whole * 1000 + (fraction * 1e3).round() as i64,
        100_000_000_000_000..100_000_000_000_000_000 => whole,
        100_000_000_000_000_000.. => whole / 1000,
        _ => return Err(bad().hinted("Unix times are read from 100000000 (1973) on")),
    };
    Timestamp::from_micros(micros).ok_or_else(bad)
}

fn slashed(given: &str) -> bool {
    given.contains('/') && given.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns an id's text: NFC, from a text or a number.
pub(super) fn id<'r>(what: &'static str, cell: Cell<'r>) -> Result<Cow<'r, str>, Trouble> {
    match cell {
        Cell::Text(given) | Cell::Scalar(given) => Ok(text::nfc(given)),
        Cell::Absent | Cell::Null => Err(Trouble::new(format!("the {what} id is empty"))),
        Cell::Nested(_) => Err(Trouble::new(format!("a structure where the {what} id is wanted"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Kind, schema};

    fn field(name: &str) -> Field {
        let kinds = [Kind::Labels, Kind::Corrections, Kind::Predictions, Kind::Items];
        *kinds.iter().flat_map(|kind| schema(*kind)).find(|field| field.name == name).unwrap()
    }

    #[test]
    fn times_are_read_in_every_dress() {
        for (given, expected) in [
            ("2023-09-16T10:01:23Z", "2023-09-16T10:01:23Z"),
            (" 2023-09-16 10:01:23+02:00 ", "2023-09-16T08:01:23Z"),
            ("2023-09-16", "2023-09-16T00:00:00Z"),
            ("1694858483", "2023-09-16T10:01:23Z"),
            ("1694858483.25", "2023-09-16T10:01:23.250000Z"),
            ("1694858483250", "2023-09-16T10:01:23.250000Z"),
            ("1694858483250001", "2023-09-16T10:01:23.250001Z"),
            ("1694858483250001999", "2023-09-16T10:01:23.250001Z"),
        ] {
            assert_eq!(time(given).unwrap().to_string(), expected, "{given}");
        }
        for given in
            ["", "2024", "99999999", "1e9", "9/3/2018 15:14:10", "soon", "1.2.3", "99999999999999999999", "."]
        {
            let trouble = time(given).unwrap_err();
            assert!(trouble.message.contains("is not a time"), "{given}: {trouble:?}");
        }
        assert!(time("9/3/2018").unwrap_err().hint.unwrap().contains("year first"));
    }

    #[test]
    fn values_obey_the_rule_of_their_field() {
        let good = |name: &str, given: &'static str| read(&field(name), Cell::Text(given)).unwrap();
        let bad =
            |name: &str, given: &'static str| read(&field(name), Cell::Text(given)).unwrap_err().message;
        assert_eq!(good("confidence", "-0"), Staged::Float(0.0));
        assert!(matches!(good("confidence", "-0"), Staged::Float(zero) if zero.is_sign_positive()));
        assert_eq!(good("duration_ms", "1500.4"), Staged::Int(1500));
        assert_eq!(good("should_learn", "TRUE"), Staged::Bool(true));
        assert_eq!(good("categories", r#"["a","b"]"#), Staged::Texts(vec!["a".into(), "b".into()]));
        assert_eq!(good("embedding", "[1, -0.0]"), Staged::Floats(vec![1.0, 0.0]));
        assert_eq!(good("origin", "confirmed"), Staged::Text("confirmed".into()));
        assert_eq!(good("guideline", "tone@2"), Staged::Text("tone@2".into()));
        assert_eq!(good("context", r#"{"b":1,"a":2.0}"#), Staged::Text(r#"{"a":2,"b":1}"#.into()));
        assert_eq!(seconds(&field("duration_ms"), Cell::Text("7.662")), Ok(Staged::Int(7662)));
        assert_eq!(bad("confidence", "1.5"), "the confidence 1.5 is outside 0 to 1");
        assert_eq!(bad("confidence", "1e999"), "`1e999` is not a number, as confidence wants");
        assert_eq!(bad("duration_ms", "-5"), "-5 is less than none, as duration_ms cannot be");
        assert!(bad("origin", "new").starts_with("`new` is no origin: one of fresh"));
        assert!(bad("guideline", "v3").starts_with("`v3` is no guideline version"));
        assert!(bad("sha256", "ABC").contains("is not a SHA-256 digest"));
        assert_eq!(bad("rationale", "a\0b"), "a NUL character");
        assert_eq!(bad("context", "[]"), "context wants a JSON object");
    }
}
