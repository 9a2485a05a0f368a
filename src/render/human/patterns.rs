//! Patterns: rule by rule, WHEN, INSTEAD OF, DO and why, with examples.

use std::io::{self, Write};

use super::inline::{as_it_is, inline};
use super::lines::paragraph;
use super::{Style, Tone, elide, sanitize};
use crate::base::text;
use crate::ops::patterns::AppliedReport;
use crate::patterns::{Example, Moved, PatternsReport, Predicate, RuleReport, Since, Status};
use crate::render::patterns::{counts, headline, meaning, method, same_mistake};

/// A text with more characters is cut.
const LONGEST: usize = 200;
/// Rules of a comparison that are listed.
const LISTED: usize = 10;

/// Writes `report`, at most `limit` rules of it, for people.
///
/// # Errors
/// Whatever writing meets.
pub fn patterns(
    report: &PatternsReport,
    limit: usize,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let title = style.paint(Tone::Heading, &format!("Patterns of {}", sanitize(&report.task)));
    writeln!(out, "{title}: {}", headline(report))?;
    writeln!(out, "{}", style.paint(Tone::Dim, &method(report)))?;
    writeln!(out, "{}", counts(report))?;
    let shown = &report.rules[..limit.min(report.rules.len())];
    for rules in shown.chunk_by(|a, b| a.status == b.status) {
        writeln!(out, "\n{}", style.paint(Tone::Dim, meaning(rules[0].status)))?;
        rules.iter().try_for_each(|rule| self::rule(rule, style, out))?;
    }
    let more = report.rules.len() - shown.len();
    if more > 0 {
        let more = text::plural(more, "more rule", "more rules");
        writeln!(out, "\n{}", style.paint(Tone::Dim, &format!("… {more}; --limit shows them")))?;
    }
    report.since.iter().try_for_each(|since| self::since(since, style, out))
}

fn rule(rule: &RuleReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let when: Vec<String> = rule.when.iter().map(condition).collect();
    let field = |name: &str, value: &str, out: &mut dyn Write| {
        let name = style.paint(Tone::Dim, &format!("{name:<12}"));
        writeln!(out, "  {name}{value}")
    };
    writeln!(out)?;
    let id = style.paint(Tone::Id, &rule.id);
    field("When", &format!("{}  {id}", when.join(" and ")), out)?;
    if let Some(text) = &rule.instead_of {
        field("Instead of", &style.paint(Tone::Bad, &elide(&sanitize(text), LONGEST)), out)?;
    }
    field("Do", &style.paint(Tone::Good, &elide(&sanitize(&rule.action), LONGEST)), out)?;
    paragraph("  Reason      ", &rule.reason, None, style, out)?;
    if let Some(phrase) = &rule.phrase {
        paragraph("  In words    ", phrase, None, style, out)?;
    }
    for (place, one) in rule.examples.iter().enumerate() {
        example(if place == 0 { "For example" } else { "" }, one, style, out)?;
    }
    Ok(())
}

fn example(lead: &str, example: &Example, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let lead = style.paint(Tone::Dim, &format!("{lead:<12}"));
    let who = format!("{} by {}", sanitize(&example.item), sanitize(&example.labeler));
    let change = match &example.corrected {
        Some(corrected) => inline(&example.original, corrected, style),
        None => format!("{} (rejected)", as_it_is(&example.original, style)),
    };
    writeln!(out, "  {lead}{}", style.paint(Tone::Dim, &who))?;
    writeln!(out, "              {change}")
}

fn since(since: &Since, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let base = sanitize(&since.base);
    let title = style.paint(Tone::Heading, &format!("Since {base}"));
    writeln!(
        out,
        "\n{title}: {} gained, {} lost, {} strengthened, {} weakened, {} as sure as before",
        since.gained.len(),
        since.lost.len(),
        since.strengthened.len(),
        since.weakened.len(),
        since.unchanged
    )?;
    writeln!(out, "{}", same_mistake(since))?;
    for (what, tone, moved) in [
        ("gained", Tone::Good, &since.gained),
        ("lost", Tone::Bad, &since.lost),
        ("strengthened", Tone::Good, &since.strengthened),
        ("weakened", Tone::Warn, &since.weakened),
    ] {
        for one in moved.iter().take(LISTED) {
            let what = style.paint(tone, &format!("{what:<12}"));
            writeln!(out, "  {what} {}  {}", style.paint(Tone::Id, &one.id), move_of(one))?;
        }
        if moved.len() > LISTED {
            writeln!(out, "  … {} more {what}", moved.len() - LISTED)?;
        }
    }
    Ok(())
}

/// Returns a rule in words, and how sure it was and is.
fn move_of(moved: &Moved) -> String {
    let when: Vec<String> = moved.when.iter().map(condition).collect();
    let sure = |low: Option<f64>, status: Option<Status>| match (low, status) {
        (Some(low), _) => format!("at least {low:.2}"),
        (None, Some(Status::Style)) => "style".to_owned(),
        (None, Some(_)) => "candidate".to_owned(),
        (None, None) => "no rule".to_owned(),
    };
    format!(
        "{}: {}: {} → {}",
        when.join(" and "),
        elide(&sanitize(&moved.action), LONGEST),
        sure(moved.precision_low_before, moved.status_before),
        sure(moved.precision_low_after, moved.status_after)
    )
}

/// Returns what must hold, its value in quotes.
fn condition(predicate: &Predicate) -> String {
    let (phrase, value) = predicate.phrase();
    let value = value.map_or(String::new(), |value| format!(" “{}”", elide(&sanitize(value), LONGEST)));
    format!("{}{value}", sanitize(&phrase))
}

/// Writes which rules fire on new texts or guesses.
///
/// # Errors
/// Whatever writing meets.
pub fn patterns_applied(report: &AppliedReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let title = style.paint(Tone::Heading, &sanitize(&report.task));
    writeln!(
        out,
        "{title}: {} of {}; a rule fires on {}",
        text::plural(report.rules as usize, "accepted rule", "accepted rules"),
        text::count(report.inputs as usize, "input"),
        text::thousands(report.applied.len()),
    )?;
    for applied in &report.applied {
        writeln!(out)?;
        let item = applied.item.as_ref().map_or(String::new(), |item| format!("{}  ", sanitize(item)));
        let original = elide(&sanitize(&applied.original), LONGEST).into_owned();
        writeln!(out, "{}{original}", style.paint(Tone::Id, &item))?;
        for fired in &applied.fired {
            let action = elide(&sanitize(&fired.action), LONGEST).into_owned();
            writeln!(out, "  {}  {}", style.paint(Tone::Dim, &fired.id), style.paint(Tone::Good, &action))?;
            if let Some(result) = fired.result.as_ref().filter(|result| **result != fired.action) {
                writeln!(out, "                {}", inline(&applied.original, result, style))?;
            }
        }
    }
    Ok(())
}
