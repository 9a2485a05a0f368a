//! `demo`: a small repository that shows the whole of hitl, made from data that ships with the program.
//!
//! Every step is a verb that the user could have typed, and is told with the command line that does it.

use std::path::Path;

use serde::Serialize;

use super::agreement;
use super::commit::{self, CommitReport};
use super::git_setup::Driver;
use super::guideline::{self, AddOptions, AddReport};
use super::init::{self, InitReport};
use super::input::Input;
use super::revert::{self, RevertReport};
use super::snapshot::{self, CreateOptions, CreateReport};
use super::{Clock, Error};
use crate::agreement::AgreementReport;
use crate::base::Timestamp;
use crate::dataset::{At, Dataset};
use crate::ingest::Mapping;
use crate::record::{Change, Filter, Kind, LabelerKind, Task, TaskType};
use crate::snapshot::SnapshotDiff;
use crate::store::{Identity, Store};

/// The files the demo is made from; `testdata/demo/make.py` makes them.
const FILES: &[(&str, &[u8])] = &[
    ("items.csv", include_bytes!("../../testdata/demo/items.csv")),
    ("model.csv", include_bytes!("../../testdata/demo/model.csv")),
    ("week1.csv", include_bytes!("../../testdata/demo/week1.csv")),
    ("week2-labelstudio.json", include_bytes!("../../testdata/demo/week2-labelstudio.json")),
    ("guideline-1.md", include_bytes!("../../testdata/demo/guideline-1.md")),
    ("guideline-2.md", include_bytes!("../../testdata/demo/guideline-2.md")),
];

/// One step of the demo.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// What it shows, in a few words.
    pub title: &'static str,
    /// The command that does it.
    pub command: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a step: the report of its verb.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Of `init`.
    Init(InitReport),
    /// Of `guideline add`.
    Guideline(AddReport),
    /// Of `commit`.
    Commit(CommitReport),
    /// Of `agreement`.
    Agreement(Box<AgreementReport>),
    /// Of `revert`.
    Revert(Box<RevertReport>),
    /// Of `snapshot create`.
    Snapshot(Box<CreateReport>),
    /// Of `snapshot diff`.
    SnapshotDiff(SnapshotDiff),
}

/// What the demo made.
#[derive(Clone, Debug, Serialize)]
pub struct DemoReport {
    /// `hitl.demo/1`.
    pub schema: &'static str,
    /// The repository.
    pub dir: std::path::PathBuf,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// An item worth tracing.
    pub item: String,
}

/// Makes the demo in `dir`, telling each step as it is done; `textconv` is as in [`init::Options`].
///
/// # Errors
/// `dir` is there and not empty, or cannot be written.
pub fn demo(
    dir: &Path,
    clock: Clock,
    textconv: Option<Driver>,
    tell: impl FnMut(&Step),
) -> Result<DemoReport, Error> {
    let empty = std::fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none());
    if !empty {
        return Err(Error::request(
            format!("{} is there and not empty", dir.display()),
            "name another folder: hitl demo DIR",
        ));
    }
    let mut show = Show { steps: Vec::new(), tell, clock };
    let classes = ["negative", "neutral", "positive"].map(str::to_owned).to_vec();
    let task = Task::new("sentiment", TaskType::Categorical, classes);
    let identity = Identity { name: "hitl demo".to_owned(), email: "demo@example.com".to_owned() };
    let store = Store::create(dir)?;
    store.set_identity(&identity)?;
    store.set_signing(false)?;
    let init = init::init(&init::Options { dir: dir.to_owned(), task: Some(task), commit: true, textconv })?;
    show.step(
        "a repository with one task",
        "hitl init --task sentiment --classes negative,neutral,positive",
        Outcome::Init(init),
    );
    let dataset = Dataset::open(dir)?;
    write_files(dir)?;
    show.guideline(&dataset, "guideline-1.md", "2025-05-01", "first version")?;
    show.commit(
        &dataset,
        "the messages, so that later commands can show them",
        "items.csv --kind items",
        |options| {
            options.kind = Kind::Items;
        },
    )?;
    show.commit(
        &dataset,
        "the model's guesses, marked as a model's",
        "model.csv --labeler tone-model-1 --labeler-kind model",
        |options| {
            options.labeler = Some("tone-model-1".to_owned());
            options.labeler_kind = Some(LabelerKind::Model);
        },
    )?;
    show.commit(
        &dataset,
        "week 1: four labelers, a CSV file",
        "week1.csv --guideline sentiment",
        |options| {
            options.guideline = Some("sentiment".to_owned());
        },
    )?;
    show.guideline(
        &dataset,
        "guideline-2.md",
        "2025-05-10",
        "mixed messages are neutral; sarcasm is negative",
    )?;
    show.commit(
        &dataset,
        "week 2: the same four, a Label Studio export",
        "week2-labelstudio.json --map data.item_id=item --guideline sentiment",
        |options| {
            options.map = vec![Mapping {
                column: "data.item_id".to_owned(),
                to: crate::ingest::MapTo::Field("item".to_owned()),
            }];
            options.guideline = Some("sentiment".to_owned());
        },
    )?;
    show.agreement(&dataset, "do they agree?")?;
    show.snapshot(&dataset, "freeze a training set", "before")?;
    let options = revert::Options {
        filter: Filter { labelers: vec!["dave".to_owned()], ..Filter::default() },
        message: Some("dave clicked through: 3 seconds an item".to_owned()),
        unsigned: true,
        ..revert::Options::default()
    };
    let report = revert::revert(&dataset, &options, show.clock)?;
    show.step(
        "dave agrees least with everybody: take back dave, and only dave",
        "hitl revert --labeler dave -m \"dave clicked through: 3 seconds an item\"",
        Outcome::Revert(Box::new(report)),
    );
    show.agreement(&dataset, "and now?")?;
    show.snapshot(&dataset, "freeze again", "after")?;
    let diff = snapshot::diff(&dataset, "before", "after", Some(5), &At::default())?;
    let item = diff.rows.first().map_or_else(|| "msg-001".to_owned(), |change| change.item.clone());
    show.step(
        "what it did to the training set",
        "hitl snapshot diff before after",
        Outcome::SnapshotDiff(diff),
    );
    Ok(DemoReport { schema: "hitl.demo/1", dir: dir.to_owned(), steps: show.steps, item })
}

