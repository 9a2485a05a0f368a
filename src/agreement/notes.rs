//! What a reader of the values should know, in words.

use super::coefficients::MOST_CLASSES;
use super::pairs::MAX_PAIRS;
use super::report::{Counts, Metric, Note};
use super::scheme::some;
use super::weights::MOST_CLASSES as MOST_WEIGHTED;
use super::{FEW_ITEMS, Level, Undefined};
use crate::base::text;
use crate::table::{DomainSource, Source, Table};

/// Returns what a reader of `metrics` should know.
pub(super) fn notes(table: &Table, level: Level, counts: &Counts, metrics: &[Metric]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |code, text| notes.push(Note { code, text });
    if metrics.iter().any(|metric| {
        metric.metric == "fleiss_kappa" && metric.undefined == Some(Undefined::ExpectedAgreementIs1)
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
    if level == Level::Nominal && table.classes().len() > 2 && numbers {
        note("nominal", "numbers are compared as names: 1 and 2 differ as much as 1 and 5 (--level ordinal, interval or ratio)".to_owned());
    }
    if table.classes().len() > MOST_CLASSES {
        let classes = text::thousands(table.classes().len());
        note("too_many_classes", format!("there are {classes} classes: none is looked at by itself"));
    }
    if level != Level::Nominal && table.classes().len() > MOST_WEIGHTED {
        let classes = text::thousands(table.classes().len());
        note("too_many_classes_for_weights", format!("there are {classes} classes: too many for weights"));
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
    left_out_notes(counts, &mut note);
    pair_notes(counts, metrics, &mut note);
    if table.source() == Source::Ledger {
        note("human_labels", "current labels by human labelers; models and gold are left out".to_owned());
    }
    notes
}

/// Returns what a reader of values of structured labels should know.
pub(super) fn notes_structured(table: &Table, level: Level, counts: &Counts) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |code, text| notes.push(Note { code, text });
    left_out_notes(counts, &mut note);
    if level == Level::Span {
        note(
            "spans",
            "a character that nobody marked is a class of its own of α; γ: --metrics gamma".to_owned(),
        );
    }
    if table.source() == Source::Ledger {
        note("human_labels", "current labels by human labelers; models and gold are left out".to_owned());
    }
    notes
}

fn left_out_notes(counts: &Counts, note: &mut impl FnMut(&'static str, String)) {
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
    let few = pairs().filter(|pair| pair.n_items < FEW_ITEMS).count();
    if few > 0 {
        let pairs = text::plural(few, "pair has", "pairs have");
        note(
            "few_common_items",
            format!("{pairs} fewer than {FEW_ITEMS} items in common: their κ says little"),
        );
    }
}
