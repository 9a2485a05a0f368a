//! The catalog: every record of one ledger tree, in order, with its manifest at hand, kept in `.git/hitl/cache/`.
//!
//! In: a tree. Out: what the fold asks of each record, and its manifest when somebody looks at it. A manifest is read
//! from Git once, checked against its name and its place, and kept in few bytes. Two kinds of files hold that: a list
//! for each tree (`list`), read whole, and bodies (`bodies`), which lists share and of which only what is asked for is
//! read. The list of a tree is made from the last one kept and what differs between the two trees. A tree with a
//! damaged file has no catalog.

mod bodies;
mod list;
mod pack;

use std::collections::BTreeMap;
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

pub(super) use self::list::Top;

use self::bodies::Bodies;
use self::list::{Draft, List};
use super::read::{self, Entry};
use super::{Dataset, Error, Fault, FaultKind, LEDGER, kept};
use crate::base::Digest;
use crate::ledger::{Arranged, LazyManifest, Manifests};
use crate::manifest;
use crate::record::{LabelerKind, Labelers, Manifest, RecordId};
use crate::store::{Location, Oid, TreeFile};

/// Every record of one ledger tree.
#[derive(Clone, Default)]
pub(super) struct Catalog {
    packed: Arc<Packed>,
}

/// What the manifests of a ledger say of one labeler, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LabelerSum {
    /// Rows of theirs.
    pub rows: u64,
    /// Of them, rows as a model.
    pub model_rows: u64,
}

impl LabelerSum {
    pub(super) fn add(&mut self, kind: LabelerKind, rows: u64) {
        self.rows += rows;
        self.model_rows += if kind == LabelerKind::Model { rows } else { 0 };
    }

    /// Takes back what was added; `None` where that was not.
    fn take(&mut self, kind: LabelerKind, rows: u64) -> Option<()> {
        let model_rows = if kind == LabelerKind::Model { rows } else { 0 };
        self.rows = self.rows.checked_sub(rows)?;
        self.model_rows = self.model_rows.checked_sub(model_rows)?;
        Some(())
    }
}

/// A record with rows of some labelers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsBy {
    /// The record.
    pub id: RecordId,
    /// Rows of theirs.
    pub rows: u64,
    /// All its rows.
    pub all: u64,
    /// Its message.
    pub message: String,
}

/// A list, and the bodies it names.
#[derive(Default)]
struct Packed {
    list: List,
    bodies: Vec<Bodies>,
    /// Where a manifest is read whose body is damaged.
    git: Option<Git>,
}

/// Where a commit's manifests are, and the list that is wrong when they are needed.
struct Git {
    location: Location,
    commit: Oid,
    list: PathBuf,
}

impl Catalog {
    /// Returns what is known of each record: ancestors first, then by id.
    pub(super) fn records(&self) -> &Arranged<Top> {
        &self.packed.list.records
    }

    /// Returns what is known of each record, as [`Catalog::records`].
    pub(super) fn tops(&self) -> &[Top] {
        &self.records().records
    }

    /// Returns the place of the record `id`.
    pub(super) fn find(&self, id: &RecordId) -> Option<usize> {
        let ids = &self.records().ids;
        ids.binary_search_by_key(id, |(id, _)| *id).ok().map(|index| ids[index].1 as usize)
    }

    /// Returns the manifest of the record at `place`, unpacked when it is looked at.
    pub(super) fn manifest(&self, place: usize) -> LazyManifest {
        LazyManifest::later(self.packed.clone(), place as u32)
    }

    /// Returns what the manifests say of each labeler, added up.
    pub(super) fn labelers(&self) -> BTreeMap<String, LabelerSum> {
        let List { words, sums, .. } = &self.packed.list;
        let used = words.iter().zip(sums).filter(|(_, sum)| sum.rows > 0);
        used.map(|(word, sum)| (word.to_string(), *sum)).collect()
    }

