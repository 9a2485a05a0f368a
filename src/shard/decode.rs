//! Parquet bytes → rows: verified before they are parsed, bounded while they are, checked when they have been.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::column::page::Page;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetStatisticsPolicy};
use parquet::file::reader::ChunkReader;
use serde::Deserialize;

use super::guard::{self, Whose, damaged, guarded};
use super::schema::{TextAs, arrow, parquet};
use super::values::{self, Budget};
use super::{Error, LabelerTable, Limits};
use crate::record::{
    Column, Kind, LabelerKind, LabelerUse, Rows, Shard, check_labeler, first_columns, schema,
};

/// Rows decoded at a time.
pub(super) const BATCH: usize = 8 * 1024;

/// A shard read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// Its rows, in canonical order.
    pub rows: Rows,
    /// The labeler table, where the manifest leaves it to the shard.
    pub labelers: Option<LabelerTable>,
}

/// Reads the shard that a manifest of `kind` describes as `expected`.
///
/// The bytes are `expected`'s when this returns, and the rows obey every rule of values and order; whether they are the
/// manifest's rows, [`super::verify_root`] tells.
///
/// # Errors
/// Other bytes than expected, before they are parsed; whatever keeps them from being a shard of `kind` within `limits`.
pub fn decode(bytes: &[u8], kind: Kind, expected: &Shard, limits: &Limits) -> Result<Decoded, Error> {
    guard::identity(bytes, expected)?;
    guarded(|| {
        let file = metadata(reader(bytes, Page::buffer))?;
        let rows = u64::try_from(file.file_metadata().num_rows()).unwrap_or(0);
        if rows != expected.rows {
            return Err(Error::Shape(format!("it has {rows} rows, its manifest says {}", expected.rows)));
        }
        let width = shape(&file, kind)?;
        let labelers = labelers(&file, kind)?;
        guard::footer(bytes, &file, limits, Whose::Ours)?;
        let batches = batches(reader(bytes, Page::buffer), file, (kind, width), BATCH)?;
        let rows = collect(kind, batches, limits)?;
        if rows.len() as u64 != expected.rows {
            return Err(Error::Damaged(format!(
                "{} rows where its footer says {}",
                rows.len(),
                expected.rows
            )));
        }
        values::check(&rows, 0..rows.len(), limits)?;
        Ok(Decoded { rows, labelers })
    })
}

/// Returns `bytes` as the Parquet crate reads them: its own buffer type, which inference names for us.
pub(super) fn reader<B: From<Vec<u8>>>(bytes: &[u8], _same_as: fn(&Page) -> &B) -> B {
    B::from(bytes.to_vec())
}

/// Options under which the footer alone decides: no embedded Arrow schema, no page index, no statistics.
pub(super) fn options() -> ArrowReaderOptions {
    ArrowReaderOptions::new()
        .with_skip_arrow_metadata(true)
        .with_page_index_policy(PageIndexPolicy::Skip)
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
}

/// Reads the footer.
pub(super) fn metadata(reader: impl ChunkReader) -> Result<Arc<ParquetMetaData>, Error> {
    let loaded = ArrowReaderMetadata::load(&reader, options()).map_err(damaged)?;
    Ok(Arc::clone(loaded.metadata()))
}

