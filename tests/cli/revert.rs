//! `hitl revert`

use crate::repo::Repo;

/// bob disagrees with ann and cleo on i1 and ties i4.
const WEEK_1: &[&str] = &[
    "i1 ann neutral 2025-05-01",
    "i1 bob positive 2025-05-01",
    "i1 cleo neutral 2025-05-01",
    "i2 ann positive 2025-05-02",
    "i2 bob positive 2025-05-02",
    "i3 bob negative 2025-05-03",
    "i4 ann neutral 2025-05-03",
    "i4 bob positive 2025-05-03",
];

fn week_1() -> (Repo, String) {
    let repo = Repo::sentiment();
    let record = repo.commit("week1.csv", WEEK_1);
    (repo, record)
}

#[test]
fn a_labeler_with_a_plan_first() {
    let (repo, _) = week_1();
    let before = repo.state();
    shot!("dry_run", repo.run("revert --labeler bob --dry-run"));
    assert_eq!(repo.state(), before);
    shot!("labeler", repo.run("revert --labeler bob -m 'bob clicked through'"));
    assert_eq!(repo.rows(""), ["i1 ann neutral", "i1 cleo neutral", "i2 ann positive", "i4 ann neutral"]);
    shot!("git_log", repo.git("log -1 --format=%B"));
    assert_eq!(repo.git("show --name-only --format= HEAD").lines().count(), 1, "one small manifest");
}

#[test]
fn the_report_counts() {
    let (repo, _) = week_1();
    let report = repo.json("revert --labeler bob -n");
    assert_eq!((&report["taken_back"], &report["record"]), (&4.into(), &serde_json::Value::Null));
    let task = &report["tasks"][0];
    for (what, count) in [("items", 4), ("changed", 0), ("lost", 1), ("unlabelled", 1), ("gained", 1)] {
        assert_eq!(task[what], count, "{what} in {task:#}");
    }
}

#[test]
fn reverting_a_labeler_gives_the_digest_of_a_ledger_that_never_had_her() {
    let (repo, _) = week_1();
    repo.ok("revert --labeler bob -m careless");
    let never = Repo::sentiment();
    let others: Vec<&str> = WEEK_1.iter().copied().filter(|row| !row.contains("bob")).collect();
    never.commit("week1.csv", &others);
    assert_eq!(repo.digest("s"), never.digest("s"));
    // The next full export does not bring her back.
    repo.labels("week2.csv", WEEK_1);
    shot!("held_back", repo.run("commit week2.csv"));
    assert_eq!(repo.digest("t"), never.digest("t"));
    repo.ok("commit week2.csv --again");
    assert_ne!(repo.digest("u"), never.digest("u"));
}

#[test]
fn one_record_by_prefix_path_or_revision() {
    let (repo, first) = week_1();
    repo.commit("week2.csv", &["i5 ann neutral 2025-05-08"]);
    for name in [first[..6].to_owned(), "HEAD~1".to_owned()] {
        assert_eq!(repo.json(&format!("revert {name} -n"))["taken_back"], 8, "{name}");
    }
    let path = repo.json(&format!("show {first}"))["records"][0]["path"].as_str().unwrap().to_owned();
    repo.ok(&format!("revert {path} -m 'wrong file'"));
    assert_eq!(repo.rows(""), ["i5 ann neutral"]);
}

#[test]
fn a_window_an_item_list_and_both_with_a_labeler() {
    let (repo, _) = week_1();
    let taken = |filter: &str| repo.json(&format!("revert {filter} -n"))["taken_back"].as_u64().unwrap();
    assert_eq!(taken("--since 2025-05-02 --until 2025-05-03"), 2);
    repo.file("items.txt", "i1\ni4\n");
    assert_eq!(taken("--items-from items.txt"), 5);
    assert_eq!(taken("--items-from items.txt --labeler bob"), 2);
    assert_eq!(taken("--items-from items.txt --labeler bob --since 2025-05-03"), 1);
    assert_eq!(taken("--task sentiment"), 8);
    shot!(
        "combination",
        repo.run("revert --items-from items.txt --labeler bob --since 2025-05-03 -m 'the late ones'")
    );
    assert_eq!(repo.rows("--labeler bob"), ["i1 bob positive", "i2 bob positive", "i3 bob negative"]);
}

#[test]
fn a_long_item_list_goes_beside_the_record() {
    let repo = Repo::sentiment();
    let rows: Vec<String> = (0..300).map(|item| format!("i{item} ann neutral")).collect();
    repo.commit("a.csv", &rows.iter().map(String::as_str).collect::<Vec<_>>());
    repo.file("items.txt", (0..200).map(|item| format!("i{item}\n")).collect::<String>());
    assert_eq!(repo.json("revert --items-from items.txt -m 'the first'")["taken_back"], 200);
    assert_eq!(repo.rows("").len(), 100);
    assert_eq!(repo.git("show --name-only --format= HEAD").lines().count(), 2);
    repo.ok("fsck");
}

