//! GitLab's code quality report: what a merge request shows of findings.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::check::{RULES, fingerprints};
use super::human::sanitize;
use crate::check::{CheckName, CheckReport, Finding};
use crate::config::Level;

/// Writes every finding of `report` as an issue of its file; of `hitl.yaml`, where the rules stand, if it has none.
///
/// # Errors
/// Whatever writing meets.
pub fn code_quality(report: &CheckReport, out: &mut impl Write) -> io::Result<()> {
    let issue = |(finding, fingerprint): (&Finding, String)| -> Value {
        json!({
            "description": sanitize(&format!("{} → {}", finding.message, finding.remedy)),
            "check_name": format!("{}/{}", finding.check.as_str(), finding.code),
            "fingerprint": fingerprint,
            "severity": severity(finding),
            "location": {
                "path": finding.path.as_deref().unwrap_or(RULES),
                "lines": { "begin": 1 },
            },
        })
    };
    let issues: Vec<Value> = report.findings.iter().zip(fingerprints(&report.findings)).map(issue).collect();
    super::json(&issues, out)
}

/// Returns GitLab's word: what harms the ledger itself blocks.
fn severity(finding: &Finding) -> &'static str {
    use CheckName::{AppendOnly, Authorisation, Complete, Integrity, Policy};
    match finding.level {
        Level::Error => match finding.check {
            Integrity | AppendOnly | Complete | Authorisation | Policy => "blocker",
            CheckName::Conflicts
            | CheckName::Agreement
            | CheckName::Gold
            | CheckName::Unresolved
            | CheckName::Confirmed
            | CheckName::SupersededGuideline
            | CheckName::Balance
            | CheckName::Lookalikes
            | CheckName::DatedAhead
            | CheckName::Snapshots => "critical",
        },
        Level::Warning => "minor",
        Level::Off => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples;

    #[test]
    fn a_finding_is_an_issue() {
        insta::assert_snapshot!(samples::rendered(code_quality));
    }

    #[test]
    fn no_two_issues_have_one_fingerprint() {
        let issues: Vec<Value> =
            serde_json::from_str(&samples::text(&samples::hostile(samples::EVIL), code_quality)).unwrap();
        let mut prints: Vec<&str> = issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), 200);
    }
}
