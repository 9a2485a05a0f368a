//! A check as a comment on a pull request: the verdict first, all that a reader can do without folded away.

use std::io::{self, Write};

use super::{code, escape, table};
use crate::base::text;
use crate::check::{CheckReport, Finding, Measure, Sample, Status, Verdict};
use crate::config::Level;
use crate::render::check::{
    BOOTSTRAP, NO_CHANGES, added, besides, cells, culprit, cut, excerpt, measured, more_findings,
    side_by_side, sides, status,
};

/// What a bot knows its own comment by.
const MARK: &str = "<!-- hitl-check -->";
/// Bytes that findings take together: forges refuse comments of more than 65,536. All else takes at most 33,000.
const MOST: usize = 25_000;
/// Findings that are not folded away, measures, and things to do.
const OPEN: usize = 5;
const MEASURES: usize = 8;
const REMEDIES: usize = 8;
/// Characters of a name, of a path, of a sentence, and of what one check says.
const NAME: usize = 60;
const PATH: usize = 160;
const SENTENCE: usize = 300;
const OUTCOME: usize = 120;

/// Writes `report` as a comment of fewer than 60,000 bytes, ended by a line that a bot knows it by: findings there is no room
/// for are counted.
///
/// # Errors
/// Whatever writing meets.
pub fn check(report: &CheckReport, out: &mut impl Write) -> io::Result<()> {
    if report.verdict == Verdict::NoChanges {
        return writeln!(out, "## ✅ hitl check: {NO_CHANGES}\n\n{MARK}");
    }
    writeln!(out, "## {} hitl check: {}\n", sign(report), sentence(&report.reason, SENTENCE))?;
    let also = besides(&report.added, name).map_or_else(String::new, |also| format!("; also {also}"));
    writeln!(out, "This change {}{also}.", added(&report.added, name))?;
    if report.bootstrap {
        writeln!(out, "\n⚠️ **{}.**", escape(&sentence_start(BOOTSTRAP)))?;
    }
    if !report.measures.is_empty() {
        writeln!(out)?;
        measures(report, out)?;
    }
    let mut room = MOST;
    let (open, folded) = report.findings.split_at(report.findings.len().min(OPEN));
    let open = blocks(open, &mut room);
    open.iter().try_for_each(|block| writeln!(out, "\n{block}"))?;
    remedies(&report.findings, out)?;
    let folded = blocks(folded, &mut room);
    details(report, &folded, report.findings.len() - open.len() - folded.len(), out)?;
    writeln!(out, "\n{MARK}")
}

fn sign(report: &CheckReport) -> &'static str {
    let warned = report.bootstrap || report.checks.iter().any(|outcome| outcome.status == Status::Warned);
    match report.verdict {
        Verdict::Failed => "❌",
        Verdict::Passed if warned => "⚠️",
        Verdict::Passed | Verdict::NoChanges => "✅",
    }
}

/// Returns a name as a code span, cut where it is long.
fn name(name: &str) -> String {
    code(&cut(name, NAME))
}

/// Returns a sentence that may hold what came from data, cut where it is longer than `limit`. What stands between two
/// backticks is a code span.
fn sentence(text: &str, limit: usize) -> String {
    let text = cut(text, limit);
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) || pieces.iter().skip(1).step_by(2).any(|piece| piece.is_empty()) {
        return escape(&text);
    }
    let piece = |(number, piece): (usize, &&str)| if number % 2 == 1 { code(piece) } else { escape(piece) };
    pieces.iter().enumerate().map(piece).collect()
}

