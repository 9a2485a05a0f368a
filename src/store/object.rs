//! Objects: blobs, trees and the commit, written so that they survive a power cut.
//!
//! Git writes them (`hash-object` without filters, `commit-tree`); their ids are computed here first and compared.
//! Git syncs files but no folders, and skips an object that is there unsynced already, so each is synced once more.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{ObjectType, Oid as GitOid};
use rayon::prelude::*;

use super::journal::{Journal, Prepared};
use super::program::{line, succeed, words};
use super::read::{Ident, below};
use super::{Error, Oid, Store, durable};

/// New trees, as bytes by id.
type Trees = BTreeMap<GitOid, Vec<u8>>;

/// Trees that were written.
pub(super) struct Written {
    /// The one that holds all others.
    pub root: Oid,
    all: Vec<Oid>,
}

/// After this the kernel has written what was not synced (30 seconds by default, and some for a slow disk).
const SETTLED: Duration = Duration::from_secs(120);

/// Command lines stay well below what the system takes.
pub(super) const PER_CALL: usize = 256;

/// From so many bytes on, the time to compress them is noticed.
const LARGE: u64 = 1 << 20;

impl Store {
    /// Writes the staged files as blobs where they are gone: nothing refers to them yet, and garbage is collected.
    pub(super) fn keep_blobs(&self, journal: &Journal) -> Result<(), Error> {
        if journal.files.iter().all(|file| self.has_object(&file.blob)) {
            return Ok(());
        }
        self.write_blobs(journal)?;
        self.sync_objects(journal.files.iter().map(|file| &file.blob))
    }

    /// Writes the staged files as blobs; they are synced with the commit.
    pub(super) fn write_blobs(&self, journal: &Journal) -> Result<(), Error> {
        let stage = self.stage_of(journal);
        let paths: Vec<PathBuf> = (0..journal.files.len()).map(|n| stage.join(n.to_string())).collect();
        let ids: Vec<&Oid> = journal.files.iter().map(|file| &file.blob).collect();
        self.write_objects("blob", &paths, &ids)
    }

    /// Makes the commit of the journal's files on top of `parent`, whatever the index holds, syncs all that is new in
    /// it, and returns it.
    pub(super) fn write_commit(&self, journal: &Journal, parent: Option<Oid>) -> Result<Prepared, Error> {
        let trees = self.write_trees(journal, parent.as_ref())?;
        let mut args = Vec::new();
        if journal.sign && self.signs_by_ssh_unsaid()? {
            args.extend(["-c".to_owned(), "gpg.format=ssh".to_owned()]);
        }
        args.extend(["commit-tree".to_owned(), trees.root.0]);
        args.extend(parent.iter().flat_map(|parent| ["-p".to_owned(), parent.0.clone()]));
        if journal.sign {
            args.push("-S".to_owned());
        }
        let variables = identity_variables(&journal.author, &journal.committer);
        let output = self.git.write(&args, &variables, Some(journal.message.as_bytes()))?;
        if !output.status.success() {
            let message = words(&output.stderr);
            return Err(match journal.sign {
                true => Error::SigningFailed { output: message },
                false => Error::Git { context: "making the commit".to_owned(), message },
            });
        }
        let commit = Oid(line(&output.stdout));
        let blobs = journal.files.iter().map(|file| &file.blob);
        self.sync_objects(blobs.chain(&trees.all).chain([&commit]))?;
        Ok(Prepared { parent, commit })
    }

    /// Writes the tree of `parent` with the journal's files in it; it is synced with the commit.
    pub(super) fn write_trees(&self, journal: &Journal, parent: Option<&Oid>) -> Result<Written, Error> {
        let (root, trees) = self.new_trees(journal, parent)?;
        let stage = self.stage_of(journal);
        let mut paths = Vec::with_capacity(trees.len());
        for (position, bytes) in trees.values().enumerate() {
            let path = stage.join(format!("tree-{position}"));
            fs::write(&path, bytes).map_err(Error::io(&path))?;
            paths.push(path);
        }
        let all: Vec<Oid> = trees.keys().map(|id| Oid(id.to_string())).collect();
        self.write_objects("tree", &paths, &all.iter().collect::<Vec<_>>())?;
        Ok(Written { root: Oid(root.to_string()), all })
    }

