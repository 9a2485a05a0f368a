//! Lines of a delimited file, split eight bytes at a time.

use std::ops::Range;

use super::super::cell::Cell;
use super::super::csv::MOST_CELL_BYTES;
use super::super::values;
use super::head::{Check, Head, Role};
use super::time;
use crate::record::codes::{Key, PieceMaker};
use crate::record::{Kind, col, schema};

/// Some lines of a file.
pub(super) struct Lines<'b> {
    block: &'b [u8],
    lines: Range<usize>,
    head: &'b Head<'b>,
    timed: bool,
    /// All bytes that were looked at, or-ed: whether any is not ASCII.
    seen: u64,
}

/// One field: where it lies, quotes left out, and where what ends it does.
struct Cut {
    field: Range<usize>,
    end: usize,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// Marks the bytes of `word` that are zero; above the first of them also others.
#[inline(always)]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// Marks the control characters of `word`; above the first of them also others.
#[inline(always)]
fn controls(word: u64) -> u64 {
    word.wrapping_sub(ONES * 0x20) & !word & HIGHS
}

impl<'b> Lines<'b> {
    /// So many line feeds are to follow the last line.
    pub const PADDING: usize = 16;

    /// Returns the lines `lines` of `block`, after which [`Lines::PADDING`] line feeds or more bytes of the file stand.
    pub fn new(block: &'b [u8], lines: Range<usize>, head: &'b Head<'b>) -> Self {
        Self { block, lines, head, timed: head.roles.contains(&Role::Time), seen: 0 }
    }

    /// Reads all lines; `None` at the first that is not plainly good.
    pub fn read(mut self, maker: &mut PieceMaker) -> Option<()> {
        let mut at = self.lines.start;
        while at < self.lines.end {
            match (self.block[at], self.block[at + 1]) {
                (b'\n', _) => at += 1,
                (b'\r', b'\n') => at += 2,
                _ => at = self.line(at, maker)?,
            }
        }
        // Whatever was looked at beyond the lines makes this a needless check at worst.
        let ascii = self.seen & HIGHS == 0;
        (ascii || std::str::from_utf8(&self.block[self.lines.clone()]).is_ok()).then_some(())
    }

    /// Reads the line at `start`; returns where the next one begins.
    #[inline]
    fn line(&mut self, start: usize, maker: &mut PieceMaker) -> Option<usize> {
        let (block, head) = (self.block, self.head);
        let last = head.roles.len() - 1;
        let (mut labeler, mut label, mut time) = (0..0, 0..0, 0..0);
        let mut at = start;
        for (column, role) in head.roles.iter().enumerate() {
            let cut = match role {
                Role::Item => self.item(at, column < last, maker)?,
                _ => self.cut(at)?,
            };
            match role {
                Role::Labeler => labeler = cut.field,
                Role::Label => label = cut.field,
                Role::Time => time = cut.field,
                Role::Checked(check) => self.check(head.checked[*check], cut.field)?,
                Role::Item | Role::Unread => {}
            }
            at = cut.end + 1;
            if column < last && block[cut.end] != head.delimiter {
                return None;
            }
        }
        at = match (block[at - 1], block[at]) {
            (b'\n', _) => at,
            (b'\r', b'\n') => at + 1,
            _ => return None,
        };
        if at - start > MOST_CELL_BYTES {
            return None;
        }
        maker.push(&block[labeler], &block[label])?;
        if self.timed {
            let time = if time.is_empty() { None } else { Some(time::micros(&block[time])?) };
            maker.push_time(time);
        }
        Some(at)
    }

    /// Cuts the field at `at`, which is an item; where it is that of the line before, it is not looked through again.
    #[inline]
    fn item(&mut self, at: usize, more: bool, maker: &mut PieceMaker) -> Option<Cut> {
        let item = maker.item();
        let quoted = usize::from(self.block[at] == b'"');
        let end = at + quoted + item.len();
        let same = more
            && !item.is_empty()
            && self.block.get(at + quoted..end).is_some_and(|field| Key::are_equal(field, item))
            && (quoted == 0 || self.block[end] == b'"')
            && self.block[end + quoted] == self.head.delimiter;
        if same {
            return Some(Cut { field: at + quoted..end, end: end + quoted });
        }
        let cut = self.cut(at)?;
        maker.set_item(&self.block[cut.field.clone()])?;
        Some(cut)
    }

    /// Cuts the field at `at`; `None` where quotes or control characters stand in it.
    #[inline(always)]
    fn cut(&mut self, at: usize) -> Option<Cut> {
        if self.block[at] != b'"' {
            let end = self.find(at, self.head.delimiter)?;
            return Some(Cut { field: at..end, end });
        }
        let end = self.find(at + 1, b'"')?;
        // A second quote would be one that is meant as a character.
        (self.block[end] == b'"' && self.block[end + 1] != b'"')
            .then_some(Cut { field: at + 1..end, end: end + 1 })
    }

    /// Returns the first place from `at` on where `byte` or a control character stands.
    #[inline(always)]
    fn find(&mut self, mut at: usize, byte: u8) -> Option<usize> {
        let pattern = ONES * u64::from(byte);
        loop {
            let word = u64::from_le_bytes(*self.block.get(at..)?.first_chunk()?);
            self.seen |= word;
            let found = zeros(word ^ pattern) | controls(word);
            if found != 0 {
                return Some(at + found.trailing_zeros() as usize / 8);
            }
            at += 8;
        }
    }

    /// Checks a cell that is not read; `None` when it breaks its rule.
    fn check(&self, check: Check, field: Range<usize>) -> Option<()> {
        if field.is_empty() {
            return Some(());
        }
        let cell = Cell::Text(std::str::from_utf8(&self.block[field]).ok()?);
        let checked = match check {
            Check::Field(field) => values::read(field, cell),
            Check::Seconds => values::seconds(&schema(Kind::Labels)[col::DURATION_MS], cell),
        };
        checked.ok().map(drop)
    }
}
