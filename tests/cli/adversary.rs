//! Attacks on a ledger whose people sign, each in a real Git repository: all are refused with the right reason by `check`,
//! by `fsck`, and by a server's pre-receive hook; and what is honest passes all three.
#![allow(clippy::disallowed_methods, reason = "tests read and write files as an attacker would")]

use std::cell::RefCell;
use std::path::Path;

use hitl::record::RecordId;

use serde_json::Value;

use crate::repo::Repo;
use crate::signing::has_ssh_keygen as can_sign;

/// Who there is, and what they may do.
const PEOPLE: [(&str, &str); 7] = [
    ("mia", "maintainer"),
    ("carol", "curator"),
    ("val", "validator"),
    ("ada", "adjudicator"),
    ("bob", "labeler"),
    ("eve", "labeler"),
    ("rita", "labeler"),
];

/// A repository whose people sign, with a server that lets in what its hook lets in.
struct Court {
    repo: Repo,
    /// When rita recorded what she did.
    rita: RefCell<String>,
}

impl Court {
    /// Batches by bob, eve and rita, a revert by carol, a snapshot by val, all signed, on `main`, pushed; then on `attack`.
    fn new() -> Self {
        let court = Self { repo: Repo::bare_folder(), rita: RefCell::default() };
        let repo = &court.repo;
        repo.ok("init --no-commit");
        court.declare_tasks();
        court.keys();
        court.people("");
        court.act_as("mia");
        repo.git("add .");
        repo.git("commit --quiet -S -m people");
        repo.shell("git init --quiet --bare -b main ../server.git && git remote add server ../server.git")
            .exits(0);
        for (who, items) in [("rita", 0..4), ("bob", 4..8), ("eve", 8..12)] {
            court.act_as(who);
            court.batch(&format!("{who}.csv"), who, items);
            if who == "rita" {
                let log = repo.json("log");
                court.rita.replace(log["entries"][0]["recorded_at"].as_str().unwrap().to_owned());
            }
        }
        court.act_as("carol");
        repo.ok("revert --labeler eve -m careless");
        court.act_as("val");
        repo.ok("snapshot create v1 --task tone");
        court.act_as("mia");
        // A minute after what she recorded, and before what the others did.
        let ended = court.rita.borrow().replace(":00Z", ":30Z");
        court.people(&format!(", valid_until: \"{ended}\""));
        repo.git("commit --quiet -a -S -m 'rita leaves'");
        let server = repo.dir().parent().unwrap().join("server.git");
        repo.run_in(&server, "hook install pre-receive", b"").exits(0);
        repo.git("push --quiet server main");
        repo.git("switch --quiet -c attack");
        court
    }

    fn declare_tasks(&self) {
        self.repo.file(
            "hitl.yaml",
            "format: 1\ntasks:\n  tone:\n    type: categorical\n    classes: [no, yes]\n  mood:\n    type: categorical\n    \
             classes: [no, yes]\n",
        );
    }

    fn keys(&self) {
        for (who, _) in PEOPLE {
            self.repo.shell(&format!("ssh-keygen -q -t ed25519 -N '' -C '' -f ../{who}")).exits(0);
        }
    }

    /// Writes `labelers.yaml`, rita's key with what `of_rita` adds.
    fn people(&self, of_rita: &str) {
        let mut text = "format: 1\nclosed: true\nrequire_signed: {after: start}\nlabelers:\n".to_owned();
        for (who, role) in PEOPLE {
            let key = std::fs::read_to_string(self.repo.dir().join(format!("../{who}.pub"))).unwrap();
            let more = if who == "rita" { of_rita } else { "" };
            text += &format!(
                "  {who}:\n    roles: [{role}]\n    keys:\n      - {{key: \"{}\"{more}}}\n",
                key.trim()
            );
        }
        self.repo.file("labelers.yaml", text);
    }

