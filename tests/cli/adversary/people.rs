//! Attacks on who may do what.
#![allow(clippy::disallowed_methods, reason = "tests read and write files as an attacker would")]

use std::path::Path;

use super::court::{Court, resign_as};

#[test]
fn honest_work_passes() {
    let Some(court) = Court::sit() else { return };
    court.act_as("bob");
    court.batch("more.csv", "bob", 20..25);
    court.repo.ok("revert --labeler bob -m 'my own'");
    court.act_as("carol");
    court.batch("import.csv", "eve", 30..33);
    court.act_as("val");
    court.repo.ok("snapshot create v2 --task tone");
    court.act_as("mia");
    court.repo.file(
        "labelers.yaml",
        court.repo.read("labelers.yaml").replace("[curator]", "[curator, adjudicator]"),
    );
    court.repo.git("commit --quiet -a -S -m 'carol may settle items'");
    court.lets_pass();
}

#[test]
fn a_forged_labeler() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    court.unguarded(|| court.batch("forged.csv", "bob", 20..25));
    court.refuses(&["role"], &["role"]);
}

#[test]
fn a_stolen_author_line() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    court.author("carol");
    court.unguarded(|| court.batch("stolen.csv", "bob", 20..25));
    court.refuses(&["signer_mismatch"], &["signer_mismatch"]);
}

#[test]
fn an_unsigned_batch() {
    let Some(court) = Court::sit() else { return };
    court.act_as("bob");
    court.unguarded(|| court.batch_with("unsigned.csv", "bob", 20..25, "--no-sign"));
    court.refuses(&["unsigned"], &["unsigned"]);
}

#[test]
fn a_key_that_has_ended_even_with_a_time_before_its_end() {
    let Some(court) = Court::sit() else { return };
    court.act_as("rita");
    let now = court.rita.borrow().clone();
    let script = format!(
        "printf 'item,labeler,label\\ni40,rita,yes\\n' > ../late.csv && HITL_NOW={now} hitl commit --task tone ../late.csv"
    );
    court.repo.shell(&script).exits(1).says(&["refused"]);
    court.unguarded(|| court.repo.shell(&script).exits(0));
    court.refuses(&["key_ended"], &["key_ended"]);
    // What she signed while it was good stays so: `fsck` names nothing else.
    let faults = court.repo.run("fsck --at attack --format json").json()["faults"].as_array().unwrap().len();
    assert_eq!(faults, 1);
    court.repo.run("fsck --at main").exits(0);
}

#[test]
fn a_role_that_somebody_gave_themself_in_the_same_branch() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    let people = court
        .repo
        .read("labelers.yaml")
        .replace("  eve:\n    roles: [labeler]", "  eve:\n    roles: [labeler, curator]");
    court.repo.file("labelers.yaml", people);
    court.repo.git("commit --quiet -a -S -m 'a small change'");
    court.repo.ok("revert --labeler bob -m 'not mine'");
    court.refuses(&["role"], &["role"]);
    let (_, findings) = court.findings("attack");
    let of =
        |check: &str| findings.iter().any(|finding| finding["check"] == check && finding["code"] == "role");
    assert!(of("authorisation") && of("policy"), "{findings:#?}");
}

#[test]
fn a_gate_that_is_loosened_in_the_same_branch() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    court.repo.file("hitl.yaml", format!("{}checks:\n  authorisation: off\n", court.repo.read("hitl.yaml")));
    court.repo.git("commit --quiet -a -S -m 'a small change'");
    court.unguarded(|| court.batch("forged.csv", "bob", 20..25));
    court.refuses(&["role"], &["role"]);
}

#[test]
fn a_revert_of_a_revert_by_somebody_who_may_not() {
    let Some(court) = Court::sit() else { return };
    let revert = court.newest("reverts");
    court.act_as("eve");
    let answer = court.repo.run(&format!("revert {revert} -m 'I was right'"));
    // Told early, before anything is written; somebody who goes round that is refused all the same.
    answer.exits(1).says(&["eve may not"]);
    court.act_as("carol");
    court.repo.ok(&format!("revert {revert} -m 'I was right'"));
    court.act_as("eve");
    resign_as(&court, "carol", "eve");
    court.refuses(&["role"], &["role"]);
}

#[test]
fn a_snapshot_by_somebody_who_may_not() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    court.repo.run("snapshot create mine --task tone").exits(1).says(&["eve may not"]);
    court.act_as("val");
    court.unguarded(|| court.repo.ok("snapshot create mine --task tone --no-sign"));
    court.refuses(&["unsigned"], &["unsigned"]);
}

#[test]
fn a_signature_that_is_none_beside_an_old_record() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    let id = court.newest("labels");
    let old = court.path(&id, ".sig");
    let public: hitl::base::ssh::PublicKey =
        std::fs::read_to_string(court.repo.dir().join("../mia.pub")).unwrap().parse().unwrap();
    let stem = Path::new(&old).with_extension("").with_extension("");
    let forged = format!("{}.{}.sig", stem.display(), public.fingerprint());
    court.repo.file(&forged, court.repo.read(&old));
    court.commit_plainly("countersigned");
    court.refuses(&["bad_signature"], &["signature"]);
}

#[test]
fn a_merge_that_brings_back_an_old_law() {
    let Some(court) = Court::sit() else { return };
    // On main~1 rita's key had no end.
    court.act_as("eve");
    let script = "set -e; old=$(git rev-parse main~1:labelers.yaml)
        root=$(git ls-tree main | sed \"s/blob [0-9a-f]*\tlabelers.yaml/blob $old\tlabelers.yaml/\" | git mktree)
        git update-ref refs/heads/attack $(git commit-tree $root -p main -p main~1 -m merge)";
    court.repo.shell(script).exits(0);
    court.refuses(&["role"], &["role"]);
}

#[test]
fn a_law_that_comes_in_through_a_root_of_its_own() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    let script = "set -e
        law=$(sed 's/roles: .labeler./roles: [maintainer]/' labelers.yaml | git hash-object -w --stdin)
        evil=$(git ls-tree main | sed \"s/blob [0-9a-f]*\tlabelers.yaml/blob $law\tlabelers.yaml/\" | git mktree)
        root=$(git commit-tree $evil -m root)
        merge=$(git commit-tree 'main^{tree}' -p main -p $root -m merge)
        git update-ref refs/heads/attack $(git commit-tree $evil -p $merge -p $root -m again)";
    court.repo.shell(script).exits(0);
    court.refuses(&["role"], &["role"]);
}

#[test]
fn a_law_that_is_taken_away() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    court.repo.git("rm --quiet labelers.yaml hitl.yaml");
    court.commit_plainly("tidy");
    court.refuses(&["removed", "role"], &["role"]);
}

#[test]
fn a_law_that_cannot_be_read() {
    let Some(court) = Court::sit() else { return };
    court.act_as("mia");
    court.repo.file("labelers.yaml", court.repo.read("labelers.yaml").replace("[curator]", "[curatr]"));
    court.repo.git("commit --quiet -a -S -m 'a slip'");
    let (exit, findings) = court.findings("attack");
    assert!(exit == 1 && findings.iter().any(|finding| finding["code"] == "config"), "{findings:#?}");
    court.server_refuses("attack:main");
}

#[test]
fn a_lock_that_borrows_the_signature_of_another() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    court.repo.file("snapshots/v9.yaml", court.repo.read("snapshots/v1.yaml"));
    court.commit_plainly("v9");
    court.refuses(&["misplaced"], &["snapshot-lock"]);
}
