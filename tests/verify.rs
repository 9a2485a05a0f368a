//! A script that knows only the documented format verifies repositories that the real program made, and finds what is
//! changed in them.

#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;

use std::path::Path;
use std::process::{Command, Output};

use project::{Project, labels, text};
use sealed::{Sealed, has};

/// Whether the script can run here.
fn has_python() -> bool {
    let tried = Command::new("python3").args(["-c", "import pyarrow.parquet"]).output();
    has("python3 with pyarrow", tried.is_ok_and(|output| output.status.success()))
}

fn script(repository: &Path) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_repository.py");
    Command::new("python3").arg(script).arg(repository).output().unwrap()
}

/// Fails unless the script finds this many records and snapshots, and nothing wrong.
fn verified(repository: &Path, records: usize, snapshots: usize) {
    let output = script(repository);
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(said, format!("{records} records verified\n{snapshots} snapshots verified\n"));
}

/// Turns one bit of a committed file and commits that; returns what the script says.
fn rotten(repo: &Sealed, dir: &Path, path: &str, position: usize) -> String {
    let mut bytes = std::fs::read(dir.join(path)).unwrap();
    bytes[position] ^= 1;
    std::fs::write(dir.join(path), bytes).unwrap();
    repo.git_at(dir, &["commit", "--quiet", "-m", "rot", "--", path]);
    let output = script(dir);
    assert_eq!(output.status.code(), Some(1), "{path}: {}", text(&output));
    repo.git_at(dir, &["revert", "--no-edit", "HEAD"]);
    text(&output)
}

fn files(repo: &Sealed, dir: &Path, folder: &str) -> Vec<String> {
    repo.git_at(dir, &["ls-tree", "-r", "--name-only", "HEAD", folder]).lines().map(str::to_owned).collect()
}

#[test]
fn the_demo_repository_verifies_and_a_changed_byte_does_not() {
    if !has_python() {
        return;
    }
    let project = Project::tone();
    let dir = project.repo.scratch().join("demo");
    project.ok(&["demo", dir.to_str().unwrap()]);
    let manifests =
        files(&project.repo, &dir, "ledger").iter().filter(|path| path.ends_with(".yaml")).count();
    verified(&dir, manifests, 2);
    for folder in ["ledger", "snapshots"] {
        for path in files(&project.repo, &dir, folder).iter().rev().take(4) {
            let length = std::fs::metadata(dir.join(path)).unwrap().len();
            let said = rotten(&project.repo, &dir, path, usize::try_from(length / 2).unwrap());
            assert!(said.contains(path.rsplit_once('.').unwrap().0), "{path}: {said}");
        }
    }
    // A lock that somebody changed with care, its hash put right, is still found by its rows.
    let lock = dir.join("snapshots/after.yaml");
    let text = std::fs::read_to_string(&lock).unwrap();
    let (body, _) = text.split_once("lock_sha256: ").unwrap();
    let digest = body.split_once("digest: \"").unwrap().1[..64].to_owned();
    let body = body.replace(&digest, &digest.chars().rev().collect::<String>());
    let hash = hitl::base::Digest::of(body.as_bytes());
    std::fs::write(&lock, format!("{body}lock_sha256: \"{hash}\"\n")).unwrap();
    project.repo.git_at(&dir, &["commit", "--quiet", "-a", "-m", "forged"]);
    let said = project::text(&script(&dir));
    assert!(said.contains("snapshots/after.yaml: it states"), "{said}");
}

#[test]
fn signatures_verify_and_a_changed_one_does_not() {
    let ssh_keygen = Command::new("ssh-keygen").arg("-?").output().is_ok();
    if !has_python() || !has("ssh-keygen", ssh_keygen) {
        return;
    }
    let project = Project::tone();
    let (dir, key) = (project.repo.dir(), project.repo.scratch().join("key"));
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    assert!(made.unwrap().success());
    project.repo.git(&["config", "user.signingKey", key.to_str().unwrap()]);
    project.commit("a.csv", "item,labeler,label\ni1,ana,yes\n", &[]);
    project.commit("b.csv", "item,labeler,label\ni2,ana,yes\n", &[]);
    project.ok(&["snapshot", "create", "v1"]);
    let output = script(&dir);
    let wanted = "2 records verified\n1 snapshots verified\n3 signatures verified\n";
    assert_eq!(text(&output), wanted);
    let signed = |path: &String| path.ends_with(".sig");
    let mut paths: Vec<String> = files(&project.repo, &dir, "ledger").into_iter().filter(signed).collect();
    paths.extend(files(&project.repo, &dir, "snapshots").into_iter().filter(signed));
    for path in &paths {
        for position in [40, 130, 250] {
            let said = rotten(&project.repo, &dir, path, position);
            assert!(said.contains(path), "{said}");
        }
    }
    // Under another key's name, and beside another record.
    let (stem, _) = paths[0].strip_suffix(".sig").unwrap().rsplit_once('.').unwrap();
    project.repo.git(&["mv", &paths[0], &format!("{stem}.{}.sig", "0".repeat(64))]);
    std::fs::copy(dir.join(&paths[1]), dir.join(&paths[0])).unwrap();
    project.repo.git(&["add", "ledger"]);
    project.repo.git(&["commit", "--quiet", "-m", "forged"]);
    let said = text(&script(&dir));
    assert!(
        said.contains("another key than its name says") && said.contains("incorrect signature"),
        "{said}"
    );
}