#[test]
fn a_guideline_version_or_all_of_them() {
    let repo = Repo::sentiment();
    repo.file("g1.md", "one\n");
    repo.file("g2.md", "two\n");
    repo.ok("guideline add tone g1.md --effective 2025-05-01");
    repo.ok("guideline add tone g2.md --effective 2025-05-10");
    repo.labels(
        "a.csv",
        &["i1 ann neutral 2025-05-02", "i2 ann neutral 2025-05-12", "i3 ann neutral 2025-05-13"],
    );
    repo.ok("commit a.csv --guideline tone");
    repo.commit("b.csv", &["i4 ann neutral 2025-05-14"]);
    assert_eq!(repo.json("revert --guideline tone@2 -n")["taken_back"], 2);
    assert_eq!(repo.json("revert --guideline tone -n")["taken_back"], 3);
    repo.run("revert --guideline toen -n").exits(2).says(&["did you mean `tone"]);
}

#[test]
fn a_revert_is_taken_back_by_naming_it() {
    let (repo, _) = week_1();
    let before = repo.digest("before");
    let revert = repo.json("revert --labeler bob -m careless")["record"].as_str().unwrap().to_owned();
    assert_ne!(repo.digest("between"), before);
    shot!("undo", repo.run(&format!("revert {} -m 'it was the tool'", &revert[..8])));
    assert_eq!(repo.digest("after"), before);
    shot!("undo_twice", repo.run(&format!("revert {revert} -m again")));
    let undo = repo.json("log --kind reverts")["entries"][0]["id"].as_str().unwrap().to_owned();
    repo.ok(&format!("revert {undo} -m 'careless after all'"));
    assert_eq!(repo.rows("--labeler bob"), [] as [&str; 0]);
    repo.run(&format!("revert {revert} --labeler ann -m x")).exits(2).says(&["alone and whole"]);
}

#[test]
fn a_chain_of_reverts_says_what_each_does() {
    let (repo, _) = week_1();
    let mut last = repo.json("revert --labeler bob -m careless");
    for (taken, back, cascaded) in [(0, 4, 0), (4, 0, 0), (0, 4, 0)] {
        last = repo.json(&format!("revert {} -m 'changed my mind'", last["record"].as_str().unwrap()));
        let counts = (&last["taken_back"], &last["brought_back"], &last["cascaded"]);
        assert_eq!(counts, (&taken.into(), &back.into(), &cascaded.into()));
    }
    repo.run("revert HEAD~1 -n").exits(1).says(&["already taken back"]);
    repo.run("revert HEAD -n").says(&["4 judgements would be taken back again"]);
    repo.run("revert HEAD -n --cascade all").exits(2).says(&["has no --cascade"]);
    repo.run("revert HEAD -n --concurrent").exits(2);
}

#[test]
fn a_concurrent_revert_may_find_nothing_yet_but_once() {
    let (repo, _) = week_1();
    repo.git("branch other");
    repo.ok("revert --labeler bob -m careless");
    assert_eq!(repo.json("revert --labeler bob --concurrent -m 'everywhere'")["taken_back"], 0);
    repo.run("revert --labeler bob --concurrent -m again").exits(1);
    repo.git("switch -q other");
    repo.commit("late.csv", &["i9 bob neutral 2025-05-04"]);
    repo.git("switch -q main");
    repo.git("merge -q --no-edit other");
    assert_eq!(repo.rows("--labeler bob"), [] as [&str; 0]);
}

#[test]
fn where_history_is_cut_a_commit_does_not_stand_for_the_whole_ledger() {
    let (repo, _) = week_1();
    repo.commit("week2.csv", &["i5 ann neutral 2025-05-08"]);
    let clone = repo.clone_to("clone", "--depth 1");
    repo.run_in(&clone, "revert HEAD -m x", b"").exits(2).says(&["history is cut"]);
    repo.run_in(&clone, "show HEAD", b"").exits(2).says(&["git fetch --unshallow"]);
}

#[test]
fn a_commit_with_items_in_it_is_named_by_its_judgements() {
    let (repo, _) = week_1();
    repo.git("switch -q -c both");
    repo.file("items.csv", "item,text\ni1,hello\n");
    repo.ok("commit items.csv --kind items");
    repo.commit("week2.csv", &["i5 ann neutral 2025-05-08"]);
    repo.git("switch -q main");
    repo.git("merge -q --squash both");
    repo.git("commit -q -m squashed");
    assert_eq!(repo.json("revert HEAD -n")["taken_back"], 1);
}

