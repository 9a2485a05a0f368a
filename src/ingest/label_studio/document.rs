//! A Label Studio export as it lies in the file: tasks, each with its annotations and their places.

use serde_json::{Map, Value};

use crate::ingest::cell::Broken;
use crate::ingest::json::{self, Records};
use crate::ingest::scan::{self, NotJson};
use crate::ingest::text::Text;

/// One task of the export: an item, with what was said of it.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Where it begins.
    pub at: usize,
    pub id: Value,
    pub data: Map<String, Value>,
    pub predictions: Vec<Value>,
    /// Each with the place where it begins.
    pub annotations: Vec<(usize, Map<String, Value>)>,
}

/// Whether records are Label Studio tasks: one of the first has data and annotations, or completions as before 1.0.
pub(in crate::ingest) fn is_label_studio(text: &Text<'_>, records: &Records) -> bool {
    let bytes = text.text.as_bytes();
    records.spans.iter().take(100).any(|(range, fault)| {
        if fault.is_some() || bytes[range.start] != b'{' {
            return false;
        }
        let Ok((members, _)) = scan::members(bytes, range.start) else { return false };
        let starts = |name: &str, with: u8| {
            members.iter().any(|member| {
                text.text[member.key.clone()] == *format!("\"{name}\"") && bytes[member.value.start] == with
            })
        };
        starts("data", b'{') && (starts("annotations", b'[') || starts("completions", b'['))
    })
}

/// Reads one task.
pub(super) fn read(text: &Text<'_>, start: usize) -> Result<Document, Broken> {
    let broken = |fault: NotJson| Broken { record: start, at: fault.at, message: fault.message, hint: None };
    let bytes = text.text.as_bytes();
    if bytes[start] != b'{' {
        return Err(broken(NotJson { at: start, message: "an object is wanted here".into() }));
    }
    let (members, _) = scan::members(bytes, start).map_err(broken)?;
    let mut document = Document { at: start, ..Document::default() };
    for member in members {
        let value = || scan::parse(text.text, member.value.clone());
        match json::key(text.text, &member).map_err(broken)?.as_str() {
            "id" => document.id = value().map_err(broken)?,
            "data" => {
                if let Value::Object(data) = value().map_err(broken)? {
                    document.data = data;
                }
            }
            "predictions" => {
                if let Value::Array(predictions) = value().map_err(broken)? {
                    document.predictions = predictions;
                }
            }
            "annotations" | "completions" if bytes[member.value.start] == b'[' => {
                annotations(text, member.value.start, &mut document).map_err(broken)?;
            }
            _ => {}
        }
    }
    Ok(document)
}

fn annotations(text: &Text<'_>, start: usize, document: &mut Document) -> Result<(), NotJson> {
    let (elements, _) = scan::elements(text.text.as_bytes(), start)?;
    for range in elements {
        let at = range.start;
        match scan::parse(text.text, range)? {
            Value::Object(annotation) => document.annotations.push((at, annotation)),
            _ => {
                let message =
                    "an annotation that is no object; export full annotations, not their ids".into();
                return Err(NotJson { at, message });
            }
        }
    }
    Ok(())
}
