//! Repositories of several kinds with a user in the middle of something, the commands that faults happen to, and what
//! must hold afterwards.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::project::{Project, labels, text};
use crate::sealed::Sealed;

/// The user's work: one file edited, one staged.
const WORK: &str = " M a\nA  staged";
/// What hitl writes.
const OURS: [&str; 6] = ["ledger", "snapshots", "guidelines", "hitl.yaml", "labelers.yaml", ".gitattributes"];

/// A kind of repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Sha256,
    Reftable,
    /// A second work tree of a repository, on a branch of its own.
    Linked,
}

/// What a fault happens to.
pub struct Case {
    pub args: Vec<String>,
    /// The exit code of the same command when it was done before.
    again: i32,
    world: World,
    expected: RefCell<Expected>,
    /// How often it turned out whole, absent, acknowledged; how often git had to wait for the next hitl command.
    pub tally: Tally,
}

#[derive(Default)]
struct Expected {
    before: String,
    after: String,
    counts: Option<[Value; 2]>,
}

/// What became of a sweep's commands.
#[derive(Default)]
pub struct Tally {
    pub runs: Cell<u32>,
    pub whole: Cell<u32>,
    pub acknowledged: Cell<u32>,
    pub waited: Cell<u32>,
}

impl Tally {
    pub fn add(count: &Cell<u32>, yes: bool) {
        count.set(count.get() + u32::from(yes));
    }
}

/// A repository that faults happen to copies of.
pub struct World {
    pub project: Project,
    kind: Kind,
}

impl World {
    /// A repository of this kind with history and a user in the middle of something; where `ready`, also with a task and
    /// an acknowledged batch of three labelers.
    pub fn new(kind: Kind, ready: bool) -> Self {
        let project = Project::in_repo(match kind {
            Kind::Sha256 => Sealed::with(&["--object-format=sha256"]),
            Kind::Reftable => Sealed::with(&["--ref-format=reftable"]),
            Kind::Plain | Kind::Linked => Sealed::new(),
        });
        project.repo.plain_commit("a", "a\n");
        project.repo.plain_commit(".gitattributes", "*.png binary\n");
        if ready {
            project.ok(&["init", "--task", "tone", "--classes", "no,yes"]);
            let week1 = labels(&["ana", "bo", "eve"], 0..12, true, |who, item| {
                if (who + item).is_multiple_of(3) { "no" } else { "yes" }
            });
            project.commit("week1.csv", &week1, &[]);
        }
        if kind == Kind::Linked {
            project.repo.git(&["worktree", "add", "--quiet", "-b", "side", "linked"]);
        }
        let world = Self { project, kind };
        let work = world.work(&world.project.repo.dir());
        std::fs::write(work.join("a"), "edited\n").unwrap();
        std::fs::write(work.join("staged"), "staged\n").unwrap();
        world.project.repo.git_at(&work, &["add", "staged"]);
        world
    }

    pub fn work(&self, dir: &Path) -> PathBuf {
        if self.kind == Kind::Linked { dir.join("linked") } else { dir.to_path_buf() }
    }

    /// Copies the repository into the folder `dir` and returns the work tree there.
    pub fn copy(&self, dir: &Path) -> PathBuf {
        let from = self.project.repo.dir().join(".");
        let copied = Command::new("cp").arg("-a").arg(from).arg(dir).status().unwrap();
        assert!(copied.success());
        let work = self.work(dir);
        if self.kind == Kind::Linked {
            let folder = dir.join(".git/worktrees/linked");
            std::fs::write(work.join(".git"), format!("gitdir: {}\n", folder.display())).unwrap();
            std::fs::write(folder.join("gitdir"), format!("{}\n", work.join(".git").display())).unwrap();
        }
        work
    }

    /// Where a lock that blocks plain git would lie.
    fn index_lock(&self, dir: &Path) -> PathBuf {
        let place = if self.kind == Kind::Linked { ".git/worktrees/linked" } else { ".git" };
        dir.join(place).join("index.lock")
    }

