//! Records → rows: every cell read and checked, every fault kept with its place.

mod batch;
mod finish;
mod parts;
mod side_by_side;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Map;

use self::batch::{Batch, Fields, MOST_FIELDS, NewRow};
use self::parts::{collect_metadata, default_verdict, is_rounded, kind_of_labeler, put_metadata, tally};
use super::cell::{Cell, Entry, Record, Source};
use super::error::{Error, Fault, Refused, quoted};
use super::import::Import;
use super::labels::read_label;
use super::options::Options;
use super::people::People;
use super::plan::{Plan, Use, has_label};
use super::values::{self, Staged, Trouble};
use crate::record::{Kind, LabelError, LabelerKind, Origin, TaskType, check_item, col, schema};

/// More text than this in the rows of one file is not read in one go.
const MOST_TEXT: usize = 3 << 30;

/// Reads all of `source` under `plan`.
pub(super) fn collect(
    source: &dyn Source,
    plan: &Plan<'_>,
    options: &Options<'_>,
    detected: String,
) -> Result<Import, Error> {
    if let Some(collector) = side_by_side::collect(source, plan, options) {
        return collector.finish(detected);
    }
    let mut collector = Collector::new(source, plan, options);
    source.visit(&mut |entry| collector.entry(entry));
    collector.finish(detected)
}

/// The cell a label stands in, if the row has one.
struct LabelCell<'r> {
    at: usize,
    column: usize,
    cell: Option<Cell<'r>>,
}

fn text_bytes(fields: &Fields<'_>) -> usize {
    fields.iter().map(|value| if let Staged::Text(text) = value { text.len() } else { 0 }).sum()
}

struct Collector<'p> {
    source: &'p dyn Source,
    plan: &'p Plan<'p>,
    options: &'p Options<'p>,
    /// The columns of fields, without item, labeler and label.
    fields: Vec<(usize, Use)>,
    /// The fields of a record that says nothing of them.
    unsaid: Rc<Fields<'static>>,
    item_column: Option<usize>,
    labeler_column: Option<usize>,
    /// The columns of labels with their batch.
    label_columns: Vec<(usize, usize)>,
    people: People<'p>,
    people_of_columns: Vec<usize>,
    batches: Vec<Batch<'p>>,
    refused: Refused,
    refused_records: BTreeSet<usize>,
    /// Labels that are a class but for case or space: the faults of each.
    misspelt: BTreeMap<(usize, String, String), Vec<usize>>,
    records: usize,
    /// The line of the record at hand, where reading counts lines.
    line: Option<u32>,
    /// Whether faults are only counted: the file will be read again for their words.
    quiet: bool,
    /// Rows of each batch before the record at hand.
    marks: Vec<usize>,
    text_bytes: usize,
    item_space: (usize, String),
    rounded: (usize, String),
}

impl<'p> Collector<'p> {
    fn new(source: &'p dyn Source, plan: &'p Plan<'p>, options: &'p Options<'p>) -> Self {
        let judged = plan.kind.is_judgement();
        let special =
            |used: &Use| *used == Use::Field(col::ITEM) || (judged && *used == Use::Field(col::LABELER));
        let field =
            |used: &Use| matches!(used, Use::Field(_) | Use::Seconds | Use::LabelerKind | Use::Metadata);
        let uses = || plan.uses.iter().copied().enumerate();
        let label = |(column, used)| match used {
            Use::Label(batch) => Some((column, batch)),
            Use::Person => Some((column, 0)),
            _ => None,
        };
        Self {
            source,
            plan,
            options,
            fields: uses().filter(|(_, used)| field(used) && !special(used)).collect(),
            unsaid: Rc::new([const { Staged::Null }; MOST_FIELDS]),
            item_column: plan.column(Use::Field(col::ITEM)),
            labeler_column: plan.column(Use::Field(col::LABELER)).filter(|_| judged),
            label_columns: uses().filter_map(label).collect(),
            people: People::new(options),
            people_of_columns: Vec::new(),
            batches: (0..plan.tasks.len()).map(|index| Batch::new(plan, index)).collect(),
            refused: Refused::default(),
            refused_records: BTreeSet::new(),
            misspelt: BTreeMap::new(),
            records: 0,
            line: None,
            quiet: false,
            marks: Vec::new(),
            text_bytes: 0,
            item_space: Default::default(),
            rounded: Default::default(),
        }
    }

