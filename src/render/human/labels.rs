//! `labels`, for people: a table. Programs take `--to csv`, `jsonl`, `parquet` or `arrow`.

use std::io::{self, Write};

use super::corrected::correction_line;
use super::{Cell, Style, Table, Tone};
use crate::base::text;
use crate::ledger::State;
use crate::ops::labels::LabelsReport;

/// At most this many rows; more are for programs.
const LISTED: usize = 200;

/// Writes a table of judgements.
///
/// # Errors
/// Whatever writing meets.
pub fn labels(report: &LabelsReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.rows.is_empty() {
        return writeln!(out, "no judgements match; `--state all` also shows those taken back or superseded");
    }
    let tasks = report.rows.iter().any(|row| row.task != report.rows[0].task);
    let states = report.rows.iter().any(|row| row.state != State::Current);
    let guidelines = report.rows.iter().any(|row| row.guideline.is_some());
    let mut heads = vec!["item", "labeler", "label", "when", "origin"];
    for (shown, head) in [(guidelines, "guideline"), (tasks, "task"), (states, "state")] {
        if shown {
            heads.push(head);
        }
    }
    heads.push("record");
    let mut table = Table::new(&heads).indented(0);
    for row in report.rows.iter().take(LISTED) {
        let mut cells: Vec<Cell> = vec![
            Cell::from(&row.item),
            Cell::from(&row.labeler),
            match &row.label {
                None => Cell::toned(Tone::Dim, "(skipped)"),
                Some(label) => correction_line(label, &Style::PLAIN).unwrap_or_else(|| label.clone()).into(),
            },
            row.created_at.map_or_else(String::new, |time| time.minute()).into(),
            Cell::from(&row.origin),
        ];
        if guidelines {
            cells.push(row.guideline.as_deref().unwrap_or("").into());
        }
        if tasks {
            cells.push(Cell::from(&row.task));
        }
        if states {
            let word = row.state.as_str();
            cells.push(match row.state {
                State::Current => word.into(),
                State::Superseded => Cell::toned(Tone::Dim, word),
                State::Conflict => Cell::toned(Tone::Bad, word),
                State::Reverted => Cell::toned(Tone::Warn, word),
            });
        }
        cells.push(Cell::toned(Tone::Id, &row.record[..10]));
        table.row(cells);
    }
    table.write(style, out)?;
    let rest = report.rows.len().saturating_sub(LISTED);
    if rest > 0 {
        writeln!(
            out,
            "… and {} more; all of them: {}",
            text::thousands(rest),
            style.paint(Tone::Id, "hitl labels --to csv")
        )?;
    }
    Ok(())
}
