//! Label Studio's exports: full JSON with its traps, JSON_MIN, CSV and TSV.

use std::collections::BTreeMap;

use hitl::ingest::{Error, Import, Mapping, Note, Options, read};
use hitl::record::{Kind, Task, TaskType, col};

fn sentiment() -> Vec<Task> {
    vec![Task::new("sentiment", TaskType::Categorical, vec!["Positive".into(), "Negative".into()])]
}

fn import(text: &str, tasks: &[Task], map: &[&str]) -> Result<Import, Error> {
    let aliases = BTreeMap::from([("ana@x.org".to_owned(), "ana".to_owned())]);
    let map: Vec<Mapping> = map.iter().map(|text| text.parse().unwrap()).collect();
    let mut options = Options::new("-", tasks, &aliases);
    options.map = &map;
    read(text.as_bytes(), &options)
}

/// Every judgement as `item labeler label time origin shown shown_by source_id duration`.
fn rows(import: &Import) -> Vec<String> {
    let mut out = Vec::new();
    for batch in &import.batches {
        for row in 0..batch.rows.len() {
            let text = |column| batch.rows.text(row, column).unwrap_or("-").to_owned();
            let time = batch.rows.time(row, col::CREATED_AT).map_or("-".to_owned(), |time| time.to_string());
            let hitl::record::Column::Int(ms) = &batch.rows.columns()[col::DURATION_MS] else {
                unreachable!()
            };
            let ms = ms[row].map_or("-".to_owned(), |ms| ms.to_string());
            let texts = [col::ORIGIN, col::SHOWN, col::SHOWN_BY, col::SOURCE_ID].map(text).join(" ");
            let (item, labeler, label) = (text(col::ITEM), text(col::LABELER), text(col::LABEL));
            out.push(format!("{item} {labeler} {label} {time} {texts} {ms}"));
        }
    }
    out
}

fn result(name: &str, kind: &str, value: &str, origin: &str) -> String {
    format!(
        r#"{{"id":"r","type":"{kind}","from_name":"{name}","to_name":"text","origin":"{origin}","value":{value}}}"#
    )
}

