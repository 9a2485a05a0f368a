//! `hook`: what became of the files, and why a commit or a push is refused; short, for git shows it among its own.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::{Style, Tone, sanitize, short_commit};
use crate::base::text;
use crate::check::{CheckReport, Finding};
use crate::config::Level;
use crate::ops::hook::{
    Answer, Asked, BranchReport, FileReport, FilesReport, PushReport, Refused, StagedReport, State,
    added_line,
};

/// Findings, files and records that are told one by one.
const TOLD: usize = 8;

/// Writes what became of the files of hooks.
///
/// # Errors
/// Whatever writing meets.
pub fn files(report: &FilesReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    for FileReport { hook, path, state, unchanged } in &report.hooks {
        let path = sanitize(path);
        let name = style.paint(Tone::Id, hook.as_str());
        let said = match (report.asked, state, unchanged) {
            (Asked::Status, State::Ours, _) => "installed".to_owned(),
            (Asked::Status, State::RunsOurs, _) => format!("run by {path}"),
            (Asked::Status, State::Absent, _) => "not installed".to_owned(),
            (Asked::Status, State::Foreign, _) => format!("{path} does not run hitl"),
            (Asked::Install, State::Ours, false) => format!("installed at {path}"),
            (Asked::Install, State::Ours, true) => "nothing to do: installed already".to_owned(),
            (Asked::Install | Asked::Uninstall, State::RunsOurs, _) => {
                format!("left as it is: {path} runs it")
            }
            (Asked::Install, State::Foreign | State::Absent, _) => {
                let line = added_line(*hook);
                format!("not installed: {path} is somebody else's; to let it run hitl, add to it\n  {line}")
            }
            (Asked::Uninstall, State::Absent, false) => "taken away".to_owned(),
            (Asked::Uninstall, State::Absent, true) => "nothing to do: not installed".to_owned(),
            (Asked::Uninstall, State::Foreign | State::Ours, _) => {
                format!("left as it is: {path} is not hitl's")
            }
        };
        writeln!(out, "{name}  {said}")?;
    }
    if let Some(advice) = report.advice {
        writeln!(out, "to let git refuse damaged objects as well: {advice}")?;
    }
    Ok(())
}

/// Writes why a commit is refused; nothing where it is not.
///
/// # Errors
/// Whatever writing meets.
pub fn staged(report: &StagedReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let refused = &report.refused;
    if refused.is_empty() {
        return Ok(());
    }
    let paths: BTreeSet<&str> = refused.iter().map(|refused| refused.path.as_str()).collect();
    let files = text::count(paths.len(), "staged file");
    writeln!(out, "{} {files} may not be committed", style.paint(Tone::Bad, "hitl:"))?;
    for Refused { message, remedy, .. } in refused.iter().take(TOLD) {
        writeln!(out, "  {}", sanitize(message))?;
        writeln!(out, "    {}", sanitize(remedy))?;
    }
    more(refused.len(), "finding", out)
}

/// Writes what a push comes to, a line or a few a branch.
///
/// # Errors
/// Whatever writing meets.
pub fn pushed(report: &PushReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    for BranchReport { branch, answer } in &report.branches {
        let name = sanitize(branch);
        let refused = style.paint(Tone::Bad, "refused");
        match answer {
            Answer::Skipped => {}
            Answer::Checked { report, first } => {
                checked(&name, report, style, out)?;
                let why = match (*first, report.bootstrap) {
                    (true, _) => "there was nothing to check it against",
                    (false, true) => "what it goes to has no hitl.yaml to check it by",
                    (false, false) => continue,
                };
                if !answer.is_refusal() {
                    writeln!(out, "  {why}: a maintainer must look at it")?;
                }
            }
            Answer::Deleted => {
                writeln!(out, "hitl: {name}: {refused}: it is protected, and its history would be gone")?;
            }
            Answer::Rewritten { old, lost } => {
                let old = short_commit(&old.0);
                writeln!(out, "hitl: {name}: {refused}: history was rewritten, {old} is not in it any more")?;
                for id in lost.iter().take(TOLD) {
                    writeln!(out, "  record {} would be lost", style.paint(Tone::Id, &id.short()))?;
                }
                more(lost.len(), "record", out)?;
                writeln!(out, "    git pull --no-rebase, and push that")?;
            }
            Answer::Unknown { old, remote } => {
                let (old, remote) = (short_commit(&old.0), sanitize(remote));
                writeln!(
                    out,
                    "hitl: {name}: {refused}: the remote has {old}, which is not here to be compared"
                )?;
                writeln!(out, "    git fetch {remote}, and push again")?;
            }
        }
    }
    if let Some(head) = &report.headless {
        let head = sanitize(head);
        writeln!(out, "hitl: HEAD names {head}, which is not there, so that every branch is protected")?;
        writeln!(out, "    git symbolic-ref HEAD refs/heads/BRANCH, in the repository, names the main one")?;
    }
    Ok(())
}

/// Writes the report of a check in a few lines.
fn checked(name: &str, report: &CheckReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let errors: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.level == Level::Error).collect();
    let reason = sanitize(&report.reason);
    if errors.is_empty() {
        return writeln!(out, "hitl: {name}: {} {reason}", style.paint(Tone::Good, "ok:"));
    }
    writeln!(out, "hitl: {name}: {}: {reason}", style.paint(Tone::Bad, "refused"))?;
    for finding in errors.iter().take(TOLD) {
        let message = sanitize(&finding.message);
        match finding.record.map(|id| id.short()).filter(|id| !message.contains(id)) {
            Some(id) => writeln!(out, "  record {id}: {message}")?,
            None => writeln!(out, "  {message}")?,
        }
        writeln!(out, "    {}", sanitize(&finding.remedy))?;
    }
    more(errors.len(), "finding", out)
}

/// Says how many there are beyond those that were told.
fn more(all: usize, what: &str, out: &mut impl Write) -> io::Result<()> {
    match all.saturating_sub(TOLD) {
        0 => Ok(()),
        rest => writeln!(out, "  and {}", text::count(rest, &format!("more {what}"))),
    }
}
