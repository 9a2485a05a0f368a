//! A table from the rows of a file, without any repository.

use super::Source;
use super::{Entry, LeftOut, Names, Table, code};
use crate::base::{Timestamp, text};
use crate::record::{Coded, Rows, TextColumn, col};

/// The class code of an abstention.
const ABSTAINED: u32 = u32::MAX;

/// One row of an item, as an item's rows are sorted: by labeler, then time, then place in the file.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    labeler: u32,
    /// Microseconds; unknown times are below all others.
    created_at: i64,
    row: u32,
}

impl Table {
    /// Returns the table of `rows`, which are labels. Of several rows of one item and labeler the latest counts, by
    /// `created_at`, at one time the last in the file; an abstention that is the latest leaves no label.
    ///
    /// `domain` declares the classes and their order; without it they are those observed, in UTF-8 order.
    ///
    /// # Panics
    /// When `rows` are of a kind without the attribution block (items, guidelines, reverts, joins).
    pub fn from_rows(rows: &Rows, domain: Option<&[String]>) -> Self {
        let ((items, item_names), (labelers, classes)) = rayon::join(
            || intern(rows.texts(col::ITEM)),
            || rayon::join(|| intern(rows.texts(col::LABELER)), || intern(rows.texts(col::LABEL))),
        );
        let (labeler_codes, labeler_names) = in_order(labelers);
        let (class_codes, class_names) = classes;
        let (starts, sorted) = group_by_item(rows, &items, &labeler_codes);
        let mut left_out = LeftOut::default();
        let mut labelers = Names { used: vec![false; labeler_names.len()], texts: owned(labeler_names) };
        let mut classes = Names { used: vec![false; class_names.len()], texts: owned(class_names) };
        let mut entries = Vec::with_capacity(sorted.len());
        for (item, run) in starts.windows(2).enumerate() {
            for same in sorted[run[0]..run[1]].chunk_by(|a, b| a.labeler == b.labeler) {
                left_out.duplicates += same.len() - 1;
                let latest = same[same.len() - 1];
                let class = class_codes[latest.row as usize];
                if class == ABSTAINED {
                    left_out.abstentions += 1;
                    continue;
                }
                labelers.used[latest.labeler as usize] = true;
                classes.used[class as usize] = true;
                entries.push(Entry { item: code(item), labeler: latest.labeler, class });
            }
        }
        Self::build(
            &entries,
            |item| item_names[item as usize],
            labelers,
            classes,
            domain,
            Source::File,
            left_out,
        )
    }
}

/// Numbers the texts of a column in the order they are met; null is [`ABSTAINED`].
fn intern(column: &TextColumn) -> (Vec<u32>, Vec<&str>) {
    if let Some(coded) = column.coded() {
        let number = |code: &u16| if *code == Coded::NULL { ABSTAINED } else { u32::from(*code) };
        return (coded.codes.iter().map(number).collect(), coded.texts().collect());
    }
    #[expect(clippy::disallowed_types, reason = "only lookups happen; numbers follow the column's order")]
    let mut known = std::collections::HashMap::<&str, u32>::new();
    // Most texts were met a moment ago (items) or are few (labelers, labels): they are found without the safe but slow
    // hash of the map.
    let mut recent = vec![("", None); 1 << RECENT_BITS];
    let mut names = Vec::new();
    let codes = column
        .iter()
        .map(|text| {
            let Some(text) = text else { return ABSTAINED };
            match &mut recent[text::slot(text, RECENT_BITS)] {
                (before, Some(number)) if *before == text => *number,
                place => {
                    let number = *known.entry(text).or_insert_with(|| {
                        names.push(text);
                        code(names.len() - 1)
                    });
                    *place = (text, Some(number));
                    number
                }
            }
        })
        .collect();
    (codes, names)
}

/// Two to this many texts are remembered as recent.
const RECENT_BITS: u32 = 10;

