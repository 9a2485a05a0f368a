//! `textconv`: a shard's bytes → its rows, for Git's own diffs.
//!
//! Git runs this on a copy of each side and gives up the whole diff when it fails, so that whatever keeps a shard from
//! being read is an answer like any other.

use std::path::Path;

use crate::base::Digest;
use crate::shard::{Error, Limits, ShardRows};
use crate::store::{LfsPointer, Store};

/// What the bytes are.
pub enum Content {
    /// A shard, of which some rows may yet turn out damaged.
    Rows(Box<ShardRows>),
    /// A Git LFS pointer whose object is not in this repository.
    Absent(LfsPointer),
    /// Neither.
    Unreadable(String),
}

/// Looks into `bytes`; what a Git LFS pointer stands for is looked for in the repository around `dir`.
pub fn textconv(bytes: Vec<u8>, dir: &Path) -> Content {
    let Some(pointer) = LfsPointer::parse(&bytes) else { return rows(bytes) };
    let store = Store::discover(dir);
    let object = store.and_then(|store| store.lfs_object(&pointer));
    match object.ok().map(std::fs::read) {
        Some(Ok(object)) if object.len() as u64 == pointer.bytes && Digest::of(&object) == pointer.sha256 => {
            rows(object)
        }
        Some(Ok(_)) => Content::Unreadable(format!(
            "the Git LFS object {} is damaged; `git lfs fsck` mends it",
            pointer.sha256
        )),
        _ => Content::Absent(pointer),
    }
}

fn rows(bytes: Vec<u8>) -> Content {
    match ShardRows::open(bytes, Limits::SHARD) {
        Ok(rows) => Content::Rows(Box::new(rows)),
        Err(Error::LfsPointer) => Content::Unreadable("damaged Git LFS pointer".to_owned()),
        Err(error) => Content::Unreadable(error.to_string()),
    }
}
