//! `guideline add`, `list`, `show`, `diff`.

use std::io::{self, Write};

use super::{Cell, Style, Table, Tone, sanitize};
use crate::base::text;
use crate::ops::guideline::{AddReport, DiffLine, DiffReport, ListReport, ShowReport};

/// Writes what `guideline add` did.
///
/// # Errors
/// Whatever writing meets.
pub fn add(report: &AddReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let version = &report.version;
    let key = style.paint(Tone::Id, &version.guideline);
    if report.already_there {
        return writeln!(out, "{key} is in the ledger already, with this very text");
    }
    writeln!(out, "added {key}, a {} change, in force from {}", version.change, version.effective_from)?;
    writeln!(out, "  text    {}", sanitize(&version.path))?;
    writeln!(out, "  sha256  {}", version.sha256)?;
    writeln!(out, "  record  {}", style.paint(Tone::Id, &version.record[..10]))?;
    super::signed_by(report.signed_by.as_deref(), style, out)?;
    super::swept(report.swept_by.as_ref(), style, out)?;
    if let Some(before) = &version.supersedes {
        let name = version.guideline.split('@').next().unwrap_or_default();
        let compare = format!("hitl guideline diff {name}@{before} {}", version.guideline);
        writeln!(out, "\nwhat changed: {}", style.paint(Tone::Id, &compare))?;
    }
    Ok(())
}

/// Writes all versions, a line each.
///
/// # Errors
/// Whatever writing meets.
pub fn list(report: &ListReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.versions.is_empty() {
        return writeln!(
            out,
            "no guidelines yet; next: {}",
            style.paint(Tone::Id, "hitl guideline add NAME FILE.md")
        );
    }
    let mut table = Table::new(&["guideline", "in force from", "change", ">judgements", "why"]).indented(0);
    for version in &report.versions {
        table.row([
            Cell::toned(Tone::Id, &version.guideline),
            version.effective_from.minute().into(),
            version.change.as_str().into(),
            text::thousands(version.judgements).into(),
            version.note.as_deref().unwrap_or("").into(),
        ]);
    }
    table.write(style, out)
}

/// Writes a version's text, and nothing else: it can be piped into a file.
///
/// # Errors
/// Whatever writing meets.
pub fn show(report: &ShowReport, _: &Style, out: &mut impl Write) -> io::Result<()> {
    let text = report.text.split('\n').map(sanitize).collect::<Vec<_>>().join("\n");
    out.write_all(text.as_bytes())?;
    if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") }
}

/// Writes two versions line by line, the words that differ marked.
///
/// # Errors
/// Whatever writing meets.
pub fn diff(report: &DiffReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let (base, head) = (&report.base, &report.head);
    writeln!(out, "{} {}", style.paint(Tone::Bad, "---"), side(base))?;
    writeln!(out, "{} {}", style.paint(Tone::Good, "+++"), side(head))?;
    if report.lines.iter().all(|line| line.op == "equal") {
        return writeln!(out, "the texts are the same");
    }
    for line in &report.lines {
        diff_line(line, style, out)?;
    }
    let counts =
        [text::count(report.added, "word") + " added", text::count(report.removed, "word") + " removed"];
    writeln!(out, "\n{}; a {} change", counts.join(", "), head.change)
}

fn side(version: &crate::ops::guideline::VersionReport) -> String {
    format!("{}  in force from {}", sanitize(&version.guideline), version.effective_from)
}

/// Writes one line; words that differ stand in `[-…-]` and `{+…+}`, as `git diff --word-diff` has them, so that they
/// are seen without colour too.
fn diff_line(line: &DiffLine, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let (sign, tone, open, close) = match line.op {
        "removed" => ("-", Tone::Bad, "[-", "-]"),
        "added" => ("+", Tone::Good, "{+", "+}"),
        _ => (" ", Tone::Dim, "", ""),
    };
    let whole = line.parts.iter().all(|(marked, _)| *marked);
    let mut text = String::from(sign);
    for (marked, part) in &line.parts {
        let part = sanitize(part);
        match *marked && !whole {
            true => text.push_str(&format!("{open}{part}{close}")),
            false => text.push_str(&part),
        }
    }
    let text = if line.op == "equal" { text } else { style.paint(tone, &text) };
    writeln!(out, "{}", text.trim_end())
}
