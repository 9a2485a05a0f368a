//! `hitl snapshot create|verify|list|show|diff|export|attest|few-shot`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use hitl::base::text::count;
use hitl::dataset::{At, Dataset};
use hitl::ops::snapshot::{
    self, CreateOptions, ExportFormat, ExportOptions, ExportReport, FewShotOptions, Holds,
};
use hitl::ops::table::TableFormat;
use hitl::record::Policy;
use hitl::render::human;
use hitl::training::Format as Rows;
use hitl::training::few_shot::Ask;

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
        #[command(flatten)]
        to: To,
        #[command(flatten)]
        at: AtArgs,
    },
    /// Attest what it was made of: an in-toto statement, signed with the SSH key of user.signingKey
    Attest {
        /// The snapshot
        name: String,
        /// The file to write, in place of one that is there; - for standard output
        #[arg(long, value_name = "FILE", default_value = "-")]
        to: PathBuf,
        /// The statement alone, unsigned, for another tool to sign
        #[arg(long)]
        statement: bool,
        #[command(flatten)]
        at: AtArgs,
    },
    /// Few-shot examples for a prompt: the corrections most likely needed again in a text
    FewShot(FewShot),
}

/// What an export consists of.
#[derive(clap::Args, Debug)]
pub struct To {
    /// The format
    #[arg(long, value_enum, default_value = "parquet")]
    to: ToArg,
    /// Of training rows: what a model is told to do with an original whose context does not say what it answers
    /// [default: the task's question]
    #[arg(long, value_name = "TEXT")]
    instruction: Option<String>,
}

/// Options of `snapshot few-shot`.
#[derive(clap::Args, Debug)]
pub struct FewShot {
    /// The snapshot
    name: String,
    /// The text that examples are wanted for
    #[arg(long, value_name = "TEXT", required_unless_present = "input_from", conflicts_with = "input_from")]
    input: Option<String>,
    /// The file with that text, - for standard input
    #[arg(long, value_name = "FILE")]
    input_from: Option<PathBuf>,
    /// At most so many examples
    #[arg(short = 'k', long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    examples: u32,
    /// At most so many characters in all
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    max_chars: usize,
    /// The part of a split that examples and rules are taken from [default: train, or the first where none has that name]
    #[arg(long, value_name = "NAME")]
    part: Option<String>,
    /// Leave out the rules that people's corrections bear out (`hitl patterns`)
    #[arg(long)]
    no_rules: bool,
    /// Leave out ITEM and whatever has the same text
    #[arg(long, value_name = "ITEM")]
    without: Option<String>,
    #[command(flatten)]
    at: AtArgs,
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
    /// Sign nothing, whatever Git's user.signingKey is
    #[arg(long)]
    no_sign: bool,
    /// Also export to DIR
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    to: To,
    #[command(flatten)]
    at: AtArgs,
}

/// A format of exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ToArg {
    /// Parquet, with who said what
    Parquet,
    /// Comma-separated values
    Csv,
    /// One JSON object a line
    Jsonl,
    /// Arrow IPC file
    Arrow,
    /// A folder that datasets.load_dataset opens, with a dataset card
    Hf,
    /// Corrections as chats to fine-tune on: {"messages": […]}
    Sft,
    /// Corrections as {"prompt": "…", "completion": "…"}
    Completion,
    /// The same with lists of messages
    CompletionChat,
    /// Corrections as preferences: {"prompt": "…", "chosen": "…", "rejected": "…"}
    Dpo,
    /// The same with lists of messages
    DpoChat,
    /// The same as OpenAI reads it: {"input": …, "preferred_output": …, "non_preferred_output": …}
    DpoOpenai,
}

