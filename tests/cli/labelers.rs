//! `hitl labelers`

use serde_json::json;

use crate::repo::{CLASSES, Repo};

/// 2025-01-06 is a Monday; eight items a week, on Mondays and Thursdays, for eight weeks.
const ITEMS: usize = 64;

/// The class of an item.
fn truth(item: usize) -> &'static str {
    CLASSES[item % 3]
}

/// Another one.
fn wrong(item: usize) -> &'static str {
    CLASSES[(item + 1) % 3]
}

/// When an item is labelled, four of them in a minute each.
fn time(item: usize) -> String {
    let day = item / 8 * 7 + item / 4 % 2 * 3;
    // January has 31 days and February 28.
    let (month, day) = [(1, day + 6), (2, day.wrapping_sub(25)), (3, day.wrapping_sub(53))]
        .into_iter()
        .find(|(month, day)| (1..=[31, 28, 31][month - 1]).contains(day))
        .unwrap();
    format!("2025-{month:02}-{day:02}T09:{:02}:00Z", item % 4)
}

/// ann errs now and then; bob errs on every second item from the fifth week on; cleo takes over what m1 says, which is
/// wrong on one item in four.
fn rows() -> Vec<String> {
    let mut rows = Vec::new();
    for item in 0..ITEMS {
        let at = time(item);
        let ann = if item % 13 == 5 { wrong(item) } else { truth(item) };
        let bob = if item >= 32 && item % 2 == 1 { wrong(item) } else { truth(item) };
        let m1 = if item % 16 % 5 == 0 { wrong(item) } else { truth(item) };
        rows.push(format!("i{item:02},ann,{ann},{at},{},,,", 4_000 + 50 * item));
        rows.push(format!("i{item:02},bob,{bob},{at},1500,,,"));
        rows.push(format!("i{item:02},cleo,{m1},{at},,confirmed,{m1},m1"));
    }
    rows
}

const HEAD: &str = "item,labeler,label,created_at,duration_ms,origin,shown,shown_by\n";

fn gold() -> String {
    let row = |item| format!("i{item:02},{}\n", truth(item));
    format!("item,label\n{}", (0..ITEMS).map(row).collect::<String>())
}

/// All of it, with gold and a guideline of two versions.
fn ledger() -> Repo {
    let repo = Repo::sentiment();
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01");
    repo.file("g.md", "Be fair and quick.\n");
    repo.ok("guideline add tone g.md --effective 2025-02-01");
    repo.file("labels.csv", format!("{HEAD}{}\n", rows().join("\n")));
    repo.ok("commit labels.csv --guideline tone");
    repo.file("gold.csv", gold());
    repo.ok("commit gold.csv --labeler gold --labeler-kind gold");
    repo
}

#[test]
fn who_did_how_much_how_well_and_what_changed() {
    let repo = ledger();
    shot!("labelers", repo.run("labelers"));
    shot!("markdown", repo.run("labelers --format md"));
    shot!("help", repo.run("labelers --help"));
}

