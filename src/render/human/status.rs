//! `status`.

use std::io::{self, Write};

use super::{Style, Table, Tone, sanitize};
use crate::base::text;
use crate::ops::status::{CorrectionsStatus, Followed, LeftOut, StatusReport, TaskStatus};
use crate::record::Kind;
use crate::store::WorkTreeState;

/// At most this many lines of one trouble.
const LISTED: usize = 5;

/// Writes the state of the ledger and what is wrong with it.
///
/// # Errors
/// Whatever writing meets.
pub fn status(report: &StatusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    head(report, style, out)?;
    for task in &report.tasks {
        writeln!(out)?;
        task_block(task, style, out)?;
    }
    for task in &report.empty_tasks {
        writeln!(out, "\n{}  no labels yet", style.paint(Tone::Heading, &sanitize(task)))?;
    }
    troubles(report, style, out)?;
    if report.tasks.is_empty() {
        writeln!(out, "\nnext: {}", style.paint(Tone::Id, "hitl commit --dry-run FILE"))?;
    }
    Ok(())
}

fn head(report: &StatusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let place = match (&report.branch, &report.commit) {
        (Some(branch), Some(commit)) => format!("on {} at {}", sanitize(branch), super::short_commit(commit)),
        (Some(branch), None) => format!("on {}, which has no commits", sanitize(branch)),
        (None, Some(commit)) => format!("at {}", super::short_commit(commit)),
        (None, None) => "no commits".to_owned(),
    };
    let records: usize = report.records.values().sum();
    let kinds: Vec<String> = report.records.iter().map(|(kind, count)| records_of(*kind, *count)).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(": {}", kinds.join(", ")) };
    writeln!(out, "{place} · {}{kinds}", text::count(records, "record"))?;
    let mut parts = Vec::new();
    if report.guidelines > 0 {
        parts.push(text::count(report.guidelines, "guideline version"));
    }
    if report.described_items > 0 {
        parts.push(format!("texts of {}", text::count(report.described_items, "item")));
    }
    if report.snapshots > 0 {
        parts.push(text::count(report.snapshots, "snapshot"));
    }
    if parts.is_empty() { Ok(()) } else { writeln!(out, "{}", style.paint(Tone::Dim, &parts.join(" · "))) }
}

/// Returns what so many records of a kind are: `2 batches of labels`, `1 revert`.
fn records_of(kind: Kind, count: usize) -> String {
    match kind {
        Kind::Guidelines | Kind::Reverts | Kind::Joins => {
            format!("{} {}", text::thousands(count), kind.noun(count))
        }
        kind => format!("{} of {kind}", text::plural(count, "batch", "batches")),
    }
}

fn task_block(task: &TaskStatus, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let labelers: Vec<String> =
        task.labelers.iter().map(|(kind, count)| format!("{} {kind}", text::thousands(*count))).collect();
    writeln!(
        out,
        "{}  {} judged by {}",
        style.paint(Tone::Heading, &sanitize(&task.task)),
        text::count(task.items, "item"),
        if labelers.is_empty() { "nobody".to_owned() } else { labelers.join(", ") }
    )?;
    let mut table = Table::new(&[">", "", ""]);
    let mut row = |count: usize, what: &str, why: &str, tone: Option<Tone>| {
        if count > 0 || tone.is_none() {
            let what = match tone {
                Some(tone) => super::Cell::toned(tone, what),
                None => what.into(),
            };
            table.row([text::thousands(count).into(), what, super::Cell::toned(Tone::Dim, why)]);
        }
    };
    row(task.current, "current", "live, and last of their labeler and item", None);
    row(task.superseded, "superseded", "followed by a later one of the same labeler", Some(Tone::Dim));
    row(task.reverted, "reverted", "taken back", Some(Tone::Warn));
    row(
        task.conflicts,
        "in conflict",
        "one labeler, two labels, and nothing says which is later",
        Some(Tone::Bad),
    );
    // A task that has only been corrected has no labels to resolve.
    if task.corrections.is_none() || task.resolved + task.unresolved > 0 {
        row(task.overlap, "items overlap", "with current labels of two people or more", None);
        row(task.resolved, "items resolved", &format!("by {}", task.policy.as_str()), None);
        row(task.unresolved, "items unresolved", "a tie, or labels in conflict", Some(Tone::Warn));
    }
    if let Some(corrections) = &task.corrections {
        row(corrections.accepted, "learned from", &verdicts(corrections), None);
        for left_out in &corrections.left_out {
            row(left_out.corrections, left_out.reason.words(), &example(left_out), Some(Tone::Warn));
        }
    }
    table.write(style, out)?;
    task.corrections.iter().try_for_each(|corrections| followed(corrections, style, out))
}

fn verdicts(corrections: &CorrectionsStatus) -> String {
    let each = corrections.verdicts.iter();
    let told: Vec<String> =
        each.map(|(verdict, count)| format!("{} {verdict}", text::thousands(*count))).collect();
    format!("among {}", told.join(", "))
}

fn example(left_out: &LeftOut) -> String {
    let first = left_out.examples.iter();
    let first: Vec<String> =
        first.map(|one| format!("{} by {}", sanitize(&one.item), sanitize(&one.labeler))).collect();
    format!("not learned from: {}", first.join(", "))
}

