//! `hitl check`: what it says of a change, and when it fails. Attacks are in `adversary.rs`, hooks in `hook.rs`.

use std::fmt::Write;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::repo::{Answer, Repo};

/// A task of two classes, and what is checked of it.
fn gated(checks: &str) -> Repo {
    let config = format!(
        "format: 1\ntasks:\n  tone:\n    type: categorical\n    classes: [no, yes]\n{}",
        if checks.is_empty() { String::new() } else { format!("checks:\n{checks}") }
    );
    Repo::with_config(&config)
}

/// Commits what each of `labelers` says of the items `from..to`: `yes`, or where `says_no` holds of labeler and item `no`.
fn batch(repo: &Repo, file: &str, labelers: &[&str], items: std::ops::Range<u32>, no: fn(&str, u32) -> bool) {
    let mut text = String::from("item,labeler,label,created_at\n");
    for item in items {
        for labeler in labelers {
            let label = if no(labeler, item) { "no" } else { "yes" };
            writeln!(text, "i{item:02},{labeler},{label},2025-05-0{}", 1 + item % 7).unwrap();
        }
    }
    repo.file(file, text);
    repo.ok(&format!("commit {file}"));
}

/// Two labelers who agree on 24 items but one, on main; then a branch.
fn week_one(checks: &str) -> Repo {
    let repo = gated(checks);
    batch(&repo, "one.csv", &["ana", "bob"], 0..24, |labeler, item| {
        item % 2 == 0 || labeler == "bob" && item == 5
    });
    repo.git("switch --quiet -c week-2");
    repo
}

/// The outcome of a check.
fn outcome<'r>(report: &'r Value, check: &str) -> &'r Value {
    let all = report["checks"].as_array().unwrap();
    all.iter().find(|outcome| outcome["check"] == check).unwrap_or_else(|| panic!("no {check}: {report:#}"))
}

fn status(report: &Value, check: &str) -> String {
    outcome(report, check)["status"].as_str().unwrap().to_owned()
}

/// Returns the report on the branch against main.
fn judged(repo: &Repo, code: i32) -> Value {
    repo.run("check --base main --format json").exits(code).json()
}

fn told(repo: &Repo) -> Answer {
    repo.run("check --base main")
}

#[test]
fn a_change_without_labels_is_one_line() {
    let repo = week_one("");
    repo.file("notes.md", "nothing of hitl's\n");
    repo.git("add notes.md");
    repo.git("commit --quiet -m notes");
    shot!("check_no_changes", told(&repo));
    shot!("check_no_changes_md", repo.run("check --base main --format md"));
    let report = judged(&repo, 0);
    assert_eq!((&report["verdict"], &report["checks"]), (&"no_changes".into(), &Value::Array(vec![])));
    repo.run("check --base main --to junit=-").exits(0).says(&["name=\"verdict\" value=\"no_changes\""]);
    repo.run("check --base main --to sarif=-").exits(0).says(&["\"verdict\": \"no_changes\""]);
}

#[test]
fn a_change_that_may_be_merged() {
    let repo = week_one("  agreement: {floor: 0.5, min_overlap: 10}\n");
    batch(&repo, "two.csv", &["ana", "bob"], 24..48, |labeler, item| {
        item % 2 == 0 || labeler == "bob" && item == 31
    });
    shot!("check_passed", told(&repo));
    shot!("check_passed_md", repo.run("check --base main --format md"));
}

#[test]
fn a_change_that_fails_says_why_and_what_to_do() {
    let repo = week_one(
        "  agreement: {floor: 0.667, min_overlap: 10}\n  unresolved: {max_share: 0.1, min_items: 5}\n",
    );
    repo.file("texts.csv", "item,text\ni24,Fine I suppose\n");
    repo.ok("commit texts.csv --kind items");
    batch(&repo, "gold.csv", &["ana", "bob"], 24..48, |labeler, item| {
        (item + u32::from(labeler == "bob")) % 4 == 0
    });
    // bob says another thing of what he said before, and no time says which is later.
    repo.file("three.csv", "item,labeler,label\ni30,cleo,no\ni31,cleo,yes\n");
    repo.ok("commit three.csv");
    shot!("check_failed", told(&repo));
    shot!("check_failed_md", repo.run("check --base main --format md"));
    let report = judged(&repo, 1);
    let names: Vec<&str> =
        report["measures"].as_array().unwrap().iter().filter_map(|one| one["metric"].as_str()).collect();
    assert!(names.contains(&"krippendorff_alpha") && names.contains(&"unresolved"), "{names:?}");
    let junit = repo.run("check --base main --to junit=-").out;
    assert!(junit.contains("name=\"agreement: krippendorff_alpha of tone on changed_items\""), "{junit}");
}

