//! `hitl show`

use hitl::ops::show::show;
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::args::AtArgs;
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// Show one record in full
///
/// Shows one record in full: who, when, from which file, what it covers, and its first rows.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// An id prefix of 6 digits or more, a ledger path, or a Git revision (what that commit added)
    record: String,
    /// Rows to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    limit: usize,
    #[command(flatten)]
    at: AtArgs,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let dataset = context.dataset()?;
    let report = show(&dataset, &args.at.at(), &args.record, args.limit)?;
    context.warn_absent(&dataset)?;
    context.print(&report, human::show)?;
    Ok(Exit::Done)
}
