//! The tally sheet: what is left of a table when its items are forgotten, so that sheets of different items add up, and
//! some items can be taken out again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::coefficients::MOST_SAMPLED;
use super::{Bootstrap, Interval, Level, Scheme, Tallies, bootstrap, krippendorff_alpha};
use crate::table::{Domain, Table};

/// How the labels of items spread over the classes, and how many each labeler gave.
///
/// Coefficients that do not ask who said what are functions of [`TallySheet::tallies`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TallySheet {
    /// The classes, in the order they were met.
    classes: Vec<String>,
    /// The classes given to an item, sorted, each as often as it was given; and how many items are so.
    #[serde(with = "pairs")]
    spreads: BTreeMap<Vec<u32>, u64>,
    /// How many labels each labeler gave.
    labelers: BTreeMap<String, u64>,
}

/// Krippendorff's α of a sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SheetAlpha {
    /// Its value, at most 1.
    pub value: f64,
    /// Between which it lies; none of a single item, or where labels spread in too many ways to draw them.
    pub interval: Option<Interval>,
    /// Items with two labels or more.
    pub items: u64,
}

impl TallySheet {
    /// Counts `table`.
    pub fn of(table: &Table) -> Self {
        let expanded = |counts: &[(u32, u32)]| {
            counts.iter().flat_map(|(class, count)| std::iter::repeat_n(*class, *count as usize)).collect()
        };
        let mut labels = vec![0u64; table.labeler_names().len()];
        for labeler in table.runs().flat_map(|(labelers, _)| labelers) {
            labels[*labeler as usize] += 1;
        }
        Self {
            classes: table.classes().to_vec(),
            spreads: Tallies::of(table).iter().map(|tally| (expanded(tally.counts), tally.items)).collect(),
            labelers: table.labeler_names().iter().cloned().zip(labels).collect(),
        }
    }

    /// Adds the items of another sheet.
    pub fn add(&mut self, other: &Self) {
        let codes = self.codes(&other.classes);
        for (spread, items) in &other.spreads {
            *self.spreads.entry(moved(spread, &codes)).or_insert(0) += items;
        }
        for (labeler, labels) in &other.labelers {
            *self.labelers.entry(labeler.clone()).or_insert(0) += labels;
        }
    }

    /// Takes out the items of another sheet; `None`, and a sheet that is worth nothing, where they are not all in it.
    pub fn take(&mut self, other: &Self) -> Option<()> {
        let codes = self.codes(&other.classes);
        for (spread, items) in &other.spreads {
            lower(&mut self.spreads, moved(spread, &codes), *items)?;
        }
        for (labeler, labels) in &other.labelers {
            lower(&mut self.labelers, labeler.clone(), *labels)?;
        }
        Some(())
    }

    /// Returns the number of labels.
    pub fn labels(&self) -> u64 {
        self.labelers.values().sum()
    }

    /// Returns the number of labelers.
    pub fn labelers(&self) -> usize {
        self.labelers.len()
    }

    /// Returns the number of different ways in which labels spread.
    pub fn spreads(&self) -> usize {
        self.spreads.len()
    }

    /// Returns the spreads in the numbers that `classes` gives them, and how many items are so; labels of other classes
    /// are left out.
    pub fn under(&self, classes: &[String]) -> Vec<(Vec<u32>, u64)> {
        let place = |class: &String| classes.iter().position(|other| other == class).map(|at| at as u32);
        let codes: Vec<Option<u32>> = self.classes.iter().map(place).collect();
        let spread = |(spread, items): (&Vec<u32>, &u64)| {
            let mut spread: Vec<u32> = spread.iter().filter_map(|class| codes[*class as usize]).collect();
            spread.sort_unstable();
            (spread, *items)
        };
        self.spreads.iter().map(spread).collect()
    }

    /// Returns how many labels are of each class.
    pub fn classes(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for (spread, items) in &self.spreads {
            for class in spread {
                *counts.entry(self.classes[*class as usize].as_str()).or_insert(0) += items;
            }
        }
        counts
    }

    /// Returns the tallies of all items: those of the table of all of them, whose domain `domain` declares.
    pub fn tallies(&self, domain: Option<&[String]>) -> Tallies {
        self.settled(domain).0
    }

    /// Returns Krippendorff's α at `level`; `None` where it has no value, or the labels are not of the level.
    pub fn alpha(&self, level: Level, domain: Option<&[String]>) -> Option<f64> {
        let (tallies, domain) = self.settled(domain);
        let distance = Scheme::of(&domain, level).ok()?.distance_at(level)?;
        krippendorff_alpha(&tallies, &distance).ok().map(|estimate| estimate.value)
    }

