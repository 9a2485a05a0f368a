//! `hitl status`

use hitl::ops::status::status;
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// Tell what is in the ledger
///
/// Tells, for each task, the items, labelers and judgements, what is superseded, reverted, in conflict or unresolved;
/// and what is missing or was removed by plain git.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    at: AtArgs,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let at = args.at.at();
    let filter = args.filter.filter_at(context, &at)?;
    let dataset = context.dataset()?;
    let report = status(&dataset, &at, &filter)?;
    context.note_cut(&dataset)?;
    context.print(&report, human::status)?;
    Ok(Exit::Done)
}
