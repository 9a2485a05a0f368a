//! What somebody's rows touched, and what uses them.

use std::io::{self, Write};

use super::super::{Cell, Style, Table, Tone, sanitize};
use super::{marked, paragraph, turn};
use crate::base::text::{plural, thousands};
use crate::ops::trace::{UseReport, UsedRecord};
use crate::render::standing;
use crate::trace::States;

/// Records that are listed; of more, their number is.
const LISTED: usize = 40;

/// Writes what was touched, and what uses it.
///
/// # Errors
/// Whatever writing meets.
pub fn trace_use(report: &UseReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", style.paint(Tone::Heading, &format!("{} {}", report.asked, sanitize(&report.name))))?;
    if let Some(sha256) = &report.sha256 {
        writeln!(out, "  sha256 {sha256}")?;
    }
    if report.rows == 0 && report.asked == "labeler" {
        writeln!(out, "  No row here is theirs.")?;
        made(report, style, out)?;
        return Ok(());
    }
    let (rows, items) = (number(report.rows, "row", "rows"), number(report.items, "item", "items"));
    let records = plural(report.records.len(), "record", "records");
    let task = report.task.as_deref().map_or_else(String::new, |task| format!(" of task {}", sanitize(task)));
    writeln!(out, "  {rows}{task} of {items} in {records}")?;
    if report.states.all() > 0 {
        writeln!(out, "  {}", states(&report.states))?;
        supports(report, style, out)?;
    } else if report.rows == 0 {
        writeln!(out, "  It judges nothing.")?;
    }
    built_on(report, style, out)?;
    records_of("Records", &report.records, style, out)?;
    made(report, style, out)?;
    if !report.reverts.is_empty() {
        writeln!(out, "\n{}", style.paint(Tone::Heading, "Taken back by"))?;
    }
    for one in &report.reverts {
        writeln!(out, "  {}", number(one.judgements, "judgement", "judgements"))?;
        turn("taken back", Tone::Bad, &one.revert, style, out)?;
    }
    snapshots(report, style, out)
}

fn number(number: u64, one: &str, many: &str) -> String {
    plural(usize::try_from(number).unwrap_or(usize::MAX), one, many)
}

fn states(states: &States) -> String {
    let parts = [
        (states.current, "counts", "count"),
        (states.superseded, "replaced by a later one", "replaced by later ones"),
        (states.reverted, "taken back", "taken back"),
        (states.conflict, "in conflict", "in conflict"),
    ];
    let told = parts.iter().filter(|(number, ..)| *number > 0).map(|(n, one, many)| number(*n, one, many));
    format!("{}: {}", number(states.all(), "judgement", "judgements"), told.collect::<Vec<_>>().join(", "))
}

fn supports(report: &UseReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let text = match (report.supports, report.alone) {
        (0, _) => "no resolved label rests on it".to_owned(),
        (all, alone) if all == alone => {
            format!(
                "{} on it and on nothing else",
                number(all, "resolved label rests", "resolved labels rest")
            )
        }
        (all, 0) => {
            format!("{} on it among others", number(all, "resolved label rests", "resolved labels rest"))
        }
        (all, alone) => format!(
            "{} on it, {} of them on nothing else",
            number(all, "resolved label rests", "resolved labels rest"),
            thousands(usize::try_from(alone).unwrap_or(usize::MAX))
        ),
    };
    paragraph(2, &text, None, style, out)
}

fn built_on(report: &UseReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.built_on.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.paint(Tone::Heading, "Made by others with it in sight"))?;
    let mut table = Table::new(&["labeler", ">judgements", ">count", ">taken back"]);
    for one in &report.built_on {
        let numbers = [one.states.all(), one.states.current, one.states.reverted];
        let numbers = numbers.map(|n| Cell::from(thousands(usize::try_from(n).unwrap_or(usize::MAX))));
        table.row(std::iter::once(Cell::toned(Tone::Id, &one.labeler)).chain(numbers));
    }
    table.write(style, out)
}

/// Writes what else a labeler recorded, signed and froze.
fn made(report: &UseReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    records_of("Recorded or signed by them, and not all theirs", &report.recorded, style, out)?;
    if !report.frozen.is_empty() {
        writeln!(out, "\n{}", style.paint(Tone::Heading, "Snapshots made or signed by them"))?;
    }
    for one in &report.frozen {
        let who = standing::recorder(&one.actor, Some(&one.standing));
        let text = format!("{} of task {}, made {} by {who}", one.name, one.task, one.created_at.minute());
        marked(2, &sanitize(&text), &[(Tone::Id, one.name.as_str())], style, out)?;
        if let Some(why) = standing::refused(Some(&one.standing)) {
            paragraph(6, &format!("against it: {}", sanitize(&why)), Some(Tone::Bad), style, out)?;
        }
    }
    Ok(())
}

fn records_of(heading: &str, records: &[UsedRecord], style: &Style, out: &mut impl Write) -> io::Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.paint(Tone::Heading, heading))?;
    for record in records.iter().take(LISTED) {
        let rows = match record.rows {
            0 => record.kind.noun(1).to_owned(),
            rows => {
                let noun = record.kind.noun(usize::try_from(rows).unwrap_or(usize::MAX));
                let task = record.task.as_deref().map_or_else(String::new, |task| format!("{task} "));
                format!("{} {task}{noun}", thousands(usize::try_from(rows).unwrap_or(usize::MAX)))
            }
        };
        let id = style.paint(Tone::Id, &record.id.short());
        writeln!(out, "  {id}  {}", sanitize(&rows))?;
        let from = record.source.as_deref().map_or_else(String::new, |source| format!(" from {source}"));
        let who = standing::recorder(&record.actor, record.standing.as_ref());
        let text = format!("recorded {} by {who}{from}", record.recorded_at.minute());
        paragraph(6, &sanitize(&text), None, style, out)?;
        super::inert(record.standing.as_ref(), style, out)?;
        super::commit(record.commit.as_ref(), style, out)?;
    }
    let more = records.len().saturating_sub(LISTED);
    if more > 0 {
        writeln!(out, "  … and {} more: --format json lists all", thousands(more))?;
    }
    Ok(())
}

fn snapshots(report: &UseReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.snapshots.is_empty() {
        writeln!(out, "\nAmong the records of no snapshot.")?;
    } else {
        writeln!(out, "\n{}", style.paint(Tone::Heading, "Snapshots that had it among their records"))?;
        let mut table = Table::new(&["snapshot", "task", ">records", ">rows"]);
        for one in &report.snapshots {
            let numbers = [one.records, one.rows];
            let [records, rows] = numbers.map(|n| thousands(usize::try_from(n).unwrap_or(usize::MAX)));
            table.row([
                Cell::toned(Tone::Id, &one.name),
                one.task.as_str().into(),
                records.into(),
                rows.into(),
            ]);
        }
        table.write(style, out)?;
    }
    if !report.unknown_snapshots.is_empty() {
        let names = report.unknown_snapshots.join(", ");
        let note = format!("Of these it cannot be told here: {names}. See hitl fsck.");
        paragraph(2, &sanitize(&note), Some(Tone::Warn), style, out)?;
    }
    Ok(())
}
