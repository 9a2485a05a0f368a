//! The report: what was measured, on what, and every value or the reason there is none.
//!
//! Metrics and parameters are named as published worked examples name them: `cohen_kappa.pair` with
//! `{"pair": ["ana", "raj"]}`. Fields are only ever added.

use serde::Serialize;

use super::scale::Scale;
use crate::table::{Domain, Source};

/// The level of measurement: which labels count as nearer to each other than others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Any two different labels disagree alike.
    #[default]
    Nominal,
}

/// Why a coefficient has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Undefined {
    /// No item has labels by two labelers: nothing can agree or disagree.
    #[serde(rename = "no_item_with_two_labels")]
    NoItemWithTwoLabels,
    /// The two labelers have no item in common, or no two labelers have.
    #[serde(rename = "no_common_items")]
    NoCommonItems,
    /// Everybody gave one class: chance alone would agree always, and 0/0 is no number.
    #[serde(rename = "expected_agreement_is_1")]
    ExpectedAgreementIs1,
    /// The same, as Krippendorff counts: chance alone would never disagree.
    #[serde(rename = "expected_disagreement_is_0")]
    ExpectedDisagreementIs0,
}

impl Undefined {
    /// Returns the word for it, as the JSON report has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoItemWithTwoLabels => "no_item_with_two_labels",
            Self::NoCommonItems => "no_common_items",
            Self::ExpectedAgreementIs1 => "expected_agreement_is_1",
            Self::ExpectedDisagreementIs0 => "expected_disagreement_is_0",
        }
    }
}

/// A coefficient's value and what it is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The coefficient.
    pub value: f64,
    /// Observed agreement, p_a; for α, 1 − D_o.
    pub observed: f64,
    /// Agreement expected by chance, p_e; for α, 1 − D_e. `None` where chance is not corrected for.
    pub expected: Option<f64>,
}

/// How much there was to measure on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Items with a label or more.
    pub items: usize,
    /// Items with two labels or more: those in which labels can agree.
    pub items_with_two_labels: u64,
    /// Items with one label.
    pub single_label_items: u64,
    /// Labels, one an item and labeler.
    pub labels: usize,
    /// Labelers who gave a label.
    pub labelers: usize,
    /// Pairs of labelers.
    pub pairs: u64,
    /// Pairs of labelers with an item in common; null where they are too many to list.
    pub pairs_with_common_items: Option<usize>,
    /// Items that a labeler skipped; no label.
    pub abstentions: usize,
    /// Rows replaced by a later one of the same item and labeler.
    pub resolved_duplicates: usize,
    /// (item, labeler) keys whose labels contradict each other; none counts.
    pub conflicts: usize,
}

/// What distinguishes one value of a metric from another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Params {
    /// The two labelers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<[String; 2]>,
    /// How items are averaged, where not each alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<&'static str>,
    /// The level of measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
}

/// What a metric's `n` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Items.
    Items,
    /// Pairs of labelers.
    Pairs,
}

/// What a published scale calls a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Whose scale.
    pub scale: Scale,
    /// Its word for the value.
    pub band: &'static str,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metric {
    /// Its name.
    pub metric: &'static str,
    /// Which of that name.
    pub params: Params,
    /// The value; null where it is undefined.
    pub value: Option<f64>,
    /// Why it is undefined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Undefined>,
    /// How many items, or pairs of labelers, it rests on.
    pub n: u64,
    /// What `n` counts.
    pub unit: Unit,
    /// Observed agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<f64>,
    /// Agreement expected by chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
    /// What a published scale calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// `constant_labeler`: one of the two gave one class throughout, so that κ is 0 whatever they agree on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

impl Metric {
    /// Returns the metric `name` with what came of it.
    pub(super) fn new(
        name: &'static str,
        params: Params,
        outcome: Result<Estimate, Undefined>,
        n: u64,
    ) -> Self {
        let estimate = outcome.ok();
        Self {
            metric: name,
            params,
            value: estimate.map(|estimate| estimate.value),
            reason: outcome.err(),
            n,
            unit: Unit::Items,
            observed: estimate.map(|estimate| estimate.observed),
            expected: estimate.and_then(|estimate| estimate.expected),
            reading: None,
            note: None,
        }
    }

    /// Returns it read on `scale`, where it has a value.
    pub(super) fn on(mut self, scale: Scale) -> Self {
        self.reading = self.value.map(|value| Reading { scale, band: scale.band(value) });
        self
    }
}

/// How one labeler agrees with the others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelerAgreement {
    /// Who.
    pub labeler: String,
    /// How many labels they gave.
    pub labels: u64,
    /// How many others they have a κ with, on enough items in common to count (10).
    pub pairs: u64,
    /// The items they have in common with those others, added up over them.
    pub common_items: u64,
    /// The mean of their pairs' Cohen κ, each weighted by its items; null where they have none.
    pub mean_kappa: Option<f64>,
}

/// Something a reader of the values should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// One word for programs.
    pub code: &'static str,
    /// One sentence for people.
    pub text: String,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgreementReport {
    /// `hitl.agreement/1`.
    pub schema: &'static str,
    /// The task, where the labels have one.
    pub task: Option<String>,
    /// Where the labels came from.
    pub source: Source,
    /// The level of measurement.
    pub level: Level,
    /// The classes.
    pub domain: Domain,
    /// How much there was to measure on.
    pub counts: Counts,
    /// All values, overall ones first, then every pair's in labeler order.
    pub metrics: Vec<Metric>,
    /// How each labeler agrees with the others, in labeler order.
    pub labelers: Vec<LabelerAgreement>,
    /// What a reader should know.
    pub notes: Vec<Note>,
}

impl AgreementReport {
    /// Returns the metric `name` without parameters but the level: the overall one.
    pub fn overall(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| {
            metric.metric == name && metric.params.pair.is_none() && metric.params.average.is_none()
        })
    }

    /// Iterates over the pairs' Cohen κ, in labeler order.
    pub fn pairs(&self) -> impl Iterator<Item = (&[String; 2], &Metric)> {
        self.metrics
            .iter()
            .filter(|metric| metric.metric == "cohen_kappa.pair")
            .filter_map(|metric| metric.params.pair.as_ref().map(|pair| (pair, metric)))
    }
}
