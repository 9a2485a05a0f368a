//! The report: every item's label, how sure it is, and how good each labeler is. Fields are only ever added.
//!
//! Items are written from table and consensus as they are asked for: a million of them are never copied.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Choice, Consensus, Extra, Fit, TieRule, Unfit, accuracy, majority};
use crate::table::{Domain, Source, Table};

/// An item whose lead is below this is worth a look.
const SURE: f64 = 0.9;

/// What a report is told beside table and consensus.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The task; none for files.
    pub task: Option<String>,
    /// The method's settings, by name.
    pub parameters: BTreeMap<String, String>,
    /// What breaks ties.
    pub ties: TieRule,
    /// The model whose predictions were weighed too.
    pub model: Option<String>,
    /// What is known to be true.
    pub gold: Option<Gold>,
    /// How many items each list has at most.
    pub listed: usize,
}

/// Known labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gold {
    /// Who gave them.
    pub labelers: Vec<String>,
    /// By item; none where they contradict each other.
    pub labels: BTreeMap<String, Option<String>>,
}

/// How much there was to go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Items with a label or more.
    pub items: usize,
    /// Labels, one an item and labeler.
    pub labels: usize,
    /// Labelers who gave a label.
    pub labelers: usize,
    /// Items that a labeler skipped; no label.
    pub abstentions: usize,
    /// Rows replaced by a later one of the same item and labeler.
    pub resolved_duplicates: usize,
    /// (item, labeler) keys whose labels contradict each other; none counts.
    pub conflicts: usize,
    /// Items that come to a label.
    pub labelled: usize,
    /// Items of which several classes are equally probable, whether or not a rule chose one.
    pub ties: usize,
}

/// A class, and how common it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassShare {
    /// The class.
    pub class: String,
    /// The mean of the items' posteriors.
    pub prior: f64,
    /// Items that come to it.
    pub n_items: u64,
}

/// How often the consensus is right, where the truth is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoldShare {
    /// Whose labels are the truth.
    pub labelers: Vec<String>,
    /// Items whose truth is known.
    pub n_items: u64,
    /// Of them, items without a label.
    pub n_tied: u64,
    /// The share right, an item without a label counting as lots drawn among its candidates would on average.
    pub accuracy: f64,
    /// The share right if all those lots went wrong.
    pub accuracy_lowest: f64,
    /// The share right if all those lots went well.
    pub accuracy_highest: f64,
    /// What the majority of the same labels is right on, its ties by lot too.
    pub majority_accuracy: f64,
    /// Items on which known labels contradict each other; left out.
    pub n_contradicted: u64,
}

/// An item that comes to another label than the majority gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overruled {
    /// The item.
    pub item: String,
    /// Its label.
    pub label: String,
    /// The majority's.
    pub majority: String,
    /// How many labels it has.
    pub n_labels: usize,
}

/// How the consensus differs from the majority of the same labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BesideMajority {
    /// Items with another label.
    pub overruled: u64,
    /// Ties of the majority that have a label.
    pub ties_settled: u64,
    /// Items the majority gives a label, and that have none.
    pub left_open: u64,
    /// The first of the items with another label.
    pub items: Vec<Overruled>,
}

/// An item worth a look.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unsure {
    /// The item.
    pub item: String,
    /// By how much its most probable class leads the next.
    pub margin: f64,
    /// How many labels it has.
    pub n_labels: usize,
    /// Its most probable classes, at most three.
    pub classes: Vec<(String, f64)>,
    /// Its text, where the ledger has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What a labeler takes one class for, most of all.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mistaken {
    /// What the item is held to be.
    pub class: String,
    /// What the labeler says.
    pub given: String,
    /// The share of the labeler's labels on such items that say so.
    pub rate: f64,
    /// How many these are expected to be.
    pub count: f64,
}

