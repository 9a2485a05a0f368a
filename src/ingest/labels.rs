//! Label cells → canonical labels, without asking the schema twice about one spelling.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::cell::Cell;
use crate::base::text;
use crate::record::{LabelError, RawLabel, Task, TaskType, TextColumn};

/// Spellings that are remembered; beyond them the schema is asked each time.
const MOST_KNOWN: usize = 4096;

/// The labels of one task.
pub(super) struct Labels<'t> {
    pub task: &'t Task,
    /// Spellings, each with what the schema says of it.
    known: Vec<(String, Result<Option<String>, LabelError>)>,
    by_spelling: BTreeMap<String, usize>,
    /// Positions in `known` of spellings met a moment ago.
    recent: Vec<usize>,
}

/// Two to this many spellings are found without a search.
const RECENT_BITS: u32 = 8;

/// Longer texts are not remembered: they seldom come again.
const MOST_REMEMBERED: usize = 64;

impl<'t> Labels<'t> {
    pub fn new(task: &'t Task) -> Self {
        Self { task, known: Vec::new(), by_spelling: BTreeMap::new(), recent: vec![0; 1 << RECENT_BITS] }
    }

    /// Appends the canonical label of `cell` to `column`; null when it is none.
    pub fn push(&mut self, cell: Cell<'_>, column: &mut TextColumn) -> Result<(), LabelError> {
        let given = match cell {
            Cell::Text(given) | Cell::Scalar(given)
                if self.task.kind != TaskType::Text || given.len() <= MOST_REMEMBERED =>
            {
                given
            }
            _ => return put(self.task.canonical_label(&raw(cell, self.task.kind)), column),
        };
        if let Some(position) = self.find(given) {
            return match &self.known[position].1 {
                Ok(label) => {
                    column.push(label.as_deref());
                    Ok(())
                }
                Err(error) => {
                    column.push(None);
                    Err(error.clone())
                }
            };
        }
        let label = self.task.canonical_label(&raw(cell, self.task.kind));
        if self.known.len() < MOST_KNOWN {
            self.by_spelling.insert(given.to_owned(), self.known.len());
            self.known.push((given.to_owned(), label.clone()));
        }
        put(label, column)
    }

    fn find(&mut self, given: &str) -> Option<usize> {
        let place = text::slot(given, RECENT_BITS);
        let recent = self.recent[place];
        if self.known.get(recent).is_some_and(|(known, _)| known == given) {
            return Some(recent);
        }
        let position = *self.by_spelling.get(given)?;
        self.recent[place] = position;
        Some(position)
    }

    /// Returns the canonical form of a guess that was shown; as it is when the schema does not know it.
    pub fn shown<'a>(&self, given: &'a str) -> Cow<'a, str> {
        match self.task.canonical_label(&raw(Cell::Text(given), self.task.kind)) {
            Ok(Some(label)) if label != given => label.into(),
            _ => given.into(),
        }
    }
}

/// Returns the canonical label of what somebody typed: as a cell of a file would be read.
///
/// # Errors
/// Why it is no label of `task`.
pub fn read_label(task: &Task, given: &str) -> Result<Option<String>, LabelError> {
    task.canonical_label(&raw(Cell::Text(given), task.kind))
}

fn put(label: Result<Option<String>, LabelError>, column: &mut TextColumn) -> Result<(), LabelError> {
    match label {
        Ok(label) => {
            column.push(label.as_deref());
            Ok(())
        }
        Err(error) => {
            column.push(None);
            Err(error)
        }
    }
}

/// Returns a cell as the schema takes it: a set may be written as a JSON list inside a cell.
fn raw<'c>(cell: Cell<'c>, kind: TaskType) -> RawLabel<'c> {
    match cell {
        Cell::Absent | Cell::Null => RawLabel::Null,
        Cell::Scalar(given) => RawLabel::Text(given.into()),
        Cell::Text(given) => {
            let structured = match kind {
                TaskType::Multilabel => given.starts_with(['[', '{']),
                TaskType::Categorical | TaskType::Ordinal => given.starts_with("{\"choices\""),
                _ => false,
            };
            match structured.then(|| serde_json::from_str::<Value>(given)) {
                Some(Ok(value)) => own(list(&value)),
                _ => RawLabel::Text(given.into()),
            }
        }
        Cell::Nested(value) => match kind {
            TaskType::Span | TaskType::Box | TaskType::Ranking => RawLabel::Json(value.clone()),
            _ => list(value),
        },
    }
}

/// Returns a JSON list of plain values, or one inside `{"choices": […]}`, as a list; anything else as a structure.
fn list(value: &Value) -> RawLabel<'_> {
    let values = match value {
        Value::Array(values) => values,
        Value::Object(map) => match map.get("choices") {
            Some(Value::Array(values)) => values,
            _ => return RawLabel::Json(value.clone()),
        },
        _ => return RawLabel::Json(value.clone()),
    };
    let plain = values.iter().map(|value| match value {
        Value::String(text) => Some(Cow::Borrowed(text.as_str())),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(value) => Some(value.to_string().into()),
        _ => None,
    });
    match plain.collect::<Option<Vec<_>>>() {
        Some(list) => RawLabel::List(list),
        None => RawLabel::Json(value.clone()),
    }
}

fn own<'a>(label: RawLabel<'_>) -> RawLabel<'a> {
    match label {
        RawLabel::Null => RawLabel::Null,
        RawLabel::Text(text) => RawLabel::Text(text.into_owned().into()),
        RawLabel::List(list) => {
            RawLabel::List(list.into_iter().map(|text| text.into_owned().into()).collect())
        }
        RawLabel::Json(value) => RawLabel::Json(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_come_in_many_dresses() {
        let classes = || vec!["a".to_owned(), "b".to_owned()];
        let set = Task::new("m", TaskType::Multilabel, classes());
        let one = Task::new("c", TaskType::Categorical, classes());
        let choices = json!({"choices": ["b", "a"]});
        let single = json!(["b"]);
        for (task, cell, expected) in [
            (&set, Cell::Text(r#"["b","a"]"#), r#"["a","b"]"#),
            (&set, Cell::Text(r#"{"choices":["b"]}"#), r#"["b"]"#),
            (&set, Cell::Text("b"), r#"["b"]"#),
            (&set, Cell::Nested(&choices), r#"["a","b"]"#),
            (&set, Cell::Nested(&json!([])), "[]"),
            (&one, Cell::Nested(&single), "b"),
            (&one, Cell::Text("b"), "b"),
        ] {
            let mut column = TextColumn::default();
            Labels::new(task).push(cell, &mut column).unwrap();
            assert_eq!(column.get(0), Some(expected), "{cell:?}");
        }
        let mut column = TextColumn::default();
        let mut labels = Labels::new(&one);
        for cell in [Cell::Text("c"), Cell::Text("c"), Cell::Nested(&choices)] {
            assert!(labels.push(cell, &mut column).is_err());
        }
        labels.push(Cell::Null, &mut column).unwrap();
        assert_eq!(column.iter().collect::<Vec<_>>(), [None; 4]);
    }
}
