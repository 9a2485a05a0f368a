//! How a trace reads.

use super::*;
use crate::authority::Standing;
use crate::base::{Digest, Timestamp};
use crate::trace::Attribution;
use crate::trace::{Guideline, ItemText, Later, SnapshotUse, SourceFile, Undone};

fn at(minute: i64) -> Timestamp {
    "2026-01-05".parse::<Timestamp>().unwrap().plus_micros(minute * 60_000_000)
}

fn record(name: &str) -> RecordId {
    RecordId::of(name.as_bytes())
}

fn commit_ref() -> CommitRef {
    CommitRef {
        id: "9f31c2ab01d4c7".into(),
        author: "Ana Lopez <ana@example.org>".into(),
        time: at(70),
        subject: "labels".into(),
        signed: None,
        signer: None,
    }
}

fn taken(name: &str, message: &str) -> Taken {
    Taken {
        record: record(name),
        actor: "Raj <raj@example.org>".into(),
        recorded_at: at(3000),
        message: message.into(),
        standing: Some(Standing::default()),
        commit: Some(commit_ref()),
    }
}

fn entry(labeler: &str, label: &str, minute: i64, state: State) -> Entry {
    Entry {
        when: at(minute),
        when_is: When::CreatedAt,
        kind: Kind::Labels,
        labeler: labeler.into(),
        labeler_kind: LabelerKind::Human,
        label: Some(label.into()),
        correction: None,
        guideline: Some(Guideline {
            version: "tone@2".into(),
            sha256: Some(Digest::of(b"tone")),
            record: Some(record("guideline")),
            first_line: Some("Judge the writer's tone.".into()),
        }),
        origin: Origin::Fresh,
        shown: None,
        shown_by: None,
        shown_in: None,
        source_id: None,
        confidence: None,
        duration_ms: Some(4210),
        rationale: None,
        error_type: None,
        guideline_gap: None,
        state,
        superseded_by: None,
        reverted_by: vec![],
        undone: vec![],
        carried: vec![Carried {
            record: record("batch"),
            row: 3,
            reverted: state == State::Reverted,
            actor: "Ana Lopez <ana@example.org>".into(),
            standing: Some(Standing::default()),
            labelled: Attribution::Claimed("ana".into()),
            recorded_at: at(65),
            source: Some(SourceFile { file: "week1.csv".into(), sha256: Digest::of(b"week1") }),
            commit: Some(commit_ref()),
        }],
    }
}

fn report() -> TraceReport {
    let later = Later {
        labeler: "ana".into(),
        label: Some("negative".into()),
        created_at: Some(at(20)),
        record: record("batch"),
    };
    let undone =
        Undone { revert: taken("first", "wrong batch"), taken_back_by: vec![taken("second", "was right")] };
    let mut lost = entry("raj", "negative", 65, State::Current);
    lost.when_is = When::RecordedAt;
    lost.carried[0].commit = None;
    lost.guideline = None;
    lost.origin = Origin::Unknown;
    let entries = vec![
        Entry { superseded_by: Some(later), ..entry("ana", "neutral", 2, State::Superseded) },
        Entry {
            origin: Origin::Confirmed,
            shown: Some("positive".into()),
            shown_by: Some("model-1".into()),
            reverted_by: vec![taken("revert", "eve clicked through: 3 s an item\u{1b}[2J")],
            ..entry("eve", "positive", 9, State::Reverted)
        },
        Entry {
            rationale: Some("the box was open".into()),
            undone: vec![undone],
            ..entry("ana", "negative", 20, State::Current)
        },
        lost,
    ];
    let vote = |label: &str, labelers: &[&str]| Vote {
        label: label.into(),
        labelers: labelers.iter().map(|name| (*name).to_owned()).collect(),
    };
    let resolved = Resolution {
        label: Some("negative".into()),
        why: "policy",
        policy: "majority",
        min_labels: 1,
        votes: vec![vote("negative", &["ana", "raj"])],
        abstained: vec!["bob".into()],
        in_conflict: vec![],
        adjudications: vec![],
    };
    let text = "The parcel came a week late, the box was open and the lamp that I had ordered was missing.";
    TraceReport {
        schema: "hitl.trace/1",
        item: "demo-017".into(),
        text: Some(ItemText { text: Some(text.into()), uri: None, record: record("items") }),
        tasks: vec![TaskTrace { task: "tone".into(), resolved, entries }],
        snapshots: vec![SnapshotUse {
            name: "v1".into(),
            task: "tone".into(),
            label: "positive".into(),
            split: Some("train".into()),
        }],
        unknown_snapshots: vec![],
        unreached: 1,
    }
}

