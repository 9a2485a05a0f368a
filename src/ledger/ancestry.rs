//! Who could see what: the records of a set in an order that puts ancestors first, and the question whether one
//! descends from another.
//!
//! In: records, in any order. Out: the same without repeats, ancestors first, then by id. Only parents that are in the
//! set count; the others are told as missing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use super::Missing;
use crate::record::RecordId;

/// The strict ancestors of every record.
///
/// A ledger is a chain with short side branches, so a record keeps the length of the prefix that it descends from
/// wholly, and single bits only for what lies beyond.
#[derive(Clone, Debug, Default)]
pub(super) struct Ancestry {
    /// All records with a lower number than this are ancestors.
    complete: Vec<u32>,
    /// Where the record's words end in `words`. The first holds the bit of record `complete`.
    ends: Vec<usize>,
    words: Vec<u64>,
}

impl Ancestry {
    /// Whether `later` has `earlier` among its ancestors.
    pub(super) fn descends(&self, later: usize, earlier: usize) -> bool {
        let complete = self.complete[later] as usize;
        if earlier < complete {
            return true;
        }
        let word = earlier / 64 - complete / 64;
        self.row(later).get(word).is_some_and(|bits| bits >> (earlier % 64) & 1 == 1)
    }

    fn row(&self, record: usize) -> &[u64] {
        let start = if record == 0 { 0 } else { self.ends[record - 1] };
        &self.words[start..self.ends[record]]
    }

    /// Appends a record with these parents, all of them appended before.
    pub(super) fn push(&mut self, parents: &[u32]) {
        let own = self.complete.len();
        // On top of the last record, which saw all before it.
        let last = own.checked_sub(1).filter(|last| self.complete[*last] as usize == *last);
        if last.is_some_and(|last| parents.contains(&(last as u32))) {
            self.complete.push(own as u32);
            return self.ends.push(self.words.len());
        }
        let base = parents.iter().map(|parent| self.complete[*parent as usize]).max().unwrap_or(0) as usize;
        let first = base / 64;
        let mut bits = vec![0u64; own / 64 + 1 - first];
        for parent in parents.iter().map(|parent| *parent as usize) {
            if parent >= base {
                bits[parent / 64 - first] |= 1 << (parent % 64);
            }
            let skipped = first - self.complete[parent] as usize / 64;
            for (mine, theirs) in bits.iter_mut().zip(self.row(parent).iter().skip(skipped)) {
                *mine |= theirs;
            }
        }
        let mut complete = base;
        while complete < own && bits[complete / 64 - first] >> (complete % 64) & 1 == 1 {
            complete += 1;
        }
        bits.drain(..complete / 64 - first);
        while bits.last() == Some(&0) {
            bits.pop();
        }
        self.complete.push(u32::try_from(complete).expect("a set has fewer than 2^32 records"));
        self.words.extend(bits);
        self.ends.push(self.words.len());
    }
}

/// What has an id, and names what came before it.
pub trait Node {
    /// Returns its id.
    fn id(&self) -> RecordId;
    /// Returns the ids it names.
    fn parents(&self) -> &[RecordId];
}

/// For each record of a set in order, which of those before it are its parents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parents {
    ends: Vec<u32>,
    numbers: Vec<u32>,
}

impl Parents {
    /// Returns those of no record, with room for so many.
    pub fn with_capacity(records: usize) -> Self {
        Self { ends: Vec::with_capacity(records), numbers: Vec::with_capacity(records) }
    }

    /// Appends the parents of the next record; those that do not come before it are left out.
    pub fn push(&mut self, parents: impl IntoIterator<Item = u32>) {
        let (own, start) = (self.ends.len() as u32, self.numbers.len());
        self.numbers.extend(parents.into_iter().filter(|parent| *parent < own));
        self.numbers[start..].sort_unstable();
        self.ends.push(self.numbers.len() as u32);
    }

    /// Returns the parents of a record, by their numbers.
    pub fn of(&self, record: usize) -> &[u32] {
        let start = if record == 0 { 0 } else { self.ends[record - 1] };
        &self.numbers[start as usize..self.ends[record] as usize]
    }
}

/// Records in order: ancestors first, then by id.
#[derive(Clone, Debug)]
pub struct Arranged<T> {
    /// The records, without repeats.
    pub records: Vec<T>,
    /// Their numbers, sorted by id.
    pub by_id: Arc<[u32]>,
    /// Who names whom.
    pub parents: Arc<Parents>,
}

