//! Laws of `ingest`: no bytes make it panic, and what was written comes back.

use std::collections::BTreeMap;

use hitl::ingest::{Error, Format, Options, Table, Value, detect, read, read_table};
use hitl::record::{Kind, Task, TaskType, col};
use proptest::prelude::*;

fn tasks(kind: TaskType) -> Vec<Task> {
    let classes = if kind.has_classes() { vec!["a".to_owned(), "b".to_owned()] } else { Vec::new() };
    vec![Task::new("label", kind, classes)]
}

/// Reads `bytes` in every format, of every kind, strict and lenient.
fn read_all(bytes: &[u8]) {
    let aliases = BTreeMap::new();
    let _ = detect(bytes, "-");
    for format in Format::ALL.iter().copied().map(Some).chain([None]) {
        for kind in [Kind::Labels, Kind::Corrections, Kind::Predictions, Kind::Items] {
            for task in [
                TaskType::Categorical,
                TaskType::Multilabel,
                TaskType::Numeric,
                TaskType::Text,
                TaskType::Span,
            ] {
                let tasks = tasks(task);
                let mut options = Options::new("-", &tasks, &aliases);
                (options.format, options.kind) = (format, kind);
                for (skip_bad, wide) in [(false, false), (true, false), (true, true)] {
                    (options.skip_bad, options.wide) = (skip_bad, wide);
                    if let Ok(import) = read(bytes, &options) {
                        import
                            .batches
                            .iter()
                            .for_each(|batch| assert_eq!(batch.rows.len(), batch.lines.len()));
                    }
                }
            }
        }
    }
}

/// Bytes that nearly are a file: parts of files in any order.
fn nearly_a_file() -> impl Strategy<Value = Vec<u8>> {
    let part = prop::sample::select(vec![
        "item",
        "labeler",
        "label",
        "created_at",
        "original",
        "corrected",
        "text",
        "id",
        ",",
        "\t",
        ";",
        "\n",
        "\r\n",
        "\"",
        "\"\"",
        "a",
        "b",
        "ana",
        "1",
        "-1e999",
        "2026-01-01",
        "1694858483",
        "[",
        "]",
        "{",
        "}",
        ":",
        "\\",
        "\\u0000",
        "\\ud800",
        "null",
        "true",
        "{\"item\":1,\"labeler\":\"x\",\"label\":\"a\"}",
        "item,labeler,label\n",
        "{\"id\":1,\"data\":{\"text\":\"t\"},\"annotations\":[",
        "\"annotations\":",
        "\"result\":",
        "\"completed_by\":",
        "{\"id\":2,\"completed_by\":1,\"result\":[{\"from_name\":\"label\",\"type\":\"choices\",\"value\":{\"choices\":[\"a\"]}}]}",
        "\u{feff}",
        "\u{410}",
        "e\u{301}",
        "\0",
        "\u{202e}",
        "a@b.org",
        "1.2E+05",
        " ",
    ]);
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        read_all(&bytes);
    }

    #[test]
    fn nothing_that_is_nearly_a_file_makes_it_panic(bytes in nearly_a_file()) {
        read_all(&bytes);
    }
}

/// One row: item, labeler, label, seconds, rationale.
type Row = (String, String, Option<String>, Option<u32>, Option<String>);

fn row() -> impl Strategy<Value = Row> {
    let id = "[a-zäЖ\",;| ]{0,6}[a-z0-9]";
    let note = "[ -~\\n\\t\u{e9}]{1,12}";
    (
        id,
        id,
        prop::option::of(prop::sample::select(vec!["a".to_owned(), "b".to_owned()])),
        prop::option::of(100_000_000..2_000_000_000_u32),
        prop::option::of(note),
    )
}

/// Rows of which no two compete.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), 1..20).prop_map(|mut rows| {
        rows.sort_by(|a, b| (&a.0, &a.1, a.3).cmp(&(&b.0, &b.1, b.3)));
        rows.dedup_by(|a, b| (&a.0, &a.1, a.3) == (&b.0, &b.1, b.3));
        rows
    })
}

