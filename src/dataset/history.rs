//! Which commit brought each record, kept in `.git/hitl/cache/history/<commit>`.
//!
//! Asked of a commit, it is made from the last one kept where only ordinary commits lie between the two, and from all
//! of history otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::kept::pack::{self, Reader};
use super::{Dataset, Error, LEDGER, kept};
use crate::manifest;
use crate::record::RecordId;
use crate::store::{CommitInfo, Oid};

/// The first bytes of a kept history: what it is, and the version of its layout.
const MAGIC: &[u8] = b"hitl history 2\n";
/// Histories kept.
const KEPT: usize = 4;
/// Ordinary commits that are looked at one by one; behind more of them, history is read as a whole.
const STEPS: usize = 1024;

/// The commit that brought each record: a table that is searched as it was read.
#[derive(Default)]
struct Brought {
    /// The commits' ids, end to end.
    commits: String,
    /// Bytes of one of them.
    width: usize,
    /// By record: its id, and which of the commits.
    records: Vec<u8>,
}

/// Bytes of a record in [`Brought::records`].
const ENTRY: usize = 32 + 4;

impl Brought {
    fn of(commits: &[Oid], records: &[(RecordId, u32)]) -> Self {
        let mut brought =
            Self { width: commits.first().map_or(0, |commit| commit.0.len()), ..Self::default() };
        commits.iter().for_each(|commit| brought.commits.push_str(&commit.0));
        for (id, commit) in records {
            brought.records.extend_from_slice(&id.0.0);
            brought.records.extend_from_slice(&commit.to_le_bytes());
        }
        brought
    }

    fn read(body: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        let width = reader.len()?;
        let commits = reader.some_text()?.to_owned();
        let records = reader.bytes()?.to_vec();
        let whole = records.len() % ENTRY == 0 && (commits.is_empty() || commits.len() % width.max(1) == 0);
        (reader.is_done() && whole).then_some(Self { commits, width, records })
    }

    fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.commits.len() + self.records.len() + 32);
        pack::uint(&mut out, self.width as u64);
        pack::text(&mut out, Some(&self.commits));
        pack::bytes(&mut out, &self.records);
        out
    }

    fn get(&self, id: &RecordId) -> Option<Oid> {
        let entries = self.records.as_chunks::<ENTRY>().0;
        let at = entries.binary_search_by(|entry| entry[..32].cmp(&id.0.0[..])).ok()?;
        let number = u32::from_le_bytes(*entries[at].last_chunk()?) as usize;
        Some(Oid(self.commits.get(number * self.width..(number + 1) * self.width)?.to_owned()))
    }

    /// Says that `commit` brought `ids`, whatever brought them before.
    fn add(&mut self, commit: &Oid, ids: &BTreeSet<RecordId>) {
        self.width = commit.0.len();
        let number = (self.commits.len() / self.width) as u32;
        self.commits.push_str(&commit.0);
        let mut records = Vec::with_capacity(self.records.len() + ids.len() * ENTRY);
        let mut old = self.records.as_chunks::<ENTRY>().0.iter().peekable();
        for id in ids {
            while let Some(entry) = old.next_if(|entry| entry[..32] < id.0.0[..]) {
                records.extend_from_slice(entry);
            }
            old.next_if(|entry| entry[..32] == id.0.0[..]);
            records.extend_from_slice(&id.0.0);
            records.extend_from_slice(&number.to_le_bytes());
        }
        old.for_each(|entry| records.extend_from_slice(entry));
        self.records = records;
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
        if let Some(brought) = kept::read(&path, MAGIC).and_then(|body| Brought::read(&body)) {
            return Ok(brought);
        }
        let brought = match self.brought_since(commit, &folder)? {
            Some(brought) => brought,
            None => self.brought_by_all(commit)?,
        };
        kept::write(&path, MAGIC, &[&brought.write()]);
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
        let Some(mut brought) = kept::read(&newest[0], MAGIC).and_then(|body| Brought::read(&body)) else {
            return Ok(None);
        };
        for (commit, parent) in steps.into_iter().rev() {
            let tree = |commit: &Oid| self.store().folder(commit, LEDGER);
            let (Some(new), old) = (tree(&commit)?, tree(&parent)?) else { continue };
            let files = self.store().lacking(&new, old.as_ref(), LEDGER)?;
            let ids: BTreeSet<RecordId> = files
                .iter()
                .filter_map(|file| manifest::id_of_path(&file.path))
                .filter(|(_, _, is_manifest)| *is_manifest)
                .map(|(_, id, _)| id)
                .collect();
            if !ids.is_empty() {
                brought.add(&commit, &ids);
            }
        }
        Ok(Some(brought))
    }

    fn brought_by_all(&self, commit: &Oid) -> Result<Brought, Error> {
        let mut by_commit: BTreeMap<Oid, BTreeSet<RecordId>> = BTreeMap::new();
        for (path, info) in self.store().introduced(commit, LEDGER)? {
            if let Some((_, id, true)) = manifest::id_of_path(&path) {
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