    /// Returns the tree of `parent` with the journal's files in it, and every tree that is new for it; refuses where a
    /// file and a folder claim one name.
    pub(super) fn new_trees(
        &self,
        journal: &Journal,
        parent: Option<&Oid>,
    ) -> Result<(GitOid, Trees), Error> {
        let base = match parent {
            Some(parent) => Some(self.find_commit(self.git_id(parent)?)?.tree_id()),
            None => None,
        };
        let mut files = BTreeMap::new();
        for file in &journal.files {
            files.insert(file.path.as_str(), self.git_id(&file.blob)?);
        }
        let mut trees = BTreeMap::new();
        let root = self.grow(base, "", &files, &mut trees)?;
        Ok((root, trees))
    }

    /// Puts `files` into the tree `base`, adding each new tree's bytes to `trees`; returns the tree's id.
    fn grow(
        &self,
        base: Option<GitOid>,
        folder: &str,
        files: &BTreeMap<&str, GitOid>,
        trees: &mut Trees,
    ) -> Result<GitOid, Error> {
        let mut entries: BTreeMap<Vec<u8>, (i32, GitOid)> = BTreeMap::new();
        if let Some(base) = base {
            for entry in &self.tree(base)? {
                entries.insert(entry.name_bytes().to_vec(), (entry.filemode_raw(), entry.id()));
            }
        }
        let mut folders: BTreeMap<&str, BTreeMap<&str, GitOid>> = BTreeMap::new();
        for (path, blob) in files {
            match path.split_once('/') {
                Some((name, rest)) => {
                    folders.entry(name).or_default().insert(rest, *blob);
                }
                None => {
                    let kept = entries.get(path.as_bytes()).map(|(mode, _)| *mode);
                    if kept == Some(FOLDER) {
                        return Err(Error::PathTaken { path: below(folder, path), what: "a folder" });
                    }
                    let mode = kept.filter(|mode| mode & KIND == PLAIN & KIND).unwrap_or(PLAIN);
                    entries.insert(path.as_bytes().to_vec(), (mode, *blob));
                }
            }
        }
        for (name, files) in folders {
            let path = below(folder, name);
            let inner = match entries.get(name.as_bytes()) {
                Some((FOLDER, id)) => Some(*id),
                Some(_) => return Err(Error::PathTaken { path, what: "a file where a folder must be" }),
                None => None,
            };
            let tree = self.grow(inner, &path, &files, trees)?;
            entries.insert(name.as_bytes().to_vec(), (FOLDER, tree));
        }
        let bytes = tree_bytes(entries);
        let id = GitOid::hash_object_ext(ObjectType::Tree, &bytes, self.layout.format)
            .expect("hashing bytes in memory cannot fail");
        trees.insert(id, bytes);
        Ok(id)
    }

    fn write_objects(&self, kind: &str, paths: &[PathBuf], ids: &[&Oid]) -> Result<(), Error> {
        // Shards are compressed: large ones are not compressed once more. Git does so when it packs them.
        let bytes: u64 = paths.iter().filter_map(|path| fs::metadata(path).ok()).map(|file| file.len()).sum();
        let level: &[&str] = if bytes < LARGE { &[] } else { &["-c", "core.looseCompression=0"] };
        let hash = ["hash-object", "-w", "--no-filters", "-t", kind, "--"];
        let per_call = if bytes < LARGE { PER_CALL } else { paths.len().div_ceil(2).min(PER_CALL) };
        let git = &self.git;
        let write = |(paths, ids): (&[PathBuf], &[&Oid])| {
            let mut args: Vec<OsString> = level.iter().chain(&hash).map(OsString::from).collect();
            args.extend(paths.iter().map(OsString::from));
            let written = succeed("writing objects", git.write(&args, &[], None)?)?;
            let written = String::from_utf8_lossy(&written).into_owned();
            if !written.lines().eq(ids.iter().map(|id| id.0.as_str())) {
                let why = "git gave a staged file another id than hitl".to_owned();
                return Err(Error::Damaged { what: format!("a {kind}"), why });
            }
            Ok(())
        };
        paths.par_chunks(per_call).zip(ids.par_chunks(per_call)).try_for_each(write)
    }

