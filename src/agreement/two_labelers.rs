//! What goes with Cohen's κ of two labelers: how high it could be, and how uneven the table is.
//!
//! κ_max puts Σ_k min(p_k+, p_+k) in the place of p_o: the most that these two distributions of classes allow. Cohen
//! (1960), Educational and Psychological Measurement 20:37-46. Of two classes, the prevalence index |p_11 − p_22| and the
//! bias index |p_12 − p_21|: κ falls with the first and rises with the second. Byrt, Bishop & Carlin (1993), Journal of
//! Clinical Epidemiology 46:423-429.

use super::{Contingency, Estimate, Undefined, Weights, cohen_kappa};

/// Returns the highest κ that the two labelers' own distributions allow.
///
/// # Errors
/// As [`cohen_kappa`].
pub fn kappa_max(pair: &Contingency<'_>) -> Result<Estimate, Undefined> {
    let kappa = cohen_kappa(pair, &Weights::identity(0))?;
    let (first, second) = pair.marginals();
    let lower: u64 = first
        .iter()
        .map(|(class, labels)| {
            let at = second.binary_search_by_key(class, |(other, _)| *other);
            at.map_or(0, |at| second[at].1.min(*labels))
        })
        .sum();
    let observed = lower as f64 / pair.items() as f64;
    Ok(Estimate::beyond_chance(observed, kappa.expected.unwrap_or(0.0)))
}

/// Returns the prevalence index and the bias index of a table of two classes.
///
/// # Errors
/// The two have no items in common.
pub fn prevalence_and_bias(pair: &Contingency<'_>) -> Result<(f64, f64), Undefined> {
    if pair.items() == 0 {
        return Err(Undefined::NoCommonItems);
    }
    let cell = |k: u32, l: u32| {
        let at = pair.cells.binary_search_by_key(&(k, l), |(k, l, _)| (*k, *l));
        at.map_or(0, |at| pair.cells[at].2)
    };
    let share = |a: u32, b: u32| f64::from(a.abs_diff(b)) / pair.items() as f64;
    Ok((share(cell(0, 0), cell(1, 1)), share(cell(0, 1), cell(1, 0))))
}
