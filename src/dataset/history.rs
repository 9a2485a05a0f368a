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
const MAGIC: &[u8] = b"hitl history 1\n";
/// Histories kept.
const KEPT: usize = 4;
/// Ordinary commits that are looked at one by one; behind more of them, history is read as a whole.
const STEPS: usize = 1024;

/// The commit that brought each record.
#[derive(Clone, Debug, Default)]
struct Brought {
    commits: Vec<Oid>,
    /// By id: which of `commits`.
    records: Vec<(RecordId, u32)>,
}

impl Brought {
    fn read(body: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        let commits = (0..reader.len()?)
            .map(|_| Some(Oid(reader.some_text()?.to_owned())))
            .collect::<Option<Vec<_>>>()?;
        let records = (0..reader.len()?)
            .map(|_| {
                let id = RecordId(reader.digest()?);
                Some((id, u32::try_from(reader.uint()?).ok().filter(|at| (*at as usize) < commits.len())?))
            })
            .collect::<Option<Vec<_>>>()?;
        let sorted = records.windows(2).all(|pair| pair[0].0 < pair[1].0);
        (reader.is_done() && sorted).then_some(Self { commits, records })
    }

    fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        pack::uint(&mut out, self.commits.len() as u64);
        self.commits.iter().for_each(|commit| pack::text(&mut out, Some(&commit.0)));
        pack::uint(&mut out, self.records.len() as u64);
        for (id, commit) in &self.records {
            out.extend_from_slice(&id.0.0);
            pack::uint(&mut out, u64::from(*commit));
        }
        out
    }

    fn get(&self, id: &RecordId) -> Option<&Oid> {
        let at = self.records.binary_search_by_key(id, |(id, _)| *id).ok()?;
        Some(&self.commits[self.records[at].1 as usize])
    }

    /// Says that `commit` brought `ids`, whatever brought them before.
    fn add(&mut self, commit: &Oid, ids: BTreeSet<RecordId>) {
        let number = self.commits.len() as u32;
        self.commits.push(commit.clone());
        self.records.retain(|(id, _)| !ids.contains(id));
        self.records.extend(ids.into_iter().map(|id| (id, number)));
        self.records.sort_unstable();
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
        let mut infos: BTreeMap<&Oid, CommitInfo> = BTreeMap::new();
        let mut found = BTreeMap::new();
        for id in ids {
            let Some(commit) = brought.get(&id) else { continue };
            if !infos.contains_key(commit) {
                infos.insert(commit, self.store().commit_info(commit)?);
            }
            found.insert(id, infos[commit].clone());
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
                brought.add(&commit, ids);
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
        let mut brought = Brought::default();
        for (commit, ids) in by_commit {
            brought.records.extend(ids.into_iter().map(|id| (id, brought.commits.len() as u32)));
            brought.commits.push(commit);
        }
        brought.records.sort_unstable();
        Ok(brought)
    }
}
