//! The item index: which items each record is about, kept in `.git/hitl/cache/items/<record id>`.
//!
//! In: a record's rows; out: the first 64 bits of the SHA-256 of each of its items, sorted. An index only says which
//! shards need not be read, and never what they hold: a hit too many costs time, but a missing one would be a wrong
//! answer. So a file counts only when it was made of exactly this shard and is whole; any other is made anew. All of
//! it may be deleted at any time, and where nothing can be written everything works without.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use crate::base::Digest;
use crate::record::{RecordId, Rows, col};
use crate::store::Store;

/// The first bytes of an index: what it is, and the version of its layout.
const MAGIC: &[u8] = b"hitl items 1\n";
/// Bytes of a digest.
const DIGEST: usize = 32;

/// The items of a set of rows, each as 64 bits of its digest; sorted, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefixes(Vec<u64>);

impl Prefixes {
    pub(super) fn of<'a>(items: impl IntoIterator<Item = &'a str>) -> Self {
        let mut last = None;
        let mut prefixes = Vec::new();
        for item in items {
            // Rows are sorted by item.
            if last != Some(item) {
                let [a, b, c, d, e, f, g, h, ..] = Digest::of(item.as_bytes()).0;
                prefixes.push(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
            }
            last = Some(item);
        }
        prefixes.sort_unstable();
        prefixes.dedup();
        Self(prefixes)
    }

    /// Returns those of `rows`.
    pub(super) fn of_rows(rows: &Rows) -> Self {
        Self::of(rows.texts(col::ITEM).iter().flatten())
    }

    /// Whether some item may be in both; when not, none is.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let (mut mine, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (mine.peek(), theirs.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => mine.next(),
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => theirs.next(),
            };
        }
        false
    }
}

/// The indexes of one repository.
#[derive(Clone, Debug)]
pub(super) struct ItemCache {
    folder: PathBuf,
}

impl ItemCache {
    pub(super) fn of(store: &Store) -> Self {
        Self { folder: store.cache_dir().join("items") }
    }

    /// Returns the index of the record `id`, whose shard has this digest; `None` when there is none that counts.
    pub(super) fn read(&self, id: RecordId, shard: Digest) -> Option<Prefixes> {
        let bytes = fs::read(self.folder.join(id.to_string())).ok()?;
        let (body, checksum) = bytes.split_at_checked(bytes.len().checked_sub(DIGEST)?)?;
        let prefixes = body.strip_prefix(MAGIC)?.strip_prefix(&shard.0)?;
        if Digest::of(body).0 != *checksum {
            return None;
        }
        let (prefixes, rest) = prefixes.as_chunks::<8>();
        rest.is_empty().then(|| Prefixes(prefixes.iter().map(|bytes| u64::from_be_bytes(*bytes)).collect()))
    }

    /// Keeps the index of the record `id`, if that is possible: it is a help, not an obligation.
    pub(super) fn write(&self, id: RecordId, shard: Digest, prefixes: &Prefixes) {
        let mut bytes = Vec::with_capacity(MAGIC.len() + 2 * DIGEST + 8 * prefixes.0.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&shard.0);
        prefixes.0.iter().for_each(|prefix| bytes.extend_from_slice(&prefix.to_be_bytes()));
        let checksum = Digest::of(&bytes);
        bytes.extend_from_slice(&checksum.0);
        // Named when whole, so that nobody reads half of one.
        let kept = fs::create_dir_all(&self.folder).and_then(|()| {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(&bytes)?;
            file.persist(self.folder.join(id.to_string()))?;
            Ok(())
        });
        drop(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> (tempfile::TempDir, ItemCache) {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("cache/items");
        (scratch, ItemCache { folder })
    }

    #[test]
    fn an_index_reads_back_and_meets_what_it_shares() {
        let (_scratch, cache) = cache();
        let (id, shard) = (RecordId::of(b"one"), Digest::of(b"shard"));
        let index = Prefixes::of(["a", "a", "b", "d"]);
        assert_eq!(cache.read(id, shard), None);
        cache.write(id, shard, &index);
        assert_eq!(cache.read(id, shard), Some(index.clone()));
        assert!(index.meets(&Prefixes::of(["c", "d"])));
        assert!(!index.meets(&Prefixes::of(["c", "e"])));
        assert!(!index.meets(&Prefixes::of([])));
        cache.write(id, shard, &Prefixes::of([]));
        assert_eq!(cache.read(id, shard), Some(Prefixes::of([])));
    }

    #[test]
    fn only_a_whole_index_of_this_shard_counts() {
        let (_scratch, cache) = cache();
        let (id, shard) = (RecordId::of(b"one"), Digest::of(b"shard"));
        cache.write(id, shard, &Prefixes::of(["a", "b", "c"]));
        assert_eq!(cache.read(id, Digest::of(b"another shard")), None);
        let path = cache.folder.join(id.to_string());
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 1;
            fs::write(&path, &broken).unwrap();
            assert_eq!(cache.read(id, shard), None, "byte {at} flipped");
            fs::write(&path, &bytes[..at]).unwrap();
            assert_eq!(cache.read(id, shard), None, "cut at {at}");
        }
        let grown = [&bytes[..], &[0; 8]].concat();
        fs::write(&path, grown).unwrap();
        assert_eq!(cache.read(id, shard), None);
    }

    #[test]
    fn nowhere_to_write_is_no_fault() {
        let (scratch, cache) = cache();
        fs::write(scratch.path().join("cache"), "a file where the folder should be").unwrap();
        let (id, shard) = (RecordId::of(b"one"), Digest::of(b"shard"));
        cache.write(id, shard, &Prefixes::of(["a"]));
        assert_eq!(cache.read(id, shard), None);
    }
}
