//! Real labels: 8,000 answers of 164 people to 800 questions of textual entailment (Snow et al. 2008)

use std::path::{Path, PathBuf};

use crate::repo::Repo;

/// Answered 760 questions, half of them wrongly: two ways to answer, so a coin would have done as well.
const COIN: &str = "A11GX90QFWDLMM";

/// The folder of real data that lies beside the project or further up, where there is one.
fn data(name: &str) -> Option<PathBuf> {
    let found =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|dir| dir.join("shared/data").join(name));
    let found = found.into_iter().find(|path| path.is_dir());
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: needs shared/data/{name}");
        }
    }
    found
}

#[test]
fn one_of_164_labelers_is_taken_back_as_if_she_had_never_been() {
    let Some(data) = data("snow-rte") else { return };
    let text = std::fs::read_to_string(data.join("labels.csv")).unwrap();
    let repo = Repo::new("rte", &["0", "1"]);
    repo.file("labels.csv", &text);
    assert_eq!(repo.adds("labels.csv"), (8000, 0));
    shot!("agreement", repo.run("agreement"));
    repo.ok("snapshot create before");
    shot!("revert", repo.run(&format!("revert --labeler {COIN} -m 'no better than a coin'")));
    repo.ok("snapshot create after");
    shot!("snapshot_diff", repo.run("snapshot diff before after --limit 5"));

    let never = Repo::new("rte", &["0", "1"]);
    let others: Vec<&str> = text.lines().filter(|line| !line.contains(COIN)).collect();
    never.file("labels.csv", others.join("\n"));
    assert_eq!(never.adds("labels.csv"), (8000 - 760, 0));
    assert_eq!(repo.json("snapshot show after")["digest"], never.digest("after").as_str());

    // The next full export, in another order, does not bring her back.
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    repo.file("next.csv", lines.join("\n"));
    assert_eq!(repo.adds("next.csv"), (0, 760));
    assert_eq!(repo.json("snapshot verify before")["ok"], true);
    repo.ok("fsck");
}

#[test]
fn re_answers_with_times_are_history() {
    let Some(data) = data("prodigy") else { return };
    let repo = Repo::new("answer", &["accept", "reject", "ignore"]);
    repo.file("labels.csv", std::fs::read(data.join("labels.csv")).unwrap());
    shot!("prodigy_plan", repo.run("commit labels.csv --dry-run"));
    repo.ok("commit labels.csv");
    shot!("prodigy_status", repo.run("status"));
    let task = repo.json("status")["tasks"][0].clone();
    assert_eq!(task["conflicts"], 0);
    let count = |what: &str| task[what].as_u64().unwrap();
    assert_eq!(count("judgements"), count("current") + count("superseded"));
    assert_eq!(repo.adds("labels.csv"), (0, 0));
}

/// JFLEG: 1,501 sentences of learners of English, each corrected by four people (Napoles et al. 2017).
#[test]
fn rules_of_real_corrections_are_borne_out_by_the_items_held_out() {
    let Some(data) = data("jfleg") else { return };
    let config = "format: 1\ntasks:\n  grammar: {type: text}\ncorrections:\n  accept: {max_similarity: 1, min_length: 0}\n";
    let repo = Repo::with_config(config);
    for name in ["dev", "test"] {
        let file = format!("corrections_{name}.jsonl");
        repo.file(&file, std::fs::read(data.join(&file)).unwrap());
        repo.ok(&format!("commit {file} --kind corrections --map item_id=item"));
    }
    let report = repo.json("patterns");
    assert_eq!(
        (&report["reviews"], &report["items"], &report["held_out_items"]),
        (&6004.into(), &1501.into(), &754.into())
    );
    let rules = report["rules"].as_array().unwrap();
    let accepted: Vec<_> = rules.iter().filter(|rule| rule["status"] == "accepted").collect();
    let wants: Vec<&str> = accepted.iter().map(|rule| rule["do"].as_str().unwrap()).collect();
    assert_eq!(wants, ["start with a capital", "write I", "insert ."]);
    for rule in accepted {
        let value = |name: &str| rule[name].as_f64().unwrap();
        let (low, held_out, high) =
            (value("precision_low"), value("holdout_precision"), value("precision_high"));
        assert!(low <= held_out && held_out <= high, "{rule}");
    }
}
