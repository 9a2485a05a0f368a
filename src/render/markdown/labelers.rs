//! Labelers as Markdown: one table, then the flags.

use std::io::{self, Write};

use super::{code, escape, table};
use crate::base::text;
use crate::labelers::{Known, LabelerReport, LabelersReport, Proportion};
use crate::render::labelers::{cells, flag_title, headline, order, proportion, shown, span, title};

/// Writes `report` as a section of a Markdown page.
///
/// # Errors
/// Whatever writing meets.
pub fn labelers(report: &LabelersReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "### {}\n", escape(&title(report)))?;
    if report.labelers.is_empty() {
        return writeln!(out, "Nothing to measure: no current labels by people match.");
    }
    writeln!(out, "{}\n", headline(report))?;
    let (labelers, more) = shown(report);
    let rows: Vec<Vec<String>> = labelers.iter().map(|labeler| row(labeler)).collect();
    let heads = [
        "labeler",
        ">labels",
        ">weeks",
        ">median",
        ">agree",
        ">gold",
        ">guesses taken over",
        ">wrong ones caught",
    ];
    table(&heads, &rows, out)?;
    if more > 0 {
        let more = text::plural(more, "more labeler", "more labelers");
        writeln!(out, "\n… {more} ({})", order(report))?;
    }
    for labeler in labelers {
        for flag in &labeler.flags {
            let (name, what) = (code(&labeler.labeler), flag_title(flag));
            writeln!(out, "\n**{name}: {what}.** {} But: {}", escape(&flag.evidence), escape(&flag.caveat))?;
        }
    }
    let notes: Vec<String> = report.notes.iter().map(|note| format!("- {}", escape(&note.text))).collect();
    if !notes.is_empty() {
        writeln!(out, "\n{}", notes.join("\n"))?;
    }
    Ok(())
}

fn row(labeler: &LabelerReport) -> Vec<String> {
    let count = |count: u64| text::thousands(count as usize);
    let share = |share: Option<(f64, [f64; 2])>, of: Option<u64>| {
        let [share, range] = cells(share);
        match of {
            Some(of) => format!("{share} ({range}) of {}", count(of)),
            None => "–".to_owned(),
        }
    };
    let of =
        |value: &Known<Proportion>| share(value.value().map(proportion), value.value().map(|share| share.n));
    let agreement = labeler.agreement.value();
    vec![
        code(&labeler.labeler),
        count(labeler.labels),
        if labeler.active_weeks > 0 { count(labeler.active_weeks) } else { "–".to_owned() },
        labeler.median_duration_ms.value().map_or_else(|| "–".to_owned(), |ms| span(*ms)),
        share(agreement.map(|mean| (mean.share, mean.interval)), agreement.map(|mean| mean.n)),
        of(&labeler.accuracy),
        of(&labeler.confirmed),
        of(&labeler.caught),
    ]
}
