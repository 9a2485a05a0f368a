//! The set of records that a lock's heads stand for.

use std::collections::BTreeSet;

use crate::record::RecordId;

/// The records that some heads and their ancestors are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closure {
    /// Those that are there.
    pub records: BTreeSet<RecordId>,
    /// Those that are named and not there: the snapshot cannot be rebuilt without them.
    pub missing: BTreeSet<RecordId>,
}

/// Returns `heads` and all their ancestors. `parents` gives a record's parents, `None` when the record is absent.
pub fn closure(heads: &[RecordId], parents: impl Fn(&RecordId) -> Option<Vec<RecordId>>) -> Closure {
    let mut closure = Closure::default();
    let mut open: Vec<RecordId> = heads.to_vec();
    while let Some(id) = open.pop() {
        if closure.records.contains(&id) || closure.missing.contains(&id) {
            continue;
        }
        match parents(&id) {
            Some(parents) => {
                closure.records.insert(id);
                open.extend(parents);
            }
            None => {
                closure.missing.insert(id);
            }
        }
    }
    closure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_are_walked_once_and_absent_ones_named() {
        let id = |byte: u8| RecordId::of(&[byte]);
        // 1 ← 2 ← 4, 1 ← 3 ← 4, 3 ← 9 (absent); 5 stands apart.
        let parents = |record: &RecordId| match record {
            record if *record == id(1) || *record == id(5) => Some(vec![]),
            record if *record == id(2) => Some(vec![id(1)]),
            record if *record == id(3) => Some(vec![id(1), id(9)]),
            record if *record == id(4) => Some(vec![id(2), id(3)]),
            _ => None,
        };
        let all = closure(&[id(4)], parents);
        assert_eq!(all.records, [id(1), id(2), id(3), id(4)].into());
        assert_eq!(all.missing, [id(9)].into());
    }
}
