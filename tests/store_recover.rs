//! Recovery where the world has moved on since the process died.

#[path = "faults/sealed.rs"]
mod sealed;

use hitl::store::{Committed, Error, ErrorKind, Store};
use sealed::{Sealed, change};

const A: (&str, &str) = ("ledger/a.yaml", "a: 1\n");

/// Leaves a commit of [`A`] journalled and not finished: the branch cannot be moved, since its log cannot be written.
fn die_journalled(repo: &Sealed) {
    die_doing(repo, |store| store.commit(&change("batch", &[A])));
}

fn die_doing(repo: &Sealed, commit: impl Fn(&Store) -> Result<Committed, Error>) {
    let log = match repo.git(&["branch", "--show-current"]) {
        detached if detached.is_empty() => repo.dir().join(".git/logs/HEAD"),
        branch => repo.dir().join(".git/logs/refs/heads").join(branch),
    };
    let kept = repo.dir().join(".git/logs/kept");
    std::fs::rename(&log, &kept).unwrap();
    std::fs::create_dir(&log).unwrap();
    std::fs::write(log.join("in-the-way"), "").unwrap();
    let error = commit(&repo.store()).unwrap_err();
    assert!(matches!(error, Error::Unfinished { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Repository);
    assert!(repo.dir().join(".git/hitl/journal.json").exists());
    std::fs::remove_dir_all(&log).unwrap();
    std::fs::rename(&kept, &log).unwrap();
}

#[test]
fn an_unfinished_commit_is_finished_by_the_next_command() {
    let repo = Sealed::new();
    repo.plain_commit("x", "x");
    die_journalled(&repo);
    let store = repo.store();
    let transaction = store.begin().unwrap();
    let recovered = transaction.recovered().unwrap().clone();
    assert_eq!(recovered.branch.as_deref(), Some("main"));
    assert_eq!(recovered.subject, "batch");
    assert_eq!(recovered.paths, [A.0]);
    assert!(matches!(transaction.commit(&change("batch", &[A])), Err(Error::NothingToCommit)));
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), recovered.commit.0);
    assert_eq!(repo.git(&["log", "-1", "--format=%an %ct %s"]), "Ada Author 1770000000 batch");
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    repo.fsck();
}

#[test]
fn locks_of_our_own_dead_processes_are_cleared() {
    let repo = Sealed::new();
    repo.plain_commit("x", "x");
    die_journalled(&repo);
    let lock = repo.dir().join(".git/refs/heads/main.lock");
    let journal = std::fs::read_to_string(repo.dir().join(".git/hitl/journal.json")).unwrap();
    let prepared = journal.split("\"commit\": \"").nth(1).unwrap().split('"').next().unwrap();
    std::fs::write(&lock, format!("{prepared}\n")).unwrap();
    let stage =
        std::fs::read_dir(repo.dir().join(".git/hitl/stage")).unwrap().next().unwrap().unwrap().path();
    std::fs::hard_link(stage.join("index"), repo.dir().join(".git/index.lock")).unwrap();
    let recovered = repo.store().recover().unwrap().unwrap();
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), recovered.commit.0);
    assert!(!lock.exists());
}

#[test]
fn recovery_waits_until_a_rebase_is_over() {
    let repo = Sealed::new();
    let tip = repo.plain_commit("x", "x");
    die_journalled(&repo);
    let rebase = repo.dir().join(".git/rebase-merge");
    std::fs::create_dir(&rebase).unwrap();
    let error = repo.store().recover().unwrap_err();
    assert!(matches!(error, Error::InProgress("rebase")), "{error}");
    assert_eq!(repo.git(&["rev-parse", "main"]), tip);
    std::fs::remove_dir(&rebase).unwrap();
    assert!(repo.store().recover().unwrap().is_some());
}

#[test]
fn a_commit_goes_to_the_branch_it_was_made_for() {
    let repo = Sealed::new();
    repo.plain_commit("x", "x");
    die_journalled(&repo);
    repo.git(&["stash", "--quiet"]);
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    let recovered = repo.store().recover().unwrap().unwrap();
    assert_eq!(recovered.branch.as_deref(), Some("main"));
    assert_eq!(repo.git(&["rev-parse", "main"]), recovered.commit.0);
    assert_eq!(repo.git(&["status", "--porcelain"]), "", "the other branch's work tree is left alone");
    assert!(!repo.dir().join(A.0).exists());
    repo.git(&["checkout", "--quiet", "main"]);
    assert!(repo.dir().join(A.0).exists());
    repo.fsck();
}

#[test]
fn another_work_tree_of_the_repository_finishes_it_too() {
    let repo = Sealed::new();
    repo.plain_commit("x", "x");
    let linked = repo.scratch().join("linked");
    repo.git(&["worktree", "add", "--quiet", "-b", "side", linked.to_str().unwrap()]);
    die_journalled(&repo);
    std::fs::remove_file(repo.dir().join(A.0)).unwrap();
    let recovered = repo.store_at(&linked).recover().unwrap().unwrap();
    assert_eq!(recovered.branch.as_deref(), Some("main"));
    assert_eq!(std::fs::read_to_string(repo.dir().join(A.0)).unwrap(), A.1);
    assert!(!linked.join(A.0).exists());
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert_eq!(repo.git_at(&linked, &["status", "--porcelain"]), "");
}

