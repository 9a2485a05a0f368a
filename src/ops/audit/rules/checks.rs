//! What a commit changed of `checks` in `hitl.yaml`: each old and new, in the words of the file.

use crate::config::{AgreementRule, Bound, Checks, Level, Over, ShareRule};

/// Returns what is checked otherwise than before: `gold: min_accuracy 0.7 → 0.8`.
pub(in crate::ops::audit) fn checks(before: &Checks, after: &Checks) -> Vec<String> {
    let mut changes = Vec::new();
    for (name, old, new) in [
        ("authorisation", before.authorisation, after.authorisation),
        ("conflicts", before.conflicts, after.conflicts),
        ("complete", before.complete, after.complete),
        ("superseded_guideline", before.superseded_guideline, after.superseded_guideline),
        ("lookalikes", before.lookalikes, after.lookalikes),
        ("dated_ahead", before.dated_ahead, after.dated_ahead),
        ("snapshots", before.snapshots, after.snapshots),
    ] {
        changes.extend(changed(word(old), word(new)).map(|change| format!("{name} {change}")));
    }
    for (name, share, at_least, old, new) in [
        ("gold", "min_accuracy", "min_items", before.gold, after.gold),
        ("unresolved", "max_share", "min_items", before.unresolved, after.unresolved),
        ("confirmed", "max_share", "min_rows", before.confirmed, after.confirmed),
        ("balance", "max_shift", "min_rows", before.balance, after.balance),
    ] {
        let fields = |rule: Option<ShareRule>| rule.map(|rule| share_fields(rule, share, at_least));
        changes.extend(rule(name, fields(old), fields(new)));
    }
    changes.extend(agreement(&before.agreement, &after.agreement));
    changes
}

/// A field of a rule, with what it says.
type Field = (&'static str, String);

fn share_fields(rule: ShareRule, share: &'static str, at_least: &'static str) -> Vec<Field> {
    vec![
        (share, rule.share.to_string()),
        (at_least, rule.at_least.to_string()),
        ("level", word(rule.level).to_owned()),
    ]
}

/// Tells what became of a rule that the file calls `name`; of one that is there before and after, each field that differs.
fn rule(name: &str, old: Option<Vec<Field>>, new: Option<Vec<Field>>) -> Option<String> {
    let all = |fields: Vec<Field>| {
        let told: Vec<String> = fields.into_iter().map(|(field, value)| format!("{field} {value}")).collect();
        told.join(", ")
    };
    let told = match (old, new) {
        (None, None) => return None,
        (None, Some(new)) => format!("none → {}", all(new)),
        (Some(old), None) => format!("{} → none", all(old)),
        (Some(old), Some(new)) => {
            let fields = old.into_iter().zip(new);
            let differ = fields.filter_map(|((field, old), (_, new))| Some((field, changed(&old, &new)?)));
            let told: Vec<String> = differ.map(|(field, change)| format!("{field} {change}")).collect();
            if told.is_empty() {
                return None;
            }
            told.join(", ")
        }
    };
    Some(format!("{name}: {told}"))
}

/// Tells which rules for agreement came, went or say something else; one is the other where both measure the same.
fn agreement(before: &[AgreementRule], after: &[AgreementRule]) -> Vec<String> {
    let name = |rule: &AgreementRule| -> String {
        let over = match rule.over {
            Over::Changed => "changed",
            Over::All => "all",
        };
        let task = rule.task.as_deref().unwrap_or("every task");
        format!("agreement of {task}, {} over {over} items", rule.metric)
    };
    let mut names: Vec<String> = before.iter().chain(after).map(name).collect();
    names.sort_unstable();
    names.dedup();
    let mut changes = Vec::new();
    for wanted in names {
        let of = |rules: &[AgreementRule]| -> Vec<Vec<Field>> {
            rules.iter().filter(|rule| name(rule) == wanted).map(agreement_fields).collect()
        };
        let (old, new) = (of(before), of(after));
        for number in 0..old.len().max(new.len()) {
            changes.extend(rule(&wanted, old.get(number).cloned(), new.get(number).cloned()));
        }
    }
    changes
}

fn agreement_fields(rule: &AgreementRule) -> Vec<Field> {
    let limit = |limit: Option<f64>| limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string());
    let bound = match rule.bound {
        Bound::Low => "low",
        Bound::Value => "value",
    };
    vec![
        ("floor", limit(rule.floor)),
        ("max_drop", limit(rule.max_drop)),
        ("bound", bound.to_owned()),
        ("min_overlap", rule.min_overlap.to_string()),
        ("required", rule.required.to_string()),
        ("level", word(rule.level).to_owned()),
    ]
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Off => "off",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

fn changed(old: &str, new: &str) -> Option<String> {
    (old != new).then(|| format!("{old} → {new}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn told(before: &str, after: &str) -> Vec<String> {
        let parse = |checks: &str| {
            let task = "format: 1\ntasks:\n  tone:\n    type: categorical\n    classes: [a, b]\n";
            Config::parse(&format!("{task}{checks}")).unwrap().checks
        };
        checks(&parse(before), &parse(after))
    }

    #[test]
    fn each_change_is_told_old_and_new() {
        assert_eq!(
            told("checks:\n  conflicts: error\n", "checks:\n  conflicts: warning\n  lookalikes: off\n"),
            ["conflicts error → warning", "lookalikes warning → off"]
        );
        let gold = |share: &str| format!("checks:\n  gold: {{min_accuracy: {share}, min_items: 5}}\n");
        assert_eq!(told(&gold("0.7"), &gold("0.85")), ["gold: min_accuracy 0.7 → 0.85"]);
        assert_eq!(
            told("", "checks:\n  balance: {max_shift: 0.2}\n"),
            ["balance: none → max_shift 0.2, min_rows 50, level error"]
        );
        assert!(told(&gold("0.7"), &gold("0.7")).is_empty());
    }

    #[test]
    fn a_rule_for_agreement_is_known_by_what_it_measures() {
        let rule = |floor: &str| format!("checks:\n  agreement: [{{task: tone, floor: {floor}}}]\n");
        assert_eq!(
            told(&rule("0.6"), &rule("0.4")),
            ["agreement of tone, krippendorff_alpha over changed items: floor 0.6 → 0.4"]
        );
        assert_eq!(
            told(&rule("0.6"), "checks:\n  agreement: []\n"),
            [
                "agreement of tone, krippendorff_alpha over changed items: floor 0.6, max_drop none, bound low, \
                 min_overlap 20, required false, level error → none"
            ]
        );
    }
}
