//! Small histories, written out, and who may have made them.

mod laws;

use std::collections::BTreeMap;

use super::*;
use crate::base::Digest;
use crate::base::ssh::PublicKey;
use crate::config::{Key, Labeler, Role, SignedAfter, Status};
use crate::ledger::{Loaded, RecordSet};
use crate::record::{
    Cascade, Filter, Kind, LabelerKind, LabelerUse, Labelers as Table, Manifest, Revert, Rows,
};

fn id(number: u8) -> RecordId {
    RecordId(Digest([number; 32]))
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000).unwrap()
}

/// Returns the key of a letter.
fn public(letter: char) -> PublicKey {
    let middle: String = std::iter::repeat_n(letter, 4).collect();
    format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{middle}gxH6v3lq2yHh0m0yq5bZ0zqk6X0nq0Q2s0m0yq5")
        .parse()
        .unwrap()
}

fn key(letter: char) -> Key {
    Key { key: public(letter), valid_from: None, valid_until: None, compromised_since: None }
}

fn person(roles: &[Role], keys: &[Key]) -> Labeler {
    Labeler {
        kind: LabelerKind::Human,
        aliases: Vec::new(),
        roles: roles.to_vec(),
        tasks: Vec::new(),
        status: Status::Active,
        keys: keys.to_vec(),
        availability: None,
        specialisations: Vec::new(),
    }
}

fn people(declared: &[(&str, Labeler)]) -> Labelers {
    let labelers = declared.iter().map(|(id, labeler)| ((*id).to_owned(), labeler.clone())).collect();
    Labelers { labelers, ..Labelers::default() }
}

/// Returns a record made in second `number` by `actor`, with a row of each of `labelers`.
fn record(number: u8, parents: &[u8], kind: Kind, actor: &str, labelers: &[&str]) -> Loaded {
    let row = |id: &&str| ((*id).to_owned(), LabelerUse { kind: LabelerKind::Human, rows: 1 });
    let manifest = Manifest {
        task: kind.is_judgement().then(|| "tone".to_owned()),
        actor: format!("{actor} <{actor}@example.org>"),
        parents: parents.iter().map(|parent| id(*parent)).collect(),
        labelers: Table::Listed(labelers.iter().map(row).collect()),
        ..Manifest::new(kind, second(number.into()))
    };
    Loaded { id: id(number), manifest, rows: Rows::empty(kind) }
}

fn labels(number: u8, parents: &[u8], actor: &str) -> Loaded {
    record(number, parents, Kind::Labels, actor, &[actor])
}

fn revert(number: u8, parents: &[u8], actor: &str, revert: Revert) -> Loaded {
    let mut record = record(number, parents, Kind::Reverts, actor, &[]);
    record.manifest.revert = Some(revert);
    record
}

fn filter(records: &[u8], labelers: &[&str]) -> Revert {
    let records = records.iter().map(|record| id(*record)).collect();
    let labelers = labelers.iter().map(|id| (*id).to_owned()).collect();
    Revert { filter: Filter { records, labelers, ..Filter::default() }, ..Revert::default() }
}

fn signed(by: &[(u8, &str)]) -> Signatures {
    let mut signatures = Signatures::new();
    for (record, letters) in by {
        let sign = |letter| Signature { fingerprint: public(letter).fingerprint(), fault: None };
        signatures.insert(id(*record), letters.chars().map(sign).collect());
    }
    signatures
}

fn set(records: &[Loaded]) -> RecordSet {
    let told = RecordSet::default().and(records.to_vec());
    let other = RecordSet::default().and(records.iter().rev().cloned().collect());
    assert!(told.records().iter().zip(other.records()).all(|(a, b)| a.id == b.id));
    told
}

