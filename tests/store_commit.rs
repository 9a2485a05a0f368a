//! Committing: exactly the files asked for, on every kind of HEAD and repository, and nobody else's work touched.

#[path = "faults/sealed.rs"]
mod sealed;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use hitl::store::{Error, ErrorKind, GitEnv, Head, Oid, Store};
use sealed::{Sealed, change, has};

const A: (&str, &str) = ("ledger/labels/t/2026-01/ab/a.yaml", "a: 1\n");
const B: (&str, &str) = ("ledger/labels/t/2026-01/ab/a.parquet", "PAR1\r\nnot text\r\nPAR1");

fn hook(repo: &Sealed, name: &str, script: &str) {
    let path = repo.dir().join(".git/hooks").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// Fails unless HEAD holds these files and the commit brought nothing else.
fn assert_brought(repo: &Sealed, dir: &Path, commit: &Oid, files: &[(&str, &str)]) {
    let store = repo.store_at(dir);
    for (path, text) in files {
        assert_eq!(store.file(commit, path).unwrap().as_deref(), Some(text.as_bytes()), "{path}");
        assert_eq!(std::fs::read(dir.join(path)).unwrap(), text.as_bytes(), "{path} in the work tree");
    }
    let brought =
        repo.git_at(dir, &["diff-tree", "-r", "--root", "--no-commit-id", "--name-only", &commit.0]);
    let mut paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    paths.sort_unstable();
    assert_eq!(brought.lines().collect::<Vec<_>>(), paths);
    assert!(!dir.join(".git/index.lock").exists());
    let hitl = repo.git_at(dir, &["rev-parse", "--path-format=absolute", "--git-common-dir"]) + "/hitl";
    assert!(!Path::new(&hitl).join("journal.json").exists());
    assert!(!Path::new(&hitl).join("stage").exists());
    repo.fsck();
}

#[test]
fn every_kind_of_repository_commits_alike() {
    for options in [vec![], vec!["--object-format=sha256"], vec!["--ref-format=reftable"]] {
        let repo = Sealed::with(&options);
        let store = repo.store();
        let first = store.commit(&change("first", &[A, B])).unwrap();
        assert_eq!(first.branch.as_deref(), Some("main"));
        assert_brought(&repo, &repo.dir(), &first.commit, &[A, B]);
        let second = store.commit(&change("second", &[("x/y", "z"), ("x-y", "1"), ("x.y", "2"), ("x", "")]));
        assert!(matches!(second, Err(Error::PathTaken { .. })), "{second:?}");
        let second = store.commit(&change("second", &[("ledger", "a file")]));
        assert!(matches!(second, Err(Error::PathTaken { .. })), "{second:?}");
        let files = [("x/y", "z"), ("x-y", "1"), ("x.y", "2"), ("x0", "")];
        let second = store.commit(&change("second", &files)).unwrap();
        assert_brought(&repo, &repo.dir(), &second.commit, &files);
        assert_eq!(store.head().unwrap(), Head::Branch("main".to_owned(), second.commit));
        assert_eq!(repo.git(&["status", "--porcelain"]), "");
        assert_eq!(repo.git(&["rev-list", "--count", "HEAD"]), "2");
        assert_eq!(repo.git(&["reflog", "show", "-1", "--format=%gs", "HEAD"]), "hitl: second");
        assert_eq!(repo.git(&["reflog", "show", "-1", "--format=%gs", "main"]), "hitl: second");
        let told = repo.git(&[
            "log",
            "-1",
            "--format=%an|%ae|%at|%cn|%ce|%ct|%s|%(trailers:key=Hitl-Record,valueonly)",
        ]);
        assert_eq!(
            told.trim(),
            "Ada Author|ada@example.com|1770000000|Carl Committer|carl@example.com|1770000000|second|0123"
        );
        assert!(matches!(store.commit(&change("again", &[A, B])), Err(Error::NothingToCommit)));
    }
}

#[test]
fn staged_and_unstaged_work_stays_as_it_was() {
    let repo = Sealed::new();
    for name in ["kept", "edited", "removed", "both"] {
        repo.plain_commit(name, "old\n");
    }
    repo.write("edited", "new\n");
    repo.write("both", "staged\n");
    repo.write("staged", "staged\n");
    repo.git(&["add", "both", "staged"]);
    repo.write("both", "unstaged\n");
    repo.git(&["rm", "--quiet", "--cached", "removed"]);
    repo.write("untracked", "u\n");
    repo.write(".gitignore", "ledger/\n");
    let before = repo.git(&["status", "--porcelain"]);
    let committed = repo.store().commit(&change("batch", &[A, B])).unwrap();
    assert_brought(&repo, &repo.dir(), &committed.commit, &[A, B]);
    assert_eq!(repo.git(&["status", "--porcelain"]), before);
    assert_eq!(repo.git(&["show", ":both"]), "staged");
    assert_eq!(
        repo.git(&["diff-files", "--name-only", "--", "ledger"]),
        "",
        "the index knows our files' times"
    );
    repo.git(&["commit", "--quiet", "-a", "-m", "the user's"]);
    assert_eq!(
        repo.store().file(&repo.store().resolve("HEAD").unwrap(), A.0).unwrap().unwrap(),
        A.1.as_bytes()
    );
}

#[test]
fn filters_and_line_ends_do_not_touch_the_bytes() {
    let repo = Sealed::new();
    repo.git(&["config", "core.autocrlf", "true"]);
    repo.git(&["config", "filter.upper.clean", "tr a-z A-Z"]);
    repo.plain_commit(".gitattributes", "* text eol=crlf filter=upper\n/ledger/** -text -filter\n");
    let committed = repo.store().commit(&change("batch", &[A, B])).unwrap();
    assert_brought(&repo, &repo.dir(), &committed.commit, &[A, B]);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    // Even where nothing exempts them, the blob is what was given.
    let committed = repo.store().commit(&change("elsewhere", &[("other/a", "a\r\nb\n")])).unwrap();
    assert_eq!(repo.store().file(&committed.commit, "other/a").unwrap().unwrap(), b"a\r\nb\n");
}

#[test]
fn a_detached_head_moves_and_branches_stay() {
    let repo = Sealed::new();
    let tip = repo.plain_commit("a", "a");
    repo.git(&["checkout", "--quiet", "--detach"]);
    let committed = repo.store().commit(&change("batch", &[A])).unwrap();
    assert_eq!(committed.branch, None);
    assert_eq!(repo.store().head().unwrap(), Head::Detached(committed.commit.clone()));
    assert_eq!(repo.git(&["rev-parse", "main"]), tip);
    assert_brought(&repo, &repo.dir(), &committed.commit, &[A]);
}

#[test]
fn a_linked_work_tree_commits_on_its_own_branch() {
    let repo = Sealed::new();
    let tip = repo.plain_commit("a", "a");
    let linked = repo.scratch().join("linked");
    repo.git(&["worktree", "add", "--quiet", "-b", "side/one", linked.to_str().unwrap()]);
    let store = repo.store_at(&linked.join("."));
    assert_eq!(store.cache_dir(), repo.dir().canonicalize().unwrap().join(".git/hitl/cache"));
    let committed = store.commit(&change("batch", &[A, B])).unwrap();
    assert_eq!(committed.branch.as_deref(), Some("side/one"));
    assert_eq!(repo.git(&["rev-parse", "main"]), tip);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert_eq!(repo.git_at(&linked, &["status", "--porcelain"]), "");
    assert!(!repo.dir().join(A.0).exists());
    assert_brought(&repo, &linked, &committed.commit, &[A, B]);
}

#[test]
fn split_and_sparse_indexes_are_kept() {
    let repo = Sealed::new();
    repo.plain_commit("in/a", "a");
    repo.plain_commit("out/b", "b");
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    let committed = repo.store().commit(&change("batch", &[A, B])).unwrap();
    assert_brought(&repo, &repo.dir(), &committed.commit, &[A, B]);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    let states = repo.store().work_tree(&committed.commit, "out").unwrap();
    assert_eq!(states, [], "what a sparse checkout leaves out is not missing");

    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    repo.git(&["update-index", "--split-index"]);
    let committed = repo.store().commit(&change("batch", &[A, B])).unwrap();
    assert_brought(&repo, &repo.dir(), &committed.commit, &[A, B]);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_bare_repository_reads_and_does_not_commit() {
    let repo = Sealed::new();
    repo.plain_commit("ledger/a", "a");
    let bare = repo.scratch().join("bare.git");
    repo.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    let store = repo.store_at(&bare);
    let tip = store.resolve("main").unwrap();
    assert_eq!(store.files(&tip, "ledger").unwrap().len(), 1);
    assert_eq!(store.work_tree(&tip, "ledger").unwrap(), []);
    let error = store.commit(&change("batch", &[A])).unwrap_err();
    assert!(matches!(error, Error::BareRepository { .. }), "{error}");
}

#[test]
fn an_operation_under_way_is_named() {
    let repo = Sealed::new();
    repo.plain_commit("a", "base\n");
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    repo.plain_commit("a", "side\n");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.plain_commit("a", "main\n");
    let store = repo.store();
    assert_eq!(store.operation_in_progress().unwrap(), None);
    for (start, abort, name) in [
        (["merge", "side"], ["merge", "--abort"], "merge"),
        (["rebase", "side"], ["rebase", "--abort"], "rebase"),
        (["cherry-pick", "side"], ["cherry-pick", "--abort"], "cherry-pick"),
        (["revert", "HEAD~1"], ["revert", "--abort"], "revert"),
    ] {
        assert!(!repo.try_git_at(&repo.dir(), &start).status.success());
        let error = store.commit(&change("batch", &[A])).unwrap_err();
        assert!(matches!(error, Error::InProgress(named) if named == name), "{error}");
        repo.git(&abort);
    }
    repo.git(&["bisect", "start"]);
    store.commit(&change("batch", &[A])).unwrap();
}

#[test]
fn what_is_in_the_way_is_named_and_stays() {
    let repo = Sealed::new();
    repo.plain_commit("ledger/committed", "old");
    std::fs::remove_file(repo.dir().join("ledger/committed")).unwrap();
    repo.write("ledger/other", "user's");
    repo.write("plain", "user's");
    std::os::unix::fs::symlink("/tmp", repo.dir().join("link")).unwrap();
    let store = repo.store();
    for path in ["ledger/committed", "ledger/other", "plain/x", "link/x", "link"] {
        let error = store.commit(&change("batch", &[(path, "mine")])).unwrap_err();
        assert!(matches!(error, Error::PathTaken { .. }), "{path}: {error}");
        assert_eq!(error.kind(), ErrorKind::Repository);
    }
    assert_eq!(std::fs::read(repo.dir().join("ledger/other")).unwrap(), b"user's");
    for path in ["../x", ".git/config", "/etc/passwd", ""] {
        assert!(
            matches!(store.commit(&change("batch", &[(path, "x")])), Err(Error::BadPath { .. })),
            "{path}"
        );
    }
    // A file the user changed to just these bytes may be committed, and `commit_over` replaces anything.
    repo.write("ledger/committed", "new");
    store.commit(&change("edit", &[("ledger/committed", "new")])).unwrap();
    let over = change("over", &[("ledger/other", "mine"), ("ledger/committed", "newer")]);
    let committed = store.begin().unwrap().commit_over(&over).unwrap();
    assert_brought(
        &repo,
        &repo.dir(),
        &committed.commit,
        &[("ledger/other", "mine"), ("ledger/committed", "newer")],
    );
}

#[test]
fn hooks_see_what_is_committed_and_may_refuse_or_edit_the_message() {
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    repo.write("staged", "the user's");
    repo.git(&["add", "staged"]);
    hook(
        &repo,
        "pre-commit",
        "git diff --cached --name-only HEAD >seen; echo no labels on a Saturday; exit 1",
    );
    let store = repo.store();
    let error = store.commit(&change("batch", &[A, B])).unwrap_err();
    let Error::HookRefused { hook: "pre-commit", output } = &error else { panic!("{error}") };
    assert_eq!(output, "no labels on a Saturday");
    assert_eq!(std::fs::read_to_string(repo.dir().join("seen")).unwrap(), format!("{}\n{}\n", B.0, A.0));
    assert!(!repo.dir().join(A.0).exists(), "a refused commit leaves nothing");
    assert_eq!(store.recover().unwrap(), None);

    hook(&repo, "pre-commit", "exit 0");
    hook(&repo, "commit-msg", "printf 'Reviewed-by: hook\\n' >>\"$1\"");
    hook(&repo, "post-commit", "git log -1 --format=%s >after");
    let committed = store.commit(&change("batch", &[A, B])).unwrap();
    assert_brought(&repo, &repo.dir(), &committed.commit, &[A, B]);
    assert!(repo.git(&["log", "-1", "--format=%B"]).ends_with("Hitl-Record: 0123\nReviewed-by: hook"));
    assert_eq!(std::fs::read_to_string(repo.dir().join("after")).unwrap(), "batch\n");
    assert_eq!(repo.git(&["diff", "--cached", "--name-only"]), "staged");

    for script in [
        "b=$(echo other | git hash-object -w --stdin); git update-index --cacheinfo 100644,$b,ledger/c",
        "echo other >ledger/c",
    ] {
        hook(&repo, "pre-commit", script);
        let error = store.commit(&change("more", &[("ledger/c", "c")])).unwrap_err();
        assert!(matches!(&error, Error::HookChanged { path } if path == "ledger/c"), "{error}");
        assert_eq!(repo.git(&["rev-parse", "HEAD"]), committed.commit.0);
    }
    std::fs::remove_file(repo.dir().join("ledger/c")).unwrap();
    hook(&repo, "pre-commit", "exit 0");
    hook(&repo, "commit-msg", ": >\"$1\"");
    assert!(matches!(
        store.commit(&change("more", &[("ledger/c", "c")])),
        Err(Error::HookRefused { hook: "commit-msg", .. })
    ));
}

#[test]
fn a_signed_commit_verifies_and_a_key_that_fails_refuses() {
    if !has("ssh-keygen", Command::new("ssh-keygen").arg("-?").output().is_ok()) {
        return;
    }
    let repo = Sealed::new();
    let key = repo.scratch().join("key");
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap();
    assert!(made.success());
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    let signers = repo.scratch().join("signers");
    std::fs::write(&signers, format!("carl@example.com {public}")).unwrap();
    repo.git(&["config", "gpg.format", "ssh"]);
    repo.git(&["config", "user.signingKey", key.to_str().unwrap()]);
    repo.git(&["config", "gpg.ssh.allowedSignersFile", signers.to_str().unwrap()]);
    repo.git(&["config", "commit.gpgSign", "true"]);
    let committed = repo.store().commit(&change("signed", &[A, B])).unwrap();
    assert_brought(&repo, &repo.dir(), &committed.commit, &[A, B]);
    assert_eq!(repo.git(&["log", "-1", "--format=%G?"]), "G");
    repo.git(&["config", "user.signingKey", "/nowhere/key"]);
    let error = repo.store().commit(&change("unsigned", &[("ledger/c", "c")])).unwrap_err();
    assert!(matches!(error, Error::SigningFailed { .. }), "{error}");
    assert!(!repo.dir().join("ledger/c").exists());
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), committed.commit.0);
}

