//! A commit killed at any system call is whole or absent, nothing acknowledged is lost, and nobody is blocked.
#![allow(clippy::disallowed_methods, reason = "the helper process is told its part by variables")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the helper acknowledges; a sweep says what it found"
)]

#[path = "faults/killer.rs"]
mod killer;
#[path = "faults/sealed.rs"]
mod sealed;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hitl::store::{Change, Error, GitEnv, Store};
use killer::{Sweep, killer};
use sealed::{Sealed, change};

const MANIFEST: (&str, &str) = ("ledger/labels/t/2026-01/ab/new.yaml", "id: new\n");
const SHARD: (&str, &str) = ("ledger/labels/t/2026-01/ab/new.parquet", "PAR1\r\nbytes\r\nPAR1");
const PART: &str = "HITL_TEST_KILL_PART";

fn batch() -> Change {
    change("the batch", &[MANIFEST, SHARD])
}

/// Not a test: the process that is killed. It commits, or recovers, in its working folder.
#[test]
#[ignore = "run by the tests of this file, in a process of its own"]
fn helper() {
    let Ok(part) = std::env::var(PART) else { return };
    let store = Store::discover_with(Path::new("."), GitEnv::inherited()).unwrap();
    match part.as_str() {
        "commit" => println!("ACK {}", store.commit(&batch()).unwrap().commit),
        _ => println!("ACK {}", store.recover().unwrap().map_or_else(String::new, |found| found.commit.0)),
    }
}

fn helper_command(part: &str, dir: &Path, vars: &[(std::ffi::OsString, std::ffi::OsString)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "helper", "--ignored", "--nocapture", "--test-threads=1"]);
    command.current_dir(dir).envs(vars.iter().map(|(name, value)| (name, value))).env(PART, part);
    command
}

/// A repository with history, an acknowledged batch, and a user in the middle of something; its work tree.
struct World {
    repo: Sealed,
    linked: bool,
}

impl World {
    fn new(options: &[&str], linked: bool) -> Self {
        let repo = Sealed::with(options);
        repo.plain_commit("a", "a\n");
        repo.store().commit(&change("acknowledged", &[("ledger/old.yaml", "old\n")])).unwrap();
        if linked {
            repo.git(&["worktree", "add", "--quiet", "-b", "side", "linked"]);
        }
        let world = Self { repo, linked };
        let work = world.work(&world.repo.dir());
        std::fs::write(work.join("a"), "edited\n").unwrap();
        std::fs::write(work.join("staged"), "staged\n").unwrap();
        world.repo.git_at(&work, &["add", "staged"]);
        world
    }

    fn work(&self, dir: &Path) -> PathBuf {
        if self.linked { dir.join("linked") } else { dir.to_path_buf() }
    }

    /// Copies the repository into the empty folder `dir` and returns the work tree there.
    fn copy(&self, dir: &Path) -> PathBuf {
        let from = self.repo.dir().join(".");
        let copied = Command::new("cp").arg("-a").arg(from).arg(dir).status().unwrap();
        assert!(copied.success());
        let work = self.work(dir);
        if self.linked {
            let folder = dir.join(".git/worktrees/linked");
            std::fs::write(work.join(".git"), format!("gitdir: {}\n", folder.display())).unwrap();
            std::fs::write(folder.join("gitdir"), format!("{}\n", work.join(".git").display())).unwrap();
        }
        work
    }

