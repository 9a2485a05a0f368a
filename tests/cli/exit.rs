//! Exit codes, pipes, colours, and JSON of every command

use crate::repo::Repo;

fn ledger() -> Repo {
    let repo = Repo::sentiment();
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01");
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01", "i1 bob positive 2025-05-02"]);
    repo.ok("snapshot create v1");
    repo
}

#[test]
fn every_command_speaks_json() {
    let repo = ledger();
    for line in [
        "init",
        "status",
        "log",
        "show HEAD~1",
        "labels",
        "diff",
        "trace i1",
        "agreement",
        "labelers",
        "fsck",
        "guideline list",
        "guideline show tone@1",
        "guideline diff tone@1 tone@1",
        "guideline add tone g.md",
        "snapshot list",
        "snapshot show v1",
        "snapshot verify v1",
        "snapshot diff v1 v1",
        "snapshot create v1",
        "snapshot export v1 -o out",
        "commit a.csv",
        "commit a.csv -n",
        "revert --labeler bob -n",
        "revert --labeler bob -m x",
        "restore --all",
    ] {
        let report = repo.json(line);
        let command = line.split(' ').next().unwrap();
        assert!(
            report["schema"].as_str().unwrap().starts_with(&format!("hitl.{command}")),
            "{line}: {}",
            report["schema"]
        );
    }
}

#[test]
fn the_exit_codes() {
    let repo = ledger();
    let code = |line: &str| repo.run(line).code;
    assert_eq!(code("status"), 0);
    assert_eq!(code("--help"), 0);
    assert_eq!(code("--version"), 0);
    assert_eq!(code("diff HEAD~2..HEAD --exit-code"), 1);
    assert_eq!(code("frobnicate"), 2);
    assert_eq!(code("commit"), 2);
    assert_eq!(code("labels --at nowhere"), 2);
    assert_eq!(code("commit none.csv"), 2);
    repo.labels("bad.csv", &["i1 ann oops"]);
    assert_eq!(code("commit bad.csv"), 3);
}

#[test]
fn the_clock_override_must_be_a_time() {
    let repo = ledger();
    repo.shell("HITL_NOW=soon hitl status").exits(2).says(&["HITL_NOW", "soon"]);
}

#[test]
fn a_closed_pipe_is_no_fault() {
    let repo = Repo::sentiment();
    let rows: Vec<String> = (0..3000).map(|item| format!("item-{item} ann neutral")).collect();
    repo.commit("a.csv", &rows.iter().map(String::as_str).collect::<Vec<_>>());
    for line in ["labels", "labels --to csv", "labels --to jsonl", "labels --format json"] {
        let answer = repo.shell(&format!("{{ hitl {line}; echo $? >&2; }} | head -n 1 > first"));
        assert_eq!(answer.err, "0\n", "{line}");
    }
    let _ = repo.shell("hitl log | head -n 0").exits(0);
}

#[test]
fn git_hitl_is_a_command_of_git() {
    let repo = ledger();
    let plain = repo.run("status");
    let answer = repo.shell("git hitl status");
    assert_eq!(answer.out, plain.out, "{answer}");
    repo.shell("git hitl labels --at nowhere").exits(2);
}

#[test]
fn colour_only_where_it_is_wanted() {
    let repo = ledger();
    assert!(!repo.run("status").out.contains('\u{1b}'));
    assert!(repo.run("status --color always").out.contains("\u{1b}["));
    repo.set("NO_COLOR", "1");
    assert!(!repo.run("status --color auto").out.contains('\u{1b}'));
}

#[test]
fn what_a_file_says_cannot_steer_the_terminal() {
    let repo = Repo::sentiment();
    repo.file("a.csv", "item,labeler,label\n\"i\u{1b}[31m1\",ann,neutral\n");
    for line in ["commit a.csv", "labels", "log", "status", "agreement", "trace \u{1b}[31m1"] {
        let answer = repo.run(line);
        assert!(!answer.to_string().contains('\u{1b}'), "{line}: {answer:?}", answer = answer.to_string());
    }
}

#[test]
fn help_is_for_people() {
    let repo = Repo::bare_folder();
    shot!("help", repo.run("--help"));
    shot!("help_commit", repo.run("commit --help"));
    shot!("help_revert", repo.run("revert -h"));
}
