//! `hitl check`

use std::path::PathBuf;

use hitl::ops::check::{Options, check};

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// Judge whether a change of the ledger may be merged
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What the change would be merged into
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// The change
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    head: String,
    /// Also write the report to a file
    #[arg(long, value_name = "FORMAT=FILE")]
    to: Vec<PathBuf>,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let dataset = context.dataset()?;
    let options = Options { base: Some(args.base.unwrap_or_else(|| "main".to_owned())), head: args.head };
    let report = check(&dataset, &options)?;
    context.print(&report, |report, _, out| hitl::render::json(report, out))?;
    Ok(match report.verdict {
        hitl::check::Verdict::Failed => Exit::No,
        _ => Exit::Done,
    })
}
