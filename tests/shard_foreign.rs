//! Files of other programs are read, and files of ours are read by other programs.

use std::process::Command;

use hitl::record::TextColumn;
use hitl::shard::ForeignCell::{self, Bool, Float, Int, List, Null, Text, Time};
use hitl::shard::{Table, TableColumn, TableFormat, TableValues, read_foreign, write_table};

/// Runs a Python program with pyarrow on `path`; `None`, said so, where that is missing.
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a test's own switch and word")]
fn python(program: &str, path: &std::path::Path) -> Option<String> {
    let found = Command::new("python3").args(["-c", "import pyarrow.parquet"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        assert!(
            std::env::var_os("HITL_TEST_ALL").is_none_or(|value| value != "1"),
            "needs python3 with pyarrow"
        );
        println!("skipped: needs python3 with pyarrow");
        return None;
    }
    let output = Command::new("python3").args(["-c", program]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

const WRITE: &str = r#"
import sys, datetime as d, decimal, pyarrow as pa, pyarrow.parquet as p
day = d.datetime(2026, 5, 4, 10, 20, 30)
micros = 1777890030000000
t = {
    "text": pa.array(["a", None, "é"]),
    "large": pa.array(["a", None, "é"], pa.large_string()),
    "view": pa.array(["a", None, "é"], pa.string_view()),
    "dict": pa.array(["x", "y", "x"]).dictionary_encode(),
    "bytes": pa.array([b"a", b"b", None]),
    "blob": pa.array([b"a", b"\xff\xfe", None]),
    "i8": pa.array([1, -1, None], pa.int8()),
    "u16": pa.array([1, 65535, None], pa.uint16()),
    "i32": pa.array([1, -1, None], pa.int32()),
    "u64": pa.array([1, 2**64 - 1, None], pa.uint64()),
    "half": pa.array([0.5, 1.5, None], pa.float16()),
    "single": pa.array([0.1, 4.0, None], pa.float32()),
    "double": pa.array([0.1, float("nan"), None]),
    "decimal": pa.array([decimal.Decimal("4.50"), decimal.Decimal("-0.01"), None], pa.decimal128(9, 2)),
    "bool": pa.array([True, False, None]),
    "date": pa.array([d.date(2026, 5, 4), None, d.date(1969, 12, 31)]),
    "seconds": pa.array([day, None, None], pa.timestamp("s")),
    "millis": pa.array([day, None, None], pa.timestamp("ms", tz="Europe/Berlin")),
    "nanos": pa.array([micros * 1000 + 999, -1, None], pa.timestamp("ns")),
    "list": pa.array([["a", None], [], None]),
    "numbers": pa.array([[1, None], [], None], pa.list_(pa.int32())),
    "struct": pa.array([{"a": 1}, None, {"a": 2}]),
    "map": pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int32())),
    "nested": pa.array([[["a"]], [], None]),
    "none": pa.nulls(3),
}
p.write_table(pa.table(t), sys.argv[1], compression=OPTIONS)
"#;

#[test]
fn every_type_of_a_foreign_file_has_its_cell() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("foreign.parquet");
    let day = 1_777_890_030_000_000;
    let text = |text: &str| Text(text.to_owned());
    let expected: Vec<(&str, [ForeignCell; 3])> = vec![
        ("text", [text("a"), Null, text("é")]),
        ("large", [text("a"), Null, text("é")]),
        ("view", [text("a"), Null, text("é")]),
        ("dict", [text("x"), text("y"), text("x")]),
        ("bytes", [text("a"), text("b"), Null]),
        ("i8", [Int(1), Int(-1), Null]),
        ("u16", [Int(1), Int(65535), Null]),
        ("i32", [Int(1), Int(-1), Null]),
        ("u64", [Int(1), text("18446744073709551615"), Null]),
        ("half", [Float(0.5), Float(1.5), Null]),
        ("single", [Float(0.1), Float(4.0), Null]),
        ("decimal", [text("4.50"), text("-0.01"), Null]),
        ("bool", [Bool(true), Bool(false), Null]),
        ("date", [Time(1_777_852_800_000_000), Null, Time(-86_400_000_000)]),
        ("seconds", [Time(day), Null, Null]),
        ("millis", [Time(day), Null, Null]),
        ("nanos", [Time(day), Time(-1), Null]),
        ("list", [List(vec![text("a"), Null]), List(vec![]), Null]),
        ("numbers", [List(vec![Int(1), Null]), List(vec![]), Null]),
        ("none", [Null, Null, Null]),
    ];
    for options in [
        "'zstd'",
        "'snappy'",
        "'gzip'",
        "'lz4'",
        "'none', use_deprecated_int96_timestamps=True",
        "'none', data_page_version='2.0'",
    ] {
        if python(&WRITE.replace("OPTIONS", options), &path).is_none() {
            return;
        }
        let table = read_foreign(&std::fs::read(&path).unwrap()).unwrap();
        for (name, cells) in &expected {
            let (_, found) = table.columns.iter().find(|(column, _)| column == name).unwrap();
            assert_eq!(found, cells, "{options}: {name}");
        }
        assert!(
            matches!(table.columns.iter().find(|(name, _)| name == "double").unwrap().1[1], Float(nan) if nan.is_nan())
        );
        let skipped: Vec<&str> = table.skipped.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(skipped, ["struct", "map", "nested", "blob"], "{options}");
    }
}

