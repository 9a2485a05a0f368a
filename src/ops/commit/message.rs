//! The Git commit's message: what was added, and trailers that `git log` can be asked for.

use std::collections::BTreeSet;

use super::report::CommitReport;
use crate::base::text;
use crate::dataset::{Draft, Sealed};
use crate::record::{Rows, col};

/// At most this many values of one trailer; the manifest has them all.
const TRAILERS: usize = 20;

/// Returns a commit message: `subject`, `body`, and the trailers `Hitl-Record` (one a record) and `trailers`.
pub fn message(subject: &str, body: Option<&str>, sealed: &[Sealed], trailers: &[(&str, String)]) -> String {
    let mut out = String::from(subject.trim());
    if let Some(body) = body {
        out.push_str("\n\n");
        out.push_str(body);
    }
    out.push_str("\n\n");
    for sealed in sealed {
        out.push_str(&format!("Hitl-Record: {}\n", sealed.record.id));
    }
    for (key, value) in trailers {
        out.push_str(&format!("{key}: {}\n", value.replace(['\n', '\r'], " ")));
    }
    out
}

/// Returns `commit: 8,000 rte labels by 164 labelers`.
pub(super) fn subject(drafts: &[Draft]) -> String {
    let part = |draft: &Draft| {
        let rows = draft.rows.as_ref();
        let count = rows.map_or(0, Rows::len);
        let noun = draft.kind.noun(count);
        let count = text::thousands(count);
        let task = draft.task.as_ref().map_or(String::new(), |task| format!("{task} "));
        let judged = rows.filter(|rows| rows.kind().is_judgement());
        let people = judged.map(|rows| values(rows, col::LABELER).count());
        let by = people.map_or(String::new(), |people| format!(" by {}", text::count(people, "labeler")));
        format!("{count} {task}{noun}{by}")
    };
    format!("commit: {}", drafts.iter().map(part).collect::<Vec<_>>().join("; "))
}

fn values(rows: &Rows, column: usize) -> impl Iterator<Item = &str> {
    rows.texts(column).tally(0..rows.len()).into_keys().flatten()
}

/// Returns the body: where the rows came from.
pub(super) fn summary(report: &CommitReport) -> String {
    // A file's name may hold line breaks, and must not forge a trailer.
    let line = |file: &super::FilePlan| {
        let name: String =
            file.file.chars().map(|c| if text::is_hidden(c) { '\u{fffd}' } else { c }).collect();
        format!("From {} ({}).", if name == "-" { "standard input" } else { &name }, file.detected)
    };
    report.files.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Returns the trailers `Labeler` and `Guideline`, each value once.
pub(in crate::ops) fn trailers(drafts: &[Draft]) -> Vec<(&'static str, String)> {
    let values = |column: usize| -> BTreeSet<String> {
        let judged =
            drafts.iter().filter_map(|draft| draft.rows.as_ref()).filter(|rows| rows.kind().is_judgement());
        judged.flat_map(|rows| values(rows, column).map(str::to_owned)).collect()
    };
    let mut out = Vec::new();
    for (key, column) in [("Labeler", col::LABELER), ("Guideline", col::GUIDELINE)] {
        let values = values(column);
        let more = values.len().saturating_sub(TRAILERS);
        out.extend(values.into_iter().take(TRAILERS).map(|value| (key, value)));
        if more > 0 {
            out.push((key, format!("(and {more} more)")));
        }
    }
    out
}