/// Writes what is known of each record: `carol signed by carol:verified: refusals`.
fn told(records: &[Loaded], law: &Law<'_>) -> Vec<String> {
    let write = |(number, standing): (usize, Standing)| {
        let refused: Vec<&str> = standing.refused.iter().map(|refusal| refusal.code).collect();
        let signers: Vec<String> = standing
            .signers
            .iter()
            .map(|signer| format!("{}:{:?}", signer.labeler.as_deref().unwrap_or("?"), signer.worth))
            .collect();
        assert_eq!(super::standing(&set(records), number, law).refused.len(), refused.len());
        let claimed = standing.claimed_by.unwrap_or_else(|| "?".into());
        format!("{claimed} [{}] {}", signers.join(" "), refused.join(" ")).trim_end().to_owned()
    };
    standings(&set(records), law, |_| true).into_iter().map(write).collect()
}

fn judged(records: &[Loaded], labelers: &Labelers, by: &[(u8, &str)], added: Option<i64>) -> Vec<String> {
    told(records, &Law { labelers, signatures: &signed(by), added_after: added.map(second), known_by: None })
}

fn messages(records: &[Loaded], labelers: &Labelers, by: &[(u8, &str)]) -> Vec<String> {
    let signatures = signed(by);
    let law = Law { labelers, signatures: &signatures, added_after: None, known_by: None };
    let all = standings(&set(records), &law, |_| true).into_iter().flat_map(|(_, standing)| standing.refused);
    all.map(|refusal| refusal.message).collect()
}

#[test]
fn a_name_is_an_id_an_alias_or_an_address() {
    let mut ana = person(&[], &[]);
    ana.aliases = vec!["ana@example.org".into(), "Ana R <x@y>".into(), "Zoë".into()];
    let labelers = people(&[("w01", ana), ("bob", person(&[], &[]))]);
    let called = |actor| {
        let claimed = people::People::new(&labelers).claimed(actor);
        assert_eq!(claimed, labelers.called(actor));
        claimed
    };
    assert_eq!(called("Whoever <ana@example.org>"), Some("w01"));
    assert_eq!(called("Ana R <x@y>"), Some("w01"));
    assert_eq!(called("Zoe\u{308} <z@z>"), Some("w01"));
    assert_eq!(called("bob <ana@example.org>"), Some("bob"), "the name comes before the address");
    assert_eq!(called("bob"), Some("bob"));
    assert_eq!(called("Bob <bob>"), Some("bob"));
    assert_eq!((called("robert <r@example.org>"), called(" <>"), called("")), (None, None, None));
}

#[test]
fn without_roles_and_keys_everything_counts() {
    let labelers = people(&[("ana", person(&[], &[]))]);
    let records = [labels(1, &[], "ana"), record(2, &[1], Kind::Guidelines, "eve", &[])];
    assert_eq!(judged(&records, &labelers, &[], Some(9)), ["ana []", "? []"]);
    assert!(!asks_anything(&labelers));
}

#[test]
fn who_has_keys_signs_what_claims_to_be_theirs() {
    let (carol, bob) = (person(&[], &[key('c'), key('C')]), person(&[], &[key('b')]));
    let labelers = people(&[("bob", bob), ("carol", carol), ("dan", person(&[], &[]))]);
    let records = [
        labels(1, &[], "carol"),
        labels(2, &[1], "carol"),
        labels(3, &[2], "carol"),
        labels(4, &[3], "carol"),
        labels(5, &[4], "dan"),
        labels(6, &[5], "dan"),
        labels(7, &[6], "dan"),
    ];
    let by = [(1, "c"), (3, "b"), (4, "z"), (6, "z"), (7, "b")];
    let expected = [
        "carol [carol:Verified]",
        "carol [] unsigned",
        "carol [bob:Verified] signer_mismatch",
        "carol [?:UnknownKey] unknown_signer",
        "dan []",
        "dan [?:UnknownKey]",
        // Nobody asks dan for a signature: that of somebody else takes nothing from him.
        "dan [bob:Verified]",
    ];
    assert_eq!(judged(&records, &labelers, &by, None), expected);
    let both = judged(&records[..1], &labelers, &[(1, "bzC")], None);
    assert_eq!(both, ["carol [bob:Verified carol:Verified ?:UnknownKey]"]);
    assert_eq!(messages(&records[2..3], &labelers, &by), ["claims to be by carol, signed by bob"]);
}

