//! `hitl agreement`

use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use serde::Serialize;

use hitl::agreement::{Level, METRICS, Panel, Weighting};
use hitl::ingest::{self, Mapping};
use hitl::ops::agreement::{self, Asked, Base, By, FileOptions, Measures, Weights};
use hitl::render::human::{self, Style};
use hitl::render::markdown;

use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::{Context, Out};
use crate::cli::error::Failure;
use crate::cli::global::Format;

/// Measure how far labelers agree, in the ledger or in a file
///
/// Measures Krippendorff's alpha, Cohen's, Light's, Conger's and Fleiss' kappa, Scott's pi, Gwet's AC1 and AC2, Brennan and
/// Prediger's coefficient and percent agreement, with intervals: on the current human labels of the ledger, or straight
/// on files, with no repository at all. Says which items, classes and labelers the disagreement comes from.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Files to measure instead of the ledger (- for standard input)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    measures: MeasureArgs,
    /// Also measure the parts of the ledger's labels with one origin, guideline version or week
    #[arg(long, value_name = "PART", value_enum, value_delimiter = ',', help_heading = "What to measure")]
    by: Vec<ByArg>,
    /// Measure every labeler against this one: people against gold, a judge against people
    #[arg(long, value_name = "LABELER", help_heading = "What to measure")]
    against: Option<String>,
    /// Compare with the ledger as this Git revision has it
    #[arg(long, value_name = "REV", help_heading = "What to measure")]
    base: Option<String>,
    /// With --base: only items whose labels changed since
    #[arg(long, requires = "base", help_heading = "What to measure")]
    changed: bool,
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

/// What to measure, and how sure to be.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "What to measure")]
struct MeasureArgs {
    /// The scale of the labels [default: that of the task's type; nominal for files]
    #[arg(long, value_enum)]
    level: Option<LevelArg>,
    /// Which metrics: all that the labels allow, or names parted by commas [default: those people read]
    #[arg(long, value_name = "all|NAME,NAME", value_delimiter = ',')]
    metrics: Vec<String>,
    /// Let labels that differ agree in part: linear, quadratic, or a file with a number for every two classes
    #[arg(long, value_name = "linear|quadratic|FILE")]
    weights: Option<PathBuf>,
    /// The confidence of intervals
    #[arg(long, value_name = "SHARE", default_value = "0.95")]
    confidence: Confidence,
    /// Intervals from so many samples of the items [default: 1000 for alpha; the others have analytic ones]
    #[arg(long, value_name = "SAMPLES", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    bootstrap: Option<u32>,
    /// Which random numbers the samples are drawn by: the same seed gives the same samples
    #[arg(long, default_value = "0")]
    seed: u64,
    /// How many of the items that disagree most to list
    #[arg(long, value_name = "N", default_value = "5")]
    items: usize,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LevelArg {
    Nominal,
    Ordinal,
    Interval,
    Ratio,
    Set,
    Span,
    Box,
    Ranking,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ByArg {
    Origin,
    Guideline,
    Week,
}

/// A share between one half and one.
#[derive(Clone, Copy, Debug)]
struct Confidence(f64);

impl FromStr for Confidence {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let share = text.parse().ok().filter(|share| (0.5..1.0).contains(share));
        share.map(Self).ok_or("it is a share from 0.5 to below 1, such as 0.95")
    }
}

impl MeasureArgs {
    fn measures(&self, context: &Context) -> Result<Measures, Failure> {
        let weights = match self.weights.as_ref().map(|weights| (weights, weights.to_str())) {
            None => None,
            Some((_, Some("linear"))) => Some(Weights::Named(Weighting::Linear)),
            Some((_, Some("quadratic"))) => Some(Weights::Named(Weighting::Quadratic)),
            Some((file, _)) => {
                context.inputs(std::slice::from_ref(file))?.into_iter().next().map(Weights::File)
            }
        };
        Ok(Measures {
            level: self.level.map(|level| match level {
                LevelArg::Nominal => Level::Nominal,
                LevelArg::Ordinal => Level::Ordinal,
                LevelArg::Interval => Level::Interval,
                LevelArg::Ratio => Level::Ratio,
                LevelArg::Set => Level::Set,
                LevelArg::Span => Level::Span,
                LevelArg::Box => Level::Box,
                LevelArg::Ranking => Level::Ranking,
            }),
            panel: self.panel()?,
            weights,
            confidence: self.confidence.0,
            samples: self.bootstrap,
            seed: self.seed,
            disputed: self.items,
        })
    }

