//! Literal reports of checks, for the tests of every rendering.

use crate::check::{
    Added, AddedBatch, CheckName, CheckReport, Culprit, Finding, LabelerRows, Measure, Outcome, Said, Sample,
    Scale, Side, Status, Verdict, When,
};
use crate::config::Level;
use crate::record::{Kind, LabelerKind, RecordId};

/// A shard's path.
pub(super) const SHARD: &str = "ledger/labels/tone/2026-02/3f/3fa1c0de.parquet";

/// Returns each report with its name.
pub(super) fn all() -> [(&'static str, CheckReport); 5] {
    [
        ("failed", failed()),
        ("warned", warned()),
        ("passed", passed()),
        ("no_changes", no_changes()),
        ("bootstrap", bootstrap()),
    ]
}

fn outcome(check: CheckName, status: Status, message: &str) -> Outcome {
    let level = if status == Status::Warned { Level::Warning } else { Level::Error };
    Outcome { check, level, status, message: message.to_owned() }
}

fn measure(metric: &str, scale: Scale, before: f64, after: f64) -> Measure {
    Measure {
        check: CheckName::Agreement,
        task: Some("tone".to_owned()),
        metric: metric.to_owned(),
        over: "changed items",
        scale,
        before: Some(before),
        after: Some(after),
        delta: Some(after - before),
        interval: Some([after - 0.1, after + 0.09]),
        delta_interval: None,
        overlap: 24,
        wanted: None,
        holds: None,
    }
}

fn sample(item: &str, text: Option<&str>, labels: &[(&str, Option<&str>, When)]) -> Sample {
    let said = |(labeler, label, when): &(&str, Option<&str>, When)| Said {
        labeler: (*labeler).to_owned(),
        label: label.map(str::to_owned),
        when: *when,
    };
    Sample { item: item.to_owned(), text: text.map(str::to_owned), labels: labels.iter().map(said).collect() }
}

fn finding(check: CheckName, code: &'static str, message: &str, remedy: &str) -> Finding {
    Finding {
        check,
        level: Level::Error,
        code,
        message: message.to_owned(),
        path: None,
        record: None,
        commit: None,
        task: None,
        samples: vec![],
        more: 0,
        remedy: remedy.to_owned(),
    }
}

/// Returns a report with all that a change can add, and nothing found.
pub(super) fn passed() -> CheckReport {
    let labeler = |id: &str, kind: LabelerKind, rows: u64| LabelerRows { id: id.to_owned(), kind, rows };
    let batch = |kind: Kind, task: Option<&str>, records: u64, rows: u64| AddedBatch {
        kind,
        task: task.map(str::to_owned),
        records,
        rows,
    };
    let mut alpha = measure("krippendorff_alpha", Scale::Coefficient, 0.7124, 0.7391);
    alpha.wanted = Some("low end ≥ 0.6".to_owned());
    alpha.holds = Some(true);
    use CheckName::{
        Agreement, AppendOnly, Authorisation, Balance, Complete, Confirmed, Conflicts, DatedAhead, Gold,
        Integrity, Lookalikes, Policy, Snapshots, SupersededGuideline,
    };
    let names = [
        Integrity,
        AppendOnly,
        Complete,
        Authorisation,
        Policy,
        Conflicts,
        Agreement,
        Gold,
        Confirmed,
        SupersededGuideline,
        Balance,
        Lookalikes,
        DatedAhead,
        Snapshots,
    ];
    CheckReport {
        schema: "hitl.check/1",
        verdict: Verdict::Passed,
        reason: "all 14 checks passed".to_owned(),
        base: Side { rev: "origin/main".to_owned(), commit: "9f31c2ab01d4c7aa54e1".to_owned() },
        head: Side { rev: "week-6".to_owned(), commit: "0a1b2c3d4e5f60718293".to_owned() },
        merge_base: Some("9f31c2ab01d4c7aa54e1".to_owned()),
        bootstrap: false,
        added: Added {
            records: 4,
            rows: 72,
            items: 24,
            labelers: vec![
                labeler("ana", LabelerKind::Human, 24),
                labeler("bob", LabelerKind::Human, 24),
                labeler("gpt-4.1", LabelerKind::Model, 24),
            ],
            batches: vec![
                batch(Kind::Labels, Some("tone"), 2, 48),
                batch(Kind::Predictions, Some("tone"), 1, 24),
                batch(Kind::Reverts, None, 1, 0),
            ],
            guidelines: vec!["tone@3".to_owned()],
            snapshots: vec![],
            files: vec!["labelers.yaml".to_owned()],
        },
        measures: vec![alpha],
        checks: names.map(|check| outcome(check, Status::Passed, "4 records")).to_vec(),
        findings: vec![],
    }
}

/// Returns a report in which checks are failed in many ways, by labels that try to be more than text.
pub(super) fn failed() -> CheckReport {
    let mut report = passed();
    report.verdict = Verdict::Failed;
    report.reason = "4 of 14 checks failed: append_only, authorisation, conflicts, agreement".to_owned();
    report.merge_base = Some("77e0aa12bc34de56f789".to_owned());
    report.findings = errors();
    let mut confirmed = finding(
        CheckName::Confirmed,
        "too_many",
        "21 of 24 labels of bob (87.5%) only confirm a guess; at most 80% may",
        "have bob label some of these items without the guess in sight",
    );
    confirmed.level = Level::Warning;
    report.findings.push(confirmed);
    for (check, status, message) in [
        (CheckName::AppendOnly, Status::Failed, "1 file was removed"),
        (CheckName::Authorisation, Status::Failed, "2 records without the signature they need"),
        (CheckName::Conflicts, Status::Failed, "1 labeler contradicts themself on 4 items"),
        (CheckName::Agreement, Status::Failed, "agreement of tone fell by 0.124"),
        (CheckName::Gold, Status::NotMeasured, "3 added labels are on gold items; 20 are needed to judge"),
        (CheckName::Confirmed, Status::Warned, "87.5% of bob's labels only confirm a guess"),
    ] {
        let place = report.checks.iter().position(|outcome| outcome.check == check);
        report.checks[place.expect("every check is there")] = outcome(check, status, message);
    }
    let mut alpha = measure("krippendorff_alpha", Scale::Coefficient, 0.7124, 0.588);
    alpha.delta_interval = Some([-0.2104, -0.0312]);
    alpha.wanted = Some("low end ≥ 0.667".to_owned());
    alpha.holds = Some(false);
    let mut gold = measure("gold accuracy", Scale::Share, 0.9, 0.9);
    (gold.before, gold.delta, gold.over, gold.overlap) = (None, None, "added labels", 3);
    gold.wanted = Some("at least 80%".to_owned());
    report.measures = vec![alpha, measure("percent_agreement", Scale::Share, 0.8125, 0.7083), gold];
    report
}

fn errors() -> Vec<Finding> {
    let mut removed = finding(
        CheckName::AppendOnly,
        "removed",
        "a shard of the ledger was removed",
        "bring it back: git checkout origin/main -- ledger; to take labels back, use hitl revert 3fa1c0de",
    );
    removed.path = Some(SHARD.to_owned());
    removed.commit = Some(Culprit {
        id: "77aa01b2c3d4e5f60718".to_owned(),
        author: "Bob <bob@example.org>".to_owned(),
        subject: "tidy up, closes #12".to_owned(),
    });
    let mut unsigned = finding(
        CheckName::Authorisation,
        "unsigned",
        "2 batches say that carol made them, who signs what is hers, and are not signed",
        "have carol run hitl sign",
    );
    unsigned.record = Some(RecordId::of(b"unsigned"));
    let mut conflict = finding(
        CheckName::Conflicts,
        "contradiction",
        "bob says two things of 4 items, and nothing says which is later",
        "have bob label these items once more: hitl labels --item msg-017 shows both",
    );
    conflict.task = Some("tone".to_owned());
    conflict.samples = vec![
        sample(
            "msg-017",
            Some("The parcel came a week late, the box was open and the lamp was missing. Ask @support."),
            &[("bob", Some("negative"), When::Before), ("bob", Some("neutral"), When::Added)],
        ),
        sample("msg-018", None, &[("bob", None, When::TakenBack), ("ana", Some("@everyone"), When::Added)]),
        sample(
            "msg-0|19",
            Some("<img src=x onerror=alert(1)>\u{202e}"),
            &[("bob", Some("<script>alert(1)</script>"), When::Before), ("bob", Some("a`b"), When::Added)],
        ),
    ];
    conflict.more = 1;
    let mut floor = finding(
        CheckName::Agreement,
        "floor",
        "Krippendorff's α of tone on changed items is 0.588 (0.488 to 0.678): its low end should be 0.667 or more",
        "adjudicate the items that differ: hitl adjudicate --list; see whether the guideline says how to decide",
    );
    floor.task = Some("tone".to_owned());
    floor.samples = vec![sample(
        "msg-021",
        Some("Fine, I suppose."),
        &[
            ("ana", Some("neutral"), When::Before),
            ("bob", Some("negative"), When::Added),
            ("gpt-4.1", Some("positive"), When::Added),
        ],
    )];
    floor.more = 12;
    vec![removed, unsigned, conflict, floor]
}

/// Returns a report in which nothing failed and two checks warn.
pub(super) fn warned() -> CheckReport {
    let mut report = passed();
    report.reason = "14 checks passed, 2 of them with warnings".to_owned();
    let mut superseded = finding(
        CheckName::SupersededGuideline,
        "superseded",
        "5 labels of ana were made under tone@2 when tone@3 was in force",
        "have ana look at these items again under tone@3",
    );
    superseded.level = Level::Warning;
    superseded.samples = vec![sample("msg-003", Some("OK."), &[("ana", Some("neutral"), When::Added)])];
    superseded.more = 4;
    let mut lookalike = finding(
        CheckName::Lookalikes,
        "lookalike",
        "people cannot tell the labelers ana and аna apart",
        "give one of them another id in labelers.yaml, with the old one among its aliases",
    );
    lookalike.level = Level::Warning;
    lookalike.path = Some("labelers.yaml".to_owned());
    report.findings = vec![superseded, lookalike];
    for outcome in &mut report.checks {
        match outcome.check {
            CheckName::SupersededGuideline => {
                *outcome = self::outcome(outcome.check, Status::Warned, "5 labels under tone@2");
            }
            CheckName::Lookalikes => *outcome = self::outcome(outcome.check, Status::Warned, "ana and аna"),
            _ => {}
        }
    }
    report
}

/// Returns the report of two states that hold the same.
pub(super) fn no_changes() -> CheckReport {
    CheckReport {
        verdict: Verdict::NoChanges,
        reason: "no label changes".to_owned(),
        added: Added::default(),
        measures: vec![],
        checks: vec![],
        ..passed()
    }
}

/// Returns a report of a change that brings the first `hitl.yaml`.
pub(super) fn bootstrap() -> CheckReport {
    CheckReport {
        bootstrap: true,
        merge_base: None,
        added: Added {
            records: 1,
            guidelines: vec!["tone@1".to_owned()],
            files: vec!["hitl.yaml".to_owned(), "labelers.yaml".to_owned()],
            ..Added::default()
        },
        measures: vec![],
        ..passed()
    }
}

/// What tries to be a mention, markup, a command, a reference, a link.
pub(super) const EVIL: &str = "@everyone <script>alert(1)</script> | `x` ::error::x\n\u{1b}[31m\u{202e}#12 http://evil.example ]]>\u{fffe} ";

/// Returns a failed report with many findings whose every text is `text` over and over.
pub(super) fn hostile(text: &str) -> CheckReport {
    let evil = |times: usize| text.repeat(times * 40 / text.len().min(40));
    let mut report = failed();
    report.reason = evil(30);
    report.head.rev = evil(30);
    let labeler = report.added.labelers[0].clone();
    report.added.labelers = (0..40).map(|_| LabelerRows { id: evil(9), ..labeler.clone() }).collect();
    report.added.files = vec![evil(30); 20];
    report.added.guidelines = vec![evil(30); 20];
    let mut measure = report.measures[0].clone();
    (measure.task, measure.metric) = (Some(evil(30)), evil(30));
    report.measures = vec![measure; 20];
    for outcome in &mut report.checks {
        outcome.message = evil(30);
    }
    let one = |index: usize| {
        let mut one = errors()[index % 4].clone();
        (one.message, one.remedy) = (evil(30), format!("{index} {}", evil(30)));
        one.path = one.path.map(|_| evil(30));
        for sample in &mut one.samples {
            (sample.item, sample.text) = (evil(30), Some(evil(30)));
            sample.labels =
                vec![Said { labeler: evil(30), label: Some(evil(30)), when: When::TakenBack }; 20];
        }
        one.level = if index < 100 { Level::Error } else { Level::Warning };
        one
    };
    report.findings = (0..200).map(one).collect();
    report
}

/// Returns what `render` makes of each report, one under the other.
pub(super) fn rendered(render: impl Fn(&CheckReport, &mut Vec<u8>) -> std::io::Result<()>) -> String {
    let page = |(name, report): (&str, CheckReport)| format!("===== {name}\n{}", text(&report, &render));
    all().map(page).concat()
}

/// Returns what `render` makes of `report`.
pub(super) fn text(
    report: &CheckReport,
    render: impl Fn(&CheckReport, &mut Vec<u8>) -> std::io::Result<()>,
) -> String {
    let mut out = Vec::new();
    render(report, &mut out).expect("a vector takes all");
    String::from_utf8(out).expect("it is text")
}

mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use serde_json::Value;

    use super::*;

    const SCHEMA: &str = include_str!("../../docs/check.schema.json");

    /// Asserts that `value`, and all in it, is named by the part of the schema that is for it.
    fn named(value: &Value, part: &Value, schema: &Value, at: &str) {
        let part = match part["$ref"].as_str() {
            Some(name) => &schema["$defs"][name.trim_start_matches("#/$defs/")],
            None => part,
        };
        match value {
            Value::Object(fields) => {
                let required: Vec<&str> =
                    part["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                assert_eq!(required, fields.keys().map(String::as_str).collect::<Vec<_>>(), "{at}");
                for (key, value) in fields {
                    assert!(part["properties"][key].is_object(), "{at}.{key} is not in the schema");
                    named(value, &part["properties"][key], schema, &format!("{at}.{key}"));
                }
            }
            Value::Array(values) => values.iter().for_each(|value| named(value, &part["items"], schema, at)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn a_report_is_one_document() {
        insta::assert_snapshot!(text(&failed(), crate::render::json));
    }

    #[test]
    fn the_schema_names_all_that_a_report_says() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        for (name, report) in all() {
            named(&serde_json::to_value(report).unwrap(), &schema, &schema, name);
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a test's own switch and word")]
    fn reports_obey_the_schema() {
        let found = Command::new("python3").args(["-c", "import jsonschema"]).output();
        if !found.is_ok_and(|found| found.status.success()) {
            let all = std::env::var_os("HITL_TEST_ALL").is_some_and(|value| value == "1");
            assert!(!all, "needs python3 with jsonschema");
            println!("skipped: needs python3 with jsonschema");
            return;
        }
        let script = "import json, sys, jsonschema\n\
            told = json.load(sys.stdin)\n\
            jsonschema.Draft202012Validator.check_schema(told['schema'])\n\
            checked = jsonschema.Draft202012Validator(told['schema'])\n\
            for report in told['reports']: checked.validate(report)\n\
            for report in told['wrong']: assert not checked.is_valid(report), report";
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let mut reports: Vec<Value> =
            all().iter().map(|(_, report)| serde_json::to_value(report).unwrap()).collect();
        reports.push(serde_json::to_value(hostile(EVIL)).unwrap());
        let mut wrong = vec![reports[0].clone(), reports[0].clone()];
        wrong[0]["findings"][0]["level"] = "fatal".into();
        wrong[1]["measures"][0]["interval"] = serde_json::json!([0.5]);
        let told = serde_json::json!({ "schema": schema, "reports": reports, "wrong": wrong });
        let mut python =
            Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).spawn().expect("it is there");
        python.stdin.take().expect("it is piped").write_all(told.to_string().as_bytes()).unwrap();
        assert!(python.wait().unwrap().success());
    }

    #[test]
    fn every_check_is_one_that_the_schema_knows() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let known: Vec<&str> =
            schema["$defs"]["check"]["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for outcome in failed().checks {
            assert!(known.contains(&outcome.check.as_str()), "{:?}", outcome.check);
            assert_eq!(serde_json::to_value(outcome.check).unwrap(), outcome.check.as_str());
        }
    }
}
