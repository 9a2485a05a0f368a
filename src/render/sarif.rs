//! SARIF 2.1.0, as GitHub's code scanning and others read it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::check::{RULES, asks, fingerprints};
use super::human::sanitize;
use crate::check::{CheckName, CheckReport, Finding};
use crate::config::Level;

/// Writes `report` as one run: a rule for every check and code that found something, a result a finding.
///
/// GitHub refuses a file in which one result has no file: what lies in none is placed in `hitl.yaml`, where the rules stand.
///
/// # Errors
/// Whatever writing meets.
pub fn sarif(report: &CheckReport, out: &mut impl Write) -> io::Result<()> {
    let rules: BTreeMap<(CheckName, &str), usize> = {
        let found = report.findings.iter().map(|finding| (finding.check, finding.code));
        let found: BTreeMap<_, ()> = found.map(|rule| (rule, ())).collect();
        found.into_keys().enumerate().map(|(index, rule)| (rule, index)).collect()
    };
    let results = report.findings.iter().zip(fingerprints(&report.findings));
    let results: Vec<Value> = results
        .map(|(finding, fingerprint)| result(finding, rules[&(finding.check, finding.code)], &fingerprint))
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "hitl",
                "rules": rules.keys().map(|(check, code)| rule(*check, code)).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": "hitl-check/" },
            "results": results,
            "properties": {
                "verdict": report.verdict.as_str(),
                "reason": sanitize(&report.reason),
                "base": report.base.commit,
                "head": report.head.commit,
            },
        }],
    });
    super::json(&document, out)
}

fn rule(check: CheckName, code: &str) -> Value {
    json!({
        "id": id(check, code),
        "shortDescription": { "text": format!("{}: {}", check.as_str(), code.replace('_', " ")) },
        "help": { "text": asks(check) },
    })
}

fn id(check: CheckName, code: &str) -> String {
    format!("{}/{code}", check.as_str())
}

fn result(finding: &Finding, rule: usize, fingerprint: &str) -> Value {
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Off => "none",
    };
    let path = finding.path.as_deref().unwrap_or(RULES);
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(path) },
            "region": { "startLine": 1 },
        },
    });
    let task = finding.task.as_ref().map(|task| json!({ "name": sanitize(task), "kind": "task" }));
    let record = finding.record.map(|record| json!({ "name": record.to_string(), "kind": "record" }));
    let logical: Vec<Value> = task.into_iter().chain(record).collect();
    if !logical.is_empty() {
        location["logicalLocations"] = logical.into();
    }
    json!({
        "ruleId": id(finding.check, finding.code),
        "ruleIndex": rule,
        "level": level,
        "message": { "text": format!("{}\n→ {}", text(&finding.message), text(&finding.remedy)) },
        "locations": [location],
        // The second is the one that GitHub goes by; where it is absent, the first line of the file would take its place.
        "partialFingerprints": { "hitlFinding/v1": fingerprint, "primaryLocationLineHash": fingerprint },
    })
}

/// Returns a text that is no link: `[words](address)` is one in a message.
fn text(text: &str) -> String {
    sanitize(text).replace("](", "] (")
}

/// Returns a path as a relative reference (RFC 3986): all but letters, digits, `-._~` and `/` is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples;

    fn run(report: &CheckReport) -> Value {
        let document: Value = serde_json::from_str(&samples::text(report, sarif)).unwrap();
        document["runs"][0].clone()
    }

    #[test]
    fn a_finding_is_a_result() {
        insta::assert_snapshot!(samples::rendered(sarif));
    }

    #[test]
    fn every_result_has_its_rule_and_a_file() {
        for report in [samples::failed(), samples::warned(), samples::hostile(samples::EVIL)] {
            let run = run(&report);
            let results = run["results"].as_array().unwrap();
            assert_eq!(results.len(), report.findings.len());
            for result in results {
                let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
                assert_eq!(rule["id"], result["ruleId"]);
                let place = &result["locations"][0]["physicalLocation"];
                let uri = place["artifactLocation"]["uri"].as_str().unwrap();
                assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)), "{uri}");
                assert_eq!(place["region"]["startLine"], 1);
            }
        }
    }

    #[test]
    fn a_finding_is_known_again_when_numbers_and_others_change() {
        let print = |run: &Value, index: usize| run["results"][index]["partialFingerprints"].clone();
        let mut report = samples::failed();
        let before = run(&report);
        report.findings.remove(0);
        report.findings[2].message = "α is 0.601".to_owned();
        let after = run(&report);
        assert_eq!((print(&before, 1), print(&before, 3)), (print(&after, 0), print(&after, 2)));
        assert_ne!(print(&before, 1), print(&before, 3));
    }

    #[test]
    fn no_message_is_a_link_or_hides_anything() {
        assert_eq!(text("[x](http://evil)\u{202e}"), r"[x] (http://evil)\u{202e}");
    }

    #[test]
    fn paths_are_relative_references() {
        assert_eq!(uri("ledger/a b:c/é.parquet"), "ledger/a%20b%3Ac/%C3%A9.parquet");
    }
}
