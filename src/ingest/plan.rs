//! Which column means what: what `--map` says, then the names in [`super::ALIASES`], then the names of tasks.

use super::alias::{self, fold};
use super::cell::Source;
use super::error::RequestError;
use super::import::ColumnUse;
use super::options::{MapTo, Options};
use crate::base::text::did_you_mean;
use crate::record::{Kind, Task, col, schema};

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It fills the field at that position of the schema.
    Field(usize),
    /// It fills `duration_ms`, and is in seconds.
    Seconds,
    /// It says whether the labeler is a person.
    LabelerKind,
    /// It holds the label of the task at that position of [`Plan::tasks`].
    Label(usize),
    /// Wide form: it holds the labels by the labeler it is named after.
    Person,
    /// Items: it goes into the metadata under its name.
    Metadata,
    /// Nothing.
    NotKept,
}

/// Where everything is found.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub kind: Kind,
    /// The tasks of the batches; one without a task for items.
    pub tasks: Vec<Option<&'a Task>>,
    /// What each column is for.
    pub uses: Vec<Use>,
}

impl Plan<'_> {
    /// Returns the first column of that use.
    pub fn column(&self, wanted: Use) -> Option<usize> {
        self.uses.iter().position(|used| *used == wanted)
    }

    /// Returns the columns and what they mean, for people.
    pub fn describe(&self, columns: &[String]) -> Vec<ColumnUse> {
        let meaning = |used: &Use| match used {
            Use::Field(field) => Some(schema(self.kind)[*field].name.to_owned()),
            Use::Seconds => Some("duration_ms, from seconds".to_owned()),
            Use::LabelerKind => Some("labeler kind".to_owned()),
            Use::Label(task) => Some(match self.tasks[*task] {
                Some(task) => format!("label of task {}", task.name),
                None => "label".to_owned(),
            }),
            Use::Person => Some("labels by this labeler".to_owned()),
            Use::Metadata => Some("metadata".to_owned()),
            Use::NotKept => None,
        };
        let describe =
            |(column, used): (&String, &Use)| ColumnUse { column: column.clone(), meaning: meaning(used) };
        columns.iter().zip(&self.uses).map(describe).collect()
    }
}

/// Whether rows of `kind` have a label, rather than a correction's texts.
pub(super) fn has_label(kind: Kind) -> bool {
    kind.is_judgement() && kind != Kind::Corrections
}

/// Returns the position of a field of `kind` by its name.
pub(super) fn field(kind: Kind, name: &str) -> Option<usize> {
    schema(kind).iter().position(|field| field.name == name)
}

/// Finds the use of every column of `source`; `label_studio` when the columns are those of its flat exports.
pub(super) fn plan<'a>(
    source: &dyn Source,
    options: &'a Options<'a>,
    label_studio: bool,
) -> Result<Plan<'a>, RequestError> {
    let mut planner = Planner::new(source, options, label_studio);
    planner.mapped()?;
    planner.item()?;
    if options.kind.is_judgement() {
        planner.judgement()?;
    } else {
        planner.optional_fields()?;
        planner.tasks.push(None);
    }
    Ok(planner.finish())
}

struct Planner<'a, 's> {
    source: &'s dyn Source,
    options: &'a Options<'a>,
    label_studio: bool,
    columns: &'s [String],
    folded: Vec<String>,
    uses: Vec<Option<Use>>,
    tasks: Vec<Option<&'a Task>>,
    mapped_label: Option<usize>,
}

impl<'a, 's> Planner<'a, 's> {
    fn new(source: &'s dyn Source, options: &'a Options<'a>, label_studio: bool) -> Self {
        let columns = source.columns();
        Self {
            source,
            options,
            label_studio,
            columns,
            folded: columns.iter().map(|column| fold(column)).collect(),
            uses: vec![None; columns.len()],
            tasks: Vec::new(),
            mapped_label: None,
        }
    }

