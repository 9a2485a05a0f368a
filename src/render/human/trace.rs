//! The story of one item, a block a judgement, in words that need no glossary.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::corrected::correction_line;
use super::{Style, Tone, elide, sanitize, wrap};
use crate::base::text::count;
use crate::record::{Kind, LabelerKind, Origin, RecordId};
use crate::trace::{
    Carried, CommitRef, Entry, Resolution, Standing, Taken, TaskTrace, TraceReport, Vote, When,
};

/// Columns of a text or rationale that are shown, over several lines.
const TEXT: usize = 300;
/// Columns of a label.
const LABEL: usize = 40;
/// Labelers named for one label.
const NAMED: usize = 6;

/// Writes `report` for people.
///
/// # Errors
/// Whatever writing meets.
pub fn trace(report: &TraceReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let item = style.paint(Tone::Heading, &format!("item {}", sanitize(&report.item)));
    writeln!(out, "{item}  {}", style.paint(Tone::Dim, "(times are UTC)"))?;
    if let Some(text) = &report.text {
        for words in [&text.text, &text.uri].into_iter().flatten() {
            paragraph(2, &elide(&sanitize(words), TEXT), None, style, out)?;
        }
    }
    if report.tasks.is_empty() {
        writeln!(out, "\nNobody has judged it.")?;
    }
    for task in &report.tasks {
        story(task, style, out)?;
    }
    snapshots(report, style, out)?;
    if !report.unknown_snapshots.is_empty() {
        let names = report.unknown_snapshots.join(", ");
        let note = format!(
            "Cannot be rebuilt here, so it is not known whether they hold it: {names}. See hitl fsck."
        );
        paragraph(2, &note, Some(Tone::Warn), style, out)?;
    }
    if report.unreached > 0 {
        let records = count(report.unreached as usize, "record");
        let note = format!(
            "The commits of {records} named above cannot be shown: history does not reach them here. In a shallow \
             clone, git fetch --unshallow brings them."
        );
        writeln!(out)?;
        paragraph(0, &note, Some(Tone::Warn), style, out)?;
    }
    Ok(())
}

/// Writes `text`, sanitized, over as many lines as it takes.
fn paragraph(
    indent: usize,
    text: &str,
    tone: Option<Tone>,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    for line in wrap(text, style.width.saturating_sub(indent)) {
        let line = tone.map_or_else(|| line.clone(), |tone| style.paint(tone, &line));
        writeln!(out, "{:indent$}{line}", "")?;
    }
    Ok(())
}

fn story(task: &TaskTrace, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let resolved = &task.resolved;
    if task.entries.iter().all(|entry| entry.kind == Kind::Corrections) {
        let all = count(task.entries.len(), "review");
        writeln!(
            out,
            "\n{}: {all}, and nobody labelled it",
            style.paint(Tone::Heading, &sanitize(&task.task))
        )?;
        return task.entries.iter().try_for_each(|entry| judgement(entry, style, out));
    }
    let label = match &resolved.label {
        Some(label) => style.paint(Tone::Good, &elide(&sanitize(label), LABEL)),
        None => style.paint(Tone::Warn, "unresolved"),
    };
    writeln!(out, "\n{}: {label}", style.paint(Tone::Heading, &sanitize(&task.task)))?;
    paragraph(2, &why(resolved), None, style, out)?;
    task.entries.iter().try_for_each(|entry| judgement(entry, style, out))
}

/// Returns why the item comes to what it does, as a sentence.
fn why(resolved: &Resolution) -> String {
    let number: usize = resolved.votes.iter().map(|vote| vote.labelers.len()).sum();
    let labels = count(number, "label");
    let votes = if number == 0 { "nobody".to_owned() } else { said(&resolved.votes) };
    let decided = said(&resolved.adjudications);
    let mut text = match resolved.why {
        "adjudication" => format!("adjudicated: {decided}; labelled: {votes}"),
        "policy" => format!("by {} of {labels}: {votes}", resolved.policy),
        "tie" => format!("a tie, by {} of {labels}: {votes}", resolved.policy),
        "unknown" => format!("what {} finds could not be told: {votes}", resolved.policy),
        "disagreement" => format!("not unanimous: {votes}"),
        "conflict" if !resolved.adjudications.is_empty() => {
            format!("adjudications contradict each other: {decided}")
        }
        "abstained" => format!("an adjudication leaves it without a label; labelled: {votes}"),
        "conflict" => "its only labels contradict each other".to_owned(),
        _ if number == 0 => "no label of a person counts".to_owned(),
        _ => format!("{labels}, and {} are wanted: {votes}", resolved.min_labels),
    };
    for (people, what) in
        [(&resolved.abstained, "abstained"), (&resolved.in_conflict, "at odds with their own labels")]
    {
        if !people.is_empty() {
            text += &format!("; {what}: {}", names(people));
        }
    }
    text
}

