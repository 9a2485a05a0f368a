//! Every file of the real data sets, read as a user would read it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hitl::ingest::{Error, Import, Mapping, Options, PersonalIds, read};
use hitl::record::{Kind, LabelerKind, Task, TaskType};

/// Returns `shared/data` of some folder above the crate.
#[expect(clippy::print_stdout, reason = "a test says that it was skipped")]
fn data() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = root.ancestors().map(|folder| folder.join("shared/data")).find(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: needs the data sets in shared/data");
    }
    found
}

fn classes(names: &str) -> Vec<String> {
    names.split(' ').map(str::to_owned).collect()
}

fn task(name: &str, kind: TaskType, names: &str) -> Task {
    Task::new(name, kind, if names.is_empty() { Vec::new() } else { classes(names) })
}

/// One file of `shared/data`, how it is read, and what it comes to.
struct Case<'a> {
    file: &'a str,
    kind: Kind,
    task: Task,
    map: &'a [&'a str],
    labeler: Option<&'a str>,
    personal: PersonalIds<'a>,
    expected: &'a str,
}

fn case<'a>(file: &'a str, task: Task, expected: &'a str) -> Case<'a> {
    Case { file, kind: Kind::Labels, task, map: &[], labeler: None, personal: PersonalIds::Refuse, expected }
}

fn items<'a>(file: &'a str, expected: &'a str) -> Case<'a> {
    Case { kind: Kind::Items, ..case(file, text(), expected) }
}

fn corrections<'a>(file: &'a str, expected: &'a str) -> Case<'a> {
    Case { kind: Kind::Corrections, ..case(file, text(), expected) }
}

fn text() -> Task {
    task("t", TaskType::Text, "")
}

fn one_of(names: &str) -> Task {
    task("t", TaskType::Categorical, names)
}

fn number() -> Task {
    task("t", TaskType::Numeric, "")
}

/// Says in one line what a file came to.
fn say(result: &Result<Import, Error>) -> String {
    match result {
        Ok(import) => {
            let rows: usize = import.batches.iter().map(|batch| batch.rows.len()).sum();
            let labelers = import.labelers.len();
            let repeated =
                if import.repeated > 0 { format!(", {} repeated", import.repeated) } else { String::new() };
            format!("{}: {rows} by {labelers}{repeated}", import.detected)
        }
        Err(Error::Request(error)) => format!("2: {error}"),
        Err(Error::Data(refused)) => format!("3: {} at {}", refused.total, refused.faults[0]),
    }
}

