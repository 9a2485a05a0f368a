//! Label files at the speed of memory: bytes → [`LabelCodes`], side by side, without any row in between.
//!
//! Only what is plainly good is read so: long form, delimited, each record on its line, nothing to be reported, nothing
//! to be put into another normal form. At anything else the answer is `None`, and the file is to be read by
//! [`super::read`], which has the words for it. What is read here says what it says there: the header is read and the
//! columns are understood by the same code, times and checked cells by the same functions, and `tests/label_codes.rs`
//! holds the two together over random files.

mod head;
mod line;
mod time;

use std::ops::Range;

use rayon::prelude::*;

use self::head::Head;
use self::line::Lines;
use super::cell::Cell;
use super::csv::MOST_CELL_BYTES;
use super::labels::Labels;
use super::options::Options;
use crate::base::Blocks;
use crate::record::codes::{LabelCodes, Piece, PieceMaker};
use crate::record::{Task, TextColumn};

pub use head::{LabelColumns, label_columns};
pub use time::micros;

/// Bytes of a piece: it and what is made of it lie in the cache of one core.
const PIECE: usize = 1 << 20;

/// So many bytes after a piece are read with it: most lines end within them.
const AFTER: usize = 4096;

/// A file of more bytes is not read; nor is it by [`super::read`].
const MOST_BYTES: u64 = 2 << 30;

/// Reads the rows of a delimited file of labels.
pub fn label_codes(file: &(impl Blocks + ?Sized), options: &Options<'_>) -> Option<LabelCodes> {
    label_codes_in_pieces(PIECE, file, options)
}

/// Reads the rows of a delimited file of labels, in pieces of so many bytes.
pub(crate) fn label_codes_in_pieces(
    bytes: usize,
    file: &(impl Blocks + ?Sized),
    options: &Options<'_>,
) -> Option<LabelCodes> {
    if file.size() > MOST_BYTES {
        return None;
    }
    let head = Head::read(file, options)?;
    let end = usize::try_from(file.size()).ok()?;
    let pieces = (end - head.body).div_ceil(bytes);
    let read = |(block, maker): &mut (Vec<u8>, PieceMaker), number: usize| {
        let start = head.body + number * bytes;
        piece(file, start..end.min(start + bytes), &head, block, maker)
    };
    let pieces: Option<Vec<Option<Piece>>> =
        (0..pieces).into_par_iter().map_init(Default::default, read).collect();
    let mut pieces: Vec<Piece> = pieces?.into_iter().flatten().collect();
    canonical_labels(&mut pieces, head.task)?;
    // A file without rows is a fault.
    (!pieces.is_empty()).then_some(LabelCodes { pieces, more: !head.checked.is_empty() })
}

/// Reads the lines that begin within `part`; inside, nothing when there are none.
fn piece(
    file: &(impl Blocks + ?Sized),
    part: Range<usize>,
    head: &Head<'_>,
    block: &mut Vec<u8>,
    maker: &mut PieceMaker,
) -> Option<Option<Piece>> {
    // The byte before tells whether a line begins with the part.
    let from = part.start - usize::from(part.start > head.body);
    let size = usize::try_from(file.size()).ok()?;
    let mut ahead = AFTER;
    let lines = loop {
        let to = size.min(part.end + ahead);
        block.resize(to - from + Lines::PADDING, 0);
        let (bytes, padding) = block.split_at_mut(to - from);
        file.read_at(from as u64, bytes).ok()?;
        padding.fill(b'\n');
        let start = if from < part.start { line_after(bytes, 0) } else { Some(0) };
        // The last line that begins in the part ends at or after its last byte.
        match (start, line_after(bytes, part.end - 1 - from)) {
            (Some(start), Some(end)) => break start..end,
            (Some(start), None) if to == size => break start..to - from,
            (None, _) if to == size => return Some(None),
            _ if ahead > MOST_CELL_BYTES => return None,
            _ => ahead *= 16,
        }
    };
    Lines::new(block, lines, head).read(maker)?;
    Some(maker.finish())
}

/// Returns the end of the line that the byte `at` lies in, past its line feed.
fn line_after(bytes: &[u8], at: usize) -> Option<usize> {
    let feed = bytes.get(at..)?.iter().position(|byte| *byte == b'\n')?;
    Some(at + feed + 1)
}

/// Writes every label as the task does; `None` when it does not know one.
fn canonical_labels(pieces: &mut [Piece], task: &Task) -> Option<()> {
    let mut labels = Labels::new(task);
    for label in pieces.iter_mut().flat_map(|piece| &mut piece.labels) {
        let mut column = TextColumn::default();
        labels.push(Cell::Text(label), &mut column).ok()?;
        match column.get(0) {
            Some(canonical) if canonical == label => {}
            Some(canonical) => *label = canonical.to_owned(),
            None => return None,
        }
    }
    Some(())
}
