//! Which two classes are confused: how much of all disagreement is between them, and what would be left without it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Distance, Tallies, krippendorff_alpha};

/// Two classes that labelers give to the same item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confusion {
    /// The two classes, in domain order.
    pub classes: [String; 2],
    /// Their share of all pairs of labels that differ, each label alike as in α.
    pub share: f64,
    /// Items where both were given.
    pub n_items: u64,
    /// Nominal α of the labels that are one of the two, as if no others had been given; null where it has no value.
    pub alpha: Option<f64>,
    /// Nominal α if the two were one class.
    pub alpha_merged: Option<f64>,
}

/// Returns at most `most` pairs of classes, those with the largest share of all disagreement first. `names` are the
/// classes of the domain.
pub fn confusions(tallies: &Tallies, names: &[String], most: usize) -> Vec<Confusion> {
    let mut between = BTreeMap::<(u32, u32), (f64, u64)>::new();
    let mut all = 0.0;
    for tally in tallies.paired() {
        for (index, (c, n_c)) in tally.counts.iter().enumerate() {
            for (k, n_k) in &tally.counts[index + 1..] {
                let pairs = u64::from(*n_c) * u64::from(*n_k) * tally.items;
                let differing = pairs as f64 / f64::from(tally.labels - 1);
                let sums = between.entry((*c, *k)).or_insert((0.0, 0));
                sums.0 += differing;
                sums.1 += tally.items;
                all += differing;
            }
        }
    }
    let mut ranked: Vec<_> = between.into_iter().collect();
    ranked.sort_by(|(a, (a_share, _)), (b, (b_share, _))| b_share.total_cmp(a_share).then(a.cmp(b)));
    ranked.truncate(most);
    let alpha = |tallies: &Tallies| {
        krippendorff_alpha(tallies, &Distance::Nominal).ok().map(|estimate| estimate.value)
    };
    let of = |((c, k), (differing, n_items)): ((u32, u32), (f64, u64))| Confusion {
        classes: [c, k].map(|class| names[class as usize].clone()),
        share: differing / all,
        n_items,
        alpha: alpha(&tallies.recoded(|class| (class == c || class == k).then_some(class))),
        alpha_merged: alpha(&tallies.recoded(|class| Some(if class == k { c } else { class }))),
    };
    ranked.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;

    #[test]
    fn two_classes_that_nobody_tells_apart() {
        let mut labels = Vec::new();
        for item in 0..30 {
            let (a, b) = match item % 3 {
                0 => ("x", "x"),
                1 if item % 2 == 0 => ("y", "z"),
                1 => ("z", "y"),
                _ => ("y", "y"),
            };
            labels.extend([(format!("i{item}"), "ana".to_owned(), a.to_owned())]);
            labels.extend([(format!("i{item}"), "raj".to_owned(), b.to_owned())]);
        }
        let table = Table::from_labels(labels, None);
        let found = confusions(&Tallies::of(&table), table.classes(), 5);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].classes.clone(), found[0].n_items), (["y", "z"].map(String::from), 10));
        assert_eq!((found[0].share, found[0].alpha_merged), (1.0, Some(1.0)));
        // 30 of the 40 labels are y, 10 z: D_o = 20/40, D_e = 2·30·10/(40·39).
        assert!((found[0].alpha.unwrap() - (1.0 - 0.5 / (600.0 / 1560.0))).abs() < 1e-12);
    }
}
