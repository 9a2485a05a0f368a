//! A Label Studio export as items: the id of each task, and its data as columns.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{self, Document};
use crate::ingest::cell::{Broken, Cell, Entry, MOST_COLUMNS, Record, Source};
use crate::ingest::json::{Records, extract};
use crate::ingest::text::Text;

/// The tasks of a Label Studio export.
pub(in crate::ingest) struct LabelStudioItems<'a> {
    text: &'a Text<'a>,
    records: &'a Records,
    columns: Vec<String>,
    documents: Vec<Result<Document, Broken>>,
}

struct Row<'d> {
    columns: &'d [String],
    document: &'d Document,
}

impl Record for Row<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let value = match (column, self.columns.get(column)) {
            (0, _) => Some(&self.document.id),
            (_, name) => name.and_then(|name| self.document.data.get(name)),
        };
        match value {
            None => Cell::Absent,
            Some(Value::Null) => Cell::Null,
            Some(Value::String(text)) if text.is_empty() => Cell::Null,
            Some(Value::String(text)) => Cell::Text(text),
            Some(other) => Cell::Nested(other),
        }
    }
}

impl<'a> LabelStudioItems<'a> {
    /// Reads the tasks.
    pub fn new(text: &'a Text<'a>, records: &'a Records) -> Self {
        let read =
            |(range, fault): &(std::ops::Range<usize>, Option<crate::ingest::scan::NotJson>)| match fault {
                Some(fault) => {
                    let (at, message) = (fault.at, fault.message.clone());
                    Err(Broken { record: range.start, at, message, hint: None })
                }
                None => document::read(text, range.start).map(|mut document| {
                    if let Value::Number(number) = &document.id {
                        document.id = number.to_string().into();
                    }
                    document
                }),
            };
        let documents: Vec<_> = records.spans.iter().map(read).collect();
        // The task's own id is what annotations go by.
        let mut columns = vec!["id".to_owned()];
        let mut seen = BTreeSet::from(["id"]);
        let keys = documents.iter().flatten().flat_map(|document| document.data.keys());
        columns.extend(keys.filter(|key| seen.insert(key.as_str())).take(MOST_COLUMNS).cloned());
        Self { text, records, columns, documents }
    }
}

impl Source for LabelStudioItems<'_> {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn visit(&self, each: &mut dyn FnMut(Entry<'_>)) {
        for document in &self.documents {
            match document {
                Ok(document) => each(Entry::Record(document.at, &Row { columns: &self.columns, document })),
                Err(broken) => each(Entry::Broken(broken.clone())),
            }
        }
    }

    fn place(&self, at: usize) -> (usize, usize) {
        self.text.place(at)
    }

    fn line(&self, record: usize) -> usize {
        self.text.line(record)
    }

    fn cell_place(&self, record: usize, _column: usize) -> (usize, usize) {
        self.text.place(record)
    }

    fn extract(&self, records: &[usize]) -> (Vec<u8>, &'static str) {
        (extract(self.text.text, self.records, records), "jsonl")
    }
}
