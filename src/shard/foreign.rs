//! Any flat Parquet file → columns of plain cells: what `commit` and `agreement` are given.
//!
//! Whatever wrote it: dictionaries, large and view texts read alike, integers of all widths, decimals as their exact
//! text, times of all units as UTC microseconds, lists of these. Columns of other shapes are named and left out. The
//! same guards stand before the decoder as before a shard's.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal128Type, Decimal256Type, DecimalType, Float16Type,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::column::page::Page;
use parquet::file::reader::ChunkReader;

use super::decode::{BATCH, metadata, options, reader};
use super::guard::{self, Whose, damaged, guarded};
use super::values::Budget;
use super::{Error, Limits};

/// A table that somebody else's program wrote.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForeignTable {
    /// Name and cells of each column, in the file's order, all of one length.
    pub columns: Vec<(String, Vec<ForeignCell>)>,
    /// Name and type of each column that no cell can hold: structs, maps, bytes that are no text.
    pub skipped: Vec<(String, String)>,
}

/// One value of a foreign table.
#[derive(Clone, Debug, PartialEq)]
pub enum ForeignCell {
    /// Nothing.
    Null,
    /// Text; also decimals and whole numbers beyond 64 bits with sign, as their exact digits.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// Microseconds since the epoch; times without a zone are taken for UTC.
    Time(i64),
    /// Several values.
    List(Vec<ForeignCell>),
}

/// Bytes that one cell takes in memory.
const CELL: u64 = size_of::<ForeignCell>() as u64;

/// Reads a Parquet file within [`Limits::FOREIGN`].
///
/// # Errors
/// It is no Parquet, contradicts itself, is encrypted, or is larger than is read.
pub fn read_foreign(bytes: &[u8]) -> Result<ForeignTable, Error> {
    guard::at_most("bytes", bytes.len() as u64, Limits::FOREIGN.file_bytes)?;
    guard::not_a_pointer(bytes)?;
    if !bytes.starts_with(b"PAR1") {
        return Err(Error::Damaged("no Parquet file: it does not start with PAR1".into()));
    }
    guarded(|| read(|| reader(bytes, Page::buffer), bytes))
}

fn read<R: ChunkReader + 'static>(reader: impl Fn() -> R, bytes: &[u8]) -> Result<ForeignTable, Error> {
    let limits = Limits::FOREIGN;
    let file = metadata(reader())?;
    guard::footer(bytes, &file, &limits, Whose::Foreign)?;
    let loaded = ArrowReaderMetadata::try_new(Arc::clone(&file), options()).map_err(damaged)?;
    let (mut fields, mut roots, mut columns) = (Vec::new(), Vec::new(), Vec::new());
    let mut skipped = Vec::new();
    for (index, field) in loaded.schema().fields().iter().enumerate() {
        let name = field.name().clone();
        match readable(field.data_type()) {
            Some(kind) => {
                fields.push(field.as_ref().clone().with_data_type(kind));
                roots.push(index);
                columns.push((name, Some(Vec::new())));
            }
            None => {
                fields.push(field.as_ref().clone());
                skipped.push((name, guard::one_line(&field.data_type().to_string())));
            }
        }
    }
    let schema = Arc::new(Schema::new(fields));
    let loaded = ArrowReaderMetadata::try_new(file, options().with_schema(schema)).map_err(damaged)?;
    let mask = ProjectionMask::roots(loaded.parquet_schema(), roots);
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(reader(), loaded).with_projection(mask);
    let mut budget = Budget::new(&limits);
    let mut rows = 0;
    for batch in builder.with_batch_size(BATCH).build().map_err(damaged)? {
        let batch = batch.map_err(damaged)?;
        rows = guard::at_most("rows", rows + batch.num_rows() as u64, limits.rows)?;
        for ((_, column), array) in columns.iter_mut().zip(batch.columns()) {
            extend(column, array, &mut budget)?;
        }
    }
    let mut table = ForeignTable { columns: Vec::new(), skipped };
    for (name, cells) in columns {
        match cells {
            Some(cells) => table.columns.push((name, cells)),
            None => table.skipped.push((name, "Binary".to_owned())),
        }
    }
    Ok(table)
}

/// Appends an array to its column; a column of bytes that are no text becomes none.
fn extend(column: &mut Option<Vec<ForeignCell>>, array: &ArrayRef, budget: &mut Budget) -> Result<(), Error> {
    let Some(cells) = column else { return Ok(()) };
    let Some(bytes) = array.as_binary_view_opt() else {
        cells.extend(read_cells(array, budget)?);
        return Ok(());
    };
    budget.take(array.len() as u64 * CELL)?;
    for value in bytes {
        let Some(value) = value else {
            cells.push(ForeignCell::Null);
            continue;
        };
        budget.text(value.len())?;
        let Ok(text) = std::str::from_utf8(value) else {
            *column = None;
            return Ok(());
        };
        cells.push(ForeignCell::Text(text.to_owned()));
    }
    Ok(())
}

