//! The table: rows of all records with their texts as numbers, sorted, and equal ones made one judgement.

use rayon::prelude::*;

use super::names::{self, Names};
use super::{Carrier, Judgement, Segment, State};
use crate::base::Timestamp;
use crate::record::{Kind, LabelerKind, Rows, col};

/// Judgements, who carries them, and the names behind the numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) tasks: Names,
    pub(super) items: Names,
    pub(super) labelers: Names,
    pub(super) statements: Names,
    /// Sorted by task, item, kind, labeler, time (unknown first) and statement.
    pub(super) judgements: Vec<Judgement>,
    /// The carriers of each judgement are a run, sorted by record and row.
    pub(super) carriers: Vec<Carrier>,
    /// For each row, counted through all segments, the judgement it carries.
    pub(super) of_row: Vec<u32>,
    /// For each segment, the number of its first row.
    pub(super) starts: Vec<u32>,
}

/// A row, packed so that comparing the fields in this order sorts the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    /// Task, item and kind.
    place: u64,
    labeler: u32,
    /// Microseconds; unknown sorts first.
    time: i64,
    /// Number + 1; 0 abstains.
    statement: u32,
    record: u32,
    row: u32,
    at: u32,
    labeler_kind: LabelerKind,
}

impl Row {
    fn identity(&self) -> (u64, u32, i64, u32) {
        (self.place, self.labeler, self.time, self.statement)
    }
}

/// Before every moment a [`Timestamp`] can be.
const UNKNOWN: i64 = i64::MIN;

/// Builds the table of `segments`, in which no judgement is reverted.
pub(super) fn build(segments: &[Segment]) -> Table {
    let said: Vec<Vec<String>> = segments.par_iter().map(|segment| corrections(&segment.rows)).collect();
    let mut tasks = [names::column(segments.iter().map(|segment| Some(&*segment.task)))];
    let text = |column: usize| -> Vec<names::Column<'_>> {
        let numbered = |segment| texts(segment, column);
        segments.par_iter().map(numbered).collect()
    };
    let (mut items, mut labelers) = (text(col::ITEM), text(col::LABELER));
    let mut statements: Vec<names::Column<'_>> = segments
        .par_iter()
        .zip(&said)
        .map(|(segment, said)| match segment.rows.kind() {
            Kind::Corrections => names::column(said.iter().map(|text| Some(text.as_str()))),
            _ => names::text_column(segment.rows.texts(col::LABEL)),
        })
        .collect();
    let mut table = Table {
        tasks: names::unite(&mut tasks),
        items: names::unite(&mut items),
        labelers: names::unite(&mut labelers),
        statements: names::unite(&mut statements),
        ..Table::default()
    };
    u16::try_from(table.tasks.len().saturating_sub(1)).expect("a set has at most 65,536 tasks");
    let mut start = 0;
    for segment in segments {
        table.starts.push(start);
        start = u32::try_from(segment.rows.len())
            .ok()
            .and_then(|rows| start.checked_add(rows))
            .expect("rows that fit in memory are fewer than 2^32");
    }
    let rows = segments.par_iter().enumerate().flat_map_iter(|(index, segment)| {
        let (items, labelers, statements) =
            (&items[index].codes, &labelers[index].codes, &statements[index].codes);
        let (task, start) = (tasks[0].codes[index], table.starts[index]);
        let rows = &segment.rows;
        let kind = rows.kind();
        (0..rows.len()).map(move |row| {
            let (record, in_record) = segment.place(row);
            Row {
                place: u64::from(task) << 48 | u64::from(items[row]) << 16 | kind as u64,
                labeler: labelers[row],
                time: rows.time(row, col::CREATED_AT).map_or(UNKNOWN, Timestamp::micros),
                statement: statements[row].wrapping_add(1),
                record,
                row: in_record,
                at: start + row as u32,
                labeler_kind: segment.labeler_kinds[row],
            }
        })
    });
    let mut rows: Vec<Row> = rows.collect();
    if rows.is_sorted_by_key(|row| row.place) {
        rows.par_chunk_by_mut(|a, b| a.place == b.place).for_each(|of_item| of_item.sort_unstable());
    } else {
        rows.par_sort_unstable();
    }
    table.fill(&rows);
    table
}

fn texts(segment: &Segment, column: usize) -> names::Column<'_> {
    names::text_column(segment.rows.texts(column))
}

/// Returns what each row of a batch of corrections says; of other batches, nothing.
fn corrections(rows: &Rows) -> Vec<String> {
    match rows.kind() {
        Kind::Corrections => {
            (0..rows.len()).map(|row| rows.statement(row).unwrap_or_default().into_owned()).collect()
        }
        _ => Vec::new(),
    }
}

impl Table {
    /// Makes judgements of sorted `rows`.
    fn fill(&mut self, rows: &[Row]) {
        self.carriers.reserve_exact(rows.len());
        self.of_row = vec![0; rows.len()];
        for rows in rows.chunk_by(|a, b| a.identity() == b.identity()) {
            let (start, number, row) = (self.carriers.len() as u32, self.judgements.len() as u32, rows[0]);
            for row in rows {
                let Row { record, at, labeler_kind, .. } = *row;
                self.carriers.push(Carrier { record, row: row.row, at, labeler_kind, reverted: false });
                self.of_row[at as usize] = number;
            }
            self.judgements.push(Judgement {
                task: (row.place >> 48) as u16,
                kind: kind(row.place as u8),
                state: State::Current,
                item: (row.place >> 16) as u32,
                labeler: row.labeler,
                statement: row.statement.checked_sub(1),
                created_at: Timestamp::from_micros(row.time),
                carriers: (start, self.carriers.len() as u32),
            });
        }
    }
}

/// Undoes `kind as u8` for kinds that judge.
fn kind(byte: u8) -> Kind {
    let judging = [Kind::Labels, Kind::Corrections, Kind::Adjudications, Kind::Predictions];
    judging.into_iter().find(|kind| *kind as u8 == byte).expect("the table holds kinds that judge")
}
