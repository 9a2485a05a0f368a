//! `hitl audit`

use crate::repo::Repo;
use crate::signing::{has_ssh_keygen, signing};

fn history() -> Repo {
    let repo = Repo::sentiment();
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01 -m first");
    repo.labels("a.csv", &["i1 ann neutral 2025-05-01", "i1 bob negative 2025-05-02"]);
    repo.ok("commit a.csv --guideline tone --origin fresh -m 'week 1'");
    repo.ok("snapshot create v1");
    repo.ok("revert --labeler bob -m '=HYPERLINK(\"http://x\")'");
    repo.ok("adjudicate i1 positive -m 'it is' --labeler kim");
    repo
}

#[test]
fn every_act_in_order() {
    shot!("acts", history().run("audit"));
}

#[test]
fn changes_of_rules_are_told() {
    let repo = history();
    repo.file(
        "labelers.yaml",
        "labelers:\n  ann:\n    roles: [labeler]\n  carol:\n    aliases: [ada@example.com]\n    roles: [maintainer]\n    \
         keys:\n      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGvlYs5KDKNWFZlYCqTPsqnFZ8xEQNSNyKJFc1mY8rkS\n",
    );
    repo.git("add labelers.yaml");
    repo.git("commit -q -m people");
    let text =
        repo.read("labelers.yaml").replace("[labeler]", "[labeler, adjudicator]\n    status: suspended");
    repo.file("labelers.yaml", text);
    repo.file("hitl.yaml", repo.read("hitl.yaml").replace("neutral,", "neutral, mixed,"));
    repo.git("commit -q -a -m 'more rules'");
    shot!("rules", repo.run("audit --since HEAD~2"));
}

#[test]
fn what_changed_in_the_checks_is_told_old_and_new() {
    let repo = Repo::sentiment();
    let rules = repo.read("hitl.yaml");
    let checks = "checks:\n  conflicts: error\n  gold: {min_accuracy: 0.9}\n  agreement: [{floor: 0.667}]\n";
    repo.file("hitl.yaml", format!("{rules}\n{checks}"));
    repo.git("commit -q -a -m 'what has to pass'");
    let looser = checks.replace("conflicts: error", "conflicts: warning").replace("0.667", "0.2");
    repo.file("hitl.yaml", format!("{rules}\n{looser}").replace("0.9", "0.5"));
    repo.git("commit -q -a -m 'let it pass'");
    shot!("checks", repo.run("audit --since HEAD~2"));
}

#[test]
fn what_a_revert_covers_is_told_where_manifests_tell() {
    let repo = history();
    let acts = repo.json("audit")["acts"].clone();
    let rows = |acts: &serde_json::Value, kind: &str| -> Vec<serde_json::Value> {
        let acts = acts.as_array().unwrap().iter();
        acts.filter(|act| act["act"] == kind).map(|act| act["rows"].clone()).collect()
    };
    assert_eq!(rows(&acts, "revert"), [serde_json::json!(1)]);
    assert_eq!(rows(&acts, "tasks"), [serde_json::Value::Null]);
    repo.ok("revert --guideline tone@1 -m 'bad text'");
    let id = repo.json("log")["entries"][0]["id"].as_str().unwrap().to_owned();
    repo.ok(&format!("revert {id} -m 'good text'"));
    let acts = repo.json("audit --since HEAD~2")["acts"].clone();
    assert_eq!(rows(&acts, "revert"), [serde_json::Value::Null, serde_json::Value::Null]);
}

#[test]
fn names_are_for_people_alone() {
    let repo = history();
    repo.ok("labelers names bob 'Bob Stone'");
    repo.ok("audit").says(&["by ann (1), bob (Bob Stone) (1)"]);
    repo.ok("trace i1").says(&["bob (Bob Stone) said negative", "labelled by bob (Bob Stone)\n"]);
    assert!(repo.run("trace i1 --snapshot v1").out.contains("bob (Bob Stone) said"));
    assert!(!repo.run("trace i1 --snapshot v1 --format json").out.contains("Stone"));
    repo.ok("trace --labeler bob").says(&["labeler bob (Bob Stone)"]);
    for form in ["json", "csv", "html", "md"] {
        assert!(!repo.ok(&format!("audit --format {form}")).out.contains("Stone"), "{form}");
    }
    for form in ["json", "prov"] {
        assert!(!repo.ok(&format!("trace i1 --format {form}")).out.contains("Stone"), "{form}");
    }
}

