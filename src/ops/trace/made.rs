//! What somebody recorded, signed and froze, whoever's rows it holds.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::authority::Standing;
use crate::base::{Digest, Timestamp, text};
use crate::config::Labelers;
use crate::dataset::{Dataset, LEDGER, View};
use crate::manifest::{self, Part};
use crate::ops::{Error, snapshot as frozen, standings};
use crate::record::RecordId;
use crate::store::Oid;
use crate::trace::verified;

/// A snapshot that somebody made or signed.
#[derive(Clone, Debug, Serialize)]
pub struct Frozen {
    /// The snapshot.
    pub name: String,
    /// Its task.
    pub task: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom, as it says itself.
    pub actor: String,
    /// Who signed it, and whether it counts.
    pub standing: Standing,
}

/// What one name is on, beside rows.
#[derive(Default)]
pub(super) struct Made {
    /// All rows of each record that is in their name.
    pub claimed: BTreeMap<RecordId, u64>,
    /// All rows of each record that has a signature by a key of theirs, good or not.
    pub signed: BTreeMap<RecordId, u64>,
    /// The snapshots that are in their name or that they signed.
    pub frozen: Vec<Frozen>,
}

impl Made {
    /// Finds what `name` is on in the commit of `view`, of `task` alone or of all.
    pub fn by(dataset: &Dataset, view: &View, name: &str, task: Option<&str>) -> Result<Self, Error> {
        let Some(commit) = &view.commit else { return Ok(Self::default()) };
        let labelers = standings::declared(dataset, commit)?;
        let keys = labelers.labelers.get(name).map(|labeler| labeler.keys.as_slice()).unwrap_or_default();
        let keys: BTreeSet<Digest> = keys.iter().map(|key| key.key.fingerprint()).collect();
        let mut made = Self::default();
        let beside = beside(dataset, commit, &keys)?;
        for record in view.ledger.records() {
            if task.is_some() && record.head.task.as_deref() != task {
                continue;
            }
            let rows = record.manifest.shard.map_or(0, |shard| shard.rows);
            if claims(&labelers, &record.manifest.actor, name) {
                made.claimed.insert(record.id, rows);
            } else if beside.contains(&record.id) {
                made.signed.insert(record.id, rows);
            }
        }
        for snapshot in frozen::names(dataset, commit)? {
            // One that cannot be read is told of where snapshots are.
            let Some(lock) = frozen::read_lock(dataset, commit, &snapshot).ok().flatten() else { continue };
            let (actor, created_at) = (lock.made.actor, lock.made.created_at);
            let standing = standings::of_snapshot(dataset, commit, &snapshot, &actor, created_at)?;
            let is_theirs =
                claims(&labelers, &actor, name) || verified(&standing).any(|signer| signer == name);
            if is_theirs && task.is_none_or(|task| task == lock.rule.task) {
                made.frozen.push(Frozen {
                    name: snapshot,
                    task: lock.rule.task,
                    created_at,
                    actor,
                    standing,
                });
            }
        }
        Ok(made)
    }

    pub fn is_empty(&self) -> bool {
        self.claimed.is_empty() && self.signed.is_empty() && self.frozen.is_empty()
    }
}

/// Returns the records of `commit` that have a signature by one of `keys`, as the names of the files say.
fn beside(dataset: &Dataset, commit: &Oid, keys: &BTreeSet<Digest>) -> Result<BTreeSet<RecordId>, Error> {
    if keys.is_empty() {
        return Ok(BTreeSet::new());
    }
    let files = dataset.store().files(commit, LEDGER)?;
    let signed = files.iter().filter_map(|file| {
        let named = manifest::record_of_path(&file.path)?;
        matches!(named.part, Part::Signature(key) if keys.contains(&key)).then_some(named.id)
    });
    Ok(signed.collect())
}

/// Whether `actor` claims to be `name`, whom `labelers` need not declare.
fn claims(labelers: &Labelers, actor: &str, name: &str) -> bool {
    if let Some(id) = labelers.called(actor) {
        return id == name;
    }
    let actor = text::nfc(actor);
    let parts = actor.strip_suffix('>').and_then(|actor| actor.rsplit_once('<'));
    let (called, address) = parts.unwrap_or_default();
    !name.is_empty() && [&*actor, called.trim(), address.trim()].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_by_the_declaration_and_else_by_the_words() {
        let text = "labelers:\n  carol:\n    aliases: [c@example.org]\n";
        let labelers = Labelers::parse(text, None).unwrap();
        assert!(claims(&labelers, "Carol <c@example.org>", "carol"));
        assert!(!claims(&labelers, "Carol <c@example.org>", "Carol"));
        assert!(claims(&labelers, "Bob B <b@example.org>", "Bob B"));
        assert!(claims(&labelers, "Bob B <b@example.org>", "b@example.org"));
        assert!(!claims(&labelers, "Bob B", ""));
    }
}
