//! One stretch of a file as numbers.

use super::key::Key;
use super::words::Words;
use super::{ABSTAINED, BUCKET_BITS, BUCKETS};
use crate::base::text;
use crate::record::{check_item, check_labeler};

/// The rows of one stretch of a file, in its order.
#[derive(Debug)]
pub struct Piece {
    /// Which of several files it is of.
    pub file: u32,
    /// By row: the number of the labeler in the upper half, that of the label, or [`ABSTAINED`], in the lower.
    pub codes: Vec<u32>,
    /// By row: microseconds, [`i64::MIN`] where the time is not known. Empty when no row has a time.
    pub times: Vec<i64>,
    /// By run, rows of one item that follow each other: where its rows end.
    pub ends: Vec<u32>,
    /// The items of the runs, end to end.
    names: String,
    name_ends: Vec<u32>,
    /// The runs, sorted by bucket.
    keys: Vec<RunKey>,
    bucket_starts: Vec<u32>,
    /// The labelers by number.
    pub labelers: Vec<String>,
    /// The labels by number, as the file spells them until somebody writes them otherwise.
    pub labels: Vec<String>,
}

/// One run, as its bucket knows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunKey {
    item: Key,
    /// The length of its item, then its number in the piece.
    length_and_run: u32,
    /// The code of its first row; whoever groups the runs may note something else here.
    pub code: u32,
}

impl RunKey {
    const RUN_BITS: u32 = 21;

    fn new(item: Key, length: usize, run: usize, code: u32) -> Self {
        Self { item, length_and_run: (length << Self::RUN_BITS | run) as u32, code }
    }

    /// Returns its number in the piece.
    #[inline]
    pub fn run(&self) -> usize {
        (self.length_and_run & ((1 << Self::RUN_BITS) - 1)) as usize
    }

    #[inline]
    fn length(&self) -> usize {
        (self.length_and_run >> Self::RUN_BITS) as usize
    }

    /// Returns a hash of its item.
    #[inline]
    pub fn hash(&self) -> u64 {
        self.item.hash(self.length())
    }

    /// Whether two runs are of one item; of items of more than [`Key::EXACT`] bytes, whether they seem to be.
    #[inline]
    pub fn is_of_item_of(&self, other: &Self) -> bool {
        let lengths = (self.length_and_run ^ other.length_and_run) >> Self::RUN_BITS;
        self.item == other.item && lengths == 0
    }

    /// Whether [`RunKey::is_of_item_of`] is sure.
    pub fn is_exact(&self) -> bool {
        self.length() <= Key::EXACT
    }
}

impl Piece {
    /// Returns the item of a run.
    #[inline]
    pub fn item(&self, run: usize) -> &str {
        &self.names[span(&self.name_ends, run)]
    }

    /// Returns the rows of a run.
    #[inline]
    pub fn rows(&self, run: usize) -> std::ops::Range<usize> {
        span(&self.ends, run)
    }

    /// Returns the number of runs.
    pub fn runs(&self) -> usize {
        self.name_ends.len()
    }

    /// Returns the runs of a bucket, in the order of the file.
    pub fn bucket(&self, bucket: usize) -> &[RunKey] {
        &self.keys[self.bucket_starts[bucket] as usize..self.bucket_starts[bucket + 1] as usize]
    }

    /// Takes the runs of all buckets, one bucket after the other, and the length of each bucket.
    pub fn take_buckets(&mut self) -> (Vec<RunKey>, Vec<usize>) {
        let lengths = self.bucket_starts.windows(2).map(|pair| (pair[1] - pair[0]) as usize).collect();
        (std::mem::take(&mut self.keys), lengths)
    }

    /// Returns the time of a row in microseconds; of none, one below all others.
    #[inline]
    pub fn time(&self, row: usize) -> i64 {
        self.times.get(row).copied().unwrap_or(i64::MIN)
    }

    /// Forgets all but the items of the runs.
    pub fn keep_items(&mut self) {
        self.codes = Vec::new();
        self.times = Vec::new();
        self.ends = Vec::new();
    }
}

/// Returns where the part with that number lies between the ends of parts.
#[inline]
fn span(ends: &[u32], number: usize) -> std::ops::Range<usize> {
    let start = if number == 0 { 0 } else { ends[number - 1] };
    start as usize..ends[number] as usize
}

/// Makes pieces, one after the other, with the same memory.
#[derive(Debug)]
pub struct PieceMaker {
    codes: Vec<u32>,
    times: Vec<i64>,
    /// Where the rows of each run start.
    starts: Vec<u32>,
    /// The key and length of the item of each run.
    keys: Vec<(Key, u16)>,
    names: Vec<u8>,
    name_ends: Vec<u32>,
    labelers: Words,
    labels: Words,
    last: std::ops::Range<usize>,
}

impl Default for PieceMaker {
    fn default() -> Self {
        Self {
            codes: Vec::new(),
            times: Vec::new(),
            starts: Vec::new(),
            keys: Vec::new(),
            names: Vec::new(),
            name_ends: Vec::new(),
            labelers: Words::new(),
            labels: Words::new(),
            last: 0..0,
        }
    }
}

impl PieceMaker {
    /// Returns the item of the last row; nothing before the first.
    #[inline]
    pub fn item(&self) -> &[u8] {
        &self.names[self.last.clone()]
    }

