//! Tables that leave hitl: judgements and snapshots as CSV, JSONL, Parquet or Arrow.

use std::path::Path;

use serde_json::Value;

use super::labels::{CorrectionRow, LabelRow};
use super::show::float_json;
use crate::base::Timestamp;
use crate::consensus::ConsensusReport;
use crate::consensus::report::Item;
use crate::corrections::Example;
use crate::ingest;
use crate::record::TextColumn;
use crate::shard::{self, ForeignCell, ForeignTable, Table, TableColumn, TableValues};
use crate::snapshot::Export;

/// A file format of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated values; lists as JSON.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Parquet.
    Parquet,
    /// Arrow IPC file.
    Arrow,
}

impl TableFormat {
    /// Returns the ending of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    /// Returns the format that a file's ending names.
    pub fn of_file(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?;
        [Self::Csv, Self::Jsonl, Self::Parquet, Self::Arrow]
            .into_iter()
            .find(|format| format.extension() == ending)
    }
}

/// Returns the columns of `rows`, in the order of [`LabelRow`]; those of corrections where there are any.
pub fn labels(rows: &[LabelRow]) -> Table {
    let text = |of: fn(&LabelRow) -> Option<&str>| TableValues::Text(rows.iter().map(of).collect());
    let mut columns = vec![
        column("task", text(|row| Some(&row.task))),
        column("kind", text(|row| Some(row.kind.as_str()))),
        column("item", text(|row| Some(&row.item))),
        column("labeler", text(|row| Some(&row.labeler))),
        column("labeler_kind", text(|row| Some(row.labeler_kind.as_str()))),
        column("label", text(|row| row.label.as_deref())),
        column(
            "created_at",
            TableValues::Time(rows.iter().map(|row| row.created_at.map(|time| time.micros())).collect()),
        ),
        column("guideline", text(|row| row.guideline.as_deref())),
        column("origin", text(|row| Some(&row.origin))),
        column("shown", text(|row| row.shown.as_deref())),
        column("shown_by", text(|row| row.shown_by.as_deref())),
        column("source_id", text(|row| row.source_id.as_deref())),
        column("confidence", TableValues::Float(rows.iter().map(|row| row.confidence).collect())),
        column("duration_ms", TableValues::Int(rows.iter().map(|row| row.duration_ms).collect())),
        column("rationale", text(|row| row.rationale.as_deref())),
        column("error_type", text(|row| row.error_type.as_deref())),
        column("guideline_gap", text(|row| row.guideline_gap.as_deref())),
        column("record", text(|row| Some(&row.record))),
        column("commit", text(|row| row.commit.as_deref())),
        column("state", text(|row| Some(row.state.as_str()))),
        column(
            "reverted_by",
            texts(rows.iter().map(|row| row.reverted_by.iter().map(|id| Some(id.clone())).collect())),
        ),
        column("superseded_by", text(|row| row.superseded_by.as_deref())),
    ];
    if rows.iter().any(|row| row.correction.is_some()) {
        let after = columns.iter().position(|column| column.name == "record").unwrap_or(columns.len());
        columns.splice(after..after, of_corrections(rows));
    }
    Table { columns, metadata: Vec::new() }
}

/// Returns the columns of what corrections say, null where a row is none.
fn of_corrections(rows: &[LabelRow]) -> Vec<TableColumn> {
    let each = || rows.iter().map(|row| row.correction.as_ref());
    let text =
        |of: fn(&CorrectionRow) -> Option<&str>| TableValues::Text(each().map(|one| of(one?)).collect());
    let categories = |one: Option<&CorrectionRow>| Some(one?.categories.iter().cloned().map(Some).collect());
    vec![
        column("original", text(|one| one.original.as_deref())),
        column("corrected", text(|one| one.corrected.as_deref())),
        column("verdict", text(|one| one.verdict.as_deref())),
        column("reason", text(|one| one.reason.as_deref())),
        column("categories", TableValues::Texts(each().map(categories).collect())),
        column("severity", text(|one| one.severity.as_deref())),
        column("should_learn", TableValues::Bool(each().map(|one| one?.should_learn).collect())),
        column("source", text(|one| one.source.as_deref())),
        column("context", text(|one| one.context.as_deref())),
    ]
}

/// Returns the columns of a snapshot's rows `chosen`, in the order of [`Export`].
pub(super) fn snapshot(rows: &Export, chosen: &[usize]) -> Table {
    let text = |values: &[String]| TableValues::Text(chosen.iter().map(|row| Some(&values[*row])).collect());
    let maybe = |values: &[Option<String>]| {
        TableValues::Text(chosen.iter().map(|row| values[*row].as_ref()).collect())
    };
    let lists = |values: &[Vec<String>]| {
        texts(chosen.iter().map(|row| values[*row].iter().cloned().map(Some).collect()))
    };
    let settled = chosen.iter().map(|row| Some(rows.settled[*row])).collect();
    let votes = chosen.iter().map(|row| Some(rows.votes[*row])).collect();
    let columns = vec![
        column("item", text(&rows.item)),
        column("label", text(&rows.label)),
        column("split", maybe(&rows.split)),
        column("settled", TableValues::Text(settled)),
        column("votes", TableValues::Int(votes)),
        column("adjudicator", maybe(&rows.adjudicator)),
        column("text", maybe(&rows.text)),
        column("labelers", lists(&rows.labelers)),
        column("labels", lists(&rows.labels)),
        column("guidelines", lists(&rows.guidelines)),
        column("origins", lists(&rows.origins)),
        column("records", lists(&rows.records)),
    ];
    Table { columns, metadata: Vec::new() }
}

