//! What was measured, held against what is asked.

use super::report::{Basis, CheckName, Finding, Measure, Outcome, Sample, Scale, Status};
use super::rows::Share;
use crate::base::number::{number, percent};
use crate::base::proportion::{Z_95, wilson};
use crate::config::{AgreementRule, Bound, Level, Over, ShareRule};

/// A coefficient before and after a change, as it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coefficient {
    /// Before.
    pub before: Option<f64>,
    /// After.
    pub after: Option<f64>,
    /// After − before.
    pub delta: Option<f64>,
    /// 95 % interval of the value after.
    pub interval: Option<[f64; 2]>,
    /// 95 % interval of the difference.
    pub delta_interval: Option<[f64; 2]>,
    /// Items with two labels or more, before.
    pub overlap_before: u64,
    /// Items with two labels or more, after.
    pub overlap: u64,
}

/// What one rule comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What came of it.
    pub outcome: Outcome,
    /// What was measured.
    pub measure: Measure,
    /// What is wrong, where something is.
    pub finding: Option<Finding>,
}

/// Returns what a broken or kept rule of this level comes to.
pub fn status(level: Level, broken: bool) -> Status {
    match (broken, level) {
        (false, _) | (true, Level::Off) => Status::Passed,
        (true, Level::Warning) => Status::Warned,
        (true, Level::Error) => Status::Failed,
    }
}

/// Judges a coefficient of `task` by `rule`; `look` is the command that shows more.
///
/// A floor is held against the lower end of the interval (`bound: low`) or the value; a drop is too large where even the
/// upper end of the interval of the difference is below it (`low`), or the difference itself. With less overlap than
/// the rule wants nothing is judged, unless it is `required`: then it fails, and where there was enough before it is told
/// as a warning at least.
pub fn agreement(rule: &AgreementRule, task: &str, found: Coefficient, look: &str) -> Judged {
    let enough = found.overlap >= rule.min_overlap && found.after.is_some();
    let lost = !enough && found.overlap_before >= rule.min_overlap && found.before.is_some();
    let below = rule.floor.zip(held(rule.bound, found.interval.map(|[low, _]| low), found.after));
    let dropped =
        rule.max_drop.zip(held(rule.bound, found.delta_interval.map(|[_, high]| high), found.delta));
    let under = below.filter(|(floor, value)| value < floor);
    let fell = dropped.filter(|(drop, value)| *value < -*drop);
    let over = match rule.over {
        Over::Changed => Basis::ChangedItems,
        Over::All => Basis::AllItems,
    };
    let told = format!("{} of {task} on {}", words(&rule.metric), over.words());
    let (code, message) = match (enough, under, fell) {
        (false, ..) => too_little(rule, &told, &found, lost),
        (true, Some((floor, value)), _) => ("floor", too_low(rule.bound, &told, value, floor)),
        (true, None, Some((drop, _))) => ("drop", fallen(&told, &found, drop)),
        (true, None, None) => ("holds", format!("{told} is {}", number(found.after.unwrap_or_default()))),
    };
    let (level, broken) = match (enough, rule.required, lost) {
        (true, ..) => (rule.level, under.is_some() || fell.is_some()),
        (false, true, _) => (rule.level, true),
        (false, false, _) => (rule.level.min(Level::Warning), lost),
    };
    let remedy = match enough {
        false => "have two people label the same items, or lower `min_overlap` in hitl.yaml".to_owned(),
        true => format!(
            "look at the items on which labelers differ (`{look}` shows more); settle them, or mend the guideline"
        ),
    };
    let measure = Measure {
        check: CheckName::Agreement,
        task: Some(task.to_owned()),
        metric: rule.metric.clone(),
        over,
        scale: Scale::Coefficient,
        before: found.before,
        after: found.after,
        delta: found.delta,
        interval: found.interval,
        delta_interval: found.delta_interval,
        overlap: found.overlap,
        wanted: wanted(rule),
        holds: enough.then_some(!broken),
    };
    let status = if enough || broken { status(level, broken) } else { Status::NotMeasured };
    let outcome = Outcome::of(&measure, rule.level, status, message.as_str());
    let broken = broken && level != Level::Off;
    let finding = broken.then(|| finding(CheckName::Agreement, level, code, Some(task), message, remedy));
    Judged { outcome, measure, finding }
}

