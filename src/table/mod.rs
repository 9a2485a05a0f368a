//! The table that agreement and consensus start from: items × labelers × class codes, of one task.
//!
//! In: a ledger, or the rows of a file. Out: a [`Table`].
//!
//! A missing label is an absent entry, never a class, and (item, labeler) is a key. Entries are runs by item; inside a
//! run they are in labeler order. Labelers are numbered in UTF-8 order of their ids; classes in their declared order,
//! then those nobody declared in UTF-8 order.

mod from_codes;
mod from_ledger;
mod from_rows;

use std::borrow::Borrow;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::base::Texts;
pub use from_ledger::Beside;

/// Where labels came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Current human labels of a ledger.
    Ledger,
    /// The rows of files.
    File,
}

/// Where the classes came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DomainSource {
    /// A schema or the request named them.
    Declared,
    /// They are those that occur.
    Observed,
}

/// The classes that labels are counted under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Domain {
    /// Where they came from.
    pub source: DomainSource,
    /// All of them, in declared order, undeclared ones last; observed ones in UTF-8 order.
    pub classes: Vec<String>,
    /// Labels that occur though nobody declared them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undeclared: Vec<String>,
}

impl Domain {
    /// Returns the classes of both, of one task: in declared order, else in UTF-8 order.
    pub fn union(&self, other: &Self) -> Self {
        let known: BTreeSet<&String> = self.classes.iter().collect();
        let new: BTreeSet<&String> = other.classes.iter().filter(|class| !known.contains(class)).collect();
        let mut union = self.clone();
        union.classes.extend(new.into_iter().cloned());
        match self.source {
            DomainSource::Observed => union.classes.sort_unstable(),
            DomainSource::Declared => union.undeclared.extend(union.classes[self.classes.len()..].to_vec()),
        }
        union
    }
}

/// Labels as codes, grouped by item.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Where the entries of item `i` begin; one more at the end.
    starts: Vec<u32>,
    /// The labeler of each entry.
    labelers: Vec<u32>,
    /// The class of each entry.
    classes: Vec<u32>,
    item_names: Texts,
    labeler_names: Vec<String>,
    domain: Domain,
    source: Source,
    left_out: LeftOut,
}

/// What the table's source holds besides the labels that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// (item, labeler) keys whose label is an abstention.
    pub abstentions: usize,
    /// Rows that a later row of the same item and labeler replaced.
    pub duplicates: usize,
    /// (item, labeler) keys with contradicting labels, of which none counts.
    pub conflicts: usize,
}

/// One label, in codes that are not yet sorted.
#[derive(Clone, Copy)]
struct Entry {
    item: u32,
    labeler: u32,
    class: u32,
}

/// Texts with codes, as they were first met.
pub struct Names {
    /// The texts.
    pub texts: Vec<String>,
    /// For each, whether any entry uses it.
    pub used: Vec<bool>,
}

impl Table {
    /// Returns a table of `labels` (item, labeler, class), for worked examples and tests; of two labels of one item by
    /// one labeler the last one counts.
    pub fn from_labels<S: AsRef<str>>(
        labels: impl IntoIterator<Item = (S, S, S)>,
        domain: Option<&[String]>,
    ) -> Self {
        use crate::record::{Kind, Origin, Rows, col};
        let mut rows = Rows::empty(Kind::Labels);
        for (item, labeler, label) in labels {
            let row = rows.push_judgement(item.as_ref(), labeler.as_ref(), Origin::Unknown);
            rows.set_text(row, col::LABEL, label.as_ref());
        }
        Self::from_rows(&rows, domain)
    }

    /// Returns a table of `labels` (item, labeler, class) in which a labeler may have several labels of one item, each
    /// an entry of its own: published data with repeated rounds. Only consensus has a meaning for them.
    pub fn from_repeated<S: AsRef<str>>(
        labels: impl IntoIterator<Item = (S, S, S)>,
        domain: Option<&[String]>,
    ) -> Self {
        use std::collections::BTreeMap;
        let labels: Vec<(S, S, S)> = labels.into_iter().collect();
        let mut rounds = BTreeMap::<(&str, &str), u32>::new();
        let number = |round: &mut u32| std::mem::replace(round, *round + 1);
        // Every round is a labeler at first, and then they are one again.
        let apart: Vec<(&str, String, &str)> = labels
            .iter()
            .map(|(item, labeler, class)| {
                let (item, labeler) = (item.as_ref(), labeler.as_ref());
                let round = number(rounds.entry((item, labeler)).or_default());
                (item, format!("{labeler}\0{round:08}"), class.as_ref())
            })
            .collect();
        let apart = apart.iter().map(|(item, labeler, class)| (*item, labeler.as_str(), *class));
        let mut table = Self::from_labels(apart, domain);
        let name = |round: &String| round.split('\0').next().unwrap_or_default().to_owned();
        let rounds: Vec<String> = table.labeler_names.iter().map(name).collect();
        table.labeler_names = rounds.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        for labeler in &mut table.labelers {
            let name = &rounds[*labeler as usize];
            *labeler = table.labeler_names.binary_search(name).map_or(0, code);
        }
        table
    }

