//! `hitl adjudicate`: decide an item, decide many, list what needs a decision

use crate::repo::Repo;

/// i1 and i5 are ties, i2 has a majority, of i3 all say the same, i4 is one labeler's alone.
const LABELS: &[&str] = &[
    "i1 ann neutral 2025-05-01",
    "i1 bob positive 2025-05-01",
    "i2 ann neutral 2025-05-01",
    "i2 bob positive 2025-05-01",
    "i2 cleo neutral 2025-05-01",
    "i3 ann positive 2025-05-01",
    "i3 bob positive 2025-05-01",
    "i4 cleo negative 2025-05-01",
    "i5 ann negative 2025-05-01",
    "i5 bob positive 2025-05-01",
    "i5 cleo neutral 2025-05-01",
];

/// Three labelers, of whom nobody is Ada; Ada's address is an alias of `ada`.
fn disputed() -> Repo {
    let repo = Repo::sentiment();
    repo.file("items.csv", "item,text\ni1,The bread was great\ni2,\"Well, bread\"\ni9,Nobody read this\n");
    repo.ok("commit items.csv --kind items");
    repo.commit("labels.csv", LABELS);
    let labelers = "format: 1\nlabelers:\n  ada: {kind: human, aliases: [ada@example.com]}\n";
    repo.file("labelers.yaml", labelers);
    repo
}

#[test]
fn one_item_is_decided() {
    let repo = disputed();
    let before = repo.state();
    let line = "adjudicate i1 positive -m 'great says it' --error-type guideline_gap --guideline-gap 'is bread praised?'";
    shot!("dry_run", repo.run(&format!("{line} --dry-run")));
    assert_eq!(repo.state(), before);
    shot!("one", repo.run(line));
    shot!("git_log", repo.git("log -1 --format=%B"));
    assert_eq!(repo.git("show --name-only --format= HEAD").lines().count(), 2);
    let row = repo.json("labels --kind adjudications")["rows"][0].clone();
    for (field, value) in [
        ("labeler", "ada"),
        ("label", "positive"),
        ("origin", "adjudicated"),
        ("rationale", "great says it"),
        ("error_type", "guideline_gap"),
        ("guideline_gap", "is bread praised?"),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    shot!("trace", repo.run("trace i1"));
    repo.ok("fsck");
}

#[test]
fn a_snapshot_takes_the_decision_and_a_revert_takes_it_back() {
    let repo = disputed();
    let before = repo.digest("before");
    let decided = repo.json("adjudicate i2 positive -m 'irony'");
    assert_eq!(decided["decisions"][0]["before"], serde_json::json!({"label": "neutral", "why": "policy"}));
    assert_eq!(
        decided["decisions"][0]["after"],
        serde_json::json!({"label": "positive", "why": "adjudication"})
    );
    assert_ne!(repo.digest("after"), before);
    repo.ok("snapshot diff before after").says(&["i2", "positive"]);
    let record = decided["records"][0]["id"].as_str().unwrap().to_owned();
    shot!("revert", repo.run(&format!("revert {record} -m 'it was none'")));
    assert_eq!(repo.digest("back"), before);
    // Said again after the revert, it counts.
    assert_eq!(repo.json("adjudicate i2 positive -m 'irony'")["decisions"][0]["after"]["label"], "positive");
}

#[test]
fn a_decision_that_stands_is_no_news_and_a_later_one_supersedes_it() {
    let repo = disputed();
    repo.ok("adjudicate i1 positive -m 'great says it'");
    let before = repo.state();
    shot!("stands", repo.run("adjudicate i1 positive -m 'great says it'"));
    shot!("stands_otherwise", repo.run("adjudicate i1 positive -m 'another reason'"));
    assert_eq!(repo.state(), before);
    repo.ok("adjudicate i1 positive -m 'another reason' --amend");
    assert_eq!(repo.json("labels --kind adjudications")["rows"][0]["rationale"], "another reason");
    shot!("supersedes", repo.run("adjudicate i1 neutral -m 'bread is no feeling' --labeler max"));
    assert_eq!(repo.rows("--kind adjudications"), ["i1 max neutral"]);
    // Back to what was said before.
    repo.ok("adjudicate i1 positive -m 'great says it'");
    assert_eq!(repo.rows("--kind adjudications"), ["i1 ada positive"]);
}

#[test]
fn there_may_be_no_right_label_and_nobody_needs_to_have_labelled() {
    let repo = disputed();
    shot!("none", repo.run("adjudicate i1 --none -m 'cut off' --error-type bad_item"));
    assert_eq!(repo.json("trace i1")["tasks"][0]["resolved"]["why"], "abstained");
    repo.ok("adjudicate i9 neutral -m 'a statement'")
        .says(&["labels  none", "before  no label: nobody labelled it"]);
    repo.ok("adjudicate i4 '' -m 'not a sentence'").says(&["decided to have none"]);
}

#[test]
fn a_guideline_is_named_and_required() {
    let repo = disputed();
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01");
    repo.ok("adjudicate i1 positive -m so --guideline tone").says(&["by      ada, under tone@1"]);
    repo.run("adjudicate i2 positive -m so --guideline toen").exits(2).says(&["did you mean `tone"]);
    repo.run("adjudicate i2 positive -m so --guideline tone@7").exits(2);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let repo = disputed();
    let before = repo.state();
    shot!("unknown_class", repo.run("adjudicate i1 Positive -m x"));
    shot!("unknown_item", repo.run("adjudicate i22 positive -m x"));
    shot!("unknown_task", repo.run("adjudicate i1 positive -m x --task sentimnt"));
    shot!("no_reason", repo.run("adjudicate i1 positive"));
    shot!("no_label", repo.run("adjudicate i1 -m x"));
    repo.run("adjudicate i1 positive -m ' '").exits(2);
    repo.run("adjudicate i1 positive --none -m x").exits(2);
    repo.run("adjudicate i1 positive -m x --list").exits(2);
    repo.run("adjudicate i1 positive -m x --at HEAD").exits(2);
    repo.run("adjudicate i1 positive -m x --limit 3").exits(2);
    repo.run("adjudicate i1 positive -m x --error-type typo").exits(2).says(&["one of labeler_error"]);
    repo.run("adjudicate i1 positive -m x --labeler a --labeler b").exits(2);
    shot!("address", repo.run("adjudicate i1 positive -m x --labeler max@example.com"));
    repo.run("adjudicate --list --format md -n").exits(2);
    std::fs::remove_file(repo.dir().join("labelers.yaml")).unwrap();
    shot!("nobody", repo.run("adjudicate i1 positive -m x"));
    repo.file(
        "labelers.yaml",
        "format: 1\nlabelers:\n  ada: {aliases: [ada@example.com], status: suspended}\n",
    );
    repo.run("adjudicate i1 positive -m x").exits(2).says(&["suspended"]);
    std::fs::remove_file(repo.dir().join("labelers.yaml")).unwrap();
    disputed_labelers(&repo);
    assert_eq!(repo.state(), before);
}

fn disputed_labelers(repo: &Repo) {
    repo.file("labelers.yaml", "format: 1\nlabelers:\n  ada: {kind: human, aliases: [ada@example.com]}\n");
}

#[test]
fn what_needs_a_decision_most_disputed_first_and_without_names() {
    let repo = disputed();
    shot!("list", repo.run("adjudicate --list"));
    shot!("list_md", repo.run("adjudicate --list --format md"));
    let answer = repo.ok("adjudicate --list --format json");
    for name in ["ann", "bob", "cleo"] {
        assert!(!answer.out.contains(name), "{answer}");
    }
    let list = answer.json()["tasks"][0].clone();
    let items: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|item| item["item"].as_str().unwrap()).collect();
    assert_eq!(items, ["i5", "i1", "i2"]);
    repo.ok("adjudicate i5 neutral -m so");
    shot!("list_limit", repo.run("adjudicate --list --limit 1"));
    repo.file("some.txt", "i2\ni3\n");
    let list = repo.json("adjudicate --list --items-from some.txt")["tasks"][0].clone();
    assert_eq!((&list["disputed"], &list["settled"], &list["left"]), (&1.into(), &0.into(), &0.into()));
    assert_eq!(repo.json("adjudicate --list --labeler ann --labeler cleo")["tasks"][0]["disputed"], 0);
    assert_eq!(repo.json("adjudicate --list --at HEAD~1")["tasks"][0]["disputed"], 3);
    repo.run("adjudicate --list --task sentimnt").exits(2).says(&["did you mean `sentiment`?"]);
}

