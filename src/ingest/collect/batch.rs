//! The rows of one task on their way: columns that grow together.

use crate::ingest::cell::Cell;
use crate::ingest::distinct::Key;
use crate::ingest::labels::Labels;
use crate::ingest::plan::has_label;
use crate::ingest::values::Staged;
use crate::record::{Column, Kind, LabelError, Rows, Task, col};

/// No kind has more fields.
pub(super) const MOST_FIELDS: usize = 24;

/// The values of one record's fields, in schema order.
pub(super) type Fields<'r> = [Staged<'r>; MOST_FIELDS];

/// The rows of one task.
pub(super) struct Batch<'t> {
    kind: Kind,
    pub labels: Option<Labels<'t>>,
    pub columns: Vec<Column>,
    /// Where each row's record begins, and the column its label stands in.
    pub at: Vec<usize>,
    pub label_column: Vec<u32>,
    pub keys: Vec<Key>,
    pub bad: Vec<bool>,
}

/// One row to be added.
pub(super) struct NewRow<'r> {
    /// Where its record begins.
    pub at: usize,
    /// The column its label stands in.
    pub column: usize,
    pub item: &'r str,
    /// Who judged, with the number their spellings share; nobody in items and in faulty rows.
    pub labeler: Option<(&'r str, u32)>,
    /// A number that equal items share.
    pub item_number: u32,
    pub fields: &'r Fields<'r>,
    pub label: Option<Cell<'r>>,
}

impl<'t> Batch<'t> {
    pub fn new(kind: Kind, task: Option<&'t Task>) -> Self {
        Self {
            kind,
            labels: task.map(Labels::new),
            columns: Rows::empty(kind).columns().to_vec(),
            at: Vec::new(),
            label_column: Vec::new(),
            keys: Vec::new(),
            bad: Vec::new(),
        }
    }

    /// Appends a row; one whose label is none of the task is appended without it.
    pub fn push(&mut self, row: &NewRow<'_>) -> Result<(), LabelError> {
        let (judged, labelled) = (self.kind.is_judgement(), has_label(self.kind));
        let mut label = Ok(());
        for (index, values) in self.columns.iter_mut().enumerate() {
            match (index, values) {
                (col::ITEM, Column::Text(values)) => values.push(Some(row.item)),
                (col::LABELER, Column::Text(values)) if judged => {
                    values.push(Some(row.labeler.map_or("", |(id, _)| id)));
                }
                (col::LABEL, Column::Text(values)) if labelled => match &mut self.labels {
                    Some(labels) => label = labels.push(row.label.unwrap_or(Cell::Null), values),
                    None => values.push(None),
                },
                (col::SHOWN, Column::Text(values)) if labelled => match (&row.fields[index], &self.labels) {
                    (Staged::Text(shown), Some(labels)) => values.push(Some(&labels.shown(shown))),
                    _ => values.push(None),
                },
                (_, values) => row.fields[index].push(values),
            }
        }
        let time = match row.fields[col::CREATED_AT] {
            Staged::Time(micros) if judged => Some(micros),
            _ => None,
        };
        self.at.push(row.at);
        self.label_column.push(u32::try_from(row.column).unwrap_or(u32::MAX));
        self.bad.push(judged && row.labeler.is_none());
        self.keys.push(Key {
            item: row.item_number,
            labeler: row.labeler.map_or(0, |(_, number)| number),
            time,
        });
        label
    }

    /// Returns the label of the last row.
    pub fn last_label(&self) -> Option<&str> {
        let Some(Column::Text(labels)) = self.columns.get(col::LABEL) else { return None };
        labels.len().checked_sub(1).and_then(|last| labels.get(last))
    }
}
