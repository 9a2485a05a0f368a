//! Git LFS: what stands in a file's place, and where this repository keeps the file itself.

use std::path::PathBuf;

use super::{Error, Store};
use crate::base::Digest;

/// What Git LFS commits in a file's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LfsPointer {
    /// The SHA-256 of the file's bytes.
    pub sha256: Digest,
    /// Their number.
    pub bytes: u64,
}

/// The first line of every pointer.
const VERSION: &str = "version https://git-lfs.github.com/spec/v1";
/// No pointer is longer.
const MOST: usize = 1024;

impl LfsPointer {
    /// Reads a pointer; `None` when the bytes are none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes.get(..MOST.min(bytes.len()))?).ok()?;
        if bytes.len() > MOST || text.lines().next() != Some(VERSION) {
            return None;
        }
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        let sha256 = value("oid sha256:")?.parse().ok()?;
        Some(Self { sha256, bytes: value("size ")?.parse().ok()? })
    }
}

impl Store {
    /// Returns where the file that a pointer stands for lies once it was fetched.
    ///
    /// # Errors
    /// Git's configuration cannot be read.
    pub fn lfs_object(&self, pointer: &LfsPointer) -> Result<PathBuf, Error> {
        let storage = self.config()?.get("lfs.storage").cloned().flatten();
        let folder = self.layout.common_dir.join(storage.as_deref().unwrap_or("lfs"));
        let name = pointer.sha256.to_string();
        Ok(folder.join("objects").join(&name[..2]).join(&name[2..4]).join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_read_and_nothing_else_is_taken_for_one() {
        let sha256 = Digest::of(b"rows");
        let text = format!("{VERSION}\noid sha256:{sha256}\nsize 12345\n");
        assert_eq!(LfsPointer::parse(text.as_bytes()), Some(LfsPointer { sha256, bytes: 12345 }));
        for other in [
            "".to_owned(),
            "PAR1".to_owned(),
            text.replace("v1", "v9"),
            text.replace("sha256:", "sha256:../"),
            text.replace("size 12345", "size -1"),
            format!("{text}{}", "x".repeat(MOST)),
        ] {
            assert_eq!(LfsPointer::parse(other.as_bytes()), None, "{other}");
        }
    }
}
