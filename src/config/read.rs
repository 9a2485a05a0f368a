//! Reading single fields: what is wanted, what stands there, and a fault where they differ.

use super::fault::{Collector, Place, suggestion};
use super::node::{Node, Value};
use crate::base::text;

/// A table whose fields are taken out one by one; what is left over is unknown.
pub(super) struct Fields<'a> {
    entries: Vec<(&'a Node, &'a Node)>,
    place: Place,
}

impl<'a> Fields<'a> {
    /// Reads `node` as a table called `what`; nothing at all is an empty one.
    pub fn of(node: &'a Node, what: &str, faults: &mut Collector<'_>) -> Option<Self> {
        let entries = match &node.value {
            Value::Map(entries) => entries.iter().map(|(key, value)| (key, value)).collect(),
            Value::Null => Vec::new(),
            _ => {
                faults.add(node.place, format!("{} where {what} should be", node.described()), None);
                return None;
            }
        };
        Some(Self { entries, place: node.place })
    }

    /// Returns where the table stands.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Takes out a field; null counts as absent.
    pub fn take(&mut self, name: &str) -> Option<&'a Node> {
        let at = self.entries.iter().position(|(key, _)| key.scalar() == Some(name))?;
        let (_, value) = self.entries.remove(at);
        (!value.is_null()).then_some(value)
    }

    /// Adds a fault for every field that is left.
    pub fn refuse_rest(self, known: &[&str], faults: &mut Collector<'_>) {
        for (key, _) in self.entries {
            match key.scalar() {
                Some(name) => {
                    faults.add(key.place, format!("unknown field `{name}`"), suggestion(name, known))
                }
                None => {
                    faults.add(key.place, format!("{} where a field's name should be", key.described()), None)
                }
            }
        }
    }

    /// Returns the entries as they stand.
    pub fn entries(self) -> Vec<(&'a Node, &'a Node)> {
        self.entries
    }
}

/// Reads `true` or `false`.
pub(super) fn boolean(node: &Node, what: &str, faults: &mut Collector<'_>) -> Option<bool> {
    if let Value::Bool(value) = node.value {
        return Some(value);
    }
    faults.add(node.place, format!("`{what}` is true or false, not {}", node.described()), None);
    None
}

/// Reads a finite number.
pub(super) fn number(node: &Node, what: &str, faults: &mut Collector<'_>) -> Option<f64> {
    if let Value::Number(value) = node.value
        && value.is_finite()
    {
        return Some(value);
    }
    faults.add(node.place, format!("`{what}` is a number, not {}", node.described()), None);
    None
}

/// Reads any scalar as text.
pub(super) fn scalar(node: &Node, what: &str, faults: &mut Collector<'_>) -> Option<String> {
    if let Some(text) = node.scalar() {
        return Some(text.to_owned());
    }
    faults.add(node.place, format!("`{what}` is text, not {}", node.described()), None);
    None
}

/// Reads one of the words that `parse` knows.
pub(super) fn word<T>(
    node: &Node,
    what: &str,
    known: &[&str],
    parse: impl Fn(&str) -> Option<T>,
    faults: &mut Collector<'_>,
) -> Option<T> {
    let Some(text) = node.scalar() else {
        faults.add(
            node.place,
            format!("`{what}` is a word, not {}", node.described()),
            suggestion("", known),
        );
        return None;
    };
    let value = parse(text);
    if value.is_none() {
        faults.add(node.place, format!("`{text}` is no {what}"), suggestion(text, known));
    }
    value
}

/// Reads a list of scalars, each in NFC with its node. One scalar alone is no list.
pub(super) fn list<'a>(node: &'a Node, what: &str, faults: &mut Collector<'_>) -> Vec<(String, &'a Node)> {
    let Value::List(items) = &node.value else {
        let help = node.scalar().map(|text| format!("write [{text}]"));
        faults.add(node.place, format!("`{what}` is a list, not {}", node.described()), help);
        return Vec::new();
    };
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        match item.scalar() {
            Some(text) => texts.push((text::nfc(text).into_owned(), item)),
            None => {
                let help = item
                    .is_null()
                    .then(|| "a word that YAML takes for nothing needs quotes: \"null\"".to_owned());
                faults.add(item.place, format!("{} in the list `{what}`", item.described()), help);
            }
        }
    }
    texts
}

/// Checks `format`: 1, or a newer program's.
pub(super) fn format(fields: &mut Fields<'_>, required: bool, faults: &mut Collector<'_>) {
    match fields.take("format") {
        None if required => {
            faults.add(fields.place(), "`format` is missing", Some("write `format: 1` first".into()))
        }
        None => {}
        Some(node) => match node.value {
            Value::Number(1.0) => {}
            Value::Number(number) if number > 1.0 => {
                faults.add(
                    node.place,
                    format!("format {} was written for a newer hitl", node.source),
                    Some("upgrade".into()),
                );
            }
            _ => faults.add(node.place, format!("`format` is 1, not {}", node.described()), None),
        },
    }
}
