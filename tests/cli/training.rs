//! `hitl snapshot export --to sft|completion|dpo|hf …` and `hitl snapshot few-shot`, of corrections.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use hitl::snapshot::Split;

use crate::repo::Repo;

const CONFIG: &str = "format: 1\ntasks:\n  reply:\n    type: text\n    question: Make it sound like us.\n";

/// Texts that are not to be learned from, one for each reason.
const HIDDEN: &[&str] =
    &["SUGGESTED", "NOTTOLEARN", "OVERRULED", "REVERTED", "TOOSIMILAR", "SHORT", "UNSURE", "SUPERSEDED"];

/// Every format of an export.
const FORMATS: &[&str] = &[
    "csv",
    "jsonl",
    "parquet",
    "arrow",
    "hf",
    "sft",
    "completion",
    "completion-chat",
    "dpo",
    "dpo-chat",
    "dpo-openai",
];

fn correction(item: &str, labeler: &str, original: &str, corrected: &str) -> Value {
    json!({
        "item": item, "labeler": labeler, "original": original, "corrected": corrected,
        "verdict": "corrected", "created_at": "2025-05-01",
    })
}

fn with(mut row: Value, fields: Value) -> Value {
    row.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    row
}

fn commit(repo: &Repo, file: &str, rows: &[Value]) {
    repo.file(file, rows.iter().map(|row| format!("{row}\n")).collect::<String>());
    repo.ok(&format!("commit {file} --kind corrections"));
}

/// A repository with corrections to learn from, and with one of every sort that is not learned from.
fn replies() -> Repo {
    let repo = Repo::with_config(CONFIG);
    let asked = json!({ "context": { "prompt": "Can I get my money back?" }, "source": "bot-2" });
    let refund = "We can refund you within 14 days.";
    let told = json!({ "reason": "policy of May", "categories": ["policy", "tone"], "severity": "major" });
    commit(
        &repo,
        "a.jsonl",
        &[
            with(with(correction("r1", "ann", "We do not refund.", refund), asked.clone()), told),
            with(
                with(correction("r1", "bob", "We do not refund.", refund), asked.clone()),
                json!({ "reason": "wrong" }),
            ),
            with(correction("r1", "cleo", "We do not refund.", "Of course, within 14 days."), asked),
            with(
                correction("r2", "ann", "Good morning to you!", ""),
                json!({ "verdict": "approved", "corrected": null }),
            ),
            with(
                correction("r3", "bob", "Buy now, cheap!", ""),
                json!({ "verdict": "rejected", "corrected": null }),
            ),
            with(
                correction("r4", "cleo", "How are you today?", "SUGGESTED how are you?"),
                json!({ "verdict": "suggested" }),
            ),
            with(
                correction("r5", "dan", "Your ticket is closed.", "NOTTOLEARN it is closed."),
                json!({ "should_learn": false }),
            ),
            correction("r6", "dan", "See you on monday then.", "OVERRULED on monday."),
            correction("r7", "eve", "It will be sent today.", "REVERTED it is sent."),
            correction(
                "r8",
                "dan",
                "A long sentence about parcels, TOOSIMILAR.",
                "A long sentence about parcels. TOOSIMILAR.",
            ),
            correction("r9", "dan", "A long sentence about parcels.", "SHORT."),
            correction(
                "r10",
                "ann",
                "He said \"no\"\n\tand 👩‍👩‍👧 left",
                "He said „no“\r\nand 👩‍👩‍👧 left ```with``` us 因为",
            ),
            correction("r11", "fay", "Which of the two is it?", "UNSURE which of the two."),
            correction("r12", "bob", "The parcel are lost.", "SUPERSEDED parcels are lost."),
        ],
    );
    repo.git("checkout --quiet -b other HEAD~1");
    commit(&repo, "c.jsonl", &[correction("r11", "fay", "Which of the two is it?", "UNSURE which it is.")]);
    repo.git("checkout --quiet main");
    repo.git("merge --quiet --no-edit other");
    commit(
        &repo,
        "b.jsonl",
        &[with(
            correction("r12", "bob", "The parcel are lost.", "The parcel is lost."),
            json!({ "created_at": "2025-05-02" }),
        )],
    );
    repo.ok("adjudicate r6 'See you on Monday, then.' --labeler kim -m 'days have capitals'");
    repo.ok("revert --labeler eve -m careless");
    repo
}