    /// Does what `--map` says.
    fn mapped(&mut self) -> Result<(), RequestError> {
        for mapping in self.options.map {
            let Some(column) = self.columns.iter().position(|column| *column == mapping.column) else {
                return Err(unknown_column(&mapping.column, self.columns));
            };
            if self.uses[column].is_some() {
                return Err(RequestError::MappedTwice {
                    what: format!("column `{}` a meaning", mapping.column),
                });
            }
            let used = match &mapping.to {
                MapTo::Ignore => Use::NotKept,
                MapTo::Task(name) => {
                    let task = find_task(self.options.tasks, name)?;
                    if self.tasks.iter().flatten().any(|other| other.name == task.name) {
                        return Err(RequestError::MappedTwice { what: format!("task `{name}` a column") });
                    }
                    self.tasks.push(Some(task));
                    Use::Label(self.tasks.len() - 1)
                }
                MapTo::Field(name) if name == "label" && has_label(self.options.kind) => {
                    if self.mapped_label.replace(column).is_some() {
                        return Err(RequestError::MappedTwice { what: "`label` a column".into() });
                    }
                    // Taken: `labels` says by which task.
                    Use::NotKept
                }
                MapTo::Field(name) => self.use_of(name)?,
            };
            if matches!(used, Use::Field(_) | Use::Seconds | Use::LabelerKind)
                && self.uses.contains(&Some(used))
            {
                return Err(RequestError::MappedTwice { what: format!("`{}` a column", mapping.to_field()) });
            }
            self.uses[column] = Some(used);
        }
        Ok(())
    }

    fn use_of(&self, name: &str) -> Result<Use, RequestError> {
        let kind = self.options.kind;
        match name {
            "duration_s" if kind.is_judgement() => return Ok(Use::Seconds),
            "labeler_kind" if kind.is_judgement() => return Ok(Use::LabelerKind),
            _ => {}
        }
        field(kind, name).map(Use::Field).ok_or_else(|| {
            let mut fields: Vec<String> = schema(kind).iter().map(|field| field.name.to_owned()).collect();
            if kind.is_judgement() {
                fields.extend(["duration_s".to_owned(), "labeler_kind".to_owned()]);
            }
            let near = did_you_mean(name, fields.iter().map(String::as_str)).map(str::to_owned);
            RequestError::UnknownField { field: name.to_owned(), kind: kind.as_str(), near, fields }
        })
    }

    /// Returns the column that `field`'s names find, among those without a use; of two, neither.
    fn find(&self, field: &str) -> Result<Option<usize>, RequestError> {
        self.find_in(field, alias::of(self.options.kind, field))
    }

    fn find_in(
        &self,
        field: &str,
        lines: impl Iterator<Item = &'static alias::Alias>,
    ) -> Result<Option<usize>, RequestError> {
        for alias in lines {
            let names: Vec<String> = alias.columns.iter().map(|name| fold(name)).collect();
            let found: Vec<usize> = (0..self.columns.len())
                .filter(|column| self.uses[*column].is_none() && names.contains(&self.folded[*column]))
                .collect();
            match found[..] {
                [] => {}
                [column] => return Ok(Some(column)),
                _ => return Err(self.ambiguous(field, &found)),
            }
        }
        Ok(None)
    }

    fn ambiguous(&self, field: &str, found: &[usize]) -> RequestError {
        let meaning = match field {
            "created_at" => "time of the judgement".to_owned(),
            "duration_ms" | "duration_s" => "time spent".to_owned(),
            name => name.replace('_', " "),
        };
        let columns = found.iter().map(|column| self.columns[*column].clone()).collect();
        RequestError::Ambiguous { meaning, field: field.to_owned(), columns }
    }

    fn has(&self, used: Use) -> bool {
        self.uses.contains(&Some(used))
    }

    fn exact(&self, name: &str) -> Option<usize> {
        (0..self.columns.len()).find(|column| self.uses[*column].is_none() && self.columns[*column] == name)
    }

    fn item(&mut self) -> Result<(), RequestError> {
        if self.has(Use::Field(col::ITEM)) {
            return Ok(());
        }
        let found = if self.label_studio { self.exact("id") } else { self.find("item")? };
        match found {
            Some(column) => self.uses[column] = Some(Use::Field(col::ITEM)),
            None => return Err(self.missing("which item is judged", "item")),
        }
        Ok(())
    }

    fn missing(&self, wants: &'static str, field: &str) -> RequestError {
        RequestError::NoColumn {
            wants,
            field: field.to_owned(),
            looked_for: alias::names(self.options.kind, field),
            columns: self.columns.to_vec(),
        }
    }

