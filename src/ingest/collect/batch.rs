//! The rows of one task on their way: columns that grow together.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::ingest::cell::Cell;
use crate::ingest::labels::Labels;
use crate::ingest::plan::{Plan, Use, field, has_label};
use crate::ingest::values::Staged;
use crate::record::{Column, Kind, LabelError, Rows, TextColumn, col};

/// No kind has more fields.
pub(super) const MOST_FIELDS: usize = 24;

/// The values of one record's fields, in schema order.
pub(super) type Fields<'r> = [Staged<'r>; MOST_FIELDS];

/// The rows of one task.
pub(super) struct Batch<'t> {
    kind: Kind,
    pub labels: Option<Labels<'t>>,
    pub columns: Vec<Column>,
    /// The columns that rows may fill; all others are the same in every row, and filled at the end.
    filled: Vec<usize>,
    /// Where each row's record begins.
    pub at: Vec<u32>,
    /// The line of each row's record, where reading counts lines.
    pub lines: Vec<u32>,
    /// The columns that labels stand in; one of all rows where there is only one.
    label_columns: Vec<u32>,
    several_columns: bool,
    /// Rows that are left out.
    pub bad: BTreeSet<u32>,
}

/// One row to be added.
pub(super) struct NewRow<'r> {
    /// Where its record begins.
    pub at: usize,
    /// The column its label stands in.
    pub column: usize,
    pub item: &'r str,
    /// Who judged; nobody in items and in faulty rows.
    pub labeler: Option<&'r str>,
    /// The line of its record, where reading counts lines.
    pub line: Option<u32>,
    pub fields: &'r Fields<'r>,
    pub label: Option<Cell<'r>>,
}

impl<'t> Batch<'t> {
    /// Returns no rows of batch `index` of `plan`.
    pub fn new(plan: &Plan<'t>, index: usize) -> Self {
        let kind = plan.kind;
        let standing: &[usize] = match kind {
            Kind::Items => &[col::ITEM],
            Kind::Corrections => &[col::ITEM, col::LABELER, col::VERDICT],
            _ => &[col::ITEM, col::LABELER, col::LABEL],
        };
        let of_use = |used: &Use| match used {
            Use::Field(field) => Some(*field),
            Use::Seconds => Some(col::DURATION_MS),
            Use::Metadata => field(kind, "metadata"),
            _ => None,
        };
        let mut filled: Vec<usize> =
            plan.uses.iter().filter_map(of_use).chain(standing.iter().copied()).collect();
        if kind == Kind::Items {
            filled.extend(field(kind, "metadata"));
        }
        filled.sort_unstable();
        filled.dedup();
        let labels = plan.uses.iter().filter(|used| matches!(used, Use::Label(batch) if *batch == index));
        Self {
            kind,
            labels: plan.tasks[index].map(Labels::new),
            columns: Rows::empty(kind).columns().to_vec(),
            filled,
            at: Vec::new(),
            lines: Vec::new(),
            label_columns: Vec::new(),
            several_columns: labels.count() > 1 || plan.uses.contains(&Use::Person),
            bad: BTreeSet::new(),
        }
    }

    /// Appends a row; one whose label is none of the task is appended without it.
    pub fn push(&mut self, row: &NewRow<'_>) -> Result<(), LabelError> {
        let (judged, labelled) = (self.kind.is_judgement(), has_label(self.kind));
        let mut label = Ok(());
        for index in &self.filled {
            match (*index, &mut self.columns[*index]) {
                (col::ITEM, Column::Text(values)) => values.push(Some(row.item)),
                (col::LABELER, Column::Text(values)) if judged => {
                    values.push(Some(row.labeler.unwrap_or_default()));
                }
                (col::LABEL, Column::Text(values)) if labelled => match &mut self.labels {
                    Some(labels) => label = labels.push(row.label.unwrap_or(Cell::Null), values),
                    None => values.push(None),
                },
                (col::SHOWN, Column::Text(values)) if labelled => match (&row.fields[*index], &self.labels) {
                    (Staged::Text(shown), Some(labels)) => values.push(Some(&labels.shown(shown))),
                    _ => values.push(None),
                },
                (_, values) => row.fields[*index].push(values),
            }
        }
        if judged && row.labeler.is_none() {
            self.bad.insert(self.at.len() as u32);
        }
        self.at.push(u32::try_from(row.at).unwrap_or(u32::MAX));
        self.lines.extend(row.line);
        if self.several_columns || self.label_columns.is_empty() {
            self.label_columns.push(u32::try_from(row.column).unwrap_or(u32::MAX));
        }
        label
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// Returns the column that the label of `row` stands in.
    pub fn label_column(&self, row: usize) -> usize {
        self.label_columns[if self.several_columns { row } else { 0 }] as usize
    }

    /// Appends the rows of later parts of the file, all good, each with the line it begins in.
    pub fn extend(&mut self, parts: &[(Self, u32)]) {
        let rows = parts.iter().map(|(part, _)| part.len()).sum();
        let (filled, columns) = (&self.filled, &mut self.columns);
        let (at, lines) = (&mut self.at, &mut self.lines);
        rayon::join(
            || {
                let columns = columns.par_iter_mut().enumerate().with_max_len(1);
                columns.filter(|(index, _)| filled.contains(index)).for_each(|(index, column)| {
                    parts.iter().for_each(|(part, _)| column.append(&part.columns[index]));
                });
            },
            || {
                at.reserve_exact(rows);
                lines.reserve_exact(rows);
                for (part, first) in parts {
                    at.extend(&part.at);
                    lines.extend(part.lines.iter().map(|line| line + first));
                }
            },
        );
        for (part, _) in parts {
            if self.several_columns || self.label_columns.is_empty() {
                self.label_columns.extend(&part.label_columns);
            }
        }
    }

    /// Returns the rows, in every one of which `origin` stands where the file has no column of origins.
    pub fn take_rows(&mut self, origin: &str) -> Rows {
        let mut columns = std::mem::take(&mut self.columns);
        for (index, column) in columns.iter_mut().enumerate() {
            match column {
                _ if self.filled.contains(&index) => {}
                Column::Text(values) if self.kind.is_judgement() && index == col::ORIGIN => {
                    *values = TextColumn::repeat(origin, self.at.len());
                }
                values => values.push_nulls(self.at.len()),
            }
        }
        Rows::from_columns(self.kind, columns).expect("columns are filled in schema order, row by row")
    }

    /// Returns the label of the last row.
    pub fn last_label(&self) -> Option<&str> {
        let Some(Column::Text(labels)) = self.columns.get(col::LABEL) else { return None };
        labels.len().checked_sub(1).and_then(|last| labels.get(last))
    }
}
