//! `hitl diff`

use hitl::ops::diff::{Options, diff};
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// Show what changed between two states
///
/// Shows which labels were added, taken back, restored, superseded or changed between two revisions or snapshots.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A..B, A.. or ..B (a missing side is HEAD), or A alone for A..HEAD [default: the last commit]
    range: Option<String>,
    /// Counts alone
    #[arg(long)]
    stat: bool,
    /// List at most this many rows
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Exit with 1 when anything changed
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    filter: FilterArgs,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    if args.range.as_deref().is_some_and(|range| range.contains("...")) {
        let two = "write A..B; for what B adds since it left A: $(git merge-base A B)..B";
        return Err(Failure::request("a range has two dots").hint(two));
    }
    let filter = args.filter.filter_at(context, &AtArgs::default().at())?;
    let dataset = context.dataset()?;
    let report = diff(&dataset, &Options { range: args.range, filter, limit: Some(args.limit) })?;
    context.warn_absent(&dataset)?;
    let changed = !report.same;
    context.print(&report, |report, style, out| human::diff(report, args.stat, style, out))?;
    Ok(if args.exit_code && changed { Exit::No } else { Exit::Done })
}
