//! Signatures read back: the signature files of records, snapshots and commits, each checked against what it is to sign.
//!
//! That a key signed just these bytes never changes, so what `ssh-keygen` found good is kept in
//! `.git/hitl/cache/signatures/<aa>`, by what was signed and the signature's blob. What it refuses is asked again: a newer
//! one may know more keys.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::kept::pack::{self, Reader};
use super::{Dataset, Error, LEDGER, SNAPSHOTS, kept, read};
use crate::authority::Signatures;
use crate::base::{Digest, ssh};
use crate::manifest::{self, Part};
use crate::record::{Purpose, RecordId, Signature, signed_record, signed_snapshot};
use crate::signing;
use crate::store::{CommitSignature, Oid, TreeFile};

/// The first bytes of a kept file: what it is, and the version of its layout.
const MAGIC: &[u8] = b"hitl signatures 1\n";

/// One thing is signed by at most this many keys: what a check costs is for nobody to choose who only adds files.
pub const MAX_SIGNATURES: usize = 64;

/// What is wrong with a signature that lies where another key's is to lie.
const OTHERS: &str = "made by another key than its name says";

/// A signature file, and what a check of it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFile {
    /// From the repository's root.
    pub path: String,
    /// The record it signs; none of a snapshot's.
    pub record: Option<RecordId>,
    /// What was found.
    pub signature: Signature,
}

/// A signature file to be checked.
struct Unchecked {
    file: TreeFile,
    record: Option<RecordId>,
    /// SHA-256 of the public key, by the file's name.
    named: Digest,
    purpose: Purpose,
    message: Vec<u8>,
}

/// What was signed, and the signature.
type Key = (Digest, Oid);

/// Good signatures: the keys that made them.
type Good = BTreeMap<Key, Digest>;

/// What signatures were found to be.
struct Found {
    good: Good,
    /// Why each of the others is none.
    bad: BTreeMap<Key, String>,
}

impl Unchecked {
    fn key(&self) -> Key {
        (Digest::tagged(self.purpose.namespace(), &[&self.message]), self.file.blob.clone())
    }

    /// Returns the key that made the signature of these bytes, or why it is not good. No program is asked about one that
    /// names another key itself.
    fn check(&self, bytes: &[u8]) -> Result<Result<Digest, String>, signing::Error> {
        let short = bytes.len() <= signing::MAX_BYTES;
        if short && ssh::signer(bytes).is_some_and(|by| by != self.named) {
            return Ok(Err(OTHERS.to_owned()));
        }
        signing::check(self.purpose, &self.message, bytes)
    }
}

/// Returns where the signature of the snapshot `name` by the key of `fingerprint` lies: beside its lock.
pub fn snapshot_signature_path(name: &str, fingerprint: Digest) -> String {
    format!("{SNAPSHOTS}/{name}.{fingerprint}.sig")
}

/// Returns the snapshot that the signature file at `path` signs, and the key it names.
pub fn snapshot_of_signature(path: &str) -> Option<(&str, Digest)> {
    let stem = path.strip_prefix(SNAPSHOTS)?.strip_prefix('/')?.strip_suffix(".sig")?;
    let (name, fingerprint) = stem.split_once('.')?;
    Some((name, fingerprint.parse().ok()?))
}

impl Dataset {
    /// Returns the signatures of the records of `commit`'s ledger, or of those of `only`, checked; records without any
    /// are left out.
    ///
    /// # Errors
    /// Git could not list the tree, or there are signatures and no `ssh-keygen` that checks them.
    pub fn signatures(&self, commit: &Oid, only: Option<&BTreeSet<RecordId>>) -> Result<Signatures, Error> {
        let files = self.of_records(commit, only)?;
        self.by_record(files)
    }

    fn by_record(&self, files: Vec<Unchecked>) -> Result<Signatures, Error> {
        let mut signatures = Signatures::new();
        for file in self.checked(files, true)? {
            let record = file.record.expect("these are of records");
            signatures.entry(record).or_default().push(file.signature);
        }
        Ok(signatures)
    }

    /// Returns the signatures of the records whose manifests lie at `paths` of `commit`, checked. Only the folders of these
    /// are listed.
    ///
    /// # Errors
    /// As [`Dataset::signatures`].
    pub fn signatures_beside(&self, commit: &Oid, paths: &[String]) -> Result<Signatures, Error> {
        let folders: BTreeSet<&str> =
            paths.iter().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
        let wanted: BTreeSet<RecordId> =
            paths.iter().filter_map(|path| Some(manifest::record_of_path(path)?.id)).collect();
        let mut files = Vec::new();
        for folder in folders {
            let plain = self.store().files(commit, folder)?.into_iter().filter(|file| file.mode == 0o100_644);
            let named = plain.filter_map(|file| Some((manifest::record_of_path(&file.path)?.id, file)));
            files.extend(
                named.filter(|(id, _)| wanted.contains(id)).filter_map(|(id, file)| of_record(id, file)),
            );
        }
        self.by_record(files)
    }

