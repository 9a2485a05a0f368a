//! Exports: any table of ours → a Parquet or Arrow file that other programs open.

use std::sync::Arc;

use arrow_array::builder::{
    Float32Builder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, RecordBatchOptions};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::file::metadata::KeyValue;

use super::encode::{GROUP, array, pinned, write};
use super::guard::damaged;
use super::schema::{list, time};
use super::{Error, Limits};
use crate::record::{Column, TextColumn};

/// The values of one exported column.
#[derive(Clone, Debug, PartialEq)]
pub enum TableValues {
    /// Text.
    Text(TextColumn),
    /// Microseconds since the epoch, UTC.
    Time(Vec<Option<i64>>),
    /// Whole numbers.
    Int(Vec<Option<i64>>),
    /// Single-precision numbers.
    Float(Vec<Option<f32>>),
    /// Double-precision numbers.
    Double(Vec<Option<f64>>),
    /// Yes or no.
    Bool(Vec<Option<bool>>),
    /// Lists of text, elements nullable.
    Texts(Vec<Option<Vec<Option<String>>>>),
    /// Lists of times, elements nullable.
    Times(Vec<Option<Vec<Option<i64>>>>),
    /// Lists of whole numbers, elements nullable.
    Ints(Vec<Option<Vec<Option<i64>>>>),
    /// Lists of single-precision numbers.
    Floats(Vec<Option<Vec<f32>>>),
    /// Lists of double-precision numbers.
    Doubles(Vec<Option<Vec<f64>>>),
}

impl From<Column> for TableValues {
    fn from(column: Column) -> Self {
        match column {
            Column::Text(values) => Self::Text(values),
            Column::Time(values) => Self::Time(values.into_vec()),
            Column::Int(values) => Self::Int(values.into_vec()),
            Column::Float(values) => Self::Float(values.into_vec()),
            Column::Bool(values) => Self::Bool(values.into_vec()),
            Column::Texts(values) => Self::Texts(
                values
                    .into_vec()
                    .into_iter()
                    .map(|list| list.map(|list| list.into_iter().map(Some).collect()))
                    .collect(),
            ),
            Column::Floats(values) => Self::Floats(values.into_vec()),
        }
    }
}

impl TableValues {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Time(values) | Self::Int(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Double(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Times(values) | Self::Ints(values) => values.len(),
            Self::Floats(values) => values.len(),
            Self::Doubles(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Text(_) => DataType::Utf8,
            Self::Time(_) => time(),
            Self::Int(_) => DataType::Int64,
            Self::Float(_) => DataType::Float32,
            Self::Double(_) => DataType::Float64,
            Self::Bool(_) => DataType::Boolean,
            Self::Texts(_) => list(DataType::Utf8, true),
            Self::Times(_) => list(time(), true),
            Self::Ints(_) => list(DataType::Int64, true),
            Self::Floats(_) => list(DataType::Float32, false),
            Self::Doubles(_) => list(DataType::Float64, false),
        }
    }

    /// Returns the largest number of bytes that text of `range` takes.
    fn text_bytes(&self, range: std::ops::Range<usize>) -> u64 {
        let bytes = match self {
            Self::Text(values) => range.map(|row| values.get(row).map_or(0, str::len)).sum(),
            Self::Texts(values) => values[range].iter().flatten().flatten().flatten().map(String::len).sum(),
            _ => 0,
        };
        bytes as u64
    }

    fn array(&self, range: std::ops::Range<usize>) -> ArrayRef {
        let element = match self.data_type() {
            DataType::List(element) => element,
            other => Arc::new(Field::new("element", other, true)),
        };
        macro_rules! lists {
            ($builder:expr, $values:expr, $wrap:expr) => {{
                let mut builder = ListBuilder::new($builder).with_field(element);
                for list in &$values[range] {
                    builder.append_option(list.as_ref().map(|list| list.iter().map($wrap)));
                }
                Arc::new(builder.finish())
            }};
        }
        match self {
            Self::Text(values) => array_of_text(values, range),
            Self::Time(values) => array(&Column::Time(values[range.clone()].to_vec().into()), 0..range.len()),
            Self::Int(values) => array(&Column::Int(values[range.clone()].to_vec().into()), 0..range.len()),
            Self::Float(values) => {
                array(&Column::Float(values[range.clone()].to_vec().into()), 0..range.len())
            }
            Self::Bool(values) => array(&Column::Bool(values[range.clone()].to_vec().into()), 0..range.len()),
            Self::Double(values) => Arc::new(values[range].iter().copied().collect::<Float64Array>()),
            Self::Texts(values) => lists!(StringBuilder::new(), values, Option::as_deref),
            Self::Times(values) => {
                lists!(TimestampMicrosecondBuilder::new().with_timezone("UTC"), values, |value: &Option<
                    i64,
                >| {
                    *value
                })
            }
            Self::Ints(values) => lists!(Int64Builder::new(), values, |value: &Option<i64>| *value),
            Self::Floats(values) => lists!(Float32Builder::new(), values, |value: &f32| Some(*value)),
            Self::Doubles(values) => lists!(Float64Builder::new(), values, |value: &f64| Some(*value)),
        }
    }
}

fn array_of_text(values: &TextColumn, range: std::ops::Range<usize>) -> ArrayRef {
    Arc::new(range.map(|row| values.get(row)).collect::<arrow_array::StringArray>())
}

/// One exported column.
#[derive(Clone, Debug, PartialEq)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: TableValues,
}

