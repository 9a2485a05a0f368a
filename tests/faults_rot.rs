//! Bit rot and hostile bytes: every flipped bit under `ledger/` and `snapshots/` is found, by name, without a panic.
//!
//! Samples of the bytes; every byte with `HITL_TEST_KILL_ALL=1`.
#![allow(clippy::disallowed_methods, reason = "HITL_TEST_KILL_ALL is read here")]
#![allow(clippy::print_stderr, reason = "a sweep says what it found")]

#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hitl::base::Digest;
use hitl::dataset::{At, Dataset};
use hitl::manifest;
use hitl::ops::fsck::fsck;
use hitl::record::{Labelers, RecordId, Shard, rows_root};
use hitl::shard::{Limits, decode, verify_root};
use project::{Project, labels, shared};

/// Three records, two of them with a shard, and a snapshot.
fn template() -> Project {
    let project = Project::tone();
    let both = labels(
        &["ana", "eve"],
        0..6,
        true,
        |who, item| if (who + item).is_multiple_of(3) { "no" } else { "yes" },
    );
    project.commit("both.csv", &both, &[]);
    project.commit("items.csv", "item,text\ni000,good\ni001,bad\n", &["--kind", "items"]);
    project.ok(&["revert", "--labeler", "eve", "-m", "careless"]);
    project.ok(&["snapshot", "create", "v1", "--split", "train=0.5,test=0.5"]);
    assert_eq!(project.sound()["records"], 3);
    project
}

/// The files under `ledger/` and `snapshots/`.
fn files(project: &Project) -> Vec<String> {
    let listed = project.repo.git(&["ls-tree", "-r", "--name-only", "HEAD", "ledger", "snapshots"]);
    listed.lines().map(str::to_owned).collect()
}

/// Every `step`-th position of `bytes` bytes; all of them where everything is asked for.
fn positions(bytes: usize, step: usize) -> impl Iterator<Item = usize> {
    let every = std::env::var_os("HITL_TEST_KILL_ALL").is_some_and(|value| value == "1");
    (0..bytes).step_by(if every { 1 } else { step })
}

fn step(path: &str) -> usize {
    if path.ends_with(".parquet") { 41 } else { 5 }
}

/// `bytes` with one bit of byte `position` turned: another bit for each byte.
fn flipped(bytes: &[u8], position: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[position] ^= 1 << (position % 8);
    bytes
}

#[test]
fn a_flipped_bit_in_the_work_tree_is_found() {
    let project = template();
    let dataset = Dataset::open(&project.repo.dir()).unwrap();
    let mut flips = 0;
    for path in files(&project) {
        let file = project.repo.dir().join(&path);
        let good = std::fs::read(&file).unwrap();
        let time = std::fs::metadata(&file).unwrap().modified().unwrap();
        for position in positions(good.len(), step(&path)) {
            let write = |bytes: &[u8]| {
                std::fs::write(&file, bytes).unwrap();
                // Rot leaves the time as it was.
                std::fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
            };
            write(&flipped(&good, position));
            let report = fsck(&dataset, &At::default()).unwrap();
            assert!(report.faults.iter().any(|fault| fault.path == path), "{path} at {position}");
            write(&good);
            flips += 1;
        }
    }
    assert_eq!(fsck(&dataset, &At::default()).unwrap().faults, []);
    eprintln!("{flips} flips in the work tree, all found");
}

/// Makes one commit per flipped bit, each on top of HEAD, by `git fast-import`; returns their ids.
fn commit_flips(project: &Project, flips: &[(String, Vec<u8>)]) -> Vec<String> {
    let base = project.repo.git(&["rev-parse", "HEAD"]);
    let mut stream = Vec::new();
    for (number, (path, bytes)) in flips.iter().enumerate() {
        write!(
            stream,
            "commit refs/flips\nmark :{}\ncommitter R <r@example.com> 1770000000 +0000\ndata 3\nrot\nfrom {base}\n",
            number + 1
        )
        .unwrap();
        write!(stream, "M 100644 inline {path}\ndata {}\n", bytes.len()).unwrap();
        stream.extend_from_slice(bytes);
        stream.push(b'\n');
    }
    let marks = project.repo.scratch().join("marks");
    let mut import = Command::new("git")
        .env_clear()
        .envs(project.repo.vars.iter().map(|(name, value)| (name, value)))
        .current_dir(project.repo.dir())
        .args(["fast-import", "--quiet", "--force"])
        .arg(format!("--export-marks={}", marks.display()))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    import.stdin.take().unwrap().write_all(&stream).unwrap();
    assert!(import.wait().unwrap().success());
    let mut ids = vec![String::new(); flips.len()];
    for line in std::fs::read_to_string(marks).unwrap().lines() {
        let (mark, id) = line[1..].split_once(' ').unwrap();
        ids[mark.parse::<usize>().unwrap() - 1] = id.to_owned();
    }
    ids
}

