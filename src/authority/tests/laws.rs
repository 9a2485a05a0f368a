//! Laws: what holds of every history, signed by whomever.

use proptest::prelude::*;

use super::*;

/// One record of a random history: the records before it that it saw, by bits; its second; its actor; who signed it,
/// by bits.
type Step = (u16, i64, usize, u8);

const ACTORS: [&str; 4] = ["ana", "bob", "carol", "eve"];
const LETTERS: [char; 4] = ['a', 'b', 'c', 'C'];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((any::<u16>(), 0..12i64, 0..ACTORS.len(), 0..32u8), 1..10)
}

fn moment() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(0..12i64)
}

fn history(steps: &[Step]) -> (Vec<Loaded>, Signatures) {
    let (mut records, mut signatures) = (Vec::new(), Signatures::new());
    for (number, (saw, at, actor, signers)) in (1u8..).zip(steps) {
        let parents: Vec<u8> = (1..number).filter(|other| saw >> other & 1 == 1).collect();
        let mut record = labels(number, &parents, ACTORS[*actor]);
        record.manifest.recorded_at = second(*at);
        let letters = LETTERS.iter().enumerate().filter(|(bit, _)| signers >> bit & 1 == 1);
        let sign = |(_, letter): (usize, &char)| Signature {
            fingerprint: public(*letter).fingerprint(),
            fault: None,
        };
        signatures.insert(record.id, letters.map(sign).collect());
        records.push(record);
    }
    (records, signatures)
}

/// Ana's key is good for ever; bob's began and ended; one of carol's was stolen.
fn declared(from: Option<i64>, until: Option<i64>, stolen: Option<i64>) -> Labelers {
    let time = |at: Option<i64>| at.map(second);
    let of_bob = Key { valid_from: time(from), valid_until: time(until), ..key('b') };
    let of_carol = Key { compromised_since: time(stolen), ..key('c') };
    people(&[
        ("ana", person(&[], &[key('a')])),
        ("bob", person(&[], &[of_bob])),
        ("carol", person(&[], &[of_carol, key('C')])),
    ])
}

fn by_id(records: &[Loaded], law: &Law<'_>) -> BTreeMap<RecordId, Standing> {
    let set = RecordSet::default().and(records.to_vec());
    standings(&set, law, |_| true).into_iter().map(|(number, one)| (set.records()[number].id, one)).collect()
}

/// Says what the signature of a key of somebody is worth, as the rule has it, record by record.
fn slowly(set: &RecordSet, number: usize, letter: char, law: &Law<'_>) -> Worth {
    let records = set.records();
    let earliest = |number: usize| {
        let before = (0..records.len()).filter(|other| set.descends(number, *other) || *other == number);
        before.map(|other| records[other].head.recorded_at).max().unwrap()
    };
    let owner = |letter: char| {
        let has = |labeler: &Labeler| labeler.keys.iter().find(|key| key.key == public(letter)).cloned();
        law.labelers.labelers.iter().find_map(|(id, labeler)| Some((id.clone(), has(labeler)?))).unwrap()
    };
    let timely = |number: usize, key: &Key| {
        let ended = |until| earliest(number) >= until || law.added_after.is_some_and(|at| at >= until);
        match () {
            () if key.valid_from.is_some_and(|from| records[number].head.recorded_at < from) => {
                Worth::NotYetValid
            }
            () if key.valid_until.is_some_and(ended) => Worth::Ended,
            () => Worth::Verified,
        }
    };
    let (who, key) = owner(letter);
    let worth = timely(number, &key);
    let Some(since) = key.compromised_since.filter(|_| worth == Worth::Verified) else { return worth };
    let vouches = |witness: usize| {
        let has_signed = |letter: &char| {
            law.signatures[&records[witness].id]
                .iter()
                .any(|one| one.fingerprint == public(*letter).fingerprint())
        };
        LETTERS.iter().filter(|letter| has_signed(letter)).any(|letter| {
            let (other, key) = owner(*letter);
            let good = key.compromised_since.is_none() && timely(witness, &key) == Worth::Verified;
            let owner_too = witness == number && other == who;
            let seen_by_another = witness != number && other != who && law.added_after.is_none();
            good && (owner_too || seen_by_another)
        })
    };
    let seen = |witness: usize| witness == number || set.descends(witness, number);
    let known =
        (0..records.len()).any(|witness| seen(witness) && earliest(witness) < since && vouches(witness));
    if known { Worth::Verified } else { Worth::Compromised }
}

proptest! {
    #[test]
    fn a_signature_is_worth_what_the_rule_says(
        steps in steps(),
        (from, until, stolen, added) in (moment(), moment(), moment(), moment()),
    ) {
        let labelers = declared(from, until, stolen);
        let (records, signatures) = history(&steps);
        let law = Law { labelers: &labelers, signatures: &signatures, added_after: added.map(second), known_by: None };
        let set = RecordSet::default().and(records);
        for (number, standing) in standings(&set, &law, |_| true) {
            for signer in standing.signers {
                let is_its = |letter: &&char| public(**letter).openssh_fingerprint() == signer.fingerprint;
                let letter = *LETTERS.iter().find(is_its).unwrap();
                prop_assert_eq!(signer.worth, slowly(&set, number, letter, &law));
            }
        }
    }

    #[test]
    fn what_is_added_takes_nothing_from_what_was_there(
        steps in steps(),
        first in 0..10usize,
        (from, until, stolen) in (moment(), moment(), moment()),
    ) {
        let labelers = declared(from, until, stolen);
        let (records, signatures) = history(&steps);
        let law = Law { labelers: &labelers, signatures: &signatures, added_after: None, known_by: None };
        let (before, after) = (by_id(&records[..first.min(records.len())], &law), by_id(&records, &law));
        for (id, old) in before {
            let new = &after[&id];
            if old.signers.iter().any(|signer| signer.worth == Worth::Compromised) {
                prop_assert!(new.refused.iter().all(|refusal| old.refused.contains(refusal)));
            } else {
                prop_assert_eq!(new, &old);
            }
        }
    }

    #[test]
    fn the_order_of_records_says_nothing(steps in steps(), stolen in moment()) {
        let labelers = declared(None, Some(8), stolen);
        let (records, signatures) = history(&steps);
        let law = Law { labelers: &labelers, signatures: &signatures, added_after: None, known_by: None };
        let reversed: Vec<Loaded> = records.iter().rev().cloned().collect();
        prop_assert_eq!(by_id(&records, &law), by_id(&reversed, &law));
    }

    #[test]
    fn a_key_that_ends_later_was_good(steps in steps()) {
        let (records, signatures) = history(&steps);
        let judged = |until| {
            let labelers = declared(None, until, None);
            by_id(&records, &Law { labelers: &labelers, signatures: &signatures, added_after: None, known_by: None })
        };
        prop_assert_eq!(judged(None), judged(Some(12)));
    }
}
