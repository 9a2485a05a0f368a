//! CSV and its relatives: fields parted by commas, semicolons, tabs or bars, with a header.
//!
//! Fields are split by the `csv` crate; where a fault is, its record is walked once more to find the character.

use std::collections::BTreeMap;
use std::ops::Range;

use csv::{ReaderBuilder, StringRecord};

use super::cell::{Broken, Cell, Entry, MOST_COLUMNS, Record, Source};
use super::error::{Fault, Refused};
use super::text::Text;

/// A cell larger than this is no cell of a table of labels.
pub(super) const MOST_CELL_BYTES: usize = 1 << 20;

const DELIMITERS: [u8; 4] = *b",\t;|";

/// A CSV file.
pub(super) struct Csv<'a> {
    text: &'a Text<'a>,
    delimiter: u8,
    header: usize,
    columns: Vec<String>,
    /// The length of a stretch that is read by itself.
    stretch: usize,
}

/// Files of more bytes than this are read in stretches of about so many.
const STRETCH: usize = 4 << 20;

/// So many bytes after a line's beginning are looked at to tell whether it begins a record.
const LOOK: usize = 64 << 10;

/// So many lines are looked at for one that begins a stretch.
const CANDIDATES: usize = 100;

impl<'a> Csv<'a> {
    /// Reads the header; `delimiter` is told from it when not given.
    pub fn new(text: &'a Text<'a>, delimiter: Option<u8>) -> Result<Self, Refused> {
        let header = start_of_record(text.text.as_bytes(), 0);
        let delimiter = delimiter.unwrap_or_else(|| sniff(&text.text.as_bytes()[header..]));
        let mut csv = Self { text, delimiter, header, columns: Vec::new(), stretch: STRETCH };
        let mut record = StringRecord::new();
        let read = csv.reader().read_record(&mut record);
        if !matches!(read, Ok(true)) {
            return Err(Refused::one(Fault::new(text.place(header), "there is no header")));
        }
        csv.columns = record.iter().map(|name| name.trim().to_owned()).collect();
        if let Some(open) = walk(csv.record_bytes(header), delimiter).1 {
            return Err(Refused::one(unclosed(text.place(header + open))));
        }
        csv.check_header()?;
        Ok(csv)
    }

    /// Returns where the first record after the header begins.
    pub fn body(&self) -> usize {
        let header = walk(self.record_bytes(self.header), self.delimiter).2;
        start_of_record(self.text.text.as_bytes(), self.header + header)
    }

    /// Reads in stretches of about `bytes`, however small the file is.
    #[cfg(test)]
    pub fn in_stretches_of(mut self, bytes: usize) -> Self {
        self.stretch = bytes;
        self
    }

    /// Returns the byte that parts fields.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    fn check_header(&self) -> Result<(), Refused> {
        let mut refused = Refused::default();
        if self.columns.len() > MOST_COLUMNS {
            let place = self.text.place(self.header);
            return Err(Refused::one(Fault::new(place, "the header names more than 10,000 columns")));
        }
        let mut seen = BTreeMap::new();
        for (index, name) in self.columns.iter().enumerate() {
            if let Some(first) = seen.insert(name, index) {
                let (place, first) = (self.cell_place(self.header, index), first + 1);
                let message = format!("the header names `{name}` twice: columns {first} and {}", index + 1);
                refused.push(
                    Fault::new(place, message)
                        .hinted("rename or remove one of them; the first line is to name the columns"),
                );
            }
        }
        if refused.total > 0 { Err(refused) } else { Ok(()) }
    }

    fn reader(&self) -> csv::Reader<&'a [u8]> {
        ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(&self.text.text.as_bytes()[self.header..])
    }

    /// Whether the line at `start` looks like the beginning of a record, and what follows like another: it may lie
    /// inside a quoted field. Whoever puts stretches together sees whether they meet.
    fn seems_to_begin_records(&self, start: usize) -> bool {
        let text = self.text.text;
        let end = (start + LOOK..text.len()).find(|end| text.is_char_boundary(*end));
        let mut record = Split::of(&text[..end.unwrap_or(text.len())]);
        let mut at = start;
        (0..2).all(|_| {
            let read = if at < record.text.len() { record.read(at, self.delimiter) } else { return true };
            read.is_some_and(|(end, _)| {
                at = start_of_record(record.text.as_bytes(), end);
                record.cells.len() == self.columns.len()
            })
        })
    }

    /// Returns the bytes from `record` on: the walk over them stops where the record does.
    fn record_bytes(&self, record: usize) -> &'a [u8] {
        &self.text.text.as_bytes()[record.min(self.text.text.len())..]
    }

    fn check(&self, at: usize, record: &StringRecord) -> Result<(), Broken> {
        let broken = |at_fault, message, hint| Broken { record: at, at: at_fault, message, hint };
        let (wanted, found) = (self.columns.len(), record.len());
        if found != wanted {
            let starts = walk(self.record_bytes(at), self.delimiter).0;
            let place = at + starts.get(wanted).or(starts.last()).copied().unwrap_or(0);
            let message =
                format!("{} where the header has {wanted}", crate::base::text::count(found, "field"));
            return Err(broken(place, message, Some("quote fields that hold the delimiter or a line break")));
        }
        if record.as_slice().len() > MOST_CELL_BYTES
            && let Some(column) = record.iter().position(|field| field.len() > MOST_CELL_BYTES)
        {
            let place = at + walk(self.record_bytes(at), self.delimiter).0.get(column).copied().unwrap_or(0);
            return Err(broken(
                place,
                "a cell of more than 1 MiB".into(),
                Some("look for a quote that is not closed"),
            ));
        }
        Ok(())
    }
}

