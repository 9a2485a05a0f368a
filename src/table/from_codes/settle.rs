//! The rows of one item → its labels: one a labeler, the latest.

use super::super::LeftOut;
use crate::record::codes::ABSTAINED;

/// One row of an item, as rows of one labeler are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub labeler: u32,
    /// Microseconds; unknown times are below all others.
    pub time: i64,
    pub file: u32,
    /// Its place among the rows of the item.
    pub place: u32,
    pub label: u32,
}

/// Settles items, one after the other.
#[derive(Debug, Default)]
pub(super) struct Settler {
    sorted: Vec<u32>,
    rows: Vec<Row>,
    pub left_out: LeftOut,
    /// Whether rows say more than what is seen here.
    more: bool,
}

impl Settler {
    /// Returns one for rows that say `more` than item, labeler, label and time, or not.
    pub fn new(more: bool) -> Self {
        Self { more, ..Self::default() }
    }

    /// Writes the labels of the item whose rows have `codes`, in labeler order, to `put`. `row` says what else is known of
    /// the row at a place: its time and its file.
    ///
    /// `None` when two rows of one labeler contradict each other.
    #[inline]
    pub fn settle(
        &mut self,
        codes: &[u32],
        row: impl Fn(usize) -> (i64, u32),
        mut put: impl FnMut(u32),
    ) -> Option<()> {
        let by_labeler = |pair: &[u32]| pair[0] >> 16 < pair[1] >> 16;
        if codes.windows(2).all(by_labeler) {
            self.put(codes, put);
            return Some(());
        }
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.clear();
        sorted.extend_from_slice(codes);
        sorted.sort_unstable();
        if sorted.windows(2).all(by_labeler) {
            self.put(&sorted, put);
        } else {
            self.latest(codes, row, &mut put)?;
        }
        self.sorted = sorted;
        Some(())
    }

    #[inline]
    fn put(&mut self, codes: &[u32], mut put: impl FnMut(u32)) {
        for code in codes {
            if code & ABSTAINED == ABSTAINED {
                self.left_out.abstentions += 1;
            } else {
                put(*code);
            }
        }
    }

    /// Settles an item that a labeler judged more than once. Rows of one file that say the same at one time are one row, as
    /// reading makes them; where they say more, which of them stays is not for us to know.
    #[cold]
    fn latest(
        &mut self,
        codes: &[u32],
        row: impl Fn(usize) -> (i64, u32),
        put: &mut impl FnMut(u32),
    ) -> Option<()> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        rows.extend(codes.iter().enumerate().map(|(place, code)| {
            let (time, file) = row(place);
            Row { labeler: code >> 16, time, file, place: place as u32, label: code & ABSTAINED }
        }));
        rows.sort_unstable();
        for same in rows.chunk_by(|a, b| a.labeler == b.labeler) {
            let mut judgements = 0;
            for at_once in same.chunk_by(|a, b| (a.time, a.file) == (b.time, b.file)) {
                judgements += 1;
                let one = at_once.iter().all(|row| row.label == at_once[0].label);
                if !one || (at_once.len() > 1 && self.more) {
                    return None;
                }
            }
            self.left_out.duplicates += judgements - 1;
            let latest = same[same.len() - 1];
            self.put(&[latest.labeler << 16 | latest.label], &mut *put);
        }
        self.rows = rows;
        Some(())
    }
}

impl std::ops::AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        self.abstentions += other.abstentions;
        self.duplicates += other.duplicates;
        self.conflicts += other.conflicts;
    }
}
