//! Settled items → the table, each piece of it filled side by side.

use rayon::prelude::*;

use super::super::{LeftOut, Names, Source, Table, code, compact, settle_domain};
use super::numbers::Numbers;
use crate::base::Texts;
use crate::record::codes::ABSTAINED;

/// Items with their labels, in the order of their first rows.
pub(super) trait Items: Sync {
    /// Returns the number of pieces they come in.
    fn pieces(&self) -> usize;

    /// Returns what was left out of their rows.
    fn left_out(&self) -> LeftOut;

    /// Returns the labels of all items of a piece, where they lie end to end.
    fn entries(&self, _piece: usize) -> Option<&[u32]> {
        None
    }

    /// Hands every item of a piece that has labels, and these, to `each`.
    fn each<'a>(&'a self, piece: usize, each: impl FnMut(&'a str, &'a [u32]));
}

/// How much a piece has of everything.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    items: usize,
    entries: usize,
    bytes: usize,
}

/// The part of the table that one piece fills, and where it begins.
struct Part<'t> {
    from: Size,
    starts: &'t mut [u32],
    labelers: &'t mut [u32],
    classes: &'t mut [u32],
    bytes: &'t mut [u8],
    ends: &'t mut [usize],
}

/// Returns the table of `items`.
pub(super) fn fill(items: &impl Items, numbers: Numbers, domain: Option<&[String]>) -> Option<Table> {
    let left_out = items.left_out();
    let (labelers, classes) = used(items, &numbers, left_out);
    let (labeler_codes, labeler_names) = compact(Names { texts: numbers.labelers, used: labelers });
    let (class_codes, domain) = settle_domain(Names { texts: numbers.labels, used: classes }, domain);
    let sizes: Vec<Size> = (0..items.pieces()).into_par_iter().map(|piece| size(items, piece)).collect();
    let all = sizes.iter().fold(Size::default(), |sum, size| sum.plus(*size));
    let mut starts = vec![0; all.items + 1];
    starts[all.items] = code(all.entries);
    let (mut labelers, mut classes) = (vec![0; all.entries], vec![0; all.entries]);
    let (mut bytes, mut ends) = (vec![0; all.bytes], vec![0; all.items]);
    let whole = Part {
        from: Size::default(),
        starts: &mut starts,
        labelers: &mut labelers,
        classes: &mut classes,
        bytes: &mut bytes,
        ends: &mut ends,
    };
    let parts = whole.split(&sizes);
    parts.into_par_iter().enumerate().for_each(|(piece, part)| {
        part.fill(items, piece, &labeler_codes, &class_codes);
    });
    let item_names = Texts::packed(bytes, ends)?;
    let source = Source::File;
    Some(Table { starts, labelers, classes, item_names, labeler_names, domain, source, left_out })
}

/// Returns which labelers and labels stand in any entry: all, where no row was left out.
fn used(items: &impl Items, numbers: &Numbers, left_out: LeftOut) -> (Vec<bool>, Vec<bool>) {
    let none = |used| (vec![used; numbers.labelers.len()], vec![used; numbers.labels.len()]);
    if left_out == LeftOut::default() {
        return none(true);
    }
    let note = |mut used: (Vec<bool>, Vec<bool>), piece| {
        items.each(piece, |_, entries| {
            for entry in entries {
                used.0[(entry >> 16) as usize] = true;
                used.1[(entry & ABSTAINED) as usize] = true;
            }
        });
        used
    };
    let either = |mut one: Vec<bool>, other: Vec<bool>| {
        one.iter_mut().zip(other).for_each(|(one, other)| *one |= other);
        one
    };
    let both = |one: (Vec<bool>, Vec<bool>), other: (Vec<bool>, Vec<bool>)| {
        (either(one.0, other.0), either(one.1, other.1))
    };
    (0..items.pieces()).into_par_iter().fold(|| none(false), note).reduce(|| none(false), both)
}

fn size(items: &impl Items, piece: usize) -> Size {
    let mut size = Size::default();
    items.each(piece, |item, entries| {
        size = size.plus(Size { items: 1, entries: entries.len(), bytes: item.len() });
    });
    size
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self {
            items: self.items + other.items,
            entries: self.entries + other.entries,
            bytes: self.bytes + other.bytes,
        }
    }
}

impl<'t> Part<'t> {
    /// Splits the table into parts of these sizes.
    fn split(self, sizes: &[Size]) -> Vec<Part<'t>> {
        let mut rest = self;
        let mut parts = Vec::with_capacity(sizes.len());
        for size in sizes {
            let (starts, later_starts) = rest.starts.split_at_mut(size.items);
            let (labelers, later_labelers) = rest.labelers.split_at_mut(size.entries);
            let (classes, later_classes) = rest.classes.split_at_mut(size.entries);
            let (bytes, later_bytes) = rest.bytes.split_at_mut(size.bytes);
            let (ends, later_ends) = rest.ends.split_at_mut(size.items);
            parts.push(Part { from: rest.from, starts, labelers, classes, bytes, ends });
            rest = Part {
                from: rest.from.plus(*size),
                starts: later_starts,
                labelers: later_labelers,
                classes: later_classes,
                bytes: later_bytes,
                ends: later_ends,
            };
        }
        parts
    }

    fn fill(self, items: &impl Items, piece: usize, labelers: &[u32], classes: &[u32]) {
        let mut at = Size::default();
        let put = |own_labelers: &mut [u32], own_classes: &mut [u32], entries: &[u32]| {
            for ((labeler, class), entry) in own_labelers.iter_mut().zip(own_classes).zip(entries) {
                *labeler = labelers[(entry >> 16) as usize];
                *class = classes[(entry & ABSTAINED) as usize];
            }
        };
        let whole = items.entries(piece);
        if let Some(entries) = whole {
            put(self.labelers, self.classes, entries);
        }
        items.each(piece, |item, entries| {
            self.starts[at.items] = (self.from.entries + at.entries) as u32;
            if whole.is_none() {
                let places = at.entries..at.entries + entries.len();
                put(&mut self.labelers[places.clone()], &mut self.classes[places], entries);
            }
            self.bytes[at.bytes..at.bytes + item.len()].copy_from_slice(item.as_bytes());
            at = at.plus(Size { items: 1, entries: entries.len(), bytes: item.len() });
            self.ends[at.items - 1] = self.from.bytes + at.bytes;
        });
    }
}
