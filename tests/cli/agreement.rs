//! `hitl agreement`

use serde_json::{Value, json};

use crate::repo::Repo;

/// Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section A: binary data, two observers, no missing
/// values; α = 0.095.
const KRIPPENDORFF: &str = "item,labeler,label\n\
    1,a,0\n1,b,1\n2,a,1\n2,b,1\n3,a,0\n3,b,1\n4,a,0\n4,b,0\n5,a,0\n5,b,0\n\
    6,a,0\n6,b,1\n7,a,0\n7,b,0\n8,a,0\n8,b,0\n9,a,1\n9,b,0\n10,a,0\n10,b,0\n";

fn metric(report: &Value, name: &str) -> f64 {
    let found = report["metrics"].as_array().unwrap().iter().find(|metric| metric["metric"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {report:#}"))["value"].as_f64().unwrap()
}

#[track_caller]
fn close(value: f64, wanted: f64) {
    assert!((value - wanted).abs() < 5e-4, "{value}, not {wanted}");
}

#[test]
fn a_worked_example_without_any_repository() {
    let repo = Repo::bare_folder();
    repo.file("codes.csv", KRIPPENDORFF);
    shot!("file", repo.run("agreement codes.csv"));
    let report = repo.json("agreement codes.csv");
    close(metric(&report, "krippendorff_alpha"), 0.095);
    close(metric(&report, "percent_agreement"), 0.6);
    // By hand: p_e = 0.8·0.6 + 0.2·0.4 = 0.56.
    close(metric(&report, "cohen_kappa"), (0.6 - 0.56) / 0.44);
    // By hand, marginals pooled: p_e = 0.7² + 0.3² = 0.58.
    close(metric(&report, "fleiss_kappa"), (0.6 - 0.58) / 0.42);
    assert!(!repo.dir().join(".git").exists());
}

#[test]
fn the_ledger_says_what_the_file_says() {
    let repo = Repo::new("code", &["0", "1"]);
    repo.file("codes.csv", KRIPPENDORFF);
    let file = repo.json("agreement codes.csv --classes 0,1");
    repo.ok("commit codes.csv");
    let ledger = repo.json("agreement");
    assert_eq!(ledger["metrics"], file["metrics"]);
    assert_eq!(ledger["task"], "code");
    shot!("ledger", repo.run("agreement --task code"));
    shot!("markdown", repo.run("agreement --format md"));
}

#[test]
fn reverted_and_superseded_labels_models_and_gold_do_not_count() {
    let repo = Repo::new("code", &["0", "1"]);
    repo.file("codes.csv", KRIPPENDORFF);
    repo.ok("commit codes.csv");
    let before = repo.json("agreement")["metrics"].clone();
    repo.commit("careless.csv", &["1 z 0", "2 z 0", "3 z 0"]);
    repo.file("model.csv", "item,label\n1,0\n2,0\n");
    repo.ok("commit model.csv --labeler m1 --labeler-kind model");
    assert_ne!(repo.json("agreement")["metrics"], before);
    repo.ok("revert --labeler z -m careless");
    assert_eq!(repo.json("agreement")["metrics"], before);
    assert_eq!(repo.json("agreement --labeler a --labeler b")["metrics"], before);
}

#[test]
fn several_tasks_are_one_json_document() {
    let repo = Repo::with_config(
        "format: 1\ntasks:\n  clarity:\n    type: categorical\n    classes: [clear, vague]\n  tone:\n    type: categorical\n    \
         classes: [warm, cold]\n",
    );
    repo.file("a.csv", "item,labeler,clarity,tone\ni1,ann,clear,warm\ni1,bob,clear,cold\n");
    repo.ok("commit a.csv --map task:clarity=clarity --map task:tone=tone");
    let all = repo.json("agreement");
    let tasks: Vec<&str> =
        all["tasks"].as_array().unwrap().iter().map(|report| report["task"].as_str().unwrap()).collect();
    assert_eq!(tasks, ["clarity", "tone"]);
    assert_eq!(repo.json("agreement --task tone")["task"], json!("tone"));
}

#[test]
fn nothing_to_measure_and_wrong_requests() {
    let repo = Repo::sentiment();
    shot!("nothing", repo.run("agreement"));
    repo.commit("a.csv", &["i1 ann neutral"]);
    shot!("one_labeler", repo.run("agreement"));
    repo.run("agreement --task toen").exits(2).says(&["sentiment"]);
    repo.run("agreement none.csv").exits(2);
    repo.file("bad.csv", "item,labeler,label\ni1,ann,neutral\n,bob,neutral\n");
    shot!("bad_file", repo.run("agreement bad.csv"));
    repo.run("agreement a.csv --classes positive,negative").exits(3).says(&["a.csv:2"]);
}

#[test]
fn a_hitl_yaml_with_faults_is_no_reason_for_defaults() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral", "i1 bob positive"]);
    repo.file("hitl.yaml", "format: 1\ntasks: [\n");
    repo.run("agreement").exits(2).says(&["fault in hitl.yaml"]);
    repo.run("trace i1").exits(2).says(&["fault in hitl.yaml"]);
}
