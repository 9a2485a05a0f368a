//! `audit` as Markdown: a table, an act a row.

use std::io::{self, Write};

use super::{code, escape, table};
use crate::ops::audit::{Act, AuditReport};
use crate::render::human::audit_summary;
use crate::render::standing;

/// Writes the table under what the acts come to.
///
/// # Errors
/// Whatever writing meets.
pub fn audit(report: &AuditReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "**{}** (times are UTC)\n", audit_summary(&report.counts))?;
    let rows: Vec<Vec<String>> = report.acts.iter().map(row).collect();
    table(&["time", "act", "what", "who", "commit"], &rows, out)
}

fn row(act: &Act) -> Vec<String> {
    let mut what = escape(&act.what);
    if !act.message.is_empty() {
        what += &format!(": *{}*", escape(&act.message));
    }
    let mut who = escape(&standing::recorder(&act.actor, Some(&act.standing)));
    if let Some(why) = standing::refused(Some(&act.standing)) {
        who += &format!("; **against it: {}**", escape(&why));
    }
    let commit = code(act.commit.get(..10).unwrap_or(&act.commit));
    vec![act.time.minute(), act.act.as_str().to_owned(), what, who, commit]
}
