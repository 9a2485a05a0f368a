//! Files in which no item comes back: the items of the table are the runs, in the order of the file.

use rayon::prelude::*;

use super::super::LeftOut;
use super::fill::Items;
use super::numbers::{Numbers, OfPiece};
use super::scattered::continues;
use super::settle::Settler;
use crate::record::codes::{LabelCodes, Piece};

/// Pieces whose codes are those of the table's entries, and whose runs end where the entries of their items do.
pub(super) struct InOrder {
    pieces: Vec<Piece>,
    left_out: LeftOut,
}

/// The rows of a piece's last run that lie in the pieces after it: codes of all pieces, and times.
#[derive(Clone, Debug, Default)]
struct Tail {
    codes: Vec<u32>,
    times: Vec<i64>,
}

impl InOrder {
    /// Settles every item; `None` when rows contradict each other.
    pub fn settle(codes: LabelCodes, numbers: &Numbers) -> Option<Self> {
        let LabelCodes { mut pieces, more } = codes;
        let tails: Vec<Tail> = (0..pieces.len()).map(|number| tail(&pieces, numbers, number)).collect();
        let continued: Vec<bool> = (0..pieces.len()).map(|number| continues(&pieces, number)).collect();
        let each = pieces.par_iter_mut().zip(&numbers.of_pieces).zip(tails.par_iter().zip(&continued));
        let left_out: Option<Vec<LeftOut>> = each
            .map_init(
                || Settler::new(more),
                |settler, ((piece, numbers), (tail, continued))| {
                    settler.left_out = LeftOut::default();
                    settle(settler, piece, numbers, tail, *continued)?;
                    Some(settler.left_out)
                },
            )
            .collect();
        let mut sum = LeftOut::default();
        left_out?.into_iter().for_each(|left_out| sum += left_out);
        Some(Self { pieces, left_out: sum })
    }
}

/// Returns what of the last run of piece `number` lies after it; nothing where that run began before it.
fn tail(pieces: &[Piece], numbers: &Numbers, number: usize) -> Tail {
    let mut tail = Tail::default();
    if continues(pieces, number) && pieces[number].runs() == 1 {
        return tail;
    }
    for next in (number + 1..pieces.len()).take_while(|next| continues(pieces, *next)) {
        let piece = &pieces[next];
        for row in piece.rows(0) {
            tail.codes.push(numbers.of_pieces[next].code(piece.codes[row]));
            tail.times.push(piece.time(row));
        }
        if piece.runs() > 1 {
            break;
        }
    }
    tail
}

/// Settles the items of one piece, but for the first where that `continued` from the piece before.
fn settle(
    settler: &mut Settler,
    piece: &mut Piece,
    numbers: &OfPiece,
    tail: &Tail,
    continued: bool,
) -> Option<()> {
    piece.take_buckets();
    let mut entries = std::mem::take(&mut piece.codes);
    let (mut kept, mut start, mut codes) = (0, 0, Vec::new());
    let last = piece.runs() - 1;
    for run in 0..=last {
        let rows = start..piece.ends[run] as usize;
        start = rows.end;
        codes.clear();
        if run > 0 || !continued {
            codes.extend(entries[rows.clone()].iter().map(|code| numbers.code(*code)));
        }
        let own = codes.len();
        if run == last {
            codes.extend_from_slice(&tail.codes);
        }
        let row = |place: usize| {
            let time = if place < own { piece.time(rows.start + place) } else { tail.times[place - own] };
            (time, 0)
        };
        settler.settle(&codes, row, |code| {
            // Entries take the place of rows that were read; the rows of the tail may be more than there is room for.
            match entries.get_mut(kept) {
                Some(entry) => *entry = code,
                None => entries.push(code),
            }
            kept += 1;
        })?;
        piece.ends[run] = kept as u32;
    }
    entries.truncate(kept);
    piece.codes = entries;
    Some(())
}

impl Items for InOrder {
    fn pieces(&self) -> usize {
        self.pieces.len()
    }

    fn left_out(&self) -> LeftOut {
        self.left_out
    }

    fn entries(&self, piece: usize) -> Option<&[u32]> {
        Some(&self.pieces[piece].codes)
    }

    fn each<'a>(&'a self, piece: usize, mut each: impl FnMut(&'a str, &'a [u32])) {
        let piece = &self.pieces[piece];
        for run in 0..piece.runs() {
            let entries = &piece.codes[piece.rows(run)];
            if !entries.is_empty() {
                each(piece.item(run), entries);
            }
        }
    }
}
