//! Three or four columns of any Parquet file → labels as numbers, row group by row group, side by side.
//!
//! Nothing is reported here: whatever keeps a file from being read so, [`super::read_foreign`] will meet it too, and say
//! what it is. The same guards stand before the decoder.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StringViewArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::column::page::Page;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;
use rayon::prelude::*;

use super::decode::{metadata, options, reader};
use super::foreign::{ForeignCell, numbers, readable};
use super::guard::{self, Whose, damaged, guarded};
use super::{Error, Limits};
use crate::base::Timestamp;
use crate::record::codes::{LabelCodes, Piece, PieceMaker};

/// A Parquet file whose footer was read.
#[derive(Debug)]
pub struct LabelFile<'b> {
    bytes: &'b [u8],
    file: Arc<ParquetMetaData>,
    /// Name and place among the file's columns of each that cells can hold.
    columns: Vec<(String, usize)>,
}

/// Which of a file's columns hold what.
#[derive(Clone, Copy, Debug)]
pub struct LabelPlaces {
    /// The items' column, of those in [`LabelFile::columns`].
    pub item: usize,
    /// The labelers'.
    pub labeler: usize,
    /// The labels'.
    pub label: usize,
    /// The times', if there is one.
    pub created_at: Option<usize>,
    /// Reads a time that is a text.
    pub time: fn(&[u8]) -> Option<i64>,
}

/// Rows of a piece.
const ROWS: usize = 32 * 1024;

impl<'b> LabelFile<'b> {
    /// Reads the footer; `None` when the file is none to be read so.
    pub fn open(bytes: &'b [u8]) -> Option<Self> {
        let limits = Limits::FOREIGN;
        guarded(|| {
            guard::at_most("bytes", bytes.len() as u64, limits.file_bytes)?;
            let file = metadata(reader(bytes, Page::buffer))?;
            guard::footer(bytes, &file, &limits, Whose::Foreign)?;
            let loaded = ArrowReaderMetadata::try_new(Arc::clone(&file), options()).map_err(damaged)?;
            let fields = loaded.schema().fields().iter().zip(0..);
            // Whether bytes are texts shows only when all of them were read.
            if fields.clone().any(|(field, _)| readable(field.data_type()) == Some(DataType::BinaryView)) {
                return Err(Error::Shape("bytes".into()));
            }
            let readable = fields.filter(|(field, _)| readable(field.data_type()).is_some());
            let columns = readable.map(|(field, place)| (field.name().clone(), place)).collect();
            Ok(Self { bytes, file, columns })
        })
        .ok()
    }

    /// Iterates over the names of the columns that cells can hold.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// Reads the columns of labels; `None` when one is of another type than texts, whole numbers and times, or a value
    /// is not as it must be.
    pub fn read(&self, places: LabelPlaces) -> Option<LabelCodes> {
        guarded(|| self.pieces(reader(self.bytes, Page::buffer), places)).ok().flatten()
    }

    fn pieces<R: ChunkReader + Clone + Sync + 'static>(
        &self,
        reader: R,
        places: LabelPlaces,
    ) -> Result<Option<LabelCodes>, Error> {
        let schema = ArrowReaderMetadata::try_new(Arc::clone(&self.file), options()).map_err(damaged)?;
        let as_views = |field: &Arc<Field>| {
            let kind = readable(field.data_type()).unwrap_or_else(|| field.data_type().clone());
            field.as_ref().clone().with_data_type(kind)
        };
        let schema = Schema::new(schema.schema().fields().iter().map(as_views).collect::<Vec<_>>());
        let with_views = options().with_schema(Arc::new(schema));
        let loaded = ArrowReaderMetadata::try_new(Arc::clone(&self.file), with_views).map_err(damaged)?;
        let groups = (0..self.file.num_row_groups()).into_par_iter();
        let read = |maker: &mut PieceMaker, group: usize| {
            guarded(|| self.group(reader.clone(), loaded.clone(), group, places, maker))
        };
        let pieces: Result<Vec<Option<Vec<Piece>>>, Error> =
            groups.with_max_len(1).map_init(PieceMaker::default, read).collect();
        let pieces: Option<Vec<Vec<Piece>>> = pieces?.into_iter().collect();
        let pieces: Option<Vec<Piece>> = pieces.map(|groups| groups.into_iter().flatten().collect());
        Ok(pieces.filter(|pieces| !pieces.is_empty()).map(|pieces| LabelCodes { pieces, more: false }))
    }

    fn group<R: ChunkReader + 'static>(
        &self,
        reader: R,
        loaded: ArrowReaderMetadata,
        group: usize,
        places: LabelPlaces,
        maker: &mut PieceMaker,
    ) -> Result<Option<Vec<Piece>>, Error> {
        let place = |column: usize| self.columns[column].1;
        let [item, labeler, label] = [places.item, places.labeler, places.label].map(place);
        let time = places.created_at.map(place);
        let roots = [item, labeler, label].into_iter().chain(time);
        let mask = ProjectionMask::roots(loaded.parquet_schema(), roots.clone());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(reader, loaded)
            .with_projection(mask)
            .with_row_groups(vec![group])
            .with_batch_size(ROWS);
        let mut pieces = Vec::new();
        for batch in builder.build().map_err(damaged)? {
            let batch = batch.map_err(damaged)?;
            // The columns come in the order of the file.
            let column = |place: usize| batch.column(roots.clone().filter(|other| *other < place).count());
            let columns = [column(item), column(labeler), column(label)];
            let times = time.map(column).map(|times| micros(times, places.time));
            if times == Some(None) || read_rows(&batch, columns, times.flatten(), maker).is_none() {
                return Ok(None);
            }
            pieces.extend(maker.finish());
        }
        Ok(Some(pieces))
    }
}

