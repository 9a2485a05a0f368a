//! `init`: a repository that can hold labels.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::git_setup::{Driver, SetupReport, after_init};
use super::{Error, readable_temporary};
use crate::config;
use crate::dataset::{CONFIG_FILE, LABELERS_FILE};
use crate::record::Task;
use crate::store::{self, Change, CommitInfo, Head, Store};

/// What `init` is asked.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder; made when absent.
    pub dir: PathBuf,
    /// The first task, if it was given.
    pub task: Option<Task>,
    /// Whether to commit what was written.
    pub commit: bool,
    /// What Git is to run to show the rows of a shard; `None` leaves its configuration alone.
    pub textconv: Option<Driver>,
}

/// What `init` did.
#[derive(Clone, Debug, Serialize)]
pub struct InitReport {
    /// `hitl.init/1`.
    pub schema: &'static str,
    /// The repository's root.
    pub root: PathBuf,
    /// Whether the repository is new.
    pub new_repository: bool,
    /// The files that were written.
    pub written: Vec<String>,
    /// The files that were there and were left as they are.
    pub kept: Vec<String>,
    /// The commit that holds them, if one was made.
    pub commit: Option<String>,
    /// The branch it is on.
    pub branch: Option<String>,
    /// Where somebody's own commit, made at the same moment, took the files along: that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept_by: Option<CommitInfo>,
    /// The tasks `hitl.yaml` declares.
    pub tasks: Vec<String>,
    /// What came of telling Git how to show the rows of shards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git: Option<SetupReport>,
}

/// What `.gitattributes` must say: ledger bytes are never converted, merged or deltified, and what people edit is text
/// that hitl can read, whatever other lines say.
const ATTRIBUTES: &[&str] = &[
    "/ledger/** -text -filter -ident -working-tree-encoding",
    "/ledger/**/*.parquet binary -delta diff=hitl",
    "/guidelines/** -text -filter -ident -working-tree-encoding",
    "/snapshots/** -text -filter -ident -working-tree-encoding",
    "/hitl.yaml -filter -ident -working-tree-encoding",
    "/labelers.yaml -filter -ident -working-tree-encoding",
    "/.gitattributes -filter -ident -working-tree-encoding",
];

