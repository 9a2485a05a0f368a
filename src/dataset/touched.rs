//! Two states of a ledger, read as far as what differs between them goes.
//!
//! In: two commits. Out: the records that one of them lacks, and two ledgers that hold every record (manifest, parents)
//! and of the rows those of the touched items alone. The invariant: whatever looks at items one by one, as `diff` does,
//! says the same of these two as of the whole ledgers. Why that is enough:
//!
//! - A judgement's state follows from the rows of its item, the reverts that cover them, and who descends from whom.
//! - A batch that one side lacks touches the items of its rows.
//! - A revert that one side lacks touches the items of the rows its filter chooses; one that takes back a revert, also
//!   what that one touches. Rows equal to a covered one, and rows built on one, are of its item: cascades go no further.
//! - Items, guidelines and joins touch nothing. Of a revert's list of items, too, only the touched ones are kept.
//! - Who descends from whom is the same on both sides for the records of both, unless one of these names a record that
//!   one side lacks. That, damage and whatever else is unclear is left to the whole ledgers.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::cache::{ItemCache, Prefixes};
use super::read::{self, Entry, decode};
use super::{Dataset, Error, reach};
use crate::ledger::{Ledger, Loaded};
use crate::record::{Kind, Manifest, RecordId, Rows, col};
use crate::store::Oid;

/// Shards held in memory undecoded at a time.
const AT_ONCE: usize = 64;

/// The records that one of two commits lacks, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// In base alone.
    pub base_only: Vec<RecordId>,
    /// In head alone.
    pub head_only: Vec<RecordId>,
}

/// Who has a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Base,
    Head,
    Both,
}

/// A record of either side.
struct Member {
    entry: Entry,
    side: Side,
    manifest: Manifest,
    /// Once read: all its rows, later those of the touched items.
    rows: Option<Rows>,
}

/// All records of two sides, by id.
struct Union<'a> {
    dataset: &'a Dataset,
    cache: ItemCache,
    members: Vec<Member>,
}

impl Dataset {
    /// Returns the records that one of two commits lacks, as their trees name them; no file is read.
    ///
    /// # Errors
    /// Git could not list a tree.
    pub fn changed(&self, base: &Oid, head: &Oid) -> Result<Changed, Error> {
        let ids = |commit| -> Result<BTreeSet<RecordId>, Error> {
            Ok(self.entries(commit)?.0.into_iter().map(|entry| entry.id).collect())
        };
        let (base, head) = (ids(base)?, ids(head)?);
        Ok(Changed {
            base_only: base.difference(&head).copied().collect(),
            head_only: head.difference(&base).copied().collect(),
        })
    }

    /// Returns the ledgers of two commits, with at least the rows of every item whose judgements differ in state, and
    /// every record unless both have the same. What looks at items one by one finds the same differences in them as in
    /// the whole ledgers. Damaged files are found where they are read; manifests are always, unless both sides are the
    /// same.
    ///
    /// # Errors
    /// A file of the ledger that had to be read is damaged: then all damaged files of a side are named.
    pub fn touched_ledgers(&self, base: &Oid, head: &Oid) -> Result<(Ledger, Ledger), Error> {
        if let Some((base, head)) = self.restricted(base, head)? {
            self.note_absent(&base);
            self.note_absent(&head);
            return Ok((base, head));
        }
        let whole = |commit: &Oid| Ok::<_, Error>(self.view_at(Some(commit.clone()), None)?.ledger);
        Ok((whole(base)?, whole(head)?))
    }

    /// Returns the two ledgers; `None` where the whole ones are to be asked.
    fn restricted(&self, base: &Oid, head: &Oid) -> Result<Option<(Ledger, Ledger)>, Error> {
        let ((base, base_faults), (head, head_faults)) = (self.entries(base)?, self.entries(head)?);
        if !base_faults.is_empty() || !head_faults.is_empty() {
            return Ok(None);
        }
        if base == head {
            return Ok(Some((Ledger::fold(Vec::new()), Ledger::fold(Vec::new()))));
        }
        Ok(Union::read(self, base, head).and_then(Union::ledgers))
    }
}

