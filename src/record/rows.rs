//! Rows: the content of one batch, column by column, and the schema each kind has.

use std::ops::Range;
use std::sync::OnceLock;

use super::column::{Cells, Column};
use super::kind::{Kind, Origin};
use super::text::TextColumn;
use crate::base::{Timestamp, json};

/// What a field's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// UTF-8 text.
    Text,
    /// UTF-8 text of few distinct values; Parquet readers see a dictionary.
    Word,
    /// Microseconds since the epoch, UTC.
    Time,
    /// Whole number.
    Int,
    /// Single-precision number.
    Float,
    /// Yes or no.
    Bool,
    /// List of text.
    Texts,
    /// List of single-precision numbers.
    Floats,
}

/// One column of a kind's schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in Parquet, CSV and JSON.
    pub name: &'static str,
    /// What its values are.
    pub kind: FieldType,
    /// Whether a value may be null.
    pub nullable: bool,
}

const fn field(name: &'static str, kind: FieldType, nullable: bool) -> Field {
    Field { name, kind, nullable }
}

/// Where the columns that all judgements share stand, and the first columns after them.
pub mod col {
    /// What is judged.
    pub const ITEM: usize = 0;
    /// Who judged.
    pub const LABELER: usize = 1;
    /// The last change of the judgement.
    pub const CREATED_AT: usize = 2;
    /// `name@version`.
    pub const GUIDELINE: usize = 3;
    /// How the judgement came about.
    pub const ORIGIN: usize = 4;
    /// The guess that was shown.
    pub const SHOWN: usize = 5;
    /// Whose guess.
    pub const SHOWN_BY: usize = 6;
    /// The tool's own annotation id.
    pub const SOURCE_ID: usize = 7;
    /// 0 to 1.
    pub const CONFIDENCE: usize = 8;
    /// Milliseconds spent.
    pub const DURATION_MS: usize = 9;
    /// Why, in the labeler's words.
    pub const RATIONALE: usize = 10;
    /// Labels, adjudications and predictions: the canonical label.
    pub const LABEL: usize = 11;
    /// Of predictions, the probability of each class.
    pub const SCORES: usize = 12;
    /// Adjudications: what went wrong before.
    pub const ERROR_TYPE: usize = 12;
    /// Adjudications: what the guideline does not say.
    pub const GUIDELINE_GAP: usize = 13;
    /// Corrections: the text judged.
    pub const ORIGINAL: usize = 11;
    /// Corrections: the text in its place.
    pub const CORRECTED: usize = 12;
    /// Corrections: what is said of the original.
    pub const VERDICT: usize = 13;
    /// Corrections: why, in the labeler's words.
    pub const REASON: usize = 14;
    /// Corrections: what kinds of mistake it mends.
    pub const CATEGORIES: usize = 15;
    /// Corrections: how bad the original was.
    pub const SEVERITY: usize = 16;
    /// Corrections: whether it is to be learned from.
    pub const SHOULD_LEARN: usize = 17;
    /// Corrections: the model or person that wrote the original.
    pub const SOURCE: usize = 18;
    /// Corrections: what the original was an answer to, JSON.
    pub const CONTEXT: usize = 19;
    /// Items: the text people judge.
    pub const TEXT: usize = 1;
    /// Items: whatever else is known, a JSON object.
    pub const METADATA: usize = 5;
    /// Guidelines: name, version, text.
    pub const GUIDELINE_NAME: usize = 0;
    /// Guidelines: the version.
    pub const VERSION: usize = 1;
    /// Guidelines: the text people read.
    pub const GUIDELINE_TEXT: usize = 2;
    /// Guidelines: SHA-256 of the text, the version's identity.
    pub const SHA256: usize = 3;
    /// Guidelines: when the version comes into force.
    pub const EFFECTIVE_FROM: usize = 4;
    /// Guidelines: the version before.
    pub const SUPERSEDES: usize = 5;
    /// Guidelines: semantic or minor.
    pub const CHANGE: usize = 6;
    /// Guidelines: why, in the author's words.
    pub const NOTE: usize = 7;
}

