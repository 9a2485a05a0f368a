//! `hitl audit`

use hitl::ops::audit::{Options, audit};
use hitl::render::{self, html, human, markdown};

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::global::Format;

/// Tell every act in the order of the commits: who did what, and on whose word
///
/// Batches, corrections, decisions, guideline versions, reverts, snapshots, signatures, changes of who may do what and of
/// tasks and checks; files of the ledger that somebody removed or edited. Each with when, by whom as it says itself, who signed
/// it, and whether it counts. --format csv, html and md write the same for spreadsheets and for reading.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only what came after this commit
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// Up to this commit [default: HEAD]
    #[arg(long, value_name = "REV")]
    until: Option<String>,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let dataset = context.dataset()?;
    context.has(&[Format::Human, Format::Json, Format::Md, Format::Html, Format::Csv])?;
    let called = context.called(&dataset)?;
    let options = Options { since: args.since.as_deref(), until: args.until.as_deref(), called: &called };
    let report = audit(&dataset, &options)?;
    context.warn_absent(&dataset)?;
    if report.cut {
        context.say("note: history is cut off in this shallow clone: its oldest commit seems to have done all that came before; `git fetch --unshallow` brings the rest")?;
    }
    match context.format() {
        Format::Csv => render::csv::audit(&report, context.out())?,
        _ => context.print_as_page(&report, human::audit, markdown::audit, html::audit)?,
    }
    Ok(Exit::Done)
}
