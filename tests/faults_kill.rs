//! The real program killed at any state-changing system call: what it printed stays, what it did not finish is finished
//! or gone by the next command, and the user is neither blocked nor disturbed.
//!
//! About 25 points a command; every point with `HITL_TEST_KILL_ALL=1`.
#![allow(clippy::print_stderr, reason = "a sweep says what it found")]

#[path = "faults/killer.rs"]
mod killer;
#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;

use std::cell::Cell;
use std::path::Path;
use std::process::{Command, Output};

use killer::Killer;
use project::{Project, labels, text};
use sealed::has;
use serde_json::Value;

const SAMPLE: u64 = 25;
const WORK: &str = " M a\nA  staged";

/// A project with a batch by eve and two others, and a user in the middle of something.
fn template() -> Project {
    let project = Project::tone();
    project.repo.plain_commit("a", "a\n");
    let week1 =
        labels(
            &["ana", "bo", "eve"],
            0..12,
            true,
            |who, item| if (who + item).is_multiple_of(3) { "no" } else { "yes" },
        );
    project.commit("week1.csv", &week1, &[]);
    project.repo.write("a", "edited\n");
    project.repo.write("staged", "staged\n");
    project.repo.git(&["add", "staged"]);
    project
}

/// A command that is killed, and what is there once it is done.
struct Case<'a> {
    args: &'a [&'a str],
    /// What `git ls-tree` shows when it is whole, beyond what was there before.
    files: usize,
    /// The exit code of the same command when it was done before.
    again: i32,
    /// Records and rows in the end.
    records: u64,
    rows: u64,
}

/// How often a killed command turned out whole, absent and acknowledged.
#[derive(Default)]
struct Tally {
    whole: Cell<u32>,
    absent: Cell<u32>,
    acknowledged: Cell<u32>,
}

fn add(count: &Cell<u32>, yes: bool) {
    count.set(count.get() + u32::from(yes));
}

fn ledger_files(project: &Project, dir: &Path) -> usize {
    project.repo.git_at(dir, &["ls-tree", "-r", "--name-only", "HEAD", "ledger", "snapshots"]).lines().count()
}

/// Judges a copy of the project in which the command was killed; returns whether it turned out whole.
fn judge(project: &Project, case: &Case<'_>, dir: &Path, call: u64, killed: &Output) -> (bool, bool) {
    let at = |what: &str| format!("call {call}: {what}\nkilled: {}", text(killed));
    let git = |args: &[&str]| project.repo.git_at(dir, args);
    let acknowledged = serde_json::from_slice::<Value>(&killed.stdout).ok();
    let acknowledged = acknowledged.and_then(|report| report["commit"].as_str().map(str::to_owned));
    // Every other time the user is quicker than the next hitl, where our lock lets them.
    let quick = call % 2 == 1
        && project.repo.try_git_at(dir, &["commit", "--quiet", "-a", "-m", "quick"]).status.success();

    let next = project.hitl_at(dir, &["status", "--format", "json"]);
    assert_eq!(next.status.code(), Some(0), "{}: {}", at("the next command"), text(&next));
    let status: Value = serde_json::from_slice(&next.stdout).unwrap();
    assert_eq!(status["work_tree"], serde_json::json!([]), "{}", at("healed by the next command"));
    let leftovers = [".git/hitl/journal.json", ".git/hitl/stage", ".git/index.lock"];
    assert!(leftovers.iter().all(|path| !dir.join(path).exists()), "{}", at("leftovers"));

    let before = ledger_files(project, &project.repo.dir());
    let held = ledger_files(project, dir) - before;
    assert!(held == 0 || held == case.files, "{}: {held} files", at("torn"));
    if let Some(commit) = &acknowledged {
        assert_eq!(held, case.files, "{}", at("lost what was acknowledged"));
        git(&["merge-base", "--is-ancestor", commit, "HEAD"]);
    }
    if !quick {
        assert_eq!(git(&["status", "--porcelain", "--", "a", "staged"]), WORK, "{}", at("the user's work"));
    }
    assert_eq!(git(&["status", "--porcelain", "--", "ledger", "snapshots"]), "", "{}", at("staging"));
    let plain = project.repo.try_git_at(dir, &["commit", "--quiet", "--allow-empty", "-m", "user"]);
    assert!(plain.status.success(), "{}: {}", at("plain git is blocked"), text(&plain));

    let retry = project.hitl_at(dir, case.args);
    let code = if held == 0 { 0 } else { case.again };
    assert_eq!(retry.status.code(), Some(code), "{}: {}", at("retry"), text(&retry));
    assert_eq!(ledger_files(project, dir) - before, case.files, "{}", at("files after the retry"));
    let fsck = project.json_at(dir, &["fsck"]);
    assert_eq!(fsck["faults"], serde_json::json!([]), "{}", at("hitl fsck"));
    assert_eq!(
        (&fsck["records"], &fsck["rows"]),
        (&case.records.into(), &case.rows.into()),
        "{}",
        at("twice")
    );
    let fsck = project.repo.try_git_at(dir, &["fsck", "--full", "--strict"]);
    assert!(fsck.status.success(), "{}: {}", at("git fsck"), text(&fsck));
    (held > 0, acknowledged.is_some())
}

