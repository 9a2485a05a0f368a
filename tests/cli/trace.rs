//! `hitl trace`

use crate::repo::Repo;

fn story() -> Repo {
    let repo = Repo::sentiment();
    repo.file("items.csv", "item,text\ni1,The bread was great\n");
    repo.ok("commit items.csv --kind items");
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01 -m first");
    repo.labels(
        "a.csv",
        &["i1 ann neutral 2025-05-01", "i1 bob negative 2025-05-02", "i2 ann neutral 2025-05-02"],
    );
    repo.ok("commit a.csv --guideline tone --origin fresh -m 'week 1'");
    repo.ok("snapshot create v1 --split train=0.5,test=0.5");
    repo.commit("b.csv", &["i1 ann positive 2025-05-08"]);
    repo.ok("revert --labeler bob -m 'bob clicked through'");
    repo
}

#[test]
fn the_story_of_one_item() {
    let repo = story();
    shot!("story", repo.run("trace i1"));
    let report = repo.json("trace i1");
    let task = &report["tasks"][0];
    assert_eq!(task["resolved"]["label"], "positive");
    let states: Vec<&str> =
        task["entries"].as_array().unwrap().iter().map(|entry| entry["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["superseded", "reverted", "current"]);
    assert_eq!(task["entries"][1]["reverted_by"][0]["message"], "bob clicked through");
}

#[test]
fn snapshots_that_hold_it_are_named() {
    let repo = story();
    assert_eq!(repo.json("trace i2")["snapshots"][0]["name"], "v1");
    repo.ok("trace i2 --task sentiment").says(&["v1"]);
}

#[test]
fn an_earlier_state_does_not_know_what_came_later() {
    let repo = story();
    assert_eq!(repo.json("trace i1 --at HEAD~2")["tasks"][0]["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn an_unknown_item_or_task() {
    let repo = story();
    shot!("unknown_item", repo.run("trace i11"));
    shot!("unknown_task", repo.run("trace i1 --task tone"));
}

#[test]
fn a_shallow_clone_says_what_it_cannot_show() {
    let repo = story();
    let clone = repo.clone_to("shallow", "--depth 1");
    shot!("shallow", repo.run_in(&clone, "trace i1", b""));
}

#[test]
fn a_snapshot_that_cannot_be_rebuilt_is_named() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01"]);
    repo.ok("snapshot create v1");
    repo.ok("snapshot create v2");
    let text = repo.read("snapshots/v1.yaml").replace("majority", "unanimous");
    repo.file("snapshots/v1.yaml", text);
    repo.git("commit -q -a -m forged");
    let report = repo.json("trace i1");
    assert_eq!(report["unknown_snapshots"], serde_json::json!(["v1"]));
    assert_eq!(report["snapshots"][0]["name"], "v2");
    repo.run("trace i1").exits(0).says(&["not known whether they hold it: v1"]);
}

#[test]
fn why_a_snapshot_holds_a_label() {
    let repo = story();
    shot!("why", repo.run("trace --snapshot v1 --item i2"));
    let report = repo.json("trace i2 --snapshot v1");
    assert_eq!(report["held"][0]["label"], "neutral");
    assert_eq!(report["same"], true);
}

#[test]
fn why_a_snapshot_holds_none_and_what_came_later() {
    let repo = story();
    let answer = repo.run("trace i1 --snapshot v1");
    assert_eq!(answer.code, 1, "i1 was a tie then: {answer}");
    shot!("why_not", answer);
    let report = repo.run("trace i1 --snapshot v1 --format json").json();
    let judgements = report["judgements"].as_array().unwrap();
    let why: Vec<&str> = judgements.iter().map(|one| one["why"].as_str().unwrap()).collect();
    assert_eq!(why, ["vote", "vote", "later"]);
    assert_eq!((&report["today"]["label"], &report["same"]), (&"positive".into(), &false.into()));
}

#[test]
fn what_a_labeler_touched_and_what_uses_it() {
    let repo = story();
    shot!("labeler", repo.run("trace --labeler bob"));
    let ann = repo.json("trace --labeler ann");
    assert_eq!((&ann["rows"], &ann["items"]), (&3.into(), &2.into()));
    assert_eq!((&ann["supports"], &ann["alone"]), (&2.into(), &2.into()), "{ann}");
    assert_eq!(ann["snapshots"][0]["rows"], 2);
    shot!("unknown_labeler", repo.run("trace --labeler bobb"));
}

#[test]
fn what_did_not_count_says_so_and_each_reason_once() {
    let repo = story();
    repo.labels("c.csv", &["i1 cyd neutral 2025-05-03"]);
    repo.ok("commit c.csv");
    repo.ok("adjudicate i1 positive -m 'it is' --labeler kim");
    repo.ok("snapshot create v2");
    shot!("why_overruled", repo.run("trace i1 --snapshot v2"));
}

#[test]
fn what_is_inert_counts_here_and_not_for_new_snapshots() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 bob neutral 2025-05-01"]);
    repo.file("labelers.yaml", "labelers:\n  max:\n    roles: [maintainer]\n");
    repo.git("add labelers.yaml");
    repo.git("commit -q -m people");
    let said = repo.ok("trace i1");
    let said = said.says(&["[counts here, and not for new snapshots]", "does not count for new snapshots:"]);
    assert!(!said.out.contains("[counts]"), "{said}");
    repo.ok("show HEAD~1").says(&["(unsigned)", "does not count for new snapshots:"]);
}

#[test]
fn what_somebody_recorded_for_others_is_told() {
    let repo = story();
    shot!("recorder", repo.run("trace --labeler 'Ada Author'"));
    let report = repo.json("trace --labeler ada@example.com");
    let kinds: Vec<&str> =
        report["recorded"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["items", "guidelines", "labels", "labels", "reverts"], "{report}");
    assert_eq!((&report["rows"], &report["frozen"][0]["name"]), (&0.into(), &"v1".into()));
    assert_eq!(repo.json("trace --labeler ann")["recorded"], serde_json::json!([]));
}

#[test]
fn what_a_file_a_batch_and_a_guideline_touched() {
    let repo = story();
    repo.file("renamed.txt", repo.read("a.csv"));
    shot!("file", repo.run("trace --file renamed.txt"));
    let id = repo.json("trace --file a.csv")["records"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(repo.json(&format!("trace --batch {id}"))["rows"], 3);
    assert_eq!(repo.json("trace --guideline tone@1")["states"]["reverted"], 1);
    assert_eq!(repo.json("trace --guideline tone")["items"], 2);
    repo.file("other.csv", "item,labeler,label\n");
    shot!("unknown_file", repo.run("trace --file other.csv"));
    repo.run("trace --guideline tine@1").exits(2).says(&["tone@1"]);
}

#[test]
fn what_was_made_with_a_guess_in_sight_is_told() {
    let repo = Repo::sentiment();
    repo.file("p.csv", "item,labeler,label,labeler_kind\ni1,bot-1,positive,model\n");
    repo.ok("commit p.csv --kind predictions");
    repo.file(
        "l.csv",
        "item,labeler,label,origin,shown,shown_by\ni1,ann,positive,confirmed,positive,bot-1\n",
    );
    repo.ok("commit l.csv");
    let report = repo.json("trace --labeler bot-1");
    assert_eq!(report["built_on"][0]["labeler"], "ann");
    let entry = &repo.json("trace i1")["tasks"][0]["entries"][0];
    let entries = repo.json("trace i1")["tasks"][0]["entries"].clone();
    let ann = entries.as_array().unwrap().iter().find(|one| one["labeler"] == "ann").unwrap();
    assert!(ann["shown_in"].is_string(), "{entry}");
}

#[test]
fn one_thing_is_asked_at_a_time() {
    let repo = story();
    shot!("nothing_asked", repo.run("trace"));
    shot!("two_asked", repo.run("trace i1 --labeler ann"));
    repo.run("trace --snapshot v1").exits(2);
    repo.run("trace --labeler ann --snapshot v1").exits(2);
}

#[test]
fn the_document_of_provenance_names_what_it_declares() {
    let repo = story();
    let answer = repo.ok("trace i1 --format prov");
    let document: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    let names = |kind: &str| -> Vec<String> {
        document[kind].as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default()
    };
    let declared: Vec<String> = ["entity", "activity", "agent"].iter().flat_map(|kind| names(kind)).collect();
    let refers = [
        "prov:entity",
        "prov:activity",
        "prov:agent",
        "prov:plan",
        "prov:generatedEntity",
        "prov:usedEntity",
        "prov:delegate",
        "prov:responsible",
        "prov:collection",
    ];
    let mut seen = 0;
    for (kind, members) in document.as_object().unwrap() {
        for (_, member) in members.as_object().unwrap().iter().filter(|_| kind != "prefix") {
            for key in refers {
                let Some(name) = member.get(key).and_then(|name| name.as_str()) else { continue };
                assert!(
                    declared.iter().any(|known| known == name),
                    "{kind} names {name}, which nothing declares"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "{seen}");
    for kind in [
        "wasGeneratedBy",
        "wasAttributedTo",
        "wasAssociatedWith",
        "used",
        "wasDerivedFrom",
        "wasInvalidatedBy",
        "actedOnBehalfOf",
        "hadMember",
    ] {
        assert!(!names(kind).is_empty(), "no {kind}");
    }
    repo.run("log --format prov").exits(2).says(&["this has no PROV form"]);
    repo.run("trace --labeler ann --format prov").exits(2);
}

const READ: &str = "
import sys, prov.model
document = prov.model.ProvDocument.deserialize(sys.argv[1], format='json')
kinds = sorted({type(record).__name__ for record in document.get_records()})
again = prov.model.ProvDocument.deserialize(content=document.serialize(format='json'), format='json')
assert document == again
print(' '.join(kinds))
";

/// Whether python3 with `prov` is there; says so where it is not, and fails under `HITL_TEST_ALL=1`.
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a test's own switch and word")]
fn has_prov() -> bool {
    let output = std::process::Command::new("python3").args(["-c", "import prov"]).output();
    let found = output.is_ok_and(|output| output.status.success());
    if !found {
        let all = std::env::var_os("HITL_TEST_ALL").is_some_and(|value| value == "1");
        assert!(!all, "needs python3 with prov");
        println!("skipped: needs python3 with prov");
    }
    found
}

#[test]
fn others_read_the_document_of_provenance() {
    if !has_prov() {
        return;
    }
    let repo = story();
    let file = repo.dir().join("i1.json");
    std::fs::write(&file, repo.ok("trace i1 --format prov").out).unwrap();
    let output = std::process::Command::new("python3").args(["-c", READ]).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    for kind in ["ProvDelegation", "ProvInvalidation", "ProvDerivation", "ProvMembership", "ProvAssociation"]
    {
        assert!(said.contains(kind), "{said}");
    }
}

#[test]
fn a_signature_and_a_claim_are_told_apart() {
    if !crate::signing::has_ssh_keygen() {
        return;
    }
    let repo = crate::signing::signing();
    let public = std::fs::read_to_string(repo.dir().parent().unwrap().join("ada.pub")).unwrap();
    repo.file(
        "labelers.yaml",
        format!("labelers:\n  ann:\n    aliases: [ada@example.com]\n    keys:\n      - {}\n", public.trim()),
    );
    repo.git("add labelers.yaml");
    repo.git("commit -q -m people");
    repo.commit("own.csv", &["i1 ann neutral 2025-05-01"]);
    repo.commit("other.csv", &["i1 bob positive 2025-05-02"]);
    repo.commit("both.csv", &["i2 ann positive 2025-05-02", "i2 cyd positive 2025-05-02"]);
    repo.ok("trace i1").says(&[
        "labelled by ann (signed by ann)",
        "labelled by bob (signed by ann for bob)",
        "by ann (signature verified)",
    ]);
    repo.ok("trace i2")
        .says(&["labelled by ann (signed by ann, among rows of", "labelled by cyd (signed by ann for cyd)"]);
    let entries = repo.json("trace i1")["tasks"][0]["entries"].clone();
    assert_eq!(entries[0]["carried"][0]["labelled"], serde_json::json!({ "how": "signed", "by": "ann" }));
    assert_eq!(entries[1]["carried"][0]["labelled"], serde_json::json!({ "how": "signed_for", "by": "ann" }));
}

#[test]
fn who_signed_a_commit_is_told_where_that_is_asked() {
    if !crate::signing::has_ssh_keygen() {
        return;
    }
    let repo = crate::signing::signing();
    repo.git("config gpg.format ssh");
    repo.git("config commit.gpgSign true");
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01"]);
    assert!(!repo.ok("trace i1").out.contains("in commit signed"));
    let report = repo.json("trace i1 --signatures");
    let commit = &report["tasks"][0]["entries"][0]["carried"][0]["commit"];
    assert_eq!(commit["signer"]["worth"], "unknown_key", "{report}");
    repo.ok("trace i1 --signatures").says(&["(signature of an undeclared key", "SHA256:"]);
    repo.git("config commit.gpgSign false");
    repo.ok("snapshot create v1 --no-sign");
    repo.ok("trace i1 --snapshot v1 --signatures").says(&["(signature of an undeclared key"]);
    repo.labels("b.csv", &["i2 ann neutral 2025-05-01"]);
    repo.ok("commit b.csv");
    repo.ok("trace i2 --signatures").says(&["(not signed)"]);
    assert!(!repo.ok("trace i2").out.contains("not signed"));
}
