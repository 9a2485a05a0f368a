//! Which commit brought each record, kept in `.git/hitl/cache/history/<commit>`.
//!
//! Asked of a commit, it is made from the last one kept where only ordinary commits lie between the two, and from all
//! of history otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::{Dataset, Error, LEDGER, kept};
use crate::manifest::{self, Part, RecordPath};
use crate::record::RecordId;
use crate::store::{CommitInfo, Oid};

/// The first bytes of a kept history: what it is, and the version of its layout.
const MAGIC: &[u8] = b"hitl history 3\n";
/// Histories kept.
const KEPT: usize = 4;
/// Ordinary commits that are looked at one by one; behind more of them, history is read as a whole.
const STEPS: usize = 1024;

/// The commit that brought each record, searched as it is kept: a [`HEAD`], the commits' ids end to end, and by record
/// its id and which of the commits.
struct Brought {
    body: Vec<u8>,
}

/// The bytes of a commit's id, and of all of them.
const HEAD: usize = 16;
/// Bytes of a record.
const ENTRY: usize = 32 + 4;

impl Brought {
    fn of(commits: &[Oid], records: &[(RecordId, u32)]) -> Self {
        let entry = |(id, commit): &(RecordId, u32)| [&id.0.0[..], &commit.to_le_bytes()].concat();
        let ids: Vec<u8> = commits.iter().flat_map(|commit| commit.0.bytes()).collect();
        Self::made(commits.first().map_or(0, |commit| commit.0.len()), &[&ids], records.iter().map(entry))
    }

    fn made<E: AsRef<[u8]>>(width: usize, ids: &[&[u8]], entries: impl Iterator<Item = E>) -> Self {
        let len: usize = ids.iter().map(|ids| ids.len()).sum();
        let mut body = Vec::with_capacity(HEAD + len + (len / width.max(1) + 1) * ENTRY);
        [width, len].iter().for_each(|number| body.extend_from_slice(&(*number as u64).to_le_bytes()));
        ids.iter().for_each(|ids| body.extend_from_slice(ids));
        entries.for_each(|entry| body.extend_from_slice(entry.as_ref()));
        Self { body }
    }

    /// Returns what is kept in `body`; `None` where that is not it.
    fn read(body: Vec<u8>) -> Option<Self> {
        let brought = Self { body };
        let number = |at: usize| Some(u64::from_le_bytes(*brought.body.get(at..)?.first_chunk()?));
        let whole =
            brought.body.get(HEAD..)?.len().checked_sub(usize::try_from(number(8)?).ok()?)? % ENTRY == 0;
        whole.then_some(brought)
    }

    fn number(&self, at: usize) -> usize {
        let bytes = self.body[at..].first_chunk().copied().unwrap_or_default();
        u64::from_le_bytes(bytes) as usize
    }

    /// Returns the bytes of a commit's id, and those of all of them.
    fn commits(&self) -> (usize, &[u8]) {
        (self.number(0), &self.body[HEAD..HEAD + self.number(8)])
    }

    /// Returns the records, by id.
    fn entries(&self) -> &[[u8; ENTRY]] {
        self.body[HEAD + self.number(8)..].as_chunks().0
    }

    fn get(&self, id: &RecordId) -> Option<Oid> {
        let entries = self.entries();
        let at = entries.binary_search_by(|entry| entry[..32].cmp(&id.0.0[..])).ok()?;
        let number = u32::from_le_bytes(*entries[at].last_chunk()?) as usize;
        let (width, commits) = self.commits();
        let commit = commits.get(number.checked_mul(width)?..)?.get(..width)?;
        String::from_utf8(commit.to_vec()).ok().map(Oid)
    }

    /// Returns the same where `commit` brought `ids`, whatever brought them before.
    fn and(&self, commit: &Oid, ids: &BTreeSet<RecordId>) -> Self {
        let (width, commits) = (commit.0.len(), self.commits().1);
        let number = (commits.len() / width) as u32;
        let mut entries: Vec<[u8; ENTRY]> = Vec::with_capacity(self.entries().len() + ids.len());
        let mut old = self.entries().iter().peekable();
        for id in ids {
            while let Some(entry) = old.next_if(|entry| entry[..32] < id.0.0[..]) {
                entries.push(*entry);
            }
            old.next_if(|entry| entry[..32] == id.0.0[..]);
            let mut entry = [0; ENTRY];
            entry[..32].copy_from_slice(&id.0.0);
            entry[32..].copy_from_slice(&number.to_le_bytes());
            entries.push(entry);
        }
        entries.extend(old);
        Self::made(width, &[commits, commit.0.as_bytes()], entries.iter())
    }
}

