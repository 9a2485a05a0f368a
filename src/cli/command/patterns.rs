//! `hitl patterns` and `hitl patterns apply`

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::ValueEnum;

use hitl::ops::patterns::{self, Asked, New};
use hitl::patterns::{Options, PatternsReport, RuleReport, Status};
use hitl::render::{human, markdown};

use crate::cli::Exit;
use crate::cli::args::{AtArgs, FilterArgs};
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::global::Format;

/// Find what people correct again and again, and say how sure that is
///
/// Mines rules WHEN up to three things hold DO something from corrections of texts, and from labels where a machine's
/// guess is known. Every review counts, approvals too: a rule is measured against all items that match. Half of the
/// items, chosen by a hash of their ids, only check what the others give.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Compare with the rules as this Git revision has them
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Show only rules of this status; repeat for more [default: all]
    #[arg(long, value_enum, value_name = "STATUS")]
    status: Vec<StatusArg>,
    /// Show at most so many rules; JSON has all
    #[arg(long, value_name = "N", default_value = "20")]
    limit: usize,
    /// Let a command word each accepted rule: it gets the rule as JSON on its standard input and answers with text
    #[arg(long, value_name = "CMD")]
    phrase_with: Option<String>,
    #[command(flatten)]
    mine: MineArgs,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Say which accepted rules fire on new texts, or on a model's new guesses
    Apply(Apply),
}

/// Options of `patterns apply`.
#[derive(clap::Args, Debug)]
struct Apply {
    /// Files of items with their texts; for a task of labels, of predictions (- for standard input)
    #[arg(required_unless_present = "input", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One text, instead of files
    #[arg(long, value_name = "TEXT", conflicts_with = "files")]
    input: Option<String>,
    #[command(flatten)]
    mine: MineArgs,
}

/// What is mined.
#[derive(clap::Args, Debug)]
struct MineArgs {
    /// Items that must bear a rule out
    #[arg(long, value_name = "N", default_value_t = Options::default().min_support, value_parser = clap::value_parser!(u32).range(1..))]
    min_support: u32,
    /// People who must have made the change, for otherwise it is their style
    #[arg(long, value_name = "N", default_value_t = Options::default().min_labelers, value_parser = clap::value_parser!(u32).range(1..))]
    min_labelers: u32,
    /// The least share of matching items with the change
    #[arg(long, value_name = "SHARE", default_value_t = Options::default().min_precision, value_parser = share)]
    min_precision: f64,
    /// The share of false discoveries to put up with
    #[arg(long, value_name = "SHARE", default_value_t = Options::default().level, value_parser = share)]
    level: f64,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    at: AtArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum StatusArg {
    /// Beyond chance, and held-out items bear it out
    Accepted,
    /// Beyond chance, but held-out items do not say so
    Candidate,
    /// One person's way of writing
    Style,
}

const AFTER_HELP: &str = "\
What is not accepted by `corrections.accept` in hitl.yaml, taken back or not to be
learned is in no rule. What each number is: docs/patterns.md";

fn share(text: &str) -> Result<f64, &'static str> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or("it is a share from 0 to 1")
}

impl MineArgs {
    fn asked(&self, context: &Context, base: Option<String>) -> Result<Asked, Failure> {
        let at = self.at.at();
        let options = Options {
            min_support: self.min_support,
            min_labelers: self.min_labelers,
            min_precision: self.min_precision,
            level: self.level,
            ..Options::default()
        };
        Ok(Asked { filter: self.filter.filter_at(context, &at)?, at, options, base })
    }
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    if let Some(Verb::Apply(args)) = args.verb {
        return apply(args, context);
    }
    let asked = args.mine.asked(context, args.base)?;
    let dataset = context.dataset()?;
    let mut reports = patterns::patterns(&dataset, &asked)?;
    context.warn_absent(&dataset)?;
    for report in &mut reports {
        let kept =
            |rule: &RuleReport| args.status.is_empty() || args.status.iter().any(|kept| kept.is(rule.status));
        report.rules.retain(kept);
        if let Some(command) = &args.phrase_with {
            phrase(report, command, context)?;
        }
    }
    if let ([_, _, ..], Format::Json) = (reports.as_slice(), context.format()) {
        // One document, however many tasks.
        let all = serde_json::json!({ "schema": "hitl.patterns-tasks/1", "tasks": reports });
        hitl::render::json(&all, context.out())?;
        return Ok(Exit::Done);
    }
    for report in &reports {
        context.print_with_markdown(
            report,
            |report, style, out| human::patterns(report, args.limit, style, out),
            |report, out| markdown::patterns(report, args.limit, out),
        )?;
    }
    Ok(Exit::Done)
}

impl StatusArg {
    fn is(self, status: Status) -> bool {
        matches!(
            (self, status),
            (Self::Accepted, Status::Accepted)
                | (Self::Candidate, Status::Candidate)
                | (Self::Style, Status::Style)
        )
    }
}

fn apply(args: Apply, context: &mut Context) -> Result<Exit, Failure> {
    let asked = args.mine.asked(context, None)?;
    let new = match args.input {
        Some(text) => New::Text(text),
        None => New::Files(context.inputs(&args.files)?),
    };
    let dataset = context.dataset()?;
    let report = patterns::apply(&dataset, &asked, &new)?;
    context.warn_absent(&dataset)?;
    context.print(&report, human::patterns_applied)?;
    Ok(Exit::Done)
}

/// Answers of a command are cut after so many characters.
const LONGEST_PHRASE: usize = 500;

/// Lets `command` word each accepted rule. The numbers stay as they are.
fn phrase(report: &mut PatternsReport, command: &str, context: &Context) -> Result<(), Failure> {
    for rule in report.rules.iter_mut().filter(|rule| rule.status == Status::Accepted) {
        let failed = |why: &str| {
            Failure::request(format!("`{command}` did not word rule {}: {why}", rule.id))
                .hint("it gets one rule as JSON on its standard input and writes some text")
        };
        let mut child = Command::new("sh")
            .args(["-c", command])
            .current_dir(context.dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(&error.to_string()))?;
        let evidence = serde_json::to_vec(&*rule).map_err(|error| failed(&error.to_string()))?;
        // Written beside: a command may answer before it has read all, and one that never does is no failure.
        let input = child.stdin.take();
        let writer = std::thread::spawn(move || input.map(|mut input| input.write_all(&evidence)));
        let output = child.wait_with_output().map_err(|error| failed(&error.to_string()))?;
        let _ = writer.join();
        if !output.status.success() {
            return Err(failed(&format!("it ended with {}", output.status)));
        }
        let said = String::from_utf8(output.stdout).map_err(|_| failed("its answer is not UTF-8"))?;
        let said: String = said.trim().chars().take(LONGEST_PHRASE).collect();
        rule.phrase = (!said.is_empty()).then_some(said);
    }
    Ok(())
}