/// One labeler.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelerQuality {
    /// The labeler.
    pub labeler: String,
    /// Labels given.
    pub n_labels: u64,
    /// Of them, those on items with a label.
    pub n_compared: u64,
    /// Of these, those that say what the item came to.
    pub n_agreeing: u64,
    /// Their share.
    pub accuracy: Option<f64>,
    /// The weight of the labeler's vote (weighted, CROWDLAB).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// The probability of being right (one coin) or of knowing (MACE).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub competence: Option<f64>,
    /// GLAD's α: 0 guesses, below 0 errs on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ability: Option<f64>,
    /// The commonest mistake.
    pub mistakes: Option<Mistaken>,
    /// Expected counts of labels, a row for what the item is held to be and a column for what was said, both in the order
    /// of the classes.
    pub confusion: Vec<Vec<f64>>,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct ConsensusReport {
    /// `hitl.consensus/1`.
    pub schema: &'static str,
    /// The task; null for files.
    pub task: Option<String>,
    /// Where the labels come from.
    pub source: Source,
    /// The method.
    pub method: &'static str,
    /// Its settings.
    pub parameters: BTreeMap<String, String>,
    /// What breaks ties: `undecided`, `first`, `frequent`.
    pub ties: TieRule,
    /// The model whose predictions were weighed too, and its weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<(String, f64)>,
    /// How much there was to go by, and what came of it.
    pub counts: Counts,
    /// Where the classes come from.
    pub domain: Domain,
    /// How the fit ended; null where nothing is fitted.
    pub fit: Option<Fit>,
    /// The classes, in order.
    pub classes: Vec<ClassShare>,
    /// How often it is right, where that is known.
    pub gold: Option<GoldShare>,
    /// How it differs from the majority; null if it is the majority.
    pub majority: Option<BesideMajority>,
    /// The labelers, in UTF-8 order.
    pub labelers: Vec<LabelerQuality>,
    /// The items to look at first, least sure first.
    pub unsure: Vec<Unsure>,
    /// All items.
    pub items: Items,
}

/// All items of a report.
#[derive(Clone, Debug)]
pub struct Items {
    table: Table,
    found: Consensus,
}

/// One item.
#[derive(Clone, Debug, Serialize)]
pub struct Item<'a> {
    /// The item.
    pub item: &'a str,
    /// Its label; null if several classes are equally probable.
    pub label: Option<&'a str>,
    /// By how much the most probable class leads the next.
    pub margin: f64,
    /// How many labels it has.
    pub n_labels: usize,
    /// The classes that are equally probable; empty if one leads.
    pub tied: Vec<&'a str>,
    /// GLAD's 1/β, above 0: the higher, the more even able labelers err.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<f64>,
    /// The probability of each class; for a vote, its share.
    pub posterior: Posterior<'a>,
}

/// Classes and their probabilities.
#[derive(Clone, Copy, Debug)]
pub struct Posterior<'a> {
    classes: &'a [String],
    chances: &'a [f64],
}

impl<'a> Posterior<'a> {
    /// Iterates over classes and probabilities, in the order of the classes.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, f64)> + use<'a> {
        self.classes.iter().map(String::as_str).zip(self.chances.iter().copied())
    }

    /// Returns the most probable classes, at most `count`, and none that is all but impossible.
    fn most(&self, count: usize) -> Vec<(String, f64)> {
        let mut classes: Vec<(&str, f64)> = self.iter().filter(|(_, chance)| *chance > 5e-4).collect();
        classes.sort_by(|a, b| b.1.total_cmp(&a.1));
        classes.truncate(count);
        classes.into_iter().map(|(class, chance)| (class.to_owned(), chance)).collect()
    }
}

impl Serialize for Posterior<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.classes.len()))?;
        self.iter().try_for_each(|(class, chance)| map.serialize_entry(class, &chance))?;
        map.end()
    }
}

impl Serialize for Items {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Items {
    /// Iterates over the items in UTF-8 order of their ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Item<'_>> {
        (0..self.table.items()).map(|item| self.get(item))
    }