/// bob: 32 of 32 up to the fourth week, 16 of 32 after; cleo: 16 wrong guesses, none caught.
#[test]
fn the_numbers_by_hand() {
    let report = ledger().json("labelers");
    assert_eq!(report["schema"], "hitl.labelers/1");
    assert_eq!(
        report["counts"],
        json!({
            "items": 64, "labels": 192, "gold_items": 64, "contradicting_gold": 0, "abstentions": 0, "conflicts": 0,
        })
    );
    let [ann, bob, cleo] = [0, 1, 2].map(|at| &report["labelers"][at]);
    assert_eq!((&ann["accuracy"]["k"], &ann["accuracy"]["n"]), (&json!(59), &json!(64)));
    assert_eq!(ann["median_duration_ms"], 4_000.0 + 50.0 * 31.5);
    assert_eq!((&ann["labels"], &ann["active_weeks"], &ann["sessions"]), (&json!(64), &json!(8), &json!(16)));
    assert_eq!(
        (&ann["first"], &ann["last"]),
        (&json!("2025-01-06T09:00:00Z"), &json!("2025-02-27T09:03:00Z"))
    );
    let drift = &bob["drift"];
    assert_eq!((&drift["before"]["k"], &drift["before"]["n"]), (&json!(32), &json!(32)));
    assert_eq!((&drift["after"]["k"], &drift["after"]["n"]), (&json!(16), &json!(32)));
    assert_eq!(drift["change_point"], json!({ "after_week": 4, "from": "2025-02-03T00:00:00Z" }));
    assert_eq!(bob["confirmed"], json!({ "reason": "no_guess_shown" }));
    assert_eq!((&cleo["confirmed"]["k"], &cleo["confirmed"]["n"]), (&json!(64), &json!(64)));
    assert_eq!((&cleo["caught"]["k"], &cleo["caught"]["n"]), (&json!(0), &json!(16)));
    assert_eq!(cleo["median_duration_ms"], json!({ "reason": "no_durations" }));
    let codes = |labeler: &serde_json::Value| labeler["flags"].as_array().unwrap().len();
    assert_eq!([ann, bob, cleo].map(codes), [0, 1, 1]);
}

/// However the labels came into the ledger, and whatever was taken back or said anew since.
#[test]
fn only_current_labels_count_wherever_they_lie() {
    let repo = ledger();
    let before = repo.json("labelers");
    repo.commit("careless.csv", &["i00 zoe neutral", "i01 zoe neutral"]);
    repo.file("model.csv", "item,label\ni00,neutral\n");
    repo.ok("commit model.csv --labeler m1 --labeler-kind model");
    repo.commit("slip.csv", &["i00 ann neutral 2025-01-05"]);
    assert_ne!(repo.json("labelers"), before);
    repo.ok("revert --labeler zoe -m careless");
    assert_eq!(repo.json("labelers"), before);
    let two = Repo::sentiment();
    let rows = rows();
    for (name, half) in [("a.csv", &rows[..100]), ("b.csv", &rows[100..])] {
        two.file(name, format!("{HEAD}{}\n", half.join("\n")));
        two.ok(&format!("commit {name}"));
    }
    two.file("gold.csv", gold());
    two.ok("commit gold.csv --labeler gold --labeler-kind gold");
    assert_eq!(two.json("labelers")["labelers"][0], before["labelers"][0]);
}

/// The others and gold count in full, whoever is asked about.
#[test]
fn filters_choose_whose_labels() {
    let repo = ledger();
    let all = repo.json("labelers");
    let bob = repo.json("labelers --labeler bob");
    assert_eq!(bob["labelers"].as_array().unwrap().len(), 1);
    for field in ["labels", "agreement", "accuracy", "worst_class", "drift"] {
        let (alone, among) = (&bob["labelers"][0][field], &all["labelers"][1][field]);
        if field != "drift" {
            assert_eq!(alone, among, "{field}");
        } else {
            assert_eq!((&alone["p_value"], &alone["before"]), (&among["p_value"], &among["before"]));
        }
    }
    let late = repo.json("labelers --since 2025-02-03 --labeler bob --labeler ann");
    assert_eq!(late["labelers"][1]["accuracy"]["n"], 32);
    assert_eq!(late["labelers"][1]["accuracy"]["k"], 16);
    assert_eq!(repo.json("labelers --guideline tone@1")["counts"]["items"], 32);
    repo.file("items.txt", "i00\ni01\n");
    assert_eq!(repo.json("labelers --items-from items.txt")["counts"]["labels"], 6);
    assert_eq!(repo.json("labelers --at HEAD~1")["counts"]["gold_items"], 0);
    repo.run("labelers --labeler nobody").exits(0).says(&["no current labels by people match"]);
}