    /// Begins the rows of `item`, unless the last row was one; `None` when it is no id, or not in NFC.
    #[inline]
    pub fn set_item(&mut self, item: &[u8]) -> Option<()> {
        let key = (Key::of(item), item.len() as u16);
        if self.keys.last() == Some(&key) && (item.len() <= Key::EXACT || self.item() == item) {
            return Some(());
        }
        let plain = is_plain(item) && item.first().is_some_and(|byte| *byte != b' ') && item.len() <= 1024;
        if !plain && !std::str::from_utf8(item).is_ok_and(|item| is_nfc(item) && check_item(item).is_ok()) {
            return None;
        }
        self.starts.push(u32::try_from(self.codes.len()).ok()?);
        self.keys.push(key);
        let start = self.names.len();
        self.names.extend_from_slice(item);
        self.last = start..self.names.len();
        self.name_ends.push(u32::try_from(self.names.len()).ok()?);
        Some(())
    }

    /// Adds a row of the item at hand; an empty label is an abstention. `None` when a text is not as it must be.
    #[inline]
    pub fn push(&mut self, labeler: &[u8], label: &[u8]) -> Option<()> {
        let labeler = self.labelers.number(labeler, |id| is_nfc(id) && check_labeler(id).is_ok())?;
        let label = match label {
            [] => ABSTAINED,
            label => self.labels.number(label, |label| !label.contains('\0'))?,
        };
        self.codes.push(labeler << 16 | label);
        Some(())
    }

    /// Notes the time of the last row; either all rows have one, which may be unknown, or none.
    #[inline]
    pub fn push_time(&mut self, time: Option<i64>) {
        self.times.push(time.unwrap_or(i64::MIN));
    }

    /// Returns the rows as a piece; `None` when there are none.
    pub fn finish(&mut self) -> Option<Piece> {
        let rows = self.codes.len();
        if rows == 0 || self.keys.len() > 1 << RunKey::RUN_BITS {
            return None;
        }
        let (keys, bucket_starts) = self.sorted_keys();
        let timed = self.times.iter().any(|time| *time != i64::MIN);
        let piece = Piece {
            file: 0,
            codes: self.codes.clone(),
            times: if timed { self.times.clone() } else { Vec::new() },
            ends: self.starts.iter().skip(1).copied().chain([rows as u32]).collect(),
            names: std::str::from_utf8(&self.names).ok()?.to_owned(),
            name_ends: self.name_ends.clone(),
            keys,
            bucket_starts,
            labelers: self.labelers.take(),
            labels: self.labels.take(),
        };
        self.codes.clear();
        self.times.clear();
        self.starts.clear();
        self.keys.clear();
        self.names.clear();
        self.name_ends.clear();
        self.last = 0..0;
        Some(piece)
    }

    fn sorted_keys(&self) -> (Vec<RunKey>, Vec<u32>) {
        let bucket = |(key, length): (Key, u16)| (key.hash(length.into()) >> (64 - BUCKET_BITS)) as usize;
        let mut starts = vec![0; BUCKETS + 1];
        self.keys.iter().for_each(|key| starts[bucket(*key) + 1] += 1);
        (0..BUCKETS).for_each(|bucket| starts[bucket + 1] += starts[bucket]);
        let mut next = starts.clone();
        let mut keys = vec![RunKey::default(); self.keys.len()];
        for (run, (key, start)) in self.keys.iter().zip(&self.starts).enumerate() {
            let place = &mut next[bucket(*key)];
            keys[*place as usize] = RunKey::new(key.0, key.1.into(), run, self.codes[*start as usize]);
            *place += 1;
        }
        (keys, starts)
    }
}

/// Whether a text is printable ASCII throughout.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    text.iter().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
}

fn is_nfc(text: &str) -> bool {
    text::nfc(text) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_runs_of_items_in_the_order_of_the_file() {
        let mut maker = PieceMaker::default();
        for _ in 0..2 {
            for (item, labeler, label) in
                [("a", "ana", "x"), ("a", "raj", ""), ("\u{fc}", "ana", "y"), ("a", "ana", "y")]
            {
                maker.set_item(item.as_bytes()).unwrap();
                maker.push(labeler.as_bytes(), label.as_bytes()).unwrap();
                maker.push_time((item == "\u{fc}").then_some(7));
            }
            let piece = maker.finish().unwrap();
            assert_eq!(
                (0..piece.runs()).map(|run| piece.item(run)).collect::<Vec<_>>(),
                ["a", "\u{fc}", "a"]
            );
            assert_eq!((0..3).map(|run| piece.rows(run)).collect::<Vec<_>>(), [0..2, 2..3, 3..4]);
            assert_eq!(piece.codes, [0, 1 << 16 | ABSTAINED, 1, 1]);
            assert_eq!(piece.times, [i64::MIN, i64::MIN, 7, i64::MIN]);
            assert_eq!(
                (&piece.labelers[..], &piece.labels[..]),
                (&["ana".into(), "raj".into()][..], &["x".into(), "y".into()][..])
            );
            let with = |run: usize| {
                (0..BUCKETS).find(|bucket| piece.bucket(*bucket).iter().any(|key| key.run() == run))
            };
            assert_eq!(with(0), with(2), "equal items lie in one bucket");
            assert!(with(1).is_some());
        }
        assert!(maker.finish().is_none());
    }

    #[test]
    fn texts_out_of_the_ordinary_are_refused() {
        let mut maker = PieceMaker::default();
        for item in [
            &b""[..],
            b" ",
            b"a\tb",
            b"a\x7f",
            b"\xff",
            "e\u{301}".as_bytes(),
            "\u{202e}".as_bytes(),
            &[b'a'; 1025],
        ] {
            assert!(maker.set_item(item).is_none(), "{item:?}");
        }
        maker.set_item(b" a ").unwrap();
        for labeler in [&b""[..], b"  ", b"a\0", b"\xff", "e\u{301}".as_bytes()] {
            assert!(maker.push(labeler, b"x").is_none(), "{labeler:?}");
        }
        assert!(maker.push(b"ana", b"\0").is_none());
        assert!(maker.push(b"ana", "e\u{301}\n".as_bytes()).is_some());
    }
}