    /// What HEAD holds of ours, with every blob's id.
    fn ours(&self, work: &Path) -> String {
        let args = [&["ls-tree", "-r", "HEAD", "--"][..], &OURS].concat();
        self.project.repo.git_at(work, &args)
    }
}

impl Case {
    /// Every command that writes, in a repository of this kind.
    pub fn all(kind: Kind) -> Vec<Self> {
        ["commit", "revert", "snapshot", "guideline", "init"].map(|verb| Self::new(kind, verb)).into()
    }

    pub fn new(kind: Kind, verb: &str) -> Self {
        let world = World::new(kind, verb != "init");
        let (args, again) = match verb {
            "commit" => {
                let week2 = labels(&["ana", "bo", "eve"], 8..20, true, |_, item| {
                    if item.is_multiple_of(2) { "no" } else { "yes" }
                });
                let file = world.project.file("week2.csv", week2);
                (vec!["commit".to_owned(), file.to_str().unwrap().to_owned()], 0)
            }
            "revert" => (["revert", "--labeler", "eve", "-m", "careless"].map(str::to_owned).into(), 1),
            "snapshot" => {
                (["snapshot", "create", "v1", "--split", "train=0.8,test=0.2"].map(str::to_owned).into(), 0)
            }
            "guideline" => {
                let file = world.project.file("rules.md", "Irony is negative.\n");
                let file = file.to_str().unwrap().to_owned();
                (vec!["guideline".to_owned(), "add".to_owned(), "rules".to_owned(), file], 0)
            }
            _ => (["init", "--task", "tone", "--classes", "no,yes"].map(str::to_owned).into(), 0),
        };
        let before = world.ours(&world.work(&world.project.repo.dir()));
        let expected = RefCell::new(Expected { before, ..Expected::default() });
        Self { args, again, world, expected, tally: Tally::default() }
    }

    pub fn verb(&self) -> &str {
        &self.args[0]
    }

    pub fn scratch(&self) -> &Path {
        self.world.project.repo.scratch()
    }

    /// Copies the repository into `dir` and returns the command that runs there. Its time is always the same, so that
    /// it always makes the same record.
    pub fn prepare(&self, dir: &Path) -> Command {
        self.command(&self.world.copy(dir))
    }

    fn command(&self, work: &Path) -> Command {
        let args: Vec<&str> = self.args.iter().map(String::as_str).chain(["--format", "json"]).collect();
        let mut command = self.world.project.command_at(work, &args);
        command.env("HITL_NOW", "2026-03-20T12:00:00Z");
        command
    }

