//! Page headers, read before the decoder believes them.
//!
//! A page header says how large its page becomes and how many values it holds, and the Parquet crate reserves memory
//! for both before it looks at the page. This walks all headers of a column chunk (Thrift compact protocol) and sums
//! them up, so that a lie is found for the price of a few bytes read.

/// What the pages of one column chunk claim together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Claims {
    /// Headers and pages, decompressed.
    pub uncompressed: u64,
    /// Values of data pages, nulls included.
    pub values: u64,
    /// The largest compressed page.
    pub largest_compressed: u64,
}

/// The fields of a page header that cost something.
#[derive(Debug, Default)]
struct Header {
    kind: Option<i64>,
    uncompressed: Option<i64>,
    compressed: Option<i64>,
    values: Option<i64>,
    encoding: Option<i64>,
}

const DATA_PAGE: i64 = 0;
const INDEX_PAGE: i64 = 1;
const DICTIONARY_PAGE: i64 = 2;
const DATA_PAGE_V2: i64 = 3;

/// Encodings as page headers number them: plain, the two names of dictionary indices, run lengths.
const OURS: [i64; 4] = [0, 2, 3, 8];

/// Reads all page headers of `chunk`; `ours` also refuses what no shard of ours has.
pub(super) fn walk(chunk: &[u8], ours: bool) -> Result<Claims, String> {
    let mut claims = Claims::default();
    let mut at = 0;
    let mut pages = 0_u64;
    while at < chunk.len() {
        let mut reader = Reader { bytes: chunk, at };
        let header = reader.header().ok_or_else(|| format!("page {pages}: its header is none"))?;
        let page = check(&header, ours, pages).map_err(|what| format!("page {pages}: {what}"))?;
        let end = reader.at as u64 + page.compressed;
        if end > chunk.len() as u64 {
            return Err(format!("page {pages}: reaches past its column"));
        }
        claims.uncompressed += (reader.at - at) as u64 + page.uncompressed;
        claims.values += page.values;
        claims.largest_compressed = claims.largest_compressed.max(page.compressed);
        at = usize::try_from(end).map_err(|error| error.to_string())?;
        pages += 1;
    }
    Ok(claims)
}

struct Page {
    compressed: u64,
    uncompressed: u64,
    values: u64,
}

fn check(header: &Header, ours: bool, page: u64) -> Result<Page, &'static str> {
    let size = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
    let (Some(compressed), Some(uncompressed)) = (size(header.compressed), size(header.uncompressed)) else {
        return Err("a size is missing or negative");
    };
    let values = match header.kind {
        Some(DATA_PAGE) => size(header.values).ok_or("its number of values is missing or negative")?,
        Some(DATA_PAGE_V2) if !ours => {
            size(header.values).ok_or("its number of values is missing or negative")?
        }
        Some(DICTIONARY_PAGE) if page > 0 => return Err("a dictionary that is not first"),
        Some(DICTIONARY_PAGE) => {
            // An entry takes at least a byte, so the dictionary's own size bounds their number.
            let entries = size(header.values).ok_or("its number of values is missing or negative")?;
            if entries > uncompressed {
                return Err("more dictionary entries than bytes");
            }
            0
        }
        Some(INDEX_PAGE) if !ours => 0,
        _ => return Err("of a type that no shard has"),
    };
    if ours && header.encoding.is_none_or(|encoding| !OURS.contains(&encoding)) {
        return Err("an encoding that no shard has");
    }
    Ok(Page { compressed, uncompressed, values })
}

/// A reader of Thrift's compact protocol; `None` is anything that is not that.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Structs nest three deep in a page header; more is an attack.
const MAX_DEPTH: u8 = 8;