/// Checks the columns: ours by name, type and nullability, in order, and nothing else; with or without those that came
/// later. Returns how many there are.
pub(super) fn shape(file: &ParquetMetaData, kind: Kind) -> Result<usize, Error> {
    let found = file.file_metadata().schema_descr();
    let count = found.root_schema().get_fields().len();
    let width = if count == first_columns(kind) { count } else { schema(kind).len() };
    let wanted = parquet(kind, width);
    let columns = |schema: &parquet::schema::types::SchemaDescriptor| {
        schema.root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect::<Vec<_>>()
    };
    let (wanted_names, found_names) = (columns(&wanted), columns(found));
    if wanted_names != found_names {
        let list = guard::one_line(&found_names.join(", "));
        return Err(Error::Shape(format!("its columns are {list}; {kind} have {}", wanted_names.join(", "))));
    }
    let both = wanted.root_schema().get_fields().iter().zip(found.root_schema().get_fields());
    for (wanted, found) in both {
        if wanted != found {
            return Err(Error::Shape(format!("its column `{}` has another type", wanted.name())));
        }
    }
    Ok(width)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLabeler {
    kind: LabelerKind,
    rows: u64,
}

/// Reads the file's metadata: format, kind, and the labeler table if it is there.
pub(super) fn labelers(file: &ParquetMetaData, kind: Kind) -> Result<Option<LabelerTable>, Error> {
    let entries = file.file_metadata().key_value_metadata().map_or(&[][..], Vec::as_slice);
    let mut known =
        entries.iter().map(|entry| (entry.key.as_str(), entry.value.as_deref().unwrap_or_default()));
    let fits =
        known.next() == Some(("hitl.format", "1")) && known.next() == Some(("hitl.kind", kind.as_str()));
    let table = known.next();
    if !fits || known.next().is_some() {
        return Err(Error::Shape(format!("its metadata is not that of format 1 and {kind}")));
    }
    let Some((key, json)) = table else { return Ok(None) };
    let refuse = |what: String| Error::Shape(format!("its metadata `{}`: {what}", guard::one_line(key)));
    if key != "hitl.labelers" {
        return Err(refuse("is none of hitl's".into()));
    }
    let raw: std::collections::BTreeMap<String, RawLabeler> =
        serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
    if let Some(error) = raw.keys().find_map(|id| check_labeler(id).err()) {
        return Err(refuse(error.to_string()));
    }
    Ok(Some(raw.into_iter().map(|(id, RawLabeler { kind, rows })| (id, LabelerUse { kind, rows })).collect()))
}

pub(super) fn batches(
    reader: impl ChunkReader + 'static,
    file: Arc<ParquetMetaData>,
    (kind, width): (Kind, usize),
    rows: usize,
) -> Result<ParquetRecordBatchReader, Error> {
    let schema = arrow(kind, width, TextAs::Views);
    let loaded = ArrowReaderMetadata::try_new(file, options().with_schema(schema)).map_err(damaged)?;
    ParquetRecordBatchReaderBuilder::new_with_metadata(reader, loaded)
        .with_batch_size(rows)
        .build()
        .map_err(damaged)
}

/// Decodes batch by batch up to the first error: the crate's iterator gives the same error for ever.
fn collect(kind: Kind, batches: ParquetRecordBatchReader, limits: &Limits) -> Result<Rows, Error> {
    let mut columns = Rows::empty(kind).columns().to_vec();
    let mut budget = Budget::new(limits);
    let mut rows = 0_u64;
    for batch in batches {
        let batch: RecordBatch = batch.map_err(damaged)?;
        rows = guard::at_most("rows", rows + batch.num_rows() as u64, limits.rows)?;
        append(&mut columns, &batch, &mut budget)?;
    }
    of_one_length(kind, columns)
}

/// Appends the rows of a batch, null where it has no column.
pub(super) fn append(columns: &mut [Column], batch: &RecordBatch, budget: &mut Budget) -> Result<(), Error> {
    let (there, absent) = columns.split_at_mut(batch.num_columns());
    for (column, array) in there.iter_mut().zip(batch.columns()) {
        extend(column, array, budget)?;
    }
    absent.iter_mut().for_each(|column| column.push_nulls(batch.num_rows()));
    Ok(())
}

/// Returns rows made of whole columns.
pub(super) fn of_one_length(kind: Kind, columns: Vec<Column>) -> Result<Rows, Error> {
    Rows::from_columns(kind, columns).ok_or_else(|| Error::Damaged("its columns differ in length".into()))
}

/// Appends an array, whose type the schema has settled, to its column.
fn extend(column: &mut Column, array: &ArrayRef, budget: &mut Budget) -> Result<(), Error> {
    match column {
        Column::Text(values) => {
            for text in array.as_string_view() {
                budget.text(text.map_or(0, str::len))?;
                values.push(text);
            }
        }
        Column::Time(values) => values.extend(array.as_primitive::<TimestampMicrosecondType>()),
        Column::Int(values) => values.extend(array.as_primitive::<Int64Type>()),
        Column::Float(values) => values.extend(array.as_primitive::<Float32Type>()),
        Column::Bool(values) => values.extend(array.as_boolean()),
        Column::Texts(values) => {
            for list in array.as_list::<i32>().iter() {
                let texts = list.map(|list| texts(&list, budget)).transpose()?;
                values.push(texts);
            }
        }
        Column::Floats(values) => {
            for list in array.as_list::<i32>().iter() {
                budget.take(list.as_ref().map_or(0, |list| list.len() as u64 * 4))?;
                values.push(list.map(|list| list.as_primitive::<Float32Type>().values().to_vec()));
            }
        }
    }
    Ok(())
}

fn texts(list: &ArrayRef, budget: &mut Budget) -> Result<Vec<String>, Error> {
    let mut texts = Vec::with_capacity(list.len());
    for text in list.as_string_view().iter().flatten() {
        budget.text(text.len())?;
        budget.take(size_of::<String>() as u64)?;
        texts.push(text.to_owned());
    }
    Ok(texts)
}
