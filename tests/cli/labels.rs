//! `hitl labels`

use crate::repo::Repo;

fn ledger() -> Repo {
    let repo = Repo::sentiment();
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01");
    repo.labels(
        "a.csv",
        &["i1 ann neutral 2025-05-01", "i2 bob positive 2025-05-02", "i3 cleo negative 2025-05-03"],
    );
    repo.ok("commit a.csv --guideline tone --origin fresh");
    repo.commit("b.csv", &["i1 ann positive 2025-05-08", "i4 dan neutral 2025-05-08"]);
    repo.ok("revert --labeler cleo -m careless");
    repo
}

#[test]
fn rows_for_people() {
    shot!("all", ledger().run("labels --state all"));
}

#[test]
fn three_states() {
    let repo = ledger();
    assert_eq!(repo.rows(""), ["i1 ann positive", "i2 bob positive", "i4 dan neutral"]);
    assert_eq!(
        repo.rows("--state live"),
        ["i1 ann neutral", "i1 ann positive", "i2 bob positive", "i4 dan neutral"]
    );
    assert_eq!(repo.rows("--state all").len(), 5);
}

#[test]
fn a_row_says_what_became_of_it_and_by_what() {
    let repo = ledger();
    let rows = repo.json("labels --state all")["rows"].clone();
    let log = repo.json("log")["entries"].clone();
    assert_eq!(rows[0]["state"], "superseded");
    assert_eq!(rows[0]["superseded_by"], log[1]["id"]);
    assert_eq!(rows[0]["record"], log[2]["id"]);
    assert_eq!(rows[0]["commit"], log[2]["commit"]);
    assert_eq!(rows[3]["state"], "reverted");
    assert_eq!(rows[3]["reverted_by"][0], log[0]["id"]);
}

#[test]
fn csv_and_jsonl_hold_the_same_rows() {
    let repo = ledger();
    shot!("csv", repo.run("labels --to csv"));
    shot!("jsonl", repo.run("labels --to jsonl --labeler dan"));
    repo.ok("labels --to jsonl -o rows.jsonl").says(&["3 rows", "rows.jsonl"]);
    repo.ok("labels -o rows.csv");
    assert_eq!(repo.read("rows.csv"), repo.run("labels --to csv").out);
    let lines = repo.read("rows.jsonl");
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["label"], "positive");
}

#[test]
fn what_came_out_goes_in_as_nothing_new() {
    let repo = ledger();
    for format in ["csv", "jsonl"] {
        repo.ok(&format!("labels --to {format} -o rows.{format}"));
        assert_eq!(repo.adds(&format!("rows.{format}")), (0, 0), "{format}");
    }
}

#[test]
fn every_filter_chooses() {
    let repo = ledger();
    let all = |filter: &str| repo.rows(&format!("--state all {filter}"));
    assert_eq!(all("--labeler bob --labeler dan"), ["i2 bob positive", "i4 dan neutral"]);
    assert_eq!(all("--guideline tone").len(), 3);
    assert_eq!(all("--guideline tone@1 --labeler bob"), ["i2 bob positive"]);
    assert_eq!(all("--origin fresh").len(), 3);
    assert_eq!(all("--since 2025-05-02 --until 2025-05-08"), ["i2 bob positive", "i3 cleo negative"]);
    assert_eq!(all("--kind predictions").len(), 0);
    assert_eq!(all("--batch HEAD~1"), ["i1 ann positive", "i4 dan neutral"]);
    repo.file("items.txt", "i3\n\n i4 \n");
    assert_eq!(all("--items-from items.txt"), ["i3 cleo negative", "i4 dan neutral"]);
    let piped = repo.run_with("labels --state all --items-from - --format json", b"i4\n").exits(0).json();
    assert_eq!(piped["rows"].as_array().unwrap().len(), 1);
}

#[test]
fn earlier_states() {
    let repo = ledger();
    assert_eq!(repo.rows("--at HEAD~2"), ["i1 ann neutral", "i2 bob positive", "i3 cleo negative"]);
    assert_eq!(repo.rows("--as-of 2025-06-02T09:03:30Z"), repo.rows("--at HEAD~1"));
    assert_eq!(repo.rows("--as-of 2025-06-01"), [] as [&str; 0]);
    shot!("no_such_revision", repo.run("labels --at nowhere"));
}

#[test]
fn wrong_words_are_usage() {
    let repo = ledger();
    repo.run("labels --origin fesh").exits(2).says(&["fesh"]);
    repo.run("labels --since yesterday").exits(2).says(&["yesterday"]);
    repo.run("labels --state dead").exits(2);
}
