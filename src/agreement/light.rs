//! Light's κ: the mean of Cohen's κ over all pairs of labelers that have one.
//!
//! Light (1971), Psychological Bulletin 76:365-377; Conger (1980), Psychological Bulletin 88:322-328.

use super::{Estimate, Undefined};

/// Returns Light's κ, and how many pairs it is the mean of. `pairs` are Cohen's κ in labeler order.
///
/// # Errors
/// No pair has items in common, or none has a κ.
pub fn light_kappa(
    pairs: impl IntoIterator<Item = Result<Estimate, Undefined>>,
) -> (Result<Estimate, Undefined>, u64) {
    let (mut defined, mut undefined) = (0u64, None);
    let (mut value, mut observed, mut expected) = (0.0, 0.0, 0.0);
    for pair in pairs {
        match pair {
            Ok(pair) => {
                defined += 1;
                value += pair.value;
                observed += pair.observed;
                expected += pair.expected.unwrap_or(0.0);
            }
            Err(reason) => undefined = Some(reason),
        }
    }
    if defined == 0 {
        return (Err(undefined.unwrap_or(Undefined::NoCommonItems)), 0);
    }
    let n = defined as f64;
    (Ok(Estimate { value: value / n, observed: observed / n, expected: Some(expected / n) }), defined)
}
