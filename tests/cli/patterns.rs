//! `hitl patterns`: what is found, how it is told, applied and compared.

use std::fmt::Write as _;

use crate::repo::Repo;

const CONFIG: &str = "\
format: 1
tasks:
  grammar: {type: text}
corrections:
  accept: {max_similarity: 1}
";

/// Writes `count` sentences, every third with a mistake that its reviewer mends.
fn sentences(prefix: &str, count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        let labeler = if n % 2 == 0 { "ana" } else { "raj" };
        let (wrong, right) = if n % 3 == 0 { ("alot", "a lot") } else { ("much", "much") };
        let say = |word: &str| format!("They like number {n} very {word} indeed.");
        let (original, corrected) = (say(wrong), say(right));
        let item = format!("{prefix}{n:03}");
        writeln!(
            text,
            r#"{{"item":"{item}","labeler":"{labeler}","original":"{original}","corrected":"{corrected}","reason":"two words"}}"#
        )
        .unwrap();
    }
    text
}

fn reviewed() -> Repo {
    let repo = Repo::with_config(CONFIG);
    repo.file("a.jsonl", sentences("a", 120));
    repo.ok("commit a.jsonl --kind corrections -m 'first'");
    repo
}

#[test]
fn a_rule_is_told_with_its_counts_and_examples() {
    let repo = reviewed();
    shot!("human", repo.run("patterns"));
    shot!("markdown", repo.run("patterns --format md"));
    let report = repo.json("patterns");
    let rule = &report["rules"][0];
    for field in [
        "id",
        "status",
        "when",
        "instead_of",
        "do",
        "reason",
        "items",
        "labelers",
        "support",
        "precision",
        "precision_low",
        "lift",
        "p",
        "q",
        "holdout_precision",
        "examples",
    ] {
        assert!(!rule[field].is_null(), "{field} is not in {rule}");
    }
    assert_eq!((&rule["status"], &rule["do"]), (&"accepted".into(), &"write a lot".into()));
    assert_eq!(repo.json("patterns")["rules"], report["rules"]);
}

#[test]
fn what_is_taken_back_is_in_no_rule() {
    let repo = reviewed();
    repo.ok("revert --labeler raj -m careless");
    let report = repo.json("patterns");
    assert_eq!(report["rules"][0]["status"], "style");
    assert_eq!(report["labelers"], 1);
    repo.ok("revert --labeler ana -m careless");
    shot!("nothing", repo.run("patterns").exits(1));
}

#[test]
fn rules_are_compared_with_those_of_a_base() {
    let repo = reviewed();
    repo.file("b.jsonl", sentences("b", 60));
    repo.ok("commit b.jsonl --kind corrections -m 'second'");
    shot!("since", repo.run("patterns --base HEAD^ --limit 0"));
    let since = repo.json("patterns --base HEAD^")["since"].clone();
    assert_eq!(
        (&since["same_mistake"]["items"], &since["same_mistake"]["repeated"]),
        (&60.into(), &20.into())
    );
}

#[test]
fn accepted_rules_are_applied_to_what_is_new() {
    let repo = reviewed();
    repo.file("new.csv", "item,text\nn1,\"Alot of them, they say.\"\nn2,Nothing to mend here.\n");
    shot!("applied", repo.run("patterns apply new.csv"));
    let one = repo.json("patterns apply --input 'I like it alot.'");
    assert_eq!(one["applied"][0]["fired"][0]["result"], "I like it a lot.");
    repo.run("patterns apply").exits(2);
}

#[test]
fn a_command_words_rules_and_the_numbers_stay() {
    let repo = reviewed();
    let told = repo.json("patterns --phrase-with 'cat >/dev/null; echo Two words, please'");
    assert_eq!(told["rules"][0]["phrase"], "Two words, please");
    assert_eq!(told["rules"][0]["items"], repo.json("patterns")["rules"][0]["items"]);
    shot!("phrase_failed", repo.run("patterns --phrase-with 'exit 3'").exits(2));
}

#[test]
fn a_label_that_people_change_is_a_rule() {
    let repo = Repo::sentiment();
    let (mut guesses, mut labels) = ("item,label,confidence\n".to_owned(), "item,labeler,label\n".to_owned());
    for n in 0..150 {
        let guess = if n % 3 == 0 { "neutral" } else { "positive" };
        writeln!(guesses, "i{n:03},{guess},0.{}", 50 + n % 50).unwrap();
        let label = if guess == "neutral" { "negative" } else { "positive" };
        writeln!(labels, "i{n:03},{},{label}", if n % 2 == 0 { "ana" } else { "raj" }).unwrap();
    }
    repo.file("guesses.csv", guesses);
    repo.file("labels.csv", labels);
    repo.ok("commit guesses.csv --kind predictions --labeler m1 --labeler-kind model");
    repo.ok("commit labels.csv");
    shot!("labels", repo.run("patterns"));
}
