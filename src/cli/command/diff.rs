//! `hitl diff`

use hitl::diff::batches::BatchDiff;
use hitl::ops::diff::{Options, batches, corrections, diff};
use hitl::record::{Filter, Kind};
use hitl::render::{html, human, markdown};

use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::global::Format;

/// Show what changed between two states, or how two batches differ
///
/// With a range: which labels were added, taken back, restored, superseded or changed between two revisions or
/// snapshots; with `--kind corrections`, item by item what people made of each text. With two records: what the one
/// batch says of each item beside what the other says, whoever made them and whatever became of them since.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A..B, A.. or ..B (a missing side is HEAD), or A alone for A..HEAD [default: the last commit]; or a record, to be
    /// compared with BATCH_B: an id prefix, a ledger path, or a Git revision for what that commit added
    #[arg(value_name = "RANGE | BATCH_A")]
    first: Option<String>,
    /// A second record
    #[arg(value_name = "BATCH_B")]
    second: Option<String>,
    /// Counts alone, in any format
    #[arg(long)]
    stat: bool,
    /// Corrections as unified diffs in plain text, from the original to what each labeler made of it
    #[arg(long, conflicts_with = "stat")]
    unified: bool,
    /// List at most this many rows, or items of two batches
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Exit with 1 when anything changed
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    filter: FilterArgs,
}

/// How much is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Counts and items.
    Items,
    /// Counts alone.
    Counts,
    /// Unified diffs alone.
    Unified,
}

impl Args {
    fn detail(&self) -> Detail {
        match (self.stat, self.unified) {
            (true, _) => Detail::Counts,
            (_, true) => Detail::Unified,
            _ => Detail::Items,
        }
    }

    /// Returns how many rows or items a report lists, whatever its format.
    fn listed(&self) -> Option<usize> {
        Some(if self.stat { 0 } else { self.limit })
    }
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    if args.unified && context.format() != Format::Human {
        return Err(Failure::request("--unified prints text alone").hint("leave out --format, or --unified"));
    }
    let filter = args.filter.filter_at(context, &AtArgs::default().at())?;
    match (&args.first, &args.second) {
        (Some(first), Some(second)) => two_batches(&args, (first, second), &filter, context),
        _ => two_states(&args, filter, context),
    }
}

fn two_batches(
    args: &Args,
    given: (&str, &str),
    filter: &Filter,
    context: &mut Context,
) -> Result<Exit, Failure> {
    if let Some(range) = [given.0, given.1].into_iter().find(|given| given.contains("..")) {
        let hint = "hitl diff A..B compares two states, hitl diff BATCH_A BATCH_B two batches";
        return Err(
            Failure::request(format!("`{range}` is a range, and two batches were expected")).hint(hint)
        );
    }
    let dataset = context.dataset()?;
    let report = batches(&dataset, given, filter, args.listed())?;
    if args.unified && report.parts.iter().all(|part| part.kind != Kind::Corrections) {
        return Err(Failure::request("--unified shows corrections, and these batches hold none"));
    }
    context.warn_absent(&dataset)?;
    print(args, &report, context)
}

fn two_states(args: &Args, filter: Filter, context: &mut Context) -> Result<Exit, Failure> {
    if args.first.as_deref().is_some_and(|range| range.contains("...")) {
        let two = "write A..B; for what B adds since it left A: $(git merge-base A B)..B";
        return Err(Failure::request("a range has two dots").hint(two));
    }
    let dataset = context.dataset()?;
    let of_corrections = filter.kinds == [Kind::Corrections];
    let options = Options { range: args.first.clone(), filter, limit: args.listed() };
    if of_corrections {
        let report = corrections(&dataset, &options)?;
        context.warn_absent(&dataset)?;
        return print(args, &report, context);
    }
    if args.unified {
        return Err(Failure::request("--unified shows corrections").hint("add --kind corrections"));
    }
    let report = diff(&dataset, &options)?;
    context.warn_absent(&dataset)?;
    let changed = !report.same;
    context.print(&report, |report, style, out| human::diff(report, args.stat, style, out))?;
    Ok(if args.exit_code && changed { Exit::No } else { Exit::Done })
}

fn print(args: &Args, report: &BatchDiff, context: &mut Context) -> Result<Exit, Failure> {
    context.print_as_page(
        report,
        |report, style, out| match args.detail() {
            Detail::Unified => human::batch_unified(report, style, out),
            detail => human::batch_diff(report, detail == Detail::Counts, style, out),
        },
        markdown::batch_diff,
        html::batch_diff,
    )?;
    Ok(if args.exit_code && !report.same { Exit::No } else { Exit::Done })
}
