//! `audit`: an act after the other, oldest first.

use std::io::{self, Write};

use super::trace::{marked, paragraph};
use super::{Style, Tone, sanitize, short_commit};
use crate::base::text::{plural, thousands};
use crate::ops::audit::{Act, AuditReport, Counts, Kind};
use crate::render::standing;

/// Writes a block an act, and what they come to.
///
/// # Errors
/// Whatever writing meets.
pub fn audit(report: &AuditReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    for act in &report.acts {
        one(act, style, out)?;
    }
    writeln!(out, "{}  {}", summary(&report.counts), style.paint(Tone::Dim, "(times are UTC)"))
}

/// Returns `12 acts: 3 signed, 8 claimed, 1 refused`.
pub(in crate::render) fn summary(counts: &Counts) -> String {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let parts = [(counts.signed, "signed"), (counts.claimed, "claimed"), (counts.refused, "refused")];
    let told: Vec<String> =
        parts.iter().map(|(count, word)| format!("{} {word}", thousands(number(*count)))).collect();
    format!("{}: {}", plural(number(counts.acts), "act", "acts"), told.join(", "))
}

fn one(act: &Act, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let kind = act.act.as_str();
    let tone = if act.is_refused() { Tone::Bad } else { Tone::Heading };
    let what = format!("{}  {kind}: {}", act.time.minute(), sanitize(&act.what));
    marked(0, &what, &[(tone, kind)], style, out)?;
    let commit = short_commit(&act.commit);
    let subject: String = act.subject.chars().take(10).collect();
    let (record, verb) = match act.act {
        Kind::Snapshot => (String::new(), "frozen"),
        Kind::Signature | Kind::People | Kind::Tasks | Kind::Checks => (String::new(), "committed"),
        Kind::Removed | Kind::Edited | Kind::Stray => (String::new(), "done"),
        Kind::Labels
        | Kind::Corrections
        | Kind::Adjudications
        | Kind::Predictions
        | Kind::Items
        | Kind::Guideline
        | Kind::Revert
        | Kind::Join => (format!("record {subject}, "), "recorded"),
    };
    let who = standing::recorder(&act.actor, Some(&act.standing));
    let text = sanitize(&format!("{verb} by {who} in {record}commit {commit}")).into_owned();
    marked(4, &text, &[(Tone::Id, subject.as_str()), (Tone::Id, commit)], style, out)?;
    if let Some(why) = standing::refused(Some(&act.standing)) {
        paragraph(4, &format!("against it: {}", sanitize(&why)), Some(Tone::Bad), style, out)?;
    }
    if !act.message.is_empty() {
        paragraph(4, &format!("\"{}\"", sanitize(&act.message)), Some(Tone::Dim), style, out)?;
    }
    writeln!(out)
}
