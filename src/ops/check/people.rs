//! Who did what, and whether they may.

use super::{Change, Gate};
use crate::config::Level;
use crate::ops::Error;

/// Judges who made the added records, and who changed who may do what.
pub(super) fn judge(_change: &Change<'_>, _level: Level, _gate: &mut Gate) -> Result<(), Error> {
    Ok(())
}