    /// From now on `who` sits at the keyboard.
    fn act_as(&self, who: &str) {
        self.author(who);
        self.repo.git("config gpg.format ssh");
        self.repo.git(&format!("config user.signingKey ../{who}"));
    }

    /// Takes the name of `who`, and nothing else.
    fn author(&self, who: &str) {
        for role in ["AUTHOR", "COMMITTER"] {
            self.repo.set(&format!("GIT_{role}_NAME"), who);
            self.repo.set(&format!("GIT_{role}_EMAIL"), &format!("{who}@example.com"));
        }
    }

    /// Commits labels of the task `tone` by `labeler`; returns the record's id.
    fn batch(&self, file: &str, labeler: &str, items: std::ops::Range<u32>) -> String {
        self.batch_with(file, labeler, items, "")
    }

    fn batch_with(&self, file: &str, labeler: &str, items: std::ops::Range<u32>, options: &str) -> String {
        let mut text = "item,labeler,label\n".to_owned();
        items.for_each(|item| text += &format!("i{item},{labeler},yes\n"));
        self.repo.file(&format!("../{file}"), text);
        let report = self.repo.json(&format!("commit ../{file} --task tone {options}"));
        report["records"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Returns the path of the file of `id` that ends so.
    fn path(&self, id: &str, ending: &str) -> String {
        let listed = self.repo.git("ls-files ledger");
        let found = listed.lines().find(|path| path.contains(id) && path.ends_with(ending));
        found.unwrap_or_else(|| panic!("{id}{ending} in\n{listed}")).to_owned()
    }

    /// Returns the id of the newest record of a kind.
    fn newest(&self, kind: &str) -> String {
        let log = self.repo.json("log");
        let records = log["entries"].as_array().unwrap();
        let newest = records.iter().find(|record| record["kind"] == kind).unwrap();
        newest["id"].as_str().unwrap().to_owned()
    }

    /// Does something with a `labelers.yaml` in the work tree that asks nothing, which is how somebody gets round being told
    /// early.
    fn unguarded<T>(&self, deed: impl FnOnce() -> T) -> T {
        self.repo.file("labelers.yaml", "format: 1\n");
        let done = deed();
        self.repo.git("checkout --quiet -- labelers.yaml");
        done
    }

    fn commit_plainly(&self, message: &str) {
        self.repo.git("add -A");
        self.repo.git(&format!("commit --quiet -m '{message}'"));
    }

    /// Returns what `check` finds between `main` and `head`.
    fn findings(&self, head: &str) -> (i32, Vec<Value>) {
        let answer = self.repo.run(&format!("check --base main --head {head} --format json"));
        let findings = answer.json()["findings"].as_array().unwrap().clone();
        (answer.code, findings)
    }

    /// Asserts that `attack` is refused three times: by `check` with an error of each of `codes`, by `fsck` with a fault of
    /// one of `kinds`, and by the server, which stays as it was.
    #[track_caller]
    fn refuses(&self, codes: &[&str], kinds: &[&str]) {
        let (exit, findings) = self.findings("attack");
        let errors = || findings.iter().filter(|finding| finding["level"] == "error");
        for code in codes {
            assert!(
                errors().any(|finding| finding["code"] == *code),
                "check finds no `{code}`: {findings:#?}"
            );
        }
        assert_eq!(exit, 1);
        let fsck = self.repo.run("fsck --at attack --format json");
        assert_eq!(fsck.code, 3, "{fsck}");
        let faults = fsck.json()["faults"].as_array().unwrap().clone();
        for kind in kinds {
            assert!(faults.iter().any(|fault| fault["kind"] == *kind), "fsck finds no `{kind}`: {faults:#?}");
        }
        self.server_refuses("attack:main");
    }

    /// Asserts that the server refuses a push.
    #[track_caller]
    fn server_refuses(&self, what: &str) {
        let before = self.repo.shell("git ls-remote server");
        let push = self.repo.shell(&format!("git push server {what}"));
        assert_ne!(push.code, 0, "{push}");
        assert!(push.err.contains("remote: ") && push.err.contains("pre-receive hook declined"), "{push}");
        assert_eq!(self.repo.shell("git ls-remote server").out, before.out);
    }

    /// Asserts that `attack`, which is honest, passes everywhere.
    #[track_caller]
    fn lets_pass(&self) {
        let (exit, findings) = self.findings("attack");
        assert!(exit == 0 && findings.iter().all(|finding| finding["level"] != "error"), "{findings:#?}");
        self.repo.run("fsck --at attack").exits(0);
        self.repo.shell("git push --quiet server attack:main").exits(0);
    }
}

#[test]
fn honest_work_passes() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("bob");
    court.batch("more.csv", "bob", 20..25);
    court.repo.ok("revert --labeler bob -m 'my own'");
    court.act_as("carol");
    court.batch("import.csv", "eve", 30..33);
    court.act_as("val");
    court.repo.ok("snapshot create v2 --task tone");
    court.act_as("mia");
    court.repo.file(
        "labelers.yaml",
        court.repo.read("labelers.yaml").replace("[curator]", "[curator, adjudicator]"),
    );
    court.repo.git("commit --quiet -a -S -m 'carol may settle items'");
    court.lets_pass();
}

#[test]
fn a_forged_labeler() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    court.unguarded(|| court.batch("forged.csv", "bob", 20..25));
    court.refuses(&["role"], &["role"]);
}

