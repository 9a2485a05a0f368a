//! From a table to the report: which coefficients, on what, with what to know about them.

use super::cohen::has_constant_labeler;
use super::labelers::labelers;
use super::pairs::MAX_PAIRS;
use super::report::{AgreementReport, Counts, Estimate, Level, Metric, Note, Params, Undefined, Unit};
use super::{Average, Pairs, Scale, Tallies};
use super::{cohen_kappa, fleiss_kappa, krippendorff_alpha, light_kappa, percent_agreement};
use crate::base::text;
use crate::table::{DomainSource, Source, Table};

/// A κ on fewer items in common says little: it is extreme by chance.
pub const FEW_ITEMS: u64 = 10;

/// Measures agreement on `table`: percent agreement, Fleiss' κ, Krippendorff's α, Cohen's κ of every pair with items
/// in common, and their mean. `task` is named in the report.
pub fn measure(table: &Table, task: Option<&str>) -> AgreementReport {
    let (tallies, listed) = rayon::join(|| Tallies::of(table), || Pairs::of(table));
    let too_many = listed.is_none();
    let pairs = listed.unwrap_or_default();
    let estimates: Vec<_> = pairs.iter().map(|pair| cohen_kappa(&pair)).collect();
    let mut metrics = overall(&tallies);
    if !too_many {
        metrics.extend(by_pair(table, &pairs, &estimates));
    }
    let counts = count(table, &tallies, (!too_many).then_some(&pairs));
    AgreementReport {
        schema: "hitl.agreement/1",
        task: task.map(str::to_owned),
        source: table.source(),
        level: Level::Nominal,
        domain: table.domain().clone(),
        notes: notes(table, &counts, &metrics),
        counts,
        metrics,
        labelers: labelers(table, &pairs, &estimates),
    }
}

fn overall(tallies: &Tallies) -> Vec<Metric> {
    let items = tallies.paired_items();
    let percent = [Average::Items, Average::Labels, Average::Pairs].map(|average| {
        let params = Params { average: average.as_str(), ..Params::default() };
        Metric::new("percent_agreement", params, percent_agreement(tallies, average), items)
    });
    let level = Params { level: Some(Level::Nominal), ..Params::default() };
    let alpha = Metric::new("krippendorff_alpha", level, krippendorff_alpha(tallies), items);
    let fleiss = Metric::new("fleiss_kappa", Params::default(), fleiss_kappa(tallies), items);
    let mut metrics = vec![alpha.on(Scale::Krippendorff), fleiss.on(Scale::LandisKoch)];
    metrics.extend(percent);
    metrics
}

fn by_pair(table: &Table, pairs: &Pairs, estimates: &[Result<Estimate, Undefined>]) -> Vec<Metric> {
    let names = table.labeler_names();
    let (mean, defined) = light_kappa(estimates.iter().copied());
    let light = Metric { unit: Unit::Pairs, ..Metric::new("light_kappa", Params::default(), mean, defined) };
    let mut metrics = vec![light];
    if names.len() == 2 {
        let (outcome, n) = match pairs.iter().next() {
            Some(pair) => (estimates[0], pair.items()),
            None => (Err(Undefined::NoCommonItems), 0),
        };
        metrics.push(Metric::new("cohen_kappa", Params::default(), outcome, n).on(Scale::LandisKoch));
    }
    for (pair, estimate) in pairs.iter().zip(estimates.iter().copied()) {
        let (a, b) = pair.labelers;
        let labelers = [names[a as usize].clone(), names[b as usize].clone()];
        let params = Params { pair: Some(labelers), ..Params::default() };
        let note = (estimate.is_ok() && has_constant_labeler(&pair)).then_some("constant_labeler");
        metrics.push(Metric { note, ..Metric::new("cohen_kappa.pair", params, estimate, pair.items()) });
    }
    metrics
}

fn count(table: &Table, tallies: &Tallies, pairs: Option<&Pairs>) -> Counts {
    let labelers = table.labeler_names().len();
    let items_with_two_labels = tallies.paired_items();
    Counts {
        items: table.items(),
        items_with_two_labels,
        single_label_items: table.items() as u64 - items_with_two_labels,
        labels: table.labels(),
        labelers,
        pairs: labelers as u64 * labelers.saturating_sub(1) as u64 / 2,
        pairs_with_common_items: pairs.map(|pairs| pairs.iter().len()),
        abstentions: table.left_out().abstentions,
        resolved_duplicates: table.left_out().duplicates,
        conflicts: table.left_out().conflicts,
    }
}

