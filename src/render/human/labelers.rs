//! Labelers for people: a table of who did how much and how well, the flags with what else may explain them, what to do
//! next.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::lines::{command, paragraph};
use super::{Cell, Style, Table, Tone, sanitize, shell_word};
use crate::base::text;
use crate::labelers::{Flag, LabelerReport, LabelersReport};
use crate::render::labelers::{
    cells, flag_title, headline, order, outlier, proportion, recall, shown, span, title, weakest,
};

/// What labelers are called, by id.
type Called = BTreeMap<String, String>;

/// Writes `report` for people; who is in `called` has the name beside the id.
///
/// # Errors
/// Whatever writing meets.
pub fn labelers(
    report: &LabelersReport,
    called: &Called,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{}", style.paint(Tone::Heading, &sanitize(&title(report))))?;
    if report.labelers.is_empty() {
        writeln!(out, "\n  Nothing to measure: no current labels by people match.\n")?;
        return command("Next", "hitl status", "what is in the ledger", style, out);
    }
    writeln!(out, "{}\n", headline(report))?;
    let (labelers, more) = shown(report);
    overview(report, &labelers, called).write(style, out)?;
    if more > 0 {
        let more = text::plural(more, "more labeler", "more labelers");
        let more = format!("… {more} ({}); --format json has them all", order(report));
        paragraph("  ", &more, Some(Tone::Dim), style, out)?;
    }
    paragraph("  ", legend(report), Some(Tone::Dim), style, out)?;
    guesses(&labelers, called, style, out)?;
    classes(report, called, style, out)?;
    flags(report, called, style, out)?;
    if !report.notes.is_empty() {
        writeln!(out, "\n{}", style.paint(Tone::Heading, "Notes"))?;
    }
    report.notes.iter().try_for_each(|note| paragraph("- ", &note.text, None, style, out))?;
    writeln!(out)?;
    next(report, style, out)
}

/// Columns nobody has a value in are left out.
fn overview(report: &LabelersReport, labelers: &[&LabelerReport], called: &Called) -> Table {
    let any = |has: fn(&LabelerReport) -> bool| report.labelers.iter().any(has);
    let timed = any(|labeler| labeler.active_weeks > 0);
    let paced = any(|labeler| labeler.median_duration_ms.value().is_some());
    let shared = any(|labeler| labeler.agreement.value().is_some());
    let gold = any(|labeler| labeler.accuracy.value().is_some());
    let mut heads = vec!["labeler", ">labels"];
    for (shown, columns) in [
        (timed, &[">weeks"][..]),
        (paced, &[">median"]),
        (shared, &[">agree", ">95%"]),
        (gold, &[">gold", ">95%", ">of"]),
    ] {
        heads.extend(columns.iter().filter(|_| shown));
    }
    let mut table = Table::new(&heads);
    for labeler in labelers {
        let mut row = vec![name(labeler, called), thousands(labeler.labels)];
        if timed {
            row.push(thousands(labeler.active_weeks));
        }
        if paced {
            row.push(labeler.median_duration_ms.value().map_or_else(String::new, |ms| span(*ms)).into());
        }
        if shared {
            let agreement = labeler.agreement.value().map(|mean| (mean.share, mean.interval));
            row.extend(cells(agreement).map(Cell::from));
        }
        if gold {
            row.extend(cells(labeler.accuracy.value().map(proportion)).map(Cell::from));
            row.push(labeler.accuracy.value().map_or_else(|| "".into(), |accuracy| thousands(accuracy.n)));
        }
        table.row(row);
    }
    table
}

fn legend(report: &LabelersReport) -> &'static str {
    match report.counts.gold_items {
        0 => "agree: how many of the others say the same, on average",
        _ => "agree: how many of the others say the same, on average; gold: right answers on gold items",
    }
}

