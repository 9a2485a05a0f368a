//! JUnit XML: a test case a check, for whatever shows test results.

use std::io::{self, Write};

use super::check::{BOOTSTRAP, NO_CHANGES, evidence, sides};
use super::html;
use super::human::sanitize;
use crate::check::{CheckReport, Finding, Outcome, Status};

/// Writes `report` as a test suite: a failed check is a failure, what was not measured is skipped, warnings are output of a
/// case that passed. Where nothing differs there is one case, since suites without any are taken for a fault.
///
/// # Errors
/// Whatever writing meets.
pub fn junit(report: &CheckReport, out: &mut impl Write) -> io::Result<()> {
    let count = |status: Status| report.checks.iter().filter(|outcome| outcome.status == status).count();
    let (failed, skipped) = (count(Status::Failed), count(Status::NotMeasured));
    let counts = format!(
        "tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"{skipped}\"",
        report.checks.len().max(1)
    );
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"hitl check\" {counts}>\n  <testsuite name=\"hitl check\" {counts}>")?;
    writeln!(out, "    <properties>")?;
    let compared = sides(report, |name| sanitize(name).into_owned());
    let note = report.bootstrap.then_some(("note", BOOTSTRAP));
    let properties =
        [("verdict", report.verdict.as_str()), ("reason", &report.reason), ("compared", &compared)];
    for (name, value) in properties.into_iter().chain(note) {
        writeln!(out, "      <property name=\"{name}\" value=\"{}\"/>", xml(value))?;
    }
    writeln!(out, "    </properties>")?;
    if report.checks.is_empty() {
        writeln!(out, "    <testcase classname=\"hitl.check\" name=\"{NO_CHANGES}\"/>")?;
    }
    report.checks.iter().try_for_each(|outcome| case(outcome, &report.findings, out))?;
    writeln!(out, "  </testsuite>\n</testsuites>")
}

fn case(outcome: &Outcome, findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    let check = outcome.check.as_str();
    let (start, message) = (
        format!("    <testcase classname=\"hitl.check\" name=\"{}\"", xml(&name(outcome))),
        xml(&outcome.message),
    );
    // Of rules that are held against each task, a finding says what its outcome does.
    let is_of = |one: &&Finding| {
        one.check == outcome.check && (outcome.task.is_none() || one.message == outcome.message)
    };
    let found = || -> String { findings.iter().filter(is_of).map(told).collect() };
    let body = match outcome.status {
        Status::Passed => return writeln!(out, "{start}/>"),
        Status::Failed => format!("<failure type=\"{check}\" message=\"{message}\">{}</failure>", found()),
        Status::Warned => format!("<system-out>{}</system-out>", found()),
        Status::NotMeasured => format!("<skipped message=\"{message}\"/>"),
    };
    writeln!(out, "{start}>\n      {body}\n    </testcase>")
}

/// Returns the name of a check's case, which no other has: `agreement: krippendorff_alpha of tone on changed_items`.
fn name(outcome: &Outcome) -> String {
    let check = outcome.check.as_str();
    match (&outcome.metric, &outcome.task, outcome.over) {
        (Some(metric), Some(task), Some(over)) => format!("{check}: {metric} of {task} on {}", over.as_str()),
        _ => check.to_owned(),
    }
}

/// Returns a finding as lines of text.
fn told(finding: &Finding) -> String {
    let evidence = evidence(finding).into_iter().map(|(depth, line)| format!("{:1$}{line}\n", "", 2 + depth));
    let evidence: String = evidence.collect();
    let (message, remedy) = (sanitize(&finding.message), sanitize(&finding.remedy));
    let lines = format!("{message}\n{evidence}  → {remedy}\n");
    lines.lines().map(|line| format!("{}\n", xml(line))).collect()
}

/// Returns `text` as character data or the value of an attribute; control characters are written out, the two code points
/// besides them that XML 1.0 has no place for replaced.
fn xml(text: &str) -> String {
    html::escape(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples;

    #[test]
    fn every_check_is_a_case() {
        insta::assert_snapshot!(samples::rendered(junit));
    }

    #[test]
    fn nothing_from_data_is_markup_or_no_xml() {
        let text = samples::text(&samples::hostile(samples::EVIL), junit);
        assert!(!text.contains("<script") && !text.contains("]]>"), "{text}");
        let allowed = |c| matches!(c, '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(text.chars().all(allowed), "{text:?}");
        assert!(text.contains(r"\u{1b}[31m\u{202e}"));
    }
}
