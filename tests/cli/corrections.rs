//! Corrections: what is accepted, what `status` says of the rest, and what a snapshot freezes.

use crate::repo::Repo;

const CONFIG: &str = "\
format: 1
tasks:
  reply:
    type: text
    question: Is this answer good?
";

/// Two people correct answers of a model, and a third judges what one of them wrote.
fn replies() -> Repo {
    let repo = Repo::with_config(CONFIG);
    let rows = [
        r#"{"item":"r1","labeler":"ana","original":"Hey, no clue mate.","corrected":"I am afraid we do not know that yet.","source":"m1","reason":"tone","categories":["tone"],"severity":"high"}"#,
        r#"{"item":"r2","labeler":"ana","original":"Your order ships today.","corrected":"Your order ships today.","source":"m1"}"#,
        r#"{"item":"r3","labeler":"ana","original":"Refunds take 5 days from the day of the return.","corrected":"Refunds take 7 days from the day of the return.","source":"m1"}"#,
        r#"{"item":"r4","labeler":"raj","original":"We cannot help you with that.","corrected":"No.","source":"m1"}"#,
        r#"{"item":"r5","labeler":"raj","original":"Please restart the router.","corrected":"Please unplug the router for a minute.","source":"m1"}"#,
        r#"{"item":"r6","labeler":"raj","original":"It is out of stock.","corrected":"It is back in two weeks, we think.","verdict":"suggested","source":"m1"}"#,
        r#"{"item":"r7","labeler":"raj","original":"Just google it.","verdict":"rejected","source":"m1"}"#,
        r#"{"item":"r8","labeler":"raj","original":"Internal code 7788 applies.","corrected":"A special price applies to your order.","should_learn":false}"#,
    ];
    repo.file("first.jsonl", rows.join("\n"));
    repo.ok("commit first.jsonl --kind corrections -m 'first look'");
    let verdicts = [
        r#"{"item":"r5","labeler":"eve","original":"Please unplug the router for a minute.","corrected":"Please unplug the router and wait a minute.","source":"raj"}"#,
    ];
    repo.file("second.jsonl", verdicts.join("\n"));
    repo.ok("commit second.jsonl --kind corrections -m 'second look'");
    repo
}

#[test]
fn status_says_what_is_not_learned_from_and_why() {
    let repo = replies();
    shot!("status", repo.run("status"));
    let status = repo.json("status")["tasks"][0]["corrections"].clone();
    assert_eq!((&status["current"], &status["accepted"]), (&9.into(), &4.into()));
    let reasons: Vec<&str> =
        status["left_out"].as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["too_similar", "too_short", "overruled", "suggested", "not_to_learn"]);
    let config = format!("{CONFIG}corrections:\n  accept: {{max_similarity: 1, min_length: 0}}\n");
    repo.file("hitl.yaml", config);
    assert_eq!(repo.json("status")["tasks"][0]["corrections"]["accepted"], 6);
}

#[test]
fn a_snapshot_freezes_what_is_to_be_learned_and_a_revert_takes_it_out_of_the_next() {
    let repo = replies();
    shot!("snapshot", repo.run("snapshot create v1 --split train=0.5,test=0.5"));
    let v1 = repo.json("snapshot show v1");
    assert_eq!(v1["policy"]["parameters"]["max_similarity"], "0.95");
    assert_eq!(v1["labels"], serde_json::json!({ "approved": 1, "corrected": 2, "rejected": 1 }));
    shot!("trace", repo.run("trace r1"));
    repo.ok("revert --labeler ana -m 'she had the wrong guideline'");
    shot!("snapshot_after", repo.run("snapshot create v2"));
    shot!("snapshot_diff", repo.run("snapshot diff v1 v2"));
    assert_eq!(repo.json("snapshot verify v1")["ok"], true);
    assert_eq!(repo.json("snapshot verify v2")["ok"], true);
    repo.ok("fsck");
}

#[test]
fn an_adjudication_settles_what_people_wrote() {
    let repo = replies();
    repo.ok("adjudicate r1 'I am afraid we cannot say yet.' -m 'the guideline wants it' --labeler jo");
    let v1 = repo.json("snapshot create v1");
    assert_eq!((&v1["counts"]["adjudicated"], &v1["labels"]["corrected"]), (&1.into(), &2.into()));
    let overruled = repo.json("status")["tasks"][0]["corrections"]["left_out"].clone();
    assert!(overruled.to_string().contains(r#"{"item":"r1","labeler":"ana"}"#), "{overruled}");
}

#[test]
fn bad_thresholds_and_a_policy_for_corrections_are_refused() {
    let repo = replies();
    shot!("policy", repo.run("snapshot create v1 --kind corrections --policy majority").exits(2));
    repo.file(
        "hitl.yaml",
        format!("{CONFIG}corrections:\n  accept: {{max_similarity: 95, min_lenght: 3}}\n"),
    );
    shot!("thresholds", repo.run("snapshot create v1").exits(2));
}

#[test]
fn nothing_is_learned_of_an_item_that_is_not_to_be_learned_from_whatever_is_decided() {
    let repo = replies();
    repo.ok("adjudicate r8 'A special price applies to all orders.' -m 'for all' --labeler jo");
    repo.ok("adjudicate r2 'Your order ships today.' -m 'as it was' --labeler jo");
    let held = repo.json("snapshot create v1 --min-labels 2");
    assert_eq!(
        (&held["counts"]["adjudicated"], &held["labels"]),
        (&1.into(), &serde_json::json!({ "approved": 1 }))
    );
    assert!(!repo.ok("snapshot create v2 --format json").out.contains("7788"));
}

#[test]
fn labels_that_correct_labels_are_labels_of_the_task() {
    let repo = Repo::sentiment();
    repo.file("a.csv", "item,labeler,original,corrected\ni1,ana,Neutral?,NEGATIVE\ni2,ana,neutral,awful\n");
    shot!("no_class", repo.run("commit a.csv --kind corrections").exits(3));
    repo.file("a.csv", "item,labeler,original,corrected\ni1,ana,Neutral?,negative\n");
    repo.ok("commit a.csv --kind corrections");
}

#[test]
fn labels_tell_all_that_goes_with_a_correction() {
    let repo = replies();
    let rows = repo.json("labels --labeler ana")["rows"].clone();
    let first = &rows[0];
    assert_eq!((&first["verdict"], &first["reason"]), (&"corrected".into(), &"tone".into()));
    assert_eq!((&first["categories"], &first["severity"]), (&serde_json::json!(["tone"]), &"high".into()));
    assert_eq!((&first["source"], &first["original"]), (&"m1".into(), &"Hey, no clue mate.".into()));
    shot!("labels_csv", repo.run("labels --labeler ana --to csv"));
    assert_eq!(repo.json("labels --labeler raj")["rows"][4]["should_learn"], false);
}
