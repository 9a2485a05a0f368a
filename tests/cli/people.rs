//! `hitl labelers add|retire|suspend|resume|key|names|forget`

use crate::repo::Repo;

const ANA: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJh8gxH6v3lq2yHh0m0yq5bZ0zqk6X0nq0Q2s0m0yq5b";
const BOB: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKh8gxH6v3lq2yHh0m0yq5bZ0zqk6X0nq0Q2s0m0yq5b";

/// What people wrote: two labelers, and comments.
const FILE: &str = "\
# Who labels.
format: 1

labelers:
  # The lab.
  w01:   # left-handed
    kind: human
    aliases: [w01@tool]
    keys:
      - ANA ana@laptop   # new in May
  w02: {kind: human, status: suspended}   # from the agency
# The end.
";

fn listed() -> Repo {
    let repo = Repo::sentiment();
    repo.file("labelers.yaml", FILE.replace("ANA", ANA));
    repo.git("commit --quiet -m people labelers.yaml");
    repo.file("bob.pub", format!("{BOB} bob@bobs-laptop\n"));
    repo
}

#[test]
fn a_labeler_is_added_in_a_commit_of_the_file_alone() {
    let repo = listed();
    repo.labels("a.csv", &["i1 w03 neutral"]);
    repo.git("add a.csv");
    let before = repo.state();
    let add = "labelers add w03 --role labeler --role adjudicator --task sentiment --key bob.pub --alias 'Cleo B' \
               --availability Mondays --specialisation law --name 'Cleo Barr'";
    shot!("add_dry_run", repo.run(&format!("{add} --dry-run")));
    assert_eq!(repo.state(), before);
    assert!(!repo.dir().join(".git/hitl/people.json").exists());
    shot!("add", repo.run(add));
    shot!("file", repo.read("labelers.yaml"));
    assert_eq!(repo.git("show --name-only --format=%s HEAD"), "labelers: add w03\n\nlabelers.yaml");
    assert_eq!(repo.git("status --porcelain"), "A  a.csv\n?? bob.pub");
    // Neither the name nor the comment of the key, which is an address, lies in history.
    let found = repo.shell("git cat-file --batch --batch-all-objects | grep -a -c 'Barr\\|bobs-laptop'");
    assert_eq!(found.out, "0\n", "{found}");
    assert_eq!(repo.read(".git/hitl/people.json"), "{\n  \"w03\": \"Cleo Barr\"\n}");
    repo.ok("commit a.csv --task sentiment --dry-run");
}

#[test]
fn the_first_of_all_is_added_to_the_file_of_init() {
    let repo = Repo::sentiment();
    shot!("first_maintainer", repo.run("labelers add w01 --role maintainer -m 'who labels'"));
    assert_eq!(repo.git("log -1 --format=%s"), "who labels");
    let bare = Repo::bare_folder();
    bare.git("init --quiet");
    bare.ok("labelers add w01");
    assert!(bare.read("labelers.yaml").ends_with("labelers:\n  w01:\n    kind: human\n"));
    let report = bare.json("labelers add m-1 --kind model");
    assert_eq!(report["schema"], "hitl.labelers-add/1");
    assert_eq!(report["labeler"]["kind"], "model");
}

#[test]
fn roles_that_begin_warn_whoever_they_lock_out() {
    let repo = Repo::sentiment();
    shot!("roles_begin", repo.run("labelers add w01 --role labeler --dry-run"));
    let lead = "labelers add w01 --role maintainer --alias";
    repo.ok(&format!("{lead} someone --dry-run")).says(&["you are Ada Author <ada@example.com>, who has"]);
    let own = repo.ok(&format!("{lead} ada@example.com"));
    assert!(!own.to_string().contains("you are") && !own.to_string().contains("no active"), "{own}");
    // Once they are in force it is no news.
    let later = repo.ok("labelers add w02 --role labeler");
    assert!(!later.to_string().contains("note:"), "{later}");
    let listed = listed();
    listed.git("config user.name w01@tool");
    listed.ok("labelers add w03 --role maintainer --dry-run").says(&["`w01` a role in labelers.yaml"]);
}

