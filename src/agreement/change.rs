//! Agreement before and after: what a change did to the coefficients, and how sure that is.
//!
//! The two tables share most of their items, so that their values go up and down together: the interval of the difference
//! is that of the bootstrap over items, each drawn with its labels before and after.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bootstrap::{Draw, summarise};
use super::{
    Distance, Estimate, LevelError, Method, Options, Scheme, Tallies, Undefined, Weights, brennan_prediger,
    fleiss_kappa, gwet_ac, krippendorff_alpha, weighted_agreement,
};
use crate::table::Table;

/// What became of one coefficient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changed {
    /// Its name.
    pub metric: &'static str,
    /// Its value before; null where it had none.
    pub before: Option<f64>,
    /// Its value after.
    pub after: Option<f64>,
    /// After − before.
    pub delta: Option<f64>,
    /// The lower end of the interval of the difference.
    pub ci_low: Option<f64>,
    /// Its upper end.
    pub ci_high: Option<f64>,
}

/// What became of agreement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Since when, as it was asked.
    pub base: String,
    /// Items measured: those that changed, where only they were asked for.
    pub items: u64,
    /// Items whose labels differ.
    pub items_changed: u64,
    /// How many of the items measured had two labels or more, before and after.
    pub items_with_two_labels: [u64; 2],
    /// Every coefficient.
    pub metrics: Vec<Changed>,
}

/// An item's labels, sorted, before and after.
type Spreads = (Vec<u32>, Vec<u32>);

/// Returns what became of agreement from `before` to `after`; with `changed`, on those items alone whose labels differ.
///
/// # Errors
/// The labels are not of the level.
pub fn change(
    before: &Table,
    after: &Table,
    base: &str,
    changed: bool,
    options: &Options,
) -> Result<Change, LevelError> {
    let (was, is) = (Scheme::of(before.domain(), options.level)?, Scheme::of(after.domain(), options.level)?);
    let (joint, items_changed) = join(before, after, changed);
    let of = |side: fn(&Spreads) -> &Vec<u32>, table: &Table| {
        let spreads = joint.iter().map(|(spreads, items)| (side(spreads).as_slice(), *items));
        Side::of(spreads, table.classes().len())
    };
    let (first, second) = (of(|spreads| &spreads.0, before), of(|spreads| &spreads.1, after));
    let items: Vec<u64> = joint.iter().map(|(_, items)| *items).collect();
    let coefficients = [
        ("krippendorff_alpha", Of::Alpha(was.distance(), is.distance())),
        ("fleiss_kappa", Of::Chance(fleiss_kappa)),
        ("gwet_ac1", Of::Chance(gwet_ac)),
        ("brennan_prediger", Of::Chance(brennan_prediger)),
        ("percent_agreement", Of::Chance(weighted_agreement)),
    ];
    let draw = Draw::of(items.iter().map(|items| *items as f64).collect(), items.iter().sum());
    let metrics = coefficients.into_iter().map(|(metric, of)| {
        let both = |items: &[u64]| [of.value(&first.with(items), 0), of.value(&second.with(items), 1)];
        let [before, after] = both(&items);
        let samples = options.bootstrap();
        let resampled = before.zip(after).and_then(|_| {
            summarise(samples, options.confidence, Method::ItemBootstrapPercentile, |rng| {
                let [before, after] = both(&draw.sample(rng));
                Some(after? - before?)
            })
        });
        Changed {
            metric,
            before,
            after,
            delta: before.zip(after).map(|(before, after)| after - before),
            ci_low: resampled.map(|resampled| resampled.interval.low),
            ci_high: resampled.map(|resampled| resampled.interval.high),
        }
    });
    Ok(Change {
        base: base.to_owned(),
        items: items.iter().sum(),
        items_changed,
        items_with_two_labels: [&first, &second].map(|side| side.with(&items).paired_items()),
        metrics: metrics.collect(),
    })
}

/// One coefficient.
enum Of {
    /// Krippendorff's α, with the distances before and after.
    Alpha(Distance, Distance),
    /// Any other, without weights.
    Chance(fn(&Tallies, &Weights) -> Result<Estimate, Undefined>),
}

impl Of {
    fn value(&self, tallies: &Tallies, side: usize) -> Option<f64> {
        let estimate = match self {
            Self::Alpha(before, after) => krippendorff_alpha(tallies, [before, after][side]),
            Self::Chance(coefficient) => coefficient(tallies, &Weights::identity(tallies.classes())),
        };
        estimate.ok().map(|estimate| estimate.value)
    }
}

/// The tallies before or after, and which of them each kind of item has.
struct Side {
    tallies: Tallies,
    /// For each kind of item the number of its tally; none where it has no label.
    of: Vec<Option<usize>>,
}

