//! CSV and its relatives: fields parted by commas, semicolons, tabs or bars, with a header.
//!
//! Fields are split by the `csv` crate; where a fault is, its record is walked once more to find the character.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};

use super::cell::{Broken, Cell, Entry, MOST_COLUMNS, Record, Source};
use super::error::{Fault, Refused};
use super::text::Text;

/// A cell larger than this is no cell of a table of labels.
const MOST_CELL_BYTES: usize = 1 << 20;

const DELIMITERS: [u8; 4] = *b",\t;|";

/// A CSV file.
pub(super) struct Csv<'a> {
    text: &'a Text<'a>,
    delimiter: u8,
    header: usize,
    columns: Vec<String>,
}

impl<'a> Csv<'a> {
    /// Reads the header; `delimiter` is told from it when not given.
    pub fn new(text: &'a Text<'a>, delimiter: Option<u8>) -> Result<Self, Refused> {
        let header = start_of_record(text.text.as_bytes(), 0);
        let delimiter = delimiter.unwrap_or_else(|| sniff(&text.text.as_bytes()[header..]));
        let mut csv = Self { text, delimiter, header, columns: Vec::new() };
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

const CLOSE: &str = "close the quote, or double it where it is meant as a character";

fn unclosed(place: (usize, usize)) -> Fault {
    Fault::new(place, "a quote that is not closed").hinted(CLOSE)
}

/// Returns the first offset from `at` on that is no line break: empty lines are no records.
fn start_of_record(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    at + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
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
