//! `hitl consensus`, and snapshots under joint policies.

use serde_json::{Value, json};

use crate::repo::Repo;

/// ana and bob are right but for one slip each, cy is a coin; dan is always wrong.
const LABELS: &[(&str, [&str; 4])] = &[
    ("i01", ["yes", "yes", "no", "no"]),
    ("i02", ["no", "no", "no", "yes"]),
    ("i03", ["yes", "yes", "yes", "no"]),
    ("i04", ["no", "no", "yes", "yes"]),
    ("i05", ["yes", "yes", "no", "no"]),
    ("i06", ["no", "no", "no", "yes"]),
    ("i07", ["yes", "no", "yes", "no"]),
    ("i08", ["yes", "yes", "no", "no"]),
    ("i09", ["no", "no", "no", "yes"]),
    ("i10", ["no", "yes", "no", "yes"]),
    ("i11", ["yes", "yes", "yes", "no"]),
    ("i12", ["no", "no", "yes", "yes"]),
];
const WHO: [&str; 4] = ["ana", "bob", "cy", "dan"];

fn rows() -> Vec<String> {
    LABELS
        .iter()
        .flat_map(|(item, said)| {
            WHO.iter().zip(said).map(move |(who, label)| format!("{item} {who} {label}"))
        })
        .collect()
}

fn write(repo: &Repo, path: &str, rows: &[String]) {
    repo.labels(path, &rows.iter().map(String::as_str).collect::<Vec<_>>());
}

/// What is true: what ana says, but for her slip.
fn gold() -> Vec<String> {
    LABELS
        .iter()
        .map(|(item, said)| format!("{item} key {}", if *item == "i07" { "no" } else { said[0] }))
        .collect()
}

fn folder() -> Repo {
    let repo = Repo::bare_folder();
    write(&repo, "labels.csv", &rows());
    write(&repo, "with-key.csv", &[rows(), gold()].concat());
    repo
}

fn ledger() -> Repo {
    let repo = Repo::new("tone", &["no", "yes"]);
    write(&repo, "labels.csv", &rows());
    repo.ok("commit labels.csv");
    repo
}

fn labels(report: &Value) -> Vec<Option<&str>> {
    report["items"].as_array().unwrap().iter().map(|item| item["label"].as_str()).collect()
}

#[test]
fn files_without_any_repository() {
    let repo = folder();
    shot!("majority", repo.run("consensus labels.csv"));
    shot!("dawid_skene", repo.run("consensus labels.csv --method dawid-skene --items 2"));
    shot!("against_a_labeler", repo.run("consensus with-key.csv --method one-coin --against-gold key"));
    shot!("markdown", repo.run("consensus labels.csv --method weighted --format md"));
    assert!(!repo.dir().join(".git").exists());
}

#[test]
fn the_json_has_every_number() {
    let repo = folder();
    let report = repo.json("consensus with-key.csv --method dawid-skene --against-gold key");
    assert_eq!(report["schema"], "hitl.consensus/1");
    assert_eq!(report["counts"]["labelers"], 4, "whose labels are gold does not vote");
    assert_eq!(
        report["parameters"],
        json!({ "iterations": "10000", "smoothing": "0.01", "tolerance": "1e-10" })
    );
    let item = &report["items"][0];
    let posterior = item["posterior"].as_object().unwrap();
    let sum: f64 = posterior.values().map(|chance| chance.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-12 && posterior.keys().eq(["no", "yes"]));
    assert_eq!((&item["label"], &item["n_labels"], &item["tied"]), (&json!("yes"), &json!(4), &json!([])));
    let dan = &report["labelers"][3];
    assert_eq!((&dan["labeler"], &dan["n_labels"]), (&json!("dan"), &json!(12)));
    let confusion: Vec<Vec<f64>> = serde_json::from_value(dan["confusion"].clone()).unwrap();
    let total: f64 = confusion.iter().flatten().sum();
    assert!((total - 12.0).abs() < 1e-9, "{total}");
    assert!(confusion[1][0] > 4.5, "dan says no where it is yes: {confusion:?}");
    assert_eq!(report["fit"]["converged"], true);
    // Majority ties half of the items: ana and bob against cy and dan.
    assert!(report["gold"]["accuracy"].as_f64() > report["gold"]["majority_accuracy"].as_f64());
}

#[test]
fn ties_are_broken_only_when_told_how() {
    let repo = folder();
    let tied = labels(&repo.json("consensus labels.csv")).iter().filter(|label| label.is_none()).count();
    assert_eq!(tied, 7);
    let first = repo.json("consensus labels.csv --ties first --classes yes,no");
    assert!(labels(&first).iter().all(Option::is_some));
    assert_eq!(labels(&first)[3], Some("yes"), "the first declared class");
    assert_eq!((&first["counts"]["ties"], &first["counts"]["labelled"]), (&json!(7), &json!(12)));
    shot!("ties_frequent", repo.run("consensus labels.csv --ties frequent"));
}

