//! Agreement of the labels of files, without any repository.

use super::Measures;
use crate::agreement::{self, AgainstReport, AgreementReport, Level};
use crate::ingest::{Format, Mapping};
use crate::ops::Error;
use crate::ops::input::OpenInput;
use crate::ops::label_files::{self, Reading};
use crate::record::TaskType;
use crate::table::Table;

/// What is asked about files.
#[derive(Clone, Debug, Default)]
pub struct FileOptions {
    /// The valid labels; those observed when none are given.
    pub classes: Vec<String>,
    /// What columns mean, where names do not tell.
    pub map: Vec<Mapping>,
    /// The format, when not to be detected.
    pub format: Option<Format>,
    /// Whether there is one column a labeler.
    pub wide: bool,
    /// What to measure.
    pub measures: Measures,
}

/// Measures files, all of them as one set of labels.
///
/// # Errors
/// A file cannot be read as labels: then all its faults. The labels are not of the level.
pub fn files(inputs: &[OpenInput], options: &FileOptions) -> Result<AgreementReport, Error> {
    let table = read(inputs, options)?;
    let asked = options.measures.options(Level::Nominal, table.classes())?;
    Ok(agreement::measure(&table, None, &asked)?)
}

/// Measures every labeler of files against one of them.
///
/// # Errors
/// A file cannot be read as labels: then all its faults. Nobody of that name is there.
pub fn against_in_files(
    inputs: &[OpenInput],
    options: &FileOptions,
    labeler: &str,
) -> Result<AgainstReport, Error> {
    let table = read(inputs, options)?;
    Ok(agreement::against(&table, None, labeler, options.measures.confidence)?)
}

fn read(inputs: &[OpenInput], options: &FileOptions) -> Result<Table, Error> {
    let reading = Reading {
        kind: type_of(options),
        classes: &options.classes,
        map: &options.map,
        format: options.format,
        wide: options.wide,
    };
    label_files::table(inputs, &reading)
}

/// Returns the type of task whose labels the files hold.
fn type_of(options: &FileOptions) -> TaskType {
    match (options.measures.level.unwrap_or_default(), options.classes.is_empty()) {
        (Level::Interval, _) => TaskType::Rating,
        (Level::Ratio, _) => TaskType::Numeric,
        // Any text is a label, and so is any set, whose classes stand in it.
        (Level::Nominal | Level::Ordinal, true) | (Level::Set, _) => TaskType::Text,
        (Level::Span, _) => TaskType::Span,
        (Level::Box, _) => TaskType::Box,
        (Level::Ranking, _) => TaskType::Ranking,
        (Level::Nominal, false) => TaskType::Categorical,
        (Level::Ordinal, false) => TaskType::Ordinal,
    }
}
