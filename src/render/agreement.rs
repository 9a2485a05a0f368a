//! What every rendering of agreement says: names, reasons in words, which pairs come first.

use crate::agreement::{
    AgreementReport, Confusion, Culprit, Diagnosis, FEW_ITEMS, LabelerAgreement, Level, Metric, SetDistance,
    Undefined, Weighting,
};
use crate::base::text;
use crate::render::human::{number, percent};

/// How many pairs people are shown.
const SHOWN: usize = 10;
/// How many pairs of classes people are shown.
const CONFUSIONS: usize = 3;

/// The coefficients of all labelers together, in the order they are shown, as people name them.
const OVERALL: [(&str, &str); 20] = [
    ("krippendorff_alpha", "Krippendorff's α"),
    ("fleiss_kappa", "Fleiss' κ"),
    ("conger_kappa", "Conger's κ"),
    ("cohen_kappa", "Cohen's κ"),
    ("kappa_max", "highest Cohen's κ"),
    ("scott_pi", "Scott's π"),
    ("light_kappa", "mean Cohen's κ"),
    ("gwet_ac1", "Gwet's AC1"),
    ("gwet_ac2", "Gwet's AC2"),
    ("brennan_prediger", "Brennan-Prediger"),
    ("mean_jaccard_agreement", "Jaccard"),
    ("mean_masi_agreement", "MASI"),
    ("span_f1.mean_pairwise", "span F1"),
    ("gamma", "γ"),
    ("mean_iou", "IoU"),
    ("box_f1", "box F1"),
    ("kendall_tau", "Kendall's τ"),
    ("kendall_w", "Kendall's W"),
    ("prevalence_index", "prevalence index"),
    ("bias_index", "bias index"),
];

/// Returns the coefficients of all labelers together, each with its name; percent agreement last.
pub(super) fn overall(report: &AgreementReport) -> Vec<(String, &Metric)> {
    named(&report.metrics, report.level, report.counts.labelers == 2)
}

/// Returns the coefficients of all labelers together among `metrics`, each with its name.
pub(super) fn named(metrics: &[Metric], level: Level, two_labelers: bool) -> Vec<(String, &Metric)> {
    let percent = [("percent_agreement", "percent agreement")];
    let mut found = Vec::new();
    for (name, word) in OVERALL.iter().chain(&percent) {
        // Of two labelers the mean over pairs is Cohen's κ again.
        let all = metrics.iter().filter(|metric| {
            let params = &metric.params;
            metric.metric == *name
                && params.pair.is_none()
                && params.average.is_none()
                && params.class.is_none()
                && params.ci.is_none()
                && !(two_labelers && *name == "light_kappa")
        });
        found.extend(all.map(|metric| (title_of(word, metric, level), metric)));
    }
    found
}

/// Returns the name of a coefficient with what distinguishes it: the level of α, weights.
fn title_of(word: &str, metric: &Metric, level: Level) -> String {
    let params = &metric.params;
    let parts = [
        params.level.filter(|own| *own != level.as_str()),
        params.matching,
        params.ignore_label.filter(|_| params.matching.is_none()).map(|_| "any class"),
        params.distance.map(|distance| match distance {
            SetDistance::Jaccard => "Jaccard",
            SetDistance::Masi => "MASI",
        }),
        params.weights.map(|weights| match weights {
            Weighting::Identity => "unweighted",
            Weighting::Linear => "linear",
            Weighting::Quadratic => "quadratic",
            Weighting::Custom => "weighted",
        }),
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    if parts.is_empty() { word.to_owned() } else { format!("{word}, {}", parts.join(", ")) }
}

/// Returns the interval of `metric`, as people write it, not beyond 1; empty where it has none.
pub(super) fn interval(low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("{} to {}", number(low), number(high.min(1.0))),
        _ => String::new(),
    }
}

/// Returns the value of `metric` as people write it.
pub(super) fn value_of(metric: &Metric) -> String {
    metric.value.map_or_else(|| "-".to_owned(), written(metric))
}

/// Returns the interval of `metric` as people write it, not beyond 1; empty where it has none.
pub(super) fn between(metric: &Metric) -> String {
    let write = written(metric);
    match (metric.ci_low, metric.ci_high) {
        (Some(low), Some(high)) => format!("{} to {}", write(low), write(high.min(1.0))),
        _ => String::new(),
    }
}

/// How people write the values of `metric`: shares in percent.
fn written(metric: &Metric) -> fn(f64) -> String {
    let shares = ["percent_agreement", "mean_jaccard_agreement", "mean_masi_agreement"];
    if shares.contains(&metric.metric) { percent } else { number }
}

