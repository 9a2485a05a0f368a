//! From answers to the report.

use rayon::prelude::*;

use super::answer::{Labeler, Setting};
use super::drift::{Calendar, drift, holm};
use super::fatigue::fatigue;
use super::flags::{Tested, flags};
use super::notes::notes;
use super::outcome::{Timed, timed};
use super::quality::{accuracy, agreement, caught, confirmed, median, worst_class};
use super::report::{Counts, Known, LabelerReport, LabelersReport};
use super::sessions::sessions;
use crate::base::Timestamp;

/// Measures every labeler.
pub fn measure(labelers: &[Labeler<'_>], setting: &Setting<'_>) -> LabelersReport {
    let mut reports: Vec<LabelerReport> =
        labelers.par_iter().map(|labeler| measure_one(labeler, setting.classes)).collect();
    reports.sort_by(|a, b| a.labeler.cmp(&b.labeler));
    holm(reports.iter_mut().filter_map(|report| report.drift.value_mut()).collect());
    let count = |is: fn(&LabelerReport) -> bool| reports.iter().filter(|report| is(report)).count() as u64;
    let tested = Tested {
        drift: count(|report| report.drift.value().is_some()),
        fatigue: count(|report| report.fatigue.value().is_some()),
    };
    for report in &mut reports {
        report.flags = flags(report, setting.guideline_changes, &tested);
    }
    let counts = Counts { labels: reports.iter().map(|report| report.labels).sum(), ..setting.counts };
    LabelersReport {
        schema: "hitl.labelers/1",
        task: setting.task.to_owned(),
        counts,
        tested_for_drift: tested.drift,
        tested_for_fatigue: tested.fatigue,
        notes: notes(&counts, &tested, &reports),
        labelers: reports,
    }
}

fn measure_one(labeler: &Labeler<'_>, classes: &[String]) -> LabelerReport {
    let answers = labeler.answers;
    let timed = timed(answers);
    let moment = |timed: Option<&Timed<'_>>| timed.and_then(|timed| Timestamp::from_micros(timed.at));
    LabelerReport {
        labeler: labeler.name.to_owned(),
        labels: answers.len() as u64,
        untimed: (answers.len() - timed.len()) as u64,
        first: moment(timed.first()),
        last: moment(timed.last()),
        active_weeks: active_weeks(&timed),
        sessions: sessions(&timed).count() as u64,
        median_duration_ms: median(answers.iter().filter_map(|answer| answer.duration_ms).collect()).into(),
        agreement: agreement(answers).into(),
        accuracy: accuracy(answers).into(),
        worst_class: worst_class(answers, classes).into(),
        confirmed: confirmed(answers).into(),
        caught: caught(answers).into(),
        drift: Known::from(drift(&timed)),
        fatigue: fatigue(&timed).into(),
        flags: Vec::new(),
    }
}

fn active_weeks(timed: &[Timed<'_>]) -> u64 {
    let Some(first) = timed.first() else { return 0 };
    let calendar = Calendar::from(first.at);
    timed.chunk_by(|a, b| calendar.week(a.at) == calendar.week(b.at)).count() as u64
}
