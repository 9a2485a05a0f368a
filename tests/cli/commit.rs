//! `hitl commit`: the plan, the record, the Git commit

use crate::repo::Repo;

#[test]
fn the_plan_says_what_would_happen_and_nothing_does() {
    let repo = Repo::sentiment();
    repo.commit(
        "old.csv",
        &["i1 ann neutral 2025-05-01", "i2 ann positive 2025-05-01", "i3 bob positive 2025-05-01"],
    );
    repo.ok("revert --labeler bob -m 'guessing'");
    repo.file(
        "new.csv",
        "question,worker,answer,timestamp,browser\ni1,ann,neutral,2025-05-01,x\ni3,bob,positive,2025-05-01,x\n\
         i4,ann,negative,2025-05-02,y\ni4,cleo,,2025-05-02,y\n",
    );
    let before = repo.state();
    shot!("dry_run", repo.run("commit new.csv --dry-run"));
    assert_eq!(repo.state(), before);
    shot!("committed", repo.run("commit new.csv"));
    let told = repo.run("commit new.csv --dry-run --format json").exits(1).json();
    assert_eq!(told["files"][0]["batches"][0]["already_there"], 3);
}

#[test]
fn the_record_and_its_commit() {
    let repo = Repo::sentiment();
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01");
    repo.labels("week1.csv", &["i1 ann neutral 2025-05-01", "i1 bob positive 2025-05-02"]);
    shot!("commit", repo.run("commit week1.csv --guideline tone"));
    shot!("git_log", repo.git("log -1 --format=%an%n%ae%n%B"));
    assert_eq!(repo.git("log -1 --format=%(trailers:key=Labeler,valueonly)"), "ann\nbob");
    assert_eq!(repo.git("log -1 --format=%(trailers:key=Guideline,valueonly)"), "tone@1");
    let id = repo.git("log -1 --format=%(trailers:key=Hitl-Record,valueonly)");
    assert_eq!(repo.json("log")["entries"][0]["id"], id);
    let files = repo.git("show --name-only --format= HEAD");
    assert_eq!(files.lines().count(), 2, "{files}");
    assert!(
        files.lines().all(|path| path.starts_with("ledger/labels/sentiment/2025-06/") && path.contains(&id)),
        "{files}"
    );
    shot!("show", repo.run(&format!("show {}", &id[..8])));
}

#[test]
fn a_message_is_the_subject() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 ann neutral"]);
    repo.ok("commit a.csv -m 'week 1, recounted'");
    assert_eq!(repo.git("log -1 --format=%s"), "week 1, recounted");
    assert_eq!(repo.json("log")["entries"][0]["message"], "week 1, recounted");
}

#[test]
fn several_files_are_one_commit() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 ann neutral"]);
    repo.labels("b.csv", &["i1 bob neutral"]);
    shot!("two_files", repo.run("commit a.csv b.csv"));
    assert_eq!(repo.git("rev-list --count HEAD"), "2");
    assert_eq!(repo.json("log")["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn the_same_rows_in_two_files_are_added_once() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 ann neutral 2025-05-01", "i2 ann neutral 2025-05-01"]);
    repo.labels("b.csv", &["i2 ann neutral 2025-05-01", "i3 ann neutral 2025-05-01"]);
    repo.ok("commit a.csv b.csv");
    assert_eq!(repo.rows("--state all").len(), 3);
}

#[test]
fn items_give_later_commands_their_text() {
    let repo = Repo::sentiment();
    repo.file("items.csv", "item,text\ni1,The bread was great\ni2,Never again\n");
    shot!("items", repo.run("commit items.csv --kind items"));
    repo.run("commit items.csv --kind items").exits(0).says(&["nothing new"]);
    repo.commit("a.csv", &["i1 ann positive"]);
    repo.ok("trace i1").says(&["The bread was great"]);
}

#[test]
fn nothing_new_is_said_and_is_no_fault() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01"]);
    let before = repo.state();
    shot!("nothing_new", repo.run("commit a.csv"));
    assert_eq!(repo.state(), before);
}

#[test]
fn attributes_that_differ_are_counted_and_recorded_with_amend() {
    let repo = Repo::sentiment();
    repo.file("a.csv", "item,labeler,label,created_at,confidence\ni1,ann,neutral,2025-05-01,0.5\n");
    repo.file("b.csv", "item,labeler,label,created_at,confidence\ni1,ann,neutral,2025-05-01,0.9\n");
    repo.ok("commit a.csv");
    shot!("attributes_differ", repo.run("commit b.csv"));
    repo.ok("commit b.csv --amend");
    let rows = repo.json("labels")["rows"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["confidence"], 0.9);
}

#[test]
fn a_schema_that_is_not_committed_names_the_missing_commit() {
    let repo = Repo::sentiment();
    let config = repo
        .read("hitl.yaml")
        .replace("[negative, neutral, positive]", "[negative, neutral, positive, mixed]");
    repo.file("hitl.yaml", config);
    repo.labels("a.csv", &["i1 ann mixed"]);
    shot!("schema_differs", repo.run("commit a.csv"));
    repo.git("commit --quiet -m schema hitl.yaml");
    repo.ok("commit a.csv");
}

#[test]
fn an_unborn_branch_has_no_schema_yet() {
    let repo = Repo::bare_folder();
    repo.ok("init --no-commit --task sentiment --classes neutral,positive");
    repo.labels("a.csv", &["i1 ann neutral"]);
    shot!("schema_unborn", repo.run("commit a.csv"));
}

#[test]
fn an_unknown_task_is_named_with_the_known_ones() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 ann neutral"]);
    shot!("unknown_task", repo.run("commit a.csv --task sentimnet"));
}

#[test]
fn a_file_that_is_not_there() {
    let repo = Repo::sentiment();
    shot!("no_file", repo.run("commit week9.csv"));
}
