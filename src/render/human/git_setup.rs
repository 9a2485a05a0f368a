//! `git-setup`, and what `init` says of the same.

use std::io::{self, Write};

use super::{Style, Tone, sanitize, shell_word};
use crate::ops::git_setup::{Outcome, SetupReport};

/// Writes what was set, or why it was not.
///
/// # Errors
/// Whatever writing meets.
pub fn git_setup(report: &SetupReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let (key, value) = (style.paint(Tone::Id, report.key), sanitize(&report.value));
    match &report.outcome {
        Outcome::Set => writeln!(out, "set {key} = {value}")?,
        Outcome::Unchanged => writeln!(out, "nothing to do: {key} = {value}")?,
        Outcome::Kept { .. } | Outcome::Failed { .. } => return not_set(report, style, out),
    }
    if !report.attributes {
        let what = match report.bare {
            true => {
                "git reads no .gitattributes in a bare repository; the same in info/attributes:\n  \
                     echo '/ledger/**/*.parquet diff=hitl' >> info/attributes"
            }
            false => "no shard has the attribute diff=hitl here; `hitl init` adds it to .gitattributes",
        };
        return writeln!(out, "{} {what}", style.paint(Tone::Warn, "note:"));
    }
    writeln!(out, "git diff, git log -p and git show tell the rows of shards; --no-textconv leaves them out")
}

/// Writes why Git does not run hitl, and how to make it.
pub(super) fn not_set(report: &SetupReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let note = style.paint(Tone::Warn, "note:");
    match &report.outcome {
        Outcome::Set | Outcome::Unchanged => Ok(()),
        Outcome::Kept { found } => {
            let command = format!("git config {} {}", report.key, shell_word(&report.value));
            writeln!(out, "{note} {} is `{}` already and was left as it is", report.key, sanitize(found))?;
            writeln!(out, "  to let git show the rows of shards:  {}", style.paint(Tone::Id, &command))
        }
        Outcome::Failed { error } => {
            writeln!(out, "{note} git diff will not show the rows of shards: {}", sanitize(error))?;
            writeln!(out, "  to try again:  {}", style.paint(Tone::Id, "hitl git-setup"))
        }
    }
}