/// Every byte that an export wrote, Parquet unpacked, with the paths.
fn exported(repo: &Repo, name: &str, format: &str) -> String {
    let folder = format!("out-{name}-{format}");
    repo.ok(&format!("snapshot export {name} -o {folder} --to {format}"));
    let mut text = String::new();
    let mut folders = vec![repo.dir().join(&folder)];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            text += &format!("== {}\n", path.file_name().unwrap().to_str().unwrap());
            match bytes.starts_with(b"PAR1") {
                true => text += &format!("{:?}\n", hitl::shard::read_foreign(&bytes).unwrap().columns),
                false => text += &String::from_utf8_lossy(&bytes),
            }
        }
    }
    text
}

#[test]
fn what_is_not_to_be_learned_is_in_no_export() {
    let repo = replies();
    repo.ok("snapshot create v1 --kind corrections");
    for format in FORMATS {
        let text = exported(&repo, "v1", format);
        for hidden in HIDDEN {
            assert!(!text.contains(hidden), "{hidden} is in {format}:\n{text}");
        }
        for learned in ["within 14 days", "See you on Monday, then."] {
            assert!(text.contains(learned), "{learned} is not in {format}:\n{text}");
        }
        assert_eq!(text.contains("Good morning to you!"), !format.starts_with("dpo"), "{format}");
        let is_table = ["csv", "jsonl", "parquet", "arrow", "hf"].contains(format);
        assert_eq!(text.contains("Buy now, cheap!"), is_table, "{format}");
    }
    for hidden in HIDDEN {
        let pack = repo.json(&format!("snapshot few-shot v1 --input '{hidden} parcels it how closed' -k 99"));
        let shown = [&pack["text"], &pack["examples"]].map(ToString::to_string).concat();
        assert!(!shown.contains(hidden), "{shown}");
        assert!(!shown.contains("Buy now"), "{shown}");
    }
}

#[test]
fn who_is_taken_back_is_in_the_next_snapshot_no_more_and_the_old_one_stays() {
    let repo = replies();
    repo.ok("snapshot create v1 --kind corrections");
    let before: Vec<String> = FORMATS.iter().map(|format| exported(&repo, "v1", format)).collect();
    repo.ok("revert --labeler cleo -m careless");
    repo.ok("snapshot create v2 --kind corrections");
    repo.ok("snapshot verify v1");
    for (format, before) in FORMATS.iter().zip(before) {
        assert!(before.contains("Of course, within 14 days."), "{format}");
        assert!(!exported(&repo, "v2", format).contains("Of course"), "{format}");
        assert_eq!(exported(&repo, "v1", format), before, "{format}");
    }
}

#[test]
fn rows_as_training_programs_read_them() {
    let repo = replies();
    repo.ok("snapshot create v1 --kind corrections --split train=0.5,test=0.5");
    shot!("sft", repo.run("snapshot export v1 -o sft --to sft"));
    shot!("sft_train", repo.read("sft/train.jsonl"));
    assert_eq!(repo.read("sft/train.items").lines().count(), repo.read("sft/train.jsonl").lines().count());
    shot!("dpo", repo.run("snapshot export v1 -o dpo --to dpo --instruction 'Rewrite this.'"));
    shot!("dpo_train", repo.read("dpo/train.jsonl"));
    shot!("dpo_json", repo.run("snapshot export v1 -o dpo --to dpo-openai --format json"));
    shot!("csv", repo.run("snapshot export v1 -o csv --to csv"));
    shot!("csv_train", repo.read("csv/train.csv"));
    shot!("with_create", repo.run("snapshot create v2 --kind corrections -o v2 --to completion"));
    shot!("completion", repo.read("v2/v2.jsonl"));
    assert!(!repo.dir().join("v2/train.jsonl").exists());
    repo.run("snapshot export v1 -o x --to csv --instruction no").exits(2).says(&["training rows"]);
}

