//! `hitl init`

use std::path::PathBuf;

use hitl::ops::init::{Options, init};
use hitl::record::{Task, TaskType};
use hitl::render::human;
use hitl::store::Store;

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::program::textconv_driver;

/// Make a repository ready for labels
///
/// Writes hitl.yaml, labelers.yaml and .gitattributes into a new or existing repository and commits exactly these.
/// Sets diff.hitl.textconv in the repository's configuration, so that git diff shows the rows of shards.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder [default: this one]
    dir: Option<PathBuf>,
    /// Declare a first task of this name
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// Its type: categorical, multilabel, ordinal, rating, numeric, span, box, preference, ranking, text
    #[arg(long = "type", value_name = "TYPE", default_value = "categorical", value_parser = task_type)]
    kind: TaskType,
    /// Its classes, parted by commas; for ordinal tasks from lowest to highest
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', requires = "task")]
    classes: Vec<String>,
    /// Leave the files uncommitted
    #[arg(long)]
    no_commit: bool,
}

const TYPES: [&str; 10] = [
    "categorical",
    "multilabel",
    "ordinal",
    "rating",
    "numeric",
    "span",
    "box",
    "preference",
    "ranking",
    "text",
];

fn task_type(word: &str) -> Result<TaskType, String> {
    serde_json::from_value(word.into()).map_err(|_| {
        let near = hitl::base::text::did_you_mean(word, TYPES);
        let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        format!("`{word}` is no task type{near}")
    })
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let task = match args.task {
        Some(name) => {
            hitl::record::check_slug("task", &name).map_err(|error| Failure::request(error.to_string()))?;
            if args.kind.has_classes() && args.classes.len() < 2 {
                return Err(Failure::request(format!(
                    "a {} task has two classes or more",
                    args.kind.as_str()
                ))
                .hint(format!("hitl init --task {name} --type {} --classes a,b,c", args.kind.as_str())));
            }
            if !args.kind.has_classes() && !args.classes.is_empty() {
                return Err(Failure::request(format!("a {} task has no classes", args.kind.as_str()))
                    .hint("leave out --classes, or choose categorical, multilabel or ordinal"));
            }
            Some(Task::new(name, args.kind, args.classes))
        }
        None => None,
    };
    let dir = args.dir.unwrap_or_else(|| context.dir().to_owned());
    if let Ok(store) = Store::discover(&dir) {
        context.finish_interrupted(&store)?;
    }
    let report = init(&Options { dir, task, commit: !args.no_commit, textconv: textconv_driver() })?;
    context.print(&report, human::init)?;
    Ok(Exit::Done)
}
