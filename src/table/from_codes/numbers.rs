//! One numbering of labelers and labels for all pieces: that of their names.

use std::collections::BTreeSet;

use crate::record::codes::{ABSTAINED, LabelCodes, Piece};

/// The labelers and labels of all pieces, and what each piece's numbers are among them.
pub(super) struct Numbers {
    /// In UTF-8 order.
    pub labelers: Vec<String>,
    /// In UTF-8 order.
    pub labels: Vec<String>,
    /// By piece.
    pub of_pieces: Vec<OfPiece>,
}

/// What the numbers of one piece are among all.
pub(super) struct OfPiece {
    labelers: Vec<u32>,
    labels: Vec<u32>,
}

impl Numbers {
    /// Numbers the names of all pieces; `None` when there are too many.
    pub fn of(codes: &LabelCodes) -> Option<Self> {
        let labelers = names(&codes.pieces, |piece| &piece.labelers)?;
        let labels = names(&codes.pieces, |piece| &piece.labels)?;
        let place =
            |all: &[String], name: &String| all.binary_search(name).map_or(ABSTAINED, |place| place as u32);
        let of_piece = |piece: &Piece| OfPiece {
            labelers: piece.labelers.iter().map(|name| place(&labelers, name) << 16).collect(),
            labels: piece.labels.iter().map(|name| place(&labels, name)).collect(),
        };
        let of_pieces = codes.pieces.iter().map(of_piece).collect();
        Some(Self { labelers, labels, of_pieces })
    }
}

fn names(pieces: &[Piece], of: fn(&Piece) -> &Vec<String>) -> Option<Vec<String>> {
    let names: BTreeSet<&String> = pieces.iter().flat_map(of).collect();
    (names.len() < ABSTAINED as usize).then(|| names.into_iter().cloned().collect())
}

impl OfPiece {
    /// Returns a code of the piece as one of all.
    #[inline]
    pub fn code(&self, code: u32) -> u32 {
        let label = code & ABSTAINED;
        let label = if label == ABSTAINED { label } else { self.labels[label as usize] };
        self.labelers[(code >> 16) as usize] | label
    }
}
