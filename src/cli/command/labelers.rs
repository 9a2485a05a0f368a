//! `hitl labelers`

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
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
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
columns. What each number is, and how large a drop is found: docs/statistics.md";

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
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
    for report in &reports {
        context.print_with_markdown(report, human::labelers, markdown::labelers)?;
    }
    Ok(Exit::Done)
}
