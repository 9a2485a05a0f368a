//! What the pages are of: a ledger of eight weeks in which people disagree, change their minds and have hostile names,
//! and the report of a check.

use hitl::base::Digest;
use hitl::check::{
    Added, AddedBatch, Basis, CheckName, CheckReport, Culprit, Finding, LabelerRows, Measure, Outcome, Said,
    Sample, Scale, Side, Status, Turned, Verdict, When,
};
use hitl::config::Level;
use hitl::record::{Kind, LabelerKind, RecordId};

use crate::repo::Repo;

/// A name that would run if it were markup.
pub const SCRIPT: &str = "<script>alert(1)</script>";
/// A class that would.
pub const IMAGE: &str = "<img src=x onerror=alert(2)>";
/// A text whose end would be read first.
pub const REVERSED: &str = "end \u{202e}first\u{202c} \"><svg onload=alert(3)>";

const CONFIG: &str = "format: 1
tasks:
  tone:
    type: categorical
    classes: [negative, neutral, positive, \"<img src=x onerror=alert(2)>\"]
  stars:
    type: ordinal
    classes: [\"1\", \"2\", \"3\", \"4\", \"5\"]
  fluency:
    type: text
";

/// The Mondays of eight weeks.
const WEEKS: [&str; 8] = ["04-07", "04-14", "04-21", "04-28", "05-05", "05-12", "05-19", "05-26"];

/// Makes the ledger.
pub fn ledger() -> Repo {
    let repo = Repo::with_config(CONFIG);
    let mut items = csv::Writer::from_writer(Vec::new());
    items.write_record(["item", "text"]).unwrap();
    for item in 0..160 {
        let text = match item % 5 {
            0 => REVERSED.to_owned(),
            1 => format!("شكرا جزيلا {item}"),
            2 => "Averyveryverylongwordwithoutanyplacetobreakit".repeat(3),
            _ => format!("The bread of day {item} was as good as the one before, and the soup was better."),
        };
        items.write_record([format!("msg-{item:03}"), text]).unwrap();
    }
    repo.file("items.csv", items.into_inner().unwrap());
    repo.ok("commit items.csv --kind items");
    repo.file("tone.csv", tone());
    repo.ok("commit tone.csv --task tone");
    let changed = "item,labeler,label,created_at\nmsg-000,ana,neutral,2025-05-30\nmsg-003,ana,positive,2025-05-30\n\
                   msg-009,bo,negative,2025-05-30\nmsg-012,bo,negative,2025-05-30\n";
    repo.file("changed.csv", changed);
    repo.ok("commit changed.csv --task tone");
    repo.ok("adjudicate msg-000 negative --task tone -m 'irony' --labeler cy");
    repo.ok("adjudicate msg-011 positive --task tone -m 'it praises the soup' --labeler cy");
    repo.file("stars.csv", stars());
    repo.ok("commit stars.csv --task stars");
    repo.file(
        "fluency.jsonl",
        "{\"item\":\"msg-004\",\"labeler\":\"ana\",\"original\":\"It were good\",\"corrected\":\"It was good\"}\n",
    );
    repo.ok("commit fluency.jsonl --task fluency --kind corrections");
    repo
}

/// Four labelers, one of them often of another mind, one who follows the machine, and one who begins late.
fn tone() -> Vec<u8> {
    let classes = ["negative", "neutral", "positive", IMAGE];
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(["item", "labeler", "label", "created_at", "origin", "shown"]).unwrap();
    for item in 0..160usize {
        let week = item / 20;
        let at = format!("2025-{}T10:{:02}:00Z", WEEKS[week], item % 60);
        let truth = item * 7 % 3;
        let guess = classes[if item % 5 == 0 { (truth + 1) % 3 } else { truth }];
        let mut say = |labeler: &str, label: &str, origin: &str, shown: &str| {
            rows.write_record([&format!("msg-{item:03}"), labeler, label, &at, origin, shown]).unwrap();
        };
        let unsure = if item % (3 + week) == 0 { (truth + 1) % 3 } else { truth };
        say("ana", classes[truth], "fresh", "");
        say("bo", classes[unsure], "fresh", "");
        if item % 2 == 0 {
            say(SCRIPT, guess, "confirmed", guess);
        }
        if week > 3 {
            say(
                "נועה with a name that is far too long for any picture",
                classes[if item % 4 == 0 { 3 } else { truth }],
                "fresh",
                "",
            );
        }
    }
    rows.into_inner().unwrap()
}

fn stars() -> Vec<u8> {
    let mut rows = String::from("item,labeler,label\n");
    for item in 0..40 {
        rows.push_str(&format!("msg-{item:03},ana,{}\n", item * 3 % 5 + 1));
        rows.push_str(&format!("msg-{item:03},bo,{}\n", (item * 3 % 5 + 1 + item % 2).min(5)));
    }
    rows.into_bytes()
}

/// The report of a check that failed, with all that a report can have.
pub fn failed() -> CheckReport {
    let commit = |digit: &str| digit.repeat(40);
    CheckReport {
        schema: "hitl.check/1",
        verdict: Verdict::Failed,
        reason: "2 of 15 checks failed: append_only, agreement".into(),
        base: Side { rev: "origin/main".into(), commit: commit("a") },
        head: Side { rev: format!("week-9/{SCRIPT}"), commit: commit("b") },
        merge_base: Some(commit("c")),
        bootstrap: true,
        added: added(),
        measures: measures(),
        checks: checks(),
        findings: vec![removed(), fell(), confirmed()],
    }
}

/// The report of a check that has nothing to say.
pub fn unchanged() -> CheckReport {
    CheckReport {
        verdict: Verdict::NoChanges,
        reason: "nothing of what hitl keeps differs".into(),
        merge_base: None,
        bootstrap: false,
        added: Added::default(),
        measures: Vec::new(),
        checks: Vec::new(),
        findings: Vec::new(),
        ..failed()
    }
}

fn added() -> Added {
    let labeler = |id: &str, kind, rows| LabelerRows { id: id.into(), kind, rows };
    let batch = |kind, task: Option<&str>, records, rows| AddedBatch {
        kind,
        task: task.map(str::to_owned),
        records,
        rows,
    };
    Added {
        records: 4,
        rows: 1_312,
        items: 640,
        labelers: vec![
            labeler("ana", LabelerKind::Human, 640),
            labeler(SCRIPT, LabelerKind::Human, 320),
            labeler("classifier@2025-05", LabelerKind::Model, 352),
        ],
        batches: vec![
            batch(Kind::Labels, Some("tone"), 2, 960),
            batch(Kind::Predictions, Some(REVERSED), 1, 352),
            batch(Kind::Reverts, None, 1, 0),
        ],
        taken_back: Turned { judgements: 24, labelers: vec![labeler(SCRIPT, LabelerKind::Human, 24)] },
        brought_back: Turned::default(),
        removed: 1,
        guidelines: vec!["tone@3".into()],
        snapshots: vec!["v4".into()],
        files: vec!["labelers.yaml".into()],
    }
}

fn measures() -> Vec<Measure> {
    let alpha = Measure {
        check: CheckName::Agreement,
        task: Some("tone".into()),
        metric: "krippendorff_alpha".into(),
        over: Basis::ChangedItems,
        scale: Scale::Coefficient,
        before: Some(0.812),
        after: Some(0.603),
        delta: Some(-0.209),
        interval: Some([0.541, 0.662]),
        delta_interval: Some([-0.27, -0.148]),
        overlap: 412,
        wanted: Some("low end ≥ 0.667".into()),
        holds: Some(false),
    };
    let gold = Measure {
        check: CheckName::Gold,
        metric: "gold_accuracy".into(),
        over: Basis::AddedLabels,
        scale: Scale::Share,
        before: None,
        after: Some(0.934),
        delta: None,
        interval: Some([0.887, 0.963]),
        delta_interval: None,
        overlap: 76,
        wanted: Some("≥ 80%".into()),
        holds: Some(true),
        ..alpha.clone()
    };
    let unresolved = Measure {
        check: CheckName::Unresolved,
        metric: "unresolved".into(),
        over: Basis::TouchedItems,
        before: Some(0.04),
        after: Some(0.071),
        delta: Some(0.031),
        interval: None,
        overlap: 1_204,
        wanted: None,
        holds: None,
        ..gold.clone()
    };
    let few = Measure {
        task: Some("stars".into()),
        overlap: 3,
        holds: None,
        after: None,
        delta: None,
        interval: None,
        delta_interval: None,
        ..alpha.clone()
    };
    vec![alpha, gold, unresolved, few]
}

fn checks() -> Vec<Outcome> {
    let outcome = Outcome::new;
    vec![
        outcome(CheckName::Integrity, Level::Error, Status::Passed, "4 records, 3 signatures"),
        outcome(CheckName::AppendOnly, Level::Error, Status::Failed, "1 file of the ledger was removed"),
        outcome(CheckName::Agreement, Level::Error, Status::Failed, "agreement of tone fell by 0.209"),
        outcome(CheckName::Gold, Level::Error, Status::Passed, "93.4% of 76 labels on gold items"),
        outcome(
            CheckName::Confirmed,
            Level::Warning,
            Status::Warned,
            &format!("{SCRIPT} confirmed 98% of guesses"),
        ),
        outcome(CheckName::Balance, Level::Warning, Status::NotMeasured, "fewer than 20 labels were added"),
    ]
}

fn finding(check: CheckName, level: Level, code: &'static str, message: &str, remedy: &str) -> Finding {
    Finding {
        check,
        level,
        code,
        message: message.into(),
        path: None,
        record: None,
        commit: None,
        task: None,
        samples: Vec::new(),
        more: 0,
        remedy: remedy.into(),
    }
}

fn removed() -> Finding {
    Finding {
        path: Some("ledger/labels/tone/2025-05/3f/3f0c9d1b7c7a4c0e8f6a5b4c3d2e1f00112233445566778899aabbccddeeff00.parquet".into()),
        record: Some(RecordId(Digest([0x3f; 32]))),
        commit: Some(Culprit {
            id: "d".repeat(40),
            author: "Mallory <m@example.com>".into(),
            subject: "tidy up".into(),
        }),
        ..finding(
            CheckName::AppendOnly,
            Level::Error,
            "removed",
            "A record that base has is gone.",
            "Bring it back with `hitl restore`, and take its labels back with `hitl revert`.",
        )
    }
}

fn fell() -> Finding {
    let said = |labeler: &str, label: Option<&str>, when| Said {
        labeler: labeler.into(),
        label: label.map(str::to_owned),
        when,
    };
    let sample = |item: &str, text: Option<&str>| Sample {
        item: item.into(),
        text: text.map(str::to_owned),
        labels: vec![
            said("ana", Some("positive"), When::Before),
            said(SCRIPT, Some(IMAGE), When::Added),
            said("bo", None, When::Added),
            said("cy", Some("neutral"), When::TakenBack),
        ],
        more: 3,
    };
    Finding {
        task: Some("tone".into()),
        samples: vec![sample("msg-011", Some(REVERSED)), sample("msg-042", None)],
        more: 118,
        ..finding(
            CheckName::Agreement,
            Level::Error,
            "floor",
            "Agreement of tone on the items that change is 0.603 (0.541 to 0.662); it must be 0.667 at least.",
            "Look at the items below, settle them with `hitl adjudicate`, or clear up the guideline.",
        )
    }
}

fn confirmed() -> Finding {
    finding(
        CheckName::Confirmed,
        Level::Warning,
        "confirmed",
        "314 of 320 labels by one labeler only confirm what a machine guessed.",
        "Have some of the items labelled again without a guess in sight.",
    )
}
