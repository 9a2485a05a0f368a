//! Patterns as Markdown: one table, then the examples of each rule folded away.

use std::io::{self, Write};

use super::inline::inline;
use super::{code, escape, table};
use crate::patterns::{PatternsReport, Predicate, RuleReport};
use crate::render::human::percent;
use crate::render::patterns::{counts, headline, method, same_mistake};

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
        writeln!(out, "\n<details><summary>{}</summary>\n", escape(&rule.action))?;
        writeln!(out, "{}\n", escape(&rule.reason))?;
        for example in &rule.examples {
            let change = match &example.corrected {
                Some(corrected) => inline(&example.original, corrected),
                None => format!("{} (rejected)", escape(&example.original)),
            };
            writeln!(out, "- {} by {}: {change}", code(&example.item), code(&example.labeler))?;
        }
        writeln!(out, "\n</details>")?;
    }
    if let Some(since) = &report.since {
        writeln!(
            out,
            "\n**Since {}**: {} gained, {} lost, {} strengthened, {} weakened. {}.",
            code(&since.base),
            since.gained.len(),
            since.lost.len(),
            since.strengthened.len(),
            since.weakened.len(),
            escape(&same_mistake(since))
        )?;
    }
    Ok(())
}

fn row(rule: &RuleReport) -> Vec<String> {
    let when = |predicate: &Predicate| {
        let (phrase, value) = predicate.phrase();
        value.map_or_else(|| escape(&phrase), |value| format!("{} {}", escape(&phrase), code(value)))
    };
    let status = match rule.status {
        crate::patterns::Status::Accepted => "accepted",
        crate::patterns::Status::Candidate => "candidate",
        crate::patterns::Status::Style => "style",
    };
    vec![
        rule.when.iter().map(when).collect::<Vec<_>>().join(" and "),
        rule.instead_of.as_deref().map_or("–".to_owned(), code),
        escape(&rule.action),
        format!("{} of {}", rule.items, rule.matches),
        percent(rule.precision),
        rule.holdout_precision.map_or("–".to_owned(), percent),
        status.to_owned(),
    ]
}
