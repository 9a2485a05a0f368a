//! Records and snapshots signed with an SSH key, by real `ssh-keygen`
#![expect(clippy::disallowed_methods, reason = "HITL_TEST_ALL says whether a test may be skipped")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::PathBuf;

use crate::repo::Repo;

/// Whether `ssh-keygen` is here; without it a test is skipped, and fails where all must run.
pub fn has_ssh_keygen() -> bool {
    let found = std::process::Command::new("ssh-keygen").arg("-?").output().is_ok();
    if !found {
        assert!(std::env::var_os("HITL_TEST_ALL").is_none_or(|all| all != "1"), "needs ssh-keygen");
        eprintln!("skipped: needs ssh-keygen");
    }
    found
}

/// Makes a key in the scratch folder; returns its path.
pub fn key(repo: &Repo, name: &str, passphrase: &str) -> PathBuf {
    let path = repo.dir().parent().unwrap().join(name);
    let command = format!("ssh-keygen -q -t ed25519 -N '{passphrase}' -C '' -f {}", path.display());
    repo.shell(&command).exits(0);
    path
}

/// A repository that signs with the key `ada`.
pub fn signing() -> Repo {
    let repo = Repo::sentiment();
    let key = key(&repo, "ada", "");
    repo.git(&format!("config user.signingKey {}", key.display()));
    repo
}

fn files(repo: &Repo, ending: &str) -> Vec<String> {
    let listed = repo.git("ls-files ledger snapshots");
    listed.lines().filter(|path| path.ends_with(ending)).map(str::to_owned).collect()
}

/// Keys differ from run to run, and with them the commits that hold their signatures.
pub fn plain(answer: &crate::repo::Answer) -> String {
    let hide = |text: String, start: &str, is_part: fn(char) -> bool, len: usize| {
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(start) {
            let tail = &rest[at + start.len()..];
            let end = tail.find(|c| !is_part(c)).unwrap_or(tail.len());
            out.push_str(&rest[..at + start.len()]);
            out.push_str(if end == len { "PRINT" } else { &tail[..end] });
            rest = &tail[end..];
        }
        out + rest
    };
    let text = hide(answer.to_string(), "SHA256:", |c| c.is_ascii_alphanumeric() || "+/".contains(c), 43);
    let hexadecimal = |c: char| c.is_ascii_hexdigit();
    let text = hide(text, ".", hexadecimal, 64);
    hide(hide(text, " as ", hexadecimal, 10), "commit ", hexadecimal, 10)
}

#[test]
fn what_is_committed_is_signed() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = signing();
    repo.labels("a.csv", &["i1 ann neutral 2025-05-01", "i2 bob positive 2025-05-01"]);
    shot!("commit", plain(&repo.run("commit a.csv")));
    assert_eq!(files(&repo, ".sig").len(), 1);
    repo.file("g.md", "Be fair.\n");
    shot!("guideline", plain(&repo.run("guideline add tone g.md")));
    shot!("adjudicate", plain(&repo.run("adjudicate i1 positive -m so --labeler kim")));
    shot!("revert", plain(&repo.run("revert --labeler bob -m careless")));
    shot!("snapshot", plain(&repo.run("snapshot create v1")));
    assert_eq!(files(&repo, ".sig").len(), 5);
    let report = repo.json("snapshot create v2");
    assert!(report["signed_by"].as_str().unwrap().starts_with("SHA256:"), "{report}");
    shot!("sound", plain(&repo.run("fsck")));
    assert_eq!(repo.git("status --porcelain -uno"), "");
    repo.git("diff HEAD~3");
    repo.ok("status").says(&["2 snapshots"]);
    repo.ok("snapshot verify v1");
}

