//! `hitl guideline add|list|show|diff`, and the rules commits obey for their sake

use crate::repo::{CLASSES, Repo};

fn two_versions() -> Repo {
    let repo = Repo::sentiment();
    repo.file("g1.md", "# Sentiment\n\nMixed messages are positive.\nAsk when unsure.\n");
    repo.file(
        "g2.md",
        "# Sentiment\n\nMixed messages are neutral.\nAsk when unsure.\nSarcasm is negative.\n",
    );
    repo.ok("guideline add tone g1.md --effective 2025-05-01 -m 'first version'");
    repo.ok("guideline add tone g2.md --effective 2025-05-10 -m 'mixed is neutral'");
    repo
}

#[test]
fn a_version_is_a_file_and_a_record_in_one_commit() {
    let repo = Repo::sentiment();
    repo.file("g1.md", "# Sentiment\n\nMixed messages are positive.\n");
    shot!("add", repo.run("guideline add tone g1.md --effective 2025-05-01 -m 'first version'"));
    assert_eq!(repo.read("guidelines/tone/1.md"), repo.read("g1.md"));
    let files = repo.git("show --name-only --format= HEAD");
    assert_eq!(files.lines().filter(|path| path.starts_with("guidelines/")).count(), 1, "{files}");
    assert_eq!(
        files.lines().filter(|path| path.starts_with("ledger/guidelines/_/2025-06/")).count(),
        2,
        "{files}"
    );
    let log = repo.json("log");
    assert_eq!(log["entries"][0]["kind"], "guidelines");
}

#[test]
fn versions_are_listed_shown_and_compared() {
    let repo = two_versions();
    shot!("list", repo.run("guideline list"));
    shot!("show", repo.run("guideline show tone@1"));
    shot!("diff", repo.run("guideline diff tone@1 tone@2"));
    shot!("show_unknown", repo.run("guideline show tone@3"));
    assert_eq!(repo.json("guideline show tone")["text"], repo.read("g2.md"));
    assert_eq!(repo.json("guideline diff tone@1 tone@2")["removed"], 1);
}

#[test]
fn a_version_never_changes_its_text() {
    let repo = two_versions();
    let before = repo.state();
    repo.file("other.md", "something else\n");
    let state = repo.state();
    shot!("same_version_other_text", repo.run("guideline add tone other.md --version 2"));
    assert_eq!(repo.state(), state);
    repo.ok("guideline add tone g2.md --version 2").says(&["already"]);
    assert_eq!(repo.git("rev-list --count HEAD"), "3");
    assert_ne!(before, state);
}

#[test]
fn a_name_alone_is_the_version_in_force_when_each_row_was_made() {
    let repo = two_versions();
    repo.labels(
        "a.csv",
        &["i1 ann neutral 2025-05-01", "i2 ann neutral 2025-05-09T23:59:59Z", "i3 ann neutral 2025-05-10"],
    );
    repo.ok("commit a.csv --guideline tone");
    let rows = repo.json("labels")["rows"].clone();
    let made: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["guideline"].as_str().unwrap()).collect();
    assert_eq!(made, ["tone@1", "tone@1", "tone@2"]);
    let log = repo.json("log");
    assert_eq!(log["entries"][0]["guidelines"], serde_json::json!({ "tone@1": 2, "tone@2": 1 }));
}

#[test]
fn unknown_and_too_young_versions_are_refused() {
    let repo = two_versions();
    repo.labels(
        "a.csv",
        &["i1 ann neutral 2025-04-30", "i2 ann neutral 2025-05-05", "i3 ann neutral 2025-05-12"],
    );
    let before = repo.state();
    shot!("row_older_than_all", repo.run("commit a.csv --guideline tone"));
    shot!("row_older_than_named", repo.run("commit a.csv --guideline tone@2"));
    shot!("unknown_version", repo.run("commit a.csv --guideline tone@3"));
    shot!("unknown_name", repo.run("commit a.csv --guideline toen"));
    assert_eq!(repo.state(), before);
    repo.file("b.csv", "item,labeler,label,guideline\ni1,ann,neutral,tone@9\n");
    repo.run("commit b.csv").exits(3).says(&["b.csv:2", "tone@9", "did you mean"]);
}

#[test]
fn a_task_may_require_guideline_and_rationale() {
    let repo = Repo::with_config(&format!(
        "format: 1\ntasks:\n  sentiment:\n    type: categorical\n    classes: [{}]\n    require_guideline: true\n    \
         require_rationale: true\n",
        CLASSES.join(", ")
    ));
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01");
    repo.file("a.csv", "item,labeler,label,rationale\ni1,ann,neutral,plain\ni2,ann,neutral,\n");
    shot!("required", repo.run("commit a.csv"));
    repo.run("commit a.csv --guideline tone").exits(3).says(&["1 fault", "a.csv:3", "rationale"]);
    repo.file("a.csv", "item,labeler,label,rationale\ni1,ann,neutral,plain\ni2,ann,neutral,also plain\n");
    repo.ok("commit a.csv --guideline tone");
}
