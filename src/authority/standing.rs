//! What is known of a record's making, and whether it counts.

use std::collections::{BTreeMap, BTreeSet};

use super::people::People;
use super::roles::{self, Deed};
use super::signers::{self, Moment, Witnesses};
use super::{Law, Refusal, Signer, Standing, Worth};
use crate::base::Timestamp;
use crate::config::{Key, Labelers, SignedAfter};
use crate::ledger::RecordSet;
use crate::record::{RecordId, Signature};

/// Whether `labelers.yaml` asks anything of records: it has roles, keys, or says which have to be signed. Where it does
/// not, all of them count.
pub fn asks_anything(labelers: &Labelers) -> bool {
    let asks = |labeler: &crate::config::Labeler| !labeler.roles.is_empty() || !labeler.keys.is_empty();
    labelers.require_signed.is_some() || labelers.labelers.values().any(asks)
}

/// Returns what is known of record `number`.
pub fn standing(set: &RecordSet, number: usize, law: &Law<'_>) -> Standing {
    let people = People::new(law.labelers);
    Scene::new(set, law, &people).standing(number)
}

/// Returns what is known of the records that `only` chooses, by record number.
pub fn standings(set: &RecordSet, law: &Law<'_>, only: impl Fn(usize) -> bool) -> Vec<(usize, Standing)> {
    let people = People::new(law.labelers);
    let scene = Scene::new(set, law, &people);
    let chosen = (0..set.records().len()).filter(|number| only(*number));
    chosen.map(|number| (number, scene.standing(number))).collect()
}

/// Returns the records that do not count for a new snapshot, each with why; none where `labelers.yaml` asks nothing.
pub fn inert(set: &RecordSet, law: &Law<'_>) -> BTreeMap<RecordId, Vec<Refusal>> {
    if !asks_anything(law.labelers) {
        return BTreeMap::new();
    }
    let refused =
        standings(set, law, |_| true).into_iter().filter(|(_, standing)| !standing.refused.is_empty());
    refused.map(|(number, standing)| (set.records()[number].id, standing.refused)).collect()
}

/// Returns what is known of a deed that is no record: `actor` did it at `at`, and `signatures` are over it.
pub fn standing_of_deed(
    deed: Deed,
    actor: &str,
    at: Timestamp,
    signatures: &[Signature],
    law: &Law<'_>,
) -> Standing {
    let people = People::new(law.labelers);
    let moment = Moment { claimed: at, not_before: None };
    let signed = Signed {
        deed: Some(deed),
        actor,
        signatures,
        moment,
        wants: Wants::of(law.labelers.require_signed.is_some() && law.added_after.is_some()),
        added_after: law.added_after,
    };
    let mut standing = signed.standing(&people, Witnesses::default());
    let signed = standing.signers.iter().any(|signer| signer.worth == Worth::Verified);
    // Without roles anybody whose key is declared may change who may do what, and nobody else: who is a labeler with a
    // key then has something to lose.
    if deed == Deed::Govern && asks_anything(law.labelers) && !people.have_roles() && !signed {
        standing.refused.extend(standing.refused.is_empty().then(ungoverned));
    }
    standing.refused.extend(roles::of_deed(&people, deed, actor, law.added_after.is_some()));
    standing
}

/// How a commit comes to be signed, and stays so.
const SIGN_COMMIT: &str = "`git config gpg.format ssh`, then `git commit --amend --no-edit -S` (`git config commit.gpgsign \
                           true` signs each); merge it as it is, since a squash or rebase on a forge drops the signature";

fn ungoverned() -> Refusal {
    Refusal {
        code: "unsigned",
        message: "it is not signed with a key that labelers.yaml declares".to_owned(),
        remedy: format!("somebody with a key there signs the commit: {SIGN_COMMIT}"),
    }
}

/// A set of records under a law, with what judging one of them takes of all.
struct Scene<'a> {
    set: &'a RecordSet,
    law: &'a Law<'a>,
    people: &'a People<'a>,
    latest: Vec<Option<Timestamp>>,
    /// Empty where no key is compromised.
    witnesses: Vec<Witnesses<'a>>,
    /// The record up to which signatures are not required.
    unsigned_to: Option<usize>,
}

