//! A repository of its own in which the real program runs, at a time of its own.
#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::print_stderr, reason = "a test says that it was skipped")]

use std::cell::Cell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::sealed::Sealed;

/// The real program.
pub const HITL: &str = env!("CARGO_BIN_EXE_hitl");

/// A repository with one task.
pub struct Project {
    pub repo: Sealed,
    runs: Cell<u32>,
}

impl Project {
    /// A project whose only task has these options of `hitl init`.
    pub fn new(task: &[&str]) -> Self {
        let project = Self::in_repo(Sealed::new());
        let mut args = vec!["init"];
        args.extend(task);
        project.ok(&args);
        project
    }

    /// A repository without a task yet.
    pub fn in_repo(repo: Sealed) -> Self {
        Self { repo, runs: Cell::new(0) }
    }

    /// A project with the task `tone`, whose classes are `no` and `yes`.
    pub fn tone() -> Self {
        Self::new(&["--task", "tone", "--classes", "no,yes"])
    }

    /// The variables a run has: those of the repository, and a time a minute after the run before.
    pub fn variables(&self) -> Vec<(OsString, OsString)> {
        let run = self.runs.replace(self.runs.get() + 1);
        let now = format!("2026-03-{:02}T{:02}:{:02}:00Z", 1 + run / 1440, run / 60 % 24, run % 60);
        let mut vars = self.repo.vars.clone();
        vars.push(("HITL_NOW".into(), now.into()));
        vars
    }

    pub fn command_at(&self, dir: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(HITL);
        command.env_clear().envs(self.variables()).current_dir(dir).args(args);
        command
    }

    pub fn hitl_at(&self, dir: &Path, args: &[&str]) -> Output {
        self.command_at(dir, args).output().unwrap()
    }

    pub fn hitl(&self, args: &[&str]) -> Output {
        self.hitl_at(&self.repo.dir(), args)
    }

    /// Runs what must succeed; returns what it prints.
    pub fn ok_at(&self, dir: &Path, args: &[&str]) -> String {
        let output = self.hitl_at(dir, args);
        assert_eq!(output.status.code(), Some(0), "hitl {args:?}: {}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn ok(&self, args: &[&str]) -> String {
        self.ok_at(&self.repo.dir(), args)
    }

    /// Runs what must succeed; returns its JSON report.
    pub fn json_at(&self, dir: &Path, args: &[&str]) -> serde_json::Value {
        let mut all = args.to_vec();
        all.extend(["--format", "json"]);
        serde_json::from_str(&self.ok_at(dir, &all)).unwrap()
    }

    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        self.json_at(&self.repo.dir(), args)
    }

    /// Writes a file beside the repository; returns its path.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.repo.scratch().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Commits `text` as the file `name`, with further arguments; returns the report.
    pub fn commit(&self, name: &str, text: &str, args: &[&str]) -> serde_json::Value {
        let path = self.file(name, text);
        let mut all = vec!["commit", path.to_str().unwrap()];
        all.extend(args);
        self.json(&all)
    }

    /// Runs what must fail with `code`, and without a panic; returns all it prints.
    pub fn fails(&self, code: i32, args: &[&str]) -> String {
        let output = self.hitl(args);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(code), "hitl {args:?}: {said}");
        assert!(!said.contains("panic") || args.iter().any(|arg| arg.contains("panic")), "{said}");
        assert!(!said.contains("RUST_BACKTRACE"), "{said}");
        said
    }

    /// Fails unless `hitl fsck` finds everything sound; returns its report.
    pub fn sound(&self) -> serde_json::Value {
        let report = self.json(&["fsck"]);
        assert_eq!(report["faults"], serde_json::json!([]));
        report
    }
}

/// Everything a program printed.
pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Labels in long form: each of `labelers` judges each of `items` by `label(labeler, item)`, in the minute
/// `labeler` × 1,000 + `item` of 2025 where `timed`.
pub fn labels(
    labelers: &[&str],
    items: std::ops::Range<u32>,
    timed: bool,
    label: impl Fn(u32, u32) -> &'static str,
) -> String {
    let mut out = String::from("item,labeler,label,created_at\n");
    for (position, labeler) in (0_u32..).zip(labelers) {
        for item in items.clone() {
            let minute = position * 1000 + item;
            let time =
                format!("2025-06-{:02}T{:02}:{:02}:00Z", 1 + minute / 1440, minute / 60 % 24, minute % 60);
            let time = if timed { time.as_str() } else { "" };
            out += &format!("i{item:03},{labeler},{},{time}\n", label(position, item));
        }
    }
    out
}

/// Returns `shared/data` (or another folder of `shared`) beside the crate or further up.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = root.ancestors().map(|above| above.join("shared").join(folder)).find(|path| path.is_dir());
    if found.is_none() {
        eprintln!("skipped: needs ../shared/{folder}");
    }
    found
}