#[test]
fn the_first_hitl_yaml_is_a_bootstrap() {
    let repo = Repo::bare_folder();
    repo.git("init --quiet");
    repo.file("readme.md", "labels\n");
    repo.git("add readme.md");
    repo.git("commit --quiet -m first");
    repo.git("switch --quiet -c begin");
    repo.ok("init --task tone --classes no,yes");
    repo.commit("one.csv", &["i1 ana yes 2025-05-01"]);
    shot!("check_bootstrap", told(&repo));
    let report = judged(&repo, 0);
    assert_eq!((&report["bootstrap"], &report["verdict"]), (&true.into(), &"passed".into()));
    assert_eq!(report["findings"][0]["code"], "review");
}

#[test]
fn history_that_is_cut_off_is_no_answer() {
    let repo = week_one("");
    batch(&repo, "two.csv", &["ana"], 24..30, |_, _| false);
    let shallow = repo.clone_to("shallow", "--depth 1 --no-single-branch");
    let answer = repo.run_in(&shallow, "check --base origin/main", b"").exits(3);
    shot!("check_shallow", answer.says(&["fetch-depth: 0"]));
    let alone = repo.clone_to("alone", "--depth 1");
    let answer = repo.run_in(&alone, "check --base HEAD", b"").exits(3);
    assert!(answer.says(&["fetch-depth: 0"]).out.is_empty());
}

#[test]
fn a_base_that_is_not_here_is_no_answer() {
    let repo = week_one("");
    shot!("check_unknown_base", repo.run("check --base origin/main").exits(2));
    shot!("check_unknown_head", repo.run("check --base main --head weak-2").exits(2));
}

#[test]
fn a_branch_and_what_a_forge_merges_get_one_report() {
    let repo = week_one("  agreement: {floor: 0.5, min_overlap: 10}\n");
    batch(&repo, "two.csv", &["ana", "bob"], 24..48, |_, item| item % 2 == 0);
    repo.git("switch --quiet main");
    batch(&repo, "three.csv", &["cleo", "dan"], 40..60, |_, item| item % 2 == 0);
    repo.git("switch --quiet -c merge-ref");
    repo.git("merge --quiet --no-edit week-2");
    let of = |head: &str| {
        let mut report = repo.run(&format!("check --base main --head {head} --format json")).exits(0).json();
        for side in ["head", "merge_base"] {
            report[side] = Value::Null;
        }
        let checks = report["checks"].as_array_mut().unwrap();
        let count = checks.iter_mut().find(|outcome| outcome["check"] == "append_only").unwrap();
        assert!(count["message"].as_str().unwrap().ends_with(", nothing taken away"));
        count["message"] = Value::Null;
        report
    };
    assert_eq!(of("week-2"), of("merge-ref"));
}

#[test]
fn a_revert_says_what_it_takes_back_and_whose() {
    let repo = week_one("");
    repo.ok("revert --labeler bob -m careless");
    shot!("check_revert", told(&repo));
    let report = judged(&repo, 0);
    let added = &report["added"];
    assert_eq!((&added["taken_back"]["judgements"], &added["items"]), (&24.into(), &24.into()));
    assert_eq!(
        added["taken_back"]["labelers"],
        serde_json::json!([{"id": "bob", "kind": "human", "rows": 24}])
    );
    assert_eq!(added["brought_back"]["judgements"], 0);
    let unresolved = &report["measures"].as_array().unwrap().iter().find(|one| one["check"] == "unresolved");
    assert_eq!(unresolved.unwrap()["overlap"], 24, "what is taken back is touched");
    // α rested on both: it is no pass that there is nothing left to measure.
    assert_eq!(status(&report, "agreement"), "warned");
    assert_eq!(report["findings"][0]["code"], "no_longer_measured");
    let revert = repo.json("log")["entries"][0]["id"].as_str().unwrap().to_owned();
    repo.git("branch --force main week-2");
    repo.ok(&format!("revert {revert} -m 'he was right'"));
    shot!("check_revert_of_revert", told(&repo));
    assert_eq!(judged(&repo, 0)["added"]["brought_back"]["judgements"], 24);
}

