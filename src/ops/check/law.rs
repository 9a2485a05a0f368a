//! What a change is judged by: what base says of checks and people.

use crate::config::{Config, Labelers};
use crate::dataset::{self, Dataset, LABELERS_FILE};
use crate::ops::Error;
use crate::store::Oid;

/// What a state says of checks and people; none where it has no such file.
#[derive(Clone, Debug, Default)]
pub(super) struct Law {
    pub config: Option<Config>,
    pub labelers: Option<Labelers>,
}

impl Law {
    /// Reads what `base` says. Of a file that cannot be read counts what it said last, so that it can be mended.
    ///
    /// # Errors
    /// It never said anything that can be read: then all its faults.
    pub fn of(dataset: &Dataset, base: &Oid) -> Result<Self, Error> {
        Ok(Self {
            config: last_readable(dataset, base, |commit| dataset.config_of(commit))?,
            labelers: last_readable(dataset, base, |commit| dataset.labelers_at(commit))?,
        })
    }
}

fn last_readable<T>(
    dataset: &Dataset,
    base: &Oid,
    read: impl Fn(&Oid) -> Result<T, dataset::Error>,
) -> Result<T, Error> {
    let faults = match read(base) {
        Err(error @ dataset::Error::Config(_)) => error,
        other => return Ok(other?),
    };
    for step in dataset.store().main_line(base, LABELERS_FILE)?.iter().rev() {
        match read(&step.commit) {
            Err(dataset::Error::Config(_)) => {}
            other => return Ok(other?),
        }
    }
    Err(faults.into())
}