#[test]
fn a_damaged_signature_is_refused_beside_a_good_one() {
    let labelers = people(&[("carol", person(&[], &[key('c')]))]);
    let mut signatures = signed(&[(1, "cz")]);
    signatures.get_mut(&id(1)).unwrap()[1].fault = Some("it signs something else".into());
    let law = Law { labelers: &labelers, signatures: &signatures, added_after: None, known_by: None };
    let records = [labels(1, &[], "carol")];
    assert_eq!(told(&records, &law), ["carol [carol:Verified ?:Bad] bad_signature"]);
}

#[test]
fn all_but_what_came_before_has_to_be_signed() {
    let mut labelers = people(&[("carol", person(&[], &[])), ("bob", person(&[], &[key('b')]))]);
    labelers.require_signed = Some(SignedAfter::Record(id(2)));
    let records =
        [labels(1, &[], "bob"), labels(2, &[1], "eve"), labels(3, &[1], "carol"), labels(4, &[2], "bob")];
    // What came before is left alone, also where somebody has a key by now.
    let expected = ["bob []", "? []", "carol [] unsigned", "bob [bob:Verified]"];
    assert_eq!(judged(&records, &labelers, &[(4, "b")], None), expected);
    // Nor does anybody take anything from it by signing it now.
    let beside = judged(&records, &labelers, &[(2, "b"), (3, "b"), (4, "b")], None);
    let expected =
        ["bob []", "? [bob:Verified]", "carol [bob:Verified] signer_mismatch", "bob [bob:Verified]"];
    assert_eq!(beside, expected);
    labelers.require_signed = Some(SignedAfter::Start);
    let expected = ["bob [] unsigned", "? [] unsigned", "carol [?:UnknownKey] unknown_signer"];
    assert_eq!(judged(&records[..3], &labelers, &[(3, "z")], None), expected);
    // Where the record is absent, it is not known what came before it.
    labelers.require_signed = Some(SignedAfter::Record(id(9)));
    assert_eq!(judged(&records[..1], &labelers, &[], None), ["bob [] unsigned"]);
}

#[test]
fn a_key_is_good_in_its_time_alone() {
    let timed = Key { valid_from: Some(second(3)), valid_until: Some(second(6)), ..key('c') };
    let labelers = people(&[("carol", person(&[], &[timed]))]);
    let records: Vec<Loaded> = [2, 3, 5, 6].iter().map(|number| labels(*number, &[], "carol")).collect();
    let by = [(2, "c"), (3, "c"), (5, "c"), (6, "c")];
    let expected = [
        "carol [carol:NotYetValid]",
        "carol [carol:Verified]",
        "carol [carol:Verified]",
        "carol [carol:Ended] key_ended",
    ];
    assert_eq!(judged(&records, &labelers, &by, None), expected);
    // Before the key began, nobody could sign; since then carol has to, also where she would have it otherwise.
    let expected = ["carol []", "carol [] unsigned", "carol [] unsigned", "carol [] unsigned"];
    assert_eq!(judged(&records, &labelers, &[], None), expected);
    let backdated = [labels(4, &[], "eve"), labels(2, &[4], "carol")];
    assert_eq!(judged(&backdated, &labelers, &[], None)[1], "carol [] unsigned");
    // What is new says what time it likes: her key had begun in what it is added to.
    assert_eq!(judged(&records[..1], &labelers, &[], Some(2)), ["carol []"]);
    assert_eq!(judged(&records[..1], &labelers, &[], Some(3)), ["carol [] unsigned"]);
    assert_eq!(
        judged(&records[..1], &labelers, &[(2, "c")], Some(3)),
        ["carol [carol:NotYetValid] key_not_yet_valid"]
    );
}