/// Reads each file; a case's expectation is the start of what is said.
fn check(cases: &[Case<'_>]) {
    let Some(folder) = data() else { return };
    let aliases = BTreeMap::new();
    for case in cases {
        let bytes = std::fs::read(folder.join(case.file)).unwrap();
        let map: Vec<Mapping> = case.map.iter().map(|text| text.parse().unwrap()).collect();
        let tasks = [case.task.clone()];
        let mut options = Options::new(case.file, &tasks, &aliases);
        (options.kind, options.map, options.personal_ids) = (case.kind, &map, case.personal);
        if let Some(labeler) = case.labeler {
            (options.labeler, options.labeler_kind) = (Some(labeler), Some(LabelerKind::Gold));
        }
        let said = say(&read(&bytes, &options));
        assert!(
            said.starts_with(case.expected),
            "{}\n  said:     {said}\n  expected: {}",
            case.file,
            case.expected
        );
    }
}

#[test]
fn crowd_data_is_read_with_no_flags() {
    check(&[
        case("snow-rte/labels.csv", one_of("0 1"), "CSV, long form: 8000 by 164"),
        case("bluebirds/labels.csv", one_of("0 1"), "CSV, long form: 4212 by 39"),
        case("dog-4class/labels.csv", one_of("0 1 2 3"), "CSV, long form: 8070 by 109"),
        case("crowdflower-relex/labels.csv", one_of("true false"), "CSV, long form: 150 by 67"),
        case("crowdspeech-dev-clean/labels.jsonl", text(), "JSON lines, long form: 18921 by 748"),
        case("hs-brexit/labels.csv", one_of("0 1"), "CSV, long form: 6720 by 6"),
        case("jfleg/preferences.csv", task("t", TaskType::Preference, ""), "CSV, long form: 1629 by 2"),
        case("mtbench-human/preferences.csv", task("t", TaskType::Preference, ""), "CSV, long form: "),
        case("paraphrase-likert/labels.csv", number(), "CSV, long form: 2000 by 4"),
        case(
            "popquorn-offensiveness/labels.csv",
            task("t", TaskType::Ordinal, "1 2 3 4 5"),
            "CSV, long form: 13036 by 262",
        ),
        case("prodigy/labels.csv", one_of("accept reject ignore"), "CSV, long form: 3372 by 42"),
        case("snow-wordsim/labels.csv", number(), "CSV, long form: 300 by 10"),
        case("varierr-nli/labels.csv", text(), "CSV, long form: 1816 by 4"),
        corrections("jfleg/corrections_dev.jsonl", "JSON lines, long form: 3016 by 4"),
        corrections("mucgec-dev/corrections.jsonl", "JSON lines, long form: 2464 by 7"),
    ]);
}

#[test]
fn gold_files_are_by_gold() {
    let gold = |file, task, expected| Case { labeler: Some("gold"), ..case(file, task, expected) };
    check(&[
        gold("snow-rte/gold.csv", one_of("0 1"), "CSV, long form: 800 by 1"),
        gold("bluebirds/gold.csv", one_of("0 1"), "CSV, long form: 108 by 1"),
        gold("dog-4class/gold.csv", one_of("0 1 2 3"), "CSV, long form: 807 by 1"),
        gold("snow-wordsim/gold.csv", number(), "CSV, long form: 30 by 1"),
        gold("crowdspeech-dev-clean/gold.jsonl", text(), "JSON lines, long form: 2703 by 1"),
        case("snow-rte/gold.csv", one_of("0 1"), "2: no column says who judged"),
    ]);
}

#[test]
fn items_are_read_with_no_flags() {
    check(&[
        items("snow-rte/items.jsonl", "JSON lines, one item a row: 800 by 0"),
        items("hs-brexit/items.jsonl", "JSON lines, one item a row: 1120 by 0"),
        items("popquorn-offensiveness/items.jsonl", "JSON lines, one item a row: 1500 by 0"),
        items("prodigy/items.jsonl", "JSON lines, one item a row: 117 by 0"),
        items("paraphrase-likert/items.jsonl", "JSON lines, one item a row: 500 by 0"),
        items(
            "labelstudio-fixtures/test_export_csv/csv_test.json",
            "Label Studio JSON, one item a task: 2 by 0",
        ),
    ]);
}

#[test]
fn raw_files_are_read_once_mapped() {
    let mapped = |file, task, map, expected| Case { map, ..case(file, task, expected) };
    check(&[
        mapped(
            "snow-rte/raw/rte.standardized.tsv",
            one_of("0 1"),
            &["!amt_worker_ids=labeler", "orig_id=item"],
            "TSV, long form: 8000 by 164",
        ),
        mapped(
            "prodigy/raw/pydata-ams-2023.jsonl",
            one_of("accept reject ignore"),
            &["_task_hash=item", "_annotator_id=labeler", "answer=label", "_timestamp=created_at"],
            "JSON lines, long form: 3372 by 42",
        ),
        mapped(
            "crowdspeech-dev-clean/raw/crowdspeech-dev-clean-crowd.tsv",
            text(),
            &["INPUT:audio=item", "OUTPUT:transcription=label", "ASSIGNMENT:worker_id=labeler"],
            "TSV, long form: 18921 by 748",
        ),
        mapped(
            "crowdflower-relex/raw/relex-binary-choice.csv",
            one_of("TRUE FALSE"),
            &["_unit_id=item", "top_member_employee=label", "_created_at=-"],
            "CSV, long form: 150 by 67",
        ),
        mapped("hs-brexit/labels_all_questions.csv", one_of("0 1"), &["question=-"], "3: "),
    ]);
}

#[test]
fn what_cannot_be_read_is_named() {
    check(&[
        case(
            "hs-brexit/labels_all_questions.csv",
            text(),
            "2: columns `item_id`, `question` could each be the item",
        ),
        case(
            "dawid-skene-1979/labels.csv",
            task("t", TaskType::Ordinal, "1 2 3 4"),
            "3: 13 at 18:10: `obs1` says `2` about item `p03`, but `1` in line 16",
        ),
        case(
            "crowdflower-relex/raw/relex-binary-choice.csv",
            text(),
            "2: columns `_unit_id`, `_id` could each be the item",
        ),
        case("dog-4class/raw/dogs-1.merged.label.tsv", text(), "3: 1 at 1:3: the header names `1` twice"),
        case("prodigy/raw/pydata-ams-2023.jsonl", text(), "2: this is a Prodigy export"),
        case(
            "prodigy/raw/annotated_reddit-INSULT-textcat.jsonl",
            text(),
            "2: this is a Prodigy export; for its answers (classes accept, reject, ignore) give --map _input_hash=item --labeler NAME",
        ),
        case("prodigy/raw/bio_events.jsonl", text(), "2: no column says which item is judged"),
        case(
            "doccano-cvat-fixtures/doccano/data_export/text_classification/example.jsonl",
            text(),
            "2: this is a doccano export",
        ),
        case(
            "doccano-cvat-fixtures/doccano/data_export/text_classification/example.csv",
            text(),
            "2: this is a doccano export",
        ),
        case(
            "doccano-cvat-fixtures/doccano/data_export/text_classification/example.txt",
            text(),
            "2: this is fastText's format",
        ),
        case(
            "doccano-cvat-fixtures/doccano/data_export/relation_extraction/example.jsonl",
            text(),
            "2: this is a doccano export",
        ),
        case("doccano-cvat-fixtures/doccano/data_export/segmentation/example.jsonl", text(), "3: 1 at 9:1: "),
        case(
            "doccano-cvat-fixtures/doccano/data_import/tests/data/example.utf16.csv",
            text(),
            "3: 1 at 1:1: this is UTF-16",
        ),
        case("doccano-cvat-fixtures/cvat/for_video/annotations.xml", text(), "2: this is a CVAT XML export"),
    ]);
}

#[test]
fn label_studio_exports_are_read_or_named() {
    let folder = "labelstudio-fixtures";
    let file = |name: &str| format!("{folder}/{name}");
    let named = |name: &str, controls: &str| {
        let file = file(name);
        check(&[case(&file, text(), &format!("2: Label Studio {controls}"))]);
    };
    named("test_export_csv/csv_test.json", "control not read yet: `label (rectanglelabels)`");
    named("test_export_json_min/data.json", "control not read yet: `label (polygonlabels)`");
    named(
        "test_export_json_min/data_repeater.json",
        "controls not read yet: `labels_0 (rectanglelabels)`, `categories_0 (taxonomy)`",
    );
    named("test_export_coco/data.json", "controls not read yet: `rectangle_label (rectanglelabels)`");
    named("test_export_yolo/data.json", "control not read yet: `label (rectanglelabels)`");
    named("test_export_yolo/data_keypoints.json", "controls not read yet: `keypoints (keypointlabels)`");
    named("test_export_yolo/data_polygons.json", "control not read yet: `label (polygonlabels)`");
    let allow = |name: &'static str, task, expected| Case {
        personal: PersonalIds::Allow,
        ..case(name, task, expected)
    };
    let sentiment = task("sentiment", TaskType::Categorical, "Positive Negative");
    check(&[
        case(
            "labelstudio-fixtures/test_export_csv/csv_test2.json",
            text(),
            "3: 1 at 5:13: the labeler id `user1@example.com` looks like",
        ),
        allow("labelstudio-fixtures/test_export_csv/csv_test2.json", text(), "Label Studio JSON: 1 by 1"),
        allow(
            "labelstudio-fixtures/test_export_csv/csv_test_history.json",
            sentiment,
            "Label Studio JSON: 1 by 1",
        ),
        allow(
            "labelstudio-fixtures/test_export_csv/csv_test2_result.csv",
            text(),
            "2: no column says the label",
        ),
        Case {
            map: &["title=label"],
            ..allow(
                "labelstudio-fixtures/test_export_csv/csv_test2_result.csv",
                text(),
                "Label Studio TSV: 1 by 1",
            )
        },
    ]);
}