    /// Returns the number of items with at least one label.
    pub fn items(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns the number of labels.
    pub fn labels(&self) -> usize {
        self.classes.len()
    }

    /// Returns the id of the item at a position in [`Table::runs`].
    pub fn item_name(&self, item: usize) -> &str {
        self.item_names.get(item)
    }

    /// Returns the labelers' ids in UTF-8 order; an entry's labeler is a position in it.
    pub fn labeler_names(&self) -> &[String] {
        &self.labeler_names
    }

    /// Returns the classes, declared or observed; an entry's class is a position in it.
    pub fn classes(&self) -> &[String] {
        &self.domain.classes
    }

    /// Returns the classes, and where they come from.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Returns where the labels come from.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Returns what the source holds besides the labels that count.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Returns the labelers of one item and the classes they gave, in labeler order.
    pub fn run(&self, item: usize) -> (&[u32], &[u32]) {
        let run = self.starts[item] as usize..self.starts[item + 1] as usize;
        (&self.labelers[run.clone()], &self.classes[run])
    }

    /// Iterates over the items, each with its labelers and the classes they gave, in labeler order.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = (&[u32], &[u32])> {
        (0..self.items()).map(|item| self.run(item))
    }

    /// Returns the same labels under `domain`, which has all their classes.
    pub fn under(mut self, domain: &Domain) -> Self {
        let place: std::collections::BTreeMap<&str, u32> =
            (0..).zip(&domain.classes).map(|(code, class)| (class.as_str(), code)).collect();
        let codes: Vec<u32> =
            self.domain.classes.iter().map(|class| place.get(class.as_str()).copied().unwrap_or(0)).collect();
        self.classes.iter_mut().for_each(|class| *class = codes[*class as usize]);
        self.domain = domain.clone();
        self
    }

    /// Returns the table with its items in UTF-8 order of their ids, as ledgers have them: sums over items come to the same
    /// bits whatever the order of a file's rows.
    pub fn in_item_order(self) -> Self {
        let mut order: Vec<usize> = (0..self.items()).collect();
        if order.is_sorted_by_key(|item| self.item_name(*item)) {
            return self;
        }
        order.sort_unstable_by_key(|item| self.item_name(*item));
        let mut sorted = Self {
            starts: Vec::with_capacity(self.starts.len()),
            labelers: Vec::with_capacity(self.labelers.len()),
            classes: Vec::with_capacity(self.classes.len()),
            item_names: Texts::default(),
            ..self.clone()
        };
        for item in order {
            let (labelers, classes) = self.run(item);
            sorted.starts.push(code(sorted.classes.len()));
            sorted.item_names.push(self.item_name(item));
            sorted.labelers.extend_from_slice(labelers);
            sorted.classes.extend_from_slice(classes);
        }
        sorted.starts.push(code(sorted.classes.len()));
        sorted
    }

    /// Returns the table of all items of `parts`, tables of different items of one source, in their order.
    ///
    /// `domain` declares the classes as for the parts' own makers, which were given none.
    pub fn join<T: Borrow<Self>>(parts: &[T], domain: Option<&[String]>) -> Self {
        let parts: Vec<&Self> = parts.iter().map(Borrow::borrow).collect();
        let names = |of: fn(&Self) -> &[String]| -> Vec<String> {
            let names: BTreeSet<&String> = parts.iter().flat_map(|part| of(part)).collect();
            names.into_iter().cloned().collect()
        };
        let (labeler_names, observed) = (names(Self::labeler_names), names(Self::classes));
        let used = vec![true; observed.len()];
        let (class_codes, domain) = settle_domain(Names { texts: observed.clone(), used }, domain);
        let (mut left_out, mut item_names) = (LeftOut::default(), Texts::default());
        let labels = parts.iter().map(|part| part.labels()).sum();
        let mut starts = Vec::with_capacity(parts.iter().map(|part| part.items()).sum::<usize>() + 1);
        let (mut labelers, mut classes) = (Vec::with_capacity(labels), Vec::with_capacity(labels));
        let source = parts.first().map_or(Source::Ledger, |part| part.source);
        for part in parts {
            let place = |all: &[String], name: &String| all.binary_search(name).map_or(0, code);
            let labeler_codes: Vec<u32> =
                part.labeler_names.iter().map(|name| place(&labeler_names, name)).collect();
            let codes: Vec<u32> =
                part.classes().iter().map(|name| class_codes[place(&observed, name) as usize]).collect();
            let start = code(classes.len());
            starts.extend(part.starts[..part.items()].iter().map(|own| start + own));
            labelers.extend(part.labelers.iter().map(|own| labeler_codes[*own as usize]));
            classes.extend(part.classes.iter().map(|own| codes[*own as usize]));
            item_names.append(&part.item_names);
            left_out.abstentions += part.left_out.abstentions;
            left_out.duplicates += part.left_out.duplicates;
            left_out.conflicts += part.left_out.conflicts;
        }
        starts.push(code(classes.len()));
        Self { starts, labelers, classes, item_names, labeler_names, domain, source, left_out }
    }