#[test]
fn a_stolen_author_line() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    court.author("carol");
    court.unguarded(|| court.batch("stolen.csv", "bob", 20..25));
    court.refuses(&["signer_mismatch"], &["signer_mismatch"]);
}

#[test]
fn an_unsigned_batch() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("bob");
    court.unguarded(|| court.batch_with("unsigned.csv", "bob", 20..25, "--no-sign"));
    court.refuses(&["unsigned"], &["unsigned"]);
}

#[test]
fn a_key_that_has_ended_even_with_a_time_before_its_end() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("rita");
    let now = court.rita.borrow().clone();
    let script = format!(
        "printf 'item,labeler,label\\ni40,rita,yes\\n' > ../late.csv && HITL_NOW={now} hitl commit --task tone ../late.csv"
    );
    court.repo.shell(&script).exits(1).says(&["refused"]);
    court.unguarded(|| court.repo.shell(&script).exits(0));
    court.refuses(&["key_ended"], &["key_ended"]);
    // What she signed while it was good stays so: `fsck` names nothing else.
    let faults = court.repo.run("fsck --at attack --format json").json()["faults"].as_array().unwrap().len();
    assert_eq!(faults, 1);
    court.repo.run("fsck --at main").exits(0);
}

#[test]
fn a_role_that_somebody_gave_themself_in_the_same_branch() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    let people = court
        .repo
        .read("labelers.yaml")
        .replace("  eve:\n    roles: [labeler]", "  eve:\n    roles: [labeler, curator]");
    court.repo.file("labelers.yaml", people);
    court.repo.git("commit --quiet -a -S -m 'a small change'");
    court.repo.ok("revert --labeler bob -m 'not mine'");
    court.refuses(&["role"], &["role"]);
    let (_, findings) = court.findings("attack");
    let of =
        |check: &str| findings.iter().any(|finding| finding["check"] == check && finding["code"] == "role");
    assert!(of("authorisation") && of("policy"), "{findings:#?}");
}

#[test]
fn a_gate_that_is_loosened_in_the_same_branch() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    court.repo.file("hitl.yaml", format!("{}checks:\n  authorisation: off\n", court.repo.read("hitl.yaml")));
    court.repo.git("commit --quiet -a -S -m 'a small change'");
    court.unguarded(|| court.batch("forged.csv", "bob", 20..25));
    court.refuses(&["role"], &["role"]);
}

