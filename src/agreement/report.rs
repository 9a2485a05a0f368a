//! The report: what was measured, on what, and every value or the reason there is none.
//!
//! Metrics and parameters are named as published worked examples name them: `cohen_kappa.pair` with
//! `{"pair": ["ana", "raj"]}`. Fields are only ever added.

use serde::Serialize;

use super::scale::Scale;
use super::structured::Strength;
use super::{
    Change, Confusion, Diagnosis, Disputed, Estimate, Interval, Level, Method, SetDistance, Undefined,
    Weighting,
};
use crate::table::{Domain, Source};

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
    /// The class that stands against all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// How items are averaged, where not each alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<&'static str>,
    /// The weights, where labels that differ may agree in part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weighting>,
    /// The level of measurement; `custom` where the distances of labels were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<&'static str>,
    /// How the difference of two sets is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<SetDistance>,
    /// When two spans match.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matching: Option<&'static str>,
    /// Whether the classes of spans or boxes do not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_label: Option<bool>,
    /// How random labels are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampler: Option<&'static str>,
    /// How the standard error came about, where a metric is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub se: Option<&'static str>,
    /// How the interval came about, where it is not the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci: Option<Method>,
}

/// What a published scale calls a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// Whose scale.
    pub scale: Scale,
    /// Its word for the value.
    pub band: &'static str,
    /// Its word for what the value is at least, with 95 % confidence (Gwet 2014); where the standard error is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<&'static str>,
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
    /// Its standard error, where one is known.
    pub se: Option<f64>,
    /// The lower end of its interval.
    pub ci_low: Option<f64>,
    /// The upper end of its interval; not cut at 1.
    pub ci_high: Option<f64>,
    /// How many items it rests on.
    pub n_items: u64,
    /// How many labels it rests on.
    pub n_labels: u64,
    /// Why it is undefined.
    pub undefined: Option<Undefined>,
    /// Observed agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<f64>,
    /// Agreement expected by chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
    /// How many pairs of labelers it is the mean of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_pairs: Option<u64>,
    /// How the standard error came about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub se_method: Option<Method>,
    /// How the interval came about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci_method: Option<Method>,
    /// What a published scale calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// `constant_labeler`: one of the two gave one class throughout, so that κ is 0 whatever they agree on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

impl Metric {
    /// Returns the metric `name` with what came of it on so many items and labels.
    pub(super) fn new(
        name: &'static str,
        params: Params,
        outcome: Result<Estimate, Undefined>,
        (n_items, n_labels): (u64, u64),
    ) -> Self {
        let estimate = outcome.ok();
        Self {
            metric: name,
            params,
            value: estimate.map(|estimate| estimate.value),
            se: None,
            ci_low: None,
            ci_high: None,
            n_items,
            n_labels,
            undefined: outcome.err(),
            observed: estimate.map(|estimate| estimate.observed),
            expected: estimate.and_then(|estimate| estimate.expected),
            n_pairs: None,
            se_method: None,
            ci_method: None,
            reading: None,
            note: None,
        }
    }

    /// Returns it with its standard error.
    pub(super) fn with_se(mut self, se: Option<f64>, method: Method) -> Self {
        self.se = se.filter(|se| self.value.is_some() && se.is_finite());
        self.se_method = self.se.map(|_| method);
        self
    }

    /// Returns it with its interval.
    pub(super) fn between(mut self, interval: Option<Interval>) -> Self {
        let interval = interval.filter(|_| self.value.is_some());
        self.ci_low = interval.map(|interval| interval.low);
        self.ci_high = interval.map(|interval| interval.high);
        self.ci_method = interval.map(|interval| interval.method);
        self
    }

    /// Returns it read on `scale`, where it has a value.
    pub(super) fn on(mut self, scale: Scale) -> Self {
        self.reading = self.value.map(|value| {
            let at_least = self.se.filter(|se| *se > 0.0).map(|se| scale.at_least(value, se));
            Reading { scale, band: scale.band(value), at_least }
        });
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
    /// α without their labels; null where it has no value, or where there are too many labels to try by itself.
    pub alpha_without: Option<f64>,
}

/// How many items would have to be labelled twice for an interval of so much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Planned {
    /// How far the interval of α reaches to either side.
    pub half_width: f64,
    /// Items with two labels or more that it takes, with as many labels an item as now.
    pub items: u64,
}

/// Agreement of the parts of the labels that have something in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// What parts the labels: `origin`, `guideline`, `week`.
    pub by: &'static str,
    /// The parts.
    pub groups: Vec<Group>,
}

/// One part of the labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// What its labels have in common; `-` where it is not known.
    pub group: String,
    /// How much there is of it.
    pub counts: Counts,
    /// Its coefficients.
    pub metrics: Vec<Metric>,
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
    /// The pairs of classes that are confused, the largest share of all disagreement first.
    pub confusions: Vec<Confusion>,
    /// The items that disagree most.
    pub disputed: Vec<Disputed>,
    /// Where disagreement comes from, where there is much.
    pub diagnosis: Option<Diagnosis>,
    /// How many items to label twice for an interval of so much to either side.
    pub plan: Vec<Planned>,
    /// How strong each contestant of a preference task is; null where strengths do not follow from the labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strengths: Option<Vec<Strength>>,
    /// What became of agreement since a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The same of parts of the labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<View>,
    /// What a reader should know.
    pub notes: Vec<Note>,
}

impl AgreementReport {
    /// Returns the metric `name` of all labelers together, unweighted; of several levels, that of the report.
    pub fn overall(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| {
            metric.metric == name
                && metric.params.pair.is_none()
                && metric.params.average.is_none()
                && metric.params.weights.is_none()
        })
    }

    /// Iterates over the pairs' Cohen κ, in labeler order.
    pub fn pairs(&self) -> impl Iterator<Item = (&[String; 2], &Metric)> {
        self.metrics
            .iter()
            .filter(|metric| metric.metric == "cohen_kappa.pair" && metric.params.weights.is_none())
            .filter_map(|metric| metric.params.pair.as_ref().map(|pair| (pair, metric)))
    }
}
