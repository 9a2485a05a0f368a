//! The rows of two sides, item by item.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Said};
use crate::record::Kind;

/// What contradicts itself: of a task, kind, item and labeler all that is said at once.
pub(super) type Conflicts<'a> = BTreeMap<(&'a str, Kind, &'a str, &'a str), BTreeSet<Answer<'a>>>;

/// Puts the rows of conflicts together.
pub(super) fn conflicts<'a>(said: &[Said<'a>]) -> Conflicts<'a> {
    let mut conflicts = Conflicts::new();
    for one in said {
        conflicts.entry((one.task, one.kind, one.item, one.labeler)).or_default().insert(one.answer);
    }
    conflicts
}

/// Returns of each task, kind, item and labeler the last row by time, those without time first; among equal times the
/// greatest answer, so that the order of rows never matters. Sorted by task, kind, item, labeler.
pub(super) fn standing<'a>(said: &[Said<'a>]) -> Vec<Said<'a>> {
    let mut sorted = said.to_vec();
    let key = |one: &Said<'a>| (one.task, one.kind, one.item, one.labeler);
    sorted.sort_unstable_by(|one, other| {
        let last = |said: &Said<'a>| (said.created_at, said.answer);
        key(one).cmp(&key(other)).then_with(|| last(other).cmp(&last(one)))
    });
    sorted.dedup_by(|later, first| key(later) == key(first));
    sorted
}

/// What both sides say of one item; a side may be empty.
pub(super) struct ItemSides<'r, 'a> {
    /// The item.
    pub item: &'a str,
    /// A's rows, by labeler.
    pub a: &'r [Said<'a>],
    /// B's rows, by labeler.
    pub b: &'r [Said<'a>],
}

/// Puts the rows of one task and kind together by item, in the order of the ids.
pub(super) fn together<'r, 'a>(a: &'r [Said<'a>], b: &'r [Said<'a>]) -> Vec<ItemSides<'r, 'a>> {
    let (mut items, mut i, mut j) = (Vec::new(), 0, 0);
    while i < a.len() || j < b.len() {
        let item = match (a.get(i), b.get(j)) {
            (Some(one), Some(other)) => one.item.min(other.item),
            (Some(one), None) | (None, Some(one)) => one.item,
            (None, None) => break,
        };
        let run = |side: &[Said<'_>], from: usize| {
            from + side[from..].iter().take_while(|one| one.item == item).count()
        };
        let (end_i, end_j) = (run(a, i), run(b, j));
        items.push(ItemSides { item, a: &a[i..end_i], b: &b[j..end_j] });
        (i, j) = (end_i, end_j);
    }
    items
}
