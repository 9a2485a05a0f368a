//! The laws of manifests: one text each, nothing else accepted, no input that panics.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::base::{Digest, Timestamp};
use crate::record::{
    Cascade, Filter, GuidelineRef, GuidelineUse, Kind, LabelerKind, LabelerUse, Labelers, Origin, RecordId,
    Revert, Shard, Source,
};

fn nasty() -> impl Strategy<Value = String> {
    let words = [
        "",
        " ",
        "null",
        "no",
        "y",
        "~",
        "- a",
        "a: b",
        "#c",
        "'",
        "\"",
        "\\",
        "\\n",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}",
        "\u{feff}",
        "\u{fffe}",
        "\u{1ffff}",
        "\u{e0041}",
        "é",
        "e\u{301}",
        "ü",
        "日本",
        "🦀",
        "&a",
        "*a",
        "!!str",
        "%",
        "@",
        "`",
        "{",
        "}",
        "[",
        "]",
        ",",
        "? ",
        ": ",
        "|",
        ">",
        "2026-05-04",
        "0x1F",
        "1e3",
        ".nan",
        "\u{10ffff}",
    ];
    prop_oneof![
        3 => vec(select(words.to_vec()), 0..6).prop_map(|parts| parts.concat()),
        2 => any::<String>(),
        1 => "[a-z]{900,1100}",
    ]
}

fn labeler_id() -> impl Strategy<Value = String> {
    nasty().prop_filter("an id", |id| crate::record::check_labeler(id).is_ok())
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        Just(0),
        -62_135_596_800_000_000..253_402_300_799_999_999_i64,
        (0..4_000_000_000_i64).prop_map(|s| s * 1_000_000)
    ]
    .prop_map(|micros| Timestamp::from_micros(micros).unwrap())
}

fn source() -> impl Strategy<Value = Source> {
    (nasty(), digest(), any::<u64>(), nasty(), btree_map(nasty(), nasty(), 0..3), vec(nasty(), 0..3))
        .prop_map(|(file, sha256, bytes, detected, mapping, flags)| Source {
            file,
            sha256,
            bytes,
            detected,
            mapping,
            flags,
        })
}

fn revert() -> impl Strategy<Value = Revert> {
    let chosen = (
        vec(digest().prop_map(RecordId), 0..3),
        vec(nasty(), 0..3),
        vec(nasty().prop_map(GuidelineRef), 0..3),
        subsequence(Kind::ALL.to_vec(), 0..Kind::ALL.len()),
        vec(nasty(), 0..3),
    );
    let rest = (
        subsequence(Origin::ALL.to_vec(), 0..Origin::ALL.len()),
        option::of(btree_set(nasty(), 0..3)),
        option::of(time()),
        option::of(time()),
        select(vec![Cascade::None, Cascade::Confirmed, Cascade::All]),
        any::<bool>(),
    );
    (chosen, rest).prop_map(
        |(
            (records, labelers, guidelines, kinds, tasks),
            (origins, items, since, until, cascade, concurrent),
        )| {
            let filter = Filter { records, labelers, guidelines, kinds, tasks, origins, items, since, until };
            Revert { filter, cascade, concurrent }
        },
    )
}

fn labeler_use() -> impl Strategy<Value = LabelerUse> {
    (select(LabelerKind::ALL.to_vec()), 1..1000_u64).prop_map(|(kind, rows)| LabelerUse { kind, rows })
}

prop_compose! {
    fn common()(actor in nasty(), recorded_at in time(), tool in nasty(), message in nasty(),
                parents in btree_set(digest().prop_map(RecordId), 2..5), source in option::of(source()),
                schema_sha256 in option::of(digest()), root in digest(), sha256 in digest(), bytes in any::<u64>())
        -> (Manifest, Shard) {
        let manifest = Manifest {
            kind: Kind::Joins, task: None, actor, recorded_at, tool, message, source, schema_sha256,
            parents: parents.into_iter().collect(),
            labelers: Labelers::Listed(BTreeMap::new()), guidelines: BTreeMap::new(), origins: BTreeMap::new(),
            shard: None, rows_root: Some(root), revert: None,
        };
        (manifest, Shard { sha256, bytes, rows: 7 })
    }
}