/// Returns what the value of an overall coefficient means, or why there is none.
pub(super) fn meaning(metrics: &[Metric], metric: &Metric) -> String {
    if let Some(reason) = metric.undefined {
        return format!("no value: {}", why(reason));
    }
    match (metric.metric, &metric.reading) {
        (_, Some(reading)) => format!("{} ({})", reading.band, reading.scale.name()),
        ("light_kappa", _) => {
            format!("over {} of labelers", text::count(metric.n_pairs.unwrap_or(0) as usize, "pair"))
        }
        ("kappa_max", _) => "what their own distributions allow".to_owned(),
        ("percent_agreement", _) if metric.params.weights.is_none() => {
            let fleiss = metrics.iter().find(|metric| metric.metric == "fleiss_kappa");
            match fleiss.and_then(|fleiss| fleiss.expected) {
                Some(expected) => format!("by chance alone {} would agree", percent(expected)),
                None => "not corrected for chance".to_owned(),
            }
        }
        _ => match metric.expected {
            Some(expected) => format!("by chance alone {}", percent(expected)),
            None => String::new(),
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
        Undefined::NothingMarked => "neither marked anything",
        Undefined::TooManyUnits => "the best alignment would take too long to find",
        Undefined::FewerThanTwoCommonIds => "fewer than two ids were ranked by both",
        Undefined::AllTied => "a ranking puts all at one place",
        Undefined::NoComparisons => "nobody was compared with anybody else",
        Undefined::ComparisonsDisconnected => "some were never compared with the others",
        Undefined::UnboundedStrength => "some never lost to the others",
        Undefined::NotConverged => "it did not settle",
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

/// Fewer items with two labels tell next to nothing; fewer than the second, little.
const TOO_FEW: u64 = 20;
const FEW: u64 = 100;
/// From this share of agreeing pairs on people think all is well.
const LOOKS_FINE: f64 = 0.8;
/// From this α on labels are fit for tentative conclusions, Krippendorff (2004).
pub(super) const TENTATIVE: f64 = 0.667;

/// Returns the plain reading: what the numbers rest on, what they hide, and where disagreement comes from.
pub(super) fn reading(report: &AgreementReport) -> Vec<String> {
    let alpha = report.overall("krippendorff_alpha").and_then(|alpha| alpha.value);
    let items = report.counts.items_with_two_labels;
    let mut lines = Vec::new();
    if (1..FEW).contains(&items) {
        let items_said = text::count(items as usize, "item");
        lines.push(match items < TOO_FEW {
            true => {
                format!("All of it rests on {items_said} with two labels or more: too few to tell anything")
            }
            false => format!("All of it rests on {items_said} with two labels or more: a first impression"),
        });
    }
    let percent_agreement = report.overall("percent_agreement").and_then(|metric| metric.value);
    if let (Some(alpha), Some(share)) = (alpha, percent_agreement.filter(|share| *share >= LOOKS_FINE))
        && alpha < TENTATIVE
    {
        lines.push(format!(
            "{} of pairs agree, which looks fine, and α does not: nearly all labels are one class, and agreeing on it is \
             easy",
            percent(share)
        ));
    }
    lines.extend(origins(report));
    lines.extend(report.diagnosis.as_ref().filter(|_| items >= TOO_FEW).map(diagnosis));
    let wide = report.plan.iter().filter(|planned| planned.items > items).min_by_key(|planned| planned.items);
    if let Some(planned) = wide.filter(|_| alpha.is_some()) {
        lines.push(format!(
            "For α ± {} label about {} twice (now {})",
            planned.half_width,
            text::count(planned.items as usize, "item"),
            text::thousands(items as usize)
        ));
    }
    lines
}

/// Says how much of agreement is guesses that were confirmed.
fn origins(report: &AgreementReport) -> Option<String> {
    let view = report.views.iter().find(|view| view.by == "origin")?;
    let alpha = |origin: &str| {
        let group = view.groups.iter().find(|group| group.group == origin)?;
        group.metrics.iter().find(|metric| metric.metric == "krippendorff_alpha")?.value
    };
    let (fresh, confirmed) = (alpha("fresh")?, alpha("confirmed")?);
    let differ = match fresh < confirmed {
        true => "confirming one guess is agreeing; read the fresh one",
        false => "the guesses do not inflate it",
    };
    Some(format!(
        "α is {} on fresh labels and {} on confirmed guesses: {differ}",
        number(fresh),
        number(confirmed)
    ))
}

fn diagnosis(diagnosis: &Diagnosis) -> String {
    let without = diagnosis.alpha_without.map(number).unwrap_or_default();
    let alpha = number(diagnosis.alpha);
    match (diagnosis.culprit, &diagnosis.classes, &diagnosis.labeler) {
        (Culprit::ClassPair, Some([a, b]), _) => format!(
            "It is one pair of classes: with `{a}` and `{b}` taken for one, α would be {without} instead of {alpha}. The \
             guideline does not tell them apart"
        ),
        (Culprit::Labeler, _, Some(labeler)) => format!(
            "It is one labeler: without `{labeler}` α would be {without} instead of {alpha}. Ask first whether they had \
             the same guideline"
        ),
        _ => "No one labeler and no one pair of classes is behind it: the guideline as a whole, or items that are hard"
            .to_owned(),
    }
}

/// Returns the pairs of classes that people are shown.
pub(super) fn shown_confusions(report: &AgreementReport) -> &[Confusion] {
    // Two classes that are all there are, or neighbours in an order, are no finding.
    let worth = report.domain.classes.len() > 2 && report.level == Level::Nominal;
    &report.confusions[..if worth { report.confusions.len().min(CONFUSIONS) } else { 0 }]
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