    /// Returns the signatures of the snapshot `name` of `commit`, checked.
    ///
    /// # Errors
    /// As [`Dataset::signatures`].
    pub fn snapshot_signatures(&self, commit: &Oid, name: &str) -> Result<Vec<Signature>, Error> {
        let files = self.of_snapshots(commit, Some(name))?;
        Ok(self.checked(files, true)?.into_iter().map(|file| file.signature).collect())
    }

    /// Returns every signature file of `commit` that lies beside what it signs, by path, checked anew: what is kept proves
    /// nothing.
    ///
    /// # Errors
    /// As [`Dataset::signatures`].
    pub fn signature_files(&self, commit: &Oid) -> Result<Vec<SignatureFile>, Error> {
        let mut files = self.of_records(commit, None)?;
        files.extend(self.of_snapshots(commit, None)?);
        files.sort_by(|a, b| a.file.path.cmp(&b.file.path));
        self.checked(files, false)
    }

    /// Returns the record's signature that lay at `path` with this blob, checked; `None` where that is no such path.
    ///
    /// # Errors
    /// There is no `ssh-keygen` that checks it.
    pub fn signature_at(&self, path: &str, blob: &Oid) -> Result<Option<Signature>, Error> {
        let Some(named) = manifest::record_of_path(path) else { return Ok(None) };
        let file = TreeFile { path: path.to_owned(), blob: blob.clone(), mode: 0o100_644 };
        let file = of_record(named.id, file).into_iter().collect();
        Ok(self.checked(file, false)?.pop().map(|file| file.signature))
    }

    /// Returns who signed `commit`, checked; `None` where it is not signed, or not by a plain SSH key.
    ///
    /// # Errors
    /// The commit could not be read, or there is no `ssh-keygen` that checks it.
    pub fn commit_signer(&self, commit: &Oid) -> Result<Option<Signature>, Error> {
        let Some(CommitSignature { payload, signature }) = self.store().commit_signature(commit)? else {
            return Ok(None);
        };
        let Some(fingerprint) = ssh::signer(&signature) else { return Ok(None) };
        let fault = signing::check(Purpose::Commit, &payload, &signature)?.err();
        Ok(Some(Signature { fingerprint, fault }))
    }

    fn of_records(&self, commit: &Oid, only: Option<&BTreeSet<RecordId>>) -> Result<Vec<Unchecked>, Error> {
        let (entries, _) = read::entries(self.store().files(commit, LEDGER)?);
        let wanted = entries.into_iter().filter(|entry| only.is_none_or(|only| only.contains(&entry.id)));
        let files = wanted.flat_map(|entry| entry.signatures.into_iter().map(move |file| (entry.id, file)));
        Ok(files.filter_map(|(id, file)| of_record(id, file)).collect())
    }

    fn of_snapshots(&self, commit: &Oid, only: Option<&str>) -> Result<Vec<Unchecked>, Error> {
        let mut locks: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut found = Vec::new();
        for file in self.store().files(commit, SNAPSHOTS)?.into_iter().filter(|file| file.mode == 0o100_644) {
            let Some((name, named)) = snapshot_of_signature(&file.path) else { continue };
            if only.is_some_and(|only| only != name) {
                continue;
            }
            let path = format!("{SNAPSHOTS}/{name}.yaml");
            if !locks.contains_key(&path) {
                let Some(bytes) = self.store().file(commit, &path)? else { continue };
                locks.insert(path.clone(), bytes);
            }
            let message = signed_snapshot(&locks[&path]);
            found.push(Unchecked { file, record: None, named, purpose: Purpose::Snapshot, message });
        }
        Ok(found)
    }

    /// Checks signature files side by side, all those of what they sign; with `kept`, those found good before are not
    /// checked again. Where there are more than [`MAX_SIGNATURES`] of one thing, none of them is looked at.
    fn checked(&self, files: Vec<Unchecked>, kept: bool) -> Result<Vec<SignatureFile>, Error> {
        let keys: Vec<Key> = files.iter().map(Unchecked::key).collect();
        let mut beside: BTreeMap<Digest, usize> = BTreeMap::new();
        keys.iter().for_each(|(signed, _)| *beside.entry(*signed).or_default() += 1);
        let told = |(file, key): (Unchecked, Key), found: &Found| {
            let fault = match (beside[&key.0], found.good.get(&key)) {
                (many, _) if many > MAX_SIGNATURES => Some(format!(
                    "it lies beside {} others, and at most {MAX_SIGNATURES} are looked at",
                    many - 1
                )),
                (_, Some(by)) if *by == file.named => None,
                (_, Some(_)) => Some(OTHERS.to_owned()),
                (_, None) => found.bad.get(&key).cloned(),
            };
            let signature = Signature { fingerprint: file.named, fault };
            SignatureFile { path: file.file.path, record: file.record, signature }
        };
        let few = files.iter().zip(&keys).filter(|(_, key)| beside[&key.0] <= MAX_SIGNATURES);
        let found = self.found(&few.collect::<Vec<_>>(), kept)?;
        Ok(files.into_iter().zip(keys).map(|both| told(both, &found)).collect())
    }

