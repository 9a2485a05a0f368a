//! `hitl agreement`

use std::path::PathBuf;

use hitl::ingest::{self, Mapping};
use hitl::ops::agreement::{self, FileOptions};
use hitl::render::{human, markdown};

use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::global::Format;

/// Measure how far labelers agree, in the ledger or in a file
///
/// Measures percent agreement, Cohen's kappa of every pair, Fleiss' kappa and Krippendorff's alpha: on the current
/// human labels of the ledger, or straight on files, with no repository at all.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Files to measure instead of the ledger (- for standard input)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The scale of the labels; nominal is the one measured today
    #[arg(long, default_value = "nominal", value_parser = ["nominal"])]
    level: String,
    /// For files: all valid labels, parted by commas [default: those observed]
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    classes: Vec<String>,
    /// For files: what a column means
    #[arg(long, value_name = "COLUMN=FIELD")]
    map: Vec<Mapping>,
    /// For files: the format, when it is not to be detected
    #[arg(long, value_name = "FORMAT")]
    from: Option<ingest::Format>,
    /// For files: one column per labeler
    #[arg(long)]
    wide: bool,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    at: AtArgs,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    if args.files.is_empty() {
        let at = args.at.at();
        let filter = args.filter.filter_at(context, &at)?;
        let dataset = context.dataset()?;
        let reports = agreement::ledger(&dataset, &at, &filter)?;
        context.warn_absent(&dataset)?;
        if let ([_, _, ..], Format::Json) = (reports.as_slice(), context.format()) {
            // One document, however many tasks.
            let all = serde_json::json!({ "schema": "hitl.agreement-tasks/1", "tasks": reports });
            hitl::render::json(&all, context.out())?;
            return Ok(Exit::Done);
        }
        for report in &reports {
            context.print_with_markdown(report, human::agreement, markdown::agreement)?;
        }
        return Ok(Exit::Done);
    }
    if !args.filter.is_empty() || args.at.at.is_some() || args.at.as_of.is_some() {
        return Err(Failure::request("files are measured whole: filters choose rows of the ledger")
            .hint("leave the filters out, or `hitl commit` the files and measure the ledger"));
    }
    let inputs = context.open(&args.files)?;
    let options = FileOptions { classes: args.classes, map: args.map, format: args.from, wide: args.wide };
    let report = agreement::files(&inputs, &options)?;
    context.print_with_markdown(&report, human::agreement, markdown::agreement)?;
    Ok(Exit::Done)
}
