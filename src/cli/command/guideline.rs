//! `hitl guideline add|list|show|diff`

use std::path::PathBuf;

use hitl::base::Timestamp;
use hitl::ops::guideline::{self, AddOptions};
use hitl::record::Change;
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::args::AtArgs;
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// The text labelers follow, version by version; a version's identity is the SHA-256 of its text.
#[derive(clap::Subcommand, Debug)]
pub enum Args {
    /// Add a version: its Markdown file and its record, in one commit
    Add {
        /// The guideline's name
        name: String,
        /// The text (- for standard input)
        file: PathBuf,
        /// Its version [default: the next whole number]
        #[arg(long)]
        version: Option<String>,
        /// When it comes into force, UTC [default: now]
        #[arg(long, value_name = "DATE")]
        effective: Option<Timestamp>,
        /// semantic: the same item may now earn another label; minor: wording alone
        #[arg(long, default_value = "semantic")]
        change: Change,
        /// Why
        #[arg(short, long)]
        message: Option<String>,
        /// Sign nothing, whatever Git's user.signingKey is
        #[arg(long)]
        no_sign: bool,
    },
    /// List all versions
    List {
        #[command(flatten)]
        at: AtArgs,
    },
    /// Print a version's text
    Show {
        /// NAME@VERSION, or NAME for the newest
        guideline: String,
        #[command(flatten)]
        at: AtArgs,
    },
    /// Compare two versions word by word
    Diff {
        /// NAME@VERSION
        base: String,
        /// NAME@VERSION
        head: String,
        #[command(flatten)]
        at: AtArgs,
    },
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    match args {
        Args::Add { name, file, version, effective, change, message, no_sign } => {
            let text = context.read_text(&file)?;
            let change = Some(change);
            let options = AddOptions { name, text, version, effective, change, message, unsigned: no_sign };
            let report = guideline::add(&context.dataset()?, &options, context.clock())?;
            context.print(&report, human::guideline::add)?;
        }
        Args::List { at } => {
            let report = guideline::list(&context.dataset()?, &at.at())?;
            context.print(&report, human::guideline::list)?;
        }
        Args::Show { guideline, at } => {
            let report = guideline::show(&context.dataset()?, &guideline, &at.at())?;
            context.print(&report, human::guideline::show)?;
        }
        Args::Diff { base, head, at } => {
            let report = guideline::diff(&context.dataset()?, &base, &head, &at.at())?;
            context.print(&report, human::guideline::diff)?;
        }
    }
    Ok(Exit::Done)
}