    /// Judges a copy in which the command met a fault. Call 0 is the one without, which the others are held against.
    pub fn judge(&self, dir: &Path, call: u64, met: &Output) {
        let at = |what: &str| format!("hitl {}, call {call}: {what}\nit said: {}", self.verb(), text(met));
        let project = &self.world.project;
        let work = self.world.work(dir);
        let git = |args: &[&str]| project.repo.git_at(&work, args);
        if call == 0 {
            let after = self.world.ours(&work);
            assert_ne!(after, self.expected.borrow().before);
            self.expected.borrow_mut().after = after;
            let fsck = project.json_at(&work, &["fsck"]);
            self.expected.borrow_mut().counts = Some([fsck["records"].clone(), fsck["rows"].clone()]);
            return;
        }
        let acknowledged = serde_json::from_slice::<Value>(&met.stdout).ok();
        let acknowledged = acknowledged.and_then(|report| report["commit"].as_str().map(str::to_owned));
        // Every other time the user is quicker than the next hitl, where our lock lets them.
        Tally::add(&self.tally.waited, self.world.index_lock(dir).exists());
        let quick = call % 2 == 1
            && project.repo.try_git_at(&work, &["commit", "--quiet", "-a", "-m", "quick"]).status.success();

        let next = project.hitl_at(&work, &["status", "--format", "json"]);
        assert_eq!(next.status.code(), Some(0), "{}: {}", at("the next command"), text(&next));
        let status: Value = serde_json::from_slice(&next.stdout).unwrap();
        assert_eq!(status["work_tree"], serde_json::json!([]), "{}", at("healed by the next command"));
        let left = leftovers(dir);
        assert!(left.is_empty(), "{}: {left:?}\n{}", at("leftovers"), text(&next));

        let held = self.world.ours(&work);
        let expected = self.expected.borrow();
        let whole = held == expected.after;
        assert!(whole || held == expected.before, "{}: {held}", at("torn"));
        if let Some(commit) = &acknowledged {
            assert!(whole, "{}", at("lost what was acknowledged"));
            git(&["merge-base", "--is-ancestor", commit, "HEAD"]);
        }
        if !quick {
            assert_eq!(
                git(&["status", "--porcelain", "--", "a", "staged"]),
                WORK,
                "{}",
                at("the user's work")
            );
        }
        let ours = [&["status", "--porcelain", "--"][..], &OURS].concat();
        assert_eq!(git(&ours), "", "{}", at("staging"));
        let plain = project.repo.try_git_at(&work, &["commit", "--quiet", "--allow-empty", "-m", "user"]);
        assert!(plain.status.success(), "{}: {}", at("plain git is blocked"), text(&plain));

        let retry = self.command(&work).output().unwrap();
        let code = if whole { self.again } else { 0 };
        assert_eq!(retry.status.code(), Some(code), "{}: {}", at("retry"), text(&retry));
        assert_eq!(self.world.ours(&work), expected.after, "{}", at("after the retry"));
        let fsck = project.json_at(&work, &["fsck"]);
        assert_eq!(fsck["faults"], serde_json::json!([]), "{}", at("hitl fsck"));
        let counts = Some([fsck["records"].clone(), fsck["rows"].clone()]);
        assert_eq!(counts, expected.counts, "{}", at("records and rows"));
        let fsck = project.repo.try_git_at(&work, &["fsck", "--full", "--strict"]);
        assert!(fsck.status.success(), "{}: {}", at("git fsck"), text(&fsck));

        Tally::add(&self.tally.runs, true);
        Tally::add(&self.tally.whole, whole);
        Tally::add(&self.tally.acknowledged, acknowledged.is_some());
    }

    /// Judges a copy in which calls of the command failed: it says so, with the exit code of a repository that cannot, or
    /// it did its work in spite of them.
    pub fn judge_failed(&self, dir: &Path, call: u64, met: &Output) {
        let at = |what: &str| format!("hitl {}, call {call}: {what}\nit said: {}", self.verb(), text(met));
        if call > 0 {
            let said = String::from_utf8_lossy(&met.stderr);
            assert!(!said.contains("panicked"), "{}", at("a panic"));
            match met.status.code() {
                Some(0) => assert!(!met.stdout.is_empty(), "{}", at("no answer")),
                Some(3 | 4) => assert!(said.contains("error: "), "{}", at("no error")),
                _ => panic!("{}", at("exit code")),
            }
            let unfinished = dir.join(".git/hitl/journal.json").exists();
            let done = met.status.code() == Some(0);
            assert!(!unfinished || said.contains("next hitl command finishes it"), "{}", at("not told"));
            assert!(!unfinished || !done, "{}", at("acknowledged and unfinished"));
        }
        self.judge(dir, call, met);
    }

    /// Says what the sweep found: one row of the table in `docs/reliability.md`.
    pub fn tell(&self, kind: Kind, fault: &str) -> String {
        let Tally { runs, whole, acknowledged, waited } = &self.tally;
        format!(
            "{kind:?} hitl {} {fault}: {} points, {} whole, {} absent, {} acknowledged, {} left a lock",
            self.verb(),
            runs.get(),
            whole.get(),
            runs.get() - whole.get(),
            acknowledged.get(),
            waited.get()
        )
    }
}

/// What must not be left in a repository that has settled: the journal, the stage, a lock, a half-written file.
fn leftovers(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut unread = vec![dir.to_path_buf()];
    while let Some(folder) = unread.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let ended = [".lock", ".tmp", "hitl-tmp"].iter().any(|end| name.ends_with(end));
            if ended || path.ends_with("hitl/journal.json") || path.ends_with("hitl/stage") {
                found.push(path);
            } else if path.is_dir() && !path.is_symlink() {
                unread.push(path);
            }
        }
    }
    found
}
