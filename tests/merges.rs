//! Branches that committed and reverted, brought together by plain git in every way it has: one ledger, one digest; and
//! what plain git takes away is named.

#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;

use project::{Project, labels};
use serde_json::Value;

const BRANCHES: [&str; 6] = ["b1", "b2", "b3", "b4", "b5", "b6"];

/// A base batch, a snapshot of it, and six branches off it.
fn project() -> Project {
    let project = Project::tone();
    let base = labels(&["ana", "bo", "eve"], 0..10, true, |who, item| pick(who + item));
    project.commit("base.csv", &base, &[]);
    project.commit(
        "model.csv",
        "item,label\ni000,yes\ni001,yes\ni002,no\ni003,no\n",
        &["--labeler", "m-1", "--labeler-kind", "model"],
    );
    project.ok(&["snapshot", "create", "before", "--split", "train=0.8,test=0.2"]);
    project.repo.git(&["tag", "base"]);
    for branch in BRANCHES {
        project.repo.git(&["switch", "--quiet", "-c", branch, "base"]);
        work(&project, branch);
    }
    project
}

fn pick(number: u32) -> &'static str {
    if number.is_multiple_of(3) { "no" } else { "yes" }
}

/// What each branch does, none knowing of the others.
fn work(project: &Project, branch: &str) {
    let revert = |args: &[&str]| {
        let mut all = vec!["revert", "-m", "why"];
        all.extend(args);
        project.json(&all)["record"].as_str().unwrap().to_owned()
    };
    let shared = labels(&["dee"], 0..8, true, |_, item| pick(item));
    match branch {
        // New work, and one labeler taken back.
        "b1" => {
            project.commit("dee.csv", &shared, &[]);
            revert(&["--labeler", "eve"]);
        }
        // The same labels in another record, a revert, and the revert of that revert.
        "b2" => {
            project.commit("dee-again.csv", &shared, &[]);
            let taken = revert(&["--labeler", "eve"]);
            revert(&[&taken]);
        }
        // A labeler is taken back on all branches, merged or not yet.
        "b3" => {
            revert(&["--labeler", "bo", "--concurrent"]);
        }
        // That labeler goes on, and so does another without times; some of it is taken back.
        "b4" => {
            project.commit("bo.csv", &labels(&["bo"], 10..16, true, |_, item| pick(item + 1)), &[]);
            let untimed = labels(&["fay"], 4..12, false, |_, item| pick(item));
            let record = project.commit("fay.csv", &untimed, &[]);
            project.commit("fay-2.csv", &untimed.replace("i005,fay,yes", "i005,fay,no"), &[]);
            revert(&[record["records"][0]["id"].as_str().unwrap()]);
        }
        // Confirmations of a model's guesses go with the model.
        "b5" => {
            let confirmed = "item,labeler,label,origin,shown,shown_by\n\
                             i000,gus,yes,confirmed,yes,m-1\ni001,gus,no,changed,yes,m-1\ni002,gus,no,confirmed,no,m-1\n";
            project.commit("gus.csv", confirmed, &[]);
            revert(&["--labeler", "m-1", "--cascade", "confirmed"]);
        }
        // An adjudication, and a window of time taken back on all branches.
        _ => {
            project.commit(
                "judge.csv",
                "item,labeler,label\ni004,kim,no\ni009,kim,yes\n",
                &["--kind", "adjudications"],
            );
            revert(&["--since", "2025-06-01T00:05:00Z", "--until", "2025-06-01T00:08:00Z", "--concurrent"]);
        }
    }
}

/// The tree of the ledger and the digest of a snapshot of it, both of which depend on the set of records alone.
fn state(project: &Project, way: &str) -> (String, Value) {
    let tree = project.repo.git(&["rev-parse", "HEAD:ledger"]);
    let made = project.json(&["snapshot", "create", "merged", "--split", "train=0.8,test=0.2"]);
    let verified = project.json(&["snapshot", "verify", "before"]);
    assert_eq!(verified["ok"], true, "{way}: the snapshot of before");
    project.sound();
    (tree, serde_json::json!([made["digest"], made["counts"], made["records_sha256"]]))
}

/// Starts a new branch for one way of merging.
fn start(project: &Project, way: &str, from: &str) {
    project.repo.git(&["switch", "--quiet", "-c", &format!("way-{way}"), from]);
}

