//! YAML as a tree of values that know their place, so that every fault of a file is found and placed in one go.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::fault::Place;
use crate::base::yaml::{self, Spanned};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub value: Value,
    pub place: Place,
    /// The scalar as the file has it: `01` where a number would be 1.
    pub source: String,
}

/// What stands there.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// Reads `text` into a tree.
pub(super) fn parse(text: &str) -> Result<Node, yaml::Error> {
    let raw: Spanned<Raw> = yaml::from_str(text)?;
    Ok(node(raw, text))
}

impl Node {
    /// Returns the scalar as text: a number or truth value as the file writes it. `None` for null, lists and maps.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Bool(_) | Value::Number(_) => Some(&self.source),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Whether nothing stands there.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Returns what stands there, for people.
    pub fn described(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(_) | Value::Number(_) => format!("`{}`", self.source),
            Value::Text(text) => format!("`{}`", text.chars().take(60).collect::<String>()),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a table".to_owned(),
        }
    }
}

/// The tree as serde gives it.
enum Raw {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

fn node(raw: Spanned<Raw>, text: &str) -> Node {
    let at = raw.referenced;
    let source = slice(text, at.span().byte_offset(), at.span().byte_len());
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Bool(value) => Value::Bool(value),
        Raw::Number(value) => Value::Number(value),
        Raw::Text(value) => Value::Text(value),
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(item, text)).collect()),
        Raw::Map(entries) => {
            Value::Map(entries.into_iter().map(|(key, value)| (node(key, text), node(value, text))).collect())
        }
    };
    let length = source.lines().next().map_or(1, |line| line.trim_end().chars().count().max(1));
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    Node {
        value,
        place: Place { line: number(at.line()), column: number(at.column()), length },
        source: source.trim().to_owned(),
    }
}

fn slice(text: &str, offset: Option<u64>, len: Option<u64>) -> &str {
    let range = offset.zip(len).and_then(|(offset, len)| {
        let start = usize::try_from(offset).ok()?;
        Some(start..start.checked_add(usize::try_from(len).ok()?)?)
    });
    range.and_then(|range| text.get(range)).unwrap_or_default()
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(value as f64))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(value as f64))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Number(value as f64))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Number(value as f64))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_place_and_source() {
        let text = "format: 1\ntasks:\n  tone:\n    classes: [01, \"no\", no, é, 1.0, ~]\n";
        let Value::Map(root) = parse(text).unwrap().value else { panic!("a table") };
        assert_eq!(
            (root[1].0.scalar(), root[1].0.place),
            (Some("tasks"), Place { line: 2, column: 1, length: 5 })
        );
        let Value::Map(tasks) = &root[1].1.value else { panic!("a table") };
        let Value::Map(tone) = &tasks[0].1.value else { panic!("a table") };
        let Value::List(classes) = &tone[0].1.value else { panic!("a list") };
        let scalars: Vec<_> =
            classes.iter().map(|node| (node.scalar(), node.place.column, node.place.length)).collect();
        assert_eq!(
            scalars,
            [
                (Some("01"), 15, 2),
                (Some("no"), 19, 4),
                (Some("no"), 25, 2),
                (Some("é"), 29, 1),
                (Some("1.0"), 32, 3),
                (None, 37, 1)
            ]
        );
    }
}
