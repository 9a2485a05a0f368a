//! `hitl diff`

use serde_json::json;

use crate::repo::Repo;

/// HEAD~2: week 1. HEAD~1: week 2, one change of mind, one new item. HEAD: bob is taken back.
fn history() -> Repo {
    let repo = Repo::sentiment();
    repo.commit(
        "a.csv",
        &["i1 ann neutral 2025-05-01", "i1 bob positive 2025-05-01", "i2 bob positive 2025-05-01"],
    );
    repo.git("tag week1");
    repo.ok("snapshot create one");
    repo.commit("b.csv", &["i1 ann positive 2025-05-08", "i3 ann negative 2025-05-08"]);
    repo.ok("revert --labeler bob -m careless");
    repo
}

#[test]
fn from_one_revision_to_another() {
    let repo = history();
    shot!("range", repo.run("diff week1..HEAD"));
    shot!("stat", repo.run("diff week1..HEAD --stat"));
    let report = repo.json("diff week1..HEAD");
    assert_eq!(
        report["counts"],
        json!({ "added": 1, "changed": 1, "superseded": 0, "taken_back": 2, "restored": 0, "removed": 0 })
    );
}

#[test]
fn one_revision_an_open_side_and_nothing_mean_head() {
    let repo = history();
    let wanted = repo.json("diff week1..HEAD")["counts"].clone();
    for range in ["week1", "week1.."] {
        assert_eq!(repo.json(&format!("diff {range}"))["counts"], wanted, "{range}");
    }
    assert_eq!(repo.json("diff")["counts"]["taken_back"], 2);
    assert_eq!(repo.json("diff ..week1")["counts"]["restored"], 2);
    assert_eq!(repo.json("diff ..week1")["counts"]["removed"], 1);
}

#[test]
fn snapshots_are_sides_too() {
    let repo = history();
    assert_eq!(repo.json("diff one..HEAD")["counts"], repo.json("diff week1..HEAD")["counts"]);
    assert_eq!(repo.json("diff one..week1")["same"], true);
}

#[test]
fn the_exit_code_tells_when_asked() {
    let repo = history();
    repo.run("diff week1..HEAD").exits(0);
    repo.run("diff week1..HEAD --exit-code").exits(1);
    repo.run("diff one..week1 --exit-code").exits(0);
    shot!("same", repo.run("diff one..week1"));
}

#[test]
fn filters_choose_and_limits_cut() {
    let repo = history();
    assert_eq!(repo.json("diff week1.. --labeler bob")["counts"]["taken_back"], 2);
    assert_eq!(repo.json("diff week1.. --labeler bob")["counts"]["added"], 0);
    assert_eq!(repo.json("diff week1.. --limit 1")["rows"].as_array().unwrap().len(), 1);
    assert_eq!(repo.json("diff week1.. --limit 1")["counts"], repo.json("diff week1..")["counts"]);
    shot!("limit", repo.run("diff week1.. --limit 1"));
}

#[test]
fn a_side_that_is_nothing() {
    shot!("unknown_side", history().run("diff wek1..HEAD"));
}

#[test]
fn a_repository_with_one_commit_has_a_last_commit_too() {
    let repo = Repo::sentiment();
    repo.run("diff").exits(0);
}