#[test]
fn who_retires_labels_no_more_and_their_keys_end() {
    let repo = listed();
    repo.commit("a.csv", &["i1 w01 neutral 2025-05-01"]);
    shot!("retire", repo.run("labelers retire w01"));
    shot!("retired_file", repo.git("diff HEAD~ -- labelers.yaml"));
    repo.labels("b.csv", &["i2 w01 neutral"]);
    shot!("retired_rows", repo.run("commit b.csv"));
    shot!("retire_again", repo.run("labelers retire w01"));
    shot!("resume_retired", repo.run("labelers resume w01"));
    assert_eq!(repo.rows(""), ["i1 w01 neutral"]);
}

#[test]
fn who_is_suspended_goes_on_when_resumed() {
    let repo = listed();
    repo.labels("a.csv", &["i1 w01 neutral"]);
    shot!("suspend", repo.run("labelers suspend w01"));
    repo.run("commit a.csv").exits(3).says(&["labeler `w01` is suspended"]);
    shot!("resume", repo.run("labelers resume w01"));
    repo.ok("commit a.csv");
    repo.run("labelers resume w01").exits(1).says(&["`w01` is active already"]);
    repo.ok("labelers resume w02");
    assert!(
        repo.read("labelers.yaml")
            .contains("  w02:   # from the agency\n    kind: human\n    status: active\n")
    );
}

#[test]
fn keys_come_end_and_are_compromised() {
    let repo = listed();
    shot!("key_add", repo.run("labelers key add w02 bob.pub"));
    shot!("key_end", repo.run("labelers key end w01 SHA256: --since 2025-06-01 --dry-run"));
    let ended = repo.json("labelers key end w01 SHA256: --since 2025-06-01");
    assert_eq!(ended["schema"], "hitl.labelers-key-end/1");
    assert_eq!(ended["labeler"]["keys"][0]["valid_until"], "2025-06-01T00:00:00Z");
    shot!("key_ended", repo.run("labelers key end w01 SHA256:"));
    shot!("key_compromised", repo.run("labelers key compromised w01 SHA256: --since 2025-05-20"));
    shot!("key_unknown", repo.run("labelers key end w01 SHA256:zzz"));
    // A key is named by its file or its text as well.
    repo.ok("labelers key compromised w02 bob.pub --since 2025-05-01 --dry-run")
        .says(&["+        compromised_since: 2025-05-01"]);
    repo.ok(&format!("labelers key end w02 '{BOB} of bob' --since 2025-05-01 --dry-run"))
        .says(&["+        valid_until: 2025-05-01"]);
    repo.run(&format!("labelers key end w02 '{ANA}'")).exits(2).says(&["`w02` has no key `SHA256:"]);
    assert!(repo.read("labelers.yaml").contains(
        "ana@laptop   # new in May\n        valid_until: 2025-06-01T00:00:00Z\n        compromised_since: 2025-05-20"
    ));
    repo.run("labelers retire w02 --since 2025-01-01").exits(0).says(&["1 key ends at 2025-01-01"]);
}