#[test]
fn the_order_of_rows_changes_no_bit() {
    let repo = folder();
    let mut turned = rows();
    turned.reverse();
    write(&repo, "turned.csv", &turned);
    for method in ["majority", "weighted", "dawid-skene", "one-coin", "glad", "mace"] {
        let of = |file: &str| repo.ok(&format!("consensus {file} --method {method} --format json")).out;
        assert_eq!(of("labels.csv"), of("turned.csv"), "{method}");
    }
}

#[test]
fn labels_are_written_as_a_table() {
    let repo = folder();
    repo.ok("consensus labels.csv --method dawid-skene -o out.csv").says(&["12 items to out.csv"]);
    let text = repo.read("out.csv");
    assert!(text.starts_with("item,label,margin,n_labels,tied,p(no),p(yes)\ni01,yes,"), "{text}");
    repo.ok("consensus labels.csv -o out.parquet");
    assert!(std::fs::read(repo.dir().join("out.parquet")).unwrap().starts_with(b"PAR1"));
    let lines = repo.ok("consensus labels.csv --to jsonl").out;
    assert_eq!(lines.lines().count(), 12);
    assert!(lines.contains(r#""label":null,"margin":0.0,"n_labels":4,"tied":["no","yes"]"#), "{lines}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let repo = folder();
    shot!("bad_method", repo.run("consensus labels.csv --method magic"));
    shot!("no_such_labeler", repo.run("consensus labels.csv --against-gold anna"));
    shot!("file_without_gold", repo.run("consensus labels.csv --against-gold"));
    shot!("file_crowdlab", repo.run("consensus labels.csv --method crowdlab"));
    for (options, says) in [
        ("--smoothing 1", "--smoothing is a setting of dawid-skene"),
        ("--seed 1", "--seed is a setting of mace"),
        ("--method mace --smoothing -1", "unexpected argument"),
        ("--method mace --smoothing=-1", "smoothing must be 0, or a number from 1e-9 up"),
        ("--predictions m", "--predictions are what crowdlab weighs"),
        ("--labeler ana", "files are read whole"),
    ] {
        let _ = repo.run(&format!("consensus labels.csv {options}")).exits(2).says(&[says]);
    }
}

#[test]
fn one_labeler_and_nobody() {
    let repo = Repo::new("tone", &["no", "yes"]);
    shot!("nothing", repo.run("consensus"));
    repo.commit("a.csv", &["i1 ana yes", "i2 ana no"]);
    shot!("one_labeler", repo.run("consensus --method mace"));
    repo.ok("revert --labeler ana -m test");
    let _ = repo.run("consensus --method glad").exits(1).says(&["there are no labels"]);
}

#[test]
fn the_ledger_says_what_the_file_says_and_knows_gold() {
    let repo = ledger();
    let file = repo.json("consensus labels.csv --method glad --classes no,yes");
    let in_ledger = repo.json("consensus --method glad");
    assert_eq!(in_ledger["items"], file["items"]);
    assert_eq!(in_ledger["labelers"], file["labelers"]);
    assert_eq!(in_ledger["gold"], Value::Null);
    let _ = repo.run("consensus --against-gold").exits(2).says(&["no gold labels", "--labeler-kind gold"]);
    let known: Vec<String> = gold().iter().map(|row| row.replace(" key", "")).collect();
    repo.file("key.csv", format!("item,label\n{}\n", known.join("\n").replace(' ', ",")));
    repo.ok("commit key.csv --labeler key --labeler-kind gold");
    shot!("ledger", repo.run("consensus --method dawid-skene"));
    assert_eq!(repo.json("consensus --method glad")["items"], file["items"], "gold does not vote");
    let two = repo.json("consensus --against-gold ana --labeler bob --labeler ana");
    assert_eq!((&two["counts"]["labelers"], &two["gold"]["labelers"]), (&json!(1), &json!(["ana"])));
}

#[test]
fn crowdlab_weighs_a_model() {
    let repo = ledger();
    shot!("no_predictions", repo.run("consensus --method crowdlab"));
    let mut scores = String::from("item,label,scores\n");
    for (item, said) in LABELS {
        let yes = if said[0] == "yes" { 0.8 } else { 0.3 };
        scores.push_str(&format!(
            "{item},{},\"{{\"\"yes\"\": {yes}, \"\"no\"\": {}}}\"\n",
            said[0],
            1.0 - yes
        ));
    }
    repo.file("scores.csv", scores);
    repo.ok("commit scores.csv --kind predictions --labeler m-1 --labeler-kind model");
    shot!("crowdlab", repo.run("consensus --method crowdlab"));
    repo.file("other.csv", "item,label,confidence\ni01,yes,0.9\n");
    repo.ok("commit other.csv --kind predictions --labeler m-2 --labeler-kind model");
    let _ = repo.run("consensus --method crowdlab").exits(2).says(&["several models", "m-1, m-2"]);
    let report = repo.json("consensus --method crowdlab --predictions m-2");
    assert_eq!(report["model"][0], "m-2");
}

#[test]
fn a_snapshot_under_a_joint_policy_is_rebuilt_whatever_comes_later() {
    let repo = ledger();
    for policy in ["weighted", "dawid-skene", "one-coin", "glad", "mace"] {
        let frozen = repo.json(&format!("snapshot create {policy} --policy {policy}"));
        let found = repo.json(&format!("consensus --method {policy}"));
        let labelled = labels(&found).iter().flatten().count();
        assert_eq!(frozen["counts"]["resolved"], json!(labelled), "{policy}");
    }
    shot!("snapshot", repo.run("snapshot show dawid-skene"));
    repo.ok("revert --labeler cy -m careless");
    repo.commit("more.csv", &["i13 ana yes", "i01 bob no"]);
    for policy in ["weighted", "dawid-skene", "one-coin", "glad", "mace"] {
        assert_eq!(repo.json(&format!("snapshot verify {policy}"))["ok"], true, "{policy}");
    }
    repo.ok("fsck").says(&["5 snapshots"]);
    repo.ok("snapshot create after --policy dawid-skene");
    repo.ok("snapshot diff dawid-skene after");
    repo.ok("snapshot export dawid-skene -o out --to csv");
}

#[test]
fn batches_in_any_order_are_one_digest_and_min_labels_hold() {
    let digest = |turned: bool, pieces: usize| {
        let repo = Repo::new("tone", &["no", "yes"]);
        let mut rows = rows();
        if turned {
            rows.reverse();
        }
        for (number, piece) in rows.chunks(rows.len().div_ceil(pieces)).enumerate() {
            write(&repo, &format!("{number}.csv"), piece);
            repo.ok(&format!("commit {number}.csv"));
        }
        let json = repo.json("snapshot create v1 --policy mace --min-labels 2");
        (json["digest"].as_str().unwrap().to_owned(), json["counts"]["too_few"].clone())
    };
    let first = digest(false, 1);
    assert_eq!(first, digest(true, 5));
    assert_eq!(first, digest(false, 12));
    assert_eq!(first.1, 0);
}

#[test]
fn a_task_under_a_joint_policy_tells_what_it_can_and_says_what_it_cannot() {
    let repo = Repo::with_config(
        "format: 1\ntasks:\n  tone:\n    type: categorical\n    classes: [\"no\", \"yes\"]\n    policy: dawid-skene\n",
    );
    write(&repo, "labels.csv", &rows());
    repo.ok("commit labels.csv");
    // ana and bob against cy and dan: a tie by votes.
    let status = repo.json("status");
    assert_eq!(status["tasks"][0]["policy"], "dawid-skene");
    assert_eq!((&status["tasks"][0]["resolved"], &status["tasks"][0]["unresolved"]), (&json!(12), &json!(0)));
    let found = repo.json("consensus --method dawid-skene");
    repo.ok("snapshot create v1");
    let trace = repo.json("trace i04");
    assert_eq!(trace["tasks"][0]["resolved"]["label"], found["items"][3]["label"]);
    assert_eq!(trace["snapshots"][0]["label"], found["items"][3]["label"]);
    shot!("revert_joint", repo.run("revert --labeler dan --dry-run"));
    repo.ok("revert --labeler dan -m wrong");
    repo.ok("diff").says(&["What items resolve to depends on all items at once (dawid-skene)"]);
}

#[test]
fn a_decision_wins_over_a_joint_policy_and_is_told_without_guessing() {
    let repo = Repo::with_config(
        "format: 1\ntasks:\n  tone:\n    type: categorical\n    classes: [\"no\", \"yes\"]\n    policy: glad\n",
    );
    write(&repo, "labels.csv", &rows());
    repo.ok("commit labels.csv");
    shot!("adjudicate_joint", repo.run("adjudicate i04 yes --labeler eve -m read"));
    repo.ok("adjudicate --list").says(&["by glad until then"]);
    let frozen = repo.json("snapshot create v1");
    assert_eq!((&frozen["counts"]["adjudicated"], &frozen["counts"]["resolved"]), (&json!(1), &json!(12)));
    assert_eq!(repo.json("trace i04")["tasks"][0]["resolved"]["label"], "yes");
    assert_eq!(repo.json("trace i04")["snapshots"][0]["label"], "yes");
}