/// Puts other rows into the shard of bob's batch; returns its id, and the new bytes' digest and length.
fn edited(court: &Court) -> (String, hitl::base::Digest, usize) {
    let id = court.repo.json("log")["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|record| record["labelers"].get("bob").is_some())
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = court.repo.dir().join(court.path(&id, ".parquet"));
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.len() / 3;
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    (id, hitl::base::Digest::of(&bytes), bytes.len())
}

/// Returns the manifest of `id` with the digest of its shard replaced.
fn matching(court: &Court, id: &str, sha256: hitl::base::Digest) -> String {
    let text = court.repo.read(&court.path(id, ".yaml"));
    let at = text.find("shard:\n  sha256: \"").unwrap() + 18;
    format!("{}{sha256}{}", &text[..at], &text[at + 64..])
}

#[test]
fn an_edited_shard() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    edited(&court);
    court.commit_plainly("tidy");
    court.refuses(&["edited"], &["shard"]);
}

#[test]
fn an_edited_shard_and_a_manifest_that_matches_under_the_old_id() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    let (id, sha256, _) = edited(&court);
    court.repo.file(&court.path(&id, ".yaml"), matching(&court, &id, sha256));
    court.commit_plainly("tidy");
    court.refuses(&["edited"], &["manifest"]);
}

#[test]
fn an_edited_shard_and_a_manifest_that_matches_under_an_id_of_its_own() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    let (id, sha256, _) = edited(&court);
    let text = matching(&court, &id, sha256);
    let new = RecordId::of(text.as_bytes()).to_string();
    for ending in [".yaml", ".parquet"] {
        let old = court.path(&id, ending);
        let home = old.replace(&format!("/{}/{id}", &id[..2]), &format!("/{}/{new}", &new[..2]));
        std::fs::create_dir_all(court.repo.dir().join(&home).parent().unwrap()).unwrap();
        std::fs::rename(court.repo.dir().join(&old), court.repo.dir().join(&home)).unwrap();
        if ending == ".yaml" {
            court.repo.file(&home, &text);
        }
    }
    court.commit_plainly("tidy");
    court.refuses(&["removed"], &["removed"]);
}

#[test]
fn a_deleted_revert() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    let id = court.newest("reverts");
    court.act_as("eve");
    court.repo.git(&format!("rm --quiet {}", court.path(&id, ".yaml")));
    court.commit_plainly("tidy");
    court.refuses(&["removed"], &["removed"]);
}

#[test]
fn a_deleted_signature() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    let id = court.newest("reverts");
    court.act_as("eve");
    court.repo.git(&format!("rm --quiet {}", court.path(&id, ".sig")));
    court.commit_plainly("tidy");
    court.refuses(&["removed"], &["removed"]);
}

#[test]
fn history_in_another_order() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("bob");
    court.batch("first.csv", "bob", 20..23);
    court.batch("second.csv", "bob", 23..26);
    court.repo.git("switch --quiet -c swapped main");
    court.repo.git("cherry-pick attack");
    court.repo.git("cherry-pick attack~1");
    court.repo.git("branch --quiet -f attack swapped");
    let (exit, findings) = court.findings("attack");
    assert!(exit == 1 && findings.iter().any(|finding| finding["code"] == "reordered"), "{findings:#?}");
    court.server_refuses("attack:main");
}

#[test]
fn history_that_was_rewritten() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.repo.git("reset --quiet --hard main~2");
    court.act_as("eve");
    court.server_refuses("+attack:main");
    court.server_refuses(":main");
}

#[test]
fn a_shard_in_another_task() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    let id = court.newest("labels");
    for ending in [".yaml", ".parquet"] {
        let old = court.path(&id, ending);
        let new = old.replace("/tone/", "/mood/");
        std::fs::create_dir_all(court.repo.dir().join(&new).parent().unwrap()).unwrap();
        court.repo.git(&format!("mv {old} {new}"));
    }
    court.commit_plainly("tidy");
    court.refuses(&["removed", "misplaced"], &["misplaced"]);
}

