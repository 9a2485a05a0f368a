//! Label files read as numbers say what they say read row by row: real files, and Parquet.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hitl::base::Timestamp;
use hitl::ingest::{self, Import, Options, PersonalIds};
use hitl::record::{Task, TaskType};
use hitl::shard::{
    ForeignCell, LabelFile, LabelPlaces, Table as Columns, TableColumn, TableFormat, TableValues,
    read_foreign, write_table,
};
use hitl::table::Table;
use proptest::prelude::*;

fn task() -> [Task; 1] {
    [Task::new("labels", TaskType::Text, Vec::new())]
}

fn options<'a>(tasks: &'a [Task], aliases: &'a BTreeMap<String, String>) -> Options<'a> {
    Options { personal_ids: PersonalIds::Allow, ..Options::new("labels.csv", tasks, aliases) }
}

fn from_rows(import: &Import) -> Table {
    Table::from_rows(&import.batches[0].rows, None)
}

#[test]
#[expect(clippy::print_stdout, reason = "a test says that it was skipped")]
fn real_files_are_read_alike() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let data = root.ancestors().map(|folder| folder.join("shared/data"));
    let Some(data) = data.into_iter().find(|folder| folder.is_dir()) else {
        println!("skipped: needs the data sets in shared/data");
        return;
    };
    let (tasks, aliases) = (task(), BTreeMap::new());
    let (mut files, mut plain) = (0, Vec::new());
    for set in std::fs::read_dir(data).unwrap().flatten() {
        let Ok(bytes) = std::fs::read(set.path().join("labels.csv")) else { continue };
        files += 1;
        let options = options(&tasks, &aliases);
        let codes = ingest::label_codes(&bytes, &options);
        if let Some(table) = codes.and_then(|codes| Table::from_codes(codes, None)) {
            let import = ingest::read(&bytes, &options).unwrap();
            assert_eq!(table, from_rows(&import), "{}", set.path().display());
            plain.push(set.file_name());
        }
    }
    assert!(plain.len() * 4 >= files * 3, "of {files} files only {plain:?} were read as numbers");
}

/// Reads a Parquet file in both ways; each is `None` where it refuses.
fn both(bytes: &[u8]) -> (Option<Table>, Option<Table>) {
    let (tasks, aliases) = (task(), BTreeMap::new());
    let options = options(&tasks, &aliases);
    let codes = || {
        let file = LabelFile::open(bytes)?;
        let names: Vec<&str> = file.columns().collect();
        let columns = ingest::label_columns(&names, &options)?;
        let places = LabelPlaces {
            item: columns.item,
            labeler: columns.labeler,
            label: columns.label,
            created_at: columns.created_at,
            time: ingest::micros,
        };
        Table::from_codes(columns.canonical(file.read(places)?)?, None)
    };
    let value = |cell| match cell {
        ForeignCell::Text(text) => ingest::Value::Text(text),
        ForeignCell::Int(number) => ingest::Value::Int(number),
        ForeignCell::Time(micros) => ingest::Value::Time(Timestamp::from_micros(micros).unwrap()),
        _ => ingest::Value::Null,
    };
    let columns = read_foreign(bytes).unwrap().columns.into_iter();
    let columns = columns.map(|(name, cells)| (name, cells.into_iter().map(value).collect()));
    let table = ingest::Table::new(columns.collect()).unwrap();
    let import = ingest::read_table(&table, &options).ok();
    (codes(), import.map(|import| from_rows(&import)))
}

/// One row: item, labeler, label and time, as a number each.
type Row = (u8, u8, Option<u8>, Option<u8>);

fn parquet(rows: &[Row], numbers: bool, timed: bool) -> Vec<u8> {
    let text = |of: &dyn Fn(&Row) -> Option<String>| TableValues::Text(rows.iter().map(of).collect());
    let whole = TableValues::Int(rows.iter().map(|row| Some(i64::from(row.0))).collect());
    let item = text(&|row| Some(format!("an item of some length {}", row.0)));
    let label = text(&|row| row.2.map(|label| if label == 3 { String::new() } else { format!("l{label}") }));
    let time = TableValues::Time(rows.iter().map(|row| row.3.map(i64::from)).collect());
    let mut columns = vec![
        ("label", label),
        ("item_id", if numbers { whole } else { item }),
        ("note", text(&|_| Some("unread".to_owned()))),
        ("rater", text(&|row| Some(format!("r\u{e9}{}", row.1)))),
    ];
    if timed {
        columns.push(("created_at", time));
    }
    let columns = columns.into_iter().map(|(name, values)| TableColumn { name: name.to_owned(), values });
    write_table(&Columns { columns: columns.collect(), metadata: Vec::new() }, TableFormat::Parquet).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn parquet_is_read_alike(
        rows in prop::collection::vec((0..9_u8, 0..4_u8, prop::option::of(0..4_u8), prop::option::of(0..3_u8)), 1..40),
        (numbers, timed) in any::<(bool, bool)>(),
    ) {
        let (codes, from_rows) = both(&parquet(&rows, numbers, timed));
        prop_assert_eq!(codes, from_rows);
    }
}

#[test]
fn large_parquet_is_read_in_pieces() {
    let row = |n: u32| ((n / 700 % 250) as u8, (n % 7) as u8, Some((n % 3) as u8), Some((n / 7 % 200) as u8));
    let rows: Vec<Row> = (0..70_000).map(row).collect();
    let (codes, from_rows) = both(&parquet(&rows, true, true));
    assert!(codes.is_some());
    assert_eq!(codes, from_rows);
}
