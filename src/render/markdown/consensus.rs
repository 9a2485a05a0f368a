//! Consensus as Markdown: what was found first, labelers and open items folded away.

use std::io::{self, Write};

use super::{code, escape, table};
use crate::base::text;
use crate::consensus::ConsensusReport;
use crate::consensus::report::{ClassShare, LabelerQuality, Unsure};
use crate::render::consensus::{
    beside_majority, by_accuracy, chances, gold, headline, method, mistake, own, ties, title,
};
use crate::render::human::{number, percent};

/// How many classes and labelers are shown.
const SHOWN: usize = 20;

/// Writes `report` as a section of a Markdown page.
///
/// # Errors
/// Whatever writing meets.
pub fn consensus(report: &ConsensusReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "### {}\n\n{}\n", escape(&title(report)), headline(report))?;
    let lines = [
        Some(method(report)),
        ties(report),
        report.gold.as_ref().map(|known| gold(report, known)),
        report.majority.as_ref().map(beside_majority),
    ];
    lines.into_iter().flatten().try_for_each(|line| writeln!(out, "- {}.", escape(&line)))?;
    let class = |class: &ClassShare| {
        vec![code(&class.class), percent(class.prior), text::thousands(class.n_items as usize)]
    };
    let rows: Vec<Vec<String>> = report.classes.iter().take(SHOWN).map(class).collect();
    writeln!(out)?;
    table(&["class", ">share", ">items"], &rows, out)?;
    writeln!(out, "\n<details><summary>Labelers, least agreeing first</summary>\n")?;
    let labelers = by_accuracy(report);
    let labeler = |labeler: &&LabelerQuality| {
        let accuracy = labeler.accuracy.map_or_else(|| "–".to_owned(), percent);
        let own = own(labeler).map_or_else(String::new, |(name, value)| format!("{name} {}", number(value)));
        let labels = text::thousands(labeler.n_labels as usize);
        vec![code(&labeler.labeler), accuracy, labels, own, escape(&mistake(labeler))]
    };
    let rows: Vec<Vec<String>> = labelers.iter().take(SHOWN).map(labeler).collect();
    table(&["labeler", ">accuracy", ">labels", "held to be", "commonest mistake"], &rows, out)?;
    if labelers.len() > SHOWN {
        writeln!(out, "\n… {}", text::plural(labelers.len() - SHOWN, "more labeler", "more labelers"))?;
    }
    writeln!(out, "\n</details>")?;
    if report.unsure.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n**Items to adjudicate first**\n")?;
    let unsure = |unsure: &Unsure| {
        vec![code(&unsure.item), escape(&chances(unsure)), text::thousands(unsure.n_labels)]
    };
    let rows: Vec<Vec<String>> = report.unsure.iter().map(unsure).collect();
    table(&["item", "held to be", ">labels"], &rows, out)
}