#[test]
fn examples_for_a_prompt() {
    let repo = replies();
    repo.ok("snapshot create v1 --kind corrections");
    shot!("few_shot", repo.run("snapshot few-shot v1 --input 'The parcel are here on monday' -k 2"));
    shot!("few_shot_md", repo.run("snapshot few-shot v1 --input 'He left' -k 1 --format md"));
    shot!("few_shot_json", repo.run("snapshot few-shot v1 --input 'I do not refund' -k 1 --format json"));
    let from_pipe =
        repo.run_with("snapshot few-shot v1 --input-from - -k 2", b"The parcel are here on monday");
    assert_eq!(
        from_pipe.out,
        repo.run("snapshot few-shot v1 --input 'The parcel are here on monday' -k 2").out
    );
    let without = repo.json("snapshot few-shot v1 --input 'The parcel are lost.' --without r12");
    assert!(!without["examples"].to_string().contains("r12"), "{without}");
    shot!("few_shot_none", repo.run("snapshot few-shot v1 --input 'xyzzy'"));
    shot!("few_shot_no_room", repo.run("snapshot few-shot v1 --input 'The parcel' --max-chars 10"));
    repo.run("snapshot few-shot v1 --input x -k 0").exits(2).says(&["0 is not in 1.."]);
    repo.run("snapshot few-shot v1 --input x --part test").exits(2).says(&["no part `test`", "no split"]);
    shot!("few_shot_no_input", repo.run("snapshot few-shot v1"));
}

#[test]
fn labels_are_no_training_rows_and_nothing_is_frozen_for_them() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01"]);
    let before = repo.state();
    shot!("labels_refused", repo.run("snapshot create v1 -o out --to dpo"));
    assert_eq!(repo.state(), before);
    repo.ok("snapshot create v1");
    repo.run("snapshot export v1 -o out --to sft").exits(2).says(&["holds labels"]);
    repo.run("snapshot few-shot v1 --input x").exits(2).says(&["holds labels"]);
    assert!(!repo.dir().join("out").exists());
    repo.ok("snapshot export v1 -o out --to hf");
    assert!(repo.read("out/README.md").contains("- split: \"train\"\n    path: \"data/v1.parquet\""));
}

#[test]
fn a_failing_export_leaves_nothing() {
    let repo = replies();
    repo.ok("snapshot create v1 --kind corrections");
    repo.file("out/data", "in the way");
    shot!("in_the_way", repo.run("snapshot export v1 -o out --to hf"));
    assert_eq!(std::fs::read_dir(repo.dir().join("out")).unwrap().count(), 1);
}

#[test]
fn a_label_is_an_answer_to_its_item() {
    let repo = Repo::sentiment();
    repo.file("items.jsonl", "{\"item\": \"i1\", \"text\": \"I love it\"}\n");
    repo.ok("commit items.jsonl --kind items");
    commit(&repo, "c.jsonl", &[correction("i1", "ann", "negative", "positive")]);
    repo.ok("snapshot create v1 --kind corrections");
    repo.ok("snapshot export v1 -o out --to dpo");
    assert_eq!(
        repo.read("out/v1.jsonl"),
        "{\"prompt\":\"I love it\\n\\n\",\"chosen\":\"positive\",\"rejected\":\"negative\"}\n"
    );
}

#[test]
fn a_label_is_never_its_own_question() {
    let repo = Repo::sentiment();
    repo.file("items.jsonl", "{\"item\": \"i1\", \"text\": \"I love it\"}\n");
    repo.ok("commit items.jsonl --kind items");
    let place = json!({ "context": { "url": "https://example.org" } });
    commit(
        &repo,
        "c.jsonl",
        &[
            with(correction("i1", "ann", "negative", "positive"), place.clone()),
            with(correction("i2", "ann", "negative", "positive"), place),
            correction("i3", "ann", "negative", "neutral"),
        ],
    );
    repo.ok("snapshot create v1 --kind corrections");
    let report = repo.json("snapshot export v1 -o out --to completion");
    assert_eq!(report["left_out"], json!({ "no_prompt": 2 }));
    assert_eq!(repo.read("out/v1.jsonl"), "{\"prompt\":\"I love it\\n\\n\",\"completion\":\"positive\"}\n");
}

#[test]
fn parts_are_named_so_that_datasets_takes_them() {
    let repo = replies();
    repo.ok("snapshot create v1 --kind corrections --split no=0.5,2024=0.5");
    repo.ok("snapshot export v1 -o out --to hf");
    for name in ["no", "2024"] {
        assert!(repo.read("out/README.md").contains(&format!("- split: \"{name}\"\n")), "{name}");
    }
    let before = repo.state();
    for (split, says) in [("a-b=0.5,a_b=0.5", "`a-b` and `a_b`"), ("all=0.5,test=0.5", "`all`")] {
        let create = format!("snapshot create v2 --kind corrections --split {split}");
        repo.run(&format!("{create} -o hub --to hf")).exits(2).says(&[says]);
        assert_eq!(repo.state(), before, "nothing is frozen");
    }
    repo.ok("snapshot create v2 --kind corrections --split a-b=0.5,a_b=0.5 -o csv --to csv");
    repo.run("snapshot export v2 -o hub --to hf").exits(2).says(&["would both be `a_b`"]);
    assert!(!repo.dir().join("hub").exists());
}