impl<'a> Scene<'a> {
    fn new(set: &'a RecordSet, law: &'a Law<'a>, people: &'a People<'a>) -> Self {
        let latest = signers::latest_before(set, law.known_by);
        let witnesses = match people.keys().any(|key| key.compromised_since.is_some()) {
            true => signers::witnesses(set, people, law, &latest),
            false => Vec::new(),
        };
        let unsigned_to = match law.labelers.require_signed {
            Some(SignedAfter::Record(id)) => set.find(&id),
            Some(SignedAfter::Start) | None => None,
        };
        Self { set, law, people, latest, witnesses, unsigned_to }
    }

    /// Returns whose signature record `number` needs. Where the record that ends the unsigned ones is absent, none is known
    /// to come before it; of those that do, no more are ever made.
    fn wants(&self, number: usize) -> Wants {
        let before = |last: usize| number == last || self.set.descends(last, number);
        if self.unsigned_to.is_some_and(before) {
            return Wants::None;
        }
        Wants::of(self.law.labelers.require_signed.is_some())
    }

    fn standing(&self, number: usize) -> Standing {
        let record = &self.set.records()[number];
        let signed = Signed {
            deed: None,
            actor: &record.manifest.actor,
            signatures: self.law.signatures.get(&record.id).map(Vec::as_slice).unwrap_or_default(),
            moment: Moment { claimed: record.head.recorded_at, not_before: self.latest[number] },
            wants: self.wants(number),
            added_after: self.law.added_after,
        };
        let mut standing =
            signed.standing(self.people, self.witnesses.get(number).copied().unwrap_or_default());
        let saw = |earlier: usize| self.set.descends(number, earlier);
        let new = self.law.added_after.is_some();
        standing.refused.extend(roles::of_record(self.people, self.set, &saw, &record.manifest, new));
        standing
    }
}

/// Whose signature is needed.
#[derive(Clone, Copy)]
enum Wants {
    /// Nobody's.
    None,
    /// That of those who have keys.
    OfKeyHolders,
    /// Everybody's.
    OfAll,
}

impl Wants {
    fn of(all: bool) -> Self {
        if all { Self::OfAll } else { Self::OfKeyHolders }
    }
}

/// Something that may be signed.
struct Signed<'a> {
    /// What it is, beside records.
    deed: Option<Deed>,
    actor: &'a str,
    signatures: &'a [Signature],
    moment: Moment,
    wants: Wants,
    added_after: Option<Timestamp>,
}

