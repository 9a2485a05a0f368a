//! A repository of its own for a test: no configuration, identity, clock or hook of the machine reaches it.
#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::disallowed_methods, reason = "PATH is where `git` is found")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hitl::store::{Change, GitEnv, Store};

/// The variables every program of a test runs with.
pub fn variables(home: &Path) -> Vec<(OsString, OsString)> {
    let mut vars: Vec<(OsString, OsString)> = [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_AUTHOR_NAME", "Ada Author"),
        ("GIT_AUTHOR_EMAIL", "ada@example.com"),
        ("GIT_AUTHOR_DATE", "1770000000 +0000"),
        ("GIT_COMMITTER_NAME", "Carl Committer"),
        ("GIT_COMMITTER_EMAIL", "carl@example.com"),
        ("GIT_COMMITTER_DATE", "1770000000 +0000"),
        ("GIT_EDITOR", "true"),
        ("LC_ALL", "C"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into();
    vars.push(("PATH".into(), std::env::var_os("PATH").unwrap_or_default()));
    vars.push(("HOME".into(), home.into()));
    vars
}

/// A scratch folder with one repository in `repo`, its first branch `main`.
pub struct Sealed {
    scratch: tempfile::TempDir,
    pub vars: Vec<(OsString, OsString)>,
}

impl Sealed {
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// A repository made with these options of `git init`.
    pub fn with(options: &[&str]) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let vars = variables(scratch.path());
        let sealed = Self { scratch, vars };
        std::fs::create_dir(sealed.dir()).unwrap();
        let mut args = vec!["init", "--quiet", "--initial-branch=main"];
        args.extend(options);
        sealed.git(&args);
        sealed.git(&["config", "maintenance.auto", "false"]);
        sealed
    }

    pub fn dir(&self) -> PathBuf {
        self.scratch.path().join("repo")
    }

    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    pub fn env(&self) -> GitEnv {
        GitEnv::sealed(self.vars.clone())
    }

    pub fn store(&self) -> Store {
        self.store_at(&self.dir())
    }

    pub fn store_at(&self, dir: &Path) -> Store {
        Store::discover_with(dir, self.env()).unwrap()
    }

    pub fn try_git_at(&self, dir: &Path, args: &[&str]) -> Output {
        Command::new("git")
            .env_clear()
            .envs(self.vars.iter().map(|(name, value)| (name, value)))
            .current_dir(dir)
            .args(args)
            .output()
            .unwrap()
    }

    pub fn git_at(&self, dir: &Path, args: &[&str]) -> String {
        let output = self.try_git_at(dir, args);
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    pub fn git(&self, args: &[&str]) -> String {
        self.git_at(&self.dir(), args)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.dir().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits one file with plain git; returns the commit.
    pub fn plain_commit(&self, path: &str, text: &str) -> String {
        self.write(path, text);
        self.git(&["add", "--", path]);
        self.git(&["commit", "--quiet", "-m", &format!("plain {path}")]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Fails unless git finds the whole repository sound.
    pub fn fsck(&self) {
        let output = self.try_git_at(&self.dir(), &["fsck", "--full", "--strict"]);
        assert!(output.status.success(), "fsck: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A change of these files, its message `subject`.
pub fn change(subject: &str, files: &[(&str, &str)]) -> Change {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    Change { files, message: format!("{subject}\n\nHitl-Record: 0123\n") }
}

/// Whether a test that needs `tool` can run: without it the test says so, or fails where nothing may be skipped.
pub fn has(tool: &str, present: bool) -> bool {
    if !present {
        assert!(std::env::var_os("HITL_TEST_ALL").is_none_or(|all| all != "1"), "needs {tool}");
        eprintln!("skipped: needs {tool}");
    }
    present
}
