//! What the command line says of a file.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::error::{Fault, RequestError};
use crate::record::{Kind, LabelerKind, Origin, Task};

/// What is said of a file beside its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Its name, whose ending hints at the format; `-` for standard input.
    pub file: &'a str,
    /// Its format; detected from the content when not given.
    pub format: Option<Format>,
    /// What its rows are: labels, corrections, adjudications, predictions or items.
    pub kind: Kind,
    /// What its columns mean, where names do not tell.
    pub map: &'a [Mapping],
    /// The declared tasks.
    pub tasks: &'a [Task],
    /// The chosen task; not needed where there is one only, or where columns are mapped to tasks.
    pub task: Option<&'a str>,
    /// Whether there is one column a labeler. There an empty cell is no judgement; in long form it is an abstention.
    pub wide: bool,
    /// Who judged, in a file that does not say.
    pub labeler: Option<&'a str>,
    /// What the file's labelers are; people when not given.
    pub labeler_kind: Option<LabelerKind>,
    /// Other names of labelers: alias → id.
    pub aliases: &'a BTreeMap<String, String>,
    /// The origin of rows that give none; `unknown` when not given (`adjudicated` for adjudications).
    pub origin: Option<Origin>,
    /// What happens to labelers named by an e-mail address.
    pub personal_ids: PersonalIds<'a>,
    /// Whether faulty rows are left out instead of refusing the file.
    pub skip_bad: bool,
    /// Faults that the caller found in records which the file alone does not show to be faulty, by number
    /// ([`super::TaskRows::records`]): a labeler who is suspended, a guideline that is not known.
    pub refuse: Option<&'a BTreeMap<u32, Fault>>,
}

impl<'a> Options<'a> {
    /// Returns the options of a plain `hitl commit FILE`: labels, everything detected, e-mail addresses refused.
    pub fn new(file: &'a str, tasks: &'a [Task], aliases: &'a BTreeMap<String, String>) -> Self {
        Self {
            file,
            format: None,
            kind: Kind::Labels,
            map: &[],
            tasks,
            task: None,
            wide: false,
            labeler: None,
            labeler_kind: None,
            aliases,
            origin: None,
            personal_ids: PersonalIds::Refuse,
            skip_bad: false,
            refuse: None,
        }
    }
}

/// What happens to labelers named by an e-mail address that is no alias.
#[derive(Clone, Copy)]
pub enum PersonalIds<'a> {
    /// Their rows are faults.
    Refuse,
    /// They are kept.
    Allow,
    /// They are replaced.
    Pseudonymize {
        /// Addresses that have a pseudonym already.
        known: &'a BTreeMap<String, String>,
        /// Proposes one for an address that has none.
        new: &'a (dyn Fn(&str) -> String + Sync),
    },
}

impl fmt::Debug for PersonalIds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refuse => "Refuse",
            Self::Allow => "Allow",
            Self::Pseudonymize { .. } => "Pseudonymize",
        })
    }
}

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Fields parted by `,`, `;`, `|` or tabs; which one the header tells.
    Csv,
    /// Fields parted by tabs.
    Tsv,
    /// A list of objects, or an object that holds one.
    Json,
    /// One object a line.
    Jsonl,
    /// Label Studio's full JSON export. Its JSON_MIN, CSV and TSV exports are told by their columns.
    LabelStudio,
    /// Parquet: the caller reads it and hands over a [`super::Table`].
    Parquet,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] =
        &[Self::Csv, Self::Tsv, Self::Json, Self::Jsonl, Self::LabelStudio, Self::Parquet];

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::LabelStudio => "label-studio",
            Self::Parquet => "parquet",
        }
    }
}

impl FromStr for Format {
    type Err = crate::record::UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|format| format.as_str() == word).ok_or_else(|| Self::Err {
            what: "format",
            word: word.to_owned(),
            known: Self::ALL.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

/// What one column means, as `--map` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The column, as the file names it.
    pub column: String,
    /// Its meaning.
    pub to: MapTo,
}

/// The right side of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MapTo {
    /// A field of the rows: `item`, `labeler`, `label`, `created_at` …
    Field(String),
    /// The label of a task.
    Task(String),
    /// Nothing: the column is not read.
    Ignore,
}

impl FromStr for Mapping {
    type Err = RequestError;

    /// Reads `COLUMN=FIELD`, `COLUMN=-`, and `COLUMN=task:NAME`, which may also be written `task:NAME=COLUMN`.
    fn from_str(given: &str) -> Result<Self, RequestError> {
        let refuse = || RequestError::NotAMapping { given: given.to_owned() };
        let task_first = given.strip_prefix("task:").and_then(|rest| rest.split_once('='));
        if let Some((task, column)) = task_first.filter(|(_, column)| !column.starts_with("task:")) {
            if task.is_empty() || column.is_empty() {
                return Err(refuse());
            }
            return Ok(Self { column: column.to_owned(), to: MapTo::Task(task.to_owned()) });
        }
        // A column's name may hold `=`; a field's never does.
        let (column, to) = given.rsplit_once('=').ok_or_else(refuse)?;
        if column.is_empty() || to.is_empty() || to == "task:" {
            return Err(refuse());
        }
        let to = match (to, to.strip_prefix("task:")) {
            ("-", _) => MapTo::Ignore,
            (_, Some(task)) => MapTo::Task(task.to_owned()),
            (field, None) => MapTo::Field(field.to_owned()),
        };
        Ok(Self { column: column.to_owned(), to })
    }
}

impl Mapping {
    /// Returns the right side, as it is written.
    pub(super) fn to_field(&self) -> String {
        match &self.to {
            MapTo::Field(field) => field.clone(),
            MapTo::Task(task) => format!("task:{task}"),
            MapTo::Ignore => "-".to_owned(),
        }
    }
}

impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.column, self.to_field())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_read_in_both_orders() {
        let task = |name: &str| MapTo::Task(name.into());
        let field = |name: &str| MapTo::Field(name.into());
        for (given, column, to) in [
            ("Worker ID=labeler", "Worker ID", field("labeler")),
            ("a=b=label", "a=b", field("label")),
            ("notes=-", "notes", MapTo::Ignore),
            ("task:clarity=c", "c", task("clarity")),
            ("c=task:clarity", "c", task("clarity")),
            ("task:x=task:clarity", "task:x", task("clarity")),
        ] {
            assert_eq!(given.parse(), Ok(Mapping { column: column.into(), to }), "{given}");
        }
        for given in ["", "label", "=label", "label=", "task:=c", "task:t=", "c=task:"] {
            assert!(given.parse::<Mapping>().is_err(), "{given}");
        }
    }
}
