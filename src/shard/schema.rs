//! The Parquet schema of each kind: its columns by name, type and nullability, nothing else.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowSchemaConverter;
use parquet::schema::types::SchemaDescriptor;

use crate::record::{FieldType, Kind, schema};

/// The name of the schema's root, which readers ignore.
pub(super) const ROOT: &str = "hitl";

/// How text stands in Arrow memory: written plain; read as views, which share one copy of a repeated value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TextAs {
    Plain,
    Views,
}

impl TextAs {
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Plain => DataType::Utf8,
            Self::Views => DataType::Utf8View,
        }
    }
}

/// Microseconds, UTC.
pub(super) fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// A list, its elements named as the Parquet specification names them.
pub(super) fn list(element: DataType, nullable: bool) -> DataType {
    DataType::List(Arc::new(Field::new("element", element, nullable)))
}

fn data_type(kind: FieldType, text: TextAs) -> DataType {
    match kind {
        FieldType::Text | FieldType::Word => text.data_type(),
        FieldType::Time => time(),
        FieldType::Int => DataType::Int64,
        FieldType::Float => DataType::Float32,
        FieldType::Bool => DataType::Boolean,
        FieldType::Texts => list(text.data_type(), false),
        FieldType::Floats => list(DataType::Float32, false),
    }
}

/// Returns the Arrow schema of the first `width` columns of `kind`.
pub(super) fn arrow(kind: Kind, width: usize, text: TextAs) -> SchemaRef {
    let fields: Vec<Field> = schema(kind)[..width]
        .iter()
        .map(|field| Field::new(field.name, data_type(field.kind, text), field.nullable))
        .collect();
    Arc::new(Schema::new(fields))
}

/// Returns the Parquet schema of the first `width` columns of `kind`, as shards state it.
pub(super) fn parquet(kind: Kind, width: usize) -> SchemaDescriptor {
    ArrowSchemaConverter::new()
        .schema_root(ROOT)
        .convert(&arrow(kind, width, TextAs::Plain))
        .expect("every field type has a Parquet type")
}
