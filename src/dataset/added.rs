//! What a commit holds that others lack, read and checked file by file.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::read::{self, RecordFile};
use super::{Dataset, Error, LEDGER, Scan};
use crate::store::{Oid, TreeFile};

impl Dataset {
    /// Reads the records of `head`'s ledger whose files none of `known` holds at their paths, and tells sound from damaged.
    /// A file that one of them holds with other bytes is left out: it was edited, which history shows.
    ///
    /// # Errors
    /// Git could not list or read a tree.
    pub fn added(&self, head: &Oid, known: &[&Oid]) -> Result<Scan, Error> {
        let (entries, faults) = read::entries(self.added_to_new(head, known)?);
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
        for found in decoded {
            match found {
                Ok((file, record)) => {
                    scan.files.push(file);
                    scan.records.push(record);
                }
                Err(fault) => scan.faults.push(fault),
            }
        }
        Ok(scan)
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
