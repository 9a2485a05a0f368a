//! What a commit holds that others lack, read and checked file by file.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::read::{self, RecordFile};
use super::{Dataset, Error, Fault, FaultKind, LEDGER, Scan, wrong_root};
use crate::store::{Oid, TreeFile};

impl Dataset {
    /// Reads the records of `head`'s ledger whose files none of `known` holds at their paths, and tells sound from damaged.
    /// A file that one of them holds with other bytes is left out: it was edited, which history shows.
    ///
    /// # Errors
    /// Git could not list or read a tree.
    pub fn added(&self, head: &Oid, known: &[&Oid]) -> Result<Scan, Error> {
        Ok(self.read_files(self.added_to_new(head, known)?))
    }

    /// Returns what is wrong with files of the ledger that a commit on top of `parents` will add, looked at together
    /// with those of `parents` that belong to the same records.
    ///
    /// # Errors
    /// Git could not list a tree.
    pub fn faults_of_added(&self, files: Vec<TreeFile>, parents: &[Oid]) -> Result<Vec<Fault>, Error> {
        let stems: BTreeSet<String> = files.iter().filter_map(|file| stem(&file.path)).collect();
        let mut all: BTreeMap<String, TreeFile> = BTreeMap::new();
        for (parent, stem) in parents.iter().flat_map(|parent| stems.iter().map(move |stem| (parent, stem))) {
            let Some((folder, _)) = stem.rsplit_once('/') else { continue };
            let beside = self.store().files(parent, folder)?;
            let same = beside.into_iter().filter(|file| file.path.starts_with(stem));
            all.extend(same.map(|file| (file.path.clone(), file)));
        }
        all.extend(files.into_iter().map(|file| (file.path.clone(), file)));
        let scan = self.read_files(all.into_values().collect());
        let mut faults = scan.faults;
        faults.extend(scan.records.iter().zip(&scan.files).filter_map(|(record, file)| {
            let message = "its rows are not those its manifest was made from".to_owned();
            let fault =
                Fault { path: file.path.clone(), record: Some(file.id), kind: FaultKind::Shard, message };
            wrong_root(record).map(|_| fault)
        }));
        faults.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(faults)
    }

    /// Reads the records that files of a ledger make, and tells sound from damaged.
    fn read_files(&self, files: Vec<TreeFile>) -> Scan {
        let (entries, faults) = read::entries(files);
        let mut scan = Scan { faults, ..Scan::default() };
        let raws: Vec<_> = entries
            .into_iter()
            .map(|entry| {
                let shard = entry.shard.as_ref().map(|file| self.bytes(&entry, file));
                (self.bytes(&entry, &entry.manifest), shard, entry)
            })
            .collect();
        let decoded: Vec<_> = raws
            .into_par_iter()
            .map(|(bytes, shard, entry)| {
                let manifest = read::manifest(&entry, &bytes?)?;
                let record = read::decode(&entry, manifest, shard.transpose()?)?;
                Ok((RecordFile { id: entry.id, path: entry.manifest.path }, record))
            })
            .collect();
        let (mut sound, mut faults) = (Vec::with_capacity(decoded.len()), Vec::new());
        for found in decoded {
            match found {
                Ok(record) => sound.push(record),
                Err(fault) => faults.push(fault),
            }
        }
        sound.sort_by_key(|(file, _)| file.id);
        (scan.files, scan.records) = sound.into_iter().unzip();
        scan.faults.extend(faults);
        scan
    }

    /// Returns the added files of the ledger but for signatures of records that were there before.
    fn added_to_new(&self, head: &Oid, known: &[&Oid]) -> Result<Vec<TreeFile>, Error> {
        let mut files = Vec::new();
        for file in self.added_files(head, known, LEDGER)? {
            if let Some(manifest) = read::signed_manifest(&file.path) {
                let old = known.iter().try_fold(false, |old, commit| {
                    Ok::<_, Error>(old || self.store().blob_at(commit, &manifest)?.is_some())
                })?;
                if old {
                    continue;
                }
            }
            files.push(file);
        }
        Ok(files)
    }

    /// Returns the files under `folder` of `head` at whose paths none of `known` has anything, by path.
    ///
    /// # Errors
    /// Git could not list a tree.
    pub fn added_files(&self, head: &Oid, known: &[&Oid], folder: &str) -> Result<Vec<TreeFile>, Error> {
        let store = self.store();
        let Some(tree) = store.folder(head, folder)? else { return Ok(Vec::new()) };
        let mut added: Option<Vec<TreeFile>> = None;
        for commit in known {
            let theirs = store.folder(commit, folder)?;
            let lacking = store.lacking(&tree, theirs.as_ref(), folder)?;
            let mut new = Vec::with_capacity(lacking.len());
            let asked: Option<BTreeSet<String>> =
                added.map(|added| added.into_iter().map(|file| file.path).collect());
            for file in lacking {
                let wanted = asked.as_ref().is_none_or(|asked| asked.contains(&file.path));
                if wanted && store.blob_at(commit, &file.path)?.is_none() {
                    new.push(file);
                }
            }
            added = Some(new);
        }
        Ok(match added {
            Some(added) => added,
            None => store.files(head, folder)?,
        })
    }
}

/// Returns folder and id of the record that a file belongs to by its name; `None` where it belongs to none.
fn stem(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/')?;
    let (id, _) = name.split_once('.')?;
    Some(format!("{folder}/{id}."))
}
