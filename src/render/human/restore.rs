//! `restore`.

use std::io::{self, Write};

use super::{Style, Tone, sanitize};
use crate::base::text;
use crate::ops::restore::RestoreReport;

/// Writes what came back.
///
/// # Errors
/// Whatever writing meets.
pub fn restore(report: &RestoreReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let Some(commit) = &report.commit else {
        return writeln!(out, "nothing is missing");
    };
    writeln!(
        out,
        "brought back {} in commit {}",
        text::count(report.records.len(), "record"),
        style.paint(Tone::Id, super::short_commit(commit))
    )?;
    super::swept(report.swept_by.as_ref(), style, out)?;
    for file in &report.files {
        writeln!(out, "  {}", sanitize(file))?;
    }
    Ok(())
}