#[test]
fn a_form_that_is_not_there_is_refused_by_those_that_are() {
    let repo = Repo::sentiment();
    repo.run("audit --format prov")
        .exits(2)
        .says(&["this has no PROV form; it has human, json, md, html and csv"]);
    repo.run("log --format csv").exits(2).says(&["this has no CSV form; it has human and json"]);
    let repo = history();
    repo.run("labelers --format html").exits(2).says(&["this has no HTML form; it has human, json and md"]);
}

#[test]
fn files_that_somebody_removed_are_told() {
    let repo = history();
    let path = repo.git("ls-files ledger/labels").lines().next().unwrap().to_owned();
    repo.git(&format!("rm -q {path}"));
    repo.git("commit -q -m 'out with it'");
    let manifest = path.replace(".parquet", ".yaml");
    repo.git(&format!("rm -q {manifest}"));
    repo.git("commit -q -m 'all of it'");
    shot!("removed", repo.run("audit --since HEAD~2"));
    assert_eq!(repo.json("audit")["counts"]["refused"], 2);
}

#[test]
fn a_spreadsheet_runs_nothing() {
    let repo = history();
    let answer = repo.ok("audit --format csv");
    assert!(answer.out.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{answer}");
    shot!("csv", answer);
}

#[test]
fn pages_escape_what_comes_from_data() {
    let repo = history();
    repo.labels("b.csv", &["i2 <script>alert(1)</script> neutral"]);
    repo.ok("commit b.csv -m '<img src=x> | [a](b)'");
    let page = repo.ok("audit --format html").out;
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    shot!("markdown", repo.run("audit --since HEAD~1 --format md"));
}

#[test]
fn nothing_and_what_is_unknown() {
    let repo = Repo::sentiment();
    shot!("nothing", repo.run("audit --since HEAD"));
    repo.run("audit --since nowhere").exits(2);
}

#[test]
fn a_signed_act_is_told_apart_from_a_claim() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = signing();
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01"]);
    let public = std::fs::read_to_string(repo.dir().parent().unwrap().join("ada.pub")).unwrap();
    repo.file(
        "labelers.yaml",
        format!("labelers:\n  ann:\n    aliases: [ada@example.com]\n    keys:\n      - {}\n", public.trim()),
    );
    repo.git("add labelers.yaml");
    repo.git("commit -q -m people");
    repo.ok("snapshot create v1");
    let report = repo.json("audit");
    let acts = report["acts"].as_array().unwrap();
    let of = |kind: &str| acts.iter().find(|act| act["act"] == kind).unwrap();
    for kind in ["labels", "snapshot"] {
        assert_eq!(of(kind)["standing"]["signers"][0]["worth"], "verified", "{kind}: {report}");
    }
    assert_eq!(report["counts"]["signed"], 2, "{report}");
    repo.ok("audit").says(&["recorded by ann (signature verified)", "2 signed"]);
}

#[test]
fn a_revert_of_a_revert_and_a_late_signature_are_told() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = signing();
    let id = repo.commit("a.csv", &["i1 ann neutral 2025-05-01", "i1 bob positive 2025-05-01"]);
    repo.ok("revert --labeler bob -m wrong --no-sign");
    let revert = repo.json("log")["entries"][0]["id"].as_str().unwrap().to_owned();
    repo.ok(&format!("revert {revert} -m right"));
    // Somebody else vouches for the batch, later.
    let eve = crate::signing::key(&repo, "eve", "");
    let path =
        repo.git("ls-files ledger/labels").lines().find(|path| path.ends_with(".yaml")).unwrap().to_owned();
    let print = format!(
        "ssh-keygen -l -f {}.pub | cut -d' ' -f2 | cut -d: -f2 | tr -d '\\n' | python3 -c \"import sys,base64;print(base64.b64decode(sys.stdin.read()+'=').hex())\"",
        eve.display()
    );
    let print = repo.shell(&print).exits(0).out.trim().to_owned();
    let sig = path.replace(".yaml", &format!(".{print}.sig"));
    repo.shell(&format!(
        "printf 'hitl record 1\\n{id}\\n' | ssh-keygen -q -Y sign -n hitl-record -f {} > {sig}",
        eve.display()
    ))
    .exits(0);
    repo.git("add ledger");
    repo.git("commit -q -m 'eve vouches for it'");
    repo.ok("audit").says(&[
        "revert: takes back judgements by bob",
        &format!("revert: takes back revert {}", &revert[..10]),
        &format!("signature: record {} signed by an undeclared key", &id[..10]),
    ]);
    let report = repo.json("audit --since HEAD~1");
    assert_eq!((&report["counts"]["acts"], &report["acts"][0]["act"]), (&1.into(), &"signature".into()));
}
