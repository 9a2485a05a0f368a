//! Single records of a ledger, with their rows and nothing else read.

use super::{At, Dataset, Error};
use crate::ledger::Loaded;
use crate::record::RecordId;

impl Dataset {
    /// Returns those of the records `ids` that the ledger at `at` has, in their order, each read from Git and verified.
    ///
    /// # Errors
    /// The revision is unknown, or a file of the ledger is damaged: then all damaged files are named.
    pub fn records(&self, at: &At, ids: &[RecordId]) -> Result<Vec<Loaded>, Error> {
        let commit = self.commit(at)?;
        if let Some((catalog, _)) = self.arranged(commit.as_ref(), at.as_of)? {
            let places = ids.iter().filter_map(|id| catalog.find(id));
            let read: Option<Vec<Loaded>> =
                places.map(|place| self.raw(&catalog, place).and_then(|raw| raw.record())).collect();
            if let Some(read) = read {
                return Ok(read);
            }
        }
        let ledger = self.view_at(commit, at.as_of)?.ledger;
        let places = ids.iter().filter_map(|id| ledger.find_record(id));
        let loaded = |place: usize| {
            let record = &ledger.records()[place];
            let rows = ledger.rows_of(place).clone();
            Loaded { id: record.id, manifest: (*record.manifest).clone(), rows }
        };
        Ok(places.map(loaded).collect())
    }
}