/// Returns the type to read a column as, `None` where no cell can hold it.
pub(super) fn readable(kind: &DataType) -> Option<DataType> {
    use DataType as T;
    match kind {
        T::Utf8 | T::LargeUtf8 | T::Utf8View => Some(T::Utf8View),
        T::Binary | T::LargeBinary | T::BinaryView => Some(T::BinaryView),
        T::Boolean
        | T::Int8
        | T::Int16
        | T::Int32
        | T::Int64
        | T::UInt8
        | T::UInt16
        | T::UInt32
        | T::UInt64 => Some(kind.clone()),
        T::Float16 | T::Float32 | T::Float64 | T::Date32 | T::Date64 | T::Timestamp(..) | T::Null => {
            Some(kind.clone())
        }
        T::Decimal128(..) | T::Decimal256(..) => Some(kind.clone()),
        T::List(element) if !element.data_type().is_nested() => {
            let inner = readable(element.data_type()).filter(|inner| *inner != T::BinaryView)?;
            Some(T::List(Arc::new(Field::clone(element).with_data_type(inner))))
        }
        _ => None,
    }
}

/// Returns an array's values as cells.
fn read_cells(array: &ArrayRef, budget: &mut Budget) -> Result<Vec<ForeignCell>, Error> {
    use DataType as T;
    budget.take(array.len() as u64 * CELL)?;
    Ok(match array.data_type() {
        T::Utf8View => {
            let text = |text: &str| budget.text(text.len()).map(|()| ForeignCell::Text(text.to_owned()));
            cells(array.as_string_view().iter(), text)?
        }
        T::Boolean => cells(array.as_boolean().iter(), |value| Ok(ForeignCell::Bool(value)))?,
        T::List(_) => {
            cells(array.as_list::<i32>().iter(), |list| read_cells(&list, budget).map(ForeignCell::List))?
        }
        _ => numbers(array)?,
    })
}

fn cells<V>(
    values: impl Iterator<Item = Option<V>>,
    mut cell: impl FnMut(V) -> Result<ForeignCell, Error>,
) -> Result<Vec<ForeignCell>, Error> {
    values.map(|value| value.map_or(Ok(ForeignCell::Null), &mut cell)).collect()
}

fn each<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    cell: impl Fn(T::Native) -> ForeignCell,
) -> Vec<ForeignCell> {
    array.as_primitive::<T>().iter().map(|value| value.map_or(ForeignCell::Null, &cell)).collect()
}

/// Returns decimals as their exact text: `4.50`.
fn decimals<T: DecimalType>(array: &ArrayRef) -> Vec<ForeignCell> {
    let array = array.as_primitive::<T>();
    let text = |value| T::format_decimal(value, array.precision(), array.scale());
    array
        .iter()
        .map(|value| value.map_or(ForeignCell::Null, |value| ForeignCell::Text(text(value))))
        .collect()
}

pub(super) fn numbers(array: &ArrayRef) -> Result<Vec<ForeignCell>, Error> {
    use DataType as T;
    use ForeignCell::{Float, Int, Time};
    Ok(match array.data_type() {
        T::Int8 => each::<Int8Type>(array, |value| Int(value.into())),
        T::Int16 => each::<Int16Type>(array, |value| Int(value.into())),
        T::Int32 => each::<Int32Type>(array, |value| Int(value.into())),
        T::Int64 => each::<Int64Type>(array, Int),
        T::UInt8 => each::<UInt8Type>(array, |value| Int(value.into())),
        T::UInt16 => each::<UInt16Type>(array, |value| Int(value.into())),
        T::UInt32 => each::<UInt32Type>(array, |value| Int(value.into())),
        T::UInt64 => each::<UInt64Type>(array, |value| {
            i64::try_from(value).map_or_else(|_| ForeignCell::Text(value.to_string()), Int)
        }),
        T::Float16 => each::<Float16Type>(array, |value| Float(value.to_f64())),
        // The shortest decimal that is this single: 0.1 is to stay 0.1.
        T::Float32 => {
            each::<Float32Type>(array, |value| Float(value.to_string().parse().unwrap_or(value.into())))
        }
        T::Float64 => each::<Float64Type>(array, Float),
        T::Date32 => each::<Date32Type>(array, |days| Time(i64::from(days) * 86_400_000_000)),
        T::Date64 => each::<Date64Type>(array, |millis| Time(millis.saturating_mul(1000))),
        T::Timestamp(TimeUnit::Second, _) => {
            each::<TimestampSecondType>(array, |seconds| Time(seconds.saturating_mul(1_000_000)))
        }
        T::Timestamp(TimeUnit::Millisecond, _) => {
            each::<TimestampMillisecondType>(array, |millis| Time(millis.saturating_mul(1000)))
        }
        T::Timestamp(TimeUnit::Microsecond, _) => each::<TimestampMicrosecondType>(array, Time),
        T::Timestamp(TimeUnit::Nanosecond, _) => {
            each::<TimestampNanosecondType>(array, |nanos| Time(nanos.div_euclid(1000)))
        }
        T::Decimal128(..) => decimals::<Decimal128Type>(array),
        T::Decimal256(..) => decimals::<Decimal256Type>(array),
        T::Null => vec![ForeignCell::Null; array.len()],
        other => return Err(Error::Damaged(format!("cells of type {other}"))),
    })
}
