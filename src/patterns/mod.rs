//! Patterns: what people change again and again, under which conditions, and how sure that is.
//!
//! In: the reviews of a task, [`Piece`]s of its ledger joined into [`Reviewed`]: who reviewed what, what held for it
//! ([`Predicate`]) and what was done ([`Change`]). Out: a [`PatternsReport`] of rules WHEN up to three predicates hold ⇒
//! change, each with its counts, its test against all that was searched, and what items say that were held out. Approvals
//! and rejections count: they are what a rule is measured against. No model, no clock and no chance: the same reviews
//! give the same rules. `docs/patterns.md` has the method and what it finds on real corrections.

mod apply;
mod change;
pub mod mine;
mod names;
mod piece;
mod predicate;
mod report;
mod reviewed;
mod since;
mod tokens;

#[cfg(test)]
mod tests;

use rayon::prelude::*;

pub use apply::{Fired, Input, fire};
pub use change::{Change, Place, Told};
pub use mine::{Options, Status, Why};
pub use piece::{Piece, Wanted};
pub use predicate::Predicate;
pub use report::{Counts, Example, PatternsReport, RuleReport, Thresholds};
pub use reviewed::{Reviewed, is_held_out};
pub use since::{Moved, SameMistake, Since, since};

/// Mines the reviews of `task`.
pub fn patterns(task: &str, reviewed: &Reviewed, options: &Options) -> PatternsReport {
    let mined = mine::mine(&reviewed.reviews, options);
    let mut rules: Vec<RuleReport> = mined.rules.par_iter().map(|rule| report_of(reviewed, rule)).collect();
    rules.sort_by(|a, b| {
        let order = |rule: &RuleReport| (rule.status, std::cmp::Reverse(rule.items));
        order(a)
            .cmp(&order(b))
            .then(b.precision_low.total_cmp(&a.precision_low))
            .then_with(|| a.id.cmp(&b.id))
    });
    let mut counts = Counts::default();
    for rule in &rules {
        *match rule.status {
            Status::Accepted => &mut counts.accepted,
            Status::Candidate => &mut counts.candidate,
            Status::Style => &mut counts.style,
        } += 1;
    }
    let edits = &reviewed.reviews.edits;
    PatternsReport {
        schema: "hitl.patterns/1",
        task: task.to_owned(),
        reviews: reviewed.len() as u64,
        corrections: (0..reviewed.len()).filter(|row| !edits.row(*row).is_empty()).count() as u64,
        items: mined.items + mined.held_out_items,
        held_out_items: mined.held_out_items,
        labelers: reviewed.labelers() as u64,
        refused: reviewed.refused,
        thresholds: options.into(),
        tested: mined.tested,
        redundant: mined.redundant,
        counts,
        rules,
        since: None,
    }
}

fn report_of(reviewed: &Reviewed, rule: &mine::Rule) -> RuleReport {
    let mut when: Vec<Predicate> = rule.when.iter().map(|id| reviewed.predicates.get(*id)).collect();
    when.sort_unstable();
    let change = &reviewed.changes[rule.edit as usize];
    let examples = |rows: &[u32]| rows.iter().map(|row| example(reviewed, *row as usize)).collect();
    let told = change.told();
    let (verb, object) = change.phrase();
    RuleReport {
        id: report::id(&when, change),
        status: rule.status,
        why: rule.why,
        when,
        instead_of: told.instead_of.clone(),
        action: object.map_or(verb.to_owned(), |object| format!("{verb} {object}")),
        reason: reason(rule),
        phrase: None,
        change: told,
        matches: rule.matches,
        items: rule.support,
        support: rule.corrections,
        labelers: rule.labelers,
        precision: rule.precision,
        precision_low: rule.precision_low,
        precision_high: rule.precision_high,
        coverage: rule.coverage,
        base_rate: rule.base_rate,
        lift: rule.lift,
        weighted_relative_accuracy: rule.weighted_relative_accuracy,
        p: rule.p,
        q: rule.q,
        holdout_matches: rule.holdout_matches,
        holdout_items: rule.holdout_support,
        holdout_precision: rule.holdout_precision,
        examples: examples(&rule.examples),
        counterexamples: examples(&rule.counterexamples),
    }
}

fn example(reviewed: &Reviewed, row: usize) -> Example {
    let seen = reviewed.seen(row);
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Example {
        item: seen.item.to_owned(),
        labeler: seen.labeler.to_owned(),
        original: seen.original.to_owned(),
        corrected: text(seen.corrected),
        reason: text(seen.reason),
    }
}

/// Returns the counts in a sentence.
fn reason(rule: &mine::Rule) -> String {
    let percent = |share: f64| match share * 100.0 {
        percent if percent > 0.0 && percent < 1.0 => format!("{percent:.2}%"),
        percent => format!("{percent:.0}%"),
    };
    let people =
        if rule.labelers == 1 { "by one person".to_owned() } else { format!("by {} people", rule.labelers) };
    let held_out = match rule.holdout_matches {
        0 => "no held-out item matches".to_owned(),
        matches => format!("of items held out {} of {matches}", rule.holdout_support),
    };
    format!(
        "in {} of {} items that match ({}, at least {}; {} of all), {people}; {held_out}",
        rule.support,
        rule.matches,
        percent(rule.precision),
        percent(rule.precision_low),
        percent(rule.base_rate),
    )
}
