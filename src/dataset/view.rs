//! Views: a ledger as it stands at one commit, read whole, without rows, or with the rows of some items.
//!
//! What is kept between runs (`catalog`, `index`) makes the latter two cheap. Where it cannot be had, because a file of
//! the ledger is damaged or nothing can be written, the ledger is read whole, which also tells what is damaged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::catalog::{Catalog, LabelerSum, RowsBy};
use super::index::{Index, Numbers, PART};
use super::read::{Entry, Scan, decode, is_signature};
use super::{At, Dataset, Error, LEDGER, reach};
use crate::base::{Digest, Timestamp};
use crate::ledger::{Arranged, LazyManifest, Ledger, Loaded, Record, RecordSet, Segment};
use crate::manifest;
use crate::record::{Kind, Labelers, RecordId, Rows};
use crate::store::Oid;

/// A ledger as it stands at one commit.
///
/// Manifests are read when they are looked at. One that turns out damaged then, both kept and committed, unwinds with a
/// [`Error`] for its payload; the command line tells it like any other.
pub struct View {
    /// The commit; none on a branch without commits.
    pub commit: Option<Oid>,
    /// Its records, folded.
    pub ledger: Ledger,
    /// The records it was read from, unless it was read whole.
    catalog: Option<Catalog>,
}

impl View {
    /// Returns what the manifests say of each labeler, added up.
    pub fn labelers(&self) -> BTreeMap<String, LabelerSum> {
        if let Some(catalog) = &self.catalog {
            return catalog.labelers();
        }
        let mut sums: BTreeMap<String, LabelerSum> = BTreeMap::new();
        for record in self.ledger.records() {
            let Labelers::Listed(listed) = &record.manifest.labelers else { continue };
            for (id, used) in listed {
                sums.entry(id.clone()).or_default().add(used.kind, used.rows);
            }
        }
        sums
    }

    /// Whether it is of all records of its commit, read from the catalog.
    pub(super) fn is_of_catalog(&self) -> bool {
        self.catalog.is_some()
    }

    /// Returns the records that have rows of `labelers`, by id; `None` where only the ledger read whole tells.
    pub fn rows_by(&self, labelers: &[String]) -> Option<Vec<RowsBy>> {
        self.catalog.as_ref()?.rows_by(labelers)
    }

    /// Whether some record was read from a file with this digest.
    pub fn has_source(&self, sha256: Digest) -> bool {
        match &self.catalog {
            Some(catalog) => catalog.has_source(sha256),
            None => {
                self.ledger.records().iter().any(|record| {
                    record.manifest.source.as_ref().is_some_and(|source| source.sha256 == sha256)
                })
            }
        }
    }

    /// Returns where the manifest of the record `id` lies.
    pub fn path(&self, id: &RecordId) -> Option<String> {
        let head = &self.ledger.records()[self.ledger.find_record(id)?].head;
        Some(manifest::manifest_path(head.kind, head.task.as_deref(), head.recorded_at, *id))
    }
}

impl Dataset {
    /// Returns the ledger as it stands at `at`.
    ///
    /// # Errors
    /// The revision is unknown, or a file of the ledger is damaged: then all damaged files are named.
    pub fn view(&self, at: &At) -> Result<View, Error> {
        let commit = self.commit(at)?;
        self.view_at(commit, at.as_of)
    }

    /// Returns the ledger as it stands at `commit`, with the records recorded up to `as_of`.
    ///
    /// # Errors
    /// A file of the ledger is damaged: then all damaged files are named.
    pub fn view_at(&self, commit: Option<Oid>, as_of: Option<Timestamp>) -> Result<View, Error> {
        let Scan { mut records, mut faults, .. } = match &commit {
            Some(commit) => self.scan(commit)?,
            None => Scan::default(),
        };
        // A signature says who made a record, and nothing of what that holds.
        faults.retain(|fault| !is_signature(&fault.path));
        if !faults.is_empty() {
            return Err(Error::Damaged { faults });
        }
        if let Some(as_of) = as_of {
            records.retain(|record| record.manifest.recorded_at <= as_of);
        }
        let ledger = Ledger::fold(records);
        Ok(self.noted(commit, ledger, None, as_of))
    }