impl<T> Default for Arranged<T> {
    fn default() -> Self {
        Self { records: Vec::new(), by_id: Arc::default(), parents: Arc::default() }
    }
}

/// Arranges `records`.
pub fn arrange<T: Node>(mut records: Vec<T>) -> Arranged<T> {
    records.sort_by_key(Node::id);
    records.dedup_by_key(|record| record.id());
    let found = find_parents(&records);
    let order = order(&found);
    let mut place = vec![0u32; records.len()];
    for (number, index) in (0u32..).zip(&order) {
        place[*index as usize] = number;
    }
    let mut parents = Parents::default();
    for index in &order {
        // Ids are hashes, so parents come first; forged ids that form a circle lose the parent that does not.
        parents.push(found[*index as usize].iter().map(|parent| place[*parent as usize]));
    }
    let mut taken: Vec<Option<T>> = records.into_iter().map(Some).collect();
    let records = order.iter().filter_map(|index| taken[*index as usize].take()).collect();
    Arranged { records, by_id: place.into(), parents: Arc::new(parents) }
}

impl<T: Node> Arranged<T> {
    /// Returns these records and `extra`, of which none is among them, arranged.
    ///
    /// Where those saw all that was here, as those of a new commit did, nothing that was here is looked at again.
    pub fn with(self, extra: Vec<T>) -> Self {
        let heads = self.heads();
        let extra = arrange(extra);
        let saw_all = |number: usize| {
            let named = extra.records[number].parents();
            !extra.parents.of(number).is_empty() || heads.iter().all(|head| named.contains(head))
        };
        if !(0..extra.records.len()).all(saw_all) {
            let mut all = self.records;
            all.extend(extra.records);
            return arrange(all);
        }
        let before = self.records.len() as u32;
        let mut by_id = Vec::with_capacity(self.records.len() + extra.records.len());
        let mut old = self.by_id.iter().peekable();
        for (id, number) in extra.sorted() {
            while let Some(other) = old.next_if(|other| self.records[**other as usize].id() < id) {
                by_id.push(*other);
            }
            by_id.push(before + number);
        }
        by_id.extend(old);
        let mut all = Self { by_id: by_id.into(), ..self };
        let mut parents = Arc::unwrap_or_clone(std::mem::take(&mut all.parents));
        all.records.extend(extra.records);
        for record in &all.records[before as usize..] {
            let mut named: Vec<u32> =
                record.parents().iter().filter_map(|id| all.find(id)).map(|number| number as u32).collect();
            named.sort_unstable();
            named.dedup();
            parents.push(named);
        }
        Self { parents: Arc::new(parents), ..all }
    }

    /// Returns the number of the record `id`.
    pub fn find(&self, id: &RecordId) -> Option<usize> {
        let number = |number: &u32| self.records[*number as usize].id();
        self.by_id.binary_search_by_key(id, number).ok().map(|index| self.by_id[index] as usize)
    }

    /// Iterates over the records by id, each with its number.
    pub fn sorted(&self) -> impl ExactSizeIterator<Item = (RecordId, u32)> {
        self.by_id.iter().map(|number| (self.records[*number as usize].id(), *number))
    }

    /// Returns, for each record, whether `other` lacks it.
    pub fn lacking<U: Node>(&self, other: &Arranged<U>) -> Vec<bool> {
        let mut lacking = vec![true; self.records.len()];
        let mut theirs = other.sorted().peekable();
        for (id, number) in self.sorted() {
            while theirs.next_if(|(other, _)| *other < id).is_some() {}
            lacking[number as usize] = theirs.peek().is_none_or(|(other, _)| *other != id);
        }
        lacking
    }

    /// Returns the strict ancestors of every record.
    pub(super) fn ancestry(&self) -> Ancestry {
        let count = self.records.len();
        let mut ancestry = Ancestry {
            complete: Vec::with_capacity(count),
            ends: Vec::with_capacity(count),
            words: Vec::new(),
        };
        (0..count).for_each(|record| ancestry.push(self.parents.of(record)));
        ancestry
    }

    /// Returns the records that nobody names, sorted.
    pub(super) fn heads(&self) -> Vec<RecordId> {
        let mut is_head = vec![true; self.records.len()];
        self.parents.numbers.iter().for_each(|parent| is_head[*parent as usize] = false);
        self.sorted().filter(|(_, number)| is_head[*number as usize]).map(|(id, _)| id).collect()
    }

