//! The items that need a decision, as Markdown: a table a task.

use std::io::{self, Write};

use super::{code, escape, table};
use crate::adjudicate::{Disputed, Given};
use crate::base::text;
use crate::ops::adjudicate::ListReport;
use crate::render::human::{elide, percent};

/// Columns of an item's text that are shown.
const TEXT: usize = 120;

/// Writes `report` as a section of a Markdown page.
///
/// # Errors
/// Whatever writing meets.
pub fn adjudicate_list(report: &ListReport, out: &mut impl Write) -> io::Result<()> {
    if report.tasks.is_empty() {
        return writeln!(out, "Nothing is disputed: there are no labels.");
    }
    for (index, task) in report.tasks.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let need = text::plural(task.disputed, "item needs a decision", "items need a decision");
        writeln!(out, "### {}: {need}\n", escape(&task.task))?;
        if task.items.is_empty() {
            continue;
        }
        let rows: Vec<Vec<String>> = task.items.iter().map(row).collect();
        table(&["item", "labels", ">agree", "until then", "text"], &rows, out)?;
        if task.left > 0 {
            writeln!(out, "\n… and {} more.", text::thousands(task.left))?;
        }
    }
    Ok(())
}

fn row(disputed: &Disputed) -> Vec<String> {
    let decided = match disputed.decided.is_empty() {
        true => String::new(),
        false => format!("; decided {}", said(&disputed.decided)),
    };
    let words = disputed.text.as_deref().unwrap_or_default();
    vec![
        code(&disputed.item),
        said(&disputed.given) + &decided,
        percent(disputed.agreement),
        disputed.label.as_deref().map_or_else(|| format!("*{}*", disputed.needs.as_str()), code),
        escape(&elide(words, TEXT)),
    ]
}

/// Returns `` `positive` 3, `negative` 2 ``.
fn said(given: &[Given]) -> String {
    let label = |given: &Given| given.label.as_deref().map_or_else(|| "*none*".to_owned(), code);
    given.iter().map(|given| format!("{} {}", label(given), given.count)).collect::<Vec<_>>().join(", ")
}
