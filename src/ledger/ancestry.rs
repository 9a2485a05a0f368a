//! Who could see what: the records of a set in an order that puts ancestors first, and the question whether one
//! descends from another.
//!
//! In: records, in any order. Out: the same without repeats, ancestors first, then by id. Only parents that are in the
//! set count; the others are listed as missing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{Missing, Record};
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

/// The records of a set, arranged.
pub(super) struct Arranged {
    /// Ancestors first, then by id.
    pub(super) records: Vec<Record>,
    /// Sorted by id: where each record stands.
    pub(super) ids: Vec<(RecordId, u32)>,
    pub(super) ancestry: Ancestry,
    /// Sorted.
    pub(super) heads: Vec<RecordId>,
    /// Sorted.
    pub(super) missing: Vec<Missing>,
}

/// Arranges `records`.
pub(super) fn arrange(mut records: Vec<Record>) -> Arranged {
    records.sort_by_key(|record| record.id);
    records.dedup_by_key(|record| record.id);
    let (parents, missing) = find_parents(&records);
    let order = order(&parents);
    let mut place = vec![0u32; records.len()];
    for (number, index) in (0u32..).zip(&order) {
        place[*index as usize] = number;
    }
    let mut ancestry = Ancestry::default();
    let mut is_head = vec![true; records.len()];
    for (number, index) in (0u32..).zip(&order) {
        // Ids are hashes, so parents come first; forged ids that form a circle lose the parent that does not.
        let mut earlier: Vec<u32> =
            parents[*index as usize].iter().map(|parent| place[*parent as usize]).collect();
        earlier.retain(|parent| *parent < number);
        earlier.iter().for_each(|parent| is_head[*parent as usize] = false);
        ancestry.push(&earlier);
    }
    let ids: Vec<(RecordId, u32)> = records.iter().map(|record| record.id).zip(place).collect();
    let heads = ids.iter().filter(|(_, number)| is_head[*number as usize]).map(|(id, _)| *id).collect();
    let mut taken: Vec<Option<Record>> = records.into_iter().map(Some).collect();
    let records = order.iter().filter_map(|index| taken[*index as usize].take()).collect();
    Arranged { records, ids, ancestry, heads, missing }
}

/// Returns, for each of `records` (sorted by id), where its parents stand; and the parents that are not there.
fn find_parents(records: &[Record]) -> (Vec<Vec<u32>>, Vec<Missing>) {
    let mut absent: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
    let mut parents = Vec::with_capacity(records.len());
    for record in records {
        let mut found = Vec::with_capacity(record.head.parents.len());
        for parent in &record.head.parents {
            match records.binary_search_by_key(parent, |other| other.id) {
                Ok(index) => found.push(index as u32),
                Err(_) => absent.entry(*parent).or_default().push(record.id),
            }
        }
        found.sort_unstable();
        found.dedup();
        parents.push(found);
    }
    let missing = absent.into_iter().map(|(id, mut needed_by)| {
        needed_by.dedup();
        Missing { id, needed_by }
    });
    (parents, missing.collect())
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
    use super::*;

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