#[test]
fn samples_show_what_is_new_and_gold_first() {
    let repo = gated("  gold: {min_accuracy: 0.9, min_items: 2}\n");
    let many: Vec<String> = ('a'..='l').map(|one| format!("i1 {one}na yes 2025-05-01")).collect();
    repo.commit("many.csv", &many.iter().map(String::as_str).collect::<Vec<_>>());
    repo.labels("gold.csv", &["i1 truth yes", "i2 truth yes"]);
    repo.ok("commit gold.csv --labeler-kind gold");
    repo.git("switch --quiet -c week-2");
    repo.commit("zoe.csv", &["i1 zoe no 2025-05-02", "i2 zoe no 2025-05-02"]);
    shot!("check_gold", told(&repo));
    let sample = judged(&repo, 1)["findings"][0]["samples"][0].clone();
    assert_eq!(
        (&sample["labels"][0]["labeler"], &sample["labels"][1]["labeler"]),
        (&"zoe".into(), &"truth".into())
    );
    assert_eq!((sample["labels"].as_array().unwrap().len(), &sample["more"]), (8, &6.into()));
    repo.run("check --base main --format md")
        .says(&["`zoe`: `no` (new) · `truth`: `yes` · ", " · and 6 more"]);
    repo.run("check --base main --to html=-").says(&["<ins>", "zoe</bdi>, added", "and 6 more"]);
}

#[test]
fn too_little_overlap_fails_where_it_is_required() {
    let repo = week_one("  agreement: {floor: 0.5, min_overlap: 10, required: true}\n");
    batch(&repo, "two.csv", &["ana"], 24..48, |_, item| item % 2 == 0);
    shot!("check_required", told(&repo));
    assert_eq!(judged(&repo, 1)["findings"][0]["code"], "too_little_overlap");
    let repo = week_one("  agreement: {floor: 0.5, min_overlap: 10}\n");
    batch(&repo, "two.csv", &["ana"], 24..48, |_, item| item % 2 == 0);
    let report = judged(&repo, 0);
    assert_eq!(status(&report, "agreement"), "not_measured");
    let reason = report["reason"].as_str().unwrap();
    let count = |wanted: &str| {
        let all = report["checks"].as_array().unwrap();
        all.iter().filter(|outcome| outcome["status"] == wanted).count()
    };
    let (passed, not) = (count("passed"), count("not_measured"));
    assert_eq!(reason, format!("{passed} checks passed, {not} not measured"));
}

#[test]
fn who_only_confirms_is_told_by_origin_or_by_what_was_shown() {
    let checks = "  confirmed: {max_share: 0.5, min_rows: 4}\n";
    let judged_with = |header: &str, rows: [&str; 4], code: i32| {
        let repo = week_one(checks);
        repo.file("two.csv", format!("item,labeler,label{header}\n{}\n", rows.join("\n")));
        repo.ok("commit two.csv");
        judged(&repo, code)
    };
    let by_origin =
        ["j1,ana,yes,confirmed", "j2,ana,yes,confirmed", "j3,ana,no,confirmed", "j4,ana,no,fresh"];
    let report = judged_with(",origin", by_origin, 1);
    assert_eq!(
        outcome(&report, "confirmed")["message"],
        "confirmed guesses of tone: 3 of 4 added labels (75.0%); at most 50.0% is asked"
    );
    let by_guess = ["j1,ana,yes,yes", "j2,ana,yes,yes", "j3,ana,no,no", "j4,ana,no,yes"];
    let report = judged_with(",shown", by_guess, 1);
    assert_eq!(status(&report, "confirmed"), "failed");
    let report = judged_with("", ["j1,ana,yes", "j2,ana,yes", "j3,ana,no", "j4,ana,no"], 0);
    assert_eq!(
        outcome(&report, "confirmed"),
        &serde_json::json!({
            "check": "confirmed", "level": "error", "status": "not_measured",
            "message": "confirmed guesses of tone: no origin and no guess is known of what is added",
            "task": "tone", "metric": "confirmed", "over": "added_labels"
        })
    );
}

#[test]
fn the_class_that_grew_is_named() {
    let repo = week_one("  balance: {max_shift: 0.2, min_rows: 5}\n");
    batch(&repo, "two.csv", &["ana"], 24..34, |_, _| false);
    let report = judged(&repo, 1);
    assert_eq!(
        outcome(&report, "balance")["message"],
        "classes of tone: `yes` 47.9% → 100%; the shares of added labels lie 52.1% apart from those before; at most \
         20.0% is asked"
    );
    assert_eq!(outcome(&report, "balance")["metric"], "class_shift");
}

#[test]
fn labels_under_a_version_that_was_followed_are_told() {
    let repo = week_one("  superseded_guideline: error\n");
    repo.file("g1.md", "Be fair.\n");
    repo.file("g2.md", "Be fair and kind.\n");
    repo.ok("guideline add tone g1.md --version 1");
    repo.ok("guideline add tone g2.md --version 2");
    repo.git("branch --force main week-2");
    repo.file("two.csv", "item,labeler,label,guideline\nj1,ana,yes,tone@1\nj2,ana,yes,tone@2\n");
    repo.ok("commit two.csv");
    shot!("check_superseded", told(&repo));
    assert_eq!(judged(&repo, 1)["findings"][0]["code"], "superseded");
}

