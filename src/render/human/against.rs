//! Everybody against one, for people: who says what it says, and which classes are missed.

use std::io::{self, Write};

use super::lines::command;
use super::{Cell, Style, Table, Tone, number, percent, sanitize, shell_word};
use crate::agreement::{Against, AgainstReport};
use crate::base::text;
use crate::render::agreement::interval;

/// How many labelers are shown.
const LABELERS: usize = 20;
/// How many classes are shown.
const CLASSES: usize = 10;

/// Writes `report` for people.
///
/// # Errors
/// Whatever writing meets.
pub fn against(report: &AgainstReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let of = report.task.as_ref().map(|task| format!(" on {task}")).unwrap_or_default();
    let title = format!("Everybody against {}{of}", report.against);
    writeln!(out, "{}", style.paint(Tone::Heading, &sanitize(&title)))?;
    let items = text::count(report.items as usize, "item");
    let common = text::thousands(report.items_in_common as usize);
    writeln!(out, "{items} it labelled, {common} of them by others too\n")?;
    if report.labelers.is_empty() {
        return writeln!(out, "  Nothing to measure: nobody else labelled what it did.");
    }
    let mut table = Table::new(&[">accuracy", "between", ">κ", "between", ">items", "labeler"]);
    table.row(row(&report.all, Cell::toned(Tone::Heading, "all together")));
    for labeler in report.labelers.iter().take(LABELERS) {
        table.row(row(labeler, Cell::toned(Tone::Id, labeler.labeler.as_deref().unwrap_or_default())));
    }
    table.write(style, out)?;
    more(report.labelers.len().saturating_sub(LABELERS), "labeler", style, out)?;
    classes(report, style, out)?;
    writeln!(out)?;
    let task = report.task.as_ref().map(|task| format!(" --task {}", shell_word(task))).unwrap_or_default();
    match report.labelers.first().and_then(|labeler| labeler.labeler.as_ref()).zip(report.task.as_ref()) {
        Some((labeler, _)) => {
            let labeler = shell_word(labeler);
            command(
                "Next",
                &format!("hitl labels{task} --labeler {labeler}"),
                "what the first of them said",
                style,
                out,
            )
        }
        None => command("Next", "hitl init", "keep such labels with who said what, and when", style, out),
    }
}

fn row(against: &Against, name: Cell) -> [Cell; 6] {
    let accuracy = against.accuracy.map_or_else(|| "-".to_owned(), percent);
    let between = match (against.accuracy_low, against.accuracy_high) {
        (Some(low), Some(high)) => format!("{} to {}", percent(low), percent(high)),
        _ => String::new(),
    };
    [
        accuracy.into(),
        Cell::toned(Tone::Dim, between),
        against.kappa.map_or_else(|| "-".to_owned(), number).into(),
        Cell::toned(Tone::Dim, interval(against.kappa_low, against.kappa_high)),
        text::thousands(against.n_labels as usize).into(),
        name,
    ]
}

fn classes(report: &AgainstReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let heading = format!("Where {} says so", sanitize(&report.against));
    writeln!(out, "\n{} (all labels together)", style.paint(Tone::Heading, &heading))?;
    let mut table = Table::new(&[">say so too", ">right when said", ">labels", "class", "else they say"]);
    for class in report.classes.iter().take(CLASSES) {
        let share = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), percent);
        let instead = class
            .instead
            .first()
            .map(|(label, labels)| format!("{label} ({})", text::thousands(*labels as usize)));
        table.row([
            share(class.recall).into(),
            share(class.precision).into(),
            text::thousands(class.n_labels as usize).into(),
            Cell::from(&class.class),
            instead.unwrap_or_default().into(),
        ]);
    }
    table.write(style, out)?;
    more(report.classes.len().saturating_sub(CLASSES), "class", style, out)
}

fn more(count: usize, what: &str, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    let many = if what == "class" { "more classes".to_owned() } else { format!("more {what}s") };
    let more = text::plural(count, &format!("more {what}"), &many);
    writeln!(out, "  {}", style.paint(Tone::Dim, &format!("… {more}; --format json has them all")))
}