#[test]
fn items_nobody_knows_are_counted() {
    let (repo, _) = week_1();
    repo.file("items.txt", "i1\ni44\n");
    assert_eq!(repo.json("revert --items-from items.txt -n")["unknown_items"], 1);
    repo.run("revert --since 2025-05-03 --until 2025-05-02 -n").exits(2);
}

#[test]
fn two_reverts_of_one_row_both_hold_it() {
    let (repo, first) = week_1();
    repo.ok("revert --labeler bob -m careless");
    let report = repo.json(&format!("revert {first} -m 'wrong file'"));
    assert_eq!((&report["taken_back"], &report["already_reverted"]), (&4.into(), &4.into()));
    let undo = repo.run(&format!("revert {} -m 'the right file'", report["record"].as_str().unwrap()));
    shot!("undo_held", undo);
    assert_eq!(repo.rows("").len(), 4);
}

#[test]
fn labels_made_after_a_revert_count() {
    let (repo, _) = week_1();
    repo.ok("revert --labeler bob -m careless");
    repo.commit("week2.csv", &["i3 bob negative 2025-05-20"]);
    assert_eq!(repo.rows("--labeler bob"), ["i3 bob negative"]);
}

#[test]
fn why_must_be_said() {
    let (repo, _) = week_1();
    let before = repo.state();
    shot!("no_message", repo.run("revert --labeler bob"));
    shot!("no_target", repo.run("revert -m why"));
    repo.run("revert --labeler bob -m ' '").exits(2);
    assert_eq!(repo.state(), before);
}

#[test]
fn names_nobody_has_and_filters_nothing_matches() {
    let (repo, _) = week_1();
    shot!("unknown_labeler", repo.run("revert --labeler bobb -m x"));
    shot!("nothing_matches", repo.run("revert --labeler bob --since 2025-06-01 -m x"));
    repo.run("revert --task sentimnt -m x").exits(2).says(&["did you mean `sentiment`?"]);
    shot!("unknown_record", repo.run("revert abcdef12 -m x"));
    repo.ok("revert --labeler bob -m x");
    shot!("already_reverted", repo.run("revert --labeler bob -m x"));
}

#[test]
fn guidelines_and_items_are_never_taken_back() {
    let repo = Repo::sentiment();
    repo.file("g.md", "one\n");
    let record = repo.json("guideline add tone g.md")["record"].as_str().unwrap().to_owned();
    shot!("guideline_record", repo.run(&format!("revert {record} -m x")));
}

/// A model guesses, ann confirms one, changes one, and labels one unseen; bob confirms ann's.
fn guesses() -> Repo {
    let repo = Repo::sentiment();
    repo.file(
        "model.csv",
        "item,label,created_at\ni1,neutral,2025-05-01\ni2,neutral,2025-05-01\ni3,neutral,2025-05-01\n",
    );
    repo.ok("commit model.csv --labeler m1 --labeler-kind model");
    repo.file(
        "ann.csv",
        "item,labeler,label,created_at,origin,shown,shown_by\ni1,ann,neutral,2025-05-02,confirmed,neutral,m1\n\
         i2,ann,positive,2025-05-02,changed,neutral,m1\ni3,ann,neutral,2025-05-02,fresh,,\n",
    );
    repo.ok("commit ann.csv");
    repo
}

#[test]
fn a_models_confirmations_go_with_it_unless_told_otherwise() {
    let repo = guesses();
    shot!("model", repo.run("revert --labeler m1 -n"));
    assert_eq!(repo.json("revert --labeler m1 -n --cascade none")["taken_back"], 3);
    assert_eq!(repo.json("revert --labeler m1 -n --cascade all")["taken_back"], 5);
    repo.ok("revert --labeler m1 -m 'bad weights'");
    assert_eq!(repo.rows(""), ["i2 ann positive", "i3 ann neutral"]);
}

#[test]
fn a_persons_confirmations_stay_unless_told_otherwise() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01"]);
    repo.file("b.csv", "item,labeler,label,created_at,origin,shown,shown_by\ni1,bob,neutral,2025-05-02,confirmed,neutral,ann\n");
    repo.ok("commit b.csv");
    shot!("built_on", repo.run("revert --labeler ann -n"));
    assert_eq!(repo.json("revert --labeler ann -n --cascade confirmed")["cascaded"], 1);
}

#[test]
fn concurrent_reaches_branches_merged_later() {
    let build = |options: &str| {
        let (repo, _) = week_1();
        repo.git("checkout --quiet -b other");
        repo.commit("late.csv", &["i9 bob neutral 2025-05-09"]);
        repo.git("checkout --quiet main");
        repo.ok(&format!("revert --labeler bob -m careless {options}"));
        repo.git("merge --quiet --no-edit other");
        repo.rows("--labeler bob")
    };
    assert_eq!(build(""), ["i9 bob neutral"]);
    assert_eq!(build("--concurrent"), [] as [&str; 0]);
}
