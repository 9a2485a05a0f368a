//! What a snapshot's rule has to know of all items of a task before it resolves any.

use super::{Error, verdicts};
use crate::corrections::Agreements;
use crate::dataset::Parts;
use crate::ledger::Ledger;
use crate::record::Policy;
use crate::snapshot::{self, Overview, Rule};

/// Returns it of a ledger in parts.
///
/// # Errors
/// The rule wants an algorithm or parameters that this program lacks; there are too many classes.
pub(super) fn of_parts(parts: &Parts<'_>, rule: &Rule) -> Result<Overview, Error> {
    if rule.policy.name != Policy::Accepted {
        return Ok(verdicts::of_parts(parts, rule)?.map_or(Overview::Nothing, Overview::Verdicts));
    }
    let mut agreements = Agreements::default();
    for part in parts.map(Some(&rule.task), |ledger| snapshot::agreements(ledger, rule))? {
        agreements.add(part?);
    }
    Ok(Overview::Agreements(agreements))
}

/// The same of a ledger that was read whole.
pub(super) fn of_ledger(ledger: &Ledger, rule: &Rule) -> Result<Overview, Error> {
    match rule.policy.name {
        Policy::Accepted => Ok(Overview::Agreements(snapshot::agreements(ledger, rule)?)),
        _ => Ok(verdicts::of_ledger(ledger, rule)?.map_or(Overview::Nothing, Overview::Verdicts)),
    }
}
