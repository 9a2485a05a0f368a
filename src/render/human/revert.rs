//! `revert`: what is covered, what that does to the resolved labels and to agreement, what was built on it.

use std::io::{self, Write};

use super::show::filter;
use super::{Cell, Style, Table, Tone, number, percent, sanitize};
use crate::base::text;
use crate::ops::revert::{Agreement, CountedBy, RevertReport, TaskEffect};
use crate::record::Origin;

/// At most this many records are named.
const RECORDS: usize = 8;

/// Writes what a revert does, or would do, and what to do next.
///
/// # Errors
/// Whatever writing meets.
pub fn revert(report: &RevertReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    revert_effects(report, style, out)?;
    revert_end(report, style, out)
}

/// Writes what a revert does, or would do.
///
/// # Errors
/// Whatever writing meets.
pub fn revert_effects(report: &RevertReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    headline(report, style, out)?;
    if report.undoes.is_none() {
        filter(&report.filter, style, out)?;
    }
    if !report.records.is_empty() {
        writeln!(out)?;
        records(report, style, out)?;
    }
    for task in &report.tasks {
        writeln!(out)?;
        task_effect(task, style, out)?;
    }
    built_on(report, style, out)
}

fn headline(report: &RevertReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let verb = |done: &'static str, would: &'static str| if report.dry_run { would } else { done };
    let text = match &report.undoes {
        Some(undone) if report.taken_back > 0 => format!(
            "{} revert {}: {} {} again",
            verb("took back", "would take back"),
            &undone[..10],
            text::count(report.taken_back, "judgement"),
            match (report.dry_run, report.taken_back) {
                (true, _) => "would be taken back",
                (false, 1) => "is taken back",
                (false, _) => "are taken back",
            },
        ),
        Some(undone) => format!(
            "{} revert {}: {} {}",
            verb("took back", "would take back"),
            &undone[..10],
            text::plural(report.brought_back, "judgement", "judgements"),
            verb("counts again", "would count again"),
        ),
        None => format!(
            "{} {} in {}",
            verb("took back", "would take back"),
            text::count(report.taken_back, "judgement"),
            text::count(report.records.len(), "record"),
        ),
    };
    let text = match report.counted_by {
        CountedBy::Rows => text,
        CountedBy::Manifests => text.replace("judgement", "row"),
    };
    let text = if report.brought_back == 1 { text } else { text.replace("counts again", "count again") };
    writeln!(out, "{}", style.paint(Tone::Heading, &text))?;
    if report.cascaded > 0 {
        writeln!(
            out,
            "  {} of them only because they were built on others",
            text::thousands(report.cascaded)
        )?;
    }
    if report.already_reverted > 0 {
        writeln!(
            out,
            "  {}",
            style.paint(
                Tone::Dim,
                &format!(
                    "{}{} match and were taken back before",
                    text::thousands(report.already_reverted),
                    if report.taken_back > 0 { " more" } else { "" }
                )
            )
        )?;
    }
    if report.unknown_items > 0 {
        writeln!(
            out,
            "  {} the ledger has nothing of {} in the list",
            style.paint(Tone::Warn, "note:"),
            text::count(report.unknown_items, "item")
        )?;
    }
    for holder in &report.still_held_by {
        writeln!(
            out,
            "  {} revert {} still holds some of them",
            style.paint(Tone::Warn, "note:"),
            &holder[..10]
        )?;
    }
    Ok(())
}

fn records(report: &RevertReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(&["record", ">covered", ">of", "what", "message"]);
    for record in report.records.iter().take(RECORDS) {
        let what = record
            .task
            .as_ref()
            .map_or_else(|| record.kind.to_string(), |task| format!("{task} {}", record.kind));
        table.row([
            Cell::toned(Tone::Id, &record.id[..10]),
            text::thousands(record.covered).into(),
            text::thousands(usize::try_from(record.rows).unwrap_or(0)).into(),
            what.into(),
            record.message.lines().next().unwrap_or_default().into(),
        ]);
    }
    table.write(style, out)?;
    match report.records.len().saturating_sub(RECORDS) {
        0 => Ok(()),
        rest => writeln!(out, "  … and {} more", text::thousands(rest)),
    }
}

