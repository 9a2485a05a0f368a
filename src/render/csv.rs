//! Comma-separated values, for spreadsheets.
//!
//! A cell that a spreadsheet would run as a formula begins with an apostrophe, which it shows as text.

use std::io::{self, Write};

use super::standing;
use crate::ops::audit::AuditReport;
use crate::trace::verified;

/// Writes a row an act under a row of names.
///
/// # Errors
/// Whatever writing meets.
pub fn audit(report: &AuditReport, out: &mut impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record([
        "time", "commit", "act", "subject", "task", "rows", "actor", "word", "standing", "signers",
        "refused", "what", "message",
    ])?;
    for act in &report.acts {
        let refused: Vec<&str> = act.standing.refused.iter().map(|one| one.message.as_str()).collect();
        let cells = [
            act.time.to_string(),
            act.commit.clone(),
            act.act.as_str().to_owned(),
            act.subject.clone(),
            act.task.clone().unwrap_or_default(),
            act.rows.map(|rows| rows.to_string()).unwrap_or_default(),
            act.actor.clone(),
            act.word().to_owned(),
            standing::recorder(&act.actor, Some(&act.standing)),
            verified(&act.standing).collect::<Vec<_>>().join(", "),
            refused.join("; "),
            act.what.clone(),
            act.message.clone(),
        ];
        writer.write_record(cells.map(|cell| plain(&cell)))?;
    }
    writer.flush()
}

/// Returns a cell that no spreadsheet takes for a formula.
fn plain(cell: &str) -> String {
    let runs = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if runs { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(plain(cell), format!("'{cell}"));
        }
        assert_eq!(plain("2025-06-02"), "2025-06-02");
        assert_eq!(plain(""), "");
    }
}
