//! The index: every row of judgements and items that was ever looked up, in item order, kept in
//! `.git/hitl/cache/items/`.
//!
//! Records never change, so what is indexed of one stays right whatever branch is looked at: rows of records that a
//! ledger does not have are passed over. New records go into a run of their own; small runs are made one, so that there
//! are never many.

mod block;
mod run;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use self::block::Gathered;
use self::run::{From, Input, Run};
use super::Dataset;
use super::catalog::Catalog;
use super::reach::Reach;
use super::view::Raw;
use crate::ledger::{Ledger, Loaded, Places, RecordSet, Segment, labeler_kinds};
use crate::record::{Kind, RecordId, Rows};

/// Ids that are looked at one by one before they are searched.
const NEAR: usize = 4;
/// Rows that a part of a ledger has, about.
pub(super) const PART: usize = 1 << 17;
/// Shards read at a time while records are indexed.
const AT_ONCE: usize = 256;

/// For each run, the number in a set of each of its records, where that has it.
pub(super) type Numbers = Vec<Vec<Option<u32>>>;

/// What is indexed.
pub(super) struct Index {
    runs: Vec<Run>,
}

/// Rows found by item.
pub(super) struct Found {
    /// Rows of judgements.
    pub(super) segments: Vec<Segment>,
    /// Rows of items records, by record number.
    pub(super) described: Vec<(u32, Rows)>,
}

impl Dataset {
    /// Returns an index of at least every record of `catalogs` that has rows by item; `None` where a shard is damaged,
    /// or nothing can be kept.
    pub(super) fn index(&self, catalogs: &[&Catalog]) -> Option<Index> {
        let folder = self.store().cache_dir().join("items");
        let mut index = Index::open(&folder);
        for catalog in catalogs {
            let open = index.lacking(catalog);
            if open.is_empty() {
                continue;
            }
            let (records, inputs) = self.inputs(catalog, &open)?;
            index.runs.push(Run::open(&run::write(&folder, &records, inputs)?)?);
            index.tidy(&folder)?;
        }
        Some(index)
    }

    /// Reads the rows of the records at `places`.
    fn inputs(&self, catalog: &Catalog, places: &[usize]) -> Option<(Vec<RecordId>, Vec<Input>)> {
        let (mut records, mut inputs) = (Vec::with_capacity(places.len()), Vec::with_capacity(places.len()));
        for some in places.chunks(AT_ONCE) {
            let raws: Option<Vec<Raw>> = some.iter().map(|place| self.raw(catalog, *place)).collect();
            let read: Option<Vec<Loaded>> = raws?.into_par_iter().map(Raw::record).collect();
            for record in read? {
                inputs.push(input(record, records.len() as u32, &mut records));
            }
        }
        Some((records, inputs))
    }
}

/// Whether rows of `kind` are looked up by item.
fn is_by_item(kind: Kind) -> bool {
    kind.is_judgement() || kind == Kind::Items
}

/// Returns the number in `set` of a record that has rows by item there.
fn number_by_item(set: &RecordSet, id: &RecordId) -> Option<u32> {
    let number = set.find(id)?;
    is_by_item(set.records()[number].head.kind).then_some(number as u32)
}

/// Returns what goes into a run of a record, its number there being `number`.
fn input(record: Loaded, number: u32, records: &mut Vec<RecordId>) -> Input {
    records.push(record.id);
    let Loaded { manifest, rows, .. } = record;
    let labeler_kinds = match manifest.kind.is_judgement() {
        true => labeler_kinds(&manifest, &rows),
        false => Vec::new(),
    };
    Input {
        kind: manifest.kind,
        task: manifest.task.as_deref().unwrap_or_default().into(),
        rows,
        labeler_kinds,
        origin: From::Record(number),
    }
}

