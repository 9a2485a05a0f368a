//! `demo`: each step as it is done, and what to try next.

use std::io::{self, Write};

use super::{Style, Tone, number, percent, sanitize};
use crate::agreement::{AgreementReport, LabelerAgreement};
use crate::base::text;
use crate::ops::demo::{DemoReport, Outcome, Step};

/// Writes one step: what it shows, the command, and the answer in brief.
///
/// # Errors
/// Whatever writing meets.
pub fn demo_step(step: &Step, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", style.paint(Tone::Heading, &format!("# {}", step.title)))?;
    writeln!(out, "{}", style.paint(Tone::Id, &format!("$ {}", step.command)))?;
    match &step.outcome {
        Outcome::Init(report) => writeln!(out, "  wrote {}", report.written.join(", "))?,
        Outcome::Guideline(report) => writeln!(
            out,
            "  {} in force from {}",
            report.version.guideline,
            report.version.effective_from.date()
        )?,
        Outcome::Commit(report) => {
            for batch in report.files.iter().flat_map(|file| &file.batches) {
                let people = match batch.labelers.len() {
                    0 => String::new(),
                    1 => format!(" by {}", sanitize(&batch.labelers[0].id)),
                    count => format!(" by {}", text::count(count, "labeler")),
                };
                let guideline = batch.guidelines.keys().next().filter(|key| !key.is_empty());
                let guideline = guideline.map_or(String::new(), |key| format!(" under {}", sanitize(key)));
                let what = batch.kind.map_or("rows", crate::record::Kind::as_str);
                writeln!(out, "  {} {what}{people}{guideline}", text::thousands(batch.new))?;
            }
        }
        Outcome::Agreement(report) => agreement(report, out)?,
        Outcome::Revert(report) => {
            writeln!(
                out,
                "  took back {} in {}",
                text::count(report.taken_back, "judgement"),
                text::count(report.records.len(), "record")
            )?;
            for task in &report.tasks {
                let parts = [
                    (task.gained, "tied item is settled", "tied items are settled"),
                    (task.changed, "item comes to another label", "items come to another label"),
                    (task.lost, "item is a tie now", "items are ties now"),
                ];
                let parts = parts.iter().filter(|(count, ..)| *count > 0);
                let parts: Vec<String> =
                    parts.map(|(count, one, many)| text::plural(*count, one, many)).collect();
                writeln!(out, "  {}", parts.join(", "))?;
            }
        }
        Outcome::Snapshot(report) => {
            let size = |count: u64| text::count(usize::try_from(count).unwrap_or(0), "item");
            writeln!(
                out,
                "  {} resolved, {} tied, digest {}",
                size(report.lock.counts.resolved),
                report.lock.counts.ties,
                report.lock.digest.short(16)
            )?;
        }
        Outcome::SnapshotDiff(report) => {
            writeln!(
                out,
                "  {} added, {} removed, {} with another label, {} unchanged",
                report.added, report.removed, report.label_changed, report.unchanged
            )?;
        }
    }
    writeln!(out)
}

fn agreement(report: &AgreementReport, out: &mut impl Write) -> io::Result<()> {
    let value = |metric: &str| report.overall(metric).and_then(|known| known.value);
    let alpha = value("krippendorff_alpha").map_or_else(|| "undefined".to_owned(), number);
    let share = value("percent_agreement").map_or_else(|| "undefined".to_owned(), percent);
    writeln!(out, "  Krippendorff's α {alpha}, percent agreement {share}")?;
    let mean = |labeler: &LabelerAgreement| {
        Some(format!("{} {}", sanitize(&labeler.labeler), number(labeler.mean_kappa?)))
    };
    let means: Vec<String> = report.labelers.iter().filter_map(mean).collect();
    writeln!(out, "  mean Cohen's κ with the others: {}", means.join(" · "))
}

/// Writes what to try next, with the program's own path.
///
/// # Errors
/// Whatever writing meets.
pub fn demo_end(
    report: &DemoReport,
    dir: &std::path::Path,
    program: &str,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{}", style.paint(Tone::Heading, "# now you"))?;
    let dir = super::shell_word(&dir.display().to_string()).into_owned();
    let program = super::shell_word(program).into_owned();
    writeln!(out, "  {}", style.paint(Tone::Id, &format!("cd {dir}")))?;
    let item = super::shell_word(&report.item).into_owned();
    let tries = [
        (format!("trace {item}"), "everything that happened to one message"),
        ("status".to_owned(), "what is in the ledger"),
        ("log".to_owned(), "the records; `git log` shows their commits"),
        ("agreement".to_owned(), "every pair of labelers"),
        ("diff HEAD~2..".to_owned(), "what the revert changed, label by label"),
        ("snapshot verify before".to_owned(), "the old training set can still be rebuilt"),
        ("fsck".to_owned(), "every id, digest and root"),
    ];
    for (command, what) in tries {
        writeln!(
            out,
            "  {}\n      {}",
            style.paint(Tone::Id, &format!("{program} {command}")),
            style.paint(Tone::Dim, what)
        )?;
    }
    Ok(())
}