/// One record whose fields lie in the file as they are, or in `unescaped` where quotes were doubled in them.
struct Split<'a> {
    text: &'a str,
    unescaped: String,
    cells: Vec<Piece>,
}

/// Where a field lies.
struct Piece {
    start: usize,
    end: usize,
    unescaped: bool,
}

impl<'a> Split<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, unescaped: String::new(), cells: Vec::new() }
    }

    /// Splits the record at `at`. Returns where it ends and the line feeds inside it; `None` where a quote is not closed
    /// or is followed by something else than the end of its field.
    fn read(&mut self, mut at: usize, delimiter: u8) -> Option<(usize, u32)> {
        let bytes = self.text.as_bytes();
        let mut feeds = 0;
        self.cells.clear();
        self.unescaped.clear();
        loop {
            if bytes.get(at) == Some(&b'"') {
                let (start, mut doubled) = (at + 1, false);
                at = start;
                loop {
                    match bytes.get(at)? {
                        b'"' if bytes.get(at + 1) == Some(&b'"') => {
                            doubled = true;
                            at += 1;
                        }
                        b'"' => break,
                        b'\n' => feeds += 1,
                        _ => {}
                    }
                    at += 1;
                }
                self.put(start, at, doubled);
                at += 1;
            } else {
                let rest = &bytes[at..];
                let ends = |byte: &u8| *byte == delimiter || matches!(byte, b'\r' | b'\n');
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                self.cells.push(Piece { start: at, end: at + length, unescaped: false });
                at += length;
            }
            match bytes.get(at) {
                None | Some(b'\r' | b'\n') => return Some((at, feeds)),
                Some(byte) if *byte == delimiter => at += 1,
                Some(_) => return None,
            }
        }
    }

    fn put(&mut self, start: usize, end: usize, doubled: bool) {
        if !doubled {
            self.cells.push(Piece { start, end, unescaped: false });
            return;
        }
        let from = self.unescaped.len();
        self.unescaped.push_str(&self.text[start..end].replace("\"\"", "\""));
        self.cells.push(Piece { start: from, end: self.unescaped.len(), unescaped: true });
    }
}

impl Record for Split<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let Some(piece) = self.cells.get(column) else { return Cell::Absent };
        let text = if piece.unescaped { self.unescaped.as_str() } else { self.text };
        match &text[piece.start..piece.end] {
            "" => Cell::Null,
            text => Cell::Text(text),
        }
    }
}

impl Record for StringRecord {
    fn cell(&self, column: usize) -> Cell<'_> {
        match self.get(column) {
            None => Cell::Absent,
            Some("") => Cell::Null,
            Some(text) => Cell::Text(text),
        }
    }
}

