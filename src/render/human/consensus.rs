//! Consensus for people: what was found and how sure it is, who labels how well, which items to look at, what to do next.

use std::io::{self, Write};

use super::lines::{command, paragraph};
use super::{Cell, Style, Table, Tone, elide, number, percent, sanitize, shell_word};
use crate::base::text;
use crate::consensus::ConsensusReport;
use crate::render::consensus::{
    beside_majority, by_accuracy, chances, gold, headline, method, mistake, own, ties, title,
};
use crate::table::Source;

/// How many classes are shown.
const CLASSES: usize = 10;
/// How many labelers are shown.
const LABELERS: usize = 10;

/// Writes `report` for people.
///
/// # Errors
/// Whatever writing meets.
pub fn consensus(report: &ConsensusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}\n{}\n", style.paint(Tone::Heading, &sanitize(&title(report))), headline(report))?;
    paragraph("", &format!("{}.", method(report)), None, style, out)?;
    if let Some(ties) = ties(report) {
        paragraph("", &format!("{ties}."), None, style, out)?;
    }
    if let Some(known) = &report.gold {
        paragraph("", &format!("{}.", gold(report, known)), None, style, out)?;
        if known.n_contradicted > 0 {
            let items = text::count(known.n_contradicted as usize, "item");
            paragraph(
                "",
                &format!("Known labels contradict each other on {items}; left out."),
                None,
                style,
                out,
            )?;
        }
    }
    classes(report, style, out)?;
    majority(report, style, out)?;
    labelers(report, style, out)?;
    unsure(report, style, out)?;
    writeln!(out)?;
    next(report, style, out)
}

fn classes(report: &ConsensusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{} (how common each is held to be)", style.paint(Tone::Heading, "Classes"))?;
    let mut classes: Vec<_> = report.classes.iter().collect();
    if classes.len() > CLASSES {
        classes.sort_by(|a, b| b.prior.total_cmp(&a.prior));
    }
    let mut table = Table::new(&[">share", ">items", "class"]);
    for class in classes.iter().take(CLASSES) {
        let items = text::thousands(class.n_items as usize);
        table.row([percent(class.prior).into(), items.into(), Cell::from(&class.class)]);
    }
    table.write(style, out)?;
    more(classes.len().saturating_sub(CLASSES), "class", "classes", style, out)
}

fn majority(report: &ConsensusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let Some(beside) = &report.majority else { return Ok(()) };
    writeln!(out)?;
    paragraph("", &format!("{}.", beside_majority(beside)), None, style, out)?;
    let mut table = Table::new(&["", "", "", "", ">"]);
    for item in &beside.items {
        table.row([
            Cell::toned(Tone::Id, &item.item),
            Cell::from(&item.majority),
            Cell::toned(Tone::Dim, "→"),
            Cell::from(&item.label),
            text::count(item.n_labels, "label").into(),
        ]);
    }
    table.write(style, out)?;
    let rest = (beside.overruled as usize).saturating_sub(beside.items.len());
    if beside.items.is_empty() { Ok(()) } else { more(rest, "item", "items", style, out) }
}

fn labelers(report: &ConsensusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let all = by_accuracy(report);
    let heading = if all.len() > LABELERS { "Labelers who agree least with it" } else { "Labelers" };
    writeln!(
        out,
        "\n{} (accuracy: labels that are what the item came to)",
        style.paint(Tone::Heading, heading)
    )?;
    let head = all.first().and_then(|labeler| own(labeler)).map(|(name, _)| format!(">{name}"));
    let mut heads = vec![">accuracy"];
    heads.extend(head.as_deref());
    heads.extend([">labels", "labeler", "commonest mistake"]);
    let mut table = Table::new(&heads);
    for labeler in all.iter().take(LABELERS) {
        let accuracy = labeler.accuracy.map_or_else(|| "-".to_owned(), percent);
        let mut cells = vec![Cell::from(accuracy)];
        cells.extend(own(labeler).map(|(_, value)| Cell::from(number(value))));
        cells.push(text::thousands(labeler.n_labels as usize).into());
        cells.push(Cell::toned(Tone::Id, &labeler.labeler));
        cells.push(mistake(labeler).into());
        table.row(cells);
    }
    table.write(style, out)?;
    more(all.len().saturating_sub(LABELERS), "labeler", "labelers", style, out)
}

fn unsure(report: &ConsensusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.unsure.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.paint(Tone::Heading, "Items to adjudicate first"))?;
    let mut table = Table::new(&["", "", ">"]);
    for unsure in &report.unsure {
        let labels = text::count(unsure.n_labels, "label");
        table.row([Cell::toned(Tone::Id, &unsure.item), chances(unsure).into(), labels.into()]);
        if let Some(text) = &unsure.text {
            // A text has a line of its own.
            table.write(style, out)?;
            let text = sanitize(text);
            writeln!(out, "    {}", style.paint(Tone::Dim, &elide(&text, style.width.saturating_sub(4))))?;
            table = Table::new(&["", "", ">"]);
        }
    }
    table.write(style, out)
}

fn more(count: usize, one: &str, many: &str, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    let more = text::plural(count, &format!("more {one}"), &format!("more {many}"));
    writeln!(out, "  {}", style.paint(Tone::Dim, &format!("… {more}; --format json has them all")))
}

fn next(report: &ConsensusReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let task = report.task.as_ref().map(|task| format!(" --task {}", shell_word(task))).unwrap_or_default();
    match (report.source, report.method) {
        (Source::File, "majority") => {
            let weighed = "hitl consensus FILE --method dawid-skene";
            command("Next", weighed, "weigh labelers by how well they label", style, out)
        }
        (Source::File, method) => {
            let write = format!("hitl consensus FILE --method {method} -o labels.csv");
            command("Next", &write, "write every item's label", style, out)
        }
        (_, "crowdlab") => {
            let write = format!("hitl consensus{task} --method crowdlab -o labels.csv");
            command("Next", &write, "write every item's label", style, out)
        }
        (_, "majority") => {
            let weighed = format!("hitl consensus{task} --method dawid-skene");
            command("Next", &weighed, "weigh labelers by how well they label", style, out)
        }
        (_, policy) => {
            let freeze = format!("hitl snapshot create NAME{task} --policy {policy}");
            command("Next", &freeze, "freeze these labels", style, out)?;
            let adjudicate = format!("hitl adjudicate{task} ITEM LABEL -m WHY");
            command("or", &adjudicate, "decide on an item yourself", style, out)
        }
    }
}
