//! Bytes that are read where they lie, in any order and side by side: those of a file, or some in memory.

use std::borrow::Cow;
use std::io;

/// Bytes that can be read in parts.
pub trait Blocks: Sync {
    /// Returns how many there are.
    fn size(&self) -> u64;

    /// Fills `into` with the bytes from `at` on.
    ///
    /// # Errors
    /// There are fewer, or they cannot be read.
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()>;

    /// Returns all of them.
    ///
    /// # Errors
    /// They cannot be read.
    fn whole(&self) -> io::Result<Cow<'_, [u8]>>;
}

impl Blocks for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(at).ok();
        let part = start.and_then(|start| self.get(start..start.checked_add(into.len())?));
        into.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn whole(&self) -> io::Result<Cow<'_, [u8]>> {
        Ok(self.into())
    }
}

impl Blocks for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.as_slice().read_at(at, into)
    }

    fn whole(&self) -> io::Result<Cow<'_, [u8]>> {
        Ok(self.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_memory_are_read_in_parts() {
        let bytes = b"abcdef".to_vec();
        let read = |at, length| {
            let mut into = vec![0; length];
            bytes.read_at(at, &mut into).map(|()| into).ok()
        };
        assert_eq!((bytes.size(), bytes.whole().unwrap().len()), (6, 6));
        assert_eq!(read(2, 3), Some(b"cde".to_vec()));
        assert_eq!(read(6, 0), Some(Vec::new()));
        assert_eq!([read(4, 3), read(9, 1), read(u64::MAX, 2)], [None, None, None]);
    }
}
