//! `hitl snapshot attest`, and the independent script that verifies what it wrote

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::repo::Repo;
use crate::signing::{has_ssh_keygen, key, signing};

fn frozen(repo: &Repo) {
    repo.file("g.md", "# Tone\n\nBe fair.\n");
    repo.ok("guideline add tone g.md --effective 2025-01-01");
    repo.labels("a.csv", &["i1 ann neutral 2025-05-01", "i2 bob positive 2025-05-01"]);
    repo.ok("commit a.csv --guideline tone --origin fresh");
    repo.ok("snapshot create v1");
}

#[test]
fn a_statement_says_what_it_was_made_of_and_names_nobody() {
    let repo = Repo::sentiment();
    frozen(&repo);
    let said = repo.ok("snapshot attest v1 --statement");
    let statement: Value = serde_json::from_str(&said.out).unwrap();
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_json_snapshot!("statement", statement);
    });
    assert!(!said.out.contains("ann") && !said.out.contains("ada@"), "{said}");
    assert_eq!(repo.ok("snapshot attest v1 --statement").out, said.out, "one snapshot has one statement");
}

#[test]
fn without_a_key_it_says_how_to_have_one() {
    let repo = Repo::sentiment();
    frozen(&repo);
    shot!("no_key", repo.run("snapshot attest v1"));
}

#[test]
fn what_does_not_rebuild_is_not_attested() {
    let repo = Repo::sentiment();
    frozen(&repo);
    let text = repo.read("snapshots/v1.yaml");
    let (body, _) = text.rsplit_once("lock_sha256").unwrap();
    let forged = body.replace("ties: 0", "ties: 1");
    let sum = repo.dir().join("body");
    std::fs::write(&sum, &forged).unwrap();
    let sha256 = repo.shell("sha256sum body").out;
    repo.file("snapshots/v1.yaml", format!("{forged}lock_sha256: \"{}\"\n", &sha256[..64]));
    repo.git("commit -q -a -m forged");
    shot!("forged", repo.run("snapshot attest v1 --statement"));
}

/// Runs the script over an envelope.
fn verified(repo: &Repo, envelope: &str, more: &[&str]) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_attestation.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(repo.dir())
        .arg(repo.dir().join(envelope))
        .args(more)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn another_program_verifies_it_and_finds_what_was_tampered_with() {
    if !has_ssh_keygen() {
        return;
    }
    let repo = signing();
    frozen(&repo);
    repo.ok("snapshot attest v1 --to v1.intoto.json").says(&["attested v1", "signed by SHA256:"]);
    let said = repo.ok("snapshot attest v1");
    assert!(said.err.contains("note: labelers.yaml gives SHA256:"), "{said}");
    let text = repo.read("v1.intoto.json");
    assert_eq!(repo.ok("snapshot attest v1").out, text, "ed25519 signs the same bytes the same way");
    let (good, said) = verified(&repo, "v1.intoto.json", &[]);
    assert!(good && said.starts_with("attested v1, signed by SHA256:"), "{said}");
    let public = std::fs::read_to_string(repo.dir().parent().unwrap().join("ada.pub")).unwrap();
    repo.file("allowed", format!("ada@example.com {public}"));
    let allowed = repo.dir().join("allowed").display().to_string();
    assert!(verified(&repo, "v1.intoto.json", &["ada@example.com", &allowed]).0);
    assert!(!verified(&repo, "v1.intoto.json", &["bob@example.com", &allowed]).0);

    let envelope: Value = serde_json::from_str(&text).unwrap();
    let payload = repo.shell("python3 -c \"import json,base64;print(base64.b64decode(json.load(open('v1.intoto.json'))['payload']).decode())\"").out;
    let statement: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(statement["predicate"]["signed"]["records"], 2, "{statement}");
    tampered(&repo, &envelope, &payload);
}

/// Changes one thing after the other; each has to be found.
fn tampered(repo: &Repo, envelope: &Value, payload: &str) {
    let write = |name: &str, envelope: &Value| repo.file(name, envelope.to_string());
    let base64 = |text: &str| {
        repo.file("payload", text.trim_end());
        repo.shell("base64 -w0 payload").out
    };
    let mut other = envelope.clone();
    other["payload"] = base64(&payload.replace("\"ties\":0", "\"ties\":1")).into();
    write("other.json", &other);
    assert!(verified(repo, "other.json", &[]).1.contains("the signature is none of this payload"));

    let mut renamed = envelope.clone();
    renamed["signatures"][0]["keyid"] = "SHA256:AAAA".into();
    write("renamed.json", &renamed);
    assert!(verified(repo, "renamed.json", &[]).1.contains("by another key than SHA256:AAAA"));

    // Another namespace's signature of the very same bytes.
    let path = key(repo, "eve", "");
    let signed = format!(
        "printf %s '{}' | base64 -d > body; {{ printf 'DSSEv1 28 application/vnd.in-toto+json %s ' $(wc -c < body); cat body; }} > pae; ssh-keygen -q -Y sign -n git -f {} < pae | base64 -w0",
        envelope["payload"].as_str().unwrap(),
        path.display()
    );
    let mut foreign = envelope.clone();
    foreign["signatures"][0]["sig"] = repo.shell(&signed).out.into();
    write("foreign.json", &foreign);
    assert!(verified(repo, "foreign.json", &[]).1.contains("the signature is none of this payload"));

    let lock = repo.read("snapshots/v1.yaml").replace("Ada Author", "Eve Author");
    repo.file("snapshots/v1.yaml", lock);
    repo.git("commit -q -a -m forged");
    let (good, said) = verified(repo, "v1.intoto.json", &[]);
    assert!(!good && said.contains("has another SHA-256") && said.contains("is damaged"), "{said}");
}