#[test]
fn nothing_to_decide() {
    let repo = Repo::sentiment();
    repo.ok("adjudicate --list").says(&["nothing is disputed: there are no labels"]);
    repo.commit("a.csv", &["i1 ann neutral", "i1 bob neutral"]);
    shot!("list_empty", repo.run("adjudicate --list"));
}

#[test]
fn a_form_is_written_filled_in_and_taken_back() {
    let repo = disputed();
    shot!("form_written", repo.run("adjudicate --list --to form.csv"));
    assert_eq!(
        repo.read("form.csv"),
        "item,text,given,label,reason,error_type,guideline_gap\n\
         i5,,\"negative 1, neutral 1, positive 1\",,,,\n\
         i1,The bread was great,\"neutral 1, positive 1\",,,,\n\
         i2,\"Well, bread\",\"neutral 2, positive 1\",,,,\n"
    );
    shot!("form_there", repo.run("adjudicate --list --to form.csv"));
    shot!("form_empty", repo.run("adjudicate --from form.csv"));
    let filled = repo
        .read("form.csv")
        .replace(
            "great,\"neutral 1, positive 1\",,,",
            "great,\"neutral 1, positive 1\",positive,great says it,labeler_error",
        )
        .replace("neutral 2, positive 1\",,,", "neutral 2, positive 1\",,cut off,bad_item");
    repo.file("form.csv", &filled);
    let before = repo.state();
    shot!("from_dry_run", repo.run("adjudicate --from form.csv -n"));
    assert_eq!(repo.state(), before);
    shot!("from", repo.run("adjudicate --from form.csv"));
    assert_eq!(repo.git("log -1 --format=%s"), "adjudicate: 2 decisions on sentiment");
    shot!("from_again", repo.run("adjudicate --from form.csv"));
    assert_eq!(repo.rows("--kind adjudications"), ["i1 ada positive", "i2 ada -"]);
    assert_eq!(repo.json("adjudicate --list")["tasks"][0]["settled"], 2);
    repo.ok("adjudicate --list --to rest.jsonl");
    assert_eq!(repo.read("rest.jsonl").lines().count(), 1);
    repo.file(
        "rest.jsonl",
        repo.read("rest.jsonl")
            .replace("\"label\":null,\"reason\":null", "\"label\":\"neutral\",\"reason\":\"so\""),
    );
    repo.ok("adjudicate --from rest.jsonl -m 'the last one'");
    assert_eq!(repo.git("log -1 --format=%s"), "the last one");
    repo.ok("fsck");
}