    fn panel(&self) -> Result<Panel, Failure> {
        match self.metrics.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => Ok(Panel::Usual),
            ["all"] => Ok(Panel::All),
            names => match names.iter().find(|name| !METRICS.contains(name)) {
                None => Ok(Panel::Only(self.metrics.clone())),
                Some(unknown) => Err(Failure::request(format!("there is no metric `{unknown}`"))
                    .hint(format!("all, or some of: {}", METRICS.join(", ")))),
            },
        }
    }
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let measures = args.measures.measures(context)?;
    if !args.files.is_empty() {
        return run_files(args, measures, context);
    }
    let at = args.at.at();
    let asked = Asked {
        filter: args.filter.filter_at(context, &at)?,
        measures,
        by: args.by.iter().map(|by| by.by()).collect(),
        base: args.base.map(|rev| Base { rev, changed: args.changed }),
    };
    let dataset = context.dataset()?;
    if let Some(labeler) = &args.against {
        let reports = agreement::against(&dataset, &at, &asked, labeler)?;
        context.warn_absent(&dataset)?;
        return print_all(
            &reports,
            "hitl.agreement-against-tasks/1",
            human::against,
            markdown::against,
            context,
        );
    }
    let reports = agreement::ledger(&dataset, &at, &asked)?;
    context.warn_absent(&dataset)?;
    print_all(&reports, "hitl.agreement-tasks/1", human::agreement, markdown::agreement, context)
}

impl ByArg {
    fn by(self) -> By {
        match self {
            Self::Origin => By::Origin,
            Self::Guideline => By::Guideline,
            Self::Week => By::Week,
        }
    }
}

fn run_files(args: Args, measures: Measures, context: &mut Context) -> Result<Exit, Failure> {
    if !args.filter.is_empty() || args.at.at.is_some() || args.at.as_of.is_some() {
        return Err(Failure::request("files are measured whole: filters choose rows of the ledger")
            .hint("leave the filters out, or `hitl commit` the files and measure the ledger"));
    }
    if args.base.is_some() || !args.by.is_empty() {
        return Err(Failure::request(
            "--base and --by are about the ledger, which knows when and how labels were made",
        )
        .hint("leave them out, or `hitl commit` the files and measure the ledger"));
    }
    let inputs = context.open(&args.files)?;
    let options =
        FileOptions { classes: args.classes, map: args.map, format: args.from, wide: args.wide, measures };
    match &args.against {
        Some(labeler) => {
            let report = agreement::against_in_files(&inputs, &options, labeler)?;
            context.print_with_markdown(&report, human::against, markdown::against)?;
        }
        None => {
            let report = agreement::files(&inputs, &options)?;
            context.print_with_markdown(&report, human::agreement, markdown::agreement)?;
        }
    }
    Ok(Exit::Done)
}

/// Prints one report a task; as JSON, one document, however many tasks.
fn print_all<R: Serialize>(
    reports: &[R],
    schema: &str,
    human: impl Fn(&R, &Style, &mut Out) -> io::Result<()>,
    markdown: impl Fn(&R, &mut Out) -> io::Result<()>,
    context: &mut Context,
) -> Result<Exit, Failure> {
    if let ([_, _, ..], Format::Json) = (reports, context.format()) {
        let all = serde_json::json!({ "schema": schema, "tasks": reports });
        hitl::render::json(&all, context.out())?;
        return Ok(Exit::Done);
    }
    for report in reports {
        context.print_with_markdown(report, &human, &markdown)?;
    }
    Ok(Exit::Done)
}
