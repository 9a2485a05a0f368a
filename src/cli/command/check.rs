//! `hitl check`

use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use hitl::check::{CheckReport, Verdict};
use hitl::dataset::{At, Dataset};
use hitl::ops::check::{Options, check, likely_base, merged};
use hitl::ops::survey::survey;
use hitl::render::{annotations, code_quality, html, human, json, junit, markdown, sarif};

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::{Failure, unwritable};
use crate::cli::global::Format;

/// Judge whether a change of the ledger may be merged
///
/// Compares the tip a change would go to (--base) with what merging it will hold, and runs the checks that base's
/// hitl.yaml asks for: records are what they say, no commit takes anything away, everybody did only what they may,
/// nobody contradicts themself, agreement, gold, snapshots. Who may do what is read at base, so that no branch grants
/// itself anything.
///
/// Exits with 0 where it may be merged, 1 where a check failed, 2 or 3 where the check could not be made.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// What the change would be merged into [default: origin/HEAD, origin/main, origin/master, main or master]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// The change
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    head: String,
    /// Also write the report as FORMAT to FILE (- for standard output); repeat for more
    #[arg(long, value_name = "FORMAT=FILE")]
    to: Vec<Target>,
}

const AFTER_HELP: &str = "\
Formats of --to: md (a comment on a pull request), html (one page with pictures),
json, junit, sarif, github (annotations), gitlab (code quality).
With one of them on standard output nothing else is printed there.

The checks and their limits are under `checks` in hitl.yaml: docs/check.md has them
all. A GitHub Action, a GitLab template and hooks: docs/ci.md.";

/// One more report.
#[derive(Clone, Debug)]
struct Target {
    form: Form,
    file: PathBuf,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Md,
    Html,
    Json,
    Junit,
    Sarif,
    Github,
    Gitlab,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = "md, html, json, junit, sarif, github or gitlab";
        let Some((form, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
            return Err(format!("write FORMAT=FILE, where FORMAT is {known}"));
        };
        let form = match form {
            "md" => Form::Md,
            "html" => Form::Html,
            "json" => Form::Json,
            "junit" => Form::Junit,
            "sarif" => Form::Sarif,
            "github" => Form::Github,
            "gitlab" => Form::Gitlab,
            other => return Err(format!("there is no format `{other}`; it is {known}")),
        };
        Ok(Self { form, file: file.into() })
    }
}

impl Target {
    fn is_stdout(&self) -> bool {
        self.file.as_os_str() == "-"
    }
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let dataset = context.dataset()?;
    let base = match args.base {
        Some(base) => base,
        None => likely_base(&dataset)?,
    };
    let options = Options { base: Some(base), head: args.head, now: context.clock().now };
    let report = check(&dataset, &options)?;
    let mut printed = false;
    for target in &args.to {
        let text = page(target.form, &report, &dataset, &options)?;
        match target.is_stdout() {
            true => context.out().write_all(&text)?,
            false => std::fs::write(&target.file, &text).map_err(|error| unwritable(&target.file, &error))?,
        }
        printed |= target.is_stdout();
    }
    if !printed {
        context.has(&[Format::Human, Format::Json, Format::Md, Format::Html])?;
        match context.format() {
            Format::Html => {
                let text = page(Form::Html, &report, &dataset, &options)?;
                context.out().write_all(&text)?;
            }
            Format::Human | Format::Json | Format::Md | Format::Csv | Format::Prov => {
                context.print_with_markdown(&report, human::check, markdown::check)?;
            }
        }
    }
    Ok(if report.verdict == Verdict::Failed { Exit::No } else { Exit::Done })
}

/// Returns the report in one form.
fn page(form: Form, report: &CheckReport, dataset: &Dataset, options: &Options) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    match form {
        Form::Md => markdown::check(report, &mut text)?,
        Form::Json => json(report, &mut text)?,
        Form::Junit => junit(report, &mut text)?,
        Form::Sarif => sarif(report, &mut text)?,
        Form::Github => annotations(report, &mut text)?,
        Form::Gitlab => code_quality(report, &mut text)?,
        Form::Html => {
            // Of damaged files there is no picture.
            let pictures = merged(dataset, options)?.and_then(|commit| {
                let at = At { rev: Some(commit.0), as_of: None };
                survey(dataset, &at, None).ok()
            });
            html::check(report, pictures.as_ref(), &mut text)?;
        }
    }
    Ok(text)
}
