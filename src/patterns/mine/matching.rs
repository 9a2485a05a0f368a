//! Sets of rows, and what two have in common.

use std::borrow::Cow;

/// Rows, ascending.
pub enum Matching<'a> {
    /// Their numbers.
    List(Cow<'a, [u32]>),
    /// One bit for every row there is.
    Bits(Cow<'a, [u64]>),
}

/// A list this many times as long as another is searched rather than walked.
const GALLOP: usize = 16;

impl<'a> Matching<'a> {
    pub fn count(&self) -> usize {
        match self {
            Self::List(rows) => rows.len(),
            Self::Bits(words) => words.iter().map(|word| word.count_ones() as usize).sum(),
        }
    }

    /// Calls `each` with every row in order.
    pub fn for_each(&self, mut each: impl FnMut(u32)) {
        match self {
            Self::List(rows) => rows.iter().for_each(|row| each(*row)),
            Self::Bits(words) => {
                words.iter().zip(0..).for_each(|(word, place)| set_bits(*word, place, &mut each))
            }
        }
    }

    /// Returns the rows of both.
    pub fn and(&self, other: &Matching<'a>) -> Matching<'static> {
        if let (Self::Bits(a), Matching::Bits(b)) = (self, other) {
            let both: Vec<u64> = a.iter().zip(b.iter()).map(|(a, b)| a & b).collect();
            let both = Matching::Bits(Cow::Owned(both));
            if both.count() > 2 * a.len() {
                return both;
            }
        }
        let mut rows = Vec::new();
        self.for_each_common(other, |row| rows.push(row));
        Matching::List(Cow::Owned(rows))
    }

    /// Returns how many rows are in both.
    pub fn count_common(&self, other: &Matching<'a>) -> usize {
        if let (Self::Bits(a), Matching::Bits(b)) = (self, other) {
            return a.iter().zip(b.iter()).map(|(a, b)| (a & b).count_ones() as usize).sum();
        }
        let mut count = 0;
        self.for_each_common(other, |_| count += 1);
        count
    }

    /// Calls `each` with every row of both, in order.
    pub fn for_each_common(&self, other: &Matching<'a>, mut each: impl FnMut(u32)) {
        match (self, other) {
            (Self::Bits(a), Matching::Bits(b)) => {
                a.iter().zip(b.iter()).zip(0..).for_each(|((a, b), place)| set_bits(a & b, place, &mut each));
            }
            (Self::List(rows), Matching::Bits(words)) | (Self::Bits(words), Matching::List(rows)) => {
                rows.iter().filter(|row| is_set(words, **row)).for_each(|row| each(*row));
            }
            (Self::List(a), Matching::List(b)) if a.len() <= b.len() => common(a, b, each),
            (Self::List(a), Matching::List(b)) => common(b, a, each),
        }
    }

    /// Returns what says of ascending rows whether they are here.
    pub fn cursor(&self) -> Cursor<'_> {
        match self {
            Self::List(rows) => Cursor::List(rows),
            Self::Bits(words) => Cursor::Bits(words),
        }
    }

    /// Returns about how many steps `count_common` takes.
    pub fn steps(&self, other: &Matching<'a>) -> usize {
        match (self, other) {
            (Self::Bits(words), Matching::Bits(_)) => words.len(),
            (Self::List(rows), Matching::Bits(_)) | (Self::Bits(_), Matching::List(rows)) => 2 * rows.len(),
            (Self::List(a), Matching::List(b)) => {
                let [short, long] = [a.len().min(b.len()), a.len().max(b.len())];
                let halvings = (long / short.max(1)).checked_ilog2().unwrap_or(0) as usize;
                (short + long).min(short * (8 + 2 * halvings))
            }
        }
    }
}

/// A place in some rows.
pub enum Cursor<'a> {
    /// Those that are left.
    List(&'a [u32]),
    /// All of them.
    Bits(&'a [u64]),
}

impl Cursor<'_> {
    /// Returns whether a row is there, which must be none before the last that was asked for.
    pub fn holds(&mut self, row: u32) -> bool {
        match self {
            Self::Bits(words) => is_set(words, row),
            Self::List(rows) => {
                *rows = &rows[gallop(rows, row)..];
                rows.first() == Some(&row)
            }
        }
    }
}

fn is_set(words: &[u64], row: u32) -> bool {
    words[row as usize / 64] >> (row % 64) & 1 == 1
}

fn set_bits(mut word: u64, place: u32, each: &mut impl FnMut(u32)) {
    while word != 0 {
        each(place * 64 + word.trailing_zeros());
        word &= word - 1;
    }
}

/// Calls `each` with what both lists have, the first of them being the shorter.
fn common(short: &[u32], long: &[u32], mut each: impl FnMut(u32)) {
    let walks = short.len() * GALLOP > long.len();
    let mut rest = long;
    for row in short {
        let skip = match walks {
            true => rest.iter().take_while(|other| *other < row).count(),
            false => gallop(rest, *row),
        };
        rest = &rest[skip..];
        if rest.first() == Some(row) {
            each(*row);
        }
    }
}

/// Returns how many of `rows` lie before `row`.
pub fn gallop(rows: &[u32], row: u32) -> usize {
    let mut reach = 1;
    while reach < rows.len() && rows[reach] < row {
        reach *= 2;
    }
    let start = reach / 2;
    start + rows[start..rows.len().min(reach + 1)].partition_point(|other| *other < row)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(rows: &[u32]) -> Matching<'static> {
        let mut words = vec![0; 32];
        rows.iter().for_each(|row| words[*row as usize / 64] |= 1u64 << (row % 64));
        Matching::Bits(Cow::Owned(words))
    }

    proptest! {
        #[test]
        fn lists_and_bits_have_the_same_in_common(
            a in prop::collection::btree_set(0u32..2048, 0..300),
            b in prop::collection::btree_set(0u32..2048, 0..1500),
        ) {
            let expected: Vec<u32> = a.intersection(&b).copied().collect();
            let [a, b] = [a, b].map(|rows| rows.into_iter().collect::<Vec<u32>>());
            for first in [Matching::List(Cow::Borrowed(&a)), bits(&a)] {
                for second in [Matching::List(Cow::Borrowed(&b)), bits(&b)] {
                    for (x, y) in [(&first, &second), (&second, &first)] {
                        let mut found = Vec::new();
                        x.and(y).for_each(|row| found.push(row));
                        prop_assert_eq!(&found, &expected);
                        prop_assert_eq!(x.count_common(y), expected.len());
                        let mut cursor = y.cursor();
                        found.clear();
                        x.for_each(|row| found.extend(cursor.holds(row).then_some(row)));
                        prop_assert_eq!(&found, &expected);
                    }
                }
            }
        }
    }
}
