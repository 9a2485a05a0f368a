//! Outcome: what a method makes of a table, in one shape for all methods.

use rayon::prelude::*;
use serde::Serialize;

use super::confusion::Confusion;
use super::em::Fit;
use super::expected::Expected;
use super::{Extra, Method, chunks};
use crate::table::Table;

/// Two posteriors that differ by no more are equal but for rounding.
const ROUNDING: f64 = 1e-9;

/// The class an item is held to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A position in the table's classes.
    Class(u32),
    /// Several classes are equally probable: [`Consensus::candidates`].
    Tied,
}

/// Which of several equally probable classes an item is held to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TieRule {
    /// None: the item stays undecided.
    #[default]
    Undecided,
    /// The one that comes first in the table's classes, which are in declared order.
    #[serde(rename = "first")]
    FirstClass,
    /// The one with more labels in the whole table; undecided if that is a tie too.
    #[serde(rename = "frequent")]
    MoreFrequent,
}

/// How a labeler's labels agree with the consensus, in whole labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accuracy {
    /// All labels the labeler gave.
    pub labels: u64,
    /// Those on items that are decided.
    pub compared: u64,
    /// Those that are the class decided on.
    pub agreeing: u64,
}

impl Accuracy {
    /// Returns the share of agreeing labels; `None` if no item of the labeler is decided.
    pub fn share(&self) -> Option<f64> {
        (self.compared > 0).then(|| self.agreeing as f64 / self.compared as f64)
    }

    pub(super) fn plus(&mut self, other: &Self) {
        self.labels += other.labels;
        self.compared += other.compared;
        self.agreeing += other.agreeing;
    }
}

/// The consensus of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Consensus {
    /// How it was found.
    pub method: Method,
    /// Every item's class.
    pub choices: Vec<Choice>,
    /// p_k: the mean of the items' posteriors.
    pub priors: Vec<f64>,
    /// Every labeler's labels against the posteriors.
    pub confusion: Confusion,
    /// Every labeler's labels against the choices.
    pub labelers: Vec<Accuracy>,
    /// How the fit ended; none where nothing is fitted.
    pub fit: Option<Fit>,
    /// What only this method knows.
    pub extra: Extra,
    classes: usize,
    posterior: Vec<f64>,
}

impl Consensus {
    pub(super) fn new(
        (method, extra): (Method, Extra),
        table: &Table,
        (posterior, expected): (Vec<f64>, Expected),
        fit: Option<Fit>,
        ties: TieRule,
    ) -> Self {
        let classes = table.classes().len();
        let (choices, labelers) = settle(table, &posterior, ties);
        Self {
            method,
            choices,
            priors: expected.priors(table),
            confusion: Confusion::of(&expected, classes),
            labelers,
            fit,
            extra,
            classes,
            posterior,
        }
    }

    /// Returns the number of items.
    pub fn items(&self) -> usize {
        self.choices.len()
    }

    /// Returns all posteriors, n × q, an item's side by side.
    pub fn posteriors(&self) -> &[f64] {
        &self.posterior
    }

    /// Returns the probability of each class for `item`; for a vote, the class's share of it.
    pub fn posterior(&self, item: usize) -> &[f64] {
        &self.posterior[item * self.classes..(item + 1) * self.classes]
    }

    /// Returns the most probable classes of `item`: one, or those that tie, in the table's order. A rule that broke
    /// the tie changes nothing here.
    pub fn candidates(&self, item: usize) -> impl Iterator<Item = u32> {
        candidates(self.posterior(item))
    }

    /// Returns how many items have more than one candidate.
    pub fn ties(&self) -> usize {
        (0..self.items()).into_par_iter().filter(|item| self.candidates(*item).nth(1).is_some()).count()
    }

    /// Returns by how much the most probable class of `item` leads the next; 1 if there is but one class.
    pub fn margin(&self, item: usize) -> f64 {
        let (mut first, mut second) = (0.0, 0.0);
        for share in self.posterior(item) {
            if *share > first {
                (first, second) = (*share, first);
            } else if *share > second {
                second = *share;
            }
        }
        first - second
    }

    /// Returns how uncertain the class of `item` is: −Σ_k T_ik ln T_ik, in nats.
    pub fn entropy(&self, item: usize) -> f64 {
        let shares = self.posterior(item).iter().filter(|share| **share > 0.0);
        shares.map(|share| -share * super::numeric::ln(*share)).sum()
    }
}

pub(super) fn candidates(posterior: &[f64]) -> impl Iterator<Item = u32> {
    let most = posterior.iter().fold(0.0, |most, share| if *share > most { *share } else { most });
    let ties = move |(_, share): &(u32, &f64)| most - **share <= ROUNDING;
    (0..).zip(posterior).filter(ties).map(|(class, _)| class)
}

/// Chooses every item's class, and counts every labeler's labels against it.
fn settle(table: &Table, posterior: &[f64], ties: TieRule) -> (Vec<Choice>, Vec<Accuracy>) {
    let q = table.classes().len();
    let frequencies = if ties == TieRule::MoreFrequent { frequencies(table) } else { Vec::new() };
    let mut choices = vec![Choice::Tied; table.items()];
    let length = chunks::length(table, table.labeler_names().len());
    let parts = chunks::map_rows(table, length, (&mut choices, 1), |items, choices| {
        let mut labelers = vec![Accuracy::default(); table.labeler_names().len()];
        for (item, choice) in items.zip(choices) {
            *choice = choose(&posterior[item * q..(item + 1) * q], ties, &frequencies);
            let (who, given) = table.run(item);
            for (labeler, class) in who.iter().zip(given) {
                let accuracy = &mut labelers[*labeler as usize];
                accuracy.labels += 1;
                accuracy.compared += u64::from(*choice != Choice::Tied);
                accuracy.agreeing += u64::from(*choice == Choice::Class(*class));
            }
        }
        labelers
    });
    let mut labelers = vec![Accuracy::default(); table.labeler_names().len()];
    for part in &parts {
        labelers.iter_mut().zip(part).for_each(|(all, one)| all.plus(one));
    }
    (choices, labelers)
}

fn choose(posterior: &[f64], ties: TieRule, frequencies: &[u64]) -> Choice {
    let most = posterior.iter().fold(0.0, |most, share| if *share > most { *share } else { most });
    let (mut first, mut tied) = (0, 0);
    for (class, share) in posterior.iter().enumerate().rev() {
        if most - share <= ROUNDING {
            (first, tied) = (class as u32, tied + 1);
        }
    }
    match ties {
        _ if tied == 1 => Choice::Class(first),
        TieRule::FirstClass => Choice::Class(first),
        TieRule::Undecided => Choice::Tied,
        TieRule::MoreFrequent => most_frequent(candidates(posterior), frequencies),
    }
}

fn most_frequent(candidates: impl Iterator<Item = u32>, frequencies: &[u64]) -> Choice {
    let (mut choice, mut most) = (Choice::Tied, 0);
    for class in candidates {
        let labels = frequencies[class as usize];
        if labels > most {
            (choice, most) = (Choice::Class(class), labels);
        } else if labels == most {
            choice = Choice::Tied;
        }
    }
    choice
}

/// Returns how many labels each class has.
fn frequencies(table: &Table) -> Vec<u64> {
    let mut labels = vec![0; table.classes().len()];
    for (_, given) in table.runs() {
        given.iter().for_each(|class| labels[*class as usize] += 1);
    }
    labels
}
