//! What an annotation says through one control, and what guess it was shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::document::Document;
use crate::record::{Origin, RawLabel, Task};

/// A control of the labelling page: its name, and the type of what it writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Control {
    pub name: String,
    pub kind: String,
}

impl Control {
    /// Whether its answers are read.
    pub fn is_read(&self) -> bool {
        matches!(self.kind.as_str(), "choices" | "rating" | "number" | "textarea" | "pairwise")
    }

    pub fn describe(&self) -> String {
        format!("{} ({})", self.name, self.kind)
    }
}

fn results(annotation: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    annotation.get("result").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn text<'v>(map: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
    map.get(key).and_then(Value::as_str)
}

/// Returns all controls that some annotation used, in the order of the file.
pub(super) fn controls(documents: &[Document]) -> Vec<Control> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut out: Vec<Control> = Vec::new();
    let annotations = documents.iter().flat_map(|document| &document.annotations);
    for result in annotations.flat_map(|(_, annotation)| results(annotation)) {
        let (Some(name), Some(kind)) = (text(result, "from_name"), text(result, "type")) else { continue };
        let region = result.get("value").and_then(Value::as_object).is_some_and(|value| {
            ["x", "start", "points", "startOffset", "rle"].iter().any(|key| value.contains_key(*key))
        });
        let kind = match kind {
            "choices" | "rating" | "number" | "textarea" if region => format!("{kind} of a region"),
            kind => kind.to_owned(),
        };
        match seen.get(name) {
            None => {
                seen.insert(name.to_owned(), out.len());
                out.push(Control { name: name.to_owned(), kind });
            }
            // One that marks regions anywhere is no control of whole items.
            Some(index) if !(Control { name: name.to_owned(), kind: kind.clone() }).is_read() => {
                out[*index].kind = kind
            }
            Some(_) => {}
        }
    }
    out
}

/// Returns what an annotation (or a prediction) says through `control`, and how that came about.
pub(super) fn answer(
    annotation: &Map<String, Value>,
    control: &Control,
) -> Option<(Vec<Value>, Option<Origin>)> {
    let mut values = Vec::new();
    let mut origins = Vec::new();
    for result in results(annotation).filter(|result| text(result, "from_name") == Some(&control.name)) {
        let Some(value) = result.get("value").and_then(Value::as_object) else { continue };
        let Some(kind) = text(result, "type") else { continue };
        let key = if kind == "pairwise" { "selected" } else { kind };
        let key = if kind == "textarea" { "text" } else { key };
        match value.get(key) {
            Some(Value::Array(several)) => values.extend(several.iter().cloned()),
            Some(Value::Null) | None => continue,
            Some(side) if kind == "pairwise" => values.push(match side.as_str() {
                Some("left") => "a".into(),
                Some("right") => "b".into(),
                _ => side.clone(),
            }),
            Some(one) => values.push(one.clone()),
        }
        origins.push(match text(result, "origin") {
            Some("manual") => Some(Origin::Fresh),
            Some("prediction") => Some(Origin::Confirmed),
            Some("prediction-changed") => Some(Origin::Changed),
            _ => None,
        });
    }
    let first = *origins.first()?;
    // Part confirmed and part drawn anew is a guess that was changed.
    let origin = if origins.iter().all(|origin| *origin == first) {
        first
    } else if origins.contains(&None) {
        None
    } else {
        Some(Origin::Changed)
    };
    (!values.is_empty()).then_some((values, origin))
}

/// Returns the guess an annotation was made over: the prediction inside it, else the one it names as its parent.
pub(super) fn prediction<'d>(
    document: &'d Document,
    annotation: &'d Map<String, Value>,
) -> Option<&'d Map<String, Value>> {
    let inside = annotation.get("prediction").and_then(Value::as_object);
    inside.filter(|prediction| prediction.get("result").is_some_and(Value::is_array)).or_else(|| {
        let parent = annotation.get("parent_prediction").filter(|parent| !parent.is_null())?;
        // In some exports predictions are ids alone; then what was shown is not known.
        document.predictions.iter().filter_map(Value::as_object).find(|known| known.get("id") == Some(parent))
    })
}

/// Returns a guess as the task would write it; as JSON when it is no label of the task.
pub(super) fn guess(task: &Task, values: &[Value]) -> String {
    let texts = values.iter().map(|value| match value {
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    });
    let label = RawLabel::List(texts.collect());
    match (task.canonical_label(&label), values) {
        (Ok(Some(label)), _) => label,
        (_, [Value::String(text)]) => text.clone(),
        (_, values) => Value::from(values.to_vec()).to_string(),
    }
}
