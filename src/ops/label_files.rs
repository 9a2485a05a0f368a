//! Labels straight from files, without any repository.

use std::collections::BTreeMap;

use super::Error;
use super::input::{self, OpenInput};
use crate::ingest::{self, Format, Mapping, PersonalIds};
use crate::record::codes::LabelCodes;
use crate::record::{Kind, Rows, Task, TaskType};
use crate::table::Table;

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
    /// Returns the classes that labels are, where they are declared; those of sets and spans stand inside labels.
    pub(super) fn domain(&self) -> Option<&'a [String]> {
        let one = matches!(self.kind, TaskType::Categorical | TaskType::Ordinal);
        (one && !self.classes.is_empty()).then_some(self.classes)
    }

    fn task(&self) -> Task {
        Task::new("labels", self.kind, self.classes.to_vec())
    }

    fn asked<'o>(
        &'o self,
        file: &'o str,
        tasks: &'o [Task],
        aliases: &'o BTreeMap<String, String>,
    ) -> ingest::Options<'o> {
        ingest::Options {
            format: self.format,
            map: self.map,
            wide: self.wide,
            task: Some("labels"),
            personal_ids: PersonalIds::Allow,
            ..ingest::Options::new(file, tasks, aliases)
        }
    }
}

/// Reads files, all of them as one set of labels.
///
/// # Errors
/// A file cannot be read as labels: then all its faults.
pub(super) fn table(inputs: &[OpenInput], reading: &Reading<'_>) -> Result<Table, Error> {
    let (tasks, aliases) = ([reading.task()], BTreeMap::new());
    let as_codes = || {
        let mut codes = LabelCodes::default();
        for input in inputs {
            codes.append(input.label_codes(&reading.asked(input.name(), &tasks, &aliases))?);
        }
        Table::from_codes(codes, reading.domain())
    };
    match as_codes() {
        Some(table) => Ok(table),
        None => Ok(Table::from_rows(&rows(inputs, reading)?, reading.domain())),
    }
}

/// Reads the rows of files, all of them as one set of labels.
///
/// # Errors
/// As [`table`].
pub(super) fn rows(inputs: &[OpenInput], reading: &Reading<'_>) -> Result<Rows, Error> {
    let (tasks, aliases) = ([reading.task()], BTreeMap::new());
    let mut rows = Rows::empty(Kind::Labels);
    for input in inputs {
        let asked = reading.asked(input.name(), &tasks, &aliases);
        let refuse = |file, refused| Error::NotMeasured { file, refused };
        for batch in input::import(&input.whole()?, &asked, refuse)?.batches {
            rows.append(&batch.rows);
        }
    }
    Ok(rows)
}
