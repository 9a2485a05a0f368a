//! `agreement`: how far labelers agree, in the ledger or straight on a file.

use std::collections::BTreeMap;

use super::Error;
use super::input::{self, OpenInput};
use super::record_ref::{answered_tasks, which_task};
use crate::agreement::{self, AgreementReport};
use crate::dataset::{At, Dataset};
use crate::ingest::{self, Format, Mapping, PersonalIds};
use crate::record::codes::LabelCodes;
use crate::record::{Filter, Kind, Rows, Task, TaskType};
use crate::table::Table;

/// What `agreement` is asked about files.
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
}

/// Measures each wanted task of the ledger, of the judgements that `filter` chooses: the task of the filter, or all.
///
/// # Errors
/// The ledger could not be read, or there is nothing to measure.
pub fn ledger(dataset: &Dataset, at: &At, filter: &Filter) -> Result<Vec<AgreementReport>, Error> {
    let parts = dataset.parts(at)?;
    let tasks = answered_tasks(&parts.records);
    let known: Vec<&str> = tasks.iter().map(String::as_str).collect();
    let wanted: Vec<&str> = if filter.tasks.is_empty() {
        known.clone()
    } else {
        filter.tasks.iter().map(|name| which_task(&known, Some(name))).collect::<Result<_, _>>()?
    };
    if wanted.is_empty() {
        return Err(Error::Nothing {
            message: "there are no labels to measure".to_owned(),
            hint: Some(
                "`hitl commit FILE` adds some; `hitl agreement FILE` measures a file as it is".to_owned(),
            ),
        });
    }
    let tasks = dataset.declared()?;
    let measure = |name: &str| {
        let tables = parts.map(Some(name), |ledger| {
            let task = ledger.find_task(name)?;
            Some(if filter.is_empty() {
                Table::from_ledger(ledger, task, None)
            } else {
                let chosen = ledger.select(filter);
                Table::from_ledger_where(ledger, task, None, |judgement| chosen[judgement])
            })
        })?;
        let declared = tasks.iter().find(|task| task.name == name);
        let domain = declared.map(|task| task.classes.as_slice()).filter(|classes| !classes.is_empty());
        Ok(agreement::measure(&Table::join(tables.into_iter().flatten().collect(), domain), Some(name)))
    };
    wanted.into_iter().map(measure).collect()
}

/// Measures files without any repository, all of them as one set of labels.
///
/// # Errors
/// A file cannot be read as labels: then all its faults.
pub fn files(inputs: &[OpenInput], options: &FileOptions) -> Result<AgreementReport, Error> {
    Ok(agreement::measure(&table(inputs, options)?, None))
}

/// Reads files without any repository, all of them as one set of labels.
///
/// # Errors
/// As [`files`].
pub fn table(inputs: &[OpenInput], options: &FileOptions) -> Result<Table, Error> {
    // Any text is a label of a text task; the domain is checked by measuring.
    let task = match options.classes.is_empty() {
        true => Task::new("labels", TaskType::Text, Vec::new()),
        false => Task::new("labels", TaskType::Categorical, options.classes.clone()),
    };
    let (tasks, aliases) = ([task], BTreeMap::new());
    let plain = ingest::Options {
        format: options.format,
        map: &options.map,
        wide: options.wide,
        task: Some("labels"),
        personal_ids: PersonalIds::Allow,
        ..ingest::Options::new("-", &tasks, &aliases)
    };
    let asked = |input| ingest::Options { file: OpenInput::name(input), ..plain };
    let domain = (!options.classes.is_empty()).then_some(options.classes.as_slice());
    let as_codes = || {
        let mut codes = LabelCodes::default();
        for input in inputs {
            codes.append(input.label_codes(&asked(input))?);
        }
        Table::from_codes(codes, domain)
    };
    if let Some(table) = as_codes() {
        return Ok(table);
    }
    let mut rows = Rows::empty(Kind::Labels);
    for input in inputs {
        let refuse = |file, refused| Error::NotMeasured { file, refused };
        for batch in input::import(&input.whole()?, &asked(input), refuse)?.batches {
            rows.append(&batch.rows);
        }
    }
    Ok(Table::from_rows(&rows, domain))
}