macro_rules! judgement_schema {
    ($($rest:expr),+) => {
        &[
            field("item", FieldType::Text, false),
            field("labeler", FieldType::Word, false),
            field("created_at", FieldType::Time, true),
            field("guideline", FieldType::Word, true),
            field("origin", FieldType::Word, false),
            field("shown", FieldType::Text, true),
            field("shown_by", FieldType::Word, true),
            field("source_id", FieldType::Text, true),
            field("confidence", FieldType::Float, true),
            field("duration_ms", FieldType::Int, true),
            field("rationale", FieldType::Text, true),
            $($rest),+
        ]
    };
}

const LABELS: &[Field] = judgement_schema!(field("label", FieldType::Text, true));
const ADJUDICATIONS: &[Field] = judgement_schema!(
    field("label", FieldType::Text, true),
    field("error_type", FieldType::Word, true),
    field("guideline_gap", FieldType::Text, true)
);
const PREDICTIONS: &[Field] = judgement_schema!(
    field("label", FieldType::Text, true),
    field("scores", FieldType::Text, true),
    field("embedding", FieldType::Floats, true)
);
const CORRECTIONS: &[Field] = judgement_schema!(
    field("original", FieldType::Text, true),
    field("corrected", FieldType::Text, true),
    field("verdict", FieldType::Word, false),
    field("reason", FieldType::Text, true),
    field("categories", FieldType::Texts, true),
    field("severity", FieldType::Word, true),
    field("should_learn", FieldType::Bool, true),
    field("source", FieldType::Word, true),
    field("context", FieldType::Text, true)
);
const ITEMS: &[Field] = &[
    field("item", FieldType::Text, false),
    field("text", FieldType::Text, true),
    field("uri", FieldType::Text, true),
    field("sha256", FieldType::Text, true),
    field("media_type", FieldType::Word, true),
    field("metadata", FieldType::Text, true),
];
const GUIDELINES: &[Field] = &[
    field("guideline", FieldType::Text, false),
    field("version", FieldType::Text, false),
    field("text", FieldType::Text, false),
    field("sha256", FieldType::Text, false),
    field("effective_from", FieldType::Time, true),
    field("supersedes", FieldType::Text, true),
    field("change", FieldType::Word, false),
    field("note", FieldType::Text, true),
];
const REVERTS: &[Field] = &[field("item", FieldType::Text, false)];

/// Returns the columns of `kind`, in the order of its Parquet shards and canonical rows. Joins have none.
pub fn schema(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Labels => LABELS,
        Kind::Adjudications => ADJUDICATIONS,
        Kind::Predictions => PREDICTIONS,
        Kind::Corrections => CORRECTIONS,
        Kind::Items => ITEMS,
        Kind::Guidelines => GUIDELINES,
        Kind::Reverts => REVERTS,
        Kind::Joins => &[],
    }
}

/// Returns how many columns of `kind` every row and every shard has. Those after them came later: a row of which all of
/// them are null does without them, and a shard all of whose rows do so, too, so that what was written before them
/// keeps its bytes.
pub fn first_columns(kind: Kind) -> usize {
    match kind {
        Kind::Adjudications => col::ERROR_TYPE,
        _ => schema(kind).len(),
    }
}

/// Returns what a correction says: the canonical JSON of its three parts.
pub fn correction_statement(
    original: Option<&str>,
    corrected: Option<&str>,
    verdict: Option<&str>,
) -> String {
    json::canonical(&serde_json::json!({ "corrected": corrected, "original": original, "verdict": verdict }))
}

/// The rows of one batch: a column for each field of its kind's schema, all of one length.
#[derive(Clone, Debug)]
pub struct Rows {
    kind: Kind,
    len: usize,
    columns: Vec<Column>,
    /// Whether each row's key comes after that of the row above, once somebody looked.
    ascending: OnceLock<bool>,
}

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.columns == other.columns
    }
}

impl Rows {
    /// Returns no rows of `kind`, ready to be pushed to.
    pub fn empty(kind: Kind) -> Self {
        let columns = schema(kind)
            .iter()
            .map(|field| match field.kind {
                FieldType::Text => Column::Text(TextColumn::default()),
                FieldType::Word => Column::Text(TextColumn::of_words()),
                FieldType::Time => Column::Time(Cells::default()),
                FieldType::Int => Column::Int(Cells::default()),
                FieldType::Float => Column::Float(Cells::default()),
                FieldType::Bool => Column::Bool(Cells::default()),
                FieldType::Texts => Column::Texts(Cells::default()),
                FieldType::Floats => Column::Floats(Cells::default()),
            })
            .collect();
        Self::of(kind, 0, columns)
    }