impl Signed<'_> {
    /// Returns who claims it, who signed it, and what the signatures have against it.
    fn standing(&self, people: &People<'_>, witnesses: Witnesses<'_>) -> Standing {
        let claimed_by = people.claimed(self.actor);
        let signers = signers::signers(people, self.signatures, self.moment, self.added_after, witnesses);
        let mut refused: Vec<Refusal> = self.bad();
        refused.extend(self.lacking(people, claimed_by, &signers));
        Standing { claimed_by: claimed_by.map(str::to_owned), signers, refused }
    }

    /// Returns a refusal for each signature that is none.
    fn bad(&self) -> Vec<Refusal> {
        let bad = self.signatures.iter().filter_map(|signature| {
            let fault = signature.fault.as_ref()?;
            let key = crate::base::ssh::openssh(signature.fingerprint);
            Some(Refusal {
                code: "bad_signature",
                message: format!("the signature file of {key} does not hold: {fault}"),
                remedy: "take that signature file out of the change, and sign anew".to_owned(),
            })
        });
        bad.collect()
    }

    /// Returns what the signatures lack that would make them the claimed labeler's.
    fn lacking(&self, people: &People<'_>, claimed_by: Option<&str>, signers: &[Signer]) -> Vec<Refusal> {
        let is_own = |signer: &&Signer| claimed_by.is_some() && signer.labeler.as_deref() == claimed_by;
        let own = || signers.iter().filter(is_own);
        if own().any(|signer| signer.worth == Worth::Verified) {
            return Vec::new();
        }
        // Where none is wanted, whoever signs beside it takes nothing from it.
        if !self.wants_signature(people, claimed_by) {
            return Vec::new();
        }
        let who = claimed_by.unwrap_or(self.actor);
        let remedy = self.remedy(people, claimed_by);
        let mut found = Vec::new();
        // Whoever's key it is, and whatever it is worth: the claimed labeler's it is not.
        let others = signers.iter().filter(|signer| signer.worth != Worth::Bad && !is_own(signer));
        let others: BTreeSet<&str> = others.filter_map(|signer| signer.labeler.as_deref()).collect();
        if !others.is_empty() {
            let others = others.into_iter().collect::<Vec<_>>().join(" and ");
            let message = format!("claims to be by {who}, signed by {others}");
            let remedy = format!("{others} commits it in their own name, or {remedy}");
            found.push(Refusal { code: "signer_mismatch", message, remedy });
        }
        found.extend(own().filter_map(|signer| out_of_time(signer, &remedy)));
        if let Some(unknown) = signers.iter().find(|signer| signer.worth == Worth::UnknownKey)
            && found.is_empty()
        {
            found.push(unknown_signer(&unknown.fingerprint, who));
        }
        if signers.is_empty() {
            found.push(Refusal { code: "unsigned", message: format!("{who} has not signed it"), remedy });
        }
        found
    }

    fn wants_signature(&self, people: &People<'_>, claimed_by: Option<&str>) -> bool {
        match self.wants {
            Wants::None => false,
            Wants::OfKeyHolders => self.must_sign(people, claimed_by),
            Wants::OfAll => true,
        }
    }

    /// Whether what claims to be by `labeler` has to be signed since they have keys: one of them had begun. What is new may
    /// claim any time, and was made no earlier than what it is added to.
    fn must_sign(&self, people: &People<'_>, labeler: Option<&str>) -> bool {
        let made = self.added_after.into_iter().fold(self.moment.earliest(), Timestamp::max);
        let begun = |key: &Key| key.valid_from.is_none_or(|from| from <= made);
        labeler.and_then(|id| people.get(id)).is_some_and(|labeler| labeler.keys.iter().any(begun))
    }

    /// Returns what to do where the labeler's own signature is wanted.
    fn remedy(&self, people: &People<'_>, claimed_by: Option<&str>) -> String {
        let Some(id) = claimed_by else {
            return "have a maintainer declare who made it, and their key, with `hitl labelers add`"
                .to_owned();
        };
        let good = |key: &&Key| {
            let ended = key.valid_until.is_some_and(|until| self.moment.earliest() >= until);
            !ended && key.compromised_since.is_none()
        };
        let Some(key) = people.get(id).and_then(|labeler| labeler.keys.iter().find(good)) else {
            return format!(
                "have a maintainer declare a key of {id} in labelers.yaml, and commit it anew, signed"
            );
        };
        let set =
            format!("{id} sets `git config user.signingKey` to the key {}", key.key.openssh_fingerprint());
        match self.deed {
            Some(Deed::Declare | Deed::Govern) => format!("{set} and signs the commit: {SIGN_COMMIT}"),
            Some(Deed::Freeze) | None => format!("{set} and commits it anew"),
        }
    }
}

fn out_of_time(signer: &Signer, remedy: &str) -> Option<Refusal> {
    let owner = signer.labeler.as_deref().unwrap_or_default();
    let key = format!("{owner}'s key {}", signer.fingerprint);
    let (code, message) = match signer.worth {
        Worth::NotYetValid => ("key_not_yet_valid", format!("{key} was not valid yet")),
        Worth::Ended => ("key_ended", format!("{key} had ended")),
        Worth::Compromised => {
            ("key_compromised", format!("others may have had {key}, and nobody else vouches for it"))
        }
        Worth::Verified | Worth::Bad | Worth::UnknownKey => return None,
    };
    Some(Refusal { code, message, remedy: remedy.to_owned() })
}

fn unknown_signer(fingerprint: &str, who: &str) -> Refusal {
    Refusal {
        code: "unknown_signer",
        message: format!("signed by {fingerprint}, a key that nobody in labelers.yaml has"),
        remedy: format!("if it is {who}'s, have a maintainer add it to their keys in labelers.yaml"),
    }
}
