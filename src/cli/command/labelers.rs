//! `hitl labelers`, and who labels: `add`, `retire`, `suspend`, `resume`, `key`, `names`, `forget`

mod people;

use std::collections::BTreeMap;

use hitl::ops::labelers::labelers;
use hitl::render::{human, markdown};

use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::global::Format;

/// Tell how much each labeler did, how well, and whether that changes
///
/// Tells of every human labeler: labels, weeks of work and pace; agreement with the others; accuracy on gold (current
/// labels by labelers of kind gold); how many guesses they took over, and how many wrong ones they caught. Looks for
/// accuracy that drops over weeks or within sessions, flags drops that chance hardly explains, and says what else may
/// explain them. Without gold the other labelers take its place.
///
/// Filters choose whose labels are measured, and which of them; gold and the others' labels always count in full.
///
/// The commands below change who is listed in labelers.yaml, each in a commit of that file alone, and keep what people
/// are called outside history.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<people::Verb>,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    at: AtArgs,
}

const AFTER_HELP: &str = "\
Gold comes in like labels:
  hitl commit gold.csv --labeler gold --labeler-kind gold
Weeks and sessions need times (created_at, labeled_at …), pace needs durations
(duration_ms …), guesses need shown or an origin: `hitl commit --help` lists the
columns. What each number is, and how large a drop is found: docs/statistics.md
What of people lies in history, and how to erase the rest: docs/privacy.md";

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    if let Some(verb) = args.verb {
        return people::run(verb, context);
    }
    let at = args.at.at();
    let filter = args.filter.filter_at(context, &at)?;
    let dataset = context.dataset()?;
    let reports = labelers(&dataset, &at, &filter)?;
    context.warn_absent(&dataset)?;
    if let ([_, _, ..], Format::Json) = (reports.as_slice(), context.format()) {
        // One document, however many tasks.
        let all = serde_json::json!({ "schema": "hitl.labelers-tasks/1", "tasks": reports });
        hitl::render::json(&all, context.out())?;
        return Ok(Exit::Done);
    }
    // What is handed on to programs and pages has ids alone.
    let called = match context.format() {
        Format::Human => hitl::ops::people::names(&dataset).or_else(|error| {
            context.say(&format!("note: names are left out: {}", human::sanitize(&error.to_string())))?;
            Ok::<_, Failure>(BTreeMap::new())
        })?,
        Format::Json | Format::Md | Format::Html | Format::Csv | Format::Prov => BTreeMap::new(),
    };
    for report in &reports {
        let shown = |report: &_, style: &_, out: &mut _| human::labelers(report, &called, style, out);
        context.print_with_markdown(report, shown, markdown::labelers)?;
    }
    Ok(Exit::Done)
}
