//! `hitl commit`: files with faults

use crate::repo::Repo;

const FAULTY: &str = "item,labeler,label,created_at\n\
                      i1,ann,positve,2025-05-01\n\
                      ,ann,positive,2025-05-01\n\
                      i2,ann,positive,yesterday\n\
                      i3,bob,positive,2025-05-01\n\
                      i3,bob,negative,2025-05-01\n\
                      i4,bob,Positive,2025-05-01\n\
                      i5,bob,positive,2025-05-01\n";

#[test]
fn all_faults_are_told_at_once_and_nothing_changes() {
    let repo = Repo::sentiment();
    repo.file("bad.csv", FAULTY);
    let before = repo.state();
    shot!("faults", repo.run("commit bad.csv"));
    shot!("faults_dry_run", repo.run("commit bad.csv --dry-run"));
    assert_eq!(repo.state(), before);
    assert_eq!(repo.json("log")["entries"].as_array().unwrap().len(), 0);
}

#[test]
fn one_bad_file_refuses_the_good_ones_beside_it() {
    let repo = Repo::sentiment();
    repo.file("bad.csv", FAULTY);
    repo.labels("good.csv", &["i9 ann neutral"]);
    let before = repo.state();
    repo.run("commit good.csv bad.csv").exits(3).says(&["bad.csv"]);
    assert_eq!(repo.state(), before);
}

#[test]
fn skip_bad_commits_the_rest_and_names_the_file_of_the_refused() {
    let repo = Repo::sentiment();
    repo.file("exports/bad.csv", FAULTY);
    shot!("skip_bad_dry_run", repo.run("commit exports/bad.csv --skip-bad --dry-run"));
    assert_eq!(repo.git("status --porcelain -uall"), "?? exports/bad.csv");
    shot!("skip_bad", repo.run("commit exports/bad.csv --skip-bad"));
    assert_eq!(repo.rows(""), ["i5 bob positive"]);
    shot!("refused_rows", repo.read("exports/bad.refused.csv"));
    assert_eq!(repo.git("show --name-only --format= HEAD").lines().count(), 2);
}

#[test]
fn rows_refused_for_their_labeler_are_named_and_left_out() {
    let repo = Repo::sentiment();
    repo.file("labelers.yaml", "format: 1\nclosed: true\nlabelers:\n  alice:\n    kind: human\n");
    repo.labels("a.csv", &["i1 alice neutral", "i2 zoe neutral"]);
    shot!("skip_bad_labeler", repo.run("commit a.csv --skip-bad"));
    assert_eq!(repo.rows(""), ["i1 alice neutral"]);
}

#[test]
fn a_row_that_repeats_a_refused_one_is_refused_too() {
    let repo = Repo::sentiment();
    repo.file("labelers.yaml", "format: 1\nlabelers:\n  zoe:\n    status: suspended\n");
    repo.labels("a.csv", &["i1 alice neutral", "i2 zoe neutral", "i2 zoe neutral"]);
    repo.run("commit a.csv --skip-bad").exits(0).says(&["2 rows left out"]);
    assert_eq!(repo.rows(""), ["i1 alice neutral"]);
}

#[test]
fn refused_rows_are_never_written_over_others() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 alice neutral", "i2 alice oops"]);
    repo.file("a.refused.csv", "being mended\n");
    repo.run("commit a.csv --skip-bad").exits(2).says(&["a.refused.csv is there with other rows"]);
    assert_eq!(repo.rows(""), [""; 0]);
}

#[test]
fn many_faults_are_counted() {
    let repo = Repo::sentiment();
    let rows: String = (0..60).map(|item| format!("i{item},ann,oops\n")).collect();
    repo.file("bad.csv", format!("item,labeler,label\n{rows}"));
    let answer = repo.run("commit bad.csv").exits(3).says(&["60 faults", "bad.csv:21:", "40 more"]);
    assert!(!answer.err.contains("bad.csv:22:"), "{answer}");
}

#[test]
fn json_faults_are_placed() {
    let repo = Repo::sentiment();
    repo.file("bad.json", "[\n  {\"item\": \"i1\", \"labeler\": \"ann\", \"label\": \"neutral\"},\n  {\"item\": \"i2\", \"labeler\": \"ann\", \"label\": \"meh\"}\n]\n");
    shot!("json_fault", repo.run("commit bad.json"));
    repo.file(
        "cut.jsonl",
        "{\"item\": \"i1\", \"labeler\": \"ann\", \"label\": \"neutral\"}\n{\"item\": \"i2\", \n",
    );
    shot!("jsonl_cut", repo.run("commit cut.jsonl"));
}

#[test]
fn a_label_from_the_future_is_refused() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 ann neutral 2035-05-01"]);
    shot!("future", repo.run("commit a.csv"));
}

#[test]
fn an_empty_file_is_refused() {
    let repo = Repo::sentiment();
    repo.file("empty.csv", "");
    shot!("empty", repo.run("commit empty.csv"));
    repo.file("header.csv", "item,labeler,label\n");
    shot!("header_only", repo.run("commit header.csv"));
}