/// The columns of [`snapshot`], and what each holds.
pub(super) const LABEL_COLUMNS: &[(&str, &str)] = &[
    ("item", "the item's id"),
    ("label", "its label under the policy"),
    ("split", "the part of the snapshot it falls into"),
    ("settled", "`policy` or `adjudication`"),
    ("votes", "how many labels were counted"),
    ("adjudicator", "who adjudicated it"),
    ("text", "the text judged, where the ledger has it"),
    ("labelers", "who voted"),
    ("labels", "what each of them said"),
    ("guidelines", "the guideline version each of them followed"),
    ("origins", "how each label came about"),
    ("records", "the record each label lies in"),
];

/// The columns of [`corrections`], and what each holds.
pub(super) const CORRECTION_COLUMNS: &[(&str, &str)] = &[
    ("item", "the item's id"),
    ("original", "the text judged"),
    ("corrected", "the text in its place"),
    ("verdict", "`corrected`, `approved`, `rejected`, or `suggested` and upheld"),
    ("split", "the part of the snapshot it falls into"),
    ("settled", "`adjudication` where one settled the item, else `policy`"),
    ("votes", "how many people say it; 0 where only an adjudication does"),
    ("labelers", "who says it"),
    ("reasons", "the reasons they gave"),
    ("categories", "the categories they gave it"),
    ("severity", "how severe the first of them who says so finds it"),
    ("source", "the model or person that wrote the original"),
    ("context", "what the original is an answer to, JSON"),
    ("guidelines", "the guideline versions it was made under"),
    ("records", "the records it lies in"),
];

/// Returns the columns of corrections, in the order of [`CORRECTION_COLUMNS`].
pub(super) fn corrections(rows: &[&Example]) -> Table {
    let text = |of: fn(&Example) -> Option<&str>| TableValues::Text(rows.iter().map(|row| of(row)).collect());
    let lists = |of: fn(&Example) -> &[String]| {
        texts(rows.iter().map(|row| of(row).iter().cloned().map(Some).collect()))
    };
    let contexts = rows.iter().map(|row| row.context.as_ref().map(Value::to_string)).collect();
    let settled = |row: &Example| Some(if row.adjudicated { "adjudication" } else { "policy" });
    let votes = rows.iter().map(|row| Some(i64::from(row.votes))).collect();
    let values = [
        text(|row| Some(&row.item)),
        text(|row| row.original.as_deref()),
        text(|row| row.corrected.as_deref()),
        text(|row| Some(row.verdict.as_str())),
        text(|row| row.split.as_deref()),
        text(settled),
        TableValues::Int(votes),
        lists(|row| &row.labelers),
        lists(|row| &row.reasons),
        lists(|row| &row.categories),
        text(|row| row.severity.as_deref()),
        text(|row| row.source.as_deref()),
        TableValues::Text(contexts),
        lists(|row| &row.guidelines),
        lists(|row| &row.records),
    ];
    let named = CORRECTION_COLUMNS.iter().zip(values).map(|((name, _), values)| column(name, values));
    Table { columns: named.collect(), metadata: Vec::new() }
}

/// Probabilities have columns for up to so many classes.
const MOST_CLASSES: usize = 100;

/// Returns a column for what each item comes to, and one for the probability of every class, if they are not too many.
pub fn consensus(report: &ConsensusReport) -> Table {
    let text = |of: for<'a> fn(&Item<'a>) -> Option<&'a str>| {
        let mut column = TextColumn::default();
        report.items.iter().for_each(|item| column.push(of(&item)));
        TableValues::Text(column)
    };
    let number = |of: &dyn Fn(&Item<'_>) -> f64| {
        TableValues::Double(report.items.iter().map(|item| Some(of(&item))).collect())
    };
    let labels = report.items.iter().map(|item| i64::try_from(item.n_labels).ok()).collect();
    let tied =
        report.items.iter().map(|item| item.tied.iter().map(|class| Some((*class).to_owned())).collect());
    let mut columns = vec![
        column("item", text(|item| Some(item.item))),
        column("label", text(|item| item.label)),
        column("margin", number(&|item| item.margin)),
        column("n_labels", TableValues::Int(labels)),
        column("tied", texts(tied)),
    ];
    let few = report.classes.len() <= MOST_CLASSES;
    for (place, class) in report.classes.iter().enumerate().filter(|_| few) {
        let chance = |item: &Item<'_>| item.posterior.iter().nth(place).map_or(0.0, |(_, chance)| chance);
        columns.push(column(&format!("p({})", class.class), number(&chance)));
    }
    Table { columns, metadata: Vec::new() }
}