    /// Returns what each signature was found to be.
    fn found(&self, files: &[(&Unchecked, &Key)], kept: bool) -> Result<Found, Error> {
        let folder = self.store().cache_dir().join("signatures");
        let keys = files.iter().map(|(_, key)| *key);
        let mut good = if kept { read_good(&folder, keys) } else { BTreeMap::new() };
        // Git's objects are read by one thread.
        let open = files.iter().filter(|(_, key)| !good.contains_key(*key));
        let open: Vec<_> = open.map(|(file, key)| (file, key, self.store().blob(&file.file.blob))).collect();
        let verdicts: Vec<Result<Digest, String>> = open
            .par_iter()
            .map(|(file, _, bytes)| match bytes {
                Ok(bytes) => file.check(bytes),
                Err(error) => Ok(Err(error.to_string())),
            })
            .collect::<Result<_, _>>()?;
        let (mut new, mut bad) = (Good::new(), BTreeMap::new());
        for ((_, key, _), verdict) in open.into_iter().zip(verdicts) {
            match verdict {
                Ok(by) => drop(new.insert((*key).clone(), by)),
                Err(why) => drop(bad.insert((*key).clone(), why)),
            }
        }
        if kept {
            write_good(&folder, &new);
        }
        good.append(&mut new);
        Ok(Found { good, bad })
    }
}

fn of_record(id: RecordId, file: TreeFile) -> Option<Unchecked> {
    let Part::Signature(named) = manifest::record_of_path(&file.path)?.part else { return None };
    let message = signed_record(id);
    Some(Unchecked { file, record: Some(id), named, purpose: Purpose::Record, message })
}

/// Returns where what is known of `key` is kept.
fn kept_path(folder: &Path, key: &Key) -> PathBuf {
    folder.join(key.0.short(2))
}

/// Returns what is kept in the files that `keys` fall into.
fn read_good<'k>(folder: &Path, keys: impl IntoIterator<Item = &'k Key>) -> Good {
    let paths: BTreeSet<PathBuf> = keys.into_iter().map(|key| kept_path(folder, key)).collect();
    let read = |path: PathBuf| unpack(&kept::read(&path, MAGIC)?);
    paths.into_iter().filter_map(read).flatten().collect()
}

/// Adds to what is kept.
fn write_good(folder: &Path, new: &Good) {
    let mut by_path: BTreeMap<PathBuf, Good> = BTreeMap::new();
    for (key, by) in new {
        by_path.entry(kept_path(folder, key)).or_default().insert(key.clone(), *by);
    }
    for (path, new) in by_path {
        let mut all = kept::read(&path, MAGIC).and_then(|body| unpack(&body)).unwrap_or_default();
        all.extend(new);
        kept::write(&path, MAGIC, &[&pack(&all)]);
    }
}

fn pack(good: &Good) -> Vec<u8> {
    let mut out = Vec::new();
    for ((signed, blob), by) in good {
        out.extend_from_slice(&signed.0);
        pack::text(&mut out, Some(&blob.0));
        out.extend_from_slice(&by.0);
    }
    out
}

fn unpack(body: &[u8]) -> Option<Good> {
    let (mut reader, mut good) = (Reader::new(body), BTreeMap::new());
    while !reader.is_done() {
        let key = (reader.digest()?, Oid(reader.some_text()?.to_owned()));
        good.insert(key, reader.digest()?);
    }
    Some(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_good_is_kept_and_nothing_else() {
        let scratch = tempfile::tempdir().unwrap();
        let key = |n: u8| ((Digest::of(&[n])), Oid(format!("{n:040x}")));
        let keys: Vec<Key> = (0..40).map(key).collect();
        let by = Digest::of(b"a key");
        write_good(scratch.path(), &keys[..20].iter().map(|key| (key.clone(), by)).collect());
        write_good(scratch.path(), &keys[20..30].iter().map(|key| (key.clone(), by)).collect());
        let good = read_good(scratch.path(), &keys);
        assert!(keys[..30].iter().all(|key| good.get(key) == Some(&by)) && good.len() == 30);
        assert_eq!(
            read_good(scratch.path(), &keys[30..]).keys().filter(|key| keys[30..].contains(key)).count(),
            0
        );
        let path = kept_path(scratch.path(), &keys[0]);
        std::fs::write(&path, &std::fs::read(&path).unwrap()[1..]).unwrap();
        assert!(!read_good(scratch.path(), &keys[..1]).contains_key(&keys[0]), "a damaged file is none");
    }

    #[test]
    fn a_snapshot_and_its_signature_name_each_other() {
        let key = Digest::of(b"a key");
        let path = snapshot_signature_path("v1", key);
        assert_eq!(snapshot_of_signature(&path), Some(("v1", key)));
        for other in [&path[1..], "snapshots/v1.yaml", "snapshots/v1.sig", &path.replace("v1.", "v1.2.")] {
            assert_eq!(snapshot_of_signature(other), None, "{other}");
        }
    }
}
