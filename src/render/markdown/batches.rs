//! Two sides as Markdown: counts first, then tables; the items that differ folded away.

use std::io::{self, Write};

use super::inline::marked;
use super::{code, escape, table};
use crate::base::text;
use crate::diff::Transition;
use crate::diff::batches::{BatchDiff, ItemDiff, PartDiff, Version};
use crate::record::Kind;
use crate::render::batches::{MADE, PAIRS, alike, in_order, items, kind_of, made, many, pairs, people, side};
use crate::render::pieces::{pieces, unchanged};

/// Items and cells that are shown.
const SHOWN: usize = 20;
/// A page of more bytes lists no further item: forges refuse 65,536.
const MOST: usize = 40_000;

/// Writes `report` as a section of a Markdown page.
///
/// # Errors
/// Whatever writing meets.
pub fn batch_diff(report: &BatchDiff, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "### {} and {}\n", code(&report.a.name), code(&report.b.name))?;
    writeln!(out, "- **A** {}: {}", code(&report.a.name), side(report, &report.a))?;
    writeln!(out, "- **B** {}: {}", code(&report.b.name), side(report, &report.b))?;
    if report.same {
        writeln!(out, "\nBoth judge the same items and say the same of them.")?;
    }
    let mut room = MOST;
    report.parts.iter().try_for_each(|one| part(one, &mut room, out))
}

fn part(part: &PartDiff, room: &mut usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n**{} {}**: {}.", escape(&part.task), part.kind, items(part))?;
    match &part.corrections {
        Some(corrections) => {
            writeln!(out)?;
            table(&MADE, &made(corrections).map(|row| row.to_vec()), out)?;
            let pairs = pairs(corrections);
            if !pairs.is_empty() {
                writeln!(out)?;
                table(&PAIRS, &pairs.into_iter().map(|row| row.to_vec()).collect::<Vec<_>>(), out)?;
            }
        }
        None if part.items.both > 0 => {
            writeln!(out, "{}.\n", alike(part))?;
            transitions(&part.transitions, out)?;
        }
        None => {}
    }
    differing(part, room, out)
}

/// Writes the largest cells off the matrix's diagonal.
fn transitions(cells: &[Transition], out: &mut impl Write) -> io::Result<()> {
    let mut moved: Vec<&Transition> = cells.iter().filter(|cell| cell.before != cell.after).collect();
    moved.sort_by_key(|cell| std::cmp::Reverse(cell.count));
    if moved.is_empty() {
        return Ok(());
    }
    let label = |label: &Option<String>| label.as_deref().map_or_else(|| "*abstained*".to_owned(), code);
    let row = |cell: &&Transition| vec![label(&cell.before), label(&cell.after), many(cell.count)];
    table(&["A", "B", ">pairs"], &moved.iter().take(SHOWN).map(row).collect::<Vec<_>>(), out)
}

fn differing(part: &PartDiff, room: &mut usize, out: &mut impl Write) -> io::Result<()> {
    let (mut rows, mut shown) = (Vec::new(), 0);
    for item in part.differing.iter().take(SHOWN) {
        let more = item_rows(part.kind, item);
        let bytes = more.iter().flatten().map(|cell| cell.len() + 3).sum();
        let Some(left) = room.checked_sub(bytes) else { break };
        *room = left;
        shown += 1;
        rows.extend(more);
    }
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n<details><summary>Items that differ</summary>\n")?;
    match part.kind {
        Kind::Corrections => table(&["item", "who", "what", "text"], &rows, out)?,
        _ => table(&["item", "A", "B"], &rows, out)?,
    }
    let left = part.items.differently - shown;
    if left > 0 {
        writeln!(out, "\n… and {}", text::count(left as usize, "more item"))?;
    }
    writeln!(out, "\n</details>")
}

fn item_rows(kind: Kind, item: &ItemDiff) -> Vec<Vec<String>> {
    if kind != Kind::Corrections {
        let said = |side: fn(&Version) -> &[String]| {
            let versions = item.versions.iter().filter(|version| !side(version).is_empty());
            let one = |version: &Version| {
                let label = version.says.as_deref().map_or_else(|| "*abstained*".to_owned(), code);
                format!("{label} {}", names(side(version)))
            };
            versions.map(one).collect::<Vec<_>>().join(", ")
        };
        return vec![vec![code(&item.item), said(|version| &version.a), said(|version| &version.b)]];
    }
    let row = |(place, version): (usize, &Version)| {
        let who = people(version).map(|(side, who)| format!("{side} {}", names(who)));
        let name = if place == 0 { code(&item.item) } else { String::new() };
        vec![name, who.collect::<Vec<_>>().join(", "), kind_of(version), text_of(item, version)]
    };
    in_order(&item.versions).into_iter().enumerate().map(row).collect()
}

fn names(names: &[String]) -> String {
    let listed = names.iter().take(5).map(|name| code(name)).collect::<Vec<_>>().join(" ");
    if names.len() > 5 { format!("{listed} and {} more", text::thousands(names.len() - 5)) } else { listed }
}

fn text_of(item: &ItemDiff, version: &Version) -> String {
    let original = version.original.as_deref().or(item.original.as_deref());
    let pieces = match (original, version.says.as_deref()) {
        (Some(original), Some(says)) => pieces(original, says),
        (Some(text), None) | (None, Some(text)) => unchanged(text),
        (None, None) => Vec::new(),
    };
    marked(&pieces)
}
