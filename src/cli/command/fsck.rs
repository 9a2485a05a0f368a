//! `hitl fsck`

use hitl::ops::fsck::fsck;
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::args::AtArgs;
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// Check every record, shard and snapshot
///
/// Checks every record against its id, every shard against its manifest, parents, targets of reverts, every snapshot,
/// and the work tree against history; says which commit introduced a fault and what to do.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    at: AtArgs,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let dataset = context.dataset()?;
    let report = fsck(&dataset, &args.at.at())?;
    context.note_cut(&dataset)?;
    context.print(&report, human::fsck)?;
    Ok(if report.faults.is_empty() { Exit::Done } else { Exit::Data })
}
