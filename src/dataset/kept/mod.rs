//! What is kept between runs, under `.git/hitl/cache/`: files that say nothing the ledger does not say, checked when
//! they are read, made anew when they are absent or wrong. All of them may be deleted at any time, and where nothing
//! can be written everything works without.

pub(super) mod pack;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Bytes of a checksum.
const CHECK: usize = 4;

/// Returns the body of the kept file at `path`: one that begins with `magic`, was written under this name, and is
/// whole.
pub(super) fn read(path: &Path, magic: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = fs::read(path).ok()?;
    let end = bytes.len().checked_sub(CHECK)?;
    let mut hasher = named(path);
    hasher.update(&bytes[..end]);
    let whole = bytes.starts_with(magic) && hasher.finalize().to_le_bytes()[..] == bytes[end..];
    if !whole || end < magic.len() {
        return None;
    }
    bytes.truncate(end);
    bytes.drain(..magic.len());
    Some(bytes)
}

/// Keeps `body` at `path`, if that is possible: it is a help, not an obligation. Nobody ever reads half of it.
pub(super) fn write(path: &Path, magic: &[u8], body: &[&[u8]]) {
    let mut hasher = named(path);
    let written = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        for part in [magic].iter().chain(body) {
            hasher.update(part);
            file.write_all(part)?;
        }
        file.write_all(&hasher.finalize().to_le_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    drop(written());
}

/// Returns a checksum begun with the file's name: a file under another name is another file.
fn named(path: &Path) -> crc32fast::Hasher {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(path.file_name().unwrap_or_default().as_encoded_bytes());
    hasher
}

/// Returns a checksum that finds what a disk does to bytes; against people it is no help, and need not be.
pub(super) fn checksum(bytes: &[u8]) -> [u8; CHECK] {
    crc32fast::hash(bytes).to_le_bytes()
}

/// Returns the files of `folder`, the one written last first; those that are being written are none.
pub(super) fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let dated = entries.flatten().filter_map(|entry| {
        let written = entry.metadata().ok()?.modified().ok()?;
        let is_whole = !entry.file_name().as_encoded_bytes().starts_with(b".");
        is_whole.then(|| (written, entry.path()))
    });
    let mut dated: Vec<_> = dated.collect();
    dated.sort();
    dated.into_iter().rev().map(|(_, path)| path).collect()
}

/// Deletes all but the `most` files of `folder` written last.
pub(super) fn keep_newest(folder: &Path, most: usize) {
    newest_first(folder).iter().skip(most).for_each(|path| drop(fs::remove_file(path)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_file_counts() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("cache/one");
        assert_eq!(read(&path, b"magic\n"), None);
        write(&path, b"magic\n", &[b"ab", b"c"]);
        assert_eq!(read(&path, b"magic\n").as_deref(), Some(&b"abc"[..]));
        assert_eq!(read(&path, b"other\n"), None);
        let other = scratch.path().join("cache/two");
        fs::copy(&path, &other).unwrap();
        assert_eq!(read(&other, b"magic\n"), None);
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 1;
            fs::write(&path, &broken).unwrap();
            assert_eq!(read(&path, b"magic\n"), None, "byte {at} flipped");
            fs::write(&path, &bytes[..at]).unwrap();
            assert_eq!(read(&path, b"magic\n"), None, "cut at {at}");
        }
    }

    #[test]
    fn nowhere_to_write_is_no_fault() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("cache");
        fs::write(&path, "a file where the folder should be").unwrap();
        write(&path.join("one"), b"magic\n", &[b"a"]);
        assert_eq!(read(&path.join("one"), b"magic\n"), None);
    }

    #[test]
    fn the_newest_are_left() {
        let scratch = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            fs::write(scratch.path().join(name), name).unwrap();
        }
        keep_newest(scratch.path(), 2);
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 2);
    }
}
