//! JSON: a list of objects, an object that holds one, or one object a line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use super::cell::{Broken, Cell, Entry, MOST_COLUMNS, Record, Source};
use super::error::{Fault, Refused};
use super::options::Format;
use super::scan::{self, Member, NotJson};
use super::text::Text;

/// A cell larger than this is no cell of a table of labels.
const MOST_CELL_BYTES: usize = 1 << 20;

/// Where the records of a JSON text lie.
#[derive(Debug)]
pub(super) struct Records {
    /// Each record, or the place of what is none; in order.
    pub spans: Vec<(Range<usize>, Option<NotJson>)>,
    /// Whether each has a line of its own, or they follow each other without commas.
    pub lines: bool,
    /// The keys of the root, when the whole text is one object.
    pub root_keys: Vec<String>,
}

/// Finds the records of `text`.
pub(super) fn records(text: &Text<'_>, format: Format) -> Result<Records, Refused> {
    let bytes = text.text.as_bytes();
    let start = scan::skip_space(bytes, 0);
    let refuse = |fault: NotJson| Refused::one(Fault::new(text.place(fault.at), fault.message));
    let whole = |spans: Vec<Range<usize>>| spans.into_iter().map(|range| (range, None)).collect();
    match bytes.get(start) {
        Some(b'[') => {
            let (spans, end) = scan::elements(bytes, start).map_err(refuse)?;
            nothing_after(text, end).map_err(refuse)?;
            Ok(Records { spans: whole(spans), lines: false, root_keys: Vec::new() })
        }
        Some(b'{') => objects(text, start, format).map_err(refuse),
        _ => Err(refuse(NotJson { at: start, message: "this is no JSON list or object".into() })),
    }
}

fn nothing_after(text: &Text<'_>, end: usize) -> Result<(), NotJson> {
    let at = scan::skip_space(text.text.as_bytes(), end);
    if at == text.text.len() {
        return Ok(());
    }
    Err(NotJson { at, message: "something stands after the end of the list".into() })
}

fn objects(text: &Text<'_>, start: usize, format: Format) -> Result<Records, NotJson> {
    let bytes = text.text.as_bytes();
    let line_end = text.text[start..].find('\n').map_or(bytes.len(), |newline| start + newline);
    let first = scan::skip_value(bytes, start);
    let more = |end: usize| scan::skip_space(bytes, end) < bytes.len();
    match first {
        // Line by line, so that one broken line does not hide the next.
        Ok(end) if end <= line_end && more(end) => Ok(by_line(text)),
        Err(_) if format == Format::Jsonl && more(line_end) => Ok(by_line(text)),
        Ok(end) if more(end) => one_after_the_other(bytes, start),
        Ok(end) => root(text, start..end, format),
        Err(fault) => Err(fault),
    }
}

fn by_line(text: &Text<'_>) -> Records {
    let bytes = text.text.as_bytes();
    let mut spans = Vec::new();
    let mut at = 0;
    for line in text.text.split_inclusive('\n') {
        let trimmed = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        if trimmed.is_empty() {
            continue;
        }
        let range = start..start + trimmed.len();
        let fault = match scan::skip_value(&bytes[..range.end], start) {
            Ok(end) if end == range.end => None,
            Ok(end) => {
                Some(NotJson { at: end, message: "something stands after the end of the object".into() })
            }
            Err(fault) => Some(fault),
        };
        spans.push((range, fault));
    }
    Records { spans, lines: true, root_keys: Vec::new() }
}

fn one_after_the_other(bytes: &[u8], start: usize) -> Result<Records, NotJson> {
    let mut spans = Vec::new();
    let mut at = start;
    while at < bytes.len() {
        let end = scan::skip_value(bytes, at)?;
        spans.push((at..end, None));
        at = scan::skip_space(bytes, end);
    }
    Ok(Records { spans, lines: true, root_keys: Vec::new() })
}

/// One object: a record, or what holds the only list of records.
fn root(text: &Text<'_>, range: Range<usize>, format: Format) -> Result<Records, NotJson> {
    let bytes = text.text.as_bytes();
    let (members, _) = scan::members(bytes, range.start)?;
    let root_keys: Vec<String> =
        members.iter().map(|member| key(text.text, member)).collect::<Result<_, _>>()?;
    let holds_objects = |member: &&Member| {
        let first = scan::skip_space(bytes, member.value.start + 1);
        bytes[member.value.start] == b'[' && bytes.get(first) == Some(&b'{')
    };
    let mut lists = members.iter().filter(holds_objects);
    let record =
        root_keys.iter().any(|key| key == "data" || key == "text" || key == "item" || key == "item_id");
    let spans = match (lists.next(), lists.next()) {
        (Some(list), None) if format != Format::Jsonl && (!record || root_keys.len() == 1) => {
            scan::elements(bytes, list.value.start)?.0
        }
        _ => vec![range],
    };
    Ok(Records { spans: spans.into_iter().map(|range| (range, None)).collect(), lines: false, root_keys })
}

/// Returns a member's key.
pub(super) fn key(text: &str, member: &Member) -> Result<String, NotJson> {
    scan::parse_text(text, member.key.clone())
}

/// JSON objects as records: their keys, in the order they first appear, are the columns.
pub(super) struct JsonRecords<'a> {
    text: &'a Text<'a>,
    records: &'a Records,
    columns: Vec<String>,
    positions: BTreeMap<String, usize>,
}

/// One value on its way.
enum JsonCell<'a> {
    Absent,
    Null,
    Text(Cow<'a, str>),
    Scalar(&'a str),
    Nested(Value),
}

struct JsonRecord<'a>(Vec<JsonCell<'a>>);

