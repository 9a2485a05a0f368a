//! Blocks: some hundred rows of one kind, in item order, in few bytes.
//!
//! In: rows, where each lies in the ledger, and what its labeler is. Out: bytes, and back. Items are told by what
//! differs from the item before, other columns by the values that occur in the block; a column without a value costs a
//! byte.

use crate::dataset::kept::pack::{self, Reader};
use crate::record::{Column, FieldType, Kind, LabelerKind, Rows, TextColumn, col, schema};

/// Rows in a block.
pub(super) const ROWS: usize = 128;

/// Where a row lies: the number of its record among those of the run, and its row there.
pub(super) type Place = (u32, u32);

/// Rows on their way out of an index.
#[derive(Clone, Debug)]
pub(super) struct Gathered {
    kind: Kind,
    columns: Vec<Column>,
    places: Vec<Place>,
    labeler_kinds: Vec<LabelerKind>,
}

impl Gathered {
    pub(super) fn new(kind: Kind) -> Self {
        let columns = Rows::empty(kind).columns().to_vec();
        Self { kind, columns, places: Vec::new(), labeler_kinds: Vec::new() }
    }

    /// Returns the rows, where each lies, and what the labeler of each is.
    pub(super) fn into_parts(self) -> Option<(Rows, Vec<Place>, Vec<LabelerKind>)> {
        Some((Rows::from_columns(self.kind, self.columns)?, self.places, self.labeler_kinds))
    }
}

/// A row to be written: which of the sources it is in, and which row of it.
pub(super) type Pick = (u32, u32);

/// Rows that blocks are made of.
pub(super) struct Source<'a> {
    pub(super) rows: &'a Rows,
    pub(super) labeler_kinds: &'a [LabelerKind],
    /// Where each row lies in the ledger.
    pub(super) place: &'a (dyn Fn(u32) -> Place + Sync),
}

/// Returns the bytes of a block of the rows `picks`, which are in item order.
pub(super) fn encode(kind: Kind, sources: &[Source<'_>], picks: &[Pick]) -> Vec<u8> {
    let mut out = Vec::with_capacity(picks.len() * 16);
    pack::uint(&mut out, picks.len() as u64);
    let mut before = "";
    for (source, row) in picks {
        let item = sources[*source as usize].rows.text(*row as usize, col::ITEM).unwrap_or_default();
        let shared = shared_prefix(before, item);
        pack::uint(&mut out, shared as u64);
        pack::bytes(&mut out, &item.as_bytes()[shared..]);
        before = item;
    }
    let mut last = (0u32, 0u32);
    for (source, row) in picks {
        let place = (sources[*source as usize].place)(*row);
        pack::int(&mut out, i64::from(place.0) - i64::from(last.0));
        pack::int(&mut out, i64::from(place.1) - i64::from(last.1));
        last = place;
    }
    let kinds = picks.iter().map(|(source, row)| {
        let kinds = sources[*source as usize].labeler_kinds;
        kinds.get(*row as usize).copied().unwrap_or(LabelerKind::Human)
    });
    words(&mut out, kinds.map(|kind| Some(kind.as_str())).collect::<Vec<_>>().into_iter());
    for column in 1..schema(kind).len() {
        let cells =
            picks.iter().map(|(source, row)| (&sources[*source as usize].rows.columns()[column], *row));
        write_column(&mut out, schema(kind)[column].kind, cells);
    }
    out
}

/// Returns how many bytes two texts begin with alike, at a boundary of characters.
fn shared_prefix(a: &str, b: &str) -> usize {
    let mut shared = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    while !b.is_char_boundary(shared) || !a.is_char_boundary(shared) {
        shared -= 1;
    }
    shared
}

/// How a column of texts is written.
const NONE: u8 = 0;
const WORDS: u8 = 1;
const TEXTS: u8 = 2;

/// Writes texts, of which some may be absent: by number where few occur.
fn words<'a>(out: &mut Vec<u8>, texts: impl ExactSizeIterator<Item = Option<&'a str>> + Clone) {
    let mut known: Vec<Option<&str>> = Vec::new();
    let mut codes: Vec<u8> = Vec::with_capacity(texts.len());
    let mut last: Option<u8> = None;
    for text in texts.clone() {
        let found = match last {
            Some(code) if known[usize::from(code)] == text => Some(code),
            _ => known.iter().position(|word| *word == text).map(|code| code as u8),
        };
        let Some(code) = found.or_else(|| {
            known.push(text);
            u8::try_from(known.len() - 1).ok()
        }) else {
            out.push(TEXTS);
            texts.for_each(|text| pack::text(out, text));
            return;
        };
        codes.push(code);
        last = Some(code);
    }
    if known.iter().all(Option::is_none) {
        return out.push(NONE);
    }
    out.push(WORDS);
    pack::uint(out, known.len() as u64);
    known.iter().for_each(|word| pack::text(out, *word));
    if known.len() > 1 {
        out.extend_from_slice(&codes);
    }
}

