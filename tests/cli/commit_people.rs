//! `hitl commit`: who labelled, and what `labelers.yaml` says of them

use crate::repo::Repo;

#[test]
fn a_closed_list_refuses_everybody_else() {
    let repo = Repo::sentiment();
    repo.file("labelers.yaml", "format: 1\nclosed: true\nlabelers:\n  alice:\n    kind: human\n");
    repo.labels("a.csv", &["i1 alice neutral", "i2 alcie neutral", "i3 zoe neutral"]);
    let before = repo.state();
    shot!("closed", repo.run("commit a.csv"));
    assert_eq!(repo.state(), before);
}

#[test]
fn aliases_become_the_id_they_stand_for() {
    let repo = Repo::sentiment();
    repo.file(
        "labelers.yaml",
        "format: 1\nclosed: true\nlabelers:\n  w01:\n    kind: human\n    aliases: [ann@example.com, Ann]\n",
    );
    repo.file("a.csv", "item,labeler,label\ni1,ann@example.com,neutral\ni2,Ann,neutral\n");
    repo.ok("commit a.csv");
    assert_eq!(repo.rows(""), ["i1 w01 neutral", "i2 w01 neutral"]);
}

#[test]
fn a_suspended_labeler_gets_no_new_rows_and_keeps_the_old() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01"]);
    repo.file("labelers.yaml", "format: 1\nlabelers:\n  ann:\n    kind: human\n    status: suspended\n");
    assert_eq!(repo.adds("a.csv"), (0, 0), "the old rows of a full export are no new rows");
    repo.labels("b.csv", &["i1 ann neutral 2025-05-01", "i2 ann neutral 2025-05-02"]);
    shot!("suspended", repo.run("commit b.csv"));
    assert_eq!(repo.rows(""), ["i1 ann neutral"]);
}

#[test]
fn the_listed_kind_is_the_kind() {
    let repo = Repo::sentiment();
    repo.file("labelers.yaml", "format: 1\nlabelers:\n  m1:\n    kind: model\n");
    repo.commit("a.csv", &["i1 m1 neutral"]);
    assert_eq!(repo.json("labels")["rows"][0]["labeler_kind"], "model");
    shot!("kind_differs", repo.run("commit a.csv --labeler-kind gold"));
}

#[test]
fn an_e_mail_address_is_refused() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 ann@example.com neutral", "i2 bob neutral"]);
    let before = repo.state();
    shot!("email", repo.run("commit a.csv"));
    assert_eq!(repo.state(), before);
    repo.ok("commit a.csv --allow-personal-ids");
    assert_eq!(repo.rows("")[0], "i1 ann@example.com neutral");
}

#[test]
fn pseudonyms_stay_the_same_and_their_map_stays_out_of_history() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 ann@example.com neutral", "i2 bob@example.com neutral"]);
    repo.labels("b.csv", &["i1 ann@example.com neutral", "i3 ann@example.com positive"]);
    repo.ok("commit a.csv --pseudonymize");
    assert_eq!(repo.adds("b.csv --pseudonymize"), (1, 0));
    let labelers: Vec<String> =
        repo.rows("").iter().map(|row| row.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(labelers[0], labelers[2], "one person, one pseudonym");
    assert_ne!(labelers[0], labelers[1]);
    assert!(labelers.iter().all(|id| id.starts_with("l-")), "{labelers:?}");
    let map: serde_json::Value = serde_json::from_str(&repo.read(".git/hitl/pseudonyms.json")).unwrap();
    assert_eq!(map["ann@example.com"], labelers[0].as_str());
    // No object of history holds an address.
    let found = repo
        .shell("git cat-file --batch --batch-all-objects | grep -a -c 'ann@example.com\\|bob@example.com'");
    assert_eq!(found.out, "0\n", "{found}");
    assert_eq!(repo.git("status --porcelain"), "?? a.csv\n?? b.csv");
}

#[test]
fn look_alikes_are_flagged() {
    let repo = Repo::sentiment();
    repo.file(
        "a.csv",
        "item,labeler,label\ni1,alice,neutral\ni2,\u{410}lice,neutral\ni3,bob,neutral\ni4,bob ,neutral\n",
    );
    shot!("look_alikes", repo.run("commit a.csv"));
}

#[test]
fn a_look_alike_of_somebody_in_the_ledger_is_flagged() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 alice neutral"]);
    repo.file("b.csv", "item,labeler,label\ni2,\u{430}lice,neutral\n");
    shot!("look_alike_of_the_ledger", repo.run("commit b.csv --dry-run"));
}

#[test]
fn ids_are_normalised() {
    let repo = Repo::sentiment();
    repo.file("a.csv", "item,labeler,label\ncafe\u{301},rene\u{301},neutral\n");
    repo.ok("commit a.csv");
    assert_eq!(repo.rows(""), ["caf\u{e9} ren\u{e9} neutral"]);
    repo.file("b.csv", "item,labeler,label\ncaf\u{e9},ren\u{e9},neutral\n");
    assert_eq!(repo.adds("b.csv"), (0, 0));
}

#[test]
fn who_is_new_is_listed() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral"]);
    repo.labels("b.csv", &["i2 ann neutral", "i2 zed neutral"]);
    shot!("new_labelers", repo.run("commit b.csv"));
    let plan = repo.json("commit b.csv -n");
    assert_eq!(plan["files"][0]["batches"][0]["new"], 0);
}
