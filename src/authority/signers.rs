//! Who signed, and what each signature is worth.
//!
//! A key is judged at the time that its record claims, and at the time before which it cannot have been made: that of
//! the latest record it builds on. A key that others may have had proves nothing by itself, whatever time is claimed:
//! its owner must have signed the record with another key too, or somebody else seen it by then, by signing what is built
//! on it. A signature of somebody else beside it is no evidence of a time: whoever has the key can make both today.

use super::people::People;
use super::{Law, Signer, Worth};
use crate::base::{Timestamp, ssh};
use crate::config::Key;
use crate::ledger::RecordSet;
use crate::record::Signature;

/// When something was made.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// As it claims.
    pub(super) claimed: Timestamp,
    /// When it cannot have been there yet, if that is known.
    pub(super) not_before: Option<Timestamp>,
}

impl Moment {
    /// Returns when it was made at the earliest.
    pub(super) fn earliest(self) -> Timestamp {
        self.not_before.map_or(self.claimed, |before| before.max(self.claimed))
    }
}

/// Returns, for each record, the latest `recorded_at` among its ancestors that is not after `known_by`.
pub(super) fn latest_before(set: &RecordSet, known_by: Option<Timestamp>) -> Vec<Option<Timestamp>> {
    let records = set.records();
    let mut latest: Vec<Option<Timestamp>> = vec![None; records.len()];
    for number in 0..records.len() {
        let of_parent = |parent: &u32| {
            let parent = *parent as usize;
            let at = records[parent].head.recorded_at;
            latest[parent].max((known_by.is_none_or(|known_by| at <= known_by)).then_some(at))
        };
        latest[number] = set.parents(number).iter().filter_map(of_parent).max();
    }
    latest
}

/// Returns what a key is worth for what was made at `moment`, unless others may have had it.
fn in_its_time(key: &Key, moment: Moment, added_after: Option<Timestamp>) -> Worth {
    let ended = |until: Timestamp| moment.earliest() >= until || added_after.is_some_and(|at| at >= until);
    if key.valid_from.is_some_and(|from| moment.claimed < from) {
        Worth::NotYetValid
    } else if key.valid_until.is_some_and(ended) {
        Worth::Ended
    } else {
        Worth::Verified
    }
}

/// Iterates over the labelers whose keys, which nobody else had, signed what was made at `moment`, each with the key.
fn trusted<'a>(
    people: &'a People<'a>,
    signatures: &'a [Signature],
    moment: Moment,
    added_after: Option<Timestamp>,
) -> impl Iterator<Item = (&'a str, &'a Key)> + 'a {
    signatures.iter().filter(|signature| signature.is_good()).filter_map(move |signature| {
        let (labeler, key) = people.key(signature.fingerprint)?;
        let own = key.compromised_since.is_none();
        (own && in_its_time(key, moment, added_after) == Worth::Verified).then_some((labeler, key))
    })
}

/// Who vouched for a record by signing what descends from it: the first, and the first of the others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Witnesses<'a> {
    first: Option<(Timestamp, &'a str)>,
    other: Option<(Timestamp, &'a str)>,
}

impl<'a> Witnesses<'a> {
    fn add(&mut self, witness: (Timestamp, &'a str)) {
        match self.first {
            Some(first) if first.1 == witness.1 => self.first = Some(first.min(witness)),
            Some(first) if first <= witness => {
                self.other = Some(self.other.map_or(witness, |other| other.min(witness)));
            }
            Some(first) => {
                self.other = Some(first);
                self.first = Some(witness);
            }
            None => self.first = Some(witness),
        }
    }

    fn all(self) -> impl Iterator<Item = (Timestamp, &'a str)> {
        self.first.into_iter().chain(self.other)
    }

    /// Whether somebody but `labeler` vouched before `since`.
    fn vouched(self, labeler: &str, since: Timestamp) -> bool {
        self.all().any(|(at, who)| who != labeler && at < since)
    }
}

/// Returns, for each record, who vouched for it.
pub(super) fn witnesses<'a>(
    set: &RecordSet,
    people: &'a People<'a>,
    law: &'a Law<'_>,
    latest: &[Option<Timestamp>],
) -> Vec<Witnesses<'a>> {
    let records = set.records();
    let mut found = vec![Witnesses::default(); records.len()];
    for number in (0..records.len()).rev() {
        let mut passed_on = found[number];
        let moment = Moment { claimed: records[number].head.recorded_at, not_before: latest[number] };
        let signatures = law.signatures.get(&records[number].id).map(Vec::as_slice).unwrap_or_default();
        let signed = trusted(people, signatures, moment, law.added_after);
        signed.for_each(|(who, _)| passed_on.add((moment.earliest(), who)));
        for parent in set.parents(number) {
            passed_on.all().for_each(|witness| found[*parent as usize].add(witness));
        }
    }
    found
}

/// Returns who signed what was made at `moment`, a verified signature first.
pub(super) fn signers(
    people: &People<'_>,
    signatures: &[Signature],
    moment: Moment,
    added_after: Option<Timestamp>,
    witnesses: Witnesses<'_>,
) -> Vec<Signer> {
    let worth = |signature: &Signature| -> (Option<&str>, Worth) {
        let declared = people.key(signature.fingerprint);
        let labeler = declared.map(|(labeler, _)| labeler);
        let (true, Some((owner, key))) = (signature.is_good(), declared) else {
            return (labeler, if signature.is_good() { Worth::UnknownKey } else { Worth::Bad });
        };
        let worth = in_its_time(key, moment, added_after);
        let Some(since) = key.compromised_since.filter(|_| worth == Worth::Verified) else {
            return (labeler, worth);
        };
        let signed_too = || trusted(people, signatures, moment, added_after).any(|(who, _)| who == owner);
        // What is new may claim any time, and so may all that comes with it.
        let vouched = || added_after.is_none() && witnesses.vouched(owner, since);
        let known = moment.earliest() < since && (signed_too() || vouched());
        (labeler, if known { Worth::Verified } else { Worth::Compromised })
    };
    let mut signers: Vec<Signer> = signatures
        .iter()
        .map(|signature| {
            let (labeler, worth) = worth(signature);
            let fingerprint = ssh::openssh(signature.fingerprint);
            Signer { labeler: labeler.map(str::to_owned), fingerprint, worth }
        })
        .collect();
    signers.sort_by(|a, b| {
        let place = |signer: &Signer| signer.worth != Worth::Verified;
        (place(a), &a.labeler, &a.fingerprint).cmp(&(place(b), &b.labeler, &b.fingerprint))
    });
    signers
}