impl Source for Csv<'_> {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn visit(&self, each: &mut dyn FnMut(Entry<'_>)) {
        let bytes = self.text.text.as_bytes();
        let mut reader = self.reader();
        let mut record = StringRecord::new();
        let mut header = true;
        loop {
            let at = start_of_record(bytes, self.header + reader.position().byte() as usize);
            match reader.read_record(&mut record) {
                Ok(false) => return,
                Ok(true) if header => header = false,
                Ok(true) => {
                    // A quote that is never closed swallows all that follows: only the last record can have one.
                    let last = start_of_record(bytes, self.header + reader.position().byte() as usize)
                        >= bytes.len();
                    let open = if last { walk(self.record_bytes(at), self.delimiter).1 } else { None };
                    if let Some(open) = open {
                        let message = "a quote that is not closed".to_owned();
                        each(Entry::Broken(Broken { record: at, at: at + open, message, hint: Some(CLOSE) }));
                        continue;
                    }
                    match self.check(at, &record) {
                        Ok(()) => each(Entry::Record(at, &record)),
                        Err(broken) => each(Entry::Broken(broken)),
                    }
                }
                Err(error) => {
                    each(Entry::Broken(Broken { record: at, at, message: error.to_string(), hint: None }));
                    return;
                }
            }
        }
    }

    fn stretches(&self) -> Vec<Range<usize>> {
        let bytes = self.text.text.as_bytes();
        let mut starts = vec![self.body()];
        while let Some(last) = starts.last().copied().filter(|last| last + self.stretch < bytes.len()) {
            let seems_to = |start: &usize| self.seems_to_begin_records(*start);
            match lines_from(bytes, last + self.stretch).take(CANDIDATES).find(seems_to) {
                Some(start) if start < bytes.len() => starts.push(start),
                _ => break,
            }
        }
        let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
        starts.iter().zip(ends).map(|(start, end)| *start..end).collect()
    }

    fn visit_stretch(
        &self,
        stretch: Range<usize>,
        each: &mut dyn FnMut(usize, u32, &dyn Record) -> bool,
    ) -> Option<(usize, u32)> {
        let bytes = self.text.text.as_bytes();
        let mut record = Split::of(self.text.text);
        let (mut at, mut feeds) = (stretch.start, 0);
        while at < stretch.end {
            let (end, inside) = record.read(at, self.delimiter)?;
            if record.cells.len() != self.columns.len() || end - at > MOST_CELL_BYTES {
                return None;
            }
            if !each(at, feeds, &record) {
                return None;
            }
            at = start_of_record(bytes, end);
            let between = bytes[end..at].iter().filter(|byte| **byte == b'\n').count();
            feeds += inside + between as u32;
        }
        Some((at, feeds))
    }

    fn place(&self, at: usize) -> (usize, usize) {
        self.text.place(at)
    }

    fn line(&self, record: usize) -> usize {
        self.text.line(record)
    }

    fn cell_place(&self, record: usize, column: usize) -> (usize, usize) {
        let starts = walk(self.record_bytes(record), self.delimiter).0;
        self.text.place(record + starts.get(column).copied().unwrap_or(0))
    }

    fn header_place(&self, column: usize) -> Option<(usize, usize)> {
        Some(self.cell_place(self.header, column))
    }

    fn extract(&self, records: &[usize]) -> (Vec<u8>, &'static str) {
        let mut out = Vec::new();
        for at in std::iter::once(&self.header).chain(records) {
            let bytes = self.record_bytes(*at);
            out.extend(&bytes[..walk(bytes, self.delimiter).2]);
            out.push(b'\n');
        }
        (out, if self.delimiter == b'\t' { "tsv" } else { "csv" })
    }
}

/// Whether the header and the first record end within `bytes`, whatever parts their fields: what follows changes neither
/// the delimiter nor the columns.
pub(super) fn shows_its_head(bytes: &[u8]) -> bool {
    let header = start_of_record(bytes, 0);
    DELIMITERS.iter().all(|delimiter| {
        let next = start_of_record(bytes, header + walk(&bytes[header..], *delimiter).2);
        next + walk(&bytes[next..], *delimiter).2 < bytes.len()
    })
}

const CLOSE: &str = "close the quote, or double it where it is meant as a character";