/// Returns `text` with a capital letter.
fn sentence_start(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

fn measures(report: &CheckReport, out: &mut impl Write) -> io::Result<()> {
    let fails = |measure: &Measure| {
        report.checks.iter().any(|one| one.check == measure.check && one.status == Status::Failed)
    };
    let row = |measure: &Measure| {
        let [before, after, delta, interval, overlap] = cells(measure);
        let title = format!(
            "{} on {}",
            measured(measure, |metric| sentence(metric, NAME), name),
            measure.over.words()
        );
        let (sign, after) = match measure.holds {
            Some(true) => ("✅ ", after),
            Some(false) if fails(measure) => ("❌ ", format!("**{after}**")),
            Some(false) => ("⚠️ ", format!("**{after}**")),
            None => ("", after),
        };
        vec![format!("{sign}{title}"), before, after, delta, interval, overlap]
    };
    let rows: Vec<Vec<String>> = report.measures.iter().take(MEASURES).map(row).collect();
    table(&["metric", ">before", ">after", ">Δ", ">95 % interval", ">overlap"], &rows, out)
}

/// Returns findings, as many of the first as there is room for.
fn blocks(findings: &[Finding], room: &mut usize) -> Vec<String> {
    let fits = |block: &String| {
        let left = room.checked_sub(block.len() + 2);
        *room = left.unwrap_or(0);
        left.is_some()
    };
    findings.iter().map(block).take_while(fits).collect()
}

fn block(finding: &Finding) -> String {
    let sign = match finding.level {
        Level::Error => "❌",
        Level::Warning => "⚠️",
        Level::Off => "ℹ️",
    };
    let mut lines = vec![format!(
        "{sign} **{}**: {}",
        escape(finding.check.as_str()),
        sentence(&finding.message, SENTENCE)
    )];
    match (&finding.path, &finding.record) {
        (Some(path), _) => lines.push(format!("- in {}", code(&cut(path, PATH)))),
        (None, Some(record)) => lines.push(format!("- in record {}", code(&record.short()))),
        (None, None) => {}
    }
    lines.extend(finding.commit.as_ref().map(|commit| format!("- in commit {}", escape(&culprit(commit)))));
    lines.extend(finding.samples.iter().take(3).map(sample));
    if finding.more > 0 {
        lines.push(format!("- and {}", text::count(finding.more as usize, "more item")));
    }
    lines.join("\n")
}

fn sample(sample: &Sample) -> String {
    let said = side_by_side(sample, name);
    let told =
        sample.text.as_deref().map_or_else(String::new, |text| format!(" \"{}\"", escape(&excerpt(text))));
    let broken = if said.is_empty() { "" } else { "<br>" };
    format!("- {}{told}{broken}{said}", name(&sample.item))
}

/// Writes what to do, each thing once.
fn remedies(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    let mut told: Vec<&str> = Vec::new();
    for finding in findings {
        if !finding.remedy.is_empty() && !told.contains(&finding.remedy.as_str()) {
            told.push(&finding.remedy);
        }
        if told.len() == REMEDIES {
            break;
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n**What to do**\n")?;
    told.iter().try_for_each(|remedy| writeln!(out, "- {}", sentence(remedy, SENTENCE)))
}

/// Writes what is folded away: the other findings, every check, what was compared.
fn details(report: &CheckReport, folded: &[String], left: usize, out: &mut impl Write) -> io::Result<()> {
    if !folded.is_empty() {
        let more = text::count(folded.len(), "more finding");
        writeln!(out, "\n<details><summary>{more}</summary>\n")?;
        writeln!(out, "{}\n\n</details>", folded.join("\n\n"))?;
    }
    if left > 0 {
        writeln!(out, "\n… {}", more_findings(left))?;
    }
    let checks = &report.checks;
    writeln!(out, "\n<details><summary>{}</summary>\n", text::count(checks.len(), "check"))?;
    for outcome in checks.iter().filter(|outcome| outcome.status != Status::Passed) {
        let (name, message) = (escape(outcome.check.as_str()), sentence(&outcome.message, OUTCOME));
        writeln!(out, "- {name} {}: {message}", status(outcome.status))?;
    }
    let passed: Vec<String> = checks
        .iter()
        .filter(|outcome| outcome.status == Status::Passed)
        .map(|outcome| escape(outcome.check.as_str()))
        .collect();
    if !passed.is_empty() {
        writeln!(out, "- passed: {}", passed.join(", "))?;
    }
    writeln!(out, "\n{}.\n\n</details>", sentence_start(&sides(report, name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::is_hidden;
    use crate::render::samples;

    #[test]
    fn a_comment_says_the_verdict_first() {
        insta::assert_snapshot!(samples::rendered(check));
    }

    /// Returns a page without its code spans.
    fn outside_code(page: &str) -> String {
        let (mut out, mut rest) = (String::new(), page);
        while let Some(start) = rest.find('`') {
            if rest[..start].ends_with('\\') {
                out.push_str(&rest[..start + 1]);
                rest = &rest[start + 1..];
                continue;
            }
            out.push_str(&rest[..start]);
            let inside = rest[start..].trim_start_matches('`');
            let fence = rest.len() - start - inside.len();
            let mut runs = inside.match_indices('`').map(|(at, _)| at);
            let end = runs.find(|at| {
                let run = inside[*at..].len() - inside[*at..].trim_start_matches('`').len();
                run == fence && !inside[..*at].ends_with('`')
            });
            rest = &inside[end.expect("a code span ends") + fence..];
        }
        out + rest
    }

    #[test]
    fn no_label_is_more_than_text() {
        for report in [samples::failed(), samples::hostile(samples::EVIL)] {
            let page = samples::text(&report, check);
            let page = outside_code(&page);
            for live in ["@everyone", "@support", "<script", "<img", "#12", "://", "[31m"] {
                assert!(!page.contains(live), "{live}: {page}");
            }
            assert!(page.chars().all(|c| c == '\n' || !is_hidden(c)), "{page}");
        }
    }

    #[test]
    fn a_comment_is_short_enough_for_a_forge_and_ends_in_its_mark() {
        for text in [samples::EVIL, "&", "`", "`a", "e\u{301}\u{301}\u{301}", "\u{e0001}", "日", "|", "@a "]
        {
            let page = samples::text(&samples::hostile(text), check);
            assert!(page.len() < 60_000, "{text}: {}", page.len());
        }
        let page = samples::text(&samples::hostile(samples::EVIL), check);
        assert!(page.contains("more findings: see the JSON or HTML report"), "{page}");
        assert_eq!(page.lines().filter(|line| line.starts_with("| ---")).count(), 1);
        assert!(page.ends_with("</details>\n\n<!-- hitl-check -->\n"));
        assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    }
}