prop_compose! {
    fn judged()((manifest, shard) in common(), kind in select(vec![Kind::Labels, Kind::Corrections, Kind::Predictions]),
                task in "[a-z0-9][a-z0-9_-]{0,62}", table in btree_map(labeler_id(), labeler_use(), 1..5),
                in_shard in any::<bool>(), version in "[a-z][a-z0-9]{0,5}@[0-9][a-z.]{0,4}", text in digest())
        -> Manifest {
        let rows = table.values().map(|labeler| labeler.rows).sum();
        Manifest {
            kind, task: Some(task),
            labelers: if in_shard { Labelers::InShard } else { Labelers::Listed(table) },
            guidelines: [(version, GuidelineUse { sha256: text, rows: 1 })].into(),
            origins: [(Origin::Fresh, rows)].into(),
            shard: Some(Shard { rows, ..shard }),
            ..manifest
        }
    }
}

prop_compose! {
    fn reverting()((manifest, shard) in common(), mut revert in revert(), in_shard in any::<bool>()) -> Manifest {
        if in_shard {
            revert.filter.items = None;
        }
        let rows_root = manifest.rows_root.filter(|_| in_shard);
        let shard = in_shard.then_some(shard);
        Manifest { kind: Kind::Reverts, revert: Some(revert), shard, rows_root, schema_sha256: None, ..manifest }
    }
}

fn manifest() -> impl Strategy<Value = Manifest> {
    let items = common().prop_map(|(manifest, shard)| Manifest {
        kind: Kind::Items,
        shard: Some(shard),
        schema_sha256: None,
        ..manifest
    });
    let joins =
        common().prop_map(|(manifest, _)| Manifest { rows_root: None, schema_sha256: None, ..manifest });
    prop_oneof![4 => judged(), 3 => reverting(), 1 => items, 1 => joins]
}

proptest! {
    #[test]
    fn reading_undoes_writing(manifest in manifest()) {
        let bytes = emit(&manifest);
        prop_assert_eq!(check(&manifest), Ok(()));
        prop_assert!(fits(&manifest));
        let read = parse(&bytes).map_err(|error| TestCaseError::fail(format!("{error}\n{}", String::from_utf8_lossy(&bytes))))?;
        prop_assert_eq!(read, manifest);
    }

    #[test]
    fn a_changed_byte_is_refused_or_another_record(manifest in manifest(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = emit(&manifest);
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        let id = RecordId::of(&bytes);
        bytes[at] = byte;
        match parse(&bytes) {
            Ok(other) => {
                prop_assert_ne!(&other, &manifest);
                prop_assert_ne!(RecordId::of(&emit(&other)), id);
            }
            Err(error) => prop_assert!(!error.to_string().contains('\n'), "{error}"),
        }
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..300), text in nasty()) {
        let _ = parse(&bytes);
        let _ = parse(text.as_bytes());
        let _ = parse(format!("format: 1\nkind: {text}\nlabelers: {text}").as_bytes());
    }
}

fn example() -> Manifest {
    let digest = Digest::of(b"x");
    Manifest {
        kind: Kind::Labels,
        task: Some("tone".into()),
        actor: "Ana <ana@example.org>".into(),
        recorded_at: "2026-05-04T10:20:30Z".parse().unwrap(),
        tool: "hitl 0.1.0".into(),
        parents: vec![RecordId::of(b"parent")],
        source: Some(Source {
            file: "week46.csv".into(),
            sha256: digest,
            bytes: 1234,
            detected: "csv, long form".into(),
            mapping: [("answer".into(), "label".into())].into(),
            flags: vec!["--origin fresh".into()],
        }),
        schema_sha256: Some(digest),
        labelers: Labelers::Listed(
            [
                ("alice".into(), LabelerUse { kind: LabelerKind::Human, rows: 40 }),
                ("m-1".into(), LabelerUse { kind: LabelerKind::Model, rows: 2 }),
            ]
            .into(),
        ),
        guidelines: [("tone@2".into(), GuidelineUse { sha256: digest, rows: 40 })].into(),
        origins: [(Origin::Fresh, 40), (Origin::Unknown, 2)].into(),
        shard: Some(Shard { sha256: digest, bytes: 4096, rows: 42 }),
        rows_root: Some(digest),
        revert: None,
        message: "Week 46:\nthe \"hard\" ones".into(),
    }
}

