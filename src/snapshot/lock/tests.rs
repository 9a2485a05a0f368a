//! Locks are read back whole, and only whole.

use std::collections::BTreeMap;

use super::*;
use crate::record::Policy;
use crate::snapshot::{PolicyUse, Split};

fn lock() -> Lock {
    let made = Made {
        name: "v7".into(),
        created_at: "2026-05-04T10:20:30Z".parse().unwrap(),
        actor: "Ana \"the \u{202e}second\" <ana@example.org>".into(),
        tool: "hitl 0.1.0".into(),
    };
    let policy = PolicyUse { name: Policy::Majority, version: 1, min_labels: 2, parameters: BTreeMap::new() };
    Lock {
        made,
        heads: vec![RecordId::of(b"head")],
        records: 3,
        records_sha256: Digest::of(b"records"),
        inert: Vec::new(),
        rule: Rule {
            task: "tone".into(),
            label_schema: r#"{"classes":["no","yes"],"type":"categorical"}"#.into(),
            policy,
            split: Some(Split::parse("train=0.8,test=0.2", "0").unwrap()),
        },
        counts: Counts { items: 4, resolved: 3, ties: 1, ..Counts::default() },
        labels: [("no".to_owned(), 1), ("yes".to_owned(), 2)].into(),
        splits: [("train".to_owned(), 3), ("test".to_owned(), 0)].into(),
        buckets: (0..256).map(|bucket| Digest::of(&[bucket as u8]).short(BUCKET_DIGITS)).collect(),
        digest: Digest::of(b"digest"),
    }
}

#[test]
fn reading_is_the_inverse_of_writing() {
    let with = lock();
    assert_eq!(parse(emit(&with).as_bytes()).unwrap(), with);
    let without = Lock {
        heads: vec![],
        labels: BTreeMap::new(),
        splits: BTreeMap::new(),
        rule: Rule { split: None, ..with.rule.clone() },
        ..with
    };
    assert_eq!(parse(emit(&without).as_bytes()).unwrap(), without);
    let mut joint = without;
    joint.rule.policy.name = Policy::DawidSkene;
    joint.rule.policy.parameters = [("smoothing".to_owned(), "0.01".to_owned())].into();
    let text = emit(&joint);
    assert!(
        text.contains("  min_labels: 2\n  parameters:\n    \"smoothing\": \"0.01\"\nlabel_schema"),
        "{text}"
    );
    assert_eq!(parse(text.as_bytes()).unwrap(), joint);
}

#[test]
fn what_did_not_count_is_named_once_and_in_order() {
    let mut ids = vec![RecordId::of(b"a"), RecordId::of(b"b")];
    ids.sort_unstable();
    let with = Lock { inert: ids.clone(), ..lock() };
    let text = emit(&with);
    let block = format!("  inert:\n    - \"{}\"\n    - \"{}\"\nbuckets:\n", ids[0], ids[1]);
    assert!(text.contains(&block), "{text}");
    assert_eq!(parse(text.as_bytes()).unwrap(), with);
    ids.reverse();
    for ids in [ids.clone(), vec![ids[0], ids[0]]] {
        let error = parse(emit(&Lock { inert: ids, ..lock() }).as_bytes()).unwrap_err();
        assert!(matches!(error, LockError::Value { what: "records.inert", .. }), "{error}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_survives(texts in proptest::collection::vec(proptest::prelude::any::<String>(), 4)) {
        let mut lock = lock();
        lock.made.name = format!("\u{e0041}\u{85}\u{feff}{}", texts[0]);
        lock.made.actor = texts[1].clone();
        lock.labels.insert(texts[2].clone(), 1);
        lock.rule.label_schema = texts[3].clone();
        proptest::prop_assert_eq!(parse(emit(&lock).as_bytes()), Ok(lock));
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let text = emit(&lock()).into_bytes();
    for bit in 0..text.len() * 8 {
        let mut flipped = text.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(parse(&flipped).is_err(), "bit {bit}");
    }
    assert!(parse(&text[..text.len() - 1]).is_err());
    assert!(parse(b"").is_err());
}

/// A hash that fits does not make a lock: someone may have made both by hand.
#[test]
fn other_ways_to_write_the_same_are_refused() {
    let text = emit(&lock());
    let rehash = |body: String| {
        let hash = Digest::of(body.as_bytes());
        format!("{body}lock_sha256: \"{hash}\"\n")
    };
    let body = text[..text.find("lock_sha256").unwrap()].to_owned();
    let error = parse(rehash(body.replace("count: 3", "count: 0x3")).as_bytes()).unwrap_err();
    assert!(matches!(error, LockError::NotCanonical { .. } | LockError::Structure { .. }), "{error}");
    let error = parse(rehash(body.replace("name: \"v7\"", "name: v7")).as_bytes()).unwrap_err();
    assert_eq!(error, LockError::NotCanonical { line: 2 });
    let error = parse(rehash(format!("{body}extra: 1\n")).as_bytes()).unwrap_err();
    assert!(matches!(error, LockError::Structure { .. }), "{error}");
}

#[test]
fn the_text_is_pinned() {
    let text = emit(&lock());
    let shown: Vec<&str> = text.lines().filter(|line| !line.starts_with("  - \"")).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    format: "hitl.snapshot/1"
    name: "v7"
    task: "tone"
    created_at: "2026-05-04T10:20:30Z"
    actor: "Ana \"the \u202esecond\" <ana@example.org>"
    tool: "hitl 0.1.0"
    digest: "0bf474896363505e5ea5e5d6ace8ebfb13a760a409b1fb467d428fc716f9f284"
    counts:
      items: 4
      resolved: 3
      adjudicated: 0
      ties: 1
      disagreements: 0
      conflicts: 0
      too_few: 0
      labels:
        "no": 1
        "yes": 2
      splits:
        "test": 0
        "train": 3
    policy:
      name: "majority"
      version: 1
      min_labels: 2
    label_schema: "{\"classes\":[\"no\",\"yes\"],\"type\":\"categorical\"}"
    split:
      seed: "0"
      parts:
        - name: "train"
          weight: "0.8"
        - name: "test"
          weight: "0.2"
    records:
      count: 3
      sha256: "a94e7bcfcbed3c846d491d4f47c948e53a23908d480248b3ffe9e126e83ea865"
      heads:
        - "39ea70e4a2d82a3ee7c58d8333681847a3b960492a65b6bb96d8228f7ced303e"
    buckets:
    lock_sha256: "fde2d9c961cdeafd76143f4c2e86c5da3a8731be285d918d0ec33b85e1767431"
    "#);
}