#[test]
fn every_way_of_merging_gives_one_ledger_and_one_digest() {
    let project = project();
    let git = |args: &[&str]| project.repo.git(args);
    let mut states = Vec::new();
    let orders = [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 4, 2], [2, 5, 0, 3, 1, 4]];
    for (number, order) in orders.iter().enumerate() {
        let way = format!("order-{number}");
        start(&project, &way, BRANCHES[order[0]]);
        for branch in &order[1..] {
            git(&["merge", "--quiet", "--no-edit", BRANCHES[*branch]]);
        }
        states.push((state(&project, &way), way));
    }
    start(&project, "octopus", "base");
    git(&[&["merge", "--quiet", "--no-edit"][..], &BRANCHES].concat());
    states.push((state(&project, "octopus"), "octopus".to_owned()));

    start(&project, "squash", "base");
    for branch in BRANCHES {
        git(&["merge", "--quiet", "--squash", branch]);
        git(&["commit", "--quiet", "-m", "squashed"]);
    }
    states.push((state(&project, "squash"), "squash".to_owned()));

    start(&project, "pick", "base");
    for branch in ["b4", "b2", "b6", "b1", "b5", "b3"] {
        git(&["cherry-pick", &format!("base..{branch}")]);
    }
    states.push((state(&project, "pick"), "cherry-pick".to_owned()));

    let mut below = "base".to_owned();
    for branch in ["b6", "b2", "b4", "b1", "b3", "b5"] {
        start(&project, &format!("rebase-{branch}"), branch);
        git(&["rebase", "--quiet", &below]);
        below = format!("way-rebase-{branch}");
    }
    states.push((state(&project, "rebase"), "rebase".to_owned()));

    // Two halves that were merged on their own, each with a snapshot's commit on top.
    start(&project, "half", "b1");
    git(&["merge", "--quiet", "--no-edit", "b2", "b3"]);
    project.ok(&["snapshot", "create", "half"]);
    start(&project, "halves", "b4");
    git(&["merge", "--quiet", "--no-edit", "b5", "b6"]);
    git(&["merge", "--quiet", "--no-edit", "way-half"]);
    assert_eq!(project.json(&["snapshot", "verify", "half"])["ok"], true);
    states.push((state(&project, "halves"), "halves".to_owned()));

    let (first, _) = &states[0];
    for (other, way) in &states {
        assert_eq!(other, first, "{way}");
    }
    // And every revert does what it says, to what it saw and, where it says so, to what it did not: of dee and ana
    // three labels each lie in the window.
    let live = |labeler: &str| {
        project.ok(&["labels", "--state", "live", "--to", "csv", "--labeler", labeler]).lines().count() - 1
    };
    let found = ["bo", "eve", "fay", "gus", "dee", "ana"].map(live);
    assert_eq!(found, [0, 0, 1, 1, 5, 7], "live labels of bo, eve, fay, gus, dee and ana");
}

#[test]
fn a_cherry_pick_without_its_ancestors_is_incomplete() {
    let project = project();
    let missing = project.repo.git(&["ls-tree", "-r", "--name-only", "b1~1", "ledger"]);
    let known = project.repo.git(&["ls-tree", "-r", "--name-only", "base", "ledger"]);
    let missing = missing.lines().find(|path| path.ends_with(".yaml") && !known.contains(path)).unwrap();
    let id = &missing.rsplit('/').next().unwrap()[..10];
    start(&project, "torn", "base");
    project.repo.git(&["cherry-pick", "b1"]);

    let status = project.hitl(&["status"]);
    assert_eq!(status.status.code(), Some(0), "looking only warns");
    assert!(project::text(&status).contains(id), "{}", project::text(&status));
    assert!(project.fails(3, &["snapshot", "create", "torn"]).contains(id));
    assert!(project.fails(3, &["fsck"]).contains(id));
    project.commit("more.csv", "item,labeler,label\ni001,zoe,yes\n", &[]);

    project.repo.git(&["merge", "--quiet", "--no-edit", "b1"]);
    project.sound();
    project.ok(&["snapshot", "create", "whole"]);
}

#[test]
fn a_merge_that_drops_records_is_named_and_they_come_back() {
    let project = project();
    start(&project, "ours", "b3");
    project.repo.git(&["merge", "--quiet", "--no-edit", "-s", "ours", "b1"]);
    let culprit = project.repo.git(&["rev-parse", "HEAD"]);
    let lost: Vec<String> = project
        .repo
        .git(&["diff", "--name-only", "--diff-filter=A", "base", "b1", "--", "ledger"])
        .lines()
        .filter(|path| path.ends_with(".yaml"))
        .map(|path| path.rsplit('/').next().unwrap()[..10].to_owned())
        .collect();
    assert_eq!(lost.len(), 2);

    let status = project.ok(&["status"]);
    let fsck = project.fails(3, &["fsck"]);
    for id in &lost {
        assert!(status.contains(id.as_str()), "{status}");
        assert!(fsck.contains(id.as_str()), "{fsck}");
    }
    assert!(fsck.contains(&culprit[..7]), "{fsck}");
    let restore: Vec<&str> = ["restore"].into_iter().chain(lost.iter().map(String::as_str)).collect();
    project.ok(&restore);
    project.sound();
}

#[test]
fn a_git_revert_and_a_git_rm_of_records_are_named_and_they_come_back() {
    let project = project();
    start(&project, "reverted", "b1");
    project.repo.git(&["revert", "--no-edit", "HEAD"]);
    let fsck = project.fails(3, &["fsck"]);
    assert!(fsck.contains("hitl restore"), "{fsck}");
    let id = project.repo.git(&["diff", "--name-only", "b1~1", "b1", "--", "ledger"]);
    let id = &id.rsplit('/').next().unwrap()[..10];
    assert!(project.ok(&["status"]).contains(id));
    project.ok(&["restore", id]);
    project.sound();

    project.repo.git(&["rm", "--quiet", "-r", "ledger/labels"]);
    project.repo.git(&["commit", "--quiet", "-m", "tidy up"]);
    let found: Value = serde_json::from_slice(&project.hitl(&["fsck", "--format", "json"]).stdout).unwrap();
    let faults = found["faults"].as_array().unwrap();
    let ids: Vec<&str> = faults
        .iter()
        .filter(|fault| fault["kind"] == "removed" || fault["kind"] == "missing-parent")
        .filter_map(|fault| fault["record"].as_str())
        .collect();
    let restore: Vec<&str> = ["restore"].into_iter().chain(ids).collect();
    project.ok(&restore);
    project.sound();
}