fn guesses(
    labelers: &[&LabelerReport],
    called: &Called,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut table = Table::new(&["labeler", ">shown", ">taken", ">95%", ">wrong", ">caught", ">95%"]);
    for labeler in labelers {
        let Some(confirmed) = labeler.confirmed.value() else { continue };
        let caught = labeler.caught.value();
        let [taken, taken_range] = cells(Some(proportion(confirmed))).map(Cell::from);
        let [share, range] = cells(caught.map(proportion)).map(Cell::from);
        let wrong = caught.map_or_else(|| "-".into(), |caught| thousands(caught.n));
        table.row([name(labeler, called), thousands(confirmed.n), taken, taken_range, wrong, share, range]);
    }
    if table.is_empty() {
        return Ok(());
    }
    let title = style.paint(Tone::Heading, "Guesses shown to them");
    writeln!(out, "\n{title} (taken over; wrong by gold, and of these caught)")?;
    table.write(style, out)
}

fn classes(report: &LabelersReport, called: &Called, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let weakest = weakest(report);
    if weakest.is_empty() {
        return Ok(());
    }
    let title = style.paint(Tone::Heading, "Weakest classes");
    writeln!(out, "\n{title} ({})", recall(report))?;
    let mut table = Table::new(&[">recall", ">95%", ">of", "labeler", "class"]);
    for (labeler, worst) in weakest {
        let [share, range] = cells(Some(proportion(&worst.recall))).map(Cell::from);
        table.row([share, range, thousands(worst.recall.n), name(labeler, called), Cell::from(&worst.class)]);
    }
    table.write(style, out)
}

fn flags(report: &LabelersReport, called: &Called, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let (labelers, _) = shown(report);
    for labeler in labelers {
        for flag in &labeler.flags {
            let name = style.paint(Tone::Id, &sanitize(&who(labeler, called)));
            writeln!(out, "\n{name}: {}", style.paint(Tone::Warn, flag_title(flag)))?;
            paragraph("  ", &flag.evidence, None, style, out)?;
            paragraph("  But: ", &flag.caveat, None, style, out)?;
        }
    }
    Ok(())
}

fn next(report: &LabelersReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let task = format!(" --task {}", shell_word(&report.task));
    let (labelers, _) = shown(report);
    if let Some((labeler, flag)) = labelers.first().and_then(|first| Some((first, first.flags.first()?))) {
        let which = format!("{task} --labeler {}{}", shell_word(&labeler.labeler), rows(labeler, flag));
        command("Next", &format!("hitl labels{which}"), "what they said", style, out)?;
        let revert = format!("hitl revert{which} --dry-run");
        return command("or", &revert, "what taking it back would change", style, out);
    }
    if let Some(labeler) = outlier(report) {
        let which = format!("{task} --labeler {}", shell_word(&labeler.labeler));
        command("Next", &format!("hitl labels{which}"), "what they said", style, out)?;
    } else {
        let agreement = format!("hitl agreement{task}");
        command("Next", &agreement, "how far they agree, pair by pair", style, out)?;
    }
    if report.counts.gold_items == 0 {
        let commit = format!("hitl commit{task} gold.csv --labeler gold --labeler-kind gold");
        return command("or", &commit, "known answers tell who is right", style, out);
    }
    Ok(())
}

/// Returns the options that choose the labels a flag is about.
fn rows(labeler: &LabelerReport, flag: &Flag) -> String {
    match (flag.code, labeler.drift.value()) {
        ("drift", Some(drift)) => format!(" --since {}", drift.change_point.from.date()),
        ("low_catch_rate", _) => " --origin confirmed".to_owned(),
        _ => String::new(),
    }
}

/// Returns `w01 (Ana Ruiz)` where the name is known.
fn who(labeler: &LabelerReport, called: &Called) -> String {
    match called.get(&labeler.labeler) {
        Some(name) => format!("{} ({name})", labeler.labeler),
        None => labeler.labeler.clone(),
    }
}

fn name(labeler: &LabelerReport, called: &Called) -> Cell {
    let tone = if labeler.flags.is_empty() { Tone::Id } else { Tone::Warn };
    Cell::toned(tone, who(labeler, called))
}

fn thousands(count: u64) -> Cell {
    text::thousands(count as usize).into()
}
