//! A ledger whose people sign, with a server that lets in what its hook lets in.
#![allow(clippy::disallowed_methods, reason = "tests read and write files as an attacker would")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::cell::RefCell;
use std::process::Command;

use hitl::record::RecordId;
use serde_json::Value;

use crate::repo::Repo;

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
pub struct Court {
    pub repo: Repo,
    /// When rita recorded what she did.
    pub rita: RefCell<String>,
}

impl Court {
    /// Batches by bob, eve and rita, a revert by carol, a snapshot by val, all signed, on `main`, pushed; then on `attack`.
    /// None where there is no ssh-keygen, which is said.
    pub fn sit() -> Option<Self> {
        let there = Command::new("ssh-keygen").arg("-?").output().is_ok();
        assert!(there || std::env::var_os("HITL_TEST_ALL").is_none(), "ssh-keygen is missing");
        if !there {
            eprintln!("skipped: needs ssh-keygen");
            return None;
        }
        Some(Self::new())
    }

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

    pub fn declare_tasks(&self) {
        self.repo.file(
            "hitl.yaml",
            "format: 1\ntasks:\n  tone:\n    type: categorical\n    classes: [no, yes]\n  mood:\n    type: categorical\n    \
             classes: [no, yes]\n",
        );
    }

    pub fn keys(&self) {
        for (who, _) in PEOPLE {
            self.repo.shell(&format!("ssh-keygen -q -t ed25519 -N '' -C '' -f ../{who}")).exits(0);
        }
    }

    /// Writes `labelers.yaml`, rita's key with what `of_rita` adds.
    pub fn people(&self, of_rita: &str) {
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
    pub fn act_as(&self, who: &str) {
        self.author(who);
        self.repo.git("config gpg.format ssh");
        self.repo.git(&format!("config user.signingKey ../{who}"));
    }

    /// Takes the name of `who`, and nothing else.
    pub fn author(&self, who: &str) {
        for role in ["AUTHOR", "COMMITTER"] {
            self.repo.set(&format!("GIT_{role}_NAME"), who);
            self.repo.set(&format!("GIT_{role}_EMAIL"), &format!("{who}@example.com"));
        }
    }

    /// Commits labels of the task `tone` by `labeler`; returns the record's id.
    pub fn batch(&self, file: &str, labeler: &str, items: std::ops::Range<u32>) -> String {
        self.batch_with(file, labeler, items, "")
    }

    pub fn batch_with(
        &self,
        file: &str,
        labeler: &str,
        items: std::ops::Range<u32>,
        options: &str,
    ) -> String {
        let mut text = "item,labeler,label\n".to_owned();
        items.for_each(|item| text += &format!("i{item},{labeler},yes\n"));
        self.repo.file(&format!("../{file}"), text);
        let report = self.repo.json(&format!("commit ../{file} --task tone {options}"));
        report["records"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Returns the path of the file of `id` that ends so.
    pub fn path(&self, id: &str, ending: &str) -> String {
        let listed = self.repo.git("ls-files ledger");
        let found = listed.lines().find(|path| path.contains(id) && path.ends_with(ending));
        found.unwrap_or_else(|| panic!("{id}{ending} in\n{listed}")).to_owned()
    }

    /// Returns the id of the newest record of a kind.
    pub fn newest(&self, kind: &str) -> String {
        let log = self.repo.json("log");
        let records = log["entries"].as_array().unwrap();
        let newest = records.iter().find(|record| record["kind"] == kind).unwrap();
        newest["id"].as_str().unwrap().to_owned()
    }

    /// Does something with a `labelers.yaml` in the work tree that asks nothing, which is how somebody gets round being told
    /// early.
    pub fn unguarded<T>(&self, deed: impl FnOnce() -> T) -> T {
        self.repo.file("labelers.yaml", "format: 1\n");
        let done = deed();
        self.repo.git("checkout --quiet -- labelers.yaml");
        done
    }

    pub fn commit_plainly(&self, message: &str) {
        self.repo.git("add -A");
        self.repo.git(&format!("commit --quiet -m '{message}'"));
    }

    /// Returns what `check` finds between `main` and `head`.
    pub fn findings(&self, head: &str) -> (i32, Vec<Value>) {
        let answer = self.repo.run(&format!("check --base main --head {head} --format json"));
        let findings = answer.json()["findings"].as_array().unwrap().clone();
        (answer.code, findings)
    }

    /// Asserts that `attack` is refused three times: by `check` with an error of each of `codes`, by `fsck` with a fault of
    /// one of `kinds`, and by the server, which stays as it was.
    #[track_caller]
    pub fn refuses(&self, codes: &[&str], kinds: &[&str]) {
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
    pub fn server_refuses(&self, what: &str) {
        let before = self.repo.shell("git ls-remote server");
        let push = self.repo.shell(&format!("git push server {what}"));
        assert_ne!(push.code, 0, "{push}");
        assert!(push.err.contains("remote: ") && push.err.contains("pre-receive hook declined"), "{push}");
        assert_eq!(self.repo.shell("git ls-remote server").out, before.out);
    }

    /// Asserts that `attack`, which is honest, passes everywhere.
    #[track_caller]
    pub fn lets_pass(&self) {
        let (exit, findings) = self.findings("attack");
        assert!(exit == 0 && findings.iter().all(|finding| finding["level"] != "error"), "{findings:#?}");
        self.repo.run("fsck --at attack").exits(0);
        self.repo.shell("git push --quiet server attack:main").exits(0);
    }
}

/// Makes HEAD's one record one of `eve`: her name in it, her signature beside it.
pub fn resign_as(court: &Court, from: &str, to: &str) {
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

/// Puts other bytes into the shard of bob's batch; returns its id, and the new bytes' digest and length.
pub fn edited(court: &Court) -> (String, hitl::base::Digest, usize) {
    let id = id_of_bob(court);
    let path = court.repo.dir().join(court.path(&id, ".parquet"));
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.len() / 3;
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    (id, hitl::base::Digest::of(&bytes), bytes.len())
}

/// Returns the manifest of `id` with the digest of its shard replaced.
pub fn matching(court: &Court, id: &str, sha256: hitl::base::Digest) -> String {
    let text = court.repo.read(&court.path(id, ".yaml"));
    let at = text.find("shard:\n  sha256: \"").unwrap() + 18;
    format!("{}{sha256}{}", &text[..at], &text[at + 64..])
}

/// Returns the id of bob's batch.
pub fn id_of_bob(court: &Court) -> String {
    let log = court.repo.json("log");
    let records = log["entries"].as_array().unwrap();
    let of_bob = records.iter().find(|record| record["labelers"].get("bob").is_some()).unwrap();
    of_bob["id"].as_str().unwrap().to_owned()
}
