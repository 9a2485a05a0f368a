//! `hitl snapshot create|list|show|verify|diff|export`

use std::collections::BTreeMap;

use crate::repo::Repo;

const ROWS: &[&str] = &[
    "i1 ann neutral 2025-05-01",
    "i1 bob neutral 2025-05-01",
    "i2 ann positive 2025-05-01",
    "i2 bob negative 2025-05-01",
    "i3 ann negative 2025-05-01",
];

fn frozen() -> Repo {
    let repo = Repo::sentiment();
    repo.commit("a.csv", ROWS);
    repo.ok("snapshot create v1");
    repo
}

#[test]
fn a_snapshot_is_a_lock_in_a_commit() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", ROWS);
    shot!("create", repo.run("snapshot create v1 --split train=0.8,test=0.2"));
    assert_eq!(repo.git("show --name-only --format= HEAD"), "snapshots/v1.yaml");
    shot!("git_log", repo.git("log -1 --format=%B"));
    shot!("show", repo.run("snapshot show v1"));
    shot!("list", repo.run("snapshot list"));
    shot!("verify", repo.run("snapshot verify v1"));
    assert_eq!(repo.json("snapshot show v1")["digest"], repo.json("snapshot list")["snapshots"][0]["digest"]);
}

#[test]
fn policies_and_min_labels() {
    let repo = Repo::sentiment();
    repo.commit(
        "a.csv",
        &[
            "i1 ann neutral 2025-05-01",
            "i1 bob neutral 2025-05-01",
            "i1 cleo positive 2025-05-02",
            "i2 ann positive 2025-05-01",
        ],
    );
    let counts =
        |name: &str, options: &str| repo.json(&format!("snapshot create {name} {options}"))["labels"].clone();
    assert_eq!(counts("a", ""), serde_json::json!({ "neutral": 1, "positive": 1 }));
    assert_eq!(counts("b", "--policy unanimous"), serde_json::json!({ "positive": 1 }));
    assert_eq!(counts("c", "--policy latest"), serde_json::json!({ "positive": 2 }));
    assert_eq!(counts("d", "--min-labels 2"), serde_json::json!({ "neutral": 1 }));
}

#[test]
fn it_verifies_after_later_work_reverts_merges_and_squashes() {
    let repo = frozen();
    repo.git("checkout --quiet -b other");
    repo.commit("b.csv", &["i4 cleo neutral 2025-05-08"]);
    repo.git("checkout --quiet main");
    repo.ok("revert --labeler bob -m careless");
    repo.git("merge --quiet --squash other");
    repo.git("commit --quiet -m squashed");
    repo.commit("c.csv", &["i1 ann positive 2025-05-09"]);
    assert_eq!(repo.json("snapshot verify v1")["ok"], true);
    let clone = repo.clone_to("clone", "--depth 1");
    repo.run_in(&clone, "snapshot verify v1", b"").exits(0);
}

#[test]
fn a_lock_that_was_edited_is_found() {
    let repo = frozen();
    let text = repo.read("snapshots/v1.yaml");
    repo.file("snapshots/v1.yaml", text.replace("ties: 1", "ties: 2"));
    repo.git("commit --quiet -am edited");
    shot!("edited_lock", repo.run("snapshot verify v1"));
    repo.run("fsck").exits(3).says(&["snapshots/v1.yaml", "edited"]);
}

#[test]
fn a_name_is_never_used_twice() {
    let repo = frozen();
    repo.ok("snapshot create v1").says(&["already"]);
    repo.commit("b.csv", &["i4 cleo neutral 2025-05-08"]);
    let before = repo.state();
    shot!("name_taken", repo.run("snapshot create v1"));
    shot!("bad_name", repo.run("snapshot create 'a b'"));
    assert_eq!(repo.state(), before);
}

#[test]
fn what_changed_between_two() {
    let repo = frozen();
    repo.commit("b.csv", &["i1 ann positive 2025-05-08", "i4 ann neutral 2025-05-08"]);
    repo.ok("revert --labeler bob -m careless");
    repo.ok("snapshot create v2");
    shot!("diff", repo.run("snapshot diff v1 v2"));
    let report = repo.json("snapshot diff v1 v2");
    assert_eq!(
        (&report["added"], &report["removed"], &report["label_changed"]),
        (&2.into(), &0.into(), &1.into())
    );
    shot!("unknown", repo.run("snapshot diff v1 v3"));
}

#[test]
fn export_is_what_was_frozen_with_who_said_what() {
    let repo = frozen();
    repo.ok("revert --labeler ann -m later");
    shot!("export", repo.run("snapshot export v1 -o out --to csv"));
    shot!(
        "export_csv",
        repo.shell("cd out && for f in *; do echo \"== $f\"; test $f = *.yaml || cat $f; done")
    );
}

#[test]
fn splits_stay_when_items_are_added() {
    let repo = Repo::sentiment();
    let rows: Vec<String> = (0..40).map(|item| format!("i{item} ann neutral")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let splits = |name: &str| -> BTreeMap<String, String> {
        repo.ok(&format!("snapshot create {name} --split train=0.5,test=0.5"));
        repo.ok(&format!("snapshot export {name} -o {name} --to jsonl"));
        let mut found = BTreeMap::new();
        for part in ["train", "test"] {
            for line in repo.read(&format!("{name}/{part}.jsonl")).lines() {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                found.insert(row["item"].as_str().unwrap().to_owned(), part.to_owned());
            }
        }
        found
    };
    repo.commit("a.csv", &rows[..20]);
    let before = splits("v1");
    repo.commit("b.csv", &rows[20..]);
    let after = splits("v2");
    assert_eq!((before.len(), after.len()), (20, 40));
    assert!(before.iter().all(|(item, part)| after[item] == *part));
    assert!(["train", "test"].iter().all(|part| before.values().any(|one| one == part)));
}

#[test]
fn wrong_requests() {
    let repo = Repo::sentiment();
    shot!("no_labels", repo.run("snapshot create v1"));
    repo.commit("a.csv", ROWS);
    shot!("bad_split", repo.run("snapshot create v1 --split train=0.8,test=0.3"));
    shot!("unknown_task", repo.run("snapshot create v1 --task tone"));
    shot!("no_snapshot", repo.run("snapshot verify v9"));
    shot!("empty_list", repo.run("snapshot list"));
}
