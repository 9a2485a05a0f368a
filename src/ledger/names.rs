//! Names and dense numbers: texts numbered in UTF-8 order.

use rayon::prelude::*;

use crate::record::{Coded, TextColumn};

/// Distinct texts, sorted by their UTF-8 bytes; a text's position is its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    data: String,
    ends: Vec<usize>,
}

impl Names {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.data[start..self.ends[number]]
    }

    pub(super) fn find(&self, name: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.len() as u32);
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle).cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Returns the names of `sorted`, distinct texts in UTF-8 order.
    fn of<'a>(sorted: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let mut names = Self { data: String::new(), ends: Vec::with_capacity(sorted.len()) };
        for text in sorted {
            names.data.push_str(text);
            names.ends.push(names.data.len());
        }
        names
    }
}

/// The texts of one batch's column, each distinct one numbered where it first appears.
pub(super) struct Column<'a> {
    /// For each row, the number of its text; [`NULL`] for none.
    pub(super) codes: Vec<u32>,
    /// The distinct texts.
    pub(super) texts: Vec<&'a str>,
}

/// The code of a row without text.
pub(super) const NULL: u32 = u32::MAX;

#[expect(clippy::disallowed_types, reason = "only lookups happen; numbers are given out in row order")]
type Lookup<'a> = std::collections::HashMap<&'a str, u32>;

/// Numbers the distinct ones of `values`.
pub(super) fn column<'a>(values: impl ExactSizeIterator<Item = Option<&'a str>>) -> Column<'a> {
    let mut codes: Vec<u32> = Vec::with_capacity(values.len());
    let mut texts: Vec<&str> = Vec::new();
    // Rows are sorted by item: repeats follow each other, and what is greater than all before is new.
    let mut known: Option<Lookup<'_>> = None;
    for value in values {
        let Some(text) = value else {
            codes.push(NULL);
            continue;
        };
        let code = match (codes.last(), &mut known) {
            (Some(last), _) if *last != NULL && texts[*last as usize] == text => *last,
            (_, None) if texts.last().is_none_or(|last| *last < text) => {
                texts.push(text);
                number(texts.len() - 1)
            }
            (_, known) => {
                let known = known.get_or_insert_with(|| texts.iter().copied().zip(0..).collect());
                *known.entry(text).or_insert_with(|| {
                    texts.push(text);
                    number(texts.len() - 1)
                })
            }
        };
        codes.push(code);
    }
    Column { codes, texts }
}

/// Numbers the distinct texts of a text column.
pub(super) fn text_column(column: &TextColumn) -> Column<'_> {
    let Some(coded) = column.coded() else { return self::column(column.iter()) };
    // Some of its texts may stand in no row.
    let all: Vec<&str> = coded.texts().collect();
    let (mut numbers, mut texts) = (vec![NULL; all.len()], Vec::new());
    let code = |own: &u16| {
        if *own == Coded::NULL {
            return NULL;
        }
        let known = &mut numbers[usize::from(*own)];
        if *known == NULL {
            *known = number(texts.len());
            texts.push(all[usize::from(*own)]);
        }
        *known
    };
    Column { codes: coded.codes.iter().map(code).collect(), texts }
}

/// Numbers the distinct texts of all `columns` in UTF-8 order, and puts these numbers in the place of their codes.
pub(super) fn unite(columns: &mut [Column<'_>]) -> Names {
    if let [only] = columns
        && only.texts.is_sorted()
    {
        return Names::of(only.texts.iter().copied());
    }
    let mut distinct: Vec<(&str, u32)> = Vec::new();
    let mut known = Lookup::default();
    let mut firsts: Vec<Vec<u32>> = Vec::with_capacity(columns.len());
    for column in &*columns {
        let mut first = Vec::with_capacity(column.texts.len());
        for text in &column.texts {
            first.push(*known.entry(text).or_insert_with(|| {
                let next = number(distinct.len());
                distinct.push((text, next));
                next
            }));
        }
        firsts.push(first);
    }
    distinct.par_sort_unstable();
    let mut ranks = vec![0; distinct.len()];
    for (rank, (_, first)) in (0u32..).zip(&distinct) {
        ranks[*first as usize] = rank;
    }
    columns.par_iter_mut().zip(&firsts).for_each(|(column, first)| {
        for code in column.codes.iter_mut().filter(|code| **code != NULL) {
            *code = ranks[first[*code as usize] as usize];
        }
    });
    Names::of(distinct.iter().map(|(text, _)| *text))
}

fn number(count: usize) -> u32 {
    u32::try_from(count)
        .ok()
        .filter(|number| *number < NULL)
        .expect("a ledger in memory has fewer than 2^32 - 1 names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_bytes_whatever_the_order_of_arrival() {
        let mut columns = [
            column([Some("b"), Some("b"), None, Some("a"), Some("b")].into_iter()),
            column([Some("z"), Some("a"), Some("\u{e9}"), Some("")].into_iter()),
        ];
        let names = unite(&mut columns);
        assert_eq!(
            (0..names.len() as u32).map(|number| names.get(number)).collect::<Vec<_>>(),
            ["", "a", "b", "z", "é"]
        );
        assert_eq!(columns[0].codes, [2, 2, NULL, 1, 2]);
        assert_eq!(columns[1].codes, [3, 1, 4, 0]);
        let mut few: TextColumn = ["b", "a", "b"].into_iter().map(Some).collect();
        few.push(None);
        let few = few.take(&[0, 2, 3, 1]);
        let column = text_column(&few);
        assert_eq!((&column.codes[..], &column.texts[..]), (&[0, 0, NULL, 1][..], &["b", "a"][..]));
        let column = super::column(["a", "c", "b", "a", "c"].into_iter().map(Some));
        assert_eq!((&column.codes[..], &column.texts[..]), (&[0, 1, 2, 0, 1][..], &["a", "c", "b"][..]));
        assert_eq!((names.find("b"), names.find("c"), names.find("")), (Some(2), None, Some(0)));
    }
}