/// Adds a snapshot under every policy.
fn snapshots(project: &Project, name: &str) {
    for policy in ["majority", "unanimous", "latest"] {
        let name = format!("{name}-{policy}");
        project.ok(&[
            "snapshot",
            "create",
            &name,
            "--policy",
            policy,
            "--split",
            "train=0.7,val=0.1,test=0.2",
        ]);
    }
    project.ok(&["snapshot", "create", name, "--min-labels", "2"]);
}

fn pick(number: u32) -> &'static str {
    if number.is_multiple_of(3) { "no" } else { "yes" }
}

#[test]
fn a_ledger_of_every_kind_verifies() {
    if !has_python() {
        return;
    }
    let project = Project::new(&["--task", "tone", "--classes", "no,maybe,yes"]);
    let git = |args: &[&str]| project.repo.git(args);
    let revert = |args: &[&str]| {
        let report = project.json(&[&["revert", "-m", "why: \"so\"\u{200b}\n"], args].concat());
        report["record"].as_str().unwrap().to_owned()
    };
    // Answers without times, changed and changed back; skipped ones; a model's guesses, confirmed.
    let first = labels(&["ana", "bo"], 0..9, false, |who, item| pick(who + item));
    project.commit("untimed.csv", &first, &[]);
    project.commit("untimed-2.csv", &first.replace("i001,ana,yes", "i001,ana,no"), &[]);
    project.commit("untimed-3.csv", &first.replace("i002,bo,no", "i002,bo,yes"), &[]);
    project.commit("skipped.csv", "item,labeler,label\ni003,cleo,\ni004,cleo,no\n", &[]);
    project.commit(
        "model.csv",
        "item,label\ni000,yes\ni003,no\ni005,yes\n",
        &["--labeler", "m-1", "--labeler-kind", "model"],
    );
    let confirmed = "item,labeler,label,origin,shown,shown_by\ni000,gus,yes,confirmed,yes,m-1\n\
                     i003,gus,yes,changed,no,m-1\ni005,gus,yes,confirmed,yes,m-1\n";
    project.commit("gus.csv", confirmed, &[]);
    snapshots(&project, "first");
    // Reverts: of a labeler, of that revert, of the revert of the revert; with a cascade; of a window.
    let taken = revert(&["--labeler", "bo"]);
    snapshots(&project, "without-bo");
    let back = revert(&[&taken]);
    revert(&["--labeler", "m-1", "--cascade", "all"]);
    snapshots(&project, "cascade");
    revert(&[&back]);
    // A conflict: two branches change one untimed answer apart.
    git(&["switch", "--quiet", "-c", "side"]);
    project.commit(
        "side.csv",
        "item,labeler,label\ni002,ana,no\ni007,ana,no\ni001,cleo,no\ni002,cleo,no\n",
        &[],
    );
    git(&["switch", "--quiet", "main"]);
    project.commit("main.csv", "item,labeler,label\ni002,ana,maybe\ni007,ana,no\ni001,ana,yes\n", &[]);
    revert(&["--since", "2026-03-01T00:00:00Z", "--labeler", "cleo", "--concurrent"]);
    git(&["merge", "--quiet", "--no-edit", "side"]);
    project.commit("judge.csv", "item,labeler,label\ni006,kim,no\ni008,kim,\n", &["--kind", "adjudications"]);
    // Decisions that say what went wrong, beside one that does not, and alone.
    let wrong = "item,labeler,label,reason,error_type,guideline_gap\ni004,kim,yes,seen,,\ni005,kim,no,read,other,irony\n";
    project.commit("judge-2.csv", wrong, &["--kind", "adjudications"]);
    project.ok(&["adjudicate", "i003", "no", "-m", "so", "--labeler", "kim", "--guideline-gap", "quotes"]);
    let status = project.json(&["status"]);
    assert!(status["tasks"][0]["conflicts"].as_u64().unwrap() > 0, "{status}");
    snapshots(&project, "conflict");
    // Tables too long for a manifest: of labelers, and of items taken back.
    let crowd: String =
        (0..1500).map(|n| format!("i{:03},a-labeler-with-quite-a-long-name-{n},yes,\n", n % 300)).collect();
    let crowd = project.commit("crowd.csv", &format!("item,labeler,label,created_at\n{crowd}"), &[]);
    let manifest =
        std::fs::read_to_string(project.repo.dir().join(crowd["records"][0]["path"].as_str().unwrap()));
    assert!(manifest.unwrap().contains("\nlabelers: in_shard\n"));
    let items: String = (20..150).map(|item| format!("i{item:03}\n")).collect();
    let list = project.file("items.txt", items);
    revert(&["--items-from", list.to_str().unwrap()]);
    snapshots(&project, "crowd");
    // Who decided was no adjudicator: what they decided is left out.
    let people = "format: 1\nlabelers:\n  ada: {aliases: [ada@example.com, carl@example.com], roles: [labeler, curator, validator]}\n";
    std::fs::write(project.repo.dir().join("labelers.yaml"), people).unwrap();
    git(&["add", "labelers.yaml"]);
    git(&["commit", "--quiet", "-m", "people"]);
    snapshots(&project, "roles");
    let lock = std::fs::read_to_string(project.repo.dir().join("snapshots/roles.yaml")).unwrap();
    assert!(lock.contains("\n  inert:\n"), "{lock}");

    let records = project.sound()["records"].as_u64().unwrap();
    verified(&project.repo.dir(), usize::try_from(records).unwrap(), 24);
}