impl Record for JsonRecord<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match self.0.get(column) {
            None | Some(JsonCell::Absent) => Cell::Absent,
            Some(JsonCell::Null) => Cell::Null,
            Some(JsonCell::Text(text)) => Cell::Text(text),
            Some(JsonCell::Scalar(text)) => Cell::Scalar(text),
            Some(JsonCell::Nested(value)) => Cell::Nested(value),
        }
    }
}

impl<'a> JsonRecords<'a> {
    /// Finds the columns; a fault when they are too many to be columns.
    pub fn new(text: &'a Text<'a>, records: &'a Records) -> Result<Self, Refused> {
        let mut this = Self { text, records, columns: Vec::new(), positions: BTreeMap::new() };
        let bytes = text.text.as_bytes();
        for (range, fault) in &records.spans {
            if fault.is_some() || bytes[range.start] != b'{' {
                continue;
            }
            let Ok((members, _)) = scan::members(bytes, range.start) else { continue };
            for member in &members {
                let Ok(key) = this.key_of(member) else { continue };
                if this.columns.len() == MOST_COLUMNS {
                    let fault = Fault::new(text.place(member.key.start), "more than 10,000 different keys");
                    return Err(Refused::one(
                        fault.hinted("are these ids? each is to be a value: {\"item\": ID, …}"),
                    ));
                }
                if !this.positions.contains_key(key.as_ref()) {
                    this.positions.insert(key.clone().into_owned(), this.columns.len());
                    this.columns.push(key.into_owned());
                }
            }
        }
        Ok(this)
    }

    fn key_of(&self, member: &Member) -> Result<Cow<'a, str>, NotJson> {
        self.text_of(member.key.clone())
    }

    /// Returns the text at `range`, quotes included, borrowed where nothing in it is escaped.
    fn text_of(&self, range: Range<usize>) -> Result<Cow<'a, str>, NotJson> {
        let inside = self.text.text.get(range.start + 1..range.end - 1).unwrap_or("");
        if inside.bytes().all(|byte| byte != b'\\' && byte >= 0x20) {
            return Ok(inside.into());
        }
        scan::parse_text(self.text.text, range).map(Cow::Owned)
    }

    fn fill(&self, range: &Range<usize>, record: &mut JsonRecord<'a>) -> Result<(), NotJson> {
        record.0.clear();
        record.0.resize_with(self.columns.len(), || JsonCell::Absent);
        let bytes = self.text.text.as_bytes();
        if bytes[range.start] != b'{' {
            return Err(NotJson { at: range.start, message: "an object is wanted here".into() });
        }
        let (members, end) = scan::members(bytes, range.start)?;
        if end != range.end {
            return Err(NotJson { at: end, message: "something stands after the end of the object".into() });
        }
        for member in &members {
            let key = self.key_of(member)?;
            let Some(position) = self.positions.get(key.as_ref()) else { continue };
            if !matches!(record.0[*position], JsonCell::Absent) {
                return Err(NotJson {
                    at: member.key.start,
                    message: format!("the key `{key}` is given twice"),
                });
            }
            record.0[*position] = self.value(&member.value)?;
        }
        Ok(())
    }

    fn value(&self, range: &Range<usize>) -> Result<JsonCell<'a>, NotJson> {
        if range.len() > MOST_CELL_BYTES {
            return Err(NotJson { at: range.start, message: "a cell of more than 1 MiB".into() });
        }
        let given = &self.text.text[range.clone()];
        match given.as_bytes()[0] {
            b'"' if given.len() == 2 => Ok(JsonCell::Null),
            b'"' => self.text_of(range.clone()).map(JsonCell::Text),
            b'[' | b'{' => scan::parse(self.text.text, range.clone()).map(JsonCell::Nested),
            _ => match scan::parse(self.text.text, range.clone())? {
                Value::Null => Ok(JsonCell::Null),
                _ => Ok(JsonCell::Scalar(given)),
            },
        }
    }
}

impl Source for JsonRecords<'_> {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn visit(&self, each: &mut dyn FnMut(Entry<'_>)) {
        let mut record = JsonRecord(Vec::new());
        for (range, fault) in &self.records.spans {
            let filled = match fault {
                Some(fault) => Err(fault.clone()),
                None => self.fill(range, &mut record),
            };
            match filled {
                Ok(()) => each(Entry::Record(range.start, &record)),
                Err(NotJson { at, message }) => {
                    each(Entry::Broken(Broken { record: range.start, at, message, hint: None }));
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
        let members =
            scan::members(self.text.text.as_bytes(), record).map(|(members, _)| members).unwrap_or_default();
        let name = &self.columns[column];
        let cell = members.iter().find(|member| self.key_of(member).is_ok_and(|key| key == *name));
        self.text.place(cell.map_or(record, |member| member.value.start))
    }

    fn extract(&self, records: &[usize]) -> (Vec<u8>, &'static str) {
        (extract(self.text.text, self.records, records), "jsonl")
    }
}

/// Returns the records that begin at these offsets, one a line.
pub(super) fn extract(text: &str, records: &Records, starts: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    for start in starts {
        let Ok(index) = records.spans.binary_search_by_key(start, |(range, _)| range.start) else { continue };
        let raw = &text[records.spans[index].0.clone()];
        if raw.contains('\n') {
            // A value on several lines becomes one line; text with a bare line break in it was no JSON anyway.
            let line = scan::parse(raw, 0..raw.len())
                .map_or_else(|_| raw.replace(['\r', '\n'], " "), |v| v.to_string());
            out.extend(line.as_bytes());
        } else {
            out.extend(raw.as_bytes());
        }
        out.push(b'\n');
    }
    out
}
