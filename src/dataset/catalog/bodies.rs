//! Bodies: packed manifests end to end, in files that are written once. Each has a checksum of its own, which begins
//! with its record's id, so that reading one reads nothing else. Where they lie, lists say.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::list;
use crate::record::RecordId;

/// Bytes of a checksum.
const CHECK: usize = 4;
/// Files there may be before those that no list names are deleted.
const MANY: usize = 32;

/// A file of bodies, as a list names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BodyFile {
    pub(super) name: String,
    pub(super) len: u64,
}

/// Where a body lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which of the list's files.
    pub(super) file: u32,
    pub(super) start: u64,
    /// Its bytes, without the checksum.
    pub(super) len: u32,
}

/// A file of bodies, open for reading. One in which a body is damaged is deleted: no list that names it counts then.
pub(super) struct Bodies {
    file: File,
    path: PathBuf,
    len: u64,
}

impl Bodies {
    /// Opens a file; `None` where it is not there, or not as long as the list says.
    pub(super) fn open(cache: &Path, file: &BodyFile) -> Option<Self> {
        let path = folder(cache).join(&file.name);
        let opened = File::open(&path).ok()?;
        (opened.metadata().ok()?.len() == file.len).then_some(Self { file: opened, path, len: file.len })
    }

    /// Reads one body; `None` where it is damaged.
    pub(super) fn read(&self, id: &RecordId, place: &Place) -> Option<Vec<u8>> {
        let mut bytes = vec![0; place.len as usize + CHECK];
        let read = self.file.read_exact_at(&mut bytes, place.start).is_ok();
        let body = bytes.len() - CHECK;
        if !read || checksum(id, &bytes[..body]) != bytes[body..] {
            drop(fs::remove_file(&self.path));
            return None;
        }
        bytes.truncate(body);
        Some(bytes)
    }

    /// Returns one body of all `bytes` of the file; `None` where it is damaged.
    pub(super) fn of<'a>(&self, bytes: &'a [u8], id: &RecordId, place: &Place) -> Option<&'a [u8]> {
        let found = || {
            let bytes = bytes.get(usize::try_from(place.start).ok()?..)?;
            let (body, check) = bytes.get(..place.len as usize + CHECK)?.split_at(place.len as usize);
            (checksum(id, body) == check).then_some(body)
        };
        found().or_else(|| fs::remove_file(&self.path).err().and(None))
    }

    /// Reads all bytes.
    pub(super) fn whole(&self) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(self.len).ok()?];
        self.file.read_exact_at(&mut bytes, 0).ok()?;
        Some(bytes)
    }
}

/// Appends a body.
pub(super) fn append(out: &mut Vec<u8>, id: &RecordId, body: &[u8]) {
    out.extend_from_slice(body);
    out.extend_from_slice(&checksum(id, body));
}

fn checksum(id: &RecordId, body: &[u8]) -> [u8; CHECK] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&id.0.0);
    hasher.update(body);
    hasher.finalize().to_le_bytes()
}

/// Keeps bodies in a new file.
pub(super) fn write(cache: &Path, bodies: &[u8]) -> std::io::Result<BodyFile> {
    let folder = folder(cache);
    fs::create_dir_all(&folder)?;
    let mut file = tempfile::Builder::new().prefix("").tempfile_in(folder)?;
    file.write_all(bodies)?;
    let (_, path) = file.keep()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(BodyFile { name, len: bodies.len() as u64 })
}

/// Deletes the files that no kept list names, once there are many.
pub(super) fn keep_named(cache: &Path) {
    let files: Vec<PathBuf> =
        fs::read_dir(folder(cache)).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    if files.len() <= MANY {
        return;
    }
    let named: BTreeSet<String> = list::named(cache);
    let is_named = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| named.contains(name))
    };
    files.iter().filter(|path| !is_named(path)).for_each(|path| drop(fs::remove_file(path)));
}

fn folder(cache: &Path) -> PathBuf {
    cache.join("manifests")
}
