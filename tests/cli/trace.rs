//! `hitl trace`

use crate::repo::Repo;

fn story() -> Repo {
    let repo = Repo::sentiment();
    repo.file("items.csv", "item,text\ni1,The bread was great\n");
    repo.ok("commit items.csv --kind items");
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01 -m first");
    repo.labels(
        "a.csv",
        &["i1 ann neutral 2025-05-01", "i1 bob negative 2025-05-02", "i2 ann neutral 2025-05-02"],
    );
    repo.ok("commit a.csv --guideline tone --origin fresh -m 'week 1'");
    repo.ok("snapshot create v1 --split train=0.5,test=0.5");
    repo.commit("b.csv", &["i1 ann positive 2025-05-08"]);
    repo.ok("revert --labeler bob -m 'bob clicked through'");
    repo
}

#[test]
fn the_story_of_one_item() {
    let repo = story();
    shot!("story", repo.run("trace i1"));
    let report = repo.json("trace i1");
    let task = &report["tasks"][0];
    assert_eq!(task["resolved"]["label"], "positive");
    let states: Vec<&str> =
        task["entries"].as_array().unwrap().iter().map(|entry| entry["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["superseded", "reverted", "current"]);
    assert_eq!(task["entries"][1]["reverted_by"][0]["message"], "bob clicked through");
}

#[test]
fn snapshots_that_hold_it_are_named() {
    let repo = story();
    assert_eq!(repo.json("trace i2")["snapshots"][0]["name"], "v1");
    repo.ok("trace i2 --task sentiment").says(&["v1"]);
}

#[test]
fn an_earlier_state_does_not_know_what_came_later() {
    let repo = story();
    assert_eq!(repo.json("trace i1 --at HEAD~2")["tasks"][0]["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn an_unknown_item_or_task() {
    let repo = story();
    shot!("unknown_item", repo.run("trace i11"));
    shot!("unknown_task", repo.run("trace i1 --task tone"));
}

#[test]
fn a_shallow_clone_says_what_it_cannot_show() {
    let repo = story();
    let clone = repo.clone_to("shallow", "--depth 1");
    shot!("shallow", repo.run_in(&clone, "trace i1", b""));
}

#[test]
fn a_snapshot_that_cannot_be_rebuilt_is_named() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01"]);
    repo.ok("snapshot create v1");
    repo.ok("snapshot create v2");
    let text = repo.read("snapshots/v1.yaml").replace("majority", "unanimous");
    repo.file("snapshots/v1.yaml", text);
    repo.git("commit -q -a -m forged");
    let report = repo.json("trace i1");
    assert_eq!(report["unknown_snapshots"], serde_json::json!(["v1"]));
    assert_eq!(report["snapshots"][0]["name"], "v2");
    repo.run("trace i1").exits(0).says(&["not known whether they hold it: v1"]);
}