#[test]
fn a_detached_head_that_was_attached_since_keeps_the_commit_under_a_ref_of_its_own() {
    let repo = Sealed::new();
    let tip = repo.plain_commit("x", "x");
    repo.git(&["checkout", "--quiet", "--detach"]);
    die_journalled(&repo);
    repo.git(&["checkout", "--quiet", "main"]);
    let recovered = repo.store().recover().unwrap().unwrap();
    assert_eq!(repo.git(&["rev-parse", "main"]), tip);
    assert_eq!(
        repo.git(&["for-each-ref", "--format=%(objectname)", "refs/hitl/recovered"]),
        recovered.commit.0
    );
}

#[test]
fn a_branch_that_is_gone_comes_back_from_where_it_was() {
    let repo = Sealed::new();
    let tip = repo.plain_commit("x", "x");
    repo.git(&["checkout", "--quiet", "-b", "short-lived"]);
    die_journalled(&repo);
    repo.git(&["reset", "--quiet", "--hard"]);
    repo.git(&["checkout", "--quiet", "main"]);
    repo.git(&["branch", "--quiet", "-D", "short-lived"]);
    let recovered = repo.store().recover().unwrap().unwrap();
    assert_eq!(repo.git(&["rev-parse", "short-lived"]), recovered.commit.0);
    assert_eq!(repo.git(&["rev-parse", "short-lived^"]), tip);
}

#[test]
fn a_published_commit_the_user_took_back_since_does_not_return() {
    let repo = Sealed::new();
    repo.plain_commit("x", "x");
    die_journalled(&repo);
    let journal = repo.dir().join(".git/hitl/journal.json");
    let kept = std::fs::read(&journal).unwrap();
    let recovered = repo.store().recover().unwrap().unwrap();
    // As if the process had died between moving the branch and dropping the journal.
    std::fs::write(&journal, kept).unwrap();
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let tip = repo.git(&["rev-parse", "HEAD"]);
    assert_eq!(repo.store().recover().unwrap().unwrap().commit, recovered.commit);
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), tip);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_commit_that_swept_the_files_is_named_and_no_other_is_made() {
    let repo = Sealed::new();
    repo.plain_commit("x", "x");
    die_journalled(&repo);
    repo.write("x", "edited");
    repo.git(&["commit", "--quiet", "-a", "-m", "the user's"]);
    let theirs = repo.git(&["rev-parse", "HEAD"]);
    assert_eq!(repo.git(&["show", "--format=", "--name-only", "HEAD"]), format!("{}\nx", A.0));
    let later = repo.plain_commit("y", "y");
    let recovered = repo.store().recover().unwrap().unwrap();
    assert_eq!(recovered.commit.0, theirs, "the commit that brought the file, not the branch's newest");
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), later);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn what_was_edited_since_is_not_replaced() {
    let repo = Sealed::new();
    repo.plain_commit("x", "x");
    repo.write(A.0, "a: 0\n");
    die_doing(&repo, |store| store.begin()?.commit_over(&change("over", &[A])));
    assert_eq!(std::fs::read_to_string(repo.dir().join(A.0)).unwrap(), A.1, "it was replaced");
    // As if the process had died before that.
    repo.write(A.0, "a: 0\n");
    repo.write(A.0, "a: edited\n");
    let recovered = repo.store().recover().unwrap().unwrap();
    assert_eq!(repo.store().file(&recovered.commit, A.0).unwrap().unwrap(), A.1.as_bytes());
    assert_eq!(std::fs::read_to_string(repo.dir().join(A.0)).unwrap(), "a: edited\n");
}

#[test]
fn what_a_living_process_is_doing_is_not_interrupted() {
    let repo = Sealed::new();
    repo.plain_commit("x", "x");
    die_journalled(&repo);
    let lock = std::fs::File::open(repo.dir().join(".git/hitl/lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(repo.store().recover().unwrap(), None);
    lock.unlock().unwrap();
    assert!(repo.store().recover().unwrap().is_some());
}

#[test]
fn a_damaged_journal_or_stage_is_named_and_nothing_is_committed() {
    let repo = Sealed::new();
    let tip = repo.plain_commit("x", "x");
    die_journalled(&repo);
    let hitl = repo.dir().join(".git/hitl");
    let stage = std::fs::read_dir(hitl.join("stage")).unwrap().next().unwrap().unwrap().path();
    std::fs::write(stage.join("0"), "other bytes").unwrap();
    std::fs::remove_file(repo.dir().join(A.0)).unwrap();
    let error = repo.store().recover().unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
    std::fs::write(hitl.join("journal.json"), "{").unwrap();
    assert!(matches!(repo.store().begin(), Err(Error::Damaged { .. })));
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), tip);
}
