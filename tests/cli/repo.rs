//! A repository of its own for one test, and a command line in it.
//!
//! Nothing of the machine reaches it: no configuration, identity, hook, locale, colour or clock. Each command happens a
//! minute after the one before, by hitl's clock and by git's, so that every id in an answer is the same on every run.
#![allow(clippy::disallowed_methods, reason = "PATH is where `git` is found")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The classes most tests use.
pub const CLASSES: &[&str] = &["negative", "neutral", "positive"];

/// A folder with a repository in it.
pub struct Repo {
    scratch: tempfile::TempDir,
    dir: PathBuf,
    minutes: Cell<u32>,
    vars: RefCell<BTreeMap<String, String>>,
}

/// What a command said.
pub struct Answer {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.out)?;
        if !self.err.is_empty() {
            write!(f, "------- stderr\n{}", self.err)?;
        }
        write!(f, "[exit {}]", self.code)
    }
}

impl Answer {
    /// The answer as JSON, whose `schema` names the command and its version.
    #[track_caller]
    pub fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}:\n{self}"));
        let schema = value["schema"].as_str().unwrap_or_default();
        assert!(schema.starts_with("hitl.") && schema.ends_with("/1"), "no schema: {self}");
        value
    }

    /// Fails unless the answer has this exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Fails unless every part of `parts` is in what was said.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        let said = self.to_string();
        for part in parts {
            assert!(said.contains(part), "`{part}` is not in:\n{said}");
        }
        self
    }
}

impl Repo {
    /// An empty folder.
    pub fn bare_folder() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("repo");
        std::fs::create_dir(&dir).unwrap();
        let config = "[user]\n\tname = Ada Author\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n\
                      [maintenance]\n\tauto = false\n[advice]\n\tdetachedHead = false\n";
        std::fs::write(scratch.path().join("gitconfig"), config).unwrap();
        let repo = Self { dir, minutes: Cell::new(0), vars: RefCell::default(), scratch };
        let home = repo.scratch.path().display().to_string();
        for (name, value) in [
            ("HOME", home.as_str()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", &format!("{home}/gitconfig")),
            ("GIT_CEILING_DIRECTORIES", home.as_str()),
            ("GIT_EDITOR", "true"),
            ("LC_ALL", "C"),
            ("TZ", "Asia/Kathmandu"),
            ("COLUMNS", "80"),
            ("PATH", &std::env::var("PATH").unwrap_or_default()),
        ] {
            repo.set(name, value);
        }
        repo
    }

    /// A repository with one categorical task.
    pub fn new(task: &str, classes: &[&str]) -> Self {
        let repo = Self::bare_folder();
        repo.ok(&format!("init --task {task} --classes {}", classes.join(",")));
        repo
    }

    /// A repository with the task `sentiment`.
    pub fn sentiment() -> Self {
        Self::new("sentiment", CLASSES)
    }

    /// A repository whose hitl.yaml is `config`, committed.
    pub fn with_config(config: &str) -> Self {
        let repo = Self::bare_folder();
        repo.ok("init --no-commit");
        repo.file("hitl.yaml", config);
        repo.git("add .");
        repo.git("commit --quiet -m config");
        repo
    }

