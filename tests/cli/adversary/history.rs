//! Attacks on history.
#![allow(clippy::disallowed_methods, reason = "tests read and write files as an attacker would")]

use super::court::{Court, edited};

#[test]
fn a_deleted_revert() {
    let Some(court) = Court::sit() else { return };
    let id = court.newest("reverts");
    court.act_as("eve");
    court.repo.git(&format!("rm --quiet {}", court.path(&id, ".yaml")));
    court.commit_plainly("tidy");
    court.refuses(&["removed"], &["removed"]);
}

#[test]
fn a_deleted_signature() {
    let Some(court) = Court::sit() else { return };
    let id = court.newest("reverts");
    court.act_as("eve");
    court.repo.git(&format!("rm --quiet {}", court.path(&id, ".sig")));
    court.commit_plainly("tidy");
    court.refuses(&["removed"], &["removed"]);
}

#[test]
fn history_in_another_order() {
    let Some(court) = Court::sit() else { return };
    court.act_as("bob");
    court.batch("first.csv", "bob", 20..23);
    court.batch("second.csv", "bob", 23..26);
    court.repo.git("switch --quiet -c swapped main");
    court.repo.git("cherry-pick attack");
    court.repo.git("cherry-pick attack~1");
    court.repo.git("branch --quiet -f attack swapped");
    let (exit, findings) = court.findings("attack");
    assert!(exit == 1 && findings.iter().any(|finding| finding["code"] == "reordered"), "{findings:#?}");
    court.server_refuses("attack:main");
}

#[test]
fn history_that_was_rewritten() {
    let Some(court) = Court::sit() else { return };
    court.repo.git("reset --quiet --hard main~2");
    court.act_as("eve");
    court.server_refuses("+attack:main");
    court.server_refuses(":main");
}

#[test]
fn a_merge_that_smuggles_an_edit() {
    let Some(court) = Court::sit() else { return };
    court.act_as("bob");
    court.batch("side.csv", "bob", 20..23);
    court.repo.git("switch --quiet -c other main");
    court.repo.file("notes.txt", "notes");
    court.commit_plainly("notes");
    court.act_as("eve");
    court.repo.shell("git merge --quiet --no-commit --no-ff attack").exits(0);
    edited(&court);
    court.repo.git("add -A");
    court.repo.git("commit --quiet -m merge");
    court.repo.git("branch --quiet -f attack other");
    court.refuses(&["edited"], &["shard"]);
}

#[test]
fn a_merge_with_strategy_ours_that_drops_a_batch() {
    let Some(court) = Court::sit() else { return };
    court.act_as("bob");
    court.batch("side.csv", "bob", 20..23);
    court.repo.git("switch --quiet -c other main");
    court.repo.file("notes.txt", "notes");
    court.commit_plainly("notes");
    court.repo.git("merge --quiet -s ours -m merge attack");
    court.repo.git("branch --quiet -f attack other");
    court.refuses(&["removed"], &["removed"]);
}

#[test]
fn a_batch_taken_out_by_git_revert() {
    let Some(court) = Court::sit() else { return };
    court.act_as("bob");
    let batch = court.batch("side.csv", "bob", 20..23);
    court.repo.git("revert --no-edit HEAD");
    assert!(!court.repo.git("ls-files ledger").contains(&batch));
    court.refuses(&["removed"], &["removed"]);
}

#[test]
fn history_in_another_order_over_months_and_tasks() {
    let Some(court) = Court::sit() else { return };
    court.act_as("bob");
    for (month, task) in [("07", "mood"), ("08", "tone"), ("09", "mood"), ("10", "tone")] {
        court.repo.file("../more.csv", format!("item,labeler,label\nm{month},bob,yes\n"));
        let script = format!(
            "HITL_NOW=2025-{month}-01T00:00:00Z GIT_AUTHOR_DATE=2025-{month}-01T00:00:00Z hitl commit --task {task} ../more.csv"
        );
        court.repo.shell(&script).exits(0);
    }
    court.repo.git("switch --quiet -c swapped main");
    for back in ["attack", "attack~1", "attack~2", "attack~3"] {
        court.repo.git(&format!("cherry-pick {back}"));
    }
    court.repo.git("branch --quiet -f attack swapped");
    let (_, findings) = court.findings("attack");
    let reordered = findings.iter().filter(|finding| finding["code"] == "reordered").count();
    assert_eq!(reordered, 3, "{findings:#?}");
}