#[test]
fn plain_ssh_keygen_verifies_what_the_documentation_says() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = signing();
    repo.commit("a.csv", &["i1 ann neutral"]);
    repo.ok("snapshot create v1");
    let page = include_str!("../../docs/format.md");
    let blocks: Vec<&str> =
        page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [verify, vouch] = blocks[..] else { panic!("two blocks of commands") };
    let verify = verify.replace("ana.pub", "../ada.pub");
    let said = repo.shell(&format!("set -e; {verify}")).exits(0);
    let count = |said: &crate::repo::Answer, namespace: &str| {
        said.out.matches(&format!("Good \"{namespace}\"")).count()
    };
    assert_eq!((count(&said, "hitl-record"), count(&said, "hitl-snapshot")), (1, 1), "{said}");
    // Somebody else vouches, as the page has it.
    key(&repo, "eve", "");
    let manifest = files(&repo, ".yaml").into_iter().find(|path| path.starts_with("ledger")).unwrap();
    let (_, of_manifest) = vouch.split_once('\n').unwrap();
    let verify = verify.replace("../ada.pub", "../eve.pub");
    let script = format!(
        "set -e; {verify}\nmanifest={manifest}\n{}\ngit add ledger; git commit --quiet -m vouch\n{verify}",
        of_manifest.replace("-f ana ", "-f ../eve ")
    );
    let said = repo.shell(&script).exits(0);
    assert_eq!((count(&said, "hitl-record"), count(&said, "hitl-snapshot")), (1, 0), "{said}");
    assert_eq!(repo.json("fsck")["signatures"], 3);
}

#[test]
fn nothing_is_signed_where_nobody_asks() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = signing();
    repo.labels("a.csv", &["i1 ann neutral"]);
    repo.ok("commit a.csv --no-sign");
    repo.ok("revert --labeler ann -m x --no-sign");
    // A key of GnuPG signs commits, and nothing else.
    repo.git("config user.signingKey 0A46826A");
    repo.labels("b.csv", &["i2 ann neutral"]);
    let report = repo.json("commit b.csv");
    assert!(report.get("signed_by").is_none(), "{report}");
    repo.git("config --unset user.signingKey");
    repo.commit("c.csv", &["i3 ann neutral"]);
    assert_eq!(files(&repo, ".sig"), [""; 0]);
    repo.ok("demo ../demo").says(&["hitl"]);
}

#[test]
fn a_key_that_cannot_sign_changes_nothing() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = Repo::sentiment();
    let key = key(&repo, "locked", "secret");
    repo.git(&format!("config user.signingKey {}", key.display()));
    // Whoever would be asked on a terminal is not there.
    repo.set("SSH_ASKPASS_REQUIRE", "force");
    repo.set("SSH_ASKPASS", "/bin/false");
    repo.labels("a.csv", &["i1 ann neutral", "i2 ann oops"]);
    let before = repo.state();
    repo.run("commit a.csv --skip-bad").exits(4).says(&[
        "error: it could not be signed with the key TEMP/locked: ",
        "; nothing was changed\n",
        "ssh-add",
        "--no-sign",
    ]);
    assert_eq!(repo.state(), before);
    repo.run("commit a.csv --skip-bad --dry-run").exits(0);
    repo.git("config gpg.format ssh");
    repo.git("config user.signingKey ../nobody");
    repo.run("commit a.csv --skip-bad").exits(4).says(&["nobody", "No such file"]);
    repo.git("config user.signingKey 'ssh-ed25519 AAAA'");
    repo.run("commit a.csv --skip-bad").exits(4);
    repo.git("config gpg.ssh.program no-such-program");
    repo.run("commit a.csv --skip-bad").exits(2).says(&["no-such-program"]);
    assert_eq!(repo.state(), before);
    repo.ok("commit a.csv --skip-bad --no-sign");
}

#[test]
fn an_agent_and_another_program_sign_too() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = Repo::sentiment();
    let key = key(&repo, "ada", "");
    let public = std::fs::read_to_string(key.with_added_extension("pub")).unwrap();
    repo.git(&format!("config user.signingKey 'key::{}'", public.trim()));
    repo.labels("a.csv", &["i1 ann neutral"]);
    let script = "eval $(ssh-agent) > /dev/null; ssh-add -q ../ada; hitl commit a.csv; code=$?; \
                  kill $SSH_AGENT_PID; exit $code";
    repo.shell(script).exits(0).says(&["signed by SHA256:"]);
    repo.git("config user.signingKey ../ada.pub");
    repo.git("config gpg.ssh.program ../mine");
    repo.file("../mine", "#!/bin/sh\necho \"$@\" >> \"$HOME/asked\"\nexec ssh-keygen \"$@\"\n");
    repo.shell("chmod +x ../mine").exits(0);
    repo.labels("b.csv", &["i2 ann neutral"]);
    repo.ok("commit b.csv").says(&["signed by SHA256:"]);
    assert_eq!(repo.read("../asked").lines().count(), 1);
    repo.ok("fsck");
}

