//! What every rendering of patterns says.

use crate::base::text;
use crate::patterns::{PatternsReport, Since, Status};
use crate::render::human::percent;

/// Returns the line that says what was mined: `6,004 reviews of 1,501 items by 4 people; 5,175 changed something`.
pub(super) fn headline(report: &PatternsReport) -> String {
    format!(
        "{} of {} by {}; {} changed something",
        text::count(report.reviews as usize, "review"),
        text::count(report.items as usize, "item"),
        text::plural(report.labelers as usize, "person", "people"),
        text::thousands(report.corrections as usize),
    )
}

/// Returns the line that says how rules were held to account.
pub(super) fn method(report: &PatternsReport) -> String {
    format!(
        "{} only check the rules; q allows for {} tests",
        text::count(report.held_out_items as usize, "item"),
        text::thousands(report.tested as usize),
    )
}

/// Returns how many rules there are: `12 accepted, 3 candidates, 1 style`.
pub(super) fn counts(report: &PatternsReport) -> String {
    let counts = &report.counts;
    format!(
        "{} accepted, {}, {}",
        text::thousands(counts.accepted as usize),
        text::count(counts.candidate as usize, "candidate"),
        text::count(counts.style as usize, "style"),
    )
}

/// Returns what a status means.
pub(super) fn meaning(status: Status) -> &'static str {
    match status {
        Status::Accepted => "accepted: beyond chance, and held-out items bear it out",
        Status::Candidate => {
            "candidates: beyond chance, but held-out items are too few or do not bear it out"
        }
        Status::Style => "style: of fewer people than asked for; their way, however sure",
    }
}

/// Returns how often mistakes that rules named were made again.
pub(super) fn same_mistake(since: &Since) -> String {
    let found = &since.same_mistake;
    let items = text::count(found.items as usize, "item");
    match (found.rate, found.interval) {
        (Some(rate), Some([low, high])) => format!(
            "same mistake again: {} of {items} reviewed since ({}, {} to {}); a rule matches {}",
            text::thousands(found.repeated as usize),
            percent(rate),
            percent(low),
            percent(high),
            text::thousands(found.matching as usize),
        ),
        _ => "no item was reviewed since".to_owned(),
    }
}
