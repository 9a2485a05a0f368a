//! `hitl commit`

use std::hash::{BuildHasher, Hasher};
use std::path::PathBuf;

use hitl::ingest::{Format, Mapping};
use hitl::ops::commit::{Options, Personal, commit};
use hitl::record::{Kind, LabelerKind, Origin};
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// Commit labels, items or other judgements from files
///
/// Reads CSV, TSV, JSON, JSONL, Parquet and Label Studio exports (JSON, JSON_MIN, CSV), in long form (one row per item
/// and labeler) or wide form (--wide, one column per labeler), and commits what is new as records in one Git commit.
/// Nothing is committed unless every row is good, or --skip-bad leaves the bad ones out.
#[derive(clap::Args, Debug)]
#[command(after_help = human::ALIASES_HELP.as_str())]
pub struct Args {
    /// The files (- for standard input)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The task, where hitl.yaml declares several
    #[arg(long)]
    task: Option<String>,
    /// What the rows are: labels, items, corrections, adjudications, predictions
    #[arg(long, default_value = "labels")]
    kind: Kind,
    /// The format, when it is not to be detected: csv, tsv, json, jsonl, label-studio, parquet
    #[arg(long, value_name = "FORMAT")]
    from: Option<Format>,
    /// What a column means: COLUMN=FIELD, task:NAME=COLUMN (that column labels that task), COLUMN=- (not kept)
    #[arg(long, value_name = "COLUMN=FIELD")]
    map: Vec<Mapping>,
    /// One column per labeler, named after them
    #[arg(long)]
    wide: bool,
    /// Who judged, in a file that does not say
    #[arg(long, value_name = "ID")]
    labeler: Option<String>,
    /// What the file's labelers are: human, model, gold
    #[arg(long, value_name = "KIND")]
    labeler_kind: Option<LabelerKind>,
    /// The guideline of new rows that name none: NAME for the version in force at each row's time, or NAME@VERSION
    #[arg(long, value_name = "NAME[@V]")]
    guideline: Option<String>,
    /// The origin of new rows that give none: fresh, confirmed, changed, switched, adjudicated, unknown
    #[arg(long)]
    origin: Option<Origin>,
    /// Replace e-mail addresses by pseudonyms; the map stays in .git/hitl/, outside history
    #[arg(long, conflicts_with = "allow_personal_ids")]
    pseudonymize: bool,
    /// Keep e-mail addresses as labeler ids
    #[arg(long)]
    allow_personal_ids: bool,
    /// Leave bad rows out and write them to a file of their own
    #[arg(long)]
    skip_bad: bool,
    /// Commit rows again that a revert took back
    #[arg(long)]
    again: bool,
    /// Record changed attributes of judgements that are in the ledger already
    #[arg(long)]
    amend: bool,
    /// Why
    #[arg(short, long)]
    message: Option<String>,
    /// Sign nothing, whatever Git's user.signingKey is
    #[arg(long)]
    no_sign: bool,
    /// Show the plan and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let inputs = context.inputs(&args.files)?;
    let personal = match (args.pseudonymize, args.allow_personal_ids) {
        (true, _) => Personal::Pseudonymize { salt: salt() },
        (_, true) => Personal::Allow,
        _ => Personal::Refuse,
    };
    let options = Options {
        kind: args.kind,
        format: args.from,
        map: args.map,
        task: args.task,
        wide: args.wide,
        labeler: args.labeler,
        labeler_kind: args.labeler_kind,
        guideline: args.guideline,
        origin: args.origin,
        personal,
        skip_bad: args.skip_bad,
        again: args.again,
        amend: args.amend,
        message: args.message,
        unsigned: args.no_sign,
        dry_run: args.dry_run,
        ..Options::new(inputs)
    };
    let report = commit(&context.dataset()?, &options, context.clock())?;
    context.print(&report, human::commit)?;
    let only_taken_back = report.new_rows() == 0 && report.taken_back() > 0;
    Ok(if only_taken_back { Exit::No } else { Exit::Done })
}

/// Returns 32 bytes that nobody can guess: the standard library seeds each hasher from the system's randomness.
fn salt() -> [u8; 32] {
    let mut salt = [0; 32];
    for part in salt.chunks_exact_mut(8) {
        part.copy_from_slice(&std::hash::RandomState::new().build_hasher().finish().to_le_bytes());
    }
    salt
}
