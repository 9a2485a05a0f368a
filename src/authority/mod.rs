//! Authority: who made a record, and whether they may.
//!
//! In: records, what the checks of their signature files found, and `labelers.yaml`. Out: for each record who claims it,
//! who signed it, and every [`Refusal`]. Keys are judged against `recorded_at` and the records a record builds on, never
//! against today's date, so that the answer never changes while nothing is added.
//!
//! Three questions are kept apart: whose name a record bears (`people`), who signed it and what that is worth
//! (`signers`), and what somebody of that name may do (`roles`). `standing` asks all three.

mod people;
mod roles;
mod signers;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::Timestamp;
use crate::config::Labelers;
use crate::record::{RecordId, Signature};

pub use roles::Deed;
pub use standing::{asks_anything, inert, standing, standing_of_deed, standings};

/// The checked signature files of each record; a record without any may be absent.
pub type Signatures = BTreeMap<RecordId, Vec<Signature>>;

/// What records are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Law<'a> {
    /// The people, their roles and keys.
    pub labelers: &'a Labelers,
    /// The signatures.
    pub signatures: &'a Signatures,
    /// Of records that are new: the last moment of which what they are added to gives evidence (the latest `recorded_at`
    /// in it). A key that had ended by then signs for none of them, whatever time they claim, and who has one that had begun
    /// signs all of them. None of records that are judged where they lie.
    ///
    /// It has to be a moment that has come: a record may be dated far ahead, which would end every key that has an end. So
    /// whoever takes it from records caps it by the time of the commit that holds them, or by the clock.
    pub added_after: Option<Timestamp>,
    /// When the records were there: the time of the commit that holds them, or the clock's. An ancestor that is dated later
    /// says nothing of when what builds on it was made, or else one record dated far ahead would end every key that has an
    /// end for all that comes after. None believes all of them.
    pub known_by: Option<Timestamp>,
}

/// What is known of a record's making.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The labeler that the actor's name or address is; none where nobody declared is called so.
    pub claimed_by: Option<String>,
    /// Who signed, a verified labeler's key first.
    pub signers: Vec<Signer>,
    /// Why it does not count; nothing where it does.
    pub refused: Vec<Refusal>,
}

/// One signature, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// The labeler whose key it is; none where nobody declared has it.
    pub labeler: Option<String>,
    /// The key's fingerprint, as OpenSSH writes it.
    pub fingerprint: String,
    /// What the signature is worth.
    pub worth: Worth,
}

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Worth {
    /// A declared key that was good then signed just this.
    Verified,
    /// It is no signature of that key over this record.
    Bad,
    /// Nobody declared has the key.
    UnknownKey,
    /// The key was not valid yet.
    NotYetValid,
    /// The key had ended.
    Ended,
    /// Somebody else may have had the key, and no other one vouches for the record.
    Compromised,
}

/// Why a record does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// In one word that never changes: `unsigned`, `bad_signature`, `unknown_signer`, `key_ended`, `key_not_yet_valid`,
    /// `key_compromised`, `signer_mismatch`, `unknown_actor`, `suspended`, `retired`, `task`, `kind`, `role`, `undeclared`.
    pub code: &'static str,
    /// In one sentence: `carol may not adjudicate`.
    pub message: String,
    /// What to do.
    pub remedy: String,
}
