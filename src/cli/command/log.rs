//! `hitl log`

use hitl::ops::log::log;
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// List the records, newest first
///
/// Lists the records that carry a row the filters choose, newest first.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    at: AtArgs,
    /// At most this many
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,
    /// A line each
    #[arg(long)]
    oneline: bool,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let at = args.at.at();
    let filter = args.filter.filter_at(context, &at)?;
    let dataset = context.dataset()?;
    let report = log(&dataset, &at, &filter, args.limit)?;
    context.warn_absent(&dataset)?;
    let human = if args.oneline { human::log_oneline } else { human::log };
    context.print(&report, human)?;
    Ok(Exit::Done)
}