impl Index {
    /// Opens what is there. Of runs that hold one record twice, after a crash say, the larger counts.
    fn open(folder: &Path) -> Self {
        let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut runs: Vec<Run> = files
            .filter(|path| path.extension().is_some_and(|extension| extension == "run"))
            .filter_map(|path| Run::open(&path).or_else(|| fs::remove_file(&path).err().and(None)))
            .collect();
        runs.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.path.cmp(&b.path)));
        let (mut fresh, mut stale): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
        for run in runs {
            let is_held = |record: &RecordId| {
                fresh.iter().any(|other: &Run| other.records.binary_search(record).is_ok())
            };
            match run.records.iter().any(is_held) {
                true => stale.push(run),
                false => fresh.push(run),
            }
        }
        let is_held = |record: &RecordId| fresh.iter().any(|run| run.records.binary_search(record).is_ok());
        for run in stale.iter().filter(|run| run.records.iter().all(is_held)) {
            drop(fs::remove_file(&run.path));
        }
        Self { runs: fresh }
    }

    /// Returns the places of the records of `catalog` that have rows by item, none of which is here.
    fn lacking(&self, catalog: &Catalog) -> Vec<usize> {
        let (tops, by_id) = (catalog.tops(), &catalog.records().by_id);
        let id = |place: u32| tops[place as usize].id;
        let mut here = vec![false; tops.len()];
        for run in &self.runs {
            // Both are sorted: what is left of one is behind what was found of the other.
            let mut rest = &by_id[..];
            for record in &run.records {
                let skipped = rest.iter().take(NEAR).position(|place| id(*place) >= *record);
                rest = &rest[skipped.unwrap_or_else(|| rest.partition_point(|place| id(*place) < *record))..];
                if let Some(place) = rest.first().filter(|place| id(**place) == *record) {
                    here[*place as usize] = true;
                }
            }
        }
        let lacks = |place: &usize| {
            let top = &tops[*place];
            top.has_shard && is_by_item(top.head.kind) && !here[*place]
        };
        (0..tops.len()).filter(lacks).collect()
    }

    /// Makes the smallest runs one, as many as are not much larger than those before them together; `None` where one is
    /// damaged: then they are deleted, and what they held is indexed no more.
    fn tidy(&mut self, folder: &Path) -> Option<()> {
        self.runs.sort_by_key(|run| run.rows);
        let (mut rows, mut count) = (0, 0);
        for run in &self.runs {
            if count > 0 && run.rows > 2 * rows {
                break;
            }
            rows += run.rows;
            count += 1;
        }
        if count < 2 {
            return Some(());
        }
        let merged: Vec<Run> = self.runs.drain(..count).collect();
        let (mut records, mut inputs) = (Vec::new(), Vec::new());
        for run in &merged {
            let first = records.len() as u32;
            records.extend(run.records.iter().copied());
            for section in &run.sections {
                let gathered = run.of_range(section, (None, None), &|number| Some(number + first));
                let Some((rows, places, labeler_kinds)) = gathered.and_then(Gathered::into_parts) else {
                    merged.iter().for_each(|run| drop(fs::remove_file(&run.path)));
                    return None;
                };
                let task = section.task.clone();
                let origin = From::Places(places);
                inputs.push(Input { kind: section.kind, task, rows, labeler_kinds, origin });
            }
        }
        match run::write(folder, &records, inputs).and_then(|path| Run::open(&path)) {
            Some(run) => {
                merged.iter().for_each(|run| drop(fs::remove_file(&run.path)));
                self.runs.push(run);
            }
            None => self.runs.extend(merged),
        }
        Some(())
    }

    /// Returns the ledger of `set` with the rows of `items`; `None` where a run is damaged: it is deleted.
    pub(super) fn ledger(&self, mut set: RecordSet, items: &BTreeSet<String>) -> Option<Ledger> {
        let Found { segments, described } = self.of_items(&set, items)?;
        described.into_iter().for_each(|(record, rows)| set.describe(record, rows));
        Some(Ledger::over(Arc::new(set), segments))
    }

    /// Returns the rows of `items` that records of `set` hold; `None` where a run is damaged: it is deleted.
    fn of_items(&self, set: &RecordSet, items: &BTreeSet<String>) -> Option<Found> {
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        let mut all = Found { segments: Vec::new(), described: Vec::new() };
        self.each_section(|_, run, section| {
            let number = |slot: u32| number_by_item(set, run.records.get(slot as usize)?);
            let found = found(section, run.of_items(section, &items, &number)?)?;
            all.segments.extend(found.segments);
            all.described.extend(found.described);
            Some(())
        })?;
        all.described.sort_by_key(|(record, _)| *record);
        Some(all)
    }

    /// Returns the rows of judgements of items not before the first of `range` and before its second, as
    /// [`Index::of_items`]. `numbers` has, for each run, the record number of each of its records.
    pub(super) fn of_range(
        &self,
        numbers: &Numbers,
        range: (Option<&str>, Option<&str>),
        task: Option<&str>,
    ) -> Option<Vec<Segment>> {
        let mut segments = Vec::new();
        self.each_section(|at, run, section| {
            if section.kind.is_judgement() && task.is_none_or(|task| *section.task == *task) {
                let number = |slot: u32| numbers.get(at)?.get(slot as usize).copied().flatten();
                segments.extend(found(section, run.of_range(section, range, &number)?)?.segments);
            }
            Some(())
        })?;
        Some(segments)
    }

    /// Returns at least all rows of the items of a range that `reach` has a row of, as [`Index::of_range`].
    pub(super) fn near(
        &self,
        numbers: &Numbers,
        range: (Option<&str>, Option<&str>),
        reach: &Reach,
    ) -> Option<Vec<Segment>> {
        let Some(labelers) = reach.labelers() else {
            return self.of_range(numbers, range, None);
        };
        let by = |labeler: &str| labelers.contains(labeler);
        let mut items: Vec<String> = Vec::new();
        self.each_section(|_, run, section| match section.kind.is_judgement() {
            true => run.items_by(section, range, &by, &mut items),
            false => Some(()),
        })?;
        items.sort_unstable();
        items.dedup();
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        let mut segments = Vec::new();
        self.each_section(|at, run, section| {
            if section.kind.is_judgement() {
                let number = |slot: u32| numbers.get(at)?.get(slot as usize).copied().flatten();
                segments.extend(found(section, run.of_items(section, &items, &number)?)?.segments);
            }
            Some(())
        })?;
        Some(segments)
    }

    /// Does `each` with every section, and the place of its run; `None` where one is damaged: its run is deleted.
    fn each_section(&self, mut each: impl FnMut(usize, &Run, &run::Section) -> Option<()>) -> Option<()> {
        for (at, run) in self.runs.iter().enumerate() {
            for section in &run.sections {
                if each(at, run, section).is_none() {
                    drop(fs::remove_file(&run.path));
                    return None;
                }
            }
        }
        Some(())
    }

    /// Returns the items of the rows that `reach` has in records of `set`; `None` where a run is damaged: it is deleted.
    pub(super) fn reached(&self, set: &RecordSet, reach: &Reach) -> Option<BTreeSet<String>> {
        let numbers = self.numbers(set);
        let parts = self.by_part(&self.fences(PART), |range| {
            let segments = self.near(&numbers, range, reach)?;
            Some(reach.items(set, &segments).into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        Some(parts?.into_iter().flatten().collect())
    }

    /// Returns what `each` says of the range of every part that `fences` make, in order; `None` where it does of one.
    pub(super) fn by_part<T: Send>(
        &self,
        fences: &[String],
        each: impl Fn((Option<&str>, Option<&str>)) -> Option<T> + Sync,
    ) -> Option<Vec<T>> {
        let part = |at: usize| {
            let from = at.checked_sub(1).map(|before| fences[before].as_str());
            each((from, fences.get(at).map(String::as_str)))
        };
        (0..=fences.len()).into_par_iter().map(part).collect()
    }

    /// Returns, for each run, the number in `set` of each of its records.
    pub(super) fn numbers(&self, set: &RecordSet) -> Numbers {
        let number = |id: &RecordId| number_by_item(set, id);
        self.runs.iter().map(|run| run.records.iter().map(number).collect()).collect()
    }

    /// Returns items that part the rows of judgements into parts of about `rows` rows, in order.
    pub(super) fn fences(&self, rows: usize) -> Vec<String> {
        let sections = self.runs.iter().flat_map(|run| &run.sections);
        let mut all: Vec<&str> =
            sections.filter(|section| section.kind.is_judgement()).flat_map(run::Section::fences).collect();
        all.par_sort_unstable();
        let step = (rows / run::PAGE_ROWS).max(1);
        let mut fences: Vec<String> =
            all.iter().step_by(step).skip(1).map(|item| (*item).to_owned()).collect();
        fences.dedup();
        fences
    }
}

/// Returns what was gathered of a section.
fn found(section: &run::Section, gathered: Gathered) -> Option<Found> {
    let (rows, places, labeler_kinds) = gathered.into_parts()?;
    let mut found = Found { segments: Vec::new(), described: Vec::new() };
    if rows.is_empty() {
        return Some(found);
    }
    if section.kind == Kind::Items {
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by_key(|row| places[*row as usize]);
        for of_record in order.chunk_by(|a, b| places[*a as usize].0 == places[*b as usize].0) {
            found.described.push((places[of_record[0] as usize].0, rows.take(of_record)));
        }
        return Some(found);
    }
    found.segments.push(Segment {
        task: section.task.clone(),
        rows: Arc::new(rows),
        places: Places::Each(Arc::new(places)),
        labeler_kinds: Arc::new(labeler_kinds),
    });
    Some(found)
}