/// Returns what people call a coefficient.
fn words(metric: &str) -> String {
    let known = match metric {
        "krippendorff_alpha" => "Krippendorff's α",
        "fleiss_kappa" => "Fleiss' κ",
        "gwet_ac1" => "Gwet's AC1",
        "brennan_prediger" => "Brennan-Prediger",
        other => return other.replace('_', " "),
    };
    known.to_owned()
}

fn too_little(rule: &AgreementRule, told: &str, found: &Coefficient, lost: bool) -> (&'static str, String) {
    let (needed, overlap) = (rule.min_overlap, found.overlap);
    if !lost {
        let wanting = format!("{overlap} of {needed} items with two labels");
        return ("too_little_overlap", format!("{told} was not measured: {wanting}"));
    }
    let before = found.before.map(number).unwrap_or_default();
    let wanting = format!("{overlap} items with two labels are left of {}", found.overlap_before);
    let message =
        format!("{told} can no longer be measured: {wanting}, and {needed} are asked; it was {before}");
    (if rule.required { "too_little_overlap" } else { "no_longer_measured" }, message)
}

fn too_low(bound: Bound, told: &str, value: f64, floor: f64) -> String {
    let (value, floor) = (number(value), number(floor));
    match bound {
        Bound::Low => format!("{told} may be as low as {value}; at least {floor} is asked"),
        Bound::Value => format!("{told} is {value}; at least {floor} is asked"),
    }
}

fn fallen(told: &str, found: &Coefficient, drop: f64) -> String {
    let by = number(found.delta.unwrap_or_default().abs());
    let sure = found
        .delta_interval
        .map(|ends| ends.map(|end| number(-end)))
        .map(|[most, least]| format!(" (95 % interval {least} to {most})"));
    let most = if drop > 0.0 { format!("; at most {} is let pass", number(drop)) } else { String::new() };
    format!("{told} fell by {by}{}{most}", sure.unwrap_or_default())
}

fn held(bound: Bound, end: Option<f64>, value: Option<f64>) -> Option<f64> {
    match bound {
        // Where there is no interval, the value is all there is.
        Bound::Low => end.or(value),
        Bound::Value => value,
    }
}

