//! `hitl trace`

use hitl::ops::trace::trace;
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::args::AtArgs;
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// Tell the story of one item
///
/// Tells every judgement of one item in time order: who, when, under which text, how, in which record and commit, and
/// what became of it; what the item resolves to and why; which snapshots hold it.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The item's id
    item: String,
    /// Only this task
    #[arg(long)]
    task: Option<String>,
    #[command(flatten)]
    at: AtArgs,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let dataset = context.dataset()?;
    let report = trace(&dataset, &args.item, args.task.as_deref(), &args.at.at())?;
    context.warn_absent(&dataset)?;
    context.print(&report, human::trace)?;
    Ok(Exit::Done)
}
