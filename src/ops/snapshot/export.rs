//! `snapshot export`: a snapshot as files to train on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Rebuilt, files, folder};
use crate::base::text;
use crate::corrections::Example;
use crate::dataset::{At, Dataset};
use crate::ops::Error;
use crate::ops::table::{self, TableFormat};
use crate::record::Policy;
use crate::shard::Table;
use crate::snapshot::{self, Lock, Rule};
use crate::training::{self, LeftOut, card};

/// What an export consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// The rows with who said what, in a table.
    Table(TableFormat),
    /// What a training program reads, made of corrections.
    Training(training::Format),
    /// A folder that `datasets.load_dataset` opens: Parquet and a dataset card.
    HuggingFace,
}

impl ExportFormat {
    /// Checks that a snapshot under `rule` can be exported so.
    ///
    /// # Errors
    /// Training rows are made of corrections, and it holds labels. A part has no name that `datasets` takes.
    pub(super) fn check(self, name: &str, rule: &Rule) -> Result<(), Error> {
        match self {
            Self::Training(format) if rule.policy.name != Policy::Accepted => Err(Error::request(
                format!("snapshot `{name}` holds labels, and {} is made of corrections", format.as_str()),
                "export it as parquet, csv, jsonl, arrow or hf, or freeze corrections with --kind corrections",
            )),
            Self::HuggingFace => check_split_names(rule),
            _ => Ok(()),
        }
    }

    /// Checks that there are rows to write: a folder or a file for training without any is one that nothing opens.
    ///
    /// # Errors
    /// There are none. Tables may be empty.
    pub(super) fn check_rows(self, lock: &Lock, rows: u64) -> Result<(), Error> {
        let what = match self {
            Self::Training(format) if rows == 0 => format.as_str(),
            Self::HuggingFace if rows == 0 => "hf",
            _ => return Ok(()),
        };
        let (name, noun) = (&lock.made.name, lock.rule.noun());
        Err(match lock.rows() {
            0 => Error::request(
                format!("snapshot `{name}` holds no {noun}: there is nothing to write as {what}"),
                "`hitl status` says what is not taken, and why",
            ),
            held => Error::request(
                format!(
                    "none of the {} of snapshot `{name}` makes a row of {what}",
                    text::count(held as usize, noun)
                ),
                format!("`hitl snapshot show {name}` says what it holds; docs/training.md what makes a row"),
            ),
        })
    }
}

/// Checks that each part of a split has a name of its own in a dataset folder.
fn check_split_names(rule: &Rule) -> Result<(), Error> {
    let hint = "freeze it with other names in --split, or export it as parquet";
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for part in rule.split.iter().flat_map(|split| &split.parts) {
        let name = card::split_name(&part.name);
        if name == "all" {
            return Err(Error::request("`all` is the name that `datasets` gives all parts together", hint));
        }
        if let Some(other) = seen.insert(name.clone(), &part.name) {
            let message =
                format!("the parts `{other}` and `{}` would both be `{name}` in a dataset folder", part.name);
            return Err(Error::request(message, hint));
        }
    }
    Ok(())
}

/// What `snapshot export` is asked.
#[derive(Clone, Copy, Debug)]
pub struct ExportOptions<'a> {
    /// The snapshot.
    pub name: &'a str,
    /// The folder.
    pub dir: &'a Path,
    /// What is written into it.
    pub format: ExportFormat,
    /// What a model is told to do with an original whose context does not say what it answers; the task's question when
    /// not given.
    pub instruction: Option<&'a str>,
    /// Where the snapshot is looked for.
    pub at: &'a At,
}

/// What `snapshot export` wrote.
#[derive(Clone, Debug, Serialize)]
pub struct ExportReport {
    /// `hitl.snapshot-export/1`.
    pub schema: &'static str,
    /// The snapshot.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// The files, with the rows of each.
    pub files: Vec<(PathBuf, usize)>,
    /// How many of its rows are not in them, and why.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<LeftOut, u64>,
}

