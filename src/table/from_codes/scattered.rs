//! Files in which items come back: their rows are grouped bucket by bucket, by the hashes of their items, and the items
//! then taken in the order of the file.

use rayon::prelude::*;

use super::super::LeftOut;
use super::fill::Items;
use super::numbers::Numbers;
use super::settle::Settler;
use crate::record::codes::{BUCKETS, LabelCodes, Piece, RunKey};

/// Whether a piece begins with rows of the item that the one before ends with.
pub(super) fn continues(pieces: &[Piece], number: usize) -> bool {
    let Some(before) = number.checked_sub(1).map(|before| &pieces[before]) else { return false };
    before.file == pieces[number].file && before.item(before.runs() - 1) == pieces[number].item(0)
}

/// Whether any item has rows apart from each other. Two long items of one key are taken for one here, which costs time
/// alone.
pub(super) fn items_come_back(pieces: &[Piece]) -> bool {
    let continued: Vec<bool> = (0..pieces.len()).map(|number| continues(pieces, number)).collect();
    let come_back = |slots: &mut Vec<u64>, bucket: usize| {
        let runs = pieces.iter().map(|piece| piece.bucket(bucket).len()).sum();
        let mask = clear(slots, runs, 0);
        pieces.iter().zip(&continued).any(|(piece, continued)| {
            piece.bucket(bucket).iter().filter(|key| !(*continued && key.run() == 0)).any(|key| {
                let hash = key.hash() | 1;
                let mut place = slot(hash, mask);
                while slots[place] != 0 {
                    if slots[place] == hash {
                        return true;
                    }
                    place = (place + 1) & mask;
                }
                slots[place] = hash;
                false
            })
        })
    };
    (0..BUCKETS).into_par_iter().map_init(Vec::new, come_back).any(|back| back)
}

/// Makes `slots` a hash table with room for `count`, every place of it `free`; returns the mask of its places.
fn clear<T: Copy>(slots: &mut Vec<T>, count: usize, free: T) -> usize {
    let size = (count * 2).next_power_of_two();
    slots.clear();
    slots.resize(size, free);
    size - 1
}

#[inline]
fn slot(hash: u64, mask: usize) -> usize {
    (hash >> 16) as usize & mask
}

/// The items of the table, by bucket.
pub(super) struct Scattered {
    pieces: Vec<Piece>,
    /// By piece and run: the run's [`Place`].
    places: Vec<Vec<Place>>,
    buckets: Vec<Bucket>,
}

/// Which item of which bucket a run is of, and whether it is the item's first.
#[derive(Clone, Copy, Default)]
struct Place(u32);

impl Place {
    const FIRST: u32 = 1 << 31;
    const ITEM_BITS: u32 = 31 - BUCKETS.ilog2();

    /// `None` when the bucket has too many items.
    #[inline]
    fn new(bucket: usize, item: usize, first: bool) -> Option<Self> {
        let place = (bucket << Self::ITEM_BITS | item) as u32;
        (item < 1 << Self::ITEM_BITS).then_some(Self(if first { place | Self::FIRST } else { place }))
    }

    fn is_first(self) -> bool {
        self.0 & Self::FIRST != 0
    }

    fn bucket(self) -> usize {
        ((self.0 & !Self::FIRST) >> Self::ITEM_BITS) as usize
    }

    fn item(self) -> usize {
        (self.0 & ((1 << Self::ITEM_BITS) - 1)) as usize
    }
}

/// The items of one bucket, in the order of their first rows.
#[derive(Default)]
struct Bucket {
    /// Piece and run of each item's first row.
    firsts: Vec<(u32, u32)>,
    entries: Vec<u32>,
    /// Where the entries of each item end.
    ends: Vec<u32>,
    left_out: LeftOut,
}

/// The memory in which buckets are grouped, one after the other.
#[derive(Default)]
struct Room {
    /// The numbers of items, by the hashes of their keys.
    slots: Vec<u32>,
    /// By item: the key of its first run, and that run's piece.
    items: Vec<(RunKey, u32)>,
    /// By row: its item and code.
    rows: Vec<(u32, u32)>,
    /// By row, where times or files may matter: its time and file.
    known: Vec<(i64, u32)>,
    /// By item: where its rows end.
    ends: Vec<u32>,
    /// The rows' codes by item, and their places in `known`.
    codes: Vec<u32>,
    order: Vec<u32>,
    settler: Settler,
}