impl<'a> Union<'a> {
    /// Reads the manifests of both sides; `None` where a file is damaged, or where one record differs.
    fn read(dataset: &'a Dataset, base: Vec<Entry>, head: Vec<Entry>) -> Option<Self> {
        let mut sides: BTreeMap<RecordId, (Entry, Side)> = BTreeMap::new();
        for entry in base {
            if sides.insert(entry.id, (entry, Side::Base)).is_some() {
                return None;
            }
        }
        for entry in head {
            match sides.get_mut(&entry.id) {
                Some((known, side)) if *side == Side::Base && *known == entry => *side = Side::Both,
                Some(_) => return None,
                None => drop(sides.insert(entry.id, (entry, Side::Head))),
            }
        }
        let bytes = |(entry, side): (Entry, Side)| {
            let bytes = dataset.bytes(&entry, &entry.manifest).ok()?;
            Some((entry, side, bytes))
        };
        let raws: Option<Vec<_>> = sides.into_values().map(bytes).collect();
        let members = raws?.into_par_iter().map(|(entry, side, bytes)| {
            let manifest = read::manifest(&entry, &bytes).ok()?;
            Some(Member { entry, side, manifest, rows: None })
        });
        let members: Option<Vec<Member>> = members.collect();
        Some(Self { dataset, cache: ItemCache::of(dataset.store()), members: members? })
    }

    /// Returns the ledgers of both sides.
    fn ledgers(mut self) -> Option<(Ledger, Ledger)> {
        if !self.is_settled() {
            return None;
        }
        let touched = self.touched()?;
        if self.is_mostly_read() {
            let all: Vec<usize> = (0..self.members.len()).collect();
            self.load(&all, None)?;
        } else {
            self.restrict(&touched)?;
        }
        let (base, head) = (self.loaded(Side::Base), self.loaded(Side::Head));
        Some(rayon::join(|| Ledger::fold(base), || Ledger::fold(head)))
    }

    fn find(&self, id: &RecordId) -> Option<usize> {
        self.members.binary_search_by_key(id, |member| member.entry.id).ok()
    }

    /// Whether no record of both sides names one that a side lacks.
    fn is_settled(&self) -> bool {
        let both = self.members.iter().filter(|member| member.side == Side::Both);
        let mut named = both.flat_map(|member| {
            let filter = member.manifest.revert.iter().flat_map(|revert| &revert.filter.records);
            member.manifest.parents.iter().chain(filter)
        });
        named.all(|id| self.find(id).is_none_or(|index| self.members[index].side == Side::Both))
    }

    /// Returns the items that records of one side touch.
    fn touched(&mut self) -> Option<BTreeSet<String>> {
        let one_sided = |member: &Member| member.side != Side::Both;
        let batches = self.numbers(|member| one_sided(member) && member.manifest.kind.is_judgement());
        self.load(&batches, None)?;
        let mut items = BTreeSet::new();
        batches.iter().for_each(|batch| self.add_items(*batch, &mut items));
        let mut waiting = self.numbers(|member| one_sided(member) && member.manifest.kind == Kind::Reverts);
        let mut seen = BTreeSet::new();
        while let Some(revert) = waiting.pop() {
            if seen.insert(revert) {
                self.add_reverted(revert, &mut items)?;
                let Some(revert) = &self.members[revert].manifest.revert else { continue };
                waiting.extend(revert.filter.records.iter().filter_map(|id| self.find(id)));
            }
        }
        Some(items)
    }

    /// Adds the items that the revert at `number` touches; of a record that is none, nothing.
    fn add_reverted(&mut self, number: usize, items: &mut BTreeSet<String>) -> Option<()> {
        let Some(revert) = self.members[number].manifest.revert.clone() else { return Some(()) };
        if let Some(listed) = revert.filter.items {
            items.extend(listed);
            return Some(());
        }
        if self.members[number].manifest.shard.is_some() {
            self.load(&[number], None)?;
            self.add_items(number, items);
            return Some(());
        }
        let ancestors = if revert.concurrent { None } else { Some(self.ancestors(number)) };
        let mut found =
            self.numbers(|member| reach::may_choose(&revert.filter, &member.entry.id, &member.manifest));
        found.retain(|record| ancestors.as_ref().is_none_or(|ancestors| ancestors.contains(record)));
        self.load(&found, None)?;
        for member in found.into_iter().map(|record| &self.members[record]) {
            if let Some(rows) = &member.rows {
                reach::add_chosen(&revert.filter, &member.manifest, rows, items);
            }
        }
        Some(())
    }

    fn add_items(&self, number: usize, items: &mut BTreeSet<String>) {
        for item in self.members[number].rows.iter().flat_map(|rows| rows.texts(col::ITEM).iter().flatten()) {
            if !items.contains(item) {
                items.insert(item.to_owned());
            }
        }
    }

    /// Returns the records that the one at `number` descends from.
    fn ancestors(&self, number: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![number];
        while let Some(number) = waiting.pop() {
            let parents = self.members[number].manifest.parents.iter();
            waiting.extend(parents.filter_map(|id| self.find(id)).filter(|parent| found.insert(*parent)));
        }
        found
    }

