//! Agreement before and after: what a change did to the coefficients, and how sure that is.
//!
//! The two tables share most of their items, so that their values go up and down together: the interval of the difference
//! is that of the bootstrap over items, each drawn with its labels before and after.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bootstrap::{Draw, samples, summarise};
use super::{
    Distance, LevelError, Method, Options, Scheme, Tallies, TallySheet, Undefined, Weights, brennan_prediger,
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
    /// The interval of the value after, from the same samples.
    pub after_interval: Option<[f64; 2]>,
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

/// More kinds of items × samples than this are not drawn by themselves.
const MOST_SAMPLED: u64 = 10_000_000;

/// Returns what became of agreement from `before` to `after`, tables of one domain; with `changed`, on those items alone
/// whose labels differ.
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
    let joint = join(before, after, changed);
    change_of(joint, after, base, options)
}

/// Returns what became of agreement over all items, where the two tables, of one domain, hold only those whose labels may
/// differ, and `rest` is the sheet of all others. Classes of `rest` that the domain lacks are not counted.
///
/// # Errors
/// The labels are not of the level.
pub fn change_beside(
    before: &Table,
    after: &Table,
    rest: &TallySheet,
    base: &str,
    options: &Options,
) -> Result<Change, LevelError> {
    let (joint, items_changed) = join(before, after, false);
    let mut kinds: BTreeMap<Spreads, u64> = joint.into_iter().collect();
    for (spread, items) in rest.under(after.classes()) {
        *kinds.entry((spread.clone(), spread)).or_insert(0) += items;
    }
    change_of((kinds.into_iter().collect(), items_changed), after, base, options)
}

fn change_of(
    (joint, items_changed): (Vec<(Spreads, u64)>, u64),
    after: &Table,
    base: &str,
    options: &Options,
) -> Result<Change, LevelError> {
    let scheme = Scheme::of(after.domain(), options.level)?;
    let of = |side: fn(&Spreads) -> &Vec<u32>| {
        let spreads = joint.iter().map(|(spreads, items)| (side(spreads).as_slice(), *items));
        Side::of(spreads, after.classes().len())
    };
    let (first, second) = (of(|spreads| &spreads.0), of(|spreads| &spreads.1));
    let items: Vec<u64> = joint.iter().map(|(_, items)| *items).collect();
    let distance = options.distance(&scheme);
    let both = |items: &[u64]| [&first, &second].map(|side| values(&side.with(items), distance.as_ref()));
    let [was, is] = both(&items);
    let draw = Draw::of(items.iter().map(|items| *items as f64).collect(), items.iter().sum());
    let bootstrap = options.bootstrap();
    let worth = items.len() as u64 * u64::from(bootstrap.replicates) <= MOST_SAMPLED;
    let drawn = match options.samples.is_some() || worth {
        true => samples(bootstrap, |rng| both(&draw.sample(rng))),
        false => Vec::new(),
    };
    let metric = |(index, metric): (usize, &'static str)| {
        let interval = |values: &mut dyn Iterator<Item = Option<f64>>| {
            summarise(values, options.confidence, Method::ItemBootstrapPercentile)
                .map(|resampled| resampled.interval)
        };
        let known = was[index].zip(is[index]);
        let difference = |[was, is]: &[[Option<f64>; 5]; 2]| Some(is[index]? - was[index]?);
        let of_difference = known.and_then(|_| interval(&mut drawn.iter().map(difference)));
        let of_after = is[index].and_then(|_| interval(&mut drawn.iter().map(|[_, is]| is[index])));
        Changed {
            metric,
            before: was[index],
            after: is[index],
            delta: known.map(|(was, is)| is - was),
            ci_low: of_difference.map(|interval| interval.low),
            ci_high: of_difference.map(|interval| interval.high),
            after_interval: of_after.map(|interval| [interval.low, interval.high]),
        }
    };
    Ok(Change {
        base: base.to_owned(),
        items: items.iter().sum(),
        items_changed,
        items_with_two_labels: [&first, &second].map(|side| side.with(&items).paired_items()),
        metrics: COMPARED.into_iter().enumerate().map(metric).collect(),
    })
}

/// The coefficients that are compared.
const COMPARED: [&str; 5] =
    ["krippendorff_alpha", "fleiss_kappa", "gwet_ac1", "brennan_prediger", "percent_agreement"];

/// Returns their values.
fn values(tallies: &Tallies, distance: Option<&Distance>) -> [Option<f64>; 5] {
    let identity = Weights::identity(tallies.classes());
    let alpha =
        distance.map_or(Err(Undefined::NegativeNumbers), |distance| krippendorff_alpha(tallies, distance));
    [
        alpha,
        fleiss_kappa(tallies, &identity),
        gwet_ac(tallies, &identity),
        brennan_prediger(tallies, &identity),
        weighted_agreement(tallies, &identity),
    ]
    .map(|outcome| outcome.ok().map(|estimate| estimate.value))
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
    #[expect(clippy::disallowed_types, reason = "only lookups happen; kinds of items are sorted")]
    let later: std::collections::HashMap<&str, usize> =
        (0..after.items()).map(|item| (after.item_name(item), item)).collect();
    // What labelers of before are called after; those who are not there any more agree with nobody.
    let place = |name: &String| after.labeler_names().binary_search(name).map_or(u32::MAX, |at| at as u32);
    let labelers: Vec<u32> = before.labeler_names().iter().map(place).collect();
    let mut kinds = BTreeMap::<Spreads, u64>::new();
    let (mut items_changed, mut met) = (0, vec![false; after.items()]);
    let mut count = |was: Option<usize>, is: Option<usize>| {
        let run = |table: &'_ Table, item: Option<usize>| -> (Vec<u32>, Vec<u32>) {
            item.map_or_else(Default::default, |item| {
                (table.run(item).0.to_vec(), table.run(item).1.to_vec())
            })
        };
        let ((mut who, mut said), (who_now, mut says)) = (run(before, was), run(after, is));
        who.iter_mut().for_each(|labeler| *labeler = labelers[*labeler as usize]);
        let differs = who != who_now || said != says;
        items_changed += u64::from(differs);
        if differs || !changed {
            said.sort_unstable();
            says.sort_unstable();
            *kinds.entry((said, says)).or_insert(0) += 1;
        }
    };
    for item in 0..before.items() {
        let now = later.get(before.item_name(item)).copied();
        now.into_iter().for_each(|now| met[now] = true);
        count(Some(item), now);
    }
    for (item, _) in (0..).zip(&met).filter(|(_, met)| !**met) {
        count(None, Some(item));
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