#[test]
fn a_record_is_no_older_than_what_it_builds_on() {
    let ended = Key { valid_until: Some(second(6)), ..key('c') };
    let labelers = people(&[("carol", person(&[], &[ended])), ("bob", person(&[], &[]))]);
    let records =
        [labels(2, &[], "bob"), labels(8, &[2], "bob"), labels(9, &[8], "bob"), labels(4, &[9], "carol")];
    assert_eq!(judged(&records, &labelers, &[(4, "c")], None)[3], "carol [carol:Ended] key_ended");
    // Beside newer ones it may be as old as it says, unless it is only being added now.
    let beside = [labels(8, &[], "bob"), labels(4, &[], "carol")];
    assert_eq!(judged(&beside, &labelers, &[(4, "c")], None)[0], "carol [carol:Verified]");
    assert_eq!(judged(&beside, &labelers, &[(4, "c")], Some(5))[0], "carol [carol:Verified]");
    assert_eq!(judged(&beside, &labelers, &[(4, "c")], Some(6))[0], "carol [carol:Ended] key_ended");
    // What says that it was made later than it was there says nothing of what builds on it.
    let ahead = [labels(2, &[], "bob"), labels(99, &[2], "bob"), labels(4, &[99], "carol")];
    let signatures = signed(&[(4, "c")]);
    let of_carol = |known_by: i64, added_after: Option<i64>| {
        let added_after = added_after.map(second);
        let known_by = Some(second(known_by));
        told(&ahead, &Law { labelers: &labelers, signatures: &signatures, added_after, known_by })[2].clone()
    };
    assert_eq!(of_carol(98, None), "carol [carol:Verified]");
    assert_eq!(of_carol(5, Some(5)), "carol [carol:Verified]");
    assert_eq!(of_carol(99, None), "carol [carol:Ended] key_ended");
}

#[test]
fn a_key_that_others_had_needs_a_witness_from_before() {
    let lost = Key { compromised_since: Some(second(6)), ..key('c') };
    let carol = person(&[], &[lost, key('C')]);
    let labelers = people(&[("carol", carol), ("bob", person(&[], &[key('b')]))]);
    let first = labels(2, &[], "carol");
    let good = "carol [carol:Verified]";
    let bad = "carol [carol:Compromised] key_compromised";
    let of = |later: &[Loaded], by: &[(u8, &str)], added| {
        judged(&[vec![first.clone()], later.to_vec()].concat(), &labelers, by, added)[0].clone()
    };
    assert_eq!(of(&[], &[(2, "c")], None), bad);
    let after = [labels(3, &[2], "eve"), labels(4, &[3], "bob")];
    assert_eq!(of(&after, &[(2, "c"), (4, "b")], None), good, "bob saw it in time");
    assert_eq!(of(&after, &[(2, "c"), (4, "b")], Some(5)), bad, "what is new vouches for nothing");
    assert_eq!(of(&after, &[(2, "c"), (4, "C")], None), bad, "carol does not vouch for herself later");
    assert_eq!(of(&after, &[(2, "c"), (4, "z")], None), bad, "nobody knows who that was");
    assert_eq!(of(&[labels(7, &[2], "bob")], &[(2, "c"), (7, "b")], None), bad, "too late");
    assert_eq!(of(&[labels(4, &[], "bob")], &[(2, "c"), (4, "b")], None), bad, "bob did not see it");
    let backdated = [labels(7, &[2], "eve"), labels(4, &[7], "bob")];
    assert_eq!(of(&backdated, &[(2, "c"), (4, "b")], None), bad, "nor did he by then");
    let twice = "carol [carol:Verified carol:Verified]";
    assert_eq!(of(&[], &[(2, "cC")], Some(5)), twice, "signed with a key of hers that nobody had");
    for added in [Some(5), None] {
        let beside = of(&[], &[(2, "cb")], added);
        assert_eq!(
            beside, "carol [bob:Verified carol:Compromised] signer_mismatch key_compromised",
            "bob may have both keys, and says nothing of a time"
        );
    }
    let late = judged(&[labels(6, &[], "carol")], &labelers, &[(6, "c")], None);
    assert_eq!(late, [bad]);
}

