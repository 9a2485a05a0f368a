//! Segments: rows of judgements as a ledger takes them, of one record or gathered from many.

use std::sync::Arc;

use super::RecordSet;
use crate::record::{Kind, LabelerKind, Labelers, Manifest, Rows, col};

/// Where the rows of a segment come from.
#[derive(Clone, Debug)]
pub enum Places {
    /// All rows of one record, in order: its number.
    Whole(u32),
    /// For each row, its record's number and its row there.
    Each(Arc<Vec<(u32, u32)>>),
}

/// Rows of one kind that answer one task.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The task; empty where a record names none.
    pub task: Arc<str>,
    /// The rows.
    pub rows: Arc<Rows>,
    /// Where they come from.
    pub places: Places,
    /// What the labeler of each row is.
    pub labeler_kinds: Arc<Vec<LabelerKind>>,
}

impl Segment {
    /// Returns the segment that the `rows` of record number `record` are.
    pub(super) fn whole(set: &RecordSet, record: u32, rows: Rows) -> Self {
        let own = &set.records()[record as usize];
        let labeler_kinds = Arc::new(labeler_kinds(&own.manifest, &rows));
        let task = own.head.task.clone().unwrap_or_default();
        Self { task, labeler_kinds, rows: Arc::new(rows), places: Places::Whole(record) }
    }

    /// Returns the segment's rows of the records that `new` holds as judgements, with the numbers these have there; `None`
    /// where none is left.
    pub(super) fn moved(&self, old: &RecordSet, new: &RecordSet) -> Option<Self> {
        let judges = |number: &usize| new.records()[*number].head.kind.is_judgement();
        let number = |record: u32| {
            new.find(&old.records()[record as usize].id).filter(judges).map(|number| number as u32)
        };
        match &self.places {
            Places::Whole(record) => Some(Self { places: Places::Whole(number(*record)?), ..self.clone() }),
            Places::Each(places) => {
                let numbers: Vec<Option<u32>> = (0..old.records().len() as u32).map(number).collect();
                let moved = (0u32..)
                    .zip(places.iter())
                    .filter_map(|(at, (record, row))| Some((at, (numbers[*record as usize]?, *row))));
                let (kept, moved): (Vec<u32>, Vec<(u32, u32)>) = moved.unzip();
                if kept.is_empty() {
                    return None;
                }
                let mut segment = Self { places: Places::Each(Arc::new(moved)), ..self.clone() };
                if kept.len() < places.len() {
                    segment.keep(&kept);
                }
                Some(segment)
            }
        }
    }

    /// Returns the segment's rows of `items`, which are sorted as its rows are; `None` where it has none.
    pub fn of_items(&self, items: &[&str]) -> Option<Self> {
        let (mut kept, mut items) = (Vec::new(), items.iter().peekable());
        for (row, item) in (0u32..).zip(self.rows.texts(col::ITEM).iter()) {
            while items.next_if(|wanted| Some(**wanted) < item).is_some() {}
            if items.peek().is_some_and(|wanted| Some(**wanted) == item) {
                kept.push(row);
            }
        }
        if kept.is_empty() {
            return None;
        }
        let places = kept.iter().map(|row| self.place(*row as usize)).collect();
        let mut segment = Self { places: Places::Each(Arc::new(places)), ..self.clone() };
        if kept.len() < self.rows.len() {
            segment.keep(&kept);
        }
        Some(segment)
    }

    /// Keeps some rows, whose places are set already.
    fn keep(&mut self, kept: &[u32]) {
        let kinds = kept.iter().map(|at| self.labeler_kinds[*at as usize]).collect();
        self.rows = Arc::new(self.rows.take(kept));
        self.labeler_kinds = Arc::new(kinds);
    }

    /// Returns the record number and the row there of row `row`.
    pub fn place(&self, row: usize) -> (u32, u32) {
        match &self.places {
            Places::Whole(record) => (*record, row as u32),
            Places::Each(places) => places[row],
        }
    }
}

/// Returns what the labeler of each of `rows`, judgements of a record with this manifest, is. Where it does not list a
/// labeler, a prediction is a model's and any other judgement a person's.
pub fn labeler_kinds(manifest: &Manifest, rows: &Rows) -> Vec<LabelerKind> {
    let unlisted = match rows.kind() {
        Kind::Predictions => LabelerKind::Model,
        _ => LabelerKind::Human,
    };
    let kind = |labeler: &str| match &manifest.labelers {
        Labelers::Listed(listed) => listed.get(labeler).map_or(unlisted, |labeler| labeler.kind),
        Labelers::InShard => unlisted,
    };
    let mut last: Option<(&str, LabelerKind)> = None;
    let each = rows.texts(col::LABELER).iter().map(|labeler| {
        let labeler = labeler.unwrap_or_default();
        match last {
            Some((before, kind)) if before == labeler => kind,
            _ => last.insert((labeler, kind(labeler))).1,
        }
    });
    each.collect()
}
