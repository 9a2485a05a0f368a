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
//! - Items, guidelines and joins touch nothing.
//! - Who descends from whom is the same on both sides for the records of both, unless one of these names a record that
//!   one side lacks. That, damage and whatever else is unclear is left to the whole ledgers.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::catalog::Catalog;
use super::{Dataset, Error, LEDGER, View, reach, read};
use crate::ledger::{Ledger, RecordSet};
use crate::record::{Kind, RecordId, Rows};
use crate::store::Oid;

/// The records that one of two commits lacks, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// In base alone.
    pub base_only: Vec<RecordId>,
    /// In head alone.
    pub head_only: Vec<RecordId>,
}

/// What is there of one of two commits.
struct Side {
    catalog: Catalog,
    set: RecordSet,
}

impl Dataset {
    /// Returns the records that one of two commits lacks, as their trees name them; no file is read.
    ///
    /// # Errors
    /// Git could not list a tree.
    pub fn changed(&self, base: &Oid, head: &Oid) -> Result<Changed, Error> {
        let tree = |commit: &Oid| self.store().folder(commit, LEDGER);
        let (base, head) = (tree(base)?, tree(head)?);
        let lacking = |one: &Option<Oid>, other: &Option<Oid>| -> Result<Vec<RecordId>, Error> {
            let Some(one) = one else { return Ok(Vec::new()) };
            let (entries, _) = read::entries(self.store().lacking(one, other.as_ref(), LEDGER)?);
            let ids: BTreeSet<RecordId> = entries.into_iter().map(|entry| entry.id).collect();
            Ok(ids.into_iter().collect())
        };
        let (mut base_only, mut head_only) = (lacking(&base, &head)?, lacking(&head, &base)?);
        // A manifest that lies elsewhere, or has other bytes, is on both sides.
        let both: BTreeSet<RecordId> =
            base_only.iter().filter(|id| head_only.binary_search(id).is_ok()).copied().collect();
        [&mut base_only, &mut head_only].into_iter().for_each(|ids| ids.retain(|id| !both.contains(id)));
        Ok(Changed { base_only, head_only })
    }

    /// Returns the ledgers of two commits, with at least the rows of every item whose judgements differ in state, and
    /// every record unless both have the same. What looks at items one by one finds the same differences in them as in
    /// the whole ledgers. Damaged files are found where they are read.
    ///
    /// # Errors
    /// A file of the ledger that had to be read is damaged: then all damaged files of a side are named.
    pub fn touched_ledgers(&self, base: &Oid, head: &Oid) -> Result<(Ledger, Ledger), Error> {
        let tree = |commit| self.store().folder(commit, LEDGER);
        if let Some((base, head)) = self.restricted(tree(base)?.as_ref(), tree(head)?.as_ref())? {
            self.note_absent(&base);
            self.note_absent(&head);
            return Ok((base, head));
        }
        let whole = |commit: &Oid| Ok::<_, Error>(self.view_at(Some(commit.clone()), None)?.ledger);
        Ok((whole(base)?, whole(head)?))
    }

    /// Returns two ledgers like [`Dataset::touched_ledgers`]: of the ledger tree `base`, and of the ledger that `view`
    /// is of; `None` where more than a part of them would have to be read, or the tree is here no more.
    ///
    /// # Errors
    /// Git could not be read.
    pub fn touched_since(&self, base: &Oid, view: &View) -> Result<Option<(Ledger, Ledger)>, Error> {
        let head = view.commit.as_ref().map(|commit| self.store().folder(commit, LEDGER)).transpose()?;
        if !self.store().has_object(base) {
            return Ok(None);
        }
        self.restricted(Some(base), head.flatten().as_ref())
    }

    /// Returns the two ledgers of two ledger trees; `None` where the whole ones are to be asked.
    fn restricted(&self, base: Option<&Oid>, head: Option<&Oid>) -> Result<Option<(Ledger, Ledger)>, Error> {
        let side = |tree| {
            let arranged = self.arranged_tree(tree, None)?;
            Ok::<_, Error>(arranged.map(|(catalog, set)| Side { catalog, set }))
        };
        let (Some(base), Some(head)) = (side(base)?, side(head)?) else { return Ok(None) };
        let (of_base, of_head) = (base.set.arranged(), head.set.arranged());
        let (base_only, head_only) = (of_base.lacking(of_head), of_head.lacking(of_base));
        if !is_settled(&base.set, &base_only) || !is_settled(&head.set, &head_only) {
            return Ok(None);
        }
        let mut items = BTreeSet::new();
        for (one, lacking) in [(&base, &base_only), (&head, &head_only)] {
            if self.add_touched(one, lacking, &mut items).is_none() {
                return Ok(None);
            }
        }
        if items.is_empty() {
            let bare = |side: Side| Ledger::over(Arc::new(side.set), Vec::new());
            return Ok(Some((bare(base), bare(head))));
        }
        let Some(index) = self.index(&[&base.catalog, &head.catalog]) else { return Ok(None) };
        let (base, head) = rayon::join(|| index.ledger(base.set, &items), || index.ledger(head.set, &items));
        Ok(base.zip(head))
    }

