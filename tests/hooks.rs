//! Hooks, run by git itself: commits that are refused, and pushes to a bare repository that asks hitl first.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use project::{Project, text};
use sealed::{Sealed, has};

/// A project with a bare repository beside it, which its branch `main` was pushed to.
struct Pair {
    project: Project,
    server: PathBuf,
}

impl Pair {
    fn new() -> Self {
        Self::of(&[])
    }

    /// Both made with these options of `git init`.
    fn of(options: &[&str]) -> Self {
        let pair = Self::unpushed(options);
        pair.project.repo.git(&["push", "--quiet", "server", "main"]);
        pair.install();
        pair
    }

    fn unpushed(options: &[&str]) -> Self {
        let project = Project::in_repo(Sealed::with(options));
        project.ok(&["init", "--task", "tone", "--classes", "no,yes"]);
        let server = project.repo.scratch().join("server.git");
        let place = server.to_str().unwrap().to_owned();
        let mut init = vec!["init", "--quiet", "--bare", "--initial-branch=main"];
        init.extend(options);
        init.push(&place);
        project.repo.git(&init);
        project.repo.git(&["remote", "add", "server", &place]);
        let pair = Self { project, server };
        pair.add("week1.csv", "i1,ana,yes\ni2,ana,no\n");
        pair
    }

    /// Lets the server ask hitl.
    fn install(&self) {
        let install = || self.project.ok_at(&self.server, &["hook", "install"]);
        let said = install();
        assert!(said.starts_with("pre-receive  installed"), "{said}");
        assert!(said.contains("git config receive.fsckObjects true"), "{said}");
        self.project.repo.git_at(&self.server, &["config", "receive.fsckObjects", "true"]);
        assert!(!install().contains("fsckObjects"));
    }

    /// Commits labels, `item,labeler,label` a line; returns the path of the shard.
    fn add(&self, file: &str, rows: &str) -> String {
        let dir = self.project.repo.dir();
        std::fs::write(dir.join(file), format!("item,labeler,label\n{rows}")).unwrap();
        self.project.ok(&["commit", file]);
        std::fs::remove_file(dir.join(file)).unwrap();
        let added = self.project.repo.git(&["show", "--format=", "--name-only", "--diff-filter=A"]);
        let shard = added.lines().find(|path| path.ends_with(".parquet"));
        shard.unwrap_or_else(|| panic!("no shard in {added}")).to_owned()
    }

    fn push(&self, args: &[&str]) -> Output {
        let mut all = vec!["push", "--quiet", "server"];
        all.extend(args);
        self.project.repo.try_git_at(&self.project.repo.dir(), &all)
    }

    /// Fails unless the push is let in.
    #[track_caller]
    fn passes(&self, args: &[&str], says: &str) {
        let output = self.push(args);
        let said = text(&output);
        assert!(output.status.success(), "{said}");
        assert!(said.contains(says), "{said}");
    }

    /// Fails unless the push is refused with these words, and the server is as it was.
    #[track_caller]
    fn refuses(&self, args: &[&str], says: &[&str]) {
        let refs = || self.project.repo.git_at(&self.server, &["for-each-ref"]);
        let before = refs();
        let output = self.push(args);
        let said = text(&output);
        assert!(!output.status.success(), "{said}");
        for part in says {
            assert!(said.contains(part), "`{part}` is not in:\n{said}");
        }
        assert_eq!(refs(), before);
    }

    fn git(&self, args: &[&str]) -> String {
        self.project.repo.git(args)
    }

    fn dir(&self) -> PathBuf {
        self.project.repo.dir()
    }
}