#[test]
fn a_symbolic_link_in_the_place_of_a_batch() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    let id = court.newest("labels");
    let path = court.path(&id, ".parquet");
    let other = path.replace(&id, &"0".repeat(64)).replace(&format!("/{}/", &id[..2]), "/00/");
    std::fs::create_dir_all(court.repo.dir().join(&other).parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", court.repo.dir().join(&other)).unwrap();
    court.commit_plainly("tidy");
    court.refuses(&["stray"], &["stray"]);
}

#[test]
fn a_path_that_leaves_the_ledger() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    // Git's own commands make no such tree; an attacker writes one byte by byte.
    let script = "set -e
        blob=$(printf 'format: 1\\n' | git hash-object -w --stdin)
        inner=$(printf '100644 blob %s\\tx.yaml\\n' $blob | git mktree)
        up=$(printf '40000 ..\\0'; printf %s $inner | sed 's/../\\\\x&/g' | xargs -0 printf '%b')
        { printf '40000 ..\\0'; printf \"$(printf %s $inner | sed 's/../\\\\x&/g')\"; } > ../tree
        bad=$(git hash-object -t tree -w --literally ../tree)
        root=$({ git ls-tree HEAD | grep -v '\tledger$'; git ls-tree HEAD:ledger > ../ledger; printf '040000 tree %s\\tup\\n' $bad >> ../ledger; printf '040000 tree %s\\tledger\\n' $(git mktree < ../ledger); } | git mktree)
        git branch -f attack2 $(git commit-tree $root -p HEAD -m up)";
    let made = court.repo.shell(&format!("bash -c '{}'", script.replace('\'', "'\\''")));
    assert_eq!(made.code, 0, "{made}");
    let answer = court.repo.run("check --base main --head attack2 --format json");
    assert!(answer.code == 1 || answer.code == 3, "{answer}");
    assert_eq!(court.repo.run("fsck --at attack2").code, 3);
    court.server_refuses("attack2:main");
}

#[test]
fn a_manifest_that_points_at_the_shard_of_another_batch() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    let id = edited_id(&court);
    let text = court
        .repo
        .read(&court.path(&id, ".yaml"))
        .replace("\"bob\": {", "\"eve\": {")
        .replace("bob <bob@", "eve <eve@");
    let new = RecordId::of(text.as_bytes()).to_string();
    let place = |ending: &str| {
        court.path(&id, ending).replace(&format!("/{}/{id}", &id[..2]), &format!("/{}/{new}", &new[..2]))
    };
    let shard = std::fs::read(court.repo.dir().join(court.path(&id, ".parquet"))).unwrap();
    let (manifest_home, shard_home) = (place(".yaml"), place(".parquet"));
    court.repo.file(&manifest_home, text);
    court.repo.file(&shard_home, shard);
    court.commit_plainly("mine now");
    court.refuses(&["shard"], &["shard"]);
}

/// Returns the id of bob's batch.
fn edited_id(court: &Court) -> String {
    let log = court.repo.json("log");
    let records = log["entries"].as_array().unwrap();
    let of_bob = records.iter().find(|record| record["labelers"].get("bob").is_some()).unwrap();
    of_bob["id"].as_str().unwrap().to_owned()
}

#[test]
fn two_batches_with_one_id() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    let id = court.newest("labels");
    for ending in [".yaml", ".parquet"] {
        let path = court.path(&id, ending);
        let bytes = std::fs::read(court.repo.dir().join(&path)).unwrap();
        court.repo.file(&path.replace("/2025-06/", "/2025-07/"), bytes);
    }
    court.commit_plainly("again");
    court.refuses(&["misplaced"], &["misplaced"]);
}

#[test]
fn a_revert_of_a_revert_by_somebody_who_may_not() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    let revert = court.newest("reverts");
    court.act_as("eve");
    let answer = court.repo.run(&format!("revert {revert} -m 'I was right'"));
    // Told early, before anything is written; somebody who goes round that is refused all the same.
    answer.exits(1).says(&["eve may not"]);
    court.act_as("carol");
    court.repo.ok(&format!("revert {revert} -m 'I was right'"));
    court.act_as("eve");
    resign_as(&court, "carol", "eve");
    court.refuses(&["role"], &["role"]);
}