fn back(import: &hitl::ingest::Import) -> Vec<Row> {
    let rows = &import.batches[0].rows;
    let text = |row, column| rows.text(row, column).map(str::to_owned);
    (0..rows.len())
        .map(|row| {
            let time = rows.time(row, col::CREATED_AT).map(|time| (time.micros() / 1_000_000) as u32);
            let (item, labeler) = (text(row, col::ITEM).unwrap(), text(row, col::LABELER).unwrap());
            (item, labeler, text(row, col::LABEL), time, text(row, col::RATIONALE))
        })
        .collect()
}

fn import(result: Result<hitl::ingest::Import, Error>) -> hitl::ingest::Import {
    result.unwrap_or_else(|error| match error {
        Error::Request(error) => panic!("{error}"),
        Error::Data(refused) => panic!("{:?}", refused.faults),
    })
}

proptest! {
    #[test]
    fn what_was_written_comes_back(rows in rows(), delimiter in prop::sample::select(b",;\t|".to_vec()), crlf: bool) {
        let (tasks, aliases) = (tasks(TaskType::Categorical), BTreeMap::new());
        let options = Options::new("-", &tasks, &aliases);
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(Vec::new());
        writer.write_record(["item", "labeler", "label", "timestamp", "rationale"]).unwrap();
        let mut lines = String::new();
        let mut columns: [Vec<Value>; 5] = Default::default();
        for (item, labeler, label, time, note) in &rows {
            let when = time.map(|time| time.to_string()).unwrap_or_default();
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            writer.write_record([item, labeler, &text(label), &when, &text(note)]).unwrap();
            let object = serde_json::json!({"item": item, "labeler": labeler, "label": label, "timestamp": time, "rationale": note});
            lines.push_str(&format!("{object}\n"));
            let cell = |text: Option<&String>| text.map_or(Value::Null, |text| Value::Text(text.clone()));
            let time = time.map_or(Value::Null, |time| Value::Int(time.into()));
            let cells = [cell(Some(item)), cell(Some(labeler)), cell(label.as_ref()), time, cell(note.as_ref())];
            columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
        }
        let bytes = writer.into_inner().unwrap();
        let from_csv = import(read(&bytes, &options));
        prop_assert_eq!(&back(&from_csv), &rows);
        let from_json = import(read(lines.as_bytes(), &options));
        prop_assert_eq!(&back(&from_json), &rows);
        let names = ["item", "labeler", "label", "timestamp", "rationale"];
        let table = Table::new(names.iter().map(|name| (*name).to_owned()).zip(columns).collect()).unwrap();
        let from_table = import(read_table(&table, &options));
        prop_assert_eq!(&back(&from_table), &rows);
        prop_assert_eq!(from_csv.labelers, from_json.labelers);
    }

    /// Twice the file is once the rows; and bad rows among them change nothing for the good ones.
    #[test]
    fn repeats_and_bad_rows_change_nothing(rows in rows(), bad in 0..20_usize) {
        let (tasks, aliases) = (tasks(TaskType::Categorical), BTreeMap::new());
        let mut options = Options::new("-", &tasks, &aliases);
        let line = |row: &Row| serde_json::json!({"item": row.0, "labeler": row.1, "label": row.2, "time": row.3, "comment": row.4}).to_string() + "\n";
        let once: String = rows.iter().map(line).collect();
        let twice = import(read((once.clone() + &once).as_bytes(), &options));
        prop_assert_eq!(back(&twice), rows.clone());
        prop_assert_eq!(twice.repeated, rows.len());
        let mut lines: Vec<String> = rows.iter().map(line).collect();
        lines.insert(bad.min(rows.len()), "{\"item\": \"q\", \"labeler\": \"q\", \"label\": \"c\"}\n".into());
        options.skip_bad = true;
        let rest = import(read(lines.concat().as_bytes(), &options));
        prop_assert_eq!(back(&rest), rows);
        prop_assert_eq!(rest.refused.unwrap().records, 1);
    }
}