fn wanted(rule: &AgreementRule) -> Option<String> {
    let floor = rule.floor.map(|floor| match rule.bound {
        Bound::Low => format!("low end ≥ {floor}"),
        Bound::Value => format!("≥ {floor}"),
    });
    let drop = rule.max_drop.map(|drop| match (rule.bound, drop > 0.0) {
        (Bound::Low, false) => "no certain fall".to_owned(),
        (Bound::Low, true) => format!("no certain fall by more than {drop}"),
        (Bound::Value, _) => format!("Δ ≥ -{drop}"),
    });
    let all: Vec<String> = floor.into_iter().chain(drop).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// How a share is told, and which way it is to be.
#[derive(Clone, Copy, Debug)]
pub struct ShareCheck {
    /// Its check.
    pub check: CheckName,
    /// What is measured: `gold_accuracy`.
    pub metric: &'static str,
    /// What people call that: `gold accuracy`.
    pub words: &'static str,
    /// On what.
    pub over: Basis,
    /// Whether the share is to be at least the rule's, rather than at most.
    pub is_floor: bool,
    /// What to do where it is not.
    pub remedy: &'static str,
}

/// Judges a share of `task` by `rule`; `None` where there is nothing to measure.
pub fn share(
    what: ShareCheck,
    rule: Option<&ShareRule>,
    task: &str,
    before: Option<&Share>,
    after: &Share,
) -> Option<Judged> {
    let level = rule.map_or(Level::Off, |rule| rule.level);
    let at_least = rule.map_or(1, |rule| rule.at_least);
    let value = after.value()?;
    let enough = after.n >= at_least;
    let asked = rule.filter(|rule| rule.level != Level::Off).map(|rule| rule.share);
    let broken =
        enough && asked.is_some_and(|asked| if what.is_floor { value < asked } else { value > asked });
    let ShareCheck { check, metric, words, over, is_floor, remedy } = what;
    let side = if is_floor { "at least" } else { "at most" };
    let told = format!("{words} of {task}: {} of {} {}", after.k, after.n, over.words());
    let message = match (enough, asked) {
        (false, _) => format!("{told}; judged from {at_least} on"),
        (true, Some(asked)) if broken => {
            format!("{told} ({}); {side} {} is asked", percent(value), percent(asked))
        }
        (true, _) => format!("{told} ({})", percent(value)),
    };
    let before = before.and_then(Share::value);
    let measure = Measure {
        check,
        task: Some(task.to_owned()),
        metric: metric.to_owned(),
        over,
        scale: Scale::Share,
        before,
        after: Some(value),
        delta: before.map(|before| value - before),
        interval: Some(wilson(value, 1.0 - value, after.n as f64, Z_95)),
        delta_interval: None,
        overlap: after.n,
        wanted: asked.map(|asked| format!("{} {}", if is_floor { "≥" } else { "≤" }, percent(asked))),
        holds: (enough && asked.is_some()).then_some(!broken),
    };
    let status = if enough { status(level, broken) } else { Status::NotMeasured };
    let finding = broken.then(|| finding(check, level, "share", Some(task), message.as_str(), remedy));
    Some(Judged { outcome: Outcome::of(&measure, level, status, message), measure, finding })
}

/// How far classes lie apart.
#[derive(Clone, Copy, Debug)]
pub struct Shift<'a> {
    /// Total variation distance: half the sum of the differences of their shares.
    pub distance: f64,
    /// The class whose share grew most.
    pub grown: &'a str,
    /// Its share of what was there, and of what is added.
    pub shares: [f64; 2],
    /// The labels that are added.
    pub rows: u64,
}

/// Judges how far the classes' shares of what is added to `task` are from those before.
pub fn shift(rule: &ShareRule, task: &str, found: Shift<'_>) -> Judged {
    let (check, level) = (CheckName::Balance, rule.level);
    let enough = found.rows >= rule.at_least;
    let broken = enough && found.distance > rule.share;
    let [before, added] = found.shares.map(percent);
    let told = format!(
        "classes of {task}: `{}` {before} → {added}; the shares of added labels lie {} apart from those before",
        found.grown,
        percent(found.distance)
    );
    let message = match (enough, broken) {
        (true, true) => format!("{told}; at most {} is asked", percent(rule.share)),
        (true, false) => told,
        (false, _) => {
            format!("classes of {task}: {} added labels; judged from {} on", found.rows, rule.at_least)
        }
    };
    let measure = Measure {
        check,
        task: Some(task.to_owned()),
        metric: "class_shift".to_owned(),
        over: Basis::AddedLabels,
        scale: Scale::Share,
        before: None,
        after: Some(found.distance),
        delta: None,
        interval: None,
        delta_interval: None,
        overlap: found.rows,
        wanted: Some(format!("≤ {}", percent(rule.share))),
        holds: enough.then_some(!broken),
    };
    let remedy =
        "if the items were chosen otherwise than before, that is why; else look at who labelled them";
    let status = if enough { status(level, broken) } else { Status::NotMeasured };
    let finding = broken.then(|| finding(check, level, "shift", Some(task), message.as_str(), remedy));
    Judged { outcome: Outcome::of(&measure, level, status, message), measure, finding }
}

/// Returns a finding without place or samples.
pub fn finding(
    check: CheckName,
    level: Level,
    code: &'static str,
    task: Option<&str>,
    message: impl Into<String>,
    remedy: impl Into<String>,
) -> Finding {
    Finding {
        check,
        level,
        code,
        message: message.into(),
        path: None,
        record: None,
        commit: None,
        task: task.map(str::to_owned),
        samples: Vec::new(),
        more: 0,
        remedy: remedy.into(),
    }
}

