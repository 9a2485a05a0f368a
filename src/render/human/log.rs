//! `log`: one block a record, newest first, or one line.

use std::io::{self, Write};

use super::show::filter;
use super::{Cell, Style, Table, Tone, elide, sanitize};
use crate::base::text;
use crate::ops::log::{LogEntry, LogReport};
use crate::record::Kind;

/// Writes a block a record.
///
/// # Errors
/// Whatever writing meets.
pub fn log(report: &LogReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.entries.is_empty() {
        return writeln!(out, "no records; next: {}", style.paint(Tone::Id, "hitl commit FILE"));
    }
    for (index, entry) in report.entries.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        block(entry, style, out)?;
    }
    more(report, out)
}

/// Writes a line a record.
///
/// # Errors
/// Whatever writing meets.
pub fn log_oneline(report: &LogReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(&["", "", "", ""]).indented(0);
    for entry in &report.entries {
        table.row([
            Cell::toned(Tone::Id, &entry.id[..10]),
            entry.recorded_at.date().into(),
            headline(entry).into(),
            entry.message.lines().next().unwrap_or_default().into(),
        ]);
    }
    table.write(style, out)?;
    more(report, out)
}

fn more(report: &LogReport, out: &mut impl Write) -> io::Result<()> {
    if report.more > 0 {
        writeln!(out, "\n{} more", text::count(report.more, "record"))?;
    }
    Ok(())
}

/// Returns `8,000 rte labels by 164 labelers`.
pub(super) fn headline(entry: &LogEntry) -> String {
    let rows = text::thousands(usize::try_from(entry.rows).unwrap_or(usize::MAX));
    let task = entry.task.as_ref().map_or(String::new(), |task| format!("{task} "));
    match entry.kind {
        Kind::Reverts => "revert".to_owned(),
        Kind::Joins => "join".to_owned(),
        Kind::Guidelines => "guideline".to_owned(),
        kind => format!("{rows} {task}{}", kind.noun(usize::try_from(entry.rows).unwrap_or(usize::MAX))),
    }
}

/// Returns who judged: by name while they are few.
pub(super) fn people(entry: &LogEntry, width: usize) -> String {
    if entry.labelers.len() > 4 {
        return text::count(entry.labelers.len(), "labeler");
    }
    let one = |(id, part): (&String, &crate::ops::log::LabelerPart)| {
        let kind = if part.kind == crate::record::LabelerKind::Human {
            String::new()
        } else {
            format!(", {}", part.kind)
        };
        let rows = text::thousands(usize::try_from(part.rows).unwrap_or(usize::MAX));
        format!("{} ({rows}{kind})", elide(&sanitize(id), width / 4))
    };
    entry.labelers.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn block(entry: &LogEntry, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let state = match (entry.live, entry.reverted) {
        (Some(false), _) => style.paint(Tone::Dim, "  taken back"),
        (_, 0) => String::new(),
        (_, reverted) if reverted as u64 == entry.rows => style.paint(Tone::Warn, "  taken back"),
        (_, reverted) => style.paint(Tone::Warn, &format!("  {} taken back", text::count(reverted, "row"))),
    };
    writeln!(
        out,
        "{}  {}{state}",
        style.paint(Tone::Id, &entry.id[..10]),
        style.paint(Tone::Heading, &headline(entry))
    )?;
    if !entry.message.is_empty() {
        writeln!(out, "    {}", sanitize(entry.message.lines().next().unwrap_or_default()))?;
    }
    if let Some(revert) = &entry.revert {
        filter(revert, style, out)?;
    }
    let mut field = |name: &str, value: String| -> io::Result<()> {
        match value.is_empty() {
            true => Ok(()),
            false => writeln!(
                out,
                "    {} {}",
                style.paint(Tone::Dim, &format!("{name:10}")),
                elide(&value, style.width.saturating_sub(14))
            ),
        }
    };
    field("recorded", format!("{} by {}", entry.recorded_at.minute(), sanitize(&entry.actor)))?;
    field("labelers", people(entry, style.width))?;
    field(
        "guideline",
        entry.guidelines.keys().map(|key| sanitize(key).into_owned()).collect::<Vec<_>>().join(", "),
    )?;
    field("source", entry.source.as_deref().map(|source| sanitize(source).into_owned()).unwrap_or_default())?;
    field(
        "commit",
        entry.commit.as_deref().map_or_else(
            || "beyond this clone's history".to_owned(),
            |commit| super::short_commit(commit).to_owned(),
        ),
    )
}
