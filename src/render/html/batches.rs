//! Two sides as a page: counts, then a matrix or how far corrections agree, then item by item.

use std::io::{self, Write};

use super::{escape_text, name, page, table};
use crate::base::text;
use crate::diff::Transition;
use crate::diff::batches::{BatchDiff, ItemDiff, ItemVersion, PartDiff, SideReport};
use crate::edit::SpanKind;
use crate::record::Kind;
use crate::render::batches::{
    MADE, PAIRS, alike, apart, conflicts, in_order, items, kind_of, made, many, pairs, people, pieces_of,
    side,
};
use crate::render::pieces::{Piece, marks};

/// Labels that are shown as a matrix; more are listed cell by cell.
const MATRIX: usize = 6;
/// Listed cells, and items of one side alone.
const LISTED: usize = 50;

/// Writes `report` as a page of its own.
///
/// # Errors
/// Whatever writing meets.
pub fn batch_diff(report: &BatchDiff, out: &mut impl Write) -> io::Result<()> {
    page(&[&report.a.name, &report.b.name], out, |out| {
        header("A", report, &report.a, out)?;
        header("B", report, &report.b, out)?;
        if report.same {
            writeln!(out, "<p>Both judge the same items and say the same of them.</p>")?;
        }
        report.parts.iter().try_for_each(|one| part(one, out))
    })
}

fn header(letter: &str, report: &BatchDiff, of: &SideReport, out: &mut impl Write) -> io::Result<()> {
    let ids: Vec<String> =
        of.records.iter().take(LISTED).map(|id| format!("<code>{}</code>", id.short())).collect();
    let ids = if ids.is_empty() { String::new() } else { format!("<br>record {}", ids.join(" ")) };
    writeln!(out, "<p><strong>{letter}</strong> {}: {}{ids}</p>", name(&of.name), side(report, of))
}

fn part(part: &PartDiff, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<section>\n<h2>{} {}</h2>\n<p>{}.</p>", name(&part.task), part.kind, items(part))?;
    match &part.corrections {
        Some(corrections) => {
            table(&MADE, &made(corrections).map(|row| row.to_vec()), out)?;
            let pairs: Vec<Vec<String>> = pairs(corrections).into_iter().map(|row| row.to_vec()).collect();
            if !pairs.is_empty() {
                table(&PAIRS, &pairs, out)?;
            }
        }
        None if part.items.both > 0 => {
            writeln!(out, "<p>{}.</p>", alike(part))?;
            transitions(&part.transitions, out)?;
        }
        None => {}
    }
    let row = |one: &crate::diff::batches::LabelerRows| vec![name(&one.labeler), many(one.a), many(one.b)];
    let rows: Vec<Vec<String>> = part.labelers.iter().take(LISTED).map(row).collect();
    table(&["labeler", ">in A", ">in B"], &rows, out)?;
    match part.kind {
        Kind::Corrections => part.differing.iter().try_for_each(|item| correction(item, out))?,
        _ => labels(&part.differing, out)?,
    }
    let more = part.items.differently as usize - part.differing.len();
    if more > 0 {
        writeln!(
            out,
            "<p class=\"left\">{} not listed; --limit lists more.</p>",
            text::count(more, "more item")
        )?;
    }
    alone("A alone", &part.only_a, part.items.only_a, out)?;
    alone("B alone", &part.only_b, part.items.only_b, out)?;
    if let Some(conflicts) = conflicts(part, LISTED, name) {
        writeln!(out, "<p>{conflicts}.</p>")?;
    }
    writeln!(out, "</section>")
}

fn label(label: &Option<String>) -> String {
    label.as_deref().map_or_else(|| "<em>abstained</em>".to_owned(), name)
}

