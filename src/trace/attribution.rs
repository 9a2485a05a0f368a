//! On whose word a row is its labeler's. That somebody recorded it is one fact, that its labeler said it another.

use serde::Serialize;

use crate::authority::{Standing, Worth};
use crate::record::{Labelers, Manifest};

/// On whose word a row is its labeler's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "how", content = "by", rename_all = "snake_case")]
pub enum Attribution {
    /// On the labeler's own: a record that holds rows of nobody else carries their verified signature.
    Signed(String),
    /// On that of somebody whose signature of the record is verified, and who speaks for its labelers.
    SignedFor(String),
    /// On that of whoever recorded it: no signature of the record is verified. Of a declared actor the labeler's id.
    Claimed(String),
}

impl Attribution {
    /// Returns on whose word a row of `labeler` in the record of `manifest` is theirs.
    pub fn of(labeler: &str, manifest: &Manifest, standing: Option<&Standing>) -> Self {
        let is_alone = matches!(&manifest.labelers, Labelers::Listed(listed) if listed.len() == 1 && listed.contains_key(labeler));
        let verified: Vec<&str> = standing.map(|standing| verified(standing).collect()).unwrap_or_default();
        match verified.as_slice() {
            all if is_alone && all.contains(&labeler) => Self::Signed(labeler.to_owned()),
            [first, ..] => Self::SignedFor((*first).to_owned()),
            [] => {
                let claimed = standing.and_then(|standing| standing.claimed_by.clone());
                Self::Claimed(claimed.unwrap_or_else(|| manifest.actor.clone()))
            }
        }
    }
}

/// Returns the labelers whose signatures of a record are verified.
pub fn verified(standing: &Standing) -> impl Iterator<Item = &str> {
    let signers = standing.signers.iter().filter(|signer| signer.worth == Worth::Verified);
    signers.filter_map(|signer| signer.labeler.as_deref())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::authority::Signer;
    use crate::base::Timestamp;
    use crate::record::{Kind, LabelerKind, LabelerUse};

    fn manifest(labelers: &[&str]) -> Manifest {
        let used = LabelerUse { kind: LabelerKind::Human, rows: 1 };
        let listed: BTreeMap<_, _> = labelers.iter().map(|id| ((*id).to_owned(), used)).collect();
        let at = Timestamp::from_micros(0).unwrap();
        Manifest {
            actor: "Carol <c@example.org>".into(),
            labelers: Labelers::Listed(listed),
            ..Manifest::new(Kind::Labels, at)
        }
    }

    fn signed_by(labeler: &str, worth: Worth) -> Standing {
        let signer = Signer { labeler: Some(labeler.to_owned()), fingerprint: "SHA256:x".into(), worth };
        Standing { claimed_by: Some("carol".into()), signers: vec![signer], refused: Vec::new() }
    }

    #[test]
    fn only_ones_own_signature_over_ones_own_rows_is_ones_word() {
        let bob = || "bob".to_owned();
        let of = |labelers: &[&str], standing: Option<&Standing>| {
            Attribution::of("bob", &manifest(labelers), standing)
        };
        let (own, other) = (signed_by("bob", Worth::Verified), signed_by("carol", Worth::Verified));
        assert_eq!(of(&["bob"], Some(&own)), Attribution::Signed(bob()));
        assert_eq!(of(&["bob"], Some(&other)), Attribution::SignedFor("carol".into()));
        // Bob signs for a record with rows of others: he vouches for it, among them for his own.
        assert_eq!(of(&["ana", "bob"], Some(&own)), Attribution::SignedFor(bob()));
        for worth in [Worth::Bad, Worth::UnknownKey, Worth::NotYetValid, Worth::Ended, Worth::Compromised] {
            let standing = signed_by("bob", worth);
            assert_eq!(of(&["bob"], Some(&standing)), Attribution::Claimed("carol".into()), "{worth:?}");
        }
        assert_eq!(of(&["bob"], None), Attribution::Claimed("Carol <c@example.org>".into()));
    }
}
