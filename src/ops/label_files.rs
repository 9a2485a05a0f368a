//! Labels straight from files, without any repository.

use std::collections::BTreeMap;

use super::Error;
use super::input::{self, Input};
use crate::ingest::{self, Format, Mapping, PersonalIds};
use crate::record::{Kind, Rows, Task, TaskType};

/// How files are read as labels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    /// The type of task whose labels they hold.
    pub(super) kind: TaskType,
    /// The valid labels; those observed when none are given.
    pub(super) classes: &'a [String],
    /// What columns mean, where names do not tell.
    pub(super) map: &'a [Mapping],
    /// The format, when not to be detected.
    pub(super) format: Option<Format>,
    /// Whether there is one column a labeler.
    pub(super) wide: bool,
}

impl<'a> Reading<'a> {
    /// Returns the classes, where they are declared.
    pub(super) fn domain(&self) -> Option<&'a [String]> {
        (!self.classes.is_empty()).then_some(self.classes)
    }
}

/// Reads files, all of them as one set of labels.
///
/// # Errors
/// A file cannot be read as labels: then all its faults.
pub(super) fn read(inputs: &[Input], reading: &Reading<'_>) -> Result<Rows, Error> {
    let tasks = [Task::new("labels", reading.kind, reading.classes.to_vec())];
    let aliases = BTreeMap::new();
    let mut rows = Rows::empty(Kind::Labels);
    for input in inputs {
        let asked = ingest::Options {
            format: reading.format,
            map: reading.map,
            wide: reading.wide,
            task: Some("labels"),
            personal_ids: PersonalIds::Allow,
            ..ingest::Options::new(&input.name, &tasks, &aliases)
        };
        let import = input::import(input, &asked, |file, refused| Error::NotMeasured { file, refused })?;
        for batch in import.batches {
            rows.append(&batch.rows);
        }
    }
    Ok(rows)
}