fn table() -> Table {
    let column = |name: &str, values| TableColumn { name: name.into(), values };
    let text: TextColumn = [Some("a"), None, Some("é")].into_iter().collect();
    Table {
        columns: vec![
            column("text", TableValues::Text(text)),
            column("time", TableValues::Time(vec![Some(1_777_890_030_000_000), None, Some(-1)])),
            column("int", TableValues::Int(vec![Some(1), None, Some(-1)])),
            column("float", TableValues::Float(vec![Some(0.5), None, Some(-1.5)])),
            column("double", TableValues::Double(vec![Some(0.1), None, Some(-1.5)])),
            column("bool", TableValues::Bool(vec![Some(true), None, Some(false)])),
            column("texts", TableValues::Texts(vec![Some(vec![Some("a".into()), None]), None, Some(vec![])])),
            column("times", TableValues::Times(vec![Some(vec![Some(0), None]), None, Some(vec![])])),
            column("ints", TableValues::Ints(vec![Some(vec![Some(7), None]), None, Some(vec![])])),
            column("floats", TableValues::Floats(vec![Some(vec![0.5]), None, Some(vec![])])),
            column("doubles", TableValues::Doubles(vec![Some(vec![0.1]), None, Some(vec![])])),
        ],
        metadata: vec![("hitl.snapshot".into(), "v7".into())],
    }
}

#[test]
fn an_export_is_what_was_exported() {
    let bytes = write_table(&table(), TableFormat::Parquet).unwrap();
    let read = read_foreign(&bytes).unwrap();
    assert_eq!(read.columns.len(), 11);
    assert_eq!(read.columns[4].1, [Float(0.1), Null, Float(-1.5)]);
    assert_eq!(read.columns[7].1, [List(vec![Time(0), Null]), Null, List(vec![])]);
    assert_eq!(write_table(&table(), TableFormat::Parquet).unwrap(), bytes);
    let empty = write_table(&Table::default(), TableFormat::Parquet).unwrap();
    assert_eq!(read_foreign(&empty).unwrap().columns, []);
    let uneven = TableColumn { name: "odd".into(), values: TableValues::Int(vec![]) };
    let uneven = Table { columns: [table().columns, vec![uneven]].concat(), metadata: vec![] };
    let error = write_table(&uneven, TableFormat::Arrow).unwrap_err().to_string();
    assert!(error.ends_with("column `odd` has 0 rows, the first column has 3"), "{error}");
}

#[test]
fn pyarrow_reads_both_export_formats() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("export");
    let show = "rows = t.to_pylist()\nprint(t.schema.remove_metadata())\nfor r in rows: print({k: str(v) for k, v in r.items()})";
    let mut shown = Vec::new();
    for (format, read) in [
        (TableFormat::Parquet, "import sys, pyarrow.parquet as p\nt = p.read_table(sys.argv[1])\n"),
        (TableFormat::Arrow, "import sys, pyarrow as p\nt = p.ipc.open_file(sys.argv[1]).read_all()\n"),
    ] {
        std::fs::write(&path, write_table(&table(), format).unwrap()).unwrap();
        let Some(text) =
            python(&format!("{read}assert t.schema.metadata == {{b'hitl.snapshot': b'v7'}}\n{show}"), &path)
        else {
            return;
        };
        shown.push(text);
    }
    assert_eq!(shown[0], shown[1]);
    assert!(shown[0].contains("texts: list<element: string>"), "{}", shown[0]);
    assert!(shown[0].contains("'texts': \"['a', None]\""), "{}", shown[0]);
}
