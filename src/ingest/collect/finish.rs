//! All rows read: competing rows settled, faults counted, the import put together.

use std::collections::BTreeSet;

use super::Collector;
use crate::base::text;
use crate::ingest::distinct;
use crate::ingest::error::{Error, Fault, Refused};
use crate::ingest::import::{Import, Note, RefusedRows, TaskRows};
use crate::ingest::plan::has_label;
use crate::ingest::values::Trouble;
use crate::record::{Column, TaskType, col};

impl Collector<'_> {
    /// Returns the import, or all faults.
    pub(super) fn finish(mut self, detected: String) -> Result<Import, Error> {
        if self.records == 0 {
            return Err(Refused::one(Fault::new((1, 1), "there are no rows")).into());
        }
        self.count_spellings();
        self.count_people();
        let mut repeated = 0;
        let mut batches = Vec::new();
        for index in 0..self.batches.len() {
            let (rows, dropped) = self.settle(index);
            repeated += dropped;
            batches.push(rows);
        }
        self.refused.faults.sort();
        if self.refused.total > 0 && !self.options.skip_bad {
            return Err(self.refused.into());
        }
        Ok(self.import(detected, batches, repeated))
    }

    /// A class spelled two ways: says how often each is there.
    fn count_spellings(&mut self) {
        for ((batch, label, near), faults) in &self.misspelt {
            let Column::Text(labels) = &self.batches[*batch].columns[col::LABEL] else { continue };
            let good = labels.iter().filter(|label| *label == Some(near)).count();
            if good == 0 {
                continue;
            }
            let tail = format!(
                " (the file has `{label}` in {} and `{near}` in {})",
                text::count(faults.len(), "row"),
                text::thousands(good)
            );
            for fault in faults {
                if let Some(fault) = self.refused.faults.get_mut(*fault) {
                    fault.message.push_str(&tail);
                }
            }
        }
    }

    fn count_people(&mut self) {
        for person in &self.people.list {
            let fault = person.reported.and_then(|index| self.refused.faults.get_mut(index));
            if let Some(fault) = fault.filter(|_| person.rows > 1) {
                fault.message.push_str(&format!(" ({})", text::count(person.rows, "row")));
            }
        }
    }

    /// Finds rows that repeat or contradict each other, and returns what is left, with the number of repeats.
    fn settle(&mut self, index: usize) -> (TaskRows, usize) {
        let origin = self.unsaid_origin();
        let batch = &mut self.batches[index];
        let rows = batch.take_rows(origin);
        let found = distinct::find(&rows, &batch.bad);
        let mut drop = std::mem::take(&mut batch.bad);
        drop.extend(found.repeated.iter().map(|row| *row as u32));
        let multilabel = batch.labels.as_ref().is_some_and(|labels| labels.task.kind == TaskType::Multilabel);
        for clash in &found.clashes {
            let batch = &self.batches[index];
            let (first, second) = (batch.at[clash.first] as usize, batch.at[clash.second] as usize);
            let column = batch.label_column(clash.second);
            let (message, hint) = distinct::describe(&rows, *clash, self.source.line(first));
            let hint = if multilabel { r#"put all classes of a set into one cell: ["a","b"]"# } else { hint };
            self.fault(second, Some(column), Trouble::new(message).hinted(hint));
            self.refused_records.extend([first, second]);
        }
        let task = self.plan.tasks[index].map(|task| task.name.clone());
        let batch = &mut self.batches[index];
        let (at, mut lines) = (std::mem::take(&mut batch.at), std::mem::take(&mut batch.lines));
        if lines.len() < at.len() {
            let line = |at: &u32| u32::try_from(self.source.line(*at as usize)).unwrap_or(u32::MAX);
            lines = at.iter().map(line).collect();
        }
        if drop.is_empty() && self.refused_records.is_empty() {
            return (TaskRows { task, rows, lines, records: at }, 0);
        }
        let good =
            |row: &u32| !drop.contains(row) && !self.refused_records.contains(&(at[*row as usize] as usize));
        let kept: Vec<u32> = (0..rows.len() as u32).filter(good).collect();
        let of_kept = |values: &[u32]| kept.iter().map(|row| values[*row as usize]).collect();
        let (lines, records) = (of_kept(&lines), of_kept(&at));
        (TaskRows { task, rows: rows.take(&kept), lines, records }, found.repeated.len())
    }

    fn import(self, detected: String, batches: Vec<TaskRows>, repeated: usize) -> Import {
        let judged = self.plan.kind.is_judgement();
        let mut with_rows = BTreeSet::new();
        let mut abstentions = 0;
        for batch in &batches {
            if judged {
                let labelers = batch.rows.texts(col::LABELER).tally(0..batch.rows.len());
                with_rows.extend(labelers.into_keys().flatten().map(str::to_owned));
            }
            if has_label(self.plan.kind) {
                abstentions += batch.rows.texts(col::LABEL).iter().filter(Option::is_none).count();
            }
        }
        let labelers = self.people.kinds(|id| with_rows.contains(id));
        let mut notes = self.people.notes(&labelers);
        let counted = [
            (self.item_space.0, Note::ItemSpace(self.item_space.0, self.item_space.1)),
            (self.rounded.0, Note::RoundedIds(self.rounded.0, self.rounded.1)),
            (abstentions, Note::Abstentions(abstentions)),
            (repeated, Note::Repeated(repeated)),
        ];
        notes.extend(counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, note)| note));
        let refused = (self.refused.total > 0).then(|| {
            let records: Vec<usize> = self.refused_records.iter().copied().collect();
            let (file, extension) = self.source.extract(&records);
            let Refused { faults, total, .. } = self.refused;
            RefusedRows { faults, total, records: records.len(), file, extension }
        });
        Import {
            detected,
            columns: self.plan.describe(self.source.columns()),
            batches,
            labelers,
            pseudonyms: self.people.pseudonyms,
            records: self.records,
            repeated,
            notes,
            refused,
        }
    }
}
