//! `hitl textconv`

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use hitl::ops::textconv::{Content, textconv};
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::Failure;
use crate::cli::global::Format;

/// Print the rows of one shard as text, for git diff
///
/// Git runs it on each side of a diff once `hitl git-setup` has told it to. A shard that cannot be read, or lies in Git
/// LFS and was not fetched, is said to be so on standard output, and the exit code is 0: git gives up a diff whose
/// textconv fails.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The shard; git gives a copy of one side
    file: PathBuf,
}

pub fn run(args: Args, context: &mut Context) -> Result<Exit, Failure> {
    if context.format() != Format::Human {
        return Err(Failure::request("textconv prints text alone").hint("hitl show RECORD --format json"));
    }
    let bytes = context.read(&args.file)?;
    let content = textconv(bytes, context.dir());
    let mut out = BufWriter::new(context.raw()?);
    match content {
        Content::Rows(parts) => human::shard_rows(*parts, &mut out)?,
        Content::Absent(pointer) => human::absent_object(&pointer, &mut out)?,
        Content::Unreadable(why) => human::no_shard(&why, &mut out)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}
