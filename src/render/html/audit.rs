//! `audit` as a page: a table, an act a row.

use std::io::{self, Write};

use super::{escape, name, page, table};
use crate::ops::audit::{Act, AuditReport};
use crate::render::human::audit_summary;
use crate::render::standing;

/// Writes the page.
///
/// # Errors
/// Whatever writing meets.
pub fn audit<W: Write>(report: &AuditReport, out: &mut W) -> io::Result<()> {
    page(&["Audit"], out, |out| {
        let commit = |id: &Option<String>| id.as_deref().map(|id| name(id.get(..10).unwrap_or(id)));
        let until = commit(&report.until).unwrap_or_default();
        let range = match commit(&report.since) {
            Some(since) => format!("After {since}, up to {until}."),
            None => format!("All of history, up to {until}."),
        };
        writeln!(
            out,
            "<p>{} {range} Times are UTC.</p>",
            escape(&format!("{}.", audit_summary(&report.counts)))
        )?;
        let rows: Vec<Vec<String>> = report.acts.iter().map(row).collect();
        table(&["Time", "Act", "What", "Who", "Commit"], &rows, out)
    })
}

fn row(act: &Act) -> Vec<String> {
    let mut what = name(&act.what);
    if !act.message.is_empty() {
        what += &format!("<br><span class=\"left\">{}</span>", name(&act.message));
    }
    let mut who = name(&standing::recorder(&act.actor, Some(&act.standing)));
    if let Some(why) = standing::refused(Some(&act.standing)) {
        who += &format!("<br><strong>against it: {}</strong>", name(&why));
    }
    let kind = match act.is_refused() {
        true => format!("<strong>{}</strong>", act.act.as_str()),
        false => act.act.as_str().to_owned(),
    };
    vec![escape(&act.time.minute()), kind, what, who, name(act.commit.get(..10).unwrap_or(&act.commit))]
}
