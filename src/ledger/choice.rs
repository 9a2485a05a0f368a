//! A filter, made ready to choose among the rows of a ledger.

use super::{Judgement, Ledger, Places, Record};
use crate::record::{Filter, Rows};

/// A filter with its names as numbers.
pub(super) struct Choice<'a> {
    ledger: &'a Ledger,
    filter: &'a Filter,
    /// By labeler number; `None` when all are meant.
    labelers: Option<Vec<bool>>,
    /// By item number; `None` when all are meant.
    items: Option<Vec<bool>>,
}

impl<'a> Choice<'a> {
    pub(super) fn new(ledger: &'a Ledger, filter: &'a Filter) -> Self {
        let numbers = |count: usize, found: &mut dyn Iterator<Item = u32>| {
            let mut chosen = vec![false; count];
            found.for_each(|number| chosen[number as usize] = true);
            chosen
        };
        let labelers = (!filter.labelers.is_empty()).then(|| {
            numbers(
                ledger.labelers(),
                &mut filter.labelers.iter().filter_map(|name| ledger.find_labeler(name)),
            )
        });
        let items = filter.items.as_ref().map(|items| {
            numbers(ledger.items(), &mut items.iter().filter_map(|name| ledger.find_item(name)))
        });
        Self { ledger, filter, labelers, items }
    }

    /// Returns the judgements that chosen rows of the records that `looks_in` accepts carry, in row order.
    pub(super) fn rows(&self, looks_in: impl Fn(usize) -> bool) -> impl Iterator<Item = u32> {
        let records = self.ledger.records();
        let open: Vec<bool> =
            (0..records.len()).map(|record| self.means(&records[record]) && looks_in(record)).collect();
        let table = &self.ledger.table;
        let segments = self.ledger.segments.iter().zip(&table.starts);
        segments.flat_map(move |(segment, start)| {
            let any = match &segment.places {
                Places::Whole(record) => open[*record as usize],
                Places::Each(_) => true,
            };
            let rows = if any { 0..segment.rows.len() } else { 0..0 };
            let chosen: Vec<u32> = rows
                .filter(|row| {
                    let record = segment.place(*row).0 as usize;
                    let number = table.of_row[*start as usize + row];
                    open[record]
                        && self.chooses(
                            &records[record],
                            &segment.rows,
                            *row,
                            &table.judgements[number as usize],
                        )
                })
                .map(|row| table.of_row[*start as usize + row])
                .collect();
            chosen
        })
    }

    /// Whether rows of `record` may be chosen.
    fn means(&self, record: &Record) -> bool {
        let task = record.head.task.as_deref().unwrap_or_default();
        self.filter.covers_record(&record.id, record.head.kind, task)
    }

    fn chooses(&self, record: &Record, rows: &Rows, row: usize, judgement: &Judgement) -> bool {
        self.labelers.as_ref().is_none_or(|chosen| chosen[judgement.labeler as usize])
            && self.items.as_ref().is_none_or(|chosen| chosen[judgement.item as usize])
            && self.filter.covers_row(rows, row, record.head.recorded_at)
    }
}