/// Reads texts that [`words`] wrote, and hands each on.
fn read_words<'a>(
    reader: &mut Reader<'a>,
    count: usize,
    mut each: impl FnMut(Option<&'a str>),
) -> Option<()> {
    match reader.byte()? {
        NONE => (0..count).for_each(|_| each(None)),
        WORDS => {
            let known: Vec<Option<&str>> =
                (0..reader.len()?).map(|_| reader.text()).collect::<Option<_>>()?;
            match known[..] {
                [only] => (0..count).for_each(|_| each(only)),
                _ => {
                    for code in reader.take(count)? {
                        each(*known.get(usize::from(*code))?);
                    }
                }
            }
        }
        TEXTS => {
            for _ in 0..count {
                each(reader.text()?);
            }
        }
        _ => return None,
    }
    Some(())
}

fn write_column<'a>(
    out: &mut Vec<u8>,
    kind: FieldType,
    cells: impl ExactSizeIterator<Item = (&'a Column, u32)> + Clone,
) {
    if matches!(kind, FieldType::Text | FieldType::Word) {
        let text = |(column, row): (&'a Column, u32)| match column {
            Column::Text(values) => values.get(row as usize),
            _ => None,
        };
        return words(out, cells.map(text));
    }
    if cells.clone().all(|(column, row)| column.is_null(row as usize)) {
        return out.push(NONE);
    }
    out.push(TEXTS);
    for (column, row) in cells {
        let row = row as usize;
        out.push(u8::from(!column.is_null(row)));
        match column {
            Column::Time(values) | Column::Int(values) => {
                values[row].iter().for_each(|value| pack::int(out, *value));
            }
            Column::Float(values) => {
                values[row].iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            }
            Column::Bool(values) => values[row].iter().for_each(|value| out.push(u8::from(*value))),
            Column::Texts(values) => values[row].iter().for_each(|list| {
                pack::uint(out, list.len() as u64);
                list.iter().for_each(|text| pack::text(out, Some(text)));
            }),
            Column::Floats(values) => values[row].iter().for_each(|list| {
                pack::uint(out, list.len() as u64);
                list.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            }),
            Column::Text(_) => {}
        }
    }
}

fn read_column(reader: &mut Reader<'_>, count: usize, column: &mut Column, keep: &[bool]) -> Option<()> {
    if let Column::Text(values) = column {
        let mut row = 0;
        return read_words(reader, count, |text| {
            if keep[row] {
                values.push(text);
            }
            row += 1;
        });
    }
    let filled = reader.byte()? != NONE;
    for keep in keep {
        let some = filled && reader.byte()? != 0;
        macro_rules! next {
            ($values:expr, $value:expr) => {{
                let value = if some { Some($value) } else { None };
                if *keep {
                    $values.push(value);
                }
            }};
        }
        let float = |reader: &mut Reader<'_>| Some(f32::from_le_bytes(reader.take(4)?.try_into().ok()?));
        match column {
            Column::Time(values) | Column::Int(values) => next!(values, reader.int()?),
            Column::Float(values) => next!(values, float(reader)?),
            Column::Bool(values) => next!(values, reader.byte()? != 0),
            Column::Texts(values) => next!(
                values,
                (0..reader.len()?).map(|_| reader.some_text().map(str::to_owned)).collect::<Option<_>>()?
            ),
            Column::Floats(values) => {
                next!(values, (0..reader.len()?).map(|_| float(reader)).collect::<Option<_>>()?)
            }
            Column::Text(_) => return None,
        }
    }
    Some(())
}

