//! Where the parts of a JSON text lie: a walk over its structure that keeps offsets, which parsed values lose.
//!
//! The walk only finds ends; `serde_json` judges what is inside. It does not recurse, so depth cannot hurt it.

use std::ops::Range;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Something that is no JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotJson {
    pub at: usize,
    pub message: String,
}

fn refuse<T>(at: usize, message: impl Into<String>) -> Result<T, NotJson> {
    Err(NotJson { at, message: message.into() })
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The key, quotes included.
    pub key: Range<usize>,
    pub value: Range<usize>,
}

/// Returns the first offset from `at` on that is no white space.
pub(super) fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

fn skip_string(bytes: &[u8], start: usize) -> Result<usize, NotJson> {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at += 2,
            Some(b'\n') => return refuse(start, "a text that is not closed on its line"),
            Some(_) => at += 1,
            None => return refuse(start, "a text that is not closed"),
        }
    }
}

/// Returns the end of the value that begins at `start`.
pub(super) fn skip_value(bytes: &[u8], start: usize) -> Result<usize, NotJson> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match bytes.get(at) {
            None => return refuse(start, "a list or object that is not closed"),
            Some(b'"') => at = skip_string(bytes, at)?,
            Some(b'[' | b'{') => {
                depth += 1;
                at += 1;
            }
            Some(b']' | b'}') if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            Some(_) if depth > 0 => {
                at += 1;
                continue;
            }
            Some(_) => {
                let plain = |byte: &&u8| {
                    !matches!(byte, b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\r' | b'\n' | b'"')
                };
                let end = at + bytes[at..].iter().take_while(plain).count();
                return if end == at { refuse(at, "a value is missing here") } else { Ok(end) };
            }
        }
        if depth == 0 {
            return Ok(at);
        }
    }
}

/// Returns the elements of the list that begins at `start`, and its end.
pub(super) fn elements(bytes: &[u8], start: usize) -> Result<(Vec<Range<usize>>, usize), NotJson> {
    let mut out = Vec::new();
    let mut at = skip_space(bytes, start + 1);
    if bytes.get(at) == Some(&b']') {
        return Ok((out, at + 1));
    }
    loop {
        let end = skip_value(bytes, at)?;
        out.push(at..end);
        at = skip_space(bytes, end);
        match bytes.get(at) {
            Some(b',') => at = skip_space(bytes, at + 1),
            Some(b']') => return Ok((out, at + 1)),
            _ => return refuse(at.min(bytes.len()), "a comma or `]` is missing here"),
        }
    }
}

/// Returns the members of the object that begins at `start`, and its end.
pub(super) fn members(bytes: &[u8], start: usize) -> Result<(Vec<Member>, usize), NotJson> {
    let mut out = Vec::new();
    let mut at = skip_space(bytes, start + 1);
    if bytes.get(at) == Some(&b'}') {
        return Ok((out, at + 1));
    }
    loop {
        if bytes.get(at) != Some(&b'"') {
            return refuse(at, "a key in quotes is missing here");
        }
        let key = at..skip_string(bytes, at)?;
        at = skip_space(bytes, key.end);
        if bytes.get(at) != Some(&b':') {
            return refuse(at, "a colon is missing here");
        }
        at = skip_space(bytes, at + 1);
        let value = at..skip_value(bytes, at)?;
        at = skip_space(bytes, value.end);
        out.push(Member { key, value });
        match bytes.get(at) {
            Some(b',') => at = skip_space(bytes, at + 1),
            Some(b'}') => return Ok((out, at + 1)),
            _ => return refuse(at.min(bytes.len()), "a comma or `}` is missing here"),
        }
    }
}

/// Parses the value at `range`; a key given twice in one object is a fault.
pub(super) fn parse(text: &str, range: Range<usize>) -> Result<Value, NotJson> {
    decode::<Strict>(text, range).map(|strict| strict.0)
}

/// Parses a text, quotes included.
pub(super) fn parse_text(text: &str, range: Range<usize>) -> Result<String, NotJson> {
    decode(text, range)
}

fn decode<'t, T: Deserialize<'t>>(text: &'t str, range: Range<usize>) -> Result<T, NotJson> {
    let slice = text.get(range.clone()).unwrap_or("");
    serde_json::from_str(slice).map_err(|error| {
        let nested = slice.starts_with(['[', '{', '"']);
        let before: usize =
            slice.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let inside = (before + error.column().saturating_sub(1)).min(slice.len());
        let inside = if nested { inside } else { 0 };
        let at = (0..=inside).rev().find(|at| slice.is_char_boundary(*at)).unwrap_or(0);
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or("not JSON").to_owned();
        let message = if matches!(slice, "NaN" | "Infinity" | "-Infinity" | "None") {
            format!("`{slice}` is no JSON; write null")
        } else {
            message
        };
        NotJson { at: range.start + at, message }
    })
}

/// A JSON value whose objects name each key once.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if out.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{key}` is given twice")));
            }
            let Strict(value) = entries.next_value()?;
            out.insert(key, value);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_faults_placed() {
        let text = r#" [1, {"a": [2, "]"], "b\"": null} ,"x"] "#;
        let (found, end) = elements(text.as_bytes(), 1).unwrap();
        let parts: Vec<&str> = found.iter().map(|range| &text[range.clone()]).collect();
        assert_eq!(parts, ["1", r#"{"a": [2, "]"], "b\"": null}"#, r#""x""#]);
        assert_eq!(&text[end..], " ");
        let (found, _) = members(text.as_bytes(), found[1].start).unwrap();
        let keys: Vec<&str> = found.iter().map(|member| &text[member.key.clone()]).collect();
        assert_eq!(keys, [r#""a""#, r#""b\"""#]);
        for (text, at) in [("[1,]", 3), ("[1 2]", 3), ("[1", 2), ("[\"a", 1), ("[,1]", 1), ("[", 1)] {
            assert_eq!(elements(text.as_bytes(), 0).unwrap_err().at, at, "{text}");
        }
        for (text, at) in
            [("{a:1}", 1), (r#"{"a" 1}"#, 5), (r#"{"a":1 "b":2}"#, 7), (r#"{"a":}"#, 5), (r#"{"a":1,}"#, 7)]
        {
            assert_eq!(members(text.as_bytes(), 0).unwrap_err().at, at, "{text}");
        }
    }

    #[test]
    fn values_are_judged_strictly() {
        let fault = |text: &str| parse(text, 0..text.len()).unwrap_err();
        assert_eq!(fault(r#"{"a": {"b": 1, "b": 2}}"#).message, "the key `b` is given twice");
        assert_eq!(fault("1e999").message, "number out of range");
        assert_eq!(fault("NaN").message, "`NaN` is no JSON; write null");
        assert_eq!(fault(&"[".repeat(100_000)).message, "recursion limit exceeded");
        assert_eq!(fault("[1,\n xé]"), NotJson { at: 5, message: "expected value".into() });
    }
}