#[test]
fn without_gold_and_without_times() {
    let repo = Repo::sentiment();
    repo.commit(
        "a.csv",
        &["i1 ann neutral", "i1 bob positive", "i1 cleo neutral", "i2 ann positive", "i2 bob positive"],
    );
    shot!("no_gold_no_times", repo.run("labelers"));
    let report = repo.json("labelers");
    assert_eq!(report["labelers"][0]["drift"], json!({ "reason": "no_times" }));
    // ann: bob differs and cleo agrees on i1, bob agrees on i2.
    assert_eq!(report["labelers"][0]["agreement"]["share"], 0.75);
}

#[test]
fn what_is_left_out_is_counted() {
    let repo = Repo::sentiment();
    repo.file("a.csv", "item,labeler,label\ni1,ann,neutral\ni2,ann,\ni3,ann,positive\ni3,bob,positive\n");
    repo.ok("commit a.csv");
    repo.file("g.csv", "item,labeler,label\ni1,g1,neutral\ni1,g2,positive\ni3,g1,positive\ni9,g1,neutral\n");
    repo.ok("commit g.csv --labeler-kind gold");
    let report = repo.json("labelers");
    assert_eq!(
        report["counts"],
        json!({
            "items": 2, "labels": 3, "gold_items": 1, "contradicting_gold": 1, "abstentions": 1, "conflicts": 0,
        })
    );
    assert_eq!(report["labelers"][0]["accuracy"]["n"], 1);
    repo.ok("labelers").says(&["1 item has gold that contradicts itself", "1 skipped item is no label"]);
}

/// A guess that the source lost is one that was changed, and a class that nobody gave may have been shown.
#[test]
fn guesses_are_what_rows_say_of_them() {
    let repo = Repo::sentiment();
    repo.file(
        "a.csv",
        "item,labeler,label,origin,shown,shown_by\ni1,ann,neutral,changed,,\ni2,ann,neutral,unknown,neutral,m1\n\
         i3,ann,neutral,confirmed,,\ni4,ann,neutral,changed,positive,m1\ni5,ann,neutral,fresh,,\n",
    );
    repo.ok("commit a.csv");
    repo.commit("g.csv", &["i4 ann2 neutral"]);
    repo.file("gold.csv", "item,label\ni1,neutral\ni4,neutral\n");
    repo.ok("commit gold.csv --labeler gold --labeler-kind gold");
    let ann = repo.json("labelers --labeler ann")["labelers"][0].clone();
    assert_eq!((&ann["confirmed"]["k"], &ann["confirmed"]["n"]), (&json!(2), &json!(4)));
    assert_eq!((&ann["caught"]["k"], &ann["caught"]["n"]), (&json!(1), &json!(1)));
}

#[test]
fn several_tasks_are_one_json_document() {
    let repo = Repo::with_config(
        "format: 1\ntasks:\n  clarity:\n    type: categorical\n    classes: [clear, vague]\n  tone:\n    type: categorical\n    \
         classes: [warm, cold]\n",
    );
    repo.file("a.csv", "item,labeler,clarity,tone\ni1,ann,clear,warm\ni1,bob,clear,cold\n");
    repo.ok("commit a.csv --map task:clarity=clarity --map task:tone=tone");
    let all = repo.json("labelers");
    assert_eq!(all["schema"], "hitl.labelers-tasks/1");
    let tasks = all["tasks"].as_array().unwrap().iter().map(|report| report["task"].as_str().unwrap());
    assert_eq!(tasks.collect::<Vec<_>>(), ["clarity", "tone"]);
    assert_eq!(repo.json("labelers --task tone")["task"], "tone");
}

#[test]
fn nothing_to_measure_and_wrong_requests() {
    let repo = Repo::sentiment();
    shot!("nothing", repo.run("labelers"));
    repo.commit("a.csv", &["i1 ann neutral"]);
    repo.run("labelers --task sentimnt").exits(2).says(&["sentiment"]);
    repo.run("labelers --since yesterday").exits(2).says(&["yesterday"]);
    repo.run("labelers --at nowhere").exits(2);
    repo.run("labelers labels.csv").exits(2);
    repo.file("hitl.yaml", "format: 1\ntasks: [\n");
    repo.run("labelers").exits(2).says(&["fault in hitl.yaml"]);
}
