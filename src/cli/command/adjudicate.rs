//! `hitl adjudicate`

use std::path::{Path, PathBuf};

use hitl::base::Timestamp;
use hitl::ops::adjudicate::{self, Asked, Decided, ListReport, Options};
use hitl::ops::table::{self, TableFormat};
use hitl::record::{ErrorType, Origin};
use hitl::render::{human, markdown};

use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// Decide what an item's label is, and list the items that need it
///
/// Records a decision on an item. It wins over all labels, whoever made them, and over earlier decisions; nobody's label
/// is touched, and `hitl revert` takes a decision back like any other judgement. --list shows the items whose labels
/// disagree, most disputed first and without names; --to writes them as a form, which --from takes back.
#[derive(clap::Args, Debug)]
#[command(
    override_usage = "hitl adjudicate ITEM LABEL -m WHY [OPTIONS]\n       hitl adjudicate --from FILE [OPTIONS]\n       \
                            hitl adjudicate --list [OPTIONS]"
)]
pub struct Args {
    /// The item
    #[arg(required_unless_present_any = ["from", "list"], conflicts_with_all = ["from", "list"])]
    item: Option<String>,
    /// The right label, as the task's schema has it
    #[arg(required_unless_present_any = ["from", "list", "none"], conflicts_with_all = ["from", "list", "none"])]
    label: Option<String>,
    /// There is no right label
    #[arg(long, conflicts_with_all = ["from", "list"])]
    none: bool,
    /// Why
    #[arg(short, long, conflicts_with = "list")]
    message: Option<String>,
    /// The task, where there are several
    #[arg(long, value_name = "TASK")]
    task: Vec<String>,
    /// Who decides [default: whose alias in labelers.yaml is Git's user.email]; with --list: only labels by them count
    #[arg(long, value_name = "ID")]
    labeler: Vec<String>,
    /// The guideline followed: NAME for the version in force, or NAME@VERSION; with --list: only labels made under it
    #[arg(long, value_name = "NAME[@V]")]
    guideline: Vec<String>,
    /// What went wrong before: labeler_error, guideline_gap, ambiguous_item, bad_item, model_error, other
    #[arg(long, value_name = "TYPE", conflicts_with_all = ["from", "list"])]
    error_type: Option<ErrorType>,
    /// What the guideline does not say, for its next version
    #[arg(long, value_name = "NOTE", conflicts_with_all = ["from", "list"])]
    guideline_gap: Option<String>,
    /// Record another reason, guideline or other attribute of a decision that stands
    #[arg(long, conflicts_with = "list")]
    amend: bool,
    /// Sign nothing, whatever Git's user.signingKey is
    #[arg(long, conflicts_with = "list")]
    no_sign: bool,
    /// Show what would happen and write nothing
    #[arg(short = 'n', long, conflicts_with = "list")]
    dry_run: bool,
    /// Take the decisions of FILE (- for standard input): item, label, reason, and where given error_type,
    /// guideline_gap, labeler, guideline, created_at
    #[arg(long, value_name = "FILE", conflicts_with = "list", help_heading = "Many at once")]
    from: Option<PathBuf>,
    /// With --from: record decisions again that a revert took back
    #[arg(long, help_heading = "Many at once")]
    again: bool,
    /// List the items that need a decision, most disputed first, names hidden
    #[arg(long, help_heading = LIST)]
    list: bool,
    /// List at most this many items of a task [default: 20; with --to: all]
    #[arg(long, value_name = "N", help_heading = LIST)]
    limit: Option<usize>,
    /// Write a form to fill in, for --from, by the ending of FILE: csv, jsonl
    #[arg(long, value_name = "FILE", help_heading = LIST)]
    to: Option<PathBuf>,
    /// Only labels of this origin
    #[arg(long, value_name = "ORIGIN", help_heading = LIST)]
    origin: Vec<Origin>,
    /// Only labels of this record: an id prefix, a ledger path or a Git revision
    #[arg(long, value_name = "RECORD", help_heading = LIST)]
    batch: Vec<String>,
    /// Only labels made at or after this moment, UTC
    #[arg(long, value_name = "TIME", help_heading = LIST)]
    since: Option<Timestamp>,
    /// Only labels made before this moment, UTC
    #[arg(long, value_name = "TIME", help_heading = LIST)]
    until: Option<Timestamp>,
    /// Only the items listed in FILE, one id a line (- for standard input)
    #[arg(long, value_name = "FILE", help_heading = LIST)]
    items_from: Option<PathBuf>,
    #[command(flatten)]
    at: AtArgs,
}