    /// Another work tree's view of the same scratch folder: `git clone` with `options` into `name`.
    pub fn clone_to(&self, name: &str, options: &str) -> PathBuf {
        let to = self.scratch.path().join(name);
        self.git(&format!("clone --quiet {options} file://{} {}", self.dir.display(), to.display()));
        to
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Sets a variable of all later commands.
    pub fn set(&self, name: &str, value: &str) {
        self.vars.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// Takes the git identity away.
    pub fn without_identity(&self) {
        let config = "[user]\n\tuseConfigOnly = true\n[init]\n\tdefaultBranch = main\n";
        std::fs::write(self.scratch.path().join("gitconfig"), config).unwrap();
    }

    /// Writes a file, its folders too.
    pub fn file(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Writes a CSV file of `item,labeler,label,created_at`; a row is `item labeler label [time]`.
    pub fn labels(&self, path: &str, rows: &[&str]) {
        let timed = rows.iter().any(|row| row.split(' ').count() > 3);
        let mut text =
            String::from(if timed { "item,labeler,label,created_at\n" } else { "item,labeler,label\n" });
        for row in rows {
            text.push_str(&row.replace(' ', ","));
            text.push('\n');
        }
        self.file(path, text);
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.dir.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn command(&self, program: &Path, dir: &Path) -> Command {
        let minutes = self.minutes.get();
        self.minutes.set(minutes + 1);
        let now = format!("2025-06-02T{:02}:{:02}:00Z", 9 + minutes / 60, minutes % 60);
        let mut command = Command::new(program);
        command.env_clear().envs(self.vars.borrow().iter()).current_dir(dir);
        command.env("HITL_NOW", &now).env("GIT_AUTHOR_DATE", &now).env("GIT_COMMITTER_DATE", &now);
        command
    }

    /// Runs `hitl` with the words of `line`.
    #[must_use]
    pub fn run(&self, line: &str) -> Answer {
        self.run_in(&self.dir, line, b"")
    }

    /// Runs `hitl` with `input` as its standard input.
    #[must_use]
    pub fn run_with(&self, line: &str, input: &[u8]) -> Answer {
        self.run_in(&self.dir, line, input)
    }

    #[must_use]
    pub fn run_in(&self, dir: &Path, line: &str, input: &[u8]) -> Answer {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_hitl")), dir);
        command.args(words(line)).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that reads no input may be gone before it is written.
        let _ = child.stdin.take().unwrap().write_all(input);
        self.answer(child.wait_with_output().unwrap())
    }

    /// Runs a shell script with `hitl` and `git-hitl` on its PATH.
    #[must_use]
    pub fn shell(&self, script: &str) -> Answer {
        let mut command = self.command(Path::new("sh"), &self.dir);
        let folder = Path::new(env!("CARGO_BIN_EXE_hitl")).parent().unwrap();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        self.answer(command.args(["-c", script]).env("PATH", path).output().unwrap())
    }

    fn answer(&self, output: Output) -> Answer {
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            text.replace(&self.scratch.path().display().to_string(), "TEMP")
        };
        Answer {
            out: text(output.stdout),
            err: text(output.stderr),
            code: output.status.code().expect("it was killed"),
        }
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub fn ok(&self, line: &str) -> Answer {
        self.run(line).exits(0)
    }

    /// Runs a command that must succeed, and returns its JSON.
    #[track_caller]
    pub fn json(&self, line: &str) -> Value {
        self.ok(&format!("{line} --format json")).json()
    }

    /// Runs git, which must succeed; returns what it said.
    #[track_caller]
    pub fn git(&self, line: &str) -> String {
        let output = self.command(Path::new("git"), &self.dir).args(words(line)).output().unwrap();
        assert!(output.status.success(), "git {line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Commits labels (see [`Repo::labels`]) by a file of this name; returns the record's id.
    #[track_caller]
    pub fn commit(&self, path: &str, rows: &[&str]) -> String {
        self.labels(path, rows);
        let report = self.json(&format!("commit {path}"));
        report["records"].as_array().unwrap().last().expect("a record")["id"].as_str().unwrap().to_owned()
    }

    /// Commits labels and returns the rows added and those a revert holds back.
    #[track_caller]
    pub fn adds(&self, line: &str) -> (u64, u64) {
        let answer = self.run(&format!("commit {line} --format json"));
        assert!(answer.code == 0 || answer.code == 1, "{answer}");
        let report = answer.json();
        let batches = || {
            report["files"].as_array().unwrap().iter().flat_map(|file| file["batches"].as_array().unwrap())
        };
        let new = batches().map(|batch| batch["new"].as_u64().unwrap()).sum();
        let taken = batches().flat_map(|batch| batch["taken_back"].as_array().unwrap());
        (new, taken.map(|taken| taken["rows"].as_u64().unwrap()).sum())
    }

    /// `item labeler label` of each judgement, by item and labeler, as `hitl labels` with `options` tells them.
    #[track_caller]
    pub fn rows(&self, options: &str) -> Vec<String> {
        let report = self.json(&format!("labels {options}"));
        let row = |row: &Value| {
            let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {}", text("item"), text("labeler"), text("label"))
        };
        report["rows"].as_array().unwrap().iter().map(row).collect()
    }

    /// The digest of a fresh snapshot.
    #[track_caller]
    pub fn digest(&self, name: &str) -> String {
        self.json(&format!("snapshot create {name}"))["digest"].as_str().unwrap().to_owned()
    }

    /// All that a refused command must leave as it was: HEAD, index and every file of the work tree.
    pub fn state(&self) -> String {
        let head =
            self.shell("git rev-parse -q --verify HEAD; git symbolic-ref -q HEAD; git ls-files -s").out;
        let files =
            self.shell("find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 sha256sum").out;
        head + &files
    }
}

/// Splits a command line at spaces, outside single and double quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c == ' ' => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