/// Appends to `gathered` the rows of a block whose item `wants` accepts and whose record `number` has a number for.
pub(super) fn decode(
    bytes: &[u8],
    gathered: &mut Gathered,
    wants: &mut dyn FnMut(&str) -> bool,
    number: &dyn Fn(u32) -> Option<u32>,
) -> Option<()> {
    let mut reader = Reader::new(bytes);
    let count = reader.len().filter(|count| *count <= ROWS)?;
    let (mut items, mut item) = (TextColumn::default(), String::new());
    let (mut keep, mut wanted) = (Vec::with_capacity(count), false);
    for row in 0..count {
        let (shared, rest) = (reader.len()?, std::str::from_utf8(reader.bytes()?).ok()?);
        if row == 0 || shared < item.len() || !rest.is_empty() {
            if !item.is_char_boundary(shared) {
                return None;
            }
            item.truncate(shared);
            item.push_str(rest);
            wanted = wants(&item);
        }
        keep.push(wanted);
        items.push(Some(&item));
    }
    if !keep.contains(&true) {
        return Some(());
    }
    let Column::Text(all) = gathered.columns.first_mut()? else { return None };
    let (mut record, mut row) = (0i64, 0i64);
    for (at, keep) in keep.iter_mut().enumerate() {
        record += reader.int()?;
        row += reader.int()?;
        let found = number(u32::try_from(record).ok()?).filter(|_| *keep);
        *keep = found.is_some();
        if let Some(number) = found {
            all.push(items.get(at));
            gathered.places.push((number, u32::try_from(row).ok()?));
        }
    }
    let (mut row, mut sound) = (0, true);
    read_words(&mut reader, count, |word| {
        match word.and_then(|word| word.parse().ok()) {
            Some(kind) if keep[row] => gathered.labeler_kinds.push(kind),
            Some(_) => {}
            None => sound = false,
        }
        row += 1;
    })?;
    for column in &mut gathered.columns[1..] {
        read_column(&mut reader, count, column, &keep)?;
    }
    (sound && reader.is_done()).then_some(())
}

/// Hands on the items of the rows of judgements in a block that are by a labeler whom `by` accepts; `None` where the
/// bytes are no block. Most blocks have none, and of those hardly anything is looked at.
pub(super) fn items_by(bytes: &[u8], by: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(&str)) -> Option<()> {
    let mut reader = Reader::new(bytes);
    let count = reader.len().filter(|count| *count <= ROWS)?;
    let mut items = reader;
    for _ in 0..count {
        reader.len()?;
        reader.bytes()?;
    }
    for _ in 0..2 * count {
        reader.int()?;
    }
    // What the labelers are; who they are comes next.
    read_words(&mut reader, count, |_| {})?;
    let Some(wanted) = rows_with(&mut reader, count, by)? else { return Some(()) };
    let mut item = String::new();
    for wanted in wanted {
        let (shared, rest) = (items.len()?, std::str::from_utf8(items.bytes()?).ok()?);
        if !item.is_char_boundary(shared) {
            return None;
        }
        item.truncate(shared);
        item.push_str(rest);
        if wanted {
            each(&item);
        }
    }
    Some(())
}

