//! One file a verb: its arguments, and how they become options, a report, and print.

mod adjudicate;
mod agreement;
mod audit;
mod check;
mod commit;
mod consensus;
mod demo;
mod diff;
mod fsck;
mod git_setup;
mod guideline;
mod hook;
mod init;
mod labelers;
mod labels;
mod log;
mod patterns;
mod restore;
mod revert;
mod show;
mod snapshot;
mod status;
mod textconv;
mod trace;

use clap::Subcommand;

use super::Exit;
use super::context::Context;
use super::error::Failure;

/// The verbs.
#[derive(Subcommand, Debug)]
pub enum Command {
    Demo(demo::Args),
    Init(init::Args),
    /// Add, list, show and compare guideline versions
    #[command(subcommand)]
    Guideline(guideline::Args),
    Commit(commit::Args),
    Revert(revert::Args),
    Restore(restore::Args),
    Status(status::Args),
    Log(log::Args),
    Show(show::Args),
    Labels(labels::Args),
    Diff(diff::Args),
    Trace(Box<trace::Args>),
    Audit(audit::Args),
    Adjudicate(Box<adjudicate::Args>),
    Agreement(Box<agreement::Args>),
    Consensus(Box<consensus::Args>),
    Labelers(Box<labelers::Args>),
    Patterns(Box<patterns::Args>),
    /// Freeze, verify, compare and export training sets
    #[command(subcommand)]
    Snapshot(snapshot::Args),
    Check(check::Args),
    #[command(visible_alias = "verify")]
    Fsck(fsck::Args),
    GitSetup(git_setup::Args),
    /// Let Git ask hitl before it commits, pushes or lets a push in
    #[command(subcommand)]
    Hook(hook::Args),
    #[command(hide = true)]
    Textconv(textconv::Args),
}

/// Runs one verb.
pub fn run(command: Command, context: &mut Context) -> Result<Exit, Failure> {
    match command {
        Command::Demo(args) => demo::run(args, context),
        Command::Init(args) => init::run(args, context),
        Command::Guideline(args) => guideline::run(args, context),
        Command::Commit(args) => commit::run(args, context),
        Command::Revert(args) => revert::run(args, context),
        Command::Restore(args) => restore::run(args, context),
        Command::Status(args) => status::run(args, context),
        Command::Log(args) => log::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Labels(args) => labels::run(args, context),
        Command::Diff(args) => diff::run(args, context),
        Command::Trace(args) => trace::run(*args, context),
        Command::Audit(args) => audit::run(args, context),
        Command::Adjudicate(args) => adjudicate::run(*args, context),
        Command::Agreement(args) => agreement::run(*args, context),
        Command::Consensus(args) => consensus::run(*args, context),
        Command::Labelers(args) => labelers::run(*args, context),
        Command::Patterns(args) => patterns::run(*args, context),
        Command::Snapshot(args) => snapshot::run(args, context),
        Command::Check(args) => check::run(args, context),
        Command::Fsck(args) => fsck::run(args, context),
        Command::GitSetup(args) => git_setup::run(args, context),
        Command::Hook(args) => hook::run(args, context),
        Command::Textconv(args) => textconv::run(args, context),
    }
}