/// Gives a finding the items it is about.
pub fn with_samples(mut finding: Finding, (samples, more): (Vec<Sample>, u64)) -> Finding {
    (finding.samples, finding.more) = (samples, more);
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(floor: Option<f64>, max_drop: Option<f64>, bound: Bound) -> AgreementRule {
        AgreementRule { floor, max_drop, bound, level: Level::Error, ..AgreementRule::falls() }
    }

    const FOUND: Coefficient = Coefficient {
        before: Some(0.8),
        after: Some(0.7),
        delta: Some(-0.1),
        interval: Some([0.6, 0.8]),
        delta_interval: Some([-0.15, -0.02]),
        overlap_before: 40,
        overlap: 40,
    };

    #[test]
    fn floors_and_drops_are_held_against_what_the_rule_says() {
        let status = |rule: &AgreementRule| agreement(rule, "tone", FOUND, "look").outcome.status;
        assert_eq!(status(&rule(Some(0.65), None, Bound::Value)), Status::Passed);
        assert_eq!(status(&rule(Some(0.65), None, Bound::Low)), Status::Failed);
        assert_eq!(status(&rule(None, Some(0.05), Bound::Low)), Status::Passed);
        assert_eq!(status(&rule(None, Some(0.05), Bound::Value)), Status::Failed);
        assert_eq!(status(&rule(None, Some(0.0), Bound::Low)), Status::Failed);
    }

    #[test]
    fn too_little_overlap_fails_only_where_it_is_required() {
        let few = Coefficient { overlap_before: 10, overlap: 19, ..FOUND };
        let optional = rule(Some(0.9), None, Bound::Low);
        assert_eq!(agreement(&optional, "tone", few, "look").outcome.status, Status::NotMeasured);
        let required = AgreementRule { required: true, ..optional };
        let judged = agreement(&required, "tone", few, "look");
        assert_eq!(judged.outcome.status, Status::Failed);
        assert_eq!(judged.finding.map(|finding| finding.code), Some("too_little_overlap"));
    }

    #[test]
    fn what_can_be_measured_no_more_is_said_aloud() {
        let gone = Coefficient { after: None, delta: None, interval: None, overlap: 0, ..FOUND };
        let rule = rule(Some(0.9), None, Bound::Low);
        let judged = agreement(&rule, "tone", gone, "look");
        assert_eq!((judged.outcome.status, judged.measure.holds), (Status::Warned, None));
        let finding = judged.finding.expect("a warning");
        assert_eq!((finding.level, finding.code), (Level::Warning, "no_longer_measured"));
        assert!(finding.message.contains("0 items with two labels are left of 40"), "{}", finding.message);
        let judged = agreement(&AgreementRule { required: true, ..rule }, "tone", gone, "look");
        assert_eq!(judged.outcome.status, Status::Failed);
    }

    #[test]
    fn the_class_that_grew_is_named() {
        let rule = ShareRule { share: 0.2, at_least: 50, level: Level::Warning };
        let shift = Shift { distance: 0.43, grown: "1", shares: [0.57, 1.0], rows: 60 };
        let message = super::shift(&rule, "rte", shift).outcome.message;
        assert!(message.starts_with("classes of rte: `1` 57.0% → 100%; "), "{message}");
        assert!(message.ends_with("lie 43.0% apart from those before; at most 20.0% is asked"), "{message}");
    }

    #[test]
    fn shares_are_judged_on_enough_rows_alone() {
        let what = ShareCheck {
            check: CheckName::Gold,
            metric: "gold_accuracy",
            words: "gold accuracy",
            over: Basis::AddedLabels,
            is_floor: true,
            remedy: "look",
        };
        let rule = ShareRule { share: 0.8, at_least: 10, level: Level::Error };
        let judged = |k, n| share(what, Some(&rule), "tone", None, &Share { k, n, items: Vec::new() });
        assert_eq!(judged(0, 0), None);
        assert_eq!(judged(3, 9).unwrap().outcome.status, Status::NotMeasured);
        assert_eq!(judged(7, 10).unwrap().outcome.status, Status::Failed);
        let kept = judged(8, 10).unwrap();
        assert_eq!((kept.outcome.status, kept.measure.holds), (Status::Passed, Some(true)));
    }
}
