//! Patterns as Markdown: one table, then the examples of each rule folded away.

use std::io::{self, Write};

use super::inline::{inline, unchanged};
use super::{code, escape, table};
use crate::patterns::{PatternsReport, Predicate, RuleReport, Since, Status};
use crate::render::html;
use crate::render::human::{elide, percent, sanitize};
use crate::render::patterns::{counts, headline, method, same_mistake};

/// A text with more characters is cut.
const LONGEST: usize = 120;
/// Rules of a comparison that are listed, of each kind.
const LISTED: usize = 10;

/// Writes `report`, at most `limit` rules of it, as a section of a Markdown page.
///
/// # Errors
/// Whatever writing meets.
pub fn patterns(report: &PatternsReport, limit: usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "### Patterns of {}\n", escape(&report.task))?;
    writeln!(out, "{}. {}. {}.\n", headline(report), counts(report), method(report))?;
    let shown = &report.rules[..limit.min(report.rules.len())];
    if !shown.is_empty() {
        let heads = ["when", "instead of", "do", ">items", ">precision", ">held out", "status"];
        table(&heads, &shown.iter().map(row).collect::<Vec<_>>(), out)?;
    }
    if shown.len() < report.rules.len() {
        writeln!(out, "\n… {} more", report.rules.len() - shown.len())?;
    }
    for rule in shown.iter().filter(|rule| !rule.examples.is_empty()) {
        // A summary is HTML: what Markdown would take for marks stays as it is.
        let action = elide(&sanitize(&rule.action), LONGEST).into_owned();
        writeln!(out, "\n<details><summary>{}</summary>\n", html::escape(&action))?;
        writeln!(out, "{}\n", escape(&rule.reason))?;
        if let Some(phrase) = &rule.phrase {
            writeln!(out, "{}\n", escape(phrase))?;
        }
        for example in &rule.examples {
            let change = match &example.corrected {
                Some(corrected) => inline(&example.original, corrected),
                None => format!("{} (rejected)", unchanged(&example.original)),
            };
            writeln!(out, "- {} by {}: {change}", code(&example.item), code(&example.labeler))?;
        }
        writeln!(out, "\n</details>")?;
    }
    report.since.iter().try_for_each(|since| self::since(since, out))
}

fn since(since: &Since, out: &mut impl Write) -> io::Result<()> {
    let told = escape(&same_mistake(since));
    writeln!(out, "\n**Since {}**: {} as sure as before. {told}.\n", short(&since.base), since.unchanged)?;
    for (what, moved) in [
        ("gained", &since.gained),
        ("lost", &since.lost),
        ("strengthened", &since.strengthened),
        ("weakened", &since.weakened),
    ] {
        for one in moved.iter().take(LISTED) {
            let when: Vec<String> = one.when.iter().map(condition).collect();
            let action = escape(&elide(&sanitize(&one.action), LONGEST));
            writeln!(out, "- {what}: {}: {action}", when.join(" and "))?;
        }
        if moved.len() > LISTED {
            writeln!(out, "- {what}: {} more", moved.len() - LISTED)?;
        }
    }
    Ok(())
}

fn condition(predicate: &Predicate) -> String {
    let (phrase, value) = predicate.phrase();
    value.map_or_else(|| escape(&phrase), |value| format!("{} {}", escape(&phrase), short(value)))
}

/// Returns a text as a code span, cut where it is long.
fn short(text: &str) -> String {
    code(&elide(&sanitize(text), LONGEST))
}

fn row(rule: &RuleReport) -> Vec<String> {
    let status = match rule.status {
        Status::Accepted => "accepted",
        Status::Candidate => "candidate",
        Status::Style => "style",
    };
    vec![
        rule.when.iter().map(condition).collect::<Vec<_>>().join(" and "),
        rule.instead_of.as_deref().map_or("–".to_owned(), short),
        escape(&elide(&sanitize(&rule.action), LONGEST)),
        format!("{} of {}", rule.items, rule.matches),
        percent(rule.precision),
        rule.holdout_precision.map_or("–".to_owned(), percent),
        status.to_owned(),
    ]
}