/// Writes how far the labelers can be followed whose corrections were judged at all.
fn followed(corrections: &CorrectionsStatus, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let judged: Vec<&Followed> = corrections.labelers.iter().filter(|one| one.judged > 0).collect();
    if judged.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&["labeler", ">judged", ">upheld", ">agreement"]);
    for one in judged {
        let agreement = match one.agreement {
            Some(share) => super::Cell::from(super::percent(share)),
            None => super::Cell::toned(Tone::Dim, "unknown"),
        };
        let (judged, upheld) = (one.judged as usize, one.upheld as usize);
        table.row([
            super::Cell::toned(Tone::Id, &one.labeler),
            text::thousands(judged).into(),
            text::thousands(upheld).into(),
            agreement,
        ]);
    }
    writeln!(out)?;
    table.write(style, out)
}

/// Writes how many records do not count for a new snapshot, and why.
fn inert(report: &StatusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let label = style.paint(Tone::Warn, "inert:");
    if let Some(why) = &report.inert_unknown {
        return writeln!(out, "\n{label} which records count for a snapshot is not known: {}", sanitize(why));
    }
    if report.inert.is_empty() {
        return Ok(());
    }
    let count = text::plural(report.inert.len(), "record does not", "records do not");
    writeln!(out, "\n{label} {count} count for a new snapshot")?;
    super::left_out(&report.inert, out)
}

fn troubles(report: &StatusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    config_troubles(report, style, out)?;
    if let Some(operation) = report.in_progress {
        writeln!(
            out,
            "\n{} a {operation} is under way: commits wait until it is finished",
            style.paint(Tone::Warn, "note:")
        )?;
    }
    if !report.removed.is_empty() {
        let count = text::plural(
            report.removed.len(),
            "record was removed or changed by plain git",
            "records were removed or changed by plain git",
        );
        writeln!(out, "\n{} {count}; a ledger only grows", style.paint(Tone::Bad, "removed:"))?;
        for removed in report.removed.iter().take(LISTED) {
            let id = &removed.record[..10];
            writeln!(
                out,
                "  {id} by commit {} \"{}\" of {}",
                super::short_commit(&removed.commit),
                sanitize(&removed.subject),
                sanitize(&removed.author)
            )?;
            writeln!(out, "    bring it back:  {}", style.paint(Tone::Id, &format!("hitl restore {id}")))?;
            writeln!(
                out,
                "    if its labels were to go, then:  {}",
                style.paint(Tone::Id, &format!("hitl revert {id} -m WHY"))
            )?;
        }
        more(report.removed.len(), out)?;
    }
    inert(report, style, out)?;
    let unexplained: Vec<_> = report
        .missing
        .iter()
        .filter(|missing| report.removed.iter().all(|removed| removed.record != missing.record))
        .collect();
    if !unexplained.is_empty() {
        let count = text::plural(
            unexplained.len(),
            "record is named as a parent and not here",
            "records are named as parents and not here",
        );
        writeln!(out, "\n{} {count}", style.paint(Tone::Bad, "incomplete:"))?;
        for missing in unexplained.iter().take(LISTED) {
            writeln!(out, "  {}", &missing.record[..10])?;
        }
        more(unexplained.len(), out)?;
        writeln!(out, "  merge the branch they are on; a cherry-pick leaves ancestors behind")?;
    }
    if !report.work_tree.is_empty() {
        let count =
            text::plural(report.work_tree.len(), "file of the ledger differs", "files of the ledger differ");
        writeln!(
            out,
            "\n{} {count} in the work tree from what is committed; hitl reads what is committed",
            style.paint(Tone::Warn, "work tree:")
        )?;
        for file in report.work_tree.iter().take(LISTED) {
            let state = match file.state {
                WorkTreeState::Missing => "missing",
                WorkTreeState::Modified => "modified",
                WorkTreeState::Untracked => "untracked",
            };
            writeln!(out, "  {state:9} {}", sanitize(&file.path))?;
        }
        more(report.work_tree.len(), out)?;
        writeln!(out, "  {}", style.paint(Tone::Id, "git restore ledger"))?;
    }
    Ok(())
}

fn config_troubles(report: &StatusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if !report.config_faults.is_empty() {
        writeln!(
            out,
            "\n{} `hitl commit` refuses until this is mended",
            style.paint(Tone::Bad, "configuration:")
        )?;
        for fault in report.config_faults.iter().take(LISTED) {
            writeln!(out, "  {}", sanitize(fault))?;
        }
        more(report.config_faults.len(), out)?;
    }
    if !report.uncommitted_tasks.is_empty() {
        let names: Vec<_> = report.uncommitted_tasks.iter().map(|name| sanitize(name)).collect();
        writeln!(
            out,
            "\n{} hitl.yaml declares {} otherwise than the last commit",
            style.paint(Tone::Warn, "not committed:"),
            names.join(", ")
        )?;
        writeln!(
            out,
            "  {}",
            style.paint(Tone::Id, "git add hitl.yaml && git commit -m \"hitl: task schema\" hitl.yaml")
        )?;
    }
    Ok(())
}

fn more(count: usize, out: &mut impl Write) -> io::Result<()> {
    match count.saturating_sub(LISTED) {
        0 => Ok(()),
        rest => writeln!(out, "  … and {} more", text::thousands(rest)),
    }
}
