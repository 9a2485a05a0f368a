//! The way of one file through this module.

use super::cell::{Entry, Source};
use super::collect::collect;
use super::csv::Csv;
use super::detect::detect;
use super::error::{Error, Fault, Refused, RequestError};
use super::foreign;
use super::import::Import;
use super::json::{self, JsonRecords};
use super::label_studio::{LabelStudio, LabelStudioItems, is_label_studio};
use super::options::{Format, Options};
use super::plan::plan;
use super::table::Table;
use super::text::Text;
use crate::record::Kind;

/// Reads a file.
///
/// # Errors
/// [`Error::Request`] when another option or export is needed; [`Error::Data`] with all faults of the file.
pub fn read(bytes: &[u8], options: &Options<'_>) -> Result<Import, Error> {
    check_kind(options.kind)?;
    let format = match options.format {
        Some(format) => format,
        None => detect(bytes, options.file)?,
    };
    if format == Format::Parquet {
        return Err(RequestError::Parquet.into());
    }
    let text = Text::new(bytes).map_err(Refused::one)?;
    match format {
        Format::Csv => delimited(&Csv::new(&text, None)?, options),
        Format::Tsv => delimited(&Csv::new(&text, Some(b'\t'))?, options),
        Format::Json | Format::Jsonl | Format::LabelStudio | Format::Parquet => {
            json_file(&text, format, options)
        }
    }
}

/// Reads a table that was no text: Parquet, which the caller has decoded. Lines of faults are rows, from 1, and
/// columns are columns.
///
/// # Errors
/// As [`read`].
pub fn read_table(table: &Table, options: &Options<'_>) -> Result<Import, Error> {
    check_kind(options.kind)?;
    flat(table, "Parquet", options)
}

fn check_kind(kind: Kind) -> Result<(), RequestError> {
    let readable = kind.is_judgement() || kind == Kind::Items;
    if readable { Ok(()) } else { Err(RequestError::KindNotRead { kind: kind.as_str() }) }
}

fn delimited(csv: &Csv<'_>, options: &Options<'_>) -> Result<Import, Error> {
    let name = match csv.delimiter() {
        b'\t' => "TSV",
        b';' => "CSV with ;",
        b'|' => "CSV with |",
        _ => "CSV",
    };
    flat(csv, name, options)
}

fn json_file(text: &Text<'_>, format: Format, options: &Options<'_>) -> Result<Import, Error> {
    let records = json::records(text, format)?;
    let foreign = options.format.is_none() && options.map.is_empty();
    if foreign {
        foreign::check_root(&records.root_keys)?;
    }
    if format == Format::LabelStudio || (options.format.is_none() && is_label_studio(text, &records)) {
        if options.kind == Kind::Items {
            let tasks = LabelStudioItems::new(text, &records);
            return collect_flat(&tasks, "Label Studio JSON, one item a task".to_owned(), true, options);
        }
        let studio = LabelStudio::new(text, &records, options)?;
        let plan = studio.plan(options)?;
        let mut import = collect(&studio, &plan, options, "Label Studio JSON".to_owned())?;
        studio.finish(&mut import);
        return Ok(import);
    }
    let source = JsonRecords::new(text, &records)?;
    if source.columns().is_empty() {
        return Err(without_columns(&source).into());
    }
    flat(&source, if records.lines { "JSON lines" } else { "JSON" }, options)
}

/// Says why a file has no columns: nothing in it is a record.
fn without_columns(source: &dyn Source) -> Refused {
    let mut refused = Refused::default();
    source.visit(&mut |entry| {
        if let Entry::Broken(broken) = entry {
            refused.push(Fault::new(source.place(broken.at), broken.message));
        }
    });
    if refused.total == 0 {
        refused.push(Fault::new((1, 1), "there are no rows"));
    }
    refused
}

/// Reads records under columns, whatever they came from.
fn flat(source: &dyn Source, name: &str, options: &Options<'_>) -> Result<Import, Error> {
    let has = |name: &str| source.columns().iter().any(|column| column == name);
    let label_studio = has("annotation_id") && has("annotator") && has("lead_time") && has("id");
    if options.format.is_none() && options.map.is_empty() && options.kind != Kind::Items && !label_studio {
        foreign::check_columns(source, options.labeler.is_some())?;
    }
    let detected = match (label_studio, options.kind, options.wide) {
        (true, _, false) if name.starts_with("JSON") => "Label Studio JSON_MIN".to_owned(),
        (true, _, false) => format!("Label Studio {name}"),
        (_, Kind::Items, _) => format!("{name}, one item a row"),
        (_, _, true) => format!("{name}, wide form"),
        (_, _, false) => format!("{name}, long form"),
    };
    collect_flat(source, detected, label_studio, options)
}

fn collect_flat(
    source: &dyn Source,
    detected: String,
    label_studio: bool,
    options: &Options<'_>,
) -> Result<Import, Error> {
    let plan = plan(source, options, label_studio)?;
    collect(source, &plan, options, detected)
}
