//! Bytes → UTF-8 text whose places are known, or why not.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::error::Fault;

/// More than this is not read in one go: columns of rows hold at most 4 GiB of text.
const MOST_BYTES: usize = 2 << 30;

/// Lines of so many first bytes are counted without an index.
const NEAR: usize = 4096;

/// A file's text, without its byte order mark, and where its lines begin.
pub(super) struct Text<'a> {
    /// The text.
    pub text: &'a str,
    /// The offset after each line feed, once somebody asks for a line.
    starts: OnceLock<Vec<usize>>,
    /// The place asked for last: its line, offset and characters before it. Faults come in the order of the file, and
    /// a file may be one line.
    last: Mutex<(usize, usize, usize)>,
}

impl<'a> Text<'a> {
    /// Reads `bytes` as UTF-8.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() > MOST_BYTES {
            return Err(
                Fault::new((1, 1), "the file is larger than 2 GiB").hinted("split it into several files")
            );
        }
        if let Some(what) = other_encoding(bytes) {
            return Err(Fault::new((1, 1), format!("this is {what}")).hinted("save the file as UTF-8"));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
        let text = Self::of(text);
        if let Some(at) = text.text.find('\0') {
            return Err(
                Fault::new(text.place(at), "a NUL byte").hinted("this may be no text file, or a damaged one")
            );
        }
        if text.text.trim().is_empty() {
            return Err(Fault::new((1, 1), "the file is empty"));
        }
        Ok(text)
    }

    fn of(text: &'a str) -> Self {
        Self { text, starts: OnceLock::new(), last: Mutex::default() }
    }

    fn starts(&self) -> &[usize] {
        let feeds = || self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        self.starts.get_or_init(|| feeds().map(|(at, _)| at + 1).collect())
    }

    /// Returns the line (from 1) that `at` lies in.
    pub fn line(&self, at: usize) -> usize {
        // Near the beginning, counting is less than an index of all lines.
        if self.starts.get().is_none()
            && let Some(before) = self.text.as_bytes().get(..at).filter(|before| before.len() < NEAR)
        {
            return before.iter().filter(|byte| **byte == b'\n').count() + 1;
        }
        self.starts().partition_point(|start| *start <= at) + 1
    }

    /// Returns line and character (from 1) of the byte `at`.
    pub fn place(&self, at: usize) -> (usize, usize) {
        let line = self.line(at);
        let start = if line == 1 { 0 } else { self.starts()[line - 2] };
        let at = (0..=at.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, counted) = match *last {
            (before, offset, counted) if before == line && offset <= at => (offset, counted),
            _ => (start, 0),
        };
        let count = counted + self.text.get(from..at).unwrap_or("").chars().count();
        *last = (line, at, count);
        (line, count + 1)
    }
}

/// Returns what the bytes are when they are surely no UTF-8 text.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"\xff\xfe\0\0", "UTF-32"),
        (b"\0\0\xfe\xff", "UTF-32"),
        (b"\xff\xfe", "UTF-16"),
        (b"\xfe\xff", "UTF-16"),
        (b"PK\x03\x04", "a zip archive or an .xlsx workbook, no text"),
        (b"\x1f\x8b", "a gzip archive, no text"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive, no text"),
        (b"SQLite format 3\0", "an SQLite database, no text"),
        (b"%PDF-", "a PDF document, no text"),
    ];
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(what);
    }
    // Without a mark, text in UTF-16 has a NUL in every second byte wherever it is ASCII.
    let head = &bytes[..bytes.len().min(256) & !1];
    let nuls = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    let enough = head.len() >= 4 && even.max(odd) * 4 >= head.len();
    (enough && even.min(odd) == 0).then_some("UTF-16 without a byte order mark")
}

fn not_utf8(bytes: &[u8], at: usize) -> Fault {
    let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let column = String::from_utf8_lossy(&bytes[start..at]).chars().count() + 1;
    let byte = bytes[at];
    let high = bytes.iter().filter(|byte| **byte >= 0x80).count();
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    let guess = if zeros == 0 && high * 3 < bytes.len() { "; it may be Latin-1 or Windows-1252" } else { "" };
    Fault::new((line, column), format!("the byte 0x{byte:02X} is no UTF-8{guess}"))
        .hinted("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_named() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let with_mark = [b"\xff\xfe".to_vec(), utf16("item,label\n1,a\n")].concat();
        for (bytes, expected) in [
            (&b""[..], "1:1: the file is empty"),
            (b" \n", "1:1: the file is empty"),
            (b"\xef\xbb\xbf", "1:1: the file is empty"),
            (b"item\n\xe9t\xe9\n", "2:1: the byte 0xE9 is no UTF-8; it may be Latin-1 or Windows-1252"),
            (
                "item\nö".as_bytes().split_last().unwrap().1,
                "2:1: the byte 0xC3 is no UTF-8; it may be Latin-1 or Windows-1252",
            ),
            (b"item,label\nx,\0\n", "2:3: a NUL byte"),
            (b"PK\x03\x04....", "1:1: this is a zip archive or an .xlsx workbook, no text"),
            (&with_mark, "1:1: this is UTF-16"),
            (&utf16("item,label\n1,a\n"), "1:1: this is UTF-16 without a byte order mark"),
        ] {
            assert_eq!(Text::new(bytes).err().unwrap().to_string(), expected);
        }
        assert_eq!(Text::new(b"\xef\xbb\xbfitem").unwrap().text, "item");
    }

    #[test]
    fn places_count_lines_and_characters() {
        let text = Text::new("aé\nüxy\r\n\nz".as_bytes()).unwrap();
        let at = |needle: &str| text.place(text.text.find(needle).unwrap());
        assert_eq!([at("a"), at("é"), at("ü"), at("x"), at("z")], [(1, 1), (1, 2), (2, 1), (2, 2), (4, 1)]);
        assert_eq!(text.place(999), (4, 2));
        assert_eq!([at("x"), at("y"), at("ü")], [(2, 2), (2, 3), (2, 1)]);
    }
}
