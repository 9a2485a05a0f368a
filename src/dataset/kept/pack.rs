//! Numbers and texts end to end in bytes: how kept files are written. A reader of anything else gets `None`, never a
//! panic.

/// Appends an unsigned number, seven bits a byte, lowest first.
pub(in super::super) fn uint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed number: small ones of either sign are short.
pub(in super::super) fn int(out: &mut Vec<u8>, value: i64) {
    uint(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends a length and the bytes.
pub(in super::super) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    uint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a text that may be absent.
pub(in super::super) fn text(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => {
            uint(out, text.len() as u64 + 1);
            out.extend_from_slice(text.as_bytes());
        }
        None => uint(out, 0),
    }
}

/// Reads what the functions above wrote, front to back.
#[derive(Clone, Copy)]
pub(in super::super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    pub fn uint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub fn len(&mut self) -> Option<usize> {
        self.uint().and_then(|value| usize::try_from(value).ok())
    }

    pub fn int(&mut self) -> Option<i64> {
        let value = self.uint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.len()?;
        self.take(count)
    }

    pub fn text(&mut self) -> Option<Option<&'a str>> {
        match self.len()? {
            0 => Some(None),
            more => std::str::from_utf8(self.take(more - 1)?).ok().map(Some),
        }
    }

    /// Passes over a text.
    pub fn bytes_of_text(&mut self) -> Option<()> {
        let more = self.len()?;
        self.take(more.saturating_sub(1)).map(drop)
    }

    pub fn some_text(&mut self) -> Option<&'a str> {
        self.text()?
    }

    pub fn digest(&mut self) -> Option<crate::base::Digest> {
        Some(crate::base::Digest(self.take(32)?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut out = Vec::new();
        for value in [0, 1, 127, 128, u64::MAX] {
            uint(&mut out, value);
        }
        for value in [0, -1, 1, i64::MIN, i64::MAX] {
            int(&mut out, value);
        }
        text(&mut out, None);
        text(&mut out, Some(""));
        text(&mut out, Some("é"));
        bytes(&mut out, b"xy");
        let mut reader = Reader::new(&out);
        assert_eq!([0; 5].map(|_| reader.uint().unwrap()), [0, 1, 127, 128, u64::MAX]);
        assert_eq!([0; 5].map(|_| reader.int().unwrap()), [0, -1, 1, i64::MIN, i64::MAX]);
        assert_eq!(
            (reader.text(), reader.text(), reader.text()),
            (Some(None), Some(Some("")), Some(Some("é")))
        );
        assert_eq!(reader.bytes(), Some(&b"xy"[..]));
        assert!(reader.is_done() && reader.byte().is_none());
    }
}
