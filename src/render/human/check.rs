//! `check`.

use std::io::{self, Write};

use super::text::wrap;
use super::{Cell, Style, Table, Tone, sanitize, width};
use crate::check::{CheckReport, Finding, Measure, Outcome, Status, Verdict};
use crate::config::Level;
use crate::render::check::{
    BOOTSTRAP, NO_CHANGES, added, besides, cells, evidence, level, measured, more_findings, moved, sides,
    status, verdict, wanted,
};

/// At most this many findings.
const LISTED: usize = 20;

/// Writes the verdict with its reason, what is added, what was measured, every finding with what speaks for it and what to
/// do, and the checks.
///
/// # Errors
/// Whatever writing meets.
pub fn check(report: &CheckReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.verdict == Verdict::NoChanges {
        return writeln!(out, "{NO_CHANGES}");
    }
    let mut text = Vec::new();
    page(report, style, &mut text)?;
    out.write_all(no_commands(&String::from_utf8_lossy(&text)).as_bytes())
}

/// Returns `text` so that no line is a command to the machine it runs on: GitHub's runner takes lines that begin with `::`
/// for one, and it, Azure's and TeamCity's take `##[`, `##vso[` and `##teamcity[` anywhere. One character of each is written
/// out, as hidden ones are.
fn no_commands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let start = line.len() - line.trim_start().len();
        let (before, rest) = line.split_at(start);
        out.push_str(before);
        match rest.strip_prefix("::") {
            Some(rest) => out.extend([r"\u{3a}:", rest]),
            None => out.push_str(rest),
        }
    }
    for command in ["##[", "##vso[", "##teamcity["] {
        if out.contains(command) {
            out = out.replace(command, &format!(r"#\u{{23}}{}", &command[2..]));
        }
    }
    out
}

fn page(report: &CheckReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    head(report, style, out)?;
    if !report.measures.is_empty() {
        writeln!(out)?;
        measures(&report.measures, style, out)?;
    }
    for finding in report.findings.iter().take(LISTED) {
        writeln!(out)?;
        self::finding(finding, style, out)?;
    }
    if report.findings.len() > LISTED {
        writeln!(out, "\n… {}", more_findings(report.findings.len() - LISTED))?;
    }
    checks(&report.checks, style, out)
}

fn head(report: &CheckReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let warned = report.bootstrap || report.checks.iter().any(|outcome| outcome.status == Status::Warned);
    let tone = match report.verdict {
        Verdict::Failed => Tone::Bad,
        Verdict::Passed if warned => Tone::Warn,
        Verdict::Passed | Verdict::NoChanges => Tone::Good,
    };
    let lead = format!("{}:", verdict(report.verdict));
    writeln!(out, "{} {}", style.paint(tone, &lead), sanitize(&report.reason))?;
    let plain = |name: &str| sanitize(name).into_owned();
    hang(("", None), 2, &added(&report.added, plain), style, out)?;
    if let Some(besides) = besides(&report.added, plain) {
        hang(("also ", None), 2, &besides, style, out)?;
    }
    if report.bootstrap {
        hang(("note: ", Some(Tone::Warn)), 2, BOOTSTRAP, style, out)?;
    }
    for line in wrap(&sides(report, plain), style.width) {
        writeln!(out, "{}", style.paint(Tone::Dim, &line))?;
    }
    Ok(())
}

/// Writes `text` after `lead`, which has a look of its own, in lines that fit; all but the first stand `indent` from the left.
fn hang(
    lead: (&str, Option<Tone>),
    indent: usize,
    text: &str,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let (lead, tone) = lead;
    let room = |taken: usize| style.width.saturating_sub(taken).max(20);
    // The first line may be shorter than the others: what does not fit on it is wrapped anew.
    let text = text.trim_start();
    let first = wrap(text, room(width(lead))).remove(0);
    let rest = text[first.len()..].trim_start();
    write!(out, "{}", tone.map_or_else(|| lead.to_owned(), |tone| style.paint(tone, lead)))?;
    writeln!(out, "{first}")?;
    if rest.is_empty() {
        return Ok(());
    }
    wrap(rest, room(indent)).iter().try_for_each(|line| writeln!(out, "{:indent$}{line}", ""))
}