    /// Returns the records of the ledger at `at`, without the rows of judgements and items: a ledger in which nobody
    /// judged anything.
    ///
    /// # Errors
    /// As [`Dataset::view`].
    pub fn view_of_records(&self, at: &At) -> Result<View, Error> {
        let commit = self.commit(at)?;
        match self.arranged(commit.as_ref(), at.as_of)? {
            Some((catalog, set)) => {
                let ledger = Ledger::over(Arc::new(set), Vec::new());
                Ok(self.noted(commit, ledger, Some(catalog).filter(|_| at.as_of.is_none()), at.as_of))
            }
            None => self.view_at(commit, at.as_of),
        }
    }

    /// Returns the ledger at `at` with the rows of `items` alone, or with more: of those items it says what the whole
    /// ledger says.
    ///
    /// # Errors
    /// As [`Dataset::view`].
    pub fn view_of_items(&self, at: &At, items: &BTreeSet<String>) -> Result<View, Error> {
        let commit = self.commit(at)?;
        let Some((catalog, set)) = self.arranged(commit.as_ref(), at.as_of)? else {
            return self.view_at(commit, at.as_of);
        };
        match self.with_items(&catalog, set, items) {
            Some(ledger) => {
                Ok(self.noted(commit, ledger, Some(catalog).filter(|_| at.as_of.is_none()), at.as_of))
            }
            None => self.view_at(commit, at.as_of),
        }
    }

    /// Returns the ledger of `view`, which was read without rows, with the rows of `items`, or with more.
    ///
    /// # Errors
    /// A file of the ledger is damaged: then all damaged files are named.
    pub fn ledger_of_items(&self, view: &View, items: &BTreeSet<String>) -> Result<Ledger, Error> {
        let Some(catalog) = &view.catalog else { return Ok(view.ledger.clone()) };
        match self.with_items(catalog, (**view.ledger.record_set()).clone(), items) {
            Some(ledger) => Ok(ledger),
            None => Ok(self.view_at(view.commit.clone(), None)?.ledger),
        }
    }

    /// Returns the ledger of `view`, which was read without rows, whole.
    ///
    /// # Errors
    /// A file of the ledger is damaged: then all damaged files are named.
    pub fn whole_ledger(&self, view: &View) -> Result<Ledger, Error> {
        match &view.catalog {
            Some(_) => Ok(self.view_at(view.commit.clone(), None)?.ledger),
            None => Ok(view.ledger.clone()),
        }
    }

    /// Returns the ledger of `set`, records of `catalog`, with the rows of `items`; `None` where the whole one is to be
    /// asked.
    pub(super) fn with_items(
        &self,
        catalog: &Catalog,
        set: RecordSet,
        items: &BTreeSet<String>,
    ) -> Option<Ledger> {
        if items.is_empty() {
            return Some(Ledger::over(Arc::new(set), Vec::new()));
        }
        self.index(&[catalog])?.ledger(set, items)
    }

    /// Returns the catalog of a commit and its records up to `as_of`, arranged; `None` where a file is damaged.
    pub(super) fn arranged(
        &self,
        commit: Option<&Oid>,
        as_of: Option<Timestamp>,
    ) -> Result<Option<(Catalog, RecordSet)>, Error> {
        let tree = commit.map(|commit| self.store().folder(commit, LEDGER)).transpose()?.flatten();
        self.arranged_tree(tree.as_ref(), as_of)
    }

    /// The same of a ledger tree.
    pub(super) fn arranged_tree(
        &self,
        tree: Option<&Oid>,
        as_of: Option<Timestamp>,
    ) -> Result<Option<(Catalog, RecordSet)>, Error> {
        let Some(catalog) = self.catalog(tree)? else { return Ok(None) };
        // One empty batch a kind serves all records of it.
        let empty: Vec<Arc<Rows>> = Kind::ALL.iter().map(|kind| Arc::new(Rows::empty(*kind))).collect();
        let Arranged { records: tops, by_id, parents } = catalog.records();
        let mut records = Vec::with_capacity(tops.len());
        for (place, top) in tops.iter().enumerate() {
            if as_of.is_some_and(|as_of| top.head.recorded_at > as_of) {
                continue;
            }
            let kind = top.head.kind;
            let rows = if top.has_shard && matches!(kind, Kind::Guidelines | Kind::Reverts) {
                match self.raw(&catalog, place).and_then(Raw::rows) {
                    Some(rows) => Arc::new(rows),
                    None => return Ok(None),
                }
            } else {
                empty[kind as usize].clone()
            };
            let (id, head) = (top.id, top.head.clone());
            records.push(Record { id, head, manifest: catalog.manifest(place), rows });
        }
        let set = match records.len() == tops.len() {
            true => {
                RecordSet::of_arranged(Arranged { records, by_id: by_id.clone(), parents: parents.clone() })
            }
            false => RecordSet::new(records),
        };
        Ok(Some((catalog, set)))
    }

