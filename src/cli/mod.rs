//! Floor 6: the terminal, the environment and the clock meet the library here, and nowhere else.

mod args;
mod command;
mod context;
mod error;
mod global;
mod program;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;

use clap::Parser;

use context::Context;
use error::Failure;

/// Exit codes beside 0: ran and the answer is no; the request was wrong; data or repository damaged, incomplete or
/// refused; somebody else got there first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Ran, and the answer is no.
    No = 1,
    /// The request was wrong.
    Request = 2,
    /// The data or the repository is damaged, incomplete or refused.
    Data = 3,
    /// Somebody else got there first, or something refused: try again.
    Busy = 4,
}

/// Git for labels: who labelled what, when, under which guideline, and how; take back one labeler's work, rebuild any
/// training set.
#[derive(Parser, Debug)]
#[command(name = "hitl", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    global: global::Global,
    #[command(subcommand)]
    command: command::Command,
}

const AFTER_HELP: &str = "\
Exit codes: 0 done · 1 ran, and the answer is no · 2 the request was wrong ·
            3 data or repository damaged, incomplete or refused · 4 busy, try again
Begin with `hitl demo`; `hitl COMMAND --help` tells all of one command.";

/// Runs the program and returns its exit code.
pub fn main() -> ExitCode {
    hitl::shard::quiet_panics();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Request } else { Exit::Done };
            // A closed pipe while help is printed is no fault.
            let _ = error.print();
            return ExitCode::from(code as u8);
        }
    };
    let mut context = match Context::new(cli.global) {
        Ok(context) => context,
        Err(failure) => return ExitCode::from(failure.report_plainly() as u8),
    };
    let run = || command::run(cli.command, &mut context).and_then(|exit| context.finish().map(|()| exit));
    let exit = match catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(unreadable) {
        Ok(exit) => exit,
        Err(Failure::ClosedPipe) => Exit::Done,
        Err(failure) => context.report(&failure),
    };
    ExitCode::from(exit as u8)
}

/// Returns the failure of a manifest that turned out damaged where nobody could be told; panics go on.
fn unreadable(cause: Box<dyn Any + Send>) -> Result<Exit, Failure> {
    match cause.downcast::<hitl::dataset::Error>() {
        Ok(error) => Err((*error).into()),
        Err(panic) => resume_unwind(panic),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::Cli;

    /// A global option gives its value to every argument that has its id: `demo DIR` once worked in `DIR/DIR`.
    #[test]
    fn no_argument_has_the_id_of_a_global_option() {
        fn walk(command: &Command, global: &[&str]) {
            for argument in command.get_arguments() {
                let id = argument.get_id().as_str();
                assert!(!global.contains(&id), "`{}` has an argument {id}", command.get_name());
            }
            command.get_subcommands().for_each(|inner| walk(inner, global));
        }
        let cli = Cli::command();
        let global: Vec<&str> = cli
            .get_arguments()
            .filter(|argument| argument.is_global_set())
            .map(|argument| argument.get_id().as_str())
            .collect();
        assert!(global.len() >= 3);
        cli.get_subcommands().for_each(|command| walk(command, &global));
    }
}
