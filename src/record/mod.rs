//! Floor 1: what a label, correction, guideline, batch and revert is, and the rules each obeys.
//!
//! Nothing here knows a file format, Parquet or Git. A [`Manifest`] says who added what and when; [`Rows`] are the
//! rows it added, column by column under the schema of its [`Kind`]; a [`Filter`] chooses judgements; a [`Task`] says
//! which labels are valid and how each is written.

mod acceptance;
mod canonical;
pub mod codes;
mod column;
mod filter;
mod id;
mod kind;
mod manifest;
mod rows;
mod signature;
mod task;
mod text;

pub use acceptance::Acceptance;
pub use canonical::{
    canonical_order, canonical_row, compare_keys, key_order, out_of_order, rows_root, rows_root_of, sort,
};
pub use column::{Cells, Column};
pub use filter::{Filter, GuidelineRef};
pub use id::{InvalidName, RecordId, check_item, check_labeler, check_slug, check_version, guideline_key};
pub use kind::{Change, ErrorType, Kind, LabelerKind, Origin, UnknownWord, Verdict};
pub use manifest::{Cascade, GuidelineUse, LabelerUse, Labelers, Manifest, Revert, Shard, Source};
pub use rows::{Field, FieldType, Rows, col, correction_statement, first_columns, schema};
pub use signature::{KeyAt, Purpose, Signature, SigningKey, signed_record, signed_snapshot};
pub use task::{LabelError, Policy, RawLabel, Task, TaskType};
pub use text::{Coded, TextColumn};