impl Dataset {
    /// Returns the commit that brought each of `ids` into the ledger of `commit`; those that were there already where
    /// history is cut off are left out.
    ///
    /// # Errors
    /// History could not be read.
    pub fn commits(
        &self,
        commit: Option<&Oid>,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Result<BTreeMap<RecordId, CommitInfo>, Error> {
        let Some(commit) = commit else { return Ok(BTreeMap::new()) };
        let brought = self.brought(commit)?;
        let mut infos: BTreeMap<Oid, CommitInfo> = BTreeMap::new();
        let mut found = BTreeMap::new();
        for id in ids {
            let Some(commit) = brought.get(&id) else { continue };
            if !infos.contains_key(&commit) {
                infos.insert(commit.clone(), self.store().commit_info(&commit)?);
            }
            found.insert(id, infos[&commit].clone());
        }
        Ok(found)
    }

    fn brought(&self, commit: &Oid) -> Result<Brought, Error> {
        let folder = self.store().cache_dir().join("history");
        // What a shallow clone does not see today it may see tomorrow.
        if self.store().is_shallow() {
            return self.brought_by_all(commit);
        }
        let path = folder.join(&commit.0);
        if let Some(brought) = kept::read(&path, MAGIC).and_then(Brought::read) {
            return Ok(brought);
        }
        let brought = match self.brought_since(commit, &folder)? {
            Some(brought) => brought,
            None => self.brought_by_all(commit)?,
        };
        kept::write(&path, MAGIC, &[&brought.body]);
        kept::keep_newest(&folder, KEPT);
        Ok(brought)
    }

    /// Returns what the last history kept and the ordinary commits since come to; `None` where others lie between.
    fn brought_since(&self, commit: &Oid, folder: &std::path::Path) -> Result<Option<Brought>, Error> {
        let newest = kept::newest_first(folder);
        let Some(last) = newest.first().and_then(|path| path.file_name()?.to_str()) else { return Ok(None) };
        let last = Oid(last.to_owned());
        let (mut steps, mut tip) = (Vec::new(), commit.clone());
        while tip != last {
            match self.store().parents(&tip)?.as_slice() {
                [parent] if steps.len() < STEPS => {
                    steps.push((std::mem::replace(&mut tip, parent.clone()), parent.clone()));
                }
                _ => return Ok(None),
            }
        }
        let Some(mut brought) = kept::read(&newest[0], MAGIC).and_then(Brought::read) else {
            return Ok(None);
        };
        for (commit, parent) in steps.into_iter().rev() {
            let tree = |commit: &Oid| self.store().folder(commit, LEDGER);
            let (Some(new), old) = (tree(&commit)?, tree(&parent)?) else { continue };
            let files = self.store().lacking(&new, old.as_ref(), LEDGER)?;
            let ids: BTreeSet<RecordId> = files
                .iter()
                .filter_map(|file| manifest::record_of_path(&file.path))
                .filter(|named| named.part == Part::Manifest)
                .map(|named| named.id)
                .collect();
            if !ids.is_empty() {
                brought = brought.and(&commit, &ids);
            }
        }
        Ok(Some(brought))
    }

    fn brought_by_all(&self, commit: &Oid) -> Result<Brought, Error> {
        let mut by_commit: BTreeMap<Oid, BTreeSet<RecordId>> = BTreeMap::new();
        for (path, info) in self.store().introduced(commit, LEDGER)? {
            if let Some(RecordPath { id, part: Part::Manifest, .. }) = manifest::record_of_path(&path) {
                by_commit.entry(info.id).or_default().insert(id);
            }
        }
        let (mut commits, mut records) = (Vec::new(), Vec::new());
        for (commit, ids) in by_commit {
            records.extend(ids.into_iter().map(|id| (id, commits.len() as u32)));
            commits.push(commit);
        }
        records.sort_unstable();
        Ok(Brought::of(&commits, &records))
    }
}
