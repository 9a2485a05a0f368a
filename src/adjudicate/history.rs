//! Small ledgers for tests.

use std::collections::BTreeMap;

use crate::base::{Digest, Timestamp};
use crate::ledger::{Ledger, Loaded};
use crate::record::{Kind, LabelerKind, LabelerUse, Labelers, Manifest, Origin, RecordId, Rows, col};

/// A record: kind, the numbers of the parents, and rows of item, labeler, label (`-` abstains).
/// Labelers called `bot` are models.
pub(super) type Written<'a> = (Kind, &'a [u8], &'a [(&'a str, &'a str, &'a str)]);

/// Records, numbered from 1.
pub(super) type History<'a> = &'a [Written<'a>];

/// Returns the ledger of `history`, of the task `t`.
pub(super) fn fold(history: History<'_>) -> Ledger {
    let loaded = |(index, (kind, parents, given)): (usize, &Written<'_>)| {
        let mut rows = Rows::empty(*kind);
        let mut labelers = BTreeMap::new();
        for (item, labeler, label) in *given {
            let row = rows.push_judgement(item, labeler, Origin::Fresh);
            if *label != "-" {
                rows.set_text(row, col::LABEL, label);
            }
            let kind = if *labeler == "bot" { LabelerKind::Model } else { LabelerKind::Human };
            labelers.insert((*labeler).to_owned(), LabelerUse { kind, rows: 1 });
        }
        let manifest = Manifest {
            task: Some("t".to_owned()),
            parents: parents.iter().map(|parent| id(*parent)).collect(),
            labelers: Labelers::Listed(labelers),
            ..Manifest::new(*kind, Timestamp::from_micros(index as i64).expect("a small number"))
        };
        Loaded { id: id(index as u8 + 1), manifest, rows }
    };
    Ledger::fold(history.iter().enumerate().map(loaded).collect())
}

fn id(number: u8) -> RecordId {
    RecordId(Digest([number; 32]))
}
