//! Corrections as unified diffs, which `patch` and people's eyes read: `--- a/ITEM`, `+++ b/ITEM (A ana)`; and files as
//! they change.
//!
//! A text is a file of its lines; one with a line too long for that, a file of its words, one a line.

use std::io::{self, Write};

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use super::{Style, Tone, readable, sanitize};
use crate::base::text::count;
use crate::diff::batches::{BatchDiff, ItemDiff, ItemVersion, PartDiff};
use crate::edit::{WordKind, words};
use crate::record::Kind;
use crate::render::batches::{conflicts, in_order, kind_of, people};

/// Unchanged lines around a change.
const AROUND: usize = 3;
/// Contradictions that are named.
const NAMED: usize = 10;
/// A line of more bytes is told word by word.
const LINE: usize = 1000;
/// Pairs of lines that are compared at most: beyond, what lies between the first and the last change is replaced.
const PAIRS: usize = 25_000_000;

/// Writes the corrections of the items that differ, one after the other.
///
/// # Errors
/// Whatever writing meets.
pub fn batch_unified(report: &BatchDiff, style: &Style, out: &mut impl Write) -> io::Result<()> {
    report.parts.iter().filter(|part| part.kind == Kind::Corrections).try_for_each(|part| {
        for item in &part.differing {
            in_order(&item.versions).into_iter().try_for_each(|version| one(item, version, style, out))?;
        }
        not_listed(part, style, out)
    })
}

/// Writes what of a part is in no diff above.
fn not_listed(part: &PartDiff, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut note = |text: &str| {
        writeln!(out, "{}", style.paint(Tone::Dim, &format!("# {}: {text}", sanitize(&part.task))))
    };
    let more = part.items.differently as usize - part.differing.len();
    if more > 0 {
        note(&format!("{} not listed; --limit lists more", count(more, "more item")))?;
    }
    for (items, place) in [(part.items.only_a, "A"), (part.items.only_b, "B")] {
        if items > 0 {
            note(&format!("{} in {place} alone, not listed", count(items as usize, "item")))?;
        }
    }
    match conflicts(part, NAMED, |id| sanitize(id).into_owned()) {
        Some(conflicts) => note(&conflicts),
        None => Ok(()),
    }
}

fn one(item: &ItemDiff, version: &ItemVersion, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let who = people(version).map(|(side, names)| format!("{side} {}", names.join(", ")));
    let name = sanitize(&item.item);
    let head = format!("{name} ({})", sanitize(&who.collect::<Vec<_>>().join(", ")));
    let original = version.original.as_deref().or(item.original.as_deref()).unwrap_or_default();
    let says = match version.says.as_deref() {
        Some(says) if says != original => says,
        // A line that is none of a diff's.
        _ => return writeln!(out, "{}", style.paint(Tone::Dim, &format!("# {head}: {}", kind_of(version)))),
    };
    writeln!(out, "{}", style.paint(Tone::Heading, &format!("--- a/{name}")))?;
    writeln!(out, "{}", style.paint(Tone::Heading, &format!("+++ b/{head}")))?;
    hunks(original, says, style, out)
}

/// Writes how a file changes; one that was empty was not there.
///
/// # Errors
/// Whatever writing meets.
pub(super) fn file_unified(
    path: &str,
    before: &str,
    after: &str,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let path = sanitize(path);
    let old = if before.is_empty() { "/dev/null".to_owned() } else { format!("a/{path}") };
    writeln!(out, "{}", style.paint(Tone::Heading, &format!("--- {old}")))?;
    writeln!(out, "{}", style.paint(Tone::Heading, &format!("+++ b/{path}")))?;
    if before.is_empty() {
        let lines: Vec<&str> = after.lines().collect();
        let head = format!("@@ -0,0 +1,{} @@", lines.len());
        writeln!(out, "{}", style.paint(Tone::Id, &head))?;
        let added = |line: &&str| style.paint(Tone::Good, &format!("+{}", readable(line)));
        return lines.iter().try_for_each(|line| writeln!(out, "{}", added(line)));
    }
    // The line end at the end of a file is no line of its own.
    let whole = |text: &str| text.strip_suffix('\n').unwrap_or(text).to_owned();
    hunks(&whole(before), &whole(after), style, out)
}

