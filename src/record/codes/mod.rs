//! Labels as small numbers, as they are read: what lies between the bytes of a file and a table of labels.
//!
//! In: item, labeler, label and time of every row, a [`Piece`] of the file at a time, side by side. Out: [`LabelCodes`],
//! in which each piece numbers the labelers and labels it met by itself, and rows that follow each other and are of one
//! item are a run, which names the item once. Runs are sorted by a hash of their items into [`BUCKETS`] buckets: two
//! runs of one item lie in buckets of one number, so that whoever looks for items that come back has 512 small
//! questions rather than one large one.
//!
//! Invariant: items and labelers obey the rules of ids and are in NFC, and no label is empty or holds a NUL. What does
//! not is not told but refused, as is anything else out of the ordinary: then the rows are to be read one by one.

mod key;
mod piece;
mod words;

pub use key::Key;
pub use piece::{Piece, PieceMaker, RunKey};

/// Runs are sorted by the first bits of their items' hashes into so many buckets.
pub const BUCKETS: usize = 1 << BUCKET_BITS;

const BUCKET_BITS: u32 = 9;

/// The label of a row that has none.
pub const ABSTAINED: u32 = u16::MAX as u32;

/// The rows of files, in pieces.
#[derive(Debug, Default)]
pub struct LabelCodes {
    /// The pieces in the order of the files, each of one row at least.
    pub pieces: Vec<Piece>,
    /// Whether rows say more than item, labeler, label and time.
    pub more: bool,
}

impl LabelCodes {
    /// Adds the rows of another file.
    pub fn append(&mut self, other: Self) {
        let file = self.pieces.last().map_or(0, |piece| piece.file + 1);
        self.more |= other.more;
        self.pieces.extend(other.pieces.into_iter().map(|mut piece| {
            piece.file += file;
            piece
        }));
    }
}