impl Side {
    fn of<'a>(spreads: impl Iterator<Item = (&'a [u32], u64)> + Clone, classes: usize) -> Self {
        let mut all = BTreeMap::<Vec<u32>, i64>::new();
        for (spread, items) in spreads.clone().filter(|(spread, _)| !spread.is_empty()) {
            *all.entry(spread.to_vec()).or_insert(0) += items as i64;
        }
        let place: BTreeMap<Vec<u32>, usize> = all.keys().cloned().zip(0..).collect();
        let of = spreads.map(|(spread, _)| place.get(spread).copied()).collect();
        Self { tallies: Tallies::none(classes).changed(all), of }
    }

    /// Returns the tallies with so many items of each kind.
    fn with(&self, items: &[u64]) -> Tallies {
        let mut counts = vec![0; self.tallies.len()];
        for (tally, items) in self.of.iter().zip(items) {
            if let Some(tally) = tally {
                counts[*tally] += items;
            }
        }
        self.tallies.with_items(counts)
    }
}

/// Returns how many items have which labels before and after, and how many items changed.
fn join(before: &Table, after: &Table, changed: bool) -> (Vec<(Spreads, u64)>, u64) {
    let mut earlier: BTreeMap<&str, usize> =
        (0..before.items()).map(|item| (before.item_name(item), item)).collect();
    let mut kinds = BTreeMap::<Spreads, u64>::new();
    let mut items_changed = 0;
    let mut count = |was: Option<usize>, is: Option<usize>| {
        let said = |table: &Table, item: Option<usize>| -> Vec<(String, String)> {
            let (labelers, classes) = item.map_or((&[][..], &[][..]), |item| table.run(item));
            let name = |(labeler, class): (&u32, &u32)| {
                (table.labeler_names()[*labeler as usize].clone(), table.classes()[*class as usize].clone())
            };
            labelers.iter().zip(classes).map(name).collect()
        };
        let differs = said(before, was) != said(after, is);
        items_changed += u64::from(differs);
        if differs || !changed {
            let spread = |table: &Table, item: Option<usize>| {
                let mut spread = item.map_or(Vec::new(), |item| table.run(item).1.to_vec());
                spread.sort_unstable();
                spread
            };
            *kinds.entry((spread(before, was), spread(after, is))).or_insert(0) += 1;
        }
    };
    for item in 0..after.items() {
        count(earlier.remove(after.item_name(item)), Some(item));
    }
    for item in earlier.into_values() {
        count(Some(item), None);
    }
    (kinds.into_iter().collect(), items_changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(right: usize, items: usize) -> Table {
        let labels = (0..items).flat_map(|item| {
            let truth = if item % 2 == 0 { "x" } else { "y" };
            let other = if item % 10 < right { truth } else { ["y", "x"][item % 2] };
            [(format!("i{item}"), "ana", truth), (format!("i{item}"), "raj", other)]
        });
        Table::from_labels(labels.map(|(item, who, label)| (item, who.to_owned(), label.to_owned())), None)
    }

    #[test]
    fn before_and_after_are_those_of_each_table_and_the_difference_is_drawn_together() {
        let (before, after) = (table(6, 200), table(8, 220));
        let all = change(&before, &after, "main", false, &Options::default()).unwrap();
        assert_eq!((all.items, all.items_changed, all.items_with_two_labels), (220, 60, [200, 220]));
        let percent = all.metrics.iter().find(|metric| metric.metric == "percent_agreement").unwrap();
        assert_eq!((percent.before, percent.after), (Some(0.6), Some(0.8)));
        // Drawn apart the difference would have a standard error of .044; together it is at most √(.2·.8/200) = .028.
        let (low, high) = (percent.ci_low.unwrap(), percent.ci_high.unwrap());
        assert!(low > 0.13 && high < 0.27 && low < 0.2 && high > 0.2, "{low} to {high}");
        let only = change(&before, &after, "main", true, &Options::default()).unwrap();
        assert_eq!((only.items, only.items_changed), (60, 60));
        let percent = only.metrics.iter().find(|metric| metric.metric == "percent_agreement").unwrap();
        assert_eq!((percent.before, percent.after), (Some(0.0), Some(56.0 / 60.0)));
    }

    #[test]
    fn nothing_changed_is_no_difference() {
        let same = table(7, 100);
        let change = change(&same, &same, "HEAD", false, &Options::default()).unwrap();
        assert!(change.metrics.iter().all(|metric| metric.delta == Some(0.0) && metric.ci_low == Some(0.0)));
        assert_eq!(change.items_changed, 0);
    }
}
