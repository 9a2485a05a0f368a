//! `hitl trace`

use std::path::PathBuf;

use hitl::base::text::nfc;
use hitl::ops::trace::{Asked, Options, trace, usage, why};
use hitl::render::{self, human};

use crate::cli::Exit;
use crate::cli::args::AtArgs;
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::global::Format;

/// Tell the story of one item, why a snapshot holds it so, or what used somebody's work
///
/// Of an item: every judgement of it in time order: who, when, under which text, how, in which record and commit, on whose
/// word, and what became of it; what the item resolves to and why; which snapshots hold it. With --snapshot: why that
/// snapshot holds its label, step by step, and whether it would today. Of a labeler, a batch, a guideline or a file: what its
/// rows touched, and what uses them.
#[derive(clap::Args, Debug)]
#[command(group = clap::ArgGroup::new("asked").required(true).args(["item", "item_flag", "labeler", "batch", "guideline", "file"]))]
pub struct Args {
    /// The item's id
    item: Option<String>,
    /// The item's id, where it begins with a dash or reads better so
    #[arg(id = "item_flag", long = "item", value_name = "ITEM", allow_hyphen_values = true)]
    item_flag: Option<String>,
    /// Why this snapshot holds the item's label
    #[arg(long, value_name = "NAME", conflicts_with_all = ["labeler", "batch", "guideline", "file", "task"])]
    snapshot: Option<String>,
    /// What the rows of this labeler touched, and what uses them
    #[arg(long, value_name = "ID", help_heading = "Instead of an item")]
    labeler: Option<String>,
    /// The same of a record: an id prefix, a ledger path or a Git revision
    #[arg(long, value_name = "RECORD", help_heading = "Instead of an item")]
    batch: Option<String>,
    /// The same of rows made under this guideline: NAME for all versions, or NAME@VERSION
    #[arg(long, value_name = "NAME[@V]", help_heading = "Instead of an item")]
    guideline: Option<String>,
    /// The same of the records that were read from a file with these bytes, whatever its name
    #[arg(long, value_name = "FILE", help_heading = "Instead of an item")]
    file: Option<PathBuf>,
    /// Only this task
    #[arg(long)]
    task: Option<String>,
    /// Also check who signed the commits named
    #[arg(long, conflicts_with_all = ["labeler", "batch", "guideline", "file"])]
    signatures: bool,
    #[command(flatten)]
    at: AtArgs,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let dataset = context.dataset()?;
    let (at, task) = (args.at.at(), args.task.as_deref());
    let called = context.called(&dataset)?;
    let Some(item) = args.item.as_deref().or(args.item_flag.as_deref()).map(nfc) else {
        let asked = asked(args.labeler, args.batch, args.guideline, args.file, context)?;
        let mut report = usage(&dataset, &asked, task, &at)?;
        report.call(&called);
        context.warn_absent(&dataset)?;
        context.print(&report, human::trace_use)?;
        return Ok(Exit::Done);
    };
    let options = Options { item: &item, task, signatures: args.signatures, at: &at };
    if let Some(snapshot) = &args.snapshot {
        let mut report = why(&dataset, snapshot, &options)?;
        report.call(&called);
        context.warn_absent(&dataset)?;
        context.print(&report, human::trace_snapshot)?;
        return Ok(if report.held.is_empty() { Exit::No } else { Exit::Done });
    }
    context.has(&[Format::Human, Format::Json, Format::Prov])?;
    let mut report = trace(&dataset, &options)?;
    called.trace(&mut report);
    context.warn_absent(&dataset)?;
    match context.format() {
        Format::Prov => render::prov(&report, context.out())?,
        _ => context.print(&report, human::trace)?,
    }
    Ok(Exit::Done)
}

/// Returns whose use is asked about; clap lets exactly one through.
fn asked(
    labeler: Option<String>,
    batch: Option<String>,
    guideline: Option<String>,
    file: Option<PathBuf>,
    context: &Context,
) -> Result<Asked, Failure> {
    let name = |text: String| nfc(&text).into_owned();
    Ok(match (labeler, batch, guideline, file) {
        (Some(labeler), ..) => Asked::Labeler(name(labeler)),
        (_, Some(batch), ..) => Asked::Batch(batch),
        (_, _, Some(guideline), _) => Asked::Guideline(name(guideline)),
        (.., Some(path)) => Asked::File(context.inputs(&[path])?.remove(0)),
        (None, None, None, None) => {
            return Err(Failure::request("name an item, or --labeler, --batch, --guideline or --file"));
        }
    })
}