fn hunks(original: &str, corrected: &str, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let by_words = [original, corrected].iter().any(|text| text.split('\n').any(|line| line.len() > LINE));
    let (old, new) = (units(original, by_words), units(corrected, by_words));
    for group in group_diff_ops(operations(&old, &new), AROUND) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let old_range = first.old_range().start..last.old_range().end;
        let new_range = first.new_range().start..last.new_range().end;
        let place = |range: std::ops::Range<usize>| match range.len() {
            // A place without lines is named by the line before it.
            0 => format!("{},0", range.start),
            1 => format!("{}", range.start + 1),
            count => format!("{},{count}", range.start + 1),
        };
        let words = if by_words { " words" } else { "" };
        let head = format!("@@ -{} +{} @@{words}", place(old_range), place(new_range));
        writeln!(out, "{}", style.paint(Tone::Id, &head))?;
        for operation in group {
            let equal = matches!(operation, DiffOp::Equal { .. });
            let (removed, added) = (&old[operation.old_range()], &new[operation.new_range()]);
            let mut write = |sign: char, tone: Option<Tone>, lines: &[&str]| {
                lines.iter().try_for_each(|line| {
                    let line = format!("{sign}{}", readable(line));
                    let line = tone.map_or_else(|| line.clone(), |tone| style.paint(tone, &line));
                    writeln!(out, "{line}")
                })
            };
            match equal {
                true => write(' ', None, removed)?,
                false => {
                    write('-', Some(Tone::Bad), removed)?;
                    write('+', Some(Tone::Good), added)?;
                }
            }
        }
    }
    Ok(())
}

/// Returns the lines of a text, or its words. A line end at the end of the text is an empty last line, so that texts
/// that differ in it alone do differ.
fn units(text: &str, by_words: bool) -> Vec<&str> {
    match by_words {
        false => text.split('\n').collect(),
        true => {
            let words = words(text).into_iter().filter(|word| word.kind != WordKind::Space);
            words.map(|word| &text[word.range]).collect()
        }
    }
}

/// Returns what makes `new` of `old`, bounded in time by the number of units.
fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let head = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let (rest_old, rest_new) = (&old[head..], &new[head..]);
    let tail =
        rest_old.iter().rev().zip(rest_new.iter().rev()).take_while(|(one, other)| one == other).count();
    let (middle_old, middle_new) = (&rest_old[..rest_old.len() - tail], &rest_new[..rest_new.len() - tail]);
    if middle_old.len().saturating_mul(middle_new.len()) <= PAIRS {
        return capture_diff_slices(Algorithm::Myers, old, new);
    }
    let equal = |old_index, new_index, len| DiffOp::Equal { old_index, new_index, len };
    let replaced = DiffOp::Replace {
        old_index: head,
        old_len: middle_old.len(),
        new_index: head,
        new_len: middle_new.len(),
    };
    let after = equal(head + middle_old.len(), head + middle_new.len(), tail);
    let all = [equal(0, 0, head), replaced, after];
    all.into_iter()
        .filter(|operation| !operation.old_range().is_empty() || !operation.new_range().is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(original: &str, corrected: &str) -> String {
        let mut out = Vec::new();
        hunks(original, corrected, &Style::PLAIN, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_sentence_is_a_line_and_long_lines_are_words() {
        assert_eq!(said("I has a cat .", "I have a cat ."), "@@ -1 +1 @@\n-I has a cat .\n+I have a cat .\n");
        let long = format!("{}end", "word ".repeat(400));
        let words = said(&long, &long.replace("end", "END"));
        assert_eq!(words, "@@ -398,4 +398,4 @@ words\n word\n word\n word\n-end\n+END\n");
    }

    #[test]
    fn lines_have_three_others_around_them() {
        let text = |changed: &str| format!("1\n2\n3\n4\n{changed}\n6\n7\n8\n9");
        let wanted = "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(said(&text("5"), &text("five")), wanted);
        assert_eq!(said("a", "a\n"), "@@ -1 +1,2 @@\n a\n+\n");
    }

    #[test]
    fn many_lines_that_all_differ_are_replaced_at_once() {
        // A line in a thousand is shared, which nobody looks for among so many.
        let line = |word: &str, i: usize| match i % 1000 {
            500 => format!("shared{i}\n"),
            _ => format!("{word}{i}\n"),
        };
        let lines = |word: &str| (0..6000).map(|i| line(word, i)).collect::<String>();
        let diff = said(&format!("same\n{}", lines("a")), &format!("same\n{}", lines("b")));
        assert!(diff.starts_with("@@ -1,6002 +1,6002 @@\n same\n-a0\n"), "{}", &diff[..60]);
        assert_eq!(diff.lines().count(), 1 + 2 + 12_000);
    }
}
