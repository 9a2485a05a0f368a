//! The table: rows of all records with their texts as numbers, sorted, and equal ones made one judgement.

use rayon::prelude::*;

use super::names::{self, Names};
use super::{Carrier, Judgement, Loaded, State};
use crate::base::Timestamp;
use crate::record::{Kind, col};

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
    /// For each record, the judgement each of its rows carries; empty for kinds that judge nothing.
    pub(super) of_row: Vec<Vec<u32>>,
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
}

impl Row {
    fn identity(&self) -> (u64, u32, i64, u32) {
        (self.place, self.labeler, self.time, self.statement)
    }
}

/// Before every moment a [`Timestamp`] can be.
const UNKNOWN: i64 = i64::MIN;

/// Builds the table of `records`, in which no judgement is reverted.
pub(super) fn build(records: &[Loaded]) -> Table {
    let judging: Vec<u32> = (0u32..)
        .zip(records)
        .filter(|(_, record)| record.rows.kind().is_judgement())
        .map(|(r, _)| r)
        .collect();
    let said: Vec<Vec<String>> = judging.par_iter().map(|r| corrections(&records[*r as usize])).collect();
    let mut tasks = [names::column(
        judging.iter().map(|r| Some(records[*r as usize].manifest.task.as_deref().unwrap_or_default())),
    )];
    let text = |column: usize| -> Vec<names::Column<'_>> {
        let of = |r: &u32| records[*r as usize].rows.texts(column).iter().map(|text| text.or(Some("")));
        judging.par_iter().map(|r| names::column(of(r))).collect()
    };
    let (mut items, mut labelers) = (text(col::ITEM), text(col::LABELER));
    let mut statements: Vec<names::Column<'_>> = judging
        .par_iter()
        .zip(&said)
        .map(|(r, said)| match records[*r as usize].rows.kind() {
            Kind::Corrections => names::column(said.iter().map(|text| Some(text.as_str()))),
            _ => names::column(records[*r as usize].rows.texts(col::LABEL).iter()),
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
    let rows = (0..judging.len()).into_par_iter().flat_map_iter(|index| {
        let (items, labelers, statements) =
            (&items[index].codes, &labelers[index].codes, &statements[index].codes);
        let (record, task) = (judging[index], tasks[0].codes[index]);
        let rows = &records[record as usize].rows;
        let kind = rows.kind();
        (0..rows.len()).map(move |row| Row {
            place: u64::from(task) << 48 | u64::from(items[row]) << 16 | kind as u64,
            labeler: labelers[row],
            time: rows.time(row, col::CREATED_AT).map_or(UNKNOWN, Timestamp::micros),
            statement: statements[row].wrapping_add(1),
            record,
            row: row as u32,
        })
    });
    let mut rows: Vec<Row> = rows.collect();
    u32::try_from(rows.len()).expect("rows that fit in memory are fewer than 2^32");
    rows.par_sort_unstable();
    table.of_row = records.iter().map(|_| Vec::new()).collect();
    for record in &judging {
        table.of_row[*record as usize] = vec![0; records[*record as usize].rows.len()];
    }
    table.fill(&rows);
    table
}

/// Returns what each row of a batch of corrections says; of other batches, nothing.
fn corrections(record: &Loaded) -> Vec<String> {
    match record.rows.kind() {
        Kind::Corrections => (0..record.rows.len())
            .map(|row| record.rows.statement(row).unwrap_or_default().into_owned())
            .collect(),
        _ => Vec::new(),
    }
}

impl Table {
    /// Makes judgements of sorted `rows`.
    fn fill(&mut self, rows: &[Row]) {
        self.carriers.reserve_exact(rows.len());
        for rows in rows.chunk_by(|a, b| a.identity() == b.identity()) {
            let (start, number, row) = (self.carriers.len() as u32, self.judgements.len() as u32, rows[0]);
            for row in rows {
                self.carriers.push(Carrier { record: row.record, row: row.row, reverted: false });
                self.of_row[row.record as usize][row.row as usize] = number;
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