fn said(votes: &[Vote]) -> String {
    let vote = |vote: &Vote| format!("{} ({})", elide(&sanitize(&vote.label), LABEL), names(&vote.labelers));
    votes.iter().map(vote).collect::<Vec<_>>().join(", ")
}

fn names(labelers: &[String]) -> String {
    let (named, more) = labelers.split_at(labelers.len().min(NAMED));
    let named = named.iter().map(|name| sanitize(name)).collect::<Vec<_>>().join(", ");
    if more.is_empty() { named } else { format!("{named} and {} more", more.len()) }
}

fn judgement(entry: &Entry, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let who = match entry.labeler_kind {
        LabelerKind::Human => sanitize(&entry.labeler).into_owned(),
        kind => format!("{} ({kind})", sanitize(&entry.labeler)),
    };
    let verb = match (entry.kind, &entry.label) {
        (Kind::Corrections, _) => match entry.correction.as_ref().and_then(|one| one.verdict.as_deref()) {
            Some("approved") => "approved it",
            Some("rejected") => "rejected it",
            Some("suggested") => "suggested another text",
            _ => "corrected it",
        },
        (_, None) => "abstained",
        (Kind::Adjudications, _) => "decided",
        (Kind::Predictions, _) => "predicted",
        _ => "said",
    };
    let label = match (&entry.label, entry.kind) {
        (Some(label), kind) if kind != Kind::Corrections => format!(" {}", elide(&sanitize(label), LABEL)),
        _ => String::new(),
    };
    let (state, tone) = match entry.state {
        Standing::Current => ("counts", Tone::Good),
        Standing::Superseded => ("superseded", Tone::Dim),
        Standing::Reverted => ("taken back", Tone::Bad),
        Standing::Conflict => ("in conflict, does not count", Tone::Warn),
    };
    let head = format!("{}  {who} {verb}{label}", entry.when.minute());
    // What no longer counts steps back.
    let counts = matches!(entry.state, Standing::Current | Standing::Conflict);
    let head = style.paint(if counts { Tone::Heading } else { Tone::Dim }, &head);
    writeln!(out, "\n  {head}  [{}]", style.paint(tone, state))?;
    correction(entry, style, out)?;
    paragraph(4, &how(entry), None, style, out)?;
    if let Some(rationale) = &entry.rationale {
        paragraph(4, &format!("because \"{}\"", elide(&sanitize(rationale), TEXT)), None, style, out)?;
    }
    if let Some(error) = &entry.error_type {
        writeln!(out, "    what went wrong: {}", sanitize(error))?;
    }
    if let Some(gap) = &entry.guideline_gap {
        let gap = format!("the guideline does not say: \"{}\"", elide(&sanitize(gap), TEXT));
        paragraph(4, &gap, None, style, out)?;
    }
    became(entry, style, out)?;
    entry.carried.iter().try_for_each(|one| carried(one, style, out))
}

fn correction(entry: &Entry, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let Some(correction) = &entry.correction else { return Ok(()) };
    for (what, text) in [
        ("verdict", &correction.verdict),
        ("original", &correction.original),
        ("corrected", &correction.corrected),
        ("reason", &correction.reason),
        ("written by", &correction.source),
    ] {
        if let Some(text) = text {
            paragraph(4, &format!("{what}: {}", elide(&sanitize(text), TEXT)), None, style, out)?;
        }
    }
    match correction.left_out.as_deref() {
        None => Ok(()),
        Some([]) => {
            paragraph(4, "to be learned from, as far as this item tells", Some(Tone::Good), style, out)
        }
        Some(reasons) => {
            let reasons: Vec<&str> = reasons.iter().map(|reason| reason.words()).collect();
            let text = format!("not learned from: {}", reasons.join("; "));
            paragraph(4, &text, Some(Tone::Warn), style, out)
        }
    }
}