fn owned(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// Renumbers interned texts in their UTF-8 order.
fn in_order((mut codes, mut names): (Vec<u32>, Vec<&str>)) -> (Vec<u32>, Vec<&str>) {
    let mut order: Vec<u32> = (0..code(names.len())).collect();
    order.sort_unstable_by(|a, b| names[*a as usize].cmp(names[*b as usize]));
    let mut rank = vec![0; names.len()];
    for (place, old) in order.iter().enumerate() {
        rank[*old as usize] = code(place);
    }
    codes
        .iter_mut()
        .filter(|number| **number != ABSTAINED)
        .for_each(|number| *number = rank[*number as usize]);
    names.sort_unstable();
    (codes, names)
}

/// Counting sort by item, then each item's rows among themselves; returns where each item's begin, and the rows.
fn group_by_item(rows: &Rows, items: &[u32], labelers: &[u32]) -> (Vec<usize>, Vec<Row>) {
    let count = items.iter().max().map_or(0, |most| *most as usize + 1);
    let mut starts = vec![0usize; count + 1];
    for item in items {
        starts[*item as usize + 1] += 1;
    }
    for item in 0..count {
        starts[item + 1] += starts[item];
    }
    let mut next = starts.clone();
    let mut sorted = vec![Row::default(); items.len()];
    for (row, item) in items.iter().enumerate() {
        let place = &mut next[*item as usize];
        let created_at = rows.time(row, col::CREATED_AT).map_or(i64::MIN, Timestamp::micros);
        sorted[*place] = Row { labeler: labelers[row], created_at, row: code(row) };
        *place += 1;
    }
    for run in starts.windows(2) {
        sorted[run[0]..run[1]].sort_unstable();
    }
    (starts, sorted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Kind, Origin};

    fn rows(rows: &[(&str, &str, Option<&str>, Option<i64>)]) -> Rows {
        let mut out = Rows::empty(Kind::Labels);
        for (item, labeler, label, time) in rows {
            let row = out.push_judgement(item, labeler, Origin::Unknown);
            if let Some(label) = label {
                out.set_text(row, col::LABEL, label);
            }
            out.set_time(row, col::CREATED_AT, time.and_then(Timestamp::from_micros));
        }
        out
    }

    fn labels(table: &Table) -> Vec<Vec<(String, String)>> {
        let name = |names: &[String], number: &u32| names[*number as usize].clone();
        table
            .runs()
            .map(|(labelers, classes)| {
                let names = labelers.iter().map(|labeler| name(table.labeler_names(), labeler));
                names.zip(classes.iter().map(|class| name(table.classes(), class))).collect()
            })
            .collect()
    }

    #[test]
    fn the_latest_row_of_an_item_and_labeler_counts() {
        let table = Table::from_rows(
            &rows(&[
                ("i1", "raj", Some("no"), None),
                ("i1", "ana", Some("old"), Some(1)),
                ("i1", "ana", Some("new"), Some(9)),
                ("i1", "ana", Some("older"), Some(0)),
                ("i1", "raj", Some("yes"), None),
                ("i2", "ana", Some("timed"), Some(1)),
                ("i2", "ana", Some("untimed"), None),
            ]),
            None,
        );
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            labels(&table),
            [vec![pair("ana", "new"), pair("raj", "yes")], vec![pair("ana", "timed")]]
        );
        assert_eq!(table.left_out.duplicates, 4);
        assert_eq!(table.classes(), ["new", "timed", "yes"], "replaced labels are not observed");
    }

    #[test]
    fn an_abstention_leaves_no_label() {
        let given = [
            ("i1", "ana", Some("yes"), Some(1)),
            ("i1", "ana", None, Some(2)),
            ("i1", "raj", Some("yes"), None),
            ("i2", "eve", None, None),
        ];
        let table = Table::from_rows(&rows(&given), None);
        assert_eq!((table.items(), table.labels()), (1, 1));
        assert_eq!(table.labeler_names(), ["raj"]);
        assert_eq!((table.left_out.abstentions, table.left_out.duplicates), (2, 1));
    }
}
