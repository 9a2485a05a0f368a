//! Keys and roles are read with every fault at its place; one labeler is changed and all else stays.

use proptest::prelude::*;

use super::*;
use crate::config::{Faults, emit_initial_labelers};

const ANA: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJh8gxH6v3lq2yHh0m0yq5bZ0zqk6X0nq0Q2s0m0yq5b";
const BOB: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKh8gxH6v3lq2yHh0m0yq5bZ0zqk6X0nq0Q2s0m0yq5b";

fn parse(text: &str) -> Result<Labelers, Faults> {
    Labelers::parse(text, None)
}

fn key(text: &str) -> Key {
    Key { key: text.parse().unwrap(), valid_from: None, valid_until: None, compromised_since: None }
}

fn time(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn roles_keys_and_what_people_are_called_are_read() {
    let record = "a".repeat(64);
    let text = format!(
        "require_signed: {{after: {record}}}\nlabelers:\n  w01:\n    aliases: [Ana Ruiz, ana@lab.org]\n    roles: \
         [labeler, maintainer]\n    status: retired\n    availability: Mondays\n    specialisations: [law, 1]\n    \
         keys:\n      - {ANA} ana@laptop\n      - {{key: {BOB}, valid_from: 2026-01-01, valid_until: \
         2026-05-04T10:20:30+02:00, compromised_since: 2026-03-01}}\n  w02: {{kind: model}}\n"
    );
    let labelers = parse(&text).unwrap();
    assert_eq!(labelers.require_signed, Some(SignedAfter::Record(record.parse().unwrap())));
    let w01 = &labelers.labelers["w01"];
    assert_eq!((&w01.roles[..], w01.status), (&[Role::Labeler, Role::Maintainer][..], Status::Retired));
    assert_eq!(w01.availability.as_deref(), Some("Mondays"));
    assert_eq!(w01.specialisations, ["law", "1"]);
    let second = Key {
        valid_from: time("2026-01-01T00:00:00Z"),
        valid_until: time("2026-05-04T08:20:30Z"),
        compromised_since: time("2026-03-01"),
        ..key(BOB)
    };
    assert_eq!(w01.keys, [key(ANA), second.clone()]);
    let found = labelers.by_key(second.key.fingerprint());
    assert_eq!(found, Some(("w01", w01, &second)));
    assert_eq!(labelers.by_key(Digest::of(b"")), None);
    for (actor, id) in [
        ("w01", Some("w01")),
        ("Ana Ruiz <ana@other.org>", Some("w01")),
        ("A. Ruiz <ana@lab.org>", Some("w01")),
        ("w02 <>", Some("w02")),
        ("Ana <ana@other.org>", None),
        ("> <", None),
        ("", None),
    ] {
        assert_eq!(labelers.called(actor), id, "{actor}");
    }
    let start = parse("require_signed: {after: start}").unwrap();
    assert_eq!(start.require_signed, Some(SignedAfter::Start));
}

#[test]
fn every_fault_of_roles_and_keys_is_placed() {
    let text = format!(
        "require_signed: {{after: 12ab}}\nlabelers:\n  ana:\n    roles: [labler, curator, curator]\n    keys:\n      - \
         {ANA}\n      - key: {ANA}\n        valid_until: soon\n      - {{valid_from: 2026-01-01}}\n      - [a]\n  bob:\n    \
         keys:\n      - {{key: {ANA}, valid_from: 2026-02-01, valid_until: 2026-01-01, valid: 1}}\n      - ssh-dss \
         AAAA\n    availability: [x]\n  cleo: {{keys: {BOB}, roles: [lead]}}\n"
    );
    let faults = parse(&text).unwrap_err();
    insta::assert_snapshot!(faults);
    let start = parse("require_signed: {before: x}").unwrap_err();
    insta::assert_snapshot!(start, @"
    labelers.yaml:1:17: `require_signed` does not say after what; write `after: start` for all, or the id of the last record that need not be
    labelers.yaml:1:18: unknown field `before`; one of after
    ");
}

/// What people wrote, in all the ways they write it.
const FILE: &str = "\
# Who labels.
format: 1
closed: true   # nobody else

labelers:
  # The lab.
  w01:   # left-handed
    kind: human
    status: active   # since May
    keys:
      # her laptop
      - ANA ana@laptop   # new in May
      - key: BOB
        valid_from: 2026-01-01   # a Thursday
    # nothing else

  w02: {aliases: [w02@tool], kind: human}   # from the agency
  # Models.
  m-1:
    kind: model
# The end.
";

fn file() -> String {
    FILE.replace("ANA", ANA).replace("BOB", BOB)
}

/// Returns the lines that differ, as a diff shows them.
fn changed(before: &str, after: &str) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    let changes = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    let shown = |text: &str| text.replace(ANA, "ANA").replace(BOB, "BOB");
    changes.map(|change| format!("{}{}", change.tag(), shown(change.value()))).collect()
}

fn edited(text: &str, id: &str, edit: impl FnOnce(&mut Labeler)) -> String {
    let mut wanted = parse(text).unwrap().labelers[id].clone();
    edit(&mut wanted);
    let edited = edit_labelers(text, id, &wanted).expect("it can be followed");
    assert_eq!(parse(&edited).unwrap().labelers[id], wanted);
    changed(text, &edited)
}

#[test]
fn a_new_labeler_comes_last_and_comments_stay() {
    let mut wanted = parse("labelers: {x: {kind: human}}").unwrap().labelers["x"].clone();
    let shorter = edit_labelers(&file(), "w03", &wanted).unwrap();
    assert_eq!(changed(&file(), &shorter), "+  w03:\n+    kind: human\n");
    wanted.aliases = vec!["w03@tool".into(), "no".into()];
    wanted.roles = vec![Role::Labeler, Role::Curator];
    wanted.tasks = vec!["tone".into()];
    wanted.availability = Some("Mondays: 9 to 12".into());
    wanted.specialisations = vec!["law".into()];
    wanted.keys = vec![key(ANA), Key { valid_until: time("2026-05-04"), ..key(BOB) }];
    for text in ["", "labelers:", "labelers: {}   # nobody\n", "closed: false\r\nlabelers:\r\n", "# none"] {
        let edited = edit_labelers(text, "01", &wanted).unwrap();
        assert_eq!(parse(&edited).unwrap().labelers["01"], wanted, "{edited}");
        assert_eq!(edited.contains('\r'), text.contains('\r'), "{edited:?}");
    }
    let initial = emit_initial_labelers();
    let edited = edit_labelers(&initial, "w01", &wanted).unwrap();
    insta::assert_snapshot!(changed(&initial, &edited), @r#"
    -labelers: {}
    +labelers:
    +  w01:
    +    kind: human
    +    aliases: ["w03@tool", "no"]
    +    roles: [labeler, curator]
    +    tasks: [tone]
    +    specialisations: [law]
    +    availability: "Mondays: 9 to 12"
    +    keys:
    +      - ANA
    +      - key: BOB
    +        valid_until: 2026-05-04T00:00:00Z
    "#);
    let braces = "labelers: {a: {kind: model}, b: {}}   # two\n";
    insta::assert_snapshot!(edit_labelers(braces, "c", &wanted).unwrap(), @r#"
    labelers:   # two
      a:
        kind: model
      b:
        kind: human
      c:
        kind: human
        aliases: ["w03@tool", "no"]
        roles: [labeler, curator]
        tasks: [tone]
        specialisations: [law]
        availability: "Mondays: 9 to 12"
        keys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJh8gxH6v3lq2yHh0m0yq5bZ0zqk6X0nq0Q2s0m0yq5b
          - key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKh8gxH6v3lq2yHh0m0yq5bZ0zqk6X0nq0Q2s0m0yq5b
            valid_until: 2026-05-04T00:00:00Z
    "#);
}

#[test]
fn status_and_keys_change_in_place() {
    let text = file();
    let all = [
        edited(&text, "w01", |w01| w01.status = Status::Suspended),
        edited(&text, "w02", |w02| w02.status = Status::Retired),
        edited(&text, "m-1", |m1| m1.status = Status::Retired),
        edited(&text, "w01", |w01| {
            w01.status = Status::Retired;
            w01.keys.iter_mut().for_each(|key| key.valid_until = time("2026-05-04"));
            w01.keys[0].compromised_since = time("2026-05-03");
        }),
        edited(&text, "w01", |w01| w01.keys[1].valid_from = time("2026-01-02")),
        edited(
            &text
                .replace(&format!("      - key: {BOB}\n        valid_from: 2026-01-01   # a Thursday\n"), ""),
            "w01",
            |w01| {
                w01.keys.push(key(BOB));
            },
        ),
    ];
    insta::assert_snapshot!(all.join("---\n"), @r#"
    -    status: active   # since May
    +    status: suspended   # since May
    ---
    -  w02: {aliases: [w02@tool], kind: human}   # from the agency
    +  w02:   # from the agency
    +    kind: human
    +    status: retired
    +    aliases: ["w02@tool"]
    ---
    +    status: retired
    ---
    -    status: active   # since May
    +    status: retired   # since May
    -      - ANA ana@laptop   # new in May
    +      - key: ANA ana@laptop   # new in May
    +        valid_until: 2026-05-04T00:00:00Z
    +        compromised_since: 2026-05-03T00:00:00Z
    +        valid_until: 2026-05-04T00:00:00Z
    ---
    -        valid_from: 2026-01-01   # a Thursday
    +        valid_from: 2026-01-02T00:00:00Z   # a Thursday
    ---
    +      - BOB
    "#);
    let plain = format!("labelers:\n  a:\n    keys: [{ANA}]   # one\n  b:\n  c:\n    keys:\n");
    let bob = edited(&plain, "a", |a| a.keys.push(Key { valid_from: time("2026-01-01"), ..key(BOB) }));
    let nothing = edited(&plain, "b", |b| b.keys.push(key(BOB)));
    let empty = edited(&plain, "c", |c| c.keys.push(key(BOB)));
    let braces = format!("labelers:\n  a: {{keys: [{{key: {ANA}, valid_from: 2026-01-01}}]}}\n");
    let table = edited(&braces, "a", |a| a.keys[0].valid_until = time("2026-01-02"));
    let item = format!("labelers:\n  a:\n    keys:\n    - {{key: {ANA}}} # old\n    - {BOB}\n");
    let item = edited(&item, "a", |a| a.keys[0].valid_until = time("2026-01-02"));
    insta::assert_snapshot!([bob, nothing, empty, table, item].join("---\n"), @"
    -    keys: [ANA]   # one
    +    keys:   # one
    +      - ANA
    +      - key: BOB
    +        valid_from: 2026-01-01T00:00:00Z
    ---
    +    keys:
    +      - BOB
    ---
    +      - BOB
    ---
    -  a: {keys: [{key: ANA, valid_from: 2026-01-01}]}
    +  a:
    +    kind: human
    +    keys:
    +      - key: ANA
    +        valid_from: 2026-01-01T00:00:00Z
    +        valid_until: 2026-01-02T00:00:00Z
    ---
    -    - {key: ANA} # old
    +    - key: ANA   # old
    +      valid_until: 2026-01-02T00:00:00Z
    ");
}

#[test]
fn what_cannot_be_followed_is_left() {
    let same = |text: &str, edit: fn(&mut Labeler)| {
        let mut wanted = parse(text).unwrap().labelers["a"].clone();
        edit(&mut wanted);
        edit_labelers(text, "a", &wanted)
    };
    let retire: fn(&mut Labeler) = |a| a.status = Status::Retired;
    assert_eq!(same("labelers: &x\n  a: &y {kind: human}\n  b: *y\n", retire), None);
    assert_eq!(same("labelers:\n  a: {\n    kind: human   # a person\n  }\n", retire), None);
    assert_eq!(same("{labelers: {a: {kind: human}}}\n", retire), None);
    assert_eq!(same("labelers:\n  a: {kind: human}\n", |a| a.aliases.push("b".into())), None);
    assert_eq!(same("labelers:\n  ? a\n  : {kind: human}\n", retire), None);
    assert_eq!(edit_labelers("labelers: [", "a", &parse("labelers: {a: }").unwrap().labelers["a"]), None);
}

proptest! {
    #[test]
    fn whatever_is_edited_is_what_was_wanted(entry in "[a-z:\\- \n\\[\\]{},\"'&*!|>?#]{0,30}", indent in 0..3usize) {
        let text = format!("labelers:\n{}a: {entry}\n  b: {{}}\n", " ".repeat(indent));
        for (id, known) in parse(&text).unwrap_or_default().labelers {
            let wanted = Labeler { status: Status::Retired, keys: vec![key(ANA)], ..known };
            if let Some(edited) = edit_labelers(&text, &id, &wanted) {
                prop_assert_eq!(&parse(&edited).unwrap().labelers[&id], &wanted);
            }
        }
    }
}