/// Writes the table, and under each row what it was measured on and what was wanted.
fn measures(measures: &[Measure], style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(&["", ">before", ">after", ">Δ", ">95 % interval", ">overlap"]).indented(0);
    for measure in measures {
        let plain = |text: &str| sanitize(text).into_owned();
        let title = measured(measure, plain, plain);
        let [before, after, delta, interval, overlap] = cells(measure);
        let after = match measure.holds {
            Some(true) => Cell::toned(Tone::Good, after),
            Some(false) => Cell::toned(Tone::Bad, after),
            None => after.into(),
        };
        table.row([title.into(), before.into(), after, delta.into(), interval.into(), overlap.into()]);
    }
    let mut lines = Vec::new();
    table.write(style, &mut lines)?;
    let mut lines = lines.split_inclusive(|byte| *byte == b'\n');
    out.write_all(lines.next().unwrap_or_default())?;
    for (line, measure) in lines.zip(measures) {
        out.write_all(line)?;
        for note in wrap(&note(measure), style.width.saturating_sub(2).max(20)) {
            writeln!(out, "  {}", style.paint(Tone::Dim, &note))?;
        }
    }
    Ok(())
}

/// Returns what a measure is over, how far it moved with 95 % confidence, and what was wanted.
fn note(measure: &Measure) -> String {
    let between = measure.delta_interval.map(|ends| {
        let [low, high] = ends.map(|end| moved(measure.scale, end));
        format!("Δ between {low} and {high}")
    });
    let parts = [Some(format!("on {}", measure.over.words())), between, wanted(measure)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn finding(finding: &Finding, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let tone = match finding.level {
        Level::Error => Tone::Bad,
        Level::Warning => Tone::Warn,
        Level::Off => Tone::Dim,
    };
    let lead = format!("{} ", level(finding.level));
    let told = format!("({}) {}", finding.check.as_str(), sanitize(&finding.message));
    hang((&lead, Some(tone)), 2, &told, style, out)?;
    for (depth, line) in evidence(finding) {
        let lead = " ".repeat(2 + depth);
        hang((&lead, None), 4 + depth, &line, style, out)?;
    }
    hang(("  → ", Some(Tone::Good)), 4, &sanitize(&finding.remedy), style, out)
}

/// Writes what came of each check, those that passed on one line.
fn checks(checks: &[Outcome], style: &Style, out: &mut impl Write) -> io::Result<()> {
    if checks.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.paint(Tone::Heading, "checks"))?;
    let (passed, others): (Vec<&Outcome>, Vec<&Outcome>) =
        checks.iter().partition(|outcome| outcome.status == Status::Passed);
    for outcome in others {
        let tone = match outcome.status {
            Status::Failed => Some(Tone::Bad),
            Status::Warned => Some(Tone::Warn),
            Status::Passed | Status::NotMeasured => None,
        };
        let lead = format!("  {:<14}", status(outcome.status));
        let told = format!("{}: {}", outcome.check.as_str(), sanitize(&outcome.message));
        hang((&lead, tone), 18, &told, style, out)?;
    }
    if passed.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = passed.iter().map(|outcome| outcome.check.as_str()).collect();
    let lead = format!("  {:<14}", status(Status::Passed));
    hang((&lead, Some(Tone::Good)), 16, &names.join(", "), style, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::is_hidden;
    use crate::render::samples;

    fn text(report: &CheckReport, style: Style) -> String {
        samples::text(report, |report, out| check(report, &style, out))
    }

    #[test]
    fn the_verdict_comes_first_and_what_to_do_last() {
        insta::assert_snapshot!(samples::rendered(|report, out| check(report, &Style::PLAIN, out)));
    }

    #[test]
    fn colour_only_repeats_the_words() {
        for (_, report) in samples::all() {
            let colored = text(&report, Style { color: true, width: 80 });
            assert_eq!(anstream::adapter::strip_str(&colored).to_string(), text(&report, Style::PLAIN));
        }
    }

    #[test]
    fn nothing_from_data_steers_the_terminal_or_adds_a_line() {
        let told = text(&samples::hostile(samples::EVIL), Style::PLAIN);
        assert!(told.chars().all(|c| c == '\n' || !is_hidden(c)), "{told}");
        assert!(told.contains("… 180 more findings"));
        assert!(told.lines().any(|line| line.starts_with("  \\u{3a}:error::x")), "{told}");
        assert!(!told.lines().any(|line| line.trim_start().starts_with("::")), "{told}");
    }

    #[test]
    fn no_line_is_a_command_to_a_runner() {
        let told = no_commands("a ::b\n  ::error::x\n##[group]##vso[x]\n## Heading\n");
        assert_eq!(told, "a ::b\n  \\u{3a}:error::x\n#\\u{23}[group]#\\u{23}vso[x]\n## Heading\n");
    }

    #[test]
    fn narrow_terminals_cut_no_number() {
        let told = text(&samples::failed(), Style { color: false, width: 30 });
        assert!(told.contains("0.488 to 0.678") && told.contains("-0.124"), "{told}");
    }
}
