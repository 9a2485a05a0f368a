//! Who may do what: refused before it is written, left out of snapshots where it was written in spite of it.

use crate::repo::Repo;
use crate::signing::{has_ssh_keygen, key, plain};

/// Commits `labelers.yaml` with these labelers, a line each, after these lines at its top.
fn declare(repo: &Repo, top: &str, labelers: &[&str]) {
    let lines: String = labelers.iter().map(|labeler| format!("  {labeler}\n")).collect();
    repo.file("labelers.yaml", format!("format: 1\n{top}labelers:\n{lines}"));
    repo.git("add labelers.yaml");
    repo.git("commit -q -m people");
}

/// Does something as somebody else, who asks nobody: what a branch may bring.
fn smuggle(repo: &Repo, name: &str, line: &str) -> String {
    let (people, away) = (repo.dir().join("labelers.yaml"), repo.dir().join("away.yaml"));
    std::fs::rename(&people, &away).unwrap();
    let answer = by(repo, name, line);
    std::fs::rename(&away, &people).unwrap();
    answer
}

/// Does something as somebody else; returns the record that comes of it.
fn by(repo: &Repo, name: &str, line: &str) -> String {
    repo.git(&format!("config user.email {name}@example.com"));
    repo.git(&format!("config user.name {name}"));
    let report = repo.json(line);
    repo.git("config --unset user.email");
    repo.git("config --unset user.name");
    let record = report["record"].as_str().or(report["records"][0]["id"].as_str());
    record.expect("a record was made").to_owned()
}

const ADA_LABELS: &str = "ada: {aliases: [ada@example.com], roles: [labeler]}";
const ADA_FREEZES: &str = "ada: {aliases: [ada@example.com], roles: [labeler, validator]}";

#[test]
fn each_verb_refuses_whoever_may_not() {
    let repo = Repo::sentiment();
    repo.commit("first.csv", &["i1 bob neutral 2025-05-01", "i1 ada positive 2025-05-01"]);
    declare(&repo, "", &[ADA_LABELS, "bob: {}"]);
    repo.labels("own.csv", &["i2 ada neutral 2025-05-01"]);
    repo.ok("commit own.csv");
    repo.labels("others.csv", &["i2 bob neutral 2025-05-01", "i3 cleo neutral 2025-05-01"]);
    repo.file("g.md", "Be fair.\n");
    let before = repo.state();
    shot!("commit", repo.run("commit others.csv"));
    shot!("adjudicate", repo.run("adjudicate i1 positive -m so"));
    shot!("revert", repo.run("revert --labeler bob -m careless"));
    shot!("guideline", repo.run("guideline add tone g.md"));
    shot!("snapshot", repo.run("snapshot create v1"));
    assert_eq!(repo.state(), before);
    // Looking is free, and what is one's own may be taken back.
    repo.ok("commit others.csv --dry-run");
    repo.ok("revert --labeler bob --dry-run");
    repo.ok("revert --labeler ada -m tired");
    declare(&repo, "", &["ada: {aliases: [ada@example.com], roles: [maintainer]}", "bob: {}"]);
    repo.ok("commit others.csv");
    repo.ok("adjudicate i1 positive -m so");
    repo.ok("guideline add tone g.md");
    repo.ok("snapshot create v1");
}

#[test]
fn somebody_unknown_is_told_how_to_be_known() {
    let repo = Repo::sentiment();
    declare(&repo, "", &["bob: {roles: [maintainer]}"]);
    repo.labels("own.csv", &["i2 ada neutral 2025-05-01"]);
    shot!("unknown", repo.run("commit own.csv"));
}

#[test]
fn what_may_not_count_is_left_out_of_a_snapshot_for_ever() {
    let repo = Repo::sentiment();
    repo.labels("a.csv", &["i1 ada positive 2025-05-01", "i2 ada neutral 2025-05-01"]);
    declare(&repo, "", &[ADA_FREEZES, "bob: {}", "eve: {}"]);
    repo.ok("commit a.csv");
    let honest = repo.digest("honest");
    repo.labels("eve.csv", &["i1 bob negative 2025-05-02", "i3 bob negative 2025-05-02"]);
    let smuggled = smuggle(&repo, "eve", "commit eve.csv");
    shot!("status", repo.run("status"));
    assert_eq!(repo.json("status")["inert"][0]["refused"][0]["code"], "role");
    shot!("left_out", repo.run("snapshot create v2"));
    let lock = repo.read("snapshots/v2.yaml");
    assert!(lock.contains(&format!("\n  inert:\n    - \"{smuggled}\"\nbuckets:\n")), "{lock}");
    let v2 = repo.json("snapshot show v2");
    assert_eq!(v2["digest"], honest, "as if the record had never been");
    assert_eq!(v2["records"]["inert"][0], smuggled);
    shot!("show", repo.run("snapshot show v2"));
    // What builds on it counts.
    repo.commit("more.csv", &["i4 ada negative 2025-05-03"]);
    assert_eq!(repo.json("snapshot create v3")["counts"]["resolved"], 3);
    // The rules of another day change no lock.
    declare(&repo, "", &[]);
    repo.git("rm -q labelers.yaml");
    repo.git("commit -q -m anybody");
    for name in ["honest", "v2", "v3"] {
        repo.ok(&format!("snapshot verify {name}"));
    }
    let uses = repo.json("trace i3")["tasks"].to_string();
    assert!(!uses.contains("\"v2\""), "{uses}");
    let v4 = repo.json("snapshot create v4");
    assert_eq!((&v4["counts"]["items"], v4.get("left_out")), (&serde_json::json!(4), None));
    assert!(!repo.read("snapshots/v4.yaml").contains("inert"));
}

