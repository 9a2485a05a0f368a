//! What every rendering of agreement says: names, reasons in words, which pairs come first.

use crate::agreement::{AgreementReport, FEW_ITEMS, LabelerAgreement, Metric, Undefined};
use crate::base::text;
use crate::render::human::percent;

/// How many pairs people are shown.
const SHOWN: usize = 10;

/// The coefficients of all labelers together, in the order they are shown, as people name them.
const OVERALL: [(&str, &str); 5] = [
    ("krippendorff_alpha", "Krippendorff's α"),
    ("fleiss_kappa", "Fleiss' κ"),
    ("cohen_kappa", "Cohen's κ"),
    ("light_kappa", "mean Cohen's κ"),
    ("percent_agreement", "percent agreement"),
];

/// Returns the coefficients of all labelers together, each with its name.
pub(super) fn overall(report: &AgreementReport) -> Vec<(&'static str, &Metric)> {
    let two_labelers = report.counts.labelers == 2;
    OVERALL
        .into_iter()
        // Of two labelers the mean over pairs is Cohen's κ again.
        .filter(|(metric, _)| !(two_labelers && *metric == "light_kappa"))
        .filter_map(|(metric, name)| report.overall(metric).map(|metric| (name, metric)))
        .collect()
}

/// Returns what the value of an overall coefficient means, or why there is none.
pub(super) fn meaning(report: &AgreementReport, metric: &Metric) -> String {
    if let Some(reason) = metric.undefined {
        return format!("no value: {}", why(reason));
    }
    match (metric.metric, &metric.reading, metric.value) {
        (_, Some(reading), Some(value)) => {
            format!("{}: {} ({})", reading.scale.range(value), reading.band, reading.scale.name())
        }
        ("light_kappa", ..) => {
            format!("over {} of labelers", text::count(metric.n_pairs.unwrap_or(0) as usize, "pair"))
        }
        _ => match report.overall("fleiss_kappa").and_then(|fleiss| fleiss.expected) {
            Some(expected) => format!("by chance alone {} would agree", percent(expected)),
            None => "not corrected for chance".to_owned(),
        },
    }
}

/// Returns why there is no value, in words.
pub(super) fn why(reason: Undefined) -> &'static str {
    match reason {
        Undefined::NoItemWithTwoLabels => "no item has labels by two labelers",
        Undefined::NoCommonItems => "no two labelers labelled the same item",
        Undefined::ExpectedAgreementIs1 | Undefined::ExpectedDisagreementIs0 => "all labels are one class",
        Undefined::SingleCategoryDomain => "there is only one class to choose",
        Undefined::ClassNeverUsed => "nobody gave this class",
        Undefined::TooManyClasses => "there are too many classes to compare each with each",
    }
}

/// Returns what `metric`, a pair's, should be read with; empty where there is nothing.
pub(super) fn pair_note(metric: &Metric) -> &'static str {
    match (metric.undefined, metric.note) {
        (Some(_), _) => "one class only",
        (None, Some(_)) => "one labeler gave one class only",
        (None, None) if metric.n_items < FEW_ITEMS => "few items",
        (None, None) => "",
    }
}

/// The pairs that people are shown.
pub(super) struct Shown<'a> {
    /// What they are, as a heading.
    pub title: &'static str,
    /// The pairs, least agreement first.
    pub pairs: Vec<(&'a [String; 2], &'a Metric)>,
    /// How many more there are.
    pub more: usize,
}

/// Chooses the pairs to show: all when they are few, else those that agree least, of those with enough items in
/// common. A κ on a handful of items is extreme by chance, and would crowd out the others.
pub(super) fn shown_pairs(report: &AgreementReport) -> Shown<'_> {
    let mut all: Vec<_> = report.pairs().collect();
    let total = all.len();
    let mut title = "Pairs of labelers";
    if total > SHOWN {
        title = "Pairs that agree least";
        all.retain(|(_, metric)| metric.value.is_some() && metric.n_items >= FEW_ITEMS);
    }
    all.sort_by(|(a_names, a), (b_names, b)| {
        let key = |metric: &Metric| metric.value.unwrap_or(f64::INFINITY);
        key(a).total_cmp(&key(b)).then(b.n_items.cmp(&a.n_items)).then(a_names.cmp(b_names))
    });
    all.truncate(SHOWN);
    Shown { title, more: total - all.len(), pairs: all }
}

/// Returns the labelers who agree least with the others, least first, at most `most`; none where there are too few to
/// tell them apart.
pub(super) fn least_agreeing(report: &AgreementReport, most: usize) -> Vec<(&LabelerAgreement, f64)> {
    let mut ranked = ranked(report);
    if ranked.len() < 3 {
        return Vec::new();
    }
    ranked.truncate(most);
    ranked
}

/// Returns the labeler whose agreement with the others is less than half of the median labeler's.
pub(super) fn outlier(report: &AgreementReport) -> Option<&LabelerAgreement> {
    let ranked = ranked(report);
    let (_, median) = *ranked.get(ranked.len() / 2).filter(|_| ranked.len() >= 3)?;
    ranked.first().filter(|(_, value)| *value < median / 2.0).map(|(labeler, _)| *labeler)
}

fn ranked(report: &AgreementReport) -> Vec<(&LabelerAgreement, f64)> {
    // A single pair does not tell which of the two it is.
    let several = report.labelers.iter().filter(|labeler| labeler.pairs >= 2);
    let mut ranked: Vec<_> =
        several.filter_map(|labeler| labeler.mean_kappa.map(|value| (labeler, value))).collect();
    ranked.sort_by(|(a, a_value), (b, b_value)| {
        a_value.total_cmp(b_value).then_with(|| a.labeler.cmp(&b.labeler))
    });
    ranked
}

/// Returns the line that says what was measured: `800 items, 8,000 labels by 164 labelers`.
pub(super) fn headline(report: &AgreementReport) -> String {
    let counts = &report.counts;
    let items = text::count(counts.items, "item");
    let overlap = match counts.items_with_two_labels {
        _ if counts.items == 0 => String::new(),
        all if all == counts.items as u64 => String::new(),
        0 => " (none with two labels)".to_owned(),
        some => format!(" ({} with two labels or more)", text::thousands(some as usize)),
    };
    format!(
        "{items}{overlap}, {} by {}",
        text::count(counts.labels, "label"),
        text::count(counts.labelers, "labeler")
    )
}

/// Notes for programs alone: nominal coefficients are the same whoever named the classes.
const SILENT: [&str; 1] = ["domain_observed"];

/// Returns the notes that people are shown.
pub(super) fn notes(report: &AgreementReport) -> impl Iterator<Item = &str> {
    report.notes.iter().filter(|note| !SILENT.contains(&note.code)).map(|note| note.text.as_str())
}

/// Returns `task` as a heading names it.
pub(super) fn title(report: &AgreementReport) -> String {
    report.task.as_ref().map_or_else(|| "Agreement".to_owned(), |task| format!("Agreement on {task}"))
}