fn column(name: &str, values: TableValues) -> TableColumn {
    TableColumn { name: name.to_owned(), values }
}

fn texts(lists: impl Iterator<Item = Vec<Option<String>>>) -> TableValues {
    TableValues::Texts(lists.map(Some).collect())
}

/// Returns `table` as a file's bytes.
///
/// # Errors
/// The table is beyond what the format is written with.
pub fn encode(table: &Table, format: TableFormat) -> Result<Vec<u8>, shard::Error> {
    match format {
        TableFormat::Parquet => shard::write_table(table, shard::TableFormat::Parquet),
        TableFormat::Arrow => shard::write_table(table, shard::TableFormat::Arrow),
        TableFormat::Csv => Ok(csv_bytes(table)),
        TableFormat::Jsonl => Ok(jsonl(table)),
    }
}

fn rows(table: &Table) -> usize {
    table.columns.first().map_or(0, |column| column.values.len())
}

fn csv_bytes(table: &Table) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let written = "a Vec takes all that is written";
    out.write_record(table.columns.iter().map(|column| &column.name)).expect(written);
    for row in 0..rows(table) {
        let cells = table.columns.iter().map(|column| match json_value(&column.values, row) {
            Value::Null => String::new(),
            Value::String(text) => text,
            value => value.to_string(),
        });
        out.write_record(cells).expect(written);
    }
    out.into_inner().expect(written)
}

fn jsonl(table: &Table) -> Vec<u8> {
    let mut out = Vec::new();
    for row in 0..rows(table) {
        let object: serde_json::Map<String, Value> = table
            .columns
            .iter()
            .map(|column| (column.name.clone(), json_value(&column.values, row)))
            .collect();
        out.extend(Value::Object(object).to_string().bytes());
        out.push(b'\n');
    }
    out
}

fn json_value(values: &TableValues, row: usize) -> Value {
    fn time(micros: i64) -> Value {
        Timestamp::from_micros(micros).map_or(Value::Null, |time| time.to_string().into())
    }
    fn list<T>(values: &Option<Vec<T>>, one: impl Fn(&T) -> Value) -> Value {
        values.as_ref().map_or(Value::Null, |values| values.iter().map(one).collect())
    }
    match values {
        TableValues::Text(values) => values.get(row).into(),
        TableValues::Time(values) => values[row].map_or(Value::Null, time),
        TableValues::Int(values) => values[row].into(),
        TableValues::Float(values) => values[row].map_or(Value::Null, float_json),
        TableValues::Double(values) => values[row].into(),
        TableValues::Bool(values) => values[row].into(),
        TableValues::Texts(values) => list(&values[row], |text| text.clone().into()),
        TableValues::Times(values) => list(&values[row], |micros| micros.map_or(Value::Null, time)),
        TableValues::Ints(values) => list(&values[row], |number| (*number).into()),
        TableValues::Floats(values) => list(&values[row], |number| float_json(*number)),
        TableValues::Doubles(values) => list(&values[row], |number| (*number).into()),
    }
}

/// Returns a table that `ingest` reads, of one that `shard` read.
pub(super) fn foreign(table: ForeignTable) -> ingest::Table {
    fn value(cell: ForeignCell) -> ingest::Value {
        match cell {
            ForeignCell::Null => ingest::Value::Null,
            ForeignCell::Text(text) => ingest::Value::Text(text),
            ForeignCell::Int(number) => ingest::Value::Int(number),
            ForeignCell::Float(number) => ingest::Value::Float(number),
            ForeignCell::Bool(yes) => ingest::Value::Bool(yes),
            ForeignCell::Time(micros) => {
                Timestamp::from_micros(micros).map_or(ingest::Value::Int(micros), ingest::Value::Time)
            }
            ForeignCell::List(cells) => ingest::Value::Nested(cells.into_iter().map(json).collect()),
        }
    }
    fn json(cell: ForeignCell) -> Value {
        match cell {
            ForeignCell::Null => Value::Null,
            ForeignCell::Text(text) => text.into(),
            ForeignCell::Int(number) => number.into(),
            ForeignCell::Float(number) => number.into(),
            ForeignCell::Bool(yes) => yes.into(),
            ForeignCell::Time(micros) => {
                Timestamp::from_micros(micros).map_or(micros.into(), |time| time.to_string().into())
            }
            ForeignCell::List(cells) => cells.into_iter().map(json).collect(),
        }
    }
    let columns =
        table.columns.into_iter().map(|(name, cells)| (name, cells.into_iter().map(value).collect()));
    ingest::Table::new(columns.collect())
        .expect("the columns of a Parquet file are of one length, each with a name of its own")
}
