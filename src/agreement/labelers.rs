//! Labelers: how each agrees with the others, as the mean of their pairs' Cohen κ.
//!
//! Only pairs with [`FEW_ITEMS`] items in common or more count, and they weigh by their items: a κ on three items says
//! little about either of the two.

use super::report::LabelerAgreement;
use super::{Estimate, FEW_ITEMS, Pairs, Undefined};
use crate::table::Table;

/// Returns every labeler's agreement with the others; `estimates` are the pairs' κ, in the order of `pairs`.
pub(super) fn labelers(
    table: &Table,
    pairs: &Pairs,
    estimates: &[Result<Estimate, Undefined>],
) -> Vec<LabelerAgreement> {
    let of = |name: &String| LabelerAgreement {
        labeler: name.clone(),
        labels: 0,
        pairs: 0,
        common_items: 0,
        mean_kappa: None,
        alpha_without: None,
    };
    let mut all: Vec<LabelerAgreement> = table.labeler_names().iter().map(of).collect();
    for (labelers, _) in table.runs() {
        labelers.iter().for_each(|labeler| all[*labeler as usize].labels += 1);
    }
    let mut sums = vec![0.0; all.len()];
    for (pair, estimate) in pairs.iter().zip(estimates) {
        let items = pair.items();
        let Some(estimate) = estimate.ok().filter(|_| items >= FEW_ITEMS) else { continue };
        for labeler in [pair.labelers.0 as usize, pair.labelers.1 as usize] {
            all[labeler].pairs += 1;
            all[labeler].common_items += items;
            sums[labeler] += items as f64 * estimate.value;
        }
    }
    for (labeler, sum) in all.iter_mut().zip(sums).filter(|(labeler, _)| labeler.pairs > 0) {
        labeler.mean_kappa = Some(sum / labeler.common_items as f64);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::{Options, measure};

    #[test]
    fn pairs_with_few_items_say_nothing_of_a_labeler() {
        let mut labels = Vec::new();
        for item in 0..20 {
            let truth = if item % 2 == 0 { "x" } else { "y" };
            labels.extend([(item, "ana", truth), (item, "raj", truth)]);
            labels.extend((item < 12).then_some((item, "bob", if item < 3 { "x" } else { truth })));
            labels.extend((item < 9).then_some((item, "eve", "x")));
        }
        let labels = labels
            .into_iter()
            .map(|(item, who, label)| (format!("i{item}"), who.to_owned(), label.to_owned()));
        let report = measure(&Table::from_labels(labels, None), None, &Options::default()).unwrap();
        let of = |name: &str| report.labelers.iter().find(|labeler| labeler.labeler == name).unwrap();
        assert_eq!((of("eve").labels, of("eve").pairs, of("eve").mean_kappa), (9, 0, None));
        // ana and raj agree fully on 20 items; each agrees with bob on 11 of 12: κ = (132 − 72)/(144 − 72).
        let with_bob = 60.0 / 72.0;
        assert_eq!((of("bob").pairs, of("bob").common_items, of("bob").mean_kappa), (2, 24, Some(with_bob)));
        assert_eq!(of("ana").mean_kappa, Some((20.0 + 12.0 * with_bob) / 32.0));
    }
}
