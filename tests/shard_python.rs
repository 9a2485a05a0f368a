//! A ledger written by hitl, verified by a script that knows only `docs/format.md`: ids, roots, counts, through pyarrow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use hitl::base::{Digest, Timestamp};
use hitl::manifest::{emit, manifest_path, parse, shard_path};
use hitl::record::{
    Cascade, Column, Filter, GuidelineUse, Kind, LabelerKind, LabelerUse, Labelers, Manifest, Origin,
    RecordId, Revert, Rows, Shard, Source, Verdict, col, rows_root, sort,
};
use hitl::shard::encode;

/// Whether python3 with pyarrow is there; says so where it is not, and fails under `HITL_TEST_ALL=1`.
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a test's own switch and word")]
fn has_pyarrow() -> bool {
    let found = Command::new("python3")
        .args(["-c", "import pyarrow.parquet"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        assert!(
            std::env::var_os("HITL_TEST_ALL").is_none_or(|value| value != "1"),
            "needs python3 with pyarrow"
        );
        println!("skipped: needs python3 with pyarrow");
    }
    found
}

/// A repository made of files and plain git.
struct Repository {
    dir: tempfile::TempDir,
    heads: Vec<RecordId>,
}

impl Repository {
    fn new() -> Self {
        let repository = Self { dir: tempfile::tempdir().unwrap(), heads: Vec::new() };
        repository.git(&["init", "-q"]);
        repository
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git")
            .current_dir(self.dir.path())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.autocrlf=false"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .status()
            .unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    fn commit(&self) {
        // Without an index every file is read again: one rewritten within the same second could pass for unchanged.
        let _ = std::fs::remove_file(self.dir.path().join(".git/index"));
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "records"]);
    }

    fn write(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Adds a record of `rows` on top of all before it; returns where its manifest and its shard lie.
    fn add(&mut self, rows: Option<&Rows>, manifest: Manifest, in_shard: bool) -> (PathBuf, PathBuf) {
        let mut manifest = Manifest { parents: self.heads.clone(), ..manifest };
        let mut shard = None;
        if let Some(rows) = rows {
            if rows.kind().is_judgement() {
                describe(rows, &mut manifest);
            }
            let table = match &manifest.labelers {
                Labelers::Listed(table) if in_shard => Some(table.clone()),
                _ => None,
            };
            let bytes = encode(rows, table.as_ref()).unwrap();
            if in_shard {
                manifest.labelers = Labelers::InShard;
            }
            let (sha256, length) = (Digest::of(&bytes), bytes.len() as u64);
            manifest.shard = Some(Shard { sha256, bytes: length, rows: rows.len() as u64 });
            manifest.rows_root = Some(rows_root(rows));
            shard = Some(bytes);
        }
        let bytes = emit(&manifest);
        assert_eq!(parse(&bytes).unwrap(), manifest);
        let id = RecordId::of(&bytes);
        self.heads = vec![id];
        let Manifest { kind, task, recorded_at, .. } = &manifest;
        let shard_path = shard_path(*kind, task.as_deref(), *recorded_at, id);
        let shard_path = shard.map_or_else(PathBuf::new, |bytes| self.write(&shard_path, &bytes));
        (self.write(&manifest_path(*kind, task.as_deref(), *recorded_at, id), &bytes), shard_path)
    }

    /// Commits, and returns what the script prints and whether it is content.
    fn verify(&self) -> (String, bool) {
        self.commit();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_repository.py");
        let output = Command::new("python3").arg(script).arg(self.dir.path()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (text, output.status.success())
    }
}

/// Fills in the counts that a manifest states of its rows.
fn describe(rows: &Rows, manifest: &mut Manifest) {
    let mut table: BTreeMap<String, LabelerUse> = BTreeMap::new();
    for row in 0..rows.len() {
        let labeler = rows.text(row, col::LABELER).unwrap().to_owned();
        table.entry(labeler).or_insert(LabelerUse { kind: LabelerKind::Human, rows: 0 }).rows += 1;
        let origin: Origin = rows.text(row, col::ORIGIN).unwrap().parse().unwrap();
        *manifest.origins.entry(origin).or_default() += 1;
        if let Some(guideline) = rows.text(row, col::GUIDELINE) {
            let used = GuidelineUse { sha256: Digest::of(b"text"), rows: 0 };
            manifest.guidelines.entry(guideline.to_owned()).or_insert(used).rows += 1;
        }
    }
    manifest.labelers = Labelers::Listed(table);
}

fn manifest(kind: Kind) -> Manifest {
    Manifest {
        kind,
        task: kind.is_judgement().then(|| "tone".to_owned()),
        actor: "Ana <ana@example.org>".into(),
        recorded_at: "2026-05-04T10:20:30.000001Z".parse().unwrap(),
        tool: "hitl 0.1.0".into(),
        parents: Vec::new(),
        source: None,
        schema_sha256: None,
        labelers: Labelers::Listed(BTreeMap::new()),
        guidelines: BTreeMap::new(),
        origins: BTreeMap::new(),
        shard: None,
        rows_root: None,
        revert: None,
        message: "wörk:\n\"week\" 46\\ \u{202e}\u{e0041}\u{7f}".into(),
    }
}

/// Labels with every value that canonical bytes have a case for.
fn labels(count: i64) -> Rows {
    let mut rows = Rows::empty(Kind::Labels);
    for n in 0..count {
        let row = rows.push_judgement(
            &format!("ítem-{}", n / 2),
            ["ana", "日本", "Zoë"][n as usize % 3],
            Origin::ALL[n as usize % 6],
        );
        rows.set_text(row, col::LABEL, ["cat", "", "🦀"][n as usize % 3]);
        if n % 2 == 0 {
            rows.set_text(row, col::GUIDELINE, "tone@2");
            rows.set_float(
                row,
                col::CONFIDENCE,
                Some([0.0, 1.0, 0.1, 0.5, 1e-8, 0.333_984_38][n as usize % 6]),
            );
        }
        if n % 3 == 0 {
            rows.set_time(row, col::CREATED_AT, Timestamp::from_micros((n - 5) * 1_000_000_007));
        }
        rows.set_int(
            row,
            col::DURATION_MS,
            [None, Some(0), Some(23), Some(24), Some(70_000), Some(1 << 40)][n as usize % 6],
        );
    }
    sort(&rows)
}

fn corrections() -> Rows {
    let mut rows = Rows::empty(Kind::Corrections);
    for (n, verdict) in Verdict::ALL.iter().enumerate() {
        let row = rows.push_judgement(&format!("i{n}"), "ana", Origin::Changed);
        rows.set_text(row, col::ORIGINAL, "teh");
        rows.set_text(row, col::VERDICT, verdict.as_str());
    }
    let mut columns = rows.columns().to_vec();
    columns[15] = Column::Texts(vec![None, Some(vec![]), Some(vec!["a".into(), String::new()]), None].into());
    columns[17] = Column::Bool(vec![None, Some(true), Some(false), None].into());
    Rows::from_columns(Kind::Corrections, columns).unwrap()
}

fn predictions() -> Rows {
    let mut rows = Rows::empty(Kind::Predictions);
    for n in 0..3 {
        rows.push_judgement(&format!("i{n}"), "m-1", Origin::Fresh);
    }
    let mut columns = rows.columns().to_vec();
    columns[13] = Column::Floats(
        vec![None, Some(vec![]), Some(vec![0.0, -1.5, 1e30, f32::INFINITY, 0.1, 65_536.0])].into(),
    );
    Rows::from_columns(Kind::Predictions, columns).unwrap()
}

fn guidelines() -> Rows {
    let mut rows = Rows::empty(Kind::Guidelines);
    let row = rows.push_nulls();
    for (column, text) in [
        (col::GUIDELINE_NAME, "tone"),
        (col::VERSION, "2"),
        (col::GUIDELINE_TEXT, "# Tone\r\n"),
        (col::SHA256, "00"),
        (col::CHANGE, "minor"),
    ] {
        rows.set_text(row, column, text);
    }
    rows.set_time(row, col::EFFECTIVE_FROM, Timestamp::from_micros(-1));
    rows
}

fn items(kind: Kind) -> Rows {
    let mut rows = Rows::empty(kind);
    for n in 0..3 {
        let row = rows.push_nulls();
        rows.set_text(row, col::ITEM, &format!("i{n}"));
    }
    rows
}

#[test]
fn an_independent_reader_agrees() {
    if !has_pyarrow() {
        return;
    }
    let mut repository = Repository::new();
    let source = Source {
        file: "week 46.csv".into(),
        sha256: Digest::of(b"csv"),
        bytes: 3,
        detected: "csv".into(),
        mapping: [("a \"b\": c".into(), "item".into()), ("x".repeat(1001), "label".into())].into(),
        flags: vec!["--origin fresh".into()],
    };
    repository.add(Some(&labels(5)), Manifest { source: Some(source), ..manifest(Kind::Labels) }, false);
    // Three leaves of the Merkle tree, statistics, and the labeler table in the shard.
    let (_, shard) = repository.add(Some(&labels(2100)), manifest(Kind::Labels), true);
    repository.add(Some(&corrections()), manifest(Kind::Corrections), false);
    repository.add(Some(&predictions()), manifest(Kind::Predictions), false);
    repository.add(Some(&guidelines()), manifest(Kind::Guidelines), false);
    repository.add(Some(&items(Kind::Items)), manifest(Kind::Items), false);
    let filter = Filter { labelers: vec!["ana".into()], ..Filter::default() };
    let revert = Some(Revert { filter, cascade: Cascade::Confirmed, concurrent: false });
    repository.add(None, Manifest { revert: revert.clone(), ..manifest(Kind::Reverts) }, false);
    let (last, _) =
        repository.add(Some(&items(Kind::Reverts)), Manifest { revert, ..manifest(Kind::Reverts) }, false);
    assert_eq!(repository.verify(), ("8 records verified\n0 snapshots verified\n".to_owned(), true));

    let mut bytes = std::fs::read(&shard).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&shard, bytes).unwrap();
    let text = std::fs::read_to_string(&last).unwrap().replace("rows: 3", "rows: 4");
    std::fs::write(&last, text).unwrap();
    let (text, content) = repository.verify();
    assert!(!content);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].ends_with("shard: other bytes than its manifest states"), "{text}");
    assert!(lines[1].contains("its bytes are those of ledger/reverts/_/2026-05/"), "{text}");
}

#[test]
fn pyarrow_sees_plain_columns() {
    if !has_pyarrow() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shard.parquet");
    std::fs::write(&path, encode(&corrections(), None).unwrap()).unwrap();
    let script = "import sys, pyarrow.parquet as p\nf = p.ParquetFile(sys.argv[1])\n\
                  print(f.schema_arrow.remove_metadata())\nprint(f.metadata.created_by, sorted(f.metadata.metadata.items()))";
    let output = Command::new("python3").args(["-c", script]).arg(&path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap().replace(env!("CARGO_PKG_VERSION"), "0.0.0");
    insta::assert_snapshot!(text, @r#"
    item: string not null
    labeler: string not null
    created_at: timestamp[us, tz=UTC]
    guideline: string
    origin: string not null
    shown: string
    shown_by: string
    source_id: string
    confidence: float
    duration_ms: int64
    rationale: string
    original: string
    corrected: string
    verdict: string not null
    reason: string
    categories: list<element: string not null>
      child 0, element: string not null
    severity: string
    should_learn: bool
    source: string
    context: string
    hitl version 0.0.0 (build parquet-rs) [(b'hitl.format', b'1'), (b'hitl.kind', b'corrections')]
    "#);
}
