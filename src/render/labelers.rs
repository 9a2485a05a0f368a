//! What every rendering of labelers says: names, who comes first, numbers as people read them.

use crate::base::text;
use crate::labelers::{Basis, Flag, LabelerReport, LabelersReport, Proportion, WorstClass};
use crate::render::human::percent;

/// How many labelers are shown.
const SHOWN: usize = 20;

/// How many weakest classes are shown.
const CLASSES: usize = 5;

/// Of fewer labels nobody is said to stand out.
const FEW: u64 = 10;

/// Returns the heading.
pub(super) fn title(report: &LabelersReport) -> String {
    format!("Labelers of {}", report.task)
}

/// Returns the line that says what was measured: `164 labelers, 8,000 labels on 800 items, all with gold`.
pub(super) fn headline(report: &LabelersReport) -> String {
    let counts = &report.counts;
    let gold = match counts.gold_items {
        0 => "none with gold".to_owned(),
        all if all == counts.items => "all with gold".to_owned(),
        some => format!("{} with gold", text::thousands(some as usize)),
    };
    format!(
        "{}, {} on {}, {gold}",
        text::count(report.labelers.len(), "labeler"),
        text::count(counts.labels as usize, "label"),
        text::count(counts.items as usize, "item"),
    )
}

/// Returns the labelers to show, and how many more there are: flagged ones first, then by how surely they are right
/// little, the upper end of their interval. A share on a few items is extreme by chance, and would crowd out the others.
pub(super) fn shown(report: &LabelersReport) -> (Vec<&LabelerReport>, usize) {
    let mut all: Vec<&LabelerReport> = report.labelers.iter().collect();
    let gold = report.counts.gold_items > 0;
    all.sort_by(|a, b| {
        let key =
            |labeler: &LabelerReport| judged(labeler, gold).map_or(f64::INFINITY, |(_, upper, _)| upper);
        let rest = || key(a).total_cmp(&key(b)).then(b.labels.cmp(&a.labels));
        a.flags.is_empty().cmp(&b.flags.is_empty()).then_with(rest).then_with(|| a.labeler.cmp(&b.labeler))
    });
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    (all, more)
}

/// Returns in what order labelers are shown, in words.
pub(super) fn order(report: &LabelersReport) -> &'static str {
    match report.counts.gold_items {
        0 => "flagged ones first, then those who surely agree least",
        _ => "flagged ones first, then those who are surely right least",
    }
}

/// Returns the labeler, of those with some judged labels, whose whole interval lies below the median labeler's share; of
/// several the first that is shown.
pub(super) fn outlier(report: &LabelersReport) -> Option<&LabelerReport> {
    let gold = report.counts.gold_items > 0;
    let of = |labeler: &LabelerReport| judged(labeler, gold).map(|(share, ..)| share);
    let mut shares: Vec<f64> = report.labelers.iter().filter_map(of).collect();
    shares.sort_unstable_by(f64::total_cmp);
    let median = *shares.get(shares.len() / 2).filter(|_| shares.len() >= 3)?;
    let below = |labeler: &&LabelerReport| {
        judged(labeler, gold).is_some_and(|(_, upper, n)| n >= FEW && upper < median)
    };
    shown(report).0.into_iter().find(below)
}

/// Returns the share of a labeler's labels that are right by gold, or that others agree with; the upper end of its
/// interval; and of how many.
fn judged(labeler: &LabelerReport, gold: bool) -> Option<(f64, f64, u64)> {
    match gold {
        true => labeler.accuracy.value().map(|of| (of.share, of.interval[1], of.n)),
        false => labeler.agreement.value().map(|of| (of.share, of.interval[1], of.n)),
    }
}

/// Returns the labelers whose weakest class is surely weak, the weakest first; each with the class and its recall. All
/// are judged by gold, where there is any.
pub(super) fn weakest(report: &LabelersReport) -> Vec<(&LabelerReport, &WorstClass)> {
    let basis = if report.counts.gold_items > 0 { Basis::Gold } else { Basis::Others };
    let all = report.labelers.iter().filter_map(|labeler| Some((labeler, labeler.worst_class.value()?)));
    // Of a single class there is no weakest.
    let mut all: Vec<_> = all.filter(|(_, worst)| worst.classes > 1 && worst.basis == basis).collect();
    let upper = |worst: &WorstClass| worst.recall.interval[1];
    all.sort_by(|(a, a_worst), (b, b_worst)| {
        upper(a_worst).total_cmp(&upper(b_worst)).then_with(|| a.labeler.cmp(&b.labeler))
    });
    all.truncate(CLASSES);
    all
}

/// Returns what the recall of a class is, in words.
pub(super) fn recall(report: &LabelersReport) -> &'static str {
    match report.counts.gold_items {
        0 => "how often they give the class where most others do",
        _ => "how often they give the class where it is the true one",
    }
}

/// Returns what a flag is, in words.
pub(super) fn flag_title(flag: &Flag) -> &'static str {
    match flag.code {
        "drift" => "a drop over weeks",
        "fatigue" => "a drop within sessions",
        _ => "wrong guesses taken over",
    }
}

/// Returns an interval of a share in percent, in whole numbers where these say enough: `61–68`.
pub(super) fn range([low, high]: [f64; 2]) -> String {
    let [low, high] = [100.0 * low, 100.0 * high];
    // A bound below zero by the last bits alone has no sign.
    let low = low.max(0.0);
    if high - low >= 5.0 { format!("{low:.0}–{high:.0}") } else { format!("{low:.1}–{high:.1}") }
}

/// Returns a share and its interval, in percent; both empty where there is none.
pub(super) fn cells(share: Option<(f64, [f64; 2])>) -> [String; 2] {
    share.map_or_else(Default::default, |(share, interval)| [percent(share), range(interval)])
}

/// Returns a share of whole numbers as [`cells`] takes it.
pub(super) fn proportion(share: &Proportion) -> (f64, [f64; 2]) {
    (share.share, share.interval)
}

/// Returns a time span as people read it: `4.2s`, `3.5min`, `1.2h`.
pub(super) fn span(ms: f64) -> String {
    match ms / 1_000.0 {
        seconds if seconds < 99.95 => format!("{seconds:.1}s"),
        seconds if seconds < 5_997.0 => format!("{:.1}min", seconds / 60.0),
        seconds => format!("{:.1}h", seconds / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_ranges_are_short() {
        assert_eq!([4_210.0, 99_940.0, 99_960.0, 7_200_000.0].map(span), ["4.2s", "99.9s", "1.7min", "2.0h"]);
        assert_eq!([[0.612, 0.684], [0.871, 0.879], [0.0, 1.0]].map(range), ["61–68", "87.1–87.9", "0–100"]);
    }
}