fn unclosed(place: (usize, usize)) -> Fault {
    Fault::new(place, "a quote that is not closed").hinted(CLOSE)
}

/// Returns the first offset from `at` on that is no line break: empty lines are no records.
fn start_of_record(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    at + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// Returns where the lines after `at` begin, but for empty ones.
fn lines_from(bytes: &[u8], at: usize) -> impl Iterator<Item = usize> + '_ {
    let next = |at: usize| {
        let feed = bytes.get(at..)?.iter().position(|byte| *byte == b'\n')?;
        Some(start_of_record(bytes, at + feed + 1))
    };
    std::iter::successors(next(at), move |at| next(*at))
}

/// Returns the delimiter that parts the header into most fields, outside quotes; rather one that parts the next record
/// into as many.
fn sniff(bytes: &[u8]) -> u8 {
    let score = |delimiter: &u8| {
        let (fields, _, end) = walk(bytes, *delimiter);
        let next = start_of_record(bytes, end);
        let alike = next >= bytes.len() || walk(&bytes[next..], *delimiter).0.len() == fields.len();
        (alike && fields.len() > 1, fields.len())
    };
    // The first of those that tie: max_by_key takes the last.
    DELIMITERS.into_iter().rev().max_by_key(score).unwrap_or(b',')
}

