//! `init`.

use std::io::{self, Write};

use super::{Style, Tone, sanitize};
use crate::ops::git_setup::Outcome;
use crate::ops::init::InitReport;

/// Writes what `init` did and what comes next.
///
/// # Errors
/// Whatever writing meets.
pub fn init(report: &InitReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let root = report.root.display().to_string();
    let what = if report.new_repository { "made a repository in" } else { "ready for labels:" };
    writeln!(out, "{what} {}", sanitize(&root))?;
    for file in &report.written {
        writeln!(out, "  wrote {}", style.paint(Tone::Id, file))?;
    }
    for file in &report.kept {
        writeln!(out, "  kept  {} {}", style.paint(Tone::Id, file), style.paint(Tone::Dim, "as it is"))?;
    }
    match (&report.commit, &report.branch) {
        (Some(commit), Some(branch)) => writeln!(
            out,
            "committed on {} as {}",
            sanitize(branch),
            style.paint(Tone::Id, super::short_commit(commit))
        )?,
        (Some(commit), None) => {
            writeln!(out, "committed as {}", style.paint(Tone::Id, super::short_commit(commit)))?
        }
        (None, _) if report.written.is_empty() => writeln!(out, "nothing to do: all of it was here")?,
        (None, _) => writeln!(
            out,
            "not committed; to do that:  {}",
            style.paint(
                Tone::Id,
                &format!("git add {0} && git commit -m \"hitl init\" {0}", report.written.join(" "))
            )
        )?,
    }
    git(report, style, out)?;
    super::swept(report.swept_by.as_ref(), style, out)?;
    if report.tasks.is_empty() {
        writeln!(
            out,
            "\nnext: declare a task in {}, then commit that file",
            style.paint(Tone::Id, "hitl.yaml")
        )
    } else {
        writeln!(out, "\nnext: {}", style.paint(Tone::Id, "hitl commit --dry-run FILE"))
    }
}

/// Writes what came of telling Git how to show shards, where that is news.
fn git(report: &InitReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    match &report.git {
        Some(setup) if setup.outcome == Outcome::Set => writeln!(
            out,
            "set {} for this clone: git diff shows the rows of shards",
            style.paint(Tone::Id, setup.key)
        ),
        Some(setup) => super::git_setup::not_set(setup, style, out),
        None => Ok(()),
    }
}
