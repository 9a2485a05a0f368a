//! Consensus in words, for people and for Markdown alike.

use super::human::{number, percent};
use crate::base::text::{count, plural, thousands};
use crate::consensus::report::{BesideMajority, GoldShare, LabelerQuality, Unsure};
use crate::consensus::{ConsensusReport, TieRule};

/// Fewer labels tell little of a labeler.
const FEW: u64 = 10;

/// Returns the title.
pub(super) fn title(report: &ConsensusReport) -> String {
    report.task.as_ref().map_or_else(|| "Consensus".to_owned(), |task| format!("Consensus on {task}"))
}

/// Returns how much there was to go by, and what came of it.
pub(super) fn headline(report: &ConsensusReport) -> String {
    let counts = &report.counts;
    format!(
        "{} of {} to a label, by {} of {}",
        thousands(counts.labelled),
        plural(counts.items, "item comes", "items come"),
        count(counts.labels, "label"),
        count(counts.labelers, "labeler")
    )
}

/// Returns the method's name as people write it, what it holds of a labeler, and how its fit ended.
pub(super) fn method(report: &ConsensusReport) -> String {
    let (name, view) = match report.method {
        "weighted" => ("Weighted vote", "a vote weighs as much as its labeler agrees with the majority"),
        "dawid-skene" => ("Dawid-Skene", "every labeler has error rates of their own for each class"),
        "one-coin" => ("One coin", "every labeler is right with one probability"),
        "glad" => ("GLAD", "labelers differ in ability, items in difficulty"),
        "mace" => ("MACE", "a labeler knows, or answers by habit"),
        "crowdlab" => ("CROWDLAB", "labels weighed against a model's predictions"),
        _ => ("Majority", "every label is one vote"),
    };
    let fit = report.fit.map(|fit| {
        let turns = count(fit.iterations as usize, "iteration");
        let end = if fit.converged { "converged" } else { "stopped before it converged" };
        format!("; {turns}, {end}, log-likelihood {:.2}", fit.log_likelihood)
    });
    let model = report.model.as_ref().map(|(name, weight)| format!("; {name} weighs {}", number(*weight)));
    format!("{name}: {view}{}{}", fit.unwrap_or_default(), model.unwrap_or_default())
}

/// Returns what became of ties; nothing where there are none.
pub(super) fn ties(report: &ConsensusReport) -> Option<String> {
    let ties = report.counts.ties;
    if ties == 0 {
        return None;
    }
    let open = report.counts.items - report.counts.labelled;
    let tied = plural(ties, "item is a tie", "items are ties");
    Some(match report.ties {
        TieRule::Undecided => format!("{tied}, left without a label; --ties frequent or first gives it one"),
        TieRule::FirstClass => format!("{tied}, given the class that is declared first"),
        TieRule::MoreFrequent if open == 0 => format!("{tied}, given the class with more labels in all"),
        TieRule::MoreFrequent => {
            format!("{tied}, given the class with more labels in all; {} stay without one", thousands(open))
        }
    })
}

/// Returns how often the consensus is right.
pub(super) fn gold(report: &ConsensusReport, gold: &GoldShare) -> String {
    let by = if gold.n_tied > 0 {
        format!(
            ", its ties by lot ({} to {} whichever way they fall)",
            percent(gold.accuracy_lowest),
            percent(gold.accuracy_highest)
        )
    } else {
        String::new()
    };
    let majority = match report.majority {
        Some(_) => format!("; the majority on {}", percent(gold.majority_accuracy)),
        None => String::new(),
    };
    format!(
        "Right on {} of {} known from {}{by}{majority}",
        percent(gold.accuracy),
        count(gold.n_items as usize, "item"),
        listed(&gold.labelers)
    )
}

/// Returns up to three names.
fn listed(names: &[String]) -> String {
    match names.len() {
        0..=3 => names.join(", "),
        more => format!("{} and {} more", names[..2].join(", "), more - 2),
    }
}

/// Returns how the consensus differs from the majority.
pub(super) fn beside_majority(beside: &BesideMajority) -> String {
    let parts: Vec<String> = [
        (beside.overruled, "has another label", "have another label"),
        (beside.ties_settled, "tie has one now", "ties have one now"),
        (beside.left_open, "has none any more", "have none any more"),
    ]
    .iter()
    .filter(|(items, _, _)| *items > 0)
    .map(|(items, one, many)| plural(*items as usize, one, many))
    .collect();
    match parts.is_empty() {
        true => "Every item has the label the majority gives it".to_owned(),
        false => format!("Beside the majority: {}", parts.join(", ")),
    }
}

/// Returns what a labeler takes for what, most of all.
pub(super) fn mistake(labeler: &LabelerQuality) -> String {
    labeler.mistakes.as_ref().map_or_else(String::new, |mistake| {
        format!("{} for {} ({})", mistake.given, mistake.class, percent(mistake.rate))
    })
}

/// Returns what only the method knows of labelers: its name, and the number.
pub(super) fn own(labeler: &LabelerQuality) -> Option<(&'static str, f64)> {
    let weight = labeler.weight.map(|weight| ("weight", weight));
    let competence = labeler.competence.map(|competence| ("competence", competence));
    weight.or(competence).or(labeler.ability.map(|ability| ("ability", ability)))
}

/// Returns the labelers, least agreeing first; those with few labels, of whom little is known, come after all others.
pub(super) fn by_accuracy(report: &ConsensusReport) -> Vec<&LabelerQuality> {
    let mut labelers: Vec<&LabelerQuality> = report.labelers.iter().collect();
    let accuracy = |labeler: &LabelerQuality| labeler.accuracy.unwrap_or(f64::INFINITY);
    let few = |labeler: &LabelerQuality| labeler.n_compared < FEW;
    labelers.sort_by(|a, b| few(a).cmp(&few(b)).then(accuracy(a).total_cmp(&accuracy(b))));
    labelers
}

/// Returns an item's most probable classes: `yes 51.0% · no 49.0%`.
pub(super) fn chances(unsure: &Unsure) -> String {
    let chances = unsure.classes.iter().map(|(class, chance)| format!("{class} {}", percent(*chance)));
    chances.collect::<Vec<_>>().join(" · ")
}