#[test]
fn a_revert_by_somebody_who_may_not_takes_nothing_from_a_snapshot() {
    let repo = Repo::sentiment();
    declare(&repo, "", &[ADA_FREEZES, "bob: {roles: [labeler]}"]);
    repo.commit("a.csv", &["i1 ada positive 2025-05-01"]);
    repo.labels("b.csv", &["i2 bob neutral 2025-05-01"]);
    by(&repo, "bob", "commit b.csv");
    let with_bob = repo.digest("before");
    let revert = smuggle(&repo, "ada", "revert --labeler bob -m spite");
    assert_eq!(repo.rows(""), ["i1 ada positive"], "looking shows everything");
    assert_eq!(repo.digest("after"), with_bob);
    let left_out = repo.json("snapshot show after")["records"]["inert"].clone();
    assert_eq!(left_out, serde_json::json!([revert]));
    repo.ok("snapshot verify after");
    declare(
        &repo,
        "",
        &["ada: {aliases: [ada@example.com], roles: [maintainer]}", "bob: {roles: [labeler]}"],
    );
    assert_ne!(repo.digest("later"), with_bob);
}

#[test]
fn what_is_not_signed_does_not_count_where_it_has_to_be() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = Repo::sentiment();
    let first = repo.commit("a.csv", &["i1 bob positive 2025-05-01"]);
    let path = key(&repo, "ada", "");
    let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
    let ada = format!("ada: {{aliases: [ada@example.com], keys: [{}]}}", public.trim());
    declare(&repo, &format!("require_signed: {{after: {first}}}\n"), &[&ada, "bob: {}"]);
    repo.labels("b.csv", &["i2 bob neutral 2025-05-01"]);
    shot!("unsigned", plain(&repo.run("commit b.csv")));
    let other = key(&repo, "other", "");
    repo.git(&format!("config user.signingKey {}", other.display()));
    shot!("other_key", plain(&repo.run("commit b.csv")));
    let unsigned = smuggle(&repo, "bob", "commit b.csv --no-sign");
    repo.git(&format!("config user.signingKey {}", path.display()));
    repo.commit("c.csv", &["i3 bob neutral 2025-05-01"]);
    let told = format!("  {} labels of sentiment: bob has not signed it\n[exit 0]", &unsigned[..10]);
    assert!(repo.run("status").to_string().ends_with(&told));
    let v1 = repo.json("snapshot create v1");
    assert_eq!(v1["records"]["inert"], serde_json::json!([unsigned]));
    assert_eq!(v1["counts"]["items"], 2);
    repo.ok("snapshot verify v1");
    shot!("freeze_unsigned", plain(&repo.run("snapshot create v2 --no-sign")));
}