    fn judgement(&mut self) -> Result<(), RequestError> {
        if self.options.wide {
            return self.wide();
        }
        self.labeler_column()?;
        let labels = if has_label(self.options.kind) { self.labels() } else { self.correction() };
        labels?;
        if self.label_studio {
            self.label_studio_fields()
        } else {
            self.optional_fields()?
        }
        let labeler = self.uses.iter().position(|used| *used == Some(Use::Field(col::LABELER)));
        match (labeler, self.options.labeler) {
            (None, None) => Err(RequestError::NoLabeler {
                looked_for: alias::names(self.options.kind, "labeler"),
                gold: self.has_gold_label(),
            }),
            (Some(column), Some(_)) => {
                Err(RequestError::LabelerTwice { column: self.columns[column].clone() })
            }
            _ => Ok(()),
        }
    }

    fn labeler_column(&mut self) -> Result<(), RequestError> {
        if !self.has(Use::Field(col::LABELER)) {
            let found = if self.label_studio { self.exact("annotator") } else { self.find("labeler")? };
            if let Some(column) = found {
                self.uses[column] = Some(Use::Field(col::LABELER));
            }
        }
        Ok(())
    }

    fn has_gold_label(&self) -> bool {
        let gold = |name: &str| name.contains("gold") || name.contains("truth");
        self.uses
            .iter()
            .zip(&self.folded)
            .any(|(used, name)| matches!(used, Some(Use::Label(_))) && gold(name))
    }