    /// Builds the table from entries that are unique in (item, labeler), sorted by item code, then labeler name.
    ///
    /// `labelers` are in UTF-8 order already; `classes` in any order.
    fn build<'a>(
        entries: &[Entry],
        item_name: impl Fn(u32) -> &'a str,
        labelers: Names,
        classes: Names,
        domain: Option<&[String]>,
        source: Source,
        left_out: LeftOut,
    ) -> Self {
        let (labeler_codes, labeler_names) = compact(labelers);
        let (class_codes, domain) = settle_domain(classes, domain);
        let (mut starts, mut item_names) = (Vec::new(), Texts::default());
        let mut last = None;
        for (index, entry) in entries.iter().enumerate() {
            if last != Some(entry.item) {
                starts.push(code(index));
                item_names.push(item_name(entry.item));
                last = Some(entry.item);
            }
        }
        starts.push(code(entries.len()));
        Self {
            starts,
            labelers: entries.iter().map(|entry| labeler_codes[entry.labeler as usize]).collect(),
            classes: entries.iter().map(|entry| class_codes[entry.class as usize]).collect(),
            item_names,
            labeler_names,
            domain,
            source,
            left_out,
        }
    }
}

/// Returns `index` as a code: tables hold fewer than 2^32 labels, as batches and ledgers do.
fn code(index: usize) -> u32 {
    u32::try_from(index).expect("a table holds fewer than 2^32 labels")
}

/// Drops the names nobody uses; returns each old code's new one, and the names left.
fn compact(names: Names) -> (Vec<u32>, Vec<String>) {
    let mut kept = Vec::new();
    let codes = names
        .texts
        .into_iter()
        .zip(names.used)
        .map(|(text, used)| {
            let number = code(kept.len());
            if used {
                kept.push(text);
            }
            number
        })
        .collect();
    (codes, kept)
}

/// Returns the class each observed label stands for, and the domain.
pub fn settle_domain(observed: Names, declared: Option<&[String]>) -> (Vec<u32>, Domain) {
    let mut order: Vec<usize> = (0..observed.texts.len()).filter(|code| observed.used[*code]).collect();
    order.sort_unstable_by(|a, b| observed.texts[*a].cmp(&observed.texts[*b]));
    let mut classes = declared.unwrap_or_default().to_vec();
    let mut undeclared = Vec::new();
    let mut codes = vec![0; observed.texts.len()];
    let known: std::collections::BTreeMap<&str, usize> = declared
        .unwrap_or_default()
        .iter()
        .enumerate()
        .rev()
        .map(|(index, class)| (class.as_str(), index))
        .collect();
    for old in order {
        let text = &observed.texts[old];
        codes[old] = match known.get(text.as_str()) {
            Some(index) => code(*index),
            None => {
                classes.push(text.clone());
                if declared.is_some() {
                    undeclared.push(text.clone());
                }
                code(classes.len() - 1)
            }
        };
    }
    let source = if declared.is_some() { DomainSource::Declared } else { DomainSource::Observed };
    (codes, Domain { source, classes, undeclared })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_domain_keeps_its_order_and_unused_classes() {
        let declared = ["low", "mid", "high"].map(String::from);
        let labels = [("i1", "ana", "high"), ("i1", "raj", "odd"), ("i2", "ana", "low")];
        let table = Table::from_labels(labels, Some(&declared));
        assert_eq!(table.classes(), ["low", "mid", "high", "odd"]);
        assert_eq!(table.domain.undeclared, ["odd"]);
        assert_eq!(table.runs().collect::<Vec<_>>(), [(&[0, 1][..], &[2, 3][..]), (&[0][..], &[0][..])]);
        let table = Table::from_labels(labels, None);
        assert_eq!(table.classes(), ["high", "low", "odd"]);
        assert_eq!(table.domain.source, DomainSource::Observed);
        assert!(table.domain.undeclared.is_empty());
    }

    #[test]
    fn items_in_order_are_the_same_items() {
        let rows = [("i2", "ana", "x"), ("i3", "raj", "y"), ("i1", "raj", "x"), ("i2", "raj", "y")];
        let sorted = Table::from_labels(rows, None).in_item_order();
        let names: Vec<&str> = (0..3).map(|item| sorted.item_name(item)).collect();
        assert_eq!(names, ["i1", "i2", "i3"]);
        let mut other = rows;
        other.sort_unstable();
        assert_eq!(sorted, Table::from_labels(other, None));
        assert_eq!(sorted.clone().in_item_order(), sorted);
    }

    #[test]
    fn repeated_labels_are_entries_of_one_labeler() {
        let rows = [("i1", "ana", "x"), ("i1", "ana", "y"), ("i1", "ana", "x"), ("i1", "raj", "y")];
        let table = Table::from_repeated(rows, None);
        assert_eq!(table.labeler_names(), ["ana", "raj"]);
        assert_eq!(table.run(0), (&[0, 0, 0, 1][..], &[0, 1, 0, 1][..]));
    }

    #[test]
    fn no_labels_are_a_table_without_items() {
        let table = Table::from_labels([("", "", ""); 0], None);
        assert_eq!((table.items(), table.labels(), table.runs().count()), (0, 0, 0));
    }
}