    /// Reads the files of one record.
    pub(super) fn raw(&self, catalog: &Catalog, place: usize) -> Option<Raw> {
        let entry = catalog.entry(place)?;
        let shard = entry.shard.as_ref().map(|file| self.bytes(&entry, file)).transpose().ok()?;
        Some(Raw { manifest: catalog.manifest(place), entry, shard })
    }

    fn noted(
        &self,
        commit: Option<Oid>,
        ledger: Ledger,
        catalog: Option<Catalog>,
        as_of: Option<Timestamp>,
    ) -> View {
        if as_of.is_none() {
            self.note_absent(&ledger);
        }
        View { commit, ledger, catalog }
    }

    /// Returns the ledger at `at` in parts.
    ///
    /// # Errors
    /// As [`Dataset::view`].
    pub fn parts(&self, at: &At) -> Result<Parts<'_>, Error> {
        self.parts_at(self.commit(at)?, at.as_of)
    }

    /// Returns the ledger that `view` is of in parts, whatever HEAD is by now.
    ///
    /// # Errors
    /// A file of the ledger is damaged: then all damaged files are named.
    pub fn parts_of(&self, view: &View) -> Result<Parts<'_>, Error> {
        self.parts_at(view.commit.clone(), None)
    }

    /// Returns the ledger as it stands at `commit`, with the records recorded up to `as_of`, in parts.
    pub(super) fn parts_at(&self, commit: Option<Oid>, as_of: Option<Timestamp>) -> Result<Parts<'_>, Error> {
        let dataset = self;
        if let Some((catalog, set)) = self.arranged(commit.as_ref(), as_of)?
            && let Some(index) = self.index(&[&catalog])
        {
            let (numbers, fences) = (index.numbers(&set), index.fences(PART));
            let source = Source::Indexed { index, numbers, fences };
            let records = Ledger::over(Arc::new(set), Vec::new());
            let View { commit, ledger: records, .. } = self.noted(commit, records, None, as_of);
            return Ok(Parts { dataset, commit, as_of, keep: None, inert: BTreeSet::new(), records, source });
        }
        let View { commit, ledger: records, .. } = self.view_at(commit, as_of)?;
        let source = Source::Whole;
        Ok(Parts { dataset, commit, as_of, keep: None, inert: BTreeSet::new(), records, source })
    }
}

/// A record's manifest, and the bytes of its shard.
pub(super) struct Raw {
    entry: Entry,
    manifest: LazyManifest,
    shard: Option<Vec<u8>>,
}

impl Raw {
    /// Returns the record; `None` where it is damaged.
    pub(super) fn record(self) -> Option<Loaded> {
        decode(&self.entry, (*self.manifest).clone(), self.shard).ok()
    }

    /// Returns its rows; `None` where it is damaged.
    pub(super) fn rows(self) -> Option<Rows> {
        self.record().map(|record| record.rows)
    }
}

/// Items not before the first and before the second.
type Range<'a> = (Option<&'a str>, Option<&'a str>);

/// Finds rows of a part; `None` where a kept file turned out damaged.
type Find<'f> = dyn Fn(&Index, &Numbers, Range<'_>) -> Option<Vec<Segment>> + Sync + 'f;

/// A ledger, item by item: each part holds all records and every row of the items of a range.
///
/// What an analysis says of single items it says the same of in parts; what it counts over items is summed.
pub struct Parts<'a> {
    dataset: &'a Dataset,
    as_of: Option<Timestamp>,
    /// Which records these are, where they are not all.
    keep: Option<BTreeSet<RecordId>>,
    /// Which of them judge nothing and take nothing back, whatever they hold.
    inert: BTreeSet<RecordId>,
    /// The commit; none on a branch without commits.
    pub commit: Option<Oid>,
    /// The records, without the rows of judgements; where the ledger had to be read whole, with them.
    pub records: Ledger,
    source: Source,
}

