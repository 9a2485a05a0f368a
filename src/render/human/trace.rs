//! The story of one item, a block a judgement, in words that need no glossary.

mod usage;
mod why;

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::corrected::correction_line;
use super::{Style, Tone, elide, sanitize, wrap};
use crate::authority::Standing;
use crate::base::text::count;
use crate::ledger::State;
use crate::record::{Kind, LabelerKind, Origin, RecordId};
use crate::render::standing;
use crate::trace::{Carried, CommitRef, Entry, Resolution, Taken, TaskTrace, TraceReport, Vote, When};

pub use usage::trace_use;
pub use why::trace_snapshot;

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
pub(super) fn paragraph(
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

/// Writes `text` like a [`paragraph`], with the first of each of `words` in its tone.
pub(super) fn marked(
    indent: usize,
    text: &str,
    words: &[(Tone, &str)],
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut words = words.to_vec();
    for mut line in wrap(text, style.width.saturating_sub(indent)) {
        // Painted last: what colours take is no width.
        words.retain(|(tone, word)| match line.contains(word) {
            true => {
                line = line.replacen(word, &style.paint(*tone, word), 1);
                false
            }
            false => true,
        });
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
        return task.entries.iter().try_for_each(|entry| judgement(entry, stands(entry), style, out));
    }
    let label = match &resolved.label {
        Some(label) => style.paint(Tone::Good, &elide(&sanitize(label), LABEL)),
        None => style.paint(Tone::Warn, "unresolved"),
    };
    writeln!(out, "\n{}: {label}", style.paint(Tone::Heading, &sanitize(&task.task)))?;
    paragraph(2, &why(resolved), None, style, out)?;
    task.entries.iter().try_for_each(|entry| judgement(entry, stands(entry), style, out))
}

/// Returns what has become of a judgement, in a word or two.
fn stands(entry: &Entry) -> (Tone, &'static str) {
    let is_inert = |one: &Carried| standing::refused(one.standing.as_ref()).is_some();
    match entry.state {
        State::Current if !entry.carried.is_empty() && entry.carried.iter().all(is_inert) => {
            (Tone::Warn, "counts here, and not for new snapshots")
        }
        State::Current => (Tone::Good, "counts"),
        State::Superseded => (Tone::Dim, "superseded"),
        State::Reverted => (Tone::Bad, "taken back"),
        State::Conflict => (Tone::Warn, "in conflict, does not count"),
    }
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

/// Writes a judgement with what it is worth, in a word or two.
fn judgement(
    entry: &Entry,
    (tone, worth): (Tone, &str),
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
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
    let head = format!("{}  {who} {verb}{label}", entry.when.minute());
    // What no longer counts steps back.
    let counts = matches!(entry.state, State::Current | State::Conflict);
    let head = style.paint(if counts { Tone::Heading } else { Tone::Dim }, &head);
    writeln!(out, "\n  {head}  [{}]", style.paint(tone, worth))?;
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
    entry.carried.iter().try_for_each(|one| carried(one, entry, style, out))
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
        let held =
            guideline.record.map(|record| format!(" in record {}", record.short())).unwrap_or_default();
        let pinned = guideline
            .sha256
            .map(|sha256| format!(" (sha256 {}{held})", sha256.short(10)))
            .unwrap_or_default();
        let begins = guideline.first_line.as_ref();
        let begins = begins.map(|line| format!(" \"{}\"", elide(&sanitize(line), LABEL))).unwrap_or_default();
        parts.push(format!("under {}{begins}{pinned}", sanitize(&guideline.version)));
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
        let held = entry.shown_in.map(|record| format!(" in record {}", record.short())).unwrap_or_default();
        format!("the guess {}{by}{held}", elide(&sanitize(shown), LABEL))
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
    let who = standing::recorder(&taken.actor, taken.standing.as_ref());
    let record = taken.record.short();
    let text = format!("{what} {when} by {} in {record}", sanitize(&who));
    marked(4, &text, &[(tone, what), (Tone::Id, &record)], style, out)?;
    inert(taken.standing.as_ref(), style, out)?;
    if !taken.message.is_empty() {
        paragraph(6, &format!("because \"{}\"", elide(&sanitize(&taken.message), TEXT)), None, style, out)?;
    }
    commit(taken.commit.as_ref(), style, out)
}

/// Writes where a judgement lies, on whose word it is its labeler's, and how it came there.
fn carried(carried: &Carried, entry: &Entry, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let covered = if carried.reverted { " (taken back)" } else { "" };
    let labelled = standing::labelled(entry.kind, &entry.labeler, &carried.labelled);
    let record = carried.record.short();
    let text = format!("row {}{covered} of record {record}: {}", carried.row, sanitize(&labelled));
    marked(4, &text, &[(Tone::Id, &record)], style, out)?;
    let source = carried.source.as_ref();
    let from = source.map_or_else(String::new, |source| {
        format!(" from {} (sha256 {})", sanitize(&source.file), source.sha256.short(10))
    });
    let who = standing::recorder(&carried.actor, carried.standing.as_ref());
    let (when, who) = (carried.recorded_at.minute(), sanitize(&who));
    paragraph(6, &format!("recorded {when} by {who}{from}"), None, style, out)?;
    inert(carried.standing.as_ref(), style, out)?;
    commit(carried.commit.as_ref(), style, out)
}

/// Says why a record does not count for new snapshots, where that is so.
fn inert(made: Option<&Standing>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    match standing::refused(made) {
        Some(why) => {
            let text = format!("does not count for new snapshots: {}", sanitize(&why));
            paragraph(6, &text, Some(Tone::Bad), style, out)
        }
        None => Ok(()),
    }
}

fn commit(commit: Option<&CommitRef>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let Some(commit) = commit else {
        return writeln!(out, "      {}", style.paint(Tone::Warn, "commit: history does not reach it"));
    };
    let id: String = commit.id.chars().take(10).collect();
    let (when, who) = (commit.time.minute(), sanitize(&commit.author));
    let signed = match (commit.signed, &commit.signer) {
        (_, Some(signer)) => format!(" ({})", standing::signer(signer)),
        (Some(true), None) => " (signed, and not with a plain SSH key)".to_owned(),
        (Some(false), None) => " (not signed)".to_owned(),
        (None, None) => String::new(),
    };
    let id = sanitize(&id);
    let text = format!("committed {when} by {who} in {id}{}", sanitize(&signed));
    marked(6, &text, &[(Tone::Id, &id)], style, out)
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
mod tests;
