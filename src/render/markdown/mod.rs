//! Markdown for pull requests and documents (GitHub's and GitLab's dialects).
//!
//! Everything that came from data goes through [`escape`] or [`code`]: no label or id can make a link, a mention, a
//! table cell or HTML.

mod adjudicate;
mod against;
mod agreement;
mod audit;
mod batches;
mod check;
mod consensus;
mod inline;
mod labelers;
mod patterns;

pub use adjudicate::adjudicate_list;
pub use against::against;
pub use agreement::agreement;
pub use audit::audit;
pub use batches::batch_diff;
pub use check::check;
pub use consensus::consensus;
pub use labelers::labelers;
pub use patterns::patterns;

use std::io::{self, Write};

use super::human::{readable, sanitize};

/// Returns `text` so that it reads as itself on one line.
pub fn escape(text: &str) -> String {
    escaped(&sanitize(text))
}

/// Returns a text that people read in the same way; joiners that join stay.
fn escape_text(text: &str) -> String {
    escaped(&readable(text))
}

fn escaped(text: &str) -> String {
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Returns a word; one that a forge would act on as a code span, since neither a backslash nor an entity keeps it from that:
/// both look for mentions, references and addresses in what Markdown has become.
fn word(text: &str) -> String {
    let from = text.trim_start_matches(['(', '"', '\'', '“', '‘']);
    let core = from.trim_end_matches([')', '"', '\'', '”', '’', ',', '.', ':', ';', '?', '!']);
    if !acts(core) {
        return characters(text);
    }
    let (before, after) = (&text[..text.len() - from.len()], &from[core.len()..]);
    format!("{}{}{}", characters(before), code(core), characters(after))
}

/// Whether GitHub or GitLab would make more of a word than text: a mention, a reference, an address.
fn acts(word: &str) -> bool {
    let lower = word.to_lowercase();
    let names = |(at, sigil): (usize, &str)| {
        word[at + sigil.len()..].starts_with(|next: char| next.is_alphanumeric() || "\"_".contains(next))
    };
    lower.contains("://")
        || lower.contains("www.")
        || lower.strip_prefix("gh-").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        || word.match_indices(['@', '#', '!', '~', '$', '%', '&', '^']).any(names)
}

fn characters(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$' | '@' | '#' => out.extend(['\\', c]),
            // Part of a web address or an emoji's name.
            ':' if rest.peek().is_some_and(|next| !next.is_whitespace()) => out.push_str("\\:"),
            c => out.push(c),
        }
    }
    out
}

/// Returns `text` as a code span.
pub fn code(text: &str) -> String {
    let text = sanitize(text);
    if text.trim().is_empty() {
        return "` `".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Writes a table of cells that are Markdown already. A head that begins with `>` is of a column of numbers. A `|`
/// would end its cell, inside a code span too: only here it is escaped, since elsewhere the backslash would show.
///
/// # Errors
/// Whatever writing meets.
pub fn table(heads: &[&str], rows: &[Vec<String>], out: &mut impl Write) -> io::Result<()> {
    let names = heads.iter().map(|head| head.strip_prefix('>').unwrap_or(head));
    writeln!(out, "| {} |", names.collect::<Vec<_>>().join(" | "))?;
    let rules = heads.iter().map(|head| if head.starts_with('>') { "---:" } else { "---" });
    writeln!(out, "| {} |", rules.collect::<Vec<_>>().join(" | "))?;
    rows.iter().try_for_each(|row| {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', r"\|")).collect();
        writeln!(out, "| {} |", cells.join(" | "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_become_markdown() {
        assert_eq!(escape("a <img> @bob #1 [x](y)\n*"), r"a &lt;img&gt; `@bob` `#1` \[x\](y)\\n\*");
        assert_eq!(escape("note: http://x :tada:"), r"note: `http://x` \:tada:");
        assert_eq!(
            escape("(by @all), a@b.c: GH-1, 3% of !7 #"),
            r"(by `@all`), `a@b.c`: `GH-1`, 3% of `!7` \#"
        );
        assert_eq!(escape("`@bob` www.x.y [a](//b) **c**"), r"`` `@bob` `` `www.x.y` \[a\](//b) \*\*c\*\*");
        assert_eq!(escape("high-end"), "high-end");
        assert_eq!(code("``tick"), "``` ``tick ```");
        assert_eq!(code(""), "` `");
        assert_eq!(code("x\n"), r"`x\n`");
    }

    #[test]
    fn numbers_stand_to_the_right() {
        let mut out = Vec::new();
        table(&["labeler", ">labels"], &[vec![code("ana|x"), "12".into()]], &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "| labeler | labels |\n| --- | ---: |\n| `ana\\|x` | 12 |\n"
        );
    }
}