enum Source {
    /// There is one part: all of `records`.
    Whole,
    Indexed {
        index: Index,
        numbers: Numbers,
        fences: Vec<String>,
    },
}

impl Parts<'_> {
    /// Returns the ledger of the records `keep` alone, in parts.
    pub fn only(self, keep: &BTreeSet<RecordId>) -> Self {
        if self.records.records().iter().all(|record| keep.contains(&record.id)) {
            return self;
        }
        let kept = |record: &Record| keep.contains(&record.id).then(|| record.clone());
        let records = self.records.with_records(kept);
        Self { keep: Some(keep.clone()), ..self.over(records) }
    }

    /// Returns the ledger in which the records `inert` judge nothing and take nothing back, in parts.
    pub fn without(self, inert: &BTreeSet<RecordId>) -> Self {
        if inert.is_empty() {
            return self;
        }
        let records = self.records.clone().without(inert);
        Self { inert: inert.clone(), ..self.over(records) }
    }

    /// Returns the parts of the ledger of these records.
    fn over(self, records: Ledger) -> Self {
        let source = match self.source {
            Source::Whole => Source::Whole,
            Source::Indexed { index, fences, .. } => {
                Source::Indexed { numbers: index.numbers(records.record_set()), index, fences }
            }
        };
        Self { records, source, ..self }
    }

    /// Returns what `each` says of every part, in the order of the items; of the rows of one task alone, where `task`
    /// names one.
    ///
    /// # Errors
    /// A kept file turned out damaged, and the ledger could not be read instead.
    pub fn map<T: Send>(
        &self,
        task: Option<&str>,
        each: impl Fn(&Ledger) -> T + Sync,
    ) -> Result<Vec<T>, Error> {
        match self.read(&|index, numbers, range| index.of_range(numbers, range, task), &each)? {
            Some(parts) => Ok(parts),
            None => Ok(vec![each(&self.whole()?)]),
        }
    }

    /// Returns what `each` says of the rows that `some` finds of every part; `None` where a kept file turned out damaged.
    fn read<T: Send>(
        &self,
        some: &Find<'_>,
        each: &(dyn Fn(&Ledger) -> T + Sync),
    ) -> Result<Option<Vec<T>>, Error> {
        let Source::Indexed { index, numbers, fences } = &self.source else {
            return Ok(Some(vec![each(&self.records)]));
        };
        let set = self.records.record_set();
        Ok(index
            .by_part(fences, |range| Some(each(&Ledger::over(set.clone(), some(index, numbers, range)?)))))
    }

    /// Returns what `each` says of the items that the reverts among `extra`, records which judge nothing, may touch: as
    /// they are, and as they are with `extra`; part by part, in the order of the items.
    ///
    /// # Errors
    /// As [`Parts::map`].
    pub fn touched<T: Send>(
        &self,
        extra: Vec<Loaded>,
        each: impl Fn(&Ledger, &Ledger) -> T + Sync,
    ) -> Result<Vec<T>, Error> {
        let reverts: Vec<RecordId> = extra.iter().map(|record| record.id).collect();
        let set = Arc::new(self.records.record_set().and(extra));
        let reach = reach::Reach::of(&set, reverts.iter().filter_map(|id| set.find(id)));
        let both = |before: &Ledger| each(before, &before.among(&set));
        let near = |index: &Index, numbers: &Numbers, range: Range<'_>| {
            Some(reach.some(&set, index.near(numbers, range, &reach)?))
        };
        match self.read(&near, &both)? {
            Some(parts) => Ok(parts),
            None => Ok(vec![both(&self.whole()?)]),
        }
    }

    /// Reads the ledger whole.
    fn whole(&self) -> Result<Ledger, Error> {
        let ledger = self.dataset.view_at(self.commit.clone(), self.as_of)?.ledger;
        let ledger = match &self.keep {
            Some(keep) => ledger.with_records(|record| keep.contains(&record.id).then(|| record.clone())),
            None => ledger,
        };
        Ok(ledger.without(&self.inert))
    }
}