    /// Returns the records that have rows of `labelers`, by id; `None` where what is kept is damaged.
    pub(super) fn rows_by(&self, labelers: &[String]) -> Option<Vec<RowsBy>> {
        let Packed { list, bodies, .. } = &*self.packed;
        let wanted: Vec<bool> =
            list.words.iter().map(|word| labelers.iter().any(|labeler| **labeler == **word)).collect();
        let whole: Vec<Vec<u8>> = bodies.par_iter().map(Bodies::whole).collect::<Option<_>>()?;
        let rows = |top: &Top| -> Option<Option<RowsBy>> {
            let body = bodies::of(&whole, &top.id, &top.place)?;
            let found = pack::rows_by(body, top, &wanted)?;
            Some(found.map(|(rows, all, message)| RowsBy {
                id: top.id,
                rows,
                all,
                message: message.to_owned(),
            }))
        };
        let all: Vec<Option<RowsBy>> = self.tops().par_iter().map(rows).collect::<Option<_>>()?;
        let mut all: Vec<RowsBy> = all.into_iter().flatten().collect();
        all.sort_unstable_by_key(|rows| rows.id);
        Some(all)
    }

    /// Whether some record was read from a file with this digest.
    pub(super) fn has_source(&self, sha256: Digest) -> bool {
        let may = |top: &Top| top.source == Some(list::source_prefix(sha256));
        let is = |place: usize| {
            self.packed.manifest(place as u32).source.is_some_and(|source| source.sha256 == sha256)
        };
        self.tops().iter().enumerate().any(|(place, top)| may(top) && is(place))
    }

    /// Returns where the files of the record at `place` lie; `None` where what is kept is damaged.
    pub(super) fn entry(&self, place: usize) -> Option<Entry> {
        let top = &self.tops()[place];
        pack::read_entry(&self.packed.body(top)?, top)
    }
}

impl Packed {
    /// Opens the list of `tree`; `None` where it, or a file that it names, is not there or not whole.
    fn open(cache: &Path, tree: &Oid) -> Option<Self> {
        let list = List::read(&kept::read(&list::path(cache, tree), list::MAGIC)?)?;
        let bodies = list.files.iter().map(|file| Bodies::open(cache, file)).collect::<Option<_>>()?;
        Some(Self { list, bodies, git: None })
    }

    fn body(&self, top: &Top) -> Option<Vec<u8>> {
        self.bodies.get(top.place.file as usize)?.read(&top.id, &top.place)
    }

    fn kept_manifest(&self, top: &Top) -> Option<Manifest> {
        pack::read_manifest(&self.body(top)?, top, &self.list.words)
    }
}

impl Manifests for Packed {
    fn manifest(&self, number: u32) -> Manifest {
        let top = &self.list.records.records[number as usize];
        if let Some(manifest) = self.kept_manifest(top) {
            return manifest;
        }
        let git = self.git.as_ref().expect("the catalog of a commit knows it");
        drop(fs::remove_file(&git.list));
        let read = git.location.open().map_err(Error::from);
        // Where the committed manifest is damaged too, nobody up to the command line can go on without it.
        read.and_then(|store| Dataset::over(store).committed_manifest(&git.commit, top))
            .unwrap_or_else(|error| resume_unwind(Box::new(error)))
    }
}

impl Dataset {
    /// Returns the catalog of `commit`'s ledger; `None` where a file of it is damaged or lies where it should not, or
    /// nothing can be kept.
    pub(super) fn catalog(&self, commit: &Oid) -> Result<Option<Catalog>, Error> {
        let Some(tree) = self.store().folder(commit, LEDGER)? else {
            return Ok(Some(Catalog::default()));
        };
        let cache = self.store().cache_dir();
        let packed = match Packed::open(&cache, &tree) {
            Some(packed) => Some(packed),
            None => {
                let Some(draft) = self.draft(self.last(&cache), &tree)? else { return Ok(None) };
                draft.keep(&cache, &tree);
                Packed::open(&cache, &tree)
            }
        };
        Ok(packed.map(|packed| {
            let (location, list) = (self.store().location(), list::path(&cache, &tree));
            let git = Some(Git { location, commit: commit.clone(), list });
            Catalog { packed: Arc::new(Packed { git, ..packed }) }
        }))
    }