#[test]
fn somebody_elses_index_lock_refuses_and_stays() {
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    let lock = repo.dir().join(".git/index.lock");
    std::fs::write(&lock, "").unwrap();
    let error = repo.store().commit(&change("batch", &[A])).unwrap_err();
    assert!(matches!(&error, Error::Busy { path, .. } if path.ends_with("index.lock")), "{error}");
    assert_eq!(error.kind(), ErrorKind::Retry);
    assert!(lock.exists());
    assert!(!repo.dir().join(A.0).exists());
    std::fs::remove_file(&lock).unwrap();
    repo.store().commit(&change("batch", &[A])).unwrap();
}

#[test]
fn without_an_identity_nothing_happens() {
    let repo = Sealed::new();
    repo.git(&["config", "user.useConfigOnly", "true"]);
    let vars = repo.vars.iter().filter(|(name, _)| !name.to_string_lossy().contains("AUTHOR")).cloned();
    let store = Store::discover_with(&repo.dir(), GitEnv::sealed(vars)).unwrap();
    assert!(matches!(store.commit(&change("batch", &[A])), Err(Error::NoIdentity { .. })));
    assert!(!repo.dir().join(A.0).exists());
}

#[test]
fn a_branch_that_moves_meanwhile_keeps_both_commits_and_a_switched_head_refuses() {
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    let store = repo.store();
    let transaction = store.begin().unwrap();
    let theirs = repo.plain_commit("b", "b");
    let committed = transaction.commit(&change("batch", &[A])).unwrap();
    assert_eq!(repo.git(&["rev-parse", "HEAD^"]), theirs);
    assert_brought(&repo, &repo.dir(), &committed.commit, &[A]);

    let transaction = store.begin().unwrap();
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    let error = transaction.commit(&change("batch", &[B])).unwrap_err();
    assert!(matches!(error, Error::HeadMoved { .. }), "{error}");
}