    /// Returns the ids that are named and not there, sorted.
    pub(super) fn missing(&self) -> Vec<Missing> {
        let mut absent: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
        for (number, record) in self.records.iter().enumerate() {
            // Most find all they name, and nothing need be looked up.
            if record.parents().len() == self.parents.of(number).len() {
                continue;
            }
            for parent in record.parents().iter().filter(|parent| self.find(parent).is_none()) {
                absent.entry(*parent).or_default().push(record.id());
            }
        }
        let missing = absent.into_iter().map(|(id, mut needed_by)| {
            needed_by.sort_unstable();
            needed_by.dedup();
            Missing { id, needed_by }
        });
        missing.collect()
    }
}

/// Returns, for each of `records` (sorted by id), where its parents stand.
fn find_parents<T: Node>(records: &[T]) -> Vec<Vec<u32>> {
    let place = |id: &RecordId| records.binary_search_by_key(id, Node::id).ok().map(|index| index as u32);
    let parents = records.iter().map(|record| {
        let mut found: Vec<u32> = record.parents().iter().filter_map(place).collect();
        found.sort_unstable();
        found.dedup();
        found
    });
    parents.collect()
}

/// Returns the positions in an order that puts parents first, then the lower position.
fn order(parents: &[Vec<u32>]) -> Vec<u32> {
    let mut waits_for: Vec<usize> = parents.iter().map(Vec::len).collect();
    let mut children = vec![Vec::new(); parents.len()];
    for (child, parents) in (0u32..).zip(parents) {
        parents.iter().for_each(|parent| children[*parent as usize].push(child));
    }
    let mut ready: BinaryHeap<Reverse<u32>> =
        (0u32..).zip(&waits_for).filter(|(_, count)| **count == 0).map(|(index, _)| Reverse(index)).collect();
    let mut order = Vec::with_capacity(parents.len());
    while let Some(Reverse(index)) = ready.pop() {
        order.push(index);
        for child in &children[index as usize] {
            waits_for[*child as usize] -= 1;
            if waits_for[*child as usize] == 0 {
                ready.push(Reverse(*child));
            }
        }
    }
    order.extend((0u32..).zip(&waits_for).filter(|(_, count)| **count > 0).map(|(index, _)| index));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Node for (RecordId, Vec<RecordId>) {
        fn id(&self) -> RecordId {
            self.0
        }

        fn parents(&self) -> &[RecordId] {
            &self.1
        }
    }

    proptest! {
        /// Each record names some of those before it, by bits, and one that is nowhere.
        #[test]
        fn what_is_added_comes_where_arranging_all_would_put_it(
            named in prop::collection::vec(any::<u16>(), 0..14),
            order in any::<u64>(),
            first in 0..14usize,
        ) {
            let id = |number: usize| RecordId(crate::base::Digest::of(&[number as u8, order as u8]));
            let record = |(number, named): (usize, &u16)| {
                let mut parents: Vec<RecordId> =
                    (0..number).filter(|other| named >> other & 1 == 1).map(id).collect();
                parents.extend((named & 3 == 3).then(|| id(99)));
                (id(number), parents)
            };
            let all: Vec<_> = named.iter().enumerate().map(record).collect();
            let (some, more) = all.split_at(first.min(all.len()));
            let (told, expected) = (arrange(some.to_vec()).with(more.to_vec()), arrange(all.clone()));
            prop_assert_eq!(&told.records, &expected.records);
            prop_assert_eq!(&told.by_id, &expected.by_id);
            prop_assert_eq!(&told.parents, &expected.parents);
            prop_assert_eq!(told.heads(), expected.heads());
        }
    }

    #[test]
    fn ancestors_are_found_in_chains_forks_and_merges() {
        // Two chains of 100 that fork at record 0, alternate in number, and meet in record 201; 202 stands alone.
        let mut ancestry = Ancestry::default();
        ancestry.push(&[]);
        for record in 1..=200u32 {
            ancestry.push(&[record.saturating_sub(2)]);
        }
        ancestry.push(&[199, 200]);
        ancestry.push(&[]);
        ancestry.push(&[201]);
        for later in 1..=200 {
            for earlier in 0..=200 {
                let expected = earlier < later && (earlier == 0 || (later - earlier) % 2 == 0);
                assert_eq!(ancestry.descends(later, earlier), expected, "{later} {earlier}");
            }
        }
        assert!((0..201).all(|earlier| ancestry.descends(201, earlier)));
        assert!((0..203).all(|other| !ancestry.descends(202, other)));
        assert!(ancestry.descends(203, 201) && !ancestry.descends(203, 202) && !ancestry.descends(203, 203));
        assert!((0..204).all(|record| !ancestry.descends(record, record)));
    }
}
