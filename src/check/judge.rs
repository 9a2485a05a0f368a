//! What was measured, held against what is asked.

use super::report::{CheckName, Finding, Measure, Outcome, Sample, Scale, Status};
use super::rows::Share;
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

/// Judges a coefficient of `task` by `rule`.
///
/// A floor is held against the lower end of the interval (`bound: low`) or the value; a drop is too large where even the
/// upper end of the interval of the difference is below it (`low`), or the difference itself. With less overlap than
/// the rule wants nothing is judged, unless it is `required`.
pub fn agreement(rule: &AgreementRule, task: &str, found: Coefficient) -> Judged {
    let enough = found.overlap >= rule.min_overlap && found.after.is_some();
    let below = rule.floor.zip(held(rule.bound, found.interval.map(|[low, _]| low), found.after));
    let dropped =
        rule.max_drop.zip(held(rule.bound, found.delta_interval.map(|[_, high]| high), found.delta));
    let under = below.filter(|(floor, value)| value < floor);
    let fell = dropped.filter(|(drop, value)| *value < -*drop);
    let over = match rule.over {
        Over::Changed => "changed items",
        Over::All => "all items",
    };
    let name = match rule.metric.as_str() {
        "krippendorff_alpha" => "Krippendorff's α".to_owned(),
        other => other.replace('_', " "),
    };
    let broken = if enough { under.is_some() || fell.is_some() } else { rule.required };
    let message = match (enough, under, fell) {
        (false, ..) => {
            let needed = format!("{} of {} items with two labels", found.overlap, rule.min_overlap);
            format!("{name} of {task} on {over} was not measured: {needed}")
        }
        (true, Some((floor, value)), _) => match rule.bound {
            Bound::Low => format!(
                "{name} of {task} on {over} may be as low as {value:.2}; at least {floor:.2} is asked"
            ),
            Bound::Value => format!("{name} of {task} on {over} is {value:.2}; at least {floor:.2} is asked"),
        },
        (true, None, Some((drop, _))) => {
            let by = found.delta.unwrap_or_default().abs();
            let sure = found
                .delta_interval
                .map(|[low, high]| format!(" (95 % interval {:.2} to {:.2})", -high, -low));
            let most = if drop > 0.0 { format!("; at most {drop:.2} is let pass") } else { String::new() };
            format!("{name} of {task} on {over} fell by {by:.2}{}{most}", sure.unwrap_or_default())
        }
        (true, None, None) => format!("{name} of {task} on {over} is {:.2}", found.after.unwrap_or_default()),
    };
    let code = match (enough, under) {
        (false, _) => "too_little_overlap",
        (true, Some(_)) => "floor",
        (true, None) => "drop",
    };
    let remedy = match enough {
        false => "have two people label the same items, or lower min_overlap in hitl.yaml",
        true => {
            "look at the items on which labelers differ; `hitl agreement --base` shows more; settle them, or mend the guideline"
        }
    };
    let outcome = Outcome {
        check: CheckName::Agreement,
        level: rule.level,
        status: if enough || rule.required { status(rule.level, broken) } else { Status::NotMeasured },
        message: message.clone(),
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
    let finding =
        broken.then(|| finding(CheckName::Agreement, rule.level, code, Some(task), message, remedy));
    Judged { outcome, measure, finding }
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
        (Bound::Value, _) => format!("Δ ≥ −{drop}"),
    });
    let all: Vec<String> = floor.into_iter().chain(drop).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// How a share is told, and which way it is to be.
#[derive(Clone, Copy, Debug)]
pub struct ShareCheck {
    /// Its check.
    pub check: CheckName,
    /// What is measured: `gold accuracy`.
    pub metric: &'static str,
    /// On what: `added labels`.
    pub over: &'static str,
    /// Whether the share is to be at least the rule's, rather than at most.
    pub is_floor: bool,
    /// What to do where it is not.
    pub remedy: &'static str,
}

/// Judges a share of `task` by `rule`; `None` where there is nothing to measure and no rule asks.
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
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let ShareCheck { check, metric, over, is_floor, remedy } = what;
    let side = if is_floor { "at least" } else { "at most" };
    let told = format!("{metric} of {task}: {} of {} {over}", after.k, after.n);
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
        wanted: asked.map(|asked| format!("{} {asked}", if is_floor { "≥" } else { "≤" })),
        holds: (enough && asked.is_some()).then_some(!broken),
    };
    let status = if enough { status(level, broken) } else { Status::NotMeasured };
    let finding = broken.then(|| finding(check, level, "share", Some(task), message.clone(), remedy));
    Some(Judged { outcome: Outcome { check, level, status, message }, measure, finding })
}

/// Judges how far the classes' shares of what is added to `task` are from those before: total variation distance, of
/// which `most` is the class that moved most and `rows` what it rests on.
pub fn shift(rule: &ShareRule, task: &str, shift: f64, (most, rows): (&str, u64)) -> Judged {
    let (check, level) = (CheckName::Balance, rule.level);
    let enough = rows >= rule.at_least;
    let broken = enough && shift > rule.share;
    let told = format!(
        "classes of {task}: added labels lie {:.0} % apart from those before, `{most}` most",
        shift * 100.0
    );
    let message = if broken { format!("{told}; at most {:.0} % is asked", rule.share * 100.0) } else { told };
    let measure = Measure {
        check,
        task: Some(task.to_owned()),
        metric: "class shift".to_owned(),
        over: "added labels",
        scale: Scale::Share,
        before: None,
        after: Some(shift),
        delta: None,
        interval: None,
        delta_interval: None,
        overlap: rows,
        wanted: Some(format!("≤ {}", rule.share)),
        holds: enough.then_some(!broken),
    };
    let remedy =
        "if the items were chosen otherwise than before, that is why; else look at who labelled them";
    let status = if enough { status(level, broken) } else { Status::NotMeasured };
    let finding = broken.then(|| finding(check, level, "shift", Some(task), message.clone(), remedy));
    Judged { outcome: Outcome { check, level, status, message }, measure, finding }
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
        overlap: 40,
    };

    #[test]
    fn floors_and_drops_are_held_against_what_the_rule_says() {
        let status = |rule: &AgreementRule| agreement(rule, "tone", FOUND).outcome.status;
        assert_eq!(status(&rule(Some(0.65), None, Bound::Value)), Status::Passed);
        assert_eq!(status(&rule(Some(0.65), None, Bound::Low)), Status::Failed);
        assert_eq!(status(&rule(None, Some(0.05), Bound::Low)), Status::Passed);
        assert_eq!(status(&rule(None, Some(0.05), Bound::Value)), Status::Failed);
        assert_eq!(status(&rule(None, Some(0.0), Bound::Low)), Status::Failed);
    }

    #[test]
    fn too_little_overlap_fails_only_where_it_is_required() {
        let few = Coefficient { overlap: 19, ..FOUND };
        let optional = rule(Some(0.9), None, Bound::Low);
        assert_eq!(agreement(&optional, "tone", few).outcome.status, Status::NotMeasured);
        let required = AgreementRule { required: true, ..optional };
        let judged = agreement(&required, "tone", few);
        assert_eq!(judged.outcome.status, Status::Failed);
        assert_eq!(judged.finding.map(|finding| finding.code), Some("too_little_overlap"));
    }

    #[test]
    fn shares_are_judged_on_enough_rows_alone() {
        let what = ShareCheck {
            check: CheckName::Gold,
            metric: "gold accuracy",
            over: "added labels",
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
