//! Which of a judgement's rows gives its attributes.

use super::names::Names;
use super::{Carrier, Judgement, Ledger, Loaded};
use crate::record::{Kind, LabelerKind, Labelers, canonical_row};

/// Returns, by record, the kinds of the labelers that its manifest lists, sorted by labeler number.
pub(super) fn labeler_kinds(records: &[Loaded], labelers: &Names) -> Vec<Vec<(u32, LabelerKind)>> {
    let kinds = |record: &Loaded| match &record.manifest.labelers {
        Labelers::Listed(listed) => {
            listed.iter().filter_map(|(id, labeler)| Some((labelers.find(id)?, labeler.kind))).collect()
        }
        Labelers::InShard => Vec::new(),
    };
    records.iter().map(kinds).collect()
}

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
            canonical_row(&self.records[carrier.record as usize].rows, carrier.row as usize, &mut bytes);
            bytes
        };
        **last.min_by_key(bytes).expect("a judgement has carriers, and of those not all have descendants")
    }

    /// Returns the labeler's kind, as the manifest of the attributing carrier has it. Where the manifest does not list
    /// the labeler, a prediction is a model's and any other judgement a person's.
    pub fn labeler_kind(&self, judgement: &Judgement) -> LabelerKind {
        let listed = &self.labeler_kinds[self.attributes(judgement).record as usize];
        match listed.binary_search_by_key(&judgement.labeler, |(labeler, _)| *labeler) {
            Ok(index) => listed[index].1,
            Err(_) if judgement.kind == Kind::Predictions => LabelerKind::Model,
            Err(_) => LabelerKind::Human,
        }
    }
}