    /// Judges a copy in which a commit was killed; returns whether the commit is there.
    fn judge(&self, dir: &Path, call: u64, output: &Output) -> bool {
        let at = |what: &str| format!("call {call}: {what}: {}", String::from_utf8_lossy(&output.stderr));
        let work = self.work(dir);
        let acknowledged = String::from_utf8_lossy(&output.stdout).contains("ACK ");
        let store = self.repo.store_at(&work);
        let status = |dir: &Path| self.repo.git_at(dir, &["status", "--porcelain", "--", "a", "staged"]);
        // Every other time the user is quicker than the recovery, where our lock lets them.
        let quick = call % 2 == 1
            && self.repo.try_git_at(&work, &["commit", "--quiet", "-a", "-m", "quick"]).status.success();
        store.recover().unwrap_or_else(|error| panic!("{}: {error}", at("recover")));
        assert_eq!(store.recover().unwrap(), None, "{}", at("recovered twice"));
        assert!(!dir.join(".git/hitl/journal.json").exists() && !dir.join(".git/hitl/stage").exists());

        let tip = store.resolve("HEAD").unwrap();
        let held: Vec<bool> = [MANIFEST, SHARD]
            .iter()
            .map(|(path, text)| store.file(&tip, path).unwrap().is_some_and(|bytes| bytes == text.as_bytes()))
            .collect();
        assert_eq!(held[0], held[1], "{}", at("torn"));
        assert!(held[0] || !acknowledged, "{}", at("lost what was acknowledged"));
        assert_eq!(store.work_tree(&tip, "ledger").unwrap(), [], "{}", at("work tree"));
        assert_eq!(store.file(&tip, "ledger/old.yaml").unwrap().unwrap(), b"old\n");
        if !quick {
            assert_eq!(status(&work), " M a\nA  staged", "{}", at("the user's work"));
        }
        assert_eq!(
            self.repo.git_at(&work, &["status", "--porcelain", "--", "ledger"]),
            "",
            "{}",
            at("staging")
        );

        let plain = self.repo.try_git_at(&work, &["commit", "--quiet", "--allow-empty", "-m", "user"]);
        assert!(plain.status.success(), "{}", at(&String::from_utf8_lossy(&plain.stderr)));
        match store.commit(&batch()) {
            Ok(_) => assert!(!held[0]),
            Err(Error::NothingToCommit) => assert!(held[0]),
            Err(error) => panic!("{}: {error}", at("retry")),
        }
        let tip = store.resolve("HEAD").unwrap();
        assert_eq!(store.removed(&tip, "ledger").unwrap(), [], "{}", at("history"));
        assert_eq!(store.introduced(&tip, "ledger").unwrap().len(), 3);
        let fsck = self.repo.try_git_at(dir, &["fsck", "--full", "--strict"]);
        assert!(fsck.status.success(), "{}", at(&String::from_utf8_lossy(&fsck.stderr)));
        held[0]
    }
}

fn sweep_commits(options: &[&str], linked: bool, sample: u64) {
    let world = World::new(options, linked);
    let Some(killer) = killer(world.repo.scratch()) else { return };
    let (whole, absent) = (Cell::new(0), Cell::new(0));
    let prepare = |dir: &Path| helper_command("commit", &world.copy(dir), &world.repo.vars);
    let sweep = Sweep { fault: "kill", sample, shift: 0 };
    killer.sweep(world.repo.scratch(), &sweep, prepare, |dir, call, output| {
        let count = if world.judge(dir, call, output) { &whole } else { &absent };
        count.set(count.get() + 1);
    });
    eprintln!("{} whole, {} absent", whole.get(), absent.get());
    assert!(whole.get() > 0 && absent.get() > 0, "the sample has points on both sides of the journal");
}

#[test]
fn a_killed_commit_is_whole_or_absent() {
    sweep_commits(&[], false, 40);
}

#[test]
fn a_killed_commit_in_a_linked_work_tree_is_whole_or_absent() {
    sweep_commits(&["--object-format=sha256"], true, 12);
}

#[test]
fn a_killed_commit_in_a_reftable_repository_is_whole_or_absent() {
    sweep_commits(&["--ref-format=reftable"], false, 12);
}

#[test]
fn a_killed_recovery_is_recovered_from() {
    let world = World::new(&[], false);
    let Some(killer) = killer(world.repo.scratch()) else { return };
    // Dies with the journal written and the branch not moved: in the middle of writing the objects.
    let template = world.repo.scratch().join("template");
    let journalled = (1..).map(|n| n * 8).find(|call| {
        let _ = std::fs::remove_dir_all(&template);
        std::fs::create_dir(&template).unwrap();
        let inner = helper_command("commit", &world.copy(&template), &world.repo.vars);
        let mut command = killer.command("kill", *call, &inner);
        assert_eq!(command.output().unwrap().status.code(), Some(137), "some call lies behind the journal");
        template.join(".git/hitl/journal.json").exists()
    });
    assert!(journalled.is_some());
    let prepare = |dir: &Path| {
        let copied = Command::new("cp").arg("-a").arg(template.join(".")).arg(dir).status().unwrap();
        assert!(copied.success());
        helper_command("recover", dir, &world.repo.vars)
    };
    let sweep = Sweep { fault: "kill", sample: 20, shift: 0 };
    killer.sweep(world.repo.scratch(), &sweep, prepare, |dir, call, output| {
        assert!(world.judge(dir, call, output), "a journalled commit is finished");
    });
}