#[test]
fn a_flipped_bit_in_what_is_committed_is_found() {
    let project = template();
    let mut flips = Vec::new();
    for path in files(&project) {
        let good = std::fs::read(project.repo.dir().join(&path)).unwrap();
        flips.extend(positions(good.len(), step(&path)).map(|at| (path.clone(), flipped(&good, at))));
    }
    let commits = commit_flips(&project, &flips);
    let dataset = Dataset::open(&project.repo.dir()).unwrap();
    for ((path, _), commit) in flips.iter().zip(&commits) {
        let report = fsck(&dataset, &At { rev: Some(commit.clone()), as_of: None }).unwrap();
        let fault = report.faults.iter().find(|fault| fault.path == *path);
        let fault = fault.unwrap_or_else(|| panic!("{path} in {commit}: {:?}", report.faults));
        let culprit = fault.commit.as_ref().map(|culprit| culprit.id.as_str());
        assert_eq!(culprit, Some(commit.as_str()), "{path}: the commit that did it is named");
    }
    eprintln!("{} committed flips, all found", flips.len());
}

/// Puts `bytes` in the place of a loose object's file, which git makes read-only; `None` takes it away.
fn replace(object: &Path, bytes: Option<&[u8]>) {
    let _ = std::fs::remove_file(object);
    if let Some(bytes) = bytes {
        std::fs::write(object, bytes).unwrap();
    }
}

#[test]
fn a_damaged_object_is_named_and_nothing_hangs_or_panics() {
    let project = template();
    let mut names: Vec<(String, String)> =
        files(&project).into_iter().map(|path| (format!("HEAD:{path}"), path)).collect();
    let above = ["HEAD:ledger", "HEAD^{tree}", "HEAD^{commit}"];
    names.extend(above.map(|name| (name.to_owned(), String::new())));
    let (mut named, mut meaningless) = (0, 0);
    for (name, path) in names {
        let id = project.repo.git(&["rev-parse", &name]);
        let object = project.repo.dir().join(".git/objects").join(&id[..2]).join(&id[2..]);
        let good = std::fs::read(&object).unwrap();
        let mut bad: Vec<Option<Vec<u8>>> =
            positions(good.len(), good.len() / 4).map(|at| Some(flipped(&good, at))).collect();
        bad.extend([Some(Vec::new()), Some(good[..good.len() / 2].to_vec()), None]);
        for bytes in bad {
            replace(&object, bytes.as_deref());
            let output = project.hitl(&["fsck"]);
            let said = project::text(&output);
            if output.status.success() {
                // Deflate has bits that mean nothing. Git agrees that the object is the same.
                let git = project.repo.try_git_at(&project.repo.dir(), &["fsck", "--full"]);
                assert!(bytes.is_some() && git.status.success(), "{name}: {}", project::text(&git));
                meaningless += 1;
                continue;
            }
            assert_eq!(output.status.code(), Some(3), "{name}: {said}");
            assert!(said.contains(&path) && said.contains(&id[..10]), "{name}: {said}");
            assert!(!said.contains("panicked"), "{name}: {said}");
            named += 1;
        }
        replace(&object, Some(&good));
    }
    project.sound();
    eprintln!("{named} damaged objects named, {meaningless} with bits that mean nothing");
}