/// Walks the record that `bytes` begin with, as the `csv` crate reads it. Returns the offset of each field, that of a
/// quote that is not closed, and the record's length.
fn walk(bytes: &[u8], delimiter: u8) -> (Vec<usize>, Option<usize>, usize) {
    let mut starts = vec![0];
    let mut quote = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let field_start = starts.last() == Some(&at);
        match (quote, byte) {
            (None, b'"') if field_start => quote = Some(at),
            (None, b'\r' | b'\n') => break,
            (None, byte) if byte == delimiter => starts.push(at + 1),
            (Some(_), b'"') if bytes.get(at + 1) == Some(&b'"') => at += 1,
            (Some(_), b'"') => quote = None,
            _ => {}
        }
        at += 1;
    }
    (starts, quote, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `text` and writes every record as `line: cells` or `line:column! message`.
    fn dump(text: &str) -> Vec<String> {
        let text = Text::new(text.as_bytes()).unwrap();
        let csv = Csv::new(&text, None).unwrap();
        let mut out = Vec::new();
        csv.visit(&mut |entry| match entry {
            Entry::Record(at, record) => {
                let cells = (0..csv.columns().len()).map(|column| match record.cell(column) {
                    Cell::Text(text) => text.to_owned(),
                    other => format!("{other:?}"),
                });
                out.push(format!("{}: {}", csv.line(at), cells.collect::<Vec<_>>().join("|")));
            }
            Entry::Broken(broken) => {
                let (line, column) = csv.place(broken.at);
                out.push(format!("{line}:{column}! {}", broken.message));
            }
        });
        out
    }

    #[test]
    fn records_have_their_lines_whatever_the_line_ends() {
        assert_eq!(dump("a,b\n1,2\n\n3,\n"), ["2: 1|2", "4: 3|Null"]);
        assert_eq!(dump("a,b\r\n1,2\r\n\r\n3,4"), ["2: 1|2", "4: 3|4"]);
        assert_eq!(dump("\n\na;b\n\"1\n1\";2\n3;4\n"), ["4: 1\n1|2", "6: 3|4"]);
        assert_eq!(dump("a\tb,c\n1\t2\n"), ["2: 1|2"]);
        assert_eq!(dump("a|b\n1|\"x\"\"y\"\n"), ["2: 1|x\"y"]);
        assert_eq!(dump("a,b\n1,x\"y\n"), ["2: 1|x\"y"]);
    }

    #[test]
    fn ragged_rows_and_open_quotes_are_placed() {
        assert_eq!(
            dump("a,b\n1,2,é,3\n4\n5,6\n"),
            ["2:5! 4 fields where the header has 2", "3:1! 1 field where the header has 2", "4: 5|6"]
        );
        assert_eq!(dump("a,b\n1,2\n3,\"4\n5,6\n"), ["2: 1|2", "3:3! a quote that is not closed"]);
        assert_eq!(dump("a,b\n1,\"2\"\n"), ["2: 1|2"]);
        let big = format!("a,b\n1,{}\n", "x".repeat(MOST_CELL_BYTES + 1));
        assert_eq!(dump(&big), ["2:3! a cell of more than 1 MiB"]);
    }

    /// Writes every record read in stretches of `length` bytes as [`dump`] does; `None` where the file is not read so.
    fn dump_stretches(text: &str, length: usize) -> Option<Vec<String>> {
        let text = Text::new(text.as_bytes()).unwrap();
        let csv = Csv::new(&text, None).unwrap().in_stretches_of(length);
        let mut out = Vec::new();
        let stretches = csv.stretches();
        let mut first = csv.line(stretches[0].start) as u32;
        let mut next = stretches[0].start;
        for stretch in stretches {
            if stretch.start != next {
                return None;
            }
            let read = csv.visit_stretch(stretch, &mut |at, line, record| {
                assert_eq!(csv.line(at) as u32, first + line);
                let cells = (0..csv.columns().len()).map(|column| match record.cell(column) {
                    Cell::Text(text) => text.to_owned(),
                    other => format!("{other:?}"),
                });
                out.push(format!("{}: {}", first + line, cells.collect::<Vec<_>>().join("|")));
                true
            });
            let (end, feeds) = read?;
            (next, first) = (end, first + feeds);
        }
        Some(out)
    }

    #[test]
    fn stretches_hold_the_records_that_reading_one_by_one_finds() {
        let plain: String = (0..50).map(|n| format!("item {n},\"é, {n}\"\n")).collect();
        let quoted: String = (0..50).map(|n| format!("\"x\"\"{n}\",\"line\r\n{n}\n\"\r\n\r\n")).collect();
        for body in
            [plain.as_str(), quoted.as_str(), "1,2\r3,4\r\n\n5,", "1,x\"y\n,\"\"\n", "\"1\n1\",2\n\n\n", ""]
        {
            for head in ["a,b\n", "\r\n\na,b\r\n\n"] {
                let text = format!("{head}{body}");
                for length in [1, 7, 30, 1000] {
                    // One that begins inside a quoted field does not meet the one before.
                    if let Some(read) = dump_stretches(&text, length) {
                        assert_eq!(read, dump(&text), "{text:?} in stretches of {length}");
                    } else {
                        assert!(body.contains("line") || body.contains("\n1\""), "{text:?} in {length}");
                    }
                }
            }
        }
        assert!(dump_stretches(&format!("a,b\n{plain}"), 30).is_some());
        assert!(dump_stretches(&format!("a,b\n{quoted}"), 1000).is_some());
    }

    #[test]
    fn what_is_not_plainly_good_is_not_read_in_stretches() {
        for body in
            ["1,2,3\n", "1\n", "1,\"2\n", "1,\"2\"x\n", &format!("1,{}\n", "x".repeat(MOST_CELL_BYTES + 1))]
        {
            for length in [1, 1000] {
                assert_eq!(dump_stretches(&format!("a,b\n5,6\n{body}"), length), None, "{body:.20}");
            }
        }
    }

    #[test]
    fn headers_name_a_column_once() {
        let text = Text::new(b"item,label,item\n").unwrap();
        let refused = Csv::new(&text, None).err().unwrap();
        assert_eq!(refused.faults[0].to_string(), "1:12: the header names `item` twice: columns 1 and 3");
        let text = Text::new(b"item,\"label\n1,2\n").unwrap();
        let refused = Csv::new(&text, None).err().unwrap();
        assert_eq!(refused.faults[0].to_string(), "1:6: a quote that is not closed");
    }

    #[test]
    fn refused_records_become_a_file() {
        let text = Text::new(b"a,b\r\n1,2\r\n3,\"x\ny\"\r\n5,6").unwrap();
        let csv = Csv::new(&text, None).unwrap();
        let mut records = Vec::new();
        csv.visit(&mut |entry| {
            if let Entry::Record(at, _) = entry {
                records.push(at);
            }
        });
        let (file, extension) = csv.extract(&records[1..]);
        assert_eq!((String::from_utf8(file).unwrap().as_str(), extension), ("a,b\n3,\"x\ny\"\n5,6\n", "csv"));
    }
}