/// Reads texts that [`words`] wrote, and returns in which rows `is` accepts one, if in any.
fn rows_with(reader: &mut Reader<'_>, count: usize, is: &dyn Fn(&str) -> bool) -> Option<Option<Vec<bool>>> {
    let mut ahead = *reader;
    if ahead.byte()? == WORDS {
        let known: Vec<bool> =
            (0..ahead.len()?).map(|_| Some(ahead.text()?.is_some_and(is))).collect::<Option<_>>()?;
        if !known.contains(&true) {
            return Some(None);
        }
    }
    let mut rows = Vec::with_capacity(count);
    read_words(reader, count, |text| rows.push(text.is_some_and(is)))?;
    Some(rows.contains(&true).then_some(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::record::Origin;

    fn rows() -> Rows {
        let mut rows = Rows::empty(Kind::Predictions);
        for (number, item) in ["a", "ab", "ab", "é", "ë", "ë"].into_iter().enumerate() {
            let row = rows.push_judgement(item, ["bot", "ana"][number % 2], Origin::Fresh);
            if number != 3 {
                rows.set_text(row, col::LABEL, ["x", "y"][number % 2]);
                rows.set_time(row, col::CREATED_AT, Timestamp::from_micros(number as i64 - 2));
                rows.set_float(row, col::CONFIDENCE, Some(0.25));
            }
        }
        rows
    }

    fn block(rows: &Rows) -> Vec<u8> {
        let kinds: Vec<LabelerKind> =
            (0..rows.len()).map(|row| LabelerKind::ALL[row % LabelerKind::ALL.len()]).collect();
        let source = Source { rows, labeler_kinds: &kinds, place: &|row| (row % 2, 7 * row) };
        let picks: Vec<Pick> = (0..rows.len() as u32).map(|row| (0, row)).collect();
        encode(rows.kind(), &[source], &picks)
    }

    #[test]
    fn rows_come_back_as_they_went_in() {
        let rows = rows();
        let bytes = block(&rows);
        let mut all = Gathered::new(rows.kind());
        decode(&bytes, &mut all, &mut |_| true, &|record| Some(record + 10)).unwrap();
        assert_eq!(all.places, [(10, 0), (11, 7), (10, 14), (11, 21), (10, 28), (11, 35)]);
        assert_eq!(all.into_parts().unwrap().0, rows);
    }

    #[test]
    fn items_and_records_that_are_not_wanted_are_left_out() {
        let rows = rows();
        let mut some = Gathered::new(rows.kind());
        let mut wants = |item: &str| item == "ab" || item == "ë";
        decode(&block(&rows), &mut some, &mut wants, &|record| (record == 1).then_some(0)).unwrap();
        let (found, places, kinds) = some.into_parts().unwrap();
        assert_eq!((found, places), (rows.take(&[1, 5]), vec![(0, 7), (0, 35)]));
        assert_eq!(kinds, [LabelerKind::ALL[1], LabelerKind::ALL[2]]);
    }

    #[test]
    fn items_are_found_by_their_labelers() {
        let bytes = block(&rows());
        let by = |labeler: &'static str| {
            let mut found = Vec::new();
            items_by(&bytes, &|one| one == labeler, &mut |item| found.push(item.to_owned())).unwrap();
            found
        };
        assert_eq!(by("bot"), ["a", "ab", "ë"]);
        assert_eq!(by("ana"), ["ab", "é", "ë"]);
        assert_eq!(by("eve"), [""; 0]);
        for end in 0..bytes.len() {
            let _ = items_by(&bytes[..end], &|_| true, &mut |_| {});
        }
    }

    #[test]
    fn bytes_that_are_no_block_are_refused() {
        let bytes = block(&rows());
        for end in 0..bytes.len() {
            let mut gathered = Gathered::new(Kind::Predictions);
            assert!(decode(&bytes[..end], &mut gathered, &mut |_| true, &Some).is_none(), "cut at {end}");
        }
        // Bits may say other values; what matters is that reading ends.
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 0x55;
            let mut gathered = Gathered::new(Kind::Predictions);
            if decode(&broken, &mut gathered, &mut |_| true, &Some).is_some() {
                assert!(gathered.into_parts().is_some(), "columns of one length, byte {at} changed");
            }
        }
    }
}