    /// Returns the catalog kept last, and its tree, which may have been pruned since.
    fn last(&self, cache: &Path) -> Option<(Oid, Packed)> {
        let tree = list::newest(cache)?;
        Some((tree.clone(), Packed::open(cache, &tree).filter(|_| self.store().has_object(&tree))?))
    }

    /// Returns the catalog of `tree`, made from that of `base`; `None` where a file of the ledger is damaged.
    fn draft(&self, base: Option<(Oid, Packed)>, tree: &Oid) -> Result<Option<Draft>, Error> {
        let mut draft = Draft::default();
        if let Some((base, packed)) = &base {
            draft = Draft::of(&packed.list);
            let mut gone: BTreeMap<RecordId, u32> = BTreeMap::new();
            for file in self.store().lacking(base, Some(tree), LEDGER)? {
                let Some((_, id, _)) = manifest::id_of_path(&file.path) else { return Ok(None) };
                *gone.entry(id).or_default() += 1;
            }
            for (id, files) in gone {
                // Half a record that is gone is damage, and whoever reads the whole ledger says which.
                let Some(top) = draft.find(&id).filter(|top| files == 1 + u32::from(top.has_shard)) else {
                    return Ok(None);
                };
                let removed = packed.kept_manifest(top).and_then(|manifest| draft.remove(&id, &manifest));
                if removed.is_none() {
                    return self.draft(None, tree);
                }
            }
        }
        let base = base.as_ref().map(|(base, _)| base);
        let (entries, faults) = read::entries(self.store().lacking(tree, base, LEDGER)?);
        if !faults.is_empty() {
            return Ok(None);
        }
        let mut raws = Vec::with_capacity(entries.len());
        for entry in entries {
            let Ok(bytes) = self.bytes(&entry, &entry.manifest) else { return Ok(None) };
            raws.push((entry, bytes));
        }
        let parsed: Option<Vec<(Entry, Manifest)>> = raws
            .into_par_iter()
            .map(|(entry, bytes)| read::manifest(&entry, &bytes).ok().map(|manifest| (entry, manifest)))
            .collect();
        let Some(parsed) = parsed else { return Ok(None) };
        for (entry, manifest) in parsed {
            let Ok(manifest) = self.with_labelers(&entry, manifest) else { return Ok(None) };
            draft.add(&entry, &manifest);
        }
        Ok(Some(draft))
    }

    /// Returns a manifest with its labelers, which may be in the shard.
    fn with_labelers(&self, entry: &Entry, manifest: Manifest) -> Result<Manifest, Fault> {
        if !matches!(manifest.labelers, Labelers::InShard) {
            return Ok(manifest);
        }
        let shard = entry.shard.as_ref().map(|file| self.bytes(entry, file)).transpose()?;
        read::decode(entry, manifest, shard).map(|record| record.manifest)
    }

    /// Reads the manifest of one record of `commit`.
    fn committed_manifest(&self, commit: &Oid, top: &Top) -> Result<Manifest, Error> {
        let [manifest, shard] = top.paths();
        let file = |path: String| -> Result<Option<TreeFile>, Error> {
            let blob = self.store().blob_at(commit, &path)?;
            Ok(blob.map(|blob| TreeFile { path, blob, mode: 0o100_644 }))
        };
        let damaged = |fault| Error::Damaged { faults: vec![fault] };
        let Some(manifest) = file(manifest.clone())? else {
            let message = "it is not here any more".to_owned();
            let kind = FaultKind::Object;
            return Err(damaged(Fault { path: manifest, record: Some(top.id), kind, message }));
        };
        let entry = Entry { id: top.id, manifest, shard: file(shard)? };
        let bytes = self.bytes(&entry, &entry.manifest).map_err(damaged)?;
        let manifest = read::manifest(&entry, &bytes).map_err(damaged)?;
        self.with_labelers(&entry, manifest).map_err(damaged)
    }
}