    /// Syncs loose objects, their folders, and the folder of packs, where git puts very large ones.
    fn sync_objects<'i>(&self, ids: impl Iterator<Item = &'i Oid>) -> Result<(), Error> {
        let loose: Vec<PathBuf> = ids.map(|id| Path::new(&id.0[..2]).join(&id.0[2..])).collect();
        for path in &loose {
            durable::sync_file(&self.layout.objects.join(path))?;
        }
        durable::sync_dirs_of(&self.layout.objects, loose.iter().map(PathBuf::as_path))?;
        durable::sync_dir(&self.layout.objects.join("pack"))
    }
}

impl Store {
    fn synced_path(&self) -> PathBuf {
        self.layout.hitl().join("synced")
    }

    /// Notes that everything up to `commit` is on the disk. Only saves work; losing it is no fault.
    pub(super) fn note_synced(&self, commit: &Oid) {
        let _ = fs::write(self.synced_path(), &commit.0);
    }

    /// Syncs what others committed up to `commit`: git does not, and a commit on top of one whose objects a power cut
    /// empties is lost with it. What is older than [`SETTLED`] the system has written out by itself.
    pub(super) fn sync_others(&self, commit: &Oid) -> Result<(), Error> {
        if fs::read(self.synced_path()).is_ok_and(|noted| noted == commit.0.as_bytes()) {
            return Ok(());
        }
        // The lock was written to when it was taken: its time is now, by the file system's own clock.
        let modified = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
        let now = modified(&self.layout.hitl().join("lock"));
        let is_recent = |path: &Path| match (now, modified(path)) {
            (Some(now), Some(time)) => now.duration_since(time).is_ok_and(|age| age < SETTLED) || time > now,
            _ => true,
        };
        let recent = |dir: &Path| -> Result<Vec<PathBuf>, Error> {
            let entries = match fs::read_dir(dir) {
                Ok(entries) => entries,
                // A garbage collection emptied and removed it.
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(Error::Io { path: dir.to_path_buf(), source: error }),
            };
            let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
            Ok(paths.filter(|path| is_recent(path)).collect())
        };
        for folder in recent(&self.layout.objects)?.into_iter().filter(|path| path.is_dir()) {
            for object in recent(&folder)?.into_iter().filter(|path| path.is_file()) {
                durable::sync_file(&object)?;
            }
            durable::sync_dir(&folder)?;
        }
        durable::sync_dir(&self.layout.objects)
    }
}

/// The variables that make git use exactly these identities and times.
pub(super) fn identity_variables(author: &Ident, committer: &Ident) -> [(&'static str, String); 6] {
    [
        ("GIT_AUTHOR_NAME", author.name.clone()),
        ("GIT_AUTHOR_EMAIL", author.email.clone()),
        ("GIT_AUTHOR_DATE", format!("@{}", author.date)),
        ("GIT_COMMITTER_NAME", committer.name.clone()),
        ("GIT_COMMITTER_EMAIL", committer.email.clone()),
        ("GIT_COMMITTER_DATE", format!("@{}", committer.date)),
    ]
}

const PLAIN: i32 = 0o100_644;
/// The bits of a mode that tell a file from a link.
const KIND: i32 = 0o170_000;
const FOLDER: i32 = 0o040_000;

/// Writes a tree as git does: a folder's name sorts as if it ended in `/`.
fn tree_bytes(entries: BTreeMap<Vec<u8>, (i32, GitOid)>) -> Vec<u8> {
    let mut entries: Vec<(Vec<u8>, i32, GitOid)> = entries
        .into_iter()
        .map(|(mut name, (mode, id))| {
            if mode == FOLDER {
                name.push(b'/');
            }
            (name, mode, id)
        })
        .collect();
    entries.sort();
    let mut bytes = Vec::new();
    for (name, mode, id) in &entries {
        bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
        bytes.extend_from_slice(name.strip_suffix(b"/").unwrap_or(name));
        bytes.push(0);
        bytes.extend_from_slice(id.as_bytes());
    }
    bytes
}
