//! Label Studio's full JSON export: tasks with annotations → one record for each annotation and control.
//!
//! Read are annotations (before 1.0: completions) with their author, last change, id, time spent, the guess they were
//! made over and whether that was confirmed or changed. A cancelled annotation is an abstention. Drafts, reviews and
//! histories are not read.

mod answer;
mod assign;
mod document;
mod items;

use serde_json::{Map, Value};

use self::answer::Control;
use self::assign::assign;
use self::document::Document;
pub(super) use self::document::is_label_studio;
pub(super) use self::items::LabelStudioItems;
use super::cell::{Broken, Cell, Entry, MOST_COLUMNS, Record, Source};
use super::error::RequestError;
use super::import::{Import, Note};
use super::json::{Records, extract};
use super::options::{MapTo, Options};
use super::plan::{self, Plan, Use, has_label, unknown_column};
use super::text::Text;
use crate::record::{Task, col};

/// The columns every export has, and what they mean.
const FIXED: [(&str, Use); 8] = [
    ("id", Use::Field(col::ITEM)),
    ("annotations.completed_by", Use::Field(col::LABELER)),
    ("annotations.updated_at", Use::Field(col::CREATED_AT)),
    ("annotations.lead_time", Use::Seconds),
    ("annotations.id", Use::Field(col::SOURCE_ID)),
    ("result.origin", Use::Field(col::ORIGIN)),
    ("prediction", Use::Field(col::SHOWN)),
    ("prediction.model_version", Use::Field(col::SHOWN_BY)),
];

/// A Label Studio export.
pub(super) struct LabelStudio<'a> {
    text: &'a Text<'a>,
    records: &'a Records,
    columns: Vec<String>,
    entries: Vec<Result<Row, Broken>>,
    documents: Vec<Document>,
    /// For each task of the import, the column of its control.
    assigned: Vec<(usize, &'a Task)>,
    cancelled: usize,
    unanswered: usize,
    ground_truth: usize,
}

/// What one annotation says through one control.
struct Row {
    at: usize,
    document: usize,
    fixed: [Option<String>; FIXED.len()],
    control: usize,
    label: Value,
    data_from: usize,
    data: Vec<Value>,
}

impl Record for Row {
    fn cell(&self, column: usize) -> Cell<'_> {
        if let Some(fixed) = self.fixed.get(column) {
            return fixed.as_deref().map_or(Cell::Null, Cell::Text);
        }
        let value = match column.checked_sub(self.data_from) {
            Some(position) => self.data.get(position),
            None if column == self.control => Some(&self.label),
            None => return Cell::Absent,
        };
        match value {
            None | Some(Value::Null) => Cell::Null,
            Some(Value::String(text)) if text.is_empty() => Cell::Null,
            Some(Value::String(text)) => Cell::Text(text),
            Some(other) => Cell::Nested(other),
        }
    }
}

impl<'a> LabelStudio<'a> {
    /// Reads the export.
    pub fn new(
        text: &'a Text<'a>,
        records: &'a Records,
        options: &'a Options<'a>,
    ) -> Result<Self, RequestError> {
        if !has_label(options.kind) {
            return Err(RequestError::OtherTool {
                what: "a Label Studio export, which holds labels".into(),
                instead: "commit it without --kind".into(),
            });
        }
        let mut this = Self {
            text,
            records,
            columns: FIXED.iter().map(|(name, _)| (*name).to_owned()).collect(),
            entries: Vec::new(),
            documents: Vec::new(),
            assigned: Vec::new(),
            cancelled: 0,
            unanswered: 0,
            ground_truth: 0,
        };
        this.read_documents();
        let annotations = || this.documents.iter().flat_map(|document| &document.annotations);
        let named = |(_, annotation): &(usize, Map<String, Value>)| {
            annotation.get("completed_by").is_some_and(|by| !by.is_null())
        };
        if options.labeler.is_some() && annotations().next().is_some() && annotations().all(named) {
            return Err(RequestError::LabelerTwice { column: FIXED[1].0.to_owned() });
        }
        let controls = answer::controls(&this.documents);
        this.assigned = assign(&controls, options)?;
        this.columns.extend(controls.iter().map(|control| control.name.clone()));
        if controls.is_empty() {
            // Nothing but cancelled annotations: they abstain from the chosen task.
            this.columns.push("result".to_owned());
        }
        let data_from = this.columns.len();
        this.columns.extend(data_columns(&this.documents));
        this.read_annotations(&controls, data_from, options);
        Ok(this)
    }

