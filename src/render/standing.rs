//! Who recorded something, and on whose word a row is its labeler's, in words. These are two facts, and stay two.
//!
//! The words are plain text that came in part from data: whoever prints them escapes them.

use crate::authority::{Signer, Standing, Worth};
use crate::record::Kind;
use crate::trace::{Attribution, verified};

/// Returns who recorded something: `carol (signature verified)`, `Carol <c@example.org> (unsigned)`; of what nobody
/// looked at, the actor alone.
pub fn recorder(actor: &str, standing: Option<&Standing>) -> String {
    let Some(standing) = standing else { return actor.to_owned() };
    let claimed = standing.claimed_by.as_deref();
    if let Some(signer) = claimed.filter(|claimed| verified(standing).any(|signer| signer == *claimed)) {
        return format!("{signer} (signature verified)");
    }
    let signed = match (verified(standing).next(), standing.signers.first()) {
        (Some(other), _) => format!("signed by {other}"),
        (None, Some(signer)) => worth(signer),
        (None, None) => "unsigned".to_owned(),
    };
    format!("{actor} ({signed})")
}

/// Returns what one signature is worth.
pub fn worth(signer: &Signer) -> String {
    let whose = signer.labeler.as_deref().unwrap_or(&signer.fingerprint);
    match signer.worth {
        Worth::Verified => format!("signed by {whose}"),
        Worth::Bad => "bad signature".to_owned(),
        Worth::UnknownKey => format!("signature of an undeclared key {}", signer.fingerprint),
        Worth::NotYetValid => format!("signature of a key of {whose} that was not valid yet"),
        Worth::Ended => format!("signature of a key of {whose} that had ended"),
        Worth::Compromised => format!("signature of a key of {whose} that somebody else may have had"),
    }
}

/// Returns who signed a commit: the key, and whose it is.
pub fn signer(signer: &Signer) -> String {
    match &signer.labeler {
        Some(labeler) if signer.worth == Worth::Verified => {
            format!("signed by {labeler}, {}", signer.fingerprint)
        }
        _ => worth(signer),
    }
}

/// Returns on whose word a row of this kind is of `labeler`: `labelled by bob (claimed by carol)`.
pub fn labelled(kind: Kind, labeler: &str, attribution: &Attribution) -> String {
    let verb = match kind {
        Kind::Corrections => "reviewed",
        Kind::Adjudications => "decided",
        Kind::Predictions => "predicted",
        Kind::Labels | Kind::Items | Kind::Guidelines | Kind::Reverts | Kind::Joins => "labelled",
    };
    let word = match attribution {
        Attribution::Signed(by) => format!("signed by {by}"),
        Attribution::SignedFor(by) if by == labeler => format!("signed by {by}, among rows of others"),
        Attribution::SignedFor(by) => format!("signed by {by} for {labeler}"),
        Attribution::Claimed(by) => format!("claimed by {by}"),
    };
    format!("{verb} by {labeler} ({word})")
}

/// Returns what speaks against it, where anything does: `carol may not adjudicate`.
pub fn refused(standing: Option<&Standing>) -> Option<String> {
    let refused = &standing?.refused;
    let reasons: Vec<&str> = refused.iter().map(|refusal| refusal.message.as_str()).collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(labeler: Option<&str>, worth: Worth) -> Standing {
        let signer = Signer { labeler: labeler.map(str::to_owned), fingerprint: "SHA256:abc".into(), worth };
        Standing { claimed_by: Some("carol".into()), signers: vec![signer], refused: Vec::new() }
    }

    #[test]
    fn who_recorded_and_who_signed_are_two_facts() {
        let actor = "Carol <c@example.org>";
        let said = |standing: &Standing| recorder(actor, Some(standing));
        assert_eq!(said(&standing(Some("carol"), Worth::Verified)), "carol (signature verified)");
        assert_eq!(said(&standing(Some("bob"), Worth::Verified)), "Carol <c@example.org> (signed by bob)");
        assert_eq!(said(&Standing::default()), "Carol <c@example.org> (unsigned)");
        assert_eq!(
            said(&standing(None, Worth::UnknownKey)),
            "Carol <c@example.org> (signature of an undeclared key SHA256:abc)"
        );
        assert_eq!(said(&standing(Some("carol"), Worth::Bad)), "Carol <c@example.org> (bad signature)");
        assert_eq!(recorder(actor, None), actor);
    }

    #[test]
    fn a_claim_never_reads_as_a_signature() {
        let said = |attribution| labelled(Kind::Labels, "bob", &attribution);
        assert_eq!(said(Attribution::Signed("bob".into())), "labelled by bob (signed by bob)");
        assert_eq!(said(Attribution::SignedFor("carol".into())), "labelled by bob (signed by carol for bob)");
        assert_eq!(
            said(Attribution::SignedFor("bob".into())),
            "labelled by bob (signed by bob, among rows of others)"
        );
        assert_eq!(said(Attribution::Claimed("carol".into())), "labelled by bob (claimed by carol)");
    }
}