fn sweep(project: &Project, case: &Case<'_>) {
    let scratch = project.repo.scratch();
    let killer = match Killer::build(scratch) {
        Ok(killer) => killer,
        Err(missing) => {
            // A container may forbid tracing whatever is installed.
            if missing == "ptrace" {
                eprintln!("skipped: needs ptrace, which is not permitted here");
            } else {
                has(missing, false);
            }
            return;
        }
    };
    let prepare = |dir: &Path| {
        let copied =
            Command::new("cp").arg("-a").arg(project.repo.dir().join(".")).arg(dir).status().unwrap();
        assert!(copied.success());
        project.command_at(dir, case.args)
    };
    let tally = Tally::default();
    killer.sweep(scratch, SAMPLE, prepare, |dir, call, output| {
        let (whole, acknowledged) = judge(project, case, dir, call, output);
        add(&tally.whole, whole);
        add(&tally.absent, !whole);
        add(&tally.acknowledged, acknowledged && call > 0);
    });
    let (whole, absent) = (tally.whole.get(), tally.absent.get());
    eprintln!(
        "hitl {}: {whole} whole, {absent} absent, {} acknowledged",
        case.args[0],
        tally.acknowledged.get()
    );
    assert!(whole > 1 && absent > 0, "the sample has points on both sides of the journal");
}

#[test]
fn a_killed_commit_is_whole_or_absent() {
    let project = template();
    let week2 = labels(
        &["ana", "bo", "eve"],
        8..20,
        true,
        |_, item| if item.is_multiple_of(2) { "no" } else { "yes" },
    );
    let file = project.file("week2.csv", week2);
    let args = ["commit", file.to_str().unwrap(), "--format", "json"];
    let dry = project.json(&["commit", file.to_str().unwrap(), "--dry-run"]);
    let new = dry["files"][0]["batches"][0]["new"].as_u64().unwrap();
    assert!((24..36).contains(&new), "some rows are known and some are new: {new}");
    sweep(&project, &Case { args: &args, files: 2, again: 0, records: 2, rows: 36 + new });
}

#[test]
fn a_killed_revert_is_whole_or_absent() {
    let project = template();
    let args = ["revert", "--labeler", "eve", "-m", "careless", "--format", "json"];
    sweep(&project, &Case { args: &args, files: 1, again: 1, records: 2, rows: 36 });
}

#[test]
fn a_killed_snapshot_is_whole_or_absent() {
    let project = template();
    let args = ["snapshot", "create", "v1", "--split", "train=0.8,test=0.2", "--format", "json"];
    sweep(&project, &Case { args: &args, files: 1, again: 0, records: 1, rows: 36 });
}