/// Writes the data into the repository, as the files a team would have.
fn write_files(dir: &Path) -> Result<(), Error> {
    let folder = dir.join("exports");
    let io = |path: &Path, source| Error::Io { verb: "write", path: path.display().to_string(), source };
    std::fs::create_dir_all(&folder).map_err(|error| io(&folder, error))?;
    for (name, bytes) in FILES {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|error| io(&path, error))?;
    }
    Ok(())
}

fn bytes_of(name: &str) -> &'static [u8] {
    FILES.iter().find(|(file, _)| *file == name).map_or(&[], |(_, bytes)| bytes)
}

/// Does the steps and keeps them.
struct Show<T> {
    steps: Vec<Step>,
    tell: T,
    clock: Clock,
}

impl<T: FnMut(&Step)> Show<T> {
    fn step(&mut self, title: &'static str, command: impl Into<String>, outcome: Outcome) {
        let step = Step { title, command: command.into(), outcome };
        (self.tell)(&step);
        self.steps.push(step);
        // Each step is recorded a second after the one before, as if typed.
        self.clock.now = self.clock.now.plus_micros(1_000_000);
    }

    fn guideline(&mut self, dataset: &Dataset, file: &str, effective: &str, why: &str) -> Result<(), Error> {
        let options = AddOptions {
            name: "sentiment".to_owned(),
            text: String::from_utf8_lossy(bytes_of(file)).into_owned(),
            version: None,
            effective: effective.parse::<Timestamp>().ok(),
            change: Some(Change::Semantic),
            message: Some(why.to_owned()),
            unsigned: true,
        };
        let report = guideline::add(dataset, &options, self.clock)?;
        let command =
            format!("hitl guideline add sentiment exports/{file} --effective {effective} -m \"{why}\"");
        self.step("the text labelers follow", command, Outcome::Guideline(report));
        Ok(())
    }

    fn commit(
        &mut self,
        dataset: &Dataset,
        title: &'static str,
        line: &str,
        set: impl FnOnce(&mut commit::Options),
    ) -> Result<(), Error> {
        let file = line.split(' ').next().unwrap_or(line);
        let input = Input { name: format!("exports/{file}"), bytes: bytes_of(file).to_vec() };
        let mut options = commit::Options { unsigned: true, ..commit::Options::new(vec![input]) };
        set(&mut options);
        let report = commit::commit(dataset, &options, self.clock)?;
        self.step(title, format!("hitl commit exports/{line}"), Outcome::Commit(report));
        Ok(())
    }

    fn agreement(&mut self, dataset: &Dataset, title: &'static str) -> Result<(), Error> {
        for report in agreement::ledger(dataset, &At::default(), &agreement::Asked::default())? {
            self.step(title, "hitl agreement", Outcome::Agreement(Box::new(report)));
        }
        Ok(())
    }

    fn snapshot(&mut self, dataset: &Dataset, title: &'static str, name: &str) -> Result<(), Error> {
        let options = CreateOptions {
            export: None,
            name: name.to_owned(),
            at: At::default(),
            task: None,
            holds: None,
            policy: None,
            min_labels: 1,
            split: Some("train=0.8,test=0.2".to_owned()),
            seed: "0".to_owned(),
            unsigned: true,
        };
        let report = snapshot::create(dataset, &options, self.clock)?;
        let command = format!("hitl snapshot create {name} --split train=0.8,test=0.2");
        self.step(title, command, Outcome::Snapshot(Box::new(report)));
        Ok(())
    }
}