fn house() -> Labelers {
    use Role::{Adjudicator, Curator, Labeler, Maintainer, Validator};
    people(&[
        ("ana", person(&[Labeler], &[])),
        ("judy", person(&[Adjudicator], &[])),
        ("cura", person(&[Curator], &[])),
        ("val", person(&[Validator], &[])),
        ("max", person(&[Maintainer], &[])),
        ("nobody", person(&[], &[])),
    ])
}

/// Returns the codes of what is refused when each of the house does it.
fn by_each(make: impl Fn(&str) -> Loaded) -> Vec<&'static str> {
    let allowed = |actor: &&&str| !judged(&[make(actor)], &house(), &[], Some(0))[0].contains("] ");
    ["ana", "judy", "cura", "val", "max", "nobody"].iter().filter(allowed).copied().collect()
}

#[test]
fn each_role_does_its_own() {
    let own = |kind| by_each(|actor| record(1, &[], kind, actor, &[actor]));
    let of_judy = |kind| by_each(|actor| record(1, &[], kind, actor, &["judy"]));
    assert_eq!(own(Kind::Labels), ["ana", "max"]);
    assert_eq!(own(Kind::Corrections), ["ana", "max"]);
    assert_eq!(own(Kind::Predictions), ["ana", "max"]);
    assert_eq!(own(Kind::Adjudications), ["judy", "max"]);
    assert_eq!(of_judy(Kind::Labels), ["cura", "max"]);
    assert_eq!(of_judy(Kind::Adjudications), ["judy", "max"]);
    assert_eq!(by_each(|actor| record(1, &[], Kind::Labels, actor, &[actor, "x"])), ["max"]);
    assert_eq!(by_each(|actor| record(1, &[], Kind::Items, actor, &[])), ["ana", "cura", "max"]);
    assert_eq!(by_each(|actor| record(1, &[], Kind::Guidelines, actor, &[])), ["cura", "max"]);
    assert_eq!(
        by_each(|actor| record(1, &[], Kind::Joins, actor, &[])),
        ["ana", "judy", "cura", "val", "max"]
    );
    assert!(by_each(|actor| record(1, &[], Kind::Adjudications, actor, &["ana"])).is_empty());
}

#[test]
fn deeds_beside_records_have_roles_too() {
    let (labelers, signatures) = (house(), Signatures::new());
    let law =
        Law { labelers: &labelers, signatures: &signatures, added_after: Some(second(1)), known_by: None };
    let allowed = |deed| {
        let may = |actor: &&&str| standing_of_deed(deed, actor, second(2), &[], &law).refused.is_empty();
        ["ana", "judy", "cura", "val", "max", "eve"].iter().filter(may).copied().collect::<Vec<_>>()
    };
    assert_eq!(allowed(Deed::Freeze), ["val", "max"]);
    assert_eq!(allowed(Deed::Declare), ["cura", "max"]);
    assert_eq!(allowed(Deed::Govern), ["max"]);
}

#[test]
fn deeds_are_as_new_as_what_they_are_done_to() {
    let begun = Key { valid_from: Some(second(5)), ..key('m') };
    let labelers = people(&[("max", person(&[Role::Maintainer], &[begun]))]);
    let none = Signatures::new();
    let refused = |added: i64, at: i64| {
        let law =
            Law { labelers: &labelers, signatures: &none, added_after: Some(second(added)), known_by: None };
        let deeds = [Deed::Freeze, Deed::Declare, Deed::Govern];
        let codes = deeds.map(|deed| {
            let refused = standing_of_deed(deed, "max", second(at), &[], &law).refused;
            refused.iter().map(|refusal| refusal.code).collect::<Vec<_>>()
        });
        assert!(codes.iter().all(|of_deed| *of_deed == codes[0]), "{codes:?}");
        codes[0].clone()
    };
    assert_eq!((refused(4, 2), refused(6, 2)), (vec![], vec!["unsigned"]), "an old date is only a claim");
    assert_eq!(refused(4, 5), ["unsigned"]);
}