/// Returns under which text, after seeing what, and how surely a judgement was made.
fn how(entry: &Entry) -> String {
    let mut parts = Vec::new();
    if entry.when_is == When::RecordedAt {
        parts.push("its source had no time: the time is that of its record".to_owned());
    }
    if let Some(guideline) = &entry.guideline {
        let pinned =
            guideline.sha256.map(|sha256| format!(" (sha256 {})", sha256.short(10))).unwrap_or_default();
        parts.push(format!("under {}{pinned}", sanitize(&guideline.version)));
    }
    parts.push(seen(entry));
    parts.extend(entry.confidence.map(|confidence| format!("confidence {confidence}")));
    parts.extend(entry.duration_ms.map(|duration| format!("took {:.1} s", duration as f64 / 1000.0)));
    parts.extend(entry.source_id.as_ref().map(|id| format!("annotation {}", sanitize(id))));
    parts.join("; ")
}

/// Returns what guess was in sight.
fn seen(entry: &Entry) -> String {
    let guess = entry.shown.as_ref().map(|shown| {
        let by = entry.shown_by.as_deref().map_or_else(String::new, |by| format!(" of {}", sanitize(by)));
        format!("the guess {}{by}", elide(&sanitize(shown), LABEL))
    });
    let named = guess.as_deref().unwrap_or("a machine's guess");
    match entry.origin {
        Origin::Fresh => "without a guess in sight".to_owned(),
        Origin::Confirmed => format!("confirmed {named}"),
        Origin::Changed => format!("saw {named} and chose otherwise"),
        Origin::Switched => format!("moved after seeing {named}"),
        Origin::Adjudicated => "settled a disagreement".to_owned(),
        Origin::Unknown if guess.is_some() => format!("shown {named}"),
        Origin::Unknown => "the source does not say whether a guess was shown".to_owned(),
    }
}

/// Tells what became of a judgement.
fn became(entry: &Entry, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if let Some(later) = &entry.superseded_by {
        let when = later.created_at.map_or_else(String::new, |time| format!(" on {}", time.minute()));
        let who = if later.labeler == entry.labeler {
            String::new()
        } else {
            format!(" by {}", sanitize(&later.labeler))
        };
        let label = later.label.as_deref().map_or_else(|| "an abstention".into(), sanitize);
        let label = elide(&label, LABEL);
        writeln!(out, "    replaced{when}{who} by {label} in {}", short(&later.record, style))?;
    }
    for taken in &entry.reverted_by {
        turn("taken back", Tone::Bad, taken, style, out)?;
    }
    for undone in &entry.undone {
        turn("taken back", Tone::Dim, &undone.revert, style, out)?;
        for by in &undone.taken_back_by {
            turn("restored", Tone::Good, by, style, out)?;
        }
    }
    Ok(())
}

/// Writes who took back or restored, when, why and in which commit.
fn turn(what: &str, tone: Tone, taken: &Taken, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let when = taken.recorded_at.minute();
    let what = style.paint(tone, what);
    writeln!(out, "    {what} {when} by {} in {}", sanitize(&taken.actor), short(&taken.record, style))?;
    if !taken.message.is_empty() {
        paragraph(6, &format!("because \"{}\"", elide(&sanitize(&taken.message), TEXT)), None, style, out)?;
    }
    commit(taken.commit.as_ref(), style, out)
}

/// Writes where a judgement lies and how it came there.
fn carried(carried: &Carried, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let covered = if carried.reverted { " (taken back)" } else { "" };
    writeln!(out, "    row {}{covered} of record {}", carried.row, short(&carried.record, style))?;
    let source = carried.source.as_ref();
    let from = source.map_or_else(String::new, |source| {
        format!(" from {} (sha256 {})", sanitize(&source.file), source.sha256.short(10))
    });
    let (when, who) = (carried.recorded_at.minute(), sanitize(&carried.actor));
    paragraph(6, &format!("recorded {when} by {who}{from}"), None, style, out)?;
    commit(carried.commit.as_ref(), style, out)
}

fn commit(commit: Option<&CommitRef>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let Some(commit) = commit else {
        return writeln!(out, "      {}", style.paint(Tone::Warn, "commit: history does not reach it"));
    };
    let id: String = commit.id.chars().take(10).collect();
    let (when, who) = (commit.time.minute(), sanitize(&commit.author));
    writeln!(out, "      committed {when} by {who} in {}", style.paint(Tone::Id, &sanitize(&id)))
}

fn short(id: &RecordId, style: &Style) -> String {
    style.paint(Tone::Id, &id.short())
}