    fn of(kind: Kind, len: usize, columns: Vec<Column>) -> Self {
        Self { kind, len, columns, ascending: OnceLock::new() }
    }

    /// Returns whether each row's key comes after that of the row above; looks once, by `look`.
    pub(super) fn ascending(&self, look: impl FnOnce() -> bool) -> bool {
        *self.ascending.get_or_init(look)
    }

    /// Whether somebody looked, and each row's key comes after that of the row above.
    pub(super) fn is_known_to_ascend(&self) -> bool {
        self.ascending.get() == Some(&true)
    }

    /// Returns rows made of whole `columns`, in the order and of the types of `kind`'s schema, all of one length;
    /// `None` when they are not that.
    pub fn from_columns(kind: Kind, columns: Vec<Column>) -> Option<Self> {
        let fields = schema(kind);
        let fits = |field: &Field, column: &Column| {
            matches!(
                (field.kind, column),
                (FieldType::Text | FieldType::Word, Column::Text(_))
                    | (FieldType::Time, Column::Time(_))
                    | (FieldType::Int, Column::Int(_))
                    | (FieldType::Float, Column::Float(_))
                    | (FieldType::Bool, Column::Bool(_))
                    | (FieldType::Texts, Column::Texts(_))
                    | (FieldType::Floats, Column::Floats(_))
            )
        };
        let len = columns.first().map_or(0, Column::len);
        let good = columns.len() == fields.len()
            && fields.iter().zip(&columns).all(|(field, column)| fits(field, column) && column.len() == len);
        good.then(|| Self::of(kind, len, columns))
    }

    /// Appends a judgement: `item` by `labeler` with `origin`, every other column null. Set the rest with
    /// [`Rows::set_text`] and its siblings.
    pub fn push_judgement(&mut self, item: &str, labeler: &str, origin: Origin) -> usize {
        self.push_nulls();
        let row = self.len - 1;
        self.set_text(row, col::ITEM, item);
        self.set_text(row, col::LABELER, labeler);
        self.set_text(row, col::ORIGIN, origin.as_str());
        row
    }

    /// Appends a row of nulls.
    pub fn push_nulls(&mut self) -> usize {
        self.ascending.take();
        self.columns.iter_mut().for_each(Column::push_null);
        self.len += 1;
        self.len - 1
    }

    /// Sets a text of the **last** row.
    ///
    /// # Panics
    /// When `row` is not the last one or `column` is no text column of this kind.
    pub fn set_text(&mut self, row: usize, column: usize, value: &str) {
        assert_eq!(row + 1, self.len, "text is set on the last row alone");
        self.ascending.take();
        let Column::Text(values) = &mut self.columns[column] else { panic!("column {column} holds text") };
        values.replace_last(value);
    }

    /// Sets a time.
    ///
    /// # Panics
    /// When `column` is no time column of this kind.
    pub fn set_time(&mut self, row: usize, column: usize, value: Option<Timestamp>) {
        self.ascending.take();
        let Column::Time(values) = &mut self.columns[column] else { panic!("column {column} holds times") };
        values.set(row, value.map(Timestamp::micros));
    }

    /// Sets a whole number.
    ///
    /// # Panics
    /// When `column` is no integer column of this kind.
    pub fn set_int(&mut self, row: usize, column: usize, value: Option<i64>) {
        let Column::Int(values) = &mut self.columns[column] else { panic!("column {column} holds integers") };
        values.set(row, value);
    }

    /// Sets a single-precision number.
    ///
    /// # Panics
    /// When `column` is no float column of this kind.
    pub fn set_float(&mut self, row: usize, column: usize, value: Option<f32>) {
        let Column::Float(values) = &mut self.columns[column] else { panic!("column {column} holds floats") };
        values.set(row, value);
    }