#[test]
fn all_faults_of_a_file_are_told_and_nothing_is_written() {
    let repo = disputed();
    repo.file(
        "d.csv",
        "item,label,reason,error_type,labeler\ni1,positve,x,,max\ni2,positive,,,max\ni33,positive,x,,max\n\
         i5,neutral,x,typo,max\ni4,negative,x,,max\ni4,neutral,y,,kim\n",
    );
    let before = repo.state();
    shot!("faults", repo.run("adjudicate --from d.csv"));
    assert_eq!(repo.state(), before);
    repo.file("e.csv", "item,label,reason\ni1,positive,x\n");
    repo.ok("adjudicate --from e.csv --labeler max -n").says(&["max 1"]);
    std::fs::remove_file(repo.dir().join("labelers.yaml")).unwrap();
    shot!("nobody_in_file", repo.run("adjudicate --from e.csv"));
    repo.run("adjudicate --from f.csv --labeler max").exits(2);
}

#[test]
fn a_file_of_decisions_that_were_taken_back_is_held_back() {
    let repo = disputed();
    repo.file("d.csv", "item,label,reason,created_at\ni1,positive,x,2025-05-20\ni5,neutral,x,2025-05-20\n");
    repo.ok("adjudicate --from d.csv");
    repo.ok("revert --kind adjudications -m 'by mistake'");
    repo.run("adjudicate --from d.csv").exits(1).says(&["--again commits them"]);
    repo.ok("adjudicate --from d.csv --again");
    assert_eq!(repo.rows("--kind adjudications"), ["i1 ada positive", "i5 ada neutral"]);
}

#[test]
fn decisions_on_two_branches_contradict_each_other_until_one_more() {
    let repo = disputed();
    repo.git("add .");
    repo.git("commit -qm labelers");
    repo.git("branch other");
    repo.file("a.csv", "item,label,reason,created_at\ni1,positive,x,2025-05-20\n");
    repo.ok("adjudicate --from a.csv --labeler max");
    repo.git("switch -q other");
    repo.file("b.csv", "item,label,reason,created_at\ni1,neutral,x,2025-05-20\n");
    repo.ok("adjudicate --from b.csv --labeler kim");
    repo.git("switch -q main");
    repo.git("merge -q --no-edit other");
    shot!("conflict", repo.run("adjudicate --list"));
    repo.ok("adjudicate i1 neutral -m 'settled by both'")
        .says(&["before  no label: in conflict", "after   neutral"]);
    assert_eq!(repo.json("adjudicate --list")["tasks"][0]["disputed"], 2);
}

#[test]
fn a_decision_that_is_overtaken_says_so() {
    let repo = disputed();
    repo.file("late.csv", "item,label,reason,created_at\ni1,positive,x,2025-06-03T00:00:00Z\n");
    repo.ok("adjudicate --from late.csv");
    shot!("overtaken", repo.run("adjudicate i1 neutral -m 'a clock was wrong'"));
}

#[test]
fn structured_labels_and_several_tasks() {
    let repo = Repo::with_config(
        "format: 1\ntasks:\n  topics: {type: multilabel, classes: [a, b]}\n  stars: {type: rating, min: 1, max: 5}\n",
    );
    repo.file("a.csv", "item,labeler,topics,stars\ni1,ann,a,4\ni1,bob,b,2\n");
    repo.ok("commit a.csv");
    repo.run("adjudicate i1 4 -m x --labeler kim").exits(2).says(&["choose one with --task"]);
    repo.ok("adjudicate i1 4.0 -m x --labeler kim --task stars").says(&["after   4, decided"]);
    repo.run("adjudicate i1 9 -m x --labeler kim --task stars").exits(2).says(&["outside 1 to 5"]);
    repo.ok(r#"adjudicate i1 '["b","a"]' -m x --labeler kim --task topics"#).says(&[r#"["a","b"], decided"#]);
    shot!("several_tasks", repo.run("adjudicate --list"));
    repo.run("adjudicate --list --to form.csv").exits(2).says(&["--task"]);
    repo.ok("adjudicate --list --task stars --to form.csv").says(&["--from form.csv --task stars"]);
}
