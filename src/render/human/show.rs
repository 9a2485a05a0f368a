//! `show`: one record in full.

use std::io::{self, Write};

use serde_json::Value;

use super::log::headline;
use super::{Cell, Style, Table, Tone, sanitize};
use crate::base::text;
use crate::ops::filter::FilterReport;
use crate::ops::show::{RecordReport, ShowReport};
use crate::render::standing;

/// Writes each record in full.
///
/// # Errors
/// Whatever writing meets.
pub fn show(report: &ShowReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    for (index, record) in report.records.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        one(record, style, out)?;
    }
    Ok(())
}

fn one(record: &RecordReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let entry = &record.entry;
    writeln!(out, "{}  {}", style.paint(Tone::Id, &entry.id), style.paint(Tone::Heading, &headline(entry)))?;
    for line in entry.message.lines() {
        writeln!(out, "    {}", sanitize(line))?;
    }
    let mut field = |name: &str, value: &str| -> io::Result<()> {
        match value.is_empty() {
            true => Ok(()),
            false => writeln!(out, "  {} {}", style.paint(Tone::Dim, &format!("{name:10}")), sanitize(value)),
        }
    };
    let who = standing::recorder(&entry.actor, record.standing.as_ref());
    field("recorded", &format!("{} by {who}", entry.recorded_at))?;
    if let Some(why) = standing::refused(record.standing.as_ref()) {
        field("inert", &format!("does not count for new snapshots: {why}"))?;
    }
    field("tool", &record.tool)?;
    field("path", &record.path)?;
    if let (Some(commit), Some(author)) = (&entry.commit, &entry.commit_author) {
        field("commit", &format!("{} by {author}", super::short_commit(commit)))?;
    }
    for parent in &record.parents {
        field("on top of", &parent[..16])?;
    }
    if let Some(source) = &record.read_from {
        field(
            "source",
            &format!(
                "{} ({} bytes, {})",
                source.file,
                text::thousands(usize::try_from(source.bytes).unwrap_or(0)),
                source.detected
            ),
        )?;
        field("", &format!("sha256 {}", source.sha256))?;
        let mapped: Vec<String> = source
            .mapping
            .iter()
            .map(
                |(column, field)| {
                    if column == field { column.clone() } else { format!("{column} → {field}") }
                },
            )
            .collect();
        field("columns", &mapped.join(", "))?;
        field("flags", &source.flags.join(" "))?;
    }
    if let Some(bytes) = record.shard_bytes {
        let size = text::thousands(usize::try_from(bytes).unwrap_or(0));
        field(
            "shard",
            &format!("{} in {size} bytes", text::count(usize::try_from(entry.rows).unwrap_or(0), "row")),
        )?;
    }
    field("rows root", &record.rows_root.map(|root| root.to_string()).unwrap_or_default())?;
    let origins: Vec<String> =
        record.origins.iter().map(|(origin, rows)| format!("{rows} {origin}")).collect();
    field("origins", &origins.join(", "))?;
    let guidelines: Vec<String> =
        entry.guidelines.iter().map(|(key, rows)| format!("{key} ({rows})")).collect();
    field("guidelines", &guidelines.join(", "))?;
    if let Some(live) = entry.live {
        field("state", if live { "holds" } else { "taken back by a later revert" })?;
    } else if entry.reverted > 0 {
        let by: Vec<&str> = record.reverted_by.iter().map(|id| &id[..10]).collect();
        field("reverted", &format!("{} by {}", text::count(entry.reverted, "row"), by.join(", ")))?;
    }
    if let Some(revert) = &entry.revert {
        writeln!(out, "  {}", style.paint(Tone::Heading, "takes back"))?;
        filter(revert, style, out)?;
    }
    if entry.labelers.len() > 1 {
        labelers(record, style, out)?;
    }
    rows(record, style, out)
}

/// Writes what a revert's filter says, a line a field.
pub(super) fn filter(revert: &FilterReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut field = |name: &str, value: String| -> io::Result<()> {
        match value.is_empty() {
            true => Ok(()),
            false => {
                writeln!(out, "    {} {}", style.paint(Tone::Dim, &format!("{name:10}")), sanitize(&value))
            }
        }
    };
    field("records", revert.records.iter().map(|id| id[..10].to_owned()).collect::<Vec<_>>().join(", "))?;
    field("labelers", revert.labelers.join(", "))?;
    field("guidelines", revert.guidelines.join(", "))?;
    field("kinds", revert.kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))?;
    field("tasks", revert.tasks.join(", "))?;
    field("origins", revert.origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))?;
    field("items", revert.items.map(|count| text::count(count, "item")).unwrap_or_default())?;
    field("since", revert.since.map(|time| time.to_string()).unwrap_or_default())?;
    field("until", revert.until.map(|time| time.to_string()).unwrap_or_default())?;
    if revert.cascade != "none" {
        field("cascade", revert.cascade.to_owned())?;
    }
    if revert.concurrent {
        field("concurrent", "yes: also on branches merged later".to_owned())?;
    }
    Ok(())
}

fn labelers(record: &RecordReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out)?;
    let mut table = Table::new(&["labeler", "kind", ">rows"]);
    let mut listed: Vec<_> = record.entry.labelers.iter().collect();
    listed.sort_by(|a, b| b.1.rows.cmp(&a.1.rows).then_with(|| a.0.cmp(b.0)));
    let shown = listed.len().min(10);
    for (id, part) in &listed[..shown] {
        let rows = text::thousands(usize::try_from(part.rows).unwrap_or(0));
        table.row([Cell::toned(Tone::Id, id), part.kind.as_str().into(), rows.into()]);
    }
    table.write(style, out)?;
    if listed.len() > shown {
        writeln!(out, "  … and {} more", text::thousands(listed.len() - shown))?;
    }
    Ok(())
}

/// Writes the first rows: only columns in which one of them has a value.
fn rows(record: &RecordReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let Some(first) = record.rows_shown.first() else { return Ok(()) };
    let used: Vec<&String> = first
        .keys()
        .filter(|name| {
            record.rows_shown.iter().any(|row| row.get(*name).is_some_and(|value| !value.is_null()))
        })
        .collect();
    writeln!(out)?;
    let heads: Vec<&str> = used.iter().map(|name| name.as_str()).collect();
    let mut table = Table::new(&heads);
    for row in &record.rows_shown {
        table.row(used.iter().map(|name| match row.get(*name) {
            None | Some(Value::Null) => Cell::from(""),
            Some(Value::String(text)) => Cell::from(text),
            Some(value) => Cell::from(value.to_string()),
        }));
    }
    table.write(style, out)?;
    let rest = usize::try_from(record.entry.rows).unwrap_or(0).saturating_sub(record.rows_shown.len());
    if rest > 0 && !record.entry.kind.is_judgement() {
        writeln!(out, "  … and {} more: --limit lists more", text::thousands(rest))?;
    } else if rest > 0 {
        let all = format!("hitl labels --state all --batch {}", &record.entry.id[..10]);
        writeln!(out, "  … and {} more: {}", text::thousands(rest), style.paint(Tone::Id, &all))?;
    }
    Ok(())
}