#[test]
fn without_rows_nothing_is_written_that_a_training_program_cannot_open() {
    let repo = Repo::with_config(CONFIG);
    let rejected = json!({ "verdict": "rejected", "corrected": null });
    commit(
        &repo,
        "a.jsonl",
        &[with(
            correction("r1", "ann", "Buy now, cheap!", "Buy it cheap."),
            json!({ "should_learn": false }),
        )],
    );
    let before = repo.state();
    for format in ["hf", "sft", "dpo"] {
        let line = format!("snapshot create v1 -o out --to {format}");
        repo.run(&line).exits(2).says(&["`v1` holds no correction", format, "hitl status"]);
    }
    assert_eq!(repo.state(), before, "nothing is frozen");
    repo.run("snapshot create v1").exits(0).says(&["holds no correction", "hitl status"]);
    repo.run("snapshot export v1 -o out --to hf").exits(2).says(&["`v1` holds no correction"]);
    commit(&repo, "b.jsonl", &[with(correction("r2", "ann", "Buy now, cheap!", ""), rejected)]);
    repo.ok("snapshot create v2");
    repo.run("snapshot export v2 -o out --to sft")
        .exits(2)
        .says(&["none of the 1 correction of snapshot `v2`"]);
    assert!(!repo.dir().join("out").exists());
    repo.ok("snapshot export v1 -o out --to csv");
}

#[test]
fn an_export_goes_into_no_folder_that_holds_another() {
    let repo = replies();
    repo.ok("snapshot create v1 --kind corrections --split old=0.5,test=0.5");
    repo.ok("snapshot export v1 -o out --to dpo");
    repo.ok("snapshot export v1 -o out --to dpo-chat");
    let before = repo.read("out/old.jsonl");
    repo.ok("revert --labeler cleo -m careless");
    let frozen = repo.state();
    repo.run("snapshot create v2 --kind corrections --split train=0.5,test=0.5 -o out --to dpo")
        .exits(2)
        .says(&["out holds an export of snapshot `v1`", "another folder"]);
    assert_eq!(repo.state(), frozen, "nothing is frozen");
    repo.ok("snapshot create v2 --kind corrections --split train=0.5,test=0.5");
    for (name, format, says) in [
        ("v2", "dpo", "out holds an export of snapshot `v1`"),
        ("v1", "csv", "old.items is there"),
        ("v1", "parquet", "old.items is there"),
        ("v1", "hf", "old.items is there"),
    ] {
        repo.run(&format!("snapshot export {name} -o out --to {format}")).exits(2).says(&[says]);
    }
    repo.file("own/README.md", "mine");
    repo.run("snapshot export v1 -o own --to hf").exits(2).says(&["own/README.md is there"]);
    repo.ok("snapshot export v1 -o own --to sft");
    repo.file("out/snapshot.yaml", "no lock");
    repo.run("snapshot export v1 -o out --to dpo").exits(2).says(&["out/snapshot.yaml is there"]);
    assert_eq!((repo.read("out/old.jsonl"), repo.read("own/README.md")), (before, "mine".to_owned()));
}

/// Sentences of which those of the part `test`, and no other, have a mistake now and then that two people mend.
fn mistakes_in_test(split: &str) -> Repo {
    let repo = Repo::with_config(
        "format: 1\ntasks:\n  grammar: {type: text}\ncorrections:\n  accept: {max_similarity: 1}\n",
    );
    let parts = Split::parse(split, "0").unwrap();
    let sentence = |n: usize| {
        let item = format!("a{n:03}");
        let is_wrong = n.is_multiple_of(3) && parts.parts[parts.part_of(&item)].name == "test";
        let say = |word: &str| format!("They like number {n} very {word} indeed.");
        let (wrong, right) = if is_wrong { ("alot", "a lot") } else { ("much", "much") };
        let labeler = if n.is_multiple_of(2) { "ana" } else { "raj" };
        with(
            correction(&item, labeler, &say(wrong), &say(right)),
            match is_wrong {
                true => json!({ "reason": "two words" }),
                false => json!({ "verdict": "approved", "corrected": null }),
            },
        )
    };
    commit(&repo, "a.jsonl", &(0..300).map(sentence).collect::<Vec<_>>());
    repo.ok(&format!("snapshot create v1 --split {split}"));
    repo
}