#[test]
fn what_cannot_be_is_told_at_once_and_nothing_changes() {
    let repo = listed();
    repo.file("private", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    let before = repo.state();
    shot!("email_id", repo.run("labelers add cleo@example.org --name Cleo"));
    repo.run("labelers add a@b.c").exits(2).says(&["looks like an e-mail address"]);
    let add = format!(
        "labelers add w03 --alias w01@tool --alias w02 --task sentimnt --key private --key '{ANA}' --key 'ssh-dss AAAA' \
         --name ''"
    );
    shot!("faults", repo.run(&add));
    shot!("is_there", repo.run("labelers add w01"));
    shot!("is_alias", repo.run("labelers add w01@tool"));
    shot!("bad_role", repo.run("labelers add w03 --role currator"));
    shot!("no_key_file", repo.run("labelers add w03 --key cleo.pub"));
    shot!("key_of_another", repo.run(&format!("labelers key add w02 '{ANA}'")));
    shot!("unknown", repo.run("labelers retire w1"));
    repo.run("labelers suspend w01@tool").exits(2).says(&["did you mean `w01`?"]);
    assert_eq!(repo.state(), before);
    assert!(!repo.dir().join(".git/hitl/people.json").exists());
}

#[test]
fn what_the_user_edited_is_theirs_to_commit() {
    let repo = listed();
    let committed = repo.read("labelers.yaml");
    repo.file("labelers.yaml", committed.replace("left-handed", "right-handed"));
    let before = repo.state();
    shot!("dirty", repo.run("labelers add w03"));
    shot!("dirty_dry_run", repo.run("labelers retire w01 --dry-run"));
    assert_eq!(repo.state(), before);
    repo.shell("rm labelers.yaml").exits(0);
    shot!("gone", repo.run("labelers add w03"));
    // Line ends that a checkout gave are no edit.
    repo.file("labelers.yaml", committed.replace('\n', "\r\n"));
    repo.git("config core.autocrlf true");
    repo.ok("labelers add w03");
    repo.file("labelers.yaml", "labelers: {w01: {kind: human, kind: model}}\n");
    repo.git("commit --quiet -m broken labelers.yaml");
    repo.run("labelers add w04").exits(2).says(&["labelers.yaml:1:", "`kind` is written twice"]);
}

#[test]
fn a_layout_that_cannot_be_followed_is_left() {
    let repo = Repo::sentiment();
    repo.file("labelers.yaml", "labelers:\n  w01: &usual {kind: human}\n  w02: *usual\n");
    repo.git("commit --quiet -m people labelers.yaml");
    let before = repo.state();
    shot!("layout", repo.run("labelers retire w01"));
    assert_eq!(repo.state(), before);
}

#[test]
fn names_stand_beside_ids_and_outside_history() {
    let repo = listed();
    shot!("no_names", repo.run("labelers names"));
    shot!("name", repo.run("labelers names w01 'Ana Ruiz'"));
    repo.ok("labelers names zoe Zoë");
    shot!("names", repo.run("labelers names"));
    shot!("names_of_one", repo.run("labelers names w01"));
    repo.run("labelers names w0").exits(2).says(&["`w0` is not in labelers.yaml", "did you mean `w01`?"]);
    repo.commit("a.csv", &["i1 w01 neutral", "i2 w01 neutral", "i1 zed neutral", "i2 zed positive"]);
    shot!("report", repo.run("labelers"));
    let json = repo.run("labelers --format json").out + &repo.run("labelers --format md").out;
    assert!(!json.contains("Ruiz"), "{json}");
    let clone = repo.clone_to("clone", "");
    repo.run_in(&clone, "labelers names", b"").exits(0).says(&["no names are kept here"]);
    repo.file(".git/hitl/people.json", "[");
    repo.ok("labelers").says(&["note: names are left out: cannot read"]);
    repo.run("labelers names").exits(2).says(&["people.json"]);
}

#[test]
fn another_file_of_names_lies_outside_the_work_tree() {
    let repo = listed();
    repo.git("config hitl.people people.json");
    shot!("names_in_work_tree", repo.run("labelers names w01 Ana"));
    repo.git("config hitl.people ~/names/people.json");
    repo.ok("labelers names w01 Ana").says(&["TEMP/names/people.json"]);
    repo.git("config hitl.people ../names/people.json");
    repo.ok("labelers names").says(&["w01", "Ana"]);
}

#[test]
fn who_is_forgotten_has_neither_name_nor_address_here() {
    let repo = listed();
    repo.labels("a.csv", &["i1 ann@example.com neutral", "i2 bob@example.com neutral"]);
    repo.ok("commit a.csv --pseudonymize");
    let rows = repo.rows("");
    let id = rows[0].split(' ').nth(1).unwrap();
    repo.ok(&format!("labelers names {id} 'Ann Oak'"));
    repo.ok("labelers names w01 'Ana Ruiz'");
    let report = repo.json(&format!("labelers forget {id}"));
    assert_eq!((&report["addresses"], &report["listed"]), (&1.into(), &false.into()), "{report}");
    let kept = repo.read(".git/hitl/people.json") + &repo.read(".git/hitl/pseudonyms.json");
    assert!(!kept.contains("Oak") && !kept.contains("ann@"), "{kept}");
    assert!(kept.contains("Ruiz") && kept.contains("bob@"), "{kept}");
    assert_eq!(repo.rows(""), rows);
    shot!("forget", repo.run("labelers forget w01"));
    shot!("forget_again", repo.run("labelers forget w01"));
}

#[test]
fn a_refused_commit_keeps_no_name() {
    let repo = listed();
    repo.file(".git/hooks/pre-commit", "#!/bin/sh\necho not today\nexit 1\n");
    repo.shell("chmod +x .git/hooks/pre-commit").exits(0);
    let before = repo.state();
    repo.run("labelers add w03 --name Cleo").exits(4).says(&["not today"]);
    assert_eq!(repo.state(), before);
    assert_eq!(repo.json("labelers names")["labelers"].as_array().unwrap().len(), 2);
}
