//! Why a snapshot holds an item's label, in numbered steps.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::super::corrected::correction_line;
use super::super::{Style, Tone, elide, sanitize};
use super::{LABEL, judgement, paragraph, stands, why};
use crate::base::text::{count, plural};
use crate::ops::trace::{Weighed, Weight, WhyReport};
use crate::record::{Policy, RecordId};
use crate::render::standing;
use crate::trace::Entry;

/// Writes the steps.
///
/// # Errors
/// Whatever writing meets.
pub fn trace_snapshot(report: &WhyReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let name = sanitize(&report.snapshot);
    let held: Vec<String> = report.held.iter().map(|one| label(&one.label, style)).collect();
    let heading = match held.as_slice() {
        [] => format!("Snapshot {name} holds no label of item {}", sanitize(&report.item)),
        all => format!("Why snapshot {name} holds {} for item {}", all.join(", "), sanitize(&report.item)),
    };
    writeln!(out, "{}  {}", style.paint(Tone::Heading, &heading), style.paint(Tone::Dim, "(times are UTC)"))?;
    if let Some(text) = report.text.as_ref().and_then(|text| text.text.as_ref()) {
        paragraph(2, &elide(&sanitize(text), super::TEXT), None, style, out)?;
    }
    pinned(report, style, out)?;
    let (counted, others): (Vec<&Weighed>, Vec<&Weighed>) =
        report.judgements.iter().partition(|one| one.counted);
    step(2, "What counted then", style, out)?;
    if counted.is_empty() {
        writeln!(out, "   nothing")?;
    }
    counted.iter().try_for_each(|one| judgement(&one.entry, (Tone::Good, "counted"), style, out))?;
    step(3, "What did not count", style, out)?;
    left_out(&others, style, out)?;
    made(report, style, out)?;
    today(report, style, out)
}

fn step(number: u8, what: &str, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{}", style.paint(Tone::Heading, &format!("{number}. {what}")))
}

fn label(label: &str, style: &Style) -> String {
    correction_line(label, style).unwrap_or_else(|| elide(&sanitize(label), LABEL).into_owned())
}

fn pinned(report: &WhyReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let lock = &report.lock;
    step(1, "What the lock pins", style, out)?;
    let who = standing::recorder(&lock.actor, Some(&lock.standing));
    let made = format!("{} was made {} by {}", report.snapshot, lock.created_at.minute(), who);
    paragraph(3, &sanitize(&made), None, style, out)?;
    if let Some(why) = standing::refused(Some(&lock.standing)) {
        paragraph(3, &format!("against it: {}", sanitize(&why)), Some(Tone::Bad), style, out)?;
    }
    let policy = &lock.policy;
    let least = count(policy.min_labels as usize, "label");
    let rule = format!(
        "task {}, policy {} version {}, at least {least} an item",
        sanitize(&report.task),
        policy.name.as_str(),
        policy.version
    );
    paragraph(3, &rule, None, style, out)?;
    let heads: Vec<String> = lock.heads.iter().take(4).map(RecordId::short).collect();
    let more = match lock.heads.len().saturating_sub(heads.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let records = plural(usize::try_from(lock.records).unwrap_or(usize::MAX), "record", "records");
    let they = if lock.heads.len() == 1 { "it was" } else { "they were" };
    let records = format!("{records}: {}{more} and what {they} made on top of", heads.join(", "));
    paragraph(3, &records, None, style, out)?;
    if !lock.inert.is_empty() {
        let ids: Vec<String> = lock.inert.iter().map(RecordId::short).collect();
        paragraph(
            3,
            &format!("left out of them, since they did not count: {}", ids.join(", ")),
            None,
            style,
            out,
        )?;
    }
    Ok(())
}

/// Writes the judgements that did not count, those with one reason under it.
fn left_out(others: &[&Weighed], style: &Style, out: &mut impl Write) -> io::Result<()> {
    if others.is_empty() {
        return writeln!(out, "   nothing: all that was said of it counted");
    }
    let mut reasons: BTreeMap<Weight, Vec<&Entry>> = BTreeMap::new();
    for one in others {
        reasons.entry(one.why).or_default().push(&one.entry);
    }
    for (why, entries) in reasons {
        let (reason, worth) = reason(why);
        writeln!(out)?;
        paragraph(2, reason, Some(Tone::Warn), style, out)?;
        for entry in entries {
            let worth = worth.map_or_else(|| format!("today: {}", stands(entry).1), str::to_owned);
            judgement(entry, (Tone::Dim, &worth), style, out)?;
        }
    }
    Ok(())
}

/// Returns why a judgement did not count, and what it was in a word or two; of one that was not there, what it is today.
fn reason(why: Weight) -> (&'static str, Option<&'static str>) {
    match why {
        Weight::Overruled => ("A decision stood above:", Some("overruled")),
        Weight::Superseded => ("Replaced by a later one by then:", Some("superseded")),
        Weight::Reverted => ("Taken back by then:", Some("taken back")),
        Weight::Conflict => ("Contradicted by another of the same labeler:", Some("in conflict")),
        Weight::Abstention => ("An abstention, which is no vote:", Some("no vote")),
        Weight::Inert => ("In a record that did not count, and that the lock names so:", Some("inert")),
        Weight::Later => ("Not among the records of the snapshot:", None),
        Weight::NoVote => ("Without a vote, which only labels of people have:", Some("no vote")),
        Weight::Vote | Weight::Adjudication | Weight::Accepted => ("It counted:", Some("counted")),
    }
}

fn made(report: &WhyReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    step(4, "How the label was made", style, out)?;
    match &report.resolved {
        _ if report.lock.policy.name == Policy::Accepted => {
            let text = "each correction is held for itself, where nothing speaks against learning from it";
            paragraph(3, text, None, style, out)?;
        }
        Some(resolved) => paragraph(3, &why(resolved), None, style, out)?,
        None => writeln!(out, "   none of the snapshot's records judges it")?,
    }
    for one in &report.held {
        let split =
            one.split.as_deref().map_or_else(String::new, |split| format!(", in {}", sanitize(split)));
        writeln!(out, "   so it holds {}{split}", style.paint(Tone::Good, &label(&one.label, style)))?;
    }
    step(5, "Where it went into the digest", style, out)?;
    let (bucket, digest) = (&report.bucket.bucket, report.lock.digest.short(16));
    let of_bucket = format!("bucket {bucket}, which the lock has as {}", sanitize(&report.bucket.digest));
    let prove = format!("hitl snapshot verify {} proves all of it", sanitize(&report.snapshot));
    paragraph(3, &format!("{of_bucket}, of digest {digest}; {prove}"), None, style, out)
}

fn today(report: &WhyReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let Some(resolved) = &report.today else { return Ok(()) };
    step(6, "What it would be today", style, out)?;
    let (word, tone) = match (report.same, &resolved.label) {
        (Some(true), _) => ("the same".to_owned(), Tone::Good),
        (_, Some(label)) => (elide(&sanitize(label), LABEL).into_owned(), Tone::Warn),
        (_, None) => ("unresolved".to_owned(), Tone::Warn),
    };
    writeln!(out, "   {}", style.paint(tone, &word))?;
    paragraph(3, &why(resolved), None, style, out)
}
