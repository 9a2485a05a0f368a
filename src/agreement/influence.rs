//! What one labeler does to α: α without each one's labels.

use std::collections::BTreeMap;

use super::{Distance, Tallies, krippendorff_alpha};
use crate::table::Table;

/// Returns α of `table` without the labels of each labeler, in labeler order; `None` where it has no value then.
///
/// Every label is looked at once for each label of its item: the item's tally is taken out, and put in without it.
pub fn alpha_without_each(table: &Table, tallies: &Tallies, distance: &Distance) -> Vec<Option<f64>> {
    let mut changes = vec![BTreeMap::<Vec<u32>, i64>::new(); table.labeler_names().len()];
    let mut whole = Vec::new();
    for (labelers, classes) in table.runs() {
        whole.clear();
        whole.extend_from_slice(classes);
        whole.sort_unstable();
        for (labeler, class) in labelers.iter().zip(classes) {
            let changes = &mut changes[*labeler as usize];
            count(changes, &whole, -1);
            if let Ok(at) = whole.binary_search(class) {
                let given = whole.remove(at);
                count(changes, &whole, 1);
                whole.insert(at, given);
            }
        }
    }
    let alpha = |changes: BTreeMap<Vec<u32>, i64>| {
        krippendorff_alpha(&tallies.changed(changes), distance).ok().map(|estimate| estimate.value)
    };
    changes.into_iter().map(alpha).collect()
}

fn count(changes: &mut BTreeMap<Vec<u32>, i64>, spread: &[u32], by: i64) {
    match changes.get_mut(spread) {
        Some(items) => *items += by,
        None => drop(changes.insert(spread.to_vec(), by)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::Tallies;

    #[test]
    fn it_is_alpha_of_the_table_without_them() {
        let mut labels = Vec::new();
        for item in 0..40usize {
            for (index, who) in ["ana", "bob", "eve", "raj"].iter().enumerate() {
                if (item + index) % 5 != 0 {
                    let class = if index == 1 { item % 3 } else { item % 2 + usize::from(item % 7 == index) };
                    labels.push((format!("i{item}"), (*who).to_owned(), format!("c{class}")));
                }
            }
        }
        let table = Table::from_labels(labels.clone(), None);
        let without = alpha_without_each(&table, &Tallies::of(&table), &Distance::Nominal);
        for (name, alpha) in table.labeler_names().iter().zip(without) {
            let rest = Table::from_labels(labels.iter().filter(|(_, who, _)| who != name).cloned(), None);
            let expected = krippendorff_alpha(&Tallies::of(&rest), &Distance::Nominal).unwrap().value;
            assert!((alpha.unwrap() - expected).abs() < 1e-12, "{name}: {alpha:?} is not {expected}");
        }
    }
}