#[test]
fn a_manifest_reads_well() {
    let text = String::from_utf8(emit(&example())).unwrap().replace(&Digest::of(b"x").to_string(), "2d71…");
    insta::assert_snapshot!(text, @r#"
    format: 1
    kind: labels
    task: "tone"
    actor: "Ana <ana@example.org>"
    recorded_at: "2026-05-04T10:20:30Z"
    tool: "hitl 0.1.0"
    parents:
      - "6afe9e199d25bbd46cfc6d5483fd99a52ea0026be23671ec57d7d886c1852255"
    source:
      file: "week46.csv"
      sha256: "2d71…"
      bytes: 1234
      detected: "csv, long form"
      mapping:
        "answer": "label"
      flags:
        - "--origin fresh"
    schema_sha256: "2d71…"
    labelers:
      "alice": {kind: human, rows: 40}
      "m-1": {kind: model, rows: 2}
    guidelines:
      "tone@2": {sha256: "2d71…", rows: 40}
    origins:
      fresh: 40
      unknown: 2
    shard:
      sha256: "2d71…"
      bytes: 4096
      rows: 42
    rows_root: "2d71…"
    filter: null
    message: "Week 46:\nthe \"hard\" ones"
    "#);
}

#[test]
fn a_revert_reads_well() {
    let filter = Filter {
        labelers: vec!["bob".into()],
        kinds: vec![Kind::Labels],
        items: Some(BTreeSet::from(["i1".to_owned()])),
        since: Some("2026-05-01".parse().unwrap()),
        ..Filter::default()
    };
    let revert = Revert { filter, cascade: Cascade::Confirmed, concurrent: true };
    let manifest = Manifest {
        kind: Kind::Reverts,
        task: None,
        source: None,
        schema_sha256: None,
        labelers: Labelers::Listed(BTreeMap::new()),
        guidelines: BTreeMap::new(),
        origins: BTreeMap::new(),
        shard: None,
        rows_root: None,
        revert: Some(revert),
        parents: vec![],
        message: "careless".into(),
        ..example()
    };
    assert_eq!(parse(&emit(&manifest)).unwrap(), manifest);
    insta::assert_snapshot!(String::from_utf8(emit(&manifest)).unwrap(), @r#"
    format: 1
    kind: reverts
    task: null
    actor: "Ana <ana@example.org>"
    recorded_at: "2026-05-04T10:20:30Z"
    tool: "hitl 0.1.0"
    parents: []
    source: null
    schema_sha256: null
    labelers: {}
    guidelines: {}
    origins: {}
    shard: null
    rows_root: null
    filter:
      records: []
      labelers:
        - "bob"
      guidelines: []
      kinds:
        - labels
      tasks: []
      items:
        - "i1"
      origins: []
      since: "2026-05-01T00:00:00Z"
      until: null
      cascade: confirmed
      concurrent: true
    message: "careless"
    "#);
}

/// Replaces in the example's text and returns the refusal.
fn refusal(from: &str, to: &str) -> String {
    let text = String::from_utf8(emit(&example())).unwrap();
    assert!(text.contains(from), "{from}");
    parse(text.replacen(from, to, 1).as_bytes()).unwrap_err().to_string()
}

#[test]
fn every_refusal_says_what_and_where() {
    assert_eq!(refusal("format: 1", "format: 2"), "format 2 was written by a newer hitl: upgrade");
    assert_eq!(
        refusal("rows: 40}", "rows: 41}"),
        "line 19: the labelers' rows, at least one each, sum to the shard's 42"
    );
    assert_eq!(refusal("task: \"tone\"", "task: null"), "line 3: a record of labels names its task");
    assert_eq!(refusal("actor: \"Ana", "actor:  \"Ana"), "not written by hitl: differs at line 4, column 8");
    assert_eq!(
        refusal("week46.csv", "week46\u{202e}.csv"),
        "not written by hitl: differs at line 10, column 16"
    );
    assert_eq!(
        refusal("week46", "week\u{1b}46"),
        "line 10, column 14: the character U+001B, which no manifest holds"
    );
    assert_eq!(refusal("message", "massage").split(':').next(), Some("line 33, column 1"));
    assert_eq!(
        refusal("  fresh: 40\n", "  fresh: 41\n"),
        "line 24: the origins' rows, at least one each, sum to the judgements: 42"
    );
    assert!(refusal("kind: labels", "kind: lables").starts_with("line 2, column 7: "));
    assert_eq!(parse(&[b'a'; MAX_BYTES + 1]).unwrap_err(), Error::TooLong { bytes: MAX_BYTES + 1 });
    assert_eq!(parse(b"format: 1\nk\xffnd").unwrap_err().place(), (2, 2));
}

#[test]
fn parents_are_sorted_named_once_and_few() {
    let ids: Vec<RecordId> = (0..65_u8).map(|n| RecordId(Digest([n; 32]))).collect();
    let with = |parents: Vec<RecordId>| parse(&emit(&Manifest { parents, ..example() })).map(|_| ());
    assert_eq!(with(ids[..64].to_vec()), Ok(()));
    assert!(with(ids.clone()).is_err());
    assert!(with(vec![ids[1], ids[0]]).is_err());
    assert!(with(vec![ids[1], ids[1]]).is_err());
}

#[test]
fn the_longest_manifests_are_read() {
    let table = |count| {
        (0..count).map(|n| (format!("\"worker\"-{n:06}"), LabelerUse { kind: LabelerKind::Human, rows: 1 }))
    };
    let shard = |rows| example().shard.map(|shard| Shard { rows, ..shard });
    let origins = |rows| BTreeMap::from([(Origin::Fresh, rows)]);
    let long = |rows| Manifest {
        labelers: Labelers::Listed(table(rows).collect()),
        shard: shard(rows),
        origins: origins(rows),
        ..example()
    };
    let most = (1000..2000).take_while(|rows| fits(&long(*rows))).last().unwrap();
    assert_eq!(parse(&emit(&long(most))), Ok(long(most)));
    assert!(matches!(parse(&emit(&long(most + 1))), Err(Error::TooLong { .. })));
    let records = (0..850_u32).map(|n| RecordId::of(&n.to_be_bytes())).collect();
    let filter = Filter { records, ..Filter::default() };
    let revert = Revert { filter, ..Revert::default() };
    let labelers = Labelers::Listed(BTreeMap::new());
    let (guidelines, origins) = (BTreeMap::new(), BTreeMap::new());
    let manifest = Manifest {
        kind: Kind::Reverts,
        task: None,
        schema_sha256: None,
        labelers,
        guidelines,
        origins,
        shard: None,
        rows_root: None,
        revert: Some(revert),
        ..example()
    };
    assert_eq!(parse(&emit(&manifest)), Ok(manifest));
}

#[test]
fn a_table_too_long_for_a_manifest_is_seen() {
    let table = (0..2000)
        .map(|n| (format!("worker-{n:06}"), LabelerUse { kind: LabelerKind::Human, rows: 1 }))
        .collect();
    let shard = example().shard.map(|shard| Shard { rows: 2000, ..shard });
    let origins = BTreeMap::from([(Origin::Fresh, 2000)]);
    let many = Manifest { labelers: Labelers::Listed(table), shard, origins, ..example() };
    assert!(!fits(&many));
    let moved = Manifest { labelers: Labelers::InShard, ..many };
    assert!(fits(&moved));
    assert_eq!(parse(&emit(&moved)).unwrap(), moved);
}
