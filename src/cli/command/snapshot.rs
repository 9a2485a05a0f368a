//! `hitl snapshot create|verify|list|show|diff|export`

use std::path::PathBuf;

use clap::ValueEnum;

use hitl::ops::snapshot::{self, CreateOptions, Holds};
use hitl::ops::table::TableFormat;
use hitl::record::Policy;
use hitl::render::human;

use super::labels::ToArg;
use crate::cli::Exit;
use crate::cli::args::AtArgs;
use crate::cli::context::Context;
use crate::cli::error::Failure;

/// A named, frozen, verifiable resolution of the ledger: what a model was trained on.
#[derive(clap::Subcommand, Debug)]
pub enum Args {
    /// Resolve, split and freeze under a name, in a commit
    Create(Create),
    /// Rebuild from the lock and compare
    Verify {
        /// The snapshot
        name: String,
        #[command(flatten)]
        at: AtArgs,
    },
    /// List all snapshots
    List {
        #[command(flatten)]
        at: AtArgs,
    },
    /// Show one lock
    Show {
        /// The snapshot
        name: String,
        #[command(flatten)]
        at: AtArgs,
    },
    /// Compare what two snapshots hold
    Diff {
        /// The older one
        base: String,
        /// The newer one
        head: String,
        /// List at most this many items
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
        #[command(flatten)]
        at: AtArgs,
    },
    /// Write the rows to files
    Export {
        /// The snapshot
        name: String,
        /// The folder
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
        /// The format
        #[arg(long, value_enum, default_value = "parquet")]
        to: ToArg,
        #[command(flatten)]
        at: AtArgs,
    },
}

/// Options of `snapshot create`.
#[derive(clap::Args, Debug)]
pub struct Create {
    /// The snapshot's name
    name: String,
    /// The task, where there are several
    #[arg(long)]
    task: Option<String>,
    /// What to freeze [default: labels, or corrections where the task has no labels]
    #[arg(long, value_enum)]
    kind: Option<KindArg>,
    /// How labels become one per item [default: the task's own]
    #[arg(long, value_enum)]
    policy: Option<PolicyArg>,
    /// Parts and their shares: train=0.8,val=0.1,test=0.1; an item keeps its part when others are added
    #[arg(long, value_name = "NAME=SHARE,…")]
    split: Option<String>,
    /// Another seed gives another split
    #[arg(long, default_value = "0")]
    seed: String,
    /// Leave out items with fewer labels
    #[arg(long, value_name = "N", default_value_t = 1)]
    min_labels: u32,
    /// Also export to DIR
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The format of the export
    #[arg(long, value_enum, default_value = "parquet")]
    to: ToArg,
    #[command(flatten)]
    at: AtArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum KindArg {
    /// One label an item
    Labels,
    /// The corrections that are to be learned from: every accepted one
    Corrections,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PolicyArg {
    /// The label most labelers gave
    Majority,
    /// The label all labelers gave
    Unanimous,
    /// The label given last
    Latest,
    /// The label with most votes, each weighed by how far its labeler agrees with the majority
    Weighted,
    /// The most probable label, every labeler having error rates for each class
    DawidSkene,
    /// The most probable label, every labeler being right with one probability
    OneCoin,
    /// The most probable label, labelers differing in ability and items in difficulty
    Glad,
    /// The most probable label, a labeler knowing or answering by habit
    Mace,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    match args {
        Args::Create(args) => return create(args, context),
        Args::Verify { name, at } => {
            let report = snapshot::verify(&context.dataset()?, &name, &at.at())?;
            context.print(&report, human::snapshot::verify)?;
            return Ok(if report.ok { Exit::Done } else { Exit::Data });
        }
        Args::List { at } => {
            let report = snapshot::list(&context.dataset()?, &at.at())?;
            context
                .print(&report, |report, style, out| human::snapshot::list(&report.snapshots, style, out))?;
        }
        Args::Show { name, at } => {
            let report = snapshot::show(&context.dataset()?, &name, &at.at())?;
            context.print(&report, |report, style, out| human::snapshot::show(&report.lock, style, out))?;
        }
        Args::Diff { base, head, limit, at } => {
            let report = snapshot::diff(&context.dataset()?, &base, &head, Some(limit), &at.at())?;
            context.print(&report, human::snapshot::diff)?;
        }
        Args::Export { name, output, to, at } => {
            let report =
                snapshot::export(&context.dataset()?, &name, &output, TableFormat::from(to), &at.at())?;
            context.print(&report, human::snapshot::export)?;
        }
    }
    Ok(Exit::Done)
}

fn create(args: Create, context: &mut Context) -> Result<Exit, Failure> {
    let options = CreateOptions {
        name: args.name.clone(),
        at: args.at.at(),
        task: args.task,
        holds: args.kind.map(|kind| match kind {
            KindArg::Labels => Holds::Labels,
            KindArg::Corrections => Holds::Corrections,
        }),
        policy: args.policy.map(|policy| match policy {
            PolicyArg::Majority => Policy::Majority,
            PolicyArg::Unanimous => Policy::Unanimous,
            PolicyArg::Latest => Policy::Latest,
            PolicyArg::Weighted => Policy::Weighted,
            PolicyArg::DawidSkene => Policy::DawidSkene,
            PolicyArg::OneCoin => Policy::OneCoin,
            PolicyArg::Glad => Policy::Glad,
            PolicyArg::Mace => Policy::Mace,
        }),
        min_labels: args.min_labels,
        split: args.split,
        seed: args.seed,
    };
    let dataset = context.dataset()?;
    let report = snapshot::create(&dataset, &options, context.clock())?;
    if report.already_there {
        context.say("this very snapshot is already there: nothing was written")?;
    }
    context.print(&report, |report, style, out| {
        human::snapshot::create(&report.lock, style, out)?;
        human::swept(report.swept_by.as_ref(), style, out)
    })?;
    if let Some(output) = args.output {
        let files =
            snapshot::export(&dataset, &args.name, &output, args.to.into(), &Default::default())?.files;
        for (path, rows) in files {
            context.say(&format!("{} to {}", hitl::base::text::count(rows, "row"), path.display()))?;
        }
    }
    Ok(Exit::Done)
}
