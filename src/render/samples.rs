//! Literal reports of checks, for the tests of every rendering: in the sentences that `check` writes.

use crate::check::{
    self, Added, AddedBatch, Basis, CheckName, CheckReport, Coefficient, Culprit, Finding, Judged,
    LabelerRows, Measure, Outcome, Said, Sample, Scale, Share, ShareCheck, Shift, Side, Status, Turned,
    Verdict, When,
};
use crate::config::{AgreementRule, Level, ShareRule};
use crate::record::{Kind, LabelerKind, RecordId};

/// A manifest's path.
pub(super) const MANIFEST: &str = "ledger/labels/tone/2026-02/3f/3fa1c0de.yaml";

/// Returns each report with its name.
pub(super) fn all() -> [(&'static str, CheckReport); 6] {
    [
        ("failed", failed()),
        ("warned", warned()),
        ("passed", passed()),
        ("reverting", reverting()),
        ("no_changes", no_changes()),
        ("bootstrap", bootstrap()),
    ]
}

fn outcome(check: CheckName, status: Status, message: &str) -> Outcome {
    let level = if status == Status::Warned { Level::Warning } else { Level::Error };
    Outcome::new(check, level, status, message)
}

/// A measure that no rule asks anything of.
fn measure(metric: &str, scale: Scale, before: f64, after: f64) -> Measure {
    Measure {
        check: CheckName::Agreement,
        task: Some("tone".to_owned()),
        metric: metric.to_owned(),
        over: Basis::ChangedItems,
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

/// Judges α of the task `tone` by its low end, which is to be `floor` at least.
fn alpha(floor: f64, after: f64, delta_interval: Option<[f64; 2]>) -> Judged {
    let rule = AgreementRule {
        floor: Some(floor),
        max_drop: None,
        min_overlap: 10,
        level: Level::Error,
        ..AgreementRule::falls()
    };
    let found = Coefficient {
        before: Some(0.7124),
        after: Some(after),
        delta: Some(after - 0.7124),
        interval: Some([after - 0.1, after + 0.09]),
        delta_interval,
        overlap_before: 24,
        overlap: 24,
    };
    check::agreement(&rule, "tone", found, "hitl agreement --task tone --base origin/main --changed")
}

/// Judges a share of the task `tone`.
fn share(check: CheckName, rule: ShareRule, k: u64, n: u64) -> Judged {
    let (metric, words, is_floor) = match check {
        CheckName::Gold => ("gold_accuracy", "gold accuracy", true),
        _ => ("confirmed", "confirmed guesses", false),
    };
    let remedy = "have some of them labelled without the guess in sight, and compare";
    let what = ShareCheck { check, metric, words, over: Basis::AddedLabels, is_floor, remedy };
    check::share(what, Some(&rule), "tone", None, &Share { k, n, items: Vec::new() }).expect("there are some")
}

const GOLD: ShareRule = ShareRule { share: 0.8, at_least: 20, level: Level::Error };
const CONFIRMED: ShareRule = ShareRule { share: 0.8, at_least: 20, level: Level::Warning };

fn sample(item: &str, text: Option<&str>, labels: &[(&str, Option<&str>, When)]) -> Sample {
    let said = |(labeler, label, when): &(&str, Option<&str>, When)| Said {
        labeler: (*labeler).to_owned(),
        label: label.map(str::to_owned),
        when: *when,
    };
    let labels = labels.iter().map(said).collect();
    Sample { item: item.to_owned(), text: text.map(str::to_owned), labels, more: 0 }
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
    let alpha = alpha(0.6, 0.7391, None);
    CheckReport {
        schema: "hitl.check/1",
        verdict: Verdict::Passed,
        reason: "14 checks passed".to_owned(),
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
                batch(Kind::Guidelines, None, 1, 1),
            ],
            guidelines: vec!["tone@3".to_owned()],
            files: vec!["labelers.yaml".to_owned()],
            ..Added::default()
        },
        measures: vec![alpha.measure.clone()],
        checks: checks(alpha.outcome),
        findings: vec![],
    }
}

/// Returns what each check says that is passed.
fn checks(agreement: Outcome) -> Vec<Outcome> {
    use CheckName::{
        AppendOnly, Authorisation, Complete, Conflicts, DatedAhead, Integrity, Lookalikes, Policy, Snapshots,
        SupersededGuideline,
    };
    let passed = |check, message| outcome(check, Status::Passed, message);
    let rule = ShareRule { share: 0.2, at_least: 20, level: Level::Error };
    let shift = Shift { distance: 0.0625, grown: "neutral", shares: [0.3012, 0.3542], rows: 48 };
    vec![
        passed(Integrity, "4 records are sound"),
        passed(AppendOnly, "2 commits, nothing taken away"),
        passed(Complete, "every parent is here"),
        passed(Authorisation, "4 records by those who may"),
        passed(Policy, "roles and checks are as they were, or changed by those who may"),
        passed(Conflicts, "nobody contradicts themself"),
        agreement,
        share(CheckName::Gold, GOLD, 22, 24).outcome,
        share(CheckName::Confirmed, CONFIRMED, 3, 48).outcome,
        passed(SupersededGuideline, "every guideline was in force"),
        check::shift(&rule, "tone", shift).outcome,
        passed(Lookalikes, "no two names read alike"),
        passed(DatedAhead, "nothing is dated ahead"),
        passed(Snapshots, "all rebuild"),
    ]
}

/// Puts what came of a check in the place of what it said before.
fn put(report: &mut CheckReport, outcome: Outcome) {
    let place = report.checks.iter().position(|one| one.check == outcome.check);
    report.checks[place.expect("every check is there")] = outcome;
}

/// Returns a report in which checks are failed in many ways, by labels that try to be more than text.
pub(super) fn failed() -> CheckReport {
    let mut report = passed();
    report.verdict = Verdict::Failed;
    report.reason = "4 of 14 checks failed: append_only, authorisation, conflicts, agreement".to_owned();
    report.merge_base = Some("77e0aa12bc34de56f789".to_owned());
    report.added.removed = 1;
    report.findings = errors();
    let (alpha, gold) = (fallen(), share(CheckName::Gold, GOLD, 3, 3));
    let confirmed = share(CheckName::Confirmed, CONFIRMED, 42, 48);
    report.findings.extend(confirmed.finding);
    let failed = errors().into_iter().filter(|finding| finding.check != CheckName::Agreement);
    for one in failed.map(|finding| outcome(finding.check, Status::Failed, &finding.message)) {
        put(&mut report, one);
    }
    [alpha.outcome, gold.outcome, confirmed.outcome].into_iter().for_each(|one| put(&mut report, one));
    let percent = measure("percent_agreement", Scale::Share, 0.8125, 0.7083);
    report.measures = vec![alpha.measure, percent, gold.measure, confirmed.measure];
    report
}

/// Returns what came of α where it is too low.
fn fallen() -> Judged {
    alpha(0.667, 0.588, Some([-0.2104, -0.0312]))
}

fn errors() -> Vec<Finding> {
    let mut removed = finding(
        CheckName::AppendOnly,
        "removed",
        "record 3fa1c0de was removed by 77aa01b2c3: manifest, shard, 1 signature",
        "`hitl restore 3fa1c0de`; to take judgements back, `hitl revert`",
    );
    removed.path = Some(MANIFEST.to_owned());
    removed.commit = Some(Culprit {
        id: "77aa01b2c3d4e5f60718".to_owned(),
        author: "Bob <bob@example.org>".to_owned(),
        subject: "tidy up, closes #12".to_owned(),
    });
    let mut unsigned = finding(
        CheckName::Authorisation,
        "unsigned",
        "record 0d1e2f3a4b: carol has not signed it",
        "have them make it again with `user.signingKey` set to their key",
    );
    unsigned.record = Some(RecordId::of(b"unsigned"));
    let mut conflict = finding(
        CheckName::Conflicts,
        "conflict",
        "4 items of tone: who labelled them contradicts themself, and nothing says which is later",
        "commit the one that is meant with a later created_at, adjudicate the items, or revert one of the batches",
    );
    conflict.task = Some("tone".to_owned());
    conflict.samples = vec![
        sample(
            "msg-017",
            Some("The parcel came a week late, the box was open and the lamp was missing. Ask @support."),
            &[("bob", Some("neutral"), When::Added), ("bob", Some("negative"), When::Before)],
        ),
        sample("msg-018", None, &[("ana", Some("@everyone"), When::Added), ("bob", None, When::TakenBack)]),
        sample(
            "msg-0|19",
            Some("<img src=x onerror=alert(1)>\u{202e}"),
            &[("bob", Some("a`b"), When::Added), ("bob", Some("<script>alert(1)</script>"), When::Before)],
        ),
    ];
    conflict.more = 1;
    let mut floor = fallen().finding.expect("it is too low");
    floor.samples = vec![sample(
        "msg-021",
        Some("Fine, I suppose."),
        &[
            ("ana", Some("neutral"), When::Added),
            ("bob", Some("negative"), When::Added),
            ("ana", Some("positive"), When::Replaced),
            ("cy", Some("positive"), When::Before),
        ],
    )];
    floor.samples[0].more = 2;
    floor.more = 12;
    vec![removed, unsigned, conflict, floor]
}

/// Returns a report in which nothing failed and two checks warn.
pub(super) fn warned() -> CheckReport {
    let mut report = passed();
    report.reason = "2 of 14 checks warned: superseded_guideline, lookalikes".to_owned();
    let mut superseded = finding(
        CheckName::SupersededGuideline,
        "superseded",
        "5 of 48 added judgements of tone were made under a guideline version that another had followed by then",
        "have them labelled again under the version in force, or commit them with the version they were really made under",
    );
    superseded.level = Level::Warning;
    superseded.samples = vec![sample("msg-003", Some("OK."), &[("ana", Some("neutral"), When::Added)])];
    superseded.more = 4;
    let mut lookalike = finding(
        CheckName::Lookalikes,
        "lookalike",
        r"labelers `ana` and `\u{430}na` read alike",
        "if they are one person, make one an alias of the other in labelers.yaml; if not, rename the new one",
    );
    lookalike.level = Level::Warning;
    for finding in [&superseded, &lookalike] {
        put(&mut report, outcome(finding.check, Status::Warned, &finding.message));
    }
    report.findings = vec![superseded, lookalike];
    report
}

/// Returns the report of a change that takes back what bob said, and brings back what eve said.
pub(super) fn reverting() -> CheckReport {
    let mut report = passed();
    let turned = |id: &str, rows: u64| Turned {
        judgements: rows,
        labelers: vec![LabelerRows { id: id.to_owned(), kind: LabelerKind::Human, rows }],
    };
    report.added = Added {
        records: 2,
        items: 26,
        taken_back: turned("bob", 24),
        brought_back: turned("eve", 2),
        batches: vec![AddedBatch { kind: Kind::Reverts, task: None, records: 2, rows: 0 }],
        ..Added::default()
    };
    let gone = Coefficient { before: Some(0.7124), overlap_before: 24, overlap: 2, ..Coefficient::default() };
    let lost = check::agreement(&AgreementRule::falls(), "tone", gone, "hitl agreement --task tone");
    put(&mut report, lost.outcome);
    report.reason = "1 of 14 checks warned: agreement".to_owned();
    (report.measures, report.findings) = (vec![lost.measure], lost.finding.into_iter().collect());
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
    let mut report = passed();
    let mut review = finding(
        CheckName::Policy,
        "review",
        "base has no hitl.yaml: what this change brings was judged by its own",
        "have a maintainer review hitl.yaml and labelers.yaml before this is merged",
    );
    (review.level, review.path) = (Level::Warning, Some("hitl.yaml".to_owned()));
    put(&mut report, outcome(CheckName::Policy, Status::Warned, &review.message));
    CheckReport {
        bootstrap: true,
        reason: "1 of 14 checks warned: policy".to_owned(),
        findings: vec![review],
        merge_base: None,
        added: Added {
            records: 1,
            guidelines: vec!["tone@1".to_owned()],
            files: vec!["hitl.yaml".to_owned(), "labelers.yaml".to_owned()],
            ..Added::default()
        },
        measures: vec![],
        ..report
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
            sample.labels = vec![Said { labeler: evil(30), label: Some(evil(30)), when: When::TakenBack }; 8];
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