/// Returns what `check` finds of one commit on top of another: its code, `signed` alike.
fn found(repo: &Repo) -> (i32, Vec<String>) {
    let answer = repo.run("check --base HEAD~1 --format json");
    let errors = answer.json()["findings"].as_array().unwrap().clone();
    let errors = errors.iter().filter(|finding| finding["level"] == "error");
    (answer.code, errors.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn who_may_do_what_is_changed_in_a_signed_commit() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = Repo::sentiment();
    let path = key(&repo, "ada", "");
    let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
    declare(&repo, "", &[&format!("ada: {{aliases: [ada@example.com], keys: [{}]}}", public.trim())]);
    // Neither commit.gpgSign nor gpg.format is set.
    repo.git(&format!("config user.signingKey {}", path.display()));
    repo.ok("labelers add bob --role labeler");
    assert!(repo.git("cat-file commit HEAD").contains("-----BEGIN SSH SIGNATURE-----"));
    assert_eq!(found(&repo), (0, Vec::new()));
    // Somebody who has no key there writes it by hand.
    repo.git("reset --quiet --hard HEAD~1");
    let edited = repo.read("labelers.yaml") + "  eve: {roles: [maintainer]}\n";
    repo.file("labelers.yaml", edited);
    repo.git("-c user.name=eve -c user.email=eve@example.com commit --quiet -a -m me");
    repo.run("check --base HEAD~1").exits(1).says(&["it is not signed with a key", "--amend --no-edit -S`"]);
    assert_eq!(found(&repo), (1, vec!["unsigned".to_owned()]));
    // With ada's name the signature is hers to make, as the remedy says.
    repo.git("commit --quiet --amend --no-edit --reset-author");
    assert_eq!(found(&repo), (1, vec!["unsigned".to_owned()]));
    repo.git("config gpg.format ssh");
    repo.git("commit --quiet --amend --no-edit -S");
    assert_eq!(found(&repo), (0, Vec::new()));
    // A key that cannot sign is told of, and nothing changes.
    repo.git(&format!("config user.signingKey {}/none", repo.dir().parent().unwrap().display()));
    let before = repo.state();
    repo.run("labelers add zoe").exits(4).says(&["the commit could not be signed; nothing was changed"]);
    assert_eq!(repo.state(), before);
}

#[test]
fn a_key_that_is_not_there_is_said_before_what_it_means() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = Repo::sentiment();
    let path = key(&repo, "ada", "");
    let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
    let ada = format!("ada: {{aliases: [ada@example.com], roles: [maintainer], keys: [{}]}}", public.trim());
    declare(&repo, "", &[&ada]);
    repo.labels("a.csv", &["i1 ada neutral 2025-05-01"]);
    repo.git("config user.signingKey ../gone");
    shot!("no_key", plain(&repo.run("commit a.csv")));
    repo.run("snapshot create v1").exits(2);
    repo.git("config gpg.format ssh");
    repo.run("commit a.csv").exits(4).says(&["it could not be signed with the key", "gone"]);
    repo.git(&format!("config user.signingKey {}", path.display()));
    repo.ok("commit a.csv");
}

#[test]
fn nobody_makes_themself_gold() {
    let repo = Repo::sentiment();
    repo.commit("first.csv", &["i1 ada neutral 2025-05-01"]);
    declare(&repo, "", &[ADA_FREEZES, "bob: {roles: [labeler]}"]);
    let law = repo.read("labelers.yaml");
    repo.file("labelers.yaml", "format: 1\nlabelers:\n  bob: {kind: gold}\n");
    repo.labels("gold.csv", &["i2 bob neutral 2025-05-01"]);
    let gold = by(&repo, "bob", "commit gold.csv");
    repo.file("labelers.yaml", law);
    assert_eq!(found(&repo), (1, vec!["kind".to_owned()]));
    assert_eq!(repo.json("snapshot create v1")["records"]["inert"], serde_json::json!([gold]));
}

#[test]
fn who_signs_beside_a_record_takes_nothing_from_it() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = Repo::sentiment();
    let path = key(&repo, "eve", "");
    let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
    let first = repo.commit("a.csv", &["i1 bob positive 2025-05-01"]);
    declare(&repo, "", &["bob: {}", &format!("eve: {{keys: [{}]}}", public.trim())]);
    let honest = repo.digest("honest");
    let manifest =
        repo.git("ls-files ledger").lines().find(|path| path.ends_with(".yaml")).unwrap().to_owned();
    let message = format!("{}/message", repo.dir().parent().unwrap().display());
    std::fs::write(&message, hitl::record::signed_record(first.parse().unwrap())).unwrap();
    repo.shell(&format!("ssh-keygen -q -Y sign -n hitl-record -f {} {message}", path.display())).exits(0);
    let print = public.parse::<hitl::base::ssh::PublicKey>().unwrap().fingerprint();
    let beside = manifest.replace(".yaml", &format!(".{print}.sig"));
    repo.file(&beside, std::fs::read(format!("{message}.sig")).unwrap());
    repo.git("add ledger");
    repo.git("commit --quiet -m countersigned");
    assert_eq!(repo.digest("after"), honest);
    assert!(!repo.read("snapshots/after.yaml").contains("inert"));
}

#[test]
fn a_record_dated_far_ahead_ends_no_key() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = Repo::sentiment();
    let path = key(&repo, "ada", "");
    let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
    let key = format!("[{{key: {}, valid_until: 2090-01-01}}]", public.trim());
    declare(&repo, "", &[&format!("ada: {{aliases: [ada@example.com], keys: {key}}}"), "bob: {}"]);
    repo.labels("b.csv", &["i1 bob neutral 2025-05-01"]);
    let line = "git config user.name bob && git config user.email b@b && HITL_NOW=2098-01-01T00:00:00Z hitl commit b.csv";
    repo.shell(line).exits(0);
    repo.git("config --unset user.name");
    repo.git("config --unset user.email");
    repo.git(&format!("config user.signingKey {}", path.display()));
    repo.commit("a.csv", &["i2 ada neutral 2025-05-01"]);
    let v1 = repo.json("snapshot create v1");
    assert_eq!(v1["records"].get("inert"), None, "{v1}");
}
