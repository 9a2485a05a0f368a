//! `fsck`.

use std::io::{self, Write};

use super::{Style, Tone, sanitize};
use crate::base::text;
use crate::ops::fsck::FsckReport;

/// At most this many faults.
const LISTED: usize = 50;

/// Writes what was checked, and each fault with its commit and its remedy.
///
/// # Errors
/// Whatever writing meets.
pub fn fsck(report: &FsckReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    for fault in report.faults.iter().take(LISTED) {
        let place = match (&fault.record, fault.path.is_empty()) {
            (Some(record), true) => format!("record {}", &record[..10]),
            _ => sanitize(&fault.path).into_owned(),
        };
        writeln!(out, "{} {place}", style.paint(Tone::Bad, &format!("{}:", fault.kind)))?;
        writeln!(out, "  {}", sanitize(&fault.message))?;
        if let Some(commit) = &fault.commit {
            writeln!(
                out,
                "  by commit {} \"{}\" of {}",
                super::short_commit(&commit.id),
                sanitize(&commit.subject),
                sanitize(&commit.author)
            )?;
        }
        writeln!(
            out,
            "  {} {}",
            style.paint(Tone::Good, "do:"),
            style.paint(Tone::Id, &sanitize(&fault.remedy))
        )?;
    }
    if report.faults.len() > LISTED {
        writeln!(out, "… and {} more", text::thousands(report.faults.len() - LISTED))?;
    }
    if !report.faults.is_empty() {
        writeln!(out)?;
    }
    let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let signatures = match report.signatures {
        0 => String::new(),
        good => format!(", {}", text::count(good, "signature")),
    };
    let checked = format!(
        "{}, {}, {} bytes of shards, {}{signatures}",
        text::count(report.records, "record"),
        text::count(size(report.rows), "row"),
        text::thousands(size(report.bytes)),
        text::count(report.snapshots, "snapshot"),
    );
    let all = if report.signatures == 0 { "digest and root" } else { "digest, root and signature" };
    match report.faults.len() {
        0 => writeln!(out, "{} {checked}: every id, {all} is right", style.paint(Tone::Good, "sound:"))?,
        faults => writeln!(
            out,
            "{} besides {checked} that are sound",
            style.paint(Tone::Bad, &text::count(faults, "fault"))
        )?,
    }
    if report.shallow {
        writeln!(
            out,
            "{}",
            style.paint(
                Tone::Warn,
                "history is cut here: what was removed before is not seen; git fetch --unshallow"
            )
        )?;
    }
    Ok(())
}
