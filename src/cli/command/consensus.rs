//! `hitl consensus`

use std::path::PathBuf;

use clap::ValueEnum;

use hitl::consensus::{ConsensusReport, Method, TieRule};
use hitl::ingest::{self, Mapping};
use hitl::ops::consensus::{self, AgainstGold, Asked, FileOptions, How};
use hitl::ops::table::{self, TableFormat};
use hitl::render::human;
use hitl::render::markdown;

use super::labels::ToArg;
use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::global::Format;

/// Find the one label of every item, and how good each labeler is, in the ledger or in a file
///
/// By votes, or by a model of the labelers that is fitted to all labels at once: on the current human labels of the ledger,
/// or straight on files, with no repository at all. Says how sure each label is, how often it is right where the truth is
/// known, how it differs from the majority, and which items to look at first. A snapshot's --policy freezes the same.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Files to read instead of the ledger (- for standard input)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How the labels of an item become one
    #[arg(long, value_enum, default_value = "majority", help_heading = "What to find")]
    method: MethodArg,
    /// Which of several equally probable classes an item gets
    #[arg(long, value_enum, default_value = "undecided", help_heading = "What to find")]
    ties: TiesArg,
    /// How many labels are added to those a labeler is judged by (dawid-skene, one-coin, mace) [default: 0.01]
    #[arg(long, value_name = "LABELS", help_heading = "What to find")]
    smoothing: Option<f64>,
    /// Which random numbers mace begins with: the same seed, the same labels [default: 0]
    #[arg(long, help_heading = "What to find")]
    seed: Option<u64>,
    /// Measure against gold labels, or against LABELER's, who then does not vote [default: gold labels, if any]
    #[arg(long, value_name = "LABELER", num_args = 0..=1, help_heading = "What to find")]
    against_gold: Option<Option<String>>,
    /// For crowdlab: whose predictions to weigh [default: the only model's]
    #[arg(long, value_name = "MODEL", help_heading = "What to find")]
    predictions: Option<String>,
    /// How many items each list has
    #[arg(long, value_name = "N", default_value = "5", help_heading = "What to find")]
    items: usize,
    /// The format of the items' labels [default: csv, or by the ending of -o]
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "What to write")]
    to: Option<ToArg>,
    /// Write every item's label to FILE
    #[arg(short, long, value_name = "FILE", help_heading = "What to write")]
    output: Option<PathBuf>,
    /// For files: all valid labels in their order, parted by commas [default: those observed]
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', help_heading = "Files")]
    classes: Vec<String>,
    /// For files: what a column means
    #[arg(long, value_name = "COLUMN=FIELD", help_heading = "Files")]
    map: Vec<Mapping>,
    /// For files: the format, when it is not to be detected
    #[arg(long, value_name = "FORMAT", help_heading = "Files")]
    from: Option<ingest::Format>,
    /// For files: one column per labeler
    #[arg(long, help_heading = "Files")]
    wide: bool,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    at: AtArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MethodArg {
    /// The class with most votes
    Majority,
    /// Votes weighed by how far each labeler agrees with the majority
    Weighted,
    /// Every labeler has error rates for each class (Dawid & Skene 1979)
    DawidSkene,
    /// Every labeler is right with one probability
    OneCoin,
    /// Labelers differ in ability, items in difficulty
    Glad,
    /// A labeler knows, or answers by habit
    Mace,
    /// Labels weighed against a model's predictions
    Crowdlab,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TiesArg {
    /// None: it stays without a label
    Undecided,
    /// The one declared first
    First,
    /// The one with more labels in all
    Frequent,
}

impl Args {
    fn how(&self) -> How {
        How {
            method: match self.method {
                MethodArg::Majority => Method::Majority,
                MethodArg::Weighted => Method::Weighted,
                MethodArg::DawidSkene => Method::DawidSkene,
                MethodArg::OneCoin => Method::OneCoin,
                MethodArg::Glad => Method::Glad,
                MethodArg::Mace => Method::Mace,
                MethodArg::Crowdlab => Method::Crowdlab,
            },
            ties: match self.ties {
                TiesArg::Undecided => TieRule::Undecided,
                TiesArg::First => TieRule::FirstClass,
                TiesArg::Frequent => TieRule::MoreFrequent,
            },
            smoothing: self.smoothing,
            seed: self.seed,
            listed: self.items,
        }
    }

    fn gold(&self) -> AgainstGold {
        match &self.against_gold {
            None => AgainstGold::IfThere,
            Some(None) => AgainstGold::Wanted,
            Some(Some(labeler)) => AgainstGold::Labeler(labeler.clone()),
        }
    }
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    if args.predictions.is_some() && !matches!(args.method, MethodArg::Crowdlab) {
        return Err(
            Failure::request("--predictions are what crowdlab weighs").hint("choose --method crowdlab")
        );
    }
    let reports =
        if args.files.is_empty() { in_ledger(&args, context)? } else { vec![in_files(&args, context)?] };
    let by_name = args.output.as_deref().and_then(TableFormat::of_file);
    let format =
        args.to.map(TableFormat::from).or(by_name).or(args.output.as_ref().map(|_| TableFormat::Csv));
    match (format, &reports[..]) {
        (Some(format), [report]) => write(report, format, args.output.as_ref(), context)?,
        (Some(_), _) => {
            return Err(Failure::request("the labels of one task are written at a time")
                .hint("choose it with --task"));
        }
        (None, [_, _, ..]) if context.format() == Format::Json => {
            let all = serde_json::json!({ "schema": "hitl.consensus-tasks/1", "tasks": reports });
            hitl::render::json(&all, context.out())?;
        }
        (None, _) => {
            for report in &reports {
                context.print_with_markdown(report, human::consensus, markdown::consensus)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn in_ledger(args: &Args, context: &mut Context) -> Result<Vec<ConsensusReport>, Failure> {
    let at = args.at.at();
    let asked = Asked {
        filter: args.filter.filter_at(context, &at)?,
        how: args.how(),
        gold: args.gold(),
        predictions: args.predictions.clone(),
    };
    let dataset = context.dataset()?;
    let reports = consensus::ledger(&dataset, &at, &asked)?;
    context.warn_absent(&dataset)?;
    Ok(reports)
}

fn in_files(args: &Args, context: &Context) -> Result<ConsensusReport, Failure> {
    if !args.filter.is_empty() || args.at.at.is_some() || args.at.as_of.is_some() {
        return Err(Failure::request("files are read whole: filters choose rows of the ledger")
            .hint("leave the filters out, or `hitl commit` the files and ask the ledger"));
    }
    let options = FileOptions {
        classes: args.classes.clone(),
        map: args.map.clone(),
        format: args.from,
        wide: args.wide,
        gold: args.gold(),
        how: args.how(),
    };
    Ok(consensus::files(&context.open(&args.files)?, &options)?)
}

/// Writes every item's label, to `output` or standard output.
fn write(
    report: &ConsensusReport,
    format: TableFormat,
    output: Option<&PathBuf>,
    context: &mut Context,
) -> Result<(), Failure> {
    let bytes = table::encode(&table::consensus(report), format)
        .map_err(|error| Failure::from(hitl::ops::Error::Shard { file: "the items".to_owned(), error }))?;
    let Some(path) = output else {
        return Ok(std::io::Write::write_all(&mut context.raw()?, &bytes)?);
    };
    std::fs::write(path, bytes)
        .map_err(|error| Failure::request(format!("cannot write {}: {error}", path.display())))?;
    let items = hitl::base::text::count(report.counts.items, "item");
    context.say(&format!("{items} to {}, {} with a label", path.display(), report.counts.labelled))
}