fn choice(label: &str, origin: &str) -> String {
    result("sentiment", "choices", &format!(r#"{{"choices":["{label}"]}}"#), origin)
}

fn annotation(id: u32, by: &str, results: &str, rest: &str) -> String {
    format!(
        r#"{{"id":{id},"completed_by":{by},"result":[{results}],"created_at":"2026-01-01T00:00:00Z"{rest}}}"#
    )
}

fn tasks(annotations: &str, rest: &str) -> String {
    format!(r#"[{{"id":1,"data":{{"text":"t","key":"k-1"}},"annotations":[{annotations}]{rest}}}]"#)
}

#[test]
fn annotations_become_judgements_with_all_that_is_known_of_them() {
    let predictions = r#","predictions":[{"id":9,"model_version":"m 0","result":[{"type":"choices","from_name":"sentiment","value":{"choices":["Negative"]}}]}]"#;
    let annotations = [
        annotation(
            7,
            "5",
            &choice("Positive", "prediction-changed"),
            r#","updated_at":"2026-01-02T00:00:00Z","lead_time":1.5,"parent_prediction":9"#,
        ),
        annotation(
            8,
            r#"{"id":6,"email":"ana@x.org"}"#,
            &choice("Negative", "prediction"),
            r#","prediction":{"model_version":"m 1","result":[{"type":"choices","from_name":"sentiment","value":{"choices":["Negative"]}}]}"#,
        ),
        annotation(9, "7", &choice("Positive", "manual"), r#","ground_truth":true,"prediction":{}"#),
        annotation(10, "8", "", r#","was_cancelled":true"#),
        annotation(11, "9", "", ""),
        annotation(12, "10", &choice("Positive", "odd"), ""),
    ];
    let import = import(&tasks(&annotations.join(","), predictions), &sentiment(), &[]).unwrap();
    assert_eq!(import.detected, "Label Studio JSON");
    assert_eq!(
        rows(&import),
        [
            "1 5 Positive 2026-01-02T00:00:00Z changed Negative m 0 7 1500",
            "1 ana Negative 2026-01-01T00:00:00Z confirmed Negative m 1 8 -",
            "1 7 Positive 2026-01-01T00:00:00Z fresh - - 9 -",
            "1 8 - 2026-01-01T00:00:00Z unknown - - 10 -",
            "1 10 Positive 2026-01-01T00:00:00Z unknown - - 12 -",
        ]
    );
    assert_eq!(import.notes, [Note::Cancelled(1), Note::Unanswered(1), Note::GroundTruth(1)]);
    let kept = |name: &str| import.columns.iter().find(|used| used.column == name).unwrap().meaning.clone();
    assert_eq!(kept("sentiment").as_deref(), Some("label of task sentiment"));
    assert_eq!(kept("data.text"), None);
}

#[test]
fn old_and_odd_exports_are_read() {
    // Before 1.0: completions, Unix times, `skipped`; one object at the root; predictions that are ids alone.
    let text = r#"{"id":3,"data":{"text":"t"},"predictions":[4,5],"completions":[
        {"id":1,"completed_by":1,"created_at":1694858483,"parent_prediction":4,"result":[{"type":"choices","from_name":"sentiment","value":{"choices":["Positive"]}}]},
        {"id":2,"completed_by":2,"created_at":1694858483,"skipped":true,"result":[]}]}"#;
    assert_eq!(
        rows(&import(text, &sentiment(), &[]).unwrap()),
        ["3 1 Positive 2023-09-16T10:01:23Z unknown - - 1 -", "3 2 - 2023-09-16T10:01:23Z unknown - - 2 -"]
    );
    // One task a line.
    let line = |id: u32| {
        format!(
            r#"{{"id":{id},"data":{{}},"annotations":[{}]}}"#,
            annotation(id, "1", &choice("Positive", "manual"), "")
        )
    };
    assert_eq!(
        import(&format!("{}\n{}\n", line(1), line(2)), &sentiment(), &[]).unwrap().batches[0].lines,
        [1, 2]
    );
    // Nothing but a cancelled annotation.
    let text = tasks(&annotation(1, "1", "", r#","was_cancelled":true"#), "");
    assert_eq!(rows(&import(&text, &sentiment(), &[]).unwrap()).len(), 1);
}

#[test]
fn controls_of_every_read_type_fill_their_tasks() {
    let results = [
        choice("Positive", "manual"),
        result("stars", "rating", r#"{"rating":4}"#, "manual"),
        result("why", "textarea", r#"{"text":["it shines"]}"#, "manual"),
        result("age", "number", r#"{"number":4.0}"#, "manual"),
        result("better", "pairwise", r#"{"selected":"left"}"#, "manual"),
        result("area", "rectanglelabels", r#"{"x":1,"rectanglelabels":["Car"]}"#, "manual"),
    ];
    let text = tasks(&annotation(1, "1", &results.join(","), ""), "");
    let all = [
        sentiment().remove(0),
        Task::new("stars", TaskType::Rating, vec![]),
        Task::new("why", TaskType::Text, vec![]),
        Task::new("age", TaskType::Numeric, vec![]),
        Task::new("better", TaskType::Preference, vec![]),
    ];
    let read = import(&text, &all, &[]).unwrap();
    let labels: Vec<_> =
        read.batches.iter().map(|batch| batch.rows.text(0, col::LABEL).unwrap().to_owned()).collect();
    assert_eq!(labels, ["Positive", "4", "it shines", "4", "a"]);
    let mood = [Task::new("mood", TaskType::Categorical, vec!["Positive".into()])];
    let said = |map: &[&str], tasks: &[Task]| import(&text, tasks, map).unwrap_err().to_string();
    assert_eq!(
        said(&[], &mood),
        "which control holds the label of task `mood`? The file has `sentiment`, `stars`, `why`, `age`, `better`: say so with --map task:mood=sentiment"
    );
    assert!(
        said(&["area=label"], &mood)
            .starts_with("Label Studio control not read yet: `area (rectanglelabels)`")
    );
    assert!(said(&["sentimnt=label"], &mood).contains("did you mean `sentiment`?"));
    for map in [["sentiment=label"], ["task:mood=sentiment"]] {
        assert_eq!(rows(&import(&text, &mood, &map).unwrap()).len(), 1);
    }
    let read = import(&text, &mood, &["sentiment=label", "data.key=item"]).unwrap();
    assert_eq!(read.batches[0].rows.text(0, col::ITEM), Some("k-1"));
}

#[test]
fn faults_of_annotations_are_placed_and_left_out_with_their_tasks() {
    let bad = annotation(2, "3", &choice("positive", "manual"), "");
    let mail = annotation(3, r#"{"id":4,"email":"raj@x.org"}"#, &choice("Positive", "manual"), "");
    let nobody = annotation(4, "null", &choice("Positive", "manual"), "");
    let good = annotation(5, "5", &choice("Positive", "manual"), "");
    let text = format!(
        "[\n{{\"id\":1,\"data\":{{}},\"annotations\":[\n{bad},\n{mail},\n {nobody}]}},\n{{\"id\":2,\"data\":{{}},\"annotations\":[{good}]}},\n{{\"id\":3,\"data\":{{}},\"annotations\":[7]}}]"
    );
    let Err(Error::Data(refused)) = import(&text, &sentiment(), &[]) else { panic!("faults") };
    let said: Vec<String> = refused.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "3:1: `positive` is not a class of task `sentiment`; did you mean `Positive`? (the file has `positive` in 1 row and `Positive` in 3)",
            "4:1: the labeler id `raj@x.org` looks like an e-mail address",
            "5:2: the labeler id is empty",
            "7:34: an annotation that is no object; export full annotations, not their ids",
        ]
    );
    let (schema, aliases) = (sentiment(), BTreeMap::new());
    let mut options = Options::new("-", &schema, &aliases);
    options.labeler = Some("eve");
    // `--labeler` names those the file does not.
    let Err(Error::Data(refused)) = read(text.as_bytes(), &options) else { panic!("faults") };
    assert!(refused.faults.iter().all(|fault| fault.line != 5));
    let named = tasks(&annotation(1, "1", &choice("Positive", "manual"), ""), "");
    let message = read(named.as_bytes(), &options).unwrap_err().to_string();
    assert!(message.contains("column `annotations.completed_by` says who judged"), "{message}");
    (options.labeler, options.skip_bad) = (None, true);
    let import = read(text.as_bytes(), &options).unwrap();
    assert_eq!(rows(&import).len(), 1);
    let refused = String::from_utf8(import.refused.unwrap().file).unwrap();
    let ids: Vec<&str> = refused.lines().map(|line| &line[..8]).collect();
    assert_eq!(ids, ["{\"id\":1,", "{\"id\":3,"]);
}

#[test]
fn flat_exports_are_read_with_no_flags() {
    let json_min = r#"[{"text":"a","value":"x","id":1,"sentiment":"Positive","annotator":5,"annotation_id":7,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","lead_time":1.5}]"#;
    let csv = "annotation_id,annotator,created_at,id,lead_time,sentiment,text,updated_at,value\n7,5,2026-01-01T00:00:00Z,1,1.5,Positive,a,2026-01-02T00:00:00Z,x\n";
    let expected = "1 5 Positive 2026-01-02T00:00:00Z unknown - - 7 1500";
    for (text, detected) in [
        (json_min.to_owned(), "Label Studio JSON_MIN"),
        (csv.to_owned(), "Label Studio CSV"),
        (csv.replace(',', "\t"), "Label Studio TSV"),
    ] {
        let read = import(&text, &sentiment(), &[]).unwrap();
        assert_eq!((read.detected.as_str(), rows(&read)), (detected, vec![expected.to_owned()]));
        // A task that is called otherwise finds the one column that holds nothing but its classes.
        let mood = [Task { name: "mood".into(), ..sentiment().remove(0) }];
        assert_eq!(rows(&import(&text, &mood, &[]).unwrap()), [expected]);
    }
    let several = json_min.replace(r#""Positive""#, r#"{"choices":["Positive","Negative"]}"#);
    let set = [Task { kind: TaskType::Multilabel, ..sentiment().remove(0) }];
    let read = import(&several, &set, &[]).unwrap();
    assert_eq!(read.batches[0].rows.text(0, col::LABEL), Some(r#"["Negative","Positive"]"#));
}

#[test]
fn exports_hold_items_too() {
    let text = tasks(&annotation(1, "1", &choice("Positive", "manual"), ""), "");
    let (tasks, aliases) = (sentiment(), BTreeMap::new());
    let mut options = Options::new("-", &tasks, &aliases);
    options.kind = Kind::Items;
    let import = read(text.as_bytes(), &options).unwrap();
    let row = &import.batches[0].rows;
    assert_eq!(
        (row.text(0, 0), row.text(0, 1), row.text(0, 5)),
        (Some("1"), Some("t"), Some(r#"{"key":"k-1"}"#))
    );
    assert_eq!(import.labelers, BTreeMap::new());
}