    fn entry(&mut self, entry: Entry<'_>) {
        self.records += 1;
        match entry {
            Entry::Record(at, record) => {
                let before = self.refused.total;
                self.marks.clear();
                self.marks.extend(self.batches.iter().map(Batch::len));
                self.record(at, record);
                let asked = self.options.refuse.zip(u32::try_from(at).ok());
                if let Some(fault) = asked.and_then(|(refused, at)| refused.get(&at)) {
                    self.refused.push(fault.clone());
                }
                if self.refused.total > before {
                    self.refused_records.insert(at);
                    for (batch, start) in self.batches.iter_mut().zip(&self.marks) {
                        batch.bad.extend(*start as u32..batch.len() as u32);
                    }
                }
            }
            Entry::Broken(broken) => {
                let mut fault = Fault::new(self.source.place(broken.at), broken.message);
                fault.hint = broken.hint.map(str::to_owned);
                self.refused.push(fault);
                self.refused_records.insert(broken.record);
            }
        }
    }

    fn fault(&mut self, at: usize, column: Option<usize>, trouble: Trouble) {
        if self.quiet || self.refused.total >= Refused::KEPT {
            self.refused.total += 1;
            return;
        }
        let place = match column {
            Some(column) => self.source.cell_place(at, column),
            None => self.source.place(at),
        };
        self.fault_at(place, trouble);
    }

    fn fault_at(&mut self, (line, column): (usize, usize), trouble: Trouble) {
        debug_assert!(!self.quiet, "places are told when the file is read again");
        self.refused.push(Fault { line, column, message: trouble.message, hint: trouble.hint });
    }

    fn record(&mut self, at: usize, record: &dyn Record) {
        if self.fields.is_empty() && has_label(self.plan.kind) {
            let (item, none) = (self.item(at, record), Rc::clone(&self.unsaid));
            return self.labelled(at, record, &item, &none, None);
        }
        let mut staged: Fields<'_> = std::array::from_fn(|_| Staged::Null);
        let mut labeler_kind = None;
        let mut metadata = Map::new();
        for index in 0..self.fields.len() {
            let (column, used) = self.fields[index];
            let cell = record.cell(column);
            let read = match used {
                Use::Field(field) => {
                    values::read(&schema(self.plan.kind)[field], cell).map(|value| (field, value))
                }
                Use::Seconds => values::seconds(&schema(self.plan.kind)[col::DURATION_MS], cell)
                    .map(|ms| (col::DURATION_MS, ms)),
                Use::LabelerKind => match kind_of_labeler(cell) {
                    Ok(kind) => {
                        labeler_kind = kind;
                        continue;
                    }
                    Err(trouble) => Err(trouble),
                },
                _ => {
                    collect_metadata(&mut metadata, &self.source.columns()[column], cell);
                    continue;
                }
            };
            match read {
                Ok((field, value)) => staged[field] = value,
                Err(mut trouble) => {
                    if used == Use::Field(col::CREATED_AT)
                        && self.plan.kind.is_judgement()
                        && trouble.hint.is_none()
                    {
                        let name = quoted(&self.source.columns()[column]);
                        trouble.hint =
                            Some(format!("if the column is no time, ignore it with --map {name}=-"));
                    }
                    self.fault(at, Some(column), trouble);
                }
            }
        }
        let item = self.item(at, record);
        if self.plan.kind.is_judgement() {
            self.judgements(at, record, &item, &mut staged, labeler_kind);
        } else {
            put_metadata(&mut staged, metadata);
            self.push(0, None, &item, &staged, LabelCell { at, column: 0, cell: None });
        }
    }

