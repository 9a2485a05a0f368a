//! Spans: marked stretches of a text.
//!
//! In: a span label as the ledger has it, a JSON list of `{"end":5,"label":"PER","start":0}`. Read as well are
//! `start_offset`/`end_offset`, `labels: [..]` in place of `label`, and `[0,5,"PER"]`, as tools write them; other keys
//! (`text`) are passed over. Offsets are half-open and count characters, or whatever the tool counts.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::names::{Named, Names};
use super::parse::{self, ParseError};

/// A marked stretch [start, end), never empty. Spans of one class stand together in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The number of its class.
    pub label: u32,
    /// The first character.
    pub start: u32,
    /// One past the last character; greater than `start`.
    pub end: u32,
}

impl Span {
    /// Returns its number of characters.
    pub fn length(self) -> u32 {
        self.end - self.start
    }
}

impl Named for Span {
    fn name_mut(&mut self) -> &mut u32 {
        &mut self.label
    }
}

const WANTED: &str = "a whole number from 0 to 4294967295";

/// A span as the ledger writes it; also `[0,5,"PER"]`.
#[derive(Deserialize)]
struct Plain<'a> {
    start: u32,
    end: u32,
    #[serde(borrow)]
    label: Cow<'a, str>,
}

/// Reads a span label; classes get their numbers from `classes`, a missing one is the empty text.
///
/// # Errors
/// What is wrong with which part.
pub fn parse_spans(label: &str, classes: &mut Names) -> Result<Vec<Span>, ParseError> {
    // Most labels are plain, and read in a fifth of the time; what is not is gone through part by part.
    if let Ok(plain) = serde_json::from_str::<Vec<Plain<'_>>>(label) {
        let span =
            |(plain, part): (&Plain<'_>, usize)| checked(plain.start, plain.end, &plain.label, part, classes);
        return plain.iter().zip(1..).map(span).collect();
    }
    parse::list(label)?.iter().zip(1..).map(|(value, part)| span(value, part, classes)).collect()
}

fn span(value: &Value, part: usize, classes: &mut Names) -> Result<Span, ParseError> {
    let (start, end, class) = match value {
        Value::Object(object) => {
            let get = |key: &str, other: &str| object.get(key).or_else(|| object.get(other));
            (get("start", "start_offset"), get("end", "end_offset"), parse::class(object))
        }
        Value::Array(three) => {
            (three.first(), three.get(1), three.get(2).and_then(parse::text).unwrap_or_default())
        }
        _ => return Err(ParseError::WrongShape { part, wanted: "a span with `start`, `end` and `label`" }),
    };
    let (start, end) = (offset(start, "start", part)?, offset(end, "end", part)?);
    checked(start, end, &class, part, classes)
}

fn checked(start: u32, end: u32, class: &str, part: usize, classes: &mut Names) -> Result<Span, ParseError> {
    match start.cmp(&end) {
        std::cmp::Ordering::Less => Ok(Span { label: classes.number(class), start, end }),
        std::cmp::Ordering::Equal => Err(ParseError::EmptySpan { part, end }),
        std::cmp::Ordering::Greater => Err(ParseError::Backwards { part, start, end }),
    }
}

fn offset(value: Option<&Value>, key: &'static str, part: usize) -> Result<u32, ParseError> {
    let value = value.ok_or(ParseError::Missing { part, key })?;
    value.as_u64().and_then(|offset| u32::try_from(offset).ok()).ok_or_else(|| ParseError::NotANumber {
        part,
        key,
        given: parse::quoted(value),
        wanted: WANTED,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(label: &str) -> Result<Vec<(u32, u32, String)>, String> {
        let mut names = Names::default();
        let spans = parse_spans(label, &mut names).map_err(|error| error.to_string())?;
        let (names, places) = names.settle();
        let name = |span: &Span| names[places[span.label as usize] as usize].clone();
        Ok(spans.iter().map(|span| (span.start, span.end, name(span))).collect())
    }

    #[test]
    fn spans_are_read_as_tools_write_them() {
        let label = r#"[{"end":5,"label":"PER","start":0,"text":"Alice"},{"end":9,"labels":["ORG"],"start":6},
            {"end_offset":3,"label":7,"start_offset":1},[2,4,"LOC"],{"end":2,"start":1}]"#;
        let expected = [(0, 5, "PER"), (6, 9, "ORG"), (1, 3, "7"), (2, 4, "LOC"), (1, 2, "")];
        assert_eq!(read(label).unwrap(), expected.map(|(start, end, name)| (start, end, name.to_owned())));
        assert_eq!(read("[]"), Ok(vec![]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (label, message) in [
            ("[{", "the label is not JSON: EOF while parsing an object at line 1 column 2"),
            (r#"{"start":1}"#, "the label is no JSON list"),
            ("[3]", "part 1 is not a span with `start`, `end` and `label`"),
            (r#"[{"start":1}]"#, "part 1 has no `end`"),
            ("[[1,2],[4,4]]", "part 2 ends at 4, where it starts: it marks nothing"),
            (r#"[{"end":2,"start":5}]"#, "part 1 ends at 2, before its start 5"),
            (r#"[{"end":2,"start":-1}]"#, "part 1: `start` is -1, not a whole number from 0 to 4294967295"),
            (r#"[{"end":2.5,"start":1}]"#, "part 1: `end` is 2.5, not a whole number from 0 to 4294967295"),
            ("[[0,4294967296]]", "part 1: `end` is 4294967296, not a whole number from 0 to 4294967295"),
            ("[[0,1e300]]", "part 1: `end` is 1e+300, not a whole number from 0 to 4294967295"),
            ("[[null,2]]", "part 1: `start` is null, not a whole number from 0 to 4294967295"),
        ] {
            assert_eq!(read(label), Err(message.to_owned()), "{label}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(label in r#"[\[\]{}":,a-z0-9.eE+-]{0,40}"#) {
            let _ = read(&label);
        }

        /// A key more sends a label the long way.
        #[test]
        fn both_ways_read_the_same(spans in prop::collection::vec((0..9u32, 0..9u32, "[a-c\"é]{0,2}"), 0..5)) {
            let write = |key: &str| {
                let one = |(start, end, label): &(u32, u32, String)| serde_json::json!({ "start": start, "end": end, key: [label], "label": label });
                Value::from(spans.iter().map(one).collect::<Vec<_>>()).to_string()
            };
            let plain = read(&write("text"));
            prop_assert_eq!(&plain, &read(&write("labels").replace(r#""label":"#, r#""other":"#)));
            prop_assert!(plain.is_ok() == spans.iter().all(|(start, end, _)| start < end));
        }
    }
}
