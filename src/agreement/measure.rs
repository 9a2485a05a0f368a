//! From a table to the report: the coefficients, and what to know about them.

use super::coefficients::Coefficients;
use super::labelers::labelers;
use super::notes::notes;
use super::report::{AgreementReport, Counts};
use super::{LevelError, Options, Pairs, Scheme, Tallies, Weights, cohen_kappa};
use crate::table::Table;

/// A κ on fewer items in common says little: it is extreme by chance.
pub const FEW_ITEMS: u64 = 10;

/// Measures agreement on `table`, as `options` ask. `task` is named in the report.
///
/// # Errors
/// The labels are not of the level.
pub fn measure(table: &Table, task: Option<&str>, options: &Options) -> Result<AgreementReport, LevelError> {
    let scheme = Scheme::of(table.domain(), options.level)?;
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
    Ok(AgreementReport {
        schema: "hitl.agreement/1",
        task: task.map(str::to_owned),
        source: table.source(),
        level: options.level,
        domain: table.domain().clone(),
        notes: notes(table, options.level, &counts, &metrics),
        counts,
        metrics,
        labelers: labelers(table, &pairs, &estimates),
    })
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