fn text(report: &TraceReport, style: Style) -> String {
    let mut out = Vec::new();
    trace(report, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_story_reads_from_top_to_bottom() {
    insta::assert_snapshot!(text(&report(), Style::PLAIN), @r#"
    item demo-017  (times are UTC)
      The parcel came a week late, the box was open and the lamp that I had ordered
      was missing.

    tone: negative
      by majority of 2 labels: negative (ana, raj); abstained: bob

      2026-01-05 00:02  ana said neutral  [superseded]
        under tone@2 "Judge the writer's tone." (sha256 00cf4ce393 in record
        ae1c9fd216); without a guess in sight; took 4.2 s
        replaced on 2026-01-05 00:20 by negative in 670d017edb
        row 3 of record 670d017edb: labelled by ana (claimed by ana)
          recorded 2026-01-05 01:05 by Ana Lopez <ana@example.org> (unsigned) from
          week1.csv (sha256 d9323849c9)
          committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01

      2026-01-05 00:09  eve said positive  [taken back]
        under tone@2 "Judge the writer's tone." (sha256 00cf4ce393 in record
        ae1c9fd216); confirmed the guess positive of model-1; took 4.2 s
        taken back 2026-01-07 02:00 by Raj <raj@example.org> (unsigned) in
        34df3ad32c
          because "eve clicked through: 3 s an item\u{1b}[2J"
          committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01
        row 3 (taken back) of record 670d017edb: labelled by eve (claimed by ana)
          recorded 2026-01-05 01:05 by Ana Lopez <ana@example.org> (unsigned) from
          week1.csv (sha256 d9323849c9)
          committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01

      2026-01-05 00:20  ana said negative  [counts]
        under tone@2 "Judge the writer's tone." (sha256 00cf4ce393 in record
        ae1c9fd216); without a guess in sight; took 4.2 s
        because "the box was open"
        taken back 2026-01-07 02:00 by Raj <raj@example.org> (unsigned) in
        560afc96cb
          because "wrong batch"
          committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01
        restored 2026-01-07 02:00 by Raj <raj@example.org> (unsigned) in 1a50633374
          because "was right"
          committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01
        row 3 of record 670d017edb: labelled by ana (claimed by ana)
          recorded 2026-01-05 01:05 by Ana Lopez <ana@example.org> (unsigned) from
          week1.csv (sha256 d9323849c9)
          committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01

      2026-01-05 01:05  raj said negative  [counts]
        its source had no time: the time is that of its record; the source does not
        say whether a guess was shown; took 4.2 s
        row 3 of record 670d017edb: labelled by raj (claimed by ana)
          recorded 2026-01-05 01:05 by Ana Lopez <ana@example.org> (unsigned) from
          week1.csv (sha256 d9323849c9)
          commit: history does not reach it

    In 1 snapshot
      v1 as positive in train (tone)

    The commits of 1 record named above cannot be shown: history does not reach them
    here. In a shallow clone, git fetch --unshallow brings them.
    "#);
}

#[test]
fn colour_only_repeats_the_words() {
    let colored = text(&report(), Style { color: true, width: 80 });
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), text(&report(), Style::PLAIN));
    assert!(!colored.contains("\u{1b}[2J"));
}

#[test]
fn an_item_nobody_judged_is_told_as_such() {
    let report = TraceReport { tasks: vec![], snapshots: vec![], unreached: 0, ..report() };
    assert!(text(&report, Style::PLAIN).ends_with("\nNobody has judged it.\n\nIn no snapshot.\n"));
}
