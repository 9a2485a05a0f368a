//! `hitl demo`

use std::path::PathBuf;

use hitl::ops::demo;
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::global::Format;
use crate::cli::program::textconv_driver;

/// Make a small repository that shows the whole of hitl, and say what to try
///
/// Makes a repository from made-up data (240 messages, four labelers, a model that pre-labels, two guideline versions),
/// finds the careless labeler, takes their work back, and shows what that does to the training set.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder, which must be new or empty
    #[arg(default_value = "hitl-demo")]
    dir: PathBuf,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    let dir = args.dir.clone();
    let style = context.style();
    let human = context.format() == Format::Human;
    let mut told = Ok(());
    let clock = context.clock();
    let out = context.out();
    let report = demo::demo(&dir, clock, textconv_driver(), |step| {
        if human && told.is_ok() {
            told = human::demo_step(step, &style, out);
        }
    })?;
    told?;
    let program =
        std::env::current_exe().map_or_else(|_| "hitl".to_owned(), |path| path.display().to_string());
    context.print(&report, |report, style, out| human::demo_end(report, &args.dir, &program, style, out))?;
    Ok(Exit::Done)
}