impl Scattered {
    /// Groups and settles all rows; `None` when some contradict each other, or two items have one key.
    pub fn group(codes: LabelCodes, numbers: &Numbers) -> Option<Self> {
        let LabelCodes { mut pieces, more } = codes;
        let mut keys: Vec<(Vec<RunKey>, Vec<usize>)> = pieces.iter_mut().map(Piece::take_buckets).collect();
        let known = pieces.iter().any(|piece| piece.file > 0 || !piece.times.is_empty());
        let grouping = Grouping { pieces: &pieces, numbers, known };
        let make = || Room { settler: Settler::new(more), ..Room::default() };
        let buckets: Option<Vec<Bucket>> = by_bucket(&mut keys)
            .into_par_iter()
            .enumerate()
            .map_init(make, |room, (bucket, runs)| {
                grouping.group(bucket, runs, room)?;
                grouping.settle(room)
            })
            .collect();
        let buckets = buckets?;
        pieces.par_iter_mut().for_each(Piece::keep_items);
        let exact = keys.par_iter().all(|(keys, _)| keys.iter().all(RunKey::is_exact));
        let places = keys.into_par_iter().map(|(keys, _)| places(&keys)).collect();
        let scattered = Self { pieces, places, buckets };
        (exact || scattered.each_run_is_of_its_item()).then_some(scattered)
    }

    /// Whether no two items were taken for one.
    fn each_run_is_of_its_item(&self) -> bool {
        self.pieces.par_iter().zip(&self.places).all(|(piece, places)| {
            places.iter().enumerate().all(|(run, place)| {
                let (first, at) = self.buckets[place.bucket()].firsts[place.item()];
                place.is_first() || self.pieces[first as usize].item(at as usize) == piece.item(run)
            })
        })
    }
}

/// Returns the runs of each bucket, piece by piece.
fn by_bucket(keys: &mut [(Vec<RunKey>, Vec<usize>)]) -> Vec<Vec<&mut [RunKey]>> {
    let mut buckets: Vec<Vec<&mut [RunKey]>> = (0..BUCKETS).map(|_| Vec::with_capacity(keys.len())).collect();
    for (keys, lengths) in keys {
        let mut rest = keys.as_mut_slice();
        for (bucket, length) in buckets.iter_mut().zip(lengths) {
            let (runs, later) = rest.split_at_mut(*length);
            bucket.push(runs);
            rest = later;
        }
    }
    buckets
}

/// Returns what was noted of each run, by run.
fn places(keys: &[RunKey]) -> Vec<Place> {
    let mut places = vec![Place::default(); keys.len()];
    keys.iter().for_each(|key| places[key.run()] = Place(key.code));
    places
}

struct Grouping<'a> {
    pieces: &'a [Piece],
    numbers: &'a Numbers,
    known: bool,
}

