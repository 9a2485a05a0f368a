//! Many processes at once: committers, a user who commits by plain git, a garbage collector, readers. Every record
//! arrives, in a commit that its committer named, and no reader sees less than before.
//!
//! A few of each; eight committers of ten batches with `HITL_TEST_KILL_ALL=1`.
#![allow(clippy::print_stderr, reason = "a sweep says what it found")]
#![allow(dead_code, reason = "the project's helpers serve other tests too")]

#[path = "faults/killer.rs"]
mod killer;
#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;

use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use project::{HITL, Project, text};
use serde_json::Value;

/// What a committer was told.
struct Told {
    record: String,
    path: String,
    commit: String,
    /// Whether the output says that somebody else's commit took the record along.
    swept: bool,
}

#[test]
fn every_record_of_a_crowd_arrives_in_the_commit_it_was_told() {
    let (committers, each) = if killer::every() { (8, 10) } else { (3, 3) };
    let project = Project::tone();
    project.repo.plain_commit("a", "a\n");
    let (repo, dir) = (&project.repo, project.repo.dir());
    let hitl = |args: &[&str]| -> Output {
        let mut command = Command::new(HITL);
        command.env_clear().envs(repo.vars.iter().map(|(name, value)| (name, value)));
        command.env("HITL_NOW", "2026-03-20T12:00:00Z").current_dir(&dir).args(args).output().unwrap()
    };
    let told = Mutex::new(Vec::new());
    let working = AtomicU32::new(committers);
    let busy = || working.load(Ordering::SeqCst) > 0;
    let [retries, user, collections, reads, looks, missed] = [const { AtomicU32::new(0) }; 6];
    let failed = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for who in 0..committers {
            let (told, retries, working, repo, failed) = (&told, &retries, &working, repo, &failed);
            let hitl = &hitl;
            scope.spawn(move || {
                // However this ends, nobody is to wait for it.
                let done = scopeguard(|| {
                    working.fetch_sub(1, Ordering::SeqCst);
                });
                for batch in 0..each {
                    let rows = format!(
                        "item,labeler,label\ni-{who}-{batch},l{who},yes\nj-{who}-{batch},l{who},no\n"
                    );
                    let file = repo.scratch().join(format!("{who}-{batch}.csv"));
                    std::fs::write(&file, rows).unwrap();
                    let report = loop {
                        let output = hitl(&["commit", file.to_str().unwrap(), "--format", "json"]);
                        match output.status.code() {
                            Some(0) => break serde_json::from_slice::<Value>(&output.stdout).unwrap(),
                            Some(4) => retries.fetch_add(1, Ordering::SeqCst),
                            _ => {
                                failed.store(true, Ordering::SeqCst);
                                panic!("hitl commit: {}", text(&output));
                            }
                        };
                    };
                    // None where another process finished what was told unfinished.
                    if let Some(record) = report["records"].get(0) {
                        let field = |value: &Value| value.as_str().unwrap().to_owned();
                        told.lock().unwrap().push(Told {
                            record: field(&record["id"]),
                            path: field(&record["path"]),
                            commit: field(&report["commit"]),
                            swept: report["swept_by"]["id"] == report["commit"],
                        });
                    }
                }
                drop(done);
            });
        }
        scope.spawn(|| {
            while busy() {
                let count = user.load(Ordering::SeqCst);
                repo.write("a", &format!("edit {count}\n"));
                let message = format!("user {count}");
                // Refused where hitl holds the index just then: the user tries again.
                if repo.try_git_at(&dir, &["commit", "--quiet", "-a", "-m", &message]).status.success() {
                    user.fetch_add(1, Ordering::SeqCst);
                }
                // Without a pause the user would be there before every record.
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        });
        scope.spawn(|| {
            while busy() {
                if repo.try_git_at(&dir, &["gc", "--quiet"]).status.success() {
                    collections.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        scope.spawn(|| {
            let (mut records, mut rows) = (0, 0);
            while busy() {
                let output = hitl(&["status", "--format", "json"]);
                assert_eq!(output.status.code(), Some(0), "hitl status: {}", text(&output));
                let status: Value = serde_json::from_slice(&output.stdout).unwrap();
                let now = status["records"]["labels"].as_u64().unwrap_or(0);
                assert!(now >= records, "{now} records after {records}");
                let output = hitl(&["labels", "--to", "csv"]);
                assert_eq!(output.status.code(), Some(0), "hitl labels: {}", text(&output));
                let found = output.stdout.iter().filter(|byte| **byte == b'\n').count();
                assert!(found >= rows, "{found} rows after {rows}");
                (records, rows) = (now, found);
                reads.fetch_add(1, Ordering::SeqCst);
            }
        });
        scope.spawn(|| {
            while busy() {
                let output = repo.try_git_at(&dir, &["fsck", "--full"]);
                let said = text(&output);
                // Git lists objects first and follows refs afterwards, so it misses what was committed in between (by
                // plain git too): what it names must be there. And a collection may take its files away.
                let faults = said.lines().filter(|line| !line.starts_with("dangling "));
                let ids = faults.flat_map(|line| line.split([' ', ':']));
                let mut named =
                    ids.filter(|word| word.len() == 40 && word.bytes().all(|b| b.is_ascii_hexdigit()));
                let there = |id: &str| repo.try_git_at(&dir, &["cat-file", "-e", id]).status.success();
                let late = named.clone().count() + said.matches("objects/").count();
                assert!(named.all(there), "git fsck: {said}");
                assert!(output.status.success() || late > 0, "git fsck: {said}");
                looks.fetch_add(1, Ordering::SeqCst);
                missed.fetch_add(u32::from(late > 0), Ordering::SeqCst);
            }
        });
    });
    assert!(!failed.load(Ordering::SeqCst));

    let all = committers * each;
    let status = project.json(&["status"]);
    assert_eq!(status["records"]["labels"], all, "{status}");
    assert_eq!(status["work_tree"], serde_json::json!([]));
    assert_eq!(project.ok(&["labels", "--to", "csv"]).lines().count(), 1 + 2 * all as usize);
    let told = told.into_inner().unwrap();
    let mut swept = 0;
    for Told { record, path, commit, swept: said } in &told {
        repo.git(&["merge-base", "--is-ancestor", commit, "HEAD"]);
        let brought = repo.git(&["show", "--format=", "--name-only", "--diff-filter=A", commit]);
        assert!(brought.lines().any(|line| line == path), "{commit} did not bring {path}: {brought}");
        let message = repo.git(&["log", "-1", "--format=%B", commit]);
        let own = message.contains(record.as_str());
        assert_eq!(own, !said, "{commit} of {record}: {message}");
        assert!(!own || brought.lines().count() == 2, "a commit of its own holds one record: {brought}");
        swept += u32::from(*said);
    }
    let log = repo.git(&["log", "--format=%s"]);
    let kept = log.lines().filter(|subject| subject.starts_with("user ")).count();
    let user = user.load(Ordering::SeqCst);
    assert_eq!(kept, user as usize, "the user's commits");
    assert_eq!(project.json(&["fsck"])["faults"], serde_json::json!([]));
    assert_eq!(repo.git(&["status", "--porcelain", "--", "ledger"]), "");
    repo.fsck();
    eprintln!(
        "{committers} committers: {all} of {all} records, {} told, {swept} of them in a user's commit; {} tries again; \
         {user} commits by the user, {} collections, {} reads, {} git fsck of which {} missed what came while it looked",
        told.len(),
        retries.load(Ordering::SeqCst),
        collections.load(Ordering::SeqCst),
        reads.load(Ordering::SeqCst),
        looks.load(Ordering::SeqCst),
        missed.load(Ordering::SeqCst)
    );
}

/// Runs `end` when it is dropped, also by a panic.
fn scopeguard<F: FnMut()>(end: F) -> impl Drop {
    struct Guard<F: FnMut()>(F);
    impl<F: FnMut()> Drop for Guard<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    Guard(end)
}