fn task_effect(task: &TaskEffect, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{}  {} touched",
        style.paint(Tone::Heading, &sanitize(&task.task)),
        text::count(task.items, "item")
    )?;
    let mut line = |count: usize, one: &str, many: &str| -> io::Result<()> {
        if count == 0 { Ok(()) } else { writeln!(out, "  {}", text::plural(count, one, many)) }
    };
    line(task.changed, "comes to another label", "come to another label")?;
    line(task.gained, "comes to a label now", "come to a label now")?;
    line(task.lost, "comes to no label any more", "come to no label any more")?;
    match task.joint {
        None => {
            line(task.unlabelled, "of these has no human label left", "of these have no human label left")?
        }
        Some(_) => line(task.unlabelled, "has no human label left", "have no human label left")?,
    }
    match task.joint {
        Some(policy) => writeln!(
            out,
            "  what items resolve to depends on all items at once ({}):\n  snapshots before and after tell",
            policy.as_str()
        )?,
        None if task.changed + task.gained + task.lost == 0 => {
            writeln!(out, "  every item keeps its resolved label")?;
        }
        None => {}
    }
    let mut table = Table::new(&["", "", "", ""]).indented(4);
    for item in &task.shown {
        let side = |label: &Option<String>| {
            label.as_ref().map_or_else(|| Cell::toned(Tone::Dim, "(none)"), Cell::from)
        };
        table.row([
            Cell::from(&item.item),
            side(&item.before),
            Cell::toned(Tone::Dim, "→"),
            side(&item.after),
        ]);
    }
    table.write(style, out)?;
    let rest = (task.changed + task.gained + task.lost).saturating_sub(task.shown.len());
    if rest > 0 {
        writeln!(out, "    … and {} more", text::thousands(rest))?;
    }
    agreement(&task.before, &task.after, style, out)
}

fn agreement(before: &Agreement, after: &Agreement, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let value =
        |value: Option<f64>, shown: fn(f64) -> String| value.map_or_else(|| "undefined".to_owned(), shown);
    let mut table = Table::new(&["", ">before", ">after"]);
    let tone = match (before.krippendorff_alpha, after.krippendorff_alpha) {
        (Some(before), Some(after)) if after > before => Tone::Good,
        (Some(before), Some(after)) if after < before => Tone::Warn,
        _ => Tone::Dim,
    };
    table.row([
        Cell::from("Krippendorff's α"),
        value(before.krippendorff_alpha, number).into(),
        Cell::toned(tone, value(after.krippendorff_alpha, number)),
    ]);
    table.row([
        Cell::from("percent agreement"),
        value(before.percent_agreement, percent).into(),
        value(after.percent_agreement, percent).into(),
    ]);
    table.row([
        Cell::from("human labels"),
        text::thousands(before.labels).into(),
        text::thousands(after.labels).into(),
    ]);
    table.row([
        Cell::from("labelers"),
        text::thousands(before.labelers).into(),
        text::thousands(after.labelers).into(),
    ]);
    table.write(style, out)
}

fn built_on(report: &RevertReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.built_on.is_empty() {
        return Ok(());
    }
    let total: usize = report.built_on.values().sum();
    let kinds: Vec<String> = report
        .built_on
        .iter()
        .map(|(origin, count)| format!("{} {origin}", text::thousands(*count)))
        .collect();
    writeln!(
        out,
        "\n{} {}: {}",
        style.paint(Tone::Warn, "note:"),
        text::plural(total, "judgement built on these stays", "judgements built on these stay"),
        kinds.join(", ")
    )?;
    if report.filter.cascade == "none" && report.built_on.contains_key(&Origin::Confirmed) {
        writeln!(out, "  {} would take the confirmations too", style.paint(Tone::Id, "--cascade confirmed"))?;
    }
    Ok(())
}

/// Writes where a revert lies, and how to take it back; after a dry run, how to do it.
///
/// # Errors
/// Whatever writing meets.
pub fn revert_end(report: &RevertReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    match (&report.record, &report.commit) {
        (Some(record), Some(commit)) => {
            writeln!(
                out,
                "\nrecord {} in commit {}",
                style.paint(Tone::Id, &record[..10]),
                style.paint(Tone::Id, super::short_commit(commit))
            )?;
            super::signed_by(report.signed_by.as_deref(), style, out)?;
            super::swept(report.swept_by.as_ref(), style, out)?;
            if report.branch.is_none() {
                writeln!(out, "it is on no branch: git switch -c NAME keeps it")?;
            }
            if report.counted_by == CountedBy::Manifests {
                let diff = style.paint(Tone::Id, "hitl diff HEAD^..");
                writeln!(out, "what that changed: {diff}")?;
            }
            let undo = format!("hitl revert {} -m WHY", &record[..10]);
            writeln!(out, "to take this back: {}", style.paint(Tone::Id, &undo))
        }
        _ => writeln!(out, "\nnothing was written: leave out --dry-run and add -m WHY"),
    }
}
