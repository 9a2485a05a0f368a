//! What became of the rules since a base, and whether the mistakes they name were made again.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::Change;
use super::report::{PatternsReport, RuleReport};
use super::{Predicate, Reviewed, Status, Told};
use crate::base::proportion::{Z_95, wilson};

/// The lower end of the precision must move by more for a rule to count as stronger or weaker.
const MOVED: f64 = 0.02;

/// One rule, then and now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// The rule.
    pub id: String,
    /// What must hold.
    pub when: Vec<Predicate>,
    /// What to do.
    #[serde(rename = "do")]
    pub action: String,
    /// How far it was trusted then; null where it was no rule at all.
    pub status_before: Option<Status>,
    /// How far it is now.
    pub status_after: Option<Status>,
    /// The lower end of its precision then; null where it was not accepted.
    pub precision_low_before: Option<f64>,
    /// The same now.
    pub precision_low_after: Option<f64>,
    /// Items that bore it out then; null where it was no rule at all.
    pub items_before: Option<u64>,
    /// The same now.
    pub items_after: Option<u64>,
}

/// How often what an accepted rule says had to be said again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SameMistake {
    /// Items reviewed since.
    pub items: u64,
    /// Of those, items that a rule accepted then matches.
    pub matching: u64,
    /// Of those, items that needed its very change again.
    pub repeated: u64,
    /// `repeated` ÷ `items`; null where none was reviewed since.
    pub rate: Option<f64>,
    /// Wilson's 95 % interval of it.
    pub interval: Option<[f64; 2]>,
    /// The rules that were not heeded, with how many items each, most first.
    pub rules: Vec<Repeated>,
}

/// One rule that was not heeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repeated {
    /// The rule.
    pub id: String,
    /// Items reviewed since that it matches.
    pub matching: u64,
    /// Of those, items that needed its change.
    pub repeated: u64,
}

/// What became of the accepted rules since a base.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Since {
    /// The base, as it was asked.
    pub base: String,
    /// Accepted now and not then.
    pub gained: Vec<Moved>,
    /// Accepted then and not now.
    pub lost: Vec<Moved>,
    /// Accepted both times, and surer now.
    pub strengthened: Vec<Moved>,
    /// Accepted both times, and less sure now.
    pub weakened: Vec<Moved>,
    /// Accepted both times, about as sure.
    pub unchanged: u64,
    /// Whether mistakes that rules named then were made again.
    pub same_mistake: SameMistake,
}

/// Compares the rules of `before`, those of a base called `base`, with those of `after`; `reviewed` are the reviews of the
/// latter, each marked whether it came since.
pub fn since(base: &str, before: &PatternsReport, after: &PatternsReport, reviewed: &Reviewed) -> Since {
    let by_id = |report: &PatternsReport| {
        report
            .rules
            .iter()
            .map(|rule| (rule.id.clone(), rule.clone()))
            .collect::<BTreeMap<String, RuleReport>>()
    };
    let (old, new) = (by_id(before), by_id(after));
    let accepted = |rule: Option<&RuleReport>| {
        rule.filter(|rule| rule.status == Status::Accepted).map(|rule| rule.precision_low)
    };
    let mut since = Since {
        base: base.to_owned(),
        gained: Vec::new(),
        lost: Vec::new(),
        strengthened: Vec::new(),
        weakened: Vec::new(),
        unchanged: 0,
        same_mistake: same_mistake(before, reviewed),
    };
    let mut ids: Vec<&String> = old.keys().chain(new.keys()).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let (then, now) = (old.get(id), new.get(id));
        let Some(rule) = now.or(then) else { continue };
        let moved = Moved {
            id: id.clone(),
            when: rule.when.clone(),
            action: rule.action.clone(),
            status_before: then.map(|rule| rule.status),
            status_after: now.map(|rule| rule.status),
            precision_low_before: accepted(then),
            precision_low_after: accepted(now),
            items_before: then.map(|rule| rule.items),
            items_after: now.map(|rule| rule.items),
        };
        match (moved.precision_low_before, moved.precision_low_after) {
            (None, None) => {}
            (None, Some(_)) => since.gained.push(moved),
            (Some(_), None) => since.lost.push(moved),
            (Some(then), Some(now)) if now > then + MOVED => since.strengthened.push(moved),
            (Some(then), Some(now)) if now < then - MOVED => since.weakened.push(moved),
            (Some(_), Some(_)) => since.unchanged += 1,
        }
    }
    since
}

/// A rule by the numbers of other reviews than those it was mined from.
struct Numbered<'a> {
    rule: &'a RuleReport,
    when: Vec<u32>,
    change: Option<u32>,
    matching: u64,
    repeated: u64,
}

fn same_mistake(before: &PatternsReport, reviewed: &Reviewed) -> SameMistake {
    let accepted = before.rules.iter().filter(|rule| rule.status == Status::Accepted);
    let changes: BTreeMap<Told, u32> = reviewed.changes.iter().map(Change::told).zip(0..).collect();
    let mut rules: Vec<Numbered<'_>> =
        accepted.filter_map(|rule| numbered(rule, reviewed, &changes)).collect();
    let mut by_first: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (number, rule) in rules.iter().enumerate() {
        by_first.entry(rule.when[0]).or_default().push(number);
    }
    let mut found =
        SameMistake { items: 0, matching: 0, repeated: 0, rate: None, interval: None, rules: Vec::new() };
    let reviews = &reviewed.reviews;
    let later: Vec<usize> = (0..reviewed.len()).filter(|row| reviewed.seen(*row).later).collect();
    for item in later.chunk_by(|a, b| reviews.items[*a] == reviews.items[*b]) {
        // Of each rule that matches a review of the item: whether one of them made the change.
        let mut matched: BTreeMap<usize, bool> = BTreeMap::new();
        for row in item {
            let (held, done) = (reviews.predicates.row(*row), reviews.edits.row(*row));
            for number in held.iter().filter_map(|id| by_first.get(id)).flatten() {
                let rule = &rules[*number];
                if rule.when.iter().all(|id| held.binary_search(id).is_ok()) {
                    let again = rule.change.is_some_and(|change| done.binary_search(&change).is_ok());
                    *matched.entry(*number).or_default() |= again;
                }
            }
        }
        found.items += 1;
        found.matching += u64::from(!matched.is_empty());
        found.repeated += u64::from(matched.values().any(|again| *again));
        for (number, again) in matched {
            rules[number].matching += 1;
            rules[number].repeated += u64::from(again);
        }
    }
    if found.items > 0 {
        let (n, share) = (found.items as f64, found.repeated as f64 / found.items as f64);
        found.rate = Some(share);
        found.interval = Some(wilson(share, 1.0 - share, n, Z_95));
    }
    let again = rules.iter().filter(|rule| rule.repeated > 0);
    found.rules = again
        .map(|rule| Repeated { id: rule.rule.id.clone(), matching: rule.matching, repeated: rule.repeated })
        .collect();
    found.rules.sort_by(|a, b| b.repeated.cmp(&a.repeated).then_with(|| a.id.cmp(&b.id)));
    found
}

/// Returns `rule` by the numbers of `reviewed`; none where no review can match it.
fn numbered<'a>(
    rule: &'a RuleReport,
    reviewed: &Reviewed,
    changes: &BTreeMap<Told, u32>,
) -> Option<Numbered<'a>> {
    let mut when: Vec<u32> =
        rule.when.iter().map(|predicate| reviewed.predicates.find(predicate)).collect::<Option<_>>()?;
    when.sort_unstable();
    Some(Numbered { rule, when, change: changes.get(&rule.change).copied(), matching: 0, repeated: 0 })
}
