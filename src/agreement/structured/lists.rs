//! Lists: for every item and labeler, the several things one label says (spans, boxes, places of a ranking).
//!
//! In: rows of (item, labeler, things) in any order. Out: the same grouped by item, labelers ascending, the things of
//! each sorted. An empty list is a label too: the labeler looked and marked nothing. The things lie in one array.

use super::names::{Named, Names};

/// Two rows are of one item and labeler: which of them counts has to be settled before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("labeler {labeler} has two labels of item {item}")]
pub struct DuplicateKey {
    /// The item's number.
    pub item: u32,
    /// The labeler's number.
    pub labeler: u32,
}

/// All labels of a task, grouped by item.
#[derive(Clone, Debug, PartialEq)]
pub struct Lists<T> {
    rows: Vec<Row>,
    things: Vec<T>,
}

/// One label: where its things lie.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Row {
    item: u32,
    labeler: u32,
    from: usize,
    to: usize,
}

/// The labels of one item.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a, T> {
    rows: &'a [Row],
    things: &'a [T],
}

impl<T: Ord> Lists<T> {
    /// Groups `rows`.
    ///
    /// # Errors
    /// Two rows are of one item and labeler.
    pub fn of(rows: impl IntoIterator<Item = (u32, u32, Vec<T>)>) -> Result<Self, DuplicateKey> {
        let mut lists = Self { rows: Vec::new(), things: Vec::new() };
        for (item, labeler, mut things) in rows {
            things.sort_unstable();
            let from = lists.things.len();
            lists.things.append(&mut things);
            lists.rows.push(Row { item, labeler, from, to: lists.things.len() });
        }
        lists.rows.sort_unstable_by_key(|row| (row.item, row.labeler));
        let twice = lists.rows.windows(2).find(|two| {
            let [a, b] = two else { return false };
            (a.item, a.labeler) == (b.item, b.labeler)
        });
        twice.map_or(Ok(()), |two| Err(DuplicateKey { item: two[0].item, labeler: two[0].labeler }))?;
        Ok(lists)
    }

    /// Groups `rows`, whose things were named through `names`, and returns the names in their final order with them.
    ///
    /// # Errors
    /// Two rows are of one item and labeler.
    pub fn of_named(
        mut rows: Vec<(u32, u32, Vec<T>)>,
        names: Names,
    ) -> Result<(Self, Vec<String>), DuplicateKey>
    where
        T: Named,
    {
        let (names, numbers) = names.settle();
        for name in rows.iter_mut().flat_map(|(_, _, things)| things).map(Named::name_mut) {
            *name = numbers[*name as usize];
        }
        Ok((Self::of(rows)?, names))
    }
}

impl<T> Lists<T> {
    /// Iterates over the items, ascending.
    pub fn items(&self) -> impl Iterator<Item = Group<'_, T>> {
        self.rows.chunk_by(|a, b| a.item == b.item).map(|rows| Group { rows, things: &self.things })
    }

    /// Iterates over the items that two labelers or more labelled.
    pub fn shared_items(&self) -> impl Iterator<Item = Group<'_, T>> {
        self.items().filter(|group| group.len() >= 2)
    }
}

impl<'a, T> Group<'a, T> {
    /// Returns the item's number.
    pub fn item(&self) -> u32 {
        self.rows.first().map_or(0, |row| row.item)
    }

    /// Returns how many labelers labelled the item.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nobody labelled it; never so for the items of [`Lists`].
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Iterates over (labeler, things), labelers ascending.
    pub fn labels(&self) -> impl ExactSizeIterator<Item = (u32, &'a [T])> + Clone + use<'a, T> {
        let things = self.things;
        self.rows.iter().map(move |row| (row.labeler, &things[row.from..row.to]))
    }

    /// Iterates over the pairs of labels, the lower labeler first.
    #[expect(clippy::type_complexity, reason = "two labels, as `labels` gives them")]
    pub fn pairs(&self) -> impl Iterator<Item = ((u32, &'a [T]), (u32, &'a [T]))> + use<'a, T> {
        let labels = self.labels();
        labels
            .clone()
            .enumerate()
            .flat_map(move |(index, first)| labels.clone().skip(index + 1).map(move |second| (first, second)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_grouped_whatever_their_order() {
        let lists = Lists::of([(1, 7, vec![3, 1]), (0, 2, vec![]), (1, 2, vec![5])]).unwrap();
        let groups: Vec<_> =
            lists.items().map(|group| (group.item(), group.labels().collect::<Vec<_>>())).collect();
        assert_eq!(groups, [(0, vec![(2, &[][..])]), (1, vec![(2, &[5][..]), (7, &[1, 3][..])])]);
        assert_eq!(lists.shared_items().count(), 1);
        assert_eq!(lists.items().flat_map(|group| group.pairs()).count(), 1);
    }

    #[test]
    fn a_key_is_a_key() {
        let twice = Lists::of([(1, 7, vec![3]), (0, 2, vec![]), (1, 7, vec![5])]);
        assert_eq!(twice, Err(DuplicateKey { item: 1, labeler: 7 }));
    }
}