/// The files of an export in the making: the path in the folder, the bytes, the rows.
type Files = Vec<(String, Vec<u8>, usize)>;

/// Writes a snapshot's rows into a folder: a file a part, or one file without a split, and the lock beside them. Whatever
/// fails before the files get their names leaves none.
///
/// # Errors
/// As [`verify`](super::verify); a snapshot that does not verify is not exported, nor is one of labels as training rows,
/// nor one without rows as what is trained on; the folder holds another export; it cannot be written.
pub fn export(dataset: &Dataset, options: &ExportOptions<'_>) -> Result<ExportReport, Error> {
    let rebuilt = Rebuilt::new(dataset, options.name, options.at)?;
    let lock = &rebuilt.lock;
    options.format.check(options.name, &lock.rule)?;
    let (mut files, left_out) = match options.format {
        ExportFormat::Table(format) => (tables(&Content::of(&rebuilt)?, lock, format, "")?, BTreeMap::new()),
        ExportFormat::HuggingFace => (dataset_folder(dataset, &rebuilt)?, BTreeMap::new()),
        ExportFormat::Training(format) => {
            let question = match options.instruction {
                Some(_) => None,
                None => question(dataset, &lock.rule.task)?,
            };
            let instruction = options.instruction.or(question.as_deref());
            training_rows(&training::rows(&rebuilt.examples()?, format, instruction), lock)
        }
    };
    let rows = files.iter().map(|(_, _, rows)| *rows as u64).sum();
    options.format.check_rows(lock, rows)?;
    folder::check(options.dir, lock, &files.iter().map(|(path, ..)| path.clone()).collect())?;
    // The lock gets its name first: should a later file not, the folder says whose files these are.
    files.insert(0, (folder::LOCK.to_owned(), snapshot::emit(lock).into_bytes(), 0));
    let written: Vec<(PathBuf, usize)> = files
        .iter()
        .filter(|(path, ..)| path != folder::LOCK && !path.ends_with(".md"))
        .map(|(path, _, rows)| (options.dir.join(path), *rows))
        .collect();
    let bytes: Vec<(String, Vec<u8>)> = files.into_iter().map(|(path, bytes, _)| (path, bytes)).collect();
    files::write(options.dir, &bytes)?;
    Ok(ExportReport {
        schema: "hitl.snapshot-export/1",
        name: options.name.to_owned(),
        digest: lock.digest.to_string(),
        files: written,
        left_out,
    })
}

/// What labelers of a task are asked, as `hitl.yaml` has it now.
fn question(dataset: &Dataset, task: &str) -> Result<Option<String>, Error> {
    let mut tasks = dataset.config()?.tasks.into_iter();
    Ok(tasks.find(|one| one.name == task).and_then(|one| one.question))
}

/// The rows of a snapshot, by what they are.
enum Content {
    Labels(Box<snapshot::Export>),
    Corrections(Vec<Example>),
}

impl Content {
    fn of(rebuilt: &Rebuilt) -> Result<Self, Error> {
        Ok(match rebuilt.lock.rule.policy.name {
            Policy::Accepted => Self::Corrections(rebuilt.examples()?),
            _ => Self::Labels(Box::new(snapshot::export(&rebuilt.ledger, &rebuilt.snapshot))),
        })
    }

    /// Returns the rows that fall into a part; all of them without one.
    fn of_part(&self, part: Option<&str>) -> (Table, usize) {
        let is_in = |split: &Option<String>| part.is_none() || split.as_deref() == part;
        match self {
            Self::Labels(rows) => {
                let chosen: Vec<usize> =
                    (0..rows.item.len()).filter(|row| is_in(&rows.split[*row])).collect();
                (table::snapshot(rows, &chosen), chosen.len())
            }
            Self::Corrections(examples) => {
                let chosen: Vec<&Example> = examples.iter().filter(|one| is_in(&one.split)).collect();
                (table::corrections(&chosen), chosen.len())
            }
        }
    }

