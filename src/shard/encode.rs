//! Rows → Parquet bytes, with every choice of the writer pinned.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{Float32Builder, ListBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, BooleanArray, Float32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::page::Page;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::decode::{metadata, reader};
use super::guard::{self, Whose};
use super::schema::{ROOT, TextAs, arrow};
use super::{Error, LabelerTable, Limits, values};
use crate::record::{Column, Kind, Rows, TextColumn, col};

/// Rows in one row group, and in its one record batch.
pub(super) const GROUP: usize = 64 * 1024;

/// From this many rows on, statistics let readers skip; below, they are most of the file.
const STATISTICS_FROM: usize = 1000;

/// Returns the shard of `rows`, which stand in canonical order (`record::sort`): the same bytes on every machine, in
/// every thread, for one version of hitl. `labelers` is the labeler table where the manifest has no room for it.
///
/// # Errors
/// A value, an order or an amount that [`super::decode`] would refuse; joins have no rows.
pub fn encode(rows: &Rows, labelers: Option<&LabelerTable>) -> Result<Vec<u8>, Error> {
    encode_part(rows, 0..rows.len(), labelers)
}

/// Returns the shard of the rows of `part` alone, as [`encode`] does.
///
/// # Errors
/// As [`encode`].
pub fn encode_part(
    rows: &Rows,
    part: Range<usize>,
    labelers: Option<&LabelerTable>,
) -> Result<Vec<u8>, Error> {
    if rows.kind() == Kind::Joins {
        return Err(Error::Shape("a join has no rows".into()));
    }
    values::check(rows, part.clone(), &Limits::SHARD)?;
    let width = rows.width(part.clone());
    let schema = arrow(rows.kind(), width, TextAs::Plain);
    let properties = properties(rows.kind(), part.len(), labelers);
    let batches = part.clone().step_by(GROUP).map(|start| {
        let range = start..part.end.min(start + GROUP);
        let columns = rows.columns()[..width].iter().map(|column| array(column, range.clone())).collect();
        RecordBatch::try_new(Arc::clone(&schema), columns).expect("checked columns fit their kind's schema")
    });
    let bytes = write(&schema, properties, batches).expect("checked rows are written to memory");
    // Only the reader's own measure tells whether it will take the shard.
    let file = metadata(reader(&bytes, Page::buffer))?;
    guard::footer(&bytes, &file, &Limits::SHARD, Whose::Ours)?;
    Ok(bytes)
}

/// Writes each batch as a row group of its own.
pub(super) fn write(
    schema: &SchemaRef,
    properties: WriterProperties,
    batches: impl Iterator<Item = RecordBatch>,
) -> parquet::errors::Result<Vec<u8>> {
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true)
        .with_schema_root(ROOT.to_owned());
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(schema), options)?;
    for batch in batches {
        writer.write(&batch)?;
        writer.flush()?;
    }
    writer.into_inner()
}

/// Returns the writer's properties that shards and exports share.
pub(super) fn pinned(rows: usize) -> parquet::file::properties::WriterPropertiesBuilder {
    let statistics = rows >= STATISTICS_FROM;
    WriterProperties::builder()
        .set_created_by(concat!("hitl version ", env!("CARGO_PKG_VERSION"), " (build parquet-rs)").to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).expect("3 is a level of zstd")))
        .set_dictionary_enabled(true)
        .set_max_row_group_row_count(Some(GROUP))
        .set_statistics_enabled(if statistics { EnabledStatistics::Page } else { EnabledStatistics::None })
        .set_offset_index_disabled(!statistics)
}

fn properties(kind: Kind, rows: usize, labelers: Option<&LabelerTable>) -> WriterProperties {
    let mut metadata = vec![
        KeyValue::new("hitl.format".to_owned(), "1".to_owned()),
        KeyValue::new("hitl.kind".to_owned(), kind.as_str().to_owned()),
    ];
    if let Some(table) = labelers {
        metadata.push(KeyValue::new("hitl.labelers".to_owned(), labelers_json(table)));
    }
    let judged: &[usize] = if kind.is_judgement() { &[col::LABELER, col::CREATED_AT] } else { &[] };
    let sorting = std::iter::once(&col::ITEM).chain(judged).map(|column| SortingColumn {
        column_idx: i32::try_from(*column).expect("a kind has few columns"),
        descending: false,
        nulls_first: true,
    });
    pinned(rows).set_key_value_metadata(Some(metadata)).set_sorting_columns(Some(sorting.collect())).build()
}

/// Returns `{"alice":{"kind":"human","rows":40}}`, sorted by id, without white space.
fn labelers_json(table: &LabelerTable) -> String {
    let entries = table.iter().map(|(id, labeler)| {
        let value = serde_json::json!({ "kind": labeler.kind.as_str(), "rows": labeler.rows });
        (id.clone(), value)
    });
    serde_json::Value::Object(entries.collect()).to_string()
}

/// Returns the rows of `range` as an Arrow array.
pub(super) fn array(column: &Column, range: Range<usize>) -> ArrayRef {
    match column {
        Column::Text(values) => text(values, range),
        Column::Time(values) => {
            let array: TimestampMicrosecondArray = values.range(range).copied().collect();
            Arc::new(array.with_timezone("UTC"))
        }
        Column::Int(values) => Arc::new(values.range(range).copied().collect::<Int64Array>()),
        Column::Float(values) => Arc::new(values.range(range).copied().collect::<Float32Array>()),
        Column::Bool(values) => Arc::new(values.range(range).copied().collect::<BooleanArray>()),
        Column::Texts(values) => {
            let element = Field::new("element", DataType::Utf8, false);
            let mut builder = ListBuilder::new(StringBuilder::new()).with_field(element);
            for list in values.range(range) {
                builder.append_option(list.as_ref().map(|list| list.iter().map(Some)));
            }
            Arc::new(builder.finish())
        }
        Column::Floats(values) => {
            let element = Field::new("element", DataType::Float32, false);
            let mut builder = ListBuilder::new(Float32Builder::new()).with_field(element);
            for list in values.range(range) {
                builder.append_option(list.as_ref().map(|list| list.iter().copied().map(Some)));
            }
            Arc::new(builder.finish())
        }
    }
}

fn text(values: &TextColumn, range: Range<usize>) -> ArrayRef {
    if values.is_null_throughout() {
        return Arc::new(StringArray::new_null(range.len()));
    }
    let mut builder = StringBuilder::with_capacity(range.len(), values.text_bytes(range.clone()));
    range.for_each(|row| builder.append_option(values.get(row)));
    Arc::new(builder.finish())
}
