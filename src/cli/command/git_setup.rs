//! `hitl git-setup`

use hitl::ops::git_setup::git_setup;
use hitl::render::human;
use hitl::store::Store;

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::program::textconv_driver;

/// Let git diff, git log -p and git show tell the rows of shards
///
/// Sets diff.hitl.textconv in this clone's own configuration, as `hitl init` does; no clone takes it from another, so
/// run it once in each. What somebody else set is left as it is. The text is not cached (diff.hitl.cachetextconv): Git
/// would keep it in commits under refs/notes.
#[derive(clap::Args, Debug)]
pub struct Args {}

pub fn run(_: Args, context: &mut Context) -> Result<Exit, Failure> {
    let store = Store::discover(context.dir())?;
    let driver =
        textconv_driver().ok_or_else(|| Failure::request("where this program lies cannot be told to git"))?;
    let report = git_setup(&store, &driver)?;
    context.print(&report, human::git_setup)?;
    Ok(Exit::Done)
}
