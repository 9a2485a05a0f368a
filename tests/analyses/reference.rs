//! The fold and the digest against their second writing, `tests/hitl_reference.py`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use hitl::ledger::Loaded;
use hitl::record::{Kind, Labelers, Policy, Revert, col};
use hitl::snapshot::{Overview, create, emit};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::history::{History, play, steps};
use crate::snapshot::{made, rule};

/// Whether `python3` is there; where it is not, says so, or fails when everything must be tested.
fn python() -> bool {
    let found = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    #[expect(clippy::disallowed_methods, reason = "a test is told by its environment whether it may skip")]
    let all = std::env::var_os("HITL_TEST_ALL").is_some_and(|value| value == "1");
    assert!(found || !all, "python3 is missing and HITL_TEST_ALL=1");
    if !found {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: needs python3");
        }
    }
    found
}

fn record(record: &Loaded) -> Value {
    let Loaded { id, manifest, rows } = record;
    let Labelers::Listed(labelers) = &manifest.labelers else { panic!("small records list their labelers") };
    let row = |row: usize| {
        json!({
            "item": rows.text(row, col::ITEM),
            "labeler": rows.text(row, col::LABELER),
            "created_at": rows.time(row, col::CREATED_AT),
            "guideline": rows.text(row, col::GUIDELINE),
            "origin": rows.text(row, col::ORIGIN),
            "shown": rows.text(row, col::SHOWN),
            "shown_by": rows.text(row, col::SHOWN_BY),
            "label": rows.text(row, col::LABEL),
        })
    };
    let judged = matches!(manifest.kind, Kind::Labels | Kind::Adjudications);
    json!({
        "id": id,
        "kind": manifest.kind,
        "task": manifest.task,
        "parents": manifest.parents,
        "recorded_at": manifest.recorded_at,
        "labelers": labelers.iter().map(|(id, one)| (id.clone(), json!({"kind": one.kind}))).collect::<serde_json::Map<_, _>>(),
        "revert": manifest.revert.as_ref().map(revert),
        "rows": (0..rows.len()).map(|number| if judged { row(number) } else { json!({"item": rows.text(number, col::ITEM)}) }).collect::<Vec<_>>(),
    })
}

fn revert(revert: &Revert) -> Value {
    let filter = &revert.filter;
    json!({
        "cascade": revert.cascade.as_str(),
        "concurrent": revert.concurrent,
        "filter": {
            "records": filter.records,
            "labelers": filter.labelers,
            "guidelines": filter.guidelines,
            "kinds": filter.kinds,
            "tasks": filter.tasks,
            "origins": filter.origins,
            "items": filter.items,
            "since": filter.since,
            "until": filter.until,
        },
    })
}

fn requests(history: &History) -> Vec<(Value, Value)> {
    [Policy::Majority, Policy::Unanimous, Policy::Latest]
        .map(|policy| {
            let rule = rule(policy);
            let lock = create(&history.ledger(), rule, &Overview::Nothing).unwrap().lock(made(), Vec::new());
            let request = json!({
                "records": history.records.iter().map(record).collect::<Vec<_>>(),
                "lock": lock,
                "text": emit(&lock),
            });
            let answer = json!({
                "digest": lock.digest,
                "count": lock.records,
                "sha256": lock.records_sha256,
                "text": true,
            });
            (request, answer)
        })
        .to_vec()
}

/// Two hundred random histories, the same ones every time, three policies each.
#[test]
fn python_comes_to_the_same_digests() {
    if !python() {
        return;
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut asked = Vec::new();
    for _ in 0..200 {
        asked.extend(requests(&play(&steps().new_tree(&mut runner).unwrap().current())));
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hitl_reference.py");
    let mut child =
        Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: Vec<String> = asked.iter().map(|(request, _)| request.to_string()).collect();
    let writer = std::thread::spawn(move || lines.iter().try_for_each(|line| writeln!(stdin, "{line}")));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let answers: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    assert_eq!(answers.len(), asked.len());
    for ((request, ours), theirs) in asked.iter().zip(answers) {
        let theirs: Value = serde_json::from_str(theirs).unwrap();
        assert_eq!(*ours, theirs, "{}", serde_json::to_string_pretty(request).unwrap());
    }
}
