//! What the readers of structured labels share: a JSON list, the keys of its parts, and what may be wrong with them.

use serde_json::{Map, Value};

/// What is wrong with a structured label. Parts count from 1, as people do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not JSON.
    #[error("the label is not JSON: {message}")]
    NotJson {
        /// What the JSON reader says.
        message: String,
    },
    /// JSON, but no list.
    #[error("the label is no JSON list")]
    NotAList,
    /// A part of the list is of another shape.
    #[error("part {part} is not {wanted}")]
    WrongShape {
        /// Which part.
        part: usize,
        /// What is wanted.
        wanted: &'static str,
    },
    /// A key that must be there is not.
    #[error("part {part} has no `{key}`")]
    Missing {
        /// Which part.
        part: usize,
        /// The key.
        key: &'static str,
    },
    /// Not a number that can stand there.
    #[error("part {part}: `{key}` is {given}, not {wanted}")]
    NotANumber {
        /// Which part.
        part: usize,
        /// The key.
        key: &'static str,
        /// What is there.
        given: String,
        /// What is wanted.
        wanted: &'static str,
    },
    /// A span that ends where it starts marks nothing.
    #[error("part {part} ends at {end}, where it starts: it marks nothing")]
    EmptySpan {
        /// Which part.
        part: usize,
        /// Where it starts and ends.
        end: u32,
    },
    /// A span that ends before it starts.
    #[error("part {part} ends at {end}, before its start {start}")]
    Backwards {
        /// Which part.
        part: usize,
        /// Where it starts.
        start: u32,
        /// Where it ends.
        end: u32,
    },
    /// A box without an area that numbers can hold.
    #[error("part {part} is a box without area: width {width}, height {height}")]
    NoArea {
        /// Which part.
        part: usize,
        /// Its width.
        width: String,
        /// Its height.
        height: String,
    },
    /// A rotated box. In percent of an image whose size is not known it has no shape.
    #[error("part {part} is a box rotated by {degrees} degrees, which cannot be compared")]
    Rotated {
        /// Which part.
        part: usize,
        /// How far.
        degrees: String,
    },
    /// An id stands twice in a ranking.
    #[error("`{id}` stands twice in the ranking")]
    RankedTwice {
        /// The id.
        id: String,
    },
}

/// Reads a JSON list.
pub(super) fn list(label: &str) -> Result<Vec<Value>, ParseError> {
    match serde_json::from_str(label) {
        Ok(Value::Array(parts)) => Ok(parts),
        Ok(_) => Err(ParseError::NotAList),
        Err(error) => Err(ParseError::NotJson { message: error.to_string() }),
    }
}

/// Returns a part's label: the text or number under `label`, else the first of one of the lists tools write; empty
/// where it has none.
pub(super) fn class(object: &Map<String, Value>) -> String {
    let first = |key: &str| object.get(key).and_then(Value::as_array).and_then(|labels| labels.first());
    let label = object.get("label").or_else(|| first("labels")).or_else(|| first("rectanglelabels"));
    label.and_then(text).unwrap_or_default()
}

/// Returns a text or number as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns a value as an error quotes it, cut short.
pub(super) fn quoted(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}