/// Puts `bytes` where the shard of the project's first batch lies, with a manifest that vouches for them, and commits.
fn forge(project: &Project, bytes: &[u8], rows: u64) -> RecordId {
    let root = project.repo.dir();
    let listed = files(project);
    let path =
        listed.iter().find(|path| path.starts_with("ledger/labels/") && path.ends_with(".yaml")).unwrap();
    let mut forged = manifest::parse(&std::fs::read(root.join(path)).unwrap()).unwrap();
    forged.shard = Some(Shard { sha256: Digest::of(bytes), bytes: bytes.len() as u64, rows });
    let Labelers::Listed(labelers) = &mut forged.labelers else { unreachable!() };
    let name = labelers.keys().next().unwrap().clone();
    labelers.retain(|labeler, _| *labeler == name);
    labelers.get_mut(&name).unwrap().rows = rows;
    forged.origins.values_mut().for_each(|count| *count = rows);
    let text = manifest::emit(&forged);
    let id = RecordId::of(&text);
    for (path, bytes) in [
        (
            manifest::manifest_path(forged.kind, forged.task.as_deref(), forged.recorded_at, id),
            text.as_slice(),
        ),
        (manifest::shard_path(forged.kind, forged.task.as_deref(), forged.recorded_at, id), bytes),
    ] {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    project.repo.git(&["add", "-f", "ledger"]);
    project.repo.git(&["commit", "--quiet", "-m", "forged"]);
    id
}

/// The Parquet files that break the decoder.
fn hostile() -> Vec<PathBuf> {
    let Some(folder) = shared("tools/faults") else { return Vec::new() };
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "parquet"));
    found.sort();
    found
}

#[test]
fn hostile_shards_that_a_manifest_vouches_for_are_refused() {
    for path in hostile() {
        for rows in [40, 1000] {
            let project = template();
            let id = forge(&project, &std::fs::read(&path).unwrap(), rows).short();
            for args in [&["status"][..], &["fsck"], &["labels", "--to", "csv"], &["snapshot", "create", "x"]]
            {
                let said = project.fails(3, args);
                assert!(said.contains(&id), "{args:?}: {said}");
            }
        }
    }
}

#[test]
fn rotten_bytes_that_a_manifest_vouches_for_never_give_other_rows() {
    let project = template();
    let (mut refused, mut same, mut other) = (0, 0, 0);
    for path in files(&project).iter().filter(|path| path.ends_with(".parquet")) {
        let good = std::fs::read(project.repo.dir().join(path)).unwrap();
        let text = std::fs::read(project.repo.dir().join(path.replace(".parquet", ".yaml"))).unwrap();
        let manifest = manifest::parse(&text).unwrap();
        for position in positions(good.len(), 3) {
            let bytes = flipped(&good, position);
            let stated = Shard { sha256: Digest::of(&bytes), ..manifest.shard.unwrap() };
            match decode(&bytes, manifest.kind, &stated, &Limits::SHARD) {
                Err(_) => refused += 1,
                Ok(decoded) if Some(rows_root(&decoded.rows)) == manifest.rows_root => same += 1,
                Ok(decoded) => {
                    assert!(verify_root(&decoded.rows, manifest.rows_root.unwrap()).is_err());
                    other += 1;
                }
            }
        }
    }
    eprintln!("{refused} refused, {same} with the same rows, {other} with others, found by their root");
    assert!(refused > 0);
}

#[test]
fn hostile_files_are_not_imported() {
    let project = template();
    for path in hostile() {
        for command in ["commit", "agreement"] {
            let said = project.fails(3, &[command, path.to_str().unwrap()]);
            assert!(said.contains("parquet_"), "{said}");
        }
    }
    project.sound();
}

#[test]
fn a_file_that_no_record_wrote_is_named() {
    let project = template();
    let strays = ["ledger/notes.txt", "ledger/labels/tone/2026-03/ab/x.yaml", "snapshots/v9.yaml"];
    for path in strays {
        project.repo.plain_commit(path, "format: 1\n");
    }
    let said = project.fails(3, &["fsck", "--format", "json"]);
    let named: BTreeSet<&str> = strays.into_iter().filter(|path| said.contains(path)).collect();
    assert_eq!(named.len(), strays.len(), "{said}");
}
