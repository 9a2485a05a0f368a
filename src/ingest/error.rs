//! What can be wrong: with the request, or with the file.

use std::fmt;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request has to change: another option, another export.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The file has to change.
    #[error(transparent)]
    Data(#[from] Refused),
}

/// A request that cannot be carried out on this file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Two columns could have one meaning.
    #[error("columns {} could each be the {meaning}; say which with --map {}={field}", ticked(columns), quoted(&columns[0]))]
    Ambiguous {
        /// What both could mean.
        meaning: String,
        /// The field as `--map` names it.
        field: String,
        /// The columns.
        columns: Vec<String>,
    },
    /// No column has a meaning that is needed.
    #[error(
        "no column says {wants} (looked for {}); the columns are {}; name it with --map COLUMN={field}",
        some(looked_for),
        ticked(columns)
    )]
    NoColumn {
        /// What is needed, in words: `which item is judged`.
        wants: &'static str,
        /// The field as `--map` names it.
        field: String,
        /// The names that would have been understood.
        looked_for: Vec<String>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// Nobody is named as the labeler.
    #[error("no column says who judged (looked for {}); name it with --map COLUMN=labeler, or give --labeler NAME when all rows are by one{}", some(looked_for), if *gold { ": for known truth, --labeler gold --labeler-kind gold" } else { "" })]
    NoLabeler {
        /// The names that would have been understood.
        looked_for: Vec<String>,
        /// Whether the label column is named as known truth is.
        gold: bool,
    },
    /// `--labeler` on a file that names its labelers.
    #[error(
        "--labeler names one labeler, but column `{column}` says who judged; drop --labeler, or ignore the column with --map {}=-",
        quoted(column)
    )]
    LabelerTwice {
        /// The column that names labelers.
        column: String,
    },
    /// `--map` names a column the file does not have.
    #[error("there is no column `{column}`{}", near.as_ref().map_or_else(|| format!("; the columns are {}", ticked(columns)), |near| format!("; did you mean `{near}`?")))]
    UnknownColumn {
        /// The column as given.
        column: String,
        /// The column most likely meant.
        near: Option<String>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// `--map` names a field that rows of this kind do not have.
    #[error("`{field}` is no field of {kind}{}", near.as_ref().map_or_else(|| format!("; the fields are {}", ticked(fields)), |near| format!("; did you mean `{near}`?")))]
    UnknownField {
        /// The field as given.
        field: String,
        /// The kind of rows.
        kind: &'static str,
        /// The field most likely meant.
        near: Option<String>,
        /// The fields there are.
        fields: Vec<String>,
    },
    /// `--map` gives one column two meanings, or two columns one.
    #[error("--map gives {what} twice")]
    MappedTwice {
        /// The column or field, in words.
        what: String,
    },
    /// A `--map` that is not `COLUMN=FIELD`.
    #[error("`{given}` is no mapping: write COLUMN=FIELD, task:NAME=COLUMN, or COLUMN=- to ignore a column")]
    NotAMapping {
        /// The mapping as given.
        given: String,
    },
    /// No task is declared.
    #[error("no task is declared in hitl.yaml, so nothing says which labels are valid")]
    NoTask,
    /// Several tasks are declared and none chosen.
    #[error("which task? hitl.yaml declares {}: choose one with --task, or map columns with --map task:{}=COLUMN", ticked(tasks), tasks[0])]
    WhichTask {
        /// The declared tasks.
        tasks: Vec<String>,
    },
    /// A task that is not declared.
    #[error("there is no task `{task}`{}", near.as_ref().map_or_else(|| format!("; hitl.yaml declares {}", ticked(tasks)), |near| format!("; did you mean `{near}`?")))]
    UnknownTask {
        /// The task as given.
        task: String,
        /// The task most likely meant.
        near: Option<String>,
        /// The declared tasks.
        tasks: Vec<String>,
    },
    /// The file is the export of a tool that is not read as it is.
    #[error("this is {what}; {instead}")]
    OtherTool {
        /// The tool and its format.
        what: String,
        /// What to export instead, or which columns to map.
        instead: String,
    },
    /// Label Studio controls that are not read.
    #[error("Label Studio {} not read yet: {}; read are choices, rating, number, textarea and pairwise", if controls.len() == 1 { "control" } else { "controls" }, ticked(controls))]
    ControlNotRead {
        /// Each as `name (type)`.
        controls: Vec<String>,
    },
    /// Several Label Studio controls, none named like a task.
    #[error("which control holds the label of task `{task}`? The file has {}: say so with --map task:{task}={}", ticked(controls), quoted(&controls[0]))]
    WhichControl {
        /// The task.
        task: String,
        /// The names of the controls.
        controls: Vec<String>,
    },
    /// Parquet, which is read as a table.
    #[error("this is Parquet, which is read as a table")]
    Parquet,
    /// Rows of this kind are not read from files.
    #[error(
        "{kind} are not read from files; read are labels, corrections, adjudications, predictions and items"
    )]
    KindNotRead {
        /// The kind.
        kind: &'static str,
    },
}

/// Returns names in backticks, parted by commas.
pub(super) fn ticked<S: AsRef<str>>(names: &[S]) -> String {
    at_most(12, names)
}

/// Returns the first few names in backticks, parted by commas.
fn some(names: &[String]) -> String {
    at_most(5, names)
}

fn at_most<S: AsRef<str>>(most: usize, names: &[S]) -> String {
    const LONGEST: usize = 40;
    let tick = |name: &S| {
        let start: String = name.as_ref().chars().take(LONGEST).collect();
        let dots = if start.len() < name.as_ref().len() { "…" } else { "" };
        format!("`{start}{dots}`")
    };
    let mut out: Vec<String> = names.iter().take(most).map(tick).collect();
    if names.len() > most {
        out.push(format!("{} more", names.len() - most));
    }
    out.join(", ")
}

/// Returns a name as a shell wants it.
pub(super) fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.,:/@+%".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

/// Something wrong in the file, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The line, from 1; in a table the row.
    pub line: usize,
    /// The character in the line, from 1; in a table the column.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    pub(super) fn new((line, column): (usize, usize), message: impl Into<String>) -> Self {
        Self { line, column, message: message.into(), hint: None }
    }

    pub(super) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Fault {
    /// Writes `line:column: message`; the file's name goes before it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// All that is wrong in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", crate::base::text::count(*total, "fault"))]
pub struct Refused {
    /// The faults in the order of the file, at most [`Refused::KEPT`] of them.
    pub faults: Vec<Fault>,
    /// How many there are.
    pub total: usize,
    /// Whether the file as a whole cannot be read, so that leaving rows out is no help.
    pub whole: bool,
}

impl Refused {
    /// At most this many faults are kept; the rest are counted.
    pub const KEPT: usize = 10_000;

    pub(super) fn one(fault: Fault) -> Self {
        Self { faults: vec![fault], total: 1, whole: true }
    }

    /// Keeps `fault` while there is room, and counts it.
    pub(super) fn push(&mut self, fault: Fault) {
        if self.faults.len() < Self::KEPT {
            self.faults.push(fault);
        }
        self.total += 1;
    }
}
