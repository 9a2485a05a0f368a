//! Questions to a folded ledger.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::choice::Choice;
use super::{
    Carrier, Judgement, Ledger, Missing, Places, Record, RecordSet, Segment, State, cascade, introducing,
    order,
};
use crate::base::Timestamp;
use crate::record::{Filter, Kind, RecordId, Rows, col};

/// Records.
impl Ledger {
    /// Returns the records, ancestors first, then by id. Positions in it are record numbers.
    pub fn records(&self) -> &[Record] {
        self.set.records()
    }

    /// Returns the records with what is known of them as a set.
    pub fn record_set(&self) -> &Arc<RecordSet> {
        &self.set
    }

    /// Returns the number of the record `id`.
    pub fn find_record(&self, id: &RecordId) -> Option<usize> {
        self.set.find(id)
    }

    /// Returns the records that no other names as parent, sorted: what a new record names.
    pub fn heads(&self) -> Vec<RecordId> {
        self.set.heads.clone()
    }

    /// Returns the parents that are named and absent, sorted. Where there are any, the ledger is incomplete.
    pub fn missing(&self) -> &[Missing] {
        &self.set.missing
    }

    /// Whether record `later` has record `earlier` among its ancestors; a record is no ancestor of itself.
    pub fn descends(&self, later: usize, earlier: usize) -> bool {
        self.set.descends(later, earlier)
    }

    /// Whether the revert `record` holds: no live revert names it.
    pub fn is_live_revert(&self, record: usize) -> bool {
        self.set.live_reverts[record]
    }

    /// Returns the live reverts, by record number.
    pub fn live_reverts(&self) -> Vec<usize> {
        (0..self.records().len()).filter(|record| self.set.live_reverts[*record]).collect()
    }
}

/// Names and numbers.
impl Ledger {
    /// Returns the number of tasks that have judgements.
    pub fn tasks(&self) -> usize {
        self.table.tasks.len()
    }

    /// Returns a task's name. Task numbers are in UTF-8 order of the names.
    pub fn task_name(&self, task: u16) -> &str {
        self.table.tasks.get(task.into())
    }

    /// Returns the number of the task `name`, if it has judgements.
    pub fn find_task(&self, name: &str) -> Option<u16> {
        self.table.tasks.find(name).map(|task| task as u16)
    }

    /// Returns the number of items that have judgements, over all tasks.
    pub fn items(&self) -> usize {
        self.table.items.len()
    }

    /// Returns an item's id.
    pub fn item_name(&self, item: u32) -> &str {
        self.table.items.get(item)
    }

    /// Returns the number of the item `id`, if it has judgements.
    pub fn find_item(&self, id: &str) -> Option<u32> {
        self.table.items.find(id)
    }

    /// Returns the number of labelers.
    pub fn labelers(&self) -> usize {
        self.table.labelers.len()
    }

    /// Returns a labeler's id.
    pub fn labeler_name(&self, labeler: u32) -> &str {
        self.table.labelers.get(labeler)
    }

    /// Returns the number of the labeler `id`, if they judged anything.
    pub fn find_labeler(&self, id: &str) -> Option<u32> {
        self.table.labelers.find(id)
    }

    /// Returns the number of distinct statements, over all tasks.
    pub fn statements(&self) -> usize {
        self.table.statements.len()
    }

    /// Returns a statement's text: the canonical label. Numbers are in UTF-8 order.
    pub fn statement_text(&self, statement: u32) -> &str {
        self.table.statements.get(statement)
    }

    /// Returns the number of the statement `text`, if anybody said it.
    pub fn find_statement(&self, text: &str) -> Option<u32> {
        self.table.statements.find(text)
    }
}

/// Judgements.
impl Ledger {
    /// Returns all judgements, sorted by task, item, kind, labeler, time (unknown first) and statement. Positions in
    /// it are judgement numbers.
    pub fn judgements(&self) -> &[Judgement] {
        &self.table.judgements
    }

    /// Returns the judgement numbers of `task`, a run of [`Ledger::judgements`].
    pub fn of_task(&self, task: u16) -> Range<usize> {
        self.run(0..self.judgements().len(), |judgement| judgement.task.cmp(&task))
    }

