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
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

pub(super) use self::list::Top;

use self::bodies::Bodies;
use self::list::{Draft, List};
use super::read::{self, Entry};
use super::{Dataset, Error, Fault, LEDGER, kept};
use crate::base::Digest;
use crate::ledger::{Arranged, LazyManifest, Manifests};
use crate::manifest::{self, Part};
use crate::record::{LabelerKind, Labelers, Manifest, RecordId};
use crate::store::{Location, Oid};

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

/// Where a tree's manifests are.
struct Git {
    location: Location,
    tree: Oid,
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
        self.records().find(id)
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
            let file = top.place.file as usize;
            let body = bodies.get(file)?.of(&whole[file], &top.id, &top.place)?;
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
        Self::of(cache, List::read(&kept::read(&list::path(cache, tree), list::MAGIC)?)?)
    }

    fn of(cache: &Path, list: List) -> Option<Self> {
        let bodies = list.files.iter().map(|file| Bodies::open(cache, file)).collect::<Option<_>>()?;
        Some(Self { list, bodies, git: None })
    }

    fn find(&self, id: &RecordId) -> Option<&Top> {
        self.list.records.find(id).map(|place| &self.list.records.records[place])
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
        let git = self.git.as_ref().expect("the catalog of a tree knows it");
        let read = git.location.open().map_err(Error::from);
        // Where the committed manifest is damaged too, nobody up to the command line can go on without it.
        read.and_then(|store| Dataset::over(store).committed_manifest(&git.tree, &top.id))
            .unwrap_or_else(|error| resume_unwind(Box::new(error)))
    }
}

impl Dataset {
    /// Returns the catalog of the ledger tree `tree`; `None` where a file of it is damaged or lies where it should not,
    /// or nothing can be kept.
    pub(super) fn catalog(&self, tree: Option<&Oid>) -> Result<Option<Catalog>, Error> {
        let Some(tree) = tree else { return Ok(Some(Catalog::default())) };
        let cache = self.store().cache_dir();
        let packed = match Packed::open(&cache, tree) {
            Some(packed) => Some(packed),
            None => {
                let Some(draft) = self.draft(self.last(&cache), tree)? else { return Ok(None) };
                draft.keep(&cache, tree).and_then(|list| Packed::of(&cache, list))
            }
        };
        Ok(packed.map(|packed| {
            let git = Some(Git { location: self.store().location(), tree: tree.clone() });
            Catalog { packed: Arc::new(Packed { git, ..packed }) }
        }))
    }

    /// Returns the catalog kept last of a tree that is still here, and that tree.
    fn last(&self, cache: &Path) -> Option<(Oid, Packed)> {
        let mut trees = list::newest_first(cache).into_iter().filter(|tree| self.store().has_object(tree));
        trees.find_map(|tree| Some((tree.clone(), Packed::open(cache, &tree)?)))
    }

    /// Returns the catalog of `tree`, made from that of `base`; `None` where a file of the ledger is damaged.
    fn draft(&self, base: Option<(Oid, Packed)>, tree: &Oid) -> Result<Option<Draft>, Error> {
        let (base, packed) = base.unzip();
        let mut removed: Vec<(RecordId, Manifest)> = Vec::new();
        if let (Some(base), Some(packed)) = (&base, &packed) {
            let mut gone: BTreeMap<RecordId, u32> = BTreeMap::new();
            // A tree that was pruned in part is no help.
            let Ok(files) = self.store().lacking(base, Some(tree), LEDGER) else {
                return self.draft(None, tree);
            };
            for file in files {
                let Some(named) = manifest::record_of_path(&file.path) else { return Ok(None) };
                if !matches!(named.part, Part::Signature(_)) {
                    *gone.entry(named.id).or_default() += 1;
                }
            }
            for (id, files) in gone {
                // Half a record that is gone is damage, and whoever reads the whole ledger says which.
                let Some(top) = packed.find(&id).filter(|top| files == 1 + u32::from(top.has_shard)) else {
                    return Ok(None);
                };
                let Some(manifest) = packed.kept_manifest(top) else { return self.draft(None, tree) };
                removed.push((id, manifest));
            }
        }
        let mut draft = packed.map_or_else(Draft::default, |packed| Draft::of(packed.list));
        for (id, manifest) in removed {
            if draft.remove(id, &manifest).is_none() {
                return self.draft(None, tree);
            }
        }
        let (entries, faults) = match self.store().lacking(tree, base.as_ref(), LEDGER) {
            Err(_) if base.is_some() => return self.draft(None, tree),
            // A signature may come long after its record, and says nothing of what that holds.
            files => {
                read::entries(files?.into_iter().filter(|file| !read::is_signature(&file.path)).collect())
            }
        };
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

    /// Reads the manifest of the record `id` of a ledger tree.
    fn committed_manifest(&self, tree: &Oid, id: &RecordId) -> Result<Manifest, Error> {
        let damaged = |fault| Error::Damaged { faults: vec![fault] };
        let (entries, faults) = read::entries(self.store().lacking(tree, None, LEDGER)?);
        let entry = entries.into_iter().find(|entry| entry.id == *id).ok_or(Error::Damaged { faults })?;
        let bytes = self.bytes(&entry, &entry.manifest).map_err(damaged)?;
        let manifest = read::manifest(&entry, &bytes).map_err(damaged)?;
        self.with_labelers(&entry, manifest).map_err(damaged)
    }
}
