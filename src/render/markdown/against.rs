//! Everybody against one, as Markdown.

use std::io::{self, Write};

use super::{code, escape, table};
use crate::agreement::{Against, AgainstReport};
use crate::base::text;
use crate::render::agreement::interval;
use crate::render::human::{number, percent};

/// Writes `report` as a section of a Markdown page.
///
/// # Errors
/// Whatever writing meets.
pub fn against(report: &AgainstReport, out: &mut impl Write) -> io::Result<()> {
    let of = report.task.as_ref().map(|task| format!(" on {}", escape(task))).unwrap_or_default();
    writeln!(out, "### Everybody against {}{of}\n", code(&report.against))?;
    let items = text::count(report.items as usize, "item");
    writeln!(
        out,
        "{items}, {} of them labelled by others too\n",
        text::thousands(report.items_in_common as usize)
    )?;
    let row = |against: &Against| {
        let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
        let between = format!("{} to {}", share(against.accuracy_low), share(against.accuracy_high));
        vec![
            against.labeler.as_ref().map_or_else(|| "**all together**".to_owned(), |labeler| code(labeler)),
            format!("**{}**", share(against.accuracy)),
            between,
            against.kappa.map_or_else(|| "–".to_owned(), number),
            interval(against.kappa_low, against.kappa_high),
            text::thousands(against.n_labels as usize),
        ]
    };
    let rows: Vec<Vec<String>> = std::iter::once(&report.all).chain(&report.labelers).map(row).collect();
    table(&["labeler", ">accuracy", "between", ">κ", "between", ">items"], &rows, out)
}
