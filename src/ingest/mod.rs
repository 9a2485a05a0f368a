//! Foreign files → the rows of records.
//!
//! In: the bytes of one file (or a [`Table`]), what the command line says of them ([`Options`]) and the schemas of the
//! tasks. Out: an [`Import`], or **all** faults of the file at once, each at its line and column. Pure: no file
//! system, no clock, no ledger; what is new, which guideline was in force and who may label is for the caller to say.
//!
//! ```text
//!  bytes ─text─▶ UTF-8 ─detect─▶ csv │ json │ label_studio │ table    (sources: rows of cells with places)
//!                                        │ columns
//!                                 plan ──┤ which column means what: aliases, --map
//!                                        ▼
//!                                 collect ──▶ Import      (check every cell; people, labels, distinct)
//! ```
//!
//! Invariant: every row of an [`Import`] is valid under its task's schema and its id rules, and no two rows of it are
//! the same judgement or contradict each other at one time.

mod alias;
mod cell;
mod codes;
mod collect;
mod csv;
mod detect;
mod distinct;
mod error;
mod foreign;
mod import;
mod json;
mod label_studio;
mod labels;
mod matrix;
mod options;
mod people;
mod plan;
mod read;
mod scan;
mod table;
mod text;
mod values;

pub use alias::{ALIASES, Alias, For};
#[cfg(test)]
pub(crate) use codes::label_codes_in_pieces;
pub use codes::{LabelColumns, label_codes, label_columns, micros};
pub use detect::detect;
pub use error::{Error, Fault, Refused, RequestError};
pub use import::{ColumnUse, Import, Note, RefusedRows, TaskRows};
pub use labels::read_label;
pub use matrix::read_matrix;
pub use options::{Format, MapTo, Mapping, Options, PersonalIds};
pub use people::{look_alikes, resolve_labeler};
pub use read::{read, read_table};
pub use table::{Table, Value};