/// A table to export.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Its columns, all of one length.
    pub columns: Vec<TableColumn>,
    /// What the file says of itself: key and value, in order.
    pub metadata: Vec<(String, String)>,
}

/// The file to make of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// Parquet, written as shards are.
    Parquet,
    /// The Arrow IPC file format, also known as Feather.
    Arrow,
}

/// Returns `table` as a file: the same bytes on every machine, for one version of hitl.
///
/// # Errors
/// Columns of different lengths, or 64 Ki rows of one column with over 1 GiB of text.
pub fn write_table(table: &Table, to: TableFormat) -> Result<Vec<u8>, Error> {
    let rows = table.columns.first().map_or(0, |column| column.values.len());
    if let Some(column) = table.columns.iter().find(|column| column.values.len() != rows) {
        let (name, got) = (&column.name, column.values.len());
        return Err(Error::Shape(format!("column `{name}` has {got} rows, the first column has {rows}")));
    }
    let fields: Vec<Field> = table
        .columns
        .iter()
        .map(|column| Field::new(&column.name, column.values.data_type(), true))
        .collect();
    let metadata = table.metadata.iter().cloned();
    let schema: SchemaRef = match to {
        TableFormat::Parquet => Arc::new(Schema::new(fields)),
        TableFormat::Arrow => {
            Arc::new(Schema::new_with_metadata(fields, metadata.clone().collect::<arrow_schema::Metadata>()))
        }
    };
    let mut batches = Vec::with_capacity(rows.div_ceil(GROUP));
    for start in (0..rows).step_by(GROUP) {
        batches.push(batch(table, &schema, start..rows.min(start + GROUP))?);
    }
    match to {
        TableFormat::Parquet => {
            let pairs: Vec<KeyValue> = metadata.map(|(key, value)| KeyValue::new(key, value)).collect();
            let properties = pinned(rows).set_key_value_metadata(Some(pairs)).build();
            write(&schema, properties, batches.into_iter()).map_err(damaged)
        }
        TableFormat::Arrow => {
            let mut writer = FileWriter::try_new(Vec::new(), &schema).map_err(damaged)?;
            batches.iter().try_for_each(|batch| writer.write(batch)).map_err(damaged)?;
            writer.into_inner().map_err(damaged)
        }
    }
}

fn batch(table: &Table, schema: &SchemaRef, range: std::ops::Range<usize>) -> Result<RecordBatch, Error> {
    let mut columns = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let bytes = column.values.text_bytes(range.clone());
        super::guard::at_most(
            format!("bytes of column `{}`", column.name),
            bytes,
            Limits::SHARD.decoded_bytes,
        )?;
        columns.push(column.values.array(range.clone()));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(range.len()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(damaged)
}
