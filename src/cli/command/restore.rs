//! `hitl restore`

use hitl::ops::restore;
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// Bring back a record that plain git removed
///
/// Brings back records that `git revert`, `git rm` or an edit took away or changed, exactly as history held them.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Id prefixes of the records
    #[arg(value_name = "ID", required_unless_present = "all")]
    records: Vec<String>,
    /// All that history held and HEAD lacks
    #[arg(long, conflicts_with = "records")]
    all: bool,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let dataset = context.dataset()?;
    let report =
        if args.all { restore::restore_all(&dataset)? } else { restore::restore(&dataset, &args.records)? };
    context.print(&report, human::restore)?;
    Ok(Exit::Done)
}