#[test]
fn without_roles_who_has_a_key_changes_who_may_do_what() {
    let compromised = Key { compromised_since: Some(second(9)), ..key('x') };
    let (ana, bob) = (person(&[], &[key('a'), compromised]), person(&[], &[]));
    let mut labelers = people(&[("ana", ana), ("bob", bob)]);
    let judged = |labelers: &Labelers, deed, actor: &str, letter: Option<char>| {
        let none = Signatures::new();
        let law = Law { labelers, signatures: &none, added_after: Some(second(1)), known_by: None };
        let sign = |letter| Signature { fingerprint: public(letter).fingerprint(), fault: None };
        let by: Vec<Signature> = letter.into_iter().map(sign).collect();
        let refused = standing_of_deed(deed, actor, second(2), &by, &law).refused;
        refused.into_iter().map(|refusal| (refusal.code, refusal.message)).collect::<Vec<_>>()
    };
    let nobody = "it is not signed with a key that labelers.yaml declares".to_owned();
    for letter in [None, Some('z'), Some('x')] {
        assert_eq!(judged(&labelers, Deed::Govern, "bob", letter), [("unsigned", nobody.clone())]);
        assert_eq!(judged(&labelers, Deed::Govern, "eve", letter), [("unsigned", nobody.clone())]);
        assert!(judged(&labelers, Deed::Declare, "bob", letter).is_empty());
    }
    assert!(judged(&labelers, Deed::Govern, "bob", Some('a')).is_empty());
    let of_ana = judged(&labelers, Deed::Govern, "ana", None);
    assert_eq!(of_ana, [("unsigned", "ana has not signed it".to_owned())], "said once");
    labelers.labelers.get_mut("bob").unwrap().roles = vec![Role::Maintainer];
    assert!(judged(&labelers, Deed::Govern, "bob", None).is_empty(), "roles say who");
    let nothing = people(&[("ana", person(&[], &[]))]);
    assert!(judged(&nothing, Deed::Govern, "eve", None).is_empty());
}

#[test]
fn nobody_says_themself_what_kind_they_are() {
    let gold = |number, actor: &str, labeler: &str| {
        let mut record = record(number, &[], Kind::Labels, actor, &[labeler]);
        let use_ = LabelerUse { kind: LabelerKind::Gold, rows: 1 };
        record.manifest.labelers = Table::Listed(BTreeMap::from([(labeler.to_owned(), use_)]));
        record
    };
    // Whether roles are in force or only keys.
    let mut keys = people(&[("ana", person(&[], &[key('a')]))]);
    keys.labelers.get_mut("ana").unwrap().aliases = vec!["w01".into()];
    let by_ana = [gold(1, "ana", "ana"), gold(2, "ana", "w01"), gold(3, "ana", "g")];
    let signed = [(1, "a"), (2, "a"), (3, "a")];
    let expected = ["ana [ana:Verified] kind", "ana [ana:Verified] kind", "ana [ana:Verified]"];
    assert_eq!(judged(&by_ana, &keys, &signed, Some(0)), expected);
    assert_eq!(
        messages(&by_ana[..1], &keys, &signed),
        ["ana is human in labelers.yaml, and gold in the record"]
    );
    // Gold of nobody declared is brought in by a curator.
    assert_eq!(by_each(|actor| gold(1, actor, "g")), ["cura", "max"]);
    assert_eq!(by_each(|actor| gold(1, actor, "ana")), [""; 0]);
    let mut house = house();
    house.labelers.get_mut("val").unwrap().kind = LabelerKind::Gold;
    assert_eq!(judged(&[gold(1, "cura", "val")], &house, &[], Some(0)), ["cura []"]);
}

