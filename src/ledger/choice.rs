//! A filter, made ready to choose among the rows of a ledger.

use super::{Judgement, Ledger};
use crate::record::{Filter, col};

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

    /// Returns the judgements that chosen rows of `record` carry, in row order.
    pub(super) fn rows(&self, record: usize) -> impl Iterator<Item = u32> + '_ {
        let of_row: &[u32] = if self.means(record) { &self.ledger.table.of_row[record] } else { &[] };
        of_row
            .iter()
            .enumerate()
            .filter(move |(row, number)| {
                self.chooses(record, *row, &self.ledger.judgements()[**number as usize])
            })
            .map(|(_, number)| *number)
    }

    /// Whether rows of `record` may be chosen.
    fn means(&self, record: usize) -> bool {
        let (filter, record) = (self.filter, &self.ledger.records()[record]);
        let task = record.manifest.task.as_deref().unwrap_or_default();
        (filter.records.is_empty() || filter.records.contains(&record.id))
            && (filter.kinds.is_empty() || filter.kinds.contains(&record.rows.kind()))
            && (filter.tasks.is_empty() || filter.tasks.iter().any(|name| name == task))
    }

    fn chooses(&self, record: usize, row: usize, judgement: &Judgement) -> bool {
        let (filter, Some(record)) = (self.filter, self.ledger.records().get(record)) else { return false };
        let text = |column| record.rows.text(row, column);
        self.labelers.as_ref().is_none_or(|chosen| chosen[judgement.labeler as usize])
            && self.items.as_ref().is_none_or(|chosen| chosen[judgement.item as usize])
            && filter.covers_time(judgement.created_at, record.manifest.recorded_at)
            && (filter.origins.is_empty()
                || text(col::ORIGIN)
                    .is_some_and(|word| filter.origins.iter().any(|origin| origin.as_str() == word)))
            && (filter.guidelines.is_empty()
                || text(col::GUIDELINE)
                    .is_some_and(|key| filter.guidelines.iter().any(|guideline| guideline.covers(key))))
    }
}