impl Grouping<'_> {
    /// Tells the items of the rows of a bucket apart, and notes the place of each run.
    fn group(&self, bucket: usize, runs: Vec<&mut [RunKey]>, room: &mut Room) -> Option<()> {
        let mask = clear(&mut room.slots, runs.iter().map(|runs| runs.len()).sum(), u32::MAX);
        room.items.clear();
        room.rows.clear();
        room.known.clear();
        for (number, keys) in runs.into_iter().enumerate() {
            for key in keys {
                let before = room.items.len();
                let item = room.item(key, number, mask);
                self.rows_of(number, key, item as u32, room);
                key.code = Place::new(bucket, item, item == before)?.0;
            }
        }
        Some(())
    }

    #[inline]
    fn rows_of(&self, number: usize, key: &RunKey, item: u32, room: &mut Room) {
        let (piece, numbers) = (&self.pieces[number], &self.numbers.of_pieces[number]);
        room.rows.push((item, numbers.code(key.code)));
        // Where each row is a run, the key says all.
        if piece.runs() == piece.codes.len() && !self.known {
            return;
        }
        let rows = piece.rows(key.run());
        room.rows.extend(piece.codes[rows.clone()].iter().skip(1).map(|code| (item, numbers.code(*code))));
        if self.known {
            room.known.extend(rows.map(|row| (piece.time(row), piece.file)));
        }
    }

    /// Sorts the rows by item and settles each.
    fn settle(&self, room: &mut Room) -> Option<Bucket> {
        let Room { items, rows, known, ends, codes, order, settler, .. } = room;
        ends.clear();
        ends.resize(items.len() + 1, 0);
        rows.iter().for_each(|(item, _)| ends[*item as usize + 1] += 1);
        (0..items.len()).for_each(|item| ends[item + 1] += ends[item]);
        codes.resize(rows.len(), 0);
        order.resize(known.len(), 0);
        for (row, (item, code)) in rows.iter().enumerate() {
            let end = &mut ends[*item as usize];
            codes[*end as usize] = *code;
            if self.known {
                order[*end as usize] = row as u32;
            }
            *end += 1;
        }
        settler.left_out = LeftOut::default();
        let mut entries = Vec::with_capacity(rows.len());
        let mut start = 0;
        // What was the beginning of an item's rows is their end by now; and becomes that of its entries.
        for end in ends.iter_mut().take(items.len()) {
            let run = start..*end as usize;
            let row =
                |place| if self.known { known[order[run.start + place] as usize] } else { (i64::MIN, 0) };
            settler.settle(&codes[run.clone()], row, |code| entries.push(code))?;
            start = run.end;
            *end = entries.len() as u32;
        }
        let firsts = items.iter().map(|(key, piece)| (*piece, key.run() as u32)).collect();
        let ends = ends[..items.len()].to_vec();
        Some(Bucket { firsts, entries, ends, left_out: settler.left_out })
    }
}

impl Room {
    /// Returns the number of the item of a run of the piece with that number; the next one where it is new.
    #[inline]
    fn item(&mut self, key: &RunKey, piece: usize, mask: usize) -> usize {
        let mut place = slot(key.hash(), mask);
        loop {
            match self.slots[place] {
                u32::MAX => {
                    self.slots[place] = self.items.len() as u32;
                    self.items.push((*key, piece as u32));
                    return self.items.len() - 1;
                }
                number if self.items[number as usize].0.is_of_item_of(key) => return number as usize,
                _ => place = (place + 1) & mask,
            }
        }
    }
}

impl Items for Scattered {
    fn pieces(&self) -> usize {
        self.pieces.len()
    }

    fn left_out(&self) -> LeftOut {
        let mut sum = LeftOut::default();
        self.buckets.iter().for_each(|bucket| sum += bucket.left_out);
        sum
    }

    fn each<'a>(&'a self, piece: usize, mut each: impl FnMut(&'a str, &'a [u32])) {
        for (run, place) in self.places[piece].iter().enumerate().filter(|(_, place)| place.is_first()) {
            let (bucket, item) = (&self.buckets[place.bucket()], place.item());
            let start = if item == 0 { 0 } else { bucket.ends[item - 1] };
            let entries = &bucket.entries[start as usize..bucket.ends[item] as usize];
            if !entries.is_empty() {
                each(self.pieces[piece].item(run), entries);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::codes::PieceMaker;

    #[test]
    fn items_taken_for_one_are_found_out() {
        let mut maker = PieceMaker::default();
        for item in ["an item with a long name", "another with a long name", "an item with a long name"] {
            maker.set_item(item.as_bytes()).unwrap();
            maker.push(format!("labeler of {item}").as_bytes(), b"x").unwrap();
        }
        let codes = LabelCodes { pieces: vec![maker.finish().unwrap()], more: false };
        let numbers = Numbers::of(&codes).unwrap();
        let mut scattered = Scattered::group(codes, &numbers).unwrap();
        assert!(scattered.each_run_is_of_its_item());
        let other = scattered.places[0][1];
        scattered.places[0][2] = Place(other.0 & !Place::FIRST);
        assert!(!scattered.each_run_is_of_its_item());
    }
}