/// Makes HEAD's one record one of `eve`: her name in it, her signature beside it.
fn resign_as(court: &Court, from: &str, to: &str) {
    let id = court.newest("reverts");
    let (path, sig) = (court.path(&id, ".yaml"), court.path(&id, ".sig"));
    let text = court.repo.read(&path).replace(&format!("{from} <{from}@"), &format!("{to} <{to}@"));
    let new = RecordId::of(text.as_bytes());
    let home = path.replace(&format!("/{}/{id}", &id[..2]), &format!("/{}/{new}", &new.to_string()[..2]));
    court.repo.git("reset --quiet --hard HEAD~1");
    court.repo.file(&home, &text);
    court.repo.file("../message", hitl::record::signed_record(new));
    court.repo.shell(&format!("ssh-keygen -q -Y sign -n hitl-record -f ../{to} ../message")).exits(0);
    let public: hitl::base::ssh::PublicKey =
        std::fs::read_to_string(court.repo.dir().join(format!("../{to}.pub"))).unwrap().parse().unwrap();
    let beside = home.replace(".yaml", &format!(".{}.sig", public.fingerprint()));
    std::fs::copy(court.repo.dir().join("../message.sig"), court.repo.dir().join(&beside)).unwrap();
    assert!(sig.ends_with(".sig"));
    court.commit_plainly("revert");
}

#[test]
fn a_merge_that_smuggles_an_edit() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("bob");
    court.batch("side.csv", "bob", 20..23);
    court.repo.git("switch --quiet -c other main");
    court.repo.file("notes.txt", "notes");
    court.commit_plainly("notes");
    court.act_as("eve");
    court.repo.shell("git merge --quiet --no-commit --no-ff attack").exits(0);
    edited(&court);
    court.repo.git("add -A");
    court.repo.git("commit --quiet -m merge");
    court.repo.git("branch --quiet -f attack other");
    court.refuses(&["edited"], &["shard"]);
}

#[test]
fn a_merge_with_strategy_ours_that_drops_a_batch() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("bob");
    court.batch("side.csv", "bob", 20..23);
    court.repo.git("switch --quiet -c other main");
    court.repo.file("notes.txt", "notes");
    court.commit_plainly("notes");
    court.repo.git("merge --quiet -s ours -m merge attack");
    court.repo.git("branch --quiet -f attack other");
    court.refuses(&["removed"], &["removed"]);
}

#[test]
fn a_batch_taken_out_by_git_revert() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("bob");
    let batch = court.batch("side.csv", "bob", 20..23);
    court.repo.git("revert --no-edit HEAD");
    assert!(!court.repo.git("ls-files ledger").contains(&batch));
    court.refuses(&["removed"], &["removed"]);
}

#[test]
fn a_snapshot_by_somebody_who_may_not() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    court.repo.run("snapshot create mine --task tone").exits(1).says(&["eve may not"]);
    court.act_as("val");
    court.unguarded(|| court.repo.ok("snapshot create mine --task tone --no-sign"));
    court.refuses(&["unsigned"], &["unsigned"]);
}

#[test]
fn a_signature_that_is_none_beside_an_old_record() {
    if !can_sign() {
        return;
    }
    let court = Court::new();
    court.act_as("eve");
    let id = court.newest("labels");
    let old = court.path(&id, ".sig");
    let public: hitl::base::ssh::PublicKey =
        std::fs::read_to_string(court.repo.dir().join("../mia.pub")).unwrap().parse().unwrap();
    let stem = Path::new(&old).with_extension("").with_extension("");
    let forged = format!("{}.{}.sig", stem.display(), public.fingerprint());
    court.repo.file(&forged, court.repo.read(&old));
    court.commit_plainly("countersigned");
    court.refuses(&["bad_signature"], &["signature"]);
}
