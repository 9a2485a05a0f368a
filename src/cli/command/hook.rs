//! `hitl hook`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Subcommand;

use hitl::dataset::Dataset;
use hitl::ops::hook::{self, FilesReport, HookName, PushReport, State};
use hitl::render::human;
use hitl::store::{GitEnv, Store};

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::program::own_path;

/// What is to be done about hooks.
#[derive(Subcommand, Debug)]
pub enum Args {
    /// Put hitl's hooks where Git looks for them
    ///
    /// pre-commit refuses to commit ledger files that are removed, edited or no sound records, and faults in hitl.yaml and
    /// labelers.yaml; pre-push checks each branch against what the remote has; pre-receive, on a server, checks what is
    /// pushed before it is let in. A hook that somebody else wrote is left as it is, and what to add to it is said.
    Install(Files),
    /// Take hitl's hooks away
    Uninstall(Files),
    /// Say which hooks are installed
    Status,
    /// What an installed hook runs
    #[command(hide = true)]
    Run(Run),
}

/// Which hooks are meant.
#[derive(clap::Args, Debug)]
pub struct Files {
    /// pre-commit, pre-push, pre-receive; without one, those of use here: the first two, or in a bare repository the last
    #[arg(value_name = "HOOK")]
    hooks: Vec<HookName>,
}

/// What git gives a hook.
#[derive(clap::Args, Debug)]
pub struct Run {
    /// The hook
    hook: HookName,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    match args {
        Args::Install(files) => {
            let store = Store::discover(context.dir())?;
            let program = own_path()
                .ok_or_else(|| Failure::request("where this program lies cannot be told to git"))?;
            let report = hook::install(&store, &files.hooks, &program)?;
            let foreign = report.hooks.iter().any(|file| file.state == State::Foreign);
            told(&report, if foreign { Exit::No } else { Exit::Done }, context)
        }
        Args::Uninstall(files) => {
            let store = Store::discover(context.dir())?;
            told(&hook::uninstall(&store, &files.hooks)?, Exit::Done, context)
        }
        Args::Status => {
            let store = Store::discover(context.dir())?;
            told(&hook::status(&store)?, Exit::Done, context)
        }
        Args::Run(run) => asked(&run, context),
    }
}

fn told(report: &FilesReport, exit: Exit, context: &mut Context) -> Result<Exit, Failure> {
    context.print(report, human::hook::files)?;
    Ok(exit)
}

/// Answers git. Nothing that was interrupted is finished here: a hook may run in the middle of a commit of hitl's.
fn asked(run: &Run, context: &mut Context) -> Result<Exit, Failure> {
    match run.hook {
        HookName::PreCommit => {
            let index = variable("GIT_INDEX_FILE").map(std::path::absolute).transpose()?;
            let dataset = Dataset::over(Store::discover(context.dir())?);
            let report = hook::staged(&dataset, index.as_deref())?;
            context.print(&report, human::hook::staged)?;
            Ok(if report.refused.is_empty() { Exit::Done } else { Exit::No })
        }
        HookName::PrePush => {
            let (remote, input) = match told_by_framework() {
                Some(told) => told,
                None => {
                    let remote = run.args.first().map(|remote| remote.to_string_lossy().into_owned());
                    (remote.unwrap_or_default(), context.read_text("-".as_ref())?)
                }
            };
            let dataset = Dataset::over(Store::discover(context.dir())?);
            pushed(&hook::push(&dataset, &remote, &input, context.clock())?, context)
        }
        HookName::PreReceive => {
            let input = context.read_text("-".as_ref())?;
            let dataset = Dataset::over(Store::discover_with(context.dir(), received_into())?);
            pushed(&hook::receive(&dataset, &input, context.clock())?, context)
        }
    }
}

/// Returns where git keeps the objects of a push that no hook has let in yet.
fn received_into() -> GitEnv {
    let env = GitEnv::inherited();
    match (variable("GIT_QUARANTINE_PATH"), variable("GIT_OBJECT_DIRECTORY")) {
        (Some(_), Some(objects)) => {
            let alternates = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
            env.in_quarantine(PathBuf::from(objects), alternates)
        }
        _ => env,
    }
}

/// Returns the remote, and what is pushed as git writes it, where the pre-commit framework runs the hook: it reads
/// standard input itself.
fn told_by_framework() -> Option<(String, String)> {
    let said = |name: &str| variable(name)?.into_string().ok();
    let branch = said("PRE_COMMIT_REMOTE_BRANCH")?;
    let new = said("PRE_COMMIT_TO_REF").or_else(|| said("PRE_COMMIT_LOCAL_BRANCH"))?;
    let old = said("PRE_COMMIT_FROM_REF").unwrap_or_else(|| "0".to_owned());
    Some((said("PRE_COMMIT_REMOTE_NAME").unwrap_or_default(), format!("{new} {new} {branch} {old}\n")))
}

fn variable(name: &str) -> Option<OsString> {
    #[expect(clippy::disallowed_methods, reason = "floor 7 reads the environment")]
    let value = std::env::var_os(name);
    value.filter(|value| !value.is_empty())
}

fn pushed(report: &PushReport, context: &mut Context) -> Result<Exit, Failure> {
    context.print(report, human::hook::pushed)?;
    Ok(if report.is_refused() { Exit::No } else { Exit::Done })
}