/// Adds a signature of a record by another key, as whoever vouches for it later does.
fn sign_too(repo: &Repo, name: &str, path: &str) {
    key(repo, name, "");
    let script = format!(
        "set -e; id=$(basename {path} .yaml); \
         print=$(cut -d' ' -f2 ../{name}.pub | base64 -d | sha256sum | cut -d' ' -f1); \
         printf 'hitl record 1\\n%s\\n' $id | ssh-keygen -q -Y sign -n hitl-record -f ../{name} > {}.$print.sig; \
         git add ledger; git commit --quiet -m 'vouch'",
        path.strip_suffix(".yaml").unwrap()
    );
    repo.shell(&script).exits(0);
}

#[test]
fn a_second_signature_leaves_what_is_kept_in_use() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = signing();
    repo.commit("a.csv", &["i1 ann neutral"]);
    repo.commit("b.csv", &["i2 ann neutral"]);
    repo.ok("status");
    let path = files(&repo, ".yaml").into_iter().find(|path| path.starts_with("ledger/labels")).unwrap();
    sign_too(&repo, "eve", &path);
    assert_eq!(repo.json("fsck")["signatures"], 3);
    // Whoever signs a record does not add it.
    repo.run("show HEAD").exits(2).says(&["added no record"]);
    // Of a ledger that has to be read whole nothing is kept.
    let is_kept = || {
        repo.ok("log");
        let tree = repo.git("rev-parse HEAD:ledger");
        repo.dir().join(format!(".git/hitl/cache/catalog/{tree}")).exists()
    };
    assert!(is_kept());
    repo.commit("c.csv", &["i3 ann neutral"]);
    assert!(is_kept());
    repo.git(&format!("rm --quiet {}", files(&repo, ".sig")[0]));
    repo.git("commit --quiet -m 'away'");
    assert!(is_kept());
    assert_eq!(repo.rows(""), ["i1 ann neutral", "i2 ann neutral", "i3 ann neutral"]);
}

#[test]
fn a_removed_signature_is_named_and_comes_back() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = signing();
    let id = repo.commit("a.csv", &["i1 ann neutral"]);
    let signature = files(&repo, ".sig").remove(0);
    repo.git(&format!("rm --quiet {signature}"));
    repo.git("commit --quiet -m 'who cares who said it'");
    shot!("removed", plain(&repo.run("fsck")));
    repo.ok(&format!("restore {}", &id[..10]));
    repo.ok("fsck");
    assert!(files(&repo, ".sig").contains(&signature));
    // All of a record, its signature with it.
    repo.git("rm -r --quiet ledger");
    repo.git("commit --quiet -m 'away'");
    repo.ok(&format!("restore {}", &id[..10]));
    assert_eq!(files(&repo, ".sig"), [signature]);
}

#[test]
fn a_signature_that_is_none_is_named() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = signing();
    repo.commit("a.csv", &["i1 ann neutral"]);
    repo.commit("b.csv", &["i2 ann neutral"]);
    repo.ok("snapshot create v1");
    let signatures = files(&repo, ".sig");
    let bytes = |path: &str| std::fs::read(repo.dir().join(path)).unwrap();
    // Another record's; a forged name; one of nothing that is here.
    let other = bytes(&signatures[1]);
    let good = bytes(&signatures[0]);
    repo.file(&signatures[0], other);
    let (stem, _) = signatures[1].rsplit_once('.').unwrap().0.rsplit_once('.').unwrap();
    repo.file(&format!("{stem}.{}.sig", "0".repeat(64)), bytes(&signatures[1]));
    repo.file(&format!("snapshots/v2.{}.sig", "b".repeat(64)), &good);
    repo.file(&format!("{}.{}.sig", stem.replace(&stem[stem.len() - 4..], "0000"), "c".repeat(64)), &good);
    repo.git("add ledger snapshots");
    repo.git("commit --quiet -m 'forged'");
    shot!("bad", plain(&repo.run("fsck")));
    // What records say is none of a signature's business.
    assert_eq!(repo.rows(""), ["i1 ann neutral", "i2 ann neutral"]);
    repo.ok("snapshot verify v1");
    // One that was never good is removed, and not missed.
    repo.git("rm --quiet -r ledger snapshots");
    repo.git("checkout HEAD^ -- ledger snapshots");
    repo.git("commit --quiet -m 'as it was'");
    repo.ok("fsck");
}
