//! From a table to the report: the coefficients, and what to know about them.

use super::coefficients::Coefficients;
use super::diagnosis::diagnose;
use super::labelers::labelers;
use super::notes::{notes, notes_structured};
use super::report::{AgreementReport, Counts, Group, Metric, Planned};
use super::structured;
use super::{Level, LevelError, Options, Pairs, Scheme, Tallies, Weights};
use super::{alpha_without_each, cohen_kappa, confusions, most_disputed};
use crate::table::{Domain, DomainSource, Table};

/// A κ on fewer items in common says little: it is extreme by chance.
pub const FEW_ITEMS: u64 = 10;

/// α is tried without each labeler where there are no more labels than this.
const TRIED_BY_ITSELF: usize = 1_000_000;
/// How many pairs of classes are listed.
const CONFUSIONS: usize = 10;
/// For which intervals of α, to either side, items are planned.
const HALF_WIDTHS: [f64; 2] = [0.1, 0.05];

/// Measures agreement on `table`, as `options` ask. `task` is named in the report.
///
/// # Errors
/// The labels are not of the level.
pub fn measure(table: &Table, task: Option<&str>, options: &Options) -> Result<AgreementReport, LevelError> {
    if options.level.is_structured() {
        return measure_structured(table, task, options, &|_| None);
    }
    let scheme = Scheme::of(table.domain(), options.level)?;
    scheme.check(options.weighting)?;
    let (tallies, listed) = rayon::join(|| Tallies::of(table), || Pairs::of(table));
    let too_many = listed.is_none();
    let pairs = listed.unwrap_or_default();
    let identity = Weights::identity(table.classes().len());
    let estimates: Vec<_> = pairs.iter().map(|pair| cohen_kappa(&pair, &identity)).collect();
    let of = Coefficients { table, tallies: &tallies, pairs: &pairs, scheme: &scheme, options };
    let mut metrics = of.alphas();
    metrics.extend(of.weights().iter().flat_map(|weights| of.weighted(weights)));
    metrics.extend(of.averages());
    metrics.extend(of.sets());
    if !too_many {
        metrics.extend(of.by_pair(&estimates));
    }
    metrics.extend(of.by_class());
    let counts = count(table, &tallies, (!too_many).then_some(&pairs));
    let mut labelers = labelers(table, &pairs, &estimates);
    if options.without_each || table.labels() <= TRIED_BY_ITSELF {
        let without = alpha_without_each(table, &tallies, &scheme.distance());
        labelers.iter_mut().zip(without).for_each(|(labeler, alpha)| labeler.alpha_without = alpha);
    }
    let confusions = confusions(&tallies, table.classes(), CONFUSIONS);
    let alpha = metrics.iter().find(|metric| metric.metric == "krippendorff_alpha");
    Ok(AgreementReport {
        schema: "hitl.agreement/1",
        task: task.map(str::to_owned),
        source: table.source(),
        level: options.level,
        domain: table.domain().clone(),
        notes: notes(table, options.level, &counts, &metrics),
        diagnosis: diagnose(
            alpha.and_then(|alpha| alpha.value),
            // Classes that have an order are near each other: that two of them are confused is no finding.
            if options.level == Level::Nominal { &confusions } else { &[] },
            table.classes().len(),
            &labelers,
        ),
        plan: alpha.map(plan).unwrap_or_default(),
        counts,
        labelers,
        confusions,
        disputed: most_disputed(table, options.disputed),
        metrics,
        strengths: None,
        change: None,
        views: Vec::new(),
    })
}

/// Measures labels that are spans, boxes or rankings. `length` is the length of an item's text in characters, by its
/// position in the table, where it is known: without it a text ends with the last span.
///
/// # Errors
/// A label is no list of what the level measures.
pub fn measure_structured(
    table: &Table,
    task: Option<&str>,
    options: &Options,
    length: &dyn Fn(usize) -> Option<u32>,
) -> Result<AgreementReport, LevelError> {
    let measured = structured::measure(table, options, length)?;
    let counts = count(table, &Tallies::of(table), None);
    Ok(AgreementReport {
        schema: "hitl.agreement/1",
        task: task.map(str::to_owned),
        source: table.source(),
        level: options.level,
        domain: Domain { source: DomainSource::Observed, classes: measured.classes, undeclared: Vec::new() },
        notes: notes_structured(table, options.level, &counts),
        counts,
        labelers: Vec::new(),
        confusions: Vec::new(),
        disputed: Vec::new(),
        diagnosis: None,
        plan: Vec::new(),
        metrics: measured.metrics,
        strengths: None,
        change: None,
        views: Vec::new(),
    })
}

/// Measures a part of the labels: the coefficients of all labelers together.
///
/// # Errors
/// The labels are not of the level.
pub fn measure_group(group: String, table: &Table, options: &Options) -> Result<Group, LevelError> {
    if options.level.is_structured() {
        let counts = count(table, &Tallies::of(table), None);
        let metrics = structured::measure(table, options, &|_| None)?.metrics;
        return Ok(Group { group, counts, metrics });
    }
    let scheme = Scheme::of(table.domain(), options.level)?;
    let (tallies, pairs) = (Tallies::of(table), Pairs::default());
    let of = Coefficients { table, tallies: &tallies, pairs: &pairs, scheme: &scheme, options };
    let mut metrics = of.alphas();
    metrics.extend(of.over_all_labelers(&Weights::identity(table.classes().len())));
    Ok(Group { group, counts: count(table, &tallies, None), metrics })
}

/// Returns how many items it takes for intervals half as wide and so on: they narrow with the root of the items.
fn plan(alpha: &Metric) -> Vec<Planned> {
    let (Some(low), Some(high)) = (alpha.ci_low, alpha.ci_high) else { return Vec::new() };
    let of = |half_width: f64| {
        let times = ((high - low) / 2.0 / half_width).powi(2);
        Planned { half_width, items: (alpha.n_items as f64 * times).ceil() as u64 }
    };
    HALF_WIDTHS.map(of).into_iter().filter(|planned| planned.items > 0).collect()
}

fn count(table: &Table, tallies: &Tallies, pairs: Option<&Pairs>) -> Counts {
    let labelers = table.labeler_names().len();
    let items_with_two_labels = tallies.paired_items();
    let left_out = table.left_out();
    Counts {
        items: table.items(),
        items_with_two_labels,
        single_label_items: table.items() as u64 - items_with_two_labels,
        labels: table.labels(),
        labelers,
        pairs: labelers as u64 * labelers.saturating_sub(1) as u64 / 2,
        pairs_with_common_items: pairs.map(|pairs| pairs.iter().len()),
        abstentions: left_out.abstentions,
        resolved_duplicates: left_out.duplicates,
        conflicts: left_out.conflicts,
    }
}