    /// Adds the items that those records of `one` touch which are `lacking` on the other side; `None` where most of the
    /// ledger is touched, or a shard is damaged.
    fn add_touched(&self, one: &Side, lacking: &[bool], items: &mut BTreeSet<String>) -> Option<()> {
        let records = one.set.records();
        let lacking: Vec<usize> = (0..records.len()).filter(|number| lacking[*number]).collect();
        let batches: Vec<usize> =
            lacking.iter().copied().filter(|number| records[*number].head.kind.is_judgement()).collect();
        for rows in self.rows_of(one, &batches)? {
            reach::add_items(&rows, items);
        }
        let mut waiting: Vec<usize> =
            lacking.into_iter().filter(|number| records[*number].head.kind == Kind::Reverts).collect();
        let mut seen = BTreeSet::new();
        while let Some(revert) = waiting.pop() {
            if seen.insert(revert) {
                self.add_reverted(one, revert, items)?;
                let Some(revert) = &records[revert].manifest.revert else { continue };
                waiting.extend(revert.filter.records.iter().filter_map(|id| one.set.find(id)));
            }
        }
        Some(())
    }

    /// Adds the items that the revert `number` touches; of a record that is none, nothing.
    fn add_reverted(&self, side: &Side, number: usize, items: &mut BTreeSet<String>) -> Option<()> {
        let records = side.set.records();
        let own = &records[number];
        if own.head.kind != Kind::Reverts {
            return Some(());
        }
        let Some(revert) = &own.manifest.revert else { return Some(()) };
        if let Some(listed) = &revert.filter.items {
            items.extend(listed.iter().cloned());
            return Some(());
        }
        if !own.rows.is_empty() {
            reach::add_items(&own.rows, items);
            return Some(());
        }
        let found: Vec<usize> = (0..records.len())
            .filter(|other| revert.concurrent || side.set.descends(number, *other))
            .filter(|other| reach::may_choose(&revert.filter, &records[*other].id, &records[*other].manifest))
            .collect();
        match self.rows_of(side, &found) {
            Some(rows) => rows.iter().zip(&found).for_each(|(rows, other)| {
                reach::add_chosen(&revert.filter, &records[*other].manifest, rows, items);
            }),
            None => {
                let reach = reach::Reach::of(&side.set, std::iter::once(number));
                items.extend(self.index(&[&side.catalog])?.reached(&side.set, &reach)?);
            }
        }
        Some(())
    }

    /// Reads the rows of the records `numbers`; `None` where they are most of the ledger, or one is damaged.
    fn rows_of(&self, side: &Side, numbers: &[usize]) -> Option<Vec<Rows>> {
        let records = side.set.records();
        let judging = records.iter().filter(|record| record.head.kind.is_judgement()).count();
        if numbers.len() * 2 > judging.max(AT_LEAST) {
            return None;
        }
        let place = |number: &usize| side.catalog.find(&records[*number].id);
        let raws: Option<Vec<_>> =
            numbers.iter().map(|number| self.raw(&side.catalog, place(number)?)).collect();
        raws?.into_par_iter().map(super::view::Raw::rows).collect()
    }
}

/// Batches that are read one by one, however few the ledger has.
const AT_LEAST: usize = 16;

/// Whether no record of both sides names one of `set` that is `lacking` on the other.
fn is_settled(set: &RecordSet, lacking: &[bool]) -> bool {
    let both = set.records().iter().enumerate().filter(|(number, _)| !lacking[*number]);
    let mut settled = both.map(|(number, record)| {
        // Of all other records the manifest stays unread.
        let reverts = (record.head.kind == Kind::Reverts).then(|| &record.manifest.revert);
        let filter = reverts.into_iter().flatten().flat_map(|revert| &revert.filter.records);
        let mut named = filter.filter_map(|id| set.find(id));
        !named.any(|named| lacking[named])
            && set.parents(number).iter().all(|parent| !lacking[*parent as usize])
    });
    settled.all(|settled| settled)
}
