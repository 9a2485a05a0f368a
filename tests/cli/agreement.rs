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

/// Three labelers of 24 items: two who agree but for two items, and a third who follows a machine's guess.
fn crowd(repo: &Repo) {
    let mut rows = String::from("item,labeler,label,created_at,origin,shown,shown_by,guideline\n");
    let classes = ["negative", "neutral", "positive"];
    for item in 0..24 {
        let truth = classes[item % 3];
        let guess = classes[if item % 4 == 0 { (item + 1) % 3 } else { item % 3 }];
        let raj = if item == 7 || item == 11 { "neutral" } else { truth };
        let day = 5 + item / 4;
        rows += &format!("i{item:02},ana,{truth},2025-05-{day:02}T08:00:00Z,fresh,,,\n");
        rows += &format!("i{item:02},raj,{raj},2025-05-{day:02}T09:00:00Z,fresh,,,\n");
        rows += &format!("i{item:02},eve,{guess},2025-05-{day:02}T10:00:00Z,confirmed,{guess},m1,\n");
        rows += &format!("i{item:02},kim,{guess},2025-05-{day:02}T11:00:00Z,confirmed,{guess},m1,\n");
    }
    repo.file("crowd.csv", rows);
    repo.ok("commit crowd.csv");
    repo.file(
        "gold.csv",
        "item,label\ni00,negative\ni01,neutral\ni02,positive\ni03,negative\ni07,positive\n",
    );
    repo.ok("commit gold.csv --labeler truth --labeler-kind gold");
}

#[test]
fn confirmed_guesses_stand_apart_from_fresh_labels() {
    let repo = Repo::sentiment();
    crowd(&repo);
    repo.file("texts.csv", "item,text\ni00,\"so-so, really\"\n");
    repo.ok("commit texts.csv --kind items");
    shot!("parts", repo.run("agreement --by week"));
    let report = repo.json("agreement --by origin --metrics krippendorff_alpha");
    let groups = report["views"][0]["groups"].as_array().unwrap();
    let alpha = |group: &Value| group["metrics"][0]["value"].as_f64().unwrap();
    assert_eq!((groups[0]["group"].as_str(), alpha(&groups[0])), (Some("confirmed"), 1.0));
    assert!(alpha(&groups[1]) < 0.95, "{}", groups[1]);
    shot!("parts_markdown", repo.run("agreement --by origin --format md"));
}

#[test]
fn against_gold_and_against_a_colleague() {
    let repo = Repo::sentiment();
    crowd(&repo);
    shot!("against", repo.run("agreement --against truth"));
    shot!("against_markdown", repo.run("agreement --against ana --format md"));
    shot!("against_nobody", repo.run("agreement --against trut"));
    repo.file("plain.csv", KRIPPENDORFF);
    let report = repo.json("agreement plain.csv --against a");
    assert_eq!(
        (report["all"]["n_labels"].as_u64(), report["all"]["accuracy"].as_f64()),
        (Some(10), Some(0.6))
    );
}

#[test]
fn before_and_after_a_change() {
    let repo = Repo::sentiment();
    crowd(&repo);
    let base = repo.git("rev-parse HEAD");
    repo.labels("better.csv", &["i07 raj positive", "i11 raj positive"]);
    repo.ok("commit better.csv");
    shot!("base", repo.run(&format!("agreement --base {}", base.trim())));
    let report = repo.json(&format!("agreement --base {} --changed", base.trim()));
    let change = &report["change"];
    assert_eq!((change["items"].as_u64(), change["items_changed"].as_u64()), (Some(2), Some(2)));
    repo.run("agreement --base nowhere").exits(2);
    repo.run("agreement --changed").exits(2);
}

#[test]
fn levels_and_weights() {
    let repo = Repo::bare_folder();
    repo.file(
        "grades.csv",
        "item,labeler,label\n1,a,low\n1,b,mid\n2,a,high\n2,b,high\n3,a,mid\n3,b,low\n4,a,low\n4,b,low\n",
    );
    shot!("ordinal_without_order", repo.run("agreement grades.csv --level ordinal"));
    shot!("text_is_no_number", repo.run("agreement grades.csv --level interval"));
    shot!(
        "ordinal",
        repo.run("agreement grades.csv --level ordinal --classes low,mid,high --weights quadratic")
    );
    repo.file("weights.csv", ",low,mid,high\nlow,0,1,4\nmid,1,0,1\nhigh,4,1,0\n");
    let of = |weights: &str| {
        let line = format!("agreement grades.csv --level ordinal --classes low,mid,high --weights {weights}");
        let report = repo.json(&line);
        let weighted =
            |metric: &&Value| metric["metric"] == "cohen_kappa" && !metric["params"]["weights"].is_null();
        report["metrics"].as_array().unwrap().iter().find(weighted).unwrap()["value"].as_f64().unwrap()
    };
    assert!((of("weights.csv") - of("quadratic")).abs() < 1e-12, "squares are quadratic weights");
    repo.file("short.csv", "0,1\n1,0\n");
    shot!("wrong_weights", repo.run("agreement grades.csv --weights short.csv"));
    repo.run("agreement grades.csv --metrics krippendorf_alpha").exits(2).says(&["krippendorff_alpha"]);
    repo.run("agreement grades.csv --weights linear").exits(2).says(&["nominal level", "--level ordinal"]);
    repo.run("agreement grades.csv --confidence 95").exits(2).says(&["0.95"]);
    repo.run("agreement grades.csv --by week").exits(2).says(&["ledger"]);
}

#[test]
fn sets_spans_and_rankings_of_files() {
    let repo = Repo::bare_folder();
    repo.file("sets.csv", "item,labeler,label\nX,A,dog\nX,B,dog\nY,A,cat\nY,B,cat|mouse\nZ,A,cat\nZ,B,cat\n");
    // crowd-kit's example with Passonneau's weights: α = 2/3.
    let report = repo.json("agreement sets.csv --level set");
    close(metric(&report, "krippendorff_alpha"), 2.0 / 3.0);
    repo.file(
        "spans.jsonl",
        "{\"item\":\"d1\",\"labeler\":\"ana\",\"label\":[{\"start\":0,\"end\":4,\"label\":\"PER\"}]}\n\
         {\"item\":\"d1\",\"labeler\":\"raj\",\"label\":[{\"start\":0,\"end\":4,\"label\":\"PER\"}]}\n\
         {\"item\":\"d2\",\"labeler\":\"ana\",\"label\":[{\"start\":3,\"end\":9,\"label\":\"LOC\"}]}\n\
         {\"item\":\"d2\",\"labeler\":\"raj\",\"label\":[]}\n",
    );
    shot!("spans", repo.run("agreement spans.jsonl --level span"));
    repo.file(
        "backwards.jsonl",
        "{\"item\":\"d1\",\"labeler\":\"ana\",\"label\":[{\"start\":9,\"end\":4,\"label\":\"PER\"}]}\n",
    );
    shot!("backwards_span", repo.run("agreement backwards.jsonl --level span"));
}