    /// Finds the label columns, and with them the tasks.
    fn labels(&mut self) -> Result<(), RequestError> {
        if !self.tasks.is_empty() {
            return match self.mapped_label {
                Some(_) => Err(RequestError::MappedTwice { what: "a label, by task and without,".into() }),
                None => Ok(()),
            };
        }
        match chosen_task(self.options) {
            Ok(task) => {
                let column = self.label_of(task)?;
                self.label_is(column, task);
                Ok(())
            }
            // Columns named exactly like tasks leave no doubt, unless a `label` is there too.
            Err(error @ RequestError::WhichTask { .. }) if self.mapped_label.is_none() => {
                let named: Vec<_> = self
                    .options
                    .tasks
                    .iter()
                    .filter_map(|task| Some((self.exact(&task.name)?, task)))
                    .collect();
                let first_line = alias::of(self.options.kind, "label").take(1);
                if named.is_empty() || self.find_in("label", first_line)?.is_some() {
                    return Err(error);
                }
                named.into_iter().for_each(|(column, task)| self.label_is(column, task));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn label_is(&mut self, column: usize, task: &'a Task) {
        self.tasks.push(Some(task));
        self.uses[column] = Some(Use::Label(self.tasks.len() - 1));
    }

    fn label_of(&self, task: &'a Task) -> Result<usize, RequestError> {
        if let Some(column) = self.mapped_label {
            return Ok(column);
        }
        let named = self.exact(&task.name);
        if self.label_studio {
            let found = named.or_else(|| self.only_column_of_classes(task));
            return found
                .map_or_else(|| self.find("label")?.ok_or_else(|| self.missing("the label", "label")), Ok);
        }
        let first = self.find_in("label", alias::of(self.options.kind, "label").take(1))?;
        match (named, first) {
            (Some(named), Some(first)) if named != first => Err(self.ambiguous("label", &[named, first])),
            (Some(column), _) | (None, Some(column)) => Ok(column),
            (None, None) => self.find("label")?.ok_or_else(|| self.missing("the label", "label")),
        }
    }

    /// Returns the one column whose every value is a label of `task`, which only a list of classes can tell.
    fn only_column_of_classes(&self, task: &Task) -> Option<usize> {
        if !task.kind.has_classes() {
            return None;
        }
        let mut labels = super::labels::Labels::new(task);
        let mut open: Vec<bool> = self.uses.iter().map(Option::is_none).collect();
        let mut seen = vec![false; open.len()];
        self.source.visit(&mut |entry| {
            let super::cell::Entry::Record(_, record) = entry else { return };
            for column in 0..open.len() {
                let cell = record.cell(column);
                if open[column] && !matches!(cell, super::cell::Cell::Absent | super::cell::Cell::Null) {
                    seen[column] = true;
                    open[column] = labels.push(cell, &mut Default::default()).is_ok();
                }
            }
        });
        let mut fits = (0..open.len()).filter(|column| open[*column] && seen[*column]);
        let first = fits.next()?;
        fits.next().is_none().then_some(first)
    }

    fn correction(&mut self) -> Result<(), RequestError> {
        let task = chosen_task(self.options)?;
        self.tasks = vec![Some(task)];
        for name in ["original", "corrected", "verdict"] {
            self.optional(name)?;
        }
        let position = |name: &str| field(Kind::Corrections, name).map(Use::Field);
        if ["corrected", "verdict"].into_iter().filter_map(position).any(|used| self.has(used)) {
            return Ok(());
        }
        Err(self.missing("what the correct text is", "corrected"))
    }

    fn optional(&mut self, name: &str) -> Result<(), RequestError> {
        let used = self.use_of(name)?;
        let taken = self.has(used) || (used == Use::Seconds && self.has(Use::Field(col::DURATION_MS)));
        if !taken && let Some(column) = self.find(name)? {
            self.uses[column] = Some(used);
        }
        Ok(())
    }

    fn optional_fields(&mut self) -> Result<(), RequestError> {
        let kind = self.options.kind;
        let mut names: Vec<&str> = schema(kind).iter().skip(1).map(|field| field.name).collect();
        if kind.is_judgement() {
            names.extend(["duration_s", "labeler_kind"]);
        }
        names.retain(|name| !matches!(*name, "labeler" | "label"));
        names.into_iter().try_for_each(|name| self.optional(name))
    }

    /// The columns Label Studio adds to its flat exports; all others are data of the task.
    fn label_studio_fields(&mut self) {
        let time = self.exact("updated_at").or_else(|| self.exact("created_at"));
        for (column, used) in [
            (time, Use::Field(col::CREATED_AT)),
            (self.exact("annotation_id"), Use::Field(col::SOURCE_ID)),
            (self.exact("lead_time"), Use::Seconds),
        ] {
            if let Some(column) = column.filter(|_| !self.has(used)) {
                self.uses[column] = Some(used);
            }
        }
    }

    fn wide(&mut self) -> Result<(), RequestError> {
        self.tasks = vec![Some(chosen_task(self.options)?)];
        let named = |column: &usize| self.uses[*column].is_none() && !self.columns[*column].is_empty();
        let people: Vec<usize> = (0..self.columns.len()).filter(named).collect();
        let Some(first) = people.first() else {
            return Err(self.missing("what a labeler said", "item"));
        };
        if self.options.labeler.is_some() || self.has(Use::Field(col::LABELER)) {
            return Err(RequestError::LabelerTwice { column: self.columns[*first].clone() });
        }
        people.into_iter().for_each(|column| self.uses[column] = Some(Use::Person));
        Ok(())
    }

    fn finish(self) -> Plan<'a> {
        let items = self.options.kind == Kind::Items;
        let tool = |name: &str| {
            let own = ["annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"];
            self.label_studio && own.contains(&name)
        };
        let rest = |name: &String| {
            if items && !name.is_empty() && !tool(name) { Use::Metadata } else { Use::NotKept }
        };
        let uses = self
            .uses
            .iter()
            .zip(self.columns)
            .map(|(used, name)| used.unwrap_or_else(|| rest(name)))
            .collect();
        Plan { kind: self.options.kind, tasks: self.tasks, uses }
    }
}

pub(super) fn unknown_column(column: &str, columns: &[String]) -> RequestError {
    let near = did_you_mean(column, columns.iter().map(String::as_str)).map(str::to_owned);
    RequestError::UnknownColumn { column: column.to_owned(), near, columns: columns.to_vec() }
}

/// Returns the declared task of that name.
pub(super) fn find_task<'a>(tasks: &'a [Task], name: &str) -> Result<&'a Task, RequestError> {
    tasks.iter().find(|task| task.name == name).ok_or_else(|| {
        if tasks.is_empty() {
            return RequestError::NoTask;
        }
        let names: Vec<String> = tasks.iter().map(|task| task.name.clone()).collect();
        let near = did_you_mean(name, names.iter().map(String::as_str)).map(str::to_owned);
        RequestError::UnknownTask { task: name.to_owned(), near, tasks: names }
    })
}

/// Returns the chosen task, or the only one.
pub(super) fn chosen_task<'a>(options: &Options<'a>) -> Result<&'a Task, RequestError> {
    match (options.task, options.tasks) {
        (Some(name), tasks) => find_task(tasks, name),
        (None, []) => Err(RequestError::NoTask),
        (None, [task]) => Ok(task),
        (None, tasks) => {
            Err(RequestError::WhichTask { tasks: tasks.iter().map(|task| task.name.clone()).collect() })
        }
    }
}
