//! Loose objects, looked at before libgit2 reads them.
//!
//! libgit2 (1.9) never returns from a loose object whose compressed stream is cut short: what a full disk or a power
//! cut leaves, or one flipped bit. So each is inflated here first, and only one whose stream ends is handed on.

use flate2::{Decompress, FlushDecompress, Status};

use super::{Error, Oid, Store};

impl Store {
    /// Refuses the object `id` when it is loose and its stream does not end. What is not there is libgit2's to tell.
    pub(super) fn check_loose(&self, id: git2::Oid) -> Result<(), Error> {
        let hex = id.to_string();
        let (folder, file) = hex.split_at(2);
        match std::fs::read(self.layout.objects.join(folder).join(file)) {
            Ok(bytes) if !ends(&bytes) => Err(Error::Damaged {
                what: format!("object {}", Oid(hex)),
                why: "its compressed stream is damaged or cut short".to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

/// Whether `bytes` begin with a whole zlib stream.
fn ends(bytes: &[u8]) -> bool {
    let mut stream = Decompress::new(true);
    let mut out = [0; 16 * 1024];
    loop {
        let (read, written) = (stream.total_in(), stream.total_out());
        let rest = usize::try_from(read).ok().and_then(|read| bytes.get(read..)).unwrap_or_default();
        match stream.decompress(rest, &mut out, FlushDecompress::None) {
            Ok(Status::StreamEnd) => return true,
            Ok(_) if (stream.total_in(), stream.total_out()) != (read, written) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_ends_or_it_does_not() {
        // zlib's stored form of "abc".
        let whole = [0x78, 0x01, 0x01, 3, 0, 0xfc, 0xff, b'a', b'b', b'c', 0x02, 0x4d, 0x01, 0x27];
        assert!(ends(&whole));
        for length in 0..whole.len() {
            assert!(!ends(&whole[..length]), "{length}");
        }
        let mut flipped = whole;
        flipped[8] ^= 1;
        assert!(!ends(&flipped), "its checksum is another's");
    }
}