    /// Reads the item id; an empty one after a fault.
    fn item<'r>(&mut self, at: usize, record: &'r dyn Record) -> Cow<'r, str> {
        let Some(column) = self.item_column else { return "".into() };
        let read = values::id("item", record.cell(column)).and_then(|id| match check_item(&id) {
            Ok(()) => Ok(id),
            Err(error) => Err(Trouble::new(error.to_string())),
        });
        match read {
            Ok(id) => {
                if id.trim() != id {
                    tally(&mut self.item_space, &id);
                }
                if is_rounded(&id) {
                    tally(&mut self.rounded, &id);
                }
                id
            }
            Err(trouble) => {
                self.fault(at, Some(column), trouble);
                "".into()
            }
        }
    }

    fn judgements(
        &mut self,
        at: usize,
        record: &dyn Record,
        item: &str,
        staged: &mut Fields<'_>,
        kind: Option<LabelerKind>,
    ) {
        if staged[col::ORIGIN] == Staged::Null {
            staged[col::ORIGIN] = Staged::Text(self.unsaid_origin().into());
        }
        self.shown_by(at, staged);
        if self.plan.kind == Kind::Corrections {
            self.corrected_labels(at, staged);
            default_verdict(staged);
            let person = self.labeler(at, record, kind);
            self.push(0, person, item, staged, LabelCell { at, column: 0, cell: None });
            return;
        }
        self.labelled(at, record, item, staged, kind);
    }

    fn labelled(
        &mut self,
        at: usize,
        record: &dyn Record,
        item: &str,
        staged: &Fields<'_>,
        kind: Option<LabelerKind>,
    ) {
        let wide = self.options.wide;
        if wide && self.people_of_columns.is_empty() {
            self.people_of_columns = self
                .label_columns
                .iter()
                .map(|(column, _)| self.people.resolve(&self.source.columns()[*column]))
                .collect();
        }
        let person = if wide { None } else { self.labeler(at, record, kind) };
        let several = self.label_columns.len() > 1;
        for index in 0..self.label_columns.len() {
            let (column, batch) = self.label_columns[index];
            let cell = record.cell(column);
            let empty = matches!(cell, Cell::Absent | Cell::Null);
            // In wide form an empty cell is a labeler who was not asked.
            if (wide && empty) || (several && matches!(cell, Cell::Absent)) {
                continue;
            }
            let person =
                if wide { self.judge(self.people_of_columns[index], at, Some(column)) } else { person };
            self.push(batch, person, item, staged, LabelCell { at, column, cell: Some(cell) });
        }
    }

    /// Returns the origin of rows that give none.
    fn unsaid_origin(&self) -> &'static str {
        let unsaid =
            if self.plan.kind == Kind::Adjudications { Origin::Adjudicated } else { Origin::Unknown };
        self.options.origin.unwrap_or(unsaid).as_str()
    }

    /// Whose guess was shown goes by the same names as labelers do.
    /// Writes what a correction of a task of labels says as the task's labels are written. What a machine said may be no
    /// label of the task; what is put in its place must be one.
    fn corrected_labels(&mut self, at: usize, staged: &mut Fields<'_>) {
        let task = self.plan.tasks.first().copied().flatten();
        let Some(task) = task.filter(|task| task.kind != TaskType::Text) else { return };
        for (field, strict) in [(col::ORIGINAL, false), (col::CORRECTED, true)] {
            let Staged::Text(given) = &staged[field] else { continue };
            match read_label(task, given) {
                Ok(Some(label)) => staged[field] = Staged::Text(label.into()),
                Ok(None) => staged[field] = Staged::Null,
                Err(error) if strict => {
                    let column = self.plan.column(Use::Field(field));
                    self.fault(at, column, Trouble::new(error.to_string()));
                }
                Err(_) => {}
            }
        }
    }

    fn shown_by(&mut self, at: usize, staged: &mut Fields<'_>) {
        let Staged::Text(given) = &staged[col::SHOWN_BY] else { return };
        let position = self.people.resolve(given);
        let person = &self.people.list[position];
        if person.trouble.is_some() {
            let column = self.plan.column(Use::Field(col::SHOWN_BY));
            self.judge(position, at, column);
            return;
        }
        staged[col::SHOWN_BY] = Staged::Text(person.id.clone().into());
    }

    fn labeler(&mut self, at: usize, record: &dyn Record, kind: Option<LabelerKind>) -> Option<usize> {
        let cell = self.labeler_column.map(|column| record.cell(column));
        let position = match (cell, self.options.labeler) {
            (None | Some(Cell::Null | Cell::Absent), Some(labeler)) => Ok(self.people.resolve(labeler)),
            (None, None) => return None,
            (Some(cell), _) => values::id("labeler", cell).map(|id| self.people.resolve(&id)),
        };
        let position = match position {
            Ok(position) => position,
            Err(trouble) => {
                self.fault(at, self.labeler_column, trouble);
                return None;
            }
        };
        if let Some(Err(trouble)) = kind.map(|kind| self.people.set_kind(position, kind)) {
            self.fault(at, self.plan.column(Use::LabelerKind), trouble);
        }
        self.judge(position, at, self.labeler_column)
    }

    /// Returns the labeler unless refused: one refused is reported once, and all rows by them are left out.
    fn judge(&mut self, position: usize, at: usize, column: Option<usize>) -> Option<usize> {
        let person = &mut self.people.list[position];
        let Some(trouble) = &person.trouble else { return Some(position) };
        person.rows += 1;
        if person.reported.is_none() {
            person.reported = Some(self.refused.faults.len());
            let trouble = trouble.clone();
            // In wide form it is the header that names them.
            match column
                .filter(|_| self.options.wide && !self.quiet)
                .and_then(|column| self.source.header_place(column))
            {
                Some(place) => self.fault_at(place, trouble),
                None => self.fault(at, column, trouble),
            }
        } else {
            self.refused_records.insert(at);
        }
        None
    }

    /// Adds a row to a batch; `label` is the cell its label stands in.
    fn push(
        &mut self,
        batch: usize,
        person: Option<usize>,
        item: &str,
        fields: &Fields<'_>,
        label: LabelCell<'_>,
    ) {
        let fields_bytes = if self.fields.is_empty() { 0 } else { text_bytes(fields) };
        let person = person.map(|position| &self.people.list[position]);
        self.text_bytes += item.len() + person.map_or(0, |person| person.id.len()) + fields_bytes;
        let LabelCell { at, column, cell } = label;
        if self.text_bytes > MOST_TEXT {
            let trouble = Trouble::new("more than 3 GiB of text").hinted("split the file into several");
            return self.fault(at, None, trouble);
        }
        let row = NewRow {
            at,
            column,
            item,
            labeler: person.map(|person| person.id.as_str()),
            line: self.line,
            fields,
            label: cell,
        };
        let pushed = self.batches[batch].push(&row);
        match pushed {
            Err(error) => self.bad_label(batch, at, column, error),
            Ok(())
                if cell.is_some()
                    && self.batches[batch].last_label().is_some_and(|label| label.contains('\0')) =>
            {
                self.fault(at, Some(column), Trouble::new("the label holds a NUL character"));
            }
            Ok(()) => {}
        }
    }

    fn bad_label(&mut self, batch: usize, at: usize, column: usize, error: LabelError) {
        let message = error.to_string();
        let kept = self.refused.faults.len();
        if let LabelError::UnknownClass { label, near: Some(near), .. } = error
            && kept < Refused::KEPT
            && label.trim().to_lowercase() == near.to_lowercase()
        {
            self.misspelt.entry((batch, label, near)).or_default().push(kept);
        }
        self.fault(at, Some(column), Trouble::new(message));
    }
}