    fn read_documents(&mut self) {
        for (range, fault) in &self.records.spans {
            let read = match fault {
                Some(fault) => {
                    let (at, message) = (fault.at, fault.message.clone());
                    Err(Broken { record: range.start, at, message, hint: None })
                }
                None => document::read(self.text, range.start),
            };
            match read {
                Ok(document) => self.documents.push(document),
                Err(broken) => self.entries.push(Err(broken)),
            }
        }
    }

    fn read_annotations(&mut self, controls: &[Control], data_from: usize, options: &Options<'_>) {
        let mapped_data = |column: &String| {
            let used = |mapping: &&super::Mapping| mapping.column == *column && mapping.to != MapTo::Ignore;
            options.map.iter().find(used).and_then(|_| column.strip_prefix("data.")).map(str::to_owned)
        };
        let data: Vec<Option<String>> = self.columns[data_from..].iter().map(mapped_data).collect();
        for (index, document) in self.documents.iter().enumerate() {
            for (at, annotation) in &document.annotations {
                let cancelled = ["was_cancelled", "skipped"].iter().any(|key| is_true(annotation, key));
                self.cancelled += usize::from(cancelled);
                self.ground_truth += usize::from(is_true(annotation, "ground_truth"));
                let mut answered = false;
                for (column, task) in &self.assigned {
                    let control = controls.get(column - FIXED.len());
                    let mut fixed = fixed_cells(document, annotation, options);
                    let Some(label) = judged(document, annotation, control, task, cancelled, &mut fixed)
                    else {
                        continue;
                    };
                    answered = true;
                    let known = |key: &Option<String>| key.as_ref().and_then(|key| document.data.get(key));
                    let data = data.iter().map(|key| known(key).map_or(Value::Null, plain)).collect();
                    let row =
                        Row { at: *at, document: index, fixed, control: *column, label, data_from, data };
                    self.entries.push(Ok(row));
                }
                self.unanswered += usize::from(!answered);
            }
        }
    }

    /// Says what each column means.
    pub fn plan(&self, options: &'a Options<'a>) -> Result<Plan<'a>, RequestError> {
        let mut uses = vec![Use::NotKept; self.columns.len()];
        for (used, (_, meaning)) in uses.iter_mut().zip(FIXED) {
            *used = meaning;
        }
        for (position, (column, _)) in self.assigned.iter().enumerate() {
            uses[*column] = Use::Label(position);
        }
        for mapping in options.map {
            let Some(column) = self.columns.iter().position(|column| *column == mapping.column) else {
                return Err(unknown_column(&mapping.column, &self.columns));
            };
            match &mapping.to {
                MapTo::Ignore => uses[column] = Use::NotKept,
                MapTo::Field(name) if name != "label" => {
                    let Some(field) = plan::field(options.kind, name) else {
                        return Err(RequestError::UnknownField {
                            field: name.clone(),
                            kind: options.kind.as_str(),
                            near: None,
                            fields: crate::record::schema(options.kind)
                                .iter()
                                .map(|f| f.name.to_owned())
                                .collect(),
                        });
                    };
                    uses.iter_mut()
                        .filter(|used| **used == Use::Field(field))
                        .for_each(|used| *used = Use::NotKept);
                    uses[column] = Use::Field(field);
                }
                MapTo::Field(_) | MapTo::Task(_) => {}
            }
        }
        let tasks = self.assigned.iter().map(|(_, task)| Some(*task)).collect();
        Ok(Plan { kind: options.kind, tasks, uses })
    }

    /// Adds what only this format knows.
    pub fn finish(&self, import: &mut Import) {
        let counted = [
            (self.cancelled, Note::Cancelled(self.cancelled)),
            (self.unanswered, Note::Unanswered(self.unanswered)),
            (self.ground_truth, Note::GroundTruth(self.ground_truth)),
        ];
        import.notes.retain(|note| !matches!(note, Note::Abstentions(_)));
        import.notes.extend(counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, note)| note));
    }
}