    /// Returns the same with its 95 % interval over items, and the items it rests on.
    pub fn alpha_between(
        &self,
        level: Level,
        domain: Option<&[String]>,
        samples: Bootstrap,
    ) -> Option<SheetAlpha> {
        let (tallies, domain) = self.settled(domain);
        let distance = Scheme::of(&domain, level).ok()?.distance_at(level)?;
        let value = krippendorff_alpha(&tallies, &distance).ok()?.value;
        let items = tallies.paired_items();
        let each = tallies.len() as u64 + distance.cost(tallies.classes());
        // One item tells nothing of how items vary.
        let worth = items > 1 && each * u64::from(samples.replicates) <= MOST_SAMPLED;
        let of = |sample: &Tallies| krippendorff_alpha(sample, &distance);
        let drawn = worth.then(|| bootstrap(&tallies, samples, 0.95, of)).flatten();
        Some(SheetAlpha { value, interval: drawn.map(|drawn| drawn.interval), items })
    }

    fn settled(&self, domain: Option<&[String]>) -> (Tallies, Domain) {
        Tallies::of_spreads(
            &self.classes,
            self.spreads.iter().map(|(spread, items)| (&**spread, *items)),
            domain,
        )
    }

    /// Returns the numbers of `classes`, giving new ones where needed.
    fn codes(&mut self, classes: &[String]) -> Vec<u32> {
        let mut known: BTreeMap<String, u32> = self.classes.iter().cloned().zip(0..).collect();
        let code = |class: &String| {
            *known.entry(class.clone()).or_insert_with(|| {
                self.classes.push(class.clone());
                u32::try_from(self.classes.len() - 1).expect("a table holds fewer than 2^32 labels")
            })
        };
        classes.iter().map(code).collect()
    }
}

fn moved(spread: &[u32], codes: &[u32]) -> Vec<u32> {
    let mut moved: Vec<u32> = spread.iter().map(|class| codes[*class as usize]).collect();
    moved.sort_unstable();
    moved
}

/// Lowers a count, which goes when nothing is left of it; `None` where it is lower already.
fn lower<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K, by: u64) -> Option<()> {
    let count = counts.get_mut(&key)?;
    *count = count.checked_sub(by)?;
    if *count == 0 {
        counts.remove(&key);
    }
    Some(())
}

/// A map whose keys are no texts, as a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(map: &BTreeMap<Vec<u32>, u64>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(map)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Vec<u32>, u64>, D::Error> {
        Ok(Vec::<(Vec<u32>, u64)>::deserialize(from)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [(&str, &str, &str); 7] = [
        ("i1", "ana", "x"),
        ("i1", "raj", "x"),
        ("i2", "ana", "y"),
        ("i2", "raj", "x"),
        ("i3", "ana", "y"),
        ("i3", "eve", "y"),
        ("i3", "raj", "w"),
    ];

    fn table(items: &[&str], domain: Option<&[String]>) -> Table {
        Table::from_labels(LABELS.into_iter().filter(|(item, ..)| items.contains(item)), domain)
    }

    #[test]
    fn sheets_of_parts_add_up_to_that_of_all_and_are_taken_out_again() {
        let domain = ["y", "z", "x"].map(String::from);
        let mut sheet = TallySheet::of(&table(&["i2"], None));
        sheet.add(&TallySheet::of(&table(&["i3", "i1"], None)));
        for domain in [None, Some(&domain[..])] {
            assert_eq!(sheet.tallies(domain), Tallies::of(&table(&["i1", "i2", "i3"], domain)));
        }
        assert_eq!((sheet.labels(), sheet.labelers(), sheet.spreads()), (7, 3, 3));
        let order = ["w", "x", "y"].map(String::from);
        let alpha = |level| sheet.alpha(level, Some(&order));
        assert!(alpha(Level::Ordinal).is_some() && alpha(Level::Ordinal) != alpha(Level::Nominal));
        assert_eq!(alpha(Level::Interval), None, "letters are no numbers");
        let kept = serde_json::to_string(&sheet).unwrap();
        assert_eq!(serde_json::from_str::<TallySheet>(&kept).unwrap(), sheet);
        assert_eq!(sheet.take(&TallySheet::of(&table(&["i3"], None))), Some(()));
        assert_eq!(sheet.tallies(None), Tallies::of(&table(&["i1", "i2"], None)));
        assert_eq!((sheet.labels(), sheet.labelers()), (4, 2));
        assert_eq!(sheet.take(&TallySheet::of(&table(&["i3"], None))), None);
    }
}