    fn get(&self, item: usize) -> Item<'_> {
        let tied: Vec<u32> = self.found.candidates(item).collect();
        let name = |class: u32| self.table.classes()[class as usize].as_str();
        Item {
            item: self.table.item_name(item),
            label: class(self.found.choices[item]).map(name),
            margin: self.found.margin(item),
            n_labels: self.table.run(item).0.len(),
            tied: if tied.len() > 1 { tied.into_iter().map(name).collect() } else { Vec::new() },
            difficulty: match &self.found.extra {
                Extra::Glad { difficulty, .. } => Some(difficulty[item]),
                _ => None,
            },
            posterior: Posterior { classes: self.table.classes(), chances: self.found.posterior(item) },
        }
    }
}

fn class(choice: Choice) -> Option<u32> {
    match choice {
        Choice::Class(class) => Some(class),
        Choice::Tied => None,
    }
}

/// Reports `found`, which was found in `table`.
///
/// # Errors
/// As [`majority`], which it is compared with.
pub fn report(table: Table, found: Consensus, about: About) -> Result<ConsensusReport, Unfit> {
    let is_majority = found.method == super::Method::Majority;
    // A tie rule changes the choices of the majority and nothing it is compared by but them.
    let plain = is_majority && about.ties == TieRule::Undecided;
    let own = if plain { None } else { Some(majority(&table, TieRule::Undecided)?) };
    let votes = own.as_ref().unwrap_or(&found);
    let left_out = table.left_out();
    let labelled = found.choices.iter().filter(|choice| **choice != Choice::Tied).count();
    let counts = Counts {
        items: table.items(),
        labels: table.labels(),
        labelers: table.labeler_names().len(),
        abstentions: left_out.abstentions,
        resolved_duplicates: left_out.duplicates,
        conflicts: left_out.conflicts,
        labelled,
        ties: found.ties(),
    };
    let model = match (&found.extra, about.model) {
        (Extra::Crowdlab { model, .. }, Some(name)) => Some((name, *model)),
        _ => None,
    };
    let gold = about.gold.and_then(|gold| gold_share(&table, &found, votes, gold));
    let majority = (!is_majority).then(|| beside_majority(&table, &found, votes, about.listed));
    let items = Items { table, found };
    let unsure = unsure(&items, about.listed);
    let Items { table, found } = &items;
    Ok(ConsensusReport {
        schema: "hitl.consensus/1",
        task: about.task,
        source: table.source(),
        method: found.method.as_str(),
        parameters: about.parameters,
        ties: about.ties,
        model,
        counts,
        domain: table.domain().clone(),
        fit: found.fit,
        classes: classes(table, found),
        gold,
        majority,
        labelers: (0..table.labeler_names().len()).map(|labeler| quality(table, found, labeler)).collect(),
        unsure,
        items,
    })
}

fn classes(table: &Table, found: &Consensus) -> Vec<ClassShare> {
    let mut items = vec![0; table.classes().len()];
    found.choices.iter().filter_map(|choice| class(*choice)).for_each(|class| items[class as usize] += 1);
    let shares = table.classes().iter().zip(&found.priors).zip(items);
    shares
        .map(|((class, prior), n_items)| ClassShare { class: class.clone(), prior: *prior, n_items })
        .collect()
}

fn gold_share(table: &Table, found: &Consensus, votes: &Consensus, gold: Gold) -> Option<GoldShare> {
    let names: BTreeMap<&str, u32> = table.classes().iter().map(String::as_str).zip(0..).collect();
    let known: Vec<Option<&Option<String>>> =
        (0..table.items()).map(|item| gold.labels.get(table.item_name(item))).collect();
    let n_contradicted = known.iter().filter(|known| matches!(known, Some(None))).count() as u64;
    // A label that is none of the classes is one that no consensus comes to.
    let place = |label: &String| names.get(label.as_str()).copied().unwrap_or(u32::MAX);
    let truth: Vec<Option<u32>> =
        known.into_iter().map(|known| known.and_then(Option::as_ref).map(place)).collect();
    let (share, majority) = (accuracy(found, &truth)?, accuracy(votes, &truth)?);
    Some(GoldShare {
        labelers: gold.labelers,
        n_items: share.items,
        n_tied: share.tied,
        accuracy: share.expected,
        accuracy_lowest: share.lowest,
        accuracy_highest: share.highest,
        majority_accuracy: majority.expected,
        n_contradicted,
    })
}