    fn numbers(&self, which: impl Fn(&Member) -> bool) -> Vec<usize> {
        (0..self.members.len()).filter(|number| which(&self.members[*number])).collect()
    }

    /// Whether what is read by now is more than half of the rows: then the rest is better read plainly.
    fn is_mostly_read(&self) -> bool {
        let rows = |member: &Member| member.manifest.shard.map_or(0, |shard| shard.rows);
        let judging = || self.members.iter().filter(|member| member.manifest.kind.is_judgement());
        let read: u64 = judging().filter(|member| member.rows.is_some()).map(rows).sum();
        read * 2 > judging().map(rows).sum()
    }

    /// Leaves the rows of `items` alone, and reads the shards that may hold some.
    fn restrict(&mut self, items: &BTreeSet<String>) -> Option<()> {
        for member in &mut self.members {
            member.rows = member.rows.take().map(|rows| only(rows, items));
        }
        let wanted = Prefixes::of(items.iter().map(String::as_str));
        let cache = &self.cache;
        let may_hold = |(number, member): (usize, &Member)| {
            let shard = member.manifest.shard.filter(|_| member.rows.is_none() && has_items(member))?;
            let index = cache.read(member.entry.id, shard.sha256);
            index.is_none_or(|index| index.meets(&wanted)).then_some(number)
        };
        let open: Vec<usize> = self.members.par_iter().enumerate().filter_map(may_hold).collect();
        self.load(&open, Some(items))
    }

    /// Reads the rows of the records `which` that were not read before; all, or those of `items` alone.
    fn load(&mut self, which: &[usize], items: Option<&BTreeSet<String>>) -> Option<()> {
        let open: Vec<usize> = which
            .iter()
            .copied()
            .filter(|number| self.members[*number].rows.is_none() && has_items(&self.members[*number]))
            .collect();
        for some in open.chunks(AT_ONCE) {
            let bytes = |number: &usize| {
                let Member { entry, .. } = &self.members[*number];
                let shard = entry.shard.as_ref().map(|file| self.dataset.bytes(entry, file));
                Some((*number, shard.transpose().ok()?))
            };
            let raws: Option<Vec<(usize, Option<Vec<u8>>)>> = some.iter().map(bytes).collect();
            let (cache, members) = (&self.cache, &self.members);
            let read = |(number, shard): (usize, Option<Vec<u8>>)| {
                let Member { entry, manifest, .. } = &members[number];
                let mut record = decode(entry, manifest.clone(), shard).ok()?;
                keep_index(cache, &record);
                if let Some(items) = items {
                    record.rows = only(record.rows, items);
                }
                Some(record)
            };
            let loaded: Option<Vec<Loaded>> = raws?.into_par_iter().map(read).collect();
            for (number, record) in some.iter().zip(loaded?) {
                self.members[*number].manifest = record.manifest;
                self.members[*number].rows = Some(record.rows);
            }
        }
        Some(())
    }

    /// Returns the records of one side.
    fn loaded(&self, side: Side) -> Vec<Loaded> {
        let of_side = self.members.iter().filter(|member| member.side == side || member.side == Side::Both);
        of_side
            .map(|member| Loaded {
                id: member.entry.id,
                manifest: member.manifest.clone(),
                rows: member.rows.clone().unwrap_or_else(|| Rows::empty(member.manifest.kind)),
            })
            .collect()
    }
}

/// Whether the record's rows are about items that judgements are about.
fn has_items(member: &Member) -> bool {
    member.manifest.kind.is_judgement() || member.manifest.kind == Kind::Reverts
}

/// Keeps the index of a record just read in full, unless there is a sound one.
fn keep_index(cache: &ItemCache, record: &Loaded) {
    if let Some(shard) = record.manifest.shard
        && cache.read(record.id, shard.sha256).is_none()
    {
        cache.write(record.id, shard.sha256, &Prefixes::of_rows(&record.rows));
    }
}

/// Returns the rows of `items` alone.
fn only(rows: Rows, items: &BTreeSet<String>) -> Rows {
    let mut keep = Vec::new();
    // Rows are sorted by item: most are about the same as the one before.
    let mut last: Option<(&str, bool)> = None;
    for (row, item) in (0u32..).zip(rows.texts(col::ITEM).iter()) {
        let Some(item) = item else { continue };
        let among = match last {
            Some((before, among)) if before == item => among,
            _ => items.contains(item),
        };
        keep.extend(among.then_some(row));
        last = Some((item, among));
    }
    rows.take(&keep)
}
