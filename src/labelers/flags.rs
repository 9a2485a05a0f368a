//! Flags: what to look at, each with its numbers and with what else may explain them.

use super::report::{Basis, Drift, Fatigue, Flag, LabelerReport, Proportion, Verdict};
use crate::base::{Timestamp, text};

/// A guideline that changed within this many days of a drop may explain it.
const NEAR_DAYS: i64 = 14;

/// How many labelers had enough answers to be tested.
pub(super) struct Tested {
    /// For drift.
    pub(super) drift: u64,
    /// For fatigue.
    pub(super) fatigue: u64,
}

/// Returns the flags of a labeler; `changes` are when versions of the guideline came into force.
pub(super) fn flags(report: &LabelerReport, changes: &[Timestamp], tested: &Tested) -> Vec<Flag> {
    let drift = report.drift.value().filter(|drift| drift.verdict == Verdict::Drop);
    let fatigue = report.fatigue.value().filter(|fatigue| fatigue.verdict == Verdict::Drop);
    // Surely less than half: the whole interval lies below it.
    let missed = report.caught.value().filter(|caught| caught.interval[1] < 0.5);
    let drift = drift.map(|drift| drift_flag(drift, changes, tested.drift));
    let fatigue = fatigue.map(|fatigue| fatigue_flag(fatigue, tested.fatigue));
    [drift, fatigue, missed.map(catch_flag)].into_iter().flatten().collect()
}

fn drift_flag(drift: &Drift, changes: &[Timestamp], tested: u64) -> Flag {
    let evidence = format!(
        "{} fell by {}, from {} up to week {} to {} from {} on ({}).",
        judged(drift.basis),
        points(drift.change.change, drift.change.interval),
        k_of_n(&drift.before),
        drift.change_point.after_week,
        k_of_n(&drift.after),
        drift.change_point.from.date(),
        p(drift.p_value),
    );
    let holds = if drift.p_holm <= drift.level { "holds" } else { "does not hold" };
    let caveat = format!(
        "The week was chosen on the same answers: the drop is likely smaller than it looks, and the interval is that of \
         this week alone. {} {} {}, and this flag {holds} when all of them are allowed for (Holm, {}).",
        other_causes(drift.basis),
        guideline(drift, changes),
        by_chance(tested, drift.level),
        p(drift.p_holm),
    );
    Flag { code: "drift", evidence, caveat }
}

fn fatigue_flag(fatigue: &Fatigue, tested: u64) -> Flag {
    let pace = fatigue.durations.value().map_or(String::new(), |durations| {
        let seconds = |ms: f64| ms / 1_000.0;
        let (early, late) = (seconds(durations.early_ms), seconds(durations.late_ms));
        format!("; the median answer took {early:.1} s in first halves and {late:.1} s in second ones")
    });
    let evidence = format!(
        "Within {} sessions {} fell by {}, from {} in first halves to {} in second ones ({}){pace}.",
        fatigue.sessions,
        judged(fatigue.basis).to_lowercase(),
        points(fatigue.change.change, fatigue.change.interval),
        k_of_n(&fatigue.early),
        k_of_n(&fatigue.late),
        p(fatigue.p_value),
    );
    let caveat = format!(
        "Queues that put harder items last look the same.{} {}.",
        match fatigue.basis {
            Basis::Gold => "",
            Basis::Others => " The others may have tired, not this labeler.",
        },
        by_chance(tested, fatigue.level),
    );
    Flag { code: "fatigue", evidence, caveat }
}

fn catch_flag(caught: &Proportion) -> Flag {
    let [low, high] = caught.interval.map(|end| 100.0 * end);
    let evidence = format!(
        "Of the wrong guesses shown on gold items {} were caught (95% interval {low:.1} to {high:.1}%).",
        k_of_n(caught)
    );
    let caveat =
        "Guesses that are wrong in a way the guideline leaves open are hard to catch for anybody: compare \
                  with the other labelers on the same items."
            .to_owned();
    Flag { code: "low_catch_rate", evidence, caveat }
}

fn judged(basis: Basis) -> &'static str {
    match basis {
        Basis::Gold => "Accuracy on gold",
        Basis::Others => "Agreement with the others",
    }
}

fn other_causes(basis: Basis) -> &'static str {
    match basis {
        Basis::Gold => "The gold items of that time may have been harder.",
        Basis::Others => {
            "The items of that time may have been harder, or the others may have changed, not this labeler."
        }
    }
}

fn guideline(drift: &Drift, changes: &[Timestamp]) -> String {
    let near = |change: &&Timestamp| {
        let apart = change.micros() - drift.change_point.from.micros();
        apart.abs() <= NEAR_DAYS * Timestamp::DAY_MICROS
    };
    let mut dates: Vec<String> = changes.iter().filter(near).map(|change| change.date()).collect();
    dates.sort_unstable();
    dates.dedup();
    if dates.is_empty() {
        format!("No version of the guideline came into force within {NEAR_DAYS} days of it.")
    } else {
        format!("A version of the guideline came into force on {}.", dates.join(", "))
    }
}

fn by_chance(tested: u64, level: f64) -> String {
    let labelers = if tested == 1 { "labeler was" } else { "labelers were" };
    format!(
        "{tested} {labelers} tested at a level of {:.1}%, of whom {:.2} would be flagged by chance",
        100.0 * level,
        tested as f64 * level
    )
}

fn points(change: f64, interval: Option<[f64; 2]>) -> String {
    let interval = interval.map_or(String::new(), |[low, high]| {
        format!(" (95% interval {:.1} to {:.1})", -100.0 * high, -100.0 * low)
    });
    format!("{:.1} points{interval}", -100.0 * change)
}

fn p(value: f64) -> String {
    if value < 1e-4 { "p < 0.0001".to_owned() } else { format!("p = {value:.4}") }
}

fn k_of_n(share: &Proportion) -> String {
    let [k, n] = [share.k, share.n].map(|count| text::thousands(count as usize));
    format!("{:.1}% ({k} of {n})", 100.0 * share.share)
}