impl Args {
    /// Refuses options of a list, or of a file, beside a decision. (What conflicts with an item is never required.)
    fn refuse_stray(&self) -> Result<(), Failure> {
        let of_list = [
            ("--limit", self.limit.is_some()),
            ("--to", self.to.is_some()),
            ("--origin", !self.origin.is_empty()),
            ("--batch", !self.batch.is_empty()),
            ("--since", self.since.is_some()),
            ("--until", self.until.is_some()),
            ("--items-from", self.items_from.is_some()),
            ("--at", self.at.at.is_some()),
            ("--as-of", self.at.as_of.is_some()),
        ];
        if let Some((name, _)) = of_list.into_iter().find(|(_, given)| *given) {
            return Err(Failure::request(format!("{name} goes with --list")));
        }
        match self.again && self.from.is_none() {
            true => Err(Failure::request("--again goes with --from; what is decided now counts anyway")),
            false => Ok(()),
        }
    }
}

const LIST: &str = "What needs a decision";

/// How many items are listed when nobody says.
const LISTED: usize = 20;

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    if args.list {
        return list(args, context);
    }
    args.refuse_stray()?;
    let decided = match args.from {
        Some(path) => Decided::File(context.inputs(&[path])?.remove(0)),
        None => Decided::One {
            item: args.item.unwrap_or_default(),
            label: args.label,
            error_type: args.error_type,
            guideline_gap: args.guideline_gap,
        },
    };
    let options = Options {
        decided,
        task: only("--task", args.task)?,
        labeler: only("--labeler", args.labeler)?,
        guideline: only("--guideline", args.guideline)?,
        message: args.message,
        again: args.again,
        amend: args.amend,
        unsigned: args.no_sign,
        dry_run: args.dry_run,
    };
    let report = adjudicate::adjudicate(&context.dataset()?, &options, context.clock())?;
    context.print(&report, human::adjudicate)?;
    let only_taken_back = report.commit.new_rows() == 0 && report.commit.taken_back() > 0;
    Ok(if only_taken_back { Exit::No } else { Exit::Done })
}

/// Returns the one value of an option that is repeated for a list alone.
fn only(name: &str, mut values: Vec<String>) -> Result<Option<String>, Failure> {
    match values.len() {
        0 | 1 => Ok(values.pop()),
        _ => Err(Failure::request(format!(
            "{name} is given once for a decision; it repeats with --list alone"
        ))),
    }
}

fn list(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let at = args.at.at();
    let filter = FilterArgs {
        task: args.task,
        labeler: args.labeler,
        guideline: args.guideline,
        origin: args.origin,
        batch: args.batch,
        kind: Vec::new(),
        since: args.since,
        until: args.until,
        items_from: args.items_from,
    };
    let filter = filter.filter_at(context, &at)?;
    let limit = args.limit.unwrap_or(if args.to.is_some() { usize::MAX } else { LISTED });
    let dataset = context.dataset()?;
    let report = adjudicate::list(&dataset, &at, &Asked { filter, limit })?;
    context.warn_absent(&dataset)?;
    match args.to {
        Some(path) => form(&report, &path, context)?,
        None => context.print_with_markdown(&report, human::adjudicate_list, markdown::adjudicate_list)?,
    }
    Ok(Exit::Done)
}

/// Writes the form; never over a file that is there, in which somebody may have decided.
fn form(report: &ListReport, path: &Path, context: &mut Context) -> Result<(), Failure> {
    let (task, form) = adjudicate::form(report)?;
    let format = TableFormat::of_file(path).unwrap_or(TableFormat::Csv);
    let bytes = table::encode(&form, format)
        .map_err(|error| Failure::from(hitl::ops::Error::Shard { file: "the form".to_owned(), error }))?;
    let unwritable =
        |error: std::io::Error| Failure::request(format!("cannot write {}: {error}", path.display()));
    let mut file = match std::fs::File::create_new(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Failure::request(format!("{} is there already", path.display()))
                .hint("somebody may have decided in it; move it away, or name another file"));
        }
        file => file.map_err(unwritable)?,
    };
    std::io::Write::write_all(&mut file, &bytes).map_err(unwritable)?;
    context.say(&format!(
        "{} of {} to {}; fill in label and reason, then: hitl adjudicate --from {}{}",
        hitl::base::text::count(task.items.len(), "item"),
        human::sanitize(&task.task),
        path.display(),
        human::shell_word(&path.display().to_string()),
        if context.dataset()?.declared()?.len() > 1 {
            format!(" --task {}", human::shell_word(&task.task))
        } else {
            String::new()
        }
    ))
}