    /// Returns how many rows each labeler has a part in, by name.
    fn labelers(&self) -> Vec<(String, u64)> {
        let mut rows: BTreeMap<&String, u64> = BTreeMap::new();
        let of_rows: Vec<&Vec<String>> = match self {
            Self::Labels(export) => export.labelers.iter().collect(),
            Self::Corrections(examples) => examples.iter().map(|one| &one.labelers).collect(),
        };
        for labelers in of_rows {
            labelers.iter().for_each(|labeler| *rows.entry(labeler).or_default() += 1);
        }
        rows.into_iter().map(|(labeler, rows)| (labeler.clone(), rows)).collect()
    }
}

fn tables(content: &Content, lock: &Lock, format: TableFormat, below: &str) -> Result<Files, Error> {
    let file = |part: Option<&str>| {
        let path = format!("{below}{}.{}", part.unwrap_or(&lock.made.name), format.extension());
        let (table, rows) = content.of_part(part);
        let bytes =
            table::encode(&table, format).map_err(|error| Error::Shard { file: path.clone(), error })?;
        Ok((path, bytes, rows))
    };
    folder::parts(lock).into_iter().map(file).collect()
}

/// Returns the files of training rows: JSON lines, and beside each file one that names the item of each line. A row has no
/// key but those of its format, because OpenAI's describe no others and take none on trust.
fn training_rows(rows: &training::Rows, lock: &Lock) -> (Files, BTreeMap<LeftOut, u64>) {
    let mut files = Vec::new();
    for part in folder::parts(lock) {
        let (mut lines, mut items, mut count) = (Vec::new(), Vec::new(), 0);
        for row in rows.rows.iter().filter(|row| part.is_none() || row.split.as_deref() == part) {
            for (out, value) in [(&mut lines, &row.value), (&mut items, &row.item.as_str().into())] {
                out.extend(value.to_string().bytes());
                out.push(b'\n');
            }
            count += 1;
        }
        // `datasets` opens no folder in which one file is empty.
        if count == 0 {
            continue;
        }
        let name = part.unwrap_or(&lock.made.name);
        files.push((format!("{name}.jsonl"), lines, count));
        files.push((format!("{name}.items"), items, count));
    }
    (files, rows.left_out.clone())
}

/// Returns the files of a dataset folder.
fn dataset_folder(dataset: &Dataset, rebuilt: &Rebuilt) -> Result<Files, Error> {
    let lock = &rebuilt.lock;
    let content = Content::of(rebuilt)?;
    let mut files = tables(&content, lock, TableFormat::Parquet, "data/")?;
    let splits: Vec<(String, String, usize)> = folder::parts(lock)
        .iter()
        .zip(&files)
        .map(|(part, (path, _, rows))| (part.unwrap_or("train").to_owned(), path.clone(), *rows))
        .collect();
    let policy = &lock.rule.policy;
    let mut decided = vec![
        ("policy".to_owned(), policy.name.as_str().to_owned()),
        ("min_labels".to_owned(), policy.min_labels.to_string()),
    ];
    decided.extend(policy.parameters.iter().map(|(name, value)| (name.clone(), value.clone())));
    let counts: Vec<(String, u64)> = lock.labels.iter().map(|(name, rows)| (name.clone(), *rows)).collect();
    let question = question(dataset, &lock.rule.task)?;
    let text = card::card(&card::Card {
        name: &lock.made.name,
        task: &lock.rule.task,
        question: question.as_deref(),
        noun: lock.rule.noun(),
        digest: &lock.digest.to_string(),
        policy: &decided,
        created_at: &lock.made.created_at.to_string(),
        tool: &lock.made.tool,
        files: &splits,
        counts: &counts,
        labelers: &content.labelers(),
        columns: match content {
            Content::Labels(_) => table::LABEL_COLUMNS,
            Content::Corrections(_) => table::CORRECTION_COLUMNS,
        },
    });
    // `datasets` refuses a split without rows.
    files.retain(|(_, _, rows)| *rows > 0);
    files.push(("README.md".to_owned(), text.into_bytes(), 0));
    Ok(files)
}