/// Turns a bit of a file of the work tree.
fn spoil(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_server_lets_in_what_is_sound() {
    let pair = Pair::new();
    pair.add("week2.csv", "i1,bob,yes\n");
    pair.passes(&["main"], "remote: hitl: main: ok:");
    pair.git(&["checkout", "--quiet", "-b", "week3"]);
    pair.add("week3.csv", "i3,bob,yes\n");
    pair.passes(&["week3"], "remote: hitl: week3: ok:");
    // Tags are nobody's business here; an unprotected branch may go.
    pair.git(&["tag", "v1"]);
    pair.passes(&["v1"], "");
    pair.passes(&["--delete", "week3"], "");
}

#[test]
fn a_server_refuses_what_is_no_longer_what_it_was() {
    let pair = Pair::new();
    let shard = pair.add("week2.csv", "i1,bob,yes\n");
    pair.passes(&["main"], "ok:");
    let good = pair.git(&["rev-parse", "HEAD"]);
    spoil(&pair.dir().join(&shard));
    pair.git(&["commit", "--quiet", "-am", "mend a label"]);
    pair.refuses(&["main"], &["remote: hitl: main: refused", "append_only", "was edited by"]);
    // On a branch of its own it is refused as well: it cannot be merged.
    pair.refuses(&["main:mended"], &["mended: refused"]);
    pair.git(&["reset", "--quiet", "--hard", &good]);
    let manifest = shard.replace(".parquet", ".yaml");
    pair.git(&["rm", "--quiet", "--", &shard, &manifest]);
    pair.git(&["commit", "--quiet", "-m", "tidy up"]);
    pair.refuses(&["main"], &["was removed by", "hitl restore"]);
    // A merge that drops what the other side brought.
    pair.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    pair.git(&["merge", "--quiet", "-s", "ours", "-m", "ours", &good]);
    pair.refuses(&["main"], &["was removed by merge"]);
}

#[test]
fn a_server_keeps_the_history_of_protected_branches() {
    let pair = Pair::new();
    pair.add("week2.csv", "i1,bob,yes\n");
    pair.passes(&["main", "main:release/1"], "ok:");
    pair.git(&["reset", "--quiet", "--hard", "HEAD~"]);
    pair.add("week2b.csv", "i2,bob,no\n");
    pair.refuses(&["--force", "main"], &["history was rewritten", "would be lost", "git pull"]);
    pair.refuses(&["--delete", "main"], &["main"]);
    // Any other branch may be rewritten, until it is protected.
    pair.passes(&["--force", "main:release/1"], "release/1: ok:");
    pair.project.repo.git_at(&pair.server, &["config", "--add", "hitl.protect", "release/*"]);
    pair.refuses(&["--delete", "release/1"], &["release/1: refused", "protected"]);
    pair.git(&["reset", "--quiet", "--hard", "HEAD~"]);
    pair.refuses(&["--force", "main:release/1"], &["history was rewritten"]);
    // One refused branch takes the others along.
    pair.refuses(&["--force", "main:release/1", "main:other"], &["other: ok", "release/1: refused"]);
}

#[test]
fn where_no_branch_is_the_main_one_all_are_protected() {
    let pair = Pair::new();
    pair.project.repo.git_at(&pair.server, &["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    pair.add("week2.csv", "i1,bob,yes\n");
    pair.passes(&["main"], "HEAD names refs/heads/trunk, which is not there");
    pair.refuses(&["--force", "main~:main"], &["history was rewritten"]);
    pair.passes(&["main:trunk"], "hitl: trunk: ok");
    pair.passes(&["--force", "main~:main"], "hitl: main: ok");
}

#[test]
fn the_first_push_is_checked_whole() {
    let pair = Pair::unpushed(&[]);
    pair.install();
    pair.passes(&["main"], "a maintainer must look");
    let rotten = Pair::unpushed(&[]);
    rotten.install();
    let shard = rotten.git(&["ls-files", "ledger/*.parquet"]);
    rotten.git(&["rm", "--quiet", "--", &shard]);
    rotten.git(&["commit", "--quiet", "-m", "tidy up"]);
    rotten.refuses(&["main"], &["was removed by"]);
    rotten.git(&["checkout", "--quiet", "HEAD~", "--", &shard]);
    spoil(&rotten.dir().join(&shard));
    rotten.git(&["commit", "--quiet", "--amend", "-am", "mended"]);
    rotten.refuses(&["main"], &["integrity"]);
}

#[test]
fn every_kind_of_repository_asks() {
    let probe = Sealed::new();
    let reftable = probe.scratch().join("reftable");
    let reftable = reftable.to_str().unwrap();
    let known = probe.try_git_at(probe.scratch(), &["init", "--quiet", "--ref-format=reftable", reftable]);
    let mut kinds: Vec<&[&str]> = vec![&["--object-format=sha256"]];
    if has("git with reftable", known.status.success()) {
        kinds.push(&["--ref-format=reftable"]);
    }
    for kind in kinds {
        let pair = Pair::of(kind);
        pair.project.ok(&["hook", "install"]);
        pair.add("week2.csv", "i1,bob,yes\n");
        pair.passes(&["main"], "remote: hitl: main: ok:");
        let shard = pair.add("week3.csv", "i2,bob,yes\n");
        pair.git(&["rm", "--quiet", "--", &shard]);
        let refused = pair.project.repo.try_git_at(&pair.dir(), &["commit", "--quiet", "-m", "tidy"]);
        assert!(text(&refused).contains("the shard of record"), "{kind:?}: {}", text(&refused));
        pair.git(&["commit", "--quiet", "--no-verify", "-m", "tidy"]);
        pair.refuses(&["--no-verify", "main"], &["remote: hitl: main: refused", "was removed by"]);
    }
}

#[test]
fn a_server_may_borrow_objects_have_a_work_tree_or_trust_no_bare_repository() {
    let mut pair = Pair::new();
    let config = pair.project.repo.scratch().join("gitconfig");
    std::fs::write(&config, "[safe]\n\tbareRepository = explicit\n").unwrap();
    let place = pair.server.to_str().unwrap().to_owned();
    pair.git(&["clone", "--quiet", "--bare", "--shared", &place, &format!("{place}.borrows")]);
    pair.git(&["clone", "--quiet", &place, &format!("{place}.tree")]);
    for (kind, hook) in [("borrows", "hook install"), ("tree", "hook install pre-receive")] {
        pair.server = format!("{place}.{kind}").into();
        pair.project.ok_at(&pair.server, &hook.split(' ').collect::<Vec<_>>());
        pair.git(&["remote", "set-url", "server", pair.server.to_str().unwrap()]);
    }
    pair.project.repo.git_at(&pair.server, &["config", "receive.denyCurrentBranch", "updateInstead"]);
    let global = pair.project.repo.vars.iter_mut().find(|(name, _)| name == "GIT_CONFIG_GLOBAL").unwrap();
    global.1 = config.into();
    for kind in ["tree", "borrows"] {
        pair.git(&["remote", "set-url", "server", &format!("{place}.{kind}")]);
        let shard = pair.add(&format!("{kind}.csv"), "i2,bob,yes\n");
        pair.passes(&["main"], "remote: hitl: main: ok:");
        let output = pair.push(&["--force", "HEAD~:refs/heads/main"]);
        assert!(text(&output).contains("history was rewritten"), "{}", text(&output));
        pair.git(&["rm", "--quiet", "--", &shard]);
        pair.git(&["commit", "--quiet", "-m", "tidy up"]);
        let output = pair.push(&["main"]);
        assert!(text(&output).contains("was removed by"), "{}", text(&output));
        pair.git(&["reset", "--quiet", "--hard", "HEAD~"]);
    }
}

#[test]
fn a_push_is_judged_before_it_leaves() {
    let pair = Pair::new();
    std::fs::remove_file(pair.server.join("hooks/pre-receive")).unwrap();
    pair.project.ok(&["hook", "install", "pre-push"]);
    pair.git(&["fetch", "--quiet", "server"]);
    pair.add("week2.csv", "i1,bob,yes\n");
    pair.passes(&["main", "HEAD:refs/heads/week2"], "hitl: week2: ok:");
    pair.passes(&["--delete", "week2"], "");
    // A remote without a name has no branches that were fetched.
    let place = pair.server.to_str().unwrap();
    let said =
        pair.project.repo.try_git_at(&pair.dir(), &["push", "../server.git", "HEAD:refs/heads/unnamed"]);
    assert!(said.status.success() && text(&said).contains("nothing to check it against"), "{}", text(&said));
    pair.git(&["push", "--quiet", place, "--delete", "unnamed"]);
    let good = pair.git(&["rev-parse", "HEAD"]);
    let shard = pair.git(&["ls-files", "ledger/*.parquet"]).lines().next().unwrap().to_owned();
    pair.git(&["rm", "--quiet", "--", &shard]);
    pair.git(&["commit", "--quiet", "-m", "tidy up"]);
    pair.refuses(&["main"], &["hitl: main: refused", "was removed by"]);
    pair.refuses(&["main:new"], &["hitl: new: refused"]);
    pair.git(&["reset", "--quiet", "--hard", &format!("{good}~")]);
    pair.add("week2b.csv", "i1,bob,no\n");
    pair.refuses(&["--force", "main"], &["history was rewritten"]);
}

#[test]
fn a_push_over_what_is_not_here_is_not_judged() {
    let pair = Pair::new();
    pair.project.ok(&["hook", "install", "pre-push"]);
    let other = pair.project.repo.scratch().join("other");
    pair.git(&["clone", "--quiet", pair.server.to_str().unwrap(), other.to_str().unwrap()]);
    pair.project.repo.git_at(&other, &["commit", "--quiet", "--allow-empty", "-m", "theirs"]);
    pair.project.repo.git_at(&other, &["push", "--quiet", "origin", "HEAD:main"]);
    pair.add("week2.csv", "i1,bob,yes\n");
    pair.refuses(&["--force", "main"], &["is not here to be compared", "git fetch server"]);
}

#[test]
fn a_commit_takes_nothing_away() {
    let project = Project::tone();
    project.ok(&["hook", "install"]);
    let repo = &project.repo;
    let commit = |args: &[&str]| repo.try_git_at(&repo.dir(), &[&["commit", "--quiet"], args].concat());
    let refused = |output: &Output, says: &str| {
        assert!(!output.status.success() && text(output).contains(says), "{}", text(output));
    };
    // hitl's own commits pass through it.
    repo.write("week1.csv", "item,labeler,label\ni1,ana,yes\n");
    project.ok(&["commit", "week1.csv"]);
    let shard = repo.git(&["ls-files", "ledger/*.parquet"]);
    let manifest = shard.replace(".parquet", ".yaml");
    repo.git(&["rm", "--quiet", "--", &shard, &manifest]);
    let said = commit(&["-m", "tidy up"]);
    refused(&said, "2 staged files may not be committed");
    let id = Path::new(&manifest).file_stem().unwrap().to_str().unwrap();
    refused(&said, &format!("hitl revert {}", &id[..10]));
    repo.git(&["reset", "--quiet", "--hard"]);
    repo.git(&["mv", &manifest, "ledger/moved.yaml"]);
    refused(&commit(&["-m", "move"]), "ledger/moved.yaml: no record writes a file here");
    repo.git(&["reset", "--quiet", "--hard"]);
    spoil(&repo.dir().join(&shard));
    refused(&commit(&["-am", "edit"]), "the shard of record");
    repo.git(&["reset", "--quiet", "--hard"]);
    repo.git(&["update-index", "--chmod=+x", &manifest]);
    refused(&commit(&["-m", "mode"]), "the manifest of record");
    repo.git(&["reset", "--quiet", "--hard"]);
    repo.write("hitl.yaml", "tasks:\n  tone: {type: categorcal}\n");
    refused(&commit(&["-am", "schema"]), "hitl.yaml:2:");
    repo.git(&["reset", "--quiet", "--hard"]);
    // `-a` and paths have an index of their own, which is the one looked at.
    std::fs::remove_file(repo.dir().join(&shard)).unwrap();
    refused(&commit(&["-m", "path", "--", &shard]), "is removed");
    repo.git(&["reset", "--quiet", "--hard"]);
    repo.write("notes.txt", "what else lies here is nobody's business\n");
    repo.git(&["add", "notes.txt"]);
    assert!(commit(&["-m", "notes"]).status.success());
    // A record restored by its shard alone is looked at with its manifest; what was damaged may be mended.
    let held = || repo.git(&["ls-tree", "-r", "HEAD", "--", "ledger"]);
    let sound = held();
    repo.git(&["rm", "--quiet", "--", &shard]);
    repo.git(&["commit", "--quiet", "--no-verify", "-m", "lost"]);
    project.ok(&["restore", id]);
    assert_eq!(held(), sound);
    spoil(&repo.dir().join(&shard));
    repo.git(&["commit", "--quiet", "--no-verify", "-am", "damaged"]);
    project.ok(&["restore", id]);
    assert_eq!(held(), sound);
}

#[test]
fn a_merge_takes_nothing_away() {
    let project = Project::tone();
    project.ok(&["hook", "install"]);
    let repo = &project.repo;
    repo.write("notes.txt", "one\n");
    repo.git(&["add", "notes.txt"]);
    repo.git(&["commit", "--quiet", "-m", "notes"]);
    repo.git(&["checkout", "--quiet", "-b", "theirs"]);
    repo.write("week1.csv", "item,labeler,label\ni1,ana,yes\n");
    project.ok(&["commit", "week1.csv"]);
    let shard = repo.git(&["ls-files", "ledger/*.parquet"]);
    repo.plain_commit("notes.txt", "two\n");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.plain_commit("notes.txt", "three\n");
    assert!(!repo.try_git_at(&repo.dir(), &["merge", "theirs"]).status.success());
    repo.write("notes.txt", "both\n");
    repo.git(&["rm", "--quiet", "--cached", "--", &shard]);
    repo.git(&["add", "notes.txt"]);
    let output = repo.try_git_at(&repo.dir(), &["commit", "--no-edit"]);
    assert!(!output.status.success() && text(&output).contains("--source=MERGE_HEAD"), "{}", text(&output));
    repo.git(&["restore", "--source=MERGE_HEAD", "--staged", "--worktree", &shard]);
    repo.git(&["commit", "--quiet", "--no-edit"]);
}

#[test]
fn a_strangers_hook_stays_as_it_is() {
    let project = Project::tone();
    let hooks = project.repo.dir().join(".git/hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    let theirs = hooks.join("pre-commit");
    std::fs::write(&theirs, "#!/bin/sh\nexit 0\n").unwrap();
    let output = project.hitl(&["hook", "install"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    assert!(said.contains("hitl hook run pre-commit \"$@\" || exit 1"), "{said}");
    assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "#!/bin/sh\nexit 0\n");
    std::fs::write(&theirs, "#!/bin/sh\nhitl hook run pre-commit \"$@\" || exit 1\n").unwrap();
    project.ok(&["hook", "install"]);
    let before = std::fs::read(hooks.join("pre-push")).unwrap();
    assert!(project.ok(&["hook", "install"]).contains("nothing to do"));
    assert_eq!(std::fs::read(hooks.join("pre-push")).unwrap(), before);
    let status = project.ok(&["hook", "status"]);
    assert!(
        status.contains("pre-push  installed") && status.contains("pre-receive  not installed"),
        "{status}"
    );
    project.ok(&["hook", "uninstall"]);
    assert!(theirs.exists() && !hooks.join("pre-push").exists());
    // The folder that git is told to look in.
    project.repo.git(&["config", "core.hooksPath", "own hooks"]);
    project.ok(&["hook", "install", "pre-push"]);
    assert!(project.repo.dir().join("own hooks/pre-push").exists());
    project.repo.git(&["config", "core.hooksPath", "/dev/null"]);
    assert_eq!(project.hitl(&["hook", "install", "pre-push"]).status.code(), Some(2));
}

#[test]
fn a_hook_without_its_program_refuses() {
    let project = Project::tone();
    project.ok(&["hook", "install", "pre-commit"]);
    let hook = project.repo.dir().join(".git/hooks/pre-commit");
    let script = std::fs::read_to_string(&hook).unwrap();
    let here = std::fs::canonicalize(project::HITL).unwrap();
    std::fs::write(&hook, script.replace(here.to_str().unwrap(), "/gone/hitl")).unwrap();
    let output = project.repo.try_git_at(&project.repo.dir(), &["commit", "--allow-empty", "-m", "x"]);
    assert!(!output.status.success());
    assert!(text(&output).contains("neither at /gone/hitl nor on PATH"), "{}", text(&output));
}

#[test]
fn the_pre_commit_framework_runs_the_same() {
    let version = Command::new("pre-commit").arg("--version").output();
    if !has("pre-commit", version.is_ok_and(|output| output.status.success())) {
        return;
    }
    let mut pair = Pair::new();
    std::fs::remove_file(pair.server.join("hooks/pre-receive")).unwrap();
    use_framework(&mut pair);
    pair.add("week2.csv", "i1,bob,yes\n");
    let shard = pair.add("week3.csv", "i2,bob,yes\n");
    pair.passes(&["main"], "hitl (what is pushed)");
    pair.git(&["rm", "--quiet", "--", &shard]);
    let said = pair.project.repo.try_git_at(&pair.dir(), &["commit", "-m", "tidy up"]);
    assert!(!said.status.success() && text(&said).contains("may not be committed"), "{}", text(&said));
    pair.git(&["commit", "--quiet", "--no-verify", "-m", "tidy up"]);
    pair.refuses(&["main"], &["was removed by"]);
    pair.refuses(&["main:new"], &["was removed by"]);
}

/// Sets the pre-commit framework up to take hitl's hooks from a repository that defines them; from then on every program
/// finds hitl by its name.
fn use_framework(pair: &mut Pair) {
    let hitl = Path::new(project::HITL).parent().unwrap().display().to_string();
    let path = pair.project.repo.vars.iter_mut().find(|(name, _)| name == "PATH").unwrap();
    path.1 = format!("{hitl}:{}", path.1.to_string_lossy()).into();
    let repo = &pair.project.repo;
    let defined = repo.scratch().join("defined");
    std::fs::create_dir(&defined).unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    std::fs::copy(ours, defined.join(".pre-commit-hooks.yaml")).unwrap();
    repo.git_at(&defined, &["init", "--quiet", "."]);
    repo.git_at(&defined, &["add", "."]);
    repo.git_at(&defined, &["commit", "--quiet", "-m", "hooks"]);
    let config = format!(
        "repos:\n- repo: {}\n  rev: {}\n  hooks: [{{id: hitl-pre-commit-system}}, {{id: hitl-pre-push-system}}]\n",
        defined.display(),
        repo.git_at(&defined, &["rev-parse", "HEAD"])
    );
    repo.plain_commit(".pre-commit-config.yaml", &config);
    let mut command = Command::new("pre-commit");
    command.env_clear().envs(pair.project.variables()).current_dir(pair.dir());
    let said = command.args(["install", "-t", "pre-commit", "-t", "pre-push"]).output().unwrap();
    assert!(said.status.success(), "{}", text(&said));
}