    /// Puts `values` in the place of a whole text column.
    ///
    /// # Panics
    /// When `column` is no text column of this kind, or `values` are not as many as the rows.
    pub fn set_texts(&mut self, column: usize, values: TextColumn) {
        assert_eq!(values.len(), self.len, "a column has a value a row");
        if matches!(column, col::ITEM | col::LABELER) {
            self.ascending.take();
        }
        let Column::Text(old) = &mut self.columns[column] else { panic!("column {column} holds text") };
        *old = values;
    }

    /// Returns the kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the columns in schema order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Returns how many columns the rows of `range` have: all of the schema, or [the first ones](first_columns) where no
    /// row says anything in those after them.
    pub fn width(&self, mut range: Range<usize>) -> usize {
        let first = first_columns(self.kind);
        let later = &self.columns[first..];
        if later.iter().all(Column::is_null_throughout) {
            return first;
        }
        let says = |row: usize| later.iter().any(|column| !column.is_null(row));
        if range.any(says) { self.columns.len() } else { first }
    }

    /// Returns the text at `row` of the text column `column`; `None` is null.
    ///
    /// # Panics
    /// When `column` is no text column of this kind.
    #[inline]
    pub fn text(&self, row: usize, column: usize) -> Option<&str> {
        self.texts(column).get(row)
    }

    /// Returns the text column `column`.
    ///
    /// # Panics
    /// When `column` is no text column of this kind.
    #[inline]
    pub fn texts(&self, column: usize) -> &TextColumn {
        let Column::Text(values) = &self.columns[column] else { panic!("column {column} holds text") };
        values
    }

    /// Returns the time at `row` of the time column `column`; `None` is null.
    ///
    /// # Panics
    /// When `column` is no time column of this kind.
    #[inline]
    pub fn time(&self, row: usize, column: usize) -> Option<Timestamp> {
        let Column::Time(values) = &self.columns[column] else { panic!("column {column} holds times") };
        values[row].and_then(Timestamp::from_micros)
    }

    /// Returns what `row` says: the canonical label, or for a correction the canonical JSON of verdict, original and
    /// corrected text. `None` is an abstention. It is the part of a judgement's identity that a label is.
    pub fn statement(&self, row: usize) -> Option<std::borrow::Cow<'_, str>> {
        if self.kind != Kind::Corrections {
            return self.text(row, col::LABEL).map(Into::into);
        }
        let text = |column| self.text(row, column);
        Some(correction_statement(text(col::ORIGINAL), text(col::CORRECTED), text(col::VERDICT)).into())
    }

    /// Returns only `rows`, in that order.
    pub fn take(&self, rows: &[u32]) -> Self {
        let columns = self.columns.iter().map(|column| column.take(rows)).collect();
        Self::of(self.kind, rows.len(), columns)
    }

    /// Returns only the rows of `range`.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let columns = self.columns.iter().map(|column| column.slice(range.clone())).collect();
        let slice = Self::of(self.kind, range.len(), columns);
        if self.is_known_to_ascend() {
            slice.ascending.get_or_init(|| true);
        }
        slice
    }

    /// Appends all rows of `other`.
    ///
    /// # Panics
    /// When `other` is of another kind.
    pub fn append(&mut self, other: &Self) {
        assert_eq!(self.kind, other.kind, "rows of one kind are appended");
        self.ascending.take();
        self.columns.iter_mut().zip(&other.columns).for_each(|(mine, theirs)| mine.append(theirs));
        self.len += other.len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judgement_is_pushed_column_by_column() {
        let mut rows = Rows::empty(Kind::Labels);
        let row = rows.push_judgement("i1", "ana", Origin::Fresh);
        rows.set_text(row, col::LABEL, "cat");
        let row = rows.push_judgement("i2", "raj", Origin::Unknown);
        rows.set_time(row, col::CREATED_AT, Timestamp::from_micros(7));
        assert_eq!(rows.text(0, col::LABEL), Some("cat"));
        assert_eq!(rows.statement(1), None);
        assert_eq!(rows.time(1, col::CREATED_AT), Timestamp::from_micros(7));
        let mut twice = rows.clone();
        twice.append(&rows);
        assert_eq!(twice.take(&[2, 3]), rows);
    }
}