impl Reader<'_> {
    fn header(&mut self) -> Option<Header> {
        let mut header = Header::default();
        let mut field = 0_i64;
        while let Some((kind, id)) = self.field(field)? {
            field = id;
            match (id, kind) {
                (1, 5) => header.kind = Some(self.signed()?),
                (2, 5) => header.uncompressed = Some(self.signed()?),
                (3, 5) => header.compressed = Some(self.signed()?),
                (5 | 7 | 8, 12) => self.page_header(id, &mut header)?,
                _ => self.skip(kind, 0)?,
            }
        }
        Some(header)
    }

    /// Reads the part that says number of values and encoding: of a data page (5), dictionary (7), data page v2 (8).
    fn page_header(&mut self, part: i64, header: &mut Header) -> Option<()> {
        let encoding = if part == 8 { 4 } else { 2 };
        let mut field = 0;
        while let Some((kind, id)) = self.field(field)? {
            field = id;
            match kind {
                5 if id == 1 => header.values = Some(self.signed()?),
                5 if id == encoding => header.encoding = Some(self.signed()?),
                _ => self.skip(kind, 1)?,
            }
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Reads the next field's type and id; inner `None` is the struct's end.
    fn field(&mut self, before: i64) -> Option<Option<(u8, i64)>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Some(None);
        }
        let delta = i64::from(byte >> 4);
        let id = if delta == 0 { self.signed()? } else { before.checked_add(delta)? };
        Some(Some((byte & 0x0f, id)))
    }

    fn jump(&mut self, bytes: u64) -> Option<()> {
        self.at = self.at.checked_add(usize::try_from(bytes).ok()?).filter(|at| *at <= self.bytes.len())?;
        Some(())
    }

    fn skip(&mut self, kind: u8, depth: u8) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match kind {
            1 | 2 => Some(()),
            3 => self.jump(1),
            4..=6 => self.unsigned().map(drop),
            7 => self.jump(8),
            8 => {
                let bytes = self.unsigned()?;
                self.jump(bytes)
            }
            9 | 10 => self.skip_list(depth),
            12 => {
                let mut field = 0;
                while let Some((kind, id)) = self.field(field)? {
                    field = id;
                    self.skip(kind, depth + 1)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    fn skip_list(&mut self, depth: u8) -> Option<()> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.unsigned()? } else { u64::from(head >> 4) };
        for _ in 0..count {
            match head & 0x0f {
                // In a list a boolean takes a byte; every other element at least one too, so the input bounds the loop.
                1 | 2 => self.jump(1)?,
                kind => self.skip(kind, depth + 1)?,
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dictionary page of 5 bytes and 2 entries, then a data page of 3 bytes (compressed 2) and 9 values.
    const CHUNK: &[u8] = &[
        0x15, 4, 0x15, 10, 0x15, 10, 0x4c, 0x15, 4, 0x15, 0, 0, 0, b'a', b'b', b'c', b'd', b'e', //
        0x15, 0, 0x15, 6, 0x15, 4, 0x2c, 0x15, 18, 0x15, 16, 0x15, 6, 0x15, 6, 0, 0, b'x', b'y',
    ];

    #[test]
    fn headers_are_summed_up() {
        let claims = walk(CHUNK, true).unwrap();
        assert_eq!(claims, Claims { uncompressed: 13 + 5 + 17 + 3, values: 9, largest_compressed: 5 });
        assert_eq!(walk(&[], true), Ok(Claims::default()));
    }

    #[test]
    fn lies_are_refused() {
        assert_eq!(walk(&CHUNK[..CHUNK.len() - 1], true).unwrap_err(), "page 1: reaches past its column");
        assert_eq!(walk(&CHUNK[..20], true).unwrap_err(), "page 1: its header is none");
        let with = |at: usize, byte: u8| {
            let mut chunk = CHUNK.to_vec();
            chunk[at] = byte;
            walk(&chunk, true).unwrap_err()
        };
        assert_eq!(with(8, 12), "page 0: more dictionary entries than bytes");
        assert_eq!(with(3, 11), "page 0: a size is missing or negative");
        assert_eq!(with(19, 4), "page 1: a dictionary that is not first");
        assert_eq!(with(28, 10), "page 1: an encoding that no shard has");
    }

    #[test]
    fn no_byte_panics_or_runs_away() {
        for at in 0..CHUNK.len() {
            for byte in 0..=255 {
                let mut chunk = CHUNK.to_vec();
                chunk[at] = byte;
                let _ = walk(&chunk, false);
            }
        }
    }
}