/// Writes the matrix from A's label to B's, or a list of its largest cells.
fn transitions(cells: &[Transition], out: &mut impl Write) -> io::Result<()> {
    let mut labels: Vec<&Option<String>> =
        cells.iter().flat_map(|cell| [&cell.before, &cell.after]).collect();
    labels.sort_by_key(|label| (label.is_none(), *label));
    labels.dedup();
    if labels.len() > MATRIX {
        let mut largest: Vec<&Transition> = cells.iter().collect();
        largest.sort_by_key(|cell| std::cmp::Reverse(cell.count));
        let row = |cell: &&Transition| vec![label(&cell.before), label(&cell.after), many(cell.count)];
        return table(&["A", "B", ">pairs"], &largest.iter().take(LISTED).map(row).collect::<Vec<_>>(), out);
    }
    let heads: Vec<String> =
        labels.iter().map(|label| format!(">{}", label.as_deref().unwrap_or("abstained"))).collect();
    let heads: Vec<&str> =
        ["A, below; B, across"].into_iter().chain(heads.iter().map(String::as_str)).collect();
    let row = |before: &&Option<String>| {
        let count = |after: &&Option<String>| {
            let same = |cell: &&Transition| (&cell.before, &cell.after) == (*before, *after);
            cells.iter().find(same).map_or_else(|| "·".to_owned(), |cell| many(cell.count))
        };
        [label(before)].into_iter().chain(labels.iter().map(count)).collect()
    };
    table(&heads, &labels.iter().map(row).collect::<Vec<_>>(), out)
}

fn names(names: &[String]) -> String {
    names.iter().map(|one| name(one)).collect::<Vec<_>>().join(", ")
}

fn labels(items: &[ItemDiff], out: &mut impl Write) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let said = |item: &ItemDiff, side: fn(&ItemVersion) -> &[String]| {
        let versions = item.versions.iter().filter(|version| !side(version).is_empty());
        versions
            .map(|version| format!("{}: {}", names(side(version)), label(&version.says)))
            .collect::<Vec<_>>()
            .join("<br>")
    };
    let row = |item: &ItemDiff| {
        vec![name(&item.item), said(item, |version| &version.a), said(item, |version| &version.b)]
    };
    table(&["item", "A", "B"], &items.iter().map(row).collect::<Vec<_>>(), out)
}

fn correction(item: &ItemDiff, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<article>\n<h3>{}</h3>", name(&item.item))?;
    for version in in_order(&item.versions) {
        let who: Vec<String> = people(version).map(|(side, who)| format!("{side} {}", names(who))).collect();
        writeln!(out, "<p class=\"who\">{}: {}</p>", who.join(", "), kind_of(version))?;
        let pieces = pieces_of(item, version);
        if pieces.is_empty() {
            continue;
        }
        let text: String = marks(&pieces).map(mark).collect();
        writeln!(out, "<bdi class=\"text\" dir=\"auto\">{text}</bdi>")?;
    }
    if let Some(apart) = apart(item, name, "; ") {
        writeln!(out, "<p class=\"who\">apart: {apart}</p>")?;
    }
    writeln!(out, "</article>")
}

fn mark((kind, run): (SpanKind, &[Piece<'_>])) -> String {
    // Lines that stay are lines; line ends that change are to be seen.
    let lines = |text: &str| match kind {
        SpanKind::Equal => text.split('\n').map(escape_text).collect::<Vec<_>>().join("\n"),
        SpanKind::Delete | SpanKind::Insert => escape_text(text),
    };
    let one = |piece: &Piece<'_>| match piece {
        Piece::Text(..) => piece.words(lines),
        Piece::Left(..) => format!("<span class=\"left\">{}</span>", piece.words(escape_text)),
    };
    let text: String = run.iter().map(one).collect();
    match kind {
        SpanKind::Equal => text,
        SpanKind::Delete => format!("<del>{text}</del>"),
        SpanKind::Insert => format!("<ins>{text}</ins>"),
    }
}

fn alone(what: &str, listed: &[String], all: u64, out: &mut impl Write) -> io::Result<()> {
    if listed.is_empty() {
        return Ok(());
    }
    let ids = &listed[..listed.len().min(LISTED)];
    let more = all - ids.len() as u64;
    let more = if more > 0 { format!(" and {} more", many(more)) } else { String::new() };
    writeln!(out, "<p>In {what}: {}{more}.</p>", names(ids))
}
