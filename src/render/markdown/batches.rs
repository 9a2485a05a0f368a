//! Two sides as Markdown: counts first, then tables; the items that differ folded away.

use std::io::{self, Write};

use super::inline::marked;
use super::table;
use crate::base::text;
use crate::diff::Transition;
use crate::diff::batches::{BatchDiff, ItemDiff, ItemVersion, PartDiff};
use crate::record::Kind;
use crate::render::batches::{
    MADE, PAIRS, alike, conflicts, in_order, items, kind_of, made, many, pairs, people, pieces_of, side,
};
use crate::render::human::sanitize;

/// Items and cells that are shown.
const SHOWN: usize = 20;
/// What parts of a page of more bytes say beyond their names is left out: forges refuse 65,536.
const MOST: usize = 40_000;
/// Characters of a name that are shown.
const NAME: usize = 60;
/// Bytes that a part takes without its lists, and a little more.
const PART: usize = 1000;

/// Writes `report` as a section of a Markdown page.
///
/// # Errors
/// Whatever writing meets.
pub fn batch_diff(report: &BatchDiff, out: &mut impl Write) -> io::Result<()> {
    let (a, b) = (code(&report.a.name), code(&report.b.name));
    writeln!(out, "### {a} and {b}\n")?;
    writeln!(out, "- **A** {a}: {}", side(report, &report.a))?;
    writeln!(out, "- **B** {b}: {}", side(report, &report.b))?;
    if report.same {
        writeln!(out, "\nBoth judge the same items and say the same of them.")?;
    }
    let mut room = MOST;
    for (place, one) in report.parts.iter().enumerate() {
        let mut page = Vec::new();
        part(one, &mut room, &mut page)?;
        // Items take what they need of the room before they are written; a part without any still takes some.
        room = room.saturating_sub(PART);
        out.write_all(&page)?;
        let left = report.parts.len() - place - 1;
        if room == 0 && left > 0 {
            return writeln!(out, "\n… and {}", text::count(left, "more task"));
        }
    }
    Ok(())
}

/// Returns a name as a code span, cut where it is long.
fn code(name: &str) -> String {
    let name = sanitize(name);
    match name.char_indices().nth(NAME) {
        Some((end, _)) => super::code(&format!("{}…", &name[..end])),
        None => super::code(&name),
    }
}

fn part(part: &PartDiff, room: &mut usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n**{} {}**: {}.", super::escape(&part.task), part.kind, items(part))?;
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
            transitions(&part.transitions, room, out)?;
        }
        None => {}
    }
    if let Some(conflicts) = conflicts(part, SHOWN, code).filter(|told| take(told.len(), room)) {
        writeln!(out, "\n{conflicts}.")?;
    }
    differing(part, room, out)
}

/// Takes so many bytes of the room, if it has them.
fn take(bytes: usize, room: &mut usize) -> bool {
    let left = room.checked_sub(bytes);
    *room = left.unwrap_or(*room);
    left.is_some()
}

/// Returns how many bytes a row of a table takes.
fn size(row: &[String]) -> usize {
    row.iter().map(|cell| cell.len() + cell.matches('|').count() + 3).sum::<usize>() + 2
}

/// Writes the largest cells off the matrix's diagonal.
fn transitions(cells: &[Transition], room: &mut usize, out: &mut impl Write) -> io::Result<()> {
    let mut moved: Vec<&Transition> = cells.iter().filter(|cell| cell.before != cell.after).collect();
    moved.sort_by_key(|cell| std::cmp::Reverse(cell.count));
    if moved.is_empty() {
        return Ok(());
    }
    let label = |label: &Option<String>| label.as_deref().map_or_else(|| "*abstained*".to_owned(), code);
    let row = |cell: &&Transition| vec![label(&cell.before), label(&cell.after), many(cell.count)];
    let rows = moved.iter().take(SHOWN).map(row).take_while(|row| take(size(row), room));
    table(&["A", "B", ">pairs"], &rows.collect::<Vec<_>>(), out)
}

