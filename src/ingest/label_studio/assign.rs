//! Which control answers which task.

use super::FIXED;
use super::answer::Control;
use crate::ingest::error::RequestError;
use crate::ingest::options::{MapTo, Options};
use crate::ingest::plan::{chosen_task, find_task, unknown_column};
use crate::record::Task;

/// Chooses the control of each task: by `--map`, else by its name, else the only one that is read.
pub(super) fn assign<'a>(
    controls: &[Control],
    options: &'a Options<'a>,
) -> Result<Vec<(usize, &'a Task)>, RequestError> {
    let place = |index: usize| index + FIXED.len();
    let checked = |index: usize| {
        let control: &Control = &controls[index];
        if control.is_read() {
            Ok(place(index))
        } else {
            Err(RequestError::ControlNotRead { controls: vec![control.describe()] })
        }
    };
    let mut assigned = Vec::new();
    for mapping in options.map {
        let task = match &mapping.to {
            MapTo::Task(task) => find_task(options.tasks, task)?,
            MapTo::Field(field) if field == "label" => chosen_task(options)?,
            MapTo::Field(_) | MapTo::Ignore => continue,
        };
        let Some(index) = controls.iter().position(|control| control.name == mapping.column) else {
            let names: Vec<String> = controls.iter().map(|control| control.name.clone()).collect();
            return Err(unknown_column(&mapping.column, &names));
        };
        assigned.push((checked(index)?, task));
    }
    if !assigned.is_empty() {
        return Ok(assigned);
    }
    let chosen = chosen_task(options);
    let candidates: Vec<&Task> = match (&chosen, options.task) {
        (Ok(task), _) => vec![*task],
        (Err(RequestError::WhichTask { .. }), None) => options.tasks.iter().collect(),
        (Err(_), _) => Vec::new(),
    };
    for task in candidates {
        if let Some(index) = controls.iter().position(|control| control.name == task.name) {
            assigned.push((checked(index)?, task));
        }
    }
    if !assigned.is_empty() {
        return Ok(assigned);
    }
    let task = chosen?;
    let read: Vec<usize> = (0..controls.len()).filter(|index| controls[*index].is_read()).collect();
    match read[..] {
        [index] => Ok(vec![(place(index), task)]),
        [] if controls.is_empty() => Ok(vec![(place(0), task)]),
        [] => {
            Err(RequestError::ControlNotRead { controls: controls.iter().map(Control::describe).collect() })
        }
        _ => {
            let names = read.iter().map(|index| controls[*index].name.clone()).collect();
            Err(RequestError::WhichControl { task: task.name.clone(), controls: names })
        }
    }
}