    /// Iterates over the items of `task` in order, each with its judgement numbers.
    pub fn item_runs(&self, task: u16) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
        let of_task = self.of_task(task);
        let mut next = of_task.start;
        self.judgements()[of_task].chunk_by(|a, b| a.item == b.item).map(move |run| {
            next += run.len();
            (run[0].item, next - run.len()..next)
        })
    }

    /// Returns the judgement numbers of one item of one task; empty when there are none.
    pub fn of_item(&self, task: u16, item: u32) -> Range<usize> {
        self.run(0..self.judgements().len(), |judgement| (judgement.task, judgement.item).cmp(&(task, item)))
    }

    /// Returns the judgement numbers of one labeler's judgements of one kind about one item; empty when there are
    /// none.
    pub fn of_labeler(&self, task: u16, kind: Kind, item: u32, labeler: u32) -> Range<usize> {
        let place = |judgement: &Judgement| (judgement.kind, judgement.labeler).cmp(&(kind, labeler));
        self.run(self.of_item(task, item), place)
    }

    fn run(&self, within: Range<usize>, place: impl Fn(&Judgement) -> std::cmp::Ordering) -> Range<usize> {
        let judgements = &self.judgements()[within.clone()];
        let start = within.start + judgements.partition_point(|judgement| place(judgement).is_lt());
        let end = within.start + judgements.partition_point(|judgement| place(judgement).is_le());
        start..end
    }

    /// Returns the judgement that row `row` of record `record` carries; `None` for kinds that judge nothing.
    pub fn of_row(&self, record: usize, row: usize) -> Option<usize> {
        let mut start = 0;
        for segment in &self.segments {
            let found = match &segment.places {
                Places::Whole(whole) => {
                    (*whole as usize == record && row < segment.rows.len()).then_some(row)
                }
                Places::Each(places) => {
                    places.iter().position(|place| (place.0 as usize, place.1 as usize) == (record, row))
                }
            };
            if let Some(found) = found {
                return Some(self.table.of_row[start + found] as usize);
            }
            start += segment.rows.len();
        }
        None
    }

    /// Returns the judgement with exactly this identity.
    pub fn find_judgement(
        &self,
        kind: Kind,
        task: &str,
        item: &str,
        labeler: &str,
        statement: Option<&str>,
        created_at: Option<Timestamp>,
    ) -> Option<usize> {
        let numbers = self.named(task, kind, item, labeler)?;
        let statement = match statement {
            Some(text) => Some(self.find_statement(text)?),
            None => None,
        };
        let place =
            |judgement: &Judgement| (judgement.created_at, judgement.statement).cmp(&(created_at, statement));
        self.run(numbers, place).next()
    }

    /// Returns the current judgement of one labeler about one item; of several that say the same, the first. `None`
    /// when there is none, or when her judgements contradict each other.
    pub fn current_of(&self, task: &str, kind: Kind, item: &str, labeler: &str) -> Option<usize> {
        self.named(task, kind, item, labeler)?
            .find(|number| self.judgements()[*number].state == State::Current)
    }

    fn named(&self, task: &str, kind: Kind, item: &str, labeler: &str) -> Option<Range<usize>> {
        Some(self.of_labeler(self.find_task(task)?, kind, self.find_item(item)?, self.find_labeler(labeler)?))
    }

    /// Returns the rows of a record, where the ledger took them whole.
    pub fn rows_of(&self, record: usize) -> &Rows {
        let whole = |segment: &&Segment| matches!(segment.places, Places::Whole(of) if of as usize == record);
        self.segments.iter().find(whole).map_or(&self.records()[record].rows, |segment| &segment.rows)
    }

    /// Returns the row that a carrier is: the rows it lies in, and its place there.
    pub fn row_of(&self, carrier: Carrier) -> (&Rows, usize) {
        let segment = self.table.starts.partition_point(|start| *start <= carrier.at) - 1;
        (&self.segments[segment].rows, (carrier.at - self.table.starts[segment]) as usize)
    }

    /// Returns the text at `column` of the row that a carrier is; `None` is null.
    pub fn row_text(&self, carrier: Carrier, column: usize) -> Option<&str> {
        let (rows, row) = self.row_of(carrier);
        rows.text(row, column)
    }

    /// Returns the rows that carry a judgement, by record number.
    pub fn carriers(&self, judgement: &Judgement) -> &[Carrier] {
        &self.table.carriers[judgement.carriers.0 as usize..judgement.carriers.1 as usize]
    }

    /// Returns what a text column of items holds of each item that has it: of the last record, ancestors first, that gives
    /// it.
    pub fn item_texts(&self, column: usize) -> BTreeMap<&str, &str> {
        let mut texts = BTreeMap::new();
        for record in self.records().iter().filter(|record| record.head.kind == Kind::Items) {
            for row in 0..record.rows.len() {
                if let (Some(item), Some(text)) =
                    (record.rows.text(row, col::ITEM), record.rows.text(row, column))
                {
                    texts.insert(item, text);
                }
            }
        }
        texts
    }

    /// Returns, for each record of which rows are taken back, how many.
    pub fn reverted_rows(&self) -> BTreeMap<RecordId, u64> {
        let mut rows = vec![0u64; self.records().len()];
        for carrier in self.table.carriers.iter().filter(|carrier| carrier.reverted) {
            rows[carrier.record as usize] += 1;
        }
        let counted = self.records().iter().zip(rows).filter(|(_, rows)| *rows > 0);
        counted.map(|(record, rows)| (record.id, rows)).collect()
    }

    /// Whether some carrier of the judgement is not taken back.
    pub fn is_live(&self, judgement: usize) -> bool {
        self.carriers(&self.judgements()[judgement]).iter().any(|carrier| !carrier.reverted)
    }

    /// Returns the judgement's time as the order reads it: at most a day after each record that introduced it.
    pub fn ordering_time(&self, judgement: &Judgement) -> Option<Timestamp> {
        let created_at = judgement.created_at?;
        let limit = |carrier: &Carrier| {
            self.records()[carrier.record as usize].head.recorded_at.plus_micros(Timestamp::DAY_MICROS)
        };
        let limits = introducing(&self.set.ancestry, self.carriers(judgement)).map(limit);
        Some(limits.fold(created_at, Ord::min))
    }

    /// Returns the live reverts that cover a carrier of the judgement, by record number.
    pub fn reverted_by(&self, judgement: &Judgement) -> Vec<usize> {
        let Some(carrier) = self.carriers(judgement).first() else { return Vec::new() };
        let number = self.table.of_row[carrier.at as usize];
        let covering = self.covers.iter().filter(|cover| cover.judgements.binary_search(&number).is_ok());
        covering.map(|cover| cover.revert as usize).collect()
    }

    /// Returns the judgement that superseded this one: of its key, a current one (or one in conflict) that comes
    /// after it.
    pub fn superseded_by(&self, judgement: usize) -> Option<usize> {
        let key = order::key_of(self, judgement);
        let order = order::of_key(self, key.clone());
        let after = order.after(judgement - key.start);
        let stands =
            |number: usize| matches!(self.judgements()[number].state, State::Current | State::Conflict);
        if stands(judgement) {
            return None;
        }
        key.clone().find(|number| stands(*number) && after(number - key.start))
    }

    /// Returns, for each judgement, whether `filter` chooses it: whether some row that carries it matches.
    pub fn select(&self, filter: &Filter) -> Vec<bool> {
        let choice = Choice::new(self, filter);
        let mut chosen = vec![false; self.judgements().len()];
        choice.rows(|_| true).for_each(|number| chosen[number as usize] = true);
        chosen
    }

    /// Returns the judgements built on a chosen one, each with the chosen one it was built on, in order: task and item
    /// agree, what was shown is what the other said, and the other's record does not descend from its own. Chosen
    /// judgements are not listed.
    pub fn built_on(&self, chosen: &[bool]) -> Vec<(usize, usize)> {
        let mut pairs: Vec<(usize, usize)> = cascade::links(self)
            .into_iter()
            .map(|link| (link.built as usize, link.on as usize))
            .filter(|(built, on)| chosen[*on] && !chosen[*built])
            .collect();
        pairs.dedup_by_key(|(built, _)| *built);
        pairs
    }
}
