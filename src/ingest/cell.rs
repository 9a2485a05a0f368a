//! What every format comes to: records of cells, each with a place.

use std::ops::Range;

use serde_json::Value;

/// More columns than this are no table of judgements, and would cost their square.
pub(super) const MOST_COLUMNS: usize = 10_000;

/// One cell of a record, as the file gives it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    /// The record has no such cell.
    Absent,
    /// Empty, or null.
    Null,
    /// A text.
    Text(&'a str),
    /// A JSON number, `true` or `false`, as written.
    Scalar(&'a str),
    /// A JSON list or object.
    Nested(&'a Value),
}

/// One record.
pub(super) trait Record {
    /// Returns the cell of the column at that position.
    fn cell(&self, column: usize) -> Cell<'_>;
}

/// What a source comes upon.
pub(super) enum Entry<'a> {
    /// A record that begins at that offset.
    Record(usize, &'a dyn Record),
    /// A record that cannot be read.
    Broken(Broken),
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Where the record begins.
    pub record: usize,
    /// Where the fault is.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

/// A file as records under columns.
pub(super) trait Source: Sync {
    /// Returns the columns.
    fn columns(&self) -> &[String];

    /// Hands every record to `each`, in order.
    fn visit(&self, each: &mut dyn FnMut(Entry<'_>));

    /// Parts the file into stretches that may be read side by side, each beginning where a record seems to; none where
    /// that is not worth it or not possible.
    fn stretches(&self) -> Vec<Range<usize>> {
        Vec::new()
    }

    /// Hands the records that begin in `stretch`, each with its offset and the line feeds between the stretch's
    /// beginning and it, to `each`, until that says no. Returns where the next record begins and the line feeds passed;
    /// `None` when anything in it is not plainly good.
    fn visit_stretch(
        &self,
        _stretch: Range<usize>,
        _each: &mut dyn FnMut(usize, u32, &dyn Record) -> bool,
    ) -> Option<(usize, u32)> {
        None
    }

    /// Returns line and character of an offset.
    fn place(&self, at: usize) -> (usize, usize);

    /// Returns line and character of a cell of the record at that offset, as near as is known.
    fn cell_place(&self, record: usize, column: usize) -> (usize, usize);

    /// Returns line and character of a column's name, where the file has a header.
    fn header_place(&self, _column: usize) -> Option<(usize, usize)> {
        None
    }

    /// Returns the line of the record at that offset.
    fn line(&self, record: usize) -> usize {
        self.place(record).0
    }

    /// Returns the records at these offsets as a file of their own, and its ending.
    fn extract(&self, records: &[usize]) -> (Vec<u8>, &'static str);
}
