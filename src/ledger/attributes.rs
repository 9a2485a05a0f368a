//! Which of a judgement's rows gives its attributes.

use super::{Carrier, Judgement, Ledger};
use crate::record::{LabelerKind, canonical_row};

impl Ledger {
    /// Returns the carrier whose row gives the judgement its attributes (guideline, origin, shown …): of the live
    /// carriers, or of all when none is live, one from which no other descends; among several, the smallest canonical
    /// row.
    pub fn attributes(&self, judgement: &Judgement) -> Carrier {
        let carriers = self.carriers(judgement);
        if let [only] = carriers {
            return *only;
        }
        let live = carriers.iter().any(|carrier| !carrier.reverted);
        let counts: Vec<&Carrier> = carriers.iter().filter(|carrier| carrier.reverted != live).collect();
        let descends = |later: &Carrier, earlier: &Carrier| {
            self.descends(later.record as usize, earlier.record as usize)
        };
        let last = counts.iter().filter(|carrier| !counts.iter().any(|other| descends(other, carrier)));
        let bytes = |carrier: &&&Carrier| {
            let mut bytes = Vec::new();
            let (rows, row) = self.row_of(***carrier);
            canonical_row(rows, row, &mut bytes);
            bytes
        };
        **last.min_by_key(bytes).expect("a judgement has carriers, and of those not all have descendants")
    }

    /// Returns the labeler's kind, as the manifest of the attributing carrier has it. Where the manifest does not list
    /// the labeler, a prediction is a model's and any other judgement a person's.
    pub fn labeler_kind(&self, judgement: &Judgement) -> LabelerKind {
        self.attributes(judgement).labeler_kind
    }
}