#[test]
fn contradictions_look_alikes_and_dates_ahead_are_told() {
    let repo = week_one("");
    repo.file(
        "two.csv",
        "item,labeler,label,created_at\nj1,ana,yes,2025-05-01\nj2,\u{430}na,yes,2025-05-01\n",
    );
    repo.ok("commit two.csv");
    repo.git("commit --quiet --amend --no-edit --date 2025-05-30T00:00:00Z");
    repo.file("three.csv", "item,labeler,label,created_at\nj1,ana,no,2025-05-01\n");
    repo.git("switch --quiet main");
    repo.git("switch --quiet -c other");
    repo.ok("commit three.csv");
    repo.git("switch --quiet week-2");
    repo.git("merge --quiet --no-edit other");
    shot!("check_told", told(&repo));
    let report = judged(&repo, 1);
    assert_eq!(["lookalikes", "dated_ahead"].map(|check| status(&report, check)), ["warned", "warned"]);
}

#[test]
fn a_batch_that_is_dropped_is_one_finding() {
    let repo = week_one("");
    let path = repo.shell("git ls-files ledger/labels | head -1").out;
    let record = path.trim().rsplit('/').next().unwrap().split('.').next().unwrap().to_owned();
    repo.git("rm --quiet -r ledger/labels");
    repo.git("commit --quiet -m tidy");
    shot!("check_dropped", told(&repo));
    let report = judged(&repo, 1);
    let removed: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().filter(|one| one["code"] == "removed").collect();
    assert_eq!((removed.len(), &removed[0]["record"]), (1, &record.into()));
    assert_eq!(report["added"]["removed"], 1);
}

#[test]
fn reports_are_written_as_they_are_asked_for() {
    let repo = week_one("");
    batch(&repo, "two.csv", &["ana", "bob"], 24..30, |_, _| false);
    let forms = ["md", "html", "json", "junit", "sarif", "github", "gitlab"];
    let to: String = forms.iter().map(|form| format!(" --to {form}=out.{form}")).collect();
    let answer = repo.run(&format!("check --base main{to}")).exits(0);
    assert_eq!(answer.out, told(&repo).out, "the terminal is told as without --to");
    for (form, begin) in [
        ("md", "## "),
        ("html", "<!doctype html>"),
        ("json", "{"),
        ("junit", "<?xml"),
        ("sarif", "{"),
        ("github", ""),
        ("gitlab", "["),
    ] {
        let text = repo.read(&format!("out.{form}"));
        assert!(text.to_lowercase().starts_with(begin), "{form}: {text}");
    }
    assert_eq!(repo.read("out.json"), repo.run("check --base main --format json").out);
    assert!(repo.run("check --base main --to md=-").out.starts_with("## "));
    repo.run("check --base main --to word=x")
        .exits(2)
        .says(&["md, html, json, junit, sarif, github or gitlab"]);
    repo.run("check --base main --to md=no/where.md").exits(2);
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test's own switch and word")]
fn what_is_reported_obeys_the_schema() {
    let found = Command::new("python3").args(["-c", "import jsonschema"]).output();
    if !found.is_ok_and(|found| found.status.success()) {
        let all = std::env::var_os("HITL_TEST_ALL").is_some_and(|value| value == "1");
        assert!(!all, "needs python3 with jsonschema");
        eprintln!("skipped: needs python3 with jsonschema");
        return;
    }
    let repo =
        week_one("  agreement: {floor: 0.9, min_overlap: 10}\n  balance: {max_shift: 0.1, min_rows: 5}\n");
    let report = || repo.run("check --base main --format json").json();
    let first = report();
    batch(&repo, "two.csv", &["ana", "bob"], 24..48, |_, item| item % 3 == 0);
    let added = report();
    repo.ok("revert --labeler bob -m careless");
    let reverted = report();
    repo.git("rm --quiet -r ledger/labels");
    repo.git("commit --quiet -m tidy");
    let dropped = report();
    let script = "import json, sys, jsonschema\n\
        told = json.load(sys.stdin)\n\
        checked = jsonschema.Draft202012Validator(told['schema'])\n\
        for report in told['reports']: checked.validate(report)";
    let schema: Value = serde_json::from_str(include_str!("../../docs/check.schema.json")).unwrap();
    let told = serde_json::json!({ "schema": schema, "reports": [first, added, reverted, dropped] });
    let mut python = Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(told.to_string().as_bytes()).unwrap();
    assert!(python.wait().unwrap().success());
}
