//! `hitl revert`

use clap::ValueEnum;

use hitl::ops::revert::{Options, revert};
use hitl::record::Cascade;
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::args::FilterArgs;
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::global::Format;

/// Take back judgements by record, labeler, guideline, time or items
///
/// Takes judgements back by one small record: by record, labeler, guideline, time window, item list, or any of these
/// together. Everybody else's work stays. A revert is itself taken back by naming it.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Records: id prefixes of 6 digits or more, ledger paths, or Git revisions (what that commit added)
    #[arg(value_name = "RECORD")]
    records: Vec<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Whether judgements built on these go too [default: confirmed for a model's rows, else none]
    #[arg(long, value_enum)]
    cascade: Option<CascadeArg>,
    /// Also take matching rows of records that do not descend from this revert: branches merged later
    #[arg(long)]
    concurrent: bool,
    /// Why; asked for on a terminal
    #[arg(short, long)]
    message: Option<String>,
    /// Sign nothing, whatever Git's user.signingKey is
    #[arg(long)]
    no_sign: bool,
    /// Show what would happen and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// What goes with what was taken back.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum CascadeArg {
    /// Nothing: they are judgements of their own
    None,
    /// What only confirmed it
    Confirmed,
    /// Also what was changed from it, or switched after seeing it
    All,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let mut options = Options {
        records: args.records.into_iter().chain(args.filter.batch.clone()).collect(),
        filter: args.filter.filter(context)?,
        cascade: args.cascade.map(|cascade| match cascade {
            CascadeArg::None => Cascade::None,
            CascadeArg::Confirmed => Cascade::Confirmed,
            CascadeArg::All => Cascade::All,
        }),
        concurrent: args.concurrent,
        message: args.message,
        unsigned: args.no_sign,
        dry_run: args.dry_run,
    };
    let dataset = context.dataset()?;
    let mut previewed = false;
    if options.message.is_none() && !options.dry_run && context.is_interactive() {
        let preview = revert(&dataset, &Options { dry_run: true, ..options.clone() }, context.clock())?;
        if context.format() == Format::Human {
            context.print(&preview, human::revert_effects)?;
            context.finish()?;
            context.say("")?;
            previewed = true;
        }
        let why = context.ask("Why is it taken back? (empty to stop)")?;
        if why.is_empty() {
            context.say("nothing was changed")?;
            return Ok(Exit::No);
        }
        options.message = Some(why);
    }
    let report = revert(&dataset, &options, context.clock())?;
    context.print(&report, if previewed { human::revert_end } else { human::revert })?;
    Ok(Exit::Done)
}