fn notes(table: &Table, counts: &Counts, metrics: &[Metric]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |code, text| notes.push(Note { code, text });
    if metrics.iter().any(|metric| {
        metric.metric == "fleiss_kappa" && metric.reason == Some(Undefined::ExpectedAgreementIs1)
    }) {
        note("no_variation", "there is no variation in the labels: reliability cannot be judged".to_owned());
    }
    if table.domain().source == DomainSource::Observed && counts.labels > 0 {
        note(
            "domain_observed",
            "classes are those that occur; a schema or --classes would declare them".to_owned(),
        );
    }
    let numbers = table.classes().iter().all(|class| class.parse::<f64>().is_ok());
    if table.classes().len() > 2 && numbers {
        note("nominal", "numbers are compared as names: 1 and 2 differ as much as 1 and 5".to_owned());
    }
    if !table.domain().undeclared.is_empty() {
        let text = format!(
            "labels outside the declared classes are counted as classes of their own: {}",
            some(&table.domain().undeclared)
        );
        note("undeclared_labels", text);
    }
    if counts.single_label_items > 0 && counts.items_with_two_labels > 0 {
        let items = text::count(counts.single_label_items as usize, "item");
        note(
            "single_label_items",
            format!("{items} with one label count in the distribution of classes of Fleiss' κ alone"),
        );
    }
    if counts.resolved_duplicates > 0 {
        let rows = text::plural(counts.resolved_duplicates, "row was", "rows were");
        note("resolved_duplicates", format!("{rows} replaced by a later one of the same item and labeler"));
    }
    if counts.abstentions > 0 {
        note(
            "abstentions",
            format!(
                "{} left out: no label",
                text::plural(counts.abstentions, "abstention is", "abstentions are")
            ),
        );
    }
    if counts.conflicts > 0 {
        let keys = text::plural(counts.conflicts, "label is", "labels are");
        note(
            "conflicts",
            format!("{keys} left out because the labeler's own judgements contradict each other"),
        );
    }
    pair_notes(counts, metrics, &mut note);
    if table.source() == Source::Ledger {
        note("human_labels", "current labels by human labelers; models and gold are left out".to_owned());
    }
    notes
}

fn pair_notes(counts: &Counts, metrics: &[Metric], note: &mut impl FnMut(&'static str, String)) {
    let Some(with_common_items) = counts.pairs_with_common_items else {
        let most = text::thousands(MAX_PAIRS);
        return note(
            "too_many_pairs",
            format!("more than {most} pairs of labelers have items in common: none is listed"),
        );
    };
    let apart = counts.pairs - with_common_items as u64;
    if apart > 0 {
        let pairs = text::plural(apart as usize, "pair of labelers has", "pairs of labelers have");
        note("no_common_items", format!("{pairs} no item in common and no κ"));
    }
    let pairs = || metrics.iter().filter(|metric| metric.metric == "cohen_kappa.pair");
    let undefined = pairs().filter(|pair| pair.value.is_none()).count();
    if undefined > 0 && metrics.iter().any(|metric| metric.metric == "fleiss_kappa" && metric.value.is_some())
    {
        let pairs = text::plural(undefined, "pair has", "pairs have");
        note(
            "undefined_pairs",
            format!("{pairs} no κ: both gave one and the same class throughout; no mean counts them"),
        );
    }
    let few = pairs().filter(|pair| pair.n < FEW_ITEMS).count();
    if few > 0 {
        let pairs = text::plural(few, "pair has", "pairs have");
        note(
            "few_common_items",
            format!("{pairs} fewer than {FEW_ITEMS} items in common: their κ says little"),
        );
    }
}

/// Names the first few of `labels`, and how many more there are.
fn some(labels: &[String]) -> String {
    let named: Vec<String> = labels.iter().take(5).map(|label| format!("`{label}`")).collect();
    match labels.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