#[test]
fn committers_and_a_user_lose_nothing_to_each_other() {
    const COMMITTERS: usize = 4;
    const EACH: usize = 6;
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    std::thread::scope(|scope| {
        for who in 0..COMMITTERS {
            let repo = &repo;
            scope.spawn(move || {
                for n in 0..EACH {
                    let (path, text) = (format!("ledger/{who}/{n}"), format!("{who} {n}"));
                    let batch = change(&format!("batch {who} {n}"), &[(&path, &text)]);
                    // Plain git holds the index now and then; hitl then asks to be tried again.
                    while let Err(error) = repo.store().commit(&batch) {
                        assert_eq!(error.kind(), ErrorKind::Retry, "{error}");
                        if matches!(error, Error::Unfinished { .. }) {
                            break;
                        }
                    }
                }
            });
        }
        for n in 0..10 {
            repo.write(&format!("user/{n}"), "u");
            let done = |args: &[&str]| repo.try_git_at(&repo.dir(), args).status.success();
            while !done(&["add", "user"]) {}
            while !done(&["commit", "--quiet", "--allow-empty", "-m", "user"]) {}
        }
    });
    repo.store().recover().unwrap();
    let store = repo.store();
    let tip = store.resolve("HEAD").unwrap();
    assert_eq!(store.files(&tip, "ledger").unwrap().len(), COMMITTERS * EACH);
    assert_eq!(store.files(&tip, "user").unwrap().len(), 10);
    assert_eq!(store.introduced(&tip, "ledger").unwrap().len(), COMMITTERS * EACH);
    assert_eq!(store.removed(&tip, "ledger").unwrap(), []);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    repo.fsck();
}

#[test]
fn an_object_folder_that_cannot_be_written_refuses_before_anything_changes() {
    let repo = Sealed::new();
    let tip = repo.plain_commit("a", "a");
    let blob = repo.store().blob_id(A.1.as_bytes());
    // A file where the blob's folder must be: what a full or read-only disk does, without one.
    let folder = repo.dir().join(".git/objects").join(&blob.0[..2]);
    std::fs::write(&folder, "").unwrap();
    let error = repo.store().commit(&change("batch", &[A])).unwrap_err();
    assert!(matches!(error, Error::Git { .. }), "{error}");
    assert!(!repo.dir().join(A.0).exists());
    assert!(!repo.dir().join(".git/hitl/stage").exists());
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), tip);
    std::fs::remove_file(&folder).unwrap();
    repo.store().commit(&change("batch", &[A])).unwrap();
}