/// Returns what an annotation says of a task, with the guess it was made over put into `fixed`.
fn judged(
    document: &Document,
    annotation: &Map<String, Value>,
    control: Option<&Control>,
    task: &Task,
    cancelled: bool,
    fixed: &mut [Option<String>; FIXED.len()],
) -> Option<Value> {
    let guess = answer::prediction(document, annotation);
    if let (Some(guess), Some(control)) = (guess, control)
        && let Some((values, _)) = answer::answer(guess, control)
    {
        fixed[6] = Some(answer::guess(task, &values));
        fixed[7] = guess.get("model_version").and_then(text_of);
    }
    if cancelled {
        return Some(Value::Null);
    }
    let (values, origin) = answer::answer(annotation, control?)?;
    fixed[5] = origin.map(|origin| origin.as_str().to_owned());
    Some(Value::Array(values))
}

/// Returns `data.X` for every key of the tasks' data, in the order of the file.
fn data_columns(documents: &[Document]) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    let keys = documents.iter().flat_map(|document| document.data.keys());
    keys.filter(|key| seen.insert(*key)).take(MOST_COLUMNS).map(|key| format!("data.{key}")).collect()
}

fn fixed_cells(
    document: &Document,
    annotation: &Map<String, Value>,
    options: &Options<'_>,
) -> [Option<String>; FIXED.len()] {
    let get = |key: &str| annotation.get(key).and_then(text_of);
    let labeler = annotation.get("completed_by").and_then(|by| person(by, options));
    // The last change of the judgement is its time.
    let time = get("updated_at").or_else(|| get("created_at"));
    [
        text_of(&document.id),
        labeler.or_else(|| options.labeler.map(str::to_owned)),
        time,
        get("lead_time"),
        get("id"),
        None,
        None,
        None,
    ]
}

/// Returns the name of who made an annotation: the alias that is known, else the address, else the number.
fn person(by: &Value, options: &Options<'_>) -> Option<String> {
    let Value::Object(person) = by else { return text_of(by) };
    let names: Vec<String> =
        ["email", "id", "username"].iter().filter_map(|key| person.get(*key).and_then(text_of)).collect();
    names.iter().find(|name| options.aliases.contains_key(*name)).or(names.first()).cloned()
}

/// Returns a text or number as text; nothing when it is empty or something else.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns numbers and the like as text, as ids and fields want them.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => value.to_string().into(),
        other => other.clone(),
    }
}

fn is_true(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key).and_then(Value::as_bool).unwrap_or(false)
}

impl Source for LabelStudio<'_> {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn visit(&self, each: &mut dyn FnMut(Entry<'_>)) {
        for entry in &self.entries {
            match entry {
                Ok(row) => each(Entry::Record(row.at, row)),
                Err(broken) => each(Entry::Broken(broken.clone())),
            }
        }
    }

    fn place(&self, at: usize) -> (usize, usize) {
        self.text.place(at)
    }

    fn line(&self, record: usize) -> usize {
        self.text.line(record)
    }

    /// The annotation's own place: its values are too deep to be kept track of.
    fn cell_place(&self, record: usize, _column: usize) -> (usize, usize) {
        self.text.place(record)
    }

    /// Whole tasks: what a refused annotation was made on.
    fn extract(&self, records: &[usize]) -> (Vec<u8>, &'static str) {
        // Rows are in the order of the file.
        let rows: Vec<&Row> = self.entries.iter().flatten().collect();
        let task_of = |at: &usize| {
            let row = rows.binary_search_by_key(at, |row| row.at);
            row.map_or(*at, |row| self.documents[rows[row].document].at)
        };
        let mut starts: Vec<usize> = records.iter().map(task_of).collect();
        starts.dedup();
        (extract(self.text.text, self.records, &starts), "jsonl")
    }
}