fn beside_majority(table: &Table, found: &Consensus, votes: &Consensus, listed: usize) -> BesideMajority {
    let mut beside = BesideMajority { overruled: 0, ties_settled: 0, left_open: 0, items: Vec::new() };
    for (item, choices) in found.choices.iter().zip(&votes.choices).enumerate() {
        match (class(*choices.0), class(*choices.1)) {
            (Some(label), Some(majority)) if label != majority => {
                beside.overruled += 1;
                if beside.items.len() < listed {
                    let name = |class: u32| table.classes()[class as usize].clone();
                    beside.items.push(Overruled {
                        item: table.item_name(item).to_owned(),
                        label: name(label),
                        majority: name(majority),
                        n_labels: table.run(item).0.len(),
                    });
                }
            }
            (Some(_), None) => beside.ties_settled += 1,
            (None, Some(_)) => beside.left_open += 1,
            _ => {}
        }
    }
    beside
}

/// How many items one thread looks at at a time.
const CHUNK: usize = 1 << 16;

fn unsure(items: &Items, listed: usize) -> Vec<Unsure> {
    let least_first = |least: &mut Vec<(f64, usize)>| {
        least.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        least.truncate(listed);
    };
    let of = |start: usize| {
        let chunk = start..(start + CHUNK).min(items.found.items());
        let margins = chunk.map(|item| (items.found.margin(item), item));
        let mut least: Vec<(f64, usize)> = margins.filter(|(margin, _)| *margin < SURE).collect();
        least_first(&mut least);
        least
    };
    let chunks: Vec<usize> = (0..items.found.items()).step_by(CHUNK).collect();
    let mut least: Vec<(f64, usize)> = chunks.into_par_iter().flat_map_iter(of).collect();
    least_first(&mut least);
    let unsure = |(margin, item): (f64, usize)| {
        let item = items.get(item);
        let classes = item.posterior.most(3);
        Unsure { item: item.item.to_owned(), margin, n_labels: item.n_labels, classes, text: None }
    };
    least.into_iter().map(unsure).collect()
}

fn quality(table: &Table, found: &Consensus, labeler: usize) -> LabelerQuality {
    let q = table.classes().len();
    let name = |class: usize| table.classes()[class].clone();
    let mut mistakes: Option<Mistaken> = None;
    for (class, given) in (0..q).flat_map(|class| (0..q).map(move |given| (class, given))) {
        let count = found.confusion.count(labeler, class, given);
        let Some(rate) = found.confusion.rate(labeler, class, given).filter(|_| class != given) else {
            continue;
        };
        if count >= 0.5 && mistakes.as_ref().is_none_or(|most| count > most.count) {
            mistakes = Some(Mistaken { class: name(class), given: name(given), rate, count });
        }
    }
    let row = |class: usize| (0..q).map(|given| found.confusion.count(labeler, class, given)).collect();
    let accuracy = found.labelers[labeler];
    LabelerQuality {
        labeler: table.labeler_names()[labeler].clone(),
        n_labels: accuracy.labels,
        n_compared: accuracy.compared,
        n_agreeing: accuracy.agreeing,
        accuracy: accuracy.share(),
        weight: match &found.extra {
            Extra::Weights(weights) | Extra::Crowdlab { labelers: weights, .. } => Some(weights[labeler]),
            _ => None,
        },
        competence: match &found.extra {
            Extra::Competence(competence) => Some(competence[labeler]),
            _ => None,
        },
        ability: match &found.extra {
            Extra::Glad { ability, .. } => Some(ability[labeler]),
            _ => None,
        },
        mistakes,
        confusion: (0..q).map(row).collect(),
    }
}
