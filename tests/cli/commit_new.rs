//! What is new: full exports that come week after week, with exact counts

use crate::repo::Repo;

/// Week A, then week B in which ann changed her mind about i1 and i4 was added, then week A's export again.
const A: &[&str] = &["i1 ann neutral 2025-05-01", "i2 ann positive 2025-05-01", "i3 bob negative 2025-05-01"];
const B: &[&str] = &[
    "i1 ann positive 2025-05-08",
    "i2 ann positive 2025-05-01",
    "i3 bob negative 2025-05-01",
    "i4 bob neutral 2025-05-08",
];

fn untimed(rows: &[&str]) -> Vec<String> {
    rows.iter().map(|row| row.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

fn weeks(repo: &Repo, a: &[&str], b: &[&str], again: &[&str]) {
    repo.labels("a.csv", a);
    repo.labels("b.csv", b);
    repo.labels("c.csv", again);
}

#[test]
fn with_times_an_old_export_adds_nothing_and_wins_nothing() {
    let repo = Repo::sentiment();
    weeks(&repo, A, B, A);
    assert_eq!([repo.adds("a.csv"), repo.adds("b.csv"), repo.adds("c.csv")], [(3, 0), (2, 0), (0, 0)]);
    assert_eq!(repo.rows(""), ["i1 ann positive", "i2 ann positive", "i3 bob negative", "i4 bob neutral"]);
}

#[test]
fn without_times_a_return_to_an_earlier_value_counts_unless_it_is_the_same_file() {
    let repo = Repo::sentiment();
    let (a, b) = (untimed(A), untimed(B));
    let (a, b): (Vec<&str>, Vec<&str>) =
        (a.iter().map(String::as_str).collect(), b.iter().map(String::as_str).collect());
    // The third week is week A in another order, so another file: ann went back to neutral.
    let mut back = a.clone();
    back.reverse();
    weeks(&repo, &a, &b, &back);
    assert_eq!([repo.adds("a.csv"), repo.adds("b.csv")], [(3, 0), (2, 0)]);
    assert_eq!(repo.adds("a.csv"), (0, 0), "exactly this file was committed before");
    assert_eq!(repo.rows("")[0], "i1 ann positive");
    shot!("returned", repo.run("commit c.csv --dry-run"));
    assert_eq!(repo.adds("c.csv"), (1, 0));
    assert_eq!(repo.rows(""), ["i1 ann neutral", "i2 ann positive", "i3 bob negative", "i4 bob neutral"]);
    let rows = repo.json("labels --state all --labeler ann")["rows"].clone();
    let timed = rows.as_array().unwrap().iter().filter(|row| !row["created_at"].is_null()).count();
    assert_eq!(
        (rows.as_array().unwrap().len(), timed),
        (4, 1),
        "the return alone is stored with the time of recording"
    );
}

#[test]
fn another_guideline_on_the_second_week_makes_no_row_new() {
    let repo = Repo::sentiment();
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add one g.md --effective 2025-01-01");
    repo.ok("guideline add two g.md --effective 2025-01-01");
    weeks(&repo, A, B, A);
    assert_eq!(repo.adds("a.csv --guideline one"), (3, 0));
    assert_eq!(repo.adds("b.csv --guideline two"), (2, 0));
    assert_eq!(repo.adds("c.csv --guideline two"), (0, 0));
    let rows = repo.json("labels --state all")["rows"].clone();
    let made: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {}", row["item"].as_str().unwrap(), row["guideline"].as_str().unwrap()))
        .collect();
    assert_eq!(made, ["i1 one@1", "i1 two@1", "i2 one@1", "i3 one@1", "i4 two@1"]);
}

#[test]
fn what_a_revert_between_two_weeks_took_back_stays_taken_back() {
    let repo = Repo::sentiment();
    weeks(&repo, A, B, A);
    assert_eq!(repo.adds("a.csv"), (3, 0));
    repo.ok("revert --labeler bob -m careless");
    shot!("held_back", repo.run("commit b.csv"));
    assert_eq!(repo.rows(""), ["i1 ann positive", "i2 ann positive", "i4 bob neutral"]);
    assert_eq!(repo.adds("c.csv"), (0, 1));
    shot!("only_held_back", repo.run("commit c.csv"));
    assert_eq!(repo.adds("c.csv --again"), (1, 0));
    assert!(repo.rows("").contains(&"i3 bob negative".to_owned()));
}

#[test]
fn untimed_rows_that_were_taken_back_stay_taken_back() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 ann neutral", "i2 bob neutral"]);
    repo.labels("b.csv", &["i1 ann neutral", "i2 bob neutral", "i3 bob neutral"]);
    assert_eq!(repo.adds("a.csv"), (2, 0));
    repo.ok("revert --labeler bob -m careless");
    assert_eq!(repo.adds("b.csv"), (1, 1));
    assert_eq!(repo.rows(""), ["i1 ann neutral", "i3 bob neutral"]);
}

#[test]
fn a_revert_of_the_revert_makes_the_next_export_add_nothing() {
    let repo = Repo::sentiment();
    weeks(&repo, A, B, A);
    repo.ok("commit a.csv");
    let revert = repo.json("revert --labeler bob -m careless")["record"].as_str().unwrap().to_owned();
    repo.ok(&format!("revert {revert} -m 'it was the tool'"));
    assert_eq!(repo.adds("c.csv"), (0, 0));
    assert_eq!(repo.adds("b.csv"), (2, 0));
}

#[test]
fn rows_repeated_in_one_file_are_added_once() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 ann neutral 2025-05-01", "i1 ann neutral 2025-05-01"]);
    assert_eq!(repo.adds("a.csv"), (1, 0));
}

#[test]
fn re_answers_in_one_file_are_history() {
    let repo = Repo::sentiment();
    repo.labels(
        "a.csv",
        &["i1 ann neutral 2025-05-01", "i1 ann positive 2025-05-02", "i1 ann neutral 2025-05-03"],
    );
    assert_eq!(repo.adds("a.csv"), (3, 0));
    assert_eq!(repo.rows(""), ["i1 ann neutral"]);
    assert_eq!(repo.json("status")["tasks"][0]["superseded"], 2);
}
