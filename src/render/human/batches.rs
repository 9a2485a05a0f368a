//! Two sides as text for a terminal: counts, then a matrix or how far corrections agree, then item by item.

use std::io::{self, Write};

use super::diff::matrix;
use super::inline::painted;
use super::{Cell, Style, Table, Tone, sanitize};
use crate::base::text::{count, thousands};
use crate::diff::batches::{BatchDiff, ItemDiff, ItemVersion, PartDiff, SideReport};
use crate::record::Kind;
use crate::render::batches::{
    MADE, PAIRS, alike, apart, conflicts, in_order, items, kind_of, made, many, pairs, people, pieces_of,
    side,
};

/// Items of one side alone that are named.
const NAMED: usize = 10;

/// Writes `report` for people; with `stat` its counts alone.
///
/// # Errors
/// Whatever writing meets.
pub fn batch_diff(report: &BatchDiff, stat: bool, style: &Style, out: &mut impl Write) -> io::Result<()> {
    header("A", report, &report.a, style, out)?;
    header("B", report, &report.b, style, out)?;
    for part in &report.parts {
        writeln!(out)?;
        part_counts(part, style, out)?;
        if !stat {
            differing(part, style, out)?;
            alone("A alone", &part.only_a, part.items.only_a, style, out)?;
            alone("B alone", &part.only_b, part.items.only_b, style, out)?;
            if let Some(conflicts) = conflicts(part, NAMED, |id| style.paint(Tone::Id, &sanitize(id))) {
                writeln!(out, "\n  {conflicts}")?;
            }
        }
    }
    if report.same {
        writeln!(out, "\nBoth judge the same items and say the same of them.")?;
    }
    Ok(())
}

fn header(
    name: &str,
    report: &BatchDiff,
    of: &SideReport,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let heading = style.paint(Tone::Heading, &format!("{name}  {}", sanitize(&of.name)));
    writeln!(out, "{heading}: {}", side(report, of))?;
    let listed: Vec<String> =
        of.records.iter().take(NAMED).map(|id| style.paint(Tone::Id, &id.short())).collect();
    if listed.is_empty() {
        return Ok(());
    }
    let more = of.records.len() - listed.len();
    let more = if more > 0 { format!(" and {} more", thousands(more)) } else { String::new() };
    writeln!(out, "   {} {}{more}", style.paint(Tone::Dim, "record"), listed.join(" "))
}

fn part_counts(part: &PartDiff, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let name = style.paint(Tone::Heading, &format!("{} {}", sanitize(&part.task), part.kind));
    writeln!(out, "{name}: {}", items(part))?;
    if part.items.both > 0 && part.kind != Kind::Corrections {
        writeln!(out, "  {}", alike(part))?;
    }
    labelers(part, style, out)?;
    if let Some(corrections) = &part.corrections {
        table(&MADE, made(corrections).iter().map(|row| &row[..]), style, out)?;
        return table(&PAIRS, pairs(corrections).iter().map(|row| &row[..]), style, out);
    }
    if part.transitions.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  From A's label (the row) to B's (the column)")?;
    matrix(&part.transitions, "(abstained)", style, out)
}

fn labelers(part: &PartDiff, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut most: Vec<_> = part.labelers.iter().collect();
    most.sort_by_key(|one| std::cmp::Reverse(one.a + one.b));
    let rows = most.iter().take(NAMED).map(|one| [one.labeler.clone(), many(one.a), many(one.b)]);
    let rows: Vec<[String; 3]> = rows.collect();
    table(&["labeler", ">in A", ">in B"], rows.iter().map(|row| &row[..]), style, out)?;
    match most.len().saturating_sub(NAMED) {
        0 => Ok(()),
        more => writeln!(out, "  and {} more", thousands(more)),
    }
}

/// Writes a table after an empty line, where it has rows.
fn table<'a>(
    heads: &[&str],
    rows: impl Iterator<Item = &'a [String]>,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut table = Table::new(heads);
    rows.for_each(|row| table.row(row.iter().map(Cell::from)));
    if table.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    table.write(style, out)
}

fn differing(part: &PartDiff, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if part.kind == Kind::Corrections {
        part.differing.iter().try_for_each(|item| correction(item, style, out))?;
    } else if !part.differing.is_empty() {
        let said = |item: &ItemDiff, side: fn(&ItemVersion) -> &[String]| {
            let versions = item.versions.iter().filter(|version| !side(version).is_empty());
            let one = |version: &ItemVersion| {
                format!("{} {}", version.says.as_deref().unwrap_or("(abstained)"), names(side(version)))
            };
            versions.map(one).collect::<Vec<_>>().join(" · ")
        };
        let mut table = Table::new(&["item", "A", "B"]);
        for item in &part.differing {
            let (a, b) = (said(item, |version| &version.a), said(item, |version| &version.b));
            table.row([Cell::toned(Tone::Id, &item.item), a.into(), b.into()]);
        }
        writeln!(out)?;
        table.write(style, out)?;
    }
    let more = part.items.differently as usize - part.differing.len();
    match more {
        0 => Ok(()),
        more => {
            let note = format!("{} not listed; --limit lists more", count(more, "more item"));
            writeln!(out, "\n{}", style.paint(Tone::Dim, &note))
        }
    }
}

/// Returns `ana, bob`, a few of many.
fn names(names: &[String]) -> String {
    let listed = names.iter().take(NAMED).map(|name| sanitize(name)).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => listed,
        more => format!("{listed} and {} more", thousands(more)),
    }
}

/// Writes what people made of one text, side by side.
fn correction(item: &ItemDiff, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{}", style.paint(Tone::Heading, &sanitize(&item.item)))?;
    let changed = item.original.is_some() && item.versions.iter().any(|version| version.distance > Some(0));
    for version in in_order(&item.versions) {
        let who = people(version).map(|(side, who)| {
            format!("{} {}", style.paint(Tone::Dim, side), style.paint(Tone::Id, &names(who)))
        });
        writeln!(out, "  {}  {}", who.collect::<Vec<_>>().join("  "), kind_of(version))?;
        // The others show what it was.
        if version.distance == Some(0) && version.original.is_none() && changed {
            continue;
        }
        let pieces = pieces_of(item, version);
        if !pieces.is_empty() {
            writeln!(out, "    {}", painted(&pieces, style))?;
        }
    }
    match apart(item, |labeler| sanitize(labeler).into_owned(), " · ") {
        Some(apart) => writeln!(out, "  {} {apart}", style.paint(Tone::Dim, "apart")),
        None => Ok(()),
    }
}

fn alone(what: &str, listed: &[String], all: u64, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if listed.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = listed.iter().take(NAMED).map(|id| style.paint(Tone::Id, &sanitize(id))).collect();
    let more = all - ids.len() as u64;
    let more = if more > 0 { format!(" and {} more", many(more)) } else { String::new() };
    writeln!(out, "\n  In {what}: {}{more}", ids.join(", "))
}
