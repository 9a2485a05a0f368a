//! `hitl commit` and the repository it is in

use crate::repo::Repo;

#[test]
fn staged_unstaged_and_untracked_work_stays_as_it_was() {
    let repo = Repo::sentiment();
    repo.file("tracked.txt", "one\n");
    repo.git("add tracked.txt");
    repo.git("commit --quiet -m first");
    repo.labels("a.csv", &["i1 ann neutral"]);
    repo.file("staged.txt", "staged\n");
    repo.git("add staged.txt");
    repo.file("staged.txt", "staged, then edited\n");
    repo.file("tracked.txt", "two\n");
    let before = (repo.git("status --porcelain"), repo.git("diff"), repo.git("diff --cached"));
    repo.ok("commit a.csv");
    repo.ok("revert --labeler ann -m gone");
    repo.file("g.md", "Be fair.\n");
    repo.git("stash list");
    repo.ok("guideline add tone g.md");
    let after = (repo.git("status --porcelain"), repo.git("diff"), repo.git("diff --cached"));
    assert_eq!(after.0, format!("{}\n?? g.md", before.0));
    assert_eq!((after.1, after.2), (before.1, before.2));
    let touched = repo.git("log -3 --name-only --format=");
    assert!(
        touched
            .lines()
            .filter(|line| !line.is_empty())
            .all(|path| path.starts_with("ledger/") || path.starts_with("guidelines/")),
        "{touched}"
    );
}

#[test]
fn on_a_detached_head_it_commits_and_says_how_to_keep_it() {
    let repo = Repo::sentiment();
    repo.git("checkout --quiet --detach");
    repo.labels("a.csv", &["i1 ann neutral"]);
    shot!("detached", repo.run("commit a.csv"));
    assert_eq!(repo.rows(""), ["i1 ann neutral"]);
}

#[test]
fn in_the_middle_of_a_merge_it_refuses() {
    let repo = Repo::sentiment();
    repo.git("checkout --quiet -b other");
    repo.file("x.txt", "a\n");
    repo.git("add x.txt");
    repo.git("commit --quiet -m a");
    repo.git("checkout --quiet main");
    repo.file("x.txt", "b\n");
    repo.git("add x.txt");
    repo.git("commit --quiet -m b");
    repo.shell("git merge other").exits(1).says(&["CONFLICT"]);
    repo.labels("a.csv", &["i1 ann neutral"]);
    let before = repo.state();
    shot!("merge_in_progress", repo.run("commit a.csv"));
    repo.run("init").exits(4);
    repo.run("revert --labeler ann -m x").exits(4);
    repo.ok("status").says(&["merge"]);
    assert_eq!(repo.state(), before);
}

#[test]
fn a_hook_that_refuses_is_quoted_and_nothing_changes() {
    let repo = Repo::sentiment();
    repo.file(".git/hooks/pre-commit", "#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n");
    repo.shell("chmod +x .git/hooks/pre-commit").exits(0);
    repo.labels("a.csv", &["i1 ann neutral"]);
    let before = repo.state();
    shot!("hook_refuses", repo.run("commit a.csv"));
    assert_eq!(repo.state(), before);
}

#[test]
fn hooks_see_the_message_and_may_change_it() {
    let repo = Repo::sentiment();
    repo.file(".git/hooks/commit-msg", "#!/bin/sh\necho 'Reviewed-by: the hook' >> \"$1\"\n");
    repo.shell("chmod +x .git/hooks/commit-msg").exits(0);
    repo.labels("a.csv", &["i1 ann neutral"]);
    repo.ok("commit a.csv");
    assert_eq!(repo.git("log -1 --format=%(trailers:key=Reviewed-by,valueonly)"), "the hook");
    assert_eq!(repo.git("log -1 --format=%(trailers:key=Labeler,valueonly)"), "ann");
}

#[test]
fn without_an_identity_it_says_how_to_set_one() {
    let repo = Repo::sentiment();
    repo.without_identity();
    repo.labels("a.csv", &["i1 ann neutral"]);
    let before = repo.state();
    shot!("no_identity", repo.run("commit a.csv"));
    repo.ok("commit a.csv --dry-run");
    assert_eq!(repo.state(), before);
}

#[test]
fn the_identity_of_the_environment_is_the_actor() {
    let repo = Repo::sentiment();
    repo.set("GIT_AUTHOR_NAME", "Zoe");
    repo.set("GIT_AUTHOR_EMAIL", "zoe@example.com");
    repo.set("GIT_COMMITTER_NAME", "Émile");
    repo.set("GIT_COMMITTER_EMAIL", "emile@example.com");
    repo.commit("a.csv", &["i1 ann neutral"]);
    let log = repo.json("log");
    assert_eq!(log["entries"][0]["actor"], "Émile <emile@example.com>", "who recorded it");
    assert_eq!(repo.git("log -1 --format=%an%x20%cn"), "Zoe Émile");
}

#[test]
fn from_a_folder_below_the_root() {
    let repo = Repo::sentiment();
    repo.labels("exports/a.csv", &["i1 ann neutral", "i2 ann oops"]);
    repo.run_in(&repo.dir().join("exports"), "commit a.csv --skip-bad", b"")
        .exits(0)
        .says(&["a.refused.csv"]);
    assert_eq!(repo.read("exports/a.refused.csv"), "item,labeler,label\ni2,ann,oops\n");
    repo.labels("exports/b.csv", &["i3 ann neutral", "i4 ann oops"]);
    repo.ok("-C exports commit b.csv --skip-bad");
    assert_eq!(repo.read("exports/b.refused.csv"), "item,labeler,label\ni4,ann,oops\n");
}

#[test]
fn two_branches_merge_by_plain_git() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01"]);
    repo.git("checkout --quiet -b other");
    repo.commit("b.csv", &["i1 bob neutral 2025-05-02"]);
    repo.git("checkout --quiet main");
    repo.ok("revert --labeler ann -m gone");
    repo.git("merge --quiet --no-edit other");
    assert_eq!(repo.rows(""), ["i1 bob neutral"]);
    repo.ok("fsck");
    repo.commit("c.csv", &["i2 cleo neutral"]);
    let head = repo.git("log -1 --format=%(trailers:key=Hitl-Record,valueonly)");
    assert_eq!(repo.json(&format!("show {head}"))["records"][0]["parents"].as_array().unwrap().len(), 2);
}
