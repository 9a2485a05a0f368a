//! `hitl labels`

use std::path::PathBuf;

use clap::ValueEnum;

use hitl::ops::labels::{Wanted, labels};
use hitl::ops::table::{self, TableFormat};
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// Print judgements with their attribution
///
/// Prints judgements, one a row, with attribution, record, commit, state, and what reverted or superseded each.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Which judgements: those that count, those not taken back, or all
    #[arg(long, value_enum, default_value = "current")]
    state: StateArg,
    /// The format of the rows [default: csv, or by the ending of -o]
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Option<ToArg>,
    /// Write to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    at: AtArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StateArg {
    /// Live, and last of their key
    Current,
    /// Not taken back
    Live,
    /// All
    All,
}

/// A file format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ToArg {
    /// Parquet
    Parquet,
    /// Comma-separated values
    Csv,
    /// One JSON object a line
    Jsonl,
    /// Arrow IPC file
    Arrow,
}

impl From<ToArg> for TableFormat {
    fn from(to: ToArg) -> Self {
        match to {
            ToArg::Parquet => Self::Parquet,
            ToArg::Csv => Self::Csv,
            ToArg::Jsonl => Self::Jsonl,
            ToArg::Arrow => Self::Arrow,
        }
    }
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let at = args.at.at();
    let filter = args.filter.filter_at(context, &at)?;
    let wanted = match args.state {
        StateArg::Current => Wanted::Current,
        StateArg::Live => Wanted::Live,
        StateArg::All => Wanted::All,
    };
    let dataset = context.dataset()?;
    let report = labels(&dataset, &at, &filter, wanted)?;
    context.warn_absent(&dataset)?;
    let by_name = args.output.as_deref().and_then(TableFormat::of_file);
    let Some(format) =
        args.to.map(TableFormat::from).or(by_name).or(args.output.as_ref().map(|_| TableFormat::Csv))
    else {
        context.print(&report, human::labels)?;
        return Ok(Exit::Done);
    };
    let bytes = table::encode(&table::labels(&report.rows), format)
        .map_err(|error| Failure::from(hitl::ops::Error::Shard { file: "the rows".to_owned(), error }))?;
    match args.output {
        Some(path) => {
            std::fs::write(&path, bytes)
                .map_err(|error| Failure::request(format!("cannot write {}: {error}", path.display())))?;
            context.say(&format!(
                "{} to {}",
                hitl::base::text::count(report.rows.len(), "row"),
                path.display()
            ))?;
        }
        None => std::io::Write::write_all(&mut context.raw()?, &bytes)?,
    }
    Ok(Exit::Done)
}