fn differing(part: &PartDiff, room: &mut usize, out: &mut impl Write) -> io::Result<()> {
    let (mut rows, mut shown) = (Vec::new(), 0);
    for item in part.differing.iter().take(SHOWN) {
        let more = item_rows(part.kind, item);
        if !take(more.iter().map(|row| size(row)).sum(), room) {
            break;
        }
        shown += 1;
        rows.extend(more);
    }
    let left = part.items.differently - shown;
    if rows.is_empty() {
        return match left {
            0 => Ok(()),
            left => writeln!(
                out,
                "\n{} not shown here",
                text::plural(left as usize, "item that differs is", "items that differ are")
            ),
        };
    }
    writeln!(out, "\n<details><summary>Items that differ</summary>\n")?;
    match part.kind {
        Kind::Corrections => table(&["item", "who", "what", "text"], &rows, out)?,
        _ => table(&["item", "A", "B"], &rows, out)?,
    }
    if left > 0 {
        writeln!(out, "\n… and {}", text::count(left as usize, "more item"))?;
    }
    writeln!(out, "\n</details>")
}

fn item_rows(kind: Kind, item: &ItemDiff) -> Vec<Vec<String>> {
    if kind != Kind::Corrections {
        let said = |side: fn(&ItemVersion) -> &[String]| {
            let versions = item.versions.iter().filter(|version| !side(version).is_empty());
            let one = |version: &ItemVersion| {
                let label = version.says.as_deref().map_or_else(|| "*abstained*".to_owned(), code);
                format!("{label} {}", names(side(version)))
            };
            versions.map(one).collect::<Vec<_>>().join(", ")
        };
        return vec![vec![code(&item.item), said(|version| &version.a), said(|version| &version.b)]];
    }
    let row = |(place, version): (usize, &ItemVersion)| {
        let who = people(version).map(|(side, who)| format!("{side} {}", names(who)));
        let name = if place == 0 { code(&item.item) } else { String::new() };
        vec![name, who.collect::<Vec<_>>().join(", "), kind_of(version), marked(&pieces_of(item, version))]
    };
    in_order(&item.versions).into_iter().enumerate().map(row).collect()
}

fn names(names: &[String]) -> String {
    let listed = names.iter().take(5).map(|name| code(name)).collect::<Vec<_>>().join(" ");
    if names.len() > 5 { format!("{listed} and {} more", text::thousands(names.len() - 5)) } else { listed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::batches::{Answer, Said, Side, compare};

    #[test]
    fn a_page_is_short_enough_for_a_forge_whatever_the_labels() {
        let long = |start: String, of: &str| format!("{start}{}", of.repeat(3000));
        let names: Vec<String> = (0..60).map(|i| long(format!("n{i}"), "`x|`")).collect();
        let labels: Vec<String> = (0..60).map(|i| long(format!("{i}"), "\u{e0001}|")).collect();
        let tasks: Vec<String> = (0..30).map(|i| format!("task{i}")).collect();
        let side = |name: &str, turn: usize| Side {
            name: long(name.to_owned(), "|"),
            said: (0..30 * 60)
                .map(|i| Said {
                    task: &tasks[i / 60],
                    kind: Kind::Labels,
                    item: &names[i % 60],
                    labeler: &names[i % 7],
                    created_at: None,
                    answer: Answer::Label(Some(&labels[(i + turn) % 60])),
                })
                .collect(),
            ..Side::default()
        };
        let report = compare(&side("A", 0), &side("B", 1), None);
        let mut out = Vec::new();
        batch_diff(&report, &mut out).unwrap();
        let page = String::from_utf8(out).unwrap();
        assert!(page.len() < 60_000, "{}", page.len());
        assert!(page.contains("`n0") && page.contains("more items") && page.contains("more tasks"), "{page}");
    }
}
