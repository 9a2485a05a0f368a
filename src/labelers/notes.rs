//! Notes: what to know before the numbers are read.

use super::drift::{DRIFT_LEVEL, FEW_ANSWERS, FEW_WEEKS};
use super::fatigue::{FATIGUE_LEVEL, FEW_SESSIONS};
use super::flags::Tested;
use super::report::{Counts, LabelerReport, Note};
use crate::base::text;

/// Returns what a reader of `reports` should know.
pub(super) fn notes(counts: &Counts, tested: &Tested, reports: &[LabelerReport]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |holds: bool, code, text: String| notes.extend(holds.then_some(Note { code, text }));
    let untimed: u64 = reports.iter().map(|report| report.untimed).sum();
    let timed = counts.labels - untimed;
    note(
        counts.gold_items == 0 && counts.labels > 0,
        "no_gold",
        match timed {
            0 => "no item has gold, so there is no accuracy".to_owned(),
            _ => "no item has gold: there is no accuracy, and changes over time are judged by the other labelers".to_owned(),
        },
    );
    note(
        counts.contradicting_gold > 0,
        "contradicting_gold",
        format!(
            "{} gold that contradicts itself, and so none here",
            many(counts.contradicting_gold, "item has", "items have")
        ),
    );
    note(
        untimed > 0,
        "untimed",
        match timed {
            0 => {
                "no label has a time (created_at): nothing is known of weeks, sessions and changes over time"
                    .to_owned()
            }
            _ => format!(
                "{} no time (created_at), and so no part in weeks, sessions and changes over time",
                many(untimed, "label has", "labels have")
            ),
        },
    );
    note(timed > 0, "tested", tests(tested, reports.len()));
    note(
        counts.abstentions > 0,
        "abstentions",
        format!("{} no labels", many(counts.abstentions, "skipped item is", "skipped items are")),
    );
    note(
        counts.conflicts > 0,
        "conflicts",
        format!(
            "{} left out, where a labeler's own labels contradict each other",
            many(counts.conflicts, "item of a labeler is", "items of labelers are")
        ),
    );
    notes
}

fn tests(tested: &Tested, labelers: usize) -> String {
    let weeks = format!("a drop over weeks ({FEW_ANSWERS} judged answers in {FEW_WEEKS} weeks)");
    let sessions = format!("within sessions ({FEW_ANSWERS} in {FEW_SESSIONS} sessions)");
    if tested.drift == 0 && tested.fatigue == 0 {
        return format!("nobody has enough to be tested for {weeks} or {sessions}");
    }
    format!(
        "of {}, {} had enough to be tested for {weeks} and {} for one {sessions}; steady ones are flagged by chance in \
         {:.1}% and {:.1}% of cases",
        text::count(labelers, "labeler"),
        text::thousands(tested.drift as usize),
        text::thousands(tested.fatigue as usize),
        100.0 * DRIFT_LEVEL,
        100.0 * FATIGUE_LEVEL,
    )
}

fn many(count: u64, one: &str, many: &str) -> String {
    text::plural(count as usize, one, many)
}