impl From<ToArg> for ExportFormat {
    fn from(to: ToArg) -> Self {
        match to {
            ToArg::Parquet => Self::Table(TableFormat::Parquet),
            ToArg::Csv => Self::Table(TableFormat::Csv),
            ToArg::Jsonl => Self::Table(TableFormat::Jsonl),
            ToArg::Arrow => Self::Table(TableFormat::Arrow),
            ToArg::Hf => Self::HuggingFace,
            ToArg::Sft => Self::Training(Rows::Sft),
            ToArg::Completion => Self::Training(Rows::Completion),
            ToArg::CompletionChat => Self::Training(Rows::CompletionChat),
            ToArg::Dpo => Self::Training(Rows::Dpo),
            ToArg::DpoChat => Self::Training(Rows::DpoChat),
            ToArg::DpoOpenai => Self::Training(Rows::DpoOpenai),
        }
    }
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
            to.check()?;
            let report = export(&context.dataset()?, &name, &output, &to, &at.at())?;
            context.print(&report, human::snapshot::export)?;
        }
        Args::Attest { name, to, statement, at } => {
            let attested = snapshot::attest(&context.dataset()?, &name, statement, &at.at())?;
            if let Some(note) = &attested.note {
                context.say(&format!("note: {}", human::sanitize(note)))?;
            }
            if to == Path::new("-") {
                context.out().write_all(attested.document.as_bytes())?;
            } else {
                let report = snapshot::write_attestation(&attested, &to)?;
                context.print(&report, human::snapshot::attest)?;
            }
        }
        Args::FewShot(args) => few_shot(&args, context)?,
    }
    Ok(Exit::Done)
}

fn create(args: Create, context: &mut Context) -> Result<Exit, Failure> {
    args.to.check()?;
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
        export: args.output.as_ref().map(|dir| (args.to.to.into(), dir.clone())),
        unsigned: args.no_sign,
    };
    let dataset = context.dataset()?;
    let report = snapshot::create(&dataset, &options, context.clock())?;
    if report.already_there {
        context.say("this very snapshot is already there: nothing was written")?;
    }
    if report.lock.rows() == 0 && report.lock.rule.policy.name == Policy::Accepted {
        context.say(
            "warning: the snapshot holds no correction; `hitl status` says which are not learned from",
        )?;
    }
    context.print(&report, |report, style, out| {
        let also = (report.left_out.as_slice(), report.signed_by.as_deref());
        human::snapshot::create(&report.lock, also, style, out)?;
        human::swept(report.swept_by.as_ref(), style, out)
    })?;
    if let Some(output) = args.output {
        let report = export(&dataset, &args.name, &output, &args.to, &Default::default())?;
        for (path, rows) in &report.files {
            context.say(&format!("{} to {}", count(*rows, "row"), path.display()))?;
        }
        for (reason, rows) in &report.left_out {
            context.say(&format!("{} not there: {}", count(*rows as usize, "row"), reason.words()))?;
        }
    }
    Ok(Exit::Done)
}

impl To {
    /// Checks that an instruction has rows that it goes into.
    fn check(&self) -> Result<(), Failure> {
        match (&self.instruction, ExportFormat::from(self.to)) {
            (None, _) | (_, ExportFormat::Training(_)) => Ok(()),
            _ => {
                Err(Failure::request("--instruction goes into training rows; say which with --to sft, dpo …"))
            }
        }
    }
}

fn export(dataset: &Dataset, name: &str, dir: &Path, to: &To, at: &At) -> Result<ExportReport, Failure> {
    let instruction = to.instruction.as_deref();
    Ok(snapshot::export(dataset, &ExportOptions { name, dir, format: to.to.into(), instruction, at })?)
}

fn few_shot(args: &FewShot, context: &mut Context) -> Result<(), Failure> {
    let read = args.input_from.as_deref().map(|path| context.read_text(path)).transpose()?;
    let ask = Ask {
        input: args.input.as_deref().or(read.as_deref()).unwrap_or_default(),
        examples: args.examples as usize,
        max_chars: args.max_chars,
        without: args.without.as_deref(),
    };
    let options = FewShotOptions {
        name: &args.name,
        part: args.part.as_deref(),
        ask,
        rules: !args.no_rules,
        at: &args.at.at(),
    };
    let report = snapshot::few_shot(&context.dataset()?, &options)?;
    context.print_with_markdown(&report, human::snapshot::few_shot, |report, out| {
        out.write_all(report.pack.text.as_bytes())
    })?;
    if let Some(part) = &report.part {
        context.say(&format!("from part {part} alone: {}", count(report.corrections, "correction")))?;
    }
    if report.pack.examples.is_empty() && report.pack.examples_left_out == 0 {
        let corrections = count(report.corrections, "correction");
        context.say(&format!("none of the {corrections} shows a change for these words"))?;
    }
    if report.pack.examples_left_out > 0 {
        let passed_over = count(report.pack.examples_left_out, "example");
        context.say(&format!("no room for {passed_over}; --max-chars makes more"))?;
    }
    Ok(())
}