/// The texts of a column, or its whole numbers.
enum Texts<'a> {
    Views(&'a StringViewArray),
    Numbers(Vec<Option<i64>>),
}

impl<'a> Texts<'a> {
    fn of(array: &'a ArrayRef) -> Option<Self> {
        match array.data_type() {
            DataType::Utf8View => Some(Self::Views(array.as_string_view())),
            DataType::Int32 => {
                let numbers = array.as_primitive::<Int32Type>().iter();
                Some(Self::Numbers(numbers.map(|number| number.map(i64::from)).collect()))
            }
            DataType::Int64 => Some(Self::Numbers(array.as_primitive::<Int64Type>().iter().collect())),
            _ => None,
        }
    }

    /// Returns the text of a row, nothing where it is null; numbers are written into `room`.
    #[inline]
    fn get<'r>(&'r self, row: usize, room: &'r mut String) -> &'r [u8] {
        match self {
            Self::Views(views) if views.is_null(row) => &[],
            Self::Views(views) => views.value(row).as_bytes(),
            Self::Numbers(numbers) => {
                use std::fmt::Write as _;
                room.clear();
                let written = numbers[row].map_or(Ok(()), |number| write!(room, "{number}"));
                written.expect("a String takes all that is written to it");
                room.as_bytes()
            }
        }
    }

    /// Whether a row and the one before are seen to be equal without a look at their texts.
    #[inline]
    fn repeats(&self, row: usize) -> bool {
        match self {
            Self::Views(views) => {
                row > 0 && views.null_count() == 0 && views.views()[row] == views.views()[row - 1]
            }
            Self::Numbers(numbers) => row > 0 && numbers[row].is_some() && numbers[row] == numbers[row - 1],
        }
    }
}

fn read_rows(
    batch: &RecordBatch,
    columns: [&ArrayRef; 3],
    times: Option<Vec<Option<i64>>>,
    maker: &mut PieceMaker,
) -> Option<()> {
    let [items, labelers, labels] = columns.map(Texts::of);
    let (items, labelers, labels) = (items?, labelers?, labels?);
    let (mut one, mut other) = (String::new(), String::new());
    for row in 0..batch.num_rows() {
        if !items.repeats(row) {
            maker.set_item(items.get(row, &mut one))?;
        }
        maker.push(labelers.get(row, &mut one), labels.get(row, &mut other))?;
        if let Some(times) = &times {
            maker.push_time(times[row]);
        }
    }
    Some(())
}

/// Returns the times of a column.
fn micros(array: &ArrayRef, time: fn(&[u8]) -> Option<i64>) -> Option<Vec<Option<i64>>> {
    match array.data_type() {
        DataType::Utf8View => {
            let texts = array.as_string_view().iter().map(|text| text.filter(|text| !text.is_empty()));
            texts.map(|text| text.map_or(Some(None), |text| time(text.as_bytes()).map(Some))).collect()
        }
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
            let cells = numbers(array).ok()?.into_iter();
            cells
                .map(|cell| match cell {
                    ForeignCell::Null => Some(None),
                    ForeignCell::Time(micros) => Timestamp::from_micros(micros).map(|_| Some(micros)),
                    _ => None,
                })
                .collect()
        }
        _ => None,
    }
}
