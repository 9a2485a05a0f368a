//! `hitl status`, `hitl log` and `hitl show`

use crate::repo::Repo;

/// Two labelers, one change of mind, one conflict, one tie, one revert, one guideline, one described item.
fn busy() -> Repo {
    let repo = Repo::sentiment();
    repo.file("items.csv", "item,text\ni1,The bread was great\n");
    repo.ok("commit items.csv --kind items");
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01 -m first");
    repo.labels(
        "a.csv",
        &[
            "i1 ann neutral 2025-05-01",
            "i1 bob positive 2025-05-01",
            "i2 ann positive 2025-05-01",
            "i3 cleo negative 2025-05-01",
        ],
    );
    repo.ok("commit a.csv --guideline tone -m 'week 1'");
    repo.commit("b.csv", &["i2 ann negative 2025-05-08", "i2 bob negative 2025-05-08"]);
    repo.ok("revert --labeler cleo -m 'cleo clicked through'");
    repo
}

#[test]
fn status_of_a_fresh_and_of_a_busy_repository() {
    let repo = Repo::sentiment();
    shot!("fresh", repo.run("status"));
    shot!("fresh_log", repo.run("log"));
    shot!("fresh_labels", repo.run("labels"));
    let repo = busy();
    shot!("busy", repo.run("status"));
    let task = repo.json("status")["tasks"][0].clone();
    for (what, count) in [
        ("items", 2),
        ("current", 4),
        ("superseded", 1),
        ("reverted", 1),
        ("conflicts", 0),
        ("overlap", 2),
        ("resolved", 1),
        ("unresolved", 1),
    ] {
        assert_eq!(task[what], count, "{what} in {task:#}");
    }
}

#[test]
fn contradictions_of_two_branches_are_conflicts() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral"]);
    repo.git("checkout --quiet -b other");
    repo.commit("b.csv", &["i1 ann positive"]);
    repo.git("checkout --quiet main");
    repo.commit("c.csv", &["i1 ann negative"]);
    repo.git("merge --quiet --no-edit other");
    shot!("conflict", repo.run("status"));
    assert_eq!(repo.json("status")["tasks"][0]["conflicts"], 2);
    assert_eq!(repo.rows(""), [] as [&str; 0]);
    repo.commit("d.csv", &["i1 ann neutral 2025-06-01"]);
}

#[test]
fn status_with_filters_and_at_another_state() {
    let repo = busy();
    assert_eq!(repo.json("status --labeler ann")["tasks"][0]["judgements"], 3);
    assert_eq!(repo.json("status --at HEAD~1")["tasks"][0]["reverted"], 0);
    assert_eq!(
        repo.json("status --as-of 2025-06-02T09:01:30Z")["records"],
        serde_json::json!({ "items": 1 })
    );
}

#[test]
fn log_lists_the_records_newest_first() {
    let repo = busy();
    shot!("log", repo.run("log"));
    shot!("oneline", repo.run("log --oneline"));
    let log = repo.json("log");
    let entries = log["entries"].as_array().unwrap();
    let kinds: Vec<&str> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["reverts", "labels", "labels", "guidelines", "items"]);
    for entry in entries {
        assert_eq!(entry["id"].as_str().unwrap().len(), 64);
        assert_eq!(entry["actor"], "Ada Author <ada@example.com>");
        assert!(entry["recorded_at"].as_str().unwrap().starts_with("2025-06-02T09:"), "{entry:#}");
        assert!(entry["commit"].is_string() && entry["rows"].is_u64(), "{entry:#}");
    }
    assert_eq!(entries[2]["labelers"]["ann"]["rows"], 2);
    assert_eq!(entries[2]["reverted"], 1);
    let labels = |options: &str| repo.json(&format!("log {options}"))["entries"].as_array().unwrap().len();
    assert_eq!(labels("--labeler cleo"), 1);
    assert_eq!(labels("-n 2"), 2);
    assert_eq!(labels("--kind labels"), 2);
    assert_eq!(labels("--since 2025-05-02"), labels("--since 2025-05-02 --task sentiment") + 3);
    assert_eq!(labels("--at HEAD~2"), 3);
}

#[test]
fn records_are_shown_in_full() {
    let repo = busy();
    let log = repo.json("log");
    let id = |index: usize| log["entries"][index]["id"].as_str().unwrap().to_owned();
    shot!("show_revert", repo.run(&format!("show {}", &id(0)[..6])));
    shot!("show_labels", repo.run(&format!("show {}", id(2))));
    shot!("show_guideline", repo.run(&format!("show {}", id(3))));
    shot!("show_items", repo.run(&format!("show {} -n 0", id(4))));
    let by_path = repo.json(&format!("show {}", id(2)))["records"][0]["path"].as_str().unwrap().to_owned();
    assert_eq!(repo.json(&format!("show {by_path}"))["records"][0]["id"], id(2));
    assert_eq!(repo.json("show HEAD~2")["records"][0]["id"], id(2));
    assert_eq!(repo.json("show HEAD")["records"][0]["revert"]["labelers"][0], "cleo");
}

#[test]
fn a_record_that_is_not_there() {
    let repo = busy();
    shot!("show_unknown", repo.run("show abcdef01"));
    shot!("show_too_short", repo.run("show abc"));
    repo.run("show HEAD~9").exits(2);
}