/// Makes `options.dir` a repository that can hold labels.
///
/// Existing `hitl.yaml` and `labelers.yaml` are left alone; missing lines are added to an existing `.gitattributes`.
///
/// # Errors
/// The folder cannot be written, the existing `hitl.yaml` has faults, or Git refuses the commit.
pub fn init(options: &Options) -> Result<InitReport, Error> {
    let io = |verb, path: &Path, source| Error::Io { verb, path: path.display().to_string(), source };
    let tasks: Vec<Task> = options.task.iter().cloned().collect();
    config::Config::parse(&config::emit_initial(&tasks)).map_err(crate::dataset::Error::from)?;
    std::fs::create_dir_all(&options.dir).map_err(|error| io("create", &options.dir, error))?;
    let (store, new_repository) = match Store::discover(&options.dir) {
        Ok(store) => (store, false),
        Err(store::Error::NotARepository { .. }) => (Store::init(&options.dir)?, true),
        Err(error) => return Err(error.into()),
    };
    let transaction = match options.commit {
        true => {
            store.identity()?;
            // What a killed `init` left is finished before anything is looked at.
            Some(store.begin()?)
        }
        false if store.is_bare() => return Err(store.bare().into()),
        false => None,
    };
    let root = store.root().to_owned();
    let mut report = InitReport {
        schema: "hitl.init/1",
        root: root.clone(),
        new_repository,
        written: Vec::new(),
        kept: Vec::new(),
        commit: None,
        branch: None,
        swept_by: None,
        tasks: Vec::new(),
        git: None,
    };
    let wanted = [
        (CONFIG_FILE, config::emit_initial(&tasks)),
        (LABELERS_FILE, config::emit_initial_labelers()),
        (".gitattributes", attributes(&store)?),
    ];
    // All that can be wrong is found before anything is written.
    let mut files = Vec::new();
    for (name, text) in wanted {
        let existing = own_text(&store, name)?;
        if existing.is_none() && in_head(&store, name)? {
            return Err(Error::request(
                format!("{name} is committed, and not in the work tree"),
                format!("bring it back first: git restore {name}"),
            ));
        }
        let other = existing.as_ref().is_some_and(|existing| *existing != text);
        if other && name == CONFIG_FILE && options.task.is_some() {
            return Err(Error::request(
                format!("{CONFIG_FILE} is already here"),
                format!("add the task to {} by hand, or leave out --task", root.join(name).display()),
            ));
        }
        let kept = existing.filter(|existing| *existing == text || name != ".gitattributes");
        let names = if kept.is_some() { &mut report.kept } else { &mut report.written };
        names.push(name.to_owned());
        let bytes = kept.unwrap_or(text).into_bytes();
        // What HEAD holds is the user's to change, and need not have the bytes a checkout gave it.
        if report.written.iter().any(|written| written == name) || !in_head(&store, name)? {
            files.push((name.to_owned(), bytes.clone()));
        }
        if name == CONFIG_FILE {
            let declared = config::Config::parse(&String::from_utf8_lossy(&bytes));
            report.tasks = declared
                .map_err(crate::dataset::Error::from)?
                .tasks
                .into_iter()
                .map(|task| task.name)
                .collect();
        }
    }
    let Some(transaction) = transaction else {
        for (name, bytes) in files.iter().filter(|(name, _)| report.written.contains(name)) {
            let path = root.join(name);
            write(&root, &path, bytes).map_err(|error| io("write", &path, error))?;
        }
        report.git = options.textconv.as_ref().map(|driver| after_init(&store, driver));
        return Ok(report);
    };
    let message = "init: tasks, labelers and attributes for hitl".to_owned();
    match transaction.commit_over(&Change { files, message }) {
        Ok(committed) => {
            report.commit = Some(committed.commit.0);
            report.branch = committed.branch;
            report.swept_by = committed.swept_by;
        }
        Err(store::Error::NothingToCommit) => {}
        Err(error) => return Err(error.into()),
    }
    report.git = options.textconv.as_ref().map(|driver| after_init(&store, driver));
    Ok(report)
}

/// Puts `bytes` at `path` in `root` as a whole or not at all.
fn write(root: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = readable_temporary(root)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Returns one of the root's text files as the user has it.
fn own_text(store: &Store, name: &str) -> Result<Option<String>, Error> {
    let text = store.own_file(name)?.map(String::from_utf8).transpose();
    text.map_err(|_| {
        Error::request(
            format!("{name} is not UTF-8 text"),
            format!("a working-tree-encoding attribute makes such files: git check-attr -a {name}"),
        )
    })
}

fn in_head(store: &Store, path: &str) -> Result<bool, Error> {
    Ok(match store.head()? {
        Head::Unborn(_) => false,
        Head::Branch(_, commit) | Head::Detached(commit) => store.blob_at(&commit, path)?.is_some(),
    })
}

/// Returns `.gitattributes` as the user has it with the lines hitl needs added at its end.
fn attributes(store: &Store) -> Result<String, Error> {
    let mut text = own_text(store, ".gitattributes")?.unwrap_or_default();
    let lacks = |line: &&&str| !text.lines().any(|existing| existing.trim() == **line);
    if ATTRIBUTES.iter().any(|line| lacks(&line)) {
        // A checkout may have given it line ends that git would not commit.
        text = text.replace("\r\n", "\n");
    }
    for line in ATTRIBUTES {
        if !text.lines().any(|existing| existing.trim() == *line) {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(line);
            text.push('\n');
        }
    }
    Ok(text)
}
