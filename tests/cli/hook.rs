//! `hitl hook`, and what its hooks say; what git does about it is in `tests/hooks.rs`.

use crate::repo::Repo;

/// A repository with one record.
fn one_record() -> Repo {
    let repo = Repo::sentiment();
    repo.commit("week1.csv", &["msg-001 ana positive", "msg-002 ana neutral"]);
    repo
}

#[test]
fn hooks_are_installed_and_taken_away() {
    let repo = Repo::sentiment();
    shot!("hook_install", repo.ok("hook install"));
    shot!("hook_install_again", repo.ok("hook install pre-push"));
    repo.file(".git/hooks/pre-receive", "#!/bin/sh\ncat\n");
    shot!("hook_install_foreign", repo.run("hook install pre-receive"));
    shot!("hook_status", repo.ok("hook status"));
    shot!("hook_uninstall", repo.ok("hook uninstall"));
    repo.run("hook install pre-tea").exits(2).says(&["pre-commit, pre-push, pre-receive"]);
    assert_eq!(repo.json("hook status")["schema"], "hitl.hooks/1");
}

#[test]
fn what_is_staged_is_looked_at() {
    let repo = one_record();
    repo.ok("hook run pre-commit");
    repo.git("rm -r --quiet --cached ledger");
    repo.file("ledger/notes.txt", "what I think of it\n");
    repo.file("hitl.yaml", "tasks:\n  sentiment: {type: categorcal}\n");
    repo.git("add ledger/notes.txt hitl.yaml");
    shot!("hook_staged", repo.run("hook run pre-commit"));
    let report = repo.run("hook run pre-commit --format json").exits(1).json();
    assert_eq!(report["refused"].as_array().unwrap().len(), 5);
}

#[test]
fn a_push_is_answered_in_a_few_lines() {
    let repo = one_record();
    let base = repo.git("rev-parse HEAD~");
    let sound = repo.git("rev-parse HEAD");
    let push = |new: &str, old: &str| format!("refs/heads/main {new} refs/heads/main {old}\n");
    let none = "0".repeat(40);
    let answer = |input: &str| repo.run_with("hook run pre-push origin TEMP", input.as_bytes());
    shot!("hook_push_ok", answer(&push(&sound, &base)).exits(0));
    shot!("hook_push_first", answer(&push(&sound, &none)).exits(0));
    shot!("hook_push_unknown", answer(&push(&sound, &"1".repeat(40))).exits(1));
    shot!("hook_push_rewritten", answer(&push(&base, &sound)).exits(1));
    repo.git("rm -r --quiet ledger");
    repo.git("commit --quiet -m tidy");
    shot!("hook_push_refused", answer(&push(&repo.git("rev-parse HEAD"), &sound)).exits(1));
    answer(&push(&none, &sound)).exits(0);
    answer("").exits(0);
}
