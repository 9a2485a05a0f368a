//! `hitl init`

use crate::repo::Repo;

const CREATED: &str = ".gitattributes\nhitl.yaml\nlabelers.yaml";

#[test]
fn a_new_folder_becomes_a_repository_with_three_files() {
    let repo = Repo::bare_folder();
    shot!("new_folder", repo.run("init --task sentiment --classes negative,neutral,positive"));
    assert_eq!(repo.git("ls-tree -r --name-only HEAD"), CREATED);
    assert_eq!(repo.git("status --porcelain"), "");
    shot!("hitl_yaml", repo.read("hitl.yaml"));
    shot!("labelers_yaml", repo.read("labelers.yaml"));
}

#[test]
fn a_named_folder_is_made() {
    let repo = Repo::bare_folder();
    repo.ok("init work/labels --task tone --type ordinal --classes low,mid,high");
    assert_eq!(repo.json("-C work/labels status")["empty_tasks"][0], "tone");
    assert!(!repo.dir().join(".git").exists());
}

#[test]
fn staged_unstaged_and_untracked_work_stays_as_it_was() {
    let repo = Repo::bare_folder();
    repo.git("init --quiet");
    repo.file("tracked.txt", "one\n");
    repo.git("add tracked.txt");
    repo.git("commit --quiet -m first");
    repo.file("staged.txt", "staged\n");
    repo.git("add staged.txt");
    repo.file("staged.txt", "staged, then edited\n");
    repo.file("tracked.txt", "two\n");
    repo.file("untracked.txt", "three\n");
    let before = (repo.git("status --porcelain"), repo.git("diff"), repo.git("diff --cached"));
    assert_eq!(before.0, "AM staged.txt\n M tracked.txt\n?? untracked.txt");
    repo.ok("init --task sentiment --classes a,b");
    assert_eq!((repo.git("status --porcelain"), repo.git("diff"), repo.git("diff --cached")), before);
    assert_eq!(repo.git("show --name-only --format= HEAD"), CREATED);
}

#[test]
fn an_unborn_branch_gets_its_first_commit_without_what_is_staged() {
    let repo = Repo::bare_folder();
    repo.git("init --quiet --initial-branch=trunk");
    repo.file("staged.txt", "staged\n");
    repo.git("add staged.txt");
    repo.ok("init").says(&["committed on trunk"]);
    assert_eq!(repo.git("ls-tree -r --name-only HEAD"), CREATED);
    assert_eq!(repo.git("status --porcelain"), "A  staged.txt");
}

#[test]
fn no_commit_leaves_the_files_to_the_user() {
    let repo = Repo::bare_folder();
    shot!("no_commit", repo.run("init --no-commit --task tone --classes a,b"));
    assert_eq!(repo.git("status --porcelain"), "?? .gitattributes\n?? hitl.yaml\n?? labelers.yaml");
}

#[test]
fn a_second_init_changes_nothing() {
    let repo = Repo::sentiment();
    let before = repo.state();
    shot!("second_init", repo.run("init"));
    shot!("second_init_with_task", repo.run("init --task other --classes a,b"));
    assert_eq!(repo.state(), before);
}

#[test]
fn lines_are_added_to_the_attributes_that_are_there() {
    let repo = Repo::bare_folder();
    repo.file(".gitattributes", "*.png binary");
    repo.ok("init");
    let text = repo.read(".gitattributes");
    assert!(text.starts_with("*.png binary\n/ledger/** -text -filter "), "{text}");
    assert_eq!(repo.git("check-attr text ledger/a.yaml"), "ledger/a.yaml: text: unset");
}

#[test]
fn without_an_identity_it_says_how_to_set_one() {
    let repo = Repo::bare_folder();
    repo.without_identity();
    shot!("no_identity", repo.run("init --task sentiment --classes a,b"));
    assert!(!repo.dir().join("hitl.yaml").exists());
}

#[test]
fn what_cannot_be_a_task_is_refused() {
    let repo = Repo::bare_folder();
    shot!("one_class", repo.run("init --task sentiment --classes positive"));
    shot!("unknown_type", repo.run("init --task sentiment --type categoricl --classes a,b"));
    shot!("bad_task_name", repo.run("init --task 'My Task' --classes a,b"));
    assert!(!repo.dir().join(".git").exists());
}

#[test]
fn all_faults_of_the_configuration_are_told_at_once() {
    let repo = Repo::sentiment();
    repo.file(
        "hitl.yaml",
        "format: 1\ntasks:\n  sentiment:\n    type: categoricl\n    clases: [a, b]\n  tone:\n    type: categorical\n    \
         classes: [a, a]\n    policy: majorty\n",
    );
    shot!("config_faults", repo.run("commit -"));
    repo.file("hitl.yaml", "format: 1\ntasks: [\n");
    shot!("config_syntax", repo.run("commit -"));
}

#[test]
fn labelers_faults_are_placed_too() {
    let repo = Repo::sentiment();
    repo.file(
        "labelers.yaml",
        "format: 1\nclosed: maybe\nlabelers:\n  ann:\n    kind: humn\n    staus: active\n",
    );
    repo.labels("a.csv", &["i ann neutral"]);
    shot!("labelers_faults", repo.run("commit a.csv"));
}

#[test]
fn a_folder_without_hitl_says_how_to_begin() {
    let repo = Repo::bare_folder();
    shot!("no_repository", repo.run("status"));
    repo.git("init --quiet");
    repo.labels("a.csv", &["i ann neutral"]);
    shot!("no_hitl_yaml", repo.run("commit a.csv"));
}

#[test]
fn a_bare_repository_is_refused_and_gets_no_file() {
    let repo = Repo::bare_folder();
    repo.git("init --quiet --bare");
    repo.run("init --task tone --classes a,b").exits(2).says(&["has no work tree"]);
    repo.run("init --no-commit").exits(2).says(&["has no work tree"]);
    assert!(!repo.dir().join("hitl.yaml").exists());
}

#[test]
fn a_refused_commit_writes_no_file() {
    let repo = Repo::bare_folder();
    repo.git("init --quiet");
    repo.file(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n");
    repo.shell("chmod +x .git/hooks/pre-commit").exits(0);
    repo.run("init --task tone --classes a,b").exits(4).says(&["pre-commit hook refused"]);
    assert_eq!(repo.git("status --porcelain"), "");
}

#[test]
fn a_committed_file_that_was_deleted_is_not_written_anew() {
    let repo = Repo::sentiment();
    std::fs::remove_file(repo.dir().join("hitl.yaml")).unwrap();
    repo.run("init").exits(2).says(&["git restore hitl.yaml"]);
}

#[test]
fn the_line_ends_of_a_checkout_are_not_committed() {
    let repo = Repo::sentiment();
    let committed = repo.git("rev-parse HEAD:hitl.yaml");
    repo.file(".gitattributes", "/ledger/** -text\n");
    repo.git("commit --quiet -a -m attributes");
    repo.git("config core.autocrlf true");
    repo.shell("rm *.yaml .gitattributes && git checkout --quiet .").exits(0);
    assert!(repo.read("hitl.yaml").contains('\r') && repo.read(".gitattributes").contains('\r'));
    repo.ok("init").says(&["wrote .gitattributes", "kept  hitl.yaml"]);
    assert_eq!(repo.git("rev-parse HEAD:hitl.yaml"), committed);
    assert!(!repo.git("show HEAD:.gitattributes").contains('\r'));
    assert_eq!(repo.git("status --porcelain"), "");
}