#[test]
fn what_is_ones_own_may_be_taken_back() {
    let taken = |back: Revert| {
        let records = [
            labels(1, &[], "ana"),
            record(2, &[1], Kind::Labels, "cura", &["ana", "bob"]),
            revert(3, &[2], "ana", filter(&[1], &[])),
            revert(4, &[3], "cura", filter(&[2], &[])),
            labels(5, &[], "ana"),
        ];
        let mut all = records.to_vec();
        all.push(revert(9, &[4], "ana", back));
        judged(&all, &house(), &[], None).pop() == Some("ana []".to_owned())
    };
    assert!(taken(filter(&[], &["ana"])));
    assert!(taken(filter(&[2], &["ana"])));
    assert!(taken(filter(&[1], &[])));
    assert!(taken(filter(&[3], &[])), "her own revert");
    assert!(!taken(filter(&[], &["ana", "bob"])));
    assert!(!taken(filter(&[], &[])));
    assert!(!taken(filter(&[1, 2], &[])));
    assert!(!taken(filter(&[4], &[])), "a revert of somebody else's");
    assert!(!taken(filter(&[4], &["ana"])), "naming a revert takes that back, whatever else is said");
    assert!(!taken(filter(&[3, 4], &["ana"])));
    assert!(!taken(filter(&[5], &[])), "she did not see it");
    assert!(!taken(filter(&[8], &["ana"])), "nobody knows what that is");
    assert!(!taken(Revert { cascade: Cascade::Confirmed, ..filter(&[], &["ana"]) }));
    assert!(!taken(Revert { concurrent: true, ..filter(&[1], &[]) }));
}

#[test]
fn everything_is_told_at_once() {
    let mut labelers = house();
    labelers.closed = true;
    let change = |labelers: &mut Labelers, id: &str, change: &dyn Fn(&mut Labeler)| {
        change(labelers.labelers.get_mut(id).unwrap());
    };
    change(&mut labelers, "ana", &|ana| ana.tasks = vec!["other".into()]);
    change(&mut labelers, "ana", &|ana| ana.status = Status::Retired);
    change(&mut labelers, "val", &|val| val.status = Status::Suspended);
    change(&mut labelers, "val", &|val| val.keys = vec![key('v')]);
    let records = [record(1, &[], Kind::Labels, "val", &["ana", "eve"])];
    let messages = |added_after: Option<Timestamp>| {
        let law = Law { labelers: &labelers, signatures: &Signatures::new(), added_after, known_by: None };
        let standing = standing(&set(&records), 0, &law);
        standing.refused.into_iter().map(|refusal| refusal.message).collect::<Vec<_>>()
    };
    let expected = [
        "val has not signed it",
        "val is suspended",
        "val may not bring in the work of ana and eve",
        "ana is retired",
        "ana is not listed for task `tone`",
        "eve is not in labelers.yaml, which is closed",
    ];
    assert_eq!(messages(Some(second(0))), expected);
    // Who was good then stays good: only what is new is refused.
    let old: Vec<&str> = expected
        .into_iter()
        .filter(|message| !message.ends_with("ed") || message.contains("closed"))
        .collect();
    assert_eq!(messages(None)[1..], old[1..]);
}

#[test]
fn nobody_that_is_known_may_add_nothing() {
    let records = [record(1, &[], Kind::Adjudications, "eve", &["ana"])];
    let expected = ["eve <eve@example.org> is nobody that labelers.yaml knows", "ana may not adjudicate"];
    assert_eq!(messages(&records, &house(), &[]), expected);
    let refused = inert(
        &set(&records),
        &Law { labelers: &house(), signatures: &Signatures::new(), added_after: None, known_by: None },
    );
    assert_eq!(refused.keys().copied().collect::<Vec<_>>(), [id(1)]);
}