#[test]
fn neither_examples_nor_rules_come_from_the_part_that_is_tested_on() {
    let repo = mistakes_in_test("test=0.5,train=0.5");
    let ask = "snapshot few-shot v1 --input 'We like it alot indeed.'";
    let train = repo.json(ask);
    assert_eq!(
        (&train["part"], &train["rules"], &train["examples"]),
        (&json!("train"), &json!([]), &json!([]))
    );
    repo.run(ask).exits(0).says(&["from part train alone", "shows a change for these words"]);
    let test = repo.json(&format!("{ask} --part test"));
    assert!(test["rules"][0].as_str().unwrap().contains("a lot"), "{test}");
    assert_eq!((&test["part"], test["examples"].as_array().unwrap().len()), (&json!("test"), 5));
    repo.run(&format!("{ask} --part dev")).exits(2).says(&["no part `dev`", "test, train"]);
    repo.ok("snapshot create v2 --split dev=0.5,test=0.5");
    assert_eq!(repo.json("snapshot few-shot v2 --input x")["part"], json!("dev"));
}

/// Opens a folder as users of Hugging Face's `datasets` do, and says what is in it.
const LOAD: &str = "\
import json, sys, datasets
datasets.disable_progress_bars()
loaded = datasets.load_dataset(sys.argv[1])
print(json.dumps({split: list(rows) for split, rows in loaded.items()}))
";

/// Whether python3 with `datasets` is there; says so where it is not, and fails under `HITL_TEST_ALL=1`.
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a test's own switch and word")]
fn has_datasets() -> bool {
    let found = Command::new("python3")
        .args(["-c", "import datasets"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        let all = std::env::var_os("HITL_TEST_ALL").is_some_and(|value| value == "1");
        assert!(!all, "needs python3 with datasets");
        println!("skipped: needs python3 with datasets");
    }
    found
}

fn load(repo: &Repo, folder: &Path) -> Value {
    let home = repo.dir().join("hf-home");
    let output = Command::new("python3")
        .args(["-c", LOAD, folder.to_str().unwrap()])
        .env("HF_HOME", &home)
        .env("HF_HUB_OFFLINE", "1")
        .current_dir(repo.dir())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn load_dataset_opens_the_folders_as_they_are() {
    if !has_datasets() {
        return;
    }
    let repo = replies();
    repo.ok("snapshot create v1 --kind corrections --split no=0.5,val-1=0.499999999,none=0.000000001");
    repo.ok("snapshot export v1 -o hf --to hf");
    shot!("card", repo.read("hf/README.md"));
    let loaded = load(&repo, &repo.dir().join("hf"));
    repo.ok("snapshot export v1 -o table --to jsonl");
    let read = |split: &str| -> Vec<Value> {
        let text = repo.read(&format!("table/{split}.jsonl"));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    assert_eq!(loaded["no"], Value::from(read("no")));
    assert_eq!(loaded["val_1"], Value::from(read("val-1")));
    assert_eq!(loaded.as_object().unwrap().len(), 2, "an empty split has no file");
    assert!(loaded.to_string().contains("👩‍👩‍👧"), "{loaded}");
    repo.ok(
        "snapshot create v3 --kind corrections --split train=0.999999999,test=0.000000001 -o rows --to sft",
    );
    assert_eq!(load(&repo, &repo.dir().join("rows")).as_object().unwrap().len(), 1, "nor here");
    repo.ok("snapshot create v2 --kind corrections");
    for format in ["sft", "completion", "completion-chat", "dpo", "dpo-chat", "dpo-openai"] {
        repo.ok(&format!("snapshot export v2 -o {format} --to {format}"));
        let rows = load(&repo, &repo.dir().join(format))["train"].as_array().unwrap().len();
        assert_eq!(rows, repo.read(&format!("{format}/v2.jsonl")).lines().count(), "{format}");
    }
}