fn snapshots(report: &TraceReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.snapshots.is_empty() {
        return writeln!(out, "\nIn no snapshot.");
    }
    let names: BTreeSet<&str> = report.snapshots.iter().map(|one| one.name.as_str()).collect();
    writeln!(out, "\nIn {}", count(names.len(), "snapshot"))?;
    for one in &report.snapshots {
        let split = one.split.as_deref().map_or_else(String::new, |split| format!(" in {}", sanitize(split)));
        let name = style.paint(Tone::Id, &sanitize(&one.name));
        let label = correction_line(&one.label, style)
            .unwrap_or_else(|| elide(&sanitize(&one.label), LABEL).into_owned());
        writeln!(out, "  {name} as {label}{split} ({})", sanitize(&one.task))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Digest, Timestamp};
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
        }
    }

    fn taken(name: &str, message: &str) -> Taken {
        Taken {
            record: record(name),
            actor: "Raj <raj@example.org>".into(),
            recorded_at: at(3000),
            message: message.into(),
            commit: Some(commit_ref()),
        }
    }

    fn entry(labeler: &str, label: &str, minute: i64, state: Standing) -> Entry {
        Entry {
            when: at(minute),
            when_is: When::CreatedAt,
            kind: Kind::Labels,
            labeler: labeler.into(),
            labeler_kind: LabelerKind::Human,
            label: Some(label.into()),
            correction: None,
            guideline: Some(Guideline { version: "tone@2".into(), sha256: Some(Digest::of(b"tone")) }),
            origin: Origin::Fresh,
            shown: None,
            shown_by: None,
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
                reverted: state == Standing::Reverted,
                actor: "Ana Lopez <ana@example.org>".into(),
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
        let undone = Undone {
            revert: taken("first", "wrong batch"),
            taken_back_by: vec![taken("second", "was right")],
        };
        let mut lost = entry("raj", "negative", 65, Standing::Current);
        lost.when_is = When::RecordedAt;
        lost.carried[0].commit = None;
        lost.guideline = None;
        lost.origin = Origin::Unknown;
        let entries = vec![
            Entry { superseded_by: Some(later), ..entry("ana", "neutral", 2, Standing::Superseded) },
            Entry {
                origin: Origin::Confirmed,
                shown: Some("positive".into()),
                shown_by: Some("model-1".into()),
                reverted_by: vec![taken("revert", "eve clicked through: 3 s an item\u{1b}[2J")],
                ..entry("eve", "positive", 9, Standing::Reverted)
            },
            Entry {
                rationale: Some("the box was open".into()),
                undone: vec![undone],
                ..entry("ana", "negative", 20, Standing::Current)
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
        let text =
            "The parcel came a week late, the box was open and the lamp that I had ordered was missing.";
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
            under tone@2 (sha256 00cf4ce393); without a guess in sight; took 4.2 s
            replaced on 2026-01-05 00:20 by negative in 670d017edb
            row 3 of record 670d017edb
              recorded 2026-01-05 01:05 by Ana Lopez <ana@example.org> from week1.csv
              (sha256 d9323849c9)
              committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01

          2026-01-05 00:09  eve said positive  [taken back]
            under tone@2 (sha256 00cf4ce393); confirmed the guess positive of model-1;
            took 4.2 s
            taken back 2026-01-07 02:00 by Raj <raj@example.org> in 34df3ad32c
              because "eve clicked through: 3 s an item\u{1b}[2J"
              committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01
            row 3 (taken back) of record 670d017edb
              recorded 2026-01-05 01:05 by Ana Lopez <ana@example.org> from week1.csv
              (sha256 d9323849c9)
              committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01

          2026-01-05 00:20  ana said negative  [counts]
            under tone@2 (sha256 00cf4ce393); without a guess in sight; took 4.2 s
            because "the box was open"
            taken back 2026-01-07 02:00 by Raj <raj@example.org> in 560afc96cb
              because "wrong batch"
              committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01
            restored 2026-01-07 02:00 by Raj <raj@example.org> in 1a50633374
              because "was right"
              committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01
            row 3 of record 670d017edb
              recorded 2026-01-05 01:05 by Ana Lopez <ana@example.org> from week1.csv
              (sha256 d9323849c9)
              committed 2026-01-05 01:10 by Ana Lopez <ana@example.org> in 9f31c2ab01

          2026-01-05 01:05  raj said negative  [counts]
            its source had no time: the time is that of its record; the source does not
            say whether a guess was shown; took 4.2 s
            row 3 of record 670d017edb
              recorded 2026-01-05 01:05 by Ana Lopez <ana@example.org> from week1.csv
              (sha256 d9323849c9)
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
}
